"""Counts of children that their parent shows, as `comments` or `task_count`."""

from collections.abc import Iterator

from lookalike.contract.inference.vocabulary import normalised, singular
from lookalike.model.context import RequestContext
from lookalike.model.resources.item_registry import ItemRegistry
from lookalike.model.resources.items import ResourceItems
from lookalike.model.response.projection import Projection
from lookalike.model.state import Item

_BEFORE = ("numberof", "num", "total", "count")
_BEHIND = ("count", "total")


class ChildCounts:
    """The members of a resource that count the children of an item, by their names, and which no client sends."""

    def __init__(self, items: ResourceItems, registry: ItemRegistry) -> None:
        self._items = items
        self._counted = [*_counted(items, registry)]

    def __bool__(self) -> bool:
        return bool(self._counted)

    def applied(self, projection: Projection, context: RequestContext) -> Projection:
        """The projection with the counts of the moment."""
        item = projection.item if projection.item is None else self._with_counts(projection.item, context)
        return projection._replace(item=item, items=[self._with_counts(one, context) for one in projection.items])

    def _with_counts(self, item: Item, context: RequestContext) -> Item:
        key = self._items.keys_of(item, context.choose)[0]
        counts = {name: context.state.count(child, key) for name, child in self._counted if name in item}
        return {**item, **counts}


def _counted(items: ResourceItems, registry: ItemRegistry) -> Iterator[tuple[str, str]]:
    for child in registry.children_of(items.name):
        nouns = {normalised(child.name), normalised(child.name.rpartition("-")[2])}
        for name, view in items.view.members.items():
            is_number = "integer" in view.types and name not in items.sent_names
            if is_number and not child.resource.is_single and _noun_of_count(name) in nouns:
                yield name, child.name


def _noun_of_count(name: str) -> str:
    """The noun that a member counts by its name, in the singular; a plural alone counts too."""
    plain = normalised(name)
    for word in _BEFORE:
        plain = plain.removeprefix(word)
    for word in _BEHIND:
        plain = plain.removesuffix(word)
    return singular(plain) if plain != normalised(name) or singular(plain) != plain else ""
