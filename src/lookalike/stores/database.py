"""Databases as stores see them: a function within a serialisable transaction, tried again where another was faster."""

import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

from lookalike.errors import SandboxError

T = TypeVar("T")

Row = tuple[Any, ...]
Execute = Callable[..., list[Row]]
"""Runs a statement with its parameters, which stand as `?`, and returns its rows."""

_ATTEMPTS = 20


class Conflict(Exception):
    """Another transaction was faster, so that this one would not be serialisable; nothing of it was done."""


class Database(Protocol):
    """A database; its methods may be called from several threads.

    `serial` is the type of a column with numbers that rise, of which none is given again. `has_one_writer` tells
    whether only one transaction at a time can write.
    """

    name: str
    serial: str
    has_one_writer: bool

    def run(self, work: Callable[[Execute], T], *, is_alone: bool = False) -> T:
        """The result of a function that is called within a transaction; one within another is a part of that.

        Where the function raises, nothing is changed. One that is to be alone waits for others like it, and
        for those that write where the database can tell.
        Raises `Conflict`, and `SandboxError` (503) where the database cannot be reached.
        """
        ...

    def tables(self, execute: Execute) -> set[str]:
        """The names of all tables that are there."""
        ...

    def connect_again(self) -> "Database":
        """Another connection to the same database; raises `SandboxError` (503) if there is none."""
        ...

    def close(self) -> None:
        """Close the connection."""
        ...


class _Thread(threading.local):
    """The connection of a thread that has one of its own, and whether sandboxes are changed in its transaction."""

    def __init__(self) -> None:
        self.database: Database | None = None
        self.is_changed: dict[str, bool] = {}


class SharedDatabase:
    """A database by one connection, on which threads take turns, and by others for transactions that take long."""

    def __init__(self, database: Database) -> None:
        self.name = database.name
        self.serial = database.serial
        self.has_one_writer = database.has_one_writer
        self._database = database
        self._thread = _Thread()

    def run(self, work: Callable[[Execute], T], *, is_alone: bool = False) -> T:
        """The result of a function within a transaction; see `Database`."""
        return (self._thread.database or self._database).run(work, is_alone=is_alone)

    def tables(self, execute: Execute) -> set[str]:
        """The names of all tables that are there."""
        return self._database.tables(execute)

    def connect_again(self) -> Database:
        """Another connection to the same database."""
        return self._database.connect_again()

    def reopen(self) -> None:
        """Reconnect, after `close`."""
        self._database = self._database.connect_again()

    def close(self) -> None:
        """Close the connection."""
        self._database.close()

    @contextmanager
    def own_connection(self) -> Iterator[None]:
        """Have this thread use a connection of its own, so that no other thread waits for what it does."""
        self._thread.database = self._database.connect_again()
        try:
            yield
        finally:
            self._thread.database.close()
            self._thread.database = None

    @property
    def is_changed(self) -> dict[str, bool]:
        """The sandboxes of which the transaction of this thread knows whether they are changed."""
        return self._thread.is_changed


def serialised(database: Database, work: Callable[[Execute], T], *, is_alone: bool = False) -> T:
    """The result of a transaction, which is tried again, alone, where another one was faster.

    Raises `SandboxError` (503) where that happened too often, and where the database cannot be reached.
    """
    for attempt in range(_ATTEMPTS):
        try:
            return database.run(work, is_alone=is_alone or attempt > 0)
        except Conflict:
            time.sleep(secrets.randbelow(2 ** min(attempt, 6)) / 1000)
    raise SandboxError(503, f"{_ATTEMPTS} attempts to commit met others that were faster", "Send the request again")
