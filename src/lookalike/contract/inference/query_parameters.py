"""Queries: what the parameters in the query, or the members of the body of a QUERY, do to a list, by their names."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from lookalike.contract.inference import vocabulary as naming
from lookalike.contract.inference.raw_operation import RawOperation
from lookalike.json_values import format_pointer
from lookalike.schema.view import SchemaView

Raw = dict[str, Any]

_WORDS: Mapping[str, frozenset[str]] = {
    "limit": naming.LIMIT,
    "offset": naming.OFFSET,
    "number": naming.PAGE,
    "cursor": naming.CURSOR,
    "sort": naming.SORT,
    "order": naming.ORDER,
    "search": naming.SEARCH,
}
_PAGE = frozenset({"limit", "offset", "number", "cursor"})
_IN_FILTER = re.compile(r"^filter\[([^\]]+)\]$")


def listing_by(operation: RawOperation, item: SchemaView) -> Raw:
    """What a request asks of a list, by the names of what it sends."""
    where: Raw = {}
    page: Raw = {}
    found: Raw = {}
    members = item.members
    by_name = {naming.plain(naming.singular(name)): name for name, view in members.items() if "array" in view.types}
    by_name |= {naming.plain(name): name for name in members}
    for name, source, view in _asked(operation):
        plain = naming.plain(_IN_FILTER.sub(r"\1", name))
        word = next((word for word, names in _WORDS.items() if plain in names), None)
        if plain in by_name and _is_filter(item.members[by_name[plain]]):
            where[by_name[plain]] = source
        elif word in _PAGE:
            page.setdefault(word, source)
            default = view.keyword("default")
            if word == "limit" and isinstance(default, int) and default > 0:
                page["default"] = default
            if word == "number" and 0 in (default, view.keyword("minimum")):
                page["first"] = 0
        elif word is not None:
            found.setdefault(word, source)
    return {**({"where": where} if where else {}), **found, **({"page": page} if page else {})}


def _asked(operation: RawOperation) -> Iterator[tuple[str, str, SchemaView]]:
    """What a request can ask by: names, where they are, and what they may be."""
    for name, (view, _) in operation.queries.items():
        yield name, f"$request.query.{name}", view
    if operation.method == "query" and operation.body is not None:
        for name, view in operation.body.members.items():
            yield name, f"$request.body#{format_pointer((name,))}", view


def queried(found: Raw) -> Iterator[str]:
    """The names of the parameters that mean something."""
    for value in found.values():
        for source in value.values() if isinstance(value, Mapping) else (value,):
            if isinstance(source, str):
                yield source.removeprefix("$request.query.")


def told(found: Raw) -> str:
    """What can be asked of a list, in words."""
    said = [f"where {', '.join(found['where'])}"] if "where" in found else []
    said += [f"{word} by {re.split('[./]', found[word])[-1]}" for word in ("search", "sort") if word in found]
    said += [f"pages by {', '.join(sorted(found['page'].keys() & _PAGE))}"] if "page" in found else []
    return f" ({'; '.join(said)})" if said else ""


def _is_filter(member: SchemaView) -> bool:
    inner = member.items if "array" in member.types else member
    return inner is not None and not inner.types & {"object", "array"}
