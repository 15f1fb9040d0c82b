"""Keywords of JSON Schema: what each may hold, so that a schema with a flaw still says the rest of what it says."""

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import jsonschema_rs

_TYPES = frozenset({"array", "boolean", "integer", "null", "number", "object", "string"})

# Spellings of other dialects of regular expressions that ECMA-262 has a word for.
_SPELLINGS: tuple[tuple[str, str], ...] = (
    (r"\\[Zz]$", "$"),  # Perl, Python, .NET: the end
    (r"^\\A", "^"),  # ... and the beginning
    (r"\[\^\]", r"[\\s\\S]"),  # ECMA-262: any character
    (r"(\\[wWdDsS])-(?=[^\]])", r"\1\\-"),  # ECMA-262 annex B: a hyphen behind a class stands for itself
    (r"(?<=[^\]\[])-(\\[wWdDsS])", r"\\-\1"),
)


def is_schema(value: Any) -> bool:
    """Whether a value can stand where a schema must."""
    return isinstance(value, (dict, bool))


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _count(value: Any) -> bool:
    return _number(value) and value >= 0 and value == int(value)


def _type(value: Any) -> bool:
    names = value if isinstance(value, list) and value else [value]
    return all(isinstance(name, str) and name in _TYPES for name in names)


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _schemas(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(map(is_schema, value))


def _named_schemas(value: Any) -> bool:
    return isinstance(value, dict)


def _patterns(value: Any) -> bool:
    return isinstance(value, dict) and all(map(is_pattern, value))


def _pattern(value: Any) -> bool:
    return isinstance(value, str) and is_pattern(value)


@cache
def is_pattern(text: str) -> bool:
    """Whether a text is a regular expression that can be enforced."""
    try:
        jsonschema_rs.Draft202012Validator({"pattern": text})
    except ValueError:
        return False
    return True


@cache
def translated(text: str) -> str | None:
    """The same regular expression as ECMA-262 spells it; None where that is not known."""
    for spelling, ours in _SPELLINGS:
        text = re.sub(spelling, ours, text)
    return text if is_pattern(text) else None


FITS: Mapping[str, Callable[[Any], bool]] = {
    **dict.fromkeys(("multipleOf",), lambda value: _number(value) and value > 0),
    **dict.fromkeys(("maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum"), _number),
    **dict.fromkeys(("maxLength", "minLength", "maxItems", "minItems", "maxProperties", "minProperties"), _count),
    **dict.fromkeys(("maxContains", "minContains"), _count),
    **dict.fromkeys(("allOf", "anyOf", "oneOf", "prefixItems"), _schemas),
    **dict.fromkeys(("$defs", "definitions", "dependentSchemas", "properties"), _named_schemas),
    **dict.fromkeys(("additionalProperties", "contains", "contentSchema", "else", "if", "items", "not"), is_schema),
    **dict.fromkeys(("propertyNames", "then", "unevaluatedItems", "unevaluatedProperties"), is_schema),
    **dict.fromkeys(("$ref", "format", "title", "description", "contentEncoding", "contentMediaType"), _text),
    **dict.fromkeys(("$anchor", "$dynamicAnchor", "$comment"), _text),
    **dict.fromkeys(("uniqueItems", "readOnly", "writeOnly", "deprecated"), lambda value: isinstance(value, bool)),
    "type": _type,
    "enum": lambda value: isinstance(value, list) and bool(value),
    "examples": lambda value: isinstance(value, list),
    "required": _texts,
    "dependentRequired": lambda value: isinstance(value, dict) and all(map(_texts, value.values())),
    "pattern": _pattern,
    "patternProperties": _patterns,
    "discriminator": lambda value: isinstance(value, dict) and _text(value.get("propertyName")),
}
"""Whether the value of a keyword is one; a keyword that is not here says nothing that counts."""

CHOSEN_BY_THE_DOCUMENT = frozenset({"$schema", "$id", "$vocabulary", "$dynamicRef", "$recursiveRef"})
"""What a schema need not say: the document has one dialect, and names were resolved when it was bundled."""
