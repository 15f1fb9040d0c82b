"""Stories about plain requests: the operation is there, and answers as the document says."""

from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from typing import NamedTuple

from lookalike.contract.contract import Operation
from lookalike.contract.grounds import EFFECT, is_guessed
from lookalike.contract.routing import plain_path
from lookalike.json_values import ABSENT
from lookalike.verify.oracle.comparison import is_named
from lookalike.verify.oracle.tracked_items import CreatedItem
from lookalike.verify.requests.item_bodies import agreeing
from lookalike.verify.requests.values import NameStyle, ProposedBody
from lookalike.verify.roles import Roles, creates_by_replacing
from lookalike.verify.runner.endings import ClauseBroken, NotObservable, Skipped
from lookalike.verify.runner.exchanges import StepResult
from lookalike.verify.runner.observation import is_key_open
from lookalike.verify.runner.paging import listed
from lookalike.verify.runner.story_runner import StoryRunner
from lookalike.verify.stories.bulk_creations import send_bulk
from lookalike.verify.stories.memberships import check_addable, remove_member
from lookalike.verify.stories.uploads import download_uploaded
from lookalike.verify.stories.valid_requests import about, check_allowed, send_plain

NOT_THERE = {404, 405, 415, 501}
_MOST_BODIES = 4  # the first one with each style of names, and one without the members that may be left out


def check_documented(runner: StoryRunner, operation: Operation, roles: Roles | None) -> None:
    """Send one plain request; the runner checks its response, as every other, against the document."""
    step = _prepared_step(runner, operation, roles) or send_plain(runner, operation, roles)
    runner.adopt_anything(step)
    if not step.is_success:
        raise Skipped(f"it answered {step.response.status} to a plain request")


def _prepared_step(runner: StoryRunner, operation: Operation, roles: Roles | None) -> StepResult | None:
    """The exchange of a request that is prepared: a member to be removed, a file to be read, or several new items."""
    membership = runner.environment.memberships.get(operation.id)
    if (bulk := runner.environment.bulks.get(operation.id)) is not None:
        return send_bulk(runner, operation, bulk)[0]
    with suppress(Skipped):
        if membership is not None and operation is membership.remove:
            return remove_member(runner, membership, operation)
        if operation.method == "GET":
            return download_uploaded(runner, operation, roles)
    return None


class _PathItem(NamedTuple):
    """The item that a request is about, or the parent of those that it creates or lists, if any.

    Its absence is `binding` if a documented 404 can mean nothing else.
    """

    created: CreatedItem | None
    parent: CreatedItem | None
    binding: bool = False

    @property
    def item(self) -> CreatedItem | None:
        """The item whose existence a 404 denies."""
        return self.created or self.parent


def check_implemented(runner: StoryRunner, operation: Operation, roles: Roles | None) -> None:
    """Raise `ClauseBroken` if no plain request is answered as by an operation that is there."""
    membership = runner.environment.memberships.get(operation.id)
    if membership is not None and operation is membership.add:
        check_addable(runner, operation, membership)
        return
    prepared = _prepared_step(runner, operation, roles)
    if prepared is not None and prepared.is_success:
        return
    subject = _subject(runner, operation, roles)
    check_allowed(runner, operation, roles, subject.created)
    steps = _creating if _is_upsert(operation, roles) else _plain
    step = None
    for step in steps(runner, operation, roles, subject):
        if not _is_missing(step):
            return
        if is_named(operation, step.response.status) and not (subject.binding and step.response.status == 404):
            raise Skipped(f"it answered {step.response.status}, which the document has")
    if step is not None:
        _check_not_certain(runner, operation, subject, step)


def _is_upsert(operation: Operation, roles: Roles | None) -> bool:
    """Whether an operation creates the items of its roles under keys that are in its path."""
    return roles is not None and operation is roles.create and creates_by_replacing(operation)


def _subject(runner: StoryRunner, operation: Operation, roles: Roles | None) -> _PathItem:
    """The subject of a plain request, which is as far as possible one of which a 404 would be wrong.

    The only item of its kind need not be there yet. A list may be 404 while it is empty. Below an item, a 404 may be
    about something that the item does not have yet, such as a picture.
    """
    if roles is None:
        return _PathItem(*about(runner, operation, roles))
    resource, select = runner.environment.contract.resources[roles.resource], operation.selector
    if _is_upsert(operation, roles) or (resource.is_single and operation is roles.read):
        return _PathItem(None, runner.parent_of(roles.resource))
    if resource.parent is not None and operation is roles.list:
        with suppress(Skipped):
            return _PathItem(None, runner.make(roles.resource).parent, binding=True)
    created, parent = about(runner, operation, roles)
    if created is None or select is None:
        return _PathItem(created, parent, binding=operation is roles.create)
    # That HEAD is answered as GET is no guess (RFC 9110 section 9.3.2).
    is_known = operation.method == "HEAD" or not is_guessed(operation.grounds, EFFECT)
    is_whole = EFFECT not in operation.grounds or plain_path(operation.path).endswith(f"{{{select.by.name}}}")
    return _PathItem(created, parent, binding=is_known and is_whole and created.resource == select.resource)


def _plain(runner: StoryRunner, operation: Operation, roles: Roles | None, subject: _PathItem) -> Iterator[StepResult]:
    """The exchanges of plain requests, with a body each, if there are any."""
    values = runner.parameters.leading_to(operation, subject.created, subject.parent)
    nothing = ProposedBody(ABSENT, is_varied=False, names=NameStyle.UNMARKED)
    for body in _bodies(runner, operation) or [nothing]:
        named = runner.creation.with_key_of(operation, subject.created, roles, body.value)
        linked = runner.links.linked(operation, agreeing(named, values), roles.resource if roles is not None else "")
        step = runner.ask(operation, runner.write(operation, values, linked))
        runner.adopt_anything(step)
        if step.is_success:
            runner.environment.values.accepted(operation, body, varied=False)
        yield step


def _creating(
    runner: StoryRunner, operation: Operation, roles: Roles | None, subject: _PathItem
) -> Iterator[StepResult]:
    """The exchanges of plain requests to new keys, up to one that creates an item."""
    for body in _bodies(runner, operation):
        made = runner.creation.create(operation, subject.parent, body.value)
        if isinstance(made, CreatedItem):
            return
        yield made


def _bodies(runner: StoryRunner, operation: Operation) -> list[ProposedBody]:
    """A few bodies; a server that has accepted nothing yet is probably another one, and is not asked more than once."""
    return list(islice(runner.environment.values.proposed_bodies(operation), _MOST_BODIES if runner.is_accepted else 1))


def _is_missing(step: StepResult) -> bool:
    """Whether an answer may say that there is no such operation."""
    return step.response.status in NOT_THERE and (step.response.status != 415 or bool(step.request.body))


def _check_not_certain(runner: StoryRunner, operation: Operation, subject: _PathItem, last: StepResult) -> None:
    """Raise `ClauseBroken` if no plain request found the operation, unless the last one's 404 may be about a thing."""
    expected = "an answer of the documented operation"
    if last.response.status != 404:
        raise ClauseBroken(expected, last.got)
    if not _leads_somewhere(runner, operation, subject.item):
        raise Skipped("it answered 404, and it is not certain that its path leads to something that is there")
    if operation.body is not None:
        # It may be about something that the body names. An operation that is there looks at the body first.
        refused = runner.ask(operation, last.request._replace(body=b"[]"), refused=True)
        if not _is_missing(refused):
            raise Skipped("it answered 404, probably since its body names something that is not there")
    there = f": the {subject.item.resource} {subject.item.key} is there" if subject.item is not None else ""
    raise ClauseBroken(f"{expected}{there}", last.got)


def _leads_somewhere(runner: StoryRunner, operation: Operation, item: CreatedItem | None) -> bool:
    """Whether a path names only what is read or listed, or the target file gives: not a new key, for one."""
    if item is None:
        named = {parameter.name for parameter in operation.parameters.values() if parameter.location == "path"}
        return named <= runner.environment.given.keys()
    roles = runner.environment.roles[item.resource]
    if not item.removable:
        return True
    if operation is not roles.read and roles.read is not None:
        return runner.read(item).is_success
    with suppress(Skipped, NotObservable):
        return not is_key_open(runner, item) and listed(runner, item) is not None
    return False
