"""The journal of a run: a file that holds every write before it is sent, so that a killed run can be undone.

It has a JSON object on each line (JSON Lines). The first one of a run gives the URL of the server, all others belong to
the run whose id they have, so that two runs may share a file. Each line is written before the request that it is about
is sent; at worst, the last line is incomplete, and then that request was never sent. For a server on another machine,
it is also on the disk by then (fsync), since this machine may crash alone; but not for deletions of what the run made,
which its creation tells.
"""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from secrets import token_hex
from typing import Any, NamedTuple, TypeAlias

from lookalike.errors import UsageError, VerificationError
from lookalike.http import SAFE, Request
from lookalike.model.state import Key
from lookalike.verify.oracle.ledger import Deletion
from lookalike.verify.requests.builder import RequestBuilder
from lookalike.verify.server.client import Sender

# With a success, and where the server knows no such item (RFC 9110 sections 15.5.5 and 15.5.11), it is gone for sure.
_GONE = {404, 410}
_LARGEST = 2**30  # bytes of a journal that can be read; a run writes some hundred bytes for each request


class JournalError(VerificationError):
    """The journal cannot be written, so that no further change may be made: it could not be undone."""


class RecordedWrite(NamedTuple):
    """A request that may change something, about to be sent; header fields and queries are left out, as they may hold
    secrets.
    """

    method: str
    path: str
    body: str


class RecordedStatus(NamedTuple):
    """The status of the response to a write."""

    method: str
    path: str
    status: int


class RecordedMove(NamedTuple):
    """An item that was to get another key."""

    origin: Key
    to: Key


class RecordedMarks(NamedTuple):
    """The id of a run as it is in the names of the items that the run created."""

    run: str


class RecordedDeletion(NamedTuple):
    """An item that is gone, by the request that deletes it."""

    deletion: Deletion


Entry: TypeAlias = RecordedWrite | RecordedStatus | RecordedMarks | RecordedDeletion | Deletion


class Journal:
    """A journal to which a run is appended; raises `UsageError` if that cannot be. Bodies go through `hide`.

    `is_synced` is whether it survives a crash of this machine.
    """

    def __init__(self, path: Path, url: str, hide: Callable[[str], str] = str, is_synced: bool = True) -> None:
        self._path = path
        self._is_synced = is_synced
        self._hide = hide
        self._run = token_hex(4)
        self._is_broken = False
        self._made: set[str] = set()
        try:
            # Bodies may hold personal data, so others must not read them. Appending in one call keeps lines whole.
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
            self._end_last_line()
        except OSError as error:
            raise UsageError(
                f"the journal {path} cannot be written: {error.strerror}; give another one with --journal"
            ) from None
        self._append({"url": url})

    def record_marks(self, run: str) -> None:
        """Record the id by which the items of this run are known; raises `JournalError`."""
        self._append({"marks": run})

    def record_request(self, request: Request) -> None:
        """Record a write that is about to be sent; raises `JournalError`."""
        if request.method not in SAFE:
            write = entry_for(request)
            # Of what the run made, `restore` asks again in any case whose answer is not recorded.
            is_own_deletion = request.method == "DELETE" and request.path in self._made
            self._append(write._replace(body=self._hide(write.body))._asdict(), durable=not is_own_deletion)

    def record_response(self, request: Request, status: int) -> None:
        """Record the status of the response to a write; raises `JournalError`."""
        if request.method not in SAFE:
            self._append(RecordedStatus(request.method, request.path, status)._asdict(), durable=False)

    def record_creation(self, deletion: Deletion) -> None:
        """Record an item that was created, by the request that deletes it; raises `JournalError`."""
        self._append(self._line_of("made", deletion))
        if deletion.is_by_path:
            self._made.add(deletion.path)

    def record_deletion(self, deletion: Deletion) -> None:
        """Record that an item is gone which no path names: the status of a request alone does not tell of which."""
        if not deletion.is_by_path:
            self._append(self._line_of("gone", deletion), durable=False)

    def _line_of(self, word: str, deletion: Deletion) -> dict[str, str]:
        named = {"query": self._hide(deletion.query), "naming": self._hide(deletion.body)}
        return {word: deletion.path, "by": deletion.operation, **{name: text for name, text in named.items() if text}}

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)

    def _end_last_line(self) -> None:
        """End a line that a killed run left incomplete, so that this run begins on a line of its own."""
        size = os.lseek(self._file, 0, os.SEEK_END)
        if size and os.pread(self._file, 1, size - 1) != b"\n":
            os.write(self._file, b"\n")

    def _append(self, entry: dict[str, Any], durable: bool = True) -> None:
        """Append a line; one that need not be `durable` may be lost, where that only makes `restore` ask once more."""
        if self._is_broken:  # the run has ended by that, and what it changed is to be undone all the same
            return
        line = json.dumps({"run": self._run, **entry}).encode() + b"\n"
        try:
            if os.write(self._file, line) < len(line):
                raise OSError(0, "the disk is full")
            if durable and self._is_synced:
                os.fsync(self._file)
        except OSError as error:
            self._is_broken = True
            raise JournalError(
                f"the journal {self._path} cannot be written: {error.strerror}; without it nothing may be changed, so "
                "free some space, or give another one with --journal"
            ) from None


def entry_for(request: Request) -> RecordedWrite:
    """A write as the journal records it."""
    return RecordedWrite(request.method, request.path, request.body.decode("utf-8", "backslashreplace"))


def read_journal(path: Path, url: str | None = None) -> list[Entry]:
    """The entries of all runs in a journal that were about a server, or about any without a `url`.

    Raises `UsageError` if the file is no journal, or has nothing about that server.
    """
    urls: dict[str, str] = {}
    entries: list[tuple[str, Entry]] = []
    lines = _lines(path)
    for number, line in enumerate(lines, 1):
        read = _read(line)
        # A run that was killed left its last line incomplete; another one may have been appended to it.
        if read is None and number < len(lines) and not _begins_run(lines[number]):
            raise UsageError(f"{path}:{number}: this is not a line of a journal; give the file that --journal named")
        if read is not None and "url" in read:
            urls[str(read.get("run", ""))] = str(read["url"])
        elif read is not None:
            entries += [(str(read.get("run", "")), entry) for entry in _entries(read)]
    if not urls:
        raise UsageError(f"{path}: this is not a journal: no line gives the URL of a server")
    if url is not None and url not in urls.values():
        raise UsageError(f"{path}: this journal is about {', '.join(sorted({*urls.values()}))}, not about {url}")
    return [entry for run, entry in entries if url is None or urls.get(run) == url]


def _lines(path: Path) -> list[bytes]:
    try:
        if path.exists() and not path.is_file():
            raise UsageError(f"the journal {path} is no regular file")
        if path.stat().st_size > _LARGEST:
            raise UsageError(f"the journal {path} is larger than {_LARGEST} bytes; keep the part about the last run")
        return path.read_bytes().split(b"\n")
    except OSError as error:
        raise UsageError(f"the journal {path} cannot be read: {error.strerror}") from None
    except ValueError as error:  # a name with a null character
        raise UsageError(f"the journal {str(path)!r} cannot be read: {error}") from None


def _read(line: bytes) -> dict[str, Any] | None:
    """The object on a line, empty for an empty line; None if it is none, or has other members than a journal's."""
    if not line.strip():
        return {}
    with suppress(ValueError, RecursionError):
        value = json.loads(line)
        if isinstance(value, dict) and ("url" in value or next(_entries(value), None) is not None):
            return value
    return None


def _begins_run(line: bytes) -> bool:
    read = _read(line)
    return read is not None and "url" in read


def _entries(read: dict[str, Any]) -> Iterator[Entry]:
    """The entry that an object stands for, if its members have the right types."""
    texts = {name: value for name, value in read.items() if isinstance(value, str)}
    status = read.get("status")
    named = (texts.get("query", ""), texts.get("naming", ""))
    if "marks" in texts:
        yield RecordedMarks(texts["marks"])
    elif {"made", "by"} <= texts.keys():
        yield Deletion(texts["by"], texts["made"], *named)
    elif {"gone", "by"} <= texts.keys():
        yield RecordedDeletion(Deletion(texts["by"], texts["gone"], *named))
    elif {"method", "path", "body"} <= texts.keys():
        yield RecordedWrite(texts["method"], texts["path"], texts["body"])
    elif {"method", "path"} <= texts.keys() and isinstance(status, int):
        yield RecordedStatus(texts["method"], texts["path"], status)


def remaining_creations(entries: Sequence[Entry]) -> list[Deletion]:
    """The deletions of created items that no response has confirmed, the last one first: it may belong to another.

    A DELETE that was sent but not answered, or refused, confirms nothing.
    """
    left: dict[tuple[str, ...], Deletion] = {}
    for entry in entries:
        if isinstance(entry, Deletion):
            left.pop(entry[1:], None)
            left[entry[1:]] = entry
        elif isinstance(entry, RecordedDeletion):
            left.pop(entry.deletion[1:], None)
        elif isinstance(entry, RecordedStatus) and entry.method == "DELETE" and is_gone(entry.status):
            left.pop(Deletion("", entry.path)[1:], None)
    return list(reversed(left.values()))


def unanswered_writes(entries: Sequence[Entry]) -> list[RecordedWrite]:
    """The writes to which no response came, or none before the run ended; whether they were carried out is open."""
    waiting: dict[tuple[str, str], list[RecordedWrite]] = {}
    for entry in entries:
        if isinstance(entry, RecordedWrite):
            waiting.setdefault(entry[:2], []).append(entry)
        elif isinstance(entry, RecordedStatus):
            del waiting.get(entry[:2], [])[:1]
    return [write for writes in waiting.values() for write in writes]


def is_gone(status: int) -> bool:
    """Whether an item does not exist after a DELETE that was answered with a status."""
    return (200 <= status < 300 and status != 202) or status in _GONE  # a 202 is a promise


class UndoAttempt(NamedTuple):
    """An attempt to undo a change: a sentence about it, and whether nothing of the change is left."""

    text: str
    is_done: bool


def undo_moves(entries: Sequence[Entry], compose: RequestBuilder, server: Sender) -> list[UndoAttempt]:
    """Move items back to the keys that they had, the last move first."""
    undone = []
    homes = {item[compose.identity]: item for item in compose.usable.owned}
    for move in reversed(list(recorded_moves(entries, compose))):
        home = homes.get(move.origin)
        if home is None or move.to in homes:
            continue
        status = server.send(compose.request(move.to, compose.move(move.origin))).status
        if 200 <= status < 300:
            undone.append(UndoAttempt(f"{move.to} is {move.origin} again", True))
        else:  # a move that was refused left nothing there, so that 404 is right
            undone.append(UndoAttempt(f"nothing to move from {move.to} to {move.origin} ({status})", status in _GONE))
    return undone


def recorded_moves(entries: Sequence[Entry], compose: RequestBuilder) -> Iterator[RecordedMove]:
    """The moves among the writes of a journal, whether or not they succeeded."""
    action = compose.mover.action if compose.mover else None
    fields = getattr(action, "fields", {})
    member = fields[compose.identity].pointer[0] if compose.identity in fields else ""
    by_path = {compose.path(key): key for key in (*compose.owned, *compose.usable.spare)}
    for entry in entries:
        if not isinstance(entry, RecordedWrite):
            continue
        origin, to = by_path.get(entry.path), _member(entry.body, member)
        if origin is not None and isinstance(to, (int, str)) and to != origin:
            yield RecordedMove(origin, to)


def _member(body: str, name: str) -> Any:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return value.get(name) if isinstance(value, dict) else None
