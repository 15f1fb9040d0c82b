"""The item in the body of an operation that makes or changes one."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from lookalike.contract.expressions import Expression, body_expression, parse_expression
from lookalike.contract.inference.raw_operation import RawOperation
from lookalike.naming.words import normalised, singular
from lookalike.schema.view import SchemaView

_WRITES = ("create", "replace", "merge")
_SCALARS = frozenset({"string", "integer"})


class KeysSent(NamedTuple):
    """The member of things that a request lists values of, and the runtime expression of that list."""

    member: str
    expression: str


def keys_sent(sent: SchemaView | None, item: SchemaView) -> KeysSent | None:
    """A list in a body of the values of one member of things, as `{"emails": ["a@example.com"]}` for their `email`.

    Evidence: the name, or that the document describes both in the same place. None without such a list.
    """
    for form in (sent, *sent.branches) if sent is not None else ():
        lists = ((name, one.items) for name, one in form.members.items() if "array" in one.types)
        for name, element in lists:
            if element is not None and element.types and element.types <= _SCALARS:
                plain = normalised(singular(name))
                alike = (
                    one
                    for one, view in item.members.items()
                    if view.types & element.types and (normalised(one) == plain or view.pointer == element.pointer)
                )
                if member := next(alike, ""):
                    return KeysSent(member, body_expression(name))
    return None


def source_of_item(extension: Mapping[str, Any]) -> Expression | None:
    """The place of the item in the body that the first step stores; None if it stores no object, or several."""
    first: Mapping[str, Any] = next(iter(extension.get("apply", ())), {})
    written: Mapping[str, Any] = next((first[one] for one in _WRITES if one in first), {})
    source = parse_expression(written["with"]) if "with" in written and "field" not in written else None
    return source if source is not None and source.source == "body" else None


def item_sent(operation: RawOperation, extension: Mapping[str, Any]) -> SchemaView | None:
    """The schema of the object that becomes an item, or changes one."""
    source, schema = source_of_item(extension), operation.request_schema
    return schema.inside(source.pointer) if source is not None and schema is not None else None
