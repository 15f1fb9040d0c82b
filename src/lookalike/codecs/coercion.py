"""Coercion: text to the values that a schema's types say it stands for, in parameters, forms and XML."""

import math
import re
from collections.abc import Callable
from typing import Any

from lookalike.codecs.json_text import MAX_DIGITS, DecodeError, parse_json, plain_numbers
from lookalike.schema.value_types import ValueType

# JSON's grammar of numbers (RFC 8259 section 6): a leading zero or a plus sign makes a text that is not a number.
_INTEGER = re.compile(rf"(?:0|-?[1-9][0-9]{{0,{MAX_DIGITS - 1}}})\Z")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?\Z")
_INDEX = re.compile(r"[0-9]{0,6}\Z")


def parse_integer(text: str) -> int | None:
    """The integer that is written in plain digits without leading zeros, or None."""
    return int(text) if _INTEGER.match(text) else None


def coerce(raw: Any, value_type: ValueType) -> Any:
    """The value of a text, or of a list or object of texts; a text that is of none of the types stays a text."""
    if isinstance(raw, str):
        return coerce_scalar(raw, value_type)
    if isinstance(raw, dict):
        # `a[0]=1&a[1]=2` is a list to PHP, Rails and qs, whose clients send it where the schema says array.
        if value_type.types is not None and "object" not in value_type.types and all(map(_INDEX.match, raw)):
            return coerce(_list_by_index(raw), value_type)
        return {name: coerce(part, value_type.member(name)) for name, part in raw.items()}
    if len(raw) == 1 and (value_type.types is None or "array" not in value_type.types):
        return coerce(raw[0], value_type)
    return [coerce(part, value_type.item(index)) for index, part in enumerate(raw)]


def coerce_scalar(text: str, value_type: ValueType) -> Any:
    """The value of a text, by the types that are neither array nor object."""
    types = value_type.types
    if types is None:
        return text
    for name, read in _READERS.items():
        if name in types:
            value = read(text)
            if value is not None:
                return value
    is_null = "null" in types and "string" not in types and text in ("", "null")
    return None if is_null else text


def has_string_items(value_type: ValueType) -> bool:
    """Whether an item of an array may be a string, so that an encoded delimiter may be part of it."""
    types = value_type.item().types
    return types is None or "string" in types


def coerce_json(text: str, value_type: ValueType) -> Any:
    """The value of a text that may be JSON, as objects in forms are (OpenAPI 3.1 section 4.8.15.1)."""
    try:
        return plain_numbers(parse_json(text.encode("utf-8", "replace")).value)
    except DecodeError:  # left to the schema to refuse
        return coerce(text, value_type)


def _list_by_index(raw: dict[str, Any]) -> list[Any]:
    """The items that came under indexes, or under empty brackets, as one list."""
    found: list[Any] = []
    for _, part in sorted(raw.items(), key=_index):
        found += part if isinstance(part, list) else [part]
    return found


def _index(entry: tuple[str, Any]) -> int:
    return int(entry[0] or 0)


def _number(text: str) -> int | float | None:
    if not _NUMBER.match(text) or len(text) > MAX_DIGITS:
        return None
    value = float(text)
    return value if math.isfinite(value) else None


def _boolean(text: str) -> bool | None:
    return {"true": True, "false": False}.get(text)


# In this order: a text that is both an integer and a number is the integer.
_READERS: dict[str, Callable[[str], Any]] = {"integer": parse_integer, "number": _number, "boolean": _boolean}
