"""Stories about operations that the document says are refused in some states of an item: "Only drafts can be deleted".

An item is brought into such a state by a change of the member that tells it, or by actions.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from lookalike.contract.contract import Operation
from lookalike.json_values import equal
from lookalike.verify.oracle.tracked_items import CreatedItem
from lookalike.verify.roles import Roles, item_in, refused_states, states_set
from lookalike.verify.runner.endings import ClauseBroken, Skipped
from lookalike.verify.runner.exchanges import StepResult
from lookalike.verify.runner.observation import ACCEPTED
from lookalike.verify.runner.story_runner import StoryRunner
from lookalike.verify.stories.changes import changes_of, whole_change

_MOST_ACTIONS = 8  # on one item
Refused = Mapping[str, Sequence[Any]]


def check_refused_in_state(runner: StoryRunner, operation: Operation, roles: Roles) -> None:
    """Raise `ClauseBroken` if an operation succeeds in a state of the item in which it is refused, by its text."""
    if runner.environment.settle or operation.selector is None or operation.selector.guard is None:
        raise Skipped("what is read may lag behind the state of the item")
    created = runner.make(roles.resource)
    before, refused = _read(runner, roles, created), refused_states(operation)
    member = _bring(runner, operation, roles, created, refused)
    now = _read(runner, roles, created)[member]
    step = _ask(runner, operation, roles, created, member)
    if operation is roles.delete and not step.is_success:
        with suppress(Skipped):  # so that it can be deleted in the end
            _change(runner, roles, created, member, before.get(member))
    if step.is_success and step.response.status != ACCEPTED:
        expected = f"status {operation.selector.guard.status}: its {member} is {json.dumps(now)}"
        raise ClauseBroken(expected, step.got)
    if str(step.response.status) != operation.selector.guard.status:
        raise Skipped(f"it answered {step.response.status}, which may have another reason")


def _bring(runner: StoryRunner, operation: Operation, roles: Roles, created: CreatedItem, refused: Refused) -> str:
    """The member that has a value with which an operation is refused; raises `Skipped` if none could be given one.

    An item that cannot be deleted in its state must have a way back, unless the server is disposable.
    """
    if member := _refused_member(runner, roles, created, refused):
        return member
    for member, values in refused.items():
        for value in values:
            with suppress(Skipped):
                _change(runner, roles, created, member, value)
                if _refused_member(runner, roles, created, refused) == member:
                    return member
    if operation is roles.delete and not runner.environment.disposable:
        raise Skipped("an item in that state could not be deleted; the target file does not say `disposable`")
    for action in (one for member, values in refused.items() for one in _actions(runner, operation, member, values)):
        with suppress(Skipped):
            runner.ask(action, runner.parameters.request_about(action, created))
            if member := _refused_member(runner, roles, created, refused):
                return member
    raise Skipped("no request was found that brings an item into a state in which it is refused")


def _refused_member(runner: StoryRunner, roles: Roles, created: CreatedItem, refused: Refused) -> str:
    """The first member of an item with a value with which an operation is refused; nothing if there is none."""
    shown = _read(runner, roles, created)
    found = (name for name, values in refused.items() if any(equal(shown.get(name), one) for one in values))
    return next(found, "")


def _change(runner: StoryRunner, roles: Roles, created: CreatedItem, member: str, value: Any) -> None:
    """Change a member of an item, by the first operation that can; raises `Skipped` if none can."""
    changes = ((one, whole_change(runner, one, created, {member: value})) for one in roles.changes)
    for change, body in changes:
        if body is not None and runner.change(change, created, body).is_success:
            return
    raise Skipped(f"no request changes the {member} of an item")


def _actions(runner: StoryRunner, operation: Operation, member: str, values: Sequence[Any]) -> Iterator[Operation]:
    """The actions that set a member to one of some values; then the others, after which those may succeed."""
    resource = operation.selector.resource if operation.selector is not None else ""
    actions = [
        one
        for one in runner.environment.contract.operations
        if one.selector is not None and one.selector.resource == resource
    ]
    leading = [one for one in actions if states_set(one, member) & {*values} and one is not operation]
    others = [one for one in actions if states_set(one, member) - {*values}]
    yield from [*leading, *others, *leading][:_MOST_ACTIONS] if leading else ()


def _ask(runner: StoryRunner, operation: Operation, roles: Roles, created: CreatedItem, member: str) -> StepResult:
    """The result of an operation: of a deletion, a change of another member than the state, or an action."""
    if operation is roles.delete:
        return runner.delete(created)
    if operation not in roles.changes:
        return runner.ask(operation, runner.parameters.request_about(operation, created))
    now = runner.known.get(created.resource, created.key) or {}
    bodies = changes_of(runner, operation, created)
    body = next((one for one in bodies if equal(one.get(member, now.get(member)), now.get(member))), None)
    if body is None:
        raise Skipped("no other member of an item was found that it can change")
    return runner.change(operation, created, body)


def _read(runner: StoryRunner, roles: Roles, created: CreatedItem) -> dict[str, Any]:
    return item_in(roles.read, runner.read(created).value) if roles.read is not None else {}
