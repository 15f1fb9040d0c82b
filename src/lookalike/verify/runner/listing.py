"""Listing: the pages of a list, and the items on all of them."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from lookalike.contract.contract import Operation
from lookalike.contract.grounds import TOTAL, is_guessed
from lookalike.contract.semantics import Listing
from lookalike.http import Response
from lookalike.verify.oracle.ledger import Inventory
from lookalike.verify.roles import part_of, place_of

_MOST_PAGES = 50
_PAGE = 100
_SMALLEST_PAGE = 10  # a shorter list is complete, even if the server has pages that are not documented

ListValues = Mapping[tuple[str, str], Any]


class ListPage(NamedTuple):
    """The answer to a request for a page, and its JSON value."""

    response: Response
    value: Any


def things_in(value: Any) -> list[Mapping[str, Any]]:
    """The objects in a list, by itself or in the first member that is one."""
    parts = value.values() if isinstance(value, Mapping) else (value,)
    found: list[Any] = next((part for part in parts if isinstance(part, list)), [])
    return [one for one in found if isinstance(one, Mapping)]


def pages(
    operation: Operation, key: str, values: ListValues, ask: Callable[[ListValues], ListPage], size: int = _PAGE
) -> Iterator[ListPage]:
    """The pages of a list, of so many items where that can be asked for, each asked for by values of its parameters.

    `key` is the member that is the key of an item.
    """
    listing = operation.listing
    if listing is None:
        return
    paging, seen, last = listing.page, 0, b""
    if paging.limit is not None and (paging.limit.source, paging.limit.name) in operation.parameters:
        limit = operation.parameters[paging.limit.source, paging.limit.name]
        most = limit.value_type.keyword("maximum", size)
        values = {**values, (paging.limit.source, paging.limit.name): min(most, size)}
    for number in range(_MOST_PAGES):
        page = ask(values)
        if number and page.response.body == last:
            return
        yield page
        last = page.response.body
        found = part_of(operation, page.value, "$items")
        seen += len(found) if isinstance(found, list) else 0
        after = _cursor_behind(operation, key, page)
        ways = ((paging.offset, seen), (paging.number, paging.first + number + 1), (paging.cursor, after))
        way = next(((at, value) for at, value in ways if at is not None and value is not None), None)
        if way is None:
            return
        values = {**values, (way[0].source, way[0].name): way[1]}


def _cursor_behind(operation: Operation, key: str, page: ListPage) -> Any:
    """The cursor of the page behind a page: the one that is shown, else the key of the last item, or None."""
    if not is_cursor_a_key(operation):
        return part_of(operation, page.value, "$next")
    found = part_of(operation, page.value, "$items")
    last = found[-1] if isinstance(found, list) and found and part_of(operation, page.value, "$more") is True else None
    return last.get(key) if isinstance(last, dict) else None


def is_cursor_a_key(operation: Operation) -> bool:
    """Whether the document has a cursor, and says that there are more items, but shows no cursor but their keys."""
    if operation.listing is None or operation.listing.page.cursor is None:
        return False
    is_known = not is_guessed(operation.grounds, "page.cursor")
    body = operation.success.body
    return is_known and place_of(body, "$more") is not None and place_of(body, "$next") is None


def is_end(operation: Operation, page: ListPage, on_page: int, seen: int) -> bool:
    """Whether a list ends with a page of so many items, the last of those seen so far.

    A guessed total may count the items of the page alone, so that it ends no list.
    """
    total = None if is_guessed(operation.grounds, TOTAL) else part_of(operation, page.value, "$total")
    is_short = seen < _SMALLEST_PAGE and operation.listing is not None and not _has_pages(operation.listing)
    return not on_page or total == seen or is_short


def is_beyond(page: ListPage, number: int) -> bool:
    """Whether the answer to a request for a page says that there is no such page; pages are counted from 1."""
    return number > 1 and page.response.status == 404


def inventory(operation: Operation, key: str, values: ListValues, ask: Callable[[ListValues], ListPage]) -> Inventory:
    """The items of a list by their keys; it is not complete where one of them shows none."""
    items: dict[str, Any] = {}
    seen = number = 0
    have_keys = True
    for number, page in enumerate(pages(operation, key, values, ask), 1):
        found = part_of(operation, page.value, "$items")
        if is_beyond(page, number):
            return Inventory(items, have_keys, number)
        if not (200 <= page.response.status < 300 and isinstance(found, list)):
            return Inventory(items, False, number)
        keyed = {str(one[key]): one for one in found if isinstance(one, dict) and key in one}
        have_keys = have_keys and len(keyed) == len(found)
        items |= keyed
        seen += len(found)
        if is_end(operation, page, len(found), seen):
            return Inventory(items, have_keys, number)
    return Inventory(items, False, number)


def _has_pages(listing: Listing) -> bool:
    page = listing.page
    return any(way is not None for way in (page.offset, page.number, page.cursor, page.limit))
