"""Multipart bodies as objects or lists (OpenAPI 3.1 section 4.8.15.4, RFC 7578, RFC 2046 section 5.1), both directions.

The content of a file is a text whose characters stand for its bytes (Latin-1), as schemas describe binary data.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain, count
from typing import Any, NamedTuple

from lookalike.codecs.coercion import coerce, coerce_json
from lookalike.codecs.forms import DEFAULT_ENCODING
from lookalike.codecs.json_text import DecodeError, parse_json, plain_numbers, to_json
from lookalike.codecs.media_types import is_json
from lookalike.contract.requests import MediaType
from lookalike.http import essence
from lookalike.schema.value_types import ValueType

_MAX_PARTS = 1000
_FORM = "multipart/form-data"
_OWN_BOUNDARY = "lookalike"
_BOUNDARY = re.compile(r'boundary=(?:"([^"]+)"|([^\s;]+))', re.IGNORECASE)
_NAME = re.compile(r'(?:^|[;\s])name=(?:"((?:[^"\\]|\\.)*)"|([^\s;]+))', re.IGNORECASE)


class FormPart(NamedTuple):
    """A part of a multipart form.

    `media_type` is in lower case and without parameters, empty where the part has no Content-Type.
    """

    name: str
    media_type: str
    content: bytes


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
    for part in split_multipart(body, content_type):
        value_type = media.value_type.member(part.name)
        allowed = media.encoding.get(part.name, DEFAULT_ENCODING).media_types
        if allowed and part.media_type and not _is_allowed(part.media_type, allowed):
            refuse(part.name, f"must be of type {' or '.join(allowed)}, not {part.media_type}")
        values.setdefault(part.name, []).append(_value(part, value_type, allowed))
    return {name: _one_or_all(listed, media.value_type.member(name)) for name, listed in values.items()}


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
    match = _NAME.search(fields.get("content-disposition", ""))
    if match is None:
        raise DecodeError("one of its parts has no name")
    name = re.sub(r"\\(.)", r"\1", match[1]) if match[1] is not None else match[2]
    return FormPart(name, essence(fields.get("content-type", "")), content)


def _header_fields(head: bytes) -> Mapping[str, str]:
    lines = head.decode("utf-8", "replace").split("\r\n")
    split = (line.partition(":") for line in lines)
    return {name.strip().lower(): value.strip() for name, _, value in split}


def _is_allowed(media_type: str, allowed: Sequence[str]) -> bool:
    ranges = {media_type, media_type.partition("/")[0] + "/*", "*/*"}
    return not ranges.isdisjoint(map(essence, allowed))


def _value(part: FormPart, value_type: ValueType, allowed: Sequence[str]) -> Any:
    """The value of a part; of an array, that of one item, since each may have a part of its own."""
    text = part.content.decode("utf-8", "replace")
    media_type = part.media_type or next(iter(allowed), "")
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
