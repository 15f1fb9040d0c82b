"""State as the model sees it: items that can be looked up, and changes as values.

Items are never changed in place, so that one may be kept without a copy. `stores` decides how they are stored.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

# The name that an item is found by. Where keys are unique among the items of one parent only, it is `PARENT/KEY`.
Key = int | str
Item = Mapping[str, Any]
KEY_TYPES = frozenset({int, str})


def is_note_of_mock(resource: str) -> bool:
    """Whether items are notes of a mock itself, as tokens that are over; a server that is judged shows none of them."""
    return resource.startswith("$")


class State(Protocol):
    """The questions that the model asks of a state."""

    def get(self, resource: str, key: Key) -> Item | None:
        """The item with a key or alias, or None."""
        ...

    def has_all(self, resource: str, keys: Sequence[Any]) -> bool:
        """Whether each of some values is the key, or an alias, of an item."""
        ...

    def items(self, resource: str) -> Iterable[tuple[Key, Item]]:
        """All items of a resource with their keys, oldest first."""
        ...

    def children(self, resource: str, parent: Key | None, start: int = 0, stop: int | None = None) -> list[Item]:
        """A slice of the items of a parent, or of all items where `parent` is None, oldest first."""
        ...

    def count(self, resource: str, parent: Key | None) -> int:
        """The number of items of a parent, or of all items where `parent` is None."""
        ...

    def number(self, resource: str) -> int:
        """The highest number that was used in a key of a resource; deleted items count, so no number comes twice."""
        ...


class Put(NamedTuple):
    """Store an item under its key, replacing the one that is there.

    It is found by its aliases too. `parent` is the key of the item that it belongs to; `number` is the number that its
    key was made of, 0 if it was made of none.
    """

    resource: str
    key: Key
    item: Item
    aliases: tuple[Key, ...] = ()
    parent: Key | None = None
    number: int = 0


class Delete(NamedTuple):
    """Remove the item with a key."""

    resource: str
    key: Key


Change = Put | Delete


class Decision(Protocol):
    """The outcome of a request, as far as a store needs to know it."""

    @property
    def changes(self) -> tuple[Change, ...]:
        """The changes to commit, all or none."""
        ...
