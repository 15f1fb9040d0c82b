"""A database of PostgreSQL, with one connection that is reopened after a loss."""

import time
from collections.abc import Callable
from threading import RLock
from typing import Any, TypeVar

import psycopg
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from lookalike.errors import SandboxError, UsageError
from lookalike.stores.database import Conflict, Execute, Row
from lookalike.stores.pipeline import StatementPipeline

T = TypeVar("T")

_PATIENCE = 5  # seconds to wait for a connection
_FASTER = (errors.SerializationFailure, errors.DeadlockDetected, errors.UniqueViolation)
_BEGIN = "BEGIN ISOLATION LEVEL SERIALIZABLE"
_SETTINGS = (
    # PostgreSQL scans small tables whole, and would take each scan for a read of all sandboxes.
    "SET enable_seqscan = off",
    # Without statistics, as in the first minute of a table that grew, it takes all rows of a resource for few, and
    # would read and sort them for one page; each order has an index.
    "SET enable_sort = off",
    # A process that hangs in a transaction, or whose machine is gone, must not keep the others waiting. One that reads
    # a million items looks idle for some seconds.
    f"SET lock_timeout = '{_PATIENCE}s'",
    f"SET idle_in_transaction_session_timeout = '{6 * _PATIENCE}s'",
)
# Those of the URL take precedence. A cable that was cut is an error after `tcp_user_timeout`, in milliseconds, where
# something was sent, and after the probes of `keepalives` where an answer is waited for.
_DEFAULTS = {
    "connect_timeout": _PATIENCE,
    "tcp_user_timeout": _PATIENCE * 1000,
    "keepalives_idle": _PATIENCE,
    "keepalives_interval": 1,
    "keepalives_count": _PATIENCE,
}
# Held by those whose first attempt failed, so that they do not meet each other again. It must be taken before the
# transaction begins, whose snapshot would be older than the lock.
_LOCK, _UNLOCK = "SELECT pg_advisory_lock(7021)", "SELECT pg_advisory_unlock(7021)"


class PostgresqlDatabase:
    """A `database.Database` at a URL; raises `UsageError` if it cannot be reached at the start."""

    serial = "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY"
    has_one_writer = False

    def __init__(self, url: str) -> None:
        self.name = _name(url)
        self._parameters = make_conninfo("", **{**_DEFAULTS, **conninfo_to_dict(url)})
        self._lock = RLock()
        self._is_within = False
        self._no_attempt_until = 0.0
        self._connection: psycopg.Connection[Row] | None = None
        self._pipeline: StatementPipeline | None = None
        try:
            self._connect()
        except psycopg.Error as error:
            raise UsageError(f"the store {self.name} cannot be reached: {_line(error)}") from None

    def run(self, work: Callable[[Execute], T], *, is_alone: bool = False) -> T:
        """The result of a function within a transaction; see `database.Database`."""
        with self._lock:
            if self._is_within:
                return work(self._execute)
            try:
                return self._run(work, is_alone)
            except _FASTER:
                raise Conflict from None
            except (psycopg.OperationalError, psycopg.InterfaceError) as error:
                # The commit itself may have been lost on its way back, so the request is not decided a second time.
                self._disconnect()
                raise SandboxError(503, f"the store failed: {_line(error)}", "Send the request again") from None

    def tables(self, execute: Execute) -> set[str]:
        """The names of all tables that are there."""
        return {name for (name,) in execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")}

    def connect_again(self) -> "PostgresqlDatabase":
        """Another connection to the same database."""
        try:
            return PostgresqlDatabase(self._parameters)
        except UsageError as error:
            raise SandboxError(503, f"the store failed: {error}", "Send the request again") from None

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._disconnect()

    def _run(self, work: Callable[[Execute], T], is_alone: bool) -> T:
        self._disconnect_if_ended()
        connection, pipeline = self._connect()
        if is_alone:
            pipeline.execute(_LOCK)
        try:
            pipeline.execute(_BEGIN)
            self._is_within = True
            result = work(self._execute)
            pipeline.execute("COMMIT")
            pipeline.finish()
            return result
        except BaseException:
            pipeline.roll_back()
            raise
        finally:
            self._is_within = False
            if is_alone and not connection.closed:
                pipeline.execute(_UNLOCK)

    def _connect(self) -> "tuple[psycopg.Connection[Row], StatementPipeline]":
        """The connection with its pipeline, made again where it is closed."""
        connection, pipeline = self._connection, self._pipeline
        if connection is None or pipeline is None or connection.closed:
            connection = self._new_connection()
            for setting in _SETTINGS:
                connection.execute(setting)
            pipeline = StatementPipeline(connection)
            self._connection, self._pipeline = connection, pipeline
        return connection, pipeline

    def _new_connection(self) -> "psycopg.Connection[Row]":
        begun = time.monotonic()
        if begun < self._no_attempt_until:
            raise psycopg.OperationalError("it could not be reached a moment ago")
        try:
            return psycopg.connect(self._parameters, autocommit=True)
        except psycopg.OperationalError:
            # All clients wait for an attempt. For as long as this one took they get their 503 at once.
            self._no_attempt_until = 2 * time.monotonic() - begun
            raise

    def _disconnect_if_ended(self) -> None:
        """Close a connection that the server has ended since its last use, so that no request fails by it."""
        connection = self._connection
        if connection is None or connection.closed:
            return
        try:
            for _ in ("the last words of the server", "the end behind them"):
                connection.pgconn.consume_input()  # does not wait
        except psycopg.OperationalError:
            self._disconnect()

    def _disconnect(self) -> None:
        connection, self._connection, self._pipeline = self._connection, None, None
        if connection is not None:
            connection.close()

    def _execute(self, statement: str, *parameters: Any) -> list[Row]:
        return self._connect()[1].execute(statement, parameters)


def _name(url: str) -> str:
    """A URL without its password."""
    try:
        parts = conninfo_to_dict(url)
    except psycopg.Error:
        raise UsageError("--store: this is no URL of PostgreSQL, such as postgresql://host/database") from None
    return f"postgresql://{parts.get('host', 'localhost')}/{parts.get('dbname', '')}"


def _line(error: Exception) -> str:
    """The first line of an error's message."""
    return next(iter(str(error).splitlines()), type(error).__name__)
