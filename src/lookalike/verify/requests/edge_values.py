"""Edge values: valid values that a careless server cuts, rounds, folds or ignores."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from lookalike.json_values import ABSENT, Pointer, equal, find
from lookalike.schema.value_types import ValueType
from lookalike.verify.requests.broken_values import with_part

EdgeValues = Callable[[ValueType], Iterator[Any]]
"""The values that show most of how a member is kept, those that show most first."""

# Characters escaped in URLs, HTML or SQL, two spaces, and text beyond ASCII and beyond the basic plane. All of it is
# near the beginning, since a mark may take the place of the rest; the shorter ones fit into narrow members.
_TEXTS = ("L'été, +&  Žižň 🦉 100% नमस्ते", "Zoë +& l'🦉", "Zoë 🦉", "é")
_LONG = "a-long-text-" * 25  # 300 characters
_NUMERIC = "00123"
# One for each time of an item, so that the end of something is after its start.
_IN_A_ZONE = tuple(f"2031-02-0{day}T14:05:06+05:30" for day in range(3, 9))
_BEYOND_A_DOUBLE = 2**53 + 1  # the first integer that a double cannot hold
_WHOLE = (1_000_003, 301, 41, 7, 3)
_FRACTIONS = (1234.57, 1234.25, 12.25, 0.75, 12.5, 0.5)
_OF_ANY_TYPE = (1234.57, [{"aKey": True}, None, "00123"])  # where a member may be any value
_OTHER_NAME = "secondOne"  # of a map: in mixed case, which some servers fold
_BOOLEAN = frozenset({"boolean"})
_BOUND = ("enum", "const", "pattern", "format")


def edge_values(kind: ValueType) -> Iterator[Any]:
    """Values for one member, those that show most first; the caller checks whether one fits."""
    types = kind.types or frozenset()
    if "number" in types:  # a float of 32 bits does not hold the first
        yield from _FRACTIONS[kind.keyword("format") == "float" :]
    elif "integer" in types:
        yield from (_BEYOND_A_DOUBLE,) if kind.keyword("format") == "int64" else ()
        yield from _WHOLE
    if "string" in types and kind.keyword("format") == "date-time":
        yield _IN_A_ZONE[0]
    if "string" in types and not any(kind.keyword(keyword) is not None for keyword in _BOUND):
        yield from _TEXTS
    if kind.types is None:
        yield from _OF_ANY_TYPE
    if "array" in types and "string" in (kind.item().types or ()) and kind.item().keyword("enum") is None:
        yield from (["Zoë 🦉", "second", "a third"], ["Zoë 🦉", "second"], ["Zoë 🦉"])


def first_edge_values(kind: ValueType) -> Iterator[Any]:
    """Values for one member of a new item: of a few that it may have, another one than the server takes by itself."""
    yield from choices_of(kind)
    yield from edge_values(kind)


def long_texts(kind: ValueType) -> Iterator[str]:
    """A text as long as a member may have it, but no longer than is needed to exceed the usual 255 of a database."""
    if "string" in (kind.types or ()) and not any(kind.keyword(keyword) is not None for keyword in _BOUND):
        yield _LONG[: kind.keyword("maxLength")]


def choices_of(kind: ValueType) -> list[Any]:
    """The values of a member that has a few, its default last: a server that ignores it shows that one."""
    listed, default = kind.keyword("enum"), kind.keyword("default", ABSENT)
    found = listed if isinstance(listed, list) else [True, False] if kind.types == _BOOLEAN else []
    return sorted((one for one in found if one is not None), key=lambda one: equal(one, default))


def empty_values(kind: ValueType) -> Iterator[Any]:
    """The empty values of the types that a member may have: `""`, 0, false and the empty list."""
    empty: Mapping[str, Any] = {"string": "", "integer": 0, "number": 0, "boolean": False, "array": []}
    return (value for name, value in empty.items() if name in (kind.types or ()))


def null_values(kind: ValueType) -> Iterator[None]:
    """Null, if a member may have it."""
    return iter((None,) if "null" in (kind.types or ()) else ())


def negative_values(kind: ValueType) -> Iterator[float]:
    """Negative numbers, if a member may have them; a server that knows better refuses them."""
    types = kind.types or frozenset()
    return iter((-12.25,) if "number" in types else (-41,) if "integer" in types else ())


def numeric_texts(kind: ValueType) -> Iterator[str]:
    """A text that a careless server takes for a number, if a member may be any text: it loses the zeros in front."""
    if "string" in (kind.types or ()) and not any(kind.keyword(keyword) is not None for keyword in _BOUND):
        yield _NUMERIC


def easily_refused(kind: ValueType) -> Iterator[frozenset[str]]:
    """The members whose edge values a strict server may refuse: none, then choices, such as a state of its own.

    Then times in a zone, objects and lists of them, and at last texts.
    """
    members = {name: kind.member(name) for name in kind.properties}
    times = frozenset(name for name, member in members.items() if member.keyword("format") == "date-time")
    inner = frozenset(name for name, member in members.items() if "object" in _types_inside(member))
    texts = frozenset(name for name, member in members.items() if "string" in (member.types or ()))
    few = frozenset(name for name, member in members.items() if choices_of(member))
    yield from dict.fromkeys((frozenset[str](), few, few | times, few | times | inner, few | times | inner | texts))


def _types_inside(kind: ValueType) -> frozenset[str]:
    """The types of a value, or of the items of a list."""
    types = kind.types or frozenset()
    return (kind.item().types or frozenset()) if "array" in types else types


def with_edge_values(
    kind: ValueType,
    body: Mapping[str, Any],
    kept: frozenset[str],
    accepts: Callable[[Any], bool],
    values_of: EdgeValues = edge_values,
) -> dict[str, Any]:
    """An object with a value of `values_of` for each member that has one, except those that are `kept`.

    So are the members of the objects in it, and a list of objects or a map gets one more.
    """
    told, times = dict(body), iter(_IN_A_ZONE)
    for path, member in _members_in(kind, body, kept):
        now, before = find(told, path), find(body, path)
        for proposed in (*values_of(member), *_with_another(member, now, before)):
            value = next(times, proposed) if proposed == _IN_A_ZONE[0] else proposed
            changed = with_part(told, path, value)
            if not equal(value, now) and accepts(changed):
                told = changed
                break
    return told


def _members_in(
    kind: ValueType, value: Mapping[str, Any], kept: frozenset[str], path: Pointer = ()
) -> Iterator[tuple[Pointer, ValueType]]:
    """The members of an object that may be sent, each behind those of the objects in it.

    Of one that may be of several kinds, only those that it has: another may belong to another kind.
    """
    for name in dict.fromkeys((*(() if kind.is_union else kind.properties), *value)):
        member, now = kind.member(name), value.get(name)
        if name in kept or member.keyword("readOnly") is True:
            continue
        if isinstance(now, dict):
            yield from _members_in(member, now, kept, (*path, name))
        elif isinstance(now, list) and now and isinstance(now[0], dict):
            yield from _members_in(member.item(), now[0], kept, (*path, name, 0))
        yield (*path, name), member


def _with_another(kind: ValueType, now: Any, before: Any) -> Iterator[Any]:
    """A list of objects with the first one as it was `before` at its end, or a map with another member."""
    if isinstance(now, list) and now and isinstance(now[0], dict) and not equal(now[0], before[0]):
        yield [*now, before[0]]
    if isinstance(now, dict) and now and not kind.properties:
        yield {**now, _OTHER_NAME: next(iter(now.values()))}
