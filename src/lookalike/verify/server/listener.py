"""A listener for callbacks and webhooks: an HTTP server of the run, which the server under test calls."""

import ipaddress
import re
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Condition, Thread
from typing import Any, NamedTuple

from lookalike.errors import UsageError

_PREFIX = "/lookalike-callbacks/"
_NUMBERED = re.compile(rf"{_PREFIX}[0-9]+")
_LONGEST_BODY = 2**20
_MOST_KEPT = 1000  # requests to one URL
_POLL = 0.05  # seconds until a closed listener ends at the latest
_TIMEOUT = 10.0  # seconds that a connection may be silent


class ReceivedRequest(NamedTuple):
    """A request that the server under test sent; the names of its header fields are in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def media_type(self) -> str:
        """The media type of the body; empty without one."""
        return self.headers.get("content-type", "")


class CallbackListener:
    """Listens at an address, and keeps the requests that come, by the URL that they were told to come to.

    A host that is a name, by which only the server may know this machine, means all addresses of this machine.

    Raises `UsageError` if the address cannot be used.
    """

    def __init__(self, host: str, port: int) -> None:
        self._changed = Condition()
        self._received: dict[str, list[ReceivedRequest]] = {}
        self._statuses: dict[str, int] = {}
        try:
            self._server = ThreadingHTTPServer((_bound(host), port), _handler(self._receive))
        except OSError as error:
            raise UsageError(f"--listen {host}:{port}: {error.strerror or error}", "Give another address") from None
        self._origin = f"http://{host}:{self._server.server_address[1]}"
        Thread(target=self._server.serve_forever, args=(_POLL,), name="lookalike listener", daemon=True).start()

    @property
    def is_reached(self) -> bool:
        """Whether any request has come."""
        return any(self._received.values())

    def new_url(self, status: int) -> str:
        """A URL that no request was told to come to yet; requests to it, and below it, get a status."""
        with self._changed:
            path = f"{_PREFIX}{len(self._received) + 1}"
            self._received[path], self._statuses[path] = [], status
        return self._origin + path

    def url_at(self, path: str) -> str:
        """The URL at a path, to which the server was set up to send its webhooks; they get 204."""
        with self._changed:
            self._received.setdefault(path, [])
            self._statuses[path] = 204
        return self._origin + path

    def received(self, url: str) -> list[ReceivedRequest]:
        """The requests that came to a URL so far."""
        with self._changed:
            return [*self._received[url.removeprefix(self._origin)]]

    def wait(
        self, url: str, is_enough: Callable[[list[ReceivedRequest]], bool], seconds: float
    ) -> list[ReceivedRequest]:
        """The requests that came to a URL, once they are enough, or the time is over."""
        end = time.monotonic() + seconds
        found = self._received[url.removeprefix(self._origin)]
        with self._changed:
            while not is_enough(found) and time.monotonic() < end:
                self._changed.wait(end - time.monotonic())
            return list(found)

    def close(self) -> None:
        """Listen no more."""
        self._server.shutdown()
        self._server.server_close()

    def _receive(self, request: ReceivedRequest) -> int:
        """Keep a request; the status of its response."""
        match = _NUMBERED.match(request.target)  # whatever the document has behind the URL that was given
        known = match[0] if match else request.target.partition("?")[0]
        with self._changed:
            if known not in self._received:
                return 404
            self._received[known].append(request)
            del self._received[known][:-_MOST_KEPT]
            self._changed.notify_all()
            return self._statuses[known]


def _bound(host: str) -> str:
    """The address to bind for a host that is part of URLs."""
    with suppress(ValueError):
        return str(ipaddress.ip_address(host))
    return "127.0.0.1" if host == "localhost" else ""


def _handler(receive: Callable[[ReceivedRequest], int]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = _TIMEOUT

        def _respond(self) -> None:
            length = self.headers.get("Content-Length", "0")
            body = self.rfile.read(min(int(length), _LONGEST_BODY)) if length.isdecimal() else b""
            headers = {name.lower(): value for name, value in self.headers.items()}
            status = receive(ReceivedRequest(self.command, self.path, headers, body))
            with suppress(OSError):  # it was not waited for
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

        do_POST = do_PUT = do_PATCH = do_DELETE = do_GET = _respond  # noqa: N815  # the names that the library looks for

        def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002  # as the library has it
            """Log nothing: the report has what matters."""

    return Handler
