"""The proxy as an application: each request goes to one server, and its response back to the client as it is."""

import json
from collections.abc import Mapping
from functools import partial
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import urlsplit

from lookalike.http import SAFE, Request, Response, Transmission
from lookalike.model.response.problem_details import problem_details
from lookalike.pacing import without_limit
from lookalike.proxy.console import ProxyConsole
from lookalike.proxy.exchange_order import ExchangeEnd, ExchangeOrder
from lookalike.proxy.forwarding import PassedBody, forwarded, is_looped, observed, passed_headers
from lookalike.proxy.missing import MissingOperations
from lookalike.proxy.paths import PREFIX
from lookalike.server.control.access import is_loopback_host
from lookalike.server.daemon_threads import DaemonThreads
from lookalike.server.http1_heads import WITHOUT_LENGTH
from lookalike.verify.server.transport import StreamedResponse, Transport
from lookalike.verify.server.transport_errors import TransportError

_MOST_AT_ONCE = 128
_PORTS = {"http": ":80", "https": ":443"}
# Fields that are not true of a body any more once it is decoded, and framed again.
_OF_THE_CODED_BODY = {"content-encoding", "content-length", "transfer-encoding"}


class ProxyOptions(NamedTuple):
    """The limits of a proxy: seconds for the head of a response and for each further part, and bytes of bodies.

    A request whose body is longer than `longest_request` is refused. Bodies of up to `longest_judged` are kept to be
    judged, since others wait while a longer one is; all of them are passed on. With `is_local`, the Host of a request
    must be this machine, or the server: otherwise a web page could reach the server through the proxy under a name of
    its own (DNS rebinding).
    """

    timeout: float = 60.0
    longest_request: int = 64 * 2**20
    longest_judged: int = 2 * 2**20
    is_local: bool = True


class ProxyApplication:
    """Passes requests on to the server of an origin."""

    most_at_once = _MOST_AT_ONCE

    def __init__(
        self,
        transport: Transport,
        order: ExchangeOrder,
        options: ProxyOptions,
        missing: MissingOperations | None = None,
        console: ProxyConsole | None = None,
    ) -> None:
        self._hosts = _names_of(order.origin)
        self._origin = order.origin
        self._transport = transport
        self._order = order
        self._options = options
        self._missing = missing
        self._console = console
        self._threads = DaemonThreads(_MOST_AT_ONCE, "lookalike proxy")

    def respond(self, request: Request, client: str) -> Response:
        """The response of the server to a request.

        Steps have no limit, since a request that was passed on cannot be begun again.
        """
        if self._console is not None and request.path.startswith(PREFIX):
            return self._console.respond(request, client)
        return without_limit(partial(self._respond, request))

    def _respond(self, request: Request) -> Response:
        if is_looped(request):
            return _problem(508, "the request has come through this proxy before: the server is the proxy itself")
        host = request.headers.get("host", "")
        if self._options.is_local and host not in self._hosts and not _is_of_this_machine(host):
            return _problem(403, f"the Host {host!r} is neither this machine nor {self._origin}; use localhost")
        sent = forwarded(request)
        number = self._order.begin(*self._kept(request))
        try:
            got = self._sent(sent)
        except TransportError as error:
            self._order.end(number, ExchangeEnd(failure=error.what))
            status = 504 if error.what.startswith("it did not answer") else 502
            return _problem(status, f"{self._origin}: {error}")
        mocked = self._missing.answer(request, got.status) if self._missing is not None else None
        if mocked is not None:
            got.close()
            self._order.end(number, ExchangeEnd(mocked, size=len(mocked.body), is_mocked=True))
            return mocked
        return self._passed(request, number, got)

    def _kept(self, request: Request) -> tuple[Request, frozenset[str]]:
        """A request as it is judged, and the parts that are missing then."""
        if len(request.body) <= self._options.longest_judged:
            return observed(request), frozenset()
        return observed(request._replace(body=b"")), frozenset({"request.body"})

    def _sent(self, request: Request) -> StreamedResponse:
        """The head of the response. A safe request is sent again where a connection that was kept has just ended."""
        try:
            return self._transport.open(request, self._options.timeout)
        except TransportError as error:
            if request.method not in SAFE or not error.what.startswith("it closed the connection"):
                raise
            return self._transport.open(request, self._options.timeout)

    def _passed(self, request: Request, number: int, got: StreamedResponse) -> Response:
        headers = passed_headers(got)

        def told() -> None:
            response, is_kept = body.copy(headers, got.status)
            missing = frozenset[str]() if body.is_whole and is_kept else frozenset({"response.body"})
            plain = tuple(field for field in headers if field[0].lower() not in _OF_THE_CODED_BODY)
            size = max(body.size, len(response.body))
            self._order.end(number, ExchangeEnd(response._replace(headers=plain), missing, size, failure=body.failure))

        body = PassedBody(got, self._threads, self._options.longest_judged, told)
        if request.method == "HEAD" or got.status in WITHOUT_LENGTH:
            body.is_whole = True
            body.end()
        return Response(got.status, headers, transmission=Transmission(source=body))

    def takes_long(self, request: Request) -> bool:
        """Always: the server is waited for."""
        return True

    def refusal_to_proxies(self, path: str, host: str) -> str:
        """The reason to refuse a request whose target is a whole URL; empty if that is one of the server."""
        if self._console is not None and path.startswith(PREFIX):
            return "the console is not for proxies; send the path alone"
        if host.lower() in self._hosts:
            return ""
        return f"this proxy is for {self._origin} alone; name {host} in NO_PROXY"

    def longest_body(self, path: str, headers: Mapping[str, str], client: str) -> int:
        """The limit on the body of a request, in bytes."""
        return self._options.longest_request

    def too_large(self, request: Request, client: str) -> Response:
        """The response to a request whose body is over the limit."""
        return _problem(
            413, f"the body is longer than {self._options.longest_request} bytes; --max-body sets the limit"
        )

    def incomplete(self, request: Request) -> Response:
        """The response to a request whose body ended early."""
        return _problem(400, "the body did not come as its Content-Length says")

    def misread(self, request: Request, status: int, why: str) -> Response:
        """The response to bytes that are no request, or that cannot be passed on."""
        return _problem(status, why)


def _names_of(origin: str) -> frozenset[str]:
    """The ways in which a Host names an origin: with its port, and without where that is the usual one."""
    parts = urlsplit(origin)
    netloc = parts.netloc.lower()
    if parts.port is not None:
        return frozenset({netloc, netloc.removesuffix(_PORTS[parts.scheme])})
    # A client that sends a whole URL to its proxy does so for http, whatever the server speaks.
    return frozenset({netloc, f"{netloc}:80", f"{netloc}:443"})


def _is_of_this_machine(host: str) -> bool:
    try:
        name = urlsplit(f"//{host}").hostname
    except ValueError:
        return False
    return name is not None and is_loopback_host(name)


def _problem(status: int, why: str) -> Response:
    """Problem details of the proxy itself; the field tells them from answers of the server."""
    body = json.dumps(problem_details(status, [why], ())).encode()
    fields = (("Content-Type", "application/problem+json"), ("Lookalike-Proxy", HTTPStatus(status).phrase))
    return Response(status, fields, body)
