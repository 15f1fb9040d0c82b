"""Seeds: the items that a state starts with, from a file or from the examples of a document, checked like any other."""

from collections.abc import Iterable, Iterator, Mapping
from graphlib import TopologicalSorter
from itertools import islice, product
from typing import Any, NamedTuple

from lookalike.contract.extension import Resource
from lookalike.errors import UsageError
from lookalike.json_values import Pointer, format_pointer
from lookalike.model.behaviour import Model
from lookalike.model.resources.items import SEEDED_AT, ResourceItems
from lookalike.model.state import Item, Key, Put
from lookalike.readings import Choose


class SeedProblem(NamedTuple):
    """A problem of initial items, with the pointer to the faulty value."""

    pointer: Pointer
    what: str


def seeds(model: Model, data: Any, choose: Choose, name: str) -> tuple[Put, ...]:
    """The items of `data`, a list for each name of a resource.

    Raises `UsageError` for the first item that does not fit, with the name of the file and the place in it.
    """
    return tuple(_valid(part, name) for part in _read(model, data, choose))


def seed_problems(model: Model, data: Any, choose: Choose) -> list[SeedProblem]:
    """Everything that is wrong with seeds."""
    return [part for part in _read(model, data, choose) if isinstance(part, SeedProblem)]


def examples(model: Model, choose: Choose) -> dict[str, list[Item]]:
    """The items of the document's own examples by resource, as far as they fit, completed by what the server sets.

    They belong to the first item of their parent, since examples of different places name no common parent.
    """
    found: dict[str, list[Item]] = {}
    for name in parents_first(model.contract.resources):
        resource = model.contract.resources[name]
        parents = resource.parent.resource if resource.parent else ""
        given: list[dict[str, Any]] = [{}]
        if resource.parent:
            given = [model.items(parents).as_parent(one, resource.parent.fields) for one in found.get(parents, ())]
        if resource.examples and given:
            items = model.items(name)
            parents_of_items = given if resource.is_single else given[:1]
            shown_items = [example for example in resource.examples if example]
            found[name] = list(_made(items, product(parents_of_items, shown_items), choose))
            if not found[name]:
                # An empty example, or one that does not fit, says that there are items, not which.
                made = _made(items, product(parents_of_items, (items.typical(), items.sampled(), {})), choose)
                found[name] = list(made if resource.is_single else islice(made, 1))
    return found


def checked_item(model: Model, resource: str, raw: Any) -> tuple[Item | None, tuple[str, ...]]:
    """An item with its defaults, or None and the messages of what does not fit the schema of its resource."""
    items = model.items(resource)
    schema = model.contract.item_schemas[resource]
    visible = items.visible(raw) if isinstance(raw, Mapping) else raw
    fits = schema.accepts(visible)
    problems = [] if fits else [one.message for one in schema.violations(visible, "item", f"the {resource}")]
    if not problems:
        problems = [f"{field} is required" for field in items.identity_fields if field not in raw]
    if problems:
        return None, tuple(problems)
    item = {**model.contract.item_defaults[resource], **raw}
    if float in map(type, item.values()):
        item = {name: _integer_if_whole(value) for name, value in item.items()}
    return item, ()


def parents_first(resources: Mapping[str, Resource]) -> list[str]:
    """The names of resources, none before that of its parent."""
    order = TopologicalSorter(
        {name: [one.parent.resource] if one.parent and one.parent.resource else [] for name, one in resources.items()}
    )
    return list(order.static_order())


def _made(items: ResourceItems, shown_items: Iterable[tuple[Item, Item]], choose: Choose) -> Iterator[Item]:
    """The items of parents' keys and examples: of the valid ones, the first under each key."""
    keys: set[Key] = set()
    for number, (given, example) in enumerate(shown_items, 1):
        item = items.completed({**example, **given}, SEEDED_AT, number)
        key = items.keys_of(item, choose)[0]
        if key not in keys and not items.violations(item):
            keys.add(key)
            yield items.from_example(item)


def _valid(part: Put | SeedProblem, name: str) -> Put:
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


def _read_items(model: Model, resource: str, raw_items: list[Any], choose: Choose) -> Iterator[Put | SeedProblem]:
    index_by_key: dict[Key, int] = {}
    items = model.items(resource)
    for index, raw in enumerate(raw_items):
        item, problems = checked_item(model, resource, raw)
        if item is None:
            yield SeedProblem((resource, index), "; ".join(problems))
            continue
        put = items.put(item, choose, items.number_of(item))
        keys = (put.key, *put.aliases)
        taken = next((key for key in keys if key in index_by_key), None)
        if taken is not None:
            yield SeedProblem(
                (resource, index), f"the key {taken} is already that of #/{resource}/{index_by_key[taken]}"
            )
        index_by_key.update(dict.fromkeys(keys, index))
        yield put


def _integer_if_whole(value: Any) -> Any:
    """9876543210.0 is the integer 9876543210, as it is in requests."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
