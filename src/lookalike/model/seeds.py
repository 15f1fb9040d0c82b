"""Seeds: the items that a state starts with, checked like everything else."""

from collections.abc import Iterable, Iterator, Mapping
from graphlib import TopologicalSorter
from itertools import product
from typing import Any, NamedTuple

from lookalike.contract.extension import Resource
from lookalike.errors import UsageError
from lookalike.json_values import format_pointer
from lookalike.model.behaviour import Model
from lookalike.model.resources.items import SEEDED_AT, ResourceItems
from lookalike.model.state import Item, Key, Put
from lookalike.readings import Choose


class SeedProblem(NamedTuple):
    """What is wrong with seeds, and the way to it."""

    pointer: tuple[str | int, ...]
    what: str


def seeds(model: Model, data: Any, choose: Choose, name: str) -> tuple[Put, ...]:
    """The items of a list per resource name; raises `UsageError` that says which item of which file does not fit."""
    return tuple(_sound(part, name) for part in _read(model, data, choose))


def flaws(model: Model, data: Any, choose: Choose) -> list[SeedProblem]:
    """Everything that is wrong with seeds."""
    return [part for part in _read(model, data, choose) if isinstance(part, SeedProblem)]


def examples(model: Model, choose: Choose) -> dict[str, list[Item]]:
    """The items that the document itself shows, as far as they fit, what only the server sets filled in."""
    found: dict[str, list[Item]] = {}
    for name in parents_first(model.contract.resources):
        resource = model.contract.resources[name]
        parent = resource.parent.resource if resource.parent else ""
        given: list[dict[str, Any]] = [{}]
        if resource.parent:
            given = [model.items(parent).below(one, resource.parent.fields) for one in found.get(parent, ())]
        if resource.examples and given:
            items = model.items(name)
            begun = resource.examples if any(resource.examples) else (items.sampled(0), {})  # the fullest first
            found[name] = list(_made(items, product(given if resource.is_single else given[:1], begun), choose))
    return found


def checked_item(model: Model, resource: str, raw: Any) -> tuple[Item | None, tuple[str, ...]]:
    """An item with its defaults filled in, or why it does not fit the schema of its resource."""
    items = model.items(resource)
    schema = model.contract.item_schemas[resource]
    seen = items.seen(raw) if isinstance(raw, Mapping) else raw
    fits = schema.accepts(seen)
    problems = [] if fits else [one.message for one in schema.violations(seen, "item", f"the {resource}")]
    if not problems:
        problems = [f"{field} is required" for field in items.pinned if field not in raw]
    if problems:
        return None, tuple(problems)
    item = {**model.contract.item_defaults[resource], **raw}
    if float in map(type, item.values()):
        item = {name: _plain_key(value) for name, value in item.items()}
    return item, ()


def parents_first(resources: Mapping[str, Resource]) -> list[str]:
    """The names of resources, none before that of its parent."""
    order = TopologicalSorter(
        {name: [one.parent.resource] if one.parent and one.parent.resource else [] for name, one in resources.items()}
    )
    return list(order.static_order())


def _made(items: ResourceItems, shown: Iterable[tuple[Item, Item]], choose: Choose) -> Iterator[Item]:
    """Items made of what is given and an example: of those that fit, the first under each key."""
    keys: set[Key] = set()
    for number, (given, example) in enumerate(shown, 1):
        item = items.filled({**example, **given}, SEEDED_AT, number)
        key = items.keys_of(item, choose)[0]
        if key not in keys and not items.violations(item):
            keys.add(key)
            yield items.shown(item)


def _sound(part: Put | SeedProblem, name: str) -> Put:
    if isinstance(part, SeedProblem):
        place = f" (#{format_pointer(part.pointer)})" if part.pointer else ""
        raise UsageError(f"{name}{place}: {part.what}")
    return part


def _read(model: Model, data: Any, choose: Choose) -> Iterator[Put | SeedProblem]:
    if not isinstance(data, Mapping):
        yield SeedProblem((), "expected an object with a list of items per resource name")
        return
    for resource, items in data.items():
        if resource not in model.contract.resources:
            known = ", ".join(model.contract.resources) or "none"
            yield SeedProblem((resource,), f"there is no resource {resource!r}; this contract has: {known}")
        elif not isinstance(items, list):
            yield SeedProblem((resource,), "expected a list of items")
        else:
            yield from _read_items(model, resource, items, choose)


def _read_items(model: Model, resource: str, items: list[Any], choose: Choose) -> Iterator[Put | SeedProblem]:
    taken: dict[Key, int] = {}
    kind = model.items(resource)
    for index, raw in enumerate(items):
        item, problems = checked_item(model, resource, raw)
        if item is None:
            yield SeedProblem((resource, index), "; ".join(problems))
            continue
        put = kind.put(item, choose, kind.counted(item))
        keys = (put.key, *put.aliases)
        twice = next((key for key in keys if key in taken), None)
        if twice is not None:
            yield SeedProblem((resource, index), f"the key {twice} is already that of #/{resource}/{taken[twice]}")
        taken.update(dict.fromkeys(keys, index))
        yield put


def _plain_key(value: Any) -> Any:
    """9876543210.0 is the integer 9876543210, as it is in requests."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
