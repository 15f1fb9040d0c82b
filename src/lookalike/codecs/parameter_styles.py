"""Styles: how arrays and objects are written in the text of a parameter (OpenAPI 3.1 section 4.8.12, RFC 6570).

Text is taken apart before it is decoded, so that an encoded delimiter is part of a value.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple
from urllib.parse import unquote, unquote_to_bytes

NameAndText = tuple[str, str]
Decode = Callable[[str], str]

_BRACKETS = re.compile(r"\[([^\[\]]*)\]")
_DEEPEST = 20


class SplitValue(NamedTuple):
    """A value in its parts, which of them count is for its schema to say.

    `whole` is the text of a single value, None where there are several; `items` are those of an array, `fields` those
    of an object, None where the text cannot be one.
    """

    whole: str | None
    items: tuple[str, ...]
    fields: tuple[NameAndText, ...] | None


class StyleError(ValueError):
    """The text is not of its style; the message says how it must be written."""


def simple(text: str, name: str, explode: bool) -> SplitValue:
    """`blue,black` and, of objects, `R,100,G,200`, or `R=100,G=200` where it is exploded."""
    return _listed(text, text.split(","), explode)


def header(text: str, name: str, explode: bool) -> SplitValue:
    """As `simple`, with spaces around commas (RFC 9110 section 5.6.1)."""
    return _listed(text.strip(), [part.strip() for part in text.split(",")], explode)


def label(text: str, name: str, explode: bool) -> SplitValue:
    """`.blue.black`, `.R=100.G=200`; what is not exploded may have commas, as RFC 6570 has it."""
    if not text.startswith("."):
        raise StyleError("must start with a dot, as in .blue")
    rest = text[1:]
    return _listed(rest, rest.split("," if not explode and "," in rest else "."), explode)


def matrix(text: str, name: str, explode: bool) -> SplitValue:
    """`;color=blue,black` or, exploded, `;color=blue;color=black` and `;R=100;G=200`."""
    if not text.startswith(";"):
        raise StyleError(f"must start with a semicolon, as in ;{name}=blue")
    parts = [_field(part) for part in text[1:].split(";")]
    own = [value for key, value in parts if key == name]
    if explode:
        named = all(key == name for key, _ in parts)
        return SplitValue(own[0] if named and len(own) == 1 else None, tuple(own), tuple(parts))
    if len(parts) != 1 or not own:
        raise StyleError(f"must be written as ;{name}=blue")
    return _listed(own[0], own[0].split(","), explode)


def form(values: Sequence[str], explode: bool, delimiter: str = ",") -> SplitValue:
    """What came under one name: `blue,black` and `R,100,G,200` in one value, or exploded, one value for each item."""
    whole = values[0] if len(values) == 1 else None
    if explode:
        return SplitValue(whole, tuple(values), None)
    if whole is None:
        raise StyleError("must come once")
    return _listed(whole, re.split(delimiter, whole), explode)


def deep_object(pairs: Sequence[NameAndText], name: str) -> Any:
    """`color[R]=100&color[G]=200`, also deeper, as an object of lists of texts; None where there is none of it."""
    found: dict[str, Any] = {}
    for key, value in pairs:
        way = _BRACKETS.findall(key[len(name) :]) if key.startswith(f"{name}[") and key.endswith("]") else []
        if way and len(way) <= _DEEPEST:
            _put(found, way, value)
    return found or None


def _put(found: dict[str, Any], way: Sequence[str], value: str) -> None:
    *outer, last = way
    for key in outer:
        inner = found.setdefault(key, {})
        if not isinstance(inner, dict):  # a value and an object under one name: the object counts
            inner = found[key] = {}
        found = inner
    texts = found.setdefault(last, [])
    if isinstance(texts, list):
        texts.append(value)


def _listed(whole: str, parts: Sequence[str], explode: bool) -> SplitValue:
    if explode:
        fields = [_field(part) for part in parts] if all("=" in part for part in parts) else None
    else:
        fields = list(zip(parts[::2], parts[1::2], strict=True)) if len(parts) % 2 == 0 else None
    return SplitValue(whole, tuple(parts), tuple(fields) if fields is not None else None)


def _field(text: str) -> NameAndText:
    name, _, value = text.partition("=")
    return name, value


def percent_decoded(text: str) -> str:
    """The text behind a percent-encoding; what is no encoding stands for itself."""
    if text.isascii():
        return unquote(text) if "%" in text else text
    return unquote_to_bytes(text.encode("latin-1", "replace")).decode("utf-8", "replace")


def form_decoded(text: str) -> str:
    """The same where a plus sign stands for a space."""
    return percent_decoded(text.replace("+", " ")) if "+" in text else percent_decoded(text)


def not_encoded(text: str) -> str:
    """The text, which is not encoded."""
    return text


def decode_leaves(raw: Any, decode: Decode) -> Any:
    """Objects of lists of texts with each text decoded."""
    if isinstance(raw, dict):
        return {name: decode_leaves(part, decode) for name, part in raw.items()}
    return [decode(text) for text in raw]


def query_fields(query: str) -> list[NameAndText]:
    """The fields of a query or form: decoded names, values as they were sent."""
    split = (part.partition("=") for part in query.split("&") if part)
    return [(form_decoded(name), value) for name, _, value in split]


def cookie_fields(field: str) -> list[NameAndText]:
    """The cookies of a header field (RFC 6265 section 4.2)."""
    split = (part.partition("=") for part in field.split(";"))
    return [(name.strip(), value.strip().strip('"')) for name, equals, value in split if equals]
