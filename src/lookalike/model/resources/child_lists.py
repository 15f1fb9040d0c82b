"""Children that their parent shows: in lists, as the `tracks` of an asset, the latest one alone, and as a number.

`POST /assets/{id}/tracks` adds to the `tracks`, and a room has the `last_message` of its messages. Beside a list of
things that are no children, as the `members` of a room, a `member_count` is as long as that list.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from lookalike.contract.inference.envelopes import can_be_item
from lookalike.json_values import format_pointer
from lookalike.model.context import RequestContext
from lookalike.model.resources.child_counts import noun_of_count, nouns_of
from lookalike.model.resources.filters import filtered, has_value
from lookalike.model.resources.item_registry import ItemRegistry
from lookalike.model.resources.items import ResourceItems
from lookalike.model.response.projection import Projection
from lookalike.model.state import Item, Key
from lookalike.naming.keys import member_for_other
from lookalike.naming.words import normalised, singular, words_of
from lookalike.schema.value_types import NUMBER_TYPES


class ChildLists:
    """The members of a resource that show the children of an item, each as their own operations show it.

    Elements of a list that are no children, as those that were sent with the parent, stay before them.
    """

    def __init__(self, items: ResourceItems, registry: ItemRegistry) -> None:
        self._items = items
        self._lists: list[_ChildList | _LatestChild] = [*_lists(items, registry), *_latest(items, registry)]
        self._lengths = dict(_counted_lists(items))
        self._references = [*_counted_references(items, registry)]
        self._members = dict(_counted_members(items, registry))

    def __bool__(self) -> bool:
        return bool(self._lists or self._lengths or self._references or self._members)

    def applied(self, projection: Projection, context: RequestContext) -> Projection:
        """The projection with the children of the moment."""
        return projection.with_each(lambda item: self._with_children(item, context))

    def _with_children(self, item: Item, context: RequestContext) -> Item:
        key = self._items.keys_of(item, context.choose)[0]
        shown = {one.name: one.of_parent(item, key, context) for one in self._lists}
        item = {**item, **{name: value for name, value in shown.items() if value is not None}}
        lengths = {name: len(item[listed]) for name, listed in self._lengths.items() if _is_list(item.get(listed))}
        counts = {one.name: one.of_item(item.get(self._items.key), context) for one in self._references}
        children = {name: context.state.count(child, key) for name, child in self._members.items()}
        return {**item, **counts, **lengths, **children}


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
        return [*others, *(_described(one, self.child) for one in children)]


class _LatestChild(NamedTuple):
    """A member that shows the latest child."""

    name: str
    child: ResourceItems

    def of_parent(self, item: Item, key: Key, context: RequestContext) -> Item | None:
        """The latest child of an item; None where there is none."""
        number = context.state.count(self.child.name, key)
        latest = context.state.children(self.child.name, key, number - 1, number) if number else ()
        return next((_described(one, self.child) for one in latest), None)


class _CountedReferences(NamedTuple):
    """A member that counts the items of another resource that name the item in a field, as `article_count`."""

    name: str
    other: str
    field: str

    def of_item(self, key: Any, context: RequestContext) -> int:
        """The number of items that name one with a key."""
        return len(filtered(context.state.children(self.other, None), [has_value(self.field, key)], []))


def _described(child: Item, items: ResourceItems) -> Item:
    return {name: value for name, value in items.public(child).items() if name in items.view.members}


def _is_list(value: Any) -> bool:
    return isinstance(value, list)


def _lists(items: ResourceItems, registry: ItemRegistry) -> Iterator[_ChildList]:
    for child in registry.children_of(items.name):
        for name, view in items.view.members.items():
            is_named_so = "array" in view.types and normalised(singular(name)) in nouns_of(child)
            if is_named_so and not child.resource.is_single and can_be_item(view.items, child.view, child.key):
                yield _ChildList(name, child)


def _latest(items: ResourceItems, registry: ItemRegistry) -> Iterator[_LatestChild]:
    for child in registry.children_of(items.name):
        for name, view in items.view.members.items():
            first, *others = words_of(name) or [""]
            is_named_so = first in _LATEST and normalised("".join(others)) in nouns_of(child)
            if is_named_so and can_be_item(view, child.view, child.key):
                yield _LatestChild(name, child)


_LATEST = frozenset({"last", "latest", "newest", "recent"})


def _counted_lists(items: ResourceItems) -> Iterator[tuple[str, str]]:
    """The members that count a list of the item itself, by their names, with that list."""
    lists = {normalised(singular(name)): name for name, view in items.view.members.items() if "array" in view.types}
    for name, view in items.view.members.items():
        noun = noun_of_count(name) if view.types & NUMBER_TYPES and name not in items.sent_names else ""
        if noun in lists:
            yield name, lists[noun]


def _counted_references(items: ResourceItems, registry: ItemRegistry) -> Iterator[_CountedReferences]:
    nouns = {noun_of_count(name): name for name, view in items.view.members.items() if view.types & NUMBER_TYPES}
    named = {noun: name for noun, name in nouns.items() if noun and name not in items.sent_names}
    for other in registry.named_as(named) if items.key else ():
        noun = next((noun for noun in named if noun in nouns_of(other)), "")
        members = other.view.members
        fields = [name for name, view in members.items() if view.possible_types & _NAMING]
        field = member_for_other(items.key, items.name, fields) or _list_of(items, other)
        is_child = other.resource.parent is not None and other.resource.parent.resource == items.name
        if noun and field and not is_child:
            forms = (members[field], *members[field].branches, *filter(None, [members[field].items]))
            is_held = any(items.key in one.members for one in forms)
            yield _CountedReferences(named[noun], other.name, format_pointer((field, items.key)) if is_held else field)


_NAMING = frozenset({"string", "integer", "number", "object"})


def _list_of(items: ResourceItems, other: ResourceItems) -> str:
    """The list in other items of those of a resource, as the `tags` of a ticket; nothing where there is none."""
    lists = (name for name, view in other.view.members.items() if "array" in view.types)
    return next((name for name in lists if normalised(singular(name)) in nouns_of(items)), "")


def _counted_members(items: ResourceItems, registry: ItemRegistry) -> Iterator[tuple[str, str]]:
    """The members that count what each child shows one of, as the `students_count` of a course that of its enrolments.

    Each comes with the name of the children.
    """
    for child in registry.children_of(items.name):
        shown = {normalised(name) for name, view in child.view.members.items() if "object" in view.possible_types}
        for name, view in items.view.members.items():
            is_count = bool(view.types & NUMBER_TYPES) and name not in items.sent_names and not child.resource.is_single
            if is_count and noun_of_count(name) in shown:
                yield name, child.name
