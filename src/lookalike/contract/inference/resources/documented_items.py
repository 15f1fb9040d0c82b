"""The items in the examples of a document."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from lookalike.contract.inference.raw_operation import RawOperation
from lookalike.contract.inference.resources.resource_guess import Paths, ResourceGuess, key_member
from lookalike.json_values import ABSENT, Pointer, find
from lookalike.schema.value_types import NUMBER_TYPES

_MAX_EXAMPLES = 20


def documented_items(resource: ResourceGuess, paths: Paths) -> list[Any]:
    """The items in the examples of reading and listing, at most 20, one for each key, or each record without one.

    A single resource has at least one item, empty if no example shows it, so that it is there from the start. Items
    whose keys a text tells are there as well, otherwise like the first one.
    """
    by_key: dict[Any, Any] = {}
    for collection in resource.collections:
        for path in (collection.path, collection.item_path):
            for item in _items_in_examples(resource, paths.get(path, {})):
                if resource.is_without_keys:
                    by_key[len(by_key)] = item
                    continue
                key = find(item, _place_of_key(resource), None)
                has_key = _can_be_key(key, resource)  # an example in a broken document may have an array there
                if resource.is_single or has_key:
                    by_key.setdefault(key if has_key else None, item)
    found = [*by_key.values()][:_MAX_EXAMPLES]
    member = resource.key if resource.key in resource.schema.members else ""
    told = (_as_key(text, resource) for text in _keys_told(resource, paths)) if member else ()
    found += [{**(found[0] if found else {}), member: key} for key in told if key not in by_key]
    return found or ([{}] if resource.is_single else [])


def _keys_told(resource: ResourceGuess, paths: Paths) -> Iterator[str]:
    """The keys under which there always is an item, as "the root folder is always represented by the ID `0`" says."""
    for collection in resource.collections:
        texts = (
            one.parameter_text("path", collection.key_parameter) for one in paths.get(collection.item_path, {}).values()
        )
        yield from dict.fromkeys(match[1] for text in texts for match in _ALWAYS_THERE.finditer(text))


# The item must be named: "is always `default`" may tell of the only key that is taken.
_ALWAYS_THERE = re.compile(
    r"\b[Tt]he (?:root|default|main|primary|top-level) \w+[^.`\"]*"
    r"\b(?:ID|id|identifier|key|name) [`\"]([\w-]{1,40})[`\"]"
)


def _as_key(text: str, resource: ResourceGuess) -> str | int:
    """A key as its member holds it."""
    member = key_member(resource)
    return int(text) if member is not None and "string" not in member.types and text.isdecimal() else text


def _items_in_examples(resource: ResourceGuess, operations: Mapping[str, RawOperation]) -> Iterator[Any]:
    if "get" not in operations:
        return
    read = operations["get"]
    for example in read.response_examples(read.success_status):
        yield from _items_in(example, resource, 0)


def _place_of_key(resource: ResourceGuess) -> Pointer:
    return resource.shown_at.get(resource.key, (resource.key,))


def _can_be_key(value: Any, resource: ResourceGuess) -> bool:
    member = key_member(resource)
    types = member.types if member is not None else frozenset()
    own_types = {int: NUMBER_TYPES, str: {"string"}}.get(type(value), set())
    return bool(own_types) and (not types or bool(types & own_types))


def _items_in(value: Any, resource: ResourceGuess, depth: int) -> Iterator[Any]:
    """The objects in a value that have all members that an item must have; in envelopes, at most two deep."""
    if isinstance(value, list):
        for one in value:
            yield from _items_in(one, resource, depth)
    elif isinstance(value, Mapping):
        schema = resource.schema
        is_record = resource.is_without_keys and bool(value) and value.keys() <= schema.members.keys()
        has_key = is_record or not resource.key or find(value, _place_of_key(resource)) is not ABSENT
        identifying = {resource.key} if resource.key else schema.members.keys()
        required = schema.required or (frozenset[str]() if is_record else identifying)
        if value.keys() >= required and has_key:
            yield value
        elif depth < 2:
            for member in value.values():
                yield from _items_in(member, resource, depth + 1)
