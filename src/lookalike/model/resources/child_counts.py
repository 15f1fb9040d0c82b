"""Counts of children that their parent shows, such as `comments` or `task_count`."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from lookalike.model.context import RequestContext
from lookalike.model.resources.item_registry import ItemRegistry
from lookalike.model.resources.items import ResourceItems
from lookalike.model.response.projection import Projection
from lookalike.model.state import Item, Key
from lookalike.naming.members import COUNTED_STATES, is_state
from lookalike.naming.words import normalised, singular, words_of
from lookalike.pacing import timed
from lookalike.schema.value_types import NUMBER_TYPES

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
        return projection.with_each(lambda item: self._with_counts(item, context))

    def _with_counts(self, item: Item, context: RequestContext) -> Item:
        key = self._items.keys_of(item, context.choose)[0]
        counts = {one.name: one.of_parent(key, context) for one in self._counted if one.name in item}
        return {**item, **counts}


class _ChildCount(NamedTuple):
    """A member that counts the children of a resource; where it has a `state`, those that are in it."""

    name: str
    child: str
    members: Sequence[str] = ()
    state: str = ""

    def of_parent(self, key: Key, context: RequestContext) -> int:
        """The number of children of an item."""
        if not self.state:
            return context.state.count(self.child, key)
        children = timed(context.state.children(self.child, key))
        return sum(is_in_state(one, self.members, self.state) for one in children)


def is_in_state(item: Item, members: Sequence[str], state: str) -> bool:
    """Whether one of the members of an item that hold states has a state, which is normalised."""
    return any(normalised(str(item.get(name))) == state for name in members)


def nouns_of(items: ResourceItems) -> set[str]:
    """The nouns of the items of a resource: its name, which begins with those of its parents, and each ending of it."""
    parts = items.name.split("-")
    return {normalised("-".join(parts[start:])) for start in range(len(parts))}


def _counted(items: ResourceItems, registry: ItemRegistry) -> Iterator[_ChildCount]:
    for child in registry.children_of(items.name):
        nouns = nouns_of(child)
        for name, view in items.view.members.items():
            if not view.types & NUMBER_TYPES or name in items.sent_names or child.resource.is_single:
                continue
            if noun_of_count(name) in nouns:
                yield _ChildCount(name, child.name)
                continue
            state, *counted = words_of(name) or [""]
            members = [one for one in child.view.members if is_state(one)]
            if state in COUNTED_STATES and members and noun_of_count("".join(counted)) in nouns:
                yield _ChildCount(name, child.name, members, state)


def noun_of_count(name: str) -> str:
    """The noun that a member counts by its name, in the singular; a plural alone counts too."""
    plain = normalised(name)
    for word in _BEFORE:
        plain = plain.removeprefix(word)
    for word in _BEHIND:
        plain = plain.removesuffix(word)
    return singular(plain) if plain != normalised(name) or singular(plain) != plain else ""
