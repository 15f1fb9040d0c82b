"""A head that came before is not read again, and nobody can tell."""

import asyncio
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from lookalike.http import Headers, Request
from lookalike.server.dispatch import Dispatcher
from lookalike.server.http1 import Connections
from lookalike.server.http1_heads import HeadCache, ParsedHead
from tests.support.connection import MOCK, Client

HEAD = b"PUT /leads/1/update HTTP/1.1\r\nHost: localhost\r\n"
SHORT = HEAD + b"Content-Length: 4\r\n\r\n"
LONG = HEAD + b"Content-Length: 27\r\n\r\n"
# A request as it is sent, and its body.
REQUESTS = (
    (SHORT + b"1234", b"1234"),
    (SHORT + b"\r\n\r\n", b"\r\n\r\n"),
    (LONG + b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    (b"\r\n" + SHORT + b"5678", b"5678"),
    (HEAD + b"\r\n", b""),
    (HEAD + b"Transfer-Encoding: chunked\r\n\r\n4\r\n3456\r\n0\r\n\r\n", b"3456"),
    (HEAD + b"Expect: 100-continue\r\nContent-Length: 4\r\n\r\n7890", b"7890"),
    (HEAD + b"Connection: upgrade\r\nUpgrade: h2c\r\nContent-Length: 4\r\n\r\nabcd", b"abcd"),
    (SHORT.replace(b" /leads/1/", b" /leads/2/") + b"efgh", b"efgh"),
)


# The first use of an operation may be answered beside the loop, after more turns than these tests wait for.
for number in (1, 2):
    MOCK.handle(Request("PUT", f"/leads/{number}/update", "", Headers(), b"1234"))


async def read(pieces: list[bytes]) -> list[tuple[str, bytes]]:
    """The paths and bodies of what a server reads in the pieces, by the journal."""
    MOCK.clear_journal()
    connection = Connections(Dispatcher(MOCK)).new()
    connection.connection_made(Client())
    for piece in pieces:
        connection.data_received(piece)
        await asyncio.sleep(0)
    return [(exchange.request.path, exchange.request.body) for exchange in reversed(MOCK.journal())]


def asked(data: bytes, body: bytes) -> tuple[str, bytes]:
    return data.split(b" ", 2)[1].decode(), body


def cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted({place % len(data) for place in places} - {0}), len(data)]
    return [data[start:end] for start, end in pairwise(edges)]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(REQUESTS), st.lists(st.integers(0, 200), max_size=2)), max_size=8))
def test_requests_are_read_as_they_were_sent_however_they_are_cut(sent: Any) -> None:
    pieces = [piece for (data, _), places in sent for piece in cut(data, places)]
    assert asyncio.run(read(pieces)) == [asked(*request) for request, _ in sent]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(REQUESTS), min_size=1, max_size=6), st.lists(st.integers(0, 900), max_size=6))
def test_requests_that_come_together_are_read_as_they_were_sent(sent: Any, places: list[int]) -> None:
    pieces = cut(b"".join(data for data, _ in sent), places)
    assert asyncio.run(read(pieces)) == [asked(*request) for request in sent]


def test_a_head_is_known_only_where_nothing_follows_its_body() -> None:
    heads, what = HeadCache(), ParsedHead(("PUT", "/leads/1/update", "", {}), 4)
    heads.remember(SHORT + b"1234", what)
    assert heads.recall(SHORT + b"5678") is what
    assert heads.recall(SHORT + b"567") is heads.recall(SHORT + b"56789") is None
    assert heads.recall(SHORT) is heads.recall(b"PUT") is heads.recall(b"") is None


def test_what_is_remembered_has_a_bound() -> None:
    heads = HeadCache()
    for number in range(5000):
        head = SHORT.replace(b"/1/", b"/%d/" % number)
        heads.remember(head + b"1234", ParsedHead(("PUT", f"/leads/{number}/update", "", {}), 4))
    known = sum(heads.recall(SHORT.replace(b"/1/", b"/%d/" % number) + b"1234") is not None for number in range(5000))
    assert 0 < known <= 4096
