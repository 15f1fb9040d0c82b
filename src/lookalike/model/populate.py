"""Population: generated items that look real, so that lists are not empty.

They are varied, belong to their parents and to each other, and are the same at every start: a seed decides.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from lookalike.contract.requests import Parameter
from lookalike.json_values import ABSENT
from lookalike.model.behaviour import Model
from lookalike.model.resources.items import SEEDED_AT, ResourceItems
from lookalike.model.seeds import parents_first
from lookalike.model.state import Item
from lookalike.naming.keys import KEY_ENDINGS, handle_member, noun_of_key
from lookalike.naming.members import is_owner, is_state, later_state
from lookalike.naming.words import normalised, singular
from lookalike.readings import Choose
from lookalike.schema.generation.believable import BelievableRandomness
from lookalike.schema.view import SchemaView

_NO_PARENT: Sequence[Mapping[str, Any]] = ({},)
_DAY = 86_400  # seconds between two items
DEFAULT_SEED = 1


def populated(
    model: Model, data: Mapping[str, Any], count: int, choose: Choose, seed: int | None = None
) -> dict[str, Any]:
    """The data with items generated until there are `count` of each resource, dealt out to their parents in turn.

    Of a single resource there is one, or one for each parent. Without a seed it is the default one.
    """
    found: dict[str, Any] = dict(data)
    made: dict[str, list[Item]] = {}
    by_noun = {normalised(name): name for name in reversed([*model.contract.resources])}
    for name in sorted(parents_first(model.contract.resources), key=lambda name: _is_below_others(model, name)):
        items = model.items(name)
        present = list(found.get(name, ()))
        parents = _parent_values(model, by_noun, items, found)
        target = len(parents) if items.resource.is_single else count
        wanted = max(target - len(present), 0)
        made[name] = [
            *_generated(items, present, parents, wanted, choose=choose, seed=DEFAULT_SEED if seed is None else seed)
        ]
        found[name] = [*present, *made[name]]
    for name, items_made in made.items():
        links = _Links(model, by_noun, name, found)
        start = len(found[name]) - len(items_made)
        found[name] = [*found[name][:start], *(links.linked(one, number) for number, one in enumerate(items_made))]
    return found


def _parent_values(
    model: Model, by_noun: Mapping[str, str], items: ResourceItems, found: Mapping[str, Sequence[Item]]
) -> Sequence[Mapping[str, Any]]:
    """The fields of a child that hold the key of each parent; empty if there is no parent to belong to."""
    parent = items.resource.parent
    if parent is None:
        return _NO_PARENT
    if not parent.resource:
        return [*_outer_values(model, by_noun, items, found)]
    return [model.items(parent.resource).as_parent(one, parent.fields) for one in found.get(parent.resource, ())]


def _is_below_others(model: Model, name: str) -> bool:
    """Whether an item is below something that is no resource, by whose key others may be known, as an `{owner}`."""
    parent = model.contract.resources[name].parent
    return parent is not None and (not parent.resource or _is_below_others(model, parent.resource))


def _outer_values(
    model: Model, by_noun: Mapping[str, str], items: ResourceItems, found: Mapping[str, Sequence[Item]]
) -> Iterator[Mapping[str, Any]]:
    """The fields that hold the key of a parent of which the document describes nothing, as `{owner}` or `{companyId}`.

    They are the keys of some items that the name leads to, else one that the parameter shows or allows.
    """
    fields = items.parent_fields
    choices = [_outer_keys(model, by_noun, items, field, found) for field in fields]
    for number in range(max(map(len, choices), default=0) if all(choices) else 0):
        yield {field: keys[number % len(keys)] for field, keys in zip(fields, choices, strict=True)}


def _outer_keys(
    model: Model, by_noun: Mapping[str, str], items: ResourceItems, field: str, found: Mapping[str, Sequence[Item]]
) -> Sequence[Any]:
    view = items.view.inside(dict(items.resource.shown_at).get(field, (field,)))
    related = _named(model, by_noun, field.removesuffix("_of_parent"), view.types if view is not None else _KEY_TYPES)
    if related is not None and found.get(related.name):
        return [one[related.key] for one in found[related.name][:_MOST_OUTER] if related.key in one]
    parameters = _parameters_of(model, items, field)
    proposals = ((one, value) for one in parameters for value in (*one.examples, *_USUAL_KEYS))
    return [*islice((value for one, value in proposals if value is not ABSENT and one.accepts(value)), 1)]


def _parameters_of(model: Model, items: ResourceItems, field: str) -> Iterator[Parameter]:
    """The parameters that name a field of the parent in the operations of a resource."""
    for operation in model.contract.operations:
        shown = operation.listing or operation.selector
        if shown is None or shown.resource != items.name:
            continue
        for name, expression in zip(items.parent_fields, shown.within, strict=False):
            parameter = operation.parameters.get((expression.source, expression.name))
            if name == field and parameter is not None:
                yield parameter


def _generated(  # noqa: PLR0913  # everything that decides how an item looks
    items: ResourceItems,
    present: Sequence[Item],
    parents: Sequence[Mapping[str, Any]],
    wanted: int,
    *,
    choose: Choose,
    seed: int,
) -> Iterator[Item]:
    """A number of valid items under keys that no other item has, each a day younger than the one before."""
    keys = {items.keys_of(item, choose)[0] for item in present}
    made = 0
    for number in range(1, wanted + len(present) + 1) if parents else ():
        if made == wanted:
            return
        at = SEEDED_AT - (wanted + len(present) + 1 - number) * _DAY
        given = parents[number % len(parents)]
        chance = BelievableRandomness(seed, items.name, number, at)
        believable = _in_its_state(items, {**items.sampled(chance), **_handle(items, chance)})
        for is_plain in (False, True):  # the latter if a rule needs values that go together
            members = items.sampled() if is_plain else believable
            item = items.own.with_urls(items.completed({**_without_repeats(members), **given}, at, number))
            key = items.keys_of(item, choose)[0]
            if key not in keys and not items.violations(item):
                keys.add(key)
                made += 1
                yield item
                break


def _without_repeats(members: Item) -> Item:
    """The members with each text or number once in a list, as tags are."""
    return {
        name: [*dict.fromkeys(value)] if isinstance(value, list) and all(map(_is_scalar, value)) else value
        for name, value in members.items()
    }


def _is_scalar(value: Any) -> bool:
    return isinstance(value, str | int | float)


def _in_its_state(items: ResourceItems, members: Item) -> Item:
    """The members without those of a state that the item is not in: none is open and has a `closed_at`."""
    states = {normalised(value) for name, value in members.items() if is_state(name) and isinstance(value, str)}
    begun = dict(members)
    for name, view in items.view.members.items():
        state = later_state(name) if name in begun and not is_state(name) else ""
        if not state or state in states:
            continue
        if "boolean" in view.types:
            begun[name] = False
        elif view.may_be_null:
            begun[name] = None
        elif name not in items.view.required:
            del begun[name]
    return begun


def _handle(items: ResourceItems, chance: BelievableRandomness) -> dict[str, str]:
    """The key by which people call an item, as a user name or a slug, where no example shows the form of keys."""
    member = items.view.members.get(items.key)
    if member is None or not handle_member([items.key]) or member.types != {"string"} or member.example is not None:
        return {}
    found = next(chance.realistic(items.key, "string", {"patterns": ()}, ()), None)
    return {} if found is None else {items.key: found}


class _Links:
    """The members of the items of a resource that name items of another: by key, by a list of keys, or as a whole."""

    def __init__(
        self, model: Model, by_noun: Mapping[str, str], name: str, found: Mapping[str, Sequence[Item]]
    ) -> None:
        self._items = model.items(name)
        own = {self._items.key, *self._items.parent_fields, *self._items.identity_fields}
        others = {member: view for member, view in self._items.view.members.items() if member not in own}
        linked = {
            member: (view, related)
            for member, view in others.items()
            if (related := _related(model, by_noun, name, member, view)) is not None and found.get(related.name)
        }
        self._keys = {place[0]: item_field for item_field, place in self._items.resource.shown_at}
        self._found = found
        order = parents_first(model.contract.resources)
        self._outermost_first = sorted(linked.items(), key=lambda one: order.index(one[1][1].name))
        keys = ((member, related) for member, (view, related) in self._outermost_first if not view.members)
        self._members_by_resource = {related.name: member for member, related in keys}

    def linked(self, item: Item, number: int) -> Item:
        """An item whose links lead to items that exist; a link that does not fit the schema stays as it is."""
        for member, (view, related) in self._outermost_first:
            value = item.get(member)
            if value is None:
                continue
            for other in islice(self._candidates(item, member, related, number), _MOST_TRIED):
                changed = {**item, member: _link(view, related, other, value)} if other else _without(item, member)
                if not self._items.violations(changed):
                    item = changed
                    break
        return item

    def _candidates(self, item: Item, member: str, related: ResourceItems, number: int) -> Iterator[Item]:
        """The items that a member may lead to, of which nothing stands for none: the first of a tree has no parent."""
        others = self._found[related.name]
        if related is self._items:
            yield from ([others[(number - 1) // 2]] if number else [{}])
        elif member in self._keys:  # the object that shows the key of the parent
            yield from (one for one in others if one.get(related.key) == item.get(self._keys[member]))
        else:
            others = [*filter(self._below_linked(item, related), others)] or others
            yield from (others[(number * 7 + offset) % len(others)] for offset in range(len(others)))

    def _below_linked(self, item: Item, related: ResourceItems) -> Callable[[Item], bool]:
        """Whether an item is below the one that is linked beside it, as the room of a booking is in its hotel."""
        parent = related.resource.parent
        linked = item.get(self._members_by_resource.get(parent.resource, "")) if parent is not None else None
        if parent is None or linked is None or isinstance(linked, dict | list):
            return lambda _: True
        return lambda other: other.get(parent.fields[-1]) == linked


_MOST_TRIED = 3  # items that a link is tried with
_MOST_OUTER = 4  # items below which those of others are, so that each has several
_KEY_TYPES = frozenset({"string", "integer", "number"})
_USUAL_KEYS = (1, "1", "00000000-0000-4000-8000-000000000001", "example")


def _related(
    model: Model, by_noun: Mapping[str, str], name: str, member: str, view: SchemaView
) -> ResourceItems | None:
    """The resource that a member leads to: by the schema of an object, else by its name."""
    inner = view.items if "array" in view.types and view.items is not None else view
    if inner.members:
        others = (model.items(other) for other in model.contract.resources if other != name)
        whole = (one for one in others if not one.resource.is_single and inner.pointer == one.view.pointer)
        return next(whole, None) or _named(model, by_noun, singular(member), frozenset({"object"}), inner.members)
    if inner.keyword("enum"):
        return None
    own = model.items(name)
    is_of_tree = normalised(member) in _OF_TREES and not own.parent_fields
    return own if is_of_tree else _named(model, by_noun, singular(member), inner.types & _KEY_TYPES)


_OF_TREES = frozenset(f"parent{ending}" for ending in KEY_ENDINGS)


def _named(
    model: Model, by_noun: Mapping[str, str], name: str, types: frozenset[str], members: Collection[str] | None = None
) -> ResourceItems | None:
    """The resource that a name leads to by the noun before an ending for keys, or that of users for an `owner`.

    Its key has one of the types, or is one of the members.
    """
    nouns = (noun_of_key(name) or normalised(name), "user" if is_owner(name) else "")
    for items in (model.items(by_noun[one]) for one in nouns if one in by_noun):
        key = items.view.members.get(items.key)
        has_key = items.key in members if members is not None else bool(key is None or key.types & types or not types)
        if items.key and not items.resource.is_single and has_key:
            return items
    return None


def _link(view: SchemaView, related: ResourceItems, other: Item, value: Any) -> Any:
    if isinstance(value, list):
        return [_link(view, related, other, one) for one in value[:1]]
    if not isinstance(value, dict):
        return other.get(related.key)
    shown = related.visible(other)
    return shown if related.key not in value else {**value, **{name: shown[name] for name in value if name in shown}}


def _without(item: Item, member: str) -> Item:
    return {name: value for name, value in item.items() if name != member}
