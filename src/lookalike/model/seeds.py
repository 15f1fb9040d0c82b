"""Seeds: the items that a state starts with, checked like everything else."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from lookalike.contract.choices import Choose
from lookalike.contract.contract import Contract
from lookalike.contract.pointers import format_pointer
from lookalike.errors import UsageError
from lookalike.model.behaviour import Model
from lookalike.model.state import Item, Key, Put


class Flaw(NamedTuple):
    """What is wrong with seeds, and the way to it."""

    pointer: tuple[str | int, ...]
    what: str


def seeds(model: Model, data: Any, choose: Choose, name: str) -> tuple[Put, ...]:
    """The items of a list per resource name; raises `UsageError` that says which item of which file does not fit."""
    return tuple(_sound(part, name) for part in _read(model, data, choose))


def flaws(model: Model, data: Any, choose: Choose) -> list[Flaw]:
    """Everything that is wrong with seeds."""
    return [part for part in _read(model, data, choose) if isinstance(part, Flaw)]


def checked_item(contract: Contract, resource: str, raw: Any) -> tuple[Item | None, tuple[str, ...]]:
    """An item with its defaults filled in, or why it does not fit the schema of its resource."""
    schema = contract.item_schemas[resource]
    problems = tuple(violation.message for violation in schema.violations(raw, "item", f"the {resource}"))
    if problems:
        return None, problems
    item = {**contract.item_defaults[resource], **raw}
    return {name: _plain_key(value) for name, value in item.items()}, ()


def _sound(part: Put | Flaw, name: str) -> Put:
    if isinstance(part, Flaw):
        place = f" (#{format_pointer(part.pointer)})" if part.pointer else ""
        raise UsageError(f"{name}{place}: {part.what}")
    return part


def _read(model: Model, data: Any, choose: Choose) -> Iterator[Put | Flaw]:
    if not isinstance(data, Mapping):
        yield Flaw((), "expected an object with a list of items per resource name")
        return
    for resource, items in data.items():
        if resource not in model.contract.resources:
            known = ", ".join(model.contract.resources) or "none"
            yield Flaw((resource,), f"there is no resource {resource!r}; this contract has: {known}")
        elif not isinstance(items, list):
            yield Flaw((resource,), "expected a list of items")
        else:
            yield from _read_items(model, resource, items, choose)


def _read_items(model: Model, resource: str, items: list[Any], choose: Choose) -> Iterator[Put | Flaw]:
    taken: dict[Key, int] = {}
    for index, raw in enumerate(items):
        item, problems = checked_item(model.contract, resource, raw)
        if item is None:
            yield Flaw((resource, index), "; ".join(problems))
            continue
        keys = model.keys_of(resource, item, choose)
        twice = next((key for key in keys if key in taken), None)
        if twice is not None:
            yield Flaw((resource, index), f"the key {twice} is already that of #/{resource}/{taken[twice]}")
        taken.update(dict.fromkeys(keys, index))
        yield Put(resource, keys[0], item, tuple(keys[1:]))


def _plain_key(value: Any) -> Any:
    """9876543210.0 is the integer 9876543210, as it is in requests."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
