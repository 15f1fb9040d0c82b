"""A connection of the server without a network: its client is a transport, and events happen when a test says so."""

import asyncio
from typing import Any

from lookalike.assembly import Sources, assemble, load
from lookalike.server.dispatch import Dispatcher
from lookalike.server.http1 import Connections
from lookalike.server.http1_states import WriteState

MOCK = assemble(load(Sources()))


class Client(asyncio.Transport):
    """A transport that is full when it is told so, and reads only while it may."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 50000)})
        self.sent = b""
        self.protocol: Any = None
        self.is_full_after = -1
        self.is_paused = self.is_closed = False

    def write(self, data: Any) -> None:
        assert not self.is_closed
        self.sent += data
        self.is_full_after -= 1
        if self.is_full_after == 0:
            self.protocol.pause_writing()

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None: ...

    def abort(self) -> None:
        self.is_closed = True

    def can_write_eof(self) -> bool:
        return True

    def write_eof(self) -> None: ...

    def pause_reading(self) -> None:
        self.is_paused = True

    def resume_reading(self) -> None:
        self.is_paused = False

    def close(self) -> None:
        self.is_closed = True


BLOCKED = frozenset({WriteState.BLOCKED, WriteState.DELAYED_BLOCKED})
DELAYED = frozenset({WriteState.DELAYED, WriteState.DELAYED_BLOCKED})


class Play:
    """A connection to which events happen, and the defects that show."""

    def __init__(self, connections: Connections | None = None) -> None:
        self.defects: list[str] = []
        asyncio.get_running_loop().set_exception_handler(self._note)
        self.client = Client()
        self.connections = connections or Connections(Dispatcher(MOCK))
        self.client.protocol = self.connection = self.connections.new()
        self.connection.connection_made(self.client)
        self.is_over = False

    def _note(self, _: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        self.defects.append(repr(context.get("exception")))

    async def happen(self, event: bytes | str | int) -> None:
        """Let an event happen; an integer is the number of writes after which the client takes no more."""
        if isinstance(event, bytes):
            if not self.client.is_paused:
                self.connection.data_received(event)
        elif isinstance(event, int):
            self.client.is_full_after = event
        else:
            await getattr(self, event)()

    async def turn(self) -> None:
        await asyncio.sleep(0)

    async def later(self) -> None:
        await asyncio.sleep(0.003)
        self._take()

    async def end_of_stream(self) -> None:
        self.is_over = not self.connection.eof_received()

    async def stop(self) -> None:
        self.connection.finish()

    async def gone(self) -> None:
        self.is_over = True

    async def end(self) -> None:
        """Take all that is still to come."""
        if self.is_over:
            self.connection.connection_lost(None)
        self.client.is_full_after = -1
        for _ in range(30):
            self._take()
            for _ in range(2000):  # the control API takes some time to load
                if self.connection._writing not in DELAYED:
                    break
                await asyncio.sleep(0.002)
            await asyncio.sleep(0)
        if self.connection._timer is not None:
            self.connection._timer.cancel()

    def _take(self) -> None:
        if self.connection._writing in BLOCKED:
            self.connection.resume_writing()


async def play(events: list[bytes | str | int]) -> Play:
    play = Play()
    for event in events:
        if not play.is_over and not play.client.is_closed:
            await play.happen(event)
    await play.end()
    return play
