"""Interruption: SIGTERM ends a run as Ctrl-C does, with cleaning up; a second signal ends it at once."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


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

    before = {number: signal.signal(number, handle) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
