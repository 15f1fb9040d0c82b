"""The upgrade from Swagger 2.0 to OpenAPI 3.0: the same objects in other places; body and form parameters become
bodies.

Written here, since the converters on the package index either ask a server on the web, or lose parts of the document,
and none can tell where a value was before, which messages need.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lookalike.json_values import Pointer, PointerError, dereference, find, format_fragment, parse_fragment
from lookalike.openapi.document import Document, Origin
from lookalike.openapi.object_types import COMPONENTS_2, SWAGGER_2, objects
from lookalike.openapi.upgrading.mixed_versions import OperationPlace, is_response_of_2_0
from lookalike.openapi.walk import METHODS
from lookalike.schema.vocabulary import COLLECTION_FORMAT

_JSON = ("application/json",)
_URLENCODED, _MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"

# Members of a parameter or header that 3.0 has in its schema (2.0 section "Parameter Object").
_OF_SCHEMA = frozenset(
    (
        *("type", "format", "items", "default", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum"),
        *("maxLength", "minLength", "pattern", "maxItems", "minItems", "uniqueItems", "enum", "multipleOf"),
        *("x-nullable", "x-example"),
    )
)
# collectionFormat, as (style, explode). What has no counterpart is kept under an extension.
_STYLES: dict[tuple[str, str], tuple[str, bool]] = {
    ("csv", "query"): ("form", False),
    ("csv", "formData"): ("form", False),
    ("multi", "query"): ("form", True),
    ("multi", "formData"): ("form", True),
    ("ssv", "query"): ("spaceDelimited", False),
    ("ssv", "formData"): ("spaceDelimited", False),
    ("pipes", "query"): ("pipeDelimited", False),
    ("pipes", "formData"): ("pipeDelimited", False),
}
_WITHOUT_STYLE = frozenset({"ssv", "tsv", "pipes"})
_FLOWS = {
    "implicit": "implicit",
    "password": "password",
    "application": "clientCredentials",
    "accessCode": "authorizationCode",
}
_GROUPS = {
    "definitions": ("components", "schemas"),
    "parameters": ("components", "parameters"),
    "responses": ("components", "responses"),
    "securityDefinitions": ("components", "securitySchemes"),
}
_UNFIT = re.compile(r"[^A-Za-z0-9.-]+")  # for the name of a component
_ROOT = frozenset({"info", "tags", "externalDocs", "security"})

Object = dict[str, Any]


def upgrade(document: Document) -> Document:
    """The document in terms of OpenAPI 3.0.3."""
    return _Upgrade(document).document()


def upgrade_parts(document: Document, operations: Sequence[OperationPlace]) -> Document:
    """A document of OpenAPI 3 with the operations that are written as in 2.0, and its security schemes, upgraded."""
    return _Upgrade(document).document_of_both(operations)


class _Upgrade:
    """The upgrade of one document; `_moved` has the old pointer of each moved value, by the new one."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._old: Object = document.data
        self._moved: dict[tuple[str, ...], Origin] = {}
        self._names: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._consumes = _strings(self._old.get("consumes")) or _JSON
        self._produces = _strings(self._old.get("produces")) or _JSON
        self._bodies = {
            name
            for name, parameter in _members(self._old.get("parameters"))
            if isinstance(parameter, Mapping) and parameter.get("in") == "body"
        }

    def document(self) -> Document:
        """The upgraded document."""
        old = self._old
        self._references()
        for _, node, object_type in list(objects(old, SWAGGER_2)):
            if object_type == "schema":
                _upgrade_schema(node)
        kept = {name: value for name, value in old.items() if name in _ROOT or name.startswith("x-")}
        new = {"openapi": "3.0.3", **kept, "servers": _servers(old), "components": self._components()}
        if "paths" in old:
            new["paths"] = self._paths(old["paths"])
        self._moved[("openapi",)] = Origin(("swagger",))
        for group, place in _GROUPS.items():
            self._moved.setdefault(place, Origin((group,)))
        return self._document.moved(new, self._moved)

    def document_of_both(self, operations: Sequence[OperationPlace]) -> Document:
        """The document with these operations upgraded, and with the security schemes of 2.0 where it has no other."""
        for path, method in operations:
            item = self._old["paths"][path]
            item[method] = self._operation_of_both(item[method], ("paths", path, method))
        schemes = {name: _scheme(scheme) for name, scheme in _members(self._old.get("securityDefinitions"))}
        components = self._old.setdefault("components", {}) if schemes else None
        if isinstance(components, dict) and "securitySchemes" not in components:
            components["securitySchemes"] = schemes
            self._moved["components", "securitySchemes"] = Origin(("securityDefinitions",))
        return self._document.moved(self._old, self._moved)

    def _operation_of_both(self, old: Object, here: Pointer) -> Object:
        new: Object = self._operation(old, [], here)
        kept = {status: one for status, one in _members(old.get("responses")) if not is_response_of_2_0(one)}
        return {**new, "responses": {**new["responses"], **kept}} if kept else new

    def _components(self) -> Object:
        old = self._old
        named = dict(_members(old.get("parameters")))
        bodies: Object = {}
        for name in self._bodies:
            here = ("components", "requestBodies", name)
            bodies[name] = self._body(named[name], self._consumes, here, ("parameters", name))
        parameters: Object = {}
        for name, parameter in named.items():
            if name not in self._bodies and _in(parameter) != "formData":
                here = ("components", "parameters", name)
                parameters[name] = self._parameter(parameter, here, ("parameters", name))
        responses = {
            name: self._response(response, self._produces, ("components", "responses", name), ("responses", name))
            for name, response in _members(old.get("responses"))
        }
        schemes = {name: _scheme(scheme) for name, scheme in _members(old.get("securityDefinitions"))}
        return {
            "schemas": old.get("definitions", {}),
            "parameters": parameters,
            "requestBodies": bodies,
            "responses": responses,
            "securitySchemes": schemes,
        }

    def _paths(self, paths: Any) -> Any:
        if not isinstance(paths, dict):
            return paths
        return {
            path: item if path.startswith("x-") else self._path_item(item, ("paths", path))
            for path, item in paths.items()
        }

    def _path_item(self, item: Any, here: Pointer) -> Any:
        if not isinstance(item, dict):
            return item
        shared = self._listed(item.get("parameters"), (*here, "parameters"))
        plain = [(place, raw) for place, raw in shared if self._end_in(raw) not in {"body", "formData"}]
        sent = [(place, raw) for place, raw in shared if self._end_in(raw) in {"body", "formData"}]
        new = {name: value for name, value in item.items() if name not in METHODS and name != "parameters"}
        if plain:
            new["parameters"] = self._parameters(plain, (*here, "parameters"))
        for method in METHODS:
            if method in item:
                new[method] = self._operation(item[method], sent, (*here, method))
        return new

    def _operation(self, old: Any, shared: list[tuple[Pointer, Any]], here: Pointer) -> Any:
        if not isinstance(old, dict):
            return old
        consumes = _strings(old.get("consumes")) or self._consumes
        produces = _strings(old.get("produces")) or self._produces
        new = {name: value for name, value in old.items() if name not in _GONE}
        own = self._listed(old.get("parameters"), (*here, "parameters"))
        plain = [(place, raw) for place, raw in own if self._end_in(raw) not in {"body", "formData"}]
        if plain:
            new["parameters"] = self._parameters(plain, (*here, "parameters"))
        bodies = [pair for pair in own if self._end_in(pair[1]) == "body"]
        fields = [pair for pair in own if self._end_in(pair[1]) == "formData"]
        if not bodies and not fields:
            bodies = [pair for pair in shared if self._end_in(pair[1]) == "body"]
            fields = [pair for pair in shared if self._end_in(pair[1]) == "formData"]
        if bodies:
            new["requestBody"] = self._body(bodies[-1][1], consumes, (*here, "requestBody"), bodies[-1][0])
        elif fields:
            new["requestBody"] = self._form(fields, consumes, (*here, "requestBody"))
        if isinstance(old.get("responses"), dict):
            new["responses"] = {
                status: self._response(response, produces, (*here, "responses", status), (*here, "responses", status))
                for status, response in old["responses"].items()
            }
        return new

    def _listed(self, parameters: Any, here: Pointer) -> list[tuple[Pointer, Any]]:
        return [((*here, index), raw) for index, raw in enumerate(parameters if isinstance(parameters, list) else ())]

    def _end_in(self, parameter: Any) -> str:
        """The `in` of a parameter behind its reference."""
        return _in(self._end(parameter))

    def _end(self, node: Any) -> Any:
        """A parameter behind its references, which have their new pointers already."""

        def named(ref: str) -> Any:
            return find(self._old, ("parameters", parse_fragment(ref)[-1]), None)

        try:
            return dereference(node, named)
        except (PointerError, IndexError):  # reported when the document is checked
            return None

    def _parameters(self, parameters: list[tuple[Pointer, Any]], here: Pointer) -> list[Any]:
        return [self._parameter(raw, (*here, index), place) for index, (place, raw) in enumerate(parameters)]

    def _parameter(self, old: Any, here: Pointer, place: Pointer) -> Any:
        self._move(here, place)
        if not isinstance(old, dict) or "$ref" in old:
            return old
        self._move((*here, "schema"), place)
        new = {name: value for name, value in old.items() if name not in _OF_SCHEMA and name != "collectionFormat"}
        if old.keys() & _OF_SCHEMA:
            new["schema"] = _schema_of(old)
        style = _STYLES.get((_format(old), _in(old)))
        if old.get("type") == "array":
            if style is not None:
                new["style"], new["explode"] = style
            elif _format(old) in _WITHOUT_STYLE:
                new[COLLECTION_FORMAT] = _format(old)
        return new

    def _body(self, old: Any, consumes: tuple[str, ...], here: Pointer, place: Pointer) -> Any:
        self._move(here, place)
        if isinstance(old, dict) and "$ref" in old:
            if consumes == self._consumes or not isinstance(self._end(old), dict):
                return old
            old = self._end(old)
        new = {name: value for name, value in old.items() if name in {"description", "required"} or name[:2] == "x-"}
        media = {name: old[name] for name in ("schema",) if name in old}
        new["content"] = {type_: dict(media) for type_ in consumes}
        for type_ in consumes:
            self._move((*here, "content", type_), place)
        return new

    def _form(self, fields: list[tuple[Pointer, Any]], consumes: tuple[str, ...], here: Pointer) -> Any:
        """The one request body that all `formData` parameters become."""
        properties: Object = {}
        encoding: Object = {}
        required = []
        self._move(here, fields[0][0])
        for _, raw in fields:
            field = self._end(raw)
            name = str(field.get("name", ""))
            properties[name] = _schema_of(field)
            if isinstance(field.get("description"), str):
                properties[name]["description"] = field["description"]
            if field.get("required") is True:
                required.append(name)
            if field.get("type") == "array" and (style := _STYLES.get((_format(field), "formData"))):
                encoding[name] = {"style": style[0], "explode": style[1]}
            elif field.get("type") == "array" and _format(field) in _WITHOUT_STYLE:
                encoding[name] = {COLLECTION_FORMAT: _format(field), "style": "form", "explode": False}
        schema: Object = {"type": "object", "properties": properties} | ({"required": required} if required else {})
        has_file = any(self._end(raw).get("type") == "file" for _, raw in fields)
        types = [type_ for type_ in consumes if type_ in (_MULTIPART, _URLENCODED)]
        if has_file or not types:
            types = [_MULTIPART if has_file else _URLENCODED]
        media = {"schema": schema} | ({"encoding": encoding} if encoding else {})
        for index, (place, raw) in enumerate(fields):
            name = str(self._end(raw).get("name", index))
            for type_ in types:
                self._move((*here, "content", type_, "schema", "properties", name), place)
        return {"content": {type_: dict(media) for type_ in types}} | ({"required": True} if required else {})

    def _response(self, old: Any, produces: tuple[str, ...], here: Pointer, place: Pointer) -> Any:
        if not isinstance(old, dict) or "$ref" in old:
            return old
        new = {name: value for name, value in old.items() if name not in {"schema", "examples", "headers"}}
        examples = dict(_members(old.get("examples")))
        types = (*produces, *(type_ for type_ in examples if type_ not in produces and "/" in type_))
        schema = old.get("schema")
        is_of_2_0 = schema is not None or examples
        if is_of_2_0:
            new["content"] = {}
        for type_ in types if is_of_2_0 else ():
            media = {"schema": schema} if schema is not None else {}
            new["content"][type_] = media | ({"example": examples[type_]} if type_ in examples else {})
            self._move((*here, "content", type_), place)
            self._move((*here, "content", type_, "example"), (*place, "examples", type_))
        if isinstance(old.get("headers"), dict):
            new["headers"] = {name: self._header(header, here, name) for name, header in old["headers"].items()}
        return new

    def _header(self, old: Any, here: Pointer, name: str) -> Any:
        if not isinstance(old, dict):
            return old
        self._move((*here, "headers", name, "schema"), (*here, "headers", name))
        new = {key: value for key, value in old.items() if key not in _OF_SCHEMA and key != "collectionFormat"}
        return {**new, "schema": _schema_of(old)}

    def _move(self, here: Pointer, place: Pointer) -> None:
        if here != place:
            self._moved[tuple(map(str, here))] = Origin(place)

    def _references(self) -> None:
        """Rewrite every reference to the new pointer of its target."""
        for _, node, object_type in list(objects(self._old, SWAGGER_2)):
            ref = node.get("$ref")
            if isinstance(ref, str) and ref.startswith("#/"):
                node["$ref"] = self._reference(parse_fragment(ref), object_type) or ref

    def _reference(self, pointer: tuple[str, ...], object_type: str) -> str:
        """The new reference to an old pointer; empty if it stays."""
        group, *rest = self._named(pointer, object_type)
        if group == "parameters" and rest and rest[0] in self._bodies:
            return format_fragment(("components", "requestBodies", *rest))
        return format_fragment((*_GROUPS[group], *rest)) if group in _GROUPS else ""

    def _named(self, pointer: tuple[str, ...], object_type: str) -> tuple[str, ...]:
        """The pointer to an object that keeps its type; one inside of an object that changes gets a name of its own.

        The object is shared, not copied, so that later changes of it show in both places.
        """
        (group,) = COMPONENTS_2.get(object_type, ("",))
        is_kept = pointer[0] == group and (object_type == "schema" or len(pointer) == 2)
        piece = find(self._old, pointer)
        named = self._old.get(group, {})
        if is_kept or not group or not isinstance(piece, dict) or not isinstance(named, dict):
            return pointer
        if pointer not in self._names:
            self._old[group] = named
            name = _UNFIT.sub("_", "_".join(pointer[1:])).strip("_")
            while name in named:
                name += "_"
            named[name] = piece
            self._names[pointer] = (group, name)
            self._move((*_GROUPS[group], name), pointer)
            if _in(piece) == "body":
                self._bodies.add(name)
        return self._names[pointer]


_GONE = frozenset({"consumes", "produces", "parameters", "responses", "schemes"})


def _upgrade_schema(schema: Object) -> None:
    """Rewrite what a schema of 2.0 writes otherwise than one of 3.0."""
    if schema.get("type") == "file":
        schema["type"], schema["format"] = "string", "binary"
    if isinstance(schema.get("discriminator"), str):
        schema["discriminator"] = {"propertyName": schema["discriminator"]}
    if "x-nullable" in schema:
        schema["nullable"] = schema.pop("x-nullable")


def _schema_of(old: Object) -> Object:
    """The schema of a parameter, a header, or an item of one."""
    schema = {name: old[name] for name in old if name in _OF_SCHEMA}
    if isinstance(schema.get("items"), dict):
        schema["items"] = _schema_of(schema["items"])
    if "x-example" in schema:
        schema["example"] = schema.pop("x-example")
    _upgrade_schema(schema)
    return schema


def _servers(old: Object) -> list[Object]:
    base = old.get("basePath") if isinstance(old.get("basePath"), str) else ""
    host = old.get("host")
    if not isinstance(host, str) or not host:
        return [{"url": base or "/"}]
    schemes = _strings(old.get("schemes")) or ("https",)
    return [{"url": f"{scheme}://{host}{base}"} for scheme in schemes]


def _scheme(old: Any) -> Any:
    """A security scheme (2.0 section "Security Scheme Object")."""
    if not isinstance(old, dict):
        return old
    if old.get("type") == "basic":
        return {**old, "type": "http", "scheme": "basic"}
    if old.get("type") != "oauth2":
        return old
    inside = {"authorizationUrl", "tokenUrl", "scopes"}
    flow = {"scopes": {}} | {name: old[name] for name in old if name in inside}
    rest = {name: value for name, value in old.items() if name not in inside and name != "flow"}
    return {**rest, "flows": {_FLOWS.get(str(old.get("flow")), "implicit"): flow}}


def _in(parameter: Any) -> str:
    return str(parameter.get("in", "")) if isinstance(parameter, Mapping) else ""


def _format(parameter: Object) -> str:
    return str(parameter.get("collectionFormat", "csv"))


def _members(node: Any) -> Iterator[tuple[str, Any]]:
    return iter(node.items() if isinstance(node, Mapping) else ())


def _strings(node: Any) -> tuple[str, ...]:
    return tuple(item for item in node if isinstance(item, str)) if isinstance(node, list) else ()
