"""Serving a mock over HTTP: until a signal, or in a thread of its own.

One event loop in one thread serves all connections. The socket is bound before anything else is started, so that a
port that is taken is an error of the caller.
"""

import asyncio
import errno
import gc
import logging
import selectors
import signal
import socket
import ssl
import sys
import time
from collections.abc import Callable, Collection, Coroutine
from concurrent.futures import Future
from itertools import count
from threading import Thread
from types import TracebackType
from typing import Any, NamedTuple

from lookalike.errors import UsageError
from lookalike.server import heap
from lookalike.server.dispatch import Dispatcher
from lookalike.server.http1 import DEFAULT_LIMITS, Connection, Connections, Limits
from lookalike.server.long_work import Application

_logger = logging.getLogger(__name__)

_BACKLOG = 1024
# The number of connections that are accepted in one turn of the event loop, which takes 50 microseconds for each.
_ACCEPTED_AT_ONCE = 64
# For how long responses that are due may still be sent once the server stops, in seconds.
_GRACE = 0.25
# For how long the selector polls before it blocks, in seconds.
_POLLING = 100e-6
# Errors of accept() for which clients have to wait, and for how long they are not logged again, in seconds.
_NO_RESOURCES = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
_SILENCE = 60.0
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Endpoint(NamedTuple):
    """An address to serve at: port 0 takes a free one, and the settings of `tls` encrypt connections."""

    host: str
    port: int
    tls: ssl.SSLContext | None = None


def serve(
    dispatcher: Application,
    endpoint: Endpoint,
    on_ready: Callable[[int], None],
    limits: Limits = DEFAULT_LIMITS,
) -> None:
    """Serve until SIGINT or SIGTERM, then send the responses that are due.
    `on_ready` is called with the port once clients can connect. Raises `UsageError` if the address cannot be bound.
    """
    gc.freeze()  # document and seeds live as long as the process, so no collection between requests need visit them

    def ready(loop: asyncio.AbstractEventLoop, stop: Callable[[], None]) -> None:
        _on_signals(loop, stop)
        on_ready(listener.getsockname()[1])

    with listen(endpoint.host, endpoint.port) as listener:
        _run(_serve(Connections(dispatcher, limits=limits), listener, ready, endpoint.tls))


def serve_as_worker(
    application: Application,
    listener: socket.socket,
    lifeline: int,
    tls: ssl.SSLContext | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> None:
    """Serve on a socket until SIGINT or SIGTERM, or until the other end of a pipe is closed; see `workers`."""

    def ready(loop: asyncio.AbstractEventLoop, stop: Callable[[], None]) -> None:
        _on_signals(loop, stop)
        loop.add_reader(lifeline, stop)

    with listener:
        _run(_serve(Connections(application, limits=limits), listener, ready, tls))
    for number in _SIGNALS:  # the parent sends one too, and ends a worker that takes too long
        signal.signal(number, signal.SIG_IGN)


def _run(serving: Coroutine[Any, Any, None]) -> None:
    """Run a server in a process of its own."""
    gc.callbacks.append(heap.LongCollections())
    with asyncio.Runner(loop_factory=_polling_loop) as runner:
        runner.run(serving)


class MockServer:
    """A mock that is served over HTTP by a thread, until `close` or the end of the `with` block.

    `host` and `port` are those that it listens on, and `url` is where its operations are.
    """

    def __init__(self, dispatcher: Dispatcher, host: str, port: int) -> None:
        listener = listen(host, port)
        self.host = host
        self.port: int = listener.getsockname()[1]
        self.url = f"http://{in_url(host)}:{self.port}{dispatcher.base_path}"
        self._started: Future[tuple[asyncio.AbstractEventLoop, Callable[[], None]]] = Future()
        self._thread = Thread(target=self._run, args=(dispatcher, listener), name="lookalike", daemon=True)
        self._thread.start()
        self._loop, self._stop = self._started.result()

    def close(self) -> None:
        """Send the responses that are due, and stop; a second call does nothing."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop)
            self._thread.join()

    def __enter__(self) -> "MockServer":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _run(self, dispatcher: Dispatcher, listener: socket.socket) -> None:
        def ready(loop: asyncio.AbstractEventLoop, stop: Callable[[], None]) -> None:
            self._started.set_result((loop, stop))

        # No polling: it would hold the interpreter, which a client in another thread of this process needs.
        with listener, asyncio.Runner() as runner:
            runner.run(_serve(Connections(dispatcher), listener, ready))


def in_url(host: str) -> str:
    """A host as it is written in a URL: an IPv6 address in brackets (RFC 3986 section 3.2.2)."""
    return f"[{host}]" if ":" in host else host


def listen(host: str, port: int, *, is_shared: bool = False) -> socket.socket:
    """A socket that listens; one that is shared lets others of this program listen on its port too.

    Raises `UsageError` if the address cannot be bound.
    """
    try:
        return socket.create_server((host, port), family=_family(host), backlog=_BACKLOG, reuse_port=is_shared)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise UsageError(
                f"port {port} of {host} is in use; take another one with --port N, or any free one with --port 0"
            ) from None
        reason = str(error.strerror or error).partition(" (while ")[0]
        raise UsageError(f"cannot listen on {host}:{port}: {reason}; choose another --port or --host") from None


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


class _PollingSelector(selectors.DefaultSelector):
    """A selector that polls for a moment before it blocks.

    Waking a blocked thread takes longer than answering a request: a client that sends one request after the other
    gets its responses in two thirds of the time.
    """

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """The files that are ready; `timeout` is in seconds, and None waits for ever."""
        ready = super().select(0)
        if ready or (timeout is not None and timeout <= 0):
            return ready
        deadline = time.perf_counter() + _POLLING
        while not ready and time.perf_counter() < deadline:
            ready = super().select(0)
        return ready or super().select(timeout)


def _polling_loop() -> asyncio.AbstractEventLoop:
    return asyncio.new_event_loop() if sys.platform == "win32" else asyncio.SelectorEventLoop(_PollingSelector())


async def _serve(
    connections: Connections,
    listener: socket.socket,
    ready: Callable[[asyncio.AbstractEventLoop, Callable[[], None]], None],
    tls: ssl.SSLContext | None = None,
) -> None:
    """Serve on a socket; `ready` gets the loop, and a function that stops the server when it is called there."""
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(LoopErrors())
    stopped = asyncio.Event()
    server = await loop.create_server(connections.new, sock=listener, backlog=_ACCEPTED_AT_ONCE, ssl=tls)
    listener.listen(_BACKLOG)  # asyncio has listened with its argument, and accepts as many at once
    ticking = asyncio.create_task(_tick(connections))
    ready(loop, stopped.set)
    await stopped.wait()
    server.close()
    ticking.cancel()
    await _finish(connections.open, loop.time() + _GRACE)


async def _tick(connections: Connections) -> None:
    for second in count(1):
        await asyncio.sleep(1.0)
        connections.tick()
        if second % heap.INTERVAL == 0:
            heap.trim_beside()


class LoopErrors:
    """The exception handler of the event loop: a line a minute for missing descriptors, nothing for lost clients.

    When no descriptor is free, asyncio stops accepting for a second and then tries again, so that waiting clients are
    served once others have gone.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._silent_until = float("-inf")

    def __call__(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Log an error, or not."""
        error = context.get("exception")
        if isinstance(error, OSError) and error.errno in _NO_RESOURCES:
            if self._clock() >= self._silent_until:
                self._silent_until = self._clock() + _SILENCE
                _logger.warning("new clients have to wait: %s; raise the limit, as with ulimit -n", error.strerror)
        elif not isinstance(error, ConnectionError | TimeoutError):
            loop.default_exception_handler(context)


def _on_signals(loop: asyncio.AbstractEventLoop, stop: Callable[[], None]) -> None:
    for number in _SIGNALS:
        if sys.platform == "win32":  # where a loop takes no signals
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop))
        else:
            loop.add_signal_handler(number, stop)


async def _finish(connections: Collection[Connection], deadline: float) -> None:
    """Let connections send the responses that are due, until the deadline."""
    for connection in tuple(connections):
        connection.finish()
    while connections and asyncio.get_running_loop().time() < deadline:
        await asyncio.sleep(0.005)
    for connection in tuple(connections):
        connection.abort()
