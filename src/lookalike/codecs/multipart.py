"""Multipart bodies as objects or lists (OpenAPI 3.1 section 4.8.15.4, RFC 7578, RFC 2046 section 5.1), both directions.

The content of a file is a text whose characters stand for its bytes (Latin-1), as schemas describe binary data.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain, count
from typing import Any, NamedTuple

from lookalike.codecs import parameter_styles as styles
from lookalike.codecs.coercion import coerce, coerce_json
from lookalike.codecs.forms import DEFAULT_ENCODING
from lookalike.codecs.json_text import DecodeError, parse_json, plain_numbers, to_json
from lookalike.codecs.media_types import is_json
from lookalike.contract.requests import Encoding, MediaType
from lookalike.http import essence
from lookalike.schema.value_types import ValueType

_MAX_PARTS = 1000
_FORM = "multipart/form-data"
_OWN_BOUNDARY = "lookalike"
_BOUNDARY = re.compile(r'boundary=(?:"([^"]+)"|([^\s;]+))', re.IGNORECASE)
_DELIMITERS = {"spaceDelimited": " ", "pipeDelimited": "|", "tabDelimited": "\t"}
_FOLD = re.compile(r"\r\n[ \t]+")  # a header field that goes on in the next line (RFC 5322 section 2.2.3)
# A parameter of Content-Disposition (RFC 2183 section 2). Quoted strings are taken whole, so that what looks like a
# parameter inside a file name is none.
_PARAMETER = re.compile(r';\s*([^\s=;"]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;]*))')


class FormPart(NamedTuple):
    """A part of a multipart form.

    `media_type` is in lower case and without parameters, empty if the part has no Content-Type; `file_name` is None
    where the part is no file.
    """

    name: str
    media_type: str
    content: bytes
    file_name: str | None = None


def boundary_of(content_type: str) -> str:
    """The boundary that a multipart media type names, or an empty text."""
    match = _BOUNDARY.search(content_type)
    return (match[1] or match[2]) if match else ""


# --- Bytes to values ---


def from_multipart(
    body: bytes, content_type: str, media: MediaType, refuse: Callable[[str, str], None]
) -> dict[str, Any]:
    """The object in a multipart form; raises `DecodeError`.

    `refuse` is called with the name of each part that is of a wrong media type, and with a message.
    """
    values: dict[str, list[Any]] = {}
    nested: dict[str, list[styles.NameAndText]] = {}
    described = frozenset(media.value_type.properties)
    for part in split_multipart(body, content_type):
        owner, bracket, _ = part.name.partition("[")
        if bracket and owner in described and part.name not in described and part.name.endswith("]"):
            nested.setdefault(owner, []).append((part.name, part.content.decode("utf-8", "replace")))
            continue
        value_type, encoding = media.value_type.member(part.name), media.encoding.get(part.name, DEFAULT_ENCODING)
        allowed = encoding.media_types
        if allowed and part.media_type and not _is_allowed(part.media_type, allowed):
            refuse(part.name, f"must be of type {' or '.join(allowed)}, not {part.media_type}")
        values.setdefault(part.name, []).append(_value(part, value_type, encoding))
    found = {name: _one_or_all(listed, media.value_type.member(name)) for name, listed in values.items()}
    for name, fields in nested.items():
        raw = styles.deep_object(fields, name)
        if raw is not None:
            found[name] = coerce(raw, media.value_type.member(name))
    return found


def split_multipart(body: bytes, content_type: str) -> list[FormPart]:
    """The parts of a multipart form in order (RFC 2046 section 5.1); raises `DecodeError`."""
    boundary = boundary_of(content_type)
    if not boundary:
        raise DecodeError("its Content-Type names no boundary")
    delimiter = b"--" + boundary.encode("latin-1", "replace")
    _, *pieces = (b"\r\n" + body).split(b"\r\n" + delimiter)
    if not pieces or not pieces[-1].startswith(b"--"):
        raise DecodeError(f"it does not end with its boundary, {delimiter.decode('latin-1')}--")
    if len(pieces) > _MAX_PARTS:
        raise DecodeError(f"it has more than {_MAX_PARTS:,} parts")
    return [_parse_part(piece) for piece in pieces[:-1]]


def _parse_part(piece: bytes) -> FormPart:
    head, blank, content = piece.partition(b"\r\n\r\n")
    if not blank:
        raise DecodeError("one of its parts has no empty line behind its header")
    fields = _header_fields(head)
    disposition = fields.get("content-disposition", "")
    name = _parameter(disposition, "name")
    if name is None:
        raise DecodeError("one of its parts has no name")
    return FormPart(name, essence(fields.get("content-type", "")), content, _parameter(disposition, "filename"))


def _header_fields(head: bytes) -> Mapping[str, str]:
    lines = _FOLD.sub(" ", head.decode("utf-8", "replace")).split("\r\n")
    split = (line.partition(":") for line in lines)
    return {name.strip().lower(): value.strip() for name, _, value in split}


def _parameter(field: str, name: str) -> str | None:
    """The value of a parameter of a header field, without quotes and escapes."""
    for match in _PARAMETER.finditer(field):
        if match[1].lower() == name:
            return match[3].strip() if match[2] is None else re.sub(r"\\(.)", r"\1", match[2])
    return None


def _is_allowed(media_type: str, allowed: Sequence[str]) -> bool:
    ranges = {media_type, media_type.partition("/")[0] + "/*", "*/*"}
    return not ranges.isdisjoint(map(essence, allowed))


def _value(part: FormPart, value_type: ValueType, encoding: Encoding) -> Any:
    """The value of a part; of an array, that of one item, since each may have a part of its own."""
    text = part.content.decode("utf-8", "replace")
    media_type = part.media_type or next(iter(encoding.media_types), "")
    is_array = value_type.types is not None and "array" in value_type.types
    if is_array and not encoding.explode and not is_json(media_type):
        # All items in one part, by `style` and `explode` (OpenAPI 3.1 section 4.8.15.1); nothing is percent-encoded.
        items = text.split(_DELIMITERS.get(encoding.style, ",")) if text else []
        return [coerce(item, value_type.item(index)) for index, item in enumerate(items)]
    if is_json(media_type):
        try:
            return plain_numbers(parse_json(part.content).value)
        except DecodeError as error:
            raise DecodeError(f"its part {part.name} is not valid JSON: {error}") from None
    types = value_type.types or frozenset()
    item = value_type.item() if "array" in types else value_type
    if item.types is not None and item.types & {"object", "array"} and text[:1] in ("{", "["):
        return coerce_json(text, item)
    if media_type and not media_type.startswith("text/"):
        return part.content.decode("latin-1")
    return coerce_json(text, value_type) if "array" in types and text[:1] == "[" else coerce(text, item)


def _one_or_all(values: list[Any], value_type: ValueType) -> Any:
    is_array = value_type.types is not None and "array" in value_type.types
    if len(values) == 1 and (not is_array or isinstance(values[0], list)):
        return values[0]
    return values


# --- Values to bytes ---


def to_multipart(value: Any, media_type: str, member_types: Mapping[str, str]) -> bytes:
    """The multipart body of a value; `member_types` are the described media types of its members, by name.

    A text that begins with a boundary is a body as the author of an example wrote it, but for the ends of its lines.
    """
    if isinstance(value, str) and value.startswith("--"):
        return "\r\n".join(value.splitlines()).encode("utf-8", "replace") + b"\r\n"
    parts = [_write_part(name, one, member_types.get(name, ""), media_type) for name, one in _members(value)]
    delimiter = b"--" + _unused_boundary(b"".join(parts), boundary_of(media_type))
    return b"".join(delimiter + b"\r\n" + part + b"\r\n" for part in parts) + delimiter + b"--\r\n"


def with_boundary(media_type: str, body: bytes) -> str:
    """The media type of a multipart body, with the boundary that the body begins with where it names none."""
    first = body[2:].partition(b"\r\n")[0].removesuffix(b"--") if body.startswith(b"--") else b""
    return f"{media_type}; boundary={first.decode()}" if first and not boundary_of(media_type) else media_type


def _members(value: Any) -> Iterator[tuple[str, Any]]:
    """The name and value of each part: a list has one for each item; only members of an object have names."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield from ((name, one) for one in (member if isinstance(member, list) else [member]))
    else:
        yield from (("", one) for one in (value if isinstance(value, list) else [value]))


def _write_part(name: str, value: Any, described: str, media_type: str) -> bytes:
    part_type = described or ("text/plain" if isinstance(value, str) else "application/json")
    quoted = name.replace("\\", "\\\\").replace('"', '\\"').replace("\r", " ").replace("\n", " ")
    disposition = "form-data" if essence(media_type) == _FORM else "inline"
    head = f'Content-Disposition: {disposition}; name="{quoted}"\r\n' if name else ""
    is_text = isinstance(value, str) and not is_json(part_type)
    content = value.encode("utf-8", "replace") if is_text else to_json(value)
    return f"{head}Content-Type: {part_type}\r\n\r\n".encode("utf-8", "replace") + content


def _unused_boundary(parts: bytes, named: str) -> bytes:
    """The boundary that the media type names, else one that is in no part."""
    own = chain((_OWN_BOUNDARY,), (f"{_OWN_BOUNDARY}-{number}" for number in count(2)))
    return (named or next(name for name in own if f"--{name}".encode() not in parts)).encode("latin-1", "replace")
