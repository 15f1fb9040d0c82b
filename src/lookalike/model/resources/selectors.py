"""Label and field selectors, as Kubernetes writes them: `app=db,tier!=front,zone in (a,b),!old`."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from lookalike.json_values import ABSENT, Pointer, find
from lookalike.model.state import Item

_TERMS = re.compile(r",(?![^(]*\))")
_SET = re.compile(r"(?P<name>\S+)\s+(?P<not>not)?in\s*\((?P<values>[^)]*)\)")
_EQUAL = re.compile(r"(?P<name>[^=!\s]+)\s*(?P<not>!)?={1,2}\s*(?P<value>.*)")

# Whether an item is selected.
Selects = Callable[[Item], bool]


def compile_selector(text: str, place: Pointer) -> Selects:
    """The predicate of a selector about the labels in a map at some place, or about members where that is the item.

    Members inside of others are named by a path with dots (`metadata.name`). A term that is not understood selects
    nothing.
    """
    terms = [_compile_term(term.strip()) for term in _TERMS.split(text) if term.strip()]

    def is_selected(item: Item) -> bool:
        labels = find(item, place, {})
        return all(term(labels) for term in terms)

    return is_selected


def _compile_term(text: str) -> Callable[[Any], bool]:
    found = _SET.fullmatch(text) or _EQUAL.fullmatch(text)
    if found is None:
        return _compile_presence(text.removeprefix("!").strip(), not text.startswith("!"))
    parts = found.groupdict()
    values = frozenset(one.strip() for one in (parts.get("values") or parts.get("value") or "").split(","))
    is_wanted, name = parts["not"] is None, parts["name"]

    def has_value(labels: Any) -> bool:
        return (_value(labels, name) in values) == is_wanted

    return has_value


def _compile_presence(name: str, is_wanted: bool) -> Callable[[Any], bool]:
    def has_label(labels: Any) -> bool:
        return (_value(labels, name) is not ABSENT) == is_wanted

    return has_label


def _value(labels: Any, name: str) -> Any:
    """The text of a label, whose name may have dots itself, or of a member at a path with dots; else `ABSENT`."""
    direct = labels.get(name, ABSENT) if isinstance(labels, Mapping) else ABSENT
    value = find(labels, tuple(name.split("."))) if direct is ABSENT else direct
    if value is ABSENT or isinstance(value, dict | list):
        return ABSENT
    return str(value).lower() if isinstance(value, bool) else str(value)
