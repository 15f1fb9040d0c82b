"""Children that their parent shows: in lists, as the `tracks` of an asset, the latest one alone, and as a number.

`POST /assets/{id}/tracks` adds to the `tracks`, and a room has the `last_message` of its messages. Beside a list of
things that are no children, as the `members` of a room, a `member_count` is as long as that list.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from lookalike.contract.inference.envelopes import can_be_item
from lookalike.json_values import format_pointer
from lookalike.model.context import RequestContext
from lookalike.model.resources.child_counts import is_in_state, noun_of_count, nouns_of
from lookalike.model.resources.item_registry import ItemRegistry
from lookalike.model.resources.items import ResourceItems
from lookalike.model.resources.nested_items import ListOfItems, NamingItems, lists_of_items, member_naming
from lookalike.model.response.projection import Projection
from lookalike.model.state import Item, Key
from lookalike.naming.members import COUNTED_STATES, is_state
from lookalike.naming.words import normalised, singular, words_of
from lookalike.schema.value_types import NUMBER_TYPES


class ChildLists:
    """The members of a resource that show the children of an item, each as their own operations show it.

    Elements of a list that are no children, as those that were sent with the parent, stay before them.
    """

    def __init__(self, items: ResourceItems, registry: ItemRegistry) -> None:
        self._items = items
        self._lists = [*lists_of_items(items, registry)]
        self._latest = [*_latest(items, registry)]
        self._lengths = dict(_counted_lists(items))
        self._references = [*_counted_references(items, registry)]
        self._members = dict(_counted_members(items, registry))

    def __bool__(self) -> bool:
        return bool(self._lists or self._latest or self._lengths or self._references or self._members)

    def applied(self, projection: Projection, context: RequestContext) -> Projection:
        """The projection with the children of the moment."""
        naming = NamingItems(context)
        return projection.with_each(lambda item: self._with_children(item, context, naming))

    def _with_children(self, item: Item, context: RequestContext, naming: NamingItems) -> Item:
        key = self._items.keys_of(item, context.choose)[0]
        for one in self._lists:
            item = _with_list(item, one, key, naming)
        shown = {one.name: one.of_parent(key, context) for one in self._latest}
        item = {**item, **{name: value for name, value in shown.items() if value is not None}}
        lengths = {name: len(item[listed]) for name, listed in self._lengths.items() if _is_list(item.get(listed))}
        own, parent = item.get(self._items.key), self._items.parent_of(item) if self._references else None
        counts = {one.name: one.of_item(own, parent, naming) for one in self._references}
        children = {name: context.state.count(child, key) for name, child in self._members.items()}
        return {**item, **counts, **lengths, **children}


def _with_list(item: Item, listed: ListOfItems, key: Key, naming: NamingItems) -> Item:
    """An item with its children behind the other elements of a list; itself where there are no children."""
    shown, child = listed.within(item), listed.child
    if listed.place and not isinstance(shown, list):
        return item  # without the envelope around the list
    children = listed.of(key, naming)
    if not children:
        return item
    keys = {one.get(child.key) for one in children}
    others = shown if isinstance(shown, list) else []
    others = [one for one in others if not isinstance(one, dict) or one.get(child.key) not in keys]
    return listed.put_into(item, [*others, *(_described(one, child) for one in children)])


class _LatestChild(NamedTuple):
    """A member that shows the latest child."""

    name: str
    child: ResourceItems

    def of_parent(self, key: Key, context: RequestContext) -> Item | None:
        """The latest child of an item; None where there is none."""
        number = context.state.count(self.child.name, key)
        latest = context.state.children(self.child.name, key, number - 1, number) if number else ()
        return next((_described(one, self.child) for one in latest), None)


class _CountedReferences(NamedTuple):
    """A member that counts the items of another resource that name the item in a field, as `article_count`."""

    name: str
    other: str
    field: str
    states: Sequence[str]
    state: str
    is_of_same_parent: bool

    def of_item(self, key: Any, parent: Key | None, naming: NamingItems) -> int:
        """The number of items that name one with a key, and are in the state that is counted, if any is."""
        others = naming.of(key, self.other, self.field, parent if self.is_of_same_parent else None)
        return len(others) if not self.state else sum(is_in_state(one, self.states, self.state) for one in others)


def _described(child: Item, items: ResourceItems) -> Item:
    return {name: value for name, value in items.public(child).items() if name in items.view.members}


def _is_list(value: Any) -> bool:
    return isinstance(value, list)


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
    counted = [
        (name, noun, state)
        for name, view in items.view.members.items()
        if view.types & NUMBER_TYPES and name not in items.sent_names
        for noun, state in _nouns_of_count(name)
    ]
    for other in registry.named_as({noun for _, noun, _ in counted}) if items.key and counted else ():
        nouns, members = nouns_of(other), other.view.members
        field = member_naming(items, other) or _list_of(items, other)
        is_child = other.resource.parent is not None and other.resource.parent.resource == items.name
        states = [one for one in members if is_state(one)]
        for name, _, state in (one for one in counted if one[1] in nouns and field and not is_child):
            forms = (members[field], *members[field].branches, *filter(None, [members[field].items]))
            is_held = any(items.key in one.members for one in forms)
            place = format_pointer((field, items.key)) if is_held else field
            if states or not state:
                yield _CountedReferences(name, other.name, place, states, state, _have_same_parent(items, other))


def _have_same_parent(items: ResourceItems, other: ResourceItems) -> bool:
    """Whether items belong to one parent, so that the number of a milestone is one of the same repository."""
    own, others = items.resource.parent, other.resource.parent
    return own is not None and others is not None and own.scopes_keys and own.resource == others.resource


def _nouns_of_count(name: str) -> Iterator[tuple[str, str]]:
    """The noun that a member may count by its name, alone and behind a state such as `open`."""
    if noun := noun_of_count(name):
        yield noun, ""
    state, *counted = words_of(name) or [""]
    if state in COUNTED_STATES and (noun := noun_of_count("".join(counted))):
        yield noun, state


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
