"""Paging: the search for an item in a list, page by page, to its end."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from lookalike.contract.contract import Operation
from lookalike.verify.clauses import name_of
from lookalike.verify.oracle.tracked_items import CreatedItem
from lookalike.verify.roles import part_of
from lookalike.verify.stories.endings import NotObservable, Skipped
from lookalike.verify.stories.listing import ListPage, ListValues, is_end, pages
from lookalike.verify.stories.runner import StoryRunner


def listed(runner: StoryRunner, own: CreatedItem) -> Mapping[str, Any] | None:
    """The item as the list shows it, None if the list does not have it; raises `Skipped` and `NotObservable`."""
    operation, items = runner.environment.roles[own.resource].list, runner.environment.model.items(own.resource)
    if operation is None or operation.listing is None:
        raise Skipped(f"no operation lists {own.resource} items")
    item = runner.known.get(own.resource, own.key) or {}
    wanted = item.get(items.key, own.key)
    values = runner.values_for(operation, own.parent or None)
    seen = 0
    for page in pages(operation, values, partial(_asked, runner, operation)):
        found = part_of(operation, page.value, "$items")
        if not 200 <= page.response.status < 300 or not isinstance(found, list):
            raise Skipped(f"{name_of(operation)} answered {page.response.status}")
        for one in found:
            if not isinstance(one, dict) or items.key not in one:
                raise NotObservable(f"the list of {own.resource} items does not show {items.key or 'their keys'}")
            if str(one[items.key]) == str(wanted):
                return one
        seen += len(found)
        if is_end(operation, page, len(found), seen):
            return None
    raise NotObservable(f"the end of the list of {own.resource} items was not reached")


def _asked(runner: StoryRunner, operation: Operation, values: ListValues) -> ListPage:
    told = runner.ask(operation, runner.write(operation, values))
    return ListPage(told.response, told.value)
