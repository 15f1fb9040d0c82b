"""Seeds: the items that a state starts with, checked like everything else."""

from collections.abc import Iterator, Mapping
from typing import Any

from lookalike.contract.choices import Choose
from lookalike.contract.contract import Contract
from lookalike.errors import UsageError
from lookalike.model.behaviour import Model
from lookalike.model.state import Item, Key, Put


def seeds(model: Model, data: Any, choose: Choose, name: str) -> tuple[Put, ...]:
    """The items of a list per resource name; raises `UsageError` that says which item of which file does not fit."""
    if not isinstance(data, Mapping):
        raise UsageError(f"{name}: expected an object with a list of items per resource name")
    return tuple(_of_all(model, data, choose, name))


def checked_item(contract: Contract, resource: str, raw: Any) -> tuple[Item | None, tuple[str, ...]]:
    """An item with its defaults filled in, or why it does not fit the schema of its resource."""
    schema = contract.item_schemas[resource]
    problems = tuple(violation.message for violation in schema.violations(raw, "item", f"the {resource}"))
    if problems:
        return None, problems
    item = {**contract.item_defaults[resource], **raw}
    return {name: _plain_key(value) for name, value in item.items()}, ()


def _of_all(model: Model, data: Mapping[str, Any], choose: Choose, name: str) -> Iterator[Put]:
    for resource, items in data.items():
        if resource not in model.contract.resources:
            known = ", ".join(model.contract.resources) or "none"
            raise UsageError(f"{name} (#/{resource}): there is no resource {resource!r}; this contract has: {known}")
        if not isinstance(items, list):
            raise UsageError(f"{name} (#/{resource}): expected a list of items")
        yield from _of_one(model, resource, items, choose, name)


def _of_one(model: Model, resource: str, items: list[Any], choose: Choose, name: str) -> Iterator[Put]:
    taken: dict[Key, int] = {}
    for index, raw in enumerate(items):
        where = f"{name} (#/{resource}/{index})"
        item, problems = checked_item(model.contract, resource, raw)
        if item is None:
            raise UsageError(f"{where}: {'; '.join(problems)}")
        keys = model.keys_of(resource, item, choose)
        twice = next((key for key in keys if key in taken), None)
        if twice is not None:
            raise UsageError(f"{where}: the key {twice} is already that of #/{resource}/{taken[twice]}")
        taken.update(dict.fromkeys(keys, index))
        yield Put(resource, keys[0], item, tuple(keys[1:]))


def _plain_key(value: Any) -> Any:
    """9876543210.0 is the integer 9876543210, as it is in requests."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
