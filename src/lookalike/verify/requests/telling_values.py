"""Telling values: valid values that a careless server cuts, rounds, folds or ignores."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from lookalike.json_values import equal
from lookalike.schema.value_types import ValueType

# Characters escaped in HTML or SQL, two spaces, and text beyond ASCII and beyond the basic plane. All of it is near the
# beginning, since a mark may take the place of the rest; the shorter ones fit into narrow members.
_TEXTS = ("L'été &  Žižň 🦉 नमस्ते", "Zoë & l'🦉", "Zoë 🦉", "é")
_IN_A_ZONE = "2031-02-03T14:05:06+05:30"
_BEYOND_A_DOUBLE = 2**53 + 1  # the first integer that a double cannot hold
_WHOLE = (1_000_003, 301, 41, 7, 3)
_FRACTIONS = (1234.25, 12.25, 0.75, 12.5, 0.5)
_BOUND = ("enum", "const", "pattern", "format")


def telling_values(kind: ValueType) -> Iterator[Any]:
    """Values for one member, the most telling first; whether one fits is for the caller to see."""
    types = kind.types or frozenset()
    if "number" in types:
        yield from _FRACTIONS
    elif "integer" in types:
        yield from (_BEYOND_A_DOUBLE,) if kind.keyword("format") == "int64" else ()
        yield from _WHOLE
    if "string" in types and kind.keyword("format") == "date-time":
        yield _IN_A_ZONE
    if "string" in types and not any(kind.keyword(keyword) is not None for keyword in _BOUND):
        yield from _TEXTS
    if "array" in types and "string" in (kind.item().types or ()) and kind.item().keyword("enum") is None:
        yield from (["Zoë 🦉", "second", "a third"], ["Zoë 🦉", "second"], ["Zoë 🦉"])


def empty_values(kind: ValueType) -> Iterator[Any]:
    """The empty values of the types that a member may have: `""`, 0, false and the empty list."""
    empty: Mapping[str, Any] = {"string": "", "integer": 0, "number": 0, "boolean": False, "array": []}
    return (value for name, value in empty.items() if name in (kind.types or ()))


def null_values(kind: ValueType) -> Iterator[None]:
    """Null, if a member may have it."""
    return iter((None,) if "null" in (kind.types or ()) else ())


def easily_refused(kind: ValueType) -> Iterator[frozenset[str]]:
    """The members whose telling values a strict server may refuse: none, then times in a zone, then texts as well."""
    times = frozenset(name for name in kind.properties if kind.member(name).keyword("format") == "date-time")
    texts = frozenset(name for name in kind.properties if "string" in (kind.member(name).types or ()))
    yield from dict.fromkeys((frozenset[str](), times, times | texts))


def with_telling_values(
    kind: ValueType, body: Mapping[str, Any], kept: frozenset[str], accepts: Callable[[Any], bool]
) -> dict[str, Any]:
    """An object with a telling value for each member that has one, but for those that are `kept`."""
    told = dict(body)
    for name in kind.properties:
        member = kind.member(name)
        if name in kept or member.keyword("readOnly") is True:
            continue
        for value in telling_values(member):
            if not equal(value, told.get(name)) and accepts({**told, name: value}):
                told[name] = value
                break
    return told
