"""HTTP/1.1 as its specifications say, section by section, over raw bytes."""

import asyncio
import re
import shutil
import subprocess
from collections.abc import Iterator

import pytest

from tests.support.connection import play
from tests.support.running import PATIENCE, RunningMock, exchange, running_mock

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
    "9113-3.4 the preface of HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", [505]),
    "2326 RTSP": (b"DESCRIBE rtsp://localhost/a RTSP/1.0\r\nCSeq: 2\r\n\r\n", [505]),
    "ICE": (b"SOURCE /a ICE/1.0\r\nHost: a\r\n\r\n", [505]),
    "9112-2.3 a later minor version": (CONTROL.replace(b"1.1", b"1.2") % (b"/leads", b""), [505]),
    "9112-2.3 a later version": (CONTROL.replace(b"1.1", b"3.0") % (b"/leads", b""), [505]),
    "9112-2.3 no version": (b"GET /leads\r\n\r\n", [505]),
    "9112-2.2 empty lines before a request": (b"\r\n\r\n" + PUT + HOST + SIZED, [201]),
    "9112-2.2 lines that end with LF": (b"GET /leads HTTP/1.1\nHost: a\n\n", [400]),
    "9112-2.2 CR alone": (PUT + HOST + b"X: a\rb\r\n" + SIZED, [400]),
    "9112-2.2 white space before the first field": (b"GET /leads HTTP/1.1\r\n X: y\r\n" + HOST + b"\r\n", [400]),
    "9112-3.2 a Host with a space": (b"GET /leads HTTP/1.1\r\nHost: a b\r\n\r\n", [400]),
    "9112-3.2 a Host with a path": (b"GET /leads HTTP/1.1\r\nHost: a/b\r\n\r\n", [400]),
    "9112-3.2 a Host with a user": (b"GET /leads HTTP/1.1\r\nHost: u@a\r\n\r\n", [400]),
    "9112-3.2 a Host whose port is none": (b"GET /leads HTTP/1.1\r\nHost: a:x\r\n\r\n", [400]),
    "9112-3.2 a Host that is empty": (b"GET /leads HTTP/1.1\r\nHost:\r\n\r\n", [404]),
    "9112-3.2 a Host of IPv6": (b"GET /leads HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", [404]),
    "9112-3.2 a fragment": (CONTROL % (b"/leads/1#a", b""), [400]),
    "9112-3.2.2 absolute-form without a host": (CONTROL % (b"http:///leads", b""), [400]),
    "9112-3.2.2 absolute-form with a user": (CONTROL % (b"http://u:p@localhost/leads", b""), [400]),
    "9112-3.2.2 absolute-form with a query alone": (CONTROL % (b"http://localhost?a=b", b""), [404]),
    "9112-3.2.2 absolute-form and the health of the control API": (
        CONTROL % (b"http://localhost/__lookalike/health", b""),
        [200],
    ),
    "9112-3.2.3 authority-form": (b"CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n" + PUT + HOST + SIZED, [501]),
    "9112-3.2.4 asterisk-form": (b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n", [204]),
    "9112-3.2.4 asterisk-form twice": (b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n" + PUT + HOST + SIZED, [204, 201]),
    "9112-3.2.4 asterisk-form of another method": (CONTROL % (b"*", b""), [400]),
    "9112-5.1 white space before the colon": (PUT + HOST + b"X : a\r\n" + SIZED, [400]),
    "9112-5.2 a folded field": (PUT + HOST + b"X: a\r\n b\r\n" + SIZED, [400]),
    "9110-5.5 NUL in a field": (PUT + HOST + b"X: a\x00b\r\n" + SIZED, [400]),
    "9110-5.1 a name that is no token": (PUT + HOST + b"X Y: a\r\n" + SIZED, [400]),
    "9112-6.1 a quoted coding": (PUT + HOST + b'Transfer-Encoding: "chunked"\r\n' + CHUNKS, [501]),
    "9112-6.1 identity": (PUT + HOST + b"Transfer-Encoding: identity\r\n" + CHUNKS, [501]),
    "9112-6.3 two lengths": (PUT + HOST + b"Content-Length: 17\r\n" + SIZED, [400]),
    "9112-6.3 a list of lengths": (PUT + HOST + b"Content-Length: 17, 17\r\n\r\n" + BODY, [400]),
    "9112-6.3 a length with a sign": (PUT + HOST + b"Content-Length: +17\r\n\r\n" + BODY, [400]),
    "9112-6.3 an endless length": (PUT + HOST + b"Content-Length: 99999999999999999999\r\n\r\n" + BODY, [400]),
    "9112-7.1 a chunk with a sign": (
        PUT + HOST + b"Transfer-Encoding: chunked\r\n\r\n+11\r\n" + BODY + b"\r\n0\r\n\r\n",
        [400],
    ),
    "9112-7.1 lines of chunks that end with LF": (
        PUT + HOST + b"Transfer-Encoding: chunked\r\n\r\n11\n" + BODY + b"\n0\n\n",
        [400],
    ),
    "9112-7.1.1 an extension of a chunk": (
        PUT + HOST + b"Transfer-Encoding: chunked\r\n\r\n11;a=b\r\n" + BODY + b"\r\n0\r\n\r\n",
        [201],
    ),
    "9112-7.1.2 trailer fields are dropped": (
        PUT + HOST + b"Transfer-Encoding: chunked\r\n\r\n11\r\n" + BODY + b"\r\n0\r\nHost: evil\r\n\r\n",
        [201],
    ),
    "9112-7.1 a chunk that is longer than it says": (
        PUT + HOST + b"Transfer-Encoding: chunked\r\n\r\n10\r\n" + BODY + b"\r\n0\r\n\r\n",
        [400],
    ),
    "9112-2.2 two CRs before LF": (b"GET /leads HTTP/1.1\r\r\n" + HOST + b"\r\n", [400]),
    "9112-3 tabs in place of spaces": (b"GET\t/leads\tHTTP/1.1\r\n" + HOST + b"\r\n", [400]),
    "9112-3.2.1 a target without its slash": (CONTROL % (b"leads", b""), [400]),
    "9112-3.2.3 authority-form of another method": (CONTROL % (b"a:80", b""), [400]),
    "9112-6.1 chunks twice": (PUT + HOST + b"Transfer-Encoding: chunked\r\n" * 2 + CHUNKS, [400]),
    "9112-6.1 a vertical tab before chunks": (PUT + HOST + b"Transfer-Encoding: \x0bchunked\r\n" + CHUNKS, [400]),
    "9112-6.3 an empty length": (PUT + HOST + b"Content-Length:\r\n\r\n" + BODY, [400]),
    "9112-6.3 a length in hexadecimal": (PUT + HOST + b"Content-Length: 0x11\r\n\r\n" + BODY, [400]),
    "9112-7.1 a chunk that is longer than any number": (
        PUT + HOST + b"Transfer-Encoding: chunked\r\n\r\n" + b"F" * 17 + b"\r\n" + BODY + b"\r\n0\r\n\r\n",
        [400],
    ),
    "9112-3.2 a list of Hosts": (b"GET /leads HTTP/1.1\r\nHost: a, b\r\n\r\n", [400]),
    "9110-9.3.8 TRACE": (b"TRACE /leads/1/update HTTP/1.1\r\n" + HOST + b"\r\n", [405]),
    "a sandbox in front of the control API hides no proxy": (
        CONTROL % (b"/__sandbox/a/__lookalike/state", b"Via: 1.1 proxy\r\n"),
        [403],
    ),
    "9110-8.4 a coding that is not known": (PUT + HOST + b"Content-Encoding: br\r\n" + SIZED, [415]),
    "9110-8.4 a body that is not so coded": (PUT + HOST + b"Content-Encoding: gzip\r\n" + SIZED, [400]),
    "9110-10.1.1 Expect without a body": (PUT + HOST + b"Expect: 100-continue\r\nContent-Length: 0\r\n\r\n", [400]),
    "a handshake of TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", [400]),
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


@pytest.mark.repetitive
@pytest.mark.parametrize("size", [1, 7])
@pytest.mark.parametrize(("sent", "statuses"), RULES.values(), ids=RULES)
def test_the_server_reads_the_same_from_small_pieces(sent: bytes, statuses: list[int], size: int) -> None:
    pieces: list[bytes | str | int] = [sent[start : start + size] for start in range(0, len(sent), size)]
    played = asyncio.run(play([*pieces, "end_of_stream"]))
    assert played.defects == []
    told = [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3})", played.client.sent)]
    # Of an unknown method, the parser tells before its line has ended: no operation can be found for it.
    assert [405 if status == 501 and statuses == [405] else status for status in told] == statuses


def test_the_length_of_a_response_to_head_is_that_of_get(mock: RunningMock) -> None:
    get = exchange(mock, CONTROL % (b"/__lookalike/readings", b"Connection: close\r\n"), hang_up=False)
    head = exchange(
        mock, (CONTROL % (b"/__lookalike/readings", b"Connection: close\r\n")).replace(b"GET", b"HEAD"), hang_up=False
    )
    length = re.search(rb"Content-Length: (\d+)", head)
    assert length is not None
    assert int(length[1]) == len(get.partition(b"\r\n\r\n")[2]) > 0
    assert head.endswith(b"\r\n\r\n")


NODE = """
const http = require("http");
const agent = new http.Agent({keepAlive: true, maxSockets: 1});
const send = (options, body) => new Promise((resolve, reject) => {
  const headers = {Authorization: "Bearer tok-valid", "Content-Type": "application/json", ...options.headers};
  const request = http.request({agent, port: %d, path: "/leads/9876543210/update", method: "PUT", ...options, headers});
  request.on("response", response => { response.resume(); response.on("end", () => resolve(response.statusCode)); });
  request.on("error", reject).on("continue", () => request.end(body));
  if (!headers.Expect) { request.write(body.slice(0, 5)); request.end(body.slice(5)); }
});
(async () => {
  const body = '{"lead_data": {}}';
  const seen = [await send({}, body), await send({headers: {Expect: "100-continue"}}, body)];
  seen.push(await send({method: "HEAD", path: "/__lookalike/health"}, ""), await send({method: "PURGE"}, body));
  console.log(seen.join(" "));
  agent.destroy();
})();
"""


@pytest.mark.skipif(not shutil.which("node"), reason="node is not installed")
def test_the_client_of_node_is_answered_in_chunks_and_after_continue(mock: RunningMock) -> None:
    command = ["node", "-e", NODE % mock.port]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=True)
    assert done.stdout.split() == ["201", "201", "200", "405"]


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_curl_is_answered_in_chunks_after_continue_and_on_one_connection(mock: RunningMock) -> None:
    url = f"http://127.0.0.1:{mock.port}/leads/9876543210/update"
    fields = ["-H", "Authorization: Bearer tok-valid", "-H", "Content-Type: application/json"]
    told = ["-s", "-o", "/dev/null", "-w", "%{http_code} %{num_connects}\\n"]
    sent = [*told, "-X", "PUT", *fields, "-d", '{"lead_data": {}}', url]
    chunked = [*sent, "-H", "Transfer-Encoding: chunked", "-H", "Expect: 100-continue"]
    done = subprocess.run(
        ["curl", *sent, "--next", *chunked], capture_output=True, text=True, timeout=PATIENCE, check=True
    )
    assert done.stdout.splitlines() == ["201 1", "201 0"]
