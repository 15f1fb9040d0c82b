"""A value that is computed once for several processes, such as those of a run of pytest-xdist."""

import pickle
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TypeVar, cast

_PATIENCE = 24 * 3600.0  # seconds, which no run takes

T = TypeVar("T")


def computed_once(file: Path, compute: Callable[[], T]) -> T:
    """The value of a function, which the first process that asks calls, while the others wait for it.

    The file has the value, and is the lock: one of SQLite is released on every system, also when its process dies.
    """
    with closing(sqlite3.connect(file, timeout=_PATIENCE, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("CREATE TABLE IF NOT EXISTS computed (value BLOB)")
        row = connection.execute("SELECT value FROM computed").fetchone()
        if row is not None:
            return cast(T, pickle.loads(row[0]))  # noqa: S301  # it was written by one of these processes
        value = compute()
        connection.execute("INSERT INTO computed VALUES (?)", (pickle.dumps(value),))
        connection.execute("COMMIT")
        return value
