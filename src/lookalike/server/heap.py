"""The heap of the C library, whose free pages go back to the system now and then.

Requests of all sizes leave it in pieces: without this, the memory of a mock under load grows by a tenth in half a
million requests, although no object is left behind.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from threading import Thread

INTERVAL = 60
"""Seconds between two trims."""

# Of a larger process there may be so much to give back that others would wait for it: 100 ms for 250 MiB.
_LARGEST = 64 * 1024  # resident pages
_PAGES = Path("/proc/self/statm")


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
    """The function of the C library; None where it has none."""
    import ctypes  # here, since it takes as long to load as a document

    try:
        return ctypes.CDLL(None).malloc_trim if _PAGES.exists() else None
    except (AttributeError, OSError, TypeError):
        return None
