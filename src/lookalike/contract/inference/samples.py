"""Samples: what stands in an envelope beside the items, which is written into what is inferred."""

from collections.abc import Mapping
from typing import Any

from lookalike.schema.view import View

_SIMPLEST: Mapping[str, Any] = {"string": "text", "integer": 1, "number": 1, "boolean": False, "null": None}
_FORMATTED = {
    "date-time": "2030-01-01T00:00:00Z",
    "date": "2030-01-01",
    "email": "somebody@example.com",
    "uri": "https://example.com/",
    "url": "https://example.com/",
    "uuid": "00000000-0000-4000-8000-000000000001",
}
_DEEPEST = 4


def sample(view: View, depth: int = 0, whole: int = 0) -> Any:
    """The default of a schema, else its constant, first example, first choice, or the simplest value of its type.

    Objects have the members that must be there, and on as many levels as are `whole` all that a client sees.
    """
    for keyword in ("default", "const", "example"):
        if (found := view.keyword(keyword)) is not None:
            return found
    for keyword in ("examples", "enum"):
        if isinstance(found := view.keyword(keyword), list) and found:
            return found[0]
    if "object" in view.types:
        named = view.members.keys() if depth < whole else view.required if depth < _DEEPEST else ()
        shown = {name: member for name, member in view.members.items() if name in named and _is_shown(member, whole)}
        return {name: sample(member, depth + 1, whole) for name, member in shown.items()}
    if "array" in view.types:
        return [sample(view.items, depth + 1, whole)] * view.keyword("minItems", 0) if view.items else []
    if "string" in view.types:
        text = str(_FORMATTED.get(view.keyword("format", ""), "text"))
        return text.ljust(view.keyword("minLength", 0), "x")[: view.keyword("maxLength")]
    first = next((kind for kind in _SIMPLEST if kind in view.types), "string")
    return view.keyword("minimum", _SIMPLEST[first]) if first in ("integer", "number") else _SIMPLEST[first]


def _is_shown(member: View, whole: int) -> bool:
    return not (whole and member.says("writeOnly"))
