"""Lists: the items that an operation answers with, their order, and their pages."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from heapq import merge
from typing import Any

from lookalike.contract.expressions import Expression
from lookalike.contract.semantics import ChangeMany, Clear, Listing
from lookalike.json_values import ABSENT, find, format_pointer
from lookalike.model.context import RequestContext, ValueSource, compile_source
from lookalike.model.resources.criteria import criteria_of, orders_in
from lookalike.model.resources.filters import ItemPredicate, compared, filtered, has_value, place_of_field
from lookalike.model.resources.items import ResourceItems
from lookalike.model.resources.search import compile_search
from lookalike.model.resources.selectors import compile_selector
from lookalike.model.response.projection import Projection
from lookalike.model.state import Item, Key
from lookalike.naming.lists import DIRECTIONS, UNLIMITED_BY_ZERO, order_by_age, order_of
from lookalike.naming.members import is_holder, is_time, is_time_of_creation
from lookalike.naming.words import normalised
from lookalike.pacing import timed

ListItems = Callable[[RequestContext, Key | None], Projection]
SliceItems = Callable[[int, int | None], list[Item]]
SortKey = Callable[[Item], tuple[int, Any]]

_ALL = frozenset({"all", "any", "*"})
# Values of different types are sorted apart, those without an order (null, lists, objects) first.
_TYPE_ORDER = {bool: 1, int: 2, float: 2, str: 3}
_MOST_SORTED_BY = 16  # fields and directions, since each field costs a pass through the list
_PART = 2_000  # items that are sorted without a pause
_MAX_DIGITS = 16  # of a page number or offset that came as text


def compile_list(listing: Listing, items: ResourceItems, others: Sequence[ResourceItems] = ()) -> ListItems:
    """The function that lists the items of a parent, or all where the parent is None.

    Those of `others` are of the further resources of the list.
    """
    compiled = _List(listing, items, others)
    conventions = items.resource.conventions
    is_plain = conventions.lists_deleted and not (conventions.order or items.is_timed)
    return compiled.page if is_plain else compiled.page_in_usual_order


class Filters:
    """The `where`, `compare` and `selectors` of the document's extension, compiled."""

    def __init__(self, action: Listing | Clear | ChangeMany) -> None:
        self._filters = [(field, compile_source(source)) for field, source in action.where.items()]
        self._comparisons = [
            (how, field, compile_source(source))
            for how, fields in action.compare.items()
            for field, source in fields.items()
        ]
        self._selectors = [(place, compile_source(source)) for place, source in action.selectors]

    def kept(self, items: Sequence[Item], context: RequestContext) -> list[Item]:
        """The items that a request asks for."""
        return filtered(items, *self.predicates(context))

    def predicates(self, context: RequestContext) -> tuple[list[ItemPredicate], list[ItemPredicate]]:
        """The predicates that a request asks by, and those of words for "all" (see `filtered`)."""
        given = [(field, value) for field, source in self._filters if _is_given(value := source(context))]
        required = [has_value(field, value) for field, value in given if not _asks_for_all(value)]
        all_words = [has_value(field, value) for field, value in given if _asks_for_all(value)]
        required += [
            compared(field, how, value)
            for how, field, source in self._comparisons
            if _is_given(value := source(context))
        ]
        selected = [(place, value) for place, source in self._selectors if _is_given(value := source(context))]
        required += [compile_selector(str(value), place) for place, value in selected]
        return required, all_words


class _List:
    """A `list` of the document's extension, compiled."""

    def __init__(self, listing: Listing, items: ResourceItems, others: Sequence[ResourceItems] = ()) -> None:
        self._resource = listing.resource
        self._items = items
        self._others = [
            _List(replace(listing, resource=name, where=where, others=()), other)
            for (name, where), other in zip(listing.others, others, strict=False)
        ]
        self._filters = Filters(listing)
        self._search = _optional_source(listing.search)
        self._criteria = _optional_source(listing.criteria)
        self._order = _optional_source(listing.order)
        is_directed_only = listing.sort is None and listing.order is not None
        self._sort = self._named_by_order if is_directed_only else _optional_source(listing.sort)
        self._is_newest_first = listing.is_newest_first
        members = items.view.members
        self._created = next(filter(is_time_of_creation, members), items.key)
        held = [(holder, name) for holder, view in members.items() if is_holder(holder) for name in view.members]
        self._fields = {normalised(name): format_pointer((holder, name)) for holder, name in held}
        self._fields |= {normalised(name): name for name in members}
        self._pages = _Pages(listing, items)
        conventions = items.resource.conventions
        self._usual_order = conventions.order
        self._unlisted = None if conventions.lists_deleted else conventions.mark_of_deletion

    def page(self, context: RequestContext, parent: Key | None) -> Projection:
        state = context.state
        required, all_words = self._predicates(context)
        by = self._sort(context)
        is_whole = not required and not all_words and not self._others
        if is_whole and not _is_given(by):  # a slice of the state, without a look at every item
            total = state.count(self._resource, parent)

            def slice_state(start: int, stop: int | None) -> list[Item]:
                return state.children(self._resource, parent, start, stop)

            def slice_from_end(start: int, stop: int | None) -> list[Item]:
                first = 0 if stop is None else max(total - stop, 0)
                return state.children(self._resource, parent, first, max(total - start, 0))[::-1]

            return self._pages.page(context, total, slice_from_end if self._is_newest_first else slice_state)
        kept = filtered(state.children(self._resource, parent), required, all_words)
        for other in self._others:
            kept += other.shown(context)
        if _is_given(by):
            kept = self._sorted(kept, by, _is_descending(self._order(context)))
        elif self._is_newest_first:
            kept.reverse()

        def slice_kept(start: int, stop: int | None) -> list[Item]:
            return kept[start:stop]

        return self._pages.page(context, len(kept), slice_kept)

    def shown(self, context: RequestContext) -> list[Item]:
        """The items of a further resource that a request asks for, as clients see them."""
        kept = filtered(context.state.children(self._resource, None), *self._predicates(context))
        return [self._items.visible(item) for item in timed(kept)]

    def _predicates(self, context: RequestContext) -> tuple[list[ItemPredicate], list[ItemPredicate]]:
        """The predicates of the filters, of the search, and of the conditions in a body."""
        required, all_words = self._filters.predicates(context)
        if _is_given(text := self._search(context)):
            required.append(compile_search(str(text), self._items.view.members))
        if _is_given(sent := self._criteria(context)):
            required += criteria_of(sent, self._fields)
        return required, all_words

    def page_in_usual_order(self, context: RequestContext, parent: Key | None) -> Projection:
        """The page of a server that lists items in an order of its own, unless it is asked for another."""
        by = self._sort(context)
        kept = filtered(context.state.children(self._resource, parent), *self._predicates(context))
        for other in self._others:
            kept += other.shown(context)
        if self._items.is_timed:
            kept = [item for item in kept if self._items.exists(item, context.request.at)]
        if self._unlisted is not None:
            member, value = self._unlisted
            kept = [item for item in kept if member not in item or item[member] != value]
        if self._is_newest_first:
            kept.reverse()
        if self._usual_order:
            kept = self._sorted(kept, self._usual_order, False)
        if _is_given(by):
            kept = self._sorted(kept, by, _is_descending(self._order(context)))

        def slice_kept(start: int, stop: int | None) -> list[Item]:
            return kept[start:stop]

        return self._pages.page(context, len(kept), slice_kept)

    def _named_by_order(self, context: RequestContext) -> Any:
        """The fields to sort by where a request has but an order: the time of creation for `DESC`, else those it names.

        As `Name DESC` does.
        """
        order = self._order(context)
        if str(order).lower() in DIRECTIONS:
            return self._created
        first = str(order).partition(",")[0].strip()
        return order if normalised(order_of(first, self._fields)[0]) in self._fields else ABSENT

    def _sorted(self, items: list[Item], by: Any, descending: bool) -> list[Item]:
        """The items by one field after the other, as `name,-age`, `name:desc`, `age_desc` or `name,desc` say."""
        texts = [field.strip() for one in orders_in(by) for field in one.split(",")]
        fields: list[str] = []
        for text in texts[:_MOST_SORTED_BY]:
            if text.lower() in DIRECTIONS and fields:
                fields[-1] += f" {text}"
            else:
                fields.append(text)
        for text in reversed(fields):  # sorting is stable: the first field comes last
            name, direction = order_of(text, self._fields)
            if (age := order_by_age(name)) and normalised(name) not in self._fields:
                name, direction = self._created, age
            is_down = direction == "desc" or descending
            field = self._field(name)
            # Of two that were made in the same second, the later one is the newer.
            in_order = items[::-1] if is_down and self._is_time(field) else items
            items = _sorted_in_parts(in_order, _sort_key(field), is_down)
        return items

    def _is_time(self, field: str) -> bool:
        view = self._items.view.members.get(field)
        is_such = view is not None and view.keyword("format") == "date-time"
        return is_such or is_time(field.rpartition("/")[2])

    def _field(self, name: str) -> str:
        """The field that a client means by a name: `created_at` by `created` or `createdAt`, or one in `attributes`."""
        plain = normalised(name)
        found = next((self._fields[one] for one in (plain, plain + "at", plain + "on") if one in self._fields), "")
        beginning = [] if found or not plain else [one for key, one in self._fields.items() if key.startswith(plain)]
        return found or (beginning[0] if len(beginning) == 1 else name)  # `price` is the `price_per_night`


class _Pages:
    """The page of a list that a request asks for: by limit and offset, page number, or cursor."""

    def __init__(self, listing: Listing, items: ResourceItems) -> None:
        page = listing.page
        self._items = items
        self._is_keyset = page.keyset
        self._default_limit = page.default
        self._first_number = page.first
        self._limit = _optional_source(page.limit)
        is_usual = page.limit is not None and normalised(page.limit.name) in UNLIMITED_BY_ZERO
        self._is_unlimited_by_zero = is_usual and items.is_of_mock
        self._offset = _optional_source(page.offset)
        self._number = _optional_source(page.number)
        self._cursor = _optional_source(page.cursor)
        self._before = _optional_source(page.before)
        self._number_name, self._offset_name, self._cursor_name = map(
            _query_name, (page.number, page.offset, page.cursor)
        )

    def page(self, context: RequestContext, total: int, slice_items: SliceItems) -> Projection:
        limit = _whole_number(self._limit(context), self._default_limit)
        if limit == 0 and self._is_unlimited_by_zero:
            limit = self._default_limit
        number = _whole_number(self._number(context), self._first_number) or 0
        offset = _whole_number(self._offset(context), 0) or 0
        if number > self._first_number:  # without a size, the first page is the whole list, and nothing comes after it
            offset += total if limit is None else (number - self._first_number) * limit
        if _is_given(cursor := self._cursor(context)):
            offset = self._offset_behind(cursor, context, slice_items)
        if _is_given(before := self._before(context)):
            return self._page_before(before, limit, slice_items)
        found = slice_items(min(offset, total), None if limit is None else min(offset + limit, total))
        return Projection(
            items=found,
            total=total,
            limit=total if limit is None else limit,
            offset=offset,
            page=number or self._first_number,
            more=offset + len(found) < total,
            last_key=found[-1].get(self._items.key) if self._is_keyset and found else None,
            page_parameters=self._parameters_of_page,
        )

    def _page_before(self, before: Any, limit: int | None, slice_items: SliceItems) -> Projection:
        """The page that ends before the item with a key; more than that is what comes before the page."""
        whole = slice_items(0, None)
        keys = [item.get(self._items.key) for item in whole]  # of one parent, within which they are unique
        key = self._items.as_key(before)
        end = keys.index(key) if key in keys else 0
        start = 0 if limit is None else max(end - limit, 0)
        return Projection(
            items=whole[start:end],
            total=len(whole),
            limit=len(whole) if limit is None else limit,
            offset=start,
            page=self._first_number,
            more=start > 0,
            page_parameters=self._parameters_of_page,
        )

    def _parameters_of_page(self, offset: int, limit: int) -> dict[str, str]:
        """The query parameters that ask for the page at an offset; none where the operation has none for pages."""
        if self._number_name:
            return {self._number_name: str(self._first_number + offset // limit)}
        name = self._offset_name or self._cursor_name
        return {name: str(offset)} if name else {}

    def _offset_behind(self, cursor: Any, context: RequestContext, slice_items: SliceItems) -> int:
        """The offset of the items that come after a cursor, which is the key of an item, or an offset."""
        key = self._items.as_key(cursor)
        if context.state.get(self._items.name, key) is not None:
            keys = [self._items.keys_of(item, context.choose)[0] for item in slice_items(0, None)]
            return keys.index(key) + 1 if key in keys else 0
        return _whole_number(cursor, 0) or 0


# --- Values of parameters ---


def _optional_source(expression: Expression | None) -> ValueSource:
    return _absent if expression is None else compile_source(expression)


def _query_name(expression: Expression | None) -> str:
    """The name of the query parameter that an expression reads, or nothing."""
    return expression.name if expression is not None and expression.source == "query" else ""


def _absent(context: RequestContext) -> Any:
    return ABSENT


def _is_given(value: Any) -> bool:
    return value is not ABSENT and value is not None and value not in ("", [])


def _is_descending(order: Any) -> bool:
    """Whether an order is `desc`, or a flag such as `SortDescending` is true."""
    return str(order).lower().startswith(("desc", "true"))


def _asks_for_all(value: Any) -> bool:
    return isinstance(value, str) and value.lower() in _ALL


def _whole_number(value: Any, otherwise: int | None) -> int | None:
    """The number of a parameter, which may have come as text; one that is not a number counts as not given."""
    if isinstance(value, int) and not isinstance(value, bool):
        return max(value, 0)
    is_number = isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < _MAX_DIGITS
    return int(value) if is_number else otherwise


# --- Order ---


def _sorted_in_parts(items: list[Item], key: SortKey, is_down: bool) -> list[Item]:
    """The items in order, as `sorted` has them; while that sorts a hundred thousand, no other thread runs."""
    parts = [sorted(items[start : start + _PART], key=key, reverse=is_down) for start in range(0, len(items), _PART)]
    return parts[0] if len(parts) == 1 else [*timed(merge(*parts, key=key, reverse=is_down))]


def _sort_key(field: str) -> SortKey:
    place = place_of_field(field)

    def sort_key(item: Item) -> tuple[int, Any]:
        value = item.get(field) if len(place) == 1 else find(item, place)
        order = _TYPE_ORDER.get(type(value), 0)
        return order, value if order else 0

    return sort_key
