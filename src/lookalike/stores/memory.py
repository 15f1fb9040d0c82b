"""State in memory: dictionaries behind one lock."""

from collections.abc import Callable, Iterable
from threading import RLock
from typing import TypeVar

from lookalike.model.state import Change, Decision, Delete, Item, Key, Put, State

T = TypeVar("T")


C = TypeVar("C", bound=Decision)


class MemoryStore:
    """A store and, under its own lock, the state that it holds."""

    def __init__(self, changes: Iterable[Change] = ()) -> None:
        self._lock = RLock()
        self._items: dict[str, dict[Key, Item]] = {}
        self._aliases: dict[str, dict[Key, Key]] = {}
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

    def items(self, resource: str) -> list[tuple[Key, Item]]:
        """All items of a resource."""
        return list(self._items.get(resource, {}).items())

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
            self._apply(changes)

    def _apply(self, changes: Iterable[Change]) -> None:
        for change in changes:
            if type(change) is Put:
                self._put(change)
            else:
                self._delete(change)

    def _put(self, change: Put) -> None:
        self._items.setdefault(change.resource, {})[change.key] = change.item
        if change.aliases or change.resource in self._aliases:
            self._forget_aliases(change.resource, change.key)
            self._aliases.setdefault(change.resource, {}).update(dict.fromkeys(change.aliases, change.key))

    def _delete(self, change: Put | Delete) -> None:
        self._items.get(change.resource, {}).pop(change.key, None)
        self._forget_aliases(change.resource, change.key)

    def _forget_aliases(self, resource: str, key: Key) -> None:
        aliases = self._aliases.get(resource, {})
        for alias in [alias for alias, target in aliases.items() if target == key]:
            del aliases[alias]
