"""What is known of a server: the items that a story made there, as the server showed them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lookalike.model.behaviour import Model
from lookalike.model.state import KEY_TYPES, Change, Item, Key, Put
from lookalike.readings import Choose


class TrackedItems:
    """The state in which the model predicts; it holds no items but those of the story."""

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
        """Those of one parent, or all."""
        parent_of = self._model.items(resource).parent_of
        return [item for item in self._items[resource].values() if parent in (None, parent_of(item))][start:stop]

    def count(self, resource: str, parent: Key | None) -> int:
        """How many those are."""
        return len(self.children(resource, parent))

    def number(self, resource: str) -> int:
        """What a server counts is never known; the model's own numbers are replaced by what the server shows."""
        return 0

    def adopt(self, put: Put, shown: Mapping[str, Any]) -> Key:
        """Remember an item as a server made it: what it showed counts before what the model made up; its key."""
        made = self._model.items(put.resource).put({**put.item, **shown}, self._choose)
        self.apply((made,))
        return made.key

    def apply(self, changes: Iterable[Change]) -> None:
        """Make changes."""
        for change in changes:
            if isinstance(change, Put):
                self._items[change.resource][change.key] = change.item
            else:
                self._items[change.resource].pop(change.key, None)


@dataclass(slots=True)
class CreatedItem:
    """An item that a story made, or the only one of its kind.

    `sent` names the members that a client sent, which alone are compared, and `body` holds their values; `values` are
    those of the parameters that lead to it; `clause` is what the latest request about it promises. It `is_promised` if
    its creation was answered with 202 (RFC 9110 section 15.3.3).
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
