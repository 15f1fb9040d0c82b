"""Lists of children that their parent shows, as the `tracks` of an asset that `POST /assets/{id}/tracks` adds to."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from lookalike.contract.inference.envelopes import can_be_item
from lookalike.model.context import RequestContext
from lookalike.model.resources.child_counts import nouns_of
from lookalike.model.resources.item_registry import ItemRegistry
from lookalike.model.resources.items import ResourceItems
from lookalike.model.response.projection import Projection
from lookalike.model.state import Item, Key
from lookalike.naming.words import normalised, singular


class ChildLists:
    """The members of a resource that list the children of an item, each as their own operations show it.

    Elements that are no children, as those that were sent with the parent, stay before them.
    """

    def __init__(self, items: ResourceItems, registry: ItemRegistry) -> None:
        self._items = items
        self._lists = [*_lists(items, registry)]

    def __bool__(self) -> bool:
        return bool(self._lists)

    def applied(self, projection: Projection, context: RequestContext) -> Projection:
        """The projection with the children of the moment."""
        return projection.with_each(lambda item: self._with_children(item, context))

    def _with_children(self, item: Item, context: RequestContext) -> Item:
        key = self._items.keys_of(item, context.choose)[0]
        lists = {one.name: one.of_parent(item, key, context) for one in self._lists}
        return {**item, **{name: value for name, value in lists.items() if value is not None}}


class _ChildList(NamedTuple):
    """A member that lists children."""

    name: str
    child: ResourceItems

    def of_parent(self, item: Item, key: Key, context: RequestContext) -> list[Any] | None:
        """The children of an item behind the other elements of the list; None where there are no children."""
        children = [*context.state.children(self.child.name, key)]
        if not children:
            return None
        keys = {one.get(self.child.key) for one in children}
        shown = item.get(self.name)
        others = shown if isinstance(shown, list) else []
        others = [one for one in others if not isinstance(one, dict) or one.get(self.child.key) not in keys]
        return [*others, *map(self._described, children)]

    def _described(self, child: Item) -> Item:
        members = self.child.view.members
        return {name: value for name, value in self.child.public(child).items() if name in members}


def _lists(items: ResourceItems, registry: ItemRegistry) -> Iterator[_ChildList]:
    for child in registry.children_of(items.name):
        for name, view in items.view.members.items():
            is_named_so = "array" in view.types and normalised(singular(name)) in nouns_of(child)
            if is_named_so and not child.resource.is_single and can_be_item(view.items, child.view, child.key):
                yield _ChildList(name, child)
