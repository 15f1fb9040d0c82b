"""State as the model sees it: items that can be looked up, and changes as values.

Items are never changed in place; whoever holds one may keep it.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

# What an item is found by; of one whose key is unique within a parent only, `PARENT/KEY`.
Key = int | str
Item = Mapping[str, Any]
KEY_TYPES = frozenset({int, str})


class State(Protocol):
    """What the model may ask about what is remembered."""

    def get(self, resource: str, key: Key) -> Item | None:
        """The item that answers to a key or to an alias of it, or None."""
        ...

    def has_all(self, resource: str, keys: Sequence[Any]) -> bool:
        """Whether each of some values is a key, or alias, of an item."""
        ...

    def items(self, resource: str) -> Iterable[tuple[Key, Item]]:
        """All items of a resource with their keys, in the order in which they came."""
        ...

    def children(self, resource: str, parent: Key | None, start: int = 0, stop: int | None = None) -> list[Item]:
        """Some of the items that belong to a parent, or of all where that is None, in the order in which they came."""
        ...

    def count(self, resource: str, parent: Key | None) -> int:
        """How many items belong to a parent, or how many there are."""
        ...

    def number(self, resource: str) -> int:
        """The highest number that was counted for a resource; what was counted once is never counted again."""
        ...


class Put(NamedTuple):
    """Remember an item under its key, in place of what was there, and let it answer to aliases too.

    `parent` is the key of the item that it belongs to; `number` is what was counted for it, if anything.
    """

    resource: str
    key: Key
    item: Item
    aliases: tuple[Key, ...] = ()
    parent: Key | None = None
    number: int = 0


class Delete(NamedTuple):
    """Forget the item under a key."""

    resource: str
    key: Key


Change = Put | Delete


class Decision(Protocol):
    """What was decided in a state, and so what changes in it."""

    @property
    def changes(self) -> tuple[Change, ...]:
        """What changes, all or nothing."""
        ...
