"""The transport: one request to one origin, and its whole response within limits of time and size.

Requests alone is not enough for a server that may do anything: its timeout starts again with every byte, it reads
interim responses (RFC 9110 section 15.2) without end, and it holds a body in memory however large that is, or becomes
when it is decoded. Here one deadline covers a request from the connection to the last byte, and one size
covers the body as it is sent and as it is decoded. Redirects are never followed, and cookies are never kept: the
request that is judged is the request that was sent, and a token never reaches another origin.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple, cast

import requests
import urllib3
from requests.utils import DEFAULT_CA_BUNDLE_PATH, check_header_validity
from urllib3 import BaseHTTPResponse, HTTPConnectionPool
from urllib3.exceptions import InsecureRequestWarning
from urllib3.util import SKIP_HEADER, Timeout

from lookalike.codecs.content_coding import ContentCodingError, inflate
from lookalike.http import Request, Response
from lookalike.verify.server.timed_connections import (
    PartwiseTimedResponse,
    TimedAdapter,
    TimedResponse,
    WhileWaiting,
    no_wait,
    pools_of,
)
from lookalike.verify.server.transport_errors import IS_HTTP, PROXY_CREDENTIALS, TransportError, explaining

MEBIBYTE = 2**20
_CHUNK = 2**16
_MOST_CONNECTIONS = 100  # kept open for later requests; no more are used than stories are run in parallel
_MOST_CODINGS = 4  # more layers of Content-Encoding than this serve no client


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
    """The head of a response, whose body is read in parts: `read` returns the part that has come, nothing at the end.

    The body is as it was sent, with its content codings. `read` raises `TransportError`; `close` ends the exchange, and
    `interrupt` ends a `read` that waits in another thread.
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    read: Callable[[], bytes]
    interrupt: Callable[[], None]
    close: Callable[[], None]


class _Upstream(NamedTuple):
    """The connections to the server, or to a proxy, and the text before the target of each request."""

    pool: HTTPConnectionPool
    prefix: str


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
        while_waiting: WhileWaiting = no_wait,
    ) -> None:
        self._url = url
        self._settings = settings
        self._pools = pools_of(PartwiseTimedResponse if is_streaming else TimedResponse, while_waiting)
        if settings.verify is False:  # the user asked for it, and need not be warned at each request
            urllib3.disable_warnings(InsecureRequestWarning)
        session = requests.Session()
        # Proxies and certificates from the environment, looked up once: per request it costs as much as the request.
        self._environment = session.merge_environment_settings(url, {}, False, settings.verify, None)

    @cached_property
    def _upstream(self) -> _Upstream:
        """The target of requests; raises the errors of Requests where the environment names a proxy that is no URL."""
        adapter = TimedAdapter(self._pools, pool_maxsize=_MOST_CONNECTIONS)
        first = requests.Request("GET", self._url + "/").prepare()
        verify, proxies = self._environment["verify"], self._environment["proxies"]
        trusted = DEFAULT_CA_BUNDLE_PATH if verify is True else verify
        pool = adapter.get_connection_with_tls_context(first, trusted, proxies)
        return _Upstream(cast(HTTPConnectionPool, pool), adapter.request_url(first, proxies).removesuffix("/"))

    def exchange(self, request: Request, seconds: float) -> Response:
        """The response to a request, which must be there after so many seconds. Raises `TransportError`."""
        with explaining(seconds):
            got = self._sent(request, seconds)
            try:
                codings = _codings(got.headers.get("Content-Encoding", ""))
                body = self._body(got.stream(_CHUNK, decode_content=False))
            finally:
                got.close()
        if got.status == 407:
            raise TransportError(*PROXY_CREDENTIALS, lasting=True, sent=False)
        return Response(got.status, tuple(got.headers.items()), self._decoded(body, codings))

    def open(self, request: Request, seconds: float) -> StreamedResponse:
        """The response to a request that is passed on as it is; raises `TransportError`.

        Its head must be there after so many seconds, and each part of its body so many after the one before.
        """
        missing = (name for name in ("accept-encoding", "user-agent") if name not in request.headers)
        fields = {**request.headers, **dict.fromkeys(missing, SKIP_HEADER)}
        with explaining(seconds):
            got = self._sent(request._replace(headers=fields), seconds)

        def read() -> bytes:
            with explaining(seconds):
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
            raise TransportError(f"its {error}", IS_HTTP) from None

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


def _field_value(value: str) -> str:
    """A field value whose characters are the bytes that are sent: itself, or else its UTF-8, as curl sends it."""
    try:
        value.encode("latin-1")
    except UnicodeEncodeError:
        return value.encode("utf-8", "surrogatepass").decode("latin-1")
    return value


def _readable_size(size: int) -> str:
    return f"{size // MEBIBYTE} MiB" if size >= MEBIBYTE and size % MEBIBYTE == 0 else f"{size} bytes"
