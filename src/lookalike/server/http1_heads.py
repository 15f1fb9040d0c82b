"""Heads of requests that were read before, as clients send the same ones again and again."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import NamedTuple

from lookalike.cache import Cache
from lookalike.http import Response

_MOST = 4096
_LONGEST = 2048  # bytes
_END = b"\r\n\r\n"

# What `Request` begins with: method, path, query and headers.
Head = tuple[str, str, str, Mapping[str, str]]


class ParsedHead(NamedTuple):
    """What was read of a head, and how many bytes of a body follow it."""

    head: Head
    length: int


class HeadCache:
    """What was read of heads, by their bytes."""

    def __init__(self) -> None:
        self._read: Cache[bytes, ParsedHead] = Cache(_MOST)

    def recall(self, data: bytes) -> ParsedHead | None:
        """What is known of a head, where the data is that head with its body and nothing else."""
        end = data.find(_END) + len(_END)
        read = self._read.get(data[:end])
        return read if read is not None and len(data) == end + read.length else None

    def remember(self, data: bytes, read: ParsedHead) -> None:
        """Know a head when it comes again, where the data is that head with its body and nothing else."""
        end = len(data) - read.length
        if data.find(_END) + len(_END) == end <= _LONGEST:
            self._read.keep(data[:end], read)


Fields = tuple[tuple[str, str], ...]


_STATUS_LINES = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}


WITHOUT_LENGTH = frozenset({*range(100, 200), 204, 304})  # RFC 9110 section 8.6


def status_line(status: int) -> str:
    """`201 Created`; a status without a standard phrase stands alone."""
    return _STATUS_LINES.get(status) or f"{status} "


def with_length(response: Response) -> Fields:
    """The header fields of a response, with its length where it has one."""
    if response.status in WITHOUT_LENGTH:
        return response.headers
    return (*response.headers, ("Content-Length", str(len(response.body))))


def origin_form(target: str) -> tuple[str, str]:
    """Path and query of the target of a request, which may be a whole URL (RFC 9112 section 3.2.2)."""
    path, _, query = target.partition("?")
    if not path.startswith("/") and "://" in path:
        path = "/" + path.partition("://")[2].partition("/")[2]
    return path, query
