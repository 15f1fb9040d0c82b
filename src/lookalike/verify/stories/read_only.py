"""Stories about `readOnly` members: a server ignores or refuses the values that clients send for them.

They are managed by the owning authority alone (JSON Schema Validation section 9.4; OpenAPI 3.1 section 4.8.24).
"""

from typing import Any

from lookalike.contract.contract import Operation
from lookalike.json_values import ABSENT
from lookalike.verify.clauses import name_of
from lookalike.verify.oracle.tracked_items import CreatedItem
from lookalike.verify.requests.claimed_values import claimed_values, is_taken_over
from lookalike.verify.requests.item_bodies import item_sent, with_item
from lookalike.verify.roles import Roles, item_in
from lookalike.verify.runner.endings import ClauseBroken, Skipped
from lookalike.verify.runner.story_runner import StoryRunner

_ABOUT_THE_BODY = {400, 409, 422}


def check_read_only(runner: StoryRunner, operation: Operation, roles: Roles) -> None:
    """Raise `ClauseBroken` if a `readOnly` member shows the value that was sent for it."""
    values, keys = runner.environment.values, runner.environment.model.items(roles.resource).identity_fields
    media, body = values.media(operation), next(values.bodies(operation), ABSENT)
    claimed = claimed_values(operation, media, body, keys) if media is not None else {}
    if not claimed:
        raise Skipped("no value was found for a readOnly member")
    created = _sent(runner, operation, roles, with_item(operation, body, {**item_sent(operation, body), **claimed}))
    step = runner.read(created) if created is not None else None
    shown = item_in(step.operation, step.value) if step is not None else {}
    for name, value in claimed.items():
        if is_taken_over(value, shown.get(name)):
            raise ClauseBroken(f"{name}, which is readOnly, not as the client sent it", f"{name} = {value}")


def _sent(runner: StoryRunner, operation: Operation, roles: Roles, body: dict[str, Any]) -> CreatedItem | None:
    """The item that was made or changed by a body; None if it was refused, which keeps the clause as well."""
    if operation is roles.create:
        made = runner.creation.create(operation, runner.parent_of(roles.resource), body)
        if isinstance(made, CreatedItem):
            return made
        step = made
    else:
        created = runner.make(roles.resource)
        linked = runner.links.linked(operation, body, created.resource)
        step = runner.change(operation, created, item_sent(operation, linked))
        if step.is_success:
            return created
    if step.response.status not in _ABOUT_THE_BODY:
        raise Skipped(f"{name_of(operation)} answered {step.response.status}")
    return None
