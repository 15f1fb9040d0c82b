"""The journal as server-sent events (HTML standard, section 9.2): one for each exchange, and one where it was emptied.

A listener looks at the journal four times a second. So a request costs nothing more where someone listens, and a burst
of thousands of requests makes one write. Each event is a line of a list, without bodies; a client reads a whole
exchange from the journal by its number.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

import orjson

from lookalike.errors import SandboxError
from lookalike.journal import JournalEntry
from lookalike.sandboxes import Sandboxes
from lookalike.service import MockService

Summary = Callable[[MockService, JournalEntry], Mapping[str, Any]]
"""A function that makes the line of a list of an exchange."""

MAX_LISTENERS = 16
_PERIOD = 0.25
# The most events of one look; of more exchanges than that, the latest are sent.
_MAX_EVENTS = 100
_RETRY = 1  # second, after which a client asks again where a stream cannot go on
# After so many looks without an event, a comment shows proxies that the connection is in use, and us whether it is.
_SILENT_LOOKS = 60
_COMMENT = b": \n\n"
# Seconds for which an exchange of another process may still appear below those that were sent: PostgreSQL numbers
# entries when they are written, and shows them once they are committed, which a transaction may do 10 seconds later.
_LATEST_COMMIT = 10.0
_CLEARED = b"event: cleared\ndata: {}\n\n"


class JournalListeners:
    """The clients that follow the journals of a mock, at most `MAX_LISTENERS` at once."""

    def __init__(self, sandboxes: Sandboxes, summary: Summary) -> None:
        self._sandboxes = sandboxes
        self._summary = summary
        self._open: set[JournalStream] = set()

    def __len__(self) -> int:
        return len(self._open)

    def open(self, sandbox: str, after: int | None) -> "JournalStream":
        """A stream of the exchanges of a sandbox after one of a number, or from now on.

        Raises `SandboxError`, also where there are too many listeners.
        """
        if len(self._open) >= MAX_LISTENERS:
            raise SandboxError(503, f"{MAX_LISTENERS} clients follow the journal, and no more may", "Read it instead")
        stream = JournalStream(self._sandboxes, self._summary, sandbox, after, self._open.discard)
        self._open.add(stream)
        return stream


class JournalStream:
    """A body with the exchanges of one sandbox; `after` is the number of the last one that the client knows."""

    is_endless = True

    def __init__(
        self,
        sandboxes: Sandboxes,
        summary: Summary,
        sandbox: str,
        after: int | None,
        on_close: Callable[["JournalStream"], None],
    ) -> None:
        self._sandboxes = sandboxes
        self._summary = summary
        self._sandbox = sandbox
        self._mock = sandboxes.get(sandbox)
        newest = max((entry.number for entry in self._mock.journal(limit=1)), default=0)
        self._last = newest if after is None else after
        self._floor = self._last  # no exchange that comes is below
        self._sent: dict[int, float] = {}  # the times of the exchanges above the floor that were sent, by number
        self._is_shared = sandboxes.is_shared
        self._is_empty = newest == 0
        self._on_close = on_close
        self._timer: asyncio.TimerHandle | None = None
        self._is_closed = False
        self._is_first = True
        self._silent = _SILENT_LOOKS  # so that the first look sends a comment, by which the client sees the stream

    def next(self, then: Callable[[bytes | None], None]) -> None:
        """Call a function with the next events, once there are any, in the running event loop."""
        self._timer = asyncio.get_running_loop().call_later(0 if self._is_first else _PERIOD, self._look, then)
        self._is_first = False

    def _look(self, then: Callable[[bytes | None], None]) -> None:
        # In a thread, since the journal may be in a database.
        looking = asyncio.get_running_loop().run_in_executor(None, self.more)
        looking.add_done_callback(partial(self._looked, then))

    def _looked(self, then: Callable[[bytes | None], None], looking: asyncio.Future[bytes | None]) -> None:
        if self._is_closed or looking.cancelled():
            return
        content = looking.result()
        if content == b"":
            self.next(then)
        else:
            then(content or b"")

    def more(self) -> bytes | None:
        """The events of the exchanges since the last call, oldest first; None if the sandbox cannot be had."""
        try:
            entries, is_empty = self._look_again()
        except SandboxError:
            return None
        was_empty, self._is_empty = self._is_empty, is_empty
        self._silent += 1
        if entries:
            self._silent = 0
            return b"".join(self._events(reversed(entries)))
        if is_empty and not was_empty:
            self._silent = 0
            return _CLEARED
        if self._silent < _SILENT_LOOKS:
            return b""
        self._silent = 0
        return _COMMENT

    def _look_again(self) -> tuple[list[JournalEntry], bool]:
        """The new entries, latest first, and whether there is no entry at all; raises `SandboxError`."""
        mock = self._sandboxes.get(self._sandbox)
        if mock is not self._mock:  # it was deleted and made again, and counts from 1 again
            self._mock, self._last, self._floor, self._sent = mock, 0, 0, {}
        now = time.monotonic()
        self._raise_floor(now)
        entries = mock.journal(self._is_new, _MAX_EVENTS, self._floor)
        if len(entries) == _MAX_EVENTS:  # those before them are left out
            self._floor = max(self._floor, entries[-1].number - 1)
        if self._is_shared:
            self._sent |= dict.fromkeys((entry.number for entry in entries), now)
        return entries, not entries and not mock.journal(limit=1)

    def _raise_floor(self, now: float) -> None:
        """Forget the exchanges below which none can come any more."""
        if not self._is_shared:
            self._floor = self._last
        for number, sent in [*self._sent.items()]:
            if sent < now - _LATEST_COMMIT:
                self._floor = max(self._floor, number)
        self._sent = {number: sent for number, sent in self._sent.items() if number > self._floor}

    def so_far(self) -> bytes:
        """The events of the exchanges until now, and the id and the time by which a client asks for more."""
        content = self.more() or b""
        return b"%bid: %d\nretry: %d\n\n" % (content, self._last, 1000 * _RETRY)

    def close(self) -> None:
        """Make room for another listener."""
        self._is_closed = True
        if self._timer is not None:
            self._timer.cancel()
        self._on_close(self)

    def _is_new(self, entry: JournalEntry) -> bool:
        return entry.number > self._floor and entry.number not in self._sent

    def _events(self, entries: Iterable[JournalEntry]) -> Iterator[bytes]:
        for entry in entries:
            self._last = max(self._last, entry.number)  # a late exchange has the id of the latest one
            data = orjson.dumps(self._summary(self._mock, entry))
            yield b"id: %d\nevent: exchange\ndata: %b\n\n" % (self._last, data)


def chunks(stream: JournalStream) -> Iterator[bytes]:
    """The content of a stream as a body of WSGI, which holds a thread of the server until the client has gone."""
    try:
        while (content := stream.more()) is not None:
            yield content or _COMMENT  # a server sees that the client has gone when it writes
            time.sleep(_PERIOD)
    finally:
        stream.close()
