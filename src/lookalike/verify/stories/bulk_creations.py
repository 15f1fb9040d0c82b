"""Stories about bulk creations: each item that is sent is made, once, and a bad one spoils no other."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from lookalike.contract.contract import Operation
from lookalike.json_values import ABSENT, find, with_value_at
from lookalike.verify.bulk_creations import BulkCreation
from lookalike.verify.clauses import DOCUMENTED, READABLE, clause_id
from lookalike.verify.oracle.tracked_items import CreatedItem
from lookalike.verify.requests.item_bodies import item_sent, item_type
from lookalike.verify.runner.endings import ClauseBroken, NotObservable, Skipped
from lookalike.verify.runner.exchanges import StepResult
from lookalike.verify.runner.observation import in_list, see
from lookalike.verify.runner.story_runner import StoryRunner

_ITEMS = 3


class _Result(NamedTuple):
    """An item that was sent, and the one that was made of it, if the answer shows one."""

    sent: Mapping[str, Any]
    created: CreatedItem | None


def send_bulk(runner: StoryRunner, operation: Operation, bulk: BulkCreation) -> tuple[StepResult, list[_Result]]:
    """The exchange of a request with several valid items, and its results; raises `Skipped`."""
    return _send(runner, operation, bulk, _items(runner, bulk, _ITEMS))


def check_bulk_readable(runner: StoryRunner, operation: Operation, bulk: BulkCreation) -> None:
    """Raise `ClauseBroken` if an item that was sent with others cannot be read as it was sent."""
    step, results = _send(runner, operation, bulk, _items(runner, bulk, _ITEMS, varied=True))
    if not step.is_success:  # a server may refuse what only people send
        step, results = send_bulk(runner, operation, bulk)
    _check_accepted(step)
    for result in results:
        if result.created is None:
            raise ClauseBroken(f"a result for each of {len(results)} items", "none for one of them")
        runner.eventually(partial(see, runner, result.created, result.created.sent))


def check_bulk_listed(runner: StoryRunner, operation: Operation, bulk: BulkCreation) -> None:
    """Raise `ClauseBroken` if an item that was sent with others is not in the list."""
    step, results = send_bulk(runner, operation, bulk)
    _check_accepted(step)
    for created in (one.created for one in results if one.created is not None):
        if not _is_there(runner, created):
            raise Skipped(f"the {created.resource} {created.key} cannot be read either")
        runner.eventually(partial(in_list, runner, created))


def check_bad_among_good(runner: StoryRunner, operation: Operation, bulk: BulkCreation) -> None:
    """Raise `ClauseBroken` if an invalid item is made beside a valid one, or a valid one is not that is said to be."""
    good, spoilt = _items(runner, bulk, 2)
    bad = _spoilt(runner, bulk, spoilt)
    flaws = len(runner.flaws)
    step, results = _send(runner, operation, bulk, [good, bad])
    if not step.is_success:
        if step.response.status >= 500:
            raise ClauseBroken("a refusal of the invalid item", step.got)
        return
    made, taken = (one.created for one in results)
    if taken is not None and _is_there(runner, taken):
        del runner.flaws[flaws:]  # an answer that shows what should have been refused is no cause of its own
        due = f"no {bulk.resource} made of an item that breaks its schema"
        raise ClauseBroken(due, f"the {taken.resource} {taken.key}")
    if made is not None and not _is_there(runner, made):
        due = f"the {made.resource} {made.key}, which is valid, beside an invalid item"
        raise ClauseBroken(due, "status 404", clause_id(operation, READABLE))


def _check_accepted(step: StepResult) -> None:
    if not step.is_success:
        raise Skipped(f"it answered {step.response.status}")
    if step.response.status == 202:
        raise NotObservable("it answered 202, so the items may be there later")


def _is_there(runner: StoryRunner, created: CreatedItem) -> bool:
    return runner.environment.roles[created.resource].read is None or runner.read(created).is_success


def _items(runner: StoryRunner, bulk: BulkCreation, number: int, varied: bool = False) -> list[dict[str, Any]]:
    """Valid items with a mark each, by which what the run made is known again; raises `Skipped`.

    Where they are `varied`, they differ in other members too.
    """
    values, create = runner.environment.values, bulk.create
    found: list[dict[str, Any]] = []
    for _ in range(number):
        body = next(values.bodies(create, varied=varied), ABSENT)
        linked = runner.links.linked(create, body, bulk.resource) if isinstance(body, dict) else ABSENT
        item = item_sent(create, linked) if isinstance(linked, dict) else {}
        if not item or not (values.marks.in_value(item) or runner.environment.disposable):
            raise Skipped("no items were found that are known again, so that they can be deleted")
        found.append(item)
    return found


def _spoilt(runner: StoryRunner, bulk: BulkCreation, item: Mapping[str, Any]) -> dict[str, Any]:
    """An item that breaks its schema, and still has its mark; raises `Skipped`."""
    values, create = runner.environment.values, bulk.create
    media = values.media(create)
    kind = item_type(create, media) if media is not None else None
    for name in item if kind is not None else ():
        for spoilt in ({**item, name: {"lookalike": [1]}}, {one: item[one] for one in item if one != name}):
            is_known = bool(values.marks.in_value(spoilt)) or runner.environment.disposable
            if is_known and not values.is_valid(create, values.around_item(create, spoilt)):
                return spoilt
    raise Skipped("no invalid item was found")


def _send(
    runner: StoryRunner, operation: Operation, bulk: BulkCreation, items: Sequence[Mapping[str, Any]]
) -> tuple[StepResult, list[_Result]]:
    rest = next(runner.environment.values.bodies(operation), ABSENT) if bulk.sent else ABSENT
    if bulk.sent and not isinstance(rest, dict):
        raise Skipped("no valid body was found, in JSON or as a form")
    body = with_value_at(rest, bulk.sent, [*items]) if isinstance(rest, dict) else [*items]
    parent = runner.parent_of(bulk.resource)
    step = runner.ask(operation, runner.write(operation, runner.parameters.leading_to(operation, None, parent), body))
    shown = find(step.value, bulk.shown, None) if step.is_success else None
    if not isinstance(shown, list):
        return step, [_Result(item, None) for item in items]
    found = ((item, _shown_of(runner, item, shown, bulk, at)) for at, item in enumerate(items))
    return step, [_result(runner, bulk, step, item, one) for item, one in found]


def _shown_of(runner: StoryRunner, item: Mapping[str, Any], shown: list[Any], bulk: BulkCreation, at: int) -> Any:
    """The result of an item: the one with its mark, as they may be in any order, else the one in its place."""
    marks = runner.environment.values.marks
    mark = marks.in_value(item)
    elements = [find(one, bulk.item, None) for one in shown]
    marked = [one for one in elements if mark and marks.in_value(one) == mark]
    return marked[0] if marked else elements[at] if at < len(elements) and not marks.in_value(elements[at]) else None


def _result(runner: StoryRunner, bulk: BulkCreation, step: StepResult, item: Mapping[str, Any], shown: Any) -> _Result:
    """The result for an item, which is remembered, so that it is deleted in the end."""
    items, mark = runner.environment.model.items(bulk.resource), runner.environment.values.marks.in_value(item)
    key = shown.get(items.key) if isinstance(shown, Mapping) else None
    if not isinstance(key, str | int) or isinstance(key, bool):
        unsaid = runner.keys.marked_in_list(mark, bulk.resource) if mark else None
        if unsaid is not None:  # it is made, and to be deleted, though no result says so
            runner.creation.adopt_beside_others(step, bulk.resource, {items.key: unsaid}, item)
        return _Result(item, None)
    if runner.known.get(bulk.resource, items.as_key(key)) is not None:
        clause = clause_id(step.operation, DOCUMENTED)
        raise ClauseBroken(f"a key for each {bulk.resource}", f"the key {key} of another one", clause)
    return _Result(item, runner.creation.adopt_beside_others(step, bulk.resource, shown, item))
