"""OpenAPI 3.0 in terms of 3.1: the schemas, which 3.0 writes in a dialect of its own (3.0.3 section 4.7.24).

Nothing else differs for who reads a document. A step changes a document in place; it may be called for what has
been changed already, since aliases of YAML share what they stand for.
"""

from collections.abc import Callable
from typing import Any

from lookalike.openapi.document import Document, Origin
from lookalike.openapi.object_types import objects, pointer_of

Schema = dict[str, Any]


def upgrade(document: Document) -> Document:
    """The document in terms of OpenAPI 3.1."""
    moved: dict[tuple[str, ...], Origin] = {}
    for link, node, kind in objects(document.data):
        if kind == "schema":
            for keyword in [keyword for keyword in _STEPS if keyword in node]:
                if keyword in node:  # it may have stood beside a reference
                    _STEPS[keyword](node)
            if "example" in node:
                here = pointer_of(link)
                node["examples"] = [node.pop("example")]
                moved[(*map(str, here), "examples", "0")] = Origin((*here, "example"))
    document.data["openapi"] = "3.1.0"
    return document.moved(document.data, moved)


def _reference(schema: Schema) -> None:
    """What stands beside a `$ref` is ignored (3.0.3 section 4.7.23.1), but for extensions, which are ours."""
    for name in [name for name in schema if name != "$ref" and not name.startswith("x-")]:
        del schema[name]


def _nullable(schema: Schema) -> None:
    """Only a schema with a `type` is made to allow null (3.0.3's proposal 2019-10-31 on nullable)."""
    nullable, type_ = schema.pop("nullable"), schema.get("type")
    if nullable is True and isinstance(type_, str):
        schema["type"] = [type_, "null"]


def _exclusive(keyword: str, limit: str) -> Callable[[Schema], None]:
    def step(schema: Schema) -> None:
        exclusive = schema[keyword]
        if isinstance(exclusive, bool):
            del schema[keyword]
            if exclusive and limit in schema:
                schema[keyword] = schema.pop(limit)

    return step


def _format(schema: Schema) -> None:
    """Bytes in a text, as 3.1 says them besides (3.1.0 section 4.8.14.1.2); the format tells nobody anything wrong."""
    if schema["format"] == "binary":
        schema.setdefault("contentMediaType", "application/octet-stream")
    elif schema["format"] in {"byte", "base64"}:
        schema.setdefault("contentEncoding", "base64")


def _dialect(schema: Schema) -> None:
    """A schema of 3.0 has no dialect to choose."""
    del schema["$schema"]


_STEPS: dict[str, Callable[[Schema], None]] = {
    "$ref": _reference,
    "nullable": _nullable,
    "exclusiveMinimum": _exclusive("exclusiveMinimum", "minimum"),
    "exclusiveMaximum": _exclusive("exclusiveMaximum", "maximum"),
    "format": _format,
    "$schema": _dialect,
}
