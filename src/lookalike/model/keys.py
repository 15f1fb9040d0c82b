"""Keys: the names that an item answers to."""

from collections.abc import Callable
from typing import Any

from lookalike.contract.choices import Choose
from lookalike.contract.extension import Resource
from lookalike.model.parsing import MAX_DIGITS
from lookalike.model.state import Item, Key

KeysOf = Callable[[Item, Choose], tuple[Key, ...]]


def compile_keys(resource: Resource) -> KeysOf:
    """The function from an item to its key, followed by its aliases; no key comes twice."""
    policy = resource.key

    def keys_of(item: Item, choose: Choose) -> tuple[Key, ...]:
        names = policy.under(choose)
        if len(names) == 1 and len(names[0]) == 1:
            return (item[names[0][0]],)
        return tuple(dict.fromkeys(_joined(name, item) for name in names))

    return keys_of


def fields_of(resource: Resource) -> frozenset[str]:
    """The fields that are part of a key under some choice."""
    return frozenset(field for names in resource.key.values for name in names for field in name)


def _joined(name: tuple[str, ...], item: Item) -> Key:
    """The values of several fields, written one after the other."""
    values: list[Any] = [item[field] for field in name]
    if len(values) == 1:
        return values[0]  # type: ignore[no-any-return]  # the schema of the resource says what a key is
    text = "".join(map(str, values))
    are_digits = len(text) <= MAX_DIGITS and text.removeprefix("-").isdecimal()
    return int(text) if are_digits and all(isinstance(value, int) for value in values) else text
