"""Following the files that a mock was made of."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

from lookalike.assembly import Parts, Sources, load
from lookalike.errors import LookalikeError
from lookalike.sandboxes import Sandboxes
from lookalike.service import initial

_INTERVAL = 0.25

Stamp = tuple[tuple[int, int] | None, ...]


def watch(sources: Sources, parts: Parts, sandboxes: Sandboxes, tell: Callable[[str], None]) -> None:
    """From now on, reload the mock when one of its files changes; what it remembers stays.

    A change that cannot be followed is told, and the mock goes on as it was.
    """
    threading.Thread(target=_follow, args=(sources, parts.files, sandboxes, tell), daemon=True).start()


def _follow(sources: Sources, files: tuple[Path, ...], sandboxes: Sandboxes, tell: Callable[[str], None]) -> None:
    seen = _stamp(files)
    while True:
        time.sleep(_INTERVAL)
        now = _stamp(files)
        if now != seen:
            seen = now
            files = _reload(sources, sandboxes, tell) or files
            seen = _stamp(files) if len(files) != len(seen) else seen


def _reload(sources: Sources, sandboxes: Sandboxes, tell: Callable[[str], None]) -> tuple[Path, ...] | None:
    try:
        parts = load(sources)
        sandboxes.follow(initial(parts.model, parts.choices, parts.data, parts.data_name))
        for mock in sandboxes:
            mock.credentials = parts.credentials
    except LookalikeError as error:
        tell(f"not reloaded, and serving as before: {error}")
        return None
    tell("reloaded; what was remembered is kept")
    return parts.files


def _stamp(files: tuple[Path, ...]) -> Stamp:
    """When each file last changed and how long it is; None for one that is not there now."""
    return tuple(_stamp_of(file) for file in files)


def _stamp_of(file: Path) -> tuple[int, int] | None:
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
