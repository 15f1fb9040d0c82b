"""Stories about actions on an item, such as `POST /orders/{id}/cancel`, whose effect only names and prose tell."""

import json
from collections.abc import Mapping
from functools import partial
from typing import Any

from lookalike.contract.contract import Operation
from lookalike.json_values import equal
from lookalike.naming.members import is_time
from lookalike.verify.clauses import name_of
from lookalike.verify.oracle.tracked_items import CreatedItem
from lookalike.verify.roles import Roles, item_in, members_set, values_told
from lookalike.verify.runner.endings import ClauseBroken, Skipped
from lookalike.verify.runner.observation import ACCEPTED
from lookalike.verify.runner.story_runner import StoryRunner


def check_read_as_answered(runner: StoryRunner, operation: Operation, roles: Roles) -> None:
    """Raise `ClauseBroken` if an item is read as it was before an action whose answer or text says otherwise."""
    created = runner.make(roles.resource)
    before = _read(runner, roles, created)
    step = runner.ask(operation, runner.parameters.request_about(operation, created))
    if not step.is_success or step.response.status == ACCEPTED:
        raise Skipped(f"it answered {step.response.status}")
    told = values_told(runner.environment.contract, operation)
    runner.eventually(partial(_check_told, runner, roles, created, told))
    shown = item_in(operation, step.value)
    names = [name for name in members_set(operation) if not is_time(name) and name in shown and name in before]
    changed = [name for name in names if not equal(shown[name], before[name])]
    if not changed and not told:
        raise Skipped("its answer shows no change of the item")
    due = {name: f"{name} = {json.dumps(shown[name])}, as {name_of(operation)} answered" for name in changed}
    runner.eventually(partial(_check, runner, roles, created, before, due))


def check_refused_when_done(runner: StoryRunner, operation: Operation, roles: Roles) -> None:
    """Raise `ClauseBroken` if an action succeeds twice of which the text says that it is refused once it is done."""
    created = runner.make(roles.resource)
    step = runner.ask(operation, runner.parameters.request_about(operation, created))
    if not step.is_success or step.response.status == ACCEPTED or runner.environment.settle:
        raise Skipped(f"it answered {step.response.status}, and may do it later")
    shown, select = _read(runner, roles, created), operation.selector
    if select is None or any(name in shown and not equal(shown[name], value) for name, value in select.done):
        raise Skipped("it did nothing that is read")
    again = runner.ask(operation, runner.parameters.request_about(operation, created))
    if again.is_success:
        raise ClauseBroken(f"status {select.if_done}: it was done already", again.got)


def _check(
    runner: StoryRunner, roles: Roles, created: CreatedItem, before: Mapping[str, Any], due: Mapping[str, str]
) -> None:
    after = _read(runner, roles, created)
    for name, expected in due.items():
        if name in after and equal(after[name], before[name]):
            raise ClauseBroken(expected, f"{name} = {json.dumps(after[name])}, as before")


def _check_told(runner: StoryRunner, roles: Roles, created: CreatedItem, told: Mapping[str, Any]) -> None:
    after = _read(runner, roles, created) if told else {}
    for name, value in told.items():
        if name in after and str(after[name]).casefold() != str(value).casefold():
            raise ClauseBroken(f"{name} = {json.dumps(value)}, as its text says", f"{name} = {json.dumps(after[name])}")


def _read(runner: StoryRunner, roles: Roles, created: CreatedItem) -> dict[str, Any]:
    return item_in(roles.read, runner.read(created).value) if roles.read is not None else {}
