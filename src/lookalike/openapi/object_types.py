"""Kinds: what stands where in a document, as a table, and a walk over all of it.

Whoever must tell a schema from an example, or a `$ref` that counts from one that is data, asks here.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from lookalike.json_values import Pointer
from lookalike.openapi.walk import METHODS
from lookalike.schema.vocabulary import ALSO, KEYWORD

LinkedPointer = tuple[Any, str | int] | None
"""The way to an object: the way to what holds it, and the last token."""

Member = tuple[str, str]
ObjectTypes = Mapping[str, Mapping[str, Member]]


class ObjectAt(NamedTuple):
    """An object of a document, of which kind it is, and the way to it."""

    link: LinkedPointer
    node: dict[str, Any]
    kind: str


def _one(kind: str) -> Member:
    return "one", kind


def _list(kind: str) -> Member:
    return "list", kind


def _map(kind: str) -> Member:
    return "map", kind


def _fields(kind: str) -> Member:
    """A map that may hold extensions (`x-`) besides."""
    return "fields", kind


_SCHEMA: dict[str, Member] = {
    **dict.fromkeys(("additionalProperties", "contains", "contentSchema", "else", "if", "items"), _one("schema")),
    **dict.fromkeys(("not", "propertyNames", "then", "unevaluatedItems", "unevaluatedProperties"), _one("schema")),
    **dict.fromkeys(("allOf", "anyOf", "oneOf", "prefixItems", ALSO), _list("schema")),
    **dict.fromkeys(("$defs", "definitions", "dependentSchemas", "patternProperties", "properties"), _map("schema")),
}

_DESCRIBED: dict[str, Member] = {
    "schema": _one("schema"),
    "content": _map("media-type"),
    "examples": _map("example"),
}

OPENAPI_3: ObjectTypes = {
    "document": {
        "info": _one("info"),
        "servers": _list("server"),
        "paths": _fields("path-item"),
        "webhooks": _map("path-item"),
        "components": _one("components"),
        KEYWORD: _one("extension"),
    },
    "components": {
        "schemas": _map("schema"),
        "responses": _map("response"),
        "parameters": _map("parameter"),
        "examples": _map("example"),
        "requestBodies": _map("request-body"),
        "headers": _map("header"),
        "securitySchemes": _map("security-scheme"),
        "links": _map("link"),
        "callbacks": _map("callback"),
        "pathItems": _map("path-item"),
        "mediaTypes": _map("media-type"),
    },
    "path-item": {
        **dict.fromkeys(METHODS, _one("operation")),
        "additionalOperations": _map("operation"),
        "parameters": _list("parameter"),
        "servers": _list("server"),
    },
    "operation": {
        "parameters": _list("parameter"),
        "requestBody": _one("request-body"),
        "responses": _fields("response"),
        "callbacks": _map("callback"),
        "servers": _list("server"),
    },
    "callback": {"": _fields("path-item")},
    "parameter": _DESCRIBED,
    "header": _DESCRIBED,
    "request-body": {"content": _map("media-type")},
    "response": {"headers": _map("header"), "content": _map("media-type"), "links": _map("link")},
    "media-type": {
        "schema": _one("schema"),
        "itemSchema": _one("schema"),
        "examples": _map("example"),
        "encoding": _map("encoding"),
    },
    "encoding": {"headers": _map("header")},
    "schema": _SCHEMA,
    "extension": {"resources": _map("resource")},
    "resource": {"schema": _one("schema")},
}

SWAGGER_2: ObjectTypes = {
    "document": {
        "paths": _fields("path-item"),
        "definitions": _map("schema"),
        "parameters": _map("parameter"),
        "responses": _map("response"),
        "securityDefinitions": _map("security-scheme"),
        KEYWORD: _one("extension"),
    },
    "path-item": {**dict.fromkeys(METHODS, _one("operation")), "parameters": _list("parameter")},
    "operation": {"parameters": _list("parameter"), "responses": _fields("response")},
    "parameter": {"schema": _one("schema")},
    "response": {"schema": _one("schema"), "headers": _map("header")},
    "schema": _SCHEMA,
    "extension": OPENAPI_3["extension"],
    "resource": OPENAPI_3["resource"],
}

# Where what is found in another file is put; what has no place here is put where it is referred to.
COMPONENTS_3 = {
    kind: ("components", name) for name, (_, kind) in OPENAPI_3["components"].items() if kind != "media-type"
}
COMPONENTS_2 = {
    "schema": ("definitions",),
    "parameter": ("parameters",),
    "response": ("responses",),
}


def is_swagger_2(data: Any) -> bool:
    """Whether that is a document of Swagger 2.0."""
    return isinstance(data, Mapping) and "swagger" in data and "openapi" not in data


def objects(
    node: Any,
    kinds: ObjectTypes = OPENAPI_3,
    kind: str = "document",
    link: LinkedPointer = None,
    seen: set[int] | None = None,
) -> Iterator[ObjectAt]:
    """Every object that the table knows, each once, however often an alias of YAML stands for it.

    An object with a `$ref` is not looked into any further, unless it is a schema or on a path, where the rest counts.
    Whoever walks may change an object when it comes, before what is in it does.
    """
    seen = set() if seen is None else seen
    waiting: list[ObjectAt] = [ObjectAt(link, node, kind)] if type(node) is dict else []
    while waiting:
        found = waiting.pop()
        link, node, kind = found
        if id(node) in seen:
            continue
        seen.add(id(node))
        yield found
        members = kinds.get(kind)
        if members is None or ("$ref" in node and kind not in _WITH_SIBLINGS):
            continue
        if "" in members:
            waiting += _inside(link, node, members[""])
            continue
        waiting += [
            one
            for key in node
            if key in members
            for one in (
                (ObjectAt((link, key), node[key], members[key][1]),)
                if members[key][0] == "one" and type(node[key]) is dict
                else _inside((link, key), node[key], members[key])
            )
        ]


def pointer_of(link: LinkedPointer) -> Pointer:
    """The pointer that a way amounts to."""
    tokens: list[str | int] = []
    while link is not None:
        link, token = link
        tokens.append(token)
    return tuple(reversed(tokens))


_WITH_SIBLINGS = frozenset({"schema", "path-item"})


def _inside(link: LinkedPointer, node: Any, member: Member) -> list[ObjectAt]:
    how, kind = member
    if how == "list":
        items = enumerate(node) if type(node) is list else ()
        return [ObjectAt((link, index), item, kind) for index, item in items if type(item) is dict]
    if how == "one" or type(node) is not dict:
        return []
    extensions = how == "fields"
    return [
        ObjectAt((link, name), value, kind)
        for name, value in node.items()
        if type(value) is dict and not (extensions and name[:2] == "x-")
    ]
