"""Multipart answers: parts for members or items, between boundaries that are in none (RFC 2046 section 5.1)."""

from collections.abc import Iterator, Mapping
from itertools import chain, count
from typing import Any

from lookalike.codecs.encoding import is_json, to_json
from lookalike.codecs.forms import boundary_of
from lookalike.http import essence

_FORM = "multipart/form-data"
_BOUNDARY = "lookalike"

Part = tuple[str, Any]


def is_multipart(media_type: str) -> bool:
    """Whether bodies of a media type have parts."""
    return media_type[:10].lower() == "multipart/"


def to_multipart(value: Any, media_type: str, types: Mapping[str, str]) -> bytes:
    """The body of a value; `types` are the media types of its members, where they are described.

    A text that begins with a boundary is a body as its author wrote it, but for the ends of its lines.
    """
    if isinstance(value, str) and value.startswith("--"):
        return "\r\n".join(value.splitlines()).encode("utf-8", "replace") + b"\r\n"
    parts = [_written(name, one, types.get(name, ""), media_type) for name, one in _parts(value)]
    mark = b"--" + _unused(b"".join(parts), boundary_of(media_type))
    return b"".join(mark + b"\r\n" + part + b"\r\n" for part in parts) + mark + b"--\r\n"


def bounded(media_type: str, body: bytes) -> str:
    """The media type with the boundary of a body, where it does not name one itself."""
    first = body[2:].partition(b"\r\n")[0].removesuffix(b"--") if body.startswith(b"--") else b""
    return f"{media_type}; boundary={first.decode()}" if first and not boundary_of(media_type) else media_type


def _parts(value: Any) -> Iterator[Part]:
    """Names, which items have not, and values; a member that is a list has a part for each of its items."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield from ((name, one) for one in (member if isinstance(member, list) else [member]))
    else:
        yield from (("", one) for one in (value if isinstance(value, list) else [value]))


def _written(name: str, value: Any, described: str, media_type: str) -> bytes:
    kind = described or ("text/plain" if isinstance(value, str) else "application/json")
    quoted = name.replace("\\", "\\\\").replace('"', '\\"').replace("\r", " ").replace("\n", " ")
    way = "form-data" if essence(media_type) == _FORM else "inline"
    head = f'Content-Disposition: {way}; name="{quoted}"\r\n' if name else ""
    content = value.encode("utf-8", "replace") if isinstance(value, str) and not is_json(kind) else to_json(value)
    return f"{head}Content-Type: {kind}\r\n\r\n".encode("utf-8", "replace") + content


def _unused(parts: bytes, told: str) -> bytes:
    """A boundary that is in no part; the one that the media type tells, where there is one."""
    names = chain((_BOUNDARY,), (f"{_BOUNDARY}-{number}" for number in count(2)))
    return (told or next(name for name in names if f"--{name}".encode() not in parts)).encode("latin-1", "replace")
