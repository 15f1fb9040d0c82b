"""The upgrade from OpenAPI 3.0 to 3.1: schemas, which 3.0 writes in a dialect of its own (3.0.3 section 4.7.24).

Nothing else differs in a way that matters here, but that webhooks are written as `x-webhooks`. Schemas are changed in
place, and more than once where an alias of YAML stands for them, so that each step must leave what it has changed
before as it is.
"""

from collections.abc import Callable
from typing import Any

from lookalike.openapi.document import Document, Origin
from lookalike.openapi.object_types import objects, pointer_of
from lookalike.openapi.upgrading.number_formats import narrow_schema

RawSchema = dict[str, Any]

_WEBHOOKS = "x-webhooks"
# What a reference does not say of the value that stands there: by the letter it is ignored beside one, as all else, but
# its author means it, and so does the server. In 400 documents, 19 have `readOnly` there, and 10 `nullable`.
_MEANT = frozenset({"default", "readOnly", "writeOnly"})


def upgrade(document: Document) -> Document:
    """The document in terms of OpenAPI 3.1."""
    moved: dict[tuple[str, ...], Origin] = {}
    if _WEBHOOKS in document.data and "webhooks" not in document.data:
        document.data["webhooks"] = document.data.pop(_WEBHOOKS)
        moved["webhooks",] = Origin((_WEBHOOKS,))
    for link, node, object_type in objects(document.data):
        if object_type != "schema":
            continue
        if not _STEPS.keys().isdisjoint(node):
            for keyword in [keyword for keyword in _STEPS if keyword in node]:
                if keyword in node:  # $ref, the first step, may have dropped it
                    _STEPS[keyword](node)
        if "example" in node:
            here = pointer_of(link)
            node["examples"] = [node.pop("example")]
            moved[(*map(str, here), "examples", "0")] = Origin((*here, "example"))
    document.data["openapi"] = "3.1.0"
    return document.moved(document.data, moved)


def _reference(schema: RawSchema) -> None:
    """Drop the siblings of `$ref`, which 3.0 ignores (3.0.3 section 4.7.23.1); the extension and what is meant stay."""
    is_nullable = schema.get("nullable") is True
    for name in [name for name in schema if name != "$ref" and name not in _MEANT and not name.startswith("x-")]:
        del schema[name]
    if is_nullable:
        schema["anyOf"] = [{"$ref": schema.pop("$ref")}, {"type": "null"}]


def _nullable(schema: RawSchema) -> None:
    """Allow null beside `type`, and in the ways that generators and vendors write for "or null".

    By the letter (OpenAPI proposal "Clarify Nullable", 2019-10-31), `nullable` is without effect beside an `enum` that
    lacks null, beside or around a reference, and beside alternatives, as Stripe's document has it. A server that
    answers null there does as its document was meant.
    """
    nullable, type_, allowed = schema.pop("nullable"), schema.get("type"), schema.get("enum")
    if nullable is not True:
        return
    parts = schema.get("allOf")
    is_around_one = "anyOf" not in schema and isinstance(parts, list) and len(parts) == 1
    if is_around_one:
        schema["anyOf"] = [*schema.pop("allOf"), {"type": "null"}]
    if isinstance(type_, str):  # as NestJS writes it, also around a reference
        schema["type"] = [type_, "null"]
        if isinstance(allowed, list) and None not in allowed:
            schema["enum"] = [*allowed, None]
    elif not is_around_one and type_ is None and "discriminator" not in schema:
        for word in ("anyOf", "oneOf"):
            if isinstance(schema.get(word), list):
                schema[word] = [*schema[word], {"type": "null"}]


def _exclusive(keyword: str, limit: str) -> Callable[[RawSchema], None]:
    """The step for a boolean `exclusiveMinimum` or `exclusiveMaximum`, which is a number of its own in 3.1."""

    def step(schema: RawSchema) -> None:
        exclusive = schema[keyword]
        if isinstance(exclusive, bool):
            del schema[keyword]
            if exclusive and limit in schema:
                schema[keyword] = schema.pop(limit)

    return step


def _format(schema: RawSchema) -> None:
    """Add the keywords that 3.1 has for bytes (3.1.0 section 4.8.14.1.2), and the ranges of formats of integers.

    The format stays for code that knows it.
    """
    if schema["format"] == "binary":
        schema.setdefault("contentMediaType", "application/octet-stream")
    elif schema["format"] in ("byte", "base64"):  # no set: a broken document may have an array there
        schema.setdefault("contentEncoding", "base64")
    elif schema["format"] == "int-or-string" and schema.get("type") == "string":  # as Kubernetes' document has it
        schema["type"] = ["string", "integer"]
    else:
        narrow_schema(schema)


def _properties(schema: RawSchema) -> None:
    """Drop the type of a `value` that tools describe as an object without members, where it may be anything.

    Such tools have no other word for `interface{}` of Go or `Object` of Java.
    """
    members = schema["properties"]
    for name in members if isinstance(members, dict) else ():
        member = members[name]
        if str(name).lower().endswith("value") and isinstance(member, dict) and _is_bare_object(member):
            del member["type"]


def _is_bare_object(schema: RawSchema) -> bool:
    examples = schema.get("examples")  # where an alias of YAML stands for it, the example is already moved
    example = schema.get("example", examples[0] if isinstance(examples, list) and examples else None)
    return schema.get("type") == "object" and not schema.keys() - _ANNOTATIONS and not isinstance(example, dict)


_ANNOTATIONS = frozenset({"type", "title", "description", "example", "examples", "nullable", "deprecated", "readOnly"})


def _dialect(schema: RawSchema) -> None:
    """Drop `$schema`: schemas of 3.0 have one dialect."""
    del schema["$schema"]


_STEPS: dict[str, Callable[[RawSchema], None]] = {
    "$ref": _reference,
    "nullable": _nullable,
    "exclusiveMinimum": _exclusive("exclusiveMinimum", "minimum"),
    "exclusiveMaximum": _exclusive("exclusiveMaximum", "maximum"),
    "format": _format,
    "properties": _properties,
    "$schema": _dialect,
}
