"""Styles: how arrays and objects are written in the text of a parameter (OpenAPI 3.1 section 4.8.12.3, RFC 6570).

Text is split before it is decoded, so that an encoded delimiter is part of a value.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple
from urllib.parse import unquote

NameAndText = tuple[str, str]
Decode = Callable[[str], str]

_BRACKETS = re.compile(r"\[([^\[\]]*)\]")
_LONG = 1000  # characters; each percent sign of a longer text is an object to the standard library
_ENCODED = re.compile(rb"%[0-9A-Fa-f]{2}")
_BYTES = {b"%%%02X" % byte: bytes([byte]) for byte in range(256)}
_MAX_NESTING = 20  # levels of `a[b][c]`, since a value of each level is made and then walked recursively
# The delimiters of styles that are not exploded, as clients write and encode them (OpenAPI 3.1 section 4.8.12.4). Tabs
# are those of Swagger 2.0, which has a format of the same kind for every place.
DELIMITERS = {
    "form": ",",
    "simple": ",",
    "spaceDelimited": r"%20|\+| ",
    "pipeDelimited": r"\||%7[Cc]",
    "tabDelimited": r"%09|\t",
}


class SplitValue(NamedTuple):
    """The text of a value split in each way that its style allows; the schema decides which of them counts.

    `whole` is the text of a single value, None if there are several; `items` are those of an array; `fields` those
    of an object, None if the text cannot be one.
    """

    whole: str | None
    items: tuple[str, ...]
    fields: tuple[NameAndText, ...] | None


class StyleError(ValueError):
    """A text is not written in its style; the message says how it must be written, and goes behind the name."""


# --- Splitting, by style ---


def simple(text: str, name: str, explode: bool) -> SplitValue:
    """`blue,black`; an object is `R,100,G,200`, or `R=100,G=200` where it is exploded."""
    return _split_list(text, text.split(","), explode)


def header(text: str, name: str, explode: bool) -> SplitValue:
    """The style `simple` with optional spaces around commas (RFC 9110 section 5.6.1)."""
    return _split_list(text.strip(), [part.strip() for part in text.split(",")], explode)


def label(text: str, name: str, explode: bool) -> SplitValue:
    """`.blue.black`, `.R=100.G=200`; what is not exploded may have commas (RFC 6570 section 3.2.5)."""
    if not text.startswith("."):
        raise StyleError("must start with a dot, as in .blue")
    rest = text[1:]
    return _split_list(rest, rest.split("," if not explode and "," in rest else "."), explode)


def matrix(text: str, name: str, explode: bool) -> SplitValue:
    """`;color=blue,black` or, exploded, `;color=blue;color=black` and `;R=100;G=200` (RFC 6570 section 3.2.7)."""
    if not text.startswith(";"):
        raise StyleError(f"must start with a semicolon, as in ;{name}=blue")
    parts = [_name_and_text(part) for part in text[1:].split(";")]
    own = [value for key, value in parts if key == name]
    if explode:
        are_named = all(key == name for key, _ in parts)
        return SplitValue(own[0] if are_named and len(own) == 1 else None, tuple(own), tuple(parts))
    if len(parts) != 1 or not own:
        raise StyleError(f"must be written as ;{name}=blue")
    return _split_list(own[0], own[0].split(","), explode)


def form(values: Sequence[str], explode: bool, delimiter: str = ",") -> SplitValue:
    """The texts that came under one name: one for each item where it is exploded, else one with delimiters."""
    whole = values[0] if len(values) == 1 else None
    if explode:
        return SplitValue(whole, tuple(values), None)
    if whole is None:
        raise StyleError("must come once")
    return _split_list(whole, re.split(delimiter, whole), explode)


def deep_object(fields: Sequence[NameAndText], name: str) -> Any:
    """`color[R]=100&color[G]=200`, also nested, as an object of lists of texts; None if there is no such field."""
    found: dict[str, Any] = {}
    for key, value in fields:
        names = _BRACKETS.findall(key[len(name) :]) if key.startswith(f"{name}[") and key.endswith("]") else []
        if names and len(names) <= _MAX_NESTING:
            _put(found, names, value)
    return found or None


def _put(found: dict[str, Any], names: Sequence[str], value: str) -> None:
    *outer, last = names
    for key in outer:
        inner = found.setdefault(key, {})
        if not isinstance(inner, dict):  # `a[b]=1&a[b][c]=2`: the object counts, and the text is dropped
            inner = found[key] = {}
        found = inner
    texts = found.setdefault(last, [])
    if isinstance(texts, list):
        texts.append(value)


def _split_list(whole: str, parts: Sequence[str], explode: bool) -> SplitValue:
    if explode:
        fields = [_name_and_text(part) for part in parts] if all("=" in part for part in parts) else None
    else:
        fields = list(zip(parts[::2], parts[1::2], strict=True)) if len(parts) % 2 == 0 else None
    return SplitValue(whole, tuple(parts), tuple(fields) if fields is not None else None)


def _name_and_text(text: str) -> NameAndText:
    name, _, value = text.partition("=")
    return name, value


def with_literal_commas(text: str) -> str:
    """The text with encoded commas as delimiters, as many clients write them, where items cannot hold a comma."""
    return text.replace("%2C", ",").replace("%2c", ",") if "%2" in text else text


# --- Decoding ---


def percent_decoded(text: str) -> str:
    """The text that is percent-encoded (RFC 3986 section 2.1); a stray `%` stands for itself."""
    if "%" not in text and text.isascii():
        return text
    if len(text) < _LONG and text.isascii():
        return unquote(text)
    return _ENCODED.sub(_decoded_byte, text.encode("latin-1", "replace")).decode("utf-8", "replace")


def _decoded_byte(encoded: re.Match[bytes]) -> bytes:
    return _BYTES[encoded[0].upper()]


def form_decoded(text: str) -> str:
    """The text of a query or form, in which a plus sign is a space (URL Living Standard section 5.1)."""
    return percent_decoded(text.replace("+", " ")) if "+" in text else percent_decoded(text)


def not_encoded(text: str) -> str:
    """The text itself, of a source that has no encoding."""
    return text


def decode_leaves(raw: Any, decode: Decode) -> Any:
    """Nested objects of lists of texts, with each text decoded."""
    if isinstance(raw, dict):
        return {name: decode_leaves(part, decode) for name, part in raw.items()}
    return [decode(text) for text in raw]


def query_fields(query: str) -> list[NameAndText]:
    """The fields of a query or form: decoded names, and values as they were sent."""
    split = (part.partition("=") for part in query.split("&") if part)
    return [(form_decoded(name), value) for name, _, value in split]


def cookie_fields(field: str) -> list[NameAndText]:
    """The cookies of a Cookie header field (RFC 6265 section 4.2)."""
    split = (part.partition("=") for part in field.split(";"))
    return [(name.strip(), value.strip().strip('"')) for name, equals, value in split if equals]
