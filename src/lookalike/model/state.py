"""State as the model sees it: items that can be looked up, and changes as values.

Items are never changed in place; whoever holds one may keep it.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, Protocol

Key = int | str
Item = Mapping[str, Any]


class State(Protocol):
    """What the model may ask about what is remembered."""

    def get(self, resource: str, key: Key) -> Item | None:
        """The item that answers to a key or to an alias of it, or None."""
        ...

    def items(self, resource: str) -> Iterable[tuple[Key, Item]]:
        """All items of a resource with their keys, in the order in which they came."""
        ...


class Put(NamedTuple):
    """Remember an item under its key, in place of what was there, and let it answer to aliases too."""

    resource: str
    key: Key
    item: Item
    aliases: tuple[Key, ...] = ()


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
