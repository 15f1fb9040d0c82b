"""Serves a mock over HTTP in this process, on a free port, with its control API.

Werkzeug's own server takes ten times as long for a request, and a proof over all defects sends very many.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import Any
from urllib.parse import unquote_to_bytes
from wsgiref.types import WSGIApplication, WSGIEnvironment

from lookalike.server.app import create_app
from lookalike.service import MockService

_LONGEST_LINE = 64 * 1024
_OF_CGI = {"HTTP_CONTENT_TYPE": "CONTENT_TYPE", "HTTP_CONTENT_LENGTH": "CONTENT_LENGTH"}


@contextmanager
def serving(mock: MockService) -> Iterator[str]:
    """The origin at which a mock answers, until the context is left."""
    with _Server(create_app(mock)) as server:
        thread = Thread(target=lambda: server.serve_forever(poll_interval=0.005), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


class _Server(ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, application: WSGIApplication) -> None:
        super().__init__(("127.0.0.1", 0), _Connection)
        self.application = application

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing: clients may hang up whenever they like."""


class _Connection(StreamRequestHandler):
    """HTTP/1.1 on one connection, request after request (RFC 9112)."""

    server: _Server
    disable_nagle_algorithm = True

    def handle(self) -> None:
        while self._exchange():
            pass

    def _exchange(self) -> bool:
        """Answer one request; whether another may follow."""
        start = self.rfile.readline(_LONGEST_LINE).split()
        if len(start) != 3:
            return False
        environ = self._environ(*(part.decode("latin-1") for part in start[:2]))
        self._read_headers(environ)
        if environ.get("HTTP_EXPECT", "").lower() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        environ["wsgi.input"] = BytesIO(self._read_body(environ))
        self._answer(environ)
        return environ.get("HTTP_CONNECTION", "").lower() != "close" and start[2] == b"HTTP/1.1"

    def _environ(self, method: str, target: str) -> WSGIEnvironment:
        path, _, query = target.partition("?")
        return {
            "REQUEST_METHOD": method,
            "REQUEST_URI": target,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query,
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": str(self.server.server_address[1]),
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": self.client_address[0],
            "wsgi.url_scheme": "http",
        }

    def _read_headers(self, environ: WSGIEnvironment) -> None:
        """Header fields; several of one name are joined with a comma (RFC 9110 section 5.3)."""
        while (line := self.rfile.readline(_LONGEST_LINE)) not in {b"\r\n", b"\n", b""}:
            name, _, value = line.decode("latin-1").partition(":")
            key = "HTTP_" + name.strip().upper().replace("-", "_")
            key, text = _OF_CGI.get(key, key), value.strip()
            environ[key] = f"{environ[key]},{text}" if key in environ else text

    def _read_body(self, environ: WSGIEnvironment) -> bytes:
        if "HTTP_TRANSFER_ENCODING" not in environ:
            return self.rfile.read(int(environ.get("CONTENT_LENGTH") or 0))
        body = b""
        while size := int(self.rfile.readline(_LONGEST_LINE).partition(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline(_LONGEST_LINE)
        self.rfile.readline(_LONGEST_LINE)
        return body

    def _answer(self, environ: WSGIEnvironment) -> None:
        head: list[str] = []

        def start_response(status: str, headers: list[tuple[str, str]], *_: Any) -> Any:
            head.extend((f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers)))

        body = b"".join(self.server.application(environ, start_response))
        self.wfile.write("\r\n".join((*head, "\r\n")).encode("latin-1") + body)
