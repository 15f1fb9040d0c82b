"""Population: items that are made up, so that there is something to list."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from lookalike.model.behaviour import Model
from lookalike.model.resources.items import SEEDED_AT, ResourceItems
from lookalike.model.seeds import parents_first
from lookalike.model.state import Item
from lookalike.readings import Choose

_NO_PARENT: Sequence[Mapping[str, Any]] = ({},)


def populated(model: Model, data: Mapping[str, Any], wanted: int, choose: Choose) -> dict[str, Any]:
    """The data with items made up until there are as many of each resource; they are dealt out to their parents.

    Where there can be only one, or one for each parent, those are made up.
    """
    found: dict[str, Any] = dict(data)
    for name in parents_first(model.contract.resources):
        items = model.items(name)
        present = list(found.get(name, ()))
        given = _given(model, items, found)
        most = len(given) if items.resource.is_single else wanted
        new = _new(items, present, given, most, choose)
        found[name] = [*present, *islice(new, max(most - len(present), 0))]
    return found


def _given(model: Model, items: ResourceItems, found: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The fields that hold the key of each parent; none where there is no parent to belong to."""
    parent = items.resource.parent
    if parent is None:
        return _NO_PARENT
    return [model.items(parent.resource).below(one, parent.fields) for one in found.get(parent.resource, ())]


def _new(
    items: ResourceItems, present: Sequence[Item], given: Sequence[Mapping[str, Any]], wanted: int, choose: Choose
) -> Iterator[Item]:
    """Items that are made up and fit, under keys that no item has."""
    keys = {items.keys_of(item, choose)[0] for item in present}
    for number in range(1, wanted + len(present) + 1) if given else ():
        item = items.filled({**items.sampled(number), **given[number % len(given)]}, SEEDED_AT, number)
        key = items.keys_of(item, choose)[0]
        if key not in keys and not items.violations(item):
            keys.add(key)
            yield item
