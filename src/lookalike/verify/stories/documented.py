"""Stories about plain requests: the operation is there, and answers as the document says."""

from contextlib import suppress
from itertools import islice

from lookalike.contract.contract import Operation
from lookalike.contract.grounds import EFFECT, is_guessed
from lookalike.contract.routing import plain_path
from lookalike.json_values import ABSENT
from lookalike.verify.oracle.comparison import is_named
from lookalike.verify.oracle.tracked_items import CreatedItem
from lookalike.verify.roles import Roles
from lookalike.verify.stories.endings import ClauseBroken, NotObservable, Skipped
from lookalike.verify.stories.observation import is_key_open
from lookalike.verify.stories.paging import listed
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
    created, parent = _about(runner, operation, roles)
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
        if not _is_missing(step):
            return
        if is_named(operation, step.response.status) and not _is_strange(operation, step, created):
            raise Skipped(f"it answered {step.response.status}, which the document has")
    about_it = created or parent
    if step.response.status == 404 and not _leads_somewhere(runner, operation, about_it):
        raise Skipped("it answered 404, and it is not certain that its path leads to something that is there")
    if step.response.status == 404 and operation.body is not None:
        # It may be about something that the body names. An operation that is there looks at the body first.
        refused = runner.ask(operation, runner.write(operation, values, []), refused=True)
        if not _is_missing(refused):
            raise Skipped("it answered 404, probably since its body names something that is not there")
    there = f": the {about_it.resource} {about_it.key} is there" if about_it and step.response.status == 404 else ""
    raise ClauseBroken(f"an answer of the documented operation{there}", step.got)


def _about(
    runner: StoryRunner, operation: Operation, roles: Roles | None
) -> tuple[CreatedItem | None, CreatedItem | None]:
    """What an operation is about; nothing where it reads the only item of its kind, which need not be there yet."""
    is_only = roles is not None and runner.environment.contract.resources[roles.resource].is_single
    if roles is not None and is_only and operation is roles.read:
        return None, runner.parent_of(roles.resource)
    return about(runner, operation, roles)


def _is_missing(step: StepResult) -> bool:
    """Whether an answer may say that there is no such operation."""
    return step.response.status in _NOT_THERE or (step.response.status == 415 and bool(step.request.body))


def _is_strange(operation: Operation, step: StepResult, created: CreatedItem | None) -> bool:
    """Whether a documented 404 cannot be meant: the operation is known to be about an item alone, which was made.

    Below an item, it may be for something that the item does not have yet, such as a picture.
    """
    select = operation.selector
    if step.response.status != 404 or step.due.response.status >= 400 or created is None or select is None:
        return False
    # That HEAD is answered as GET is no guess (RFC 9110 section 9.3.2).
    is_known = operation.method == "HEAD" or not is_guessed(operation.grounds, EFFECT)
    is_whole = EFFECT not in operation.grounds or plain_path(operation.path).endswith(f"{{{select.by.name}}}")
    return is_known and is_whole and created.resource == select.resource


def _leads_somewhere(runner: StoryRunner, operation: Operation, about_it: CreatedItem | None) -> bool:
    """Whether a path names only what is read or listed, or the target file gives."""
    if about_it is None:
        named = {parameter.name for parameter in operation.parameters.values() if parameter.location == "path"}
        return named <= runner.environment.given.keys()
    roles = runner.environment.roles[about_it.resource]
    if not about_it.removable:
        return True
    if operation is not roles.read and roles.read is not None:
        return runner.read(about_it).is_success
    with suppress(Skipped, NotObservable):
        return not is_key_open(runner, about_it) and listed(runner, about_it) is not None
    return False
