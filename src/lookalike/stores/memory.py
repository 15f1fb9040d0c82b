"""State in memory: dictionaries behind one lock."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from threading import RLock
from typing import Any, TypeVar

from lookalike.model.state import KEY_TYPES, Change, Decision, Delete, Item, Key, Put, State

T = TypeVar("T")


C = TypeVar("C", bound=Decision)
_NOTHING: Mapping[Key, Any] = {}


class MemoryStore:
    """A store and, under its own lock, the state that it holds."""

    def __init__(self, changes: Iterable[Change] = ()) -> None:
        self._lock = RLock()
        self._items: dict[str, dict[Key, Item]] = {}
        self._aliases: dict[str, dict[Key, Key]] = {}
        self._numbers: dict[str, int] = {}
        self._parents: dict[str, dict[Key, Key]] = {}
        self._children: dict[str, dict[Key, dict[Key, Item]]] = {}
        self._apply(changes)

    def get(self, resource: str, key: Key) -> Item | None:
        """The item under a key or alias."""
        items = self._items.get(resource)
        if items is None:
            return None
        item = items.get(key)
        if item is None and resource in self._aliases:
            return items.get(self._aliases[resource].get(key, key))
        return item

    def has_all(self, resource: str, keys: Sequence[Any]) -> bool:
        """Whether each of some values is a key, or alias, of an item."""
        items, aliases = self._items.get(resource, _NOTHING), self._aliases.get(resource, _NOTHING)
        for key in keys:  # noqa: SIM110  # a generator takes twice as long
            if type(key) not in KEY_TYPES or (key not in items and key not in aliases):
                return False
        return True

    def items(self, resource: str) -> list[tuple[Key, Item]]:
        """All items of a resource."""
        return list(self._items.get(resource, {}).items())

    def children(self, resource: str, parent: Key | None, start: int = 0, stop: int | None = None) -> list[Item]:
        """Some of the items that belong to a parent, or of all, in the order in which they came."""
        return list(islice(self._belonging(resource, parent).values(), start, stop))

    def count(self, resource: str, parent: Key | None) -> int:
        """How many items belong to a parent, or how many there are."""
        return len(self._belonging(resource, parent))

    def number(self, resource: str) -> int:
        """The highest number that was counted for a resource, whatever has become of its item."""
        return self._numbers.get(resource, 0)

    def transact(self, decide: Callable[[State], C]) -> C:
        """Decide on the state as it is, and commit what the outcome changes before anyone else sees it."""
        with self._lock:
            outcome = decide(self)
            if outcome.changes:
                self._apply(outcome.changes)
            return outcome

    def read(self, look: Callable[[State], T]) -> T:
        """What a function sees in the state, which stands still meanwhile."""
        with self._lock:
            return look(self)

    def replace(self, changes: Iterable[Change]) -> None:
        """Forget everything, then make changes."""
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

    def _belonging(self, resource: str, parent: Key | None) -> dict[Key, Item]:
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
            self._forget_aliases(resource, key)
            self._aliases.setdefault(resource, {}).update(dict.fromkeys(aliases, key))
        if number and number > self._numbers.get(resource, 0):
            self._numbers[resource] = number
        if parent is not None or resource in self._parents:
            self._adopt(change)

    def _adopt(self, change: Put) -> None:
        """Let an item belong to its parent and to no other."""
        parents = self._parents.setdefault(change.resource, {})
        if parents.get(change.key, change.parent) != change.parent:
            self._orphan(change.resource, change.key)
        if change.parent is not None:
            parents[change.key] = change.parent
            of_parent = self._children.setdefault(change.resource, {}).setdefault(change.parent, {})
            of_parent[change.key] = change.item

    def _orphan(self, resource: str, key: Key) -> None:
        parent = self._parents.get(resource, {}).pop(key, None)
        if parent is not None:
            siblings = self._children[resource][parent]
            del siblings[key]
            if not siblings:
                del self._children[resource][parent]

    def _delete(self, change: Put | Delete) -> None:
        self._items.get(change.resource, {}).pop(change.key, None)
        self._orphan(change.resource, change.key)
        self._forget_aliases(change.resource, change.key)

    def _forget_aliases(self, resource: str, key: Key) -> None:
        aliases = self._aliases.get(resource, {})
        for alias in [alias for alias, target in aliases.items() if target == key]:
            del aliases[alias]
