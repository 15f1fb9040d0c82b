"""The downgrade from OpenAPI 3.2 to 3.1: additions of 3.2 in terms of 3.1, as far as a server or a client notices them.

References to media types were replaced when the document was bundled. The method QUERY is read like any other, and so
are the methods of `additionalOperations` after this step.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from lookalike.http import essence
from lookalike.json_values import ABSENT, Pointer, PointerError, find, made_at, resolve
from lookalike.openapi.document import Document, Origin
from lookalike.openapi.example_values import example_value
from lookalike.openapi.object_types import objects, pointer_of
from lookalike.openapi.walk import MORE_METHODS

_EVENTS = "text/event-stream"
_HELD: Pointer = ("properties", "data", "contentSchema")
_PLAIN = {"type", "title", "description", "properties", "required"}  # keywords of an event without special cases
_FORM = "application/x-www-form-urlencoded"
_RAISED = re.compile(r"^(#/paths/[^/]+)/additionalOperations/([A-Z-]+)(?=/|$)")


def upgrade(document: Document) -> Document:
    """The document in terms of OpenAPI 3.1."""
    moved: dict[tuple[str, ...], Origin] = {}
    for link, node, object_type in objects(document.data):
        if object_type == "example" and "dataValue" in node and "value" not in node:
            here = pointer_of(link)
            node["value"] = node.pop("dataValue")
            moved[(*map(str, here), "value")] = Origin((*here, "dataValue"))
        elif object_type == "example" and isinstance(node.get("serializedValue"), str) and "value" not in node:
            here = pointer_of(link)
            with suppress(ValueError):  # reported by `check`, as an example that does not fit
                node["value"] = example_value(node.pop("serializedValue"), here)
                moved[(*map(str, here), "value")] = Origin((*here, "serializedValue"))
        elif object_type == "media-type" and "itemSchema" in node:
            here = pointer_of(link)
            item, place = _item_of(document.data, str(here[-1]), node)
            moved[(*map(str, here), *_items(node, item))] = Origin((*here, "itemSchema", *place))
        elif object_type == "parameter" and node.get("in") == "querystring":
            here = pointer_of(link)
            moved |= {(*map(str, here), "schema"): Origin((*here, *place)) for place in _as_query(node)}
        elif object_type == "path-item":
            here = pointer_of(link)
            moved |= {(*map(str, here), method): Origin((*here, *place)) for method, place in _raised(node)}
        if isinstance(node.get("$ref"), str):
            node["$ref"] = _RAISED.sub(_moved_reference, node["$ref"])
    for holder in _with_security(document.data):
        _name_schemes(document.data, holder)
    document.data["openapi"] = "3.1.1"
    return document.moved(document.data, moved)


def _with_security(data: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The document and its operations, as far as they have security requirements."""
    for found in objects(data):
        if found.object_type in ("document", "operation") and isinstance(found.node.get("security"), list):
            yield found.node


def _name_schemes(data: dict[str, Any], holder: dict[str, Any]) -> None:
    """Requirements that name their scheme by a URI name it as a component (3.2.0 section 4.30).

    A URI that is also the name of a component is that name.
    """
    schemes = find(data, ("components", "securitySchemes"))
    known = schemes if isinstance(schemes, dict) else {}
    for requirement in holder["security"]:
        for uri in [name for name in requirement if name not in known] if isinstance(requirement, dict) else ():
            scheme = _scheme_at(data, uri)
            if isinstance(scheme, dict):
                made_at(data, ("components", "securitySchemes"))[uri] = scheme


def _scheme_at(data: dict[str, Any], uri: str) -> Any:
    try:
        return resolve(data, uri) if uri.startswith("#/") else ABSENT
    except PointerError:
        return ABSENT


def _moved_reference(found: re.Match[str]) -> str:
    method = found[2].lower()
    return f"{found[1]}/{method}" if method in MORE_METHODS else found[0]


def _item_of(data: dict[str, Any], media_type: str, media: dict[str, Any]) -> tuple[Any, Pointer]:
    """The schema of the items of a sequence, and its pointer below `itemSchema`, or nothing where that is elsewhere.

    Events that hold JSON in `data` and need no other field (3.2.0 section 4.14.4) are described by that JSON alone: so
    a list of events is a list of items. Examples show whole events, so where there are some the fields stay.
    """
    event, place = media["itemSchema"], _HELD
    if isinstance(event, dict) and event.keys() == {"$ref"}:
        with suppress(PointerError):
            event, place = resolve(data, str(event["$ref"])), ()
    if essence(media_type) != _EVENTS or media.keys() & {"example", "examples"} or not _only_holds_json(event):
        return media["itemSchema"], ()
    return find(event, _HELD), place


def _only_holds_json(event: Any) -> bool:
    """Whether a schema describes JSON in the field `data` of events, and demands nothing of the others."""
    data = find(event, _HELD[:-1])
    if not isinstance(data, dict) or "contentSchema" not in data or "contentEncoding" in data:
        return False
    others = [one for name, one in event["properties"].items() if name != "data"]
    is_free = all(isinstance(one, dict) and not one.keys() & {"const", "enum", "pattern"} for one in others)
    is_json = str(data.get("contentMediaType")).endswith(("/json", "+json"))
    return is_json and is_free and event.keys() <= _PLAIN and set(event.get("required", ())) <= {"data"}


def _items(media: dict[str, Any], item: Any) -> tuple[str, ...]:
    """Make a schema the `items` of an array (3.2.0 section 4.14.1); returns the rest of the pointer to them."""
    of_all = {"type": "array", "items": item}
    schema: Any = media.get("schema", True)
    if not isinstance(schema, dict) or not isinstance(schema.get("allOf", []), list):
        media["schema"] = of_all if schema is True else {"allOf": [schema, of_all]}
        return ("schema", "items") if schema is True else ("schema", "allOf", "1", "items")
    before = schema.get("allOf", [])
    media["schema"] = {**schema, "allOf": [*before, of_all]}  # references into the schema still resolve
    return "schema", "allOf", str(len(before)), "items"


def _as_query(parameter: dict[str, Any]) -> Iterator[Pointer]:
    """Make a `querystring` that is a form one exploded parameter; yields the pointer of its schema before.

    Other media types stay, and the query is not validated then.
    """
    content: Any = parameter.get("content")
    media = content.get(_FORM) if isinstance(content, dict) else None
    if isinstance(media, dict):
        parameter |= {"in": "query", "style": "form", "explode": True, "schema": media.get("schema", {})}
        del parameter["content"]
        yield "content", _FORM, "schema"


def _raised(item: dict[str, Any]) -> Iterator[tuple[str, Pointer]]:
    """Move additional operations beside those with fixed names; yields the new name and the old pointer of each."""
    more: Any = item.get("additionalOperations")
    for name in list(more) if isinstance(more, dict) else ():
        method = str(name).lower()
        if method in MORE_METHODS and name.isupper() and isinstance(more[name], dict):
            item[method] = more.pop(name)
            yield method, ("additionalOperations", name)
