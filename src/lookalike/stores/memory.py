"""State in memory: dictionaries, and one lock for all of them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from threading import RLock
from typing import Any, TypeVar

from lookalike.model.state import KEY_TYPES, Change, Decision, Delete, Item, Key, Put, State

T = TypeVar("T")
D = TypeVar("D", bound=Decision)

_NOTHING: Mapping[Key, Any] = {}


class MemoryStore:
    """A `service.Store` that is also the `State` which it shows; methods of the state are called under its lock."""

    def __init__(self, changes: Iterable[Change] = ()) -> None:
        self._lock = RLock()
        self._items: dict[str, dict[Key, Item]] = {}
        self._aliases: dict[str, dict[Key, Key]] = {}
        self._numbers: dict[str, int] = {}
        self._parents: dict[str, dict[Key, Key]] = {}
        self._children: dict[str, dict[Key, dict[Key, Item]]] = {}
        self._apply(changes)

    def get(self, resource: str, key: Key) -> Item | None:
        """The item under a key or alias; None where there is none."""
        items = self._items.get(resource)
        if items is None:
            return None
        item = items.get(key)
        if item is None and resource in self._aliases:
            return items.get(self._aliases[resource].get(key, key))
        return item

    def has_all(self, resource: str, keys: Sequence[Any]) -> bool:
        """Whether each value is the key, or an alias, of an item."""
        items, aliases = self._items.get(resource, _NOTHING), self._aliases.get(resource, _NOTHING)
        for key in keys:  # noqa: SIM110  # a generator takes twice as long
            if type(key) not in KEY_TYPES or (key not in items and key not in aliases):
                return False
        return True

    def items(self, resource: str) -> list[tuple[Key, Item]]:
        """All items of a resource with their keys, in the order of their creation."""
        return list(self._items.get(resource, {}).items())

    def children(self, resource: str, parent: Key | None, start: int = 0, stop: int | None = None) -> list[Item]:
        """The items of a parent, or all items where that is None, from `start` to `stop` in the order of creation."""
        return list(islice(self._items_of(resource, parent).values(), start, stop))

    def count(self, resource: str, parent: Key | None) -> int:
        """The number of items of a parent, or of all items where that is None."""
        return len(self._items_of(resource, parent))

    def number(self, resource: str) -> int:
        """The highest number that an item of a resource ever had, also if that item is gone."""
        return self._numbers.get(resource, 0)

    def transact(self, decide: Callable[[State], D]) -> D:
        """Call a function with the state, and commit the changes of its decision, all under the lock."""
        with self._lock:
            decision = decide(self)
            if decision.changes:
                self._apply(decision.changes)
            return decision

    def read(self, look: Callable[[State], T]) -> T:
        """The result of a function of the state, which does not change while the function runs."""
        with self._lock:
            return look(self)

    def replace(self, changes: Iterable[Change]) -> None:
        """Delete all items, then commit changes."""
        with self._lock:
            self._items.clear()
            self._aliases.clear()
            self._numbers.clear()
            self._parents.clear()
            self._children.clear()
            self._apply(changes)

    def _apply(self, changes: Iterable[Change]) -> None:
        for change in changes:
            if type(change) is Put:
                self._put(change)
            else:
                self._delete(change)

    def _items_of(self, resource: str, parent: Key | None) -> dict[Key, Item]:
        if parent is None:
            return self._items.get(resource, {})
        return self._children.get(resource, {}).get(parent, {})

    def _put(self, change: Put) -> None:
        resource, key, item, aliases, parent, number = change
        if resource in self._items:
            self._items[resource][key] = item
        else:
            self._items[resource] = {key: item}
        if aliases or resource in self._aliases:
            self._delete_aliases(resource, key)
            self._aliases.setdefault(resource, {}).update(dict.fromkeys(aliases, key))
        if number and number > self._numbers.get(resource, 0):
            self._numbers[resource] = number
        if parent is not None or resource in self._parents:
            self._set_parent(change)

    def _set_parent(self, change: Put) -> None:
        """Enter an item under its parent, and under no other."""
        parents = self._parents.setdefault(change.resource, {})
        if parents.get(change.key, change.parent) != change.parent:
            self._clear_parent(change.resource, change.key)
        if change.parent is not None:
            parents[change.key] = change.parent
            of_parent = self._children.setdefault(change.resource, {}).setdefault(change.parent, {})
            of_parent[change.key] = change.item

    def _clear_parent(self, resource: str, key: Key) -> None:
        parent = self._parents.get(resource, {}).pop(key, None)
        if parent is not None:
            siblings = self._children[resource][parent]
            del siblings[key]
            if not siblings:
                del self._children[resource][parent]

    def _delete(self, change: Put | Delete) -> None:
        self._items.get(change.resource, {}).pop(change.key, None)
        self._clear_parent(change.resource, change.key)
        self._delete_aliases(change.resource, change.key)

    def _delete_aliases(self, resource: str, key: Key) -> None:
        aliases = self._aliases.get(resource, {})
        for alias in [alias for alias, target in aliases.items() if target == key]:
            del aliases[alias]
