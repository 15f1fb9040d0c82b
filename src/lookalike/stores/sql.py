"""State in a database: one schema for SQLite and PostgreSQL, with the items of all sandboxes.

A sandbox that was never changed has no rows: it is read from the initial items, in memory. The first change stores them
all, so that a start reads and writes nothing, however many there are.

Each decision is one serialisable transaction. It begins optimistically; where another one was faster, the decision is
taken again, a bounded number of times.
"""

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from lookalike.codecs.json_text import parse_json, plain_numbers, to_json
from lookalike.errors import UsageError
from lookalike.model.state import KEY_TYPES, Change, Decision, Delete, Item, Key, Put, State
from lookalike.pacing import spend_on_items
from lookalike.stores.database import Database, Execute, Row, SharedDatabase, serialised
from lookalike.stores.memory import InitialItems, MemoryStore, too_large
from lookalike.stores.records import Records
from lookalike.stores.tables import ALL_PARENTS, prepare, read_meta, write_meta

T = TypeVar("T")
D = TypeVar("D", bound=Decision)

_LONGEST_KEY = 500  # characters; an entry of an index has 2,704 bytes at most in PostgreSQL

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
_GET = "SELECT item, parent FROM lookalike_items WHERE sandbox = ? AND resource = ? AND id = ?"
_IDS = "SELECT id FROM lookalike_items WHERE sandbox = ? AND resource = ? AND id IN"
_GET_BY_ALIAS = (
    "SELECT i.item, i.parent, i.id FROM lookalike_aliases AS a JOIN lookalike_items AS i"
    " ON i.sandbox = a.sandbox AND i.resource = a.resource AND i.id = a.id"
    " WHERE a.sandbox = ? AND a.resource = ? AND a.alias = ?"
)
_ITEMS = "SELECT key, item FROM lookalike_items WHERE sandbox || '' = ? AND resource = ? ORDER BY position"
_ALL = "SELECT item FROM lookalike_items WHERE sandbox || '' = ? AND resource = ? ORDER BY position LIMIT ? OFFSET ?"
_CHILDREN = (
    "SELECT item FROM lookalike_items WHERE sandbox || '' = ? AND resource = ? AND parent = ?"
    " ORDER BY place LIMIT ? OFFSET ?"
)
_COUNT = "SELECT items FROM lookalike_counts WHERE sandbox = ? AND resource = ? AND parent = ?"
_ADD_COUNT = (
    "INSERT INTO lookalike_counts (sandbox, resource, parent, items) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (sandbox, resource, parent) DO UPDATE SET items = lookalike_counts.items + excluded.items"
)
_NUMBER = "SELECT number FROM lookalike_numbers WHERE sandbox = ? AND resource = ?"
_SET_NUMBER = (
    "INSERT INTO lookalike_numbers (sandbox, resource, number) VALUES (?, ?, ?)"
    " ON CONFLICT (sandbox, resource) DO UPDATE SET number = excluded.number"
)
_OLD_PARENT = "SELECT parent FROM lookalike_items WHERE sandbox = ? AND resource = ? AND id = ?"
_UPDATE = "UPDATE lookalike_items SET item = ? WHERE sandbox = ? AND resource = ? AND id = ? AND parent = ? RETURNING 1"
_UPDATE_KNOWN = "UPDATE lookalike_items SET item = ? WHERE sandbox = ? AND resource = ? AND id = ?"
_NEXT = "SELECT coalesce(max(place), 0) + 1 FROM lookalike_items WHERE sandbox || '' = ? AND resource = ?"
_MOVE = "UPDATE lookalike_items SET item = ?, parent = ?, place = ? WHERE sandbox = ? AND resource = ? AND id = ?"
_INSERT = (
    "INSERT INTO lookalike_items (sandbox, resource, id, key, position, parent, place, item)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
_DELETE = "DELETE FROM lookalike_items WHERE sandbox = ? AND resource = ? AND id = ? RETURNING parent"
_DELETE_ALIASES = "DELETE FROM lookalike_aliases WHERE sandbox || '' = ? AND resource = ? AND id = ?"
_SET_ALIAS = (
    "INSERT INTO lookalike_aliases (sandbox, resource, alias, id) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (sandbox, resource, alias) DO UPDATE SET id = excluded.id"
)
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
        return SqlStore(self._database, name, _MANY if name == self._default else self._size)

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
                    self._apply(_Batch(execute, self._name), decision.changes)
                return decision
            state = _SqlState(execute, self._name)
            decision = decide(state)
            if decision.changes:
                self._apply(_Batch(execute, self._name, state.parents), decision.changes)
            return decision

        return serialised(self._database, work)

    def read(self, look: Callable[[State], T]) -> T:
        """The result of a function of the state, which does not change while the function runs."""

        def work(execute: Execute) -> T:
            return look(_SqlState(execute, self._name) if self._is_changed(execute) else self._initial)

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
                batch = _Batch(execute, self._name)
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
        batch = _Batch(execute, self._name)
        batch.insert_all(self._items)
        self._begin_size(batch.written)

    def _begin_size(self, size: int) -> None:
        """Note the bytes of the items that do not count, since the sandbox begins with them."""
        self.records.put(_SIZE, "", "", weight=size)

    def _apply(self, batch: "_Batch", changes: Sequence[Change]) -> None:
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


class _SqlState:
    """The state of a sandbox within a transaction, before its changes.

    `parents` has the id of the parent of each item that was looked at, by resource and its own id.
    """

    def __init__(self, execute: Execute, sandbox: str) -> None:
        self.parents: dict[tuple[str, str], str] = {}
        self._execute = execute
        self._sandbox = sandbox
        self._known: dict[tuple[str, str], Item | None] = {}  # a request looks at its item several times

    def get(self, resource: str, key: Key) -> Item | None:
        """The item with a key or alias, or None."""
        name = resource, _id(key)
        if name not in self._known:
            rows = self._execute(_GET, self._sandbox, *name) or self._execute(_GET_BY_ALIAS, self._sandbox, *name)
            self._known[name] = _value(rows[0][0]) if rows else None
            for _, parent, *others in rows:
                self.parents[resource, others[0] if others else name[1]] = parent
        return self._known[name]

    def has_all(self, resource: str, keys: Sequence[Any]) -> bool:
        """Whether each of some values is the key, or an alias, of an item."""
        if not all(type(key) in KEY_TYPES for key in keys):
            return False
        ids = [_id(key) for key in keys]
        found = {name for start in range(0, len(ids), _FEW) for name in self._ids(resource, ids[start : start + _FEW])}
        return all(name in found or self.get(resource, key) is not None for name, key in zip(ids, keys, strict=True))

    def _ids(self, resource: str, ids: Sequence[str]) -> list[str]:
        """Those of some ids that items have; their aliases are not looked at."""
        marks = ", ".join("?" * len(ids))
        return [name for (name,) in self._execute(f"{_IDS} ({marks})", self._sandbox, resource, *ids)]

    def items(self, resource: str) -> list[tuple[Key, Item]]:
        """All items of a resource with their keys, oldest first."""
        spend_on_items(self.count(resource, None) * _WORK_PER_ROW)
        return [(_value(key), _value(item)) for key, item in self._execute(_ITEMS, self._sandbox, resource)]

    def children(self, resource: str, parent: Key | None, start: int = 0, stop: int | None = None) -> list[Item]:
        """A slice of the items of a parent, or of all items where `parent` is None, oldest first."""
        most = _MANY if stop is None else max(stop - start, 0)
        statement, where = (_ALL, ()) if parent is None else (_CHILDREN, (_id(parent),))
        if most > _FEW:
            spend_on_items(min(most, self.count(resource, parent)) * _WORK_PER_ROW)
        rows = self._execute(statement, self._sandbox, resource, *where, most, start)
        if most <= _FEW:
            spend_on_items(len(rows) * _WORK_PER_ROW)
        return [_value(item) for (item,) in rows]

    def count(self, resource: str, parent: Key | None) -> int:
        """The number of items of a parent, or of all items where `parent` is None."""
        rows = self._execute(_COUNT, self._sandbox, resource, ALL_PARENTS if parent is None else _id(parent))
        return int(rows[0][0]) if rows else 0

    def number(self, resource: str) -> int:
        """The highest number that was used in a key of a resource."""
        rows = self._execute(_NUMBER, self._sandbox, resource)
        return int(rows[0][0]) if rows else 0


_NO_PARENTS: Mapping[tuple[str, str], str] = {}
_MANY = 2**62
_FEW = 1000
_SIZE = "size"  # the kind of the record with the size that a sandbox begins with
_OPTION = "--sandbox-size"
_WORK_PER_ROW = 10  # of that on an item in memory


class _Batch:
    """Changes of a sandbox as statements of a transaction; they come to the same as those of `MemoryStore`."""

    def __init__(self, execute: Execute, sandbox: str, parents: Mapping[tuple[str, str], str] = _NO_PARENTS) -> None:
        """`parents` are those of items that are known to be there, as `_SqlState` has them."""
        self.execute = execute
        self.written = 0  # characters of items
        self._sandbox = sandbox
        self._parents = dict(parents)
        self._more: Counter[tuple[str, str]] = Counter()  # items by resource and parent, than there were before

    def apply(self, changes: Iterable[Change]) -> None:
        """Commit changes in order."""
        for change in changes:
            if isinstance(change, Put):
                self._put(change)
            else:
                self._delete(change)
        self._count()

    def insert_all(self, puts: Iterable[Put]) -> None:
        """Store items in a sandbox that has none."""
        for position, put in enumerate(puts, 1):
            self._insert(put, self._text(put), position)
        self._count()

    def _insert(self, put: Put, text: str, position: int) -> None:
        """Store an item that is new."""
        where = (self._sandbox, put.resource, _id(put.key))
        key, parent = to_json(put.key).decode(), _parent(put)
        self.execute(_INSERT, *where, key, position, parent, position, text)
        self._set_aliases(put)
        self._raise_number(put)
        self._add(put.resource, parent, 1)

    def _put(self, put: Put) -> None:
        where, parent, text = (self._sandbox, put.resource, _id(put.key)), _parent(put), self._text(put)
        if self._parents.pop(where[1:], None) == parent:  # the answer of the database need not be waited for
            self.execute(_UPDATE_KNOWN, text, *where)
        elif not self.execute(_UPDATE, text, *where, parent):
            old = self.execute(_OLD_PARENT, *where)
            if not old:
                self._insert(put, text, self._next(put))
                return
            self.execute(_MOVE, text, parent, self._next(put), *where)
            self._add(put.resource, old[0][0], -1)
            self._add(put.resource, parent, 1)
        self.execute(_DELETE_ALIASES, *where)
        self._set_aliases(put)
        self._raise_number(put)

    def _delete(self, change: Delete) -> None:
        where = (self._sandbox, change.resource, _id(change.key))
        self._parents.pop(where[1:], None)
        for (parent,) in self.execute(_DELETE, *where):
            self._add(change.resource, parent, -1)
        self.execute(_DELETE_ALIASES, *where)

    def _add(self, resource: str, parent: str, number: int) -> None:
        self._more[resource, ALL_PARENTS] += number
        if parent:
            self._more[resource, parent] += number

    def _count(self) -> None:
        """Have the table of counts follow."""
        for (resource, parent), number in self._more.items():
            if number:
                self.execute(_ADD_COUNT, self._sandbox, resource, parent, number)

    def _text(self, put: Put) -> str:
        text = to_json(put.item).decode()
        self.written += len(text)
        return text

    def _next(self, put: Put) -> int:
        return int(self.execute(_NEXT, self._sandbox, put.resource)[0][0])

    def _set_aliases(self, put: Put) -> None:
        for alias in put.aliases:
            self.execute(_SET_ALIAS, self._sandbox, put.resource, _id(alias), _id(put.key))

    def _raise_number(self, put: Put) -> None:
        if put.number:
            rows = self.execute(_NUMBER, self._sandbox, put.resource)
            if not rows or int(rows[0][0]) < put.number:
                self.execute(_SET_NUMBER, self._sandbox, put.resource, str(put.number))


def _now() -> int:
    """The real time in seconds since 1970, by which processes tell each other when a sandbox was used."""
    return int(time.time())


def _follow_nothing(settings: str) -> None:
    """The follower of a store before it begins."""


def _id(key: Key) -> str:
    """A key as a text that an index can hold; a long one by its hash."""
    text = to_json(key).decode()
    if len(text) <= _LONGEST_KEY:
        return text
    return f"#{hashlib.sha256(text.encode()).hexdigest()}"


def _parent(put: Put) -> str:
    return "" if put.parent is None else _id(put.parent)


def _value(text: str) -> Any:
    return plain_numbers(parse_json(text.encode()).value)
