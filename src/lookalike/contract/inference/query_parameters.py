"""The effects of query parameters on a list, by their names: to filter, search, sort, or select a page.

The evidence is names alone, so nothing here accuses a server. The members of the body of a QUERY (OpenAPI 3.2) count as
query parameters.
"""

import re
from collections.abc import Callable, Iterator, Mapping

from lookalike.contract.inference import vocabulary
from lookalike.contract.inference.raw_operation import RawOperation
from lookalike.contract.inference.resource_operation import Extension
from lookalike.json_values import format_pointer
from lookalike.schema.view import SchemaView

_NAMES: Mapping[str, frozenset[str]] = {
    "limit": vocabulary.LIMIT,
    "offset": vocabulary.OFFSET,
    "number": vocabulary.PAGE,
    "cursor": vocabulary.CURSOR,
    "sort": vocabulary.SORT,
    "order": vocabulary.ORDER,
    "search": vocabulary.SEARCH,
}
"""The names of the parameters behind each keyword of `list` and of its `page`."""

_NEWEST_FIRST = re.compile(
    r"(?:most recent|newest|latest|recently created)\b[^.]{0,60}\bfirst\b|reverse chronological order",
    re.IGNORECASE,
)
_PAGE_KEYWORDS = frozenset({"limit", "offset", "number", "cursor"})
_FILTER = re.compile(r"^filter\[([^\]]+)\]$")  # `filter[status]`, as JSON:API recommends


def listing_keywords(operation: RawOperation, item: SchemaView) -> Extension:
    """The `where`, `search`, `selectors`, `sort`, `order` and `page` of a list.

    A parameter with the name of a member, or of the singular of a list's name, filters by that member.
    """
    where: Extension = {}
    page: Extension = {}
    others: Extension = {}
    selectors: Extension = {}
    members = {vocabulary.normalised(vocabulary.singular(name)): name for name, one in _lists(item)}
    members |= {vocabulary.normalised(name): name for name in item.members}
    for name, expression, schema in _parameters(operation):
        plain_name = vocabulary.normalised(_FILTER.sub(r"\1", name))
        keyword = next((keyword for keyword, names in _NAMES.items() if plain_name in names), None)
        if plain_name in members and _can_be_filtered(item.members[members[plain_name]]):
            where[members[plain_name]] = expression
        elif plain_name in _SELECTORS:
            place = _SELECTORS[plain_name](item)
            if place is not None:
                selectors.setdefault(place, expression)
        elif keyword in _PAGE_KEYWORDS:
            page.setdefault(keyword, expression)
            default = schema.keyword("default")
            if keyword == "limit" and isinstance(default, int) and default > 0:
                page["default"] = default
            if keyword == "number" and 0 in (default, schema.keyword("minimum")):
                page["first"] = 0
        elif keyword is not None:
            others.setdefault(keyword, expression)
    if _NEWEST_FIRST.search(operation.text):
        others["newest-first"] = True
    if selectors:
        others["selectors"] = selectors
    return {**({"where": where} if where else {}), **others, **({"page": page} if page else {})}


def _place_of_labels(item: SchemaView) -> str | None:
    """The JSON Pointer to the map with the labels of an item, as `/metadata/labels`; None where there is none."""
    for place in (("labels",), ("metadata", "labels"), ("meta", "labels"), ("tags",)):
        view = item.inside(place)
        if view is not None and "object" in view.types and not view.members:
            return format_pointer(place)
    return None


def _place_of_fields(item: SchemaView) -> str:
    """The JSON Pointer to the item itself, whose members a field selector names."""
    return ""


_SELECTORS: Mapping[str, Callable[[SchemaView], str | None]] = {
    **dict.fromkeys(("labelselector", "labelsselector", "labels", "selector"), _place_of_labels),
    "fieldselector": _place_of_fields,
}
"""The place of the values that a selector is about, by the name of the parameter."""


def _parameters(operation: RawOperation) -> Iterator[tuple[str, str, SchemaView]]:
    """The names that a request can ask by, with the runtime expression and the schema of each."""
    for name, (schema, _) in operation.query_parameters.items():
        yield name, f"$request.query.{name}", schema
    if operation.method in ("query", "post") and operation.request_schema is not None:
        for name, schema in operation.request_schema.members.items():
            yield name, f"$request.body#{format_pointer((name,))}", schema


def used_parameters(keywords: Extension) -> Iterator[str]:
    """The names of the query parameters that have a meaning."""
    for value in keywords.values():
        for expression in value.values() if isinstance(value, Mapping) else (value,):
            if isinstance(expression, str):
                yield expression.removeprefix("$request.query.")


def in_words(keywords: Extension) -> str:
    """The same in words, in parentheses; empty where no parameter has a meaning."""
    parts = [f"where {', '.join(keywords['where'])}"] if "where" in keywords else []
    parts += [f"{word} by {re.split('[./]', keywords[word])[-1]}" for word in ("search", "sort") if word in keywords]
    parts += [f"pages by {', '.join(sorted(keywords['page'].keys() & _PAGE_KEYWORDS))}"] if "page" in keywords else []
    return f" ({'; '.join(parts)})" if parts else ""


def _lists(item: SchemaView) -> Iterator[tuple[str, SchemaView]]:
    return ((name, member) for name, member in item.members.items() if "array" in member.types)


def _can_be_filtered(member: SchemaView) -> bool:
    """Whether a member, or an element of a list, is a scalar, which a parameter can be compared with."""
    value = member.items if "array" in member.types else member
    return value is not None and not value.types & {"object", "array"}
