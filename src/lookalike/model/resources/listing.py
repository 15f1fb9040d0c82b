"""Lists: which items an operation answers with, in which order, and which part of them."""

from collections.abc import Callable, Sequence
from typing import Any

from lookalike.contract.expressions import Expression
from lookalike.contract.semantics import Listing
from lookalike.json_values import ABSENT
from lookalike.model.context import RequestContext, compile_source
from lookalike.model.resources.items import ResourceItems
from lookalike.model.response.projection import Projection
from lookalike.model.state import Item, Key

ItemPredicate = Callable[[Item], bool]
ListItems = Callable[[RequestContext, Key | None], Projection]
_ALL = frozenset({"all", "any", "*"})
_RANKS = {bool: 1, int: 2, float: 2, str: 3}


def compile_list(action: Listing, items: ResourceItems) -> ListItems:
    """The function that lists the items of a parent, or all; only where it must does it look at every one."""
    where = [(field, compile_source(source)) for field, source in action.where.items()]
    search, sort, order = (_optional(one) for one in (action.search, action.sort, action.order))
    part = _compile_part(action, items)

    def listed(context: RequestContext, parent: Key | None) -> Projection:
        given = [(field, value) for field, source in where if _is_given(value := source(context))]
        keeps = [_has(field, value) for field, value in given if not _asks_for_all(value)]
        may_be_words = [_has(field, value) for field, value in given if _asks_for_all(value)]
        if _is_given(text := search(context)):
            keeps.append(_holds(str(text).casefold()))
        by = sort(context)
        if not keeps and not may_be_words and not _is_given(by):
            total = context.state.count(action.resource, parent)
            return part(
                context, total, lambda start, stop: context.state.children(action.resource, parent, start, stop)
            )
        found = context.state.children(action.resource, parent)
        keeps += (keep for keep in may_be_words if any(map(keep, found)))
        kept = [item for item in found if all(keep(item) for keep in keeps)]
        if _is_given(by):
            kept = _sorted(kept, by, str(order(context)).lower().startswith("desc"))
        return part(context, len(kept), lambda start, stop: kept[start:stop])

    return listed


SliceItems = Callable[[int, int | None], list[Item]]


def _compile_part(action: Listing, items: ResourceItems) -> Callable[[RequestContext, int, SliceItems], Projection]:
    """The function from a whole list to the part that is asked for."""
    page = action.page
    limit_of, offset_of, number_of, cursor_of = map(_optional, (page.limit, page.offset, page.number, page.cursor))

    def part(context: RequestContext, total: int, slice_of: SliceItems) -> Projection:
        limit = _whole(limit_of(context), page.default)
        number = _whole(number_of(context), page.first) or 0
        offset = _whole(offset_of(context), 0) or 0
        if limit and number > page.first:
            offset += (number - page.first) * limit
        if _is_given(cursor := cursor_of(context)):
            offset = _behind(cursor, context, slice_of)
        found = slice_of(min(offset, total), None if limit is None else min(offset + limit, total))
        more = offset + len(found) < total
        return Projection(None, found, total, total if limit is None else limit, offset, number or page.first, more)

    def _behind(cursor: Any, context: RequestContext, slice_of: SliceItems) -> int:
        """Where the items begin that come after a cursor."""
        key = items.as_key(cursor)
        if context.state.get(items.name, key) is not None:
            keys = [items.keys_of(item, context.choose)[0] for item in slice_of(0, None)]
            return keys.index(key) + 1 if key in keys else 0
        return _whole(cursor, 0) or 0

    return part


def _optional(expression: Expression | None) -> Callable[[RequestContext], Any]:
    return (lambda context: ABSENT) if expression is None else compile_source(expression)


def _is_given(value: Any) -> bool:
    return value is not ABSENT and value is not None and value not in ("", [])


def _asks_for_all(value: Any) -> bool:
    """Whether a value of a filter leaves every item, unless it is what some item has."""
    return isinstance(value, str) and value.lower() in _ALL


def _whole(value: Any, otherwise: int | None) -> int | None:
    """A number of a parameter, which may have come as a text; what is none counts as not given."""
    if isinstance(value, int) and not isinstance(value, bool):
        return max(value, 0)
    is_number = isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 16
    return int(value) if is_number else otherwise


def _has(field: str, wanted: Any) -> ItemPredicate:
    texts = frozenset(map(_text, wanted if isinstance(wanted, list) else [wanted]))
    if len(texts) == 1 and isinstance(wanted, str) and "," in wanted:
        texts |= frozenset(wanted.split(","))

    def keep(item: Item) -> bool:
        value = item.get(field)
        return any(_text(one) in texts for one in (value if isinstance(value, list) else [value]))

    return keep


def _holds(text: str) -> ItemPredicate:
    return lambda item: any(text in value.casefold() for value in item.values() if isinstance(value, str))


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _sorted(items: list[Item], by: Any, descending: bool) -> list[Item]:
    """The items by one field after the other, as `name,-age`, `name:desc` or `age desc` say."""
    wanted: Sequence[Any] = by if isinstance(by, list) else str(by).split(",")
    for part in reversed([str(one).strip() for one in wanted]):
        name, _, direction = part.replace(":", " ").partition(" ")
        down = name.startswith("-") or direction.strip().lower().startswith("desc") or descending
        items = sorted(items, key=_rank_by(name.lstrip("+-")), reverse=down)
    return items


def _rank_by(field: str) -> Callable[[Item], tuple[int, Any]]:
    return lambda item: _rank(item.get(field))


def _rank(value: Any) -> tuple[int, Any]:
    """Something to sort by that takes values of all types, those of one type together."""
    rank = _RANKS.get(type(value), 0)
    return rank, value if rank else 0
