"""Raw bodies: text, files and multipart forms, none of which is JSON.

The value of a file is a text whose characters stand for its bytes (Latin-1), as in the codecs.
"""

from base64 import b64decode
from collections.abc import Iterator, Mapping
from typing import Any

from lookalike.codecs.json_text import to_json
from lookalike.codecs.media_types import concrete_type, is_json, is_multipart, is_writable, is_xml
from lookalike.contract.requests import MediaType
from lookalike.http import essence
from lookalike.json_values import ABSENT
from lookalike.schema.value_types import ValueType

BOUNDARY = "lookalike-6b1f0c3a9d"
# The smallest files that programs read as what they are; a server may look into an image.
_FILES: Mapping[str, bytes] = {
    "image/png": b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    ),
    "image/gif": b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"),
    "image/svg+xml": b'<svg xmlns="http://www.w3.org/2000/svg"/>',
    "application/zip": b"PK\x05\x06" + b"\0" * 18,
}
# Every byte, the ends of lines of two systems, and no valid UTF-8.
_BYTES = bytes(range(256)) + b"\r\n\n\r\xff\xfe\0"
_ANY_FILE = "application/octet-stream"
_TEXTS = ("Zoë 🦉 ñandú\nsecond line\n", "lookalike")


def is_raw(media_type: str) -> bool:
    """Whether a body is text or bytes, with nothing inside of it that the document describes."""
    return not (is_writable(media_type) or is_multipart(media_type) or is_xml(media_type) or is_json(media_type))


def concrete_raw_type(media_type: str) -> str:
    """The media type to send for one that may be a range: of images, PNG."""
    return "image/png" if essence(media_type) == "image/*" else concrete_type(media_type, None)


def raw_values(media: MediaType) -> Iterator[str]:
    """Values of a raw body that its schema accepts, those that show most first."""
    name = essence(concrete_raw_type(media.media_type))
    file = _FILES.get(name, _BYTES).decode("latin-1")
    proposals = _TEXTS if name.startswith("text/") else (file, f"{file}\0lookalike")
    accepts = media.schema.accepts if media.schema is not None and media.value_type.types else None
    yield from (text for text in proposals if accepts is None or accepts(text))


def file_member(media: MediaType) -> str:
    """The member of a multipart form that is its only file; nothing if there is none, or more than one may be."""
    if not is_multipart(media.media_type):
        return ""
    files = [
        name for name in media.value_type.properties if _is_file(media.value_type.member(name), _type(name, media))
    ]
    is_one = len(files) == 1 and "array" not in (media.value_type.member(files[0]).types or ())
    return files[0] if is_one else ""


def file_type(media: MediaType) -> str:
    """The media type of the only file of a multipart form; that of any bytes, where none is described."""
    return concrete_raw_type(_type(file_member(media), media) or _ANY_FILE)


def files_of(media: MediaType) -> Iterator[tuple[str, bytes]]:
    """Values of the only file of a multipart form, those that show most first, each with its bytes."""
    file = _FILES.get(essence(file_type(media)), _BYTES)
    for content in (file, file + b"\0lookalike"):
        yield content.decode("latin-1"), content


def encode_raw(value: Any, media_type: str) -> bytes:
    """The bytes of a raw body."""
    text = value if isinstance(value, str) else str(value)
    return text.encode() if essence(media_type).startswith("text/") else text.encode("latin-1", "replace")


def encode_multipart(value: Mapping[str, Any], media: MediaType) -> bytes:
    """A multipart form (RFC 7578), in which files have names, since servers tell files from fields by these."""
    parts = [
        _part(name, one, media)
        for name, member in value.items()
        for one in (member if isinstance(member, list) else [member])
    ]
    return b"".join(b"--%b\r\n%b\r\n" % (BOUNDARY.encode(), part) for part in parts) + b"--%b--\r\n" % BOUNDARY.encode()


def _part(name: str, value: Any, media: MediaType) -> bytes:
    kind, described = media.value_type.member(name), _type(name, media)
    if isinstance(value, str) and _is_file(kind, described):
        part_type = concrete_raw_type(described or _ANY_FILE)
        file = encode_raw(value, part_type)
        head = f'name="{name}"; filename="lookalike.bin"\r\nContent-Type: {part_type}'
        return f"Content-Disposition: form-data; {head}\r\n\r\n".encode() + file
    is_structured = isinstance(value, (dict, list))
    content = to_json(value) if is_structured or not isinstance(value, str) else value.encode()
    typed = "\r\nContent-Type: application/json" if is_structured or is_json(described) else ""
    return f'Content-Disposition: form-data; name="{name}"{typed}\r\n\r\n'.encode() + content


def _type(name: str, media: MediaType) -> str:
    """The media type that the document gives a part of a form, or nothing."""
    encoding = media.encoding.get(name)
    own = str(media.value_type.member(name).keyword("contentMediaType", "")) if name in media.members else ""
    return next(iter(encoding.media_types), own) if encoding is not None else own


def _is_file(kind: ValueType, described: str) -> bool:
    """Whether a member is a file: binary by its format or its media type (OpenAPI 3.1 section 4.8.14.2)."""
    item = kind.item() if "array" in (kind.types or ()) else kind
    is_binary = item.keyword("format") == "binary" or item.keyword("contentMediaType") is not None
    is_binary = is_binary or (bool(described) and not described.startswith("text/") and not is_json(described))
    return is_binary and item.keyword("contentEncoding", ABSENT) is ABSENT
