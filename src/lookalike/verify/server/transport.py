"""The transport: one request to one origin, and its whole response within limits of time and size.

Requests alone is not enough for a server that may do anything: its timeout starts again with every byte, it reads
interim responses (RFC 9110 section 15.2) without end, and it holds a body in memory however large that is, or becomes
when it is decoded. Here one deadline covers a request from the connection to the last byte, and one size
covers the body as it is sent and as it is decoded. Redirects are never followed, and cookies are never kept: the
request that is judged is the request that was sent, and a token never reaches another origin.
"""

import io
import re
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property, partial
from http.client import (
    BadStatusLine,
    HTTPException,
    HTTPResponse,
    IncompleteRead,
    InvalidURL,
    LineTooLong,
    UnknownProtocol,
)
from socket import socket
from threading import Thread
from typing import Any, NamedTuple, cast

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH, check_header_validity
from urllib3 import BaseHTTPResponse, HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    InsecureRequestWarning,
    InvalidHeader,
    NameResolutionError,
    NewConnectionError,
    ProxyError,
    ReadTimeoutError,
)
from urllib3.util import SKIP_HEADER, Timeout

from lookalike.codecs.content_coding import ContentCodingError, inflate
from lookalike.http import Request, Response
from lookalike.verify.interruption import LONGEST_WAIT

MEBIBYTE = 2**20
_CHUNK = 2**16
_MOST_CONNECTIONS = 100  # kept open for later requests; no more are used than stories are run in parallel
_MOST_CODINGS = 4  # more layers of Content-Encoding than this serve no client

_IS_HTTP = "check that a server for HTTP/1.1 is at this URL"
_PROXY_CREDENTIALS = (
    "it cannot be reached: the proxy of the environment asks for credentials (407)",
    "set them in HTTP_PROXY or HTTPS_PROXY, or name the host in NO_PROXY",
)


@dataclass(frozen=True, slots=True)
class ConnectionSettings:
    """The settings of connections: headers for every request, certificates to trust (a file; False trusts any), limits.

    `timeout` is how long one response may take as a whole, in seconds; `max_response` how large its body may be, in
    bytes, both as it is sent and as it is decoded.
    """

    headers: dict[str, str] = field(default_factory=dict)
    verify: str | bool = True
    timeout: float = 10.0
    max_response: int = 64 * MEBIBYTE


class StreamedResponse(NamedTuple):
    """The head of a response, whose body is read bit by bit: `read` gives what has come of it, and nothing at its end.

    The body is as it was sent, with its content codings. `read` raises `TransportError`; `close` ends the exchange, and
    `interrupt` ends a `read` that waits in another thread.
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    read: Callable[[], bytes]
    interrupt: Callable[[], None]
    close: Callable[[], None]


class TransportError(Exception):
    """The failure to get a whole response: what happened, and what to do about it.

    A `lasting` cause, such as an unknown host name, is the same at the next request. A request that was not `sent`
    cannot have changed anything.
    """

    def __init__(self, what: str, remedy: str, *, lasting: bool = False, sent: bool = True) -> None:
        self.what = what
        self.remedy = remedy
        self.lasting = lasting
        self.sent = sent
        super().__init__(f"{what}; {remedy}")


class _Upstream(NamedTuple):
    """The connections to the server, or to a proxy, and the text before the target of each request."""

    pool: HTTPConnectionPool
    prefix: str


WhileWaiting = Callable[[bool], None]
"""A function that is called every now and then in a wait: for an answer if the request is sent, else to connect."""


def _ignore(is_sent: bool) -> None:
    """Do nothing in a wait."""


class Transport:
    """Sends requests below one URL, through the proxy of the environment if there is one.

    `while_waiting` ends a wait by the error that it raises.
    """

    def __init__(
        self,
        url: str,
        settings: ConnectionSettings,
        *,
        is_streaming: bool = False,
        while_waiting: WhileWaiting = _ignore,
    ) -> None:
        self._url = url
        self._settings = settings
        self._pools = _pools_of(_StreamedResponse if is_streaming else _TimedResponse, while_waiting)
        if settings.verify is False:  # the user asked for it, and need not be warned at each request
            urllib3.disable_warnings(InsecureRequestWarning)
        session = requests.Session()
        # Proxies and certificates from the environment, looked up once: per request it costs as much as the request.
        self._environment = session.merge_environment_settings(url, {}, False, settings.verify, None)

    @cached_property
    def _upstream(self) -> _Upstream:
        """The target of requests; raises the errors of Requests where the environment names a proxy that is no URL."""
        adapter = _TimedAdapter(self._pools, pool_maxsize=_MOST_CONNECTIONS)
        first = requests.Request("GET", self._url + "/").prepare()
        verify, proxies = self._environment["verify"], self._environment["proxies"]
        trusted = DEFAULT_CA_BUNDLE_PATH if verify is True else verify
        pool = adapter.get_connection_with_tls_context(first, trusted, proxies)
        return _Upstream(cast(HTTPConnectionPool, pool), adapter.request_url(first, proxies).removesuffix("/"))

    def exchange(self, request: Request, seconds: float) -> Response:
        """The response to a request, which must be there after so many seconds. Raises `TransportError`."""
        with _explaining(seconds):
            got = self._sent(request, seconds)
            try:
                codings = _codings(got.headers.get("Content-Encoding", ""))
                body = self._body(got.stream(_CHUNK, decode_content=False))
            finally:
                got.close()
        if got.status == 407:
            raise TransportError(*_PROXY_CREDENTIALS, lasting=True, sent=False)
        return Response(got.status, tuple(got.headers.items()), self._decoded(body, codings))

    def open(self, request: Request, seconds: float) -> StreamedResponse:
        """The response to a request that is passed on as it is; raises `TransportError`.

        Its head must be there after so many seconds, and each part of its body so many after the one before.
        """
        missing = (name for name in ("accept-encoding", "user-agent") if name not in request.headers)
        fields = {**request.headers, **dict.fromkeys(missing, SKIP_HEADER)}
        with _explaining(seconds):
            got = self._sent(request._replace(headers=fields), seconds)

        def read() -> bytes:
            with _explaining(seconds):
                return got.read1(_CHUNK, decode_content=False)

        def interrupt() -> None:
            with suppress(ValueError, RuntimeError, OSError):  # it has ended by itself
                got.shutdown()

        return StreamedResponse(got.status, tuple(got.headers.items()), read, interrupt, got.close)

    def _sent(self, request: Request, seconds: float) -> BaseHTTPResponse:
        """The response, its body unread. The target is sent as it is spelt, which is part of a test.

        urllib3 sends it, without Requests between: preparing a request there takes twice the time of sending it.
        """
        if not request.path.startswith("/"):  # behind an authority, "@elsewhere/" would lead to another origin
            raise TransportError(f"the path {request.path!r} does not begin with /", "nothing was sent", sent=False)
        own = {name: value for name, value in self._settings.headers.items() if name.lower() not in request.headers}
        fields = {**own, **request.headers}
        for one in fields.items():
            check_header_validity(one)
        return self._upstream.pool.urlopen(
            request.method,
            self._upstream.prefix + request_target(request),
            body=request.body or None,
            headers={name: _field_value(value) for name, value in fields.items()},
            retries=False,
            redirect=False,
            assert_same_host=False,
            timeout=Timeout(total=seconds),
            preload_content=False,
            decode_content=False,
        )

    def _body(self, chunks: Iterator[bytes]) -> bytes:
        """The body as it was sent, or `TransportError` at the first byte too many."""
        read: list[bytes] = []
        size = 0
        for chunk in chunks:
            size += len(chunk)
            if size > self._settings.max_response:
                raise self._too_large()
            read.append(chunk)
        return b"".join(read)

    def _decoded(self, body: bytes, codings: list[str]) -> bytes:
        """The body without its content codings, the last of which was applied last (RFC 9110 section 8.4).

        None is asked for (`Accept-Encoding: identity`), but a gateway may add one all the same.
        """
        for coding in reversed(codings):
            if coding in {"gzip", "x-gzip", "deflate"} and body:
                body = self._inflated(body, coding)
            elif coding not in {"", "identity"} and body:
                raise TransportError(
                    f"its body has the Content-Encoding {coding!r}, but the request says Accept-Encoding: identity",
                    "send it without Content-Encoding",
                )
        return body

    def _inflated(self, body: bytes, coding: str) -> bytes:
        """A gzip or deflate body decoded, within the limit."""
        try:
            return inflate(body, coding, self._settings.max_response)
        except ContentCodingError as error:
            if error.status == 413:
                raise self._too_large() from None
            raise TransportError(f"its {error}", _IS_HTTP) from None

    def _too_large(self) -> TransportError:
        return TransportError(
            f"its response is larger than {_readable_size(self._settings.max_response)}",
            "if that is right, allow more with --max-response",
        )


def request_target(request: Request) -> str:
    """The path and query of a request, as they stand behind the base URL."""
    return request.path + (f"?{request.query}" if request.query else "")


def _codings(field: str) -> list[str]:
    """The content codings of a body in the order in which they were applied (RFC 9110 section 8.4)."""
    codings = [coding.strip().lower() for coding in field.split(",")]
    if len(codings) > _MOST_CODINGS:
        raise TransportError(f"its body is encoded {len(codings)} times", "send it without Content-Encoding")
    return codings


class _TimedReader(io.RawIOBase):
    """Reads from a socket until a deadline, however often something comes."""

    def __init__(self, sock: socket, raw: io.RawIOBase, seconds: float, while_waiting: WhileWaiting = _ignore) -> None:
        self._socket = sock
        self._raw = raw
        self._while_waiting = while_waiting
        self._deadline = time.monotonic() + seconds
        self._seconds_each: float | None = None

    def wait_for_each(self, seconds: float) -> None:
        """Wait so long for each part from now on, and for ever for all of them."""
        self._seconds_each = seconds

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        each = self._seconds_each
        deadline = self._deadline if each is None else time.monotonic() + each
        while (left := deadline - time.monotonic()) > 0:
            self._socket.settimeout(min(left, LONGEST_WAIT))
            try:
                return self._socket.recv_into(buffer)  # a SocketIO reads nothing more once its time was out
            except TimeoutError:
                self._while_waiting(True)
        raise TimeoutError("timed out")

    def close(self) -> None:
        self._raw.close()
        super().close()


class _TimedResponse(HTTPResponse):
    """A response that is read, status line and interim responses included, in what is left of the timeout."""

    def __init__(self, while_waiting: WhileWaiting, sock: socket, *arguments: Any, **options: Any) -> None:
        super().__init__(sock, *arguments, **options)
        self.seconds = sock.gettimeout()  # urllib3 has set it to what connecting and sending have left
        self.reader: _TimedReader | None = None
        if self.seconds is not None:
            self.reader = _TimedReader(sock, self.fp.detach(), self.seconds, while_waiting)
            self.fp = io.BufferedReader(self.reader)

    def begin(self) -> None:
        """Read the head of the final response; http.client skips 100 alone of the interim ones."""
        super().begin()
        while 100 <= self.status < 200 and self.status != 101:  # behind 101 there is another protocol
            self.headers = self.msg = None  # type: ignore[assignment]  # as they are before a head is read
            super().begin()


class _StreamedResponse(_TimedResponse):
    """A response whose head is read in what is left of the timeout, and its body in as much again for each part."""

    def begin(self) -> None:
        """Read the head of the final response."""
        super().begin()
        if self.reader is not None and self.seconds is not None:
            self.reader.wait_for_each(self.seconds)


_Pools = Mapping[str, type[HTTPConnectionPool]]


def _pools_of(response: type[_TimedResponse], while_waiting: WhileWaiting) -> _Pools:
    """The pools, by scheme, whose connections read responses of a class."""
    # As a static method, since a partial in a class is a method from Python 3.14 on.
    made = cast(type[HTTPResponse], staticmethod(partial(response, while_waiting)))

    class TimedConnection(HTTPConnection):
        response_class = made

        def connect(self) -> None:
            _wait_for(super().connect, while_waiting)

    class SecureTimedConnection(HTTPSConnection):
        response_class = made

        def connect(self) -> None:
            _wait_for(super().connect, while_waiting)

    class TimedPool(HTTPConnectionPool):
        ConnectionCls = TimedConnection

    class SecureTimedPool(HTTPSConnectionPool):
        ConnectionCls = SecureTimedConnection

    return {"http": TimedPool, "https": SecureTimedPool}


def _wait_for(connect: Callable[[], None], while_waiting: WhileWaiting) -> None:
    """Connect in another thread: until a name is resolved or a SYN is answered, the system tells of no signal."""
    done: Future[None] = Future()

    def run() -> None:
        try:
            connect()
            done.set_result(None)
        except BaseException as error:  # noqa: BLE001  # it is raised where it is waited for
            done.set_exception(error)

    Thread(target=run, daemon=True).start()
    while not wait((done,), LONGEST_WAIT).done:
        while_waiting(False)
    done.result()


class _TimedAdapter(HTTPAdapter):
    """Connects so that a timeout covers a response, directly and through proxies."""

    def __init__(self, pools: _Pools, **options: Any) -> None:
        self._pools = pools  # before the manager is made, which needs them
        super().__init__(**options)

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, **options)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **options)
        if not proxy.lower().startswith("socks"):  # it has pools of its own, and Requests needs an extra for it
            manager.pool_classes_by_scheme = self._pools
        return manager


def _field_value(value: str) -> str:
    """A field value whose characters are the bytes that are sent: itself, or else its UTF-8, as curl sends it."""
    try:
        value.encode("latin-1")
    except UnicodeEncodeError:
        return value.encode("utf-8", "surrogatepass").decode("latin-1")
    return value


def _readable_size(size: int) -> str:
    return f"{size // MEBIBYTE} MiB" if size >= MEBIBYTE and size % MEBIBYTE == 0 else f"{size} bytes"


# Why there is no response

_SPEAK_HTTP_1 = "let it, or a gateway before it, accept HTTP/1.1"
_SMALLER_HEADER = "a response may have 100 header fields, each of 64 KiB"
_SEE_ITS_LOG = "see the log of the server"


class _Cause(NamedTuple):
    """A cause: the errors that show it, a pattern that their text holds, and a sentence about it.

    `{why}` is the text of the innermost error, `{seconds}` the timeout.
    """

    kinds: tuple[type[BaseException], ...]
    pattern: str
    what: str
    remedy: str
    lasting: bool = False
    sent: bool = True


# The first one that fits counts, so the more telling ones come first: a failure of a proxy may hold a refused
# connection, for instance. An error whose text tells more than its class has several rows.
_CAUSES = (
    _Cause((ProxyError,), r"\b407\b", *_PROXY_CREDENTIALS, lasting=True, sent=False),
    _Cause(
        (ProxyError,),
        "",
        "it cannot be reached through the proxy of the environment ({why})",
        "correct HTTP_PROXY or HTTPS_PROXY, or name the host in NO_PROXY",
        lasting=True,
        sent=False,
    ),
    _Cause(
        (NameResolutionError,),
        "",
        "it cannot be reached: its host name cannot be resolved",
        "check the URL, and the DNS or VPN of this machine",
        lasting=True,
        sent=False,
    ),
    _Cause(
        (ssl.SSLCertVerificationError,),
        "",
        "it cannot be reached: its TLS certificate is not trusted ({why})",
        "name the certificates to trust with --cacert, or trust any with --insecure",
        lasting=True,
        sent=False,
    ),
    _Cause(
        (ssl.SSLError,),
        "WRONG_VERSION_NUMBER|HTTP_REQUEST|PACKET_LENGTH_TOO_LONG|RECORD_LAYER_FAILURE",
        "it cannot be reached: it does not speak TLS",
        "give its URL with http://, or the port where it speaks TLS",
        lasting=True,
        sent=False,
    ),
    _Cause(
        (ssl.SSLError,),
        "NO_APPLICATION_PROTOCOL",
        "it cannot be reached: it refuses HTTP/1.1 in the TLS handshake",
        _SPEAK_HTTP_1,
        lasting=True,
        sent=False,
    ),
    _Cause(
        (ssl.SSLError,),
        "",
        "it cannot be reached: the TLS handshake failed ({why})",
        "check the scheme and port of the URL, and the TLS settings of the server",
        lasting=True,
        sent=False,
    ),
    _Cause(
        (ConnectionRefusedError,),
        "",
        "it cannot be reached: the connection is refused",
        "check that it runs, and the port of the URL",
        sent=False,
    ),
    _Cause(
        (NewConnectionError,),
        "",
        "it cannot be reached: {why}",
        "check the URL, and the network of this machine",
        sent=False,
    ),
    _Cause(
        (ConnectTimeoutError,),
        "",
        "it cannot be reached: no connection within {seconds:.3g} s",
        "check the URL, and firewalls or the VPN on the way",
        sent=False,
    ),
    _Cause(
        (ReadTimeoutError, TimeoutError),
        "",
        "it did not answer completely within {seconds:.3g} s",
        "if it needs longer, allow that with --timeout",
    ),
    _Cause((UnknownProtocol,), "", "it answers in {why}, not in HTTP/1.1", _SPEAK_HTTP_1, lasting=True),
    _Cause((LineTooLong,), "", "a line of its header is longer than 64 KiB", _SMALLER_HEADER),
    # An alert of TLS begins with its type and version (RFC 8446 section 5.1) ...
    _Cause((BadStatusLine,), r"^\x15\x03", "it speaks TLS", "give its URL with https://", lasting=True),
    # ... and a frame of HTTP/2 with its length in 24 bits (RFC 9113 section 4.1).
    _Cause((BadStatusLine,), r"^\0\0", "it answers in HTTP/2 to HTTP/1.1", _SPEAK_HTTP_1, lasting=True),
    _Cause((ConnectionError,), "", "it closed the connection without a complete answer", _SEE_ITS_LOG),
    _Cause((BadStatusLine,), "", "it answered with something that is no HTTP ({why})", _IS_HTTP),
    _Cause((IncompleteRead,), "", "it closed the connection before its answer was complete", _SEE_ITS_LOG),
    _Cause((HTTPException,), "more than", "its header is too large ({why})", _SMALLER_HEADER),  # it has no class
    _Cause((InvalidHeader,), "", "its answer is not framed as HTTP/1.1 demands ({why})", _IS_HTTP),
    _Cause((InvalidURL,), "", "the request cannot be sent ({why})", "nothing was sent", sent=False),
    _Cause((ValueError,), "", "the request cannot be sent ({why})", "nothing was sent", sent=False),
    _Cause((HTTPException, HTTPError), "", "its answer is not framed as HTTP/1.1 demands ({why})", _IS_HTTP),
    _Cause((Exception,), "", "it closed the connection ({why})", _SEE_ITS_LOG),
)


@contextmanager
def _explaining(seconds: float) -> Iterator[None]:
    """Turn the errors of the libraries into `TransportError`."""
    try:
        yield
    except (requests.RequestException, HTTPError, HTTPException, OSError, ValueError) as error:
        raise _explained(error, seconds) from None


def _explained(error: Exception, seconds: float) -> TransportError:
    """The reason why there is no response, by the first row of the table that fits."""
    chain = tuple(_chain(error))
    why = _one_line(chain[-1])
    for cause in _CAUSES:
        if any(isinstance(one, cause.kinds) and re.search(cause.pattern, str(one)) for one in chain):
            what = cause.what.format(why=why, seconds=seconds)
            return TransportError(what, cause.remedy, lasting=cause.lasting, sent=cause.sent)
    raise AssertionError("the last row fits any error")


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An error and those that it was made of, which Requests and urllib3 keep in attributes and arguments."""
    yield error
    for inner in (getattr(error, "reason", None), *error.args, error.__cause__):
        if isinstance(inner, BaseException):
            yield from _chain(inner)


def _one_line(error: BaseException) -> str:
    text = getattr(error, "verify_message", None) or getattr(error, "strerror", None) or str(error)
    return ascii(" ".join(text.split())[:80]).strip("'\"") or type(error).__name__
