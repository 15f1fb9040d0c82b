"""The item in the body of an operation that makes or changes one."""

from collections.abc import Mapping
from typing import Any

from lookalike.contract.expressions import Expression, parse_expression
from lookalike.contract.inference.raw_operation import RawOperation
from lookalike.schema.view import SchemaView

_WRITES = ("create", "replace", "merge")


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
