"""Whatever bytes come over the wire, the mock goes on: no 5xx, no changed state, no blocked server."""

import json
import re
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.running import PATIENCE, RunningMock, exchange, running_mock

HEAD = b"PUT /leads/9876543210/update HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer tok-valid\r\n"
TYPED = HEAD + b"Content-Type: application/json\r\n"

RAW = {
    "nothing": b"",
    "garbage": bytes(range(256)),
    "a TLS greeting": b"\x16\x03\x01\x02\x00" * 30,
    "the preface of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "a body shorter than its length": TYPED + b'Content-Length: 99\r\n\r\n{"lead_data": {"a": 1}}',
    "a complete object shorter than its length": TYPED + b"Content-Length: 40\r\n\r\n{}",
    "a negative length": TYPED + b"Content-Length: -1\r\n\r\n{}",
    "a length that is no number": TYPED + b"Content-Length: two\r\n\r\n{}",
    "two lengths": TYPED + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} ",
    "a length and chunks": TYPED + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a chunk that ends early": TYPED + b'Transfer-Encoding: chunked\r\n\r\nff\r\n{"lead_data": {"a": 1}}',
    "chunks without an end": TYPED + b'Transfer-Encoding: chunked\r\n\r\n17\r\n{"lead_data": {"a": 1}}\r\n',
    "a chunk size that is none": TYPED + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
    "NUL in a header": HEAD + b"X: a\0b\r\nContent-Length: 2\r\n\r\n{}",
    "bytes that are not ASCII in the token": HEAD.replace(b"tok-valid", b"\xff\xfe") + b"Content-Length: 2\r\n\r\n{}",
    "bytes that are not ASCII in the media type": HEAD + b"Content-Type: \xff\r\nContent-Length: 2\r\n\r\n{}",
    "bytes that are not ASCII in the path": TYPED.replace(b"9876543210", b"\xff\xc3") + b"Content-Length: 2\r\n\r\n{}",
    "broken percent-encoding": TYPED.replace(b"9876543210", b"%zz%9") + b"Content-Length: 2\r\n\r\n{}",
    "an encoded line break in the path": TYPED.replace(b"9876543210", b"%0d%0aX:%20y") + b"Content-Length: 2\r\n\r\n{}",
    "a slash in the number": TYPED.replace(b"9876543210", b"98765%2F43210") + b"Content-Length: 2\r\n\r\n{}",
    "digits of another script": TYPED.replace(b"9876543210", "٩".encode().hex("%").encode()) + b"\r\n",
    "a target of 70,000 characters": b"PUT /" + b"a" * 70_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    "a header of 100,000 characters": HEAD + b"X: " + b"a" * 100_000 + b"\r\nContent-Length: 2\r\n\r\n{}",
    "5,000 headers": HEAD + b"X: a\r\n" * 5_000 + b"Content-Length: 2\r\n\r\n{}",
    "a body over the limit": TYPED + b"Content-Length: 3000000\r\n\r\n" + b" " * 3_000_000,
    "an invalid method": b"P(T /leads/9876543210/update HTTP/1.1\r\nHost: a\r\n\r\n",
    "an unknown method": b"BREW /leads/9876543210/update HTTP/1.1\r\nHost: a\r\n\r\n",
    "no version": b"PUT /leads/9876543210/update\r\n\r\n",
    "control characters in Prefer": HEAD + b"Prefer: code=\x7f404\r\nContent-Length: 2\r\n\r\n{}",
    "a request to forward": b"CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n",
    "an asterisk": b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n",
}

# The statuses of a method, coding or protocol that is not supported (RFC 9110 sections 15.6.2 and 15.6.6).
UNSUPPORTED = {b"501", b"505"}

BODIES = {
    "empty": b"",
    "not JSON": b"lead_data",
    "an array": b"[]",
    "a text": b'"lead_data"',
    "null": b"null",
    "UTF-16": '{"lead_data": {}}'.encode("utf-16"),
    "a byte order mark": b'\xef\xbb\xbf{"lead_data": {"a": 1}}',
    "Latin-1": '{"lead_data": {"a": "é"}}'.encode("latin-1"),
    "a lone surrogate": b'{"lead_data": {"a": "\\ud800"}}',
    "a lone surrogate in a name": b'{"lead_data": {"\\udfff": 1.5}}',
    "NaN": b'{"lead_data": {"a": NaN}}',
    "Infinity": b'{"lead_data": {"a": -Infinity}}',
    "1e400": b'{"lead_data": {"a": 1e400}}',
    "an integer of 10,000 digits": b'{"lead_data": {"a": %s}}' % (b"9" * 10_000),
    "arrays 100,000 deep": b'{"lead_data": {"a": ' + b"[" * 100_000,
    "objects 100,000 deep": b'{"a":' * 100_000,
    "an object that does not end": b'{"lead_data": {"a": 1}',
    "two objects": b'{"lead_data": {}}{"lead_data": {}}',
    "a control character": b'{"lead_data": {"a": "\x01"}}',
}


@pytest.fixture(scope="module")
def mock() -> Iterator[RunningMock]:
    with running_mock("--log", "off") as running:
        yield running


def assert_unharmed(mock: RunningMock, before: Any, received: bytes) -> None:
    statuses = re.findall(rb"HTTP/1\.[01] (\d{3})", received)
    assert not [status for status in statuses if status.startswith(b"5") and status not in UNSUPPORTED], received[:500]
    assert mock.state() == before
    assert mock.request("GET", "/__lookalike/health")[0] == 200


@pytest.mark.parametrize("name", RAW)
def test_bytes_that_are_no_proper_request_change_nothing(mock: RunningMock, name: str) -> None:
    assert_unharmed(mock, mock.state(), exchange(mock, RAW[name]))


@pytest.mark.parametrize("name", BODIES)
def test_a_body_that_is_not_a_json_object_is_a_400_that_changes_nothing(mock: RunningMock, name: str) -> None:
    before = mock.state()
    status, _, body = mock.put(9876543210, BODIES[name])
    assert (status, b'"success":false' in body) == (400, True)
    assert mock.state() == before


def test_a_body_over_the_limit_is_a_413_in_the_envelope(mock: RunningMock) -> None:
    head = TYPED + b"Content-Length: 1048577\r\n\r\n"
    received = exchange(mock, head + b" " * 1_048_577)
    assert b" 413 " in received.split(b"\r\n", 1)[0]
    assert b'"status":413' in received


def test_a_chunked_body_is_read_like_any_other(mock: RunningMock) -> None:
    head = TYPED + b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert b" 201 " in exchange(mock, head + b'11\r\n{"lead_data": {}}\r\n0\r\n\r\n', hang_up=False)


def test_a_chunked_body_over_the_limit_is_a_413(mock: RunningMock) -> None:
    head = TYPED + b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunk = b"40000\r\n" + b" " * 0x40000 + b"\r\n"
    received = exchange(mock, head + chunk * 5 + b"0\r\n\r\n", hang_up=False)
    assert b" 413 " in received.split(b"\r\n", 1)[0]


def test_a_client_that_waits_for_100_continue_gets_it_and_its_answer(mock: RunningMock) -> None:
    with socket.create_connection(("127.0.0.1", mock.port), timeout=5) as connection:
        connection.sendall(TYPED + b"Expect: 100-continue\r\nContent-Length: 17\r\n\r\n")
        assert b" 100 " in connection.recv(1000)
        connection.sendall(b'{"lead_data": {}}')
        assert b" 201 " in connection.recv(1000)


def test_requests_in_one_packet_are_answered_in_order(mock: RunningMock) -> None:
    good = TYPED + b'Content-Length: 17\r\n\r\n{"lead_data": {}}'
    bad = TYPED + b"Content-Length: 2\r\n\r\n{}"
    last = good.replace(b"\r\n", b"\r\nConnection: close\r\n", 1)
    received = exchange(mock, good + bad + last, hang_up=False)
    assert re.findall(rb"HTTP/1\.1 (\d{3})", received) == [b"201", b"400", b"201"]


def test_a_number_in_percent_encoded_digits_is_that_number(mock: RunningMock) -> None:
    assert mock.put("%39876543210", {"lead_data": {}})[0] == 201


def test_clients_that_stall_do_not_block_others(mock: RunningMock) -> None:
    stalled = [socket.create_connection(("127.0.0.1", mock.port), timeout=5) for _ in range(20)]
    try:
        for connection in stalled:
            connection.sendall(TYPED + b"Content-Length: 100\r\n\r\n{")
        assert mock.put(9876543210, {"lead_data": {}})[0] == 201
    finally:
        for connection in stalled:
            connection.close()


def test_an_answer_that_is_held_back_holds_back_only_what_its_own_client_asked_for_next(mock: RunningMock) -> None:
    late = TYPED + b'Prefer: delay=5000\r\nContent-Length: 17\r\n\r\n{"lead_data": {}}'
    refused = TYPED + b"Connection: close\r\nContent-Length: 2\r\n\r\n{}"
    with socket.create_connection(("127.0.0.1", mock.port), timeout=PATIENCE) as waiting:
        waiting.sendall(late + refused)
        assert mock.put(9876543210, {"lead_data": {}})[0] == 201
        waiting.setblocking(False)
        with pytest.raises(BlockingIOError):
            waiting.recv(1)
        waiting.settimeout(PATIENCE)
        received = b"".join(iter(lambda: waiting.recv(65536), b""))
    assert re.findall(rb"HTTP/1\.1 (\d{3})", received) == [b"201", b"400"]


def test_a_client_that_takes_no_answers_is_waited_for_alone_and_gets_all_of_them(mock: RunningMock) -> None:
    many = 2_000
    with socket.create_connection(("127.0.0.1", mock.port), timeout=PATIENCE) as greedy:
        sender = threading.Thread(
            target=greedy.sendall, args=(b"GET /__lookalike/contract HTTP/1.1\r\nHost: localhost\r\n\r\n" * many,)
        )
        sender.start()
        assert mock.put(9876543210, {"lead_data": {}})[0] == 201
        received, rest = 0, b""
        while received < many:
            rest += greedy.recv(1 << 20)
            received += rest.count(b"HTTP/1.1 200 OK")
            rest = rest[-20:] if b"HTTP/1.1 200 OK" not in rest[-20:] else b""
        sender.join()


def test_a_client_that_has_said_all_still_gets_its_answers(mock: RunningMock) -> None:
    late = TYPED + b'Prefer: delay=200\r\nContent-Length: 17\r\n\r\n{"lead_data": {}}'
    good = TYPED + b'Content-Length: 17\r\n\r\n{"lead_data": {}}'
    assert re.findall(rb"HTTP/1\.1 (\d{3})", exchange(mock, good + late + good)) == [b"201", b"201", b"201"]


def test_a_client_that_has_said_all_before_it_takes_anything_gets_all_and_an_end(mock: RunningMock) -> None:
    request = b"GET /__lookalike/contract HTTP/1.1\r\nHost: localhost\r\n\r\n"
    received = exchange(mock, request * 200)
    assert received.count(b"HTTP/1.1 200 OK") == 200


def test_trailer_fields_are_taken_for_no_headers(mock: RunningMock) -> None:
    head = HEAD + b"Connection: close\r\nTransfer-Encoding: chunked\r\nTrailer: Content-Type\r\n\r\n"
    received = exchange(mock, head + b'11\r\n{"lead_data": {}}\r\n0\r\nContent-Type: application/json\r\n\r\n', False)
    assert received.startswith(b"HTTP/1.1 4")


def test_a_body_that_breaks_off_is_refused_in_the_envelope(mock: RunningMock) -> None:
    received = exchange(mock, TYPED + b"Content-Length: 40\r\n\r\n{}")
    assert received.startswith(b"HTTP/1.1 400 ")
    assert b'"success":false' in received


def test_a_client_that_is_gone_before_its_refusal_leaves_no_trace_on_the_terminal(mock: RunningMock) -> None:
    for _ in range(50):
        with socket.create_connection(("127.0.0.1", mock.port), timeout=PATIENCE) as client:
            client.sendall(TYPED + b"Content-Length: 99\r\n\r\n{")
            time.sleep(0.002)  # so that its end is read by itself
    assert mock.request("GET", "/__lookalike/health")[0] == 200
    assert "Traceback" not in mock.errors()


@pytest.mark.parametrize("protocol", [b"h2c", b"websocket"])
def test_a_wish_to_upgrade_is_not_granted_and_the_request_answered(mock: RunningMock, protocol: bytes) -> None:
    wish = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: " + protocol + b"\r\nHTTP2-Settings: AAMAAABk\r\n"
    good = TYPED + wish + b'Content-Length: 17\r\n\r\n{"lead_data": {}}'
    ended = good.replace(b"Connection: ", b"Connection: close, ")
    last = TYPED + b"Connection: close\r\nContent-Length: 2\r\n\r\n{}"
    received = exchange(mock, good * 2 + last, hang_up=False), exchange(mock, ended + last, hang_up=False)
    assert re.findall(rb"HTTP/1\.1 (\d{3})", b"".join(received)) == [b"201", b"201", b"400", b"201"]


@pytest.mark.parametrize("connection", [b"", b"Connection: keep-alive\r\n"])
def test_clients_of_http_1_0_are_answered_and_kept_if_they_ask(mock: RunningMock, connection: bytes) -> None:
    request = TYPED.replace(b"HTTP/1.1", b"HTTP/1.0") + connection + b'Content-Length: 17\r\n\r\n{"lead_data": {}}'
    received = exchange(mock, request)
    assert b" 201 " in received
    assert (b"Connection: keep-alive" in received) == bool(connection)
    assert (b"Connection: close" in received) == (not connection)


def test_a_method_that_nobody_knows_is_one_that_the_path_lacks(mock: RunningMock) -> None:
    received = exchange(mock, RAW["an unknown method"], hang_up=False)
    assert received.startswith(b"HTTP/1.1 405 ")
    assert b"Allow: PUT" in received


def test_a_head_that_does_not_end_is_cut_off(mock: RunningMock) -> None:
    with socket.create_connection(("127.0.0.1", mock.port), timeout=PATIENCE) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\n")
        for _ in range(40):
            connection.sendall(b"X: " + b"a" * 4096 + b"\r\n")
            time.sleep(0.01)  # so that it comes in pieces
        received = connection.recv(65536)
    assert received.startswith(b"HTTP/1.1 431 ")


def test_bytes_that_are_not_a_request_are_refused_in_the_documented_envelope(mock: RunningMock) -> None:
    received = exchange(mock, RAW["a TLS greeting"], hang_up=False)
    assert received.startswith(b"HTTP/1.1 400 ")
    assert b"this is not HTTP/1.1" in received


def test_a_slash_in_an_encoded_segment_stays_in_it(mock: RunningMock) -> None:
    _, _, body = mock.put("98765%2F43210", {"lead_data": {}})
    assert b"there is no operation" not in body


def test_who_may_use_the_control_api_may_send_it_more_than_the_limit(mock: RunningMock) -> None:
    state = mock.state()
    assert mock.request("PUT", "/__lookalike/state", json.dumps(state).encode() + b" " * 2_000_000)[0] == 200
    foreign = {"Origin": "http://evil.example"}
    assert mock.request("PUT", "/__lookalike/state", b" " * 2_000_000, foreign)[0] == 403
    assert mock.state() == state


def test_no_header_of_an_answer_can_be_injected_through_a_request(mock: RunningMock) -> None:
    name = "x\r\nInjected: yes"
    _, headers, _ = mock.put(9876543210, {"add_tags": [], name: 1, "lead_data": [name]})
    assert "injected" not in headers
    _, headers, _ = mock.put("%0d%0aInjected:%20yes", {"lead_data": {}})
    assert "injected" not in headers


PIECES = st.sampled_from(
    [
        HEAD,
        TYPED,
        b"\r\n",
        b"\n",
        b"\r\n\r\n",
        b"{}",
        b'{"lead_data": {"a": 1}}',
        b"Content-Length: 17\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"0\r\n\r\n",
        b"11\r\n",
        b"Expect: 100-continue\r\n",
        b"Prefer: code=500\r\n",
        b"\0",
        b"%",
    ]
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pieces=st.lists(st.one_of(PIECES, st.binary(max_size=20)), max_size=8))
def test_no_sequence_of_bytes_harms_the_mock(mock: RunningMock, pieces: list[bytes]) -> None:
    received = exchange(mock, b"".join(pieces))
    statuses = re.findall(rb"HTTP/1\.[01] (\d{3})", received)
    assert not [status for status in statuses if status.startswith(b"5") and status not in UNSUPPORTED], received[:500]
    assert mock.request("GET", "/__lookalike/health")[0] == 200
