"""State in a database: one schema for SQLite and PostgreSQL, with the items of all sandboxes.

A sandbox that was never changed has no rows: it is read from the initial items, in memory. The first change stores them
all, so that a start reads and writes nothing, however many there are.

Each decision is one serialisable transaction. It begins optimistically; where another one was faster, the decision is
taken again, a bounded number of times.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from lookalike.errors import UsageError
from lookalike.model.state import Change, Decision, State
from lookalike.stores.database import Database, Execute, Row, SharedDatabase, serialised
from lookalike.stores.memory import InitialItems, MemoryStore, too_large
from lookalike.stores.records import Records
from lookalike.stores.sql_state import MANY, ChangeBatch, SqlState
from lookalike.stores.tables import prepare, read_meta, write_meta

T = TypeVar("T")
D = TypeVar("D", bound=Decision)


_SANDBOX = "SELECT is_changed, settings FROM lookalike_sandboxes WHERE name = ?"
_CHANGED = (
    "INSERT INTO lookalike_sandboxes (name, is_changed, settings, used) VALUES (?, 1, '', ?)"
    " ON CONFLICT (name) DO UPDATE SET is_changed = 1"
)
_SETTINGS = (
    "INSERT INTO lookalike_sandboxes (name, is_changed, settings, used) VALUES (?, 0, ?, ?)"
    " ON CONFLICT (name) DO UPDATE SET settings = excluded.settings"
)
_USED = "SELECT used FROM lookalike_sandboxes WHERE name = ?"
_SET_USED = (
    "INSERT INTO lookalike_sandboxes (name, is_changed, settings, used) VALUES (?, 0, '', ?)"
    " ON CONFLICT (name) DO UPDATE SET used = excluded.used"
)
_UNCHANGED = "UPDATE lookalike_sandboxes SET is_changed = 0, settings = '' WHERE name = ?"


_SIZES = (
    "SELECT (SELECT coalesce(sum(length(item)), 0) FROM lookalike_items WHERE sandbox || '' = ?),"
    " (SELECT weight FROM lookalike_records WHERE sandbox = ? AND kind = ? AND name = '')"
)
_EMPTY = tuple(
    f"DELETE FROM lookalike_{table} WHERE sandbox = ?"  # noqa: S608  # names of tables, from this line
    for table in ("items", "aliases", "numbers", "counts")
)
_DROP_RECORDS = tuple(
    f"DELETE FROM lookalike_{table} WHERE sandbox = ?"  # noqa: S608  # likewise
    for table in ("records", "journal")
)
_DROP = "DELETE FROM lookalike_sandboxes WHERE name = ?"
_NAMES = "SELECT name FROM lookalike_sandboxes ORDER BY name"
_NUMBER_OF_SANDBOXES = "SELECT count(*) FROM lookalike_sandboxes"


class SqlStores:
    """The stores of all sandboxes in a database, whose tables are made if there are none.

    `size` bounds the items of each but the default one. Raises `UsageError` for a database of another program, or of a
    newer version of this one.
    """

    is_shared = True

    def __init__(self, database: Database, size: int, default: str = "default") -> None:
        self._size = size
        self._default = default
        self._database = SharedDatabase(database)
        try:
            prepare(database)
        except UsageError:
            database.close()
            raise

    def open(self, name: str) -> "SqlStore":
        """The store of a sandbox."""
        return SqlStore(self._database, name, MANY if name == self._default else self._size)

    def names(self) -> list[str]:
        """The sandboxes that have something stored, or are in use."""
        return [name for (name,) in serialised(self._database, lambda execute: execute(_NAMES))]

    def count(self) -> int:
        """The number of those sandboxes."""
        return int(serialised(self._database, lambda execute: execute(_NUMBER_OF_SANDBOXES))[0][0])

    def is_made_for(self, fingerprint: str) -> bool:
        """Whether the items were last known to fit a document, by its fingerprint."""
        return serialised(self._database, lambda execute: read_meta(execute, "document")) == fingerprint

    def keep_fingerprint(self, fingerprint: str) -> None:
        """Note that all items fit a document."""
        serialised(self._database, lambda execute: write_meta(execute, "document", fingerprint))

    def reopen(self) -> None:
        """Reconnect after `close`, as a process does that was forked: two processes cannot have one connection."""
        self._database.reopen()

    def close(self) -> None:
        """Close all connections."""
        self._database.close()


class SqlStore:
    """The state of one sandbox in a database: a `Store`; its items but for the initial ones have at most some bytes."""

    __slots__ = ("_database", "_follow", "_initial", "_items", "_most", "_name", "_seen", "_unmeasured", "records")

    def __init__(self, database: SharedDatabase, name: str, most: int) -> None:
        self._most = most
        self._unmeasured = 0  # bytes that this process wrote since the items were measured
        self.records = Records(database, name)
        self._database = database
        self._name = name
        self._items = InitialItems()
        self._initial = MemoryStore(self._items)
        self._seen = ""  # the settings that this process knows
        self._follow: Callable[[str], None] = _follow_nothing

    @property
    def is_untouched(self) -> bool:
        """Whether nothing was ever changed since the last reset."""
        return not serialised(self._database, self._is_changed)

    def begin(self, items: InitialItems, follow: Callable[[str], None]) -> None:
        """Have initial items, unless there is a state already.

        From now on `follow` is called within a transaction that meets settings which another process kept.
        """
        self._items, self._initial, self._follow = items, MemoryStore(items), follow

    def together(self, work: Callable[[], T]) -> T:
        """The result of a function, all of whose reads and changes are one transaction.

        The function is called again where another transaction was faster.
        """

        def run(execute: Execute) -> T:
            known = self._database.is_changed
            if self._name in known:
                return work()
            row = self._row(execute)
            if row is None:  # it is new, or another process deleted it
                execute(_SET_USED, self._name, _now())
            known[self._name] = bool(row and row[0])  # so that it is asked for once
            try:
                return work()
            finally:
                del known[self._name]

        return serialised(self._database, run, is_alone=self._database.has_one_writer)

    def transact_at_length(self, decide: Callable[[State], D]) -> D:
        """The same as `transact` for a function that may take long: on a connection of its own."""
        with self._database.own_connection():
            return self.transact(decide)

    def transact(self, decide: Callable[[State], D]) -> D:
        """Call a function with the state, and commit the changes of its decision, in one transaction."""

        def work(execute: Execute) -> D:
            is_changed = self._is_changed(execute)
            if not is_changed:
                decision = decide(self._initial)
                if decision.changes:
                    self._store_initial(execute)
                    self._apply(ChangeBatch(execute, self._name), decision.changes)
                return decision
            state = SqlState(execute, self._name)
            decision = decide(state)
            if decision.changes:
                self._apply(ChangeBatch(execute, self._name, state.parents), decision.changes)
            return decision

        return serialised(self._database, work)

    def read(self, look: Callable[[State], T]) -> T:
        """The result of a function of the state, which does not change while the function runs."""

        def work(execute: Execute) -> T:
            return look(SqlState(execute, self._name) if self._is_changed(execute) else self._initial)

        return serialised(self._database, work)

    def replace(self, changes: Iterable[Change]) -> None:
        """Delete all items, then commit changes; with `InitialItems` the settings go too."""
        others = None if isinstance(changes, InitialItems) else tuple(changes)
        if isinstance(changes, InitialItems):
            self._items, self._initial = changes, MemoryStore(changes)

        def work(execute: Execute) -> None:
            self._empty(execute)
            if others is None:
                execute(_UNCHANGED, self._name)
                self._seen = ""
            else:
                execute(_CHANGED, self._name, _now())
                batch = ChangeBatch(execute, self._name)
                batch.apply(others)
                if batch.written > self._most:
                    raise too_large(self._most, _OPTION)
                self._begin_size(batch.written)
            self._know(is_changed=others is not None)

        serialised(self._database, work)

    def drop(self) -> None:
        """Delete everything that is stored of the sandbox."""
        serialised(self._database, self._drop)

    def keep_settings(self, text: str) -> None:
        """Keep a text with the state, until the next reset."""
        serialised(self._database, lambda execute: execute(_SETTINGS, self._name, text, _now()))
        self._seen = text

    def mark_used(self) -> None:
        """Tell other processes that the sandbox is there, and in use."""
        serialised(self._database, lambda execute: execute(_SET_USED, self._name, _now()))

    def drop_idle(self, ttl: float) -> bool:
        """Delete everything that is stored, unless a process used the sandbox within some seconds; whether it did."""

        def work(execute: Execute) -> bool:
            rows = execute(_USED, self._name)
            if rows and rows[0][0] + ttl > time.time():
                return False
            self._drop(execute)
            return True

        return serialised(self._database, work)

    def _is_changed(self, execute: Execute) -> bool:
        known = self._database.is_changed.get(self._name)
        if known is not None:
            return known
        row = self._row(execute)
        return bool(row and row[0])

    def _row(self, execute: Execute) -> Row | None:
        """The row of the sandbox, whose settings are followed."""
        rows = execute(_SANDBOX, self._name)
        settings = rows[0][1] if rows else ""
        if settings != self._seen:
            self._seen = settings
            self._follow(settings)
        return rows[0] if rows else None

    def _know(self, *, is_changed: bool) -> None:
        """Know within `together` whether the sandbox is changed now."""
        if self._name in self._database.is_changed:
            self._database.is_changed[self._name] = is_changed

    def _empty(self, execute: Execute) -> None:
        for statement in _EMPTY:
            execute(statement, self._name)

    def _drop(self, execute: Execute) -> None:
        self._empty(execute)
        for statement in (*_DROP_RECORDS, _DROP):
            execute(statement, self._name)

    def _store_initial(self, execute: Execute) -> None:
        """Store the initial items, in a sandbox that has none."""
        execute(_CHANGED, self._name, _now())
        self._know(is_changed=True)
        batch = ChangeBatch(execute, self._name)
        batch.insert_all(self._items)
        self._begin_size(batch.written)

    def _begin_size(self, size: int) -> None:
        """Note the bytes of the items that do not count, since the sandbox begins with them."""
        self.records.put(_SIZE, "", "", weight=size)

    def _apply(self, batch: ChangeBatch, changes: Sequence[Change]) -> None:
        """Commit changes; raises `SandboxError` (507) where the items are too large then.

        They are measured when this process has written a sixteenth of the bound, so that most commits add a number.
        """
        batch.apply(changes)
        self._unmeasured += batch.written
        if batch.written and self._unmeasured > self._most // 16:
            ((size, initial),) = batch.execute(_SIZES, self._name, self._name, _SIZE)
            if initial is not None and size - initial > self._most:
                raise too_large(self._most, _OPTION)
            self._unmeasured = 0


_SIZE = "size"  # the kind of the record with the size that a sandbox begins with
_OPTION = "--sandbox-size"


def _now() -> int:
    """The real time in seconds since 1970, by which processes tell each other when a sandbox was used."""
    return int(time.time())


def _follow_nothing(settings: str) -> None:
    """The follower of a store before it begins."""
