"""The types of OpenAPI objects: a table of the members that hold objects, and a walk over all objects.

Only such a walk tells a schema from an example that looks like one, and a `$ref` that counts from one that is data. The
names of the types are those of the specification in kebab-case ("media-type" is the Media Type Object).
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

from lookalike.json_values import Pointer
from lookalike.openapi.walk import METHODS
from lookalike.schema.vocabulary import ALSO, KEYWORD

LinkedPointer = tuple[Any, str | int] | None
"""A pointer as a linked list: the one to the object around, and the last token.

A walk over a large document makes one for each object, and needs the tokens of a few.
"""

Member = tuple[str, str]
"""How a member holds objects (`one`, `list`, `map`, or `fields`: a map beside extensions), and of which type."""

ObjectTypes = Mapping[str, Mapping[str, Member]]
"""The members of each object type that hold objects; the name `""` stands for every member."""


class ObjectAt(NamedTuple):
    """An object in a document: the pointer to it, the object itself, and its type."""

    link: LinkedPointer
    node: dict[str, Any]
    object_type: str


# Called for each object of a document: the constructor of a named tuple is Python code, and takes three times as long.
_object_at: Callable[[tuple[LinkedPointer, dict[str, Any], str]], ObjectAt] = partial(tuple.__new__, ObjectAt)


def _one(object_type: str) -> Member:
    return "one", object_type


def _list(object_type: str) -> Member:
    return "list", object_type


def _map(object_type: str) -> Member:
    return "map", object_type


def _fields(object_type: str) -> Member:
    """A map that may hold extensions (`x-...`) besides."""
    return "fields", object_type


_SCHEMA: dict[str, Member] = {
    **dict.fromkeys(("additionalProperties", "contains", "contentSchema", "else", "if", "items"), _one("schema")),
    **dict.fromkeys(("not", "propertyNames", "then", "unevaluatedItems", "unevaluatedProperties"), _one("schema")),
    **dict.fromkeys(("allOf", "anyOf", "oneOf", "prefixItems", ALSO), _list("schema")),
    **dict.fromkeys(("$defs", "definitions", "dependentSchemas", "patternProperties", "properties"), _map("schema")),
}

_HOLDS_SCHEMA: dict[str, Member] = {
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
    "server": {"variables": _map("server-variable")},
    "parameter": _HOLDS_SCHEMA,
    "header": _HOLDS_SCHEMA,
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

# The place for objects from another file, by type. An object of any other type replaces the reference to it.
COMPONENTS_3 = {
    object_type: ("components", name)
    for name, (_, object_type) in OPENAPI_3["components"].items()
    if object_type != "media-type"
}
COMPONENTS_2 = {
    "schema": ("definitions",),
    "parameter": ("parameters",),
    "response": ("responses",),
}


def is_swagger_2(data: Any) -> bool:
    """Whether a document is Swagger 2.0, rather than OpenAPI 3."""
    return isinstance(data, Mapping) and "swagger" in data and "openapi" not in data


class VisitedObjects(set[int]):
    """The identities of objects that a walk has met, and the places where it met them `repeated`ly."""

    def __init__(self) -> None:
        super().__init__()
        self.repeated: list[ObjectAt] = []


def objects(
    node: Any,
    types: ObjectTypes = OPENAPI_3,
    object_type: str = "document",
    link: LinkedPointer = None,
    seen: VisitedObjects | None = None,
) -> Iterator[ObjectAt]:
    """Every object that the table knows, each once, however many aliases of YAML stand for it.

    The walk does not enter an object with a `$ref`, except schemas and path items, where siblings count (JSON Schema
    Core section 8.2.3, OpenAPI 3.1 section 4.8.9). The caller may change each object that is yielded, before the walk
    enters it.
    """
    seen = VisitedObjects() if seen is None else seen
    waiting: list[ObjectAt] = [ObjectAt(link, node, object_type)] if type(node) is dict else []
    while waiting:
        found = waiting.pop()
        link, node, object_type = found
        if id(node) in seen:
            seen.repeated.append(found)
            continue
        seen.add(id(node))
        yield found
        members = types.get(object_type)
        if members is None or ("$ref" in node and object_type not in _WITH_SIBLINGS):
            continue
        if "" in members:
            waiting += _children(link, node, members[""])
        elif not members.keys().isdisjoint(node):  # asked first, since most schemas have no others in them
            for key in node:
                if key not in members:
                    continue
                how, inner_type = members[key]
                if how != "one":
                    waiting += _children((link, key), node[key], members[key])
                elif type(node[key]) is dict:
                    waiting.append(_object_at(((link, key), node[key], inner_type)))


def pointer_of(link: LinkedPointer) -> Pointer:
    """The tokens of a linked pointer."""
    tokens: list[str | int] = []
    while link is not None:
        link, token = link
        tokens.append(token)
    return tuple(reversed(tokens))


_WITH_SIBLINGS = frozenset({"schema", "path-item"})


def _children(link: LinkedPointer, node: Any, member: Member) -> list[ObjectAt]:
    """The objects in the list or map that a member holds; none if it holds something else."""
    how, object_type = member
    if how == "list":
        items = enumerate(node) if type(node) is list else ()
        return [_object_at(((link, index), item, object_type)) for index, item in items if type(item) is dict]
    if type(node) is not dict:
        return []
    extensions = how == "fields"
    return [
        _object_at(((link, name), value, object_type))
        for name, value in node.items()
        if type(value) is dict and not (extensions and name[:2] == "x-")
    ]
