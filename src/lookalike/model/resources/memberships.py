"""Memberships: items that are made by their key alone, as `PUT /groups/{id}/members/{userId}` makes a user a member."""

from lookalike.model.context import RequestContext
from lookalike.model.resources.item_registry import ItemRegistry
from lookalike.model.resources.items import ResourceItems
from lookalike.model.response.projection import Projection
from lookalike.model.state import Item


class Memberships:
    """The items of a resource that are made by their key alone, if no request changes their members.

    Each shows the item of the same schema and key in another resource, as that is now. If there is none any more, it
    stays as it was stored.
    """

    def __init__(self, items: ResourceItems, registry: ItemRegistry) -> None:
        self._items = items
        self._registry = registry

    def __bool__(self) -> bool:
        return self._registry.are_made_by_key(self._items)

    def applied(self, projection: Projection, context: RequestContext) -> Projection:
        """The projection with the members of the moment."""
        return projection.with_each(lambda item: self._as_now(item, context))

    def _as_now(self, item: Item, context: RequestContext) -> Item:
        own = {name: item[name] for name in self._items.identity_fields & item.keys()}
        return {**item, **self._registry.namesake(self._items, item, context), **own}
