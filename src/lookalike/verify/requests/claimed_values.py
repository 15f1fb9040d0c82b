"""Claimed values: values that a client sends for `readOnly` members, which a server is to ignore or refuse.

Only of types that have so many values that a server does not choose the same one by chance.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from lookalike.contract.contract import Operation
from lookalike.contract.requests import MediaType
from lookalike.json_values import equal
from lookalike.schema.directions import READ_ONLY
from lookalike.schema.value_types import NUMBER_TYPES, ValueType
from lookalike.verify.requests.item_bodies import item_sent, item_type, with_item

_BY_FORMAT: Mapping[str, str] = {
    "date-time": "1999-12-31T23:58:57Z",
    "date": "1999-12-31",
    "uuid": "1005a11e-0000-4000-8000-00000000c1a1",
    "email": "lookalike@example.com",
    "uri": "https://example.com/lookalike",
}
_TEXT = "lookalike"
_NUMBER = 1_000_003
_DIGITS_OF_A_SECOND = 19  # of a date-time, behind which servers write fractions and the zone in their own way


def claimed_values(operation: Operation, media: MediaType, body: Any, keys: frozenset[str]) -> dict[str, Any]:
    """A value for each `readOnly` member that can be added to the item in a body; none for the `keys` of an item."""
    claimed: dict[str, Any] = {}
    item = item_sent(operation, body)
    for name, value in _claimable(item_type(operation, media), keys) if isinstance(body, dict) else ():
        proposed = with_item(operation, body, {**item, **claimed, name: value})
        if media.schema is None or media.schema.accepts(proposed):
            claimed[name] = value
    return claimed


def can_be_claimed(operation: Operation, media: MediaType, keys: frozenset[str]) -> bool:
    """Whether the items in a body have `readOnly` members whose value a client may claim."""
    return any(True for _ in _claimable(item_type(operation, media), keys))


def _claimable(item: ValueType, keys: frozenset[str]) -> Iterator[tuple[str, Any]]:
    """The `readOnly` members of an item, with the value that is claimed for each."""
    for name in sorted({*item.properties} - keys):
        value = _value(item.member(name)) if item.member(name).keyword(READ_ONLY) is True else None
        if value is not None:
            yield name, value


def is_taken_over(claimed: Any, shown: Any) -> bool:
    """Whether a member shows the value that a client claimed."""
    is_instant = claimed == _BY_FORMAT["date-time"] and isinstance(shown, str)
    return equal(claimed, shown) or (is_instant and shown[:_DIGITS_OF_A_SECOND] == claimed[:_DIGITS_OF_A_SECOND])


def _value(kind: ValueType) -> Any:
    types = kind.types or frozenset()
    if kind.keyword("enum") is not None or kind.keyword("const") is not None:
        return None
    if "string" in types:
        name = kind.keyword("format")
        return _BY_FORMAT.get(name) if name is not None else _TEXT
    return _NUMBER if NUMBER_TYPES & types else None
