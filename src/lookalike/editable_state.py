"""The state of a mock as people read and change it by hand: through the control API, in tests, and in transcripts."""

from collections.abc import Iterable, Mapping
from typing import Any

from lookalike.errors import StateError
from lookalike.model.behaviour import Model
from lookalike.model.seeds import checked_item, seeds
from lookalike.model.state import Delete, Item, Key, State
from lookalike.readings import Choose
from lookalike.stores.store import Store, Update


class EditableState:
    """The items in a store, which a model with its choices keeps valid."""

    model: Model
    choose: Choose
    _store: Store

    def state(self) -> dict[str, list[Item]]:
        """All items by resource."""
        return self._store.read(lambda state: items_by_resource(state, self.model.contract.resources))

    def first_items(self, most: int) -> dict[str, list[Item]]:
        """The oldest items of each resource, at most so many."""
        resources = self.model.contract.resources
        return self._store.read(lambda state: {name: state.children(name, None, 0, most) for name in resources})

    def numbers_of_items(self) -> dict[str, int]:
        """The number of items of each resource."""
        resources = self.model.contract.resources
        return self._store.read(lambda state: {name: state.count(name, None) for name in resources})

    def item(self, resource: str, key: Key) -> Item | None:
        """The item under a key, or under an alias of it; None if there is none."""
        return self._store.read(lambda state: state.get(resource, key))

    def replace_state(self, data: Any) -> None:
        """Replace all items by others, a list by resource; raises `UsageError` if they do not fit."""
        self._store.replace(seeds(self.model, data, self.choose, "state"))

    def patch_state(self, data: Mapping[str, Any]) -> None:
        """Replace all items of the resources that are named; raises `UsageError` if they do not fit."""
        names = tuple(self.model.contract.resources)

        def decide(state: State) -> Update[None]:
            after = seeds(self.model, {**items_by_resource(state, names), **data}, self.choose, "state")
            return Update(None, (*deletions(state, names), *after))

        self._store.transact(decide)

    def put_item(self, resource: str, key: Key, raw: Any) -> Item:
        """Create an item under its key or replace it; raises `StateError` if it does not fit the contract."""

        def decide(state: State) -> Update[Item]:
            return self._update(state, resource, key, state.get(resource, key), raw)

        return self._store.transact(decide).result

    def patch_item(self, resource: str, key: Key, raw: Mapping[str, Any]) -> Item:
        """Set some members of an item; raises `StateError` if the result does not fit the contract."""

        def decide(state: State) -> Update[Item]:
            old = state.get(resource, key)
            return self._update(state, resource, key, old, {**(old or {}), **raw})

        return self._store.transact(decide).result

    def delete_item(self, resource: str, key: Key) -> bool:
        """Delete an item; False if there is none."""

        def decide(state: State) -> Update[bool]:
            item = state.get(resource, key)
            return Update(False) if item is None else Update(True, (Delete(resource, self._key(resource, item)),))

        return self._store.transact(decide).result

    def _update(self, state: State, resource: str, key: Key, old: Item | None, raw: Any) -> Update[Item]:
        """The update that puts an item under a key, in place of an old one; raises `StateError`."""
        item, problems = checked_item(self.model, resource, raw)
        if item is None:
            raise StateError(resource, problems, key)
        first, *aliases = self.model.keys_of(resource, item, self.choose)
        if key not in (first, *aliases):
            raise StateError(resource, [f"the item's own key is {first}, not {key}"], key)
        if any(state.get(resource, name) not in (None, old) for name in (first, *aliases)):
            raise StateError(resource, [f"another {resource} answers to one of {[first, *aliases]}"], key)
        # The old item was found by an alias, and the new one has another key: it would stay beside the new one.
        before = first if old is None else self._key(resource, old)
        moved = () if before == first else (Delete(resource, before),)
        return Update(item, (*moved, self.model.items(resource).put(item, self.choose)))

    def _key(self, resource: str, item: Item) -> Key:
        return self.model.keys_of(resource, item, self.choose)[0]


def items_by_resource(state: State, resources: Iterable[str]) -> dict[str, list[Item]]:
    """All items of some resources, the oldest first."""
    return {resource: state.children(resource, None) for resource in resources}


def deletions(state: State, resources: Iterable[str]) -> tuple[Delete, ...]:
    """The changes that delete all items of some resources."""
    return tuple(Delete(resource, key) for resource in resources for key, _ in state.items(resource))
