"""The order of lists: that which a parameter asks for, or which the document states."""

import math
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from lookalike.contract.contract import Operation
from lookalike.contract.requests import ParameterKey
from lookalike.json_values import ABSENT, Pointer, equal, find, with_value_at
from lookalike.naming.members import is_time_of_creation
from lookalike.schema.value_types import NUMBER_TYPES, ValueType
from lookalike.verify.oracle.tracked_items import CreatedItem
from lookalike.verify.requests.encoder import ParameterValues
from lookalike.verify.requests.item_bodies import item_sent, item_type, place_of_member, type_at, with_item
from lookalike.verify.roles import (
    Roles,
    SortChoice,
    directions_by_age,
    directions_of,
    item_in,
    orders_of,
    sorts_as_told,
)
from lookalike.verify.runner.endings import ClauseBroken, Skipped
from lookalike.verify.runner.story_runner import StoryRunner
from lookalike.verify.stories.list_parameters import key_of, keys_on_pages

# The ranks of the values of three items, as they are made: no sorting is in that order, nor in the reverse one.
_RANKS = (1, 0, 2)
_UPWARDS, _DOWNWARDS = (0, 1, 2), (2, 1, 0)
_RANKS_IN: Mapping[str, tuple[int, ...]] = {"asc": _UPWARDS, "desc": _DOWNWARDS}
_NUMBERS = (2, 3, 10)  # as texts, they are in another order
# Whatever a server makes of case and accents, it agrees about these letters.
_INITIALS = "chq"
# Items of one second may be in any order, as many servers know no shorter time.
_APART = 1.1


class _Sorting(NamedTuple):
    """A parameter with the value by which a list is sorted, and the ranks of the items in the order that it shows."""

    name: str
    ranks: tuple[int, ...]


class _Ranked(NamedTuple):
    """An item, its values of the members by which its list can be sorted, and the places of these in it."""

    values: Mapping[str, Any]
    item: CreatedItem
    places: Mapping[str, Pointer]


def check_ordered(runner: StoryRunner, operation: Operation, roles: Roles) -> None:
    """Raise `ClauseBroken` if a list is in another order than the one that was asked for, or is stated."""
    is_stated = operation.listing is not None and operation.listing.is_newest_first
    if is_stated:
        _check_newest_first(runner, operation, roles)
    if sorts_as_told(operation):
        _check_sorted_as_told(runner, operation, roles)
        return
    if directions := directions_by_age(operation):
        _check_by_age(runner, operation, roles, directions)
        return
    orders = orders_of(operation)
    made = _made(runner, roles, orders)
    by_age = [name for name in orders if is_time_of_creation(name) and not (made and name in made[0].values)]
    if not made and not is_stated and not by_age:
        raise Skipped("no items were made that an order tells apart")
    for member in by_age:
        _check_by_age(runner, operation, roles, orders[member])
    for member in made[0].values if made else ():
        try:
            _check_sorted(runner, operation, made, member)
        except ClauseBroken:
            if roles.read is None or all(_shows(runner, roles.read, one, member) for one in made):
                raise
            raise Skipped(f"items are not read with the {member} that was sent") from None


def _check_sorted_as_told(runner: StoryRunner, operation: Operation, roles: Roles) -> None:
    """Raise `ClauseBroken` if items are sorted by a member in another direction than the one asked for.

    By which members a server can sort is not stated: one that makes no difference is left out.
    """
    media = runner.environment.values.media(roles.create) if roles.create is not None else None
    sort = operation.listing.sort if operation.listing is not None else None
    kind = item_type(roles.create, media) if roles.create is not None and media is not None else None
    made = _made(runner, roles, kind.properties) if kind is not None and sort is not None else []
    place = (sort.source, sort.name) if sort is not None else ("", "")
    is_sorted = False
    for member in made[0].values if made else ():
        with suppress(Skipped):
            is_sorted = _check_directions_told(runner, operation, made, member, place) or is_sorted
    if not is_sorted:
        raise Skipped("no member that was sent decides the order")


def _check_directions_told(
    runner: StoryRunner, operation: Operation, made: list[_Ranked], member: str, place: ParameterKey
) -> bool:
    """Raise `ClauseBroken` if both directions are shown, and any of them wrong; false if they make no difference."""
    is_list = "array" in (operation.parameters[place].value_type.types or ())
    shown = {}
    for direction in _RANKS_IN:
        value = f"{member},{direction}"
        shown[direction] = _ranks_shown(runner, operation, made, {place: [value] if is_list else value})
    if len({*shown.values()}) == 1 or any(len(one) < len(made) for one in shown.values()):
        return False
    read = runner.environment.roles[made[0].item.resource].read
    if read is not None and not all(_shows(runner, read, one, member) for one in made):
        return False
    for direction, ranks in _RANKS_IN.items():
        if shown[direction] != ranks:
            in_order = [str(one.values[member]) for one in (made[1], made[0], made[2])]
            wanted, got = (", ".join(in_order[rank] for rank in one) for one in (ranks, shown[direction]))
            raise ClauseBroken(f"{wanted} for {place[1]}={member},{direction}", got)
    return True


def _shows(runner: StoryRunner, read: Operation, one: _Ranked, member: str) -> bool:
    """Whether an item is read with the value that was sent: an order is not to blame for a lost one."""
    return equal(find(item_in(read, runner.read(one.item).value), one.places[member]), one.values[member])


def note_order(runner: StoryRunner, roles: Roles) -> None:
    """Note whether a list that no parameter sorts shows the oldest or the newest items first, if it is either."""
    operation, create = roles.list, roles.create
    media = runner.environment.values.media(create) if create is not None else None
    if operation is None or create is None or media is None or roles.delete is None or runner.environment.settle:
        return
    if f"{roles.resource}.order" not in runner.environment.open_readings:
        return
    made = _made(runner, roles, item_type(create, media).properties)
    if not made:
        return
    own = [one.item for one in made]
    places = tuple(own.index(one) for one in _in_order(runner, operation, own, {}))
    if places in (_UPWARDS, _DOWNWARDS):  # by none of the values that were sent, as these are in no such order
        runner.note_choice(f"{roles.resource}.order", "oldest-first" if places == _UPWARDS else "newest-first")


def _made(runner: StoryRunner, roles: Roles, names: Iterable[str]) -> list[_Ranked]:
    """Three new items in the order of `_RANKS`; none if they cannot differ in a member to sort by."""
    create, values = roles.create, runner.environment.values
    media = values.media(create) if create is not None else None
    if create is None or media is None:
        return []
    kind = item_type(create, media)
    places = {name: place for name in sorted(names) if (place := place_of_member(kind, name))}
    parent, made = runner.parent_of(roles.resource), list[_Ranked]()
    for rank in _RANKS:
        body: Any = next(values.bodies(create), ABSENT)
        if not isinstance(body, dict):
            return []
        sent = item_sent(create, body)
        fitting: dict[str, Any] = {}
        wanted = sent
        for name, place in places.items():
            one = _value(type_at(kind, place), rank, find(sent, place, None))
            if one is not ABSENT and values.is_valid(create, with_item(create, body, with_value_at(sent, place, one))):
                fitting[name], wanted = one, with_value_at(wanted, place, one)
        item = runner.creation.create(create, parent, with_item(create, body, wanted)) if fitting else None
        if not isinstance(item, CreatedItem):
            return []
        # A key is not sent where the server may choose it, and then no value of it is known.
        places = {name: places[name] for name, one in fitting.items() if find(item.body, places[name]) == one}
        made.append(_Ranked(fitting, item, places))
    return [one._replace(values={name: one.values[name] for name in places}) for one in made]


def _value(kind: ValueType, rank: int, now: Any) -> Any:
    """A value of a rank, or `ABSENT` for a member of which it is not stated which of two values comes first."""
    types, form = kind.types or frozenset(), kind.keyword("format")
    if kind.keyword("readOnly") is True or any(kind.keyword(rule) is not None for rule in ("enum", "const", "pattern")):
        return ABSENT
    if types & NUMBER_TYPES:
        step = kind.keyword("multipleOf", 1)
        least = kind.keyword("minimum", kind.keyword("exclusiveMinimum", 0))
        most = kind.keyword("maximum", kind.keyword("exclusiveMaximum", _NUMBERS[-1] + 1))
        if step == 1 and least < _NUMBERS[0] and most > _NUMBERS[-1]:
            return _NUMBERS[rank]
        return (math.floor(least / step) + 1 + rank) * step
    if "string" not in types or form not in (None, "email", "date", "date-time"):
        return ABSENT
    if form in (None, "email"):
        return f"{_INITIALS[rank]}{now}" if isinstance(now, str) else ABSENT
    return f"2030-05-0{rank + 1}{'T10:00:00Z' if form == 'date-time' else ''}"


def _check_sorted(runner: StoryRunner, operation: Operation, made: list[_Ranked], member: str) -> None:
    """Raise `ClauseBroken` if items are not sorted by a member, or in another direction than the one asked for.

    Which one a name alone asks for, or a sign, is not stated: some servers show the highest value first.
    """
    in_order = [str(one.values[member]) for one in (made[1], made[0], made[2])]
    by_sign: dict[bool, _Sorting] = {}
    for choice in orders_of(operation)[member]:
        found = _Sorting(choice.name, _ranks_shown(runner, operation, made, {choice.place: choice.value}))
        if len(found.ranks) < len(made):
            continue  # that one is not listed is for another clause
        got = ", ".join(in_order[rank] for rank in found.ranks)
        if choice.direction and found.ranks != _RANKS_IN[choice.direction]:
            wanted = ", ".join(in_order[rank] for rank in _RANKS_IN[choice.direction])
            raise ClauseBroken(f"{wanted} for {found.name}", got)
        if found.ranks not in (_UPWARDS, _DOWNWARDS):
            raise ClauseBroken(f"{', '.join(in_order)} or the reverse for {found.name}", got)
        if choice.direction:
            continue
        other = by_sign.get(not choice.has_minus)
        if other is not None and other.ranks == found.ranks:
            raise ClauseBroken(f"the reverse of the order for {other.name} for {found.name}", got)
        by_sign[choice.has_minus] = found
    _check_directions(runner, operation, made, member)


def _check_directions(runner: StoryRunner, operation: Operation, made: list[_Ranked], member: str) -> None:
    """Raise `ClauseBroken` if `asc` does not list the lowest value first, or `desc` the highest."""
    directions = directions_of(operation)
    choice = orders_of(operation)[member][0]
    if directions is None or choice.has_direction:
        return
    parameter, written = directions
    for direction, ranks in _RANKS_IN.items():
        asked = {choice.place: choice.value, parameter: written[direction]}
        shown = _ranks_shown(runner, operation, made, asked)
        if len(shown) == len(made) and shown != ranks:
            in_order = [str(one.values[member]) for one in (made[1], made[0], made[2])]
            named = "&".join(f"{name}={text}" for (_, name), text in asked.items())
            wanted, got = (", ".join(in_order[rank] for rank in one) for one in (ranks, shown))
            raise ClauseBroken(f"{wanted} for {named}", got)


def _ranks_shown(
    runner: StoryRunner, operation: Operation, made: list[_Ranked], asked: ParameterValues
) -> tuple[int, ...]:
    """The ranks of the items in the order in which a list shows them."""
    own = [one.item for one in made]
    return tuple(_RANKS[own.index(one)] for one in _in_order(runner, operation, own, asked))


def _check_by_age(runner: StoryRunner, operation: Operation, roles: Roles, choices: Iterable[SortChoice]) -> None:
    """Raise `ClauseBroken` if items are not sorted by the time of their creation, which the server sets."""
    first = runner.make(roles.resource)
    made = [first, *(runner.beside(first) for _ in _RANKS[1:])]
    if _wrong_by_age(runner, operation, made, choices) is None:
        return
    time.sleep(_APART)
    wrong = _wrong_by_age(runner, operation, [first, runner.beside(first)], choices)
    if wrong is not None:
        raise wrong


def _wrong_by_age(
    runner: StoryRunner, operation: Operation, made: list[CreatedItem], choices: Iterable[SortChoice]
) -> ClauseBroken | None:
    """The first list that does not have items in the order of their creation, or the reverse one, as it is asked for.

    A word says which of the two; a name with a minus asks for another one than a name alone. Without the parameter,
    its default counts.
    """
    by_sign: dict[bool, bool] = {}
    for choice in choices:
        shown = [_in_order(runner, operation, made, asked) for asked in _asking(operation, choice)]
        if any(len(one) < len(made) for one in shown):
            continue  # that one is not listed is for another clause
        if any(one not in (made, made[::-1]) for one in shown):
            return ClauseBroken(f"the order of creation, or the reverse, for {choice.name}", "another order")
        if shown[0] != shown[-1]:
            return ClauseBroken(f"without {choice.place[1]} the order of its default, {choice.name}", "the reverse")
        is_oldest_first = shown[0] == made
        got = f"the {'oldest' if is_oldest_first else 'newest'} item first"
        if choice.direction and is_oldest_first != (choice.direction == "asc"):
            return ClauseBroken(f"the {'newest' if is_oldest_first else 'oldest'} item first for {choice.name}", got)
        if choice.direction:
            continue
        if by_sign.get(not choice.has_minus) is is_oldest_first:
            return ClauseBroken(f"the reverse of the order for the other sign for {choice.name}", got)
        by_sign[choice.has_minus] = is_oldest_first
    return None


def _asking(operation: Operation, choice: SortChoice) -> list[ParameterValues]:
    """The parameters that ask for a choice: itself, and none at all if it is the default."""
    is_default = equal(operation.parameters[choice.place].default, choice.value)
    return [{choice.place: choice.value}, *([{}] if is_default else [])]


def _in_order(
    runner: StoryRunner, operation: Operation, made: list[CreatedItem], asked: ParameterValues
) -> list[CreatedItem]:
    """Those of some items that a list shows, in its order."""
    own = {str(key_of(runner, one)): one for one in made}
    shown = keys_on_pages(runner, operation, runner.parameters.listing(operation, made[0], asked)).keys
    return [own[key] for key in shown if key in own]


def _check_newest_first(runner: StoryRunner, operation: Operation, roles: Roles) -> None:
    """Raise `ClauseBroken` if an item is listed behind one that was made before it."""
    first = runner.make(roles.resource)
    if _is_newest_first(runner, operation, [first, *(runner.beside(first) for _ in _RANKS[1:])]):
        return
    time.sleep(_APART)
    newest = runner.beside(first)
    if not _is_newest_first(runner, operation, [first, newest]):
        later = f"the {roles.resource} {newest.key}"
        raise ClauseBroken(f"{later} in front of {first.key}, which was made before it", f"{later} behind it")


def _is_newest_first(runner: StoryRunner, operation: Operation, made: list[CreatedItem]) -> bool:
    """Whether items are listed in the reverse order of their creation, as far as they are listed."""
    shown = _in_order(runner, operation, made, {})
    return shown == [one for one in reversed(made) if one in shown]
