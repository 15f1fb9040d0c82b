"""The types of members that hold no objects of OpenAPI, and the members without which an object means nothing."""

from collections.abc import Callable, Mapping
from typing import Any

from lookalike.schema.keywords import is_schema


def _is_string(value: Any) -> bool:
    return isinstance(value, str)


def _is_boolean(value: Any) -> bool:
    return isinstance(value, bool)


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)


def _is_security(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(one, dict) and all(isinstance(scopes, list) for scopes in one.values()) for one in value
    )


def _is_flows(value: Any) -> bool:
    return _is_object(value) and all(_is_object(flow) and _is_object(flow.get("scopes", {})) for flow in value.values())


def _is_location(value: Any) -> bool:
    return value in ("path", "query", "header", "cookie", "querystring")


Check = Callable[[Any], bool]

EXPECTED: Mapping[Check, str] = {
    _is_string: "a string",
    _is_boolean: "a boolean",
    _is_object: "an object",
    _is_security: "an array of security requirements",
    _is_flows: "an object of flows, whose scopes are an object",
    _is_location: "one of path, query, header, cookie",
}
"""The values that each check accepts, in words."""

MEMBERS: Mapping[str, Mapping[str, Check]] = {
    "document": {"security": _is_security},
    "info": {"title": _is_string, "version": _is_string},
    "server": {"url": _is_string, "variables": _is_object},
    "operation": {
        **dict.fromkeys(("operationId", "summary", "description"), _is_string),
        "deprecated": _is_boolean,
        "security": _is_security,
    },
    "parameter": {
        **dict.fromkeys(("name", "style"), _is_string),
        **dict.fromkeys(("required", "explode", "allowReserved", "allowEmptyValue", "deprecated"), _is_boolean),
        "in": _is_location,
    },
    "header": {"required": _is_boolean, "explode": _is_boolean, "style": _is_string},
    "request-body": {"required": _is_boolean},
    "security-scheme": {**dict.fromkeys(("type", "scheme", "name", "in"), _is_string), "flows": _is_flows},
    "encoding": {"contentType": _is_string, "style": _is_string, "explode": _is_boolean, "allowReserved": _is_boolean},
}
"""The members that hold no objects of OpenAPI, by object type, with the check of their values."""

ESSENTIAL: Mapping[str, tuple[str, ...]] = {
    "parameter": ("name", "in"),
    "security-scheme": ("type",),
    "server": ("url",),
}
"""The members without which an object means nothing, by object type."""

DISPENSABLE = frozenset(
    ["link", "callback", "example", "security-scheme", "server", "server-variable", "info", "extension", "resource"]
)
"""The object types that an operation can do without."""

REFERABLE = frozenset(
    [
        "callback",
        "example",
        "header",
        "link",
        "parameter",
        "path-item",
        "request-body",
        "response",
        "schema",
        "security-scheme",
    ]
)
"""The object types that a `$ref` may stand for."""


def may_be(object_type: str, entry: Any) -> bool:
    """Whether a value can be an object of a type, before its members are checked."""
    if not isinstance(entry, dict):
        return object_type == "schema" and is_schema(entry)
    return not missing_members(object_type, entry)


def missing_members(object_type: str, entry: Any) -> str:
    """The essential members that a dispensable object lacks, in words."""
    is_reference = isinstance(entry, dict) and object_type in REFERABLE and "$ref" in entry
    if object_type not in DISPENSABLE or not isinstance(entry, dict) or is_reference:
        return ""
    members = MEMBERS.get(object_type, {})
    return ", ".join(
        name for name in ESSENTIAL.get(object_type, ()) if not (name in entry and members[name](entry[name]))
    )
