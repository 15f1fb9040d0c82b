"""Links: the lists of other items in an item, such as the labels of an issue, and their keys."""

from collections.abc import Sequence
from itertools import count
from typing import Any

from lookalike.naming.keys import identifier_member, identifying_members
from lookalike.naming.words import singular
from lookalike.schema.view import SchemaView


class LinkLists:
    """The lists of objects in the items of a schema."""

    def __init__(self, item: SchemaView) -> None:
        self._item = item

    def shows_objects(self, field: str) -> bool:
        """Whether a member is a list of objects, or of objects and other forms of them."""
        view = self.view_of(field)
        return view is not None and bool(view.members)

    def view_of(self, field: str) -> SchemaView | None:
        """The schema of what a list shows: of the object, where a key alone would be allowed too."""
        member = self._item.members.get(field)
        shown = member.items if member is not None else None
        return next((one for one in shown.branches if one.members), shown) if shown is not None else None

    def numbered(self, field: str, present: Sequence[Any], sent: Sequence[Any], made: Sequence[Any]) -> list[Any]:
        """The new elements of a list, those that were sent without a number with one of their own."""
        view = self.view_of(field)
        members = view.members.items() if view is not None else ()
        key = identifier_member(name for name, member in members if "integer" in member.types)
        known = [one[key] for one in present if isinstance(one, dict) and isinstance(one.get(key), int)]
        numbers = count(1 + max(known, default=0))
        return [
            {**one, key: next(numbers)} if isinstance(own, dict) and key in one and key not in own else one
            for own, one in zip(sent, made, strict=True)
        ]

    def is_of(self, field: str, shown: Any, key: Any) -> bool:
        """Whether an element of a list has a key: as its id, name or another member that may identify it.

        An object that was sent in place of a key tells some of its members.
        """
        view = self.view_of(field)
        if view is None or not isinstance(shown, dict):
            return bool(shown == key)
        if isinstance(key, dict):
            return all(shown.get(name) == value for name, value in key.items())
        identifying = identifying_members(view.members, singular(field))
        return any(str(shown.get(name)) == str(key) for name in identifying)
