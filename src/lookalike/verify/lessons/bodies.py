"""The bodies that lessons send, and the items that come of them."""

from itertools import islice
from typing import Any

from lookalike.contract.contract import Operation
from lookalike.verify.lessons.learner import Learner
from lookalike.verify.oracle.tracked_items import CreatedItem
from lookalike.verify.roles import Roles, item_in
from lookalike.verify.stories.endings import Skipped

_MOST_BODIES = 6

SentMembers = dict[str, Any]


def whole_and_least(learner: Learner, operation: Operation) -> tuple[SentMembers, SentMembers]:
    """A body with as many members as are found, and one with the required ones alone; raises `Skipped`."""
    media = learner.environment.values.media(operation)
    found = [one for one in islice(learner.environment.values.bodies(operation), _MOST_BODIES) if type(one) is dict]
    if media is None or not found:
        raise Skipped("no body is an object")
    whole = max(found, key=len)
    least = whole
    for name in [*whole]:
        rest = {other: value for other, value in least.items() if other != name}
        if media.schema is None or media.schema.accepts(rest):
            least = rest
    return whole, least


def accepts(learner: Learner, operation: Operation, body: SentMembers) -> bool:
    """Whether a body fits the schema of an operation."""
    media = learner.environment.values.media(operation)
    return media is not None and (media.schema is None or media.schema.accepts(body))


def another(learner: Learner, operation: Operation, body: SentMembers) -> SentMembers:
    """The body with another mark in its names, so that no two items are alike in what may have to be unique."""
    media = learner.environment.values.media(operation)
    fresh = next(iter(learner.environment.values.bodies(operation, varied=True)), body)
    changed = {name: fresh[name] if isinstance(fresh, dict) and name in fresh else body[name] for name in body}
    return changed if media is None or accepts(learner, operation, changed) else body


def make_item(learner: Learner, roles: Roles, body: SentMembers) -> CreatedItem:
    """An item made of a body; raises `Skipped` where it is refused."""
    if roles.create is None:
        raise Skipped(f"no operation creates a {roles.resource}")
    made = learner.create(roles.create, learner.parent_of(roles.resource), body)
    if isinstance(made, CreatedItem):
        return made
    raise Skipped(f"a body of {roles.create.name} was refused")


def shown_members(learner: Learner, roles: Roles, own: CreatedItem) -> SentMembers:
    """The members of an item as it is read, or as the answer to the last request shows it."""
    if roles.read is None:
        return item_in(learner.results[-1].operation, learner.results[-1].value)
    told = learner.read(own)
    if not told.is_success:
        raise Skipped(f"{roles.read.name} answered {told.response.status}")
    return item_in(roles.read, told.value)
