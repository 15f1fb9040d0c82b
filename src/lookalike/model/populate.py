"""Population: generated items that look real, so that lists are not empty.

They are varied, belong to their parents and to each other, and are the same at every start: a seed decides.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lookalike.model.behaviour import Model
from lookalike.model.resources.items import SEEDED_AT, ResourceItems
from lookalike.model.seeds import parents_first
from lookalike.model.state import Item
from lookalike.naming.keys import handle_member
from lookalike.naming.words import normalised, singular
from lookalike.readings import Choose
from lookalike.schema.generation.believable import BelievableRandomness
from lookalike.schema.view import SchemaView

_NO_PARENT: Sequence[Mapping[str, Any]] = ({},)
_DAY = 86_400  # seconds between two items
_ENDINGS = ("id", "uuid", "key")
DEFAULT_SEED = 1


def populated(
    model: Model, data: Mapping[str, Any], count: int, choose: Choose, seed: int | None = None
) -> dict[str, Any]:
    """The data with items generated until there are `count` of each resource, dealt out to their parents in turn.

    Of a single resource there is one, or one for each parent. Without a seed it is the default one.
    """
    found: dict[str, Any] = dict(data)
    made: dict[str, list[Item]] = {}
    for name in parents_first(model.contract.resources):
        items = model.items(name)
        present = list(found.get(name, ()))
        parents = _parent_values(model, items, found)
        target = len(parents) if items.resource.is_single else count
        wanted = max(target - len(present), 0)
        made[name] = [
            *_generated(items, present, parents, wanted, choose=choose, seed=DEFAULT_SEED if seed is None else seed)
        ]
        found[name] = [*present, *made[name]]
    for name, items_made in made.items():
        links = _Links(model, name, found)
        start = len(found[name]) - len(items_made)
        found[name] = [*found[name][:start], *(links.linked(one, number) for number, one in enumerate(items_made))]
    return found


def _parent_values(model: Model, items: ResourceItems, found: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The fields of a child that hold the key of each parent; empty where there is no parent to belong to."""
    parent = items.resource.parent
    if parent is None:
        return _NO_PARENT
    return [model.items(parent.resource).as_parent(one, parent.fields) for one in found.get(parent.resource, ())]


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
        believable = {**items.sampled(chance), **_handle(items, chance)}
        for members in (believable, items.sampled()):  # the latter where a rule needs values that go together
            item = items.with_urls(items.completed({**members, **given}, at, number))
            key = items.keys_of(item, choose)[0]
            if key not in keys and not items.violations(item):
                keys.add(key)
                made += 1
                yield item
                break


def _handle(items: ResourceItems, chance: BelievableRandomness) -> dict[str, str]:
    """The key by which people call an item, as a user name or a slug, where no example shows the form of keys."""
    member = items.view.members.get(items.key)
    if member is None or not handle_member([items.key]) or member.types != {"string"} or member.example is not None:
        return {}
    found = next(chance.realistic(items.key, "string", {"patterns": ()}, ()), None)
    return {} if found is None else {items.key: found}


class _Links:
    """The members of the items of a resource that name items of another: by key, by a list of keys, or as a whole."""

    def __init__(self, model: Model, name: str, found: Mapping[str, Sequence[Item]]) -> None:
        self._items = model.items(name)
        own = {self._items.key, *self._items.parent_fields, *self._items.identity_fields}
        others = {member: view for member, view in self._items.view.members.items() if member not in own}
        self._linked = {
            member: (view, related)
            for member, view in others.items()
            if (related := _related(model, name, member, view)) is not None and found.get(related.name)
        }
        self._found = found

    def linked(self, item: Item, number: int) -> Item:
        """An item whose links lead to items that exist; a link that does not fit the schema stays as it is."""
        for member, (view, related) in self._linked.items():
            value = item.get(member)
            if value is None:
                continue
            others = self._found[related.name]
            for offset in range(min(len(others), _MOST_TRIED)):
                changed = {**item, member: _link(view, related, others[(number * 7 + offset) % len(others)], value)}
                if not self._items.violations(changed):
                    item = changed
                    break
        return item


_MOST_TRIED = 3  # items that a link is tried with


def _related(model: Model, name: str, member: str, view: SchemaView) -> ResourceItems | None:
    """The resource that a member leads to: by the schema of an object, or by the noun before an ending for keys."""
    inner = view.items if "array" in view.types and view.items is not None else view
    noun = normalised(singular(member))
    ending = next((one for one in _ENDINGS if noun.endswith(one) and noun != one), "")
    noun = noun.removesuffix(ending)
    for other in model.contract.resources:
        items = model.items(other)
        if items.resource.is_single or not items.key:
            continue
        if inner.members and inner.pointer == items.view.pointer and other != name:
            return items
        is_key = inner.types & {"string", "integer", "number"} and not inner.keyword("enum")
        if is_key and normalised(other) == noun:
            return items
    return None


def _link(view: SchemaView, related: ResourceItems, other: Item, value: Any) -> Any:
    if isinstance(value, list):
        return [_link(view, related, other, one) for one in value[:1]]
    return related.visible(other) if isinstance(value, dict) else other.get(related.key)
