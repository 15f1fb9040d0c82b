"""Valid requests: what an operation is about, and whether the server may be sent it."""

from typing import Any

from lookalike.contract.contract import Operation
from lookalike.http import SAFE, Request
from lookalike.json_values import ABSENT
from lookalike.verify import roles as r
from lookalike.verify.oracle.tracked_items import CreatedItem
from lookalike.verify.requests.item_bodies import agreeing, item_type
from lookalike.verify.roles import Roles, does_something
from lookalike.verify.runner.endings import Skipped
from lookalike.verify.runner.exchanges import StepResult
from lookalike.verify.runner.story_runner import StoryRunner
from lookalike.verify.sign_in import acts_on_account, ends_access
from lookalike.verify.stories.invalid import ValidInput


def needed(roles: Roles | None) -> Roles:
    """The roles in which an operation acts; raises `Skipped` if there are none."""
    if roles is None:
        raise Skipped("the document does not say what it does")
    return roles


def about(
    runner: StoryRunner, operation: Operation, roles: Roles | None
) -> tuple[CreatedItem | None, CreatedItem | None]:
    """The item that an operation is about, or the parent of the items that it creates or lists."""
    if roles is None or operation.id in runner.environment.memberships:
        return None, None
    if operation in (roles.create, roles.list) and not r.creates_by_replacing(operation):
        return None, runner.parent_of(roles.resource)
    created = runner.make_any(roles.resource)
    if operation.method not in SAFE:
        runner.check_removable(created)
    return created, None


def creates(operation: Operation, roles: Roles | None) -> bool:
    """Whether an operation creates the items of its roles."""
    return roles is not None and operation is roles.create


def check_allowed(runner: StoryRunner, operation: Operation, roles: Roles | None, created: CreatedItem | None) -> None:
    """Raise `Skipped` if a request may do something to a server that its target file does not allow."""
    is_own = runner.environment.is_own_account and acts_on_account(operation)
    if ends_access(operation) and not (is_own or runner.environment.resettable):
        raise Skipped(
            "it would end the access of the credentials that the target file gives, and no account of the run's own "
            "can be signed up for it"
        )
    if created is None and creates(operation, roles):
        runner.creation.check_learnable(operation)
    if (
        operation.method in SAFE
        or is_own
        or runner.environment.disposable
        or _is_known(runner, operation, roles, created)
    ):
        return
    reason = (
        "it may create items that are not found again" if operation.steps else "the document does not say what it does"
    )
    raise Skipped(f"{reason}; it is sent only to a server that the target file calls disposable: true")


def _is_known(runner: StoryRunner, operation: Operation, roles: Roles | None, created: CreatedItem | None) -> bool:
    """Whether a request is known to affect nothing but items that the run creates."""
    if creates(operation, roles) or operation.id in runner.environment.memberships:
        return True
    if operation.listing is not None and not operation.steps:  # a search by POST
        return True
    download = r.download_of(runner.environment.contract, operation)
    return created is not None and (does_something(operation) or _is_about_path(operation) or download is not None)


def _is_about_path(operation: Operation) -> bool:
    """Whether an operation replaces or changes the item at the end of its path, and that alone (RFC 9110, RFC 5789)."""
    select = operation.selector
    is_change = operation.method in {"PUT", "PATCH"}
    return is_change and select is not None and operation.path.endswith(f"{{{select.by.name}}}")


def valid_input(runner: StoryRunner, operation: Operation, roles: Roles | None) -> ValidInput:
    """The parameters and the body of a valid request about an item that was created for it; raises `Skipped`."""
    created, parent = about(runner, operation, roles)
    check_allowed(runner, operation, roles, created)
    values = runner.parameters.leading_to(operation, created, parent)
    body = runner.creation.with_key_of(
        operation, created, roles, next(runner.environment.values.bodies(operation), ABSENT)
    )
    body = _own_body(runner, operation, created, body)
    if body is ABSENT and operation.body is not None and operation.body.required:
        raise Skipped("no valid body was found, in JSON or as a form")
    linked = runner.links.linked(operation, agreeing(body, values), roles.resource if roles is not None else "")
    return ValidInput(operation, values, linked)


def _own_body(runner: StoryRunner, operation: Operation, created: CreatedItem | None, otherwise: Any) -> Any:
    """The body that an item was made of, where the server accepts few bodies, and that fits here too."""
    values, media = runner.environment.values, runner.environment.values.media(operation)
    create = runner.environment.roles[created.resource].create if created is not None else None
    if created is None or media is None or create is None or not values.is_choosy(create):
        return otherwise
    known = {*item_type(operation, media).properties}
    own = values.around_item(operation, {name: value for name, value in created.body.items() if name in known})
    return own if values.is_valid(operation, own) else otherwise


def plain_request(runner: StoryRunner, operation: Operation, roles: Roles | None, guarded: bool = True) -> Request:
    """A valid request about an item that was created for it; raises `Skipped` if none may be sent."""
    _, values, body = valid_input(runner, operation, roles)
    return runner.write(operation, values, body, guarded)


def send_plain(runner: StoryRunner, operation: Operation, roles: Roles | None, guarded: bool = True) -> StepResult:
    """The exchange of a request that should be accepted."""
    if roles is not None and operation is roles.delete and guarded:
        return runner.delete(runner.make(roles.resource))
    return runner.ask(operation, plain_request(runner, operation, roles, guarded))
