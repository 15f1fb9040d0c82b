"""Records of a sandbox beside its items, which all processes of a store share: named texts by kind, and a journal."""

import time
from collections.abc import Iterator, Mapping
from contextlib import suppress

from lookalike.errors import SandboxError
from lookalike.stores.database import Conflict, Database, Execute, Row, serialised

_PAGE = 100  # entries of the journal that are read at once
_TIDYING = 256  # records that are added by this process before the oldest ones are deleted


class Records:
    """The records of a sandbox in a database.

    Those that are more than a bound are deleted now and then, so that there may be `_TIDYING` more for each process.
    """

    __slots__ = ("_added", "_database", "_sandbox")

    def __init__(self, database: Database, sandbox: str) -> None:
        self._database = database
        self._sandbox = sandbox
        self._added = 0  # since the oldest were deleted

    def get(self, kind: str, name: str) -> str | None:
        """The text of a name, or None."""
        rows = self._run(_GET, self._sandbox, kind, name)
        return str(rows[0][0]) if rows else None

    def names(self, kind: str) -> dict[str, int]:
        """The names of all texts of a kind with their weights, oldest first."""
        return dict(self._run(_NAMES, self._sandbox, kind))

    def texts(self, kind: str, most: int) -> list[str]:
        """The texts of a kind, newest first: at most so many."""
        return [str(text) for (text,) in self._run(_TEXTS, self._sandbox, kind, most)]

    def put(self, kind: str, name: str, text: str, weight: int = 0) -> None:
        """Keep a text under a name; `weight` is a number for the list of names."""
        self._added += 1
        self._run(_PUT, self._sandbox, kind, name, time.time_ns(), weight, text)

    def update(self, kind: str, name: str, text: str) -> None:
        """Keep another text under a name, if there is one."""
        self._run(_UPDATE, text, self._sandbox, kind, name)

    def next_number(self, kind: str) -> int:
        """The next number for a text of a kind, from 1; none is given again."""
        return int(self._run(_NEXT_NUMBER, self._sandbox, kind)[0][0])

    def delete(self, kind: str, name: str) -> None:
        """Delete the text of a name, if there is one."""
        self._run(_DELETE, self._sandbox, kind, name)

    def clear(self, kind: str) -> None:
        """Delete all texts of a kind."""
        self._run(_CLEAR, self._sandbox, kind)

    def append(self, text: str) -> None:
        """Add an entry to the journal."""
        self._added += 1
        self._run(_APPEND, self._sandbox, text)

    def latest(self) -> Iterator[tuple[int, str]]:
        """The entries of the journal with their numbers, newest first."""
        before = _MANY
        while True:
            rows = self._run(_LATEST, self._sandbox, before, _PAGE)
            yield from ((int(number), text) for number, text in rows)
            if len(rows) < _PAGE:
                return
            before = rows[-1][0]

    def clear_journal(self) -> None:
        """Delete the journal; its numbers are not given again."""
        self._run(_CLEAR_JOURNAL, self._sandbox)

    def tidy(self, entries: int, size: int, others: Mapping[str, int]) -> None:
        """Delete the oldest entries beyond a number and a size in bytes, and the oldest texts of `others` by kind.

        Most calls do nothing. A store that cannot be reached, or is busy, is tidied another time.
        """
        if self._added < _TIDYING:
            return
        self._added = 0

        def work(execute: Execute) -> None:
            execute(_TRIM_JOURNAL, self._sandbox, self._sandbox, entries, size)
            for kind, most in others.items():
                execute(_TRIM, self._sandbox, kind, self._sandbox, kind, most)

        with suppress(Conflict, SandboxError):
            self._database.run(work)

    def _run(self, statement: str, *parameters: object) -> list[Row]:
        return serialised(self._database, lambda execute: execute(statement, *parameters))


_MANY = 2**62
_GET = "SELECT value FROM lookalike_records WHERE sandbox = ? AND kind = ? AND name = ?"
_NAMES = "SELECT name, weight FROM lookalike_records WHERE sandbox || '' = ? AND kind = ? ORDER BY number"
_PUT = (
    "INSERT INTO lookalike_records (sandbox, kind, name, number, weight, value) VALUES (?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (sandbox, kind, name) DO UPDATE SET weight = excluded.weight, value = excluded.value"
)
_TEXTS = "SELECT value FROM lookalike_records WHERE sandbox || '' = ? AND kind = ? ORDER BY number DESC LIMIT ?"
_UPDATE = "UPDATE lookalike_records SET value = ? WHERE sandbox = ? AND kind = ? AND name = ?"
_NEXT_NUMBER = (
    "INSERT INTO lookalike_records (sandbox, kind, name, number, weight, value) VALUES (?, 'number', ?, 0, 1, '')"
    " ON CONFLICT (sandbox, kind, name) DO UPDATE SET weight = lookalike_records.weight + 1 RETURNING weight"
)
_DELETE = "DELETE FROM lookalike_records WHERE sandbox = ? AND kind = ? AND name = ?"
_CLEAR = "DELETE FROM lookalike_records WHERE sandbox = ? AND kind = ?"
_APPEND = "INSERT INTO lookalike_journal (sandbox, value) VALUES (?, ?)"
_LATEST = "SELECT number, value FROM lookalike_journal WHERE sandbox = ? AND number < ? ORDER BY number DESC LIMIT ?"
_CLEAR_JOURNAL = "DELETE FROM lookalike_journal WHERE sandbox = ?"
_TRIM_JOURNAL = (
    "DELETE FROM lookalike_journal WHERE sandbox = ? AND number <= (SELECT max(number) FROM (SELECT number,"
    " row_number() OVER newest AS place, sum(length(value)) OVER newest AS size FROM lookalike_journal"
    " WHERE sandbox = ? WINDOW newest AS (ORDER BY number DESC)) AS entries WHERE place > ? OR size > ?)"
)
_TRIM = (
    "DELETE FROM lookalike_records WHERE sandbox = ? AND kind = ? AND number <="
    " (SELECT number FROM lookalike_records WHERE sandbox || '' = ? AND kind = ? ORDER BY number DESC LIMIT 1 OFFSET ?)"
)
