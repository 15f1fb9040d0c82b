"""Keys: the names that an item answers to."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from lookalike.codecs.json_text import MAX_DIGITS
from lookalike.contract.extension import Resource
from lookalike.model.state import Item, Key
from lookalike.readings import Choose, Chosen

KeysOf = Callable[[Item, Choose], tuple[Key, ...]]
ParentOf = Callable[[Item], Key | None]


def compile_keys(resource: Resource) -> KeysOf:
    """The function from an item to its key, followed by its aliases; no key comes twice."""
    own, parent = _compile_own(resource), resource.parent
    if parent is None or not parent.scopes_keys:
        return own

    def scoped_keys_of(item: Item, choose: Choose) -> tuple[Key, ...]:
        outer = [item[field] for field in parent.fields]
        return tuple(scoped_key((*outer, key)) for key in own(item, choose))

    return scoped_keys_of


def compile_parent(resource: Resource) -> ParentOf:
    """The function from an item to the key of the item that it belongs to; None where it tells of none."""
    parent = resource.parent
    if parent is None:
        return lambda item: None
    if len(parent.fields) == 1:
        (field,) = parent.fields
        return lambda item: item.get(field)
    fields = parent.fields
    return lambda item: scoped_key([item[field] for field in fields]) if item.keys() >= set(fields) else None


def scoped_key(keys: Sequence[Key]) -> Key:
    """The key of an item whose key is unique among those of its parent only, whose own comes before it, and so on."""
    if len(keys) == 1:
        return keys[0]
    return "/".join(str(key).replace("~", "~0").replace("/", "~1") for key in keys)


def compile_key_coercion(types: frozenset[str]) -> Callable[[Any], Any]:
    """The function from a value in a path to the same as a field of that type has it; what cannot be that stays."""
    if types == {"string"}:
        return lambda value: str(value) if type(value) is int else value
    if types and types <= {"integer", "number"}:
        return lambda value: int(value) if type(value) is str and _DIGITS.match(value) else value
    return lambda value: value


def _compile_own(resource: Resource) -> KeysOf:
    policy = resource.keys
    if resource.is_single:
        return lambda item, choose: (resource.name,)
    forms = {names: _compile_names(names) for names in policy.values}
    if len(forms) == 1:
        (form,) = forms.values()
        return form
    if isinstance(policy, Chosen) and policy.otherwise is None:
        reading, by_choice = policy.reading, {choice: forms[names] for choice, names in policy.by_choice.items()}
        return lambda item, choose: by_choice[choose(reading)](item, choose)
    return lambda item, choose: forms[policy.under(choose)](item, choose)


def _compile_names(names: tuple[tuple[str, ...], ...]) -> KeysOf:
    """The function from an item to its keys, each made of the fields that one of the names lists."""
    if len(names) == 1 and len(names[0]) == 1:
        ((field,),) = names
        return lambda item, choose: (item[field],)
    return lambda item, choose: tuple(dict.fromkeys(_joined(name, item) for name in names))


_DIGITS = re.compile(r"(?:0|-?[1-9][0-9]{0,17})\Z")


def key_fields(resource: Resource) -> frozenset[str]:
    """The fields that are part of a key under some choice."""
    return frozenset(field for names in resource.keys.values for name in names for field in name)


def _joined(name: tuple[str, ...], item: Item) -> Key:
    """The values of several fields, written one after the other."""
    values: list[Any] = [item[field] for field in name]
    if len(values) == 1:
        key: Key = values[0]  # the schema of the resource says so
        return key
    text = "".join(map(str, values))
    are_digits = len(text) <= MAX_DIGITS and text.removeprefix("-").isdecimal()
    return int(text) if are_digits and all(isinstance(value, int) for value in values) else text
