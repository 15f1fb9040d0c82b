"""A server over TCP that answers with any bytes, however slowly, and with or without TLS."""

import re
import socketserver
import ssl
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread

# For localhost and 127.0.0.1, signed by itself; it protects nothing.
CERTIFICATE = Path(__file__).with_name("localhost.pem")

Answer = Callable[[bytes], Iterable[bytes]]
"""The pieces of an answer to a request."""


@contextmanager
def hostile(answer: Answer, tls: bool = False, alpn: tuple[str, ...] = ()) -> Iterator[str]:
    """The origin of a server that sends what a function makes of each request, and then closes the connection."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    if alpn:
        context.set_alpn_protocols(list(alpn))

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            # Whoever is attacked hangs up, which is no failure of the attacker.
            with suppress(OSError), context.wrap_socket(self.request, server_side=True) if tls else self.request as own:
                request = own.recv(65536)
                while request[:1].isalpha() and not is_whole(request):  # a handshake of TLS is no request
                    request += own.recv(65536)
                for piece in answer(request):
                    own.sendall(piece)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"{'https' if tls else 'http'}://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def is_whole(request: bytes) -> bool:
    """Whether a request has come to the end of its body."""
    head, end, body = request.partition(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
    return bool(end) and len(body) >= (int(length[1]) if length else 0)


def slowly(first: bytes, piece: bytes, times: int = 400) -> Iterator[bytes]:
    """A beginning, and then a piece every 10 ms, for four seconds in all."""
    yield first
    for _ in range(times):
        time.sleep(0.01)
        yield piece
