"""Directions: a document as requests have it, and as responses do, by the members that one of them does not send."""

from contextlib import suppress
from operator import is_
from typing import Any

from lookalike.json_values import PointerError, resolve, values_within
from lookalike.schema.value_types import ValueType
from lookalike.schema.vocabulary import ALSO

READ_ONLY = "readOnly"
WRITE_ONLY = "writeOnly"


def with_alternative_rules(node: Any) -> Any:
    """The document with the rules of `x-lookalike-also` moved to `allOf`, where a validator sees them."""
    if isinstance(node, list):
        return [with_alternative_rules(item) for item in node]
    if not isinstance(node, dict):
        return node
    plain = {name: with_alternative_rules(value) for name, value in node.items() if name != ALSO}
    if ALSO in node:
        plain["allOf"] = [*plain.get("allOf", ()), *with_alternative_rules(node[ALSO])]
    return plain


def for_direction(root: Any, unsent: str) -> Any:
    """The document for values that go one way: no schema requires a member that is marked with the keyword `unsent`.

    In responses such a member is not allowed either. The mark may be beside `required`, in a part of the same schema,
    or behind `$ref`. Unchanged parts are shared with the document, all of it where no schema is marked.
    """

    def target(ref: str) -> Any:
        # A reference to nowhere keeps its own schema from being served; here, any schema of the document is walked.
        with suppress(PointerError):
            return resolve(root, ref)
        return {}

    def changed(node: Any, outer: frozenset[str]) -> Any:
        if isinstance(node, list):
            return _shared(node, [changed(item, outer) if isinstance(item, (dict, list)) else item for item in node])
        inner = outer
        if isinstance(node.get("properties"), dict) or isinstance(node.get("allOf"), list):
            inner |= ValueType((node,), target).marked_members(unsent)
        # Only the parts of a schema are about the same value, and so about the same members.
        parts = {
            name: changed(value, inner if name in _PARTS else frozenset()) if isinstance(value, (dict, list)) else value
            for name, value in node.items()
        }
        if inner and isinstance(node.get("required"), list):
            left = [name for name in node["required"] if not isinstance(name, str) or name not in inner]
            parts["required"] = _shared(node["required"], left)
        if unsent == WRITE_ONLY and inner and isinstance(node.get("properties"), dict):
            members = parts["properties"].items()
            parts["properties"] = {name: False if name in inner else value for name, value in members}
        return _shared(node, parts)

    return changed(root, frozenset()) if _is_marked(root, unsent) else root


# Keywords whose schemas are about the same value (JSON Schema Core section 10.2).
_PARTS = frozenset({"allOf", "anyOf", "oneOf", "if", "then", "else", ALSO})


def _shared(old: Any, new: Any) -> Any:
    """The old value where the new one has the very same members."""
    if len(old) != len(new):
        return new
    pairs = (old.values(), new.values()) if isinstance(old, dict) else (old, new)
    return old if all(map(is_, *pairs)) else new


def _is_marked(root: Any, keyword: str) -> bool:
    return any(isinstance(node, dict) and node.get(keyword) is True for node in values_within(root))
