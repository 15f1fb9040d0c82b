"""The heap of a process that serves: free pages go back to the system, and no garbage collection visits all items.

Requests of all sizes leave the heap of the C library in pieces: without a trim now and then, the memory of a mock under
load grows by a tenth in half a million requests, although no object is left behind. And a full collection takes 100 ms
for 256 MiB of items, in which no client gets a response.
"""

import gc
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from threading import Thread
from typing import Any

INTERVAL = 60
"""Seconds between two trims."""

# Of a larger process there may be so much to give back that others would wait for it: 100 ms for 250 MiB.
_LARGEST = 64 * 1024  # resident pages
_PAGES = Path("/proc/self/statm")
# The length of a collection after which its survivors are frozen, in seconds: some 300,000 objects.
_LONG = 0.01


class LongCollections:
    """A callback of the garbage collector that freezes all survivors of a full collection which took long.

    Later collections do not visit them. They are items, mostly, which have no cycles: counting their references frees
    them, frozen or not. Short collections freeze nothing, since each might keep a cycle that is in use for ever.
    """

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._began = 0.0

    def __call__(self, phase: str, info: dict[str, Any]) -> None:
        """Take the time at the start of a full collection, and look at it at the stop."""
        if info["generation"] != 2:
            return
        if phase == "start":
            self._began = self._clock()
        elif self._clock() - self._began > _LONG:
            gc.freeze()


def trim_beside() -> None:
    """Trim the heap in a thread."""
    Thread(target=trim, name="lookalike heap", daemon=True).start()


def trim() -> None:
    """Give free pages back to the system, where the C library can (glibc), and the process is not large."""
    release = malloc_trim()
    if release is not None and int(_PAGES.read_text(encoding="ascii").split()[1]) < _LARGEST:
        release(0)


@cache
def malloc_trim() -> Callable[[int], int] | None:
    """The function of the C library; None if it has none."""
    import ctypes  # here, since it takes as long to load as a document

    try:
        return ctypes.CDLL(None).malloc_trim if _PAGES.exists() else None
    except (AttributeError, OSError, TypeError):
        return None
