"""Derived members: those that a server was seen to make of the other members of an item, or to count."""

from collections.abc import Collection, Mapping
from typing import Any

from lookalike.contract.derivations import CHANGES, NOW, PLACE, Derivation
from lookalike.json_values import ABSENT
from lookalike.model.state import Item


class DerivedMembers:
    """Makes the derived members of the items of a resource; false if it has none."""

    def __init__(self, derived: Mapping[str, Derivation]) -> None:
        self._made = {name: one for name, one in derived.items() if one.source}
        remade = {name: one for name, one in self._made.items() if not one.stays}
        self._remade = {name: one for name, one in remade.items() if one.source != NOW}
        self._times = {name: one for name, one in remade.items() if one.source == NOW}
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

    @property
    def names(self) -> Collection[str]:
        """The members that are derived."""
        return self._made.keys() | self._counts.keys()

    def of_new(self, item: Item, unsent: Collection[str], at: float) -> Item:
        """A new item with its derived members; `unsent` are the members that the server has to make."""
        begun = {name: start for name, start in self._counts.items() if name in unsent}
        made = {name: one for name, one in self._made.items() if name in unsent or not one.stays}
        return {**item, **begun, **_values(made, item, at)}

    def of_changed(self, old: Item, after: Item, at: float) -> Item:
        """A changed item with the derived members that follow its changes; an unchanged one gets no new time."""
        made = {**after, **_values(self._remade, after, at)}
        return made if made == old else {**made, **_values(self._times, made, at)}

    def counted(self, old: Item, after: Item) -> Item:
        """A changed item with one more change."""
        return {**after, **{name: old[name] + 1 for name in self._changes if isinstance(old.get(name), int)}}

    def placed(self, item: Item, before: int) -> Item:
        """A new item behind so many others."""
        return {**item, **{name: self._counts[name] + before for name in self._places}}


def _values(derived: Mapping[str, Derivation], item: Item, at: float) -> dict[str, Any]:
    made = {name: one.of(item, at) for name, one in derived.items()}
    return {name: value for name, value in made.items() if value is not ABSENT}
