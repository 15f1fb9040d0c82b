"""The formats `int32` and `int64` as `minimum` and `maximum`, which every validator knows (OpenAPI Format Registry)."""

from typing import Any

from lookalike.openapi.document import Document
from lookalike.openapi.object_types import objects

_BITS = {"int32": 31, "int64": 63}


def narrow(document: Document) -> Document:
    """The document with the range of each of these formats as `minimum` and `maximum`; changed in place."""
    if any(map(document.mentions, _BITS)):
        for _, node, object_type in objects(document.data):
            if object_type == "schema" and "format" in node:
                narrow_schema(node)
    return document


def narrow_schema(schema: dict[str, Any]) -> None:
    """The same for one schema."""
    if schema["format"] in ("int32", "int64") and "integer" in _types(schema):  # an array has no hash
        _narrow(schema, 2 ** _BITS[schema["format"]])


def _types(schema: dict[str, Any]) -> Any:
    types = schema.get("type")
    return types if isinstance(types, list) else [types]


def _narrow(schema: dict[str, Any], end: int) -> None:
    lowest, highest = schema.get("minimum", -end), schema.get("maximum", end - 1)
    if isinstance(lowest, (int, float)) and isinstance(highest, (int, float)):
        schema["minimum"], schema["maximum"] = max(lowest, -end), min(highest, end - 1)
