"""Lessons about deleted items: what becomes of the items below them, and how operations answer about them."""

from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

from lookalike.contract.contract import Operation
from lookalike.http import SAFE, Request
from lookalike.verify.calibration.bodies import usable_body
from lookalike.verify.calibration.calibrator import Calibrator
from lookalike.verify.oracle.tracked_items import CreatedItem
from lookalike.verify.roles import Roles
from lookalike.verify.runner.endings import Skipped

_FORBIDDEN_BY_CHILDREN = frozenset({400, 409, 412, 422, 423})
_NOT_ABOUT_ITEMS = frozenset({401, 405, 406, 408, 415, 429})
_DELETED, _DELETED_PARENT = "deleted", "deleted-parent"


class _Asked(NamedTuple):
    """A request about an item that will be deleted, or below it, and the subject of the reading that it decides."""

    operation: Operation
    subject: str
    request: Request


def children(calibrator: Calibrator, roles: Roles) -> None:
    """The fate of the items below a deleted one: they are deleted too, stay, or forbid the deletion."""
    below = next(_roles_below(calibrator, roles), None)
    if roles.delete is None or below is None or below.read is None:
        return
    child = calibrator.make(below.resource)
    if child.parent is None or child.parent.resource != roles.resource:
        return
    read = calibrator.write(below.read, calibrator.parameters.leading_to(below.read, child))
    removal = calibrator.parameters.request_about(below.delete, child) if below.delete is not None else None
    step = calibrator.delete(child.parent)
    id, status = f"{roles.resource}.children", step.response.status
    if status in _FORBIDDEN_BY_CHILDREN:
        calibrator.decide(id, str(status), step)
    elif step.is_success:
        found = calibrator.ask(below.read, read)
        calibrator.decide(id, "kept" if found.is_success else "deleted", found)
        if found.is_success and below.delete is not None and removal is not None:
            calibrator.ask(below.delete, removal)


def _roles_below(calibrator: Calibrator, roles: Roles) -> Iterator[Roles]:
    """The resources whose items belong to one, as far as they can be made and deleted again, alone or with it."""
    environment = calibrator.environment
    goes_along = roles.delete is not None and "409" not in roles.delete.responses
    for name, found in environment.roles.items():
        parent = environment.contract.resources[name].parent
        is_below = parent is not None and parent.resource == roles.resource
        if is_below and found.create is not None and (found.delete is not None or goes_along or environment.disposable):
            yield found


def after_deletion(calibrator: Calibrator, roles: Roles) -> None:
    """How each operation answers about an item that was deleted, or about one below it."""
    name = roles.resource
    if roles.create is None or roles.delete is None:
        return
    if calibrator.decisions.choices.get(f"{name}.deletion", "gone") != "gone":
        return
    own = calibrator.make(name)
    asked = [*_requests(calibrator, own)]
    if not calibrator.delete(own).is_success:
        return
    for operation, subject, request in asked:
        step = calibrator.ask(operation, request, refused=True)
        status, id = step.response.status, f"{operation.name}.{subject}"
        if step.is_success and operation.method == "PUT" and subject == _DELETED:
            calibrator.creation.adopt_replaced(step, name)  # there is an item under the key again
        elif step.is_success:
            calibrator.adopt_anything(step)
            if operation is not roles.read and subject == _DELETED:
                calibrator.decide(id, "ignored", step)
        elif 400 <= status < 500 and status not in _NOT_ABOUT_ITEMS:
            calibrator.decide(id, str(status), step)


def _requests(calibrator: Calibrator, own: CreatedItem) -> Iterator[_Asked]:
    """Valid requests about an item and below it, the harmless ones first, and last those that may make it again."""
    every = calibrator.environment.contract.operations
    operations = sorted(every, key=lambda one: (one.method not in SAFE, one.method == "PUT"))
    resources = calibrator.environment.contract.resources
    for operation in operations:
        select = operation.selector
        if select is None or select.by.source != "path" or select.if_present:
            continue
        parent = resources[select.resource].parent
        with suppress(Skipped):
            if select.resource == own.resource:
                values = calibrator.parameters.leading_to(operation, own)
                subject = _DELETED
            elif parent is not None and parent.resource == own.resource and select.within:
                key = calibrator.environment.values.new_key(operation.parameters["path", select.by.name])
                values = calibrator.parameters.leading_to(operation, None, own, {("path", select.by.name): key})
                subject = _DELETED_PARENT
            else:
                continue
            body = usable_body(calibrator, operation)
            yield _Asked(operation, subject, calibrator.write(operation, values, body))
