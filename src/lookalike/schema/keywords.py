"""The keywords of JSON Schema 2020-12, and which values each may have.

A schema with one bad keyword would not compile at all. Here the keyword is dropped and reported, and the rest of the
schema counts.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

import jsonschema_rs

from lookalike.json_values import Pointer, is_number

_TYPES = frozenset({"array", "boolean", "integer", "null", "number", "object", "string"})

# What other dialects of regular expressions write, and how ECMA-262 does: JSON Schema Core section 6.4 asks for that.
_SPELLINGS: tuple[tuple[str, str], ...] = (
    (r"\\[Zz]$", "$"),  # Perl, Python, .NET: the end
    (r"^\\A", "^"),  # the same: the beginning
    (r"\[\^\]", r"[\\s\\S]"),  # ECMA-262: any character
    (r"(\\[wWdDsS])-(?=[^\]])", r"\1\\-"),  # ECMA-262 annex B: a hyphen behind a class stands for itself
    (r"(?<=[^\]\[])-(\\[wWdDsS])", r"\\-\1"),
)


def is_schema(value: Any) -> bool:
    """Whether a value is a schema: an object or a boolean (JSON Schema Core section 4.3)."""
    return isinstance(value, (dict, bool))


def _is_positive(value: Any) -> bool:
    return is_number(value) and value > 0


def _is_boolean(value: Any) -> bool:
    return isinstance(value, bool)


def _is_array(value: Any) -> bool:
    return isinstance(value, list)


def _is_filled_array(value: Any) -> bool:
    return isinstance(value, list) and bool(value)


def _is_object_of_string_arrays(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_is_string_array, value.values()))


def _is_discriminator(value: Any) -> bool:
    return isinstance(value, dict) and _is_string(value.get("propertyName"))


def _is_count(value: Any) -> bool:
    return is_number(value) and value >= 0 and value == int(value)


def _is_type(value: Any) -> bool:
    if isinstance(value, list):
        return bool(value) and all(isinstance(name, str) and name in _TYPES for name in value)
    return isinstance(value, str) and value in _TYPES


def _is_string_array(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _is_string(value: Any) -> bool:
    return isinstance(value, str)


def _is_schema_array(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(map(is_schema, value))


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)


def _is_object_of_patterns(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_is_pattern, value))


def _is_enforced_pattern(value: Any) -> bool:
    return isinstance(value, str) and _is_pattern(value)


@cache
def _is_pattern(text: str) -> bool:
    """Whether a string is a regular expression that can be enforced."""
    try:
        jsonschema_rs.Draft202012Validator({"pattern": text})
    except ValueError:
        return False
    return True


@cache
def _translated(text: str) -> str | None:
    """The same regular expression as ECMA-262 writes it; None if that is not known."""
    for spelling, ours in _SPELLINGS:
        text = re.sub(spelling, ours, text)
    return text if _is_pattern(text) else None


_IS_VALID: Mapping[str, Callable[[Any], bool]] = {
    **dict.fromkeys(("multipleOf",), _is_positive),
    **dict.fromkeys(("maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum"), is_number),
    **dict.fromkeys(("maxLength", "minLength", "maxItems", "minItems", "maxProperties", "minProperties"), _is_count),
    **dict.fromkeys(("maxContains", "minContains"), _is_count),
    **dict.fromkeys(("allOf", "anyOf", "oneOf", "prefixItems"), _is_schema_array),
    **dict.fromkeys(("$defs", "definitions", "dependentSchemas", "properties"), _is_object),
    **dict.fromkeys(("additionalProperties", "contains", "contentSchema", "else", "if", "items", "not"), is_schema),
    **dict.fromkeys(("propertyNames", "then", "unevaluatedItems", "unevaluatedProperties"), is_schema),
    **dict.fromkeys(("$ref", "format", "title", "description", "contentEncoding", "contentMediaType"), _is_string),
    **dict.fromkeys(("$anchor", "$dynamicAnchor", "$comment"), _is_string),
    **dict.fromkeys(("uniqueItems", "readOnly", "writeOnly", "deprecated"), _is_boolean),
    "type": _is_type,
    "enum": _is_filled_array,
    "examples": _is_array,
    "required": _is_string_array,
    "dependentRequired": _is_object_of_string_arrays,
    "pattern": _is_enforced_pattern,
    "patternProperties": _is_object_of_patterns,
    "discriminator": _is_discriminator,
}
"""Whether a value is one for a keyword. Keywords that are not here are annotations, which constrain nothing."""

_EXPECTED: Mapping[Callable[[Any], bool], str] = {
    _is_positive: "a number above 0",
    is_number: "a number",
    _is_count: "a whole number from 0",
    _is_schema_array: "an array of schemas",
    _is_object: "an object",
    is_schema: "a schema",
    _is_string: "a string",
    _is_boolean: "a boolean",
    _is_type: "one of " + ", ".join(f'"{name}"' for name in sorted(_TYPES)) + ", or an array of them",
    _is_filled_array: "an array with at least one value",
    _is_array: "an array",
    _is_string_array: "an array of strings",
    _is_object_of_string_arrays: "an object of arrays of strings",
    _is_discriminator: "an object with propertyName",
    _is_enforced_pattern: "a string",
    _is_object_of_patterns: "an object",
}


_RESOLVED = frozenset({"$schema", "$id", "$vocabulary", "$dynamicRef", "$recursiveRef"})
"""Keywords that are dropped: a document has one dialect here, and names were resolved when it was bundled."""

_SCHEMA_MAPS = frozenset({"$defs", "definitions", "dependentSchemas", "properties", "patternProperties"})


def drop_invalid_keywords(schema: dict[str, Any]) -> Iterator[tuple[str, Pointer]]:
    """Take out of a schema, in place, each keyword with a bad value; yields what is wrong, and where in the schema."""
    for keyword, value in [*schema.items()]:
        is_valid = _IS_VALID.get(keyword)
        if is_valid is None:
            if keyword in _RESOLVED:
                del schema[keyword]
        elif not is_valid(value):
            yield from _drop_or_translate(schema, keyword)
    if _SCHEMA_MAPS.isdisjoint(schema):
        return
    for keyword in _SCHEMA_MAPS & schema.keys():
        named = schema[keyword]
        for name in [name for name, inner in named.items() if not is_schema(inner)]:
            yield f"{name} must be a schema", (keyword, name)
            del named[name]


def _drop_or_translate(schema: dict[str, Any], keyword: str) -> Iterator[tuple[str, Pointer]]:
    value = schema[keyword]
    if keyword == "patternProperties" and isinstance(value, dict):
        for pattern in [pattern for pattern in value if not _is_pattern(pattern)]:
            yield (
                f"{pattern!r} is not a regular expression of ECMA-262, or too large: it is not enforced",
                (keyword, pattern),
            )
            del value[pattern]
        return
    del schema[keyword]
    if keyword != "pattern" or not isinstance(value, str):
        yield f"{keyword} must be {_EXPECTED[_IS_VALID[keyword]]}", (keyword,)
        return
    ours = _translated(value)
    if ours is None:
        yield f"{value!r} is not a regular expression of ECMA-262, or too large: it is not enforced", (keyword,)
    else:
        schema[keyword] = ours
        yield f"{value!r} is not how ECMA-262 writes this regular expression; read as {ours!r}", (keyword,)
