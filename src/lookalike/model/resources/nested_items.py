"""Nested items: those of other resources that a creation makes along with its item, and lists of such in an item.

As the items of a subscription, which are found at `/subscription_items` too, or the price of a product that is sent as
its `default_price_data`.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from lookalike.contract.inference.envelopes import can_be_item
from lookalike.json_values import ABSENT, Pointer, find, with_value_at
from lookalike.model.context import RequestContext
from lookalike.model.resources.child_counts import nouns_of
from lookalike.model.resources.filters import grouped_by, has_value
from lookalike.model.resources.item_registry import ItemRegistry
from lookalike.model.resources.items import ResourceItems
from lookalike.model.state import Item, Key, Put
from lookalike.naming.keys import member_for_other
from lookalike.naming.lists import leads_to_other_page
from lookalike.naming.words import normalised, singular
from lookalike.schema.view import SchemaView, holds_objects

# The changes of one request, by the names of resources.
PutsByResource = dict[str, dict[Key, Put]]

_SCALARS = frozenset({"string", "integer"})
_NAMING = frozenset({"string", "integer", "number", "object"})


class NamingItems:
    """The items that name others, for one response: those of a resource are searched once, however many it shows."""

    def __init__(self, context: RequestContext) -> None:
        self.context = context
        self._groups: dict[tuple[str, str, Key | None], Mapping[str, Sequence[Item]]] = {}

    def of(self, key: Any, resource: str, field: str, parent: Key | None = None) -> Sequence[Item]:
        """The items of a resource, of one parent or of all, that name the one with a key in a field."""
        place = resource, field, parent
        if place not in self._groups:
            self._groups[place] = grouped_by(field, self.context.state.children(resource, parent))
        return self._groups[place].get(str(key), ())


class ListOfItems(NamedTuple):
    """A list in the items of a resource that shows items of another one, at a `place` in a member: those below it.

    Or those that name the item in a `field`.
    """

    name: str
    place: Pointer
    child: ResourceItems
    field: str = ""

    def of(self, key: Key, naming: NamingItems) -> Sequence[Item]:
        """The items of the list of one with a key."""
        if not self.field:
            return naming.context.state.children(self.child.name, key)
        return naming.of(key, self.child.name, self.field)

    def within(self, item: Item) -> Any:
        """The list as an item shows it; `ABSENT` where it shows none."""
        return find(item.get(self.name, ABSENT), self.place) if self.name in item else ABSENT

    def put_into(self, item: Item, elements: Sequence[Any]) -> Item:
        """An item with other elements in the list, which is all of them."""
        if self.place and isinstance(around := item.get(self.name), Mapping):
            more = [name for name, value in around.items() if value is True and leads_to_other_page(name)]
            item = {**item, self.name: {**around, **dict.fromkeys(more, False)}}
        return with_value_at(item, (self.name, *self.place), [*elements])


def lists_of_items(items: ResourceItems, registry: ItemRegistry) -> Iterator[ListOfItems]:
    """The lists in the items of a resource that show items of another."""
    below = [one for one in registry.children_of(items.name) if not one.resource.is_single]
    for name, view in items.view.members.items():
        for place, element in _lists_in(view):
            for child in below:
                is_named_so = normalised(singular(name)) in nouns_of(child)
                if is_named_so and can_be_item(element, child.view, child.key):
                    yield ListOfItems(name, place, child)
            for child in registry.of_schema(element) if _has_own_key(items) else ():
                is_other = child not in (items, *below) and _has_own_key(child)
                field = member_naming(items, child) if is_other else ""
                if field:
                    yield ListOfItems(name, place, child, field)


def _lists_in(member: SchemaView) -> Iterator[tuple[Pointer, SchemaView]]:
    """The list that a member is, or that is the only one in it, by its place, with the schema of an element."""
    if "array" in member.types and member.items is not None:
        yield (), member.items
    inner = [(name, one.items) for name, one in member.members.items() if "array" in one.types]
    for name, element in inner if len(inner) == 1 else ():
        if element is not None:
            yield (name,), element


def member_naming(items: ResourceItems, other: ResourceItems) -> str:
    """The member in which items of another resource name one by its key; nothing if there is none.

    One that is called after the noun says more than one that is called as the key: issues have a `number` of their own.
    """
    members = other.view.members.items()
    fields = [name for name, view in members if view.possible_types & _NAMING and name != other.key]
    return member_for_other("id", items.name, fields) or member_for_other(items.key, items.name, fields)


def _has_own_key(items: ResourceItems) -> bool:
    """Whether a key alone identifies an item."""
    return bool(items.key) and not (items.resource.parent and items.resource.parent.scopes_keys)


class NestedItems:
    """The items of other resources that a creation makes along with its item, of a mock; false if there are none."""

    def __init__(self, items: ResourceItems, registry: ItemRegistry) -> None:
        self._items = items
        self._registry = registry
        lists = lists_of_items(items, registry) if items.is_of_mock else ()
        self._lists = [one for one in lists if one.name in items.sent_names]
        self._by_data = dict(_sent_as_data(items)) if items.is_of_mock else {}
        self._inner: dict[str, NestedItems] = {}  # by the resources of what is made along, on first use

    def __bool__(self) -> bool:
        return bool(self._lists or self._by_data)

    def made(self, item: Item, sent: Mapping[str, Any], context: RequestContext, puts: PutsByResource) -> Item:
        """The item as it is stored, which names what is made along with it; the changes are added to `puts`.

        Lists that other items are the elements of are empty in it: those are looked up when it is shown.
        """
        for name, member in self._by_data.items():
            value = sent.get(name)
            child = self._named_by(member) if isinstance(value, Mapping) else None
            if child is not None and isinstance(value, Mapping) and child.key not in value:
                made = self._make(child, value, self._named_in(child, item, value), context, puts)
                shown = self._items.related.fitting(member, made.get(child.key))
                item = {**item, member: child.public(made) if shown is ABSENT else shown}
        for one in self._lists:
            elements = sent.get(one.name)
            if not isinstance(elements, list) or not isinstance(one.within(item), list):
                continue
            if all(isinstance(each, Mapping) and one.child.key not in each for each in elements):
                parent = {one.field: item.get(self._items.key)} if one.field else self._below(one.child, item)
                for each in elements:
                    self._make(one.child, each, parent, context, puts)
                item = one.put_into(item, ())
        return item

    def _named_by(self, member: str) -> ResourceItems | None:
        """The items of which a member names one, where clients can make such."""
        found = self._registry.described_by(member, self._items.view.members[member])
        others = (one for one in found if one is not self._items and self._registry.is_made(one.name))
        return next((one for one in others if _has_own_key(one)), None)

    def shown(self, item: Item, context: RequestContext, puts: PutsByResource) -> Item:
        """The item of such a creation with the elements of its lists, which are not in the state yet."""
        for one in self._lists:
            made = [put.item for put in puts.get(one.child.name, {}).values() if self._is_of(one, put, item, context)]
            item = one.put_into(item, [one.child.public(child) for child in made]) if made else item
        return item

    def _is_of(self, one: ListOfItems, put: Put, item: Item, context: RequestContext) -> bool:
        if one.field:
            return has_value(one.field, item.get(self._items.key))(put.item)
        return put.parent == self._items.keys_of(item, context.choose)[0]

    def _below(self, child: ResourceItems, item: Item) -> Item:
        return self._items.as_parent(item, child.parent_fields)

    def _named_in(self, child: ResourceItems, item: Item, sent: Mapping[str, Any]) -> Item:
        """The member in which another item names the one that is made, unless it was sent."""
        field = member_naming(self._items, child)
        return {field: item.get(self._items.key)} if field and field not in sent else {}

    def _make(
        self, child: ResourceItems, sent: Mapping[str, Any], given: Item, context: RequestContext, puts: PutsByResource
    ) -> Item:
        taken = puts.setdefault(child.name, {})
        number = child.next_number(context, given, taken)
        related = self._registry.related_to(context, given)
        shown = child.related.shown(sent, context, given)
        item = child.new(sent, {**shown, **given}, context.request.at, number, related)
        if child.name not in self._inner:
            self._inner[child.name] = NestedItems(child, self._registry)
        if nested := self._inner[child.name]:
            item = nested.made(item, sent, context, puts)
        put = child.put(item, context.choose, child.number_of(item, number))
        taken[put.key] = put
        return item


def _sent_as_data(items: ResourceItems) -> Iterator[tuple[str, str]]:
    """The names under which an object for a new item may be sent, with the member that names it then.

    As `default_price_data` for the `default_price`; a member of that name may show an item or its key.
    """
    members = items.view.members
    by_data = {f"{normalised(member)}data": member for member in members if "array" not in members[member].types}
    for name in items.sent_names:
        view = members.get(name)
        if view is None and normalised(name) in by_data:
            yield name, by_data[normalised(name)]
        elif view is not None and view.possible_types & _SCALARS and any(map(holds_objects, view.branches)):
            yield name, name
