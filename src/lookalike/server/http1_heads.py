"""The heads of HTTP/1.1 messages: of requests, parsed once and then remembered, and of responses.

Clients send the same heads, and get the same ones, again and again, so that both are kept by what they were made of.
"""

from collections.abc import Mapping
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import quote

from lookalike.cache import Cache
from lookalike.http import Response

# How many heads of requests are remembered, and the longest of them, in bytes.
_MOST = 4096
_LONGEST = 2048
_LONGEST_KNOWN = 64  # bytes of a name of a header field
_END = b"\r\n\r\n"

_ASCII = "".join(map(chr, range(33, 127)))
_STATUS_LINES = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}

WITHOUT_LENGTH = frozenset({*range(100, 200), 204, 304})
"""The statuses of responses that have no Content-Length (RFC 9110 section 8.6)."""

Head = tuple[str, str, str, Mapping[str, str]]
"""The first members of a `Request`: method, path, query and header fields."""

Fields = tuple[tuple[str, str], ...]
"""The header fields of a response, in order."""


class ParsedHead(NamedTuple):
    """A parsed head of a request, and the length of the body that follows it, in bytes."""

    head: Head
    length: int


class HeadCache:
    """Parsed heads of requests by their bytes."""

    def __init__(self) -> None:
        self._parsed: Cache[bytes, ParsedHead] = Cache(_MOST)

    def recall(self, data: bytes) -> ParsedHead | None:
        """The parsed head of data that is a remembered head and its body, and nothing else; otherwise None."""
        end = data.find(_END) + len(_END)
        parsed = self._parsed.get(data[:end])
        return parsed if parsed is not None and len(data) == end + parsed.length else None

    def remember(self, data: bytes, parsed: ParsedHead) -> None:
        """Remember the head of data that is one request, unless it is long, or more than its head and body."""
        end = len(data) - parsed.length
        if data.find(_END) + len(_END) == end <= _LONGEST:
            self._parsed.keep(data[:end], parsed)


def origin_form(target: str) -> tuple[str, str]:
    """Path and query of a request target, which may be a whole URL (RFC 9112 section 3.2.2)."""
    path, _, query = target.partition("?")
    if not path.startswith("/") and "://" in path:
        path = "/" + path.partition("://")[2].partition("/")[2]
    return path, query


def authority(target: bytes) -> bytes:
    """The authority of a request target that is a whole URL (RFC 3986 section 3.2)."""
    return target.partition(b"://")[2].partition(b"/")[0].partition(b"?")[0]


def target_text(target: bytes) -> str:
    """A request target as text, in which bytes that are not ASCII are percent-encoded."""
    return target.decode("ascii") if target.isascii() else quote(target, safe=_ASCII)


def field_name(name: bytes) -> str:
    """The name of a header field in lower case; a long one is not worth the memory of a cache."""
    return _known_name(name) if len(name) <= _LONGEST_KNOWN else name.decode("latin-1").lower()


@lru_cache(maxsize=256)
def _known_name(name: bytes) -> str:
    return name.decode("latin-1").lower()


def status_line(status: int) -> str:
    """Status code and reason phrase, such as `201 Created`; the phrase of a status that has none is empty."""
    return _STATUS_LINES.get(status) or f"{status} "


def with_length(response: Response) -> Fields:
    """The header fields of a response, with Content-Length where the status has one."""
    if response.status in WITHOUT_LENGTH:
        return response.headers
    return (*response.headers, ("Content-Length", str(len(response.body))))


@lru_cache(maxsize=256)
def response_head(status: int, headers: Fields, length: int) -> bytes:
    """The first lines of a response: all but Date and Connection, which follow, and the empty line."""
    fields = "".join([f"{name}: {text}\r\n" for name, text in headers])
    stated = "" if status in WITHOUT_LENGTH else f"Content-Length: {length}\r\n"
    return f"HTTP/1.1 {status_line(status)}\r\n{fields}{stated}".encode("latin-1")


def streamed_head(status: int, headers: Fields) -> bytes:
    """The first lines of a response whose fields say how long it is, or that is framed otherwise."""
    fields = "".join([f"{name}: {text}\r\n" for name, text in headers])
    return f"HTTP/1.1 {status_line(status)}\r\n{fields}".encode("latin-1")


@lru_cache(maxsize=1)
def date_line(second: int) -> bytes:
    """The Date field (RFC 9110 section 6.6.1) at a time in seconds since 1970."""
    return f"Date: {formatdate(second, usegmt=True)}\r\n".encode("ascii")
