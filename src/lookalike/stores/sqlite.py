"""A database in a file of SQLite, in write-ahead mode: a process that is killed loses no commit."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from threading import RLock
from typing import TypeVar

from lookalike.errors import SandboxError, UsageError
from lookalike.stores.database import Conflict, Execute, Row

T = TypeVar("T")

_PATIENCE = 5.0  # seconds to wait for the transaction of another process
# Primary result codes of transactions that met another one.
_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})


class SqliteDatabase:
    """A `database.Database` in a file; with `is_durable` a commit survives a loss of power too, and takes longer.

    Raises `UsageError` if the file cannot be opened, or is no database of Lookalike.
    """

    serial = "INTEGER PRIMARY KEY AUTOINCREMENT"
    has_one_writer = True

    def __init__(self, file: Path, is_durable: bool = False) -> None:
        self.name = str(file)
        self._file = file
        self._is_durable = is_durable
        self._lock = RLock()
        self._is_within = False
        try:
            self._connection = sqlite3.connect(
                file, timeout=_PATIENCE, isolation_level=None, check_same_thread=False, cached_statements=256
            )
            tables = self._set_up()
        except sqlite3.Error as error:
            raise UsageError(f"{file} cannot be opened as a database: {error}", _ELSEWHERE) from None
        if tables and "lookalike_meta" not in tables:
            self._connection.close()
            raise UsageError(f"{file} is a database of another program", _ELSEWHERE)

    def _set_up(self) -> set[str]:
        """Set the modes of the connection, and give the tables that are there; one that fails is closed."""
        try:
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute(f"PRAGMA synchronous = {'FULL' if self._is_durable else 'NORMAL'}")
            return self.tables(self._execute)
        except sqlite3.Error:
            self._connection.close()
            raise

    def run(self, work: Callable[[Execute], T], *, is_alone: bool = False) -> T:
        """The result of a function within a transaction; see `database.Database`."""
        with self._lock:
            if self._is_within:
                return work(self._execute)
            try:
                # One that is to be alone takes the lock of writers at once, and waits for it.
                self._connection.execute("BEGIN IMMEDIATE" if is_alone else "BEGIN")
                self._is_within = True
                result = work(self._execute)
                self._connection.execute("COMMIT")
            except sqlite3.OperationalError as error:
                self._roll_back()
                if error.sqlite_errorcode & 0xFF in _BUSY:
                    raise Conflict from None
                raise SandboxError(503, f"the store {self.name} failed: {error}") from None
            except BaseException:
                self._roll_back()
                raise
            else:
                return result
            finally:
                self._is_within = False

    def tables(self, execute: Execute) -> set[str]:
        """The names of all tables that are there."""
        return {name for (name,) in execute(_TABLES)}

    def connect_again(self) -> "SqliteDatabase":
        """Another connection to the same file."""
        try:
            return SqliteDatabase(self._file, self._is_durable)
        except UsageError as error:
            raise SandboxError(503, f"the store failed: {error}", "Send the request again") from None

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    def _execute(self, statement: str, *parameters: object) -> list[Row]:
        rows: list[Row] = self._connection.execute(statement, parameters).fetchall()
        return rows

    def _roll_back(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")


_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table'"
_ELSEWHERE = "Choose another file with --store"
