"""Expansion: related items instead of their keys, if a request asks for them by `expand` or `include`."""

from collections.abc import Iterator
from typing import Any

from lookalike.contract.contract import Operation
from lookalike.model.context import RequestContext
from lookalike.model.resources.item_registry import ItemRegistry
from lookalike.model.resources.items import ResourceItems
from lookalike.model.response.projection import Projection
from lookalike.model.state import Item
from lookalike.naming.words import normalised

_NAMES = frozenset({"expand", "include", "embed", "with"})
_SCALARS = (str, int)


class Expansion:
    """The query parameters of an operation that ask for related items, compiled."""

    def __init__(self, operation: Operation, items: ResourceItems, registry: ItemRegistry) -> None:
        self._items = items
        self._registry = registry
        self._parameters = [
            name for place, name in operation.parameters if place == "query" and normalised(name) in _NAMES
        ]

    def __bool__(self) -> bool:
        return bool(self._parameters)

    def applied(self, projection: Projection, context: RequestContext) -> Projection:
        """The projection with related items in place of the keys that the request names."""
        wanted = [*self._wanted(context)]
        if not wanted:
            return projection
        return projection.with_each(lambda item: self._expanded(item, wanted, context))

    def _wanted(self, context: RequestContext) -> Iterator[str]:
        """The members that a request names: in a list, or in one text with commas; `data.` is the list around items."""
        for name in self._parameters:
            value = context.query.get(name, ())
            for text in value if isinstance(value, list | tuple) else str(value).split(","):
                yield str(text).removeprefix("data.").partition(".")[0]

    def _expanded(self, item: Item, wanted: list[str], context: RequestContext) -> Item:
        find_related = self._registry.related_to(context, item)
        found: dict[str, Any] = {}
        for name in wanted:
            view, value = self._items.view.members.get(name), item.get(name)
            if view is not None and isinstance(value, _SCALARS):
                related = find_related(name, view, value)
                found |= {name: related} if related is not None else {}
        return {**item, **found} if found else item
