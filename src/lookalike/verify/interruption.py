"""Interruption: SIGTERM ends a run as Ctrl-C does, with cleaning up; a second signal ends it at once."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import FrameType

SignalHandler = Callable[[int, FrameType | None], None]

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
# A signal that comes just before the system begins to wait is handled when it has waited: no wait is longer than this,
# in seconds.
LONGEST_WAIT = 0.2
# How long the answer to a request that was sent is still waited for, in seconds: it may show a new item.
_LAST_ANSWER = 1.0


class Interruption:
    """A signal that asks a run to end, if one came."""

    def __init__(self) -> None:
        self.since: float | None = None

    def check(self, is_sent: bool = False) -> None:
        """Raise `KeyboardInterrupt` if a signal came; if a request `is_sent`, its answer gets a moment more."""
        if self.since is not None and time.monotonic() - self.since >= (_LAST_ANSWER if is_sent else 0.0):
            raise KeyboardInterrupt


@contextmanager
def deferred(noted: Interruption) -> Iterator[None]:
    """Note the first signal; `check` raises `KeyboardInterrupt` later, where no step is half done.

    Raised by a handler, it would come between any two instructions: before an item that a server has just created is
    noted, or in a finalizer, where Python drops it.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: handler for number in _SIGNALS if callable(handler := signal.getsignal(number))}

    def handle(number: int, frame: FrameType | None) -> None:
        try:
            before[signal.Signals(number)](number, frame)
        except KeyboardInterrupt:
            if noted.since is not None:
                raise
            noted.since = time.monotonic()

    with _handled_by(handle, before):
        yield


@contextmanager
def interruptible(remedy: str = "") -> Iterator[None]:
    """Raise `KeyboardInterrupt` at the first signal, and end the process at the second one, saying the `remedy`.

    Without this, SIGTERM would end the process at once, as does a CI job that is cancelled, and leave items behind.
    """
    if threading.current_thread() is not threading.main_thread():  # signals belong to the main thread
        yield
        return
    came: list[int] = []

    def handle(number: int, frame: FrameType | None) -> None:
        if came:
            # The normal way out may be what hangs, so neither it nor the buffers of `print` are used.
            os.write(sys.__stderr__.fileno() if sys.__stderr__ else 2, f"lookalike: ended at once{remedy}\n".encode())
            os._exit(128 + number)
        came.append(number)
        raise KeyboardInterrupt

    with _handled_by(handle, _SIGNALS):
        yield


@contextmanager
def _handled_by(handle: SignalHandler, signals: Iterable[signal.Signals]) -> Iterator[None]:
    """Signals with another handler."""
    before = {number: signal.signal(number, handle) for number in signals}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
