"""Keys: the values that an item is found by, and how they are read from items and paths."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from lookalike.codecs.json_text import MAX_DIGITS
from lookalike.contract.extension import Resource
from lookalike.model.state import Item, Key
from lookalike.readings import Choose, Chosen
from lookalike.schema.value_types import NUMBER_TYPES

# The key of an item, followed by its aliases; none comes twice.
KeysOf = Callable[[Item, Choose], tuple[Key, ...]]
# The key of the item that an item belongs to, None where it names none.
ParentOf = Callable[[Item], Key | None]

_IS_INTEGER = re.compile(r"(?:0|-?[1-9][0-9]{0,17})\Z").match


# --- From items to keys ---


def compile_keys(resource: Resource) -> KeysOf:
    """The function from an item to its keys, which begin with the parent's where they are unique within it only."""
    own_keys_of, parent = _compile_own_keys(resource), resource.parent
    if parent is None or not parent.scopes_keys:
        return own_keys_of

    def scoped_keys_of(item: Item, choose: Choose) -> tuple[Key, ...]:
        outer = [item[field] for field in parent.fields]
        return tuple(scoped_key((*outer, key)) for key in own_keys_of(item, choose))

    return scoped_keys_of


def compile_parent(resource: Resource) -> ParentOf:
    """The function from an item to the key of its parent."""
    fields = resource.parent.fields if resource.parent else ()
    names = frozenset(fields)

    def no_parent(item: Item) -> None:
        return None

    def parent_by_field(item: Item) -> Key | None:
        return item.get(fields[0])

    def parent_by_fields(item: Item) -> Key | None:
        return scoped_key([item[field] for field in fields]) if item.keys() >= names else None

    if not fields:
        return no_parent
    return parent_by_field if len(fields) == 1 else parent_by_fields


def scoped_key(keys: Sequence[Key]) -> Key:
    """One key for those of an item and of all above it, outermost first; slashes in them are escaped as in RFC 6901."""
    if len(keys) == 1:
        return keys[0]
    return "/".join(str(key).replace("~", "~0").replace("/", "~1") for key in keys)


def key_fields(resource: Resource) -> frozenset[str]:
    """The fields that are part of a key under some choice."""
    return frozenset(field for names in resource.keys.values for name in names for field in name)


def _compile_own_keys(resource: Resource) -> KeysOf:
    policy, single_key = resource.keys, (resource.name,)

    def only_key(item: Item, choose: Choose) -> tuple[Key, ...]:
        return single_key

    if resource.is_single:
        return only_key
    by_names = {names: _compile_candidate_keys(names) for names in policy.values}
    if len(by_names) == 1:
        return next(iter(by_names.values()))
    if isinstance(policy, Chosen) and policy.otherwise is None:
        reading, by_choice = policy.reading, {choice: by_names[names] for choice, names in policy.by_choice.items()}

        def keys_by_choice(item: Item, choose: Choose) -> tuple[Key, ...]:
            return by_choice[choose(reading)](item, choose)

        return keys_by_choice

    def keys_by_policy(item: Item, choose: Choose) -> tuple[Key, ...]:
        return by_names[policy.under(choose)](item, choose)

    return keys_by_policy


def _compile_candidate_keys(names: tuple[tuple[str, ...], ...]) -> KeysOf:
    """The function from an item to its keys, one for each name, which lists the fields that it is made of."""
    first = names[0][0] if len(names) == 1 and len(names[0]) == 1 else ""

    def key_of_field(item: Item, choose: Choose) -> tuple[Key, ...]:
        return (item[first],)

    def keys_of_fields(item: Item, choose: Choose) -> tuple[Key, ...]:
        return tuple(dict.fromkeys(_joined(name, item) for name in names))

    return key_of_field if first else keys_of_fields


def _joined(name: tuple[str, ...], item: Item) -> Key:
    """The values of several fields, one behind the other; an integer where all of them are."""
    values: list[Any] = [item[field] for field in name]
    if len(values) == 1:
        key: Key = values[0]  # an integer or a string, by the schema of the resource
        return key
    text = "".join(map(str, values))
    are_digits = len(text) <= MAX_DIGITS and text.removeprefix("-").isdecimal()
    return int(text) if are_digits and all(isinstance(value, int) for value in values) else text


# --- From paths to keys ---


def compile_key_coercion(types: frozenset[str]) -> Callable[[Any], Any]:
    """The function that gives a value from a path the type that the key field has; what cannot have it stays.

    Documents often say integer of the parameter and string of the field, or the other way round.
    """
    if types == {"string"}:
        return _as_string
    return _as_integer if types and types <= NUMBER_TYPES else _as_it_is


def _as_string(value: Any) -> Any:
    return str(value) if type(value) is int else value


def _as_integer(value: Any) -> Any:
    return int(value) if type(value) is str and _IS_INTEGER(value) else value


def _as_it_is(value: Any) -> Any:
    return value


def is_key(value: Any) -> bool:
    """Whether a value can be the key of an item: a text or a whole number."""
    return isinstance(value, str | int) and not isinstance(value, bool)
