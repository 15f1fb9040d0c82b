"""Heads of requests that were read before, as clients send the same ones again and again."""

from collections.abc import Mapping
from typing import NamedTuple

from lookalike.cache import Memo

_MOST = 4096
_LONGEST = 2048  # bytes
_END = b"\r\n\r\n"

# What `Request` begins with: method, path, query and headers.
Head = tuple[str, str, str, Mapping[str, str]]


class Read(NamedTuple):
    """What was read of a head, and how many bytes of a body follow it."""

    head: Head
    length: int


class Heads:
    """What was read of heads, by their bytes."""

    def __init__(self) -> None:
        self._read: Memo[bytes, Read] = Memo(_MOST)

    def recall(self, data: bytes) -> Read | None:
        """What is known of a head, where the data is that head with its body and nothing else."""
        end = data.find(_END) + len(_END)
        read = self._read.get(data[:end])
        return read if read is not None and len(data) == end + read.length else None

    def remember(self, data: bytes, read: Read) -> None:
        """Know a head when it comes again, where the data is that head with its body and nothing else."""
        end = len(data) - read.length
        if data.find(_END) + len(_END) == end <= _LONGEST:
            self._read.keep(data[:end], read)
