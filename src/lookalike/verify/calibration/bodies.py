"""The bodies that measurements send, and the items that are made of them."""

from collections.abc import Mapping
from itertools import islice
from typing import Any

from lookalike.contract.contract import Operation
from lookalike.json_values import ABSENT
from lookalike.verify.calibration.calibrator import Calibrator
from lookalike.verify.oracle.normalisations import may_be_kept_as
from lookalike.verify.oracle.tracked_items import CreatedItem
from lookalike.verify.roles import Roles, item_in
from lookalike.verify.runner.endings import Skipped

_MOST_BODIES = 6

UNKNOWN_MEMBER = "lookalike_unknown"

SentMembers = dict[str, Any]


def whole_and_least(calibrator: Calibrator, operation: Operation) -> tuple[SentMembers, SentMembers]:
    """A body with as many members as are found, and one with the required ones alone; raises `Skipped`."""
    media = calibrator.environment.values.media(operation)
    whole = calibrator.decisions.bodies.get(operation.name) or _whole(calibrator, operation)
    if media is None or whole is None:
        raise Skipped("no body is an object")
    calibrator.decisions.bodies[operation.name] = whole
    least = whole = renamed(calibrator, operation, whole)
    for name in [*whole]:
        rest = {other: value for other, value in least.items() if other != name}
        if media.schema is None or media.schema.accepts(rest):
            least = rest
    return whole, least


def usable_body(calibrator: Calibrator, operation: Operation) -> Any:
    """A body that the server should accept: one like it has before, else the simplest; `ABSENT` if there is none."""
    known = calibrator.decisions.bodies.get(operation.name)
    if known is not None:
        return renamed(calibrator, operation, known)
    return next(calibrator.environment.values.bodies(operation), ABSENT)


def _whole(calibrator: Calibrator, operation: Operation) -> SentMembers | None:
    """The body with the most members; of those that create an item, one that the server accepts, if there is any.

    A server may accept only what people send, such as an address where the document asks for any text.
    """
    values = calibrator.environment.values
    simple, usual = (islice(values.bodies(operation, varied=varied), _MOST_BODIES) for varied in (False, True))
    found = sorted((one for one in simple if type(one) is dict), key=len, reverse=True)
    resource = next((name for name, one in calibrator.environment.roles.items() if one.create is operation), None)
    if resource is not None:
        parent = calibrator.parent_of(resource)
        found += sorted((one for one in usual if type(one) is dict), key=len, reverse=True)
        accepted = (one for one in found if isinstance(calibrator.creation.create(operation, parent, one), CreatedItem))
        return next(accepted, next(iter(found), None))
    return next(iter(found), None)


def accepts(calibrator: Calibrator, operation: Operation, body: SentMembers) -> bool:
    """Whether a body fits the schema of an operation."""
    media = calibrator.environment.values.media(operation)
    return media is not None and (media.schema is None or media.schema.accepts(body))


def renamed(calibrator: Calibrator, operation: Operation, body: SentMembers) -> SentMembers:
    """The body with another mark in its names: a server that accepts it accepts this one, unless others must differ."""
    values = calibrator.environment.values
    media, renewed = values.media(operation), values.marks.renewed(body)
    changed = values.marked(body, media) if renewed == body and media is not None else renewed
    return changed if isinstance(changed, dict) else body


def another(
    calibrator: Calibrator, operation: Operation, body: SentMembers, item: Mapping[str, Any] | None = None
) -> SentMembers:
    """The body with other values than an item has, or the body itself: some members may have to be unique."""
    media = calibrator.environment.values.media(operation)
    known: Mapping[str, Any] = body if item is None else item
    drawn = islice(calibrator.environment.values.bodies(operation, varied=True), _MOST_BODIES)
    fresh = [one for one in drawn if isinstance(one, dict)]
    changed = {}
    for name in body:
        values = [one[name] for one in fresh if name in one]
        others = (value for value in values if not may_be_kept_as(value, known.get(name, ABSENT)))
        changed[name] = next(others, values[0] if values else body[name])
    return changed if media is None or accepts(calibrator, operation, changed) else body


def make_another(calibrator: Calibrator, roles: Roles, body: SentMembers) -> CreatedItem:
    """An item with another name than others of the same body, or with other values; raises `Skipped`."""
    if roles.create is None:
        raise Skipped(f"no operation creates a {roles.resource}")
    try:
        return make_item(calibrator, roles, renamed(calibrator, roles.create, body))
    except Skipped:
        return make_item(calibrator, roles, another(calibrator, roles.create, body))


def make_item(calibrator: Calibrator, roles: Roles, body: SentMembers) -> CreatedItem:
    """An item made of a body; raises `Skipped` if it is refused."""
    if roles.create is None:
        raise Skipped(f"no operation creates a {roles.resource}")
    made = calibrator.creation.create(roles.create, calibrator.parent_of(roles.resource), body)
    if isinstance(made, CreatedItem):
        return made
    raise Skipped(f"a body of {roles.create.name} was refused")


def shown_members(calibrator: Calibrator, roles: Roles, own: CreatedItem) -> SentMembers:
    """The members of an item as it is read, or as the answer to the last request shows it."""
    if roles.read is None:
        return item_in(calibrator.results[-1].operation, calibrator.results[-1].value)
    step = calibrator.read(own)
    if not step.is_success:
        raise Skipped(f"{roles.read.name} answered {step.response.status}")
    return item_in(roles.read, step.value)
