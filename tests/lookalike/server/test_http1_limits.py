"""The limits of connections, counted in bytes, requests and ticks: no client costs more than it weighs."""

import asyncio
import re
from threading import Event
from typing import Any

import pytest

from lookalike.http import Request, Response
from lookalike.server.dispatch import Dispatcher
from lookalike.server.http1 import Connections, Limits
from lookalike.server.http1_states import WriteState
from tests.support.connection import MOCK, Client, Play

HEAD = (
    b"PUT /leads/9876543210/update HTTP/1.1\r\nHost: localhost\r\n"
    b"Authorization: Bearer tok-valid\r\nContent-Type: application/json\r\n"
)
SHORT = HEAD + b'Content-Length: 17\r\n\r\n{"lead_data": {}}'
CONTRACT = b"GET /__lookalike/contract HTTP/1.1\r\nHost: localhost\r\n\r\n"
AHEAD = 64 * 1024


class Unhurried(Client):
    """A client that takes nothing until it is told to; what it has not taken is counted as a transport does."""

    def __init__(self) -> None:
        super().__init__()
        self.untaken = self.most = 0
        self.high = 64 * 1024

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        assert high is not None
        self.high = high

    def write(self, data: Any) -> None:
        super().write(data)
        was_full = self.untaken > self.high
        self.untaken += len(data)
        self.most = max(self.most, self.untaken)
        if self.untaken > self.high and not was_full:
            self.protocol.pause_writing()

    def take(self) -> None:
        was_full, self.untaken = self.untaken > self.high, 0
        if was_full:
            self.protocol.resume_writing()


def connected(client: Client, connections: Connections | None = None) -> Any:
    client.protocol = (connections or Connections(Dispatcher(MOCK))).new()
    client.protocol.connection_made(client)
    return client.protocol


def statuses(sent: bytes) -> list[int]:
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3})", sent)]


async def turns(number: int) -> None:
    for _ in range(number):
        await asyncio.sleep(0)


@pytest.fixture(scope="module", autouse=True)
def first_request() -> None:
    """The mock has answered before: what is done once, at the first request, takes more than a turn."""

    async def play() -> None:
        client = Client()
        connected(client).data_received(SHORT)
        while not client.sent:
            await turns(1)

    asyncio.run(play())


@pytest.mark.parametrize(
    ("request_bytes", "status", "times"),
    [(CONTRACT, 200, 20), (SHORT, 201, 500)],
    ids=["long responses", "short responses"],
)
def test_no_more_than_64_kib_and_one_response_are_ahead_of_a_client(
    request_bytes: bytes, status: int, times: int
) -> None:
    async def play() -> tuple[int, int, list[int]]:
        client = Unhurried()
        connected(client).data_received(request_bytes * times)
        await turns(50)
        while len(statuses(client.sent)) < times:
            client.take()
            await turns(1)
        return client.most, len(client.sent) // times, statuses(client.sent)

    most, one, found = asyncio.run(play())
    assert times * one > AHEAD
    assert most <= AHEAD + one
    assert found == [status] * times


def test_one_client_that_pipelines_lets_others_pass_after_64_requests() -> None:
    async def play() -> list[int]:
        connections = Connections(Dispatcher(MOCK))
        greedy, other = Client(), Client()
        connected(greedy, connections).data_received(SHORT * 2000)
        connected(other, connections).data_received(SHORT)
        counts = []
        while not other.sent:
            await turns(1)
            counts.append(len(statuses(greedy.sent)))
        return counts

    assert asyncio.run(play())[-1] <= 64


@pytest.mark.repetitive
def test_a_hundred_clients_that_pipeline_let_others_pass_after_a_thousand_requests() -> None:
    async def play() -> int:
        connections = Connections(Dispatcher(MOCK))
        clients = [Client() for _ in range(100)]
        for client in clients:
            connected(client, connections).data_received(SHORT * 64)
        await turns(1)
        return sum(len(statuses(client.sent)) for client in clients)

    assert 100 <= asyncio.run(play()) <= 1024


class LongAnswer(Dispatcher):
    """A mock that is asked for a long body, which takes long to make."""

    body = b"x" * 1_000_000

    def takes_long(self, request: Request) -> bool:
        return True

    def respond(self, request: Request, client: str) -> Response:
        return Response(200, (), self.body)


def test_long_work_for_a_client_that_has_gone_is_dropped_before_its_turn() -> None:
    begun, may_end = Event(), Event()
    answered: list[str] = []

    class Waiting(LongAnswer):
        def respond(self, request: Request, client: str) -> Response:
            answered.append(request.path)
            begun.set()
            assert may_end.wait(30)
            return Response(200, (), b"")

    async def play() -> list[int]:
        connections = Connections(Waiting(MOCK))
        first, gone, last = Client(), Client(), Client()
        for client, path in ((first, b"/1"), (gone, b"/2"), (last, b"/3")):
            connected(client, connections).data_received(b"GET %b HTTP/1.1\r\nHost: a\r\n\r\n" % path)
        while not begun.is_set():
            await asyncio.sleep(0.001)
        gone.protocol.connection_lost(None)
        may_end.set()
        while not last.sent:
            await asyncio.sleep(0.001)
        return statuses(first.sent)

    assert asyncio.run(play()) == [200]
    assert answered == ["/1", "/3"]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_long_body_is_never_copied_as_a_whole(method: str) -> None:
    async def play() -> Unhurried:
        client = Unhurried()
        connected(client, Connections(LongAnswer(MOCK))).data_received(CONTRACT.replace(b"GET", method.encode(), 1) * 2)
        expected = 2 * len(LongAnswer.body) if method == "GET" else 0
        while len(statuses(client.sent)) < 2 or len(client.sent) < expected:
            client.take()
            await asyncio.sleep(0.001)
        return client

    client = asyncio.run(play())
    assert client.most < 300_000
    assert client.sent.count(b"Content-Length: 1000000\r\n") == 2
    assert client.sent.count(b"x") == (2_000_000 if method == "GET" else 0)


def test_a_client_is_not_read_from_while_many_of_its_requests_wait() -> None:
    async def play() -> tuple[bool, bool, int]:
        client = Client()
        connected(client).data_received(SHORT * 1000)
        was_paused = client.is_paused
        await turns(100)
        return was_paused, client.is_paused, len(statuses(client.sent))

    assert asyncio.run(play()) == (True, False, 1000)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (HEAD + b"X: a\r\n" * 195 + b"\r\n", 400),
        (HEAD + b"X: a\r\n" * 198 + b"\r\n", 431),
        (HEAD + b"X: " + b"a" * 60_000 + b"\r\n\r\n", 400),
        (HEAD + b"X: " + b"a" * 66_000 + b"\r\n\r\n", 431),
        (HEAD + b"".join(b"X%d: " % n + b"a" * 1000 + b"\r\n" for n in range(70)) + b"\r\n", 431),
        (b"GET /" + b"a" * 60_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 404),
        (b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 431),
    ],
)
def test_a_head_has_at_most_200_fields_and_64_kib(sent: bytes, status: int) -> None:
    async def play() -> bytes:
        client = Client()
        connected(client).data_received(sent)
        while not client.sent:  # a thread beside makes what an operation needs on its first use
            await asyncio.sleep(0)
        return client.sent

    assert statuses(asyncio.run(play())) == [status]


CHUNKED = b"POST /nowhere HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("chunks", "status"),
    [
        (b"1;" + b"a" * 60_000 + b"\r\nx\r\n0\r\n\r\n", 404),
        (b"1;" + b"a" * 70_000, 431),
        (b"0" * 70_000, 431),
        (b"1;a\r\nx\r\n" * 50_000 + b"0\r\n\r\n", 404),
        (b"1;abcd\r\nx\r\n" * 50_000, 431),
        (b"0\r\nA: " + b"a" * 60_000 + b"\r\n\r\n", 404),
        (b"0\r\nA: " + b"a" * 70_000, 431),
        (b"0\r\n" + b"a" * 70_000, 431),
        (b"0\r\n" + b"A: b\r\n" * 20_000, 431),
        (b"186A0\r\n" + b"a" * 100_000 + b"\r\n0\r\n\r\n", 404),
    ],
)
def test_the_framing_of_chunks_has_at_most_64_kib_beside_the_smallest_there_are(chunks: bytes, status: int) -> None:
    async def play() -> bytes:
        client = Client()
        connection = connected(client)
        connection.data_received(CHUNKED)
        for start in range(0, len(chunks), 1000):
            connection.data_received(chunks[start : start + 1000])
        await turns(2)
        return client.sent

    assert statuses(asyncio.run(play())) == [status]


LIMITS = Limits(header=3, body=5, keep_alive=7)


def ticked(sent: list[bytes], ticks: int) -> Play:
    """A connection after data, and then so many ticks of the clock with some turns in between."""

    async def play() -> Play:
        played = Play(Connections(Dispatcher(MOCK), limits=LIMITS))
        for data in sent:
            played.connection.data_received(data)
            await turns(2)
        for _ in range(ticks):
            played.connections.tick()
            await turns(2)
        if played.connection._timer is not None:
            played.connection._timer.cancel()
        return played

    return asyncio.run(play())


@pytest.mark.parametrize(
    ("sent", "limit", "responses"),
    [
        ([], 7, []),
        ([SHORT], 7, [201]),
        ([HEAD], 3, [408]),
        ([SHORT, HEAD], 3, [201, 408]),
        ([HEAD + b"Content-Length: 17\r\n\r\n{"], 5, [408]),
        ([HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n"], 5, [408]),
    ],
    ids=["a client that says nothing", "no further request", "a head", "a second head", "a body", "chunks"],
)
def test_what_a_client_owes_has_a_deadline(sent: list[bytes], limit: int, responses: list[int]) -> None:
    before, after = ticked(sent, limit), ticked(sent, limit + 1)
    assert (statuses(before.client.sent), before.client.is_closed) == ([s for s in responses if s != 408], False)
    assert statuses(after.client.sent) == responses
    assert after.connection._writing is WriteState.ENDED


def test_a_head_that_comes_byte_by_byte_has_the_same_deadline() -> None:
    async def play() -> list[int]:
        played = Play(Connections(Dispatcher(MOCK), limits=Limits(header=3)))
        for byte in SHORT[:40]:
            played.connection.data_received(bytes([byte]))
            played.connections.tick()
            await turns(2)
        if played.connection._timer is not None:
            played.connection._timer.cancel()
        return statuses(played.client.sent)

    assert asyncio.run(play()) == [408]


def test_a_client_that_waits_for_a_delayed_response_has_no_deadline() -> None:
    late = HEAD + b'Prefer: delay=60000\r\nContent-Length: 17\r\n\r\n{"lead_data": {}}'
    played = ticked([late], 100)
    assert (played.client.sent, played.client.is_closed) == (b"", False)


def test_a_client_that_never_takes_its_response_is_cut_off() -> None:
    async def play() -> list[bool]:
        client = Unhurried()
        connections = Connections(Dispatcher(MOCK), limits=Limits(body=5))
        connected(client, connections).data_received(CONTRACT * 9)
        while client.untaken <= client.high:  # the control API works in a thread of its own
            await asyncio.sleep(0.002)
        closed = []
        for _ in range(6):
            await turns(2)
            connections.tick()
            closed.append(client.is_closed)
        return closed

    assert asyncio.run(play()) == [False] * 5 + [True]


def test_clients_beyond_the_limit_are_told_to_come_again() -> None:
    async def play() -> tuple[bytes, bytes, bytes]:
        connections = Connections(Dispatcher(MOCK), limits=Limits(connections=2))
        one, two, three, four = (Client() for _ in range(4))
        for client in (one, two, three):
            connected(client, connections)
        one.protocol.connection_lost(None)
        connected(four, connections).data_received(SHORT)
        two.protocol.data_received(SHORT)
        await turns(2)
        assert three.is_closed
        return two.sent, three.sent, four.sent

    two, three, four = asyncio.run(play())
    assert statuses(two) == statuses(four) == [201]
    assert three.startswith(b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\n")


def test_a_request_to_the_control_api_keeps_no_other_client_waiting() -> None:
    async def play() -> tuple[list[int], list[int], list[int]]:
        connections = Connections(Dispatcher(MOCK))
        one, two = Client(), Client()
        connected(one, connections).data_received(CONTRACT + SHORT)
        connected(two, connections).data_received(SHORT)
        await turns(2)
        at_once = statuses(two.sent)
        while len(statuses(one.sent)) < 2:
            await asyncio.sleep(0.002)
        return at_once, statuses(one.sent), statuses(two.sent)

    assert asyncio.run(play()) == ([201], [200, 201], [201])


def test_a_client_that_leaves_while_the_control_api_works_is_forgotten() -> None:
    async def play() -> tuple[bytes, bool]:
        connections = Connections(Dispatcher(MOCK))
        one, two = Client(), Client()
        leaving = connected(one, connections)
        leaving.data_received(CONTRACT)
        await turns(2)
        leaving.connection_lost(None)
        connected(two, connections).data_received(CONTRACT)  # in the same thread, so answered after the first
        while not two.sent:
            await asyncio.sleep(0.002)
        return one.sent, leaving in connections.open

    assert asyncio.run(play()) == (b"", False)
