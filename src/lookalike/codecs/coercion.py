"""Conversion: texts to the values that a schema's types say they are."""

import math
import re
from collections.abc import Callable
from typing import Any

from lookalike.codecs.json_text import MAX_DIGITS
from lookalike.schema.value_types import ValueType

_INTEGER = re.compile(rf"(?:0|-?[1-9][0-9]{{0,{MAX_DIGITS - 1}}})\Z")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?\Z")
_INDEX = re.compile(r"[0-9]{0,6}\Z")


def parse_integer(text: str) -> int | None:
    """The integer that is written in plain digits without leading zeros, or None."""
    return int(text) if _INTEGER.match(text) else None


def coerce(raw: Any, kind: ValueType) -> Any:
    """The value of a text, or of a list or object of texts; a text that is of none of the types stays as it is."""
    if isinstance(raw, str):
        return coerce_scalar(raw, kind)
    if isinstance(raw, dict):
        if kind.types is not None and "object" not in kind.types and all(map(_INDEX.match, raw)):
            return coerce(_in_order(raw), kind)
        return {name: coerce(part, kind.member(name)) for name, part in raw.items()}
    if len(raw) == 1 and (kind.types is None or "array" not in kind.types):
        return coerce(raw[0], kind)
    return [coerce(part, kind.item(index)) for index, part in enumerate(raw)]


def coerce_scalar(text: str, kind: ValueType) -> Any:
    """The value of a text, by the types that are neither arrays nor objects."""
    for name, read in _READERS.items():
        if kind.types is not None and name in kind.types:
            value = read(text)
            if value is not None:
                return value
    nothing = kind.types is not None and "null" in kind.types and "string" not in kind.types
    return None if nothing and text in ("", "null") else text


def _in_order(raw: dict[str, Any]) -> list[Any]:
    """What came under indexes, or under none, as a list."""
    found: list[Any] = []
    for _, part in sorted(raw.items(), key=lambda entry: int(entry[0] or 0)):
        found += part if isinstance(part, list) else [part]
    return found


def _number(text: str) -> int | float | None:
    if not _NUMBER.match(text) or len(text) > MAX_DIGITS:
        return None
    value = float(text)
    return value if math.isfinite(value) else None


def _boolean(text: str) -> bool | None:
    return {"true": True, "false": False}.get(text)


_READERS: dict[str, Callable[[str], Any]] = {"integer": parse_integer, "number": _number, "boolean": _boolean}
