"""The journal of a run: every request that may change something, on disk before it is sent.

With it, what a killed run left moved can be moved back.
"""

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from lookalike.errors import UsageError
from lookalike.http import SAFE, Request
from lookalike.model.state import Key
from lookalike.verify.requests.builder import RequestBuilder
from lookalike.verify.server.client import Sender


class Journal:
    """A file of JSON lines; the first says which server it is about."""

    def __init__(self, path: Path, url: str) -> None:
        try:
            self._file = path.open("a", encoding="utf-8")
        except OSError as error:
            raise UsageError(f"cannot write the journal {path}: {error.strerror}") from None
        self._write({"url": url})

    def record_request(self, request: Request) -> None:
        """Write down a request that is about to be sent; tokens are left out."""
        if request.method not in SAFE:
            self._write(entry_for(request))

    def record_creation(self, operation: str, path: str) -> None:
        """Write down where something was made, and by which operation it can be deleted."""
        self._write({"made": path, "by": operation})

    def close(self) -> None:
        """Nothing more is to come."""
        self._file.close()

    def _write(self, entry: dict[str, Any]) -> None:
        self._file.write(json.dumps(entry) + "\n")
        self._file.flush()
        os.fsync(self._file.fileno())


def entry_for(request: Request) -> dict[str, Any]:
    """What is written down of a request."""
    body = request.body.decode("utf-8", "backslashreplace")
    return {"method": request.method, "path": request.path, "body": body}


class RecordedMove(NamedTuple):
    """An item was to go from one key to another."""

    origin: Key
    to: Key


def read_journal(path: Path) -> list[dict[str, Any]]:
    """The entries of a journal; a last line that was cut off is left out. Raises `UsageError`."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise UsageError(f"cannot read the journal {path}: {why}") from None
    entries = []
    for number, line in enumerate(lines, 1):
        try:
            entries.append(json.loads(line))
        except ValueError:
            if number < len(lines):
                raise UsageError(f"{path}:{number}: this is not a line of a journal") from None
    return entries


def undo_moves(entries: Sequence[dict[str, Any]], compose: RequestBuilder, server: Sender) -> list[str]:
    """Move back what was moved, last first; tells what was done, in sentences."""
    told = []
    homes = {item[compose.identity]: item for item in compose.pool.owned}
    for move in reversed(list(recorded_moves(entries, compose))):
        home = homes.get(move.origin)
        if home is None or move.to in homes:
            continue
        status = server.send(compose.request(move.to, compose.move(move.origin))).status
        back = f"{move.to} is {move.origin} again"
        told.append(back if 200 <= status < 300 else f"nothing to move from {move.to} to {move.origin} ({status})")
    return told


def recorded_moves(entries: Sequence[dict[str, Any]], compose: RequestBuilder) -> Iterator[RecordedMove]:
    """The moves that a journal holds; whether they succeeded it does not say."""
    action = compose.mover.action if compose.mover else None
    fields = getattr(action, "fields", {})
    member = fields[compose.identity].pointer[0] if compose.identity in fields else ""
    by_path = {compose.path(key): key for key in (*compose.owned, *compose.pool.spare)}
    for entry in entries:
        origin, to = by_path.get(str(entry.get("path"))), _member(entry, member)
        if origin is not None and isinstance(to, (int, str)) and to != origin:
            yield RecordedMove(origin, to)


def _member(entry: dict[str, Any], name: str) -> Any:
    try:
        body = json.loads(entry.get("body", ""))
    except ValueError:
        return None
    return body.get(name) if isinstance(body, dict) else None
