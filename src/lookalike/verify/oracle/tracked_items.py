"""Tracked items: the items that a story created on a server, as the server showed them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lookalike.http import SAFE, Request, Response
from lookalike.model.behaviour import Model
from lookalike.model.state import KEY_TYPES, Change, Item, Key, Put, is_note_of_mock
from lookalike.readings import Choose


class TrackedItems:
    """The state from which the model predicts responses: only the items of one story."""

    def __init__(self, model: Model, choose: Choose) -> None:
        self._model = model
        self._choose = choose
        self._items: dict[str, dict[Key, Item]] = {name: {} for name in model.contract.resources}

    def get(self, resource: str, key: Key) -> Item | None:
        """The item under a key."""
        return self._items[resource].get(key)

    def has_all(self, resource: str, keys: Sequence[Any]) -> bool:
        """Whether each of some values is the key of an item."""
        return all(type(key) in KEY_TYPES and self.get(resource, key) is not None for key in keys)

    def items(self, resource: str) -> Iterable[tuple[Key, Item]]:
        """All items of a resource."""
        return tuple(self._items[resource].items())

    def children(self, resource: str, parent: Key | None, start: int = 0, stop: int | None = None) -> list[Item]:
        """The items of one parent, or all items."""
        parent_of = self._model.items(resource).parent_of
        return [item for item in self._items[resource].values() if parent in (None, parent_of(item))][start:stop]

    def count(self, resource: str, parent: Key | None) -> int:
        """The number of items of one parent, or of all items."""
        return 0 if is_note_of_mock(resource) else len(self.children(resource, parent))

    def number(self, resource: str) -> int:
        """Always 0: the counters of a server are unknown, and numbers that it generates replace those of the model."""
        return 0

    def adopt(self, put: Put, shown: Mapping[str, Any]) -> Key:
        """Track a created item, and return its key; members that the server shows replace those of the model."""
        made = self._model.items(put.resource).put({**put.item, **shown}, self._choose)
        self.apply((made,))
        return made.key

    def apply(self, changes: Iterable[Change]) -> None:
        """Apply changes to the items."""
        for change in changes:
            if isinstance(change, Put):
                self._items[change.resource][change.key] = change.item
            else:
                self._items[change.resource].pop(change.key, None)


@dataclass(slots=True)
class CreatedItem:
    """An item that a story created, or the single item of its resource.

    `sent` names the members that a client sent, which alone are compared, and `body` holds their values; `values` are
    those of the parameters that lead to it; `clause` is what the latest request about it promises. It `is_promised` if
    its creation was answered with 202 (RFC 9110 section 15.3.3). `fields` are the header fields of the request that
    created it: another user, whom the server knows by them, may be the only one who can delete it.
    """

    resource: str
    key: Key
    sent: frozenset[str]
    values: Mapping[str, Any]
    parent: "CreatedItem | None" = None
    clause: str = ""
    removable: bool = field(default=True)
    is_promised: bool = False
    body: dict[str, Any] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)

    @property
    def goes_with_parent(self) -> bool:
        """Whether the item is below one that its story deletes, or has deleted."""
        return self.parent is not None and self.parent.removable


class CreatedItems:
    """The items that a story created and has not deleted yet, in order, and the paths at which it deleted some."""

    def __init__(self) -> None:
        self._items: list[CreatedItem] = []
        self._deleted: set[str] = set()

    def __len__(self) -> int:
        return len(self._items)

    def of(self, resource: str) -> list[CreatedItem]:
        """The items of a resource."""
        return [one for one in self._items if one.resource == resource]

    @property
    def last(self) -> CreatedItem:
        """The item that was created last."""
        return self._items[-1]

    def add(self, own: CreatedItem) -> None:
        """Add an item, or put it at the end."""
        self.remove(own)
        self._items.append(own)

    def remove(self, own: CreatedItem) -> None:
        """Remove an item, if it is there."""
        self._items = [one for one in self._items if one is not own]

    def note(self, request: Request, response: Response) -> None:
        """Note a DELETE that succeeded, or another write that may have created the item again."""
        if request.method in SAFE or not 200 <= response.status < 300:
            return
        if request.method == "DELETE" and response.status != 202:
            self._deleted.add(request.path)
        else:
            self._deleted.discard(request.path)

    def note_made(self, path: str) -> None:
        """Note that the server gave a new item the key of a deleted one, so that its own deletion has still to come."""
        self._deleted.discard(path)

    def is_deleted(self, path: str) -> bool:
        """Whether the last write that succeeded at a path was a DELETE, and no item was made under that key since.

        A server that hides what does not exist may answer another one with 403 (RFC 9110 section 15.5.4).
        """
        return path in self._deleted
