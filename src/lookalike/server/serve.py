"""Serving: Granian's WSGI worker inside this process, on a socket that is bound before it is announced."""

import gc
import http.client
import os
import socket
import threading
import time
from collections.abc import Callable
from typing import Any
from wsgiref.types import WSGIApplication

from granian import _granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.server.mt import MTServer

from lookalike.errors import UsageError

HEALTH = "/__lookalike/health"

# A client that stalls in the middle of its body holds one of these; more of them cost nothing while they are idle.
_THREADS = 32
_BACKLOG = 1024

# How long answers that are under way have to be finished once the server is to stop, in seconds.
_PATIENCE = 0.25
# How often the main thread looks up, in seconds.
_WINK = 0.1
_LONGEST_HEAD = 64 * 1024

_ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # what such a server is reached at, not bound to


def serve(application: WSGIApplication, host: str, port: int, on_ready: Callable[[int], None]) -> None:
    """Serve until SIGINT or SIGTERM, finishing answers that are under way; port 0 takes a free one.

    `on_ready` is called with the true port, once the server answers. Raises `UsageError` where it cannot listen there.
    """
    _hide_headers_of_the_environment()
    gc.freeze()  # document and seeds stay, so no collection between requests need look at them
    with _bound(host, port) as listener:
        server = _Server(listener, lambda: on_ready(listener.getsockname()[1]))
        server.serve(target_loader=lambda: application, wrap_loader=False)


def _hide_headers_of_the_environment() -> None:
    """Granian hands on the environment of its process, as CGI did, where HTTP_X would look like a client's header."""
    for name in [name for name in os.environ if name.startswith("HTTP_")]:
        del os.environ[name]


def _bound(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), family=_family(host), backlog=_BACKLOG)
    except OSError as error:
        reason = error.strerror or error
        raise UsageError(f"cannot listen on {host}:{port}: {reason}; choose another --port or --host") from None


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


class _Interrupt(threading.Event):
    """What the main thread waits for, awake now and then: a signal that comes just before it waits wakes nobody."""

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it is set, however long that takes."""
        while not super().wait(_WINK):
            pass
        return True


class _Server(MTServer):
    """Granian's thread server, whose state lives in this process; under the GIL one thread runs at a time."""

    def __init__(self, listener: socket.socket, on_ready: Callable[[], None]) -> None:
        super().__init__(
            "lookalike",
            address=listener.getsockname()[0],
            port=listener.getsockname()[1],
            interface=Interfaces.WSGI,
            http=HTTPModes.http1,
            http1_settings=HTTP1Settings(max_buffer_size=_LONGEST_HEAD),
            websockets=False,
            blocking_threads=_THREADS,
            log_enabled=False,
        )
        self._listener = listener
        self._on_ready = on_ready
        self.main_loop_interrupt = _Interrupt()

    def _check_gil(self) -> None:
        """Nothing: threads are here for clients that stall, not for speed, so the GIL is welcome."""

    def signal_handler_interrupt(self, *args: Any, **kwargs: Any) -> None:
        """Stop; clients that stall in the middle of a body are not waited for."""
        deadline = threading.Timer(_PATIENCE, os._exit, (0,))
        deadline.daemon = True
        deadline.start()
        super().signal_handler_interrupt(*args, **kwargs)  # type: ignore[no-untyped-call]  # Granian's own

    def _init_shared_socket(self) -> None:
        """Hand over a copy of the socket, which Granian will close, in place of binding one for each worker."""
        holder: Any = _granian.SocketHolder(self._listener.dup().detach(), False, _BACKLOG)  # type: ignore[call-arg]  # untyped
        self._ssp, self._shd = None, holder
        threading.Thread(target=self._announce, daemon=True).start()

    def _announce(self) -> None:
        host, port = self._listener.getsockname()[:2]
        while not _answers(_ANYWHERE.get(host, host), port):
            time.sleep(0.005)
        self._on_ready()


def _answers(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=1)
    try:
        connection.request("GET", HEALTH)
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
