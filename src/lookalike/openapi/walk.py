"""The operations, schemas and references of an OpenAPI 3.1 document that may still have problems, with their pointers.

`object_types.objects` walks a document by its grammar; this walk knows only which names hold schemas or data, so that
it finds what stands in the wrong place, too.
"""

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any, NamedTuple

from lookalike.json_values import Pointer
from lookalike.schema.vocabulary import ALSO, KEYWORD

# Methods without a member of their own on a path: those of the IANA registry that parsers of HTTP know.
MORE_METHODS = (
    *("acl", "bind", "checkout", "copy", "link", "lock", "m-search", "merge", "mkactivity", "mkcalendar", "mkcol"),
    *("move", "notify", "propfind", "proppatch", "purge", "rebind", "report", "search", "source", "subscribe"),
    *("unbind", "unlink", "unlock", "unsubscribe"),
)
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query", *MORE_METHODS)


# Maps: the names of their members are chosen by the author, and no keywords (OpenAPI 3.1 section 4.8).
_MAPS = frozenset(
    (
        *("callbacks", "content", "encoding", "headers", "links", "parameters", "pathItems", "paths"),
        *("requestBodies", "responses", "schemas", "securitySchemes", "webhooks"),
    )
)
# Members that hold data, in which `$ref` or `schema` mean nothing.
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
    """A schema in a document: its pointer, itself, and the keywords that lead to it from the outermost schema."""

    pointer: Pointer
    schema: Mapping[str, Any]
    through: tuple[str, ...]


def operations(data: Mapping[str, Any]) -> Iterator[tuple[Pointer, Mapping[str, Any]]]:
    """Every operation on a path, with its pointer."""
    for path, item in data.get("paths", {}).items():
        for method in METHODS:
            if not path.startswith("x-") and method in item:
                yield ("paths", path, method), item[method]


def schemas(data: Mapping[str, Any]) -> Iterator[SchemaAt]:
    """Every schema and its subschemas, each once, where it is written."""
    seen: set[int] = set()
    for pointer, schema in chain(_outermost(data, ()), _of_resources(data.get(KEYWORD))):
        yield from _inside(schema, pointer, (), seen)


class Reference(NamedTuple):
    """A `$ref` in a document: its pointer, itself, and whether it is in a schema."""

    pointer: Pointer
    ref: str
    of_schema: bool


def references(data: Mapping[str, Any]) -> Iterator[Reference]:
    """Every `$ref`, with its pointer."""
    for place in schemas(data):
        if isinstance(place.schema.get("$ref"), str):
            yield Reference((*place.pointer, "$ref"), place.schema["$ref"], True)
    for pointer, node in openapi_objects(data):
        if isinstance(node.get("$ref"), str):
            yield Reference((*pointer, "$ref"), node["$ref"], False)


def openapi_objects(node: Any, here: Pointer = (), names: bool = False) -> Iterator[tuple[Pointer, Mapping[str, Any]]]:
    """Every object outside of schemas and data; `names` tells that the members of `node` are names."""
    waiting: list[tuple[Pointer, Any, bool]] = [(here, node, names)] if isinstance(node, (dict, list)) else []
    while waiting:
        here, node, names = waiting.pop()
        if isinstance(node, list):
            inner = [((*here, index), item, False) for index, item in enumerate(node)]
        else:
            if not names:
                yield here, node
            inner = [
                ((*here, key), value, not names and key in _MAPS)
                for key, value in node.items()
                if names or holds_openapi_objects(key)
            ]
        waiting += [one for one in reversed(inner) if isinstance(one[1], (dict, list))]


def holds_openapi_objects(key: str) -> bool:
    """Whether a member holds objects of OpenAPI, rather than a schema, data, or an extension."""
    return key not in _DATA and key not in {"schema", "schemas"} and not key.startswith("x-")


def _outermost(data: Mapping[str, Any], here: Pointer) -> Iterator[tuple[Pointer, Any]]:
    for name, schema in data.get("components", {}).get("schemas", {}).items():
        yield ("components", "schemas", name), schema
    for pointer, node in openapi_objects(data, here):
        if "schema" in node:
            yield (*pointer, "schema"), node["schema"]


def _of_resources(ours: Any) -> Iterator[tuple[Pointer, Any]]:
    """The schemas of resources, as far as the extension is well formed, which may not have been checked yet."""
    resources = ours.get("resources") if isinstance(ours, Mapping) else None
    for name, resource in resources.items() if isinstance(resources, Mapping) else ():
        if isinstance(resource, Mapping):
            yield (KEYWORD, "resources", name, "schema"), resource.get("schema")


def _inside(schema: Any, here: Pointer, through: tuple[str, ...], seen: set[int]) -> Iterator[SchemaAt]:
    """A schema and its subschemas, unless they were seen: aliases of aliases stand for any number of schemas."""
    waiting = [SchemaAt(here, schema, through)]
    while waiting:
        found = waiting.pop()
        here, schema, through = found
        if not isinstance(schema, dict) or id(schema) in seen:
            continue
        seen.add(id(schema))
        yield found
        inner = [
            SchemaAt((*here, keyword, *step), subschema, (*through, keyword))
            for keyword, value in schema.items()
            if isinstance(value, (dict, list))
            for step, subschema in _subschemas(keyword, value)
        ]
        waiting += reversed(inner)


def _subschemas(keyword: str, value: Any) -> Iterator[tuple[Pointer, Any]]:
    """The schemas that a keyword holds, each with the rest of its pointer; none if it holds something else."""
    if keyword in _SCHEMA:
        yield (), value
    elif keyword in _SCHEMA_LISTS and isinstance(value, list):
        yield from (((index,), item) for index, item in enumerate(value))
    elif keyword in _SCHEMA_MAPS and isinstance(value, Mapping):
        yield from (((name,), item) for name, item in value.items())
