"""Paging: the search for an item in a list, page by page, to its end."""

import re
from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple

from lookalike.contract.contract import Operation
from lookalike.contract.grounds import KEY, is_guessed
from lookalike.contract.inference.descriptions import sentences_of
from lookalike.json_values import object_at
from lookalike.naming.members import is_state
from lookalike.naming.words import normalised, singular, words_of
from lookalike.verify.clauses import name_of
from lookalike.verify.oracle.tracked_items import CreatedItem
from lookalike.verify.roles import asked_for, part_of, text_of, words_out_of_sight
from lookalike.verify.runner.endings import NotObservable, Skipped
from lookalike.verify.runner.listing import ListPage, ListValues, is_end, pages
from lookalike.verify.runner.story_runner import StoryRunner

PAGE_FACTS = ("page.limit", "page.offset", "page.number", "page.cursor")

_LAGGING = re.compile(
    r"\beventual(?:ly)?[ -]consisten\w+"
    r"|\b(?:may|can|might) (?:take|lag)\b.{0,60}\b(?:appears?|seconds?|minutes?|behind|visible)\b",
    re.IGNORECASE,
)
_IF_ASKED = re.compile(
    r"\b(?:not|hid\w*|left out|leav\w+|exclud\w+|omit\w*|skip\w*|only|unless|except|without|includ\w+|also|too)\b",
    re.IGNORECASE,
)


class _ListSearch(NamedTuple):
    """The item that was searched for, the keys seen before, the number of pages, and whether the list ended."""

    item: Mapping[str, Any] | None
    keys: frozenset[str]
    pages: int
    is_ended: bool


def listed(runner: StoryRunner, created: CreatedItem) -> Mapping[str, Any] | None:
    """The item as the list shows it, None if the list does not have it; raises `Skipped` and `NotObservable`."""
    operation, items = runner.environment.roles[created.resource].list, runner.environment.model.items(created.resource)
    if operation is None or operation.listing is None:
        raise Skipped(f"no operation lists {created.resource} items")
    item = runner.known.get(created.resource, created.key) or {}
    wanted = str(item.get(items.key, created.key))
    values = runner.parameters.listing(operation, created)
    if is_guessed(operation.grounds, *PAGE_FACTS):
        found = _listed_by_guess(runner, operation, wanted, values)
    else:
        found, _, _, is_ended = _search(runner, operation, wanted, values)
        if found is None and not is_ended:
            raise NotObservable(f"the end of the list of {created.resource} items was not reached")
    if found is None:
        _check_recognisable(runner, created)
        check_listable(runner, created)
    return found


def _check_recognisable(runner: StoryRunner, created: CreatedItem) -> None:
    """Raise `NotObservable` if names alone suggest the key, and the member was sent with another value than the key."""
    items = runner.environment.model.items(created.resource)
    sent = created.body.get(items.key, created.key)
    if is_guessed(items.resource.grounds, KEY) and str(sent) != str(created.key):
        raise NotObservable(f"the list of {created.resource} items does not show their keys, which are not {items.key}")


def lags(runner: StoryRunner, listing: Operation) -> bool:
    """Whether the text of a list says that it lags behind changes, and the target file does not say how long."""
    is_told = _LAGGING.search(text_of(runner.environment.contract, listing)) is not None
    return is_told and not runner.environment.settle


def check_listable(runner: StoryRunner, created: CreatedItem) -> None:
    """Raise `NotObservable` if the list is described as one of items in another state, such as the approved ones.

    Or as one that lags behind changes, where the target file does not say how long, or that leaves out items which are
    archived, drafts or the like.
    """
    operation, items = runner.environment.roles[created.resource].list, runner.environment.model.items(created.resource)
    if operation is None:
        return
    if lags(runner, operation):
        raise NotObservable("the list lags behind changes, as its text says; give settle in the target file")
    place = ("paths", operation.path, operation.method.lower())
    _, described = object_at(runner.environment.contract.document.data, place)
    words = {word for name in ("operationId", "summary", "description") for word in words_of(f"{described.get(name)}")}
    item = runner.known.get(created.resource, created.key) or {}
    for name, member in items.view.members.items():
        states, own = member.keyword("enum"), item.get(name)
        if is_state(name) and isinstance(states, list) and own in states:
            named = [state for state in states if isinstance(state, str) and normalised(state) in words]
            if named and own not in named:
                raise NotObservable(f"the list is described as one of items that are {named[0]}, and it is {own}")
        if own is False and normalised(name).removeprefix("is") in words:
            raise NotObservable(f"the list is described as one of items that are {name}, and it is not")
    for word in words_out_of_sight(item):
        if _leaves_out(runner, operation, word) and not asked_for(operation, {word}):
            raise NotObservable(f"the list may leave out what is {word}, as its text says")


def _leaves_out(runner: StoryRunner, operation: Operation, word: str) -> bool:
    """Whether the text of a list, or of one of its parameters, says that it has some items if they are asked for."""
    parameters = (one for one in operation.parameters.values() if one.location == "query")
    told = [" ".join((*words_of(one.name), one.description)) for one in parameters]
    sentences = (one for text in (text_of(runner.environment.contract, operation), *told) for one in sentences_of(text))
    return any(_IF_ASKED.search(one) and word in map(singular, words_of(one)) for one in sentences)


def _listed_by_guess(
    runner: StoryRunner, operation: Operation, wanted: str, values: ListValues
) -> Mapping[str, Any] | None:
    """The same where only names suggest which parameters select a page.

    `size=100` may be a page of a hundred items, or those of size 100. So the list is asked for without parameters
    too: where that shows what the pages lack, they are no pages of it.
    """
    try:
        search = _search(runner, operation, wanted, values)
    except Skipped:  # a value that pages may have was refused
        search = _ListSearch(None, frozenset(), 0, is_ended=False)
    if search.item is not None:
        return search.item
    resource = operation.listing.resource if operation.listing else ""
    keys = frozenset[str]()
    for shown in _items_on(runner, operation, _asked(runner, operation, values)):
        if shown.key == wanted:
            return shown.item
        keys |= {shown.key}
    # Whether pages are counted from 0 or from 1 is a guess too, so that one may have been left out.
    is_numbered = is_guessed(operation.grounds, "page.number") and search.pages > 1
    if not search.is_ended or is_numbered or not keys <= search.keys:
        raise NotObservable(
            f"only names suggest how the list of {resource} items is paged, so that its end is not known; state it in "
            "an overlay (lookalike check --explain prints one)"
        )
    return None


def _search(runner: StoryRunner, operation: Operation, wanted: str, values: ListValues) -> _ListSearch:
    keys: dict[str, None] = {}
    number = seen = 0
    key = _key_in(runner, operation)
    for number, page in enumerate(pages(operation, key, values, partial(_asked, runner, operation)), 1):
        found = _items_on(runner, operation, page)
        for shown in found:
            if shown.key == wanted:
                return _ListSearch(shown.item, frozenset(keys), number, is_ended=False)
            keys[shown.key] = None
        seen += len(found)
        if is_end(operation, page, len(found), seen):
            return _ListSearch(None, frozenset(keys), number, is_ended=True)
    return _ListSearch(None, frozenset(keys), number, is_ended=False)


def _key_in(runner: StoryRunner, operation: Operation) -> str:
    """The member that is the key of the items of a list."""
    return runner.environment.model.items(operation.listing.resource if operation.listing else "").key


class _ListedItem(NamedTuple):
    """An item of a list, and its key as text."""

    key: str
    item: Mapping[str, Any]


def _items_on(runner: StoryRunner, operation: Operation, page: ListPage) -> list[_ListedItem]:
    """The items on a page; raises `Skipped` and `NotObservable` if it shows none."""
    resource, key = operation.listing.resource if operation.listing else "", _key_in(runner, operation)
    found = part_of(operation, page.value, "$items")
    if not 200 <= page.response.status < 300 or not isinstance(found, list):
        raise Skipped(f"{name_of(operation)} answered {page.response.status}")
    if not all(isinstance(one, dict) and key in one for one in found):
        raise NotObservable(f"the list of {resource} items does not show {key or 'their keys'}")
    return [_ListedItem(str(one[key]), one) for one in found]


def _asked(runner: StoryRunner, operation: Operation, values: ListValues) -> ListPage:
    step = runner.ask(operation, runner.write(operation, values))
    return ListPage(step.response, step.value)
