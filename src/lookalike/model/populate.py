"""Population: generated items, so that there is something to list."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from lookalike.model.behaviour import Model
from lookalike.model.resources.items import SEEDED_AT, ResourceItems
from lookalike.model.seeds import parents_first
from lookalike.model.state import Item
from lookalike.readings import Choose

_NO_PARENT: Sequence[Mapping[str, Any]] = ({},)


def populated(model: Model, data: Mapping[str, Any], count: int, choose: Choose) -> dict[str, Any]:
    """The data with items generated until there are `count` of each resource, dealt out to their parents in turn.

    Of a single resource there is one, or one for each parent.
    """
    found: dict[str, Any] = dict(data)
    for name in parents_first(model.contract.resources):
        items = model.items(name)
        present = list(found.get(name, ()))
        parents = _parent_values(model, items, found)
        target = len(parents) if items.resource.is_single else count
        new = _generated(items, present, parents, target, choose)
        found[name] = [*present, *islice(new, max(target - len(present), 0))]
    return found


def _parent_values(model: Model, items: ResourceItems, found: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """For each parent, the fields of a child that hold its key; empty where there is no parent to belong to."""
    parent = items.resource.parent
    if parent is None:
        return _NO_PARENT
    return [model.items(parent.resource).as_parent(one, parent.fields) for one in found.get(parent.resource, ())]


def _generated(
    items: ResourceItems, present: Sequence[Item], parents: Sequence[Mapping[str, Any]], target: int, choose: Choose
) -> Iterator[Item]:
    """Valid items under keys that no other item has."""
    keys = {items.keys_of(item, choose)[0] for item in present}
    for number in range(1, target + len(present) + 1) if parents else ():
        item = items.completed({**items.sampled(number), **parents[number % len(parents)]}, SEEDED_AT, number)
        key = items.keys_of(item, choose)[0]
        if key not in keys and not items.violations(item):
            keys.add(key)
            yield item
