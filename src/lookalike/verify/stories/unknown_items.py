"""Stories about items that do not exist, or belong to another parent."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from lookalike.contract.contract import Operation
from lookalike.contract.requests import ParameterKey
from lookalike.http import SAFE
from lookalike.json_values import ABSENT, Pointer, find, with_value_at
from lookalike.verify.oracle.tracked_items import CreatedItem
from lookalike.verify.requests.encoder import ParameterValues
from lookalike.verify.requests.item_bodies import item_sent
from lookalike.verify.roles import Roles, item_in
from lookalike.verify.runner.endings import ClauseBroken, Skipped
from lookalike.verify.runner.exchanges import StepResult
from lookalike.verify.runner.observation import GONE, parent_name, with_other_choice
from lookalike.verify.runner.story_runner import StoryRunner
from lookalike.verify.stories.list_parameters import is_listed_elsewhere
from lookalike.verify.stories.memberships import check_unknown_member
from lookalike.verify.stories.ownership import check_unknown_to_others
from lookalike.verify.stories.valid_requests import needed

_FOR_UNKNOWN = ("404", "410", "4XX")


def check_unknown(runner: StoryRunner, operation: Operation, roles: Roles | None) -> None:
    """Raise `ClauseBroken` if a request about an item that does not exist is accepted."""
    membership = runner.environment.memberships.get(operation.id)
    if membership is not None:
        check_unknown_member(runner, operation, membership)
        return
    step = ask_unknown(runner, operation, roles)
    if roles is not None and not step.is_success and operation in (roles.read, *roles.changes, roles.delete):
        _check_unknown_below_other(runner, operation, roles)
        with suppress(Skipped):
            check_unknown_to_others(runner, operation, roles)
    if not step.is_success or (operation.method == "GET" and not step.response.body):
        return
    is_accepted_by_right = step.due.response.status < 400
    if is_accepted_by_right and not step.due.changes:
        return
    if (
        operation.method == "PUT"
        and runner.creation.adopt_replaced(step, needed(roles).resource)
        and is_accepted_by_right
    ):
        return
    creates_below = roles is not None and operation is roles.create
    named = {*_FOR_UNKNOWN, "DEFAULT"} if creates_below else {*_FOR_UNKNOWN}
    is_named_in_path = operation.selector is not None and operation.selector.by.source == "path"
    is_read = operation.method == "GET" and is_named_in_path
    if not is_read and not {key.upper() for key in operation.responses} & named:
        raise Skipped("the document names no answer for it")
    raise ClauseBroken(f"status 404: {_unknown_in(operation, step)}", step.got)


def ask_unknown(runner: StoryRunner, operation: Operation, roles: Roles | None) -> StepResult:
    """The exchange of a request about an item that does not exist."""
    select = operation.selector
    place = (select.by.source, select.by.name) if select is not None else ("", "")
    if select is None or (place not in operation.parameters and not (select.by.source == "body" and select.by.pointer)):
        raise Skipped("neither a parameter nor the body of it names the item")
    resource = runner.environment.contract.resources[select.resource]
    above = runner.parent_of(select.resource) if resource.parent and resource.parent.resource else None
    body = runner.creation.with_key_of(
        operation, None, roles, next(runner.environment.values.bodies(operation), ABSENT)
    )
    given: dict[ParameterKey, Any] = {}
    if place in operation.parameters:
        given[place] = runner.environment.values.new_key(operation.parameters[place])
    else:
        body = _with_unused_key(runner, operation, select.by.pointer, body)
    if ABSENT in given.values():
        raise Skipped(f"no unused value was found for {select.by.name}")
    is_write = operation.method not in SAFE
    if is_write and any(runner.keys.read(select.resource, key, patiently=False) for key in given.values()):
        raise Skipped("an item is read by the key that was made up, which may be somebody's")
    return runner.ask(
        operation, runner.write(operation, runner.parameters.leading_to(operation, None, above, given), body)
    )


def _with_unused_key(runner: StoryRunner, operation: Operation, pointer: Pointer, body: Any) -> Any:
    """A body whose member at a pointer is a key that no item has; raises `Skipped` if none fits."""
    values, media = runner.environment.values, runner.environment.values.media(operation)
    like = find(body, pointer, None)
    if media is None or not isinstance(like, str | int):
        raise Skipped("no body names an item")
    kind = media.value_type
    for name in pointer:
        kind = kind.member(str(name))
    bodies = (with_value_at(body, pointer, key) for key in values.new_keys_like(kind, like))
    found = next((one for one in bodies if values.is_valid(operation, one)), None)
    if found is None:
        raise Skipped("no unused value was found for the key in its body")
    return found


def _unknown_in(operation: Operation, step: StepResult) -> str:
    """The item that a request names and that does not exist, in words."""
    if step.due.response.status >= 400:
        return step.due.response.header("Lookalike-Reason") or ""
    resource = operation.selector.resource if operation.selector is not None else "item"
    return f"there is no {resource} at {step.request.path}"


def _check_unknown_below_other(runner: StoryRunner, operation: Operation, roles: Roles) -> None:
    """Raise `ClauseBroken` if an item is read below a parent that is not its own."""
    if operation.selector is None or not operation.selector.within:
        return
    with suppress(Skipped):
        created = runner.make(roles.resource)
        right, values = (
            runner.parameters.leading_to(operation, created),
            _values_below_other(runner, operation, created),
        )
        body = next(runner.environment.values.bodies(operation, varied=True), ABSENT)
        before = runner.read(created) if operation is not roles.read else None
        step = runner.ask(operation, runner.write(operation, values, body))
        if values == right or not step.is_success:
            return
        if before is None:
            is_done = bool(step.response.body)
        else:
            after = runner.read(created)
            is_done = before.is_success and (
                after.response.status in GONE or _differs(before, after, item_sent(operation, body))
            )
        if is_done and not is_listed_elsewhere(runner, created):  # which is for the clause about lists
            parent = parent_name(runner, created)
            raise ClauseBroken(f"status 404: the {created.resource} belongs to another {parent}", step.got)


def _values_below_other(runner: StoryRunner, operation: Operation, created: CreatedItem) -> ParameterValues:
    """The values that lead to the key of an item below another parent; raises `Skipped` if there is none.

    Below another choice of a parameter, as `/stages/{stage}/values/{key}`, there may be things of someone else: they
    are only read.
    """
    right, parent = (
        runner.parameters.leading_to(operation, created),
        runner.environment.contract.resources[created.resource].parent,
    )
    if parent is None or operation.selector is None:
        raise Skipped("it belongs to nothing")
    if parent.resource:
        by, other = operation.selector.by, runner.parent_of(created.resource)
        return runner.parameters.leading_to(operation, None, other, {(by.source, by.name): right[by.source, by.name]})
    if operation.method not in SAFE:
        raise Skipped("what is below another choice may be somebody's")
    return with_other_choice(operation, right)


def _differs(before: StepResult, after: StepResult, sent: Mapping[str, Any]) -> bool:
    """Whether any member that was sent was changed in an item that was read."""
    first, second = item_in(before.operation, before.value), item_in(after.operation, after.value)
    return after.is_success and any(first.get(name) != second.get(name) for name in sent)
