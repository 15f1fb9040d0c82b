"""Item bodies: the place of the item in the body of a request: all of it, or a member, as in `{"ticket": {…}}`."""

from collections.abc import Mapping
from typing import Any

from lookalike.contract.contract import Operation
from lookalike.contract.requests import MediaType
from lookalike.contract.semantics import Create, Merge, Replace
from lookalike.json_values import ABSENT, Pointer, find, with_value_at
from lookalike.naming.members import is_holder
from lookalike.schema.value_types import ValueType
from lookalike.verify.requests.encoder import ParameterValues

_OF_ANYTHING = frozenset({"id", "key", "name", "slug", "code", "uuid", "type"})


def item_pointer(operation: Operation) -> Pointer:
    """The pointer to the item in the body of an operation; empty if the item is all of it."""
    action = operation.steps[0].action if operation.steps else None
    is_whole = isinstance(action, (Create, Replace)) or (isinstance(action, Merge) and not action.field)
    source = getattr(action, "source", None) if is_whole else None
    return tuple(source.pointer) if source is not None and source.source == "body" else ()


def item_sent(operation: Operation, body: Any) -> dict[str, Any]:
    """The item in a body; empty if there is none."""
    found = find(body, item_pointer(operation), ABSENT)
    return dict(found) if isinstance(found, Mapping) else {}


def with_item(operation: Operation, body: Any, item: Mapping[str, Any]) -> dict[str, Any]:
    """The body with an item in the place of its own."""
    pointer = item_pointer(operation)
    return with_value_at(body if isinstance(body, Mapping) else {}, pointer, dict(item)) if pointer else dict(item)


def agreeing(body: Any, values: ParameterValues) -> Any:
    """The body with the values of the path in the members that bear the names of its parameters, at any depth.

    Such as `metadata.namespace` below `/namespaces/{namespace}`. A name such as `id` may be another thing's.
    """
    named = {name: value for (place, name), value in values.items() if place == "path" and name not in _OF_ANYTHING}
    return _agreeing(body, named) if named else body


def _agreeing(value: Any, named: Mapping[str, Any]) -> Any:
    if not isinstance(value, dict):
        return value
    return {
        name: named[name] if name in named and type(one) is type(named[name]) else _agreeing(one, named)
        for name, one in value.items()
    }


def item_type(operation: Operation, media: MediaType) -> ValueType:
    """The type of the item in the bodies of an operation."""
    return type_at(media.value_type, item_pointer(operation))


def type_at(kind: ValueType, place: Pointer) -> ValueType:
    """The type at a place in an object."""
    for name in place:
        kind = kind.member(str(name))
    return kind


def has_place(kind: ValueType, place: Pointer) -> bool:
    """Whether the schema of an object describes a place in it."""
    return all(str(name) in type_at(kind, place[:depth]).properties for depth, name in enumerate(place))


def place_of_member(kind: ValueType, name: str) -> Pointer:
    """The place of a member in an item, or in the object that holds what it is apart from its key; else empty."""
    if name in kind.properties:
        return (name,)
    holders = (holder for holder in kind.properties if is_holder(holder) and name in kind.member(holder).properties)
    return next(((holder, name) for holder in holders), ())
