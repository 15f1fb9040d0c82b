"""The facts that a page shows of itself, which the pages of its list have to bear out: numbers, and the next link."""

import json
import math
from collections.abc import Mapping
from urllib.parse import urlsplit

from lookalike.contract.contract import Operation
from lookalike.http import Request
from lookalike.json_values import ABSENT, find
from lookalike.naming.lists import NEXT_LINK, NEXT_PATH
from lookalike.verify.roles import part_of, place_of
from lookalike.verify.runner.endings import ClauseBroken
from lookalike.verify.runner.listing import ListPage

_HAL_NEXT = ("_links", "next", "href")  # draft-kelly-json-hal, section 4.1.1


def check_number_of_pages(operation: Operation, page: ListPage, size: int, items: int) -> None:
    """Raise `ClauseBroken` if a page tells of more or fewer pages than the items of the list fill.

    A number that is named like one of pages counts them only beside another fact about the page.
    """
    body = operation.success.body
    is_counted = any(place_of(body, place) is not None for place in ("$total", "$page", "$limit"))
    told, due = part_of(operation, page.value, "$pages"), math.ceil(items / size)
    if is_counted and type(told) is int and told != due:
        raise ClauseBroken(f"{due} pages, for {items} items of which {size} are on a page", f"{told}")


def check_numbers(operation: Operation, first: ListPage, second: ListPage) -> None:
    """Raise `ClauseBroken` if the second page does not have the number behind that of the first.

    The number of the first is not compared: some servers that take numbers from 1 show them from 0.
    """
    numbers = [part_of(operation, page.value, "$page") for page in (first, second)]
    if all(type(one) is int for one in numbers) and numbers[1] != numbers[0] + 1:
        raise ClauseBroken(f"{numbers[0] + 1} as the number of the page behind {numbers[0]}", f"{numbers[1]}")


def has_flags(operation: Operation) -> bool:
    """Whether a list says of a page which one it is, or how many items it has."""
    return any(place_of(operation.success.body, one) is not None for one in _flags(True, True, 0))


def check_flags(operation: Operation, page: ListPage, is_first: bool, is_last: bool | None, items: int) -> None:
    """Raise `ClauseBroken` if a page says wrongly that it is the first or the last one, or how many items it has.

    With None for `is_last`, there may be items of others behind it.
    """
    for place, right in _flags(is_first, is_last, items).items():
        told = part_of(operation, page.value, place)
        if type(told) is type(right) and told != right:
            name = ".".join(map(str, place_of(operation.success.body, place) or ()))
            raise ClauseBroken(f"{name} = {json.dumps(right)} on a page of {items} items", json.dumps(told))


def _flags(is_first: bool, is_last: bool | None, items: int) -> dict[str, object]:
    """The values that a page is to show, by their places."""
    ends = {} if is_last is None else {"$last": is_last, "$more": not is_last}
    return {"$first": is_first, "$earlier": not is_first, **ends, "$empty": not items, "$count": items}


def next_request(operation: Operation, asked: Request, page: ListPage) -> Request | None:
    """The request of the link to the next page; None without one, or where it leads to another path.

    A server behind a gateway may not know by which host and prefix it was asked, so that only the query is taken.
    Raises `ClauseBroken` if the link is null, though there is a next page.
    """
    found = [
        part_of(operation, page.value, place)
        for place in (NEXT_LINK, NEXT_PATH)
        if place_of(operation.success.body, place)
    ]
    is_hal = isinstance(page.value, Mapping) and not found
    link = find(page.value, _HAL_NEXT) if is_hal else next(iter(found), ABSENT)
    if link is None and _is_there(operation, page):
        raise ClauseBroken("a link to the next page, which has items", "null")
    if not isinstance(link, str):
        return None
    parts = urlsplit(link)
    is_same = not parts.path or parts.path.rstrip("/").endswith(asked.path.rstrip("/").rpartition("/")[2])
    return asked._replace(query=parts.query) if is_same else None


def _is_there(operation: Operation, page: ListPage) -> bool:
    """Whether a page has the member of the link, which is null where there is no next page."""
    places = [path for place in (NEXT_LINK, NEXT_PATH) if (path := place_of(operation.success.body, place))]
    return any(find(page.value, path) is not ABSENT for path in places)
