"""Stories about deletion: a deleted item is gone, with what is below it, and nothing else is."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from typing import Any, NamedTuple

from lookalike.contract.contract import Operation
from lookalike.contract.semantics import Dependents
from lookalike.http import Request
from lookalike.json_values import ABSENT
from lookalike.verify import roles as r
from lookalike.verify.clauses import DOCUMENTED, UNKNOWN, clause_id
from lookalike.verify.oracle.tracked_items import CreatedItem
from lookalike.verify.requests.item_bodies import item_sent, with_item
from lookalike.verify.roles import Roles, item_in
from lookalike.verify.runner.endings import ClauseBroken, NotObservable, Skipped
from lookalike.verify.runner.exchanges import StepResult
from lookalike.verify.runner.observation import is_single
from lookalike.verify.runner.paging import lags, listed
from lookalike.verify.runner.story_runner import StoryRunner
from lookalike.verify.stories.story import ClauseCheck
from lookalike.verify.stories.unknown_items import ask_unknown
from lookalike.verify.stories.valid_requests import needed

_REFUSALS = frozenset({"404", "410", "default"})
_REFUSING = frozenset({400, 403, 409, 412, 422, 423, 424, 428})
_DELETED = ("delet", "remov", "archiv", "trash", "activ", "enabled", "stat", "cancel", "closed")
# The choices of the reading about deletion, in words.
_DELETIONS = {"gone": "can be read no more", "marked": "is marked as deleted", "unlisted": "is in no list any more"}


def check_absent(runner: StoryRunner, operation: Operation, roles: Roles | None) -> None:
    """Raise `ClauseBroken` if a deleted item can be read or is listed, or another one is gone with it."""
    one = needed(roles)
    created = runner.make(one.resource)
    leading = runner.parameters.leading_to(one.read, created) if one.read else {}
    later = [*_requests_about(runner, created, one)]
    before = item_in(one.read, runner.read(created).value) if one.read else {}
    step = runner.delete(created)
    if not step.is_success:
        raise Skipped(f"it answered {step.response.status}")
    _check_names_deleted(runner, created, step, before)
    if not one.is_visible:
        raise NotObservable("no operation reads or lists what it deletes")
    again = runner.write(one.read, leading) if one.read else None
    try:
        runner.eventually(partial(not_seen, runner, created, again, before))
    except ClauseBroken:
        if step.response.status == 202:
            raise NotObservable("it answered 202, so it may be done later") from None
        raise
    if step.response.status != 202:
        _check_not_revived(runner, created, later, again)
    if one.read is not None and not is_single(runner, created) and step.response.status != 202:
        with suppress(Skipped):
            _check_around_deleted(runner, one, _others_stay, _below_gone, _dependents_gone)


def _check_names_deleted(
    runner: StoryRunner, created: CreatedItem, step: StepResult, before: Mapping[str, Any]
) -> None:
    """Raise `ClauseBroken` if a deletion is answered with the key of another item.

    An object with neither the required members of an item nor one that says so may be a task with an id of its own.
    """
    items, shown = runner.environment.model.items(created.resource), item_in(step.operation, step.value)
    shown = shown or (step.value if isinstance(step.value, dict) else {})
    is_item = bool(items.view.required) and items.view.required <= shown.keys()
    says_deleted = any(value is True and "delet" in name.lower() for name, value in shown.items())
    key, other = before.get(items.key), shown.get(items.key)
    if (is_item or says_deleted) and isinstance(key, str | int) and type(other) is type(key) and other != key:
        clause = clause_id(step.operation, DOCUMENTED)
        raise ClauseBroken(f"{items.key} = {json.dumps(key)}, which was deleted", json.dumps(other), clause)


def not_seen(runner: StoryRunner, created: CreatedItem, again: Request | None, before: Mapping[str, Any]) -> None:
    """Raise `ClauseBroken` if a deleted item can be read `again` or is listed, unless the server deletes softly.

    What becomes of it is a built-in reading: it is gone, is marked by a member, or is in no list any more.
    """
    deletion = _checked_deletion(runner, created, again, before)
    reading = f"{created.resource}.deletion"
    if deletion and not runner.follows(reading, deletion):
        others = " or ".join(_DELETIONS[one] for one in runner.environment.readings.possible(reading))
        raise ClauseBroken(
            f"a {created.resource} that was deleted {others}, as others of this run", f"it {_DELETIONS[deletion]}"
        )


def _checked_deletion(
    runner: StoryRunner, created: CreatedItem, again: Request | None, before: Mapping[str, Any]
) -> str:
    """The choice of the reading about deletion that a deleted item shows, if any; breaks the clause if it is there."""
    roles = runner.environment.roles[created.resource]
    deletion = _deletion_seen(runner, created, again, before) if roles.read is not None and again is not None else ""
    if (
        deletion != "marked"
        and roles.list is not None
        and created.parent is None
        and _is_listed_as(runner, created, before)
    ):
        raise ClauseBroken(f"a list without the {created.resource} {created.key}, which was deleted", "a list with it")
    return deletion


def _deletion_seen(runner: StoryRunner, created: CreatedItem, again: Request, before: Mapping[str, Any]) -> str:
    """The choice of the reading about deletion that a read of a deleted item shows; raises `ClauseBroken`."""
    roles = runner.environment.roles[created.resource]
    assert roles.read is not None  # noqa: S101  # callers asked
    step = runner.ask(roles.read, again)
    if not step.is_success or not step.response.body:
        return "gone"
    shown_by = len(runner.exchanges)
    changed = [name for name, value in item_in(roles.read, step.value).items() if before.get(name) != value]
    if any(_marks_deletion(name) for name in changed):
        return "marked"
    if changed:
        raise NotObservable("what was deleted can be read, but is not as it was, so it may be marked as deleted")
    if _is_unlisted(runner, created):
        return "unlisted"
    if ask_unknown(runner, roles.read, roles).is_success:
        raise Skipped(f"hidden behind the failure of {clause_id(roles.read, UNKNOWN)}")
    del runner.exchanges[shown_by:]  # what was asked since tells only that there is no excuse
    raise ClauseBroken("status 404: it was deleted", step.got)


def _is_listed_as(runner: StoryRunner, created: CreatedItem, before: Mapping[str, Any]) -> bool:
    """Whether a list shows an item as it was, unless it may lag behind changes."""
    listing = runner.environment.roles[created.resource].list
    if listing is not None and lags(runner, listing):
        return False
    try:
        shown = listed(runner, created)
    except (NotObservable, Skipped):
        return False
    return shown is not None and all(before.get(name, value) == value for name, value in shown.items())


def _marks_deletion(member: str) -> bool:
    """Whether a member that changes when its item is deleted says so by its name."""
    return any(word in member.lower() for word in _DELETED)


def _is_unlisted(runner: StoryRunner, created: CreatedItem) -> bool:
    """Whether a list that was read to its end is without an item, which is softly deleted then."""
    if runner.environment.roles[created.resource].list is None or created.parent is not None:
        return False
    try:
        return listed(runner, created) is None
    except (NotObservable, Skipped):
        return False


def _requests_about(runner: StoryRunner, created: CreatedItem, roles: Roles) -> Iterator[tuple[Operation, Request]]:
    """Requests that change or delete an item, to be sent after its deletion; none that would create it."""
    for operation in (*roles.changes, roles.delete):
        if operation is None or "404" not in operation.responses or r.creates_by_replacing(operation):
            continue
        with suppress(Skipped):
            body = runner.creation.with_key_of(
                operation, created, roles, next(runner.environment.values.bodies(operation), ABSENT)
            )
            linked = runner.links.linked(operation, body, created.resource)
            yield operation, runner.write(operation, runner.parameters.leading_to(operation, created), linked)


def _check_not_revived(
    runner: StoryRunner, created: CreatedItem, later: list[tuple[Operation, Request]], again: Request | None
) -> None:
    """Raise `ClauseBroken` if a deleted item is there again after a change; another deletion must not crash either."""
    read = runner.environment.roles[created.resource].read
    # What is deleted softly is there still, and may be changed.
    is_soft = read is not None and again is not None and runner.ask(read, again).is_success
    for operation, request in later:
        step = runner.ask(operation, request)
        if operation.method == "DELETE" or not step.is_success or read is None or again is None or is_soft:
            continue
        if runner.ask(read, again).is_success and not runner.creation.adopt_replaced(step, created.resource):
            continue  # it is deleted softly
        if step.due.response.status >= 400:
            raise ClauseBroken(
                f"status 404: the {created.resource} was deleted", step.got, clause_id(operation, UNKNOWN)
            )


class _Below(NamedTuple):
    """Something that can be read below an item: the operation and the request that read it, and its name."""

    read: Operation
    request: Request
    name: str


Checks = Iterator[Callable[[], None]]


def _check_around_deleted(
    runner: StoryRunner, roles: Roles, *prepared: Callable[[StoryRunner, CreatedItem], Checks]
) -> None:
    """Raise `ClauseBroken` if checks fail that were `prepared` before an item was deleted."""
    created = runner.make(roles.resource)
    checks = [check for prepare in prepared for check in prepare(runner, created)]
    if not runner.delete(created).is_success:
        return
    for check in checks:
        runner.eventually(check)


def _others_stay(runner: StoryRunner, created: CreatedItem) -> Checks:
    """Checks that a deletion takes no other item along."""
    others = [one for one in runner.others(created) if runner.read(one).is_success]
    return (partial(_check_still_there, runner, other) for other in others)


def _below_gone(runner: StoryRunner, created: CreatedItem) -> Checks:
    """Checks that a deletion leaves nothing that was below the item."""
    below = [*_child_of(runner, created), *_file_of(runner, created)]
    return (partial(_check_gone_with_parent, runner, created, one) for one in below)


def _dependents_gone(runner: StoryRunner, created: CreatedItem) -> Checks:
    """Checks that a deletion takes along what the document says, and not the same of another item."""
    for told in _told(runner, created, is_refused=False):
        read = runner.environment.roles[told.resource].read
        with suppress(Skipped):
            dependent = make_dependent(runner, created, told)
            before = item_in(read, runner.read(dependent).value) if read is not None else {}
            again = runner.write(read, runner.parameters.leading_to(read, dependent)) if read is not None else None
            yield partial(_check_gone_too, runner, created, dependent, again, before)
        with suppress(Skipped):
            other = make_dependent(runner, runner.make(created.resource), told)
            if read is not None and runner.read(other).is_success:
                yield partial(_check_still_there, runner, other)


def _told(runner: StoryRunner, created: CreatedItem, is_refused: bool) -> Iterator[Dependents]:
    """The items of which the document says that they go with an item, or that they prevent its deletion."""
    environment, roles = runner.environment, runner.environment.roles[created.resource]
    for told in r.told_dependents(environment.contract, roles.delete, environment.roles) if roles.delete else ():
        if bool(told.refused) == is_refused:
            yield told


def make_dependent(runner: StoryRunner, created: CreatedItem, told: Dependents) -> CreatedItem:
    """A new item that belongs to another one; raises `Skipped`."""
    create = runner.environment.roles[told.resource].create
    if create is None:
        raise Skipped(f"no operation creates a {told.resource}")
    body = next(runner.environment.values.bodies(create), ABSENT)
    if told.by and isinstance(body, dict):  # the member may be one that can be left out
        body = with_item(create, body, {**item_sent(create, body), told.by: _key_of(runner, created)})
    made = runner.creation.create(create, None if told.by else created, body, named=created)
    if not isinstance(made, CreatedItem):
        raise Skipped(f"it answered {made.response.status}")
    if told.by and str(made.body.get(told.by)) != str(_key_of(runner, created)):
        raise Skipped(f"no {told.resource} was made whose {told.by} names a {created.resource}")
    return made


def _key_of(runner: StoryRunner, created: CreatedItem) -> Any:
    item = runner.known.get(created.resource, created.key) or {}
    return item.get(runner.environment.model.items(created.resource).key)


def _check_gone_too(
    runner: StoryRunner,
    created: CreatedItem,
    dependent: CreatedItem,
    again: Request | None,
    before: Mapping[str, Any],
) -> None:
    """Raise `ClauseBroken` if an item is there that goes with a deleted one, as the document says."""
    try:
        _checked_deletion(runner, dependent, again, before)
    except ClauseBroken as broken:
        due = f"no {dependent.resource} {dependent.key}: the {created.resource} that it belongs to was deleted"
        raise ClauseBroken(due, broken.got) from None


def check_in_use(runner: StoryRunner, operation: Operation, roles: Roles) -> None:
    """Raise `ClauseBroken` if an item is deleted though another one belongs to it, or is gone after the refusal."""
    tried = False
    created = runner.make(roles.resource)
    runner.check_removable(created)
    for told in _told(runner, created, is_refused=True):
        dependent = make_dependent(runner, created, told)
        step = runner.ask(operation, runner.parameters.request_about(operation, created), refused=True)
        why = f"the {told.resource} {dependent.key} belongs to the {created.resource} {created.key}"
        if step.response.status == 202:
            raise NotObservable("it answered 202, so it may be refused later")
        if step.is_success:
            raise ClauseBroken(f"status {told.refused}: {why}", step.got)
        if step.response.status not in _REFUSING:
            raise Skipped(f"it answered {step.response.status}")
        for one in (created, dependent):
            if runner.environment.roles[one.resource].read is not None:
                _check_still_there(runner, one)
        tried = True
    if not tried:
        raise Skipped("nothing was made that prevents a deletion")


def _check_others_stay(runner: StoryRunner, operation: Operation, roles: Roles | None) -> None:
    """Raise `ClauseBroken` if a deletion takes another item along."""
    _check_around_deleted(runner, needed(roles), _others_stay)


def _check_below_gone(runner: StoryRunner, operation: Operation, roles: Roles | None) -> None:
    """Raise `ClauseBroken` if a deletion leaves what is below the deleted item."""
    _check_around_deleted(runner, needed(roles), _below_gone)


def _check_dependents_gone(runner: StoryRunner, operation: Operation, roles: Roles | None) -> None:
    """Raise `ClauseBroken` if a deletion leaves what the document says that it takes along."""
    _check_around_deleted(runner, needed(roles), _dependents_gone)


PARTS_OF_ABSENT: tuple[ClauseCheck, ...] = (_check_others_stay, _check_below_gone, _check_dependents_gone)


def _check_still_there(runner: StoryRunner, other: CreatedItem) -> None:
    """Raise `ClauseBroken` if an item is gone that was not deleted."""
    step = runner.read(other)
    if step.response.status in (404, 410):
        raise ClauseBroken(f"the {other.resource} {other.key} stays, which was not deleted", step.got)


def _child_of(runner: StoryRunner, created: CreatedItem) -> Iterator[_Below]:
    """An item below another one, if one can be made and the document has a refusal for the read of it.

    That refusal shows that nothing is below a parent that does not exist.
    """
    for name, resource in runner.environment.contract.resources.items():
        roles = runner.environment.roles[name]
        is_below = resource.parent is not None and resource.parent.resource == created.resource
        if not is_below or roles.create is None or roles.read is None or not _REFUSALS & roles.read.responses.keys():
            continue
        if roles.read.selector is None or not roles.read.selector.within:
            continue  # it is read under a path of its own
        with suppress(Skipped):
            body = next(runner.environment.values.bodies(roles.create), ABSENT)
            made = runner.creation.create(roles.create, created, body)
            if isinstance(made, CreatedItem) and runner.read(made).is_success:
                yield _Below(roles.read, runner.write(roles.read, runner.parameters.leading_to(roles.read, made)), name)
                return


def _file_of(runner: StoryRunner, created: CreatedItem) -> Iterator[_Below]:
    """A file that is uploaded to an item, if the document has a refusal for its download."""
    contract, values = runner.environment.contract, runner.environment.values
    for upload in contract.operations:
        download = r.download_of(contract, upload)
        if download is None or upload.selector is None or upload.selector.resource != created.resource:
            continue
        if not _REFUSALS & download.responses.keys():
            continue
        with suppress(Skipped):
            body = next(values.bodies(upload), ABSENT)
            step = runner.ask(upload, runner.write(upload, runner.parameters.leading_to(upload, created), body))
            read = runner.write(download, runner.parameters.leading_to(download, created))
            if step.is_success and runner.ask(download, read).is_success:
                yield _Below(download, read, "file")
                return


def _check_gone_with_parent(runner: StoryRunner, created: CreatedItem, below: _Below) -> None:
    """Raise `ClauseBroken` if something can be read below an item that was deleted."""
    step = runner.ask(below.read, below.request)
    if step.is_success and step.response.body:
        raise ClauseBroken(f"status 404: the {created.resource} of the {below.name} was deleted", step.got)
