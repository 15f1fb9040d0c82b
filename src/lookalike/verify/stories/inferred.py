"""The stories about inferred clauses: one for each, made by the check of its rule."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from lookalike.contract.contract import Contract, Operation
from lookalike.http import SAFE
from lookalike.verify import roles as r
from lookalike.verify.bulk_creations import BulkCreation
from lookalike.verify.clauses import (
    ABSENT_AFTER,
    ADDED,
    AS_ANSWERED,
    CALLED_BACK,
    CHANGED,
    CREDENTIALS,
    DOCUMENTED,
    DONE,
    FILTERED,
    IMPLEMENTED,
    IN_STATE,
    IN_USE,
    INVALID,
    KEPT,
    LISTED,
    NOTIFIED,
    ONCE,
    ORDERED,
    OWN_USER,
    PAGED,
    READ_ONLY,
    READABLE,
    REFERENCE,
    REMOVED,
    SESSION_ENDED,
    SESSION_GIVEN,
    STALE,
    TAKEN,
    THERE,
    UNKNOWN,
    UNMODIFIED,
    UPLOADED,
    WRONG_PASSWORD,
    clause_id,
    inferred_clauses,
    is_guess,
    name_of,
)
from lookalike.verify.memberships import Membership
from lookalike.verify.roles import Roles
from lookalike.verify.runner.endings import Skipped
from lookalike.verify.runner.story_runner import StoryRunner
from lookalike.verify.sign_in import acts_on_account, sign_ins_of
from lookalike.verify.stories.actions import check_read_as_answered, check_refused_when_done
from lookalike.verify.stories.bulk_creations import check_bad_among_good, check_bulk_listed, check_bulk_readable
from lookalike.verify.stories.callbacks import check_called_back
from lookalike.verify.stories.changes import PARTS_OF_CHANGED, PARTS_OF_KEPT, check_changed, check_kept
from lookalike.verify.stories.conditions import check_stale, check_there, check_unmodified
from lookalike.verify.stories.conflicts import check_taken
from lookalike.verify.stories.creation import check_listed, check_readable
from lookalike.verify.stories.deletion import PARTS_OF_ABSENT, check_absent, check_in_use
from lookalike.verify.stories.documented import check_documented, check_implemented
from lookalike.verify.stories.idempotency import check_created_once
from lookalike.verify.stories.list_parameters import check_filters, check_pages
from lookalike.verify.stories.memberships import check_added, check_removed
from lookalike.verify.stories.ordering import check_ordered
from lookalike.verify.stories.read_only import check_read_only
from lookalike.verify.stories.references import check_references
from lookalike.verify.stories.refusals import check_credentials, check_invalid
from lookalike.verify.stories.sign_in import (
    as_own_account,
    check_login,
    check_own_user,
    check_session_ended,
    check_session_given,
    check_wrong_password,
)
from lookalike.verify.stories.state_guards import check_refused_in_state
from lookalike.verify.stories.story import ClauseCheck, Story, Tell
from lookalike.verify.stories.unknown_items import check_unknown
from lookalike.verify.stories.uploads import check_uploaded
from lookalike.verify.stories.valid_requests import needed
from lookalike.verify.stories.webhooks import check_webhook_sent

_ABOUT_LISTS = {LISTED, ABSENT_AFTER, FILTERED, PAGED, ORDERED, ONCE}


def stories(contract: Contract) -> Iterator[Story]:
    """The stories about the clauses that are inferred for a contract, operation by operation.

    That an operation is not there explains other failures of it, so that the story about its presence comes first.
    """
    inferred, found = inferred_clauses(contract), r.roles_of(contract)
    logins = {one.login.id for one in sign_ins_of(contract)}
    for rule, operation in ((rule, operation) for operation in contract.operations for rule in _PRESENCE_FIRST):
        clause = inferred.get(clause_id(operation, rule))
        if clause is None:
            continue
        roles = roles_for(operation, found)
        is_known = not is_guess(contract, operation, rule)
        check = _check_of(operation, rule, operation.id in logins) if is_known else _skip_guess
        yield Story(
            clause.id,
            clause.statement,
            _told(check, operation, roles),
            {"layer": "clauses", "about": clause.id},
            touches=None if rule in _ABOUT_SIGN_IN else r.touched_by(contract, operation, roles),
            watches=r.watched_by(contract, operation, roles, _is_alone(operation, rule)),
            shorter=tuple(_told(check, operation, roles) for check in _SHORTER.get(rule, ()) if is_known),
        )


def _check_of(operation: Operation, rule: str, is_login: bool) -> ClauseCheck:
    """The check of a rule: with an account of the run's own where the one of the target file could be harmed."""
    if is_login and rule in _OF_LOGINS:
        return _OF_LOGINS[rule]
    is_about_account = acts_on_account(operation) and rule not in _ABOUT_SIGN_IN
    return as_own_account(_CHECKS[rule]) if is_about_account else _CHECKS[rule]


def about_presence(contract: Contract) -> frozenset[str]:
    """The clauses about whether an operation is there, but for one that deletes the only item of its kind.

    Others need that item: it may be deleted after them alone.
    """
    return frozenset(clause_id(one, IMPLEMENTED) for one in contract.operations if not _deletes_single(contract, one))


def _deletes_single(contract: Contract, operation: Operation) -> bool:
    select = operation.selector
    return operation.method == "DELETE" and select is not None and contract.resources[select.resource].is_single


def _is_alone(operation: Operation, rule: str) -> bool:
    """Whether a story must not run in parallel with others on the same items: it reads a list, or makes it invalid."""
    return rule in _ABOUT_LISTS or (rule == INVALID and operation.method not in SAFE)


def roles_for(operation: Operation, found: Mapping[str, Roles]) -> Roles | None:
    """The roles in which an operation acts, or those for the items that it lists or makes.

    It has none if it is about the current user, who is no item of the run.
    """
    if r.acts_on_sender(operation):
        return None
    named = [one for one in found.values() if operation in (one.create, one.list)]
    selected = operation.selector.resource if operation.selector else ""
    return next(iter(named), None) or found.get(selected)


def _told(check: ClauseCheck, operation: Operation, roles: Roles | None) -> Tell:
    def tell(runner: StoryRunner) -> None:
        check(runner, operation, roles)

    return tell


def _skip_guess(runner: StoryRunner, operation: Operation, roles: Roles | None) -> None:
    """Raise `Skipped`: nothing is predicted from a guess."""
    raise Skipped(
        f"the document does not show what {name_of(operation)} does, and a guess accuses no server; state it in an "
        "overlay (lookalike check --explain prints one)"
    )


def _of_items(check: Callable[[StoryRunner, Operation, Roles], None]) -> ClauseCheck:
    """The check of an operation on items, whose roles must be known."""

    def check_items(runner: StoryRunner, operation: Operation, roles: Roles | None) -> None:
        check(runner, operation, needed(roles))

    return check_items


def _of_lists(check: Callable[[StoryRunner, Operation, Roles], None]) -> ClauseCheck:
    """The check of a list, which may lag behind."""

    def check_list(runner: StoryRunner, operation: Operation, roles: Roles | None) -> None:
        runner.eventually(partial(check, runner, operation, needed(roles)))

    return check_list


def _of_members(check: Callable[[StoryRunner, Operation, Membership], None]) -> ClauseCheck:
    """The check of an operation on memberships."""

    def check_membership(runner: StoryRunner, operation: Operation, roles: Roles | None) -> None:
        check(runner, operation, runner.environment.memberships[operation.id])

    return check_membership


def _of_bulks(check_bulk: Callable[[StoryRunner, Operation, BulkCreation], None], check: ClauseCheck) -> ClauseCheck:
    """The check of an operation that makes several items, or the other `check` of one that does not."""

    def check_either(runner: StoryRunner, operation: Operation, roles: Roles | None) -> None:
        bulk = runner.environment.bulks.get(operation.id)
        if bulk is None:
            check(runner, operation, roles)
        else:
            check_bulk(runner, operation, bulk)

    return check_either


_CHECKS: Mapping[str, ClauseCheck] = {
    DOCUMENTED: check_documented,
    IMPLEMENTED: check_implemented,
    UNKNOWN: check_unknown,
    CREDENTIALS: check_credentials,
    INVALID: _of_bulks(check_bad_among_good, check_invalid),
    READABLE: _of_bulks(check_bulk_readable, check_readable),
    LISTED: _of_bulks(check_bulk_listed, check_listed),
    CHANGED: check_changed,
    KEPT: check_kept,
    ABSENT_AFTER: check_absent,
    FILTERED: _of_lists(check_filters),
    PAGED: _of_lists(check_pages),
    ORDERED: _of_lists(check_ordered),
    IN_USE: _of_items(check_in_use),
    AS_ANSWERED: _of_items(check_read_as_answered),
    TAKEN: _of_items(check_taken),
    REFERENCE: _of_items(check_references),
    DONE: _of_items(check_refused_when_done),
    IN_STATE: _of_items(check_refused_in_state),
    STALE: _of_items(check_stale),
    THERE: _of_items(check_there),
    UNMODIFIED: _of_items(check_unmodified),
    ONCE: _of_items(check_created_once),
    READ_ONLY: _of_items(check_read_only),
    UPLOADED: check_uploaded,
    CALLED_BACK: check_called_back,
    NOTIFIED: _of_items(check_webhook_sent),
    ADDED: _of_members(check_added),
    REMOVED: _of_members(check_removed),
    SESSION_GIVEN: check_session_given,
    WRONG_PASSWORD: check_wrong_password,
    SESSION_ENDED: check_session_ended,
    OWN_USER: check_own_user,
}
_ABOUT_SIGN_IN = {SESSION_GIVEN, WRONG_PASSWORD, SESSION_ENDED, OWN_USER}
_OF_LOGINS: Mapping[str, ClauseCheck] = {DOCUMENTED: check_login, IMPLEMENTED: check_login}
# Parts of checks, in which every request matters to what they find.
_SHORTER: Mapping[str, tuple[ClauseCheck, ...]] = {
    CHANGED: PARTS_OF_CHANGED,
    KEPT: PARTS_OF_KEPT,
    ABSENT_AFTER: PARTS_OF_ABSENT,
}
_PRESENCE_FIRST = (IMPLEMENTED, *(rule for rule in _CHECKS if rule != IMPLEMENTED))
