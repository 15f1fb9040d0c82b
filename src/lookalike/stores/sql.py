"""State in a database: one schema for SQLite and PostgreSQL, with the items of all sandboxes.

A sandbox that was never changed has no rows: it is read from the initial items, in memory. The first change stores them
all, so that a start reads and writes nothing, however many there are.

Each decision is one serialisable transaction. It begins optimistically; where another one was faster, the decision is
taken again, a bounded number of times.
"""

import hashlib
import secrets
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol, TypeVar

from lookalike.codecs.json_text import parse_json, plain_numbers, to_json
from lookalike.errors import SandboxError, UsageError
from lookalike.model.state import KEY_TYPES, Change, Decision, Item, Key, Put, State
from lookalike.pacing import spend_on_items, spend_turn
from lookalike.stores.memory import InitialItems, MemoryStore

T = TypeVar("T")
D = TypeVar("D", bound=Decision)

Row = tuple[Any, ...]
Execute = Callable[..., list[Row]]
"""Runs a statement with its parameters, which stand as `?`, and returns its rows."""

VERSION = 1
_ATTEMPTS = 20
_LONGEST_KEY = 500  # characters; an entry of an index has 2,704 bytes at most in PostgreSQL

# Texts are JSON where they stand for values: keys, so that 5 is not "5", and items. JSON has no NUL, which PostgreSQL
# refuses. `position` is the order of creation, `place` the order among the items of a parent.
_TABLES = (
    "CREATE TABLE lookalike_meta (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    (
        "CREATE TABLE lookalike_sandboxes (name TEXT PRIMARY KEY, is_changed INTEGER NOT NULL, settings TEXT NOT NULL,"
        " used BIGINT NOT NULL)"
    ),
    (
        "CREATE TABLE lookalike_items (sandbox TEXT NOT NULL, resource TEXT NOT NULL, id TEXT NOT NULL,"
        " key TEXT NOT NULL, position BIGINT NOT NULL, parent TEXT NOT NULL, place BIGINT NOT NULL, item TEXT NOT NULL,"
        " PRIMARY KEY (sandbox, resource, id))"
    ),
    "CREATE INDEX lookalike_items_by_position ON lookalike_items (sandbox, resource, position)",
    "CREATE INDEX lookalike_items_by_place ON lookalike_items (sandbox, resource, place)",
    "CREATE INDEX lookalike_items_by_parent ON lookalike_items (sandbox, resource, parent, place)",
    (
        "CREATE TABLE lookalike_aliases (sandbox TEXT NOT NULL, resource TEXT NOT NULL, alias TEXT NOT NULL,"
        " id TEXT NOT NULL, PRIMARY KEY (sandbox, resource, alias))"
    ),
    "CREATE INDEX lookalike_aliases_by_id ON lookalike_aliases (sandbox, resource, id)",
    (
        "CREATE TABLE lookalike_numbers (sandbox TEXT NOT NULL, resource TEXT NOT NULL, number TEXT NOT NULL,"
        " PRIMARY KEY (sandbox, resource))"
    ),
)

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
_SET_USED = "UPDATE lookalike_sandboxes SET used = ? WHERE name = ?"
_GET = "SELECT item FROM lookalike_items WHERE sandbox = ? AND resource = ? AND id = ?"
_GET_BY_ALIAS = (
    "SELECT item FROM lookalike_aliases AS a JOIN lookalike_items AS i"
    " ON i.sandbox = a.sandbox AND i.resource = a.resource AND i.id = a.id"
    " WHERE a.sandbox = ? AND a.resource = ? AND a.alias = ?"
)
_ITEMS = "SELECT key, item FROM lookalike_items WHERE sandbox = ? AND resource = ? ORDER BY position"
_ALL = "SELECT item FROM lookalike_items WHERE sandbox = ? AND resource = ? ORDER BY position LIMIT ? OFFSET ?"
_CHILDREN = (
    "SELECT item FROM lookalike_items WHERE sandbox = ? AND resource = ? AND parent = ? ORDER BY place LIMIT ? OFFSET ?"
)
_COUNT = "SELECT count(*) FROM lookalike_items WHERE sandbox = ? AND resource = ?"
_COUNT_OF_PARENT = _COUNT + " AND parent = ?"
_NUMBER = "SELECT number FROM lookalike_numbers WHERE sandbox = ? AND resource = ?"
_SET_NUMBER = (
    "INSERT INTO lookalike_numbers (sandbox, resource, number) VALUES (?, ?, ?)"
    " ON CONFLICT (sandbox, resource) DO UPDATE SET number = excluded.number"
)
_OLD_PARENT = "SELECT parent FROM lookalike_items WHERE sandbox = ? AND resource = ? AND id = ?"
_UPDATE = "UPDATE lookalike_items SET item = ? WHERE sandbox = ? AND resource = ? AND id = ?"
_NEXT = "SELECT coalesce(max(place), 0) + 1 FROM lookalike_items WHERE sandbox = ? AND resource = ?"
_MOVE = "UPDATE lookalike_items SET item = ?, parent = ?, place = ? WHERE sandbox = ? AND resource = ? AND id = ?"
_INSERT = (
    "INSERT INTO lookalike_items (sandbox, resource, id, key, position, parent, place, item)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
_DELETE = "DELETE FROM lookalike_items WHERE sandbox = ? AND resource = ? AND id = ?"
_DELETE_ALIASES = "DELETE FROM lookalike_aliases WHERE sandbox = ? AND resource = ? AND id = ?"
_SET_ALIAS = (
    "INSERT INTO lookalike_aliases (sandbox, resource, alias, id) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (sandbox, resource, alias) DO UPDATE SET id = excluded.id"
)
_EMPTY = tuple(
    f"DELETE FROM lookalike_{table} WHERE sandbox = ?"  # noqa: S608  # names of tables, from this line
    for table in ("items", "aliases", "numbers")
)
_DROP = "DELETE FROM lookalike_sandboxes WHERE name = ?"
_NAMES = "SELECT name FROM lookalike_sandboxes ORDER BY name"
_META = "SELECT value FROM lookalike_meta WHERE name = ?"
_SET_META = (
    "INSERT INTO lookalike_meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
)


class Conflict(Exception):
    """Another transaction was faster, so that this one would not be serialisable; nothing of it was done."""


class Database(Protocol):
    """A database with the tables of this module; its methods may be called from several threads."""

    name: str

    def run(self, work: Callable[[Execute], T], *, is_retry: bool = False) -> T:
        """The result of a function that is called within a transaction; one within another is a part of that.

        Where the function raises, nothing is changed. A retry waits for other transactions rather than meet them.
        Raises `Conflict`, and `SandboxError` (503) where the database cannot be reached.
        """
        ...

    def tables(self, execute: Execute) -> set[str]:
        """The names of all tables that are there."""
        ...

    def connect_again(self) -> "Database":
        """Another connection to the same database; raises `SandboxError` (503) where there is none."""
        ...

    def close(self) -> None:
        """Close all connections."""
        ...


class SqlStores:
    """The stores of all sandboxes in a database, whose tables are made where there are none.

    Raises `UsageError` for a database of another program, or of a newer version of this one.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        try:
            _serialised(database, self._migrate)
        except UsageError:
            database.close()
            raise

    def open(self, name: str) -> "SqlStore":
        """The store of a sandbox."""
        return SqlStore(self._database, name)

    def names(self) -> list[str]:
        """The sandboxes that have something stored."""
        return [name for (name,) in _serialised(self._database, _named)]

    def is_made_for(self, fingerprint: str) -> bool:
        """Whether the items were last known to fit a document, by its fingerprint."""
        return self._meta("document") == fingerprint

    def keep_fingerprint(self, fingerprint: str) -> None:
        """Note that all items fit a document."""
        _serialised(self._database, lambda execute: execute(_SET_META, "document", fingerprint))

    def close(self) -> None:
        """Close all connections."""
        self._database.close()

    def _meta(self, name: str) -> str:
        rows = _serialised(self._database, lambda execute: execute(_META, name))
        return str(rows[0][0]) if rows else ""

    def _migrate(self, execute: Execute) -> None:
        tables, where = self._database.tables(execute), self._database.name
        if "lookalike_meta" not in tables:
            if any(name.startswith("lookalike_") for name in tables):
                raise UsageError(f"{where} has tables named lookalike_… that Lookalike did not make", _ELSEWHERE)
            for statement in _TABLES:
                execute(statement)
            execute(_SET_META, "schema", str(VERSION))
            return
        version = execute(_META, "schema")
        if not version or not str(version[0][0]).isdigit():
            raise UsageError(f"{where} has a table lookalike_meta that Lookalike did not make", _ELSEWHERE)
        if int(version[0][0]) > VERSION:
            raise UsageError(
                f"{where} was made by a newer Lookalike (schema {version[0][0]}; this one knows {VERSION})",
                "Upgrade Lookalike, or choose another database with --store",
            )


_ELSEWHERE = "Choose another database with --store"


class SqlStore:
    """The state of one sandbox in a database: a `service.Store`."""

    __slots__ = ("_database", "_follow", "_initial", "_items", "_name", "_seen")

    def __init__(self, database: Database, name: str) -> None:
        self._database = database
        self._name = name
        self._items = InitialItems()
        self._initial = MemoryStore(self._items)
        self._seen = ""  # the settings that this process knows
        self._follow: Callable[[str], None] = _follow_nothing

    @property
    def is_untouched(self) -> bool:
        """Whether nothing was ever changed since the last reset."""
        return not _serialised(self._database, self._is_changed)

    def begin(self, items: InitialItems, follow: Callable[[str], None]) -> None:
        """Have initial items, unless there is a state already.

        From now on `follow` is called within a transaction that meets settings which another process kept.
        """
        self._items, self._initial, self._follow = items, MemoryStore(items), follow

    def transact(self, decide: Callable[[State], D]) -> D:
        """Call a function with the state, and commit the changes of its decision, in one transaction."""
        return self._transact(self._database, decide)

    def transact_at_length(self, decide: Callable[[State], D]) -> D:
        """The same for a function that may take long: on a connection of its own, so that no other thread waits."""
        database = self._database.connect_again()
        try:
            return self._transact(database, decide)
        finally:
            database.close()

    def _transact(self, database: Database, decide: Callable[[State], D]) -> D:
        def work(execute: Execute) -> D:
            is_changed = self._is_changed(execute)
            decision = decide(_SqlState(execute, self._name) if is_changed else self._initial)
            if decision.changes:
                if not is_changed:
                    self._store_initial(execute)
                _Batch(execute, self._name).apply(decision.changes)
            return decision

        return _serialised(database, work)

    def read(self, look: Callable[[State], T]) -> T:
        """The result of a function of the state, which does not change while the function runs."""

        def work(execute: Execute) -> T:
            return look(_SqlState(execute, self._name) if self._is_changed(execute) else self._initial)

        return _serialised(self._database, work)

    def replace(self, changes: Iterable[Change]) -> None:
        """Delete all items, then commit changes."""
        if isinstance(changes, InitialItems):
            self._items, self._initial = changes, MemoryStore(changes)
            self.drop()
            self._seen = ""
            return
        others = tuple(changes)

        def work(execute: Execute) -> None:
            self._empty(execute)
            execute(_CHANGED, self._name, _now())
            _Batch(execute, self._name).apply(others)

        _serialised(self._database, work)

    def drop(self) -> None:
        """Delete everything that is stored of the sandbox."""

        def work(execute: Execute) -> None:
            self._empty(execute)
            execute(_DROP, self._name)

        _serialised(self._database, work)

    def keep_settings(self, text: str) -> None:
        """Keep a text with the state, until the next reset."""
        _serialised(self._database, lambda execute: execute(_SETTINGS, self._name, text, _now()))
        self._seen = text

    def mark_used(self) -> None:
        """Tell other processes that the sandbox is in use."""
        _serialised(self._database, lambda execute: execute(_SET_USED, _now(), self._name))

    def drop_idle(self, ttl: float) -> bool:
        """Delete everything that is stored, unless a process used the sandbox within some seconds; whether it did."""

        def work(execute: Execute) -> bool:
            rows = execute(_USED, self._name)
            if rows and rows[0][0] + ttl > time.time():
                return False
            self._empty(execute)
            execute(_DROP, self._name)
            return True

        return _serialised(self._database, work)

    def _is_changed(self, execute: Execute) -> bool:
        is_changed, settings = (execute(_SANDBOX, self._name) or [(0, "")])[0]
        if settings != self._seen:
            self._seen = settings
            self._follow(settings)
        return bool(is_changed)

    def _empty(self, execute: Execute) -> None:
        for statement in _EMPTY:
            execute(statement, self._name)

    def _store_initial(self, execute: Execute) -> None:
        """Store the initial items, in a sandbox that has none."""
        execute(_CHANGED, self._name, _now())
        batch = _Batch(execute, self._name)
        for position, put in enumerate(self._items, 1):
            batch.insert(put, position)


class _SqlState:
    """The state of a sandbox within a transaction."""

    def __init__(self, execute: Execute, sandbox: str) -> None:
        self._execute = execute
        self._sandbox = sandbox

    def get(self, resource: str, key: Key) -> Item | None:
        """The item with a key or alias, or None."""
        where = (self._sandbox, resource, _id(key))
        rows = self._execute(_GET, *where) or self._execute(_GET_BY_ALIAS, *where)
        return _value(rows[0][0]) if rows else None

    def has_all(self, resource: str, keys: Sequence[Any]) -> bool:
        """Whether each of some values is the key, or an alias, of an item."""
        return all(type(key) in KEY_TYPES and self.get(resource, key) is not None for key in keys)

    def items(self, resource: str) -> list[tuple[Key, Item]]:
        """All items of a resource with their keys, oldest first."""
        spend_on_items(self.count(resource, None) * _WORK_PER_ROW)
        return [(_value(key), _value(item)) for key, item in self._execute(_ITEMS, self._sandbox, resource)]

    def children(self, resource: str, parent: Key | None, start: int = 0, stop: int | None = None) -> list[Item]:
        """A slice of the items of a parent, or of all items where `parent` is None, oldest first."""
        most = _MANY if stop is None else max(stop - start, 0)
        statement, where = (_ALL, ()) if parent is None else (_CHILDREN, (_id(parent),))
        rows = self._execute(statement, self._sandbox, resource, *where, min(most, _FEW), start)
        if len(rows) == _FEW < most:
            spend_turn()  # how many more there are, only a look at all of them tells
            rows += self._execute(statement, self._sandbox, resource, *where, most - _FEW, start + _FEW)
        spend_on_items(len(rows) * _WORK_PER_ROW)
        return [_value(item) for (item,) in rows]

    def count(self, resource: str, parent: Key | None) -> int:
        """The number of items of a parent, or of all items where `parent` is None."""
        if parent is None:
            return int(self._execute(_COUNT, self._sandbox, resource)[0][0])
        return int(self._execute(_COUNT_OF_PARENT, self._sandbox, resource, _id(parent))[0][0])

    def number(self, resource: str) -> int:
        """The highest number that was used in a key of a resource."""
        rows = self._execute(_NUMBER, self._sandbox, resource)
        return int(rows[0][0]) if rows else 0


_MANY = 2**62
_FEW = 1000
_WORK_PER_ROW = 10  # of that on an item in memory


class _Batch:
    """Changes of a sandbox as statements of a transaction; they come to the same as those of `MemoryStore`."""

    def __init__(self, execute: Execute, sandbox: str) -> None:
        self._execute = execute
        self._sandbox = sandbox

    def apply(self, changes: Iterable[Change]) -> None:
        """Commit changes in order."""
        for change in changes:
            if isinstance(change, Put):
                self._put(change)
            else:
                where = (self._sandbox, change.resource, _id(change.key))
                self._execute(_DELETE, *where)
                self._execute(_DELETE_ALIASES, *where)

    def insert(self, put: Put, position: int) -> None:
        """Store an item that is new."""
        where = (self._sandbox, put.resource, _id(put.key))
        key, parent = to_json(put.key).decode(), _parent(put)
        self._execute(_INSERT, *where, key, position, parent, position, _text(put.item))
        self._set_aliases(put)
        self._raise_number(put)

    def _put(self, put: Put) -> None:
        where = (self._sandbox, put.resource, _id(put.key))
        old = self._execute(_OLD_PARENT, *where)
        if not old:
            self.insert(put, self._next(put))
            return
        parent = _parent(put)
        if old[0][0] == parent:
            self._execute(_UPDATE, _text(put.item), *where)
        else:
            self._execute(_MOVE, _text(put.item), parent, self._next(put), *where)
        self._execute(_DELETE_ALIASES, *where)
        self._set_aliases(put)
        self._raise_number(put)

    def _next(self, put: Put) -> int:
        return int(self._execute(_NEXT, self._sandbox, put.resource)[0][0])

    def _set_aliases(self, put: Put) -> None:
        for alias in put.aliases:
            self._execute(_SET_ALIAS, self._sandbox, put.resource, _id(alias), _id(put.key))

    def _raise_number(self, put: Put) -> None:
        if put.number:
            rows = self._execute(_NUMBER, self._sandbox, put.resource)
            if not rows or int(rows[0][0]) < put.number:
                self._execute(_SET_NUMBER, self._sandbox, put.resource, str(put.number))


def _serialised(database: Database, work: Callable[[Execute], T]) -> T:
    """The result of a transaction, which is tried again where another one was faster; raises `SandboxError` (503)."""
    for attempt in range(_ATTEMPTS):
        try:
            return database.run(work, is_retry=attempt > 0)
        except Conflict:
            time.sleep(secrets.randbelow(2 ** min(attempt, 6)) / 1000)
    raise SandboxError(503, f"{_ATTEMPTS} attempts to commit met others that were faster", "Send the request again")


def _now() -> int:
    """The real time in seconds since 1970, by which processes tell each other when a sandbox was used."""
    return int(time.time())


def _follow_nothing(settings: str) -> None:
    """The follower of a store before it begins."""


def _named(execute: Execute) -> list[Row]:
    return execute(_NAMES)


def _id(key: Key) -> str:
    """A key as a text that an index can hold; a long one by its hash."""
    text = to_json(key).decode()
    if len(text) <= _LONGEST_KEY:
        return text
    return f"#{hashlib.sha256(text.encode()).hexdigest()}"


def _parent(put: Put) -> str:
    return "" if put.parent is None else _id(put.parent)


def _text(item: Item) -> str:
    return to_json(item).decode()


def _value(text: str) -> Any:
    return plain_numbers(parse_json(text.encode()).value)
