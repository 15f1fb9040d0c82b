"""How items stand in answers: alone, in an envelope, in a list, and with what around them."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from lookalike.contract.inference.vocabulary import COUNTERS, key_field, plain
from lookalike.json_values import format_pointer
from lookalike.schema.view import SchemaView

_DEEPEST = 2
_KEYS = frozenset({"string", "integer"})
# What a number may be that stands alone in an answer and is no key.
_NO_KEYS = frozenset({*COUNTERS, "code", "errorcode", "status", "statuscode", "version"})


def is_item(view: SchemaView | None, item: SchemaView, key: str) -> bool:
    """Whether a value of one schema can be an item of another: the same, or a part of it that tells its key."""
    if view is None or "array" in view.types:
        return False
    if item.pointer in (view.pointer, *(one.pointer for one in view.branches)):
        return True
    named = view.members.keys()
    if not named or (key in item.members and key not in named):
        return False
    return len(named & item.members.keys()) * 2 >= len(named) and all(
        _agree(view.members[name], item.members[name]) for name in named & item.members.keys()
    )


def _agree(one: SchemaView, other: SchemaView) -> bool:
    return not one.types or not other.types or bool(one.types & other.types)


def item_template(view: SchemaView | None, item: SchemaView, key: str) -> Any:
    """The body of an answer about one item, with its place marked; None where it cannot be made of an item."""
    if is_item(view, item, key):
        return "$item"
    if view is None:
        return None
    if "array" in view.types and is_item(view.items, item, key):
        return ["$item"]
    holder = next((name for name, member in view.members.items() if is_item(member, item, key)), None)
    return None if holder is None else _around(view, {holder: "$item"})


def key_template(view: SchemaView | None, key: str, member: SchemaView | None, noun: str, example: Any) -> Any:
    """The body of an answer that tells the key of an item under another name, or alone; None where none may be it.

    What else is in it is as in the example, or made up.
    """
    if view is None or member is None:
        return None
    place = f"$item#{format_pointer((key,))}"
    if _may_be(view, member):
        return place if "integer" in view.types else None
    fit = {name: one for name, one in view.members.items() if _may_be(one, member)}
    named = next((name for name in fit if key_field(name, noun, [key])), "")
    if not named and len(view.members) == 1:
        named = next((name for name, one in fit.items() if "integer" in one.types and plain(name) not in _NO_KEYS), "")
    if not named:
        return None
    is_plain = isinstance(example, Mapping) and '"$' not in json.dumps(example)  # such a text would be a place
    shown = example if is_plain else {name: sample(one) for name, one in view.members.items()}
    return {**shown, named: place}


def _may_be(view: SchemaView, member: SchemaView) -> bool:
    """Whether a value of one schema may be the key that is a member of another."""
    is_free = view.keyword("enum") is None and view.keyword("const") is None
    return is_free and bool(view.types) and view.types <= _KEYS and bool(view.types & member.types)


def list_template(view: SchemaView | None, item: SchemaView, key: str, depth: int = 0) -> Any:
    """The body of an answer with a list of items; None where it cannot be made of items."""
    if view is None:
        return None
    if "array" in view.types:
        return "$items" if is_item(view.items, item, key) else None
    for name, member in view.members.items() if depth < _DEEPEST else ():
        inner = list_template(member, item, key, depth + 1)
        if inner is not None:
            return _around(view, {**_counters(view), name: inner})
    return None


def envelope(view: SchemaView, depth: int = 0) -> Iterator[SchemaView]:
    """What may be the item in an answer about one: the value itself, then each object in it."""
    yield view
    if depth < 1:
        yield from (member for member in view.members.values() if "object" in member.types)


def elements(view: SchemaView | None, depth: int = 0) -> Iterator[SchemaView]:
    """What may be the items in an answer with a list of them."""
    if view is None:
        return
    if "array" in view.types and view.items is not None:
        yield view.items
    for member in view.members.values() if depth < _DEEPEST else ():
        yield from elements(member, depth + 1)


def _counters(view: SchemaView) -> dict[str, Any]:
    """Places for the members that tell how much there is, on this level and in objects beside the list."""
    found: dict[str, Any] = {}
    for name, member in view.members.items():
        if (place := counter(name, member)) is not None:
            found[name] = place
        elif "object" in member.types and (inner := _counters(member)):
            around = _around(member, inner)
            found |= {} if around is None else {name: around}
    return found


def counter(name: str, view: SchemaView) -> str | None:
    """The place that a name stands for, where a value of the schema may hold what is there."""
    place = COUNTERS.get(plain(name))
    return place if place is not None and _may_hold(view, place) else None


def _may_hold(view: SchemaView, place: str) -> bool:
    if place == "$more":
        return "boolean" in view.types
    return "string" in view.types if place == "$next" else bool(view.types & {"integer", "number"})


def _around(view: SchemaView, places: dict[str, Any]) -> Any:
    """The places, and a sample of each other member that must be there, in the order of the schema.

    What must be of a pattern is left to be made up by who knows how.
    """
    needed = [
        name for name, one in view.members.items() if name in places or (name in view.required and _is_plain(one))
    ]
    return {name: places[name] if name in places else sample(view.members[name]) for name in needed}


def _is_plain(view: SchemaView) -> bool:
    """Whether a sample fits, as far as that is known, and clients see it at all."""
    return not view.keyword("pattern") and not view.is_marked("writeOnly")


_SIMPLEST: Mapping[str, Any] = {"string": "text", "integer": 1, "number": 1, "boolean": False, "null": None}


_FORMATTED = {
    "date-time": "2030-01-01T00:00:00Z",
    "date": "2030-01-01",
    "email": "somebody@example.com",
    "uri": "https://example.com/",
    "url": "https://example.com/",
    "uuid": "00000000-0000-4000-8000-000000000001",
}


_DEEPEST_SAMPLE = 4


def sample(view: SchemaView, depth: int = 0, whole: int = 0) -> Any:
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
        named = view.members.keys() if depth < whole else view.required if depth < _DEEPEST_SAMPLE else ()
        shown = {name: member for name, member in view.members.items() if name in named and _is_shown(member, whole)}
        return {name: sample(member, depth + 1, whole) for name, member in shown.items()}
    if "array" in view.types:
        return [sample(view.items, depth + 1, whole)] * view.keyword("minItems", 0) if view.items else []
    if "string" in view.types:
        text = str(_FORMATTED.get(view.keyword("format", ""), "text"))
        return text.ljust(view.keyword("minLength", 0), "x")[: view.keyword("maxLength")]
    first = next((kind for kind in _SIMPLEST if kind in view.types), "string")
    return view.keyword("minimum", _SIMPLEST[first]) if first in ("integer", "number") else _SIMPLEST[first]


def _is_shown(member: SchemaView, whole: int) -> bool:
    return not (whole and member.is_marked("writeOnly"))
