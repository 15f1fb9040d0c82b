"""The clauses that a server is judged by: those that the document states, and those that follow from the rest of it.

Stated clauses count first. For every operation whose effects none of them covers, clauses are inferred.
"""

from collections.abc import Iterator, Mapping, Sequence

from lookalike.contract.contract import Contract, Operation
from lookalike.contract.extension import Clause
from lookalike.contract.grounds import EFFECT, REFERENCES, UNKNOWN_PARENT, is_guessed
from lookalike.contract.semantics import CREATE, ItemSelector, Merge, SetFields, Step, Subtract, Union
from lookalike.model.resources.keys import key_fields
from lookalike.verify.bulk_creations import bulk_creations_of
from lookalike.verify.memberships import Membership, memberships_of
from lookalike.verify.requests.claimed_values import can_be_claimed
from lookalike.verify.roles import (
    IF_MATCH,
    IF_NONE_MATCH,
    SENDER,
    Roles,
    change_by,
    creates_by_replacing,
    does_something,
    download_of,
    has_filter,
    has_limit,
    has_order,
    idempotency_header,
    is_guarded,
    is_merge,
    members_set,
    place_of,
    refused_states,
    refuses_what_is_done,
    roles_of,
    taken_by_one,
    told_dependents,
    values_told,
)
from lookalike.verify.sign_in import shows_signed_up, sign_in_for, sign_ins_of, states_end_of_session

# The rules that may follow from a document; a clause id is the name of an operation, a dot, and one of them.
DOCUMENTED = "answers-as-documented"
IMPLEMENTED = "is-implemented"
UNKNOWN = "unknown-is-404"
CREDENTIALS = "refused-without-credentials"
INVALID = "refused-when-invalid"
READABLE = "readable-after-create"
LISTED = "listed-after-create"
CHANGED = "changed-after-change"
KEPT = "rest-kept-after-change"
ABSENT_AFTER = "absent-after-delete"
# No clause of the document, but of the command: OPERATION.answers-in-time, for --max-response-time.
IN_TIME = "answers-in-time"
FILTERED = "filtered-as-asked"
PAGED = "paged-as-asked"
ORDERED = "ordered-as-asked"
STALE = "refused-when-stale"
IN_USE = "refused-when-in-use"
THERE = "refused-when-there"
TAKEN = "refused-when-taken"
DONE = "refused-when-done"
IN_STATE = "refused-in-state"
REFERENCE = "refused-when-reference-unknown"
UNMODIFIED = "304-only-if-unchanged"
AS_ANSWERED = "read-as-answered"
ONCE = "created-once"
READ_ONLY = "ignores-read-only"
CALLED_BACK = "calls-back"
NOTIFIED = "sends-webhook"
UPLOADED = "read-after-upload"
ADDED = "listed-after-add"
REMOVED = "absent-after-remove"
SESSION_GIVEN = "gives-session"
WRONG_PASSWORD = "refused-with-wrong-password"  # the name of a rule
SESSION_ENDED = "ends-session"
OWN_USER = "shows-own-user"

_SAYS = {
    DOCUMENTED: "{name} answers with a documented status, media type and body",
    IMPLEMENTED: "{name} is implemented: a plain request is not answered 404, 405, 415 or 501",
    UNKNOWN: "{name} answers 404, or another refusal, if the {resource} does not exist",
    CREDENTIALS: "{name} refuses a request without valid credentials",
    INVALID: "{name} refuses a request that breaks the documented schemas",
    READABLE: "an item created by {name} can be read, with the members that were sent",
    LISTED: "an item created by {name} is in the list",
    CHANGED: "a change by {name} is read as it was sent",
    KEPT: "{name} keeps the members that were not sent",
    FILTERED: "{name} lists the items that its parameters ask for, and no others",
    PAGED: "{name} lists no more items on a page than were asked for, and counts all of them",
    ORDERED: "{name} lists items in the order that is asked for, or that the document states",
    STALE: "{name} refuses a request whose If-Match names another version of the item than the current one",
    THERE: "{name} refuses a request with If-None-Match: * if the item exists, and else accepts it",
    TAKEN: "{name} refuses an item with a value that only one may have, as the document says",
    REFERENCE: "{name} refuses a body that names an item which does not exist, as the document says",
    DONE: "{name} refuses what is done already, as the document says",
    IN_STATE: "{name} is refused in the states of the item in which it is not possible, as the document says",
    IN_USE: "{name} refuses to delete an item while others belong to it, as its text says",
    AS_ANSWERED: "what {name} answers about an item, or sets by its text, is read of it afterwards",
    UNMODIFIED: "{name} answers 304 only while the item is as its ETag says",
    ONCE: "{name} creates one item, however often it is sent with the same idempotency key",
    READ_ONLY: "{name} does not take over what a client sends for members that are readOnly",
    CALLED_BACK: "{name} sends a documented callback to the URL that a request gives",
    NOTIFIED: "{name} is followed by a documented webhook about the {resource}",
    UPLOADED: "a file that is sent with {name} is read as it was sent",
    ADDED: "a member added by {name} is in the list of members, once, and no other item is",
    REMOVED: "a member removed by {name} is not in the list of members; all others are, and the item itself stays",
    SESSION_GIVEN: "{name} gives a session that other operations accept to whoever sends the right name and password",
    WRONG_PASSWORD: "{name} gives no session to whoever sends a wrong password",
    SESSION_ENDED: "{name} ends the session that it is sent with, whose token is refused then",
    OWN_USER: "{name} shows the user whose credentials were sent",
    ABSENT_AFTER: "an item deleted by {name} can be neither read nor listed",
}

_ABOUT_EFFECTS = frozenset({READABLE, LISTED, CHANGED, KEPT, ABSENT_AFTER, FILTERED, PAGED, ORDERED})

_SCRIPTED = (Union, Subtract, Merge, SetFields)


def name_of(operation: Operation) -> str:
    """The id of an operation, or its method and path where the document gives it none."""
    return operation.name


def clause_id(operation: Operation, rule: str) -> str:
    """The id of an inferred clause."""
    return f"{name_of(operation)}.{rule}"


def clauses_of(contract: Contract) -> dict[str, Clause]:
    """All clauses by id: the stated ones, then those inferred for operations that no stated clause covers."""
    return {**contract.clauses, **inferred_clauses(contract)}


def stated_operations(contract: Contract) -> tuple[Operation, ...]:
    """The operations that stated clauses cover: their steps change fields of a selected item, and nothing else."""
    if not contract.clauses:
        return ()
    return tuple(one for one in contract.operations if one.selector is not None and _is_scripted(one.steps))


def _is_scripted(steps: Sequence[Step]) -> bool:
    """Whether there are scripts about every step of an operation."""
    return bool(steps) and all(isinstance(one.action, _SCRIPTED) and getattr(one.action, "field", "-") for one in steps)


def inferred_clauses(contract: Contract) -> dict[str, Clause]:
    """The clauses that follow from a document, by id; their source is the method and path of the operation."""
    found = {}
    for operation, rule, resource in _rules(contract):
        id = clause_id(operation, rule)
        says = _SAYS[rule].format(name=name_of(operation), resource=resource)
        found[id] = Clause(id, says, (f"{operation.method} {operation.path}",))
    return found


def _rules(contract: Contract) -> Iterator[tuple[Operation, str, str]]:
    """Each operation that is not stated with the rules that it must keep, and the resource that a rule is about."""
    after: dict[str, list[str]] = {}
    found = roles_of(contract)
    about_effects, about_read_only = _rules_about_effects(contract, found), _rules_about_read_only(contract, found)
    for id, rules in (*about_effects, *about_read_only, *_rules_about_sign_in(contract)):
        after.setdefault(id, []).extend(rules)
    bulks = bulk_creations_of(contract)
    stated, memberships, notified = stated_operations(contract), memberships_of(contract), _notified(contract, found)
    for operation in contract.operations:
        if operation in stated:
            continue
        yield operation, DOCUMENTED, ""
        yield operation, IMPLEMENTED, ""
        is_known = does_something(operation) or download_of(contract, operation) is not None
        if operation.selector and is_known and not _always_exists(contract, operation.selector):
            yield operation, UNKNOWN, operation.selector.resource
        if download_of(contract, operation) is not None:
            yield operation, UPLOADED, ""
        if operation.id in memberships:
            yield from ((operation, *rule) for rule in _rules_about_membership(operation, memberships[operation.id]))
        if operation.id in bulks:
            one = found[bulks[operation.id].resource]
            yield from ((operation, rule, "") for rule, by in ((READABLE, one.read), (LISTED, one.list)) if by)
        yield from ((operation, rule, "") for rule in _rules_about_action(contract, operation, found))
        if operation.callbacks:
            yield operation, CALLED_BACK, ""
        if operation.id in notified:
            yield operation, NOTIFIED, notified[operation.id]
        if is_guarded(operation):
            yield operation, CREDENTIALS, ""
        if operation.body is not None or any(one.location == "query" for one in operation.parameters.values()):
            yield operation, INVALID, ""
        # What ends a membership deletes no item that an operation makes of a body.
        unlike = {ABSENT_AFTER} if operation.id in memberships else frozenset[str]()
        yield from ((operation, rule, "") for rule in after.get(operation.id, ()) if rule not in unlike)


def _rules_about_action(contract: Contract, operation: Operation, roles: Mapping[str, Roles]) -> Iterator[str]:
    """The rules about an action on an item that can be made."""
    if _shows_change(contract, operation, roles):
        yield AS_ANSWERED
    one = roles.get(operation.selector.resource) if operation.selector is not None else None
    if one is not None and one.create is not None and refuses_what_is_done(contract, operation):
        yield DONE
    if one is not None and one.create is not None and one.read is not None and refused_states(operation):
        yield IN_STATE


def _shows_change(contract: Contract, operation: Operation, roles: Mapping[str, Roles]) -> bool:
    """Whether an action sets members of an item that can be made and read, and its answer or text shows to what."""
    one = roles.get(operation.selector.resource) if operation.selector is not None else None
    if one is None or one.create is None or one.read is None or operation in one.operations:
        return False
    is_answered = bool(members_set(operation)) and place_of(operation.success.body, "$item") is not None
    return is_answered or bool(values_told(contract, operation))


def _notified(contract: Contract, roles: Mapping[str, Roles]) -> dict[str, str]:
    """The resource that webhooks tell of, by the id of each operation that changes its items."""
    if not contract.webhooks:
        return {}
    from lookalike.contract.webhooks import pair

    told = {(event.resource, event.change) for event in pair(contract).events}
    return {
        operation.id: one.resource
        for one in roles.values()
        for operation in (one.create, *one.changes, one.delete)
        if operation is not None and (one.resource, change_by(one, operation)) in told
    }


def is_guess(contract: Contract, operation: Operation, rule: str) -> bool:
    """Whether the clause rests on a guess, so that a server may keep the document and not the clause."""
    if rule == UNKNOWN:
        return operation.listing is not None and is_guessed(operation.grounds, UNKNOWN_PARENT)
    if rule not in _ABOUT_EFFECTS:
        return False
    seen_by = {READABLE: "read", LISTED: "list"}.get(rule)
    bulk = bulk_creations_of(contract).get(operation.id) if seen_by and operation.method == "POST" else None
    if bulk is not None:
        reader = getattr(roles_of(contract)[bulk.resource], seen_by or "")
        return any(is_guessed(one.grounds, EFFECT) for one in (bulk.create, reader))
    roles = next((one for one in roles_of(contract).values() if operation is one.create), None)
    reader = getattr(roles, seen_by) if roles is not None and seen_by else None
    return any(is_guessed(one.grounds, EFFECT) for one in (operation, reader) if one is not None)


def _always_exists(contract: Contract, select: ItemSelector) -> bool:
    """Whether a request names an item that exists in any case, is created then, or must not exist."""
    if (select.by.source, select.by.name) == SENDER:
        return True
    return contract.resources[select.resource].is_single or select.if_absent == CREATE or not select.needs_item


def _rules_about_effects(contract: Contract, roles: Mapping[str, Roles]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The rules about what is read after a request, by the id of the operation."""
    for one in roles.values():
        # Settings that are there in any case are changed, and never created.
        is_created = not contract.resources[one.resource].is_single
        creating = (*((READABLE,) if one.read and is_created else ()), *((LISTED,) if one.list else ()))
        for operation in one.changes:
            kept = (CHANGED, KEPT) if is_merge(operation) else (CHANGED,)
            also = (READABLE,) if one.read and is_created and creates_by_replacing(operation) else ()
            yield operation.id, (*(creating if operation is one.create else also), *kept)
        if one.create is not None and one.create not in one.changes:
            yield one.create.id, creating
        if one.delete is not None:
            prevents = any(told.refused for told in told_dependents(contract, one.delete, roles))
            yield one.delete.id, (ABSENT_AFTER, *((IN_USE,) if prevents else ()))
        conditional = (one.read, *one.changes, one.delete) if one.read is not None and one.create is not None else ()
        yield from ((op.id, tuple(_rules_about_conditions(one, op))) for op in conditional if op is not None)
        if one.create is not None and idempotency_header(one.create) and (one.read or one.list):
            yield one.create.id, (ONCE,)
        writers = {op.id: op for op in (one.create, *one.changes) if op is not None and one.create is not None}
        yield from ((id, (TAKEN,)) for id, op in writers.items() if taken_by_one(contract, one, op))
        told = (id for id, op in writers.items() if op.references and not is_guessed(op.grounds, REFERENCES))
        yield from ((id, (REFERENCE,)) for id in told)
        if one.list is not None and one.create is not None:
            shown = ((FILTERED, has_filter), (PAGED, has_limit), (ORDERED, has_order))
            yield one.list.id, tuple(rule for rule, is_shown in shown if is_shown(one.list))


def _rules_about_sign_in(contract: Contract) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The rules about logins, logouts and the current user, by the id of the operation."""
    sign_ins = sign_ins_of(contract)
    for one in sign_ins:
        yield one.login.id, (SESSION_GIVEN, WRONG_PASSWORD)
    for me in {one.me.id: one.me for one in sign_ins if one.me is not None and shows_signed_up(one)}:
        yield me, (OWN_USER,)
    for operation in contract.operations if sign_ins else ():
        if sign_in_for(sign_ins, operation) is not None and states_end_of_session(contract, operation):
            yield operation.id, (SESSION_ENDED,)


def _rules_about_membership(operation: Operation, kind: Membership) -> Iterator[tuple[str, str]]:
    """The rules about an operation that adds or removes a member, and the resource that each is about."""
    if operation is kind.add and "404" in operation.responses and kind.link is None:
        yield UNKNOWN, kind.member
    yield (ADDED if operation is kind.add else REMOVED), ""


def _rules_about_read_only(contract: Contract, roles: Mapping[str, Roles]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The rule about members that clients do not set, by the id of each operation that they could be sent to."""
    for one in roles.values():
        resource = contract.resources[one.resource]
        keys = key_fields(resource) | {*(resource.parent.fields if resource.parent else ())}
        writers = (one.create, *one.changes) if one.read and one.create else ()
        for operation in dict.fromkeys(op.id for op in writers if _has_claimable(op, keys)):
            yield operation, (READ_ONLY,)


def _has_claimable(operation: Operation, keys: frozenset[str]) -> bool:
    content = operation.body.content if operation.body is not None else {}
    return any(can_be_claimed(operation, media, keys) for media in content.values())


def _rules_about_conditions(roles: Roles, operation: Operation) -> Iterator[str]:
    """The rules about the conditional requests that an operation documents (RFC 9110 section 13)."""
    if operation is roles.read:
        yield from (UNMODIFIED,) if IF_NONE_MATCH in operation.parameters else ()
        return
    yield from (STALE,) if IF_MATCH in operation.parameters else ()
    yield from (THERE,) if IF_NONE_MATCH in operation.parameters and operation.method == "PUT" else ()
