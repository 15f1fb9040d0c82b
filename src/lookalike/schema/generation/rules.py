"""Rules: what all schemas of a form say together, keyword by keyword."""

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from functools import reduce
from math import lcm
from typing import Any

from lookalike.schema.generation.alternatives import Conjunction, Node

Rules = dict[str, Any]

TYPES = ("string", "object", "array", "integer", "number", "boolean", "null")
_IMPLIED = {
    "object": ("properties", "required", "additionalProperties", "patternProperties", "minProperties"),
    "array": ("items", "prefixItems", "contains", "minItems", "maxItems", "uniqueItems"),
    "string": ("pattern", "minLength", "maxLength", "format", "contentEncoding"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
}


def rules_of(form: Conjunction) -> Rules:
    """The strictest of each keyword that bounds a value; keywords that hold schemas are asked for by member."""
    rules: Rules = {}
    for node in form:
        for keyword, value in node.items():
            together = _TOGETHER.get(keyword)
            if together is not None:
                rules[keyword] = together(rules[keyword], value) if keyword in rules else value
    return rules | {"patterns": all_of(form, "pattern")}


def types_of(form: Conjunction, usual: str) -> list[str]:
    """The types that a value may have, the likeliest first: stated, implied by other keywords, else the usual one."""
    stated = [_listed(node["type"]) for node in form if "type" in node]
    if stated:
        return [name for name in stated[0] if all(_within(name, names) for names in stated[1:])] or [
            name for name in TYPES if all(_within(name, names) for names in stated)
        ]
    keywords = {keyword for node in form for keyword in node}
    implied = [name for name, marks in _IMPLIED.items() if not keywords.isdisjoint(marks)]
    return list(dict.fromkeys((*implied, usual, *TYPES)))


def _listed(types: Any) -> list[str]:
    """The types of a schema, null last."""
    return [types] if isinstance(types, str) else sorted(types, key=lambda name: name == "null")


def _within(name: str, names: list[str]) -> bool:
    return name in names or (name == "integer" and "number" in names)


def preferred(form: Conjunction) -> Iterator[Any]:
    """The values that the schemas name themselves, the most telling first."""
    for keyword in ("example", "examples", "default", "const", "enum"):
        for node in form:
            if keyword in node:
                value = node[keyword]
                yield from value if keyword in ("examples", "enum") and isinstance(value, list) else (value,)


def member(form: Conjunction, name: str, matches: Callable[[str, str], bool]) -> Conjunction:
    """What the schemas of a form say about a member of that name."""
    found: list[Node] = []
    closed = [node for node in form if node.get("unevaluatedProperties", True) is not True]
    for node in form:
        own = [node["properties"][name]] if name in _object(node, "properties") else []
        own += [schema for pattern, schema in _object(node, "patternProperties").items() if matches(pattern, name)]
        found += own or ([node["additionalProperties"]] if "additionalProperties" in node else [])
    return tuple(found) if found or not closed else tuple(node["unevaluatedProperties"] for node in closed)


def item(form: Conjunction, index: int) -> Conjunction:
    """What the schemas of a form say about the item at an index."""
    found: list[Node] = []
    closed = [node for node in form if node.get("unevaluatedItems", True) is not True]
    for node in form:
        listed = node.get("prefixItems", ())
        if index < len(listed):
            found.append(listed[index])
        elif "items" in node:
            found.append(node["items"])
    return tuple(found) if found or not closed else tuple(node["unevaluatedItems"] for node in closed)


def _object(node: Mapping[str, Any], keyword: str) -> Mapping[str, Any]:
    value = node.get(keyword)
    return value if isinstance(value, Mapping) else {}


def _multiple(first: Any, second: Any) -> Any:
    """The least common multiple of two numbers, exact as they are written."""
    one, other = Fraction(str(first)), Fraction(str(second))
    both = Fraction(lcm(one.numerator * other.denominator, other.numerator * one.denominator))
    return both / (one.denominator * other.denominator)


def _union(first: Any, second: Any) -> Any:
    return list(dict.fromkeys((*first, *second)))


def _joined(first: Mapping[str, Any], second: Mapping[str, Any]) -> Any:
    return {name: _union(first.get(name, ()), second.get(name, ())) for name in (*first, *second)}


_TOGETHER: dict[str, Callable[[Any, Any], Any]] = {
    "minimum": max,
    "maximum": min,
    "exclusiveMinimum": max,
    "exclusiveMaximum": min,
    "multipleOf": _multiple,
    "minLength": max,
    "maxLength": min,
    "minItems": max,
    "maxItems": min,
    "minContains": max,
    "minProperties": max,
    "maxProperties": min,
    "required": _union,
    "dependentRequired": _joined,
    "format": lambda first, _: first,
    "uniqueItems": lambda first, second: first or second,
}


def names_of(form: Conjunction) -> list[str]:
    """The names of the members that the schemas describe, in the order of the document."""
    return list(dict.fromkeys(name for node in form for name in _object(node, "properties")))


def all_of(form: Conjunction, keyword: str) -> Conjunction:
    """What the schemas of a form hold under a keyword."""
    return reduce(lambda found, node: (*found, node[keyword]) if keyword in node else found, form, ())
