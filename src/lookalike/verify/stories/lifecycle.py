"""Lifecycle stories: a test of each clause that is inferred from a document.

A story passes, or raises `ClauseBroken`, `NotObservable` (its effect cannot be seen) or `Skipped` (it cannot be run).
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import Any

from lookalike.contract.builtin_readings import is_secret
from lookalike.contract.contract import Contract, Operation
from lookalike.contract.grounds import EFFECT, KEY, is_guessed
from lookalike.contract.requests import MediaType
from lookalike.http import SAFE, Request, Response
from lookalike.json_values import ABSENT
from lookalike.schema.value_types import ValueType
from lookalike.verify import roles as r
from lookalike.verify.clauses import (
    ABSENT_AFTER,
    ADDED,
    CHANGED,
    CREDENTIALS,
    DOCUMENTED,
    FILTERED,
    IMPLEMENTED,
    INVALID,
    KEPT,
    LISTED,
    ONCE,
    PAGED,
    READ_ONLY,
    READABLE,
    REMOVED,
    STALE,
    THERE,
    UNKNOWN,
    UNMODIFIED,
    UPLOADED,
    clause_id,
    inferred_clauses,
    is_guess,
    name_of,
)
from lookalike.verify.memberships import Membership
from lookalike.verify.oracle.comparison import Comparison, difference, is_named, value_of
from lookalike.verify.oracle.tracked_items import CreatedItem
from lookalike.verify.requests.encoder import NotEncodable
from lookalike.verify.requests.telling_values import easily_refused, empty_values, null_values, telling_values
from lookalike.verify.roles import Roles, does_something, item_in
from lookalike.verify.stories.conditions import check_stale, check_there, check_unmodified
from lookalike.verify.stories.endings import ClauseBroken, NotObservable, Skipped
from lookalike.verify.stories.idempotency import check_created_once
from lookalike.verify.stories.invalid import MOST_INVALID, InvalidRequest, ValidInput, invalid_requests
from lookalike.verify.stories.list_parameters import check_filters, check_pages
from lookalike.verify.stories.memberships import check_added, check_removed, check_unknown_member
from lookalike.verify.stories.paging import listed
from lookalike.verify.stories.read_only import check_read_only
from lookalike.verify.stories.runner import StepResult, StoryRunner
from lookalike.verify.stories.story import Story, Tell
from lookalike.verify.stories.uploads import check_uploaded
from lookalike.verify.stories.wrong_credentials import wrong_credentials

_REFUSED_BY_RIGHT = {401, 403, 404, 407}
_FOR_UNKNOWN = ("404", "410", "4XX")
_NOT_THERE = {404, 405, 501}
_ABOUT_THE_BODY = {400, 409, 422}
_GONE = {404, 410}
_MOST_BODIES = 3
_ABOUT_LISTS = {LISTED, ABSENT_AFTER, FILTERED, PAGED, ONCE}
_DELETED = ("delet", "remov", "archiv", "trash", "activ", "enabled", "stat", "cancel", "closed")
# The choices of the reading about deletion, in words.
_DELETIONS = {"gone": "can be read no more", "marked": "is marked as deleted", "unlisted": "is in no list any more"}
_LATER = "it was answered with 202, so it may be there later; give settle in the target file"


def stories(contract: Contract) -> Iterator[Story]:
    """The stories about the clauses that are inferred for a contract, in the order of these."""
    about = {id: (rule, operation) for operation in contract.operations for rule, id in _ids(operation)}
    found = r.roles_of(contract)
    for clause in inferred_clauses(contract).values():
        rule, operation = about[clause.id]
        roles = roles_for(operation, found)
        is_known = not is_guess(contract, operation, rule)
        yield Story(
            clause.id,
            clause.statement,
            _TOLD[rule](operation, roles) if is_known else _guessed(operation),
            {"layer": "clauses", "about": clause.id},
            touches=r.touched_by(contract, operation, roles),
            watches=r.watched_by(contract, operation, roles, _is_alone(operation, rule)),
        )


def _is_alone(operation: Operation, rule: str) -> bool:
    """Whether a story must not be told beside others on the same items: a list is looked through, or made invalid."""
    return rule in _ABOUT_LISTS or (rule == INVALID and operation.method not in SAFE)


def _ids(operation: Operation) -> Iterator[tuple[str, str]]:
    return ((rule, clause_id(operation, rule)) for rule in _TOLD)


def roles_for(operation: Operation, found: Mapping[str, Roles]) -> Roles | None:
    """The roles in which an operation acts, or those for the items that it lists or makes."""
    named = [one for one in found.values() if operation in (one.create, one.list)]
    selected = operation.selector.resource if operation.selector else ""
    return next(iter(named), None) or found.get(selected)


def _guessed(operation: Operation) -> Tell:
    """No story: nothing is predicted from a guess."""

    def tell(runner: StoryRunner) -> None:
        raise Skipped(
            f"the document does not show what {name_of(operation)} does, and a guess accuses no server; state it in an "
            "overlay (lookalike check --explain prints one)"
        )

    return tell


def _documented(operation: Operation, roles: Roles | None) -> Tell:
    """One plain request; the runner checks its response, as every other, against the document."""

    def tell(runner: StoryRunner) -> None:
        told = _plain(runner, operation, roles)
        runner.adopt_anything(told)
        if not told.is_success:
            raise Skipped(f"it answered {told.response.status} to a plain request")

    return tell


def _implemented(operation: Operation, roles: Roles | None) -> Tell:
    """Plain requests, until one is answered as by an operation that is there."""

    def tell(runner: StoryRunner) -> None:
        own, parent = about(runner, operation, roles)
        check_allowed(runner, operation, roles, own)
        values = runner.values_for(operation, own, parent)
        # A server that has accepted nothing yet is probably another one, and is not asked more than once.
        most = _MOST_BODIES if runner.is_accepted else 1
        bodies = list(islice(runner.environment.values.bodies(operation), most)) or [ABSENT]
        for body in bodies:
            named = runner.with_key_of(own, roles, body)
            linked = runner.linked(operation, named, roles.resource if roles is not None else "")
            told = runner.ask(operation, runner.write(operation, values, linked))
            runner.adopt_anything(told)
            if told.response.status in _NOT_THERE and is_named(operation, told.response.status):
                raise Skipped(f"it answered {told.response.status}, which the document has")
            if not _is_missing(operation, told):
                return
        if told.response.status == 404 and not _leads_somewhere(runner, operation, roles, own):
            raise Skipped("it answered 404, and it is not certain that its path leads to something that is there")
        if told.response.status == 404 and operation.body is not None:
            # It may be about something that the body names. An operation that is there looks at the body first.
            refused = runner.ask(operation, runner.write(operation, values, []), refused=True)
            if not _is_missing(operation, refused):
                raise Skipped("it answered 404, probably since its body names something that is not there")
        raise ClauseBroken("an answer of the documented operation", told.got)

    return tell


def _is_missing(operation: Operation, told: StepResult) -> bool:
    """Whether an answer says that there is no such operation, and no document says that it may."""
    status = told.response.status
    is_told = status in _NOT_THERE or (status == 415 and bool(told.request.body))
    return is_told and not is_named(operation, status)


def _leads_somewhere(runner: StoryRunner, operation: Operation, roles: Roles | None, own: CreatedItem | None) -> bool:
    """Whether a path names only what the run created and can read, or the target file gives."""
    if own is not None and roles is not None:
        return operation is not roles.read and roles.read is not None and runner.read(own).is_success
    named = {parameter.name for parameter in operation.parameters.values() if parameter.location == "path"}
    return named <= runner.environment.given.keys()


def _plain(runner: StoryRunner, operation: Operation, roles: Roles | None, guarded: bool = True) -> StepResult:
    """The exchange of a request that should be accepted."""
    if roles is not None and operation is roles.delete and guarded:
        return runner.delete(runner.make(roles.resource))
    return runner.ask(operation, _plain_request(runner, operation, roles, guarded))


def _plain_request(runner: StoryRunner, operation: Operation, roles: Roles | None, guarded: bool = True) -> Request:
    """A valid request about an item that was created for it; raises `Skipped` if none may be sent."""
    _, values, body = _valid_input(runner, operation, roles)
    return runner.write(operation, values, body, guarded)


def _valid_input(runner: StoryRunner, operation: Operation, roles: Roles | None) -> ValidInput:
    """The parameters and the body of a valid request about an item that was created for it; raises `Skipped`."""
    own, parent = about(runner, operation, roles)
    check_allowed(runner, operation, roles, own)
    values = runner.values_for(operation, own, parent)
    body = runner.with_key_of(own, roles, next(runner.environment.values.bodies(operation), ABSENT))
    if body is ABSENT and operation.body is not None and operation.body.required:
        raise Skipped("no valid body was found, in JSON or as a form")
    linked = runner.linked(operation, body, roles.resource if roles is not None else "")
    return ValidInput(operation, values, linked)


def check_allowed(runner: StoryRunner, operation: Operation, roles: Roles | None, own: CreatedItem | None) -> None:
    """Raise `Skipped` if a request may do something to a server that its target file does not allow."""
    if own is None and _creates(operation, roles):
        runner.check_learnable(operation)
    is_known = (own is not None and does_something(operation)) or _creates(operation, roles)
    is_known = is_known or operation.id in runner.environment.memberships  # between items that the run creates
    is_known = is_known or (own is not None and r.download_of(runner.environment.contract, operation) is not None)
    if operation.method not in SAFE and not runner.environment.disposable and not is_known:
        raise Skipped(
            "the document does not say what it does; it is sent only to a server that the target file calls "
            "disposable: true"
        )
    if (
        own is not None
        and not runner.environment.disposable
        and r.moves(operation, runner.environment.model.items(own.resource).identity_fields)
    ):
        raise Skipped("it gives an item another key, so that the run might not find and delete it")


def _creates(operation: Operation, roles: Roles | None) -> bool:
    return roles is not None and operation is roles.create


def about(
    runner: StoryRunner, operation: Operation, roles: Roles | None
) -> tuple[CreatedItem | None, CreatedItem | None]:
    """The item that an operation is about, or the parent of the items that it creates or lists."""
    if roles is None or operation.id in runner.environment.memberships:
        return None, None
    if operation in (roles.create, roles.list) and not r.creates_by_replacing(operation):
        return None, runner.parent_of(roles.resource)
    own = runner.make_any(roles.resource)
    if operation.method not in SAFE:
        runner.check_removable(own)
    return own, None


def _unknown(operation: Operation, roles: Roles | None) -> Tell:
    def tell(runner: StoryRunner) -> None:
        membership = runner.environment.memberships.get(operation.id)
        if membership is not None:
            check_unknown_member(runner, operation, membership)
            return
        told = _ask_unknown(runner, operation, roles)
        if roles is not None and not told.is_success and operation in (roles.read, *roles.changes, roles.delete):
            _check_unknown_below_other(runner, operation, roles)
        if not told.is_success or (operation.method == "GET" and not told.response.body):
            return
        is_accepted_by_right = told.due.response.status < 400
        if is_accepted_by_right and not told.due.changes:
            return
        if operation.method == "PUT" and runner.adopt_replaced(told, _of(roles).resource) and is_accepted_by_right:
            return
        if operation.method != "GET" and not {key.upper() for key in operation.responses} & {*_FOR_UNKNOWN}:
            raise Skipped("the document names no answer for it")
        raise ClauseBroken(f"status 404: {_unknown_in(operation, told)}", told.got)

    return tell


def _unknown_in(operation: Operation, told: StepResult) -> str:
    """The item that a request names and that does not exist, in words."""
    if told.due.response.status >= 400:
        return told.due.response.header("Lookalike-Reason") or ""
    resource = operation.selector.resource if operation.selector is not None else "item"
    return f"there is no {resource} at {told.request.path}"


def _check_unknown_below_other(runner: StoryRunner, operation: Operation, roles: Roles) -> None:
    """Break the clause where an item is read below a parent that is not its own."""
    resource = runner.environment.contract.resources[roles.resource]
    if resource.parent is None or not resource.parent.resource or operation.selector is None:
        return
    if not operation.selector.within:
        return
    with suppress(Skipped):
        own = runner.make(roles.resource)
        right, by = runner.values_for(operation, own), operation.selector.by
        other = runner.parent_of(roles.resource)
        values = runner.values_for(operation, None, other, {(by.source, by.name): right[by.source, by.name]})
        body = next(runner.environment.values.bodies(operation, varied=True), ABSENT)
        before = runner.read(own) if operation is not roles.read else None
        told = runner.ask(operation, runner.write(operation, values, body))
        if values == right or not told.is_success:
            return
        if before is None:
            is_done = bool(told.response.body)
        else:
            after = runner.read(own)
            is_done = before.is_success and (after.response.status in _GONE or _differs(before, after, body))
        if is_done:
            parent = _parent_name(runner, own)
            raise ClauseBroken(f"status 404: the {own.resource} belongs to another {parent}", told.got)


def _differs(before: StepResult, after: StepResult, body: Any) -> bool:
    """Whether any member of a body was changed in an item that was read."""
    first, second = item_in(before.operation, before.value), item_in(after.operation, after.value)
    return after.is_success and any(
        first.get(name) != second.get(name) for name in (body if isinstance(body, dict) else ())
    )


def _ask_unknown(runner: StoryRunner, operation: Operation, roles: Roles | None) -> StepResult:
    """The exchange of a request about an item that does not exist."""
    select = operation.selector
    if select is None or select.by.source != "path":
        raise Skipped("its path does not name the item")
    resource = runner.environment.contract.resources[select.resource]
    above = runner.parent_of(select.resource) if resource.parent and resource.parent.resource else None
    key = runner.environment.values.new_key(operation.parameters["path", select.by.name])
    if key is ABSENT:
        raise Skipped(f"no unused value was found for {select.by.name}")
    values = runner.values_for(operation, None, above, {("path", select.by.name): key})
    body = runner.with_key_of(None, roles, next(runner.environment.values.bodies(operation), ABSENT))
    return runner.ask(operation, runner.write(operation, values, body))


def _without_credentials(operation: Operation, roles: Roles | None) -> Tell:
    """A request without credentials, then with each kind of wrong ones that the target file lets be made."""

    def tell(runner: StoryRunner) -> None:
        told = _plain(runner, operation, roles, guarded=False)
        runner.adopt_anything(told)
        if told.is_success:
            raise ClauseBroken(f"status {told.due.response.status}: no credentials were sent", told.got)
        if told.response.status not in _REFUSED_BY_RIGHT and not 300 <= told.response.status < 400:
            raise Skipped(f"it answered {told.response.status} before it looked for credentials")
        _refuse_wrong_credentials(runner, _valid_input(runner, operation, roles))

    return tell


def _refuse_wrong_credentials(runner: StoryRunner, valid: ValidInput) -> None:
    """Break the clause where credentials are accepted that are wrong, expired, revoked, incomplete or misplaced."""
    operation, environment = valid.operation, runner.environment
    try:
        schemes = environment.writer.schemes(operation)
    except NotEncodable:
        return
    write = partial(runner.write_with, operation, valid.values, valid.body)
    for what, request in wrong_credentials(operation, schemes, environment.credentials, write):
        told = runner.ask(operation, request, refused=True)
        runner.adopt_anything(told)
        if told.is_success:
            raise ClauseBroken(f"status 401 or 403: {what}", told.got)


def _invalid(operation: Operation, roles: Roles | None) -> Tell:
    def tell(runner: StoryRunner) -> None:
        valid = _valid_input(runner, operation, roles)
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
            raise Skipped(
                f"it answered {control.response.status} to a valid request too, so that a refusal proves nothing"
            )
        if tried < known:
            runner.remark = f"tried {tried} of {known} keywords"

    return tell


def _is_refused(runner: StoryRunner, operation: Operation, invalid: InvalidRequest) -> bool:
    """Whether a request is refused under every reading that is left; one of which these differ is sent to learn."""
    if runner.refusal(invalid.request) is not None:
        return True
    if runner.is_open(invalid.request):  # the answer tells how the server reads the document, and accuses nothing
        runner.adopt_anything(runner.ask(operation, invalid.request))
    return False


def _refuse(runner: StoryRunner, valid: ValidInput, roles: Roles | None, invalid: InvalidRequest) -> None:
    """Send an invalid request, and break the clause where it is accepted or answered with a server error."""
    operation, due, flaws = valid.operation, runner.due(invalid.request), len(runner.flaws)
    told = runner.ask(operation, invalid.request, refused=True)
    if told.is_success:
        del runner.flaws[flaws:]  # an answer that shows what should have been refused is no cause of its own
        _take_back(runner, valid, roles, told)
    names = {key.upper() for key in operation.responses}
    if is_named(operation, told.response.status) and told.response.status >= 500:
        raise Skipped(f"it answered {told.response.status}, which the document has")
    if told.response.status >= 500 or (told.is_success and names & invalid.refusals):
        raise ClauseBroken(
            f"status {due.response.status}: {due.response.header('Lookalike-Reason')} ({invalid.what})", told.got
        )
    if told.is_success:
        raise Skipped(f"it accepts an invalid request ({invalid.what}), and the document has no response for those")


def _take_back(runner: StoryRunner, valid: ValidInput, roles: Roles | None, told: StepResult) -> None:
    """Remember an invalid item that was created, and give a single one that was replaced a valid value again."""
    if roles is not None and r.creates_by_replacing(valid.operation):
        runner.adopt_replaced(told, roles.resource)
    runner.adopt_anything(told)
    selector = valid.operation.selector
    if selector is not None and runner.environment.contract.resources[selector.resource].is_single:
        runner.ask(valid.operation, runner.write(valid.operation, valid.values, valid.body))


def _readable(operation: Operation, roles: Roles | None) -> Tell:
    def tell(runner: StoryRunner) -> None:
        own = runner.make(_of(roles).resource, by=operation)
        answer = _last_answer(runner, operation)
        runner.eventually(partial(see, runner, own, own.sent))
        _check_answer(runner, own, own.sent, answer)
        # Both are there at once, so that a server which gives one key to both is found out.
        with suppress(Skipped):  # simple values are enough to judge by, but they hide what is cut or spelt otherwise
            other = runner.make(_of(roles).resource, varied=True, by=operation)
            runner.eventually(partial(see, runner, other, other.sent))
        with suppress(Skipped):
            told = _make_telling(runner, operation, _of(roles).resource, _naming(runner, own))
            runner.eventually(partial(see, runner, told, told.sent))

    return tell


def _naming(runner: StoryRunner, own: CreatedItem) -> frozenset[str]:
    """The members from which the server makes the key of an item, as the mark in both shows.

    Text beyond ASCII there may become a path that the server does not find again, and the item would stay. A
    disposable server may keep it, so that nothing is spared there.
    """
    if runner.environment.disposable:
        return frozenset()
    marks, item = runner.environment.values.marks, runner.known.get(own.resource, own.key) or {}
    mark = marks.in_value(str(own.key))
    return frozenset(name for name in own.sent if mark and marks.in_value(item.get(name)) == mark)


def _make_telling(runner: StoryRunner, operation: Operation, resource: str, naming: frozenset[str]) -> CreatedItem:
    """A new item with values that a careless server does not keep; raises `Skipped` if none is made.

    The members of `naming` are left as they are.
    """
    values, keys = runner.environment.values, runner.environment.model.items(resource).identity_fields
    if runner.environment.contract.resources[resource].is_single:
        raise Skipped("there is only one")
    parent, media = runner.parent_of(resource), values.media(operation)
    for refused in easily_refused(media.value_type) if media is not None else ():
        body = values.telling_body(operation, next(values.bodies(operation), ABSENT), keys | naming | refused)
        made = runner.create(operation, parent, body) if body is not ABSENT else None
        if isinstance(made, CreatedItem):
            return made
        if made is not None and made.response.status not in _ABOUT_THE_BODY:
            break
    raise Skipped("no item was made of values that are easily lost")


def _listed(operation: Operation, roles: Roles | None) -> Tell:
    def tell(runner: StoryRunner) -> None:
        one = _of(roles)
        own = runner.make(one.resource)
        runner.eventually(partial(in_list, runner, own))
        if own.parent is not None and one.list is not None and own.parent.removable:
            _check_not_listed_elsewhere(runner, own)

    return tell


def _check_not_listed_elsewhere(runner: StoryRunner, own: CreatedItem) -> None:
    """Break the clause where the list of another parent has an item too."""
    with suppress(Skipped, NotObservable):
        elsewhere = replace(own, parent=runner.parent_of(own.resource), values={})
        if listed(runner, elsewhere) is not None:
            raise ClauseBroken(
                f"a list of another {_parent_name(runner, own)} without the {own.resource} {own.key}", "a list with it"
            )


def _parent_name(runner: StoryRunner, own: CreatedItem) -> str:
    parent = runner.environment.contract.resources[own.resource].parent
    return (parent.resource if parent is not None else "") or "parent"


def in_list(runner: StoryRunner, own: CreatedItem, clause: str = "") -> None:
    """Break the clause where a list ends without an item."""
    if listed(runner, own) is None:
        if own.is_promised and not runner.environment.settle:
            raise NotObservable(_LATER)
        raise ClauseBroken(f"the {own.resource} {own.key} in the list", "a list without it", clause)


def _changed(operation: Operation, roles: Roles | None) -> Tell:
    def tell(runner: StoryRunner) -> None:
        own = _to_change(runner, roles)
        other: CreatedItem | None = None
        with suppress(Skipped):  # another item, which is to stay as it is
            other = None if _is_single(runner, own) else _made_as_sent(runner, own.resource)
        names = _changed_in(runner, operation, own, together=True)
        answer = _last_answer(runner, operation)
        runner.eventually(partial(see, runner, own, names))
        _check_answer(runner, own, names, answer)
        runner.eventually(partial(_see_listed, runner, own, names))
        if other is not None:
            runner.eventually(partial(_check_unchanged, runner, other))
        for empty in (null_values, empty_values):  # null first: it is not told from an empty text
            emptied = _emptied_in(runner, operation, own, empty)
            if emptied:
                runner.eventually(partial(see, runner, own, emptied))

    return tell


def _last_answer(runner: StoryRunner, operation: Operation) -> Response | None:
    """The last successful answer of an operation in this story."""
    answers = (
        answer
        for request, answer in reversed(runner.exchanges)
        if request.method == operation.method and 200 <= answer.status < 300
    )
    return next(answers, None)


def _check_answer(runner: StoryRunner, own: CreatedItem, names: frozenset[str], answer: Response | None) -> None:
    """Break the clause where a write is answered with an item that is not as it was sent, although it is read so.

    As by a server that answers a change with the item as it was before.
    """
    item, shown = runner.known.get(own.resource, own.key) or {}, value_of(answer) if answer is not None else ABSENT
    if answer is None or answer.status == 202 or not isinstance(shown, dict):
        return
    comparison = Comparison(runner.environment.freedoms.copy(), own.resource)
    wrong = difference(names & shown.keys(), {**item, **own.body}, shown, comparison)
    if wrong:
        expected, _, got = wrong.partition(", not ")
        raise ClauseBroken(f"{expected} in the answer to it, as it is read", got)


def _see_listed(runner: StoryRunner, own: CreatedItem, names: frozenset[str]) -> None:
    """Compare some members of an item with what its list shows of it, if it shows them at all."""
    roles = runner.environment.roles[own.resource]
    if roles.list is None or roles.read is None or is_guessed(roles.list.grounds, EFFECT):
        return
    with suppress(Skipped, NotObservable):
        shown = listed(runner, own)
        comparison = Comparison(runner.environment.freedoms, own.resource)
        expected = {**(runner.known.get(own.resource, own.key) or {}), **own.body}
        wrong = difference(names & shown.keys(), expected, shown, comparison) if shown is not None else ""
        if wrong:
            said, _, got = wrong.partition(", not ")
            raise ClauseBroken(f"{said} in the list, as it is read", got)


def _made_as_sent(runner: StoryRunner, resource: str) -> CreatedItem | None:
    """A new item that is read as it was sent, or None; raises `Skipped`."""
    other = runner.make(resource, varied=True)
    try:
        runner.eventually(partial(see, runner, other, other.sent))
    except (ClauseBroken, NotObservable):  # which is for the clause about its creation
        return None
    return other


def _is_single(runner: StoryRunner, own: CreatedItem) -> bool:
    return runner.environment.contract.resources[own.resource].is_single


def _check_unchanged(runner: StoryRunner, other: CreatedItem) -> None:
    """Break the clause where an item is not as it was sent, although another one was changed."""
    try:
        see(runner, other, other.sent)
    except ClauseBroken as broken:
        kept = f"the {other.resource} {other.key} as it was, with {broken.expected}"
        raise ClauseBroken(kept, broken.got) from None


def _emptied_in(
    runner: StoryRunner, operation: Operation, own: CreatedItem, empty: Callable[[ValueType], Iterator[Any]]
) -> frozenset[str]:
    """The members that were given empty values in one change; none if it was refused."""
    media = runner.environment.values.media(operation)
    item, keys = runner.known.get(own.resource, own.key) or {}, runner.environment.model.items(own.resource)
    if media is None:
        return frozenset()
    base = {} if r.is_merge(operation) else {name: item[name] for name in sorted(own.sent) if name in item}
    names = sorted((own.sent & media.members) - keys.identity_fields - _naming(runner, own))
    emptied: dict[str, Any] = {}
    for name in names:
        for value in empty(media.value_type.member(name)):
            if item.get(name) != value and _fits(runner, operation, own, {**base, **emptied, name: value}):
                emptied[name] = value
                break
    if not emptied or not runner.change(operation, own, {**base, **emptied}).is_success:
        return frozenset()
    return frozenset(emptied)


def _kept(operation: Operation, roles: Roles | None) -> Tell:
    def tell(runner: StoryRunner) -> None:
        own = _to_change(runner, roles)
        sent = own.sent
        try:
            runner.eventually(partial(see, runner, own, sent))
        except ClauseBroken as broken:
            raise Skipped(f"it was not as it was sent even before the change: {broken.got}") from None
        names = _changed_in(runner, operation, own)
        rest = sent - names
        if not rest:
            raise Skipped("no other member was sent, which it should have kept")
        if runner.environment.settle:  # before the change is seen, the rest is what it was in any case
            with suppress(ClauseBroken):
                runner.eventually(partial(see, runner, own, names))
        runner.eventually(partial(see, runner, own, rest))

    return tell


def _to_change(runner: StoryRunner, roles: Roles | None) -> CreatedItem:
    """An item that may be changed."""
    own = runner.make(_of(roles).resource)
    runner.check_removable(own)
    return own


def _changed_in(runner: StoryRunner, operation: Operation, own: CreatedItem, together: bool = False) -> frozenset[str]:
    """The members that were sent in a change of an item; raises `Skipped` where it was refused.

    With `together`, all members are changed at once, so that one which the server ignores is found with any seed.
    """
    refused = ""
    singly = list(changes_of(runner, operation, own))
    for body in [*(_together(runner, operation, own, singly) if together else ()), *singly]:
        told = runner.change(operation, own, body)
        if told.is_success:
            return frozenset(body) - runner.environment.model.items(own.resource).identity_fields
        refused = f"it answered {told.response.status}"
        if told.response.status in (404, 405) and own.removable and runner.read(own).is_success:
            raise ClauseBroken(f"status {told.due.response.status}: the {own.resource} {own.key} is there", told.got)
    raise Skipped(refused or "no member of an item was found that it can change")


def _together(
    runner: StoryRunner, operation: Operation, own: CreatedItem, singly: list[dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    """One body that makes several changes at once, if it fits."""
    item = runner.known.get(own.resource, own.key) or {}
    changed = {name: value for body in singly for name, value in body.items() if value != item.get(name, ABSENT)}
    body = {**(singly[0] if singly else {}), **changed}
    if len(singly) > 1 and _fits(runner, operation, own, body):
        yield body


def changes_of(runner: StoryRunner, operation: Operation, own: CreatedItem) -> Iterator[dict[str, Any]]:
    """Bodies that change an item: another value for one member of it, and for PUT all the others as they were."""
    values, items = runner.environment.values, runner.environment.model.items(own.resource)
    create = runner.environment.roles[own.resource].create
    item = runner.known.get(own.resource, own.key) or {}
    schemas = list(values.member_schemas(operation, create, own.resource))
    whole = next((body for body in values.bodies(operation) if isinstance(body, dict)), {})
    base = {} if r.is_merge(operation) else {**whole, **{name: item[name] for name in own.sent if name in item}}
    names = [name for name in (own.sent or item.keys()) if name in item and name not in items.identity_fields]
    media = values.media(operation)
    if media is not None and media.members:
        names = [name for name in names if name in media.members]
    links, naming = runner.link_members(operation), _naming(runner, own)
    names = [name for name in names if name not in links]  # another value would name no item
    for name in sorted(names, key=lambda name: (not isinstance(item[name], str), name)):  # sets have no order
        for schema in schemas:
            value = values.other_member_value(schema, name, item[name])
            proposed = (values.marked_member(operation, name, value), value) if value is not ABSENT else ()
            telling = () if name in naming else _telling(media, name, item[name])
            proposed = (*(values.marked_member(operation, name, one) for one in telling), *proposed)
            fitting = (one for one in proposed if _fits(runner, operation, own, {**base, name: one}))
            found = next(fitting, ABSENT)
            if found is not ABSENT:
                yield {**base, name: found}
                break


def _telling(media: MediaType | None, name: str, now: Any) -> tuple[Any, ...]:
    """Values for a member that a careless server does not keep; of a name none, which bears a mark instead."""
    if media is None:
        return ()
    return tuple(value for value in telling_values(media.value_type.member(name)) if value != now)


def _fits(runner: StoryRunner, operation: Operation, own: CreatedItem, body: dict[str, Any]) -> bool:
    """Whether a change can be sent, and the model takes it and makes something of it."""
    if runner.environment.values.sendable(operation, body) != body:
        return False
    request = runner.write(operation, runner.values_for(operation, own), body)
    due = runner.due(request)
    return due.response.status < 300 and bool(due.changes)


def see(runner: StoryRunner, own: CreatedItem, names: frozenset[str]) -> None:
    """Compare some members of an item with what is read or listed of it."""
    roles = runner.environment.roles[own.resource]
    if roles.read is not None:
        told = runner.read(own)
        if told.due.response.status >= 400:
            raise Skipped(f"its key is not one that can be asked for: {told.due.response.header('Lookalike-Reason')}")
        if not told.is_success and own.is_promised and not runner.environment.settle:
            raise NotObservable(_LATER)
        if not told.is_success and is_key_open(runner, own):
            raise Skipped(
                f"the document does not show which member of a {own.resource} its path takes; name the key in an "
                "overlay (lookalike check --explain prints one)"
            )
        if not told.is_success:
            raise ClauseBroken(f"status {told.due.response.status}: the {own.resource} {own.key} is there", told.got)
        runner.environment.confirmed_keys.add(own.resource)
        _compare(runner, own, told, names)
        return
    if roles.list is None:
        raise NotObservable(f"no operation reads or lists a {own.resource}")
    shown = listed(runner, own)
    if shown is None:
        raise Skipped("it is not in the list")
    comparison = Comparison(runner.environment.freedoms, own.resource)
    wrong = difference(names & shown.keys(), runner.known.get(own.resource, own.key) or {}, shown, comparison)
    if wrong:
        expected, _, got = wrong.partition(", not ")
        raise ClauseBroken(expected, got)


def is_key_open(runner: StoryRunner, own: CreatedItem) -> bool:
    """Whether the key of an item is a guess that has led to no item yet."""
    environment = runner.environment
    grounds = environment.contract.resources[own.resource].grounds
    return is_guessed(grounds, KEY) and own.resource not in environment.confirmed_keys


def _compare(runner: StoryRunner, own: CreatedItem, told: StepResult, names: frozenset[str]) -> None:
    """Compare what is read of an item with what was sent of the members that the model shows."""
    item, due = runner.known.get(own.resource, own.key) or {}, item_in(told.operation, value_of(told.due.response))
    sent = {name: value for name, value in own.body.items() if not isinstance(value, Mapping)}  # objects are merged
    expected = {name: sent.get(name, item.get(name, value)) for name, value in due.items()}
    comparison, shown = runner.comparison(told.operation, own.resource), item_in(told.operation, told.value)
    for name in sorted(names & own.body.keys()):
        if is_secret(name) and own.body[name]:
            runner.note_choice(f"{own.resource}.{name}.shown", "yes" if name in shown else "no")
    wrong = difference(names, expected, shown, comparison)
    if wrong:
        expected_text, _, got = wrong.partition(", not ")
        raise ClauseBroken(expected_text, got)


def _absent(operation: Operation, roles: Roles | None) -> Tell:
    def tell(runner: StoryRunner) -> None:
        one = _of(roles)
        own = runner.make(one.resource)
        leading = runner.values_for(one.read, own) if one.read else {}
        later = [*_requests_about(runner, own, one)]
        before = item_in(one.read, runner.read(own).value) if one.read else {}
        told = runner.delete(own)
        if not told.is_success:
            raise Skipped(f"it answered {told.response.status}")
        if not one.is_visible:
            raise NotObservable("no operation reads or lists what it deletes")
        again = runner.write(one.read, leading) if one.read else None
        try:
            runner.eventually(partial(not_seen, runner, own, again, before))
        except ClauseBroken:
            if told.response.status == 202:
                raise NotObservable("it answered 202, so it may be done later") from None
            raise
        if told.response.status != 202:
            _check_not_revived(runner, own, later, again)
        if one.read is not None and not _is_single(runner, own) and told.response.status != 202:
            with suppress(Skipped):
                _check_around_deleted(runner, one)

    return tell


def _requests_about(runner: StoryRunner, own: CreatedItem, roles: Roles) -> Iterator[tuple[Operation, Request]]:
    """Requests that change or delete an item, to be sent when it is gone; none that would create it."""
    for operation in (*roles.changes, roles.delete):
        if operation is None or "404" not in operation.responses or r.creates_by_replacing(operation):
            continue
        with suppress(Skipped):
            body = runner.with_key_of(own, roles, next(runner.environment.values.bodies(operation), ABSENT))
            linked = runner.linked(operation, body, own.resource)
            yield operation, runner.write(operation, runner.values_for(operation, own), linked)


def _check_not_revived(
    runner: StoryRunner, own: CreatedItem, later: list[tuple[Operation, Request]], again: Request | None
) -> None:
    """Break the clause where a deleted item is there again after a change; another deletion must not crash either."""
    read = runner.environment.roles[own.resource].read
    for operation, request in later:
        told = runner.ask(operation, request)
        if operation.method == "DELETE" or not told.is_success or read is None or again is None:
            continue
        if runner.ask(read, again).is_success and not runner.adopt_replaced(told, own.resource):
            continue  # it is deleted softly
        if told.due.response.status >= 400:
            raise ClauseBroken(f"status 404: the {own.resource} was deleted", told.got, clause_id(operation, UNKNOWN))


def _check_around_deleted(runner: StoryRunner, roles: Roles) -> None:
    """Break the clause where a deletion takes another item along, or leaves what is below the deleted one."""
    own = runner.make(roles.resource)
    other, child = _sibling(runner, own), _child_of(runner, own)
    is_read = other is not None and runner.read(other).is_success
    if not runner.delete(own).is_success:
        return
    if other is not None and is_read:
        runner.eventually(partial(_check_still_there, runner, other))
    if child is not None:
        runner.eventually(partial(_check_gone_with_parent, runner, *child))


def _sibling(runner: StoryRunner, own: CreatedItem) -> CreatedItem | None:
    """Another item beside one, below the same parent; raises `Skipped`."""
    create = runner.environment.roles[own.resource].create
    if own.parent is None or create is None:
        return runner.make(own.resource)
    made = runner.create(create, own.parent, next(runner.environment.values.bodies(create), ABSENT))
    return made if isinstance(made, CreatedItem) else None


def _check_still_there(runner: StoryRunner, other: CreatedItem) -> None:
    """Break the clause where an item is gone that was not deleted."""
    told = runner.read(other)
    if told.response.status in (404, 410):
        raise ClauseBroken(f"the {other.resource} {other.key} stays, which was not deleted", told.got)


def _child_of(runner: StoryRunner, own: CreatedItem) -> tuple[CreatedItem, Request] | None:
    """An item below another one, with the request that reads it there; None where none can be made.

    Only where the document has a 404 for that read: it shows that nothing is below a parent that there is not.
    """
    for name, resource in runner.environment.contract.resources.items():
        roles = runner.environment.roles[name]
        is_below = resource.parent is not None and resource.parent.resource == own.resource
        if (
            not is_below
            or roles.create is None
            or roles.read is None
            or not {"404", "410"} & roles.read.responses.keys()
        ):
            continue
        if len(roles.read.path.split("/")) <= len(roles.create.path.split("/")):
            continue  # it is read under a path of its own
        with suppress(Skipped):
            body = next(runner.environment.values.bodies(roles.create), ABSENT)
            made = runner.create(roles.create, own, body)
            if isinstance(made, CreatedItem) and runner.read(made).is_success:
                return made, runner.write(roles.read, runner.values_for(roles.read, made))
    return None


def _check_gone_with_parent(runner: StoryRunner, child: CreatedItem, again: Request) -> None:
    """Break the clause where an item can be read below a parent that was deleted."""
    read = runner.environment.roles[child.resource].read
    told = runner.ask(read, again) if read is not None else None
    if told is not None and told.is_success and told.response.body:
        raise ClauseBroken(
            f"status 404: the {_parent_name(runner, child)} of the {child.resource} was deleted", told.got
        )


def not_seen(runner: StoryRunner, own: CreatedItem, again: Request | None, before: Mapping[str, Any]) -> None:
    """Break the clause where a deleted item can be read `again` or is listed, unless the server deletes softly.

    What becomes of it is a built-in reading: it is gone, is marked by a member, or is in no list any more.
    """
    roles = runner.environment.roles[own.resource]
    deletion = _deletion_seen(runner, own, again, before) if roles.read is not None and again is not None else ""
    if deletion != "marked" and roles.list is not None and own.parent is None and _is_listed_as(runner, own, before):
        raise ClauseBroken(f"a list without the {own.resource} {own.key}, which was deleted", "a list with it")
    reading = f"{own.resource}.deletion"
    if deletion and not runner.follows(reading, deletion):
        others = " or ".join(_DELETIONS[one] for one in runner.environment.readings.possible(reading))
        raise ClauseBroken(
            f"a {own.resource} that was deleted {others}, as others of this run", f"it {_DELETIONS[deletion]}"
        )


def _deletion_seen(runner: StoryRunner, own: CreatedItem, again: Request, before: Mapping[str, Any]) -> str:
    """The choice of the reading about deletion that a read of a deleted item shows; raises `ClauseBroken`."""
    roles = runner.environment.roles[own.resource]
    assert roles.read is not None  # noqa: S101  # callers asked
    told = runner.ask(roles.read, again)
    if not told.is_success or not told.response.body:
        return "gone"
    shown_by = len(runner.exchanges)
    changed = [name for name, value in item_in(roles.read, told.value).items() if before.get(name) != value]
    if any(_marks_deletion(name) for name in changed):
        return "marked"
    if changed:
        raise NotObservable("what was deleted can be read, but is not as it was, so it may be marked as deleted")
    if _is_unlisted(runner, own):
        return "unlisted"
    if _ask_unknown(runner, roles.read, roles).is_success:
        raise Skipped(f"hidden behind the failure of {clause_id(roles.read, UNKNOWN)}")
    del runner.exchanges[shown_by:]  # what was asked since tells only that there is no excuse
    raise ClauseBroken("status 404: it was deleted", told.got)


def _is_listed_as(runner: StoryRunner, own: CreatedItem, before: Mapping[str, Any]) -> bool:
    """Whether a list shows an item as it was."""
    try:
        shown = listed(runner, own)
    except (NotObservable, Skipped):
        return False
    return shown is not None and all(before.get(name, value) == value for name, value in shown.items())


def _marks_deletion(member: str) -> bool:
    """Whether a member that changes when its item is deleted says so by its name."""
    return any(word in member.lower() for word in _DELETED)


def _is_unlisted(runner: StoryRunner, own: CreatedItem) -> bool:
    """Whether a list that was read to its end is without an item, which is softly deleted then."""
    if runner.environment.roles[own.resource].list is None or own.parent is not None:
        return False
    try:
        return listed(runner, own) is None
    except (NotObservable, Skipped):
        return False


def _about_items(
    check: Callable[[StoryRunner, Operation, Roles], None],
) -> Callable[[Operation, Roles | None], Tell]:
    """The stories that make a check of an operation on the items of its roles."""
    return lambda operation, roles: lambda runner: check(runner, operation, _of(roles))


def _about_members(
    check: Callable[[StoryRunner, Operation, Membership], None],
) -> Callable[[Operation, Roles | None], Tell]:
    """The stories that make a check of an operation on memberships."""
    return lambda operation, roles: (
        lambda runner: check(runner, operation, runner.environment.memberships[operation.id])
    )


def _filtered(operation: Operation, roles: Roles | None) -> Tell:
    return lambda runner: runner.eventually(partial(check_filters, runner, operation, _of(roles)))


def _paged(operation: Operation, roles: Roles | None) -> Tell:
    return lambda runner: runner.eventually(partial(check_pages, runner, operation, _of(roles)))


def _of(roles: Roles | None) -> Roles:
    if roles is None:
        raise Skipped("the document does not say what it does")
    return roles


_TOLD: Mapping[str, Callable[[Operation, Roles | None], Tell]] = {
    DOCUMENTED: _documented,
    IMPLEMENTED: _implemented,
    UNKNOWN: _unknown,
    CREDENTIALS: _without_credentials,
    INVALID: _invalid,
    READABLE: _readable,
    LISTED: _listed,
    CHANGED: _changed,
    KEPT: _kept,
    ABSENT_AFTER: _absent,
    FILTERED: _filtered,
    PAGED: _paged,
    STALE: _about_items(check_stale),
    THERE: _about_items(check_there),
    UNMODIFIED: _about_items(check_unmodified),
    ONCE: _about_items(check_created_once),
    READ_ONLY: _about_items(check_read_only),
    UPLOADED: lambda operation, roles: lambda runner: check_uploaded(runner, operation, roles),
    ADDED: _about_members(check_added),
    REMOVED: _about_members(check_removed),
}
