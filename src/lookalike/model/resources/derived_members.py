"""Derived members: those that a server was seen to make of the other members of an item, or to count."""

from collections.abc import Collection, Mapping
from typing import Any

from lookalike.contract.derivations import CHANGES, PLACE, Derivation
from lookalike.json_values import ABSENT
from lookalike.model.state import Item


class DerivedMembers:
    """Makes the derived members of the items of a resource; false where it has none."""

    def __init__(self, derived: Mapping[str, Derivation]) -> None:
        self._made = {name: one for name, one in derived.items() if one.source}
        self._remade = {name: one for name, one in self._made.items() if not one.stays}
        self._counts = {name: one.start for name, one in derived.items() if not one.source}
        self._changes = [name for name, one in derived.items() if one.way == CHANGES]
        self._places = [name for name, one in derived.items() if one.way == PLACE]

    def __bool__(self) -> bool:
        return bool(self._made or self._counts)

    @property
    def has_places(self) -> bool:
        """Whether some member counts the items before it."""
        return bool(self._places)

    @property
    def has_changes(self) -> bool:
        """Whether some member counts the changes of its item."""
        return bool(self._changes)

    def of_new(self, item: Item, unsent: Collection[str]) -> Item:
        """A new item with its derived members; `unsent` are the members that the server has to make."""
        begun = {name: start for name, start in self._counts.items() if name in unsent}
        made = {name: one for name, one in self._made.items() if name in unsent or not one.stays}
        return {**item, **begun, **_values(made, item)}

    def of_changed(self, item: Item) -> Item:
        """A changed item with the derived members that follow its changes."""
        return {**item, **_values(self._remade, item)}

    def counted(self, old: Item, after: Item) -> Item:
        """A changed item with one more change."""
        return {**after, **{name: old[name] + 1 for name in self._changes if isinstance(old.get(name), int)}}

    def placed(self, item: Item, before: int) -> Item:
        """A new item behind so many others."""
        return {**item, **{name: self._counts[name] + before for name in self._places}}


def _values(derived: Mapping[str, Derivation], item: Item) -> dict[str, Any]:
    made = {name: one.of(item) for name, one in derived.items()}
    return {name: value for name, value in made.items() if value is not ABSENT}
