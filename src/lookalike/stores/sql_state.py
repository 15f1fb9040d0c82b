"""The state of a sandbox within a transaction of a database: its items, read from rows and changed in them."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lookalike.codecs.json_text import parse_json, plain_numbers, to_json
from lookalike.model.state import KEY_TYPES, Change, Delete, Item, Key, Put
from lookalike.pacing import spend_on_items
from lookalike.stores.database import Execute
from lookalike.stores.tables import ALL_PARENTS

_LONGEST_KEY = 500  # characters; an entry of an index has 2,704 bytes at most in PostgreSQL


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


class SqlState:
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
        name = resource, row_id(key)
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
        ids = [row_id(key) for key in keys]
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
        most = MANY if stop is None else max(stop - start, 0)
        statement, where = (_ALL, ()) if parent is None else (_CHILDREN, (row_id(parent),))
        if most > _FEW:
            spend_on_items(min(most, self.count(resource, parent)) * _WORK_PER_ROW)
        rows = self._execute(statement, self._sandbox, resource, *where, most, start)
        if most <= _FEW:
            spend_on_items(len(rows) * _WORK_PER_ROW)
        return [_value(item) for (item,) in rows]

    def count(self, resource: str, parent: Key | None) -> int:
        """The number of items of a parent, or of all items where `parent` is None."""
        rows = self._execute(_COUNT, self._sandbox, resource, ALL_PARENTS if parent is None else row_id(parent))
        return int(rows[0][0]) if rows else 0

    def number(self, resource: str) -> int:
        """The highest number that was used in a key of a resource."""
        rows = self._execute(_NUMBER, self._sandbox, resource)
        return int(rows[0][0]) if rows else 0


_NO_PARENTS: Mapping[tuple[str, str], str] = {}
MANY = 2**62  # of bytes or rows: no limit
_FEW = 1000
_WORK_PER_ROW = 10  # of that on an item in memory


class ChangeBatch:
    """Changes of a sandbox as statements of a transaction; they come to the same as those of `MemoryStore`."""

    def __init__(self, execute: Execute, sandbox: str, parents: Mapping[tuple[str, str], str] = _NO_PARENTS) -> None:
        """`parents` are those of items that are known to be there, as `SqlState` has them."""
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
        where = (self._sandbox, put.resource, row_id(put.key))
        key, parent = to_json(put.key).decode(), _parent(put)
        self.execute(_INSERT, *where, key, position, parent, position, text)
        self._set_aliases(put)
        self._raise_number(put)
        self._add(put.resource, parent, 1)

    def _put(self, put: Put) -> None:
        where, parent, text = (self._sandbox, put.resource, row_id(put.key)), _parent(put), self._text(put)
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
        where = (self._sandbox, change.resource, row_id(change.key))
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
            self.execute(_SET_ALIAS, self._sandbox, put.resource, row_id(alias), row_id(put.key))

    def _raise_number(self, put: Put) -> None:
        if put.number:
            rows = self.execute(_NUMBER, self._sandbox, put.resource)
            if not rows or int(rows[0][0]) < put.number:
                self.execute(_SET_NUMBER, self._sandbox, put.resource, str(put.number))


def row_id(key: Key) -> str:
    """A key as a text that an index can hold; a long one by its hash."""
    text = to_json(key).decode()
    if len(text) <= _LONGEST_KEY:
        return text
    return f"#{hashlib.sha256(text.encode()).hexdigest()}"


def _parent(put: Put) -> str:
    return "" if put.parent is None else row_id(put.parent)


def _value(text: str) -> Any:
    return plain_numbers(parse_json(text.encode()).value)
