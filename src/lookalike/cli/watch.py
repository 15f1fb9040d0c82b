"""Following the files that a mock was made of."""

import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from lookalike.assembly import Parts, Sources, load
from lookalike.errors import LookalikeError
from lookalike.openapi.sources import SourceReader
from lookalike.sandboxes import Sandboxes
from lookalike.service import initial

_INTERVAL = 0.25
_MOST_LOOKS = 8  # for which a reload waits for files that change all the time


class FileStamp(NamedTuple):
    """The time of the last change of a file in nanoseconds, its size, and its identity, which a move changes."""

    changed: int
    size: int
    identity: int


Stamps = dict[Path, FileStamp | None]
"""The stamps of files; None for one that is not there."""


def watch(sources: Sources, parts: Parts, sandboxes: Sandboxes, tell: Callable[[str], None], since: int) -> None:
    """Reload the mock whenever one of its files changes; what it remembers stays.

    `since` is the time when the files began to be read, in nanoseconds: later changes are followed too.
    """
    watcher = Watcher(sources, parts.files, sandboxes, tell, since)
    threading.Thread(target=_follow, args=(watcher,), daemon=True).start()


def _follow(watcher: "Watcher") -> None:
    while True:
        time.sleep(_INTERVAL)
        watcher.look()


class Watcher:
    """Reloads a mock when its files have changed and the change is complete.

    A change that cannot be followed is reported in a line, and the mock goes on as it was.
    """

    def __init__(
        self,
        sources: Sources,
        files: Iterable[Path],
        sandboxes: Sandboxes,
        tell: Callable[[str], None],
        since: int | None = None,
    ) -> None:
        self._sources = sources
        self._sandboxes = sandboxes
        self._tell = tell
        self._reported = ""
        self._looks = 0
        self._last = _stamps(files)
        self._loaded: Stamps = {file: stamp for file, stamp in self._last.items() if not _is_later(stamp, since)}

    def look(self) -> None:
        """Look at the files once; called now and then.

        Editors write a file in steps, or move another one to its place. So a file is read when it has not changed from
        one look to the next, but for files that never rest.
        """
        now = _stamps(self._last)
        is_at_rest, self._last = now == self._last, now
        if now == self._loaded:
            self._looks = 0
            return
        self._looks += 1
        if is_at_rest or self._looks > _MOST_LOOKS:
            self._looks = 0
            self._loaded = now
            self._follow(self._reload())

    def _follow(self, files: Iterable[Path]) -> None:
        """Follow these files from now on."""
        self._last = {file: self._loaded[file] if file in self._loaded else _stamp(file) for file in files}
        self._loaded = dict(self._last)

    def _reload(self) -> tuple[Path, ...]:
        """Reload the mock; the files to follow, among them those that could not be read."""
        reader = SourceReader(self._sources.references)
        try:
            parts = load(self._sources, reader)
            self._sandboxes.follow(initial(parts.model, parts.choices, parts.data, parts.data_name))
            for mock in self._sandboxes:
                mock.credentials = parts.credentials
        except Exception as error:  # noqa: BLE001  # no edit may end the watching
            self._say(f"not reloaded, and serving as before: {_line_of(error)}", is_failure=True)
            return tuple(dict.fromkeys((*self._last, *reader.files)))
        self._say("reloaded; what was remembered is kept")
        return parts.files

    def _say(self, text: str, is_failure: bool = False) -> None:
        """Tell a line, but a failure only once: the next save of a file often has the same."""
        if not is_failure or text != self._reported:
            with suppress(OSError):  # standard error is closed
                self._tell(text)
        self._reported = text if is_failure else ""


def _line_of(error: Exception) -> str:
    """The error in one line."""
    if not isinstance(error, LookalikeError):
        return " ".join(f"internal error: {type(error).__name__}: {error}".split())
    first, *more = str(error).splitlines()
    return f"{first} (and {len(more)} more)" if more else first


def _stamps(files: Iterable[Path]) -> Stamps:
    return {file: _stamp(file) for file in files}


def _stamp(file: Path) -> FileStamp | None:
    try:
        status = file.stat()
    except (OSError, ValueError):  # ValueError: a name that no file can have
        return None
    return FileStamp(status.st_mtime_ns, status.st_size, status.st_ino)


def _is_later(stamp: FileStamp | None, since: int | None) -> bool:
    return stamp is not None and since is not None and stamp.changed > since
