"""Lists: looking for an item in a list, page by page, to its end."""

from collections.abc import Iterator, Mapping
from typing import Any

from lookalike.contract.contract import Operation
from lookalike.contract.semantics import Listing
from lookalike.verify.clauses import name_of
from lookalike.verify.oracle.tracked_items import CreatedItem
from lookalike.verify.roles import part_of
from lookalike.verify.stories.endings import NotObservable, Skipped
from lookalike.verify.stories.runner import StepResult, StoryRunner

_MOST_PAGES = 50
_PAGE = 100
_SMALLEST_PAGE = 10  # a shorter list is a whole one, even where a server has pages that nobody documented


def listed(teller: StoryRunner, own: CreatedItem) -> Mapping[str, Any] | None:
    """The item as the list shows it, None where the list ends without; raises `Skipped` and `NotObservable`."""
    operation, items = teller.environment.roles[own.resource].list, teller.environment.model.items(own.resource)
    if operation is None or operation.listing is None:
        raise Skipped(f"no operation lists {own.resource} items")
    item = teller.known.get(own.resource, own.key) or {}
    wanted = item.get(items.key, own.key)
    values = teller.values_for(operation, own.parent or None)
    seen = 0
    for page in _pages(teller, operation, operation.listing, values):
        found = part_of(operation, page.value, "$items")
        if not page.is_success or not isinstance(found, list):
            raise Skipped(f"{name_of(operation)} answered {page.response.status}")
        for one in found:
            if not isinstance(one, dict) or items.key not in one:
                raise NotObservable(f"the list of {own.resource} items does not show {items.key or 'their keys'}")
            if str(one[items.key]) == str(wanted):
                return one
        seen += len(found)
        total = part_of(operation, page.value, "$total")
        if not found or total == seen or (seen < _SMALLEST_PAGE and not _has_pages(operation.listing)):
            return None
    raise NotObservable(f"the end of the list of {own.resource} items was not reached")


def _pages(
    teller: StoryRunner, operation: Operation, listing: Listing, values: dict[tuple[str, str], Any]
) -> Iterator[StepResult]:
    page, seen, last = listing.page, 0, b""
    if page.limit is not None and (page.limit.source, page.limit.name) in operation.parameters:
        most = operation.parameters[page.limit.source, page.limit.name].value_type.keyword("maximum", _PAGE)
        values = {**values, (page.limit.source, page.limit.name): min(most, _PAGE)}
    for number in range(_MOST_PAGES):
        told = teller.ask(operation, teller.write(operation, values))
        if number and told.response.body == last:
            return
        yield told
        last = told.response.body
        found = part_of(operation, told.value, "$items")
        seen += len(found) if isinstance(found, list) else 0
        after = part_of(operation, told.value, "$next")
        ways = ((page.offset, seen), (page.number, page.first + number + 1), (page.cursor, after))
        way = next(((at, value) for at, value in ways if at is not None and value is not None), None)
        if way is None:
            return
        values = {**values, (way[0].source, way[0].name): way[1]}


def _has_pages(listing: Listing) -> bool:
    page = listing.page
    return any(way is not None for way in (page.offset, page.number, page.cursor, page.limit))
