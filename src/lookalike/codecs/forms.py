"""Forms: URL-encoded and multipart bodies as objects (OpenAPI 3.1 section 4.8.14, RFC 7578)."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlencode

from lookalike.codecs import parameter_styles as styles
from lookalike.codecs.coercion import coerce
from lookalike.codecs.json_text import DecodeError, parse_json, plain_numbers
from lookalike.contract.requests import Encoding, MediaType
from lookalike.json_values import equal
from lookalike.schema.value_types import ValueType

_DELIMITERS = {"form": ",", "spaceDelimited": r"%20|\+| ", "pipeDelimited": r"\||%7[Cc]"}
_PLAIN = Encoding((), "form", True)
_BOUNDARY = re.compile(r'boundary=(?:"([^"]+)"|([^\s;]+))', re.IGNORECASE)
_NAME = re.compile(r'(?:^|[;\s])name=(?:"((?:[^"\\]|\\.)*)"|([^\s;]+))', re.IGNORECASE)
_MOST_PARTS = 1000


class FormPart(NamedTuple):
    """A part of a multipart body; its media type is in lower case and without parameters, empty where none is given."""

    name: str
    media_type: str
    content: bytes


def from_urlencoded(body: bytes, media: MediaType) -> dict[str, Any]:
    """The object in a URL-encoded form."""
    pairs = styles.query_fields(body.decode("latin-1"))
    texts: dict[str, list[str]] = {}
    deep: dict[str, None] = {}
    for name, text in pairs:
        owner = name.partition("[")[0] if name.endswith("]") and name not in media.kind.properties else ""
        if owner:
            deep[owner] = None
        else:
            texts.setdefault(name, []).append(text)
    found = {name: _of_texts(listed, name, media) for name, listed in texts.items()}
    for name in deep:
        raw = styles.deep_object(pairs, name)
        if raw is not None:
            found[name] = coerce(styles.decode_leaves(raw, styles.form_decoded), media.kind.member(name))
    return found


def _of_texts(texts: Sequence[str], name: str, media: MediaType) -> Any:
    kind, encoding = media.kind.member(name), media.encoding.get(name, _PLAIN)
    types = kind.types or frozenset()
    if "array" in types and not encoding.explode and len(texts) == 1:
        texts = re.split(_DELIMITERS.get(encoding.style, ","), texts[0]) if texts[0] else []
    decoded = [styles.form_decoded(text) for text in texts]
    if "object" in types and len(decoded) == 1:
        return _json_or_text(decoded[0], kind)
    return coerce(decoded, kind)


def _json_or_text(text: str, kind: ValueType) -> Any:
    """Objects in a form are JSON by default (OpenAPI 3.1 section 4.8.15.1); what is none, the schema refuses."""
    try:
        return plain_numbers(parse_json(text.encode("utf-8", "replace")).value)
    except DecodeError:
        return coerce(text, kind)


def from_multipart(
    body: bytes, content_type: str, media: MediaType, refuse: Callable[[str, str], None]
) -> dict[str, Any]:
    """The object in a multipart form; `refuse` is told the name of a part of a wrong media type, and why.

    Raises `DecodeError`. The content of a file is a string, as binary data is in schemas.
    """
    values: dict[str, list[Any]] = {}
    for part in split_multipart(body, content_type):
        kind = media.kind.member(part.name)
        allowed = media.encoding.get(part.name, _PLAIN).media_types
        if allowed and part.media_type and not _is_allowed(part.media_type, allowed):
            refuse(part.name, f"must be of type {' or '.join(allowed)}, not {part.media_type}")
        values.setdefault(part.name, []).append(_of_part(part, kind, allowed))
    return {name: _one_or_all(listed, media.kind.member(name)) for name, listed in values.items()}


def _one_or_all(values: list[Any], kind: ValueType) -> Any:
    is_array = kind.types is not None and "array" in kind.types
    if len(values) == 1 and (not is_array or isinstance(values[0], list)):
        return values[0]
    return values


def _of_part(part: FormPart, kind: ValueType, allowed: Sequence[str]) -> Any:
    """The value of a part, of which there may be one for each item of an array."""
    text = part.content.decode("utf-8", "replace")
    media_type = part.media_type or next(iter(allowed), "")
    if is_json(media_type):
        try:
            return plain_numbers(parse_json(part.content).value)
        except DecodeError as error:
            raise DecodeError(f"its part {part.name} is not valid JSON: {error}") from None
    types = kind.types or frozenset()
    item = kind.item() if "array" in types else kind
    if item.types is not None and item.types & {"object", "array"} and text[:1] in ("{", "["):
        return _json_or_text(text, item)
    if media_type and not media_type.startswith("text/"):
        return part.content.decode("latin-1")
    return _json_or_text(text, kind) if "array" in types and text[:1] == "[" else coerce(text, item)


def _is_allowed(media_type: str, allowed: Sequence[str]) -> bool:
    return bool({media_type, media_type.partition("/")[0] + "/*", "*/*"} & {one.partition(";")[0] for one in allowed})


def is_json(media_type: str) -> bool:
    """Whether a media type is JSON, or based on it (RFC 6839 section 3.1)."""
    return media_type in ("application/json", "text/json") or media_type.endswith("+json")


def boundary_of(content_type: str) -> str:
    """The boundary that a multipart media type names, or nothing."""
    match = _BOUNDARY.search(content_type)
    return (match[1] or match[2]) if match else ""


def split_multipart(body: bytes, content_type: str) -> list[FormPart]:
    """The parts of a multipart body, in order; raises `DecodeError` (RFC 2046 section 5.1)."""
    boundary = boundary_of(content_type)
    if not boundary:
        raise DecodeError("its Content-Type names no boundary")
    mark = b"--" + boundary.encode("latin-1", "replace")
    _, *pieces = (b"\r\n" + body).split(b"\r\n" + mark)
    if not pieces or not pieces[-1].startswith(b"--"):
        raise DecodeError(f"it does not end with its boundary, {mark.decode('latin-1')}--")
    if len(pieces) > _MOST_PARTS:
        raise DecodeError(f"it has more than {_MOST_PARTS:,} parts")
    return [_part(piece) for piece in pieces[:-1]]


def _part(piece: bytes) -> FormPart:
    head, blank, content = piece.partition(b"\r\n\r\n")
    if not blank:
        raise DecodeError("one of its parts has no empty line behind its header")
    fields = _fields(head)
    match = _NAME.search(fields.get("content-disposition", ""))
    if match is None:
        raise DecodeError("one of its parts has no name")
    name = re.sub(r"\\(.)", r"\1", match[1]) if match[1] is not None else match[2]
    media_type = fields.get("content-type", "").partition(";")[0].strip().lower()
    return FormPart(name, media_type, content)


def _fields(head: bytes) -> Mapping[str, str]:
    lines = head.decode("utf-8", "replace").split("\r\n")
    split = (line.partition(":") for line in lines)
    return {name.strip().lower(): value.strip() for name, _, value in split}


def simple_text(value: Any) -> str:
    """A value as the text of a parameter: lists by commas, as the style `simple` has it."""
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    if isinstance(value, list):
        return ",".join(map(simple_text, value))
    if isinstance(value, Mapping):
        return ",".join(f"{name},{simple_text(one)}" for name, one in value.items())
    return str(value)


_JOINS = {"spaceDelimited": " ", "pipeDelimited": "|"}


def to_urlencoded(value: Any, media: MediaType) -> bytes | None:
    """The form of an object; None where it would be read as anything else, by the mock at least."""
    if not isinstance(value, Mapping):
        return None
    pairs = [pair for name, one in value.items() for pair in _pairs(name, one, media.encoding.get(name, _PLAIN))]
    try:
        body = urlencode(pairs).encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        return None
    return body if equal(from_urlencoded(body, media), value) else None


def urlencodable_members(value: Mapping[str, Any], media: MediaType) -> dict[str, Any]:
    """The members of an object that a form can hold."""
    return {name: one for name, one in value.items() if to_urlencoded({name: one}, media) is not None}


def _pairs(name: str, value: Any, encoding: Encoding) -> Iterator[tuple[str, str]]:
    """The fields of a member; of an object there are some only where the document says how it is written."""
    if isinstance(value, Mapping):
        for member, one in value.items() if encoding.style == "deepObject" else ():
            yield from _pairs(f"{name}[{member}]", one, encoding)
    elif isinstance(value, list) and not encoding.explode:
        yield name, _JOINS.get(encoding.style, ",").join(map(simple_text, value))
    elif isinstance(value, list):
        yield from ((name, simple_text(one)) for one in value)
    elif value is not None:
        yield name, simple_text(value)
