"""A server over HTTP that answers with a function, or drops the connection."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any

from lookalike.http import Headers, Request, Response

Handle = Callable[[Request], Response | None]


@contextmanager
def answering(handle: Handle) -> Iterator[str]:
    """The origin of a server that answers with a function; where that is None, it closes the connection instead."""
    one_at_a_time = Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            path, _, query = self.path.partition("?")
            fields = Headers(dict(self.headers.items()))
            request = Request(self.command, path, query, fields, self.rfile.read(size), time.time())
            with one_at_a_time:
                answer = handle(request)
            if answer is None:
                return
            self.send_response_only(answer.status)  # without a date of its own
            for name, value in answer.headers:
                self.send_header(name, value)
            if answer.status != 204:  # RFC 9110 section 8.6
                self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        do_GET = do_POST = do_PATCH = do_DELETE = do_OPTIONS = do_PUT  # noqa: N815  # the names that http.server looks for

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
