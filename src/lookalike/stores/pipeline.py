"""Statements of one connection to PostgreSQL, sent together: those without rows go with the next that has some.

psycopg's cursors take 50 µs of processor time and a way to the server and back for each statement. libpq's pipeline
mode, which `psycopg.pq` gives, takes 10 µs and one way for three. psycopg's own pipeline goes by its cursors, and took
longer than no pipeline.
"""

import time
from collections.abc import Generator, Sequence
from contextlib import suppress
from itertools import count
from typing import Any

import psycopg
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGresult
from psycopg.waiting import Ready, Wait

from lookalike.stores.database import Row

# Seconds until a server that says nothing counts as cut off. A lock is waited for shorter than that, and the deletion
# of a million items takes a few.
LONGEST_SILENCE = 30.0
_MOST_WAITING = 256  # statements, so that neither side has to keep many
_MOST_PARAMETERS = 16  # of a statement that is prepared; lists of keys have any number, so that each is another one
_INTEGERS = frozenset({20, 21, 23})  # types of columns, as numbers of PostgreSQL's table pg_type
_WITH_ROWS = ("SELECT", "RETURNING")


class StatementPipeline:
    """A connection in pipeline mode; parameters of statements stand as `?`, and are texts, integers or None."""

    def __init__(self, connection: "psycopg.Connection[Any]") -> None:
        self._connection = connection
        self._pgconn = connection.pgconn
        self._pgconn.enter_pipeline_mode()
        self._prepared: dict[str, bytes] = {}
        self._new: list[str] = []  # statements whose preparation has no result yet
        self._numbers = count()
        self._waiting = 0  # results that were not read yet

    def execute(self, statement: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """The rows of a statement; one that can have none is sent later, and fails then. Raises `psycopg.Error`."""
        values = [None if one is None else str(one).encode() for one in parameters]
        if len(values) > _MOST_PARAMETERS:
            self._pgconn.send_query_params(_numbered(statement), values)
        else:
            self._pgconn.send_query_prepared(self._prepared.get(statement) or self._prepare(statement), values)
        self._waiting += 1
        if any(word in statement for word in _WITH_ROWS):
            return _rows(self.finish()[-1])
        if self._waiting >= _MOST_WAITING:
            self.finish()
        return []

    def finish(self) -> list[PGresult]:
        """Send what waits, and read the results; raises the `psycopg.Error` of the first that failed."""
        self._pgconn.pipeline_sync()
        expected, self._waiting = self._waiting, 0
        try:
            results = self._connection.wait(self._results(expected))
        except BaseException:  # results that were not read would be taken for those of later statements
            self._connection.close()
            raise
        failed = next((one for one in results if one.status not in _GOOD), None)
        new, self._new = self._new, []
        if failed is not None:
            for statement in new:  # what follows a failure in the pipeline is left out
                del self._prepared[statement]
            raise error_from_result(failed)
        return results

    def roll_back(self) -> None:
        """Undo the transaction, whatever was sent of it."""
        with suppress(psycopg.Error):
            self.finish()  # apart, since ROLLBACK would be left out too behind a failure
        with suppress(psycopg.Error):
            self.execute("ROLLBACK")
            self.finish()

    def _prepare(self, statement: str) -> bytes:
        name = self._prepared[statement] = f"lookalike_{next(self._numbers)}".encode()
        self._new.append(statement)
        self._pgconn.send_prepare(name, _numbered(statement))
        self._waiting += 1
        return name

    def _results(self, expected: int) -> Generator[Wait, Ready | int, list[PGresult]]:
        """The results of so many statements, up to the end of the pipeline."""
        pgconn, results, silent_since = self._pgconn, list[PGresult](), 0.0
        while True:
            while pgconn.is_busy():
                ready = yield Wait.RW if pgconn.flush() else Wait.R
                if ready & Ready.R:
                    pgconn.consume_input()
                    silent_since = 0.0
                elif not ready:  # sent by psycopg ten times a second while nothing happens
                    silent_since = silent_since or time.monotonic()
                    if time.monotonic() - silent_since > LONGEST_SILENCE:
                        raise psycopg.OperationalError(f"PostgreSQL is silent for {LONGEST_SILENCE:g} s")
            result = pgconn.get_result()
            if result is None:  # after each statement
                continue
            if result.status == ExecStatus.PIPELINE_SYNC:
                return results
            results.append(result)


_GOOD = frozenset({ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK})


def _rows(result: PGresult) -> list[Row]:
    columns = [(index, result.ftype(index) in _INTEGERS) for index in range(result.nfields)]
    return [
        tuple([_value(result.get_value(row, index), is_integer) for index, is_integer in columns])
        for row in range(result.ntuples)
    ]


def _value(value: bytes | None, is_integer: bool) -> Any:
    if value is None:
        return None
    return int(value) if is_integer else value.decode()


def _numbered(statement: str) -> bytes:
    """A statement whose parameters are numbered: $1, $2 and so on."""
    first, *others = statement.split("?")
    return "".join((first, *(f"${number}{part}" for number, part in enumerate(others, 1)))).encode()
