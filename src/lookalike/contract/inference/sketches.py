"""Sketches: schemas that examples imply where the document describes no object, as `{"type": "object"}` and an example.

Collections of requests that were turned into OpenAPI have nothing else. A sketch is a guess, so it accuses no server;
nor is anything checked by it but the items of the mock.
"""

from collections.abc import Collection, Mapping
from typing import Any

from lookalike.json_values import format_fragment
from lookalike.naming.keys import identifying_members
from lookalike.schema.view import SchemaView

SKETCHES = "sketches"
"""The first token of the pointer of a sketch, which the document itself does not have."""

_DEEPEST = 2  # envelopes around an item: `{"data": {"items": […]}}`
_TYPES: Mapping[type, str] = {bool: "boolean", int: "integer", float: "number", str: "string"}


def completed_schema(schema: SchemaView | None, example: Any, depth: int = 0) -> Mapping[str, Any] | None:
    """The schema of a response with sketches where it describes nothing, by its example; None if it needs none."""
    if not isinstance(example, (dict, list)) or not example or depth > _DEEPEST:
        return None
    if schema is None or _describes_nothing(schema, example):
        return sketch_of(example)
    if isinstance(example, list):
        items = completed_schema(schema.items, example[0], depth + 1)
        return None if items is None or schema.branches else {"type": "array", "items": items}
    if schema.branches or not schema.members:
        return None
    completed = {
        name: found
        for name, member in schema.members.items()
        if name in example and (found := completed_schema(member, example[name], depth + 1)) is not None
    }
    if not completed:
        return None
    members = {name: {"$ref": format_fragment(member.pointer)} for name, member in schema.members.items()}
    return {"type": "object", "properties": members | completed, "required": sorted(schema.required)}


def item_of_sent(sent: SchemaView, key: str, types: Collection[str]) -> Mapping[str, Any]:
    """The schema of items of which the document says only what clients send: that, and a key of their own."""
    key_schema = {"type": min(types) if types else "string", "readOnly": True}
    # A sketch is not in the document: it is written out, since nothing could refer to it.
    own = dict(sent.parts[0]) if sent.pointer[:1] == (SKETCHES,) else {"$ref": format_fragment(sent.pointer)}
    return {"type": "object", "allOf": [own], "properties": {key: key_schema}}


def sketch_of(example: Any) -> Mapping[str, Any]:
    """The schema of values like an example. Its members are the defaults of those that a client leaves out."""
    if isinstance(example, Mapping):
        return {"type": "object", "properties": {str(name): _member(str(name), one) for name, one in example.items()}}
    if isinstance(example, list):
        return {"type": "array", **({"items": sketch_of(example[0])} if example else {})}
    return {} if example is None else {"type": _TYPES.get(type(example), "string"), "example": example}


def _member(name: str, example: Any) -> Mapping[str, Any]:
    sketch = sketch_of(example)
    # The key of the example is another item's, and so is its name.
    return sketch if example is None or identifying_members([name], "") else {**sketch, "default": example}


def _describes_nothing(schema: SchemaView, example: Any) -> bool:
    """Whether a schema leaves open what an object or list is made of.

    `items` without a type says nothing of objects (JSON Schema 2020-12 validation section 6.1.1), of which some
    documents have an example there all the same.
    """
    if schema.branches or schema.members:
        return False
    if isinstance(example, list):
        return schema.items is None and schema.types <= {"array"}
    is_untyped = schema.keyword("type") is None
    return schema.types <= {"object"} or (is_untyped and schema.types == {"array"})
