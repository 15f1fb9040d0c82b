"""The rules of a conjunction: what its schemas say together, keyword by keyword.

Schemas in a conjunction have no `$ref` and no alternatives any more that would say more (see `alternatives.py`).
"""

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from itertools import chain
from math import lcm
from typing import Any

from lookalike.schema.generation.alternatives import Conjunction

Rules = dict[str, Any]
"""The strictest value of each keyword that bounds a value, by keyword; `patterns` are all patterns."""

TYPES = ("string", "object", "array", "integer", "number", "boolean", "null")
_IMPLIED = {
    "object": ("properties", "required", "additionalProperties", "patternProperties", "minProperties"),
    "array": ("items", "prefixItems", "contains", "minItems", "maxItems", "uniqueItems"),
    "string": ("pattern", "minLength", "maxLength", "format", "contentEncoding"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
}


def rules_of(schemas: Conjunction) -> Rules:
    """The rules of all schemas together, but for those that hold schemas: ask for these by member or item."""
    rules: Rules = {}
    for schema in schemas:
        for keyword, value in schema.items():
            combine = _COMBINE.get(keyword)
            if combine is not None:
                rules[keyword] = combine(rules[keyword], value) if keyword in rules else value
    required = list(dict.fromkeys(chain.from_iterable(keyword_values(schemas, "required"))))
    return rules | {"patterns": keyword_values(schemas, "pattern"), "required": required}


def types_of(schemas: Conjunction, usual: str) -> list[str]:
    """The types that a value may have, the likeliest first: stated, implied by other keywords, else the usual one.

    Without `type`, every type is allowed, whatever other keywords are there (JSON Schema Core section 7.6.1).
    """
    stated = [_listed(schema["type"]) for schema in schemas if "type" in schema]
    if stated:
        return [name for name in stated[0] if all(_within(name, names) for names in stated[1:])] or [
            name for name in TYPES if all(_within(name, names) for names in stated)
        ]
    keywords = {keyword for schema in schemas for keyword in schema}
    implied = [name for name, marks in _IMPLIED.items() if not keywords.isdisjoint(marks)]
    return list(dict.fromkeys((*implied, usual, *TYPES)))


def _listed(types: Any) -> list[str]:
    """The types of a schema, null last."""
    return [types] if isinstance(types, str) else sorted(types, key=lambda name: name == "null")


def _within(name: str, names: list[str]) -> bool:
    return name in names or (name == "integer" and "number" in names)


def named_values(schemas: Conjunction) -> Iterator[Any]:
    """The values that the schemas name themselves, an example of the whole first."""
    for keyword in ("example", "examples", "default", "const", "enum"):
        for schema in schemas:
            if keyword in schema:
                value = schema[keyword]
                yield from value if keyword in ("examples", "enum") and isinstance(value, list) else (value,)


def member_schemas(schemas: Conjunction, name: str, matches: Callable[[str, str], bool]) -> Conjunction:
    """The schemas of the member of that name (JSON Schema Core sections 10.3.2 and 11.3)."""
    found: list[Any] = []
    closed = [schema for schema in schemas if schema.get("unevaluatedProperties", True) is not True]
    for schema in schemas:
        own = [schema["properties"][name]] if name in _object(schema, "properties") else []
        own += [inner for pattern, inner in _object(schema, "patternProperties").items() if matches(pattern, name)]
        found += own or ([schema["additionalProperties"]] if "additionalProperties" in schema else [])
    return tuple(found) if found or not closed else tuple(schema["unevaluatedProperties"] for schema in closed)


def item_schemas(schemas: Conjunction, index: int) -> Conjunction:
    """The schemas of the item at an index (JSON Schema Core sections 10.3.1 and 11.2)."""
    found: list[Any] = []
    closed = [schema for schema in schemas if schema.get("unevaluatedItems", True) is not True]
    for schema in schemas:
        listed = schema.get("prefixItems", ())
        if index < len(listed):
            found.append(listed[index])
        elif "items" in schema:
            found.append(schema["items"])
    return tuple(found) if found or not closed else tuple(schema["unevaluatedItems"] for schema in closed)


def _object(schema: Mapping[str, Any], keyword: str) -> Mapping[str, Any]:
    value = schema.get(keyword)
    return value if isinstance(value, Mapping) else {}


def _multiple(first: Any, second: Any) -> Any:
    """The least common multiple of two numbers, exact as they are written."""
    one, other = Fraction(str(first)), Fraction(str(second))
    both = Fraction(lcm(one.numerator * other.denominator, other.numerator * one.denominator))
    return both / (one.denominator * other.denominator)


def _first(first: Any, _: Any) -> Any:
    return first


def _either(first: Any, second: Any) -> Any:
    return first or second


def _union(first: Any, second: Any) -> Any:
    return list(dict.fromkeys((*first, *second)))


def _joined(first: Mapping[str, Any], second: Mapping[str, Any]) -> Any:
    return {name: _union(first.get(name, ()), second.get(name, ())) for name in (*first, *second)}


_COMBINE: dict[str, Callable[[Any, Any], Any]] = {
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
    "dependentRequired": _joined,
    "format": _first,
    "uniqueItems": _either,
}


def property_names(schemas: Conjunction) -> list[str]:
    """The names of the members that the schemas describe, in the order of the document."""
    return list(dict.fromkeys(name for schema in schemas for name in _object(schema, "properties")))


def keyword_values(schemas: Conjunction, keyword: str) -> Conjunction:
    """The values that the schemas have for a keyword."""
    return tuple(schema[keyword] for schema in schemas if keyword in schema)
