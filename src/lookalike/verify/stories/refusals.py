"""Stories about requests that are refused: those with wrong credentials, and those that break a schema."""

from functools import partial

from lookalike.contract.contract import Operation
from lookalike.json_values import find
from lookalike.model.resources.logins import precedes_credentials
from lookalike.verify import roles as r
from lookalike.verify.oracle.comparison import is_named
from lookalike.verify.requests.broken_values import RulePath
from lookalike.verify.requests.encoder import NotEncodable
from lookalike.verify.requests.item_bodies import item_pointer
from lookalike.verify.roles import Roles, item_in
from lookalike.verify.runner.endings import ClauseBroken, Skipped
from lookalike.verify.runner.exchanges import StepResult
from lookalike.verify.runner.story_runner import StoryRunner
from lookalike.verify.stories.invalid import MOST_INVALID, InvalidRequest, ValidInput, invalid_requests
from lookalike.verify.stories.valid_requests import send_plain, valid_input
from lookalike.verify.stories.wrong_credentials import entrances_of, wrong_credentials

_MULTI_STATUS = 207
_REFUSED_BY_RIGHT = {401, 403, 404, 407}


def check_credentials(runner: StoryRunner, operation: Operation, roles: Roles | None) -> None:
    """Raise `ClauseBroken` if a request without credentials is accepted, or with any kind of wrong ones."""
    if precedes_credentials(runner.environment.contract, operation):
        raise Skipped(
            "clients come to a login or a sign-up before they have credentials, which the document may forget"
        )
    step = send_plain(runner, operation, roles, guarded=False)
    runner.adopt_anything(step)
    if step.is_success:
        raise ClauseBroken(f"status {step.due.response.status}: no credentials were sent", step.got)
    if step.response.status not in _REFUSED_BY_RIGHT and not 300 <= step.response.status < 400:
        raise Skipped(f"it answered {step.response.status} before it looked for credentials")
    _refuse_wrong_credentials(runner, valid_input(runner, operation, roles))


def _refuse_wrong_credentials(runner: StoryRunner, valid: ValidInput) -> None:
    """Raise `ClauseBroken` if credentials are accepted that are wrong, expired, revoked, incomplete or misplaced."""
    operation, environment = valid.operation, runner.environment
    try:
        schemes = environment.writer.schemes(operation)
    except NotEncodable:
        return
    write = partial(runner.write_with, operation, valid.values, valid.body)
    entrances = entrances_of(environment.contract.schemes.values(), may_lock=not environment.disposable)
    for what, request in wrong_credentials(operation, schemes, environment.credentials, entrances, write):
        step = runner.ask(operation, request, refused=True)
        runner.adopt_anything(step)
        if step.is_success:
            raise ClauseBroken(f"status 401 or 403: {what}", step.got)


def check_invalid(runner: StoryRunner, operation: Operation, roles: Roles | None) -> None:
    """Raise `ClauseBroken` if a request that breaks a documented schema is accepted."""
    valid = valid_input(runner, operation, roles)
    write = partial(runner.write, operation)
    tried = known = 0
    for _, requests in invalid_requests(valid, runner.environment.values, write):
        refused = next((one for one in requests if _is_refused(runner, operation, one)), None)
        known += refused is not None
        if refused is not None and tried < MOST_INVALID:
            tried += 1
            _refuse(runner, valid, roles, refused)
    if not tried:
        raise Skipped("no request was found that is invalid under every reading of the document")
    control = runner.ask(operation, write(valid.values, valid.body))
    runner.adopt_anything(control)
    if not control.is_success:
        raise Skipped(f"it answered {control.response.status} to a valid request too, so that a refusal proves nothing")
    if tried < known:
        runner.remark = f"tried {tried} of {known} keywords"


def _is_refused(runner: StoryRunner, operation: Operation, invalid: InvalidRequest) -> bool:
    """Whether a request is refused under every reading that is left; one of which these differ is sent to learn."""
    if runner.refusal(invalid.request) is not None:
        return True
    if runner.is_open(invalid.request):  # the answer tells how the server reads the document, and accuses nothing
        runner.adopt_anything(runner.ask(operation, invalid.request))
    return False


def _refuse(runner: StoryRunner, valid: ValidInput, roles: Roles | None, invalid: InvalidRequest) -> None:
    """Send an invalid request, and raise `ClauseBroken` if it is accepted or answered with a server error."""
    operation, due, flaws = valid.operation, runner.due(invalid.request), len(runner.flaws)
    step = runner.ask(operation, invalid.request, refused=True)
    if step.is_success:
        del runner.flaws[flaws:]  # an answer that shows what should have been refused is no cause of its own
        _take_back(runner, valid, roles, step)
    else:
        runner.note_choice(f"{operation.name}.refusal", str(step.response.status))
    names = {key.upper() for key in operation.responses}
    if is_named(operation, step.response.status) and step.response.status >= 500:
        raise Skipped(f"it answered {step.response.status}, which the document has")
    if step.response.status == _MULTI_STATUS:
        raise Skipped("it answered 207, so that each part has a status of its own (RFC 4918 section 13)")
    if step.is_success and invalid.twice is not None and _drops_duplicates(step, invalid.twice):
        return
    if step.response.status >= 500 or (step.is_success and names & invalid.refusals):
        expected = f"status {due.response.status}: {due.response.header('Lookalike-Reason')} ({invalid.what})"
        raise ClauseBroken(expected, step.got, rule=invalid.rule if step.is_success else None)
    if step.is_success:
        raise Skipped(f"it accepts an invalid request ({invalid.what}), and the document has no response for those")


def _drops_duplicates(step: StepResult, path: RulePath) -> bool:
    """Whether an answer shows a list that was sent with an item twice as a set, as libraries read `uniqueItems`."""
    within = path[len(item_pointer(step.operation)) :]
    shown = find(item_in(step.operation, step.value), within, None)
    return isinstance(shown, list) and not any(one in shown[:at] for at, one in enumerate(shown))


def _take_back(runner: StoryRunner, valid: ValidInput, roles: Roles | None, step: StepResult) -> None:
    """Remember an invalid item that was created, and give a single one that was replaced a valid value again."""
    if roles is not None and r.creates_by_replacing(valid.operation):
        runner.creation.adopt_replaced(step, roles.resource)
    runner.adopt_anything(step)
    selector = valid.operation.selector
    if selector is not None and runner.environment.contract.resources[selector.resource].is_single:
        runner.ask(valid.operation, runner.write(valid.operation, valid.values, valid.body))
