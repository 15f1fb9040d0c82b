"""HTTP for the servers: a handler of values behind `http.server`, which knows nothing of the package."""

import json
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote

NOTHING = object()  # in place of a body: none was sent, or it is not JSON


class Asked(NamedTuple):
    """A request: its path in decoded segments, the names of its headers in lower case, its JSON value, its bytes."""

    method: str
    path: tuple[str, ...]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any
    sent: bytes = b""


class Answer(NamedTuple):
    """A response; a body is sent as JSON, bytes as they are, and none where it is `NOTHING`."""

    status: int
    body: Any = NOTHING
    headers: Mapping[str, str] = {}


Handle = Callable[[Asked], Answer]


@contextmanager
def serving(handle: Handle) -> Iterator[str]:
    """The origin of a server that answers one request at a time."""
    one_at_a_time = Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def answer(self) -> None:
            sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            path, _, query = self.path.partition("?")
            asked = Asked(
                self.command,
                tuple(map(unquote, path.strip("/").split("/"))),
                dict(parse_qsl(query, keep_blank_values=True)),
                {name.lower(): value for name, value in self.headers.items()},
                value_of(sent),
                sent,
            )
            with one_at_a_time:
                given = handle(asked)
            body = _bytes_of(given.body)
            self.send_response(given.status)
            if body and "Content-Type" not in given.headers:
                self.send_header("Content-Type", "application/json")
            if given.status != 204 or body:
                self.send_header("Content-Length", str(len(body)))
            for name, value in given.headers.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def __getattr__(self, name: str) -> Any:
            """The method of a request, as http.server looks it up: each is answered here, an unknown one too."""
            if name.startswith("do_"):
                return self.answer
            raise AttributeError(name)

        def log_message(self, *_: Any) -> None:
            pass

    with Server(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()


class Server(ThreadingHTTPServer):
    """A server whose threads end with the process, and which tells nothing of clients that hang up."""

    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: socket.socket | tuple[bytes, socket.socket], client_address: Any) -> None:
        """Clients that are judged to have waited long enough are no fault of the server."""


def value_of(sent: bytes) -> Any:
    """The JSON value of a body, or `NOTHING`."""
    try:
        return json.loads(sent)
    except (ValueError, RecursionError):
        return NOTHING


def _bytes_of(body: Any) -> bytes:
    if body is NOTHING:
        return b""
    return body if isinstance(body, bytes) else json.dumps(body).encode()
