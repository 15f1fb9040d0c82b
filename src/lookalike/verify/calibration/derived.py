"""Lessons about what the server makes of its own: members that follow from others or are counted, and its keys.

A way is learned where it explains all that was seen of a member, in at least three items and with two values.
"""

import re
from collections.abc import Iterable, Iterator, Sequence, Set
from contextlib import suppress
from typing import Any, NamedTuple

from lookalike.codecs.json_text import DecodeError, parse_json
from lookalike.contract.builtin_readings import KEY_LETTERS, MADE, members_of
from lookalike.contract.derivations import AT_FIRST, CHANGES, KEY_WAYS, NOW, PLACE, WAYS, Derivation, possible_sources
from lookalike.json_values import ABSENT, is_number
from lookalike.naming.members import is_time_of_change
from lookalike.verify.calibration.bodies import SentMembers, accepts, another, renamed, whole_and_least
from lookalike.verify.calibration.calibrator import Calibrator
from lookalike.verify.calibration.moments import is_moment, unit_of_time
from lookalike.verify.oracle.tracked_items import CreatedItem
from lookalike.verify.requests.item_bodies import item_sent
from lookalike.verify.roles import Roles, creates_by_replacing, item_in, part_of
from lookalike.verify.runner.endings import Skipped
from lookalike.verify.runner.exchanges import StepResult, path_values

_FEWEST = 3
_VARIED = 4
_FIRST_NUMBER = 1000  # a smaller one is that of any server which counts
_HEX = re.compile(r"[0-9a-f]+\Z", re.IGNORECASE)
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z", re.IGNORECASE)
_SEPARATOR = re.compile(r"[-_.:#/]")


class _Seen(NamedTuple):
    """An item as an answer showed it: its key, the members that were sent for it, and how often it was changed."""

    key: str
    item: SentMembers
    sent: frozenset[str]
    changes: int


def members(calibrator: Calibrator, roles: Roles) -> None:
    """The members that the server makes of others, or counts, and the form of its keys."""
    create = roles.create
    if create is None:
        return
    made = _varied_items(calibrator, roles)
    media = calibrator.environment.values.media(create)
    may_be_sent = {*media.value_type.properties} - {*media.read_only_members} if media is not None else set()
    items = calibrator.environment.model.items(roles.resource)
    seen = [*_seen((*calibrator.decisions.results, *calibrator.results), roles, items.key)]
    names = members_of(calibrator.environment.contract, roles.resource)
    for name in names.keys() - items.identity_fields:
        is_ignored = calibrator.decisions.choices.get(f"{roles.resource}.{name}.sent") == "ignored"
        of_server = [one for one in seen if name in one.item and (is_ignored or name not in one.sent)]
        stays = name in may_be_sent and not is_ignored
        found = _derivation(of_server, name, names.keys() - {name}, stays) or _count(
            calibrator, roles, made, of_server, name
        )
        if found is not None:
            calibrator.decide(f"{roles.resource}.{name}.derived", str(found), calibrator.results[-1])
            calibrator.decide(f"{roles.resource}.{name}.unsent", MADE, calibrator.results[-1])
    made_keys = [one for one in seen if items.key not in one.sent]
    if not creates_by_replacing(create) and (items.key not in may_be_sent or len({one.key for one in made_keys}) > 2):
        found = _derivation(made_keys, items.key, names.keys() - {items.key}, stays=True)
        if found is not None and found.way in KEY_WAYS:
            choice = str(found).removesuffix(f" {AT_FIRST}")
            calibrator.decide(f"{roles.resource}.key-form", choice, calibrator.results[-1])
        else:
            _key_form(calibrator, roles.resource, [one.item[items.key] for one in made_keys])


def _varied_items(calibrator: Calibrator, roles: Roles) -> list[CreatedItem]:
    """Items of one parent, the last ones with empty values; a server may refuse some."""
    create, parent = roles.create, calibrator.parent_of(roles.resource)
    assert create is not None  # noqa: S101  # the caller asked
    whole, least = whole_and_least(calibrator, create)
    bodies = [another(calibrator, create, whole) for _ in range(_VARIED)]
    bodies += [renamed(calibrator, create, least), renamed(calibrator, create, _emptied(calibrator, roles, whole))]
    made = []
    for body in bodies:
        with suppress(Skipped):
            one = calibrator.creation.create(create, parent, body)
            if isinstance(one, CreatedItem):
                made.append(one)
                if roles.read is not None:
                    calibrator.read(one)
    return made


def _emptied(calibrator: Calibrator, roles: Roles, body: SentMembers) -> SentMembers:
    """The body with zero for each number and an empty list for each list, where its schema allows that."""
    for name, value in body.items():
        empty: Any = [] if isinstance(value, list) else 0
        if roles.create is not None and (is_number(value) or isinstance(value, list)):
            changed = {**body, name: empty}
            body = changed if accepts(calibrator, roles.create, changed) else body
    return body


def _seen(results: Iterable[StepResult], roles: Roles, key: str) -> Iterator[_Seen]:
    """The items that answers show, each until anything but a documented change happened to it."""
    sent: dict[str, frozenset[str]] = {}
    changes: dict[str, int] = {}
    for step in results:
        operation, item = step.operation, item_in(step.operation, step.value)
        if not step.is_success:
            continue
        own = _key_in_path(step, roles.resource) or str(item.get(key))
        if operation is roles.create and not (creates_by_replacing(operation) and own in changes):
            changes[own], sent[own] = 0, frozenset(_body_of(step))
        elif operation in (*roles.changes, roles.delete) and own in changes:  # some servers only mark what is deleted
            changes[own] += 1
            sent[own] |= _body_of(step).keys()
        elif operation is roles.list and roles.read is None:
            # It may show what was changed by the deletion of items at the end of a measurement; a read does not.
            listed = part_of(operation, step.value, "$items")
            for one in listed if isinstance(listed, list) else ():
                name = str(one.get(key)) if isinstance(one, dict) else ""
                if name in changes:
                    yield _Seen(name, one, sent[name], changes[name])
            continue
        elif operation is not roles.read:
            continue
        if own in changes and key in item:
            yield _Seen(own, item, sent[own], changes[own])


def _key_in_path(step: StepResult, resource: str) -> str:
    """The key of the item that a request is about, as its path has it; empty if it has none."""
    select = step.operation.selector
    is_own = select is not None and select.resource == resource
    return path_values(step).get(("path", select.by.name), "") if select is not None and is_own else ""


def _body_of(step: StepResult) -> SentMembers:
    try:
        return item_sent(step.operation, parse_json(step.request.body).value)
    except DecodeError:
        return {}


def _derivation(seen: Sequence[_Seen], name: str, others: Set[str], stays: bool) -> Derivation | None:
    """The way in which a member is made of others, or of the time, if some way explains all that is seen of it."""
    new = [one for one in seen if not one.changes]
    if len({one.key for one in new}) < _FEWEST or any(is_moment(one.item[name]) for one in new):
        return None
    if (unit := unit_of_time(one.item[name] for one in new)) is not None:
        return Derivation(unit, NOW, stays=not (is_time_of_change(name) or _changes_with_item(seen, name)))
    if len({repr(one.item[name]) for one in new}) < 2:
        return None
    for way in WAYS:
        for source in possible_sources({one: value for one, value in new[0].item.items() if one in others}):
            derivation = Derivation(way, source, stays=stays)
            if all(_gives(derivation, one.item, name) for one in new):
                is_kept = not all(_gives(derivation, one.item, name) for one in seen)
                return Derivation(way, source, stays=stays or is_kept)
    return None


def _changes_with_item(seen: Sequence[_Seen], name: str) -> bool:
    """Whether a member of an item has another value once the item was changed."""
    first: dict[str, Any] = {}
    return any(one.item[name] != first.setdefault(one.key, one.item[name]) for one in seen)


def _gives(derivation: Derivation, item: SentMembers, name: str) -> bool:
    value, shown = derivation.of(item, 0.0), item[name]
    if isinstance(value, float) and is_number(shown):
        return abs(value - shown) < 1e-6 * max(1.0, abs(value))
    return value is not ABSENT and type(value) is type(shown) and bool(value == shown)


def _count(
    calibrator: Calibrator, roles: Roles, made: Sequence[CreatedItem], seen: Sequence[_Seen], name: str
) -> Derivation | None:
    """The way in which a member counts: the changes of its item, or the items before it."""
    numbers = [one for one in seen if isinstance(one.item[name], int) and not isinstance(one.item[name], bool)]
    if len(numbers) < max(_FEWEST, len(seen)):
        return None
    starts = {one.item[name] - one.changes for one in numbers}
    if len(starts) == 1 and starts <= {0, 1} and any(one.changes for one in numbers):
        return Derivation(CHANGES, start=starts.pop())
    firsts: dict[str, int] = {}
    for one in numbers:
        firsts.setdefault(one.key, one.item[name])
    places = [firsts[key] for own in made if (key := _key_of(calibrator, own)) in firsts]
    start = places[0] if places else -1
    is_row = len(places) >= _FEWEST and places == [*range(start, start + len(places))]
    # Below a parent that was made for them, the first item has the first place.
    if is_row and start in (0, 1) and made[0].parent is not None:
        return Derivation(PLACE, start=start)
    return None


def _key_of(calibrator: Calibrator, own: CreatedItem) -> str:
    item = calibrator.known.get(own.resource, own.key) or {}
    return str(item.get(calibrator.environment.model.items(own.resource).key))


def _key_form(calibrator: Calibrator, resource: str, keys: Sequence[Any]) -> None:
    """Decide how the server writes its keys, where the document does not say so."""
    view = members_of(calibrator.environment.contract, resource).get(calibrator.environment.model.items(resource).key)
    if not keys or view is None or view.keyword("format") is not None or view.keyword("pattern") is not None:
        return
    if all(type(one) is int for one in keys) and min(keys) >= _FIRST_NUMBER:
        calibrator.decide(f"{resource}.key-form", f"number from {min(keys)}", calibrator.results[-1])
    texts = {one for one in keys if isinstance(one, str)}
    is_named = any(map(calibrator.environment.values.marks.in_value, texts))
    if "string" in view.types and len(texts) >= _FEWEST and not is_named and (form := form_of(texts)):
        calibrator.decide(f"{resource}.key-form", form, calibrator.results[-1])


def form_of(keys: Iterable[str]) -> str:
    """The choice of `key-form` for keys that a server made; empty if they have no form in common."""
    texts = [*keys]
    if all(map(_UUID.match, texts)):
        return "uuid"
    lengths = {*map(len, texts)}
    if all(map(str.isdecimal, texts)) and max(lengths) < 12:
        first = min(map(int, texts))
        return f"number from {first}" if first >= _FIRST_NUMBER else "number"
    if all(map(_HEX.match, texts)) and lengths in ({24}, {32}):
        return f"hex-{lengths.pop()}"
    starts = [texts[0][: found.end()] for found in _SEPARATOR.finditer(texts[0])]
    prefix = max((start for start in starts if all(one.startswith(start) for one in texts)), key=len, default="")
    rests = [one.removeprefix(prefix) for one in texts]
    letters = next((name for name, fits in KEY_LETTERS.items() if {*"".join(rests)} <= {*fits}), "")
    shortest = min(map(len, rests))
    is_even = len({*map(len, rests)}) == 1 or letters == "0-9"
    is_made = letters == "0-9" or shortest >= 8  # a shorter one may be a word
    return f"{prefix}[{letters}]{{{shortest}}}" if letters and shortest and is_even and is_made else ""
