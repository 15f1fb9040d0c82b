"""Broken values: for each rule of a schema, values that break it and as little else as can be.

A rule is a keyword at a place in the value. Rules that hold in some alternatives only (`anyOf`, `oneOf`, `if`) are not
broken, since no value is known to be invalid by them alone.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from lookalike.json_values import ABSENT, is_number
from lookalike.schema.value_types import NUMBER_TYPES, ValueType

RulePath = tuple[str | int, ...]
Sample = Callable[[Mapping[str, Any]], Any]
"""A function that finds a value for a schema without references, or `ABSENT`."""

NULL_FOR_ABSENT = "null for absent"  # in place of a member that may be left out: many servers take both for the same
# The keywords that break most servers come first, so that a bounded number of requests tells as much as it can.
MOST_TELLING = (
    *("required", "type", "enum", "minLength", "maxLength", "minimum", "maximum", "pattern", "format", "maxItems"),
    *("additionalProperties", "minItems", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "uniqueItems", "const"),
    *("null", "minProperties", "maxProperties", "propertyNames", "fraction", NULL_FOR_ABSENT),
)
_DEEPEST = 5  # levels of members and items below the value itself, as in `data.attributes.lines.0.sku`
_LONGEST = 10_000  # characters or items; longer limits are not reached
_OTHER_TEXTS = ("lookalike", "LOOKALIKE", "look alike", "0", "!", "::")
_UNKNOWN_MEMBER = "lookalikeUnknown"
# The limits of int32 and int64: a format says how wide an integer is, and a server that takes a wider one keeps all.
_OF_FORMATS = frozenset({2**31, 2**31 - 1, 2**63, 2**63 - 1})
_PLAIN_RULES = ("type", "format", "pattern", "minLength", "maxLength")
# What stands for each type where another one is documented; the first that is not allowed is sent.
_OF_OTHER_TYPE: tuple[tuple[str, Any], ...] = (("array", []), ("object", {}), ("integer", 7))


class BrokenRule(NamedTuple):
    """A rule, and values that break it, each with the whole value around it; the best come first."""

    keyword: str
    path: RulePath
    values: tuple[Any, ...]

    @property
    def name(self) -> str:
        """The keyword and the place, as messages show them."""
        place = ".".join(map(str, self.path))
        return f"{self.keyword} of {place}" if place else self.keyword


def broken_rules(kind: ValueType, value: Any, sample: Sample) -> list[BrokenRule]:
    """The rules that a valid value can be made to break, first one of each keyword, then the next.

    `NULL_FOR_ABSENT` comes after all others, since it tells least.
    """
    found: dict[tuple[str, RulePath], list[Any]] = {}
    for keyword, path, part in _broken_parts(kind, value, (), sample):
        found.setdefault((keyword, path), []).append(with_part(value, path, part))
    rules = [BrokenRule(keyword, path, tuple(values)) for (keyword, path), values in found.items()]
    rules.sort(key=lambda rule: (MOST_TELLING.index(rule.keyword), len(rule.path)))
    rounds = [(at, rule) for _, group in groupby(rules, key=_keyword) for at, rule in enumerate(group)]
    return [rule for _, rule in sorted(rounds, key=_round)]


def _keyword(rule: BrokenRule) -> str:
    return rule.keyword


def _round(entry: tuple[int, BrokenRule]) -> tuple[bool, int]:
    number, rule = entry
    return rule.keyword == NULL_FOR_ABSENT, number


_Part = tuple[str, RulePath, Any]


def _broken_parts(kind: ValueType, value: Any, path: RulePath, sample: Sample) -> Iterator[_Part]:
    """Each broken rule of a value and of its parts: the keyword, the place, and what is put there."""
    for keyword, part in _of_this(kind, value, sample):
        # A null inside of a list or an object makes some servers drop the connection, which ends the story.
        if keyword != "null" or len(path) <= 1:
            yield keyword, path, part
    if len(path) >= _DEEPEST:
        return
    if "object" in (kind.types or ()) and isinstance(value, dict):
        yield from _of_members(kind, value, path, sample)
    elif isinstance(value, list) and value:
        for keyword, inner, part in _broken_parts(kind.item(), value[0], (*path, 0), sample):
            yield keyword, inner, part


def _of_members(kind: ValueType, value: Mapping[str, Any], path: RulePath, sample: Sample) -> Iterator[_Part]:
    required = kind.keyword("required", ())
    for name in kind.properties:
        member = kind.member(name)
        if member.keyword("readOnly") is True:
            continue
        if name in value:  # whether it is required may be up to a condition or a reading, which the verdict knows
            yield "required", (*path, name), ABSENT
        own = (*path, name)
        for keyword, place, part in _broken_parts(member, value.get(name, ABSENT), own, sample):
            is_for_absent = keyword == "null" and place == own and name not in required
            yield NULL_FOR_ABSENT if is_for_absent else keyword, place, part
    entry = next((name for name in value if name not in kind.properties), None)  # of a map
    if entry is not None:
        yield from _broken_parts(kind.member(entry), value[entry], (*path, entry), sample)


def _of_this(kind: ValueType, value: Any, sample: Sample) -> Iterator[tuple[str, Any]]:
    """The keywords of a value itself, each with what breaks it."""
    types = kind.types
    if types and types <= {"integer", "number", "boolean", "null"}:
        yield "type", "lookalike"
    if types is not None:
        yield from (("type", other) for name, other in _OF_OTHER_TYPE if not {name, _wider(name)} & types)
        if "null" not in types:
            yield "null", None
    yield from _not_listed(kind)
    if "string" in (types or ()):
        yield from _texts(kind, value if isinstance(value, str) else "", sample)
    if NUMBER_TYPES & (types or frozenset()):
        yield from _numbers(kind, value)
    if "array" in (types or ()):
        yield from _lists(kind, value if isinstance(value, list) else [], sample)
    if "object" in (types or ()) and isinstance(value, dict):
        yield from _objects(kind, value)


def _wider(name: str) -> str:
    """The type that allows a value of another type too."""
    return "number" if name == "integer" else name


def _not_listed(kind: ValueType) -> Iterator[tuple[str, Any]]:
    listed = kind.keyword("enum")
    if isinstance(listed, list) and listed:
        yield "enum", _other_than(listed[-1])
    const = kind.keyword("const", ABSENT)
    if const is not ABSENT:
        yield "const", _other_than(const)


def _other_than(value: Any) -> Any:
    """Another value of the same type."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, (int, float)):
        return value + 1_000_003
    return "lookalike" if value != "lookalike" else "another"


def _texts(kind: ValueType, value: str, sample: Sample) -> Iterator[tuple[str, Any]]:
    rules = {name: rule for name in _PLAIN_RULES if (rule := kind.keyword(name)) is not None} | {"type": "string"}
    least, most = kind.keyword("minLength", 0), kind.keyword("maxLength")
    if 0 < least < _LONGEST:
        yield from (("minLength", text) for text in (value[: least - 1], "a" * (least - 1)))
    if most is not None and most < _LONGEST:
        longer = {**_without(rules, "maxLength"), "minLength": most + 1}
        filled = value + (value[-1:] or "a") * max(most + 1 - len(value), 0)
        yield from (("maxLength", text) for text in _texts_of(filled, "a" * (most + 1), sample(longer)))
    if kind.keyword("pattern") is not None:
        room = most if most is not None else len(value) + 1
        others = (f"{value}!"[:room], f"!{value}"[:room], *_OTHER_TEXTS)
        yield from (("pattern", text) for text in _texts_of(sample(_without(rules, "pattern")), *others))
    if kind.keyword("format") is not None:
        yield from (("format", text) for text in _texts_of(*_OTHER_TEXTS, sample(_without(rules, "format"))))


def _texts_of(*proposals: Any) -> Iterator[str]:
    return (text for text in proposals if isinstance(text, str))


def _without(rules: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {other: rule for other, rule in rules.items() if other != name}


def _numbers(kind: ValueType, value: Any) -> Iterator[tuple[str, Any]]:
    step = kind.keyword("multipleOf")
    away = step if isinstance(step, (int, float)) and step > 0 else 1
    for keyword, sign in (("minimum", -1), ("maximum", 1)):
        bound = kind.keyword(keyword)
        if is_number(bound) and abs(bound) not in _OF_FORMATS:
            yield keyword, bound + sign * away
            yield keyword, bound + sign
    for keyword, sign in (("exclusiveMinimum", -1), ("exclusiveMaximum", 1)):
        bound = kind.keyword(keyword)
        if is_number(bound):
            yield from ((keyword, bound), (keyword, bound + sign * away))
    if is_number(step):
        start = value if is_number(value) else kind.keyword("minimum", 0)
        yield from (("multipleOf", start + step / 2), ("multipleOf", start + 1), ("multipleOf", start - 1))
    if kind.types is not None and "number" not in kind.types and "integer" in kind.types:
        yield "fraction", (value if is_number(value) else kind.keyword("minimum", 0)) + 0.5


def _lists(kind: ValueType, value: list[Any], sample: Sample) -> Iterator[tuple[str, Any]]:
    least, most = kind.keyword("minItems", 0), kind.keyword("maxItems")
    if 0 < least < _LONGEST:
        yield "minItems", value[: least - 1]
    if most is not None and most < _LONGEST:
        yield "maxItems", _filled(kind.item(), value, most + 1, sample)
    if kind.keyword("uniqueItems") is True and value:
        yield from (("uniqueItems", [value[0], value[0]]), ("uniqueItems", [*value, value[0]]))


def _filled(kind: ValueType, value: list[Any], length: int, sample: Sample) -> list[Any]:
    """A list of so many items, which differ as far as their type lets them."""
    base = value[0] if value else sample({"type": sorted(kind.types or {"string"})})
    return [*value, *(_numbered(base, at) for at in range(len(value), length))][:length]


def _numbered(value: Any, at: int) -> Any:
    if isinstance(value, str):
        return f"{value[:4]}{at}"
    return value + at if is_number(value) else value


def _objects(kind: ValueType, value: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    if not kind.is_open and kind.keyword("additionalProperties") is False:
        yield "additionalProperties", {**value, _UNKNOWN_MEMBER: "lookalike"}
    if kind.keyword("minProperties", 0) > 0:
        yield "minProperties", {}
    entries = [name for name in value if name not in kind.properties]  # of a map
    if entries and kind.keyword("propertyNames") is not None:
        yield from (("propertyNames", {**value, name: value[entries[0]]}) for name in _OTHER_TEXTS)
    most = kind.keyword("maxProperties")
    if entries and most is not None and most < _LONGEST:
        more = {f"{entries[0]}{at}": value[entries[0]] for at in range(most + 1 - len(value))}
        yield "maxProperties", {**value, **more}


def with_part(value: Any, path: Sequence[str | int], part: Any) -> Any:
    """The value with another part at a place; without the part where that is `ABSENT`."""
    if not path:
        return part
    name, *rest = path
    if isinstance(value, list) and isinstance(name, int):
        return [*value[:name], with_part(value[name], rest, part), *value[name + 1 :]]
    whole = value if isinstance(value, dict) else {}
    inner = with_part(whole.get(str(name), {}), rest, part)
    kept = {other: one for other, one in whole.items() if other != name}
    return kept if inner is ABSENT else {**whole, str(name): inner}
