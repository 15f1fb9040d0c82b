"""Serving: all connections in one thread, on a socket that is bound before it is announced."""

import asyncio
import gc
import signal
import socket
import sys
from collections.abc import Callable

from lookalike.errors import UsageError
from lookalike.server.http1 import Connection, Site

_BACKLOG = 1024
# How long answers that are due have to be sent once the server is to stop, in seconds.
_PATIENCE = 0.25
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def serve(site: Site, host: str, port: int, on_ready: Callable[[int], None]) -> None:
    """Serve until SIGINT or SIGTERM, sending answers that are due; port 0 takes a free one.

    `on_ready` is called with the true port, once clients can connect. Raises `UsageError` where it cannot listen there.
    """
    gc.freeze()  # document and seeds stay, so no collection between requests need look at them
    with _bound(host, port) as listener:
        asyncio.run(_serve(site, listener, on_ready))


def _bound(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), family=_family(host), backlog=_BACKLOG)
    except OSError as error:
        reason = error.strerror or error
        raise UsageError(f"cannot listen on {host}:{port}: {reason}; choose another --port or --host") from None


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


async def _serve(site: Site, listener: socket.socket, on_ready: Callable[[int], None]) -> None:
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    _on_signals(loop, stopped.set)
    connections: set[Connection] = set()
    server = await loop.create_server(lambda: Connection(site, connections), sock=listener, backlog=_BACKLOG)
    on_ready(listener.getsockname()[1])
    await stopped.wait()
    server.close()
    await _finish(connections, loop.time() + _PATIENCE)


def _on_signals(loop: asyncio.AbstractEventLoop, stop: Callable[[], object]) -> None:
    for number in _SIGNALS:
        if sys.platform == "win32":  # where a loop takes no signals
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop))
        else:
            loop.add_signal_handler(number, stop)


async def _finish(connections: set[Connection], deadline: float) -> None:
    """Let connections send the answers that are due, until the deadline."""
    for connection in tuple(connections):
        connection.finish()
    while connections and asyncio.get_running_loop().time() < deadline:
        await asyncio.sleep(0.005)
    for connection in tuple(connections):
        connection.abort()
