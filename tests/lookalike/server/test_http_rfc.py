"""HTTP/1.1 as its specifications say, section by section, over raw bytes."""

import re
from collections.abc import Iterator

import pytest

from tests.lookalike.server.test_http1 import exchange
from tests.support.running import RunningMock, running_mock

PUT = b"PUT /leads/9876543210/update HTTP/1.1\r\nAuthorization: Bearer tok-valid\r\nContent-Type: application/json\r\n"
HOST = b"Host: localhost\r\n"
BODY = b'{"lead_data": {}}'
SIZED = b"Content-Length: 17\r\n\r\n" + BODY
CHUNKS = b"\r\n11\r\n" + BODY + b"\r\n0\r\n\r\n"
CONTROL = b"GET %b HTTP/1.1\r\nHost: localhost\r\n%b\r\n"

# Bytes as a client sends them, and the statuses of the responses to them.
RULES: dict[str, tuple[bytes, list[int]]] = {
    "9112-3.2 one Host": (PUT + HOST + SIZED, [201]),
    "9112-3.2 no Host": (PUT + SIZED, [400]),
    "9112-3.2 two Hosts": (PUT + HOST + HOST + SIZED, [400]),
    "9112-3.2 no Host in HTTP/1.0": (PUT.replace(b"HTTP/1.1", b"HTTP/1.0") + SIZED, [201]),
    "9112-3.2.2 absolute-form": (PUT.replace(b" /", b" http://localhost/", 1) + HOST + SIZED, [201]),
    "9112-3.2.2 absolute-form of another host": (PUT.replace(b" /", b" http://other/", 1) + HOST + SIZED, [201]),
    "9112-3.2.2 absolute-form and the control API": (CONTROL % (b"http://localhost/__lookalike/state", b""), [403]),
    "9112-3.2.2 absolute-form of another host and the control API": (
        CONTROL % (b"http://evil.example/__lookalike/state", b""),
        [403],
    ),
    "9112-6.1 chunks": (PUT + HOST + b"Transfer-Encoding: chunked\r\n" + CHUNKS, [201]),
    "9112-6.1 chunks in capitals": (PUT + HOST + b"Transfer-Encoding: CHUNKED\r\n" + CHUNKS, [201]),
    "9112-6.1 another coding before chunks": (PUT + HOST + b"Transfer-Encoding: gzip, chunked\r\n" + CHUNKS, [501]),
    "9112-6.1 chunks in HTTP/1.0": (
        PUT.replace(b"HTTP/1.1", b"HTTP/1.0") + HOST + b"Transfer-Encoding: chunked\r\n" + CHUNKS,
        [400],
    ),
    "9112-6.3 chunks and a length": (
        PUT + HOST + b"Transfer-Encoding: chunked\r\nContent-Length: 17\r\n" + CHUNKS,
        [400],
    ),
    "9112-6.3 a length and chunks": (
        PUT + HOST + b"Content-Length: 17\r\nTransfer-Encoding: chunked\r\n" + CHUNKS,
        [400],
    ),
    "9112-9.3.2 pipelined requests": ((PUT + HOST + SIZED) * 3, [201, 201, 201]),
    "9112-9.6 nothing after close": (PUT + HOST + b"Connection: close\r\n" + SIZED + PUT + HOST + SIZED, [201]),
    "9110-7.8 an upgrade is not granted": (
        PUT + HOST + b"Connection: upgrade\r\nUpgrade: websocket\r\n" + SIZED,
        [201],
    ),
    "a Proxy-Connection that wishes an upgrade": (
        PUT + HOST + b"Proxy-Connection: upgrade\r\nUpgrade: websocket\r\n" + SIZED,
        [201],
    ),
    "9110-9.1 a method that no server knows": (b"BREW /leads/1/update HTTP/1.1\r\n" + HOST + b"\r\n", [405]),
    "9110-9.1 a method that does not end": (b"BREW", [501]),
    "9110-10.1.1 Expect in HTTP/1.1": (PUT + HOST + b"Expect: 100-continue\r\n" + SIZED, [100, 201]),
    "9110-10.1.1 Expect in HTTP/1.0": (
        PUT.replace(b"HTTP/1.1", b"HTTP/1.0") + HOST + b"Expect: 100-continue\r\n" + SIZED,
        [201],
    ),
    "9113-3.4 the preface of HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", [400]),
    "2326 RTSP": (b"DESCRIBE rtsp://localhost/a RTSP/1.0\r\nCSeq: 2\r\n\r\n", [505]),
    "ICE": (b"SOURCE /a ICE/1.0\r\nHost: a\r\n\r\n", [505]),
    "7239 Forwarded closes the control API": (CONTROL % (b"/__lookalike/state", b"Forwarded: for=1.2.3.4\r\n"), [403]),
    "X-Forwarded closes the control API": (CONTROL % (b"/__lookalike/state", b"X-Forwarded-Proto: https\r\n"), [403]),
    "X-Real-IP closes the control API": (CONTROL % (b"/__lookalike/state", b"X-Real-IP: 1.2.3.4\r\n"), [403]),
    "9110-7.6.3 Via closes the control API": (CONTROL % (b"/__lookalike/state", b"Via: 1.1 proxy\r\n"), [403]),
    "CF-* closes the control API": (CONTROL % (b"/__lookalike/state", b"CF-Connecting-IP: 1.2.3.4\r\n"), [403]),
    "health is open to all": (CONTROL % (b"/__lookalike/health", b"Via: 1.1 proxy\r\n"), [200]),
    "the control API is open to this machine": (CONTROL % (b"/__lookalike/state", b""), [200]),
}


@pytest.fixture(scope="module")
def mock() -> Iterator[RunningMock]:
    with running_mock("lead", "--log", "off") as running:
        yield running


@pytest.mark.parametrize(("sent", "statuses"), RULES.values(), ids=RULES)
def test_the_server_keeps_to_the_specification(mock: RunningMock, sent: bytes, statuses: list[int]) -> None:
    received = exchange(mock, sent)
    assert [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3})", received)] == statuses, received


def test_the_length_of_a_response_to_head_is_that_of_get(mock: RunningMock) -> None:
    get = exchange(mock, CONTROL % (b"/__lookalike/readings", b"Connection: close\r\n"), hang_up=False)
    head = exchange(
        mock, (CONTROL % (b"/__lookalike/readings", b"Connection: close\r\n")).replace(b"GET", b"HEAD"), hang_up=False
    )
    length = re.search(rb"Content-Length: (\d+)", head)
    assert length is not None
    assert int(length[1]) == len(get.partition(b"\r\n\r\n")[2]) > 0
    assert head.endswith(b"\r\n\r\n")
