"""One request to a server that may do anything: it ends in time, in bounded memory, and with a line that says why."""

import gzip
import socket
import sys
import zlib
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Event
from typing import NamedTuple

import pytest

from lookalike.errors import UsageError
from lookalike.http import Headers, Request
from lookalike.verify.server.client import Budget, Client, NoResponse, OutOfBudget, Unreachable
from lookalike.verify.server.timed_connections import connect_while
from lookalike.verify.server.token_command import RenewedToken
from lookalike.verify.server.transport import ConnectionSettings, Transport
from lookalike.verify.server.transport_errors import TransportError
from tests.support.hostile import CERTIFICATE, Answer, hostile, slowly

GET = Request("GET", "/pets")
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
LONG = 60.0
SHORT = 0.3
LIMIT = 2**16
SETTINGS = ConnectionSettings(max_response=LIMIT, verify=False)


def whole(body: bytes, *fields: bytes, status: bytes = b"200 OK") -> bytes:
    head = b"".join(field + b"\r\n" for field in fields)
    return b"HTTP/1.1 %b\r\n%bContent-Length: %d\r\n\r\n%b" % (status, head, len(body), body)


def failure(answer: Answer, seconds: float = LONG, tls: bool = False, **of_server: tuple[str, ...]) -> TransportError:
    with hostile(answer, tls, **of_server) as url, pytest.raises(TransportError) as caught:
        Transport(url, SETTINGS).exchange(GET, seconds)
    assert "\n" not in str(caught.value)
    return caught.value


def body_of(answer: Answer) -> bytes:
    with hostile(answer) as url:
        return Transport(url, SETTINGS).exchange(GET, LONG).body


# Time


@pytest.mark.parametrize(
    "pieces",
    [
        (HEAD + b"\r\n", b" "),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
        (HEAD + b"X: ", b"a"),
        (b"HTTP/1.1 ", b" "),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (b"", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"),
    ],
    ids=["a body", "a chunked body", "a field", "a status line", "continue", "early hints"],
)
def test_an_answer_that_comes_in_drips_ends_with_the_timeout_however_often_something_comes(
    pieces: tuple[bytes, bytes],
) -> None:
    first, piece = pieces
    assert failure(lambda head: slowly(first, piece), SHORT).what == "it did not answer completely within 0.3 s"


def test_a_server_that_is_silent_ends_with_the_timeout_which_names_the_option() -> None:
    told = failure(lambda head: slowly(b"", b""), SHORT)
    assert (told.what, told.remedy) == (
        "it did not answer completely within 0.3 s",
        "if it needs longer, allow that with --timeout",
    )


def test_an_answer_within_the_timeout_comes_whole_however_many_pieces_it_has() -> None:
    assert body_of(lambda head: [HEAD, b"Content-Length: 3\r\n\r\n", b"a", b"b", b"c"]) == b"abc"


# Size


def endless(head: bytes) -> Iterator[bytes]:
    yield HEAD + b"\r\n"
    for _ in range(4 * LIMIT):
        yield b" " * 1024


def bomb() -> bytes:
    return gzip.compress(bytes(100 * LIMIT))


@pytest.mark.parametrize(
    "answer",
    [
        endless,
        lambda head: [whole(bytes(LIMIT + 1))],
        lambda head: [whole(bomb(), b"Content-Encoding: gzip")],
        lambda head: [whole(zlib.compress(bytes(100 * LIMIT)), b"Content-Encoding: deflate")],
        lambda head: [whole(gzip.compress(bomb()), b"Content-Encoding: gzip, gzip")],
        lambda head: [whole(gzip.compress(b"a" * LIMIT) * 2, b"Content-Encoding: gzip")],
    ],
    ids=["endless", "a byte too many", "a gzip bomb", "a zlib bomb", "a bomb in a bomb", "two members"],
)
def test_a_body_over_the_limit_is_told_with_the_option_that_allows_more(answer: Answer) -> None:
    told = failure(answer)
    assert (told.what, told.remedy) == (
        "its response is larger than 65536 bytes",
        "if that is right, allow more with --max-response",
    )


def test_a_body_of_just_the_limit_comes_whole_also_when_it_is_decoded() -> None:
    body = bytes(LIMIT)
    assert body_of(lambda head: [whole(body)]) == body
    assert body_of(lambda head: [whole(gzip.compress(body), b"Content-Encoding: gzip")]) == body


@pytest.mark.parametrize("level", [zlib.MAX_WBITS, -zlib.MAX_WBITS], ids=["zlib", "raw"])
def test_deflate_is_decoded_with_and_without_the_wrapper_of_zlib(level: int) -> None:
    packer = zlib.compressobj(wbits=level)
    packed = packer.compress(b"pets and more pets") + packer.flush()
    assert body_of(lambda head: [whole(packed, b"Content-Encoding: deflate")]) == b"pets and more pets"


# What is not HTTP/1.1, or not here


class Told(NamedTuple):
    """What a server sends, and what is told of it: what happened, what to do, and whether it will not go away."""

    sent: Iterable[bytes]
    what: str
    remedy: str
    lasting: bool = False


STRANGE = {
    "not HTTP": Told([b"HELLO WORLD\r\n\r\n"], "no HTTP (HELLO WORLD)", "a server for HTTP/1.1"),
    "control characters": Told([b"\x1b[31mRED\r\n\r\n"], r"no HTTP (\x1b[31mRED)", "a server for HTTP/1.1"),
    "nothing": Told([], "closed the connection without", "log of the server"),
    "HTTP/2": Told([b"\0\0\x12\4\0\0\0\0\0\0\3\0\0\0\x80"], "HTTP/2", "accept HTTP/1.1", True),
    "another version": Told([b"HTTP/3 200 OK\r\n\r\n"], "HTTP/3", "accept HTTP/1.1", True),
    "an alert of TLS": Told([b"\x15\x03\x01\0\2\2\x46"], "it speaks TLS", "https://", True),
    "a long line": Told([HEAD, b"X: ", b"a" * 70_000], "longer than 64 KiB", "64 KiB"),
    "many fields": Told([HEAD, b"X: a\r\n" * 200, b"\r\n"], "header is too large", "100 header fields"),
    "a body cut off": Told([HEAD, b"Content-Length: 10\r\n\r\nabc"], "before its answer was complete", "log"),
    "a chunk cut off": Told([HEAD, b"Transfer-Encoding: chunked\r\n\r\n5\r\nab"], "before its answer was", "log"),
    "a chunk of no size": Told([HEAD, b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"], "complete", "log"),
    "two lengths": Told([HEAD, b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab"], "not framed", "HTTP/1.1"),
    "a broken gzip": Told([whole(b"\x1f\x8bnonsense", b"Content-Encoding: gzip")], "not valid gzip", "HTTP/1.1"),
    "half a gzip": Told(
        [whole(gzip.compress(bytes(999))[:-9], b"Content-Encoding: gzip")], "ends too early", "HTTP/1.1"
    ),
    "an unknown coding": Told([whole(b"a", b"Content-Encoding: br")], "'br'", "without Content-Encoding"),
    "many codings": Told([whole(b"a", b"Content-Encoding: " + b"gzip," * 9)], "encoded 10 times", "without"),
    "a proxy's refusal": Told([whole(b"", status=b"407 No")], "asks for credentials (407)", "NO_PROXY", True),
}


@pytest.mark.parametrize("told", STRANGE.values(), ids=STRANGE)
def test_an_answer_that_is_no_whole_http_is_told_with_what_to_do(told: Told) -> None:
    found = failure(lambda head: told.sent)
    assert told.what in found.what
    assert told.remedy in found.remedy
    assert found.lasting == told.lasting


def test_a_port_where_nothing_listens_is_told_and_nothing_was_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    with pytest.raises(TransportError, match="the connection is refused; check that it runs") as caught:
        Transport(f"http://127.0.0.1:{port}", SETTINGS).exchange(GET, LONG)
    assert not caught.value.sent


def test_a_host_name_that_is_unknown_is_told_and_lasts() -> None:
    with pytest.raises(TransportError, match="its host name cannot be resolved; check the URL") as caught:
        Transport("http://nowhere.invalid", SETTINGS).exchange(GET, LONG)
    assert (caught.value.lasting, caught.value.sent) == (True, False)


def test_a_certificate_that_is_not_trusted_is_told_and_one_that_is_named_is_trusted() -> None:
    with hostile(lambda head: [whole(b"{}")], tls=True) as url:
        with pytest.raises(TransportError, match=r"certificate is not trusted .self.signed certificate.*--cacert"):
            Transport(url, ConnectionSettings()).exchange(GET, LONG)
        trusting = Transport(url, ConnectionSettings(verify=str(CERTIFICATE)))
        assert trusting.exchange(GET, LONG).body == b"{}"


def test_tls_to_a_server_without_it_is_told() -> None:
    without = "it does not speak TLS; give its URL with http://"
    with hostile(lambda head: [b"HTTP/1.1 400 Bad\r\n\r\n"]) as url, pytest.raises(TransportError, match=without):
        Transport(url.replace("http:", "https:"), SETTINGS).exchange(GET, LONG)


def test_a_server_that_speaks_http_2_alone_is_told_at_the_handshake() -> None:
    # Python's own server goes on without a protocol in common, so only a client that insists sees the alert.
    told = failure(lambda head: [b"\0\0\x12\4\0\0\0\0\0"], tls=True, alpn=("h2",))
    assert (told.what, told.lasting) == ("it answers in HTTP/2 to HTTP/1.1", True)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_asks_for_credentials_is_told(scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with hostile(lambda head: [whole(b"", status=b"407 Proxy Authentication Required")]) as proxy:
        monkeypatch.setenv(f"{scheme}_proxy", proxy.replace("//", "//name:s3cret-word@"))
        monkeypatch.delenv("no_proxy", raising=False)
        with pytest.raises(TransportError, match=r"\(407\); set them in HTTP_PROXY or HTTPS_PROXY") as caught:
            Transport(f"{scheme}://api.invalid", SETTINGS).exchange(GET, LONG)
    assert caught.value.lasting
    assert "s3cret" not in str(caught.value)


def test_a_proxy_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    monkeypatch.setenv("http_proxy", f"http://name:s3cret-word@127.0.0.1:{port}")
    with pytest.raises(TransportError, match=r"through the proxy of the environment.*correct HTTP_PROXY") as caught:
        Transport("http://api.invalid", SETTINGS).exchange(GET, LONG)
    assert "s3cret" not in str(caught.value)


# One origin


@pytest.mark.parametrize("status", [b"301 Moved", b"302 Found", b"303 See", b"307 Away", b"308 Gone"])
def test_a_redirect_is_an_answer_and_is_never_followed(status: bytes) -> None:
    seen: list[bytes] = []

    def answer(head: bytes) -> list[bytes]:
        seen.append(head)
        return [whole(b"", b"Location: /elsewhere", status=status)]

    with hostile(answer) as url:
        found = Transport(url, SETTINGS).exchange(GET, LONG)
    assert (found.status, found.header("Location")) == (int(status[:3]), "/elsewhere")
    assert len(seen) == 1


@pytest.mark.parametrize("path", ["@evil.invalid/", ".evil.invalid/", ":80@evil.invalid/", "pets", ""])
def test_a_path_that_could_lead_to_another_origin_is_not_sent(path: str) -> None:
    with hostile(lambda head: [whole(b"")]) as url, pytest.raises(TransportError, match="does not begin with /"):
        Transport(url, SETTINGS).exchange(GET._replace(path=path), LONG)


@pytest.mark.parametrize("path", ["//evil.invalid/x", "/\\evil.invalid/x", "/@evil.invalid"])
def test_a_path_that_looks_like_another_host_stays_at_this_one(path: str) -> None:
    seen: list[bytes] = []

    def answer(head: bytes) -> list[bytes]:
        seen.append(head)
        return [whole(b"")]

    with hostile(answer) as url:
        Transport(url, SETTINGS).exchange(GET._replace(path=path), LONG)
    assert f"Host: {url.removeprefix('http://')}".encode() in seen[0]


@pytest.mark.parametrize("path", ["/a b", "/a\r\nHost: evil.invalid", "/a\0", "/ä"])
def test_a_path_cannot_add_a_line_to_a_request(path: str) -> None:
    seen: list[bytes] = []

    def answer(head: bytes) -> list[bytes]:
        seen.append(head)
        return [whole(b"")]

    with hostile(answer) as url:
        Transport(url, SETTINGS).exchange(GET._replace(path=path), LONG)
    assert b"evil" not in seen[0].partition(b"\r\n")[2]


def test_a_header_field_cannot_add_another_one() -> None:
    request = GET._replace(headers=Headers({"X-Note": "a\r\nX-Evil: b"}))
    with hostile(lambda head: [whole(b"")]) as url, pytest.raises(TransportError, match="cannot be sent") as caught:
        Transport(url, SETTINGS).exchange(request, LONG)
    assert not caught.value.sent


def test_a_cookie_is_not_sent_back() -> None:
    seen: list[bytes] = []

    def answer(head: bytes) -> list[bytes]:
        seen.append(head)
        return [whole(b"", b"Set-Cookie: session=1", b"Connection: close")]

    with hostile(answer) as url:
        transport = Transport(url, SETTINGS)
        transport.exchange(GET, LONG)
        transport.exchange(GET, LONG)
    assert not any(b"cookie" in head.lower() for head in seen)


def test_a_text_that_is_not_in_iso_8859_1_is_sent_in_utf_8() -> None:
    seen: list[bytes] = []

    def answer(head: bytes) -> list[bytes]:
        seen.append(head)
        return [whole(b"")]

    with hostile(answer) as url:
        Transport(url, SETTINGS).exchange(GET._replace(headers=Headers({"X-Note": "č"})), LONG)
    assert "č".encode() in seen[0]


# The client


def client(url: str, budget: Budget = Budget(), timeout: float = LONG) -> Client:  # noqa: B008  # it is frozen
    return Client(url, ConnectionSettings(timeout=timeout), budget)


def test_a_request_is_not_repeated_if_the_cause_of_its_failure_lasts() -> None:
    seen: list[bytes] = []

    def answer(head: bytes) -> list[bytes]:
        seen.append(head)
        return [b"\x15\x03\x01\0\2\2\x46"]

    with hostile(answer) as url, pytest.raises(Unreachable, match=f"{url}: it speaks TLS; give its URL with https://"):
        client(url).send(GET)
    assert len(seen) == 1


def test_a_connection_that_breaks_is_tried_again_for_a_safe_request_alone() -> None:
    seen: list[str] = []

    def answer(head: bytes) -> list[bytes]:
        seen.append(head.decode().partition(" ")[0])
        return []

    with hostile(answer) as url:
        for method in ("GET", "POST"):
            with pytest.raises(NoResponse, match=f"{url}: it closed the connection without a complete answer"):
                client(url).send(GET._replace(method=method))
    assert seen == ["GET", "GET", "POST"]


def test_a_connection_on_which_the_server_failed_is_not_used_again() -> None:
    answered = Event()

    def answer(request: bytes) -> Iterator[bytes]:
        failed = request.startswith(b"POST")
        yield whole(b"{}", status=b"500 Internal Server Error" if failed else b"200 OK")
        if failed:
            answered.wait(1)  # and then it closes the connection

    with hostile(answer) as url:
        transport = Transport(url, SETTINGS)
        assert transport.exchange(Request("POST", "/pets"), LONG).status == 500
        assert transport.exchange(GET, LONG).status == 200
        answered.set()


def test_the_budget_ends_a_request_that_the_timeout_would_not() -> None:
    over = r"the 0\.3 s are over; --max-time allows more"
    with hostile(lambda head: slowly(HEAD + b"\r\n", b" ")) as url, pytest.raises(OutOfBudget, match=over):
        client(url, Budget(seconds=SHORT)).send(GET)


def test_work_between_requests_ends_with_the_budget_too() -> None:
    client("http://127.0.0.1:9", Budget(seconds=None)).check_time()
    with pytest.raises(OutOfBudget, match="--max-time allows more"):
        client("http://127.0.0.1:9", Budget(seconds=-1.0)).check_time()


def test_the_end_of_the_budget_tells_that_the_last_request_had_no_answer() -> None:
    with hostile(lambda head: []) as url:
        limited = client(url, Budget(requests=2))
        with pytest.raises(NoResponse):
            limited.send(GET)
        with pytest.raises(OutOfBudget, match="the last request had no answer: it closed the connection without"):
            limited.send(GET)


def test_cleaning_up_has_a_budget_of_its_own_which_a_second_call_does_not_extend() -> None:
    with hostile(lambda head: [whole(b"{}", b"Connection: close")]) as url:
        used_up = client(url, Budget(requests=1, cleanup=0.0))
        used_up.send(GET)
        with pytest.raises(OutOfBudget, match="1 requests were sent"):
            used_up.send(GET)
        used_up.lift_limits()
        used_up.lift_limits()
        with pytest.raises(OutOfBudget, match="the 0 s for cleaning up are over; --cleanup-timeout allows more"):
            used_up.send(GET)
        other = client(url, Budget(requests=1, cleanup=LONG))
        other.lift_limits()
        assert [other.send(GET).status for _ in range(3)] == [200, 200, 200]


def test_of_requests_that_are_refused_together_one_renews_the_token_for_all(tmp_path: Path) -> None:
    together = Barrier(4)

    def answer(request: bytes) -> list[bytes]:
        if b"Bearer new-token" in request:
            return [whole(b"{}", b"Connection: close")]
        together.wait(LONG)
        return [whole(b"", b"Connection: close", status=b"401 No")]

    counted = tmp_path / "counted"
    command = (sys.executable, "-c", f"open({str(counted)!r}, 'a').write('x'); print('new-token')")
    with hostile(answer) as url, ThreadPoolExecutor(4) as pool:
        shared = client(url)
        shared.renew(RenewedToken("old-token", command))
        request = GET._replace(headers=Headers({"Authorization": "Bearer old-token"}))
        statuses = [one.status for one in pool.map(shared.send, [request] * 4)]
    assert (statuses, counted.read_text()) == ([200] * 4, "x")


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("ftp://a", "is not an http URL"),
        ("http://", "is not an http URL"),
        ("http://a:b", "is not an http URL"),
        ("http://[::1", "is not an http URL"),
        ("http://name:s3cret-word@a/b", "holds credentials"),
        ("http://a/b?c", "has a query or fragment"),
    ],
)
def test_a_url_that_is_no_base_of_paths_is_refused_before_anything_is_sent(url: str, told: str) -> None:
    with pytest.raises(UsageError, match=told) as caught:
        client(url)
    assert "s3cret" not in str(caught.value)


def test_a_connection_that_comes_once_the_wait_for_it_has_ended_is_closed() -> None:
    answered, closed = Event(), Event()

    def interrupted(_: bool) -> None:
        raise KeyboardInterrupt

    def connect() -> None:
        assert answered.wait(LONG)

    with pytest.raises(KeyboardInterrupt):
        connect_while(connect, closed.set, interrupted)
    assert not closed.is_set()
    answered.set()
    assert closed.wait(LONG)
