"""Requests hidden in other requests: none is answered, whatever two readers of one stream might disagree about.

The second reader is h11, the strictest parser of Python: what both accept, they must read as the same requests.
"""

import asyncio
import os
import re
from collections.abc import Iterator
from http import HTTPMethod

import h11
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lookalike.http import Request
from lookalike.journal import JournalEntry
from tests.support.connection import MOCK, play

HIDDEN = b"GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n"
POST = b"POST /seen HTTP/1.1\r\nHost: a\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
SIZE = b"%x" % len(HIDDEN)

# Streams that a lenient reader would split into other requests than a strict one; each is one request at most.
STREAMS: dict[str, bytes] = {
    "CL.TE": POST + b"Content-Length: 5\r\n" + CHUNKED + b"\r\n0\r\n\r\n" + HIDDEN,
    "TE.CL": POST + CHUNKED + b"Content-Length: 4\r\n\r\n" + SIZE + b"\r\n" + HIDDEN + b"\r\n0\r\n\r\n",
    "CL.0": POST + b"Content-Length: %d\r\n\r\n" % len(HIDDEN) + HIDDEN,
    "two lengths": POST + b"Content-Length: %d\r\nContent-Length: 0\r\n\r\n" % len(HIDDEN) + HIDDEN,
    "two lengths in a list": POST + b"Content-Length: %d, 0\r\n\r\n" % len(HIDDEN) + HIDDEN,
    "length with a plus": POST + b"Content-Length: +0\r\n\r\n" + HIDDEN,
    "length in octal": POST + b"Content-Length: 0o0\r\n\r\n" + HIDDEN,
    "length with a space": POST + b"Content-Length: 0 0\r\n\r\n" + HIDDEN,
    "length that is folded": POST + b"Content-Length:\r\n 0\r\n\r\n" + HIDDEN,
    "length with a form feed": POST + b"Content-Length: \x0c0\r\n\r\n" + HIDDEN,
    "length with a space before the colon": POST + b"Content-Length : 0\r\n\r\n" + HIDDEN,
    "length behind a bare CR": POST + b"X: y\rContent-Length: 0\r\n\r\n" + HIDDEN,
    "length behind a bare LF": POST + b"X: y\nContent-Length: %d\r\n\r\n" % len(HIDDEN) + HIDDEN,
    "length behind NUL": POST + b"X: y\x00Content-Length: 0\r\n\r\n" + HIDDEN,
    "coding with a space before the colon": POST + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "coding with a tab": POST + b"Transfer-Encoding:\tchunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + HIDDEN,
    "coding with a vertical tab": POST + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "coding that is folded": POST + b"Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "coding in quotes": POST + b'Transfer-Encoding: "chunked"\r\n\r\n0\r\n\r\n' + HIDDEN,
    "coding with an x": POST + b"Transfer-Encoding: xchunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + HIDDEN,
    "coding twice": POST + CHUNKED + b"Transfer-Encoding: identity\r\n\r\n0\r\n\r\n" + HIDDEN,
    "identity and a length": POST + b"Transfer-Encoding: identity\r\nContent-Length: 0\r\n\r\n" + HIDDEN,
    "chunks in HTTP/1.0": POST.replace(b"1.1", b"1.0") + CHUNKED + b"\r\n0\r\n\r\n" + HIDDEN,
    "a chunk with a minus": POST + CHUNKED + b"\r\n-0\r\n\r\n" + HIDDEN,
    "a chunk with 0x": POST + CHUNKED + b"\r\n0x0\r\n\r\n" + HIDDEN,
    "a chunk of 2^64": POST + CHUNKED + b"\r\n10000000000000000\r\n\r\n" + HIDDEN,
    "a chunk with an extension that ends with LF": POST + CHUNKED + b"\r\n0;a\nb\r\n\r\n" + HIDDEN,
    "a chunk that ends with LF": POST + CHUNKED + b"\r\n0\n\n" + HIDDEN,
    "a chunk that ends with CR": POST + CHUNKED + b"\r\n0\r\r" + HIDDEN,
    "a chunk whose end is two other bytes": POST + CHUNKED + b"\r\n1\r\nAXX0\r\n\r\n" + HIDDEN,
    "a chunk with a space": POST + CHUNKED + b"\r\n0 \r\n\r\n" + HIDDEN,
    "an upgrade with a length": (
        POST + b"Connection: upgrade\r\nUpgrade: h2c\r\nContent-Length: %d\r\n\r\n" % len(HIDDEN) + HIDDEN
    ),
    "an upgrade with chunks": (
        POST + b"Connection: upgrade\r\nUpgrade: a\r\n" + CHUNKED + b"\r\n" + SIZE + b"\r\n" + HIDDEN + b"\r\n0\r\n\r\n"
    ),
    "CONNECT": b"CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n" + HIDDEN,
    "a request line with LF": b"POST /seen HTTP/1.1\nHost: a\nContent-Length: 0\n\n" + HIDDEN,
    "a target with a bare CR": b"POST /seen\rX HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n" + HIDDEN,
    "no version": b"GET /seen\r\n\r\n" + HIDDEN,
    "close": POST + b"Connection: close\r\nContent-Length: 0\r\n\r\n" + HIDDEN,
}


def read(before: int) -> list[Request]:
    """The requests that were read, oldest first; the mock has no operation for any of them."""

    def is_read(entry: JournalEntry) -> bool:
        is_known = entry.request.method in HTTPMethod.__members__  # any other one is refused before its body
        return is_known and entry.number > before and entry.outcome.response.status == 404

    return [entry.request for entry in reversed(MOCK.journal(is_read, 1000))]


def latest() -> int:
    entries = MOCK.journal(limit=1)
    return entries[0].number if entries else 0


@pytest.mark.parametrize("stream", STREAMS.values(), ids=STREAMS)
@pytest.mark.parametrize("size", [10_000, 1, 13])
def test_a_hidden_request_is_not_answered(stream: bytes, size: int) -> None:
    before = latest()
    pieces: list[bytes | str | int] = [stream[start : start + size] for start in range(0, len(stream), size)]
    played = asyncio.run(play([*pieces, "end_of_stream"]))
    assert played.defects == []
    assert [request.path for request in read(before) if request.path == "/hidden"] == []
    assert len(re.findall(rb"HTTP/1\.1 [2-5]", played.client.sent)) == 1


def by_h11(stream: bytes) -> Iterator[tuple[str, str, bytes] | None]:
    """The requests of a stream as h11 reads them, and None where it refuses the rest."""
    connection = h11.Connection(h11.SERVER)
    connection.receive_data(stream)
    head, body = None, b""
    try:
        while (event := connection.next_event()) not in (h11.NEED_DATA, h11.PAUSED):
            if isinstance(event, h11.Request):
                head, body = event, b""
            elif isinstance(event, h11.Data):
                body += event.data
            elif isinstance(event, h11.EndOfMessage) and head is not None:
                yield head.method.decode(), head.target.decode("latin-1"), body
                if connection.our_state is h11.MUST_CLOSE:
                    return
                connection.send(h11.Response(status_code=200, headers=[("content-length", "0")]))
                connection.send(h11.EndOfMessage())
                if connection.our_state is not h11.DONE:
                    return
                connection.start_next_cycle()
            else:
                return
    except h11.RemoteProtocolError:
        yield None


LINES = st.sampled_from(
    [
        *(b"GET /a HTTP/1.1\r\n", b"POST /b HTTP/1.1\r\n", b"PUT /c HTTP/1.0\r\n", b"HEAD /d HTTP/1.1\r\n", b"\r\n"),
        *(b"Host: a\r\n", b"Host: a b\r\n", b"X: y\r\n", b"X:y \t\r\n", b" folded\r\n", b"Connection: close\r\n"),
        *(b"Connection: keep-alive\r\n", b"Content-Length: 0\r\n", b"Content-Length: 5\r\n", b"Content-Length: 05\r\n"),
        *(b"Transfer-Encoding: chunked\r\n", b"Transfer-Encoding: gzip\r\n", b"5\r\nabcde\r\n", b"0\r\n\r\n", b"abcde"),
        *(b"Expect: 100-continue\r\n", b"Upgrade: h2c\r\n", b"0;x=y\r\n", b"T: \xff\r\n", b"\n", b"\r", b"\x00", b":"),
    ]
)
WHOLE = st.builds(
    lambda lines, body: b"".join((b"POST /b HTTP/1.1\r\nHost: a\r\n", *lines, b"\r\n", body)),
    st.lists(LINES, max_size=4),
    st.sampled_from([b"", b"abcde", b"5\r\nabcde\r\n0\r\n\r\n", b"0\r\n\r\n"]),
)
STREAM = st.builds(b"".join, st.lists(st.one_of(WHOLE, LINES, st.binary(max_size=4)), max_size=6))
FUZZ = int(os.environ.get("LOOKALIKE_FUZZ", "300"))
"""The number of streams; `make fuzz` sets it."""


@settings(max_examples=FUZZ, deadline=None)
@given(STREAM, st.integers(1, 40))
def test_any_stream_is_read_as_h11_reads_it_or_refused(stream: bytes, size: int) -> None:
    before = latest()
    pieces: list[bytes | str | int] = [stream[start : start + size] for start in range(0, len(stream), size)]
    played = asyncio.run(play([*pieces, "end_of_stream"]))
    assert played.defects == []
    ours = [(one.method, one.path, one.body) for one in read(before)]
    theirs = list(by_h11(stream))
    # A prefix of theirs: one that we refuse, or that they refuse, ends the comparison.
    assert [one for one, other in zip(ours, theirs, strict=False) if other is not None and one != other] == []
