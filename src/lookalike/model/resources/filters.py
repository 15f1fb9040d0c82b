"""Filters of lists: predicates of items, by the values that a request asks for."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from operator import ge, gt, le, lt
from typing import Any

from lookalike.json_values import Pointer, format_pointer, parse_pointer
from lookalike.model.state import Item
from lookalike.naming.keys import identifying_members
from lookalike.naming.lists import EQUALS, comparison_of
from lookalike.naming.words import normalised
from lookalike.pacing import spend_on_items, timed

ItemPredicate = Callable[[Item], bool]

_LENGTH_OF_DATE = len("2026-01-01")
_FLAGS = {
    **dict.fromkeys(("true", "1", "yes", "on"), True),
    **dict.fromkeys(("false", "0", "no", "off"), False),
}


def filtered(found: Sequence[Item], required: list[ItemPredicate], all_words: list[ItemPredicate]) -> list[Item]:
    """The items that a request asks for; `state=all` leaves every item, unless "all" is the value of some item."""
    predicates = (*required, *(predicate for predicate in all_words if any(map(predicate, timed(found)))))
    if not predicates:
        return [*found]
    return [item for item in timed(found) if all(predicate(item) for predicate in predicates)]


def has_value(field: str, expected: Any) -> ItemPredicate:
    """Whether a field has a value, or one of several, or compares as an object says, such as `{"gte": 10}`.

    `field` is a member, or a JSON Pointer to a place inside of one. A list has the values of its items, and an object
    that is sent stands for what identifies it. A flag that is asked for by another text, as `favorited` by the name of
    a user, has that value: the text means something else. An object has the members that are asked for, as
    `recurring[interval]` asks for one.
    """
    if isinstance(expected, Mapping) and (conditions := [*_conditions_in(field, expected)]):
        return lambda item: all(holds(item) for holds in conditions)
    if isinstance(expected, Mapping):
        inner = [has_value(format_pointer((*place_of_field(field), name)), one) for name, one in expected.items()]
        return lambda item: all(is_such(item) for is_such in inner)
    sent = expected if isinstance(expected, list) else [expected]
    texts = frozenset(text for one in sent for text in _texts_of(one))
    if len(texts) == 1 and isinstance(expected, str) and "," in expected:
        texts |= frozenset(expected.split(","))
    place, flags = place_of_field(field), {_FLAGS[text.lower()] for text in texts if text.lower() in _FLAGS}

    def has_one(item: Item) -> bool:
        return any(
            not flags or value in flags if isinstance(value, bool) else not texts.isdisjoint(_texts_of(value))
            for value in _values_at(item, place)
        )

    return has_one


def grouped_by(field: str, found: Sequence[Item]) -> Mapping[str, Sequence[Item]]:
    """Items by the texts that a field has in them: for a text, those that `has_value` finds."""
    groups: dict[str, list[Item]] = {}
    place = place_of_field(field)
    for item in timed(found):
        for text in {text for value in _values_at(item, place) for text in _texts_of(value)}:
            groups.setdefault(text, []).append(item)
    return groups


def compared(field: str, how: str, expected: Any) -> ItemPredicate:
    """Whether a field compares with a value as a word of `compare` says; a place without a value does not."""
    place, is_such = place_of_field(field), _COMPARISONS[how]

    def holds(item: Item) -> bool:
        return any(value is not None and is_such(value, expected) for value in _values_at(item, place))

    return holds


def condition(field: str, how: str, is_negated: bool, expected: Any) -> ItemPredicate:
    """Whether a field compares with a value, or has it where the word is `equals`; the opposite of a negated one."""
    holds = has_value(field, expected) if how == EQUALS else compared(field, how, expected)
    return opposite(holds) if is_negated else holds


def _conditions_in(field: str, sent: Mapping[str, Any]) -> Iterator[ItemPredicate]:
    """The comparisons in an object, as in `{"exact": "x"}` or `{"start_at": …}`; others in it are ignored."""
    for name, value in sent.items():
        plain_name = normalised(name)
        words = (plain_name, *(plain_name.removesuffix(end) for end in _OF_TIMES if plain_name.endswith(end)))
        how, is_negated = next((one for one in map(comparison_of, words) if one[0]), ("", False))
        if how and value not in (None, "", []):
            yield condition(field, how, is_negated, value)


_OF_TIMES = ("at", "date", "time")


def opposite(holds: ItemPredicate) -> ItemPredicate:
    """Whether an item is none of those for which a predicate holds."""

    def holds_not(item: Item) -> bool:
        return not holds(item)

    return holds_not


def contains_text(text: str) -> ItemPredicate:
    """Whether any text of an item has another one in it, in any case."""
    wanted = text.casefold()

    def contains(value: Any) -> bool:
        if isinstance(value, str):
            return wanted in value.casefold()
        inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
        spend_on_items(len(inner))
        return any(map(contains, inner))

    return contains


def place_of_field(field: str) -> Pointer:
    """The place of a field in an item: it is a member, or the JSON Pointer to a place inside of one."""
    return parse_pointer(field) if field.startswith("/") else (field,)


def _values_at(value: Any, place: Pointer) -> Iterator[Any]:
    """The values at a place, those of every item where a list is on the way or at its end."""
    if isinstance(value, list):
        for one in value:
            yield from _values_at(one, place)
    elif not place:
        yield value
    elif isinstance(value, Mapping):
        yield from _values_at(value.get(place[0]), place[1:])
    else:
        yield None


def _texts_of(value: Any) -> Iterator[str]:
    """The texts that a value is asked for by: its own, or those of the members that identify an object."""
    if isinstance(value, Mapping):
        yield from (_text(value[name]) for name in identifying_members(value, ""))
    else:
        yield _text(value)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _in_order(is_in_order: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    """The comparison of two values by their order: as numbers or times where both are such, else as texts."""

    def compare(value: Any, bound: Any) -> bool:
        number, limit = _number(value), _number(bound)
        if number is not None and limit is not None:
            return is_in_order(number, limit)
        time, end = _time(value), _time(bound)
        if time is None or end is None:
            return is_in_order(_text(value), _text(bound))
        is_day = len(bound) == _LENGTH_OF_DATE  # a day has all of its times
        return is_in_order(time.date(), end.date()) if is_day else is_in_order(time, end)

    return compare


def _number(value: Any) -> Decimal | None:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _time(value: Any) -> datetime | None:
    try:
        time = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return time if time.tzinfo is not None else time.replace(tzinfo=UTC)


def _has_text(value: Any, text: Any) -> bool:
    return _text(text).casefold() in _text(value).casefold()


def _starts(value: Any, text: Any) -> bool:
    return _text(value).casefold().startswith(_text(text).casefold())


def _differs(value: Any, other: Any) -> bool:
    return _text(value) != _text(other)


_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "at-least": _in_order(ge),
    "at-most": _in_order(le),
    "above": _in_order(gt),
    "below": _in_order(lt),
    "contains": _has_text,
    "starts": _starts,
    "not": _differs,
}
"""The comparisons of `compare`, in `openapi/extension.schema.json`."""
