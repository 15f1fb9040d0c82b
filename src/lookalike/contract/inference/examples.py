"""Examples: the items that the examples of answers show."""

from collections.abc import Iterator, Mapping
from typing import Any

from lookalike.contract.inference.raw_operation import Described
from lookalike.contract.inference.resources import Kind

_MOST = 20
# On how many levels a thing of which there is one has all its members; where that does not fit, it has fewer.
_WHOLE = 2


def examples_of(kind: Kind, paths: Mapping[str, Mapping[str, Described]]) -> list[Any]:
    """The items that the document shows, each key once; of a thing of which there is one, at least what is made up."""
    found: dict[Any, Any] = {}
    for place in kind.places:
        for path in (place.collection, place.item):
            for item in _shown(kind, paths.get(path, {})):
                if kind.is_single or _is_key(item[kind.key], kind):
                    found.setdefault(item.get(kind.key), item)
    return [*found.values()][:_MOST] or ([{}] if kind.is_single else [])


def _shown(kind: Kind, operations: Mapping[str, Described]) -> Iterator[Any]:
    """The items in the examples of reading and listing."""
    if "get" not in operations:
        return
    read = operations["get"]
    for example in read.examples(read.success):
        yield from _items_in(example, kind, 0)


def _is_key(value: Any, kind: Kind) -> bool:
    types = kind.view.members[kind.key].types if kind.key in kind.view.members else frozenset()
    named = {int: {"integer", "number"}, str: {"string"}}.get(type(value), set())
    return bool(named) and (not types or bool(types & named))


def _items_in(value: Any, kind: Kind, depth: int) -> Iterator[Any]:
    """The objects in a value that have what an item must have."""
    if isinstance(value, list):
        for one in value:
            yield from _items_in(one, kind, depth)
    elif isinstance(value, Mapping):
        required = kind.view.required or ({kind.key} if kind.key else kind.view.members.keys())
        if value.keys() >= required and (not kind.key or kind.key in value):
            yield value
        elif depth < 2:
            for member in value.values():
                yield from _items_in(member, kind, depth + 1)
