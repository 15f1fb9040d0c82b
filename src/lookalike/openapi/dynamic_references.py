"""Dynamic references: each `$dynamicRef` becomes plain references, one copy of its schema for each binding.

A `$dynamicRef` is how JSON Schema writes generics: `Page` refers to an item type that each schema which refers to
`Page` binds by a `$dynamicAnchor` (JSON Schema Core section 8.2.3.2). Which one is bound depends on the schemas
through which an evaluation came, the outermost first. Binding them here once spares every other reader of schemas
that question.
"""

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from lookalike.json_values import Pointer, find, format_fragment, made_at, parse_fragment
from lookalike.openapi.document import Document, Origin
from lookalike.openapi.object_types import OPENAPI_3, objects, pointer_of

# Each binding of a generic schema is a copy. Documents have a few dozen; bindings of bindings could be any number.
MOST_COPIES = 1_000

StringPointer = tuple[str, ...]
"""A pointer with indices as strings, so that it is the same however it was written."""
Bindings = Mapping[str, StringPointer]
"""The pointer to the schema that each dynamic anchor means."""


def bind_dynamic_references(document: Document) -> Document:
    """The bundled document without `$dynamicRef`; its data are changed in place."""
    if not document.mentions("$dynamicRef"):
        return document
    binder = _Binder(document.data)
    binder.bind()
    return document.moved(document.data, binder.origins)


class _Binder:
    """The binding of one document; `_written` is the document as it was before, of which copies are made."""

    def __init__(self, data: dict[str, Any]) -> None:
        self._data = data
        self._written = copy.deepcopy(data)
        self._resources: dict[StringPointer, StringPointer] = {}
        self._in_place: dict[StringPointer, Bindings] = {}
        self._copies: dict[tuple[StringPointer, frozenset[tuple[str, StringPointer]]], str] = {}
        self.origins: dict[StringPointer, Origin] = {}

    def bind(self) -> None:
        """Bind the references of all schemas, each first where it stands."""
        outermost = list(self._outermost())
        for pointer, schema in outermost:
            self._note_resources(pointer, schema, pointer, {})
        for pointer, schema in outermost:
            self._bind_below(schema, pointer, self._in_place[pointer])

    def _outermost(self) -> Iterator[tuple[StringPointer, dict[str, Any]]]:
        """The schemas that are in no other schema."""
        inside: set[int] = set()
        for link, node, object_type in objects(self._data):
            if object_type == "schema":
                if id(node) not in inside:
                    yield tuple(map(str, pointer_of(link))), node
                inside.update(id(inner) for _, inner in _subschemas(node))

    def _note_resources(
        self, here: StringPointer, schema: dict[str, Any], resource: StringPointer, outer: Bindings
    ) -> None:
        """Note the resource of each schema, and the anchors that each resource binds in place."""
        if here == resource or isinstance(schema.get("$id"), str):
            resource = here
            outer = self._in_place[here] = {**_anchors(schema, here), **outer}
        self._resources[here] = resource
        for tokens, inner in _subschemas(schema):
            self._note_resources((*here, *tokens), inner, resource, outer)

    def _bind_below(self, schema: dict[str, Any], here: StringPointer, bindings: Bindings) -> None:
        """Bind the references in a schema, in place; `here` is where it was written."""
        bindings = {**self._in_place.get(self._resources.get(here, ()), {}), **bindings}
        for tokens, inner in _subschemas(schema):
            self._bind_below(inner, (*here, *tokens), bindings)
        reference = schema.get("$ref")
        if isinstance(reference, str) and reference.startswith("#/"):
            schema["$ref"] = self._bound(parse_fragment(reference), bindings)
        dynamic = schema.pop("$dynamicRef", None)
        if not isinstance(dynamic, str) or not dynamic.startswith("#"):
            return
        bound = {"$ref": self._bound_dynamically(dynamic, bindings)}
        if "$ref" in schema:
            schema["allOf"] = [*schema.get("allOf", ()), bound]
        else:
            schema.update(bound)

    def _bound_dynamically(self, dynamic: str, bindings: Bindings) -> str:
        if not dynamic.startswith("#/") and dynamic != "#":  # an unknown anchor, refused as that of a `$ref` is
            return dynamic
        target = parse_fragment(dynamic)
        name = _anchor(find(self._written, target, None))
        return self._bound(bindings.get(name, target), bindings)

    def _bound(self, target: StringPointer, bindings: Bindings) -> str:
        """The reference to a schema with its dynamic references bound: the schema itself, or a copy."""
        own = self._in_place.get(self._resources.get(target, ()), {})
        bindings = {**own, **bindings}
        key = (target, frozenset(bindings.items()))
        if key in self._copies:
            return self._copies[key]
        written = find(self._written, target)
        is_same = all(own.get(name) == place for name, place in bindings.items())
        if is_same or not isinstance(written, dict) or not self._is_generic(target):
            return format_fragment(target)
        if len(self._copies) >= MOST_COPIES:
            return format_fragment(target)
        schemas = made_at(self._data, ("components", "schemas"))
        name = _free_name(schemas, target)
        self._copies[key] = format_fragment(("components", "schemas", name))
        self.origins["components", "schemas", name] = Origin(target)
        schemas[name] = copy.deepcopy(written)
        self._bind_below(schemas[name], target, bindings)
        return self._copies[key]

    def _is_generic(self, target: StringPointer) -> bool:
        """Whether a schema has a `$dynamicRef` in it, or behind its references."""
        waiting, passed = [target], set()
        while waiting:
            here = waiting.pop()
            if here in passed:
                continue
            passed.add(here)
            for schema in _with_subschemas(find(self._written, here, None)):
                if "$dynamicRef" in schema:
                    return True
                waiting += _target(schema)
        return False


def _target(schema: Mapping[str, Any]) -> list[StringPointer]:
    reference = schema.get("$ref")
    return [parse_fragment(reference)] if isinstance(reference, str) and reference.startswith("#/") else []


def _with_subschemas(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        yield schema
        for _, inner in _subschemas(schema):
            yield from _with_subschemas(inner)


def _subschemas(schema: dict[str, Any]) -> Iterator[tuple[StringPointer, dict[str, Any]]]:
    """The schemas directly in a schema, each with the tokens that lead to it."""
    for keyword, (how, _) in OPENAPI_3["schema"].items():
        value = schema.get(keyword)
        if how == "one" and isinstance(value, dict):
            yield (keyword,), value
        elif how == "list" and isinstance(value, list):
            yield from (((keyword, str(index)), one) for index, one in enumerate(value) if isinstance(one, dict))
        elif how == "map" and isinstance(value, dict):
            yield from (((keyword, name), one) for name, one in value.items() if isinstance(one, dict))


def _anchors(schema: dict[str, Any], here: StringPointer) -> dict[str, StringPointer]:
    """The dynamic anchors of a schema resource, and what each stands for."""
    found = {_anchor(schema): here} if _anchor(schema) else {}
    for tokens, inner in _subschemas(schema):
        if not isinstance(inner.get("$id"), str):
            found = {**_anchors(inner, (*here, *tokens)), **found}
    return found


def _anchor(schema: Any) -> str:
    anchor = schema.get("$dynamicAnchor") if isinstance(schema, dict) else None
    return anchor if isinstance(anchor, str) else ""


def _free_name(schemas: Mapping[str, Any], target: Pointer) -> str:
    number = 2
    while f"{target[-1]}_{number}" in schemas:
        number += 1
    return f"{target[-1]}_{number}"
