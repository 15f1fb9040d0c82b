"""Searches: for a text in any member, or by words and qualifiers such as `name:'Asha' -state:closed crash`."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from lookalike.json_values import find, format_pointer
from lookalike.model.resources.filters import ItemPredicate, compared, contains_text, opposite
from lookalike.model.state import Item
from lookalike.naming.words import normalised

# A name with the place inside of it, if any: `metadata['plan']` or `address.city`. Then a sign and the value.
_QUALIFIER = re.compile(
    r"""(?P<not>-?)(?P<name>[A-Za-z_][\w.-]*)(?:\[["'](?P<inner>[^"'\]]+)["']\])?"""
    r"""(?P<sign>:(?!//)|~|[<>]=?)(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<plain>[^\s"']+))"""
)
_COMPARISONS = {"~": "contains", ">": "above", ">=": "at-least", "<": "below", "<=": "at-most"}
_AND, _OR = "and", "or"


def compile_search(text: str, members: Mapping[str, Any]) -> ItemPredicate:
    """The predicate of a search over items with these members.

    Where a qualifier names a member, each of them and each word must hold, or one of them where `OR` stands between;
    those that name none are ignored: they may be about something that items do not show. Else some member contains the
    text, or each word of it beside such qualifiers.
    """
    names = {normalised(name): name for name in members}
    terms = [*_qualified(text, names)]
    words = _QUALIFIER.sub(" ", text.casefold()).split()
    if not terms and not (words and _QUALIFIER.search(text)):
        return contains_text(text)
    terms += [contains_text(word) for word in words if word not in (_AND, _OR)]
    enough = any if _OR in words else all

    def is_found(item: Item) -> bool:
        return enough(term(item) for term in terms)

    return is_found


def _qualified(text: str, names: Mapping[str, str]) -> Iterator[ItemPredicate]:
    for found in _QUALIFIER.finditer(text):
        first, *inner = found["name"].split(".")
        if (member := names.get(normalised(first))) is not None:
            place = (member, *inner, *([found["inner"]] if found["inner"] else []))
            value = next(one for one in (found["double"], found["single"], found["plain"]) if one is not None)
            how = _COMPARISONS.get(found["sign"])
            holds = compared(format_pointer(place), how, value) if how else _is_equal(place, value)
            yield opposite(holds) if found["not"] else holds


def _is_equal(place: tuple[str, ...], wanted: str) -> ItemPredicate:
    text = wanted.casefold()

    def is_equal(item: Item) -> bool:
        found = find(item, place, None)
        return any(_text(one) == text for one in (found if isinstance(found, list) else [found]))

    return is_equal


def _text(value: Any) -> str:
    return "null" if value is None else str(value).casefold()
