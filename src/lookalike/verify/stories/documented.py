"""Stories about plain requests: the operation is there, and answers as the document says."""

from itertools import islice

from lookalike.contract.contract import Operation
from lookalike.json_values import ABSENT
from lookalike.verify.oracle.comparison import is_named
from lookalike.verify.oracle.tracked_items import CreatedItem
from lookalike.verify.roles import Roles
from lookalike.verify.stories.endings import ClauseBroken, Skipped
from lookalike.verify.stories.exchanges import StepResult
from lookalike.verify.stories.runner import StoryRunner
from lookalike.verify.stories.valid_requests import about, check_allowed, send_plain

_NOT_THERE = {404, 405, 501}
_MOST_BODIES = 3


def check_documented(runner: StoryRunner, operation: Operation, roles: Roles | None) -> None:
    """Send one plain request; the runner checks its response, as every other, against the document."""
    step = send_plain(runner, operation, roles)
    runner.adopt_anything(step)
    if not step.is_success:
        raise Skipped(f"it answered {step.response.status} to a plain request")


def check_implemented(runner: StoryRunner, operation: Operation, roles: Roles | None) -> None:
    """Break the clause where no plain request is answered as by an operation that is there."""
    created, parent = about(runner, operation, roles)
    check_allowed(runner, operation, roles, created)
    values = runner.values_for(operation, created, parent)
    # A server that has accepted nothing yet is probably another one, and is not asked more than once.
    most = _MOST_BODIES if runner.is_accepted else 1
    bodies = list(islice(runner.environment.values.bodies(operation), most)) or [ABSENT]
    for body in bodies:
        named = runner.with_key_of(created, roles, body)
        linked = runner.linked(operation, named, roles.resource if roles is not None else "")
        step = runner.ask(operation, runner.write(operation, values, linked))
        runner.adopt_anything(step)
        if step.response.status in _NOT_THERE and is_named(operation, step.response.status):
            raise Skipped(f"it answered {step.response.status}, which the document has")
        if not _is_missing(operation, step):
            return
    if step.response.status == 404 and not _leads_somewhere(runner, operation, roles, created):
        raise Skipped("it answered 404, and it is not certain that its path leads to something that is there")
    if step.response.status == 404 and operation.body is not None:
        # It may be about something that the body names. An operation that is there looks at the body first.
        refused = runner.ask(operation, runner.write(operation, values, []), refused=True)
        if not _is_missing(operation, refused):
            raise Skipped("it answered 404, probably since its body names something that is not there")
    raise ClauseBroken("an answer of the documented operation", step.got)


def _is_missing(operation: Operation, step: StepResult) -> bool:
    """Whether an answer says that there is no such operation, and no document says that it may."""
    status = step.response.status
    is_told = status in _NOT_THERE or (status == 415 and bool(step.request.body))
    return is_told and not is_named(operation, status)


def _leads_somewhere(
    runner: StoryRunner, operation: Operation, roles: Roles | None, created: CreatedItem | None
) -> bool:
    """Whether a path names only what the run created and can read, or the target file gives."""
    if created is not None and roles is not None:
        return operation is not roles.read and roles.read is not None and runner.read(created).is_success
    named = {parameter.name for parameter in operation.parameters.values() if parameter.location == "path"}
    return named <= runner.environment.given.keys()
