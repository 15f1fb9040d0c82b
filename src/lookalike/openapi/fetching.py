"""Fetching documents over HTTP, from the zones of the network that the referrer may reach.

Each connection is checked by the address that it really goes to: names may resolve to any address, and redirects lead
anywhere.
"""

import http.client
import socket
import urllib.request
from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.error import HTTPError
from urllib.parse import urlsplit

from lookalike.openapi.zones import NotAllowed, Zone, check_zone, zone_of

_HEADERS = {"Accept": "application/yaml, application/json, */*", "User-Agent": "lookalike"}


class Fetched(NamedTuple):
    """Content, and the least trusted zone that a redirect on the way to it passed."""

    content: bytes
    zone: Zone


def fetch(url: str, referrer: Zone | None, allows_private: bool, longest: int, timeout: float) -> Fetched:
    """The content at an http(s) URL, and one byte more where it is too long; `timeout` is for each step, in seconds.

    Raises `OSError`, `ValueError` or `NotAllowed`.
    """
    route = _Route(referrer, allows_private)
    opener = urllib.request.build_opener(_Http(route), _Https(route), _Redirects)
    opener.addheaders = []
    request = urllib.request.Request(url, headers=_HEADERS)  # noqa: S310  # http or https, by the caller
    try:
        with opener.open(request, timeout=timeout) as response:
            content = response.read(longest + 1)
    except HTTPError as error:  # which is the response, too
        error.close()
        raise
    except http.client.HTTPException as error:
        raise ValueError(f"it is answered with something that is no HTTP: {type(error).__name__}") from None
    return Fetched(content, Zone.PUBLIC if route.zone is None else route.zone)


class _Route:
    """The connections of one fetch: each is checked against the least trusted zone before it."""

    def __init__(self, referrer: Zone | None, allows_private: bool) -> None:
        self.zone = referrer
        self._allows_private = allows_private

    def connect(self, host: str, port: int, timeout: float | None) -> socket.socket:
        """A connection to a host."""
        refused: Exception | None = None
        for *_, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            where = str(address[0])
            try:
                self._check(where)
                connection = socket.create_connection((where, port), timeout)  # the address that was checked
            except (NotAllowed, OSError) as error:
                refused = refused or error
            else:
                self._pass(zone_of(where))
                return connection
        raise refused or OSError(f"{host} has no address")

    def pass_proxy(self, target: str) -> None:
        """Check the addresses of a host that a proxy connects to, as far as they are known here."""
        try:
            found = socket.getaddrinfo(target, None, type=socket.SOCK_STREAM)
        except OSError:  # the proxy may know it
            self._pass(Zone.PUBLIC)
            return
        for *_, address in found:
            self._check(str(address[0]))
        self._pass(max(zone_of(str(address[0])) for *_, address in found))

    def _check(self, address: str) -> None:
        check_zone(self.zone, zone_of(address), address, self._allows_private)

    def _pass(self, zone: Zone) -> None:
        self.zone = zone if self.zone is None else max(self.zone, zone)


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Redirects to http and https only; urllib also follows those to ftp."""

    max_redirections = 5

    def redirect_request(  # noqa: PLR0913, PLR0917  # as the standard library calls it
        self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> Any:
        """The request that follows a redirect."""
        if not newurl.startswith(("http://", "https://")):
            fp.close()
            raise NotAllowed("it redirects to what is neither http nor https")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


class _Http(urllib.request.HTTPHandler):
    """Opens http URLs by a route."""

    def __init__(self, route: _Route) -> None:
        super().__init__()
        self._route = route

    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        """The response to a request."""
        return self.do_open(_by(self._route, req, http.client.HTTPConnection), req)


class _Https(urllib.request.HTTPSHandler):
    """Opens https URLs by a route."""

    def __init__(self, route: _Route) -> None:
        super().__init__()
        self._route = route

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        """The response to a request."""
        return self.do_open(_by(self._route, req, http.client.HTTPSConnection), req)


def _by(route: _Route, request: urllib.request.Request, kind: Callable[..., http.client.HTTPConnection]) -> Any:
    """A function that makes a connection whose socket is made by a route."""
    # By the request, and not by whether the hosts differ: `http://%31%32%37.0.0.1/` has two spellings of one.
    is_proxied = request.has_proxy() or getattr(request, "_tunnel_host", None) is not None

    def make(host: str, **options: Any) -> http.client.HTTPConnection:
        connection = kind(host, **options)

        def connect(address: tuple[str, int], timeout: float | None = None, _: Any = None) -> socket.socket:
            if is_proxied:
                route.pass_proxy(urlsplit(request.full_url).hostname or "")
                return socket.create_connection(address, timeout)
            return route.connect(*address, timeout)

        vars(connection)["_create_connection"] = connect  # the hook that the standard library's own tests use
        return connection

    return make
