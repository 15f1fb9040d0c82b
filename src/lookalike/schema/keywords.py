"""Keywords of JSON Schema: what each may hold, so that a schema with a flaw still says the rest of what it says."""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

import jsonschema_rs

from lookalike.json_values import Pointer

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


def _positive(value: Any) -> bool:
    return _number(value) and value > 0


def _flag(value: Any) -> bool:
    return isinstance(value, bool)


def _list(value: Any) -> bool:
    return isinstance(value, list)


def _values(value: Any) -> bool:
    return isinstance(value, list) and bool(value)


def _lists_of_texts(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_texts, value.values()))


def _discriminator(value: Any) -> bool:
    return isinstance(value, dict) and _text(value.get("propertyName"))


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


def _object(value: Any) -> bool:
    return isinstance(value, dict)


def _patterns(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_is_pattern, value))


def _pattern(value: Any) -> bool:
    return isinstance(value, str) and _is_pattern(value)


@cache
def _is_pattern(text: str) -> bool:
    """Whether a text is a regular expression that can be enforced."""
    try:
        jsonschema_rs.Draft202012Validator({"pattern": text})
    except ValueError:
        return False
    return True


@cache
def _translated(text: str) -> str | None:
    """The same regular expression as ECMA-262 spells it; None where that is not known."""
    for spelling, ours in _SPELLINGS:
        text = re.sub(spelling, ours, text)
    return text if _is_pattern(text) else None


_FITS: Mapping[str, Callable[[Any], bool]] = {
    **dict.fromkeys(("multipleOf",), _positive),
    **dict.fromkeys(("maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum"), _number),
    **dict.fromkeys(("maxLength", "minLength", "maxItems", "minItems", "maxProperties", "minProperties"), _count),
    **dict.fromkeys(("maxContains", "minContains"), _count),
    **dict.fromkeys(("allOf", "anyOf", "oneOf", "prefixItems"), _schemas),
    **dict.fromkeys(("$defs", "definitions", "dependentSchemas", "properties"), _object),
    **dict.fromkeys(("additionalProperties", "contains", "contentSchema", "else", "if", "items", "not"), is_schema),
    **dict.fromkeys(("propertyNames", "then", "unevaluatedItems", "unevaluatedProperties"), is_schema),
    **dict.fromkeys(("$ref", "format", "title", "description", "contentEncoding", "contentMediaType"), _text),
    **dict.fromkeys(("$anchor", "$dynamicAnchor", "$comment"), _text),
    **dict.fromkeys(("uniqueItems", "readOnly", "writeOnly", "deprecated"), _flag),
    "type": _type,
    "enum": _values,
    "examples": _list,
    "required": _texts,
    "dependentRequired": _lists_of_texts,
    "pattern": _pattern,
    "patternProperties": _patterns,
    "discriminator": _discriminator,
}
"""Whether the value of a keyword is one; a keyword that is not here says nothing that counts."""

_WORDS: Mapping[Callable[[Any], bool], str] = {
    _positive: "a number above 0",
    _number: "a number",
    _count: "a number of things",
    _schemas: "a list of schemas",
    _object: "an object",
    is_schema: "a schema",
    _text: "a text",
    _flag: "true or false",
    _type: "one of " + ", ".join(f'"{name}"' for name in sorted(_TYPES)) + ", or a list of them",
    _values: "a list of values",
    _list: "a list",
    _texts: "a list of texts",
    _lists_of_texts: "an object of lists of texts",
    _discriminator: "an object with propertyName",
    _pattern: "a text",
    _patterns: "an object",
}


_CHOSEN_BY_THE_DOCUMENT = frozenset({"$schema", "$id", "$vocabulary", "$dynamicRef", "$recursiveRef"})
"""What a schema need not say: the document has one dialect, and names were resolved when it was bundled."""

_NAMED = frozenset({"$defs", "definitions", "dependentSchemas", "properties", "patternProperties"})


def drop_invalid_keywords(schema: dict[str, Any]) -> Iterator[tuple[str, Pointer]]:
    """Take out of a schema, in place, each keyword whose value is none; what is wrong, and where inside of it."""
    for keyword in [*schema]:
        fits = _FITS.get(keyword)
        if fits is None:
            if keyword in _CHOSEN_BY_THE_DOCUMENT:
                del schema[keyword]
        elif not fits(schema[keyword]):
            yield from _mended_keyword(schema, keyword)
    for keyword in _NAMED & schema.keys():
        named = schema[keyword]
        for name in [name for name, inner in named.items() if not is_schema(inner)]:
            yield f"{name} must be a schema", (keyword, name)
            del named[name]


def _mended_keyword(schema: dict[str, Any], keyword: str) -> Iterator[tuple[str, Pointer]]:
    value = schema[keyword]
    if keyword == "patternProperties" and isinstance(value, dict):
        for pattern in [pattern for pattern in value if not _is_pattern(pattern)]:
            yield f"{pattern!r} is not a regex of ECMA-262, or too large, and not enforced", (keyword, pattern)
            del value[pattern]
        return
    del schema[keyword]
    if keyword != "pattern" or not isinstance(value, str):
        yield f"{keyword} must be {_WORDS[_FITS[keyword]]}", (keyword,)
        return
    ours = _translated(value)
    if ours is None:
        yield f"{value!r} is not a regex of ECMA-262, or too large, and not enforced", (keyword,)
    else:
        schema[keyword] = ours
        yield f"{value!r} is not a regex as ECMA-262 spells it; taken for {ours!r}", (keyword,)
