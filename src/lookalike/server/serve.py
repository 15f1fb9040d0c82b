"""Serving: all connections in one thread, on a socket that is bound before it is announced."""

import asyncio
import gc
import selectors
import signal
import socket
import sys
import time
from collections.abc import Callable, Collection

from lookalike.errors import UsageError
from lookalike.server.dispatch import Dispatcher
from lookalike.server.http1 import Connection, Connections

_BACKLOG = 1024
# How long answers that are due have to be sent once the server is to stop, in seconds.
_PATIENCE = 0.25
# How long it stays awake for the next request, in seconds.
_MOMENT = 100e-6
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def serve(site: Dispatcher, host: str, port: int, on_ready: Callable[[int], None]) -> None:
    """Serve until SIGINT or SIGTERM, sending answers that are due; port 0 takes a free one.

    `on_ready` is called with the true port, once clients can connect. Raises `UsageError` where it cannot listen there.
    """
    gc.freeze()  # document and seeds stay, so no collection between requests need look at them
    with _bound(host, port) as listener, asyncio.Runner(loop_factory=_loop) as runner:
        runner.run(_serve(site, listener, on_ready))


def _bound(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), family=_family(host), backlog=_BACKLOG)
    except OSError as error:
        reason = str(error.strerror or error).partition(" (while ")[0]
        raise UsageError(f"cannot listen on {host}:{port}: {reason}; choose another --port or --host") from None


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


class _Awake(selectors.DefaultSelector):
    """Waits awake for a moment, then asleep.

    A client that sends one request after the other is answered in two thirds of the time: waking takes longer than
    answering.
    """

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """What is ready; `timeout` is in seconds, as is None for ever."""
        ready = super().select(0)
        if ready or (timeout is not None and timeout <= 0):
            return ready
        deadline = time.perf_counter() + _MOMENT
        while not ready and time.perf_counter() < deadline:
            ready = super().select(0)
        return ready or super().select(timeout)


def _loop() -> asyncio.AbstractEventLoop:
    return asyncio.new_event_loop() if sys.platform == "win32" else asyncio.SelectorEventLoop(_Awake())


async def _serve(site: Dispatcher, listener: socket.socket, on_ready: Callable[[int], None]) -> None:
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    _on_signals(loop, stopped.set)
    connections = Connections(site)
    server = await loop.create_server(connections.new, sock=listener, backlog=_BACKLOG)
    on_ready(listener.getsockname()[1])
    await stopped.wait()
    server.close()
    await _finish(connections.open, loop.time() + _PATIENCE)


def _on_signals(loop: asyncio.AbstractEventLoop, stop: Callable[[], object]) -> None:
    for number in _SIGNALS:
        if sys.platform == "win32":  # where a loop takes no signals
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop))
        else:
            loop.add_signal_handler(number, stop)


async def _finish(connections: Collection[Connection], deadline: float) -> None:
    """Let connections send the answers that are due, until the deadline."""
    for connection in tuple(connections):
        connection.finish()
    while connections and asyncio.get_running_loop().time() < deadline:
        await asyncio.sleep(0.005)
    for connection in tuple(connections):
        connection.abort()
