"""Expansion: related items instead of their keys, if a request asks for them by `expand` or `include`."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lookalike.contract.contract import Operation
from lookalike.model.context import RequestContext
from lookalike.model.resources.completion import FindRelated
from lookalike.model.resources.item_registry import ItemRegistry
from lookalike.model.resources.items import ResourceItems
from lookalike.model.response.projection import Projection
from lookalike.model.state import Item
from lookalike.naming.words import normalised
from lookalike.schema.view import SchemaView

_NAMES = frozenset({"expand", "include", "embed", "with"})
_SCALARS = (str, int)
_DEEPEST = 6  # names in a place, such as `items.data.price.product`


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

    def _wanted(self, context: RequestContext) -> Iterator[Sequence[str]]:
        """The places that a request names: in a list, or in one text with commas; `data.` is the list around items."""
        for name in self._parameters:
            value = context.query.get(name, ())
            for text in value if isinstance(value, list | tuple) else str(value).split(","):
                yield str(text).removeprefix("data.").split(".")[:_DEEPEST]

    def _expanded(self, item: Item, wanted: Sequence[Sequence[str]], context: RequestContext) -> Item:
        find_related = self._registry.related_to(context, item)
        for place in wanted:
            item = _expanded_at(item, self._items.view, place, find_related)
        return item


def _expanded_at(held: Any, view: SchemaView | None, place: Sequence[str], find_related: FindRelated) -> Any:
    """An object, or each one of a list, with related items in place of the keys at a place."""
    if isinstance(held, list) and view is not None:
        return [_expanded_at(one, view.items, place, find_related) for one in held]
    form = next((one for one in (view, *view.branches) if one.members), None) if view is not None else None
    if not place or not isinstance(held, Mapping) or form is None or place[0] not in held:
        return held
    name, *rest = place
    value, member = held[name], form.members.get(name)
    related = find_related(name, member, value) if member is not None and isinstance(value, _SCALARS) else None
    return {**held, name: _expanded_at(value if related is None else related, member, rest, find_related)}
