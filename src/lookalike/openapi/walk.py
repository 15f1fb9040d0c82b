"""Places: where in an OpenAPI document its operations and schemas stand."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from lookalike.json_values import Pointer
from lookalike.schema.vocabulary import ALSO, KEYWORD

# Methods that a path has no member of their own for, as far as the registry of IANA, and parsers of HTTP, know them.
MORE_METHODS = (
    *("acl", "bind", "checkout", "copy", "link", "lock", "m-search", "merge", "mkactivity", "mkcalendar", "mkcol"),
    *("move", "notify", "propfind", "proppatch", "purge", "rebind", "report", "search", "source", "subscribe"),
    *("unbind", "unlink", "unlock", "unsubscribe"),
)
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query", *MORE_METHODS)


# Members whose own members are names that somebody chose, so that none of them is a keyword (OpenAPI 3.1 section 4.8).
_MAPS = frozenset(
    (
        *("callbacks", "content", "encoding", "headers", "links", "parameters", "pathItems", "paths"),
        *("requestBodies", "responses", "schemas", "securitySchemes", "webhooks"),
    )
)
# Members that hold data rather than descriptions.
_DATA = frozenset({"example", "examples", "default", "enum", "value"})

_SCHEMA = frozenset(
    (
        *("additionalProperties", "contains", "contentSchema", "else", "if", "items", "not", "propertyNames"),
        *("then", "unevaluatedItems", "unevaluatedProperties"),
    )
)
_SCHEMA_LISTS = frozenset({"allOf", "anyOf", "oneOf", "prefixItems", ALSO})
_SCHEMA_MAPS = frozenset({"$defs", "dependentSchemas", "patternProperties", "properties"})


class SchemaAt(NamedTuple):
    """A schema in a document: the way to it, itself, and the keywords by which its outermost schema leads to it."""

    pointer: Pointer
    schema: Mapping[str, Any]
    through: tuple[str, ...]


def operations(data: Mapping[str, Any]) -> Iterator[tuple[Pointer, Mapping[str, Any]]]:
    """Every operation on a path, and where it is."""
    for path, item in data.get("paths", {}).items():
        for method in METHODS:
            if not path.startswith("x-") and method in item:
                yield ("paths", path, method), item[method]


def schemas(data: Mapping[str, Any]) -> Iterator[SchemaAt]:
    """Every schema, and every schema inside it; what references lead to comes once, where it stands."""
    for pointer, schema in _outermost(data, ()):
        yield from _inside(schema, pointer, ())
    for pointer, schema in _of_resources(data.get(KEYWORD)):
        yield from _inside(schema, pointer, ())


class Reference(NamedTuple):
    """A `$ref` in a document: the way to it, itself, and whether it stands for a schema."""

    pointer: Pointer
    ref: str
    of_schema: bool


def references(data: Mapping[str, Any]) -> Iterator[Reference]:
    """Every `$ref`, and where it is."""
    for place in schemas(data):
        if isinstance(place.schema.get("$ref"), str):
            yield Reference((*place.pointer, "$ref"), place.schema["$ref"], True)
    for pointer, node in openapi_objects(data):
        if isinstance(node.get("$ref"), str):
            yield Reference((*pointer, "$ref"), node["$ref"], False)


def openapi_objects(node: Any, here: Pointer = (), names: bool = False) -> Iterator[tuple[Pointer, Mapping[str, Any]]]:
    """Every object of OpenAPI's own, outside of schemas and data; `names` tells that the members here are names."""
    if isinstance(node, list):
        for index, item in enumerate(node):
            yield from openapi_objects(item, (*here, index))
    elif isinstance(node, Mapping):
        if not names:
            yield here, node
        for key, value in node.items():
            if names or holds_openapi_objects(key):
                yield from openapi_objects(value, (*here, key), not names and key in _MAPS)


def holds_openapi_objects(key: str) -> bool:
    """Whether a member holds more of OpenAPI's own objects, rather than a schema, data, or an extension."""
    return key not in _DATA and key not in {"schema", "schemas"} and not key.startswith("x-")


def _outermost(data: Mapping[str, Any], here: Pointer) -> Iterator[tuple[Pointer, Any]]:
    for name, schema in data.get("components", {}).get("schemas", {}).items():
        yield ("components", "schemas", name), schema
    for pointer, node in openapi_objects(data, here):
        if "schema" in node:
            yield (*pointer, "schema"), node["schema"]


def _of_resources(ours: Any) -> Iterator[tuple[Pointer, Any]]:
    """The schemas of resources, as far as the extension is of its shape, which may not have been checked yet."""
    resources = ours.get("resources") if isinstance(ours, Mapping) else None
    for name, resource in resources.items() if isinstance(resources, Mapping) else ():
        if isinstance(resource, Mapping):
            yield (KEYWORD, "resources", name, "schema"), resource.get("schema")


def _inside(schema: Any, here: Pointer, through: tuple[str, ...]) -> Iterator[SchemaAt]:
    if not isinstance(schema, Mapping):
        return
    yield SchemaAt(here, schema, through)
    for keyword, value in schema.items():
        for step, inner in _subschemas(keyword, value):
            yield from _inside(inner, (*here, keyword, *step), (*through, keyword))


def _subschemas(keyword: str, value: Any) -> Iterator[tuple[Pointer, Any]]:
    """The schemas that a keyword holds, each with the rest of the way to it; none where it holds something else."""
    if keyword in _SCHEMA:
        yield (), value
    elif keyword in _SCHEMA_LISTS and isinstance(value, list):
        yield from (((index,), item) for index, item in enumerate(value))
    elif keyword in _SCHEMA_MAPS and isinstance(value, Mapping):
        yield from (((name,), item) for name, item in value.items())
