"""Stories: for each clause that follows from a document, what is done and what is seen then.

A story ends well, or raises `Broken`, `Unseen` (its end cannot be seen) or `Hindered` (it cannot be told).
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from lookalike.contract.contract import Contract, Operation
from lookalike.http import SAFE, Request
from lookalike.json_values import ABSENT
from lookalike.verify.oracle.comparison_inferred import difference, value_of
from lookalike.verify.oracle.tracked_items import Own
from lookalike.verify.stories import roles as r
from lookalike.verify.stories.invalid import spoilt
from lookalike.verify.stories.paging import listed
from lookalike.verify.stories.roles import Roles, clause_id, does_something, item_in
from lookalike.verify.stories.teller import Broken, Hindered, Teller, Told, Unseen

_REFUSED_BY_RIGHT = {401, 403, 404, 407}
_FOR_INVALID = ("400", "422", "4XX", "DEFAULT")
_FOR_UNKNOWN = ("404", "410", "4XX")


Tell = Callable[[Teller], None]


class Story(NamedTuple):
    """What is told about a clause, by which function, and what that is made of, so that it can be told again."""

    clause: str
    title: str
    tell: Tell
    recipe: Mapping[str, Any]


def stories(contract: Contract) -> Iterator[Story]:
    """All stories of a contract, in the order of its clauses."""
    about = {id: (rule, operation) for operation in contract.operations for rule, id in _ids(operation)}
    found = r.roles_of(contract)
    for clause in r.clauses(contract).values():
        rule, operation = about[clause.id]
        tell = _TOLD[rule](operation, roles_for(operation, found))
        yield Story(clause.id, clause.statement, tell, {"layer": "clauses", "about": clause.id})


def _ids(operation: Operation) -> Iterator[tuple[str, str]]:
    return ((rule, clause_id(operation, rule)) for rule in _TOLD)


def roles_for(operation: Operation, found: Mapping[str, Roles]) -> Roles | None:
    """The roles in which an operation acts, or those for the items that it lists or makes."""
    named = [one for one in found.values() if operation in (one.create, one.list)]
    selected = operation.selector.resource if operation.selector else ""
    return next(iter(named), None) or found.get(selected)


def _documented(operation: Operation, roles: Roles | None) -> Tell:
    """One plain request; whatever flaws the answers to this and to all others have, is noted as they come."""

    def tell(teller: Teller) -> None:
        told = _plain(teller, operation, roles)
        teller.adopt_anything(told)
        if not told.is_success:
            raise Hindered(f"it answered {told.response.status} to a plain request")

    return tell


def _plain(teller: Teller, operation: Operation, roles: Roles | None, guarded: bool = True) -> Told:
    """The exchange of a request that ought to be accepted."""
    if roles is not None and operation is roles.delete and guarded:
        return teller.delete(teller.make(roles.resource))
    return teller.ask(operation, _plain_request(teller, operation, roles, guarded))


def _plain_request(teller: Teller, operation: Operation, roles: Roles | None, guarded: bool = True) -> Request:
    """A request that fits, about an item made for it; raises `Hindered` where none may be sent."""
    own, parent = about(teller, operation, roles)
    check_allowed(teller, operation, roles, own)
    values = teller.values_for(operation, own, parent)
    body = next(teller.desk.values.bodies(operation), ABSENT)
    if body is ABSENT and operation.body is not None and operation.body.required:
        raise Hindered("no body in JSON or as a form was found that fits")
    return teller.write(operation, values, body, guarded)


def check_allowed(teller: Teller, operation: Operation, roles: Roles | None, own: Own | None) -> None:
    """Raise `Hindered` where a request may do to a server what nobody allowed."""
    is_known = (own is not None and does_something(operation)) or _creates(operation, roles)
    if operation.method not in SAFE and not teller.desk.is_free and not is_known:
        raise Hindered("what it does is not known, and the server is not one that can be reset")
    if own is not None and not teller.desk.is_free and r.moves(operation, teller.desk.model.items(own.resource).pinned):
        raise Hindered("it gives an item another key, under which it might stay")


def _creates(operation: Operation, roles: Roles | None) -> bool:
    return roles is not None and operation is roles.create


def about(teller: Teller, operation: Operation, roles: Roles | None) -> tuple[Own | None, Own | None]:
    """The item that an operation is about, or else the parent of what it makes or lists."""
    if roles is None:
        return None, None
    if operation in (roles.create, roles.list) and not r.creates_by_replacing(operation):
        return None, teller.parent_of(roles.resource)
    own = teller.make(roles.resource)
    if not own.removable and operation.method not in SAFE and not teller.desk.is_free:
        raise Hindered(f"the {own.resource} is not of this run's making")
    return own, None


def _unknown(operation: Operation, roles: Roles | None) -> Tell:
    def tell(teller: Teller) -> None:
        told = _ask_unknown(teller, operation, roles)
        names = {key.upper() for key in operation.responses}
        if not told.is_success or (operation.method == "GET" and not told.response.body):
            return
        if operation.method != "GET" and not names & {*_FOR_UNKNOWN}:
            raise Hindered("the document names no answer for it")
        raise Broken(f"status 404: {told.due.response.header('Lookalike-Reason')}", told.got)

    return tell


def _ask_unknown(teller: Teller, operation: Operation, roles: Roles | None) -> Told:
    """The exchange about an item that there is not."""
    select = operation.selector
    if select is None or select.by.source != "path":
        raise Hindered("its path does not name the item")
    resource = teller.desk.contract.resources[select.resource]
    above = teller.parent_of(select.resource) if resource.parent and resource.parent.resource else None
    key = teller.desk.values.new_key(operation.parameters["path", select.by.name])
    if key is ABSENT:
        raise Hindered(f"no unused value was found for {select.by.name}")
    values = teller.values_for(operation, None, above, {("path", select.by.name): key})
    body = next(teller.desk.values.bodies(operation), ABSENT)
    return teller.ask(operation, teller.write(operation, values, body))


def _without_credentials(operation: Operation, roles: Roles | None) -> Tell:
    def tell(teller: Teller) -> None:
        told = _plain(teller, operation, roles, guarded=False)
        teller.adopt_anything(told)
        if told.is_success:
            raise Broken(f"status {told.due.response.status}: no credentials were sent", told.got)
        if told.response.status not in _REFUSED_BY_RIGHT and not 300 <= told.response.status < 400:
            raise Hindered(f"it answered {told.response.status} before it looked for credentials")

    return tell


def _invalid(operation: Operation, roles: Roles | None) -> Tell:
    def tell(teller: Teller) -> None:
        plain = _plain_request(teller, operation, roles)
        names = {key.upper() for key in operation.responses}
        tried = 0
        for what, request in spoilt(operation, plain, teller.desk.values):
            due = teller.due(request)
            if not (400 <= due.response.status < 500 and due.response.status != 404):
                continue
            tried += 1
            told = teller.ask(operation, request, refused=True)
            teller.adopt_anything(told)
            if told.response.status >= 500 or (told.is_success and names & {*_FOR_INVALID}):
                raise Broken(
                    f"status {due.response.status}: {due.response.header('Lookalike-Reason')} ({what})", told.got
                )
            if told.is_success:
                raise Hindered(f"it takes what is not valid ({what}), and the document names no answer for that")
        if not tried:
            raise Hindered("the document leaves open everything that could be wrong")

    return tell


def _readable(operation: Operation, roles: Roles | None) -> Tell:
    def tell(teller: Teller) -> None:
        own = teller.make(_of(roles).resource)
        teller.eventually(lambda: see(teller, own, own.sent))
        with suppress(Hindered):  # simple values are enough to judge by, but they hide what is cut or spelt otherwise
            other = teller.make(_of(roles).resource, varied=True)
            teller.eventually(lambda: see(teller, other, other.sent))

    return tell


def _listed(operation: Operation, roles: Roles | None) -> Tell:
    def tell(teller: Teller) -> None:
        own = teller.make(_of(roles).resource)
        teller.eventually(lambda: in_list(teller, own))

    return tell


def in_list(teller: Teller, own: Own, clause: str = "") -> None:
    """Break the clause where a list ends without an item."""
    if listed(teller, own) is None:
        raise Broken(f"the {own.resource} {own.key} in the list", "a list without it", clause)


def _changed(operation: Operation, roles: Roles | None) -> Tell:
    def tell(teller: Teller) -> None:
        own = _to_change(teller, roles)
        names = _changed_in(teller, operation, own)
        teller.eventually(lambda: see(teller, own, names))

    return tell


def _kept(operation: Operation, roles: Roles | None) -> Tell:
    def tell(teller: Teller) -> None:
        own = _to_change(teller, roles)
        sent = own.sent
        try:
            teller.eventually(lambda: see(teller, own, sent))
        except Broken as broken:
            raise Hindered(f"it was not as it was sent before the change either: {broken.got}") from None
        names = _changed_in(teller, operation, own)
        rest = sent - names
        if not rest:
            raise Hindered("nothing was sent that it could have changed besides")
        if teller.desk.settle:  # before the change is seen, the rest is what it was in any case
            with suppress(Broken):
                teller.eventually(lambda: see(teller, own, names))
        teller.eventually(lambda: see(teller, own, rest))

    return tell


def _to_change(teller: Teller, roles: Roles | None) -> Own:
    """An item that may be changed."""
    own = teller.make(_of(roles).resource)
    if not own.removable and not teller.desk.is_free:
        raise Hindered(f"the {own.resource} is not of this run's making")
    return own


def _changed_in(teller: Teller, operation: Operation, own: Own) -> frozenset[str]:
    """The members that were sent in a change of an item; raises `Hindered` where it was refused."""
    refused = ""
    for body in changes_of(teller, operation, own):
        told = teller.change(operation, own, body)
        if told.is_success:
            return frozenset(body) - teller.desk.model.items(own.resource).pinned
        refused = f"it answered {told.response.status}"
        if told.response.status in (404, 405) and own.removable and teller.read(own).is_success:
            raise Broken(f"status {told.due.response.status}: the {own.resource} {own.key} is there", told.got)
    raise Hindered(refused or "no member was found that it could change")


def changes_of(teller: Teller, operation: Operation, own: Own) -> Iterator[dict[str, Any]]:
    """Bodies that change an item: another value for one member of it, and for PUT all the others as they were."""
    values, items = teller.desk.values, teller.desk.model.items(own.resource)
    create = teller.desk.roles[own.resource].create
    item = teller.known.get(own.resource, own.key) or {}
    schemas = list(values.member_schemas(operation, create, own.resource))
    whole = next((body for body in values.bodies(operation) if isinstance(body, dict)), {})
    base = {} if r.is_merge(operation) else {**whole, **{name: item[name] for name in own.sent if name in item}}
    names = [name for name in (own.sent or item.keys()) if name in item and name not in items.pinned]
    for name in sorted(names, key=lambda name: not isinstance(item[name], str)):
        for schema in schemas:
            value = values.other_member_value(schema, name, item[name])
            if value is not ABSENT and _fits(teller, operation, own, {**base, name: value}):
                yield {**base, name: value}
                break


def _fits(teller: Teller, operation: Operation, own: Own, body: dict[str, Any]) -> bool:
    """Whether a change can be sent, and the model takes it and makes something of it."""
    if teller.desk.values.sendable(operation, body) != body:
        return False
    request = teller.write(operation, teller.values_for(operation, own), body)
    due = teller.due(request)
    return due.response.status < 300 and bool(due.changes)


def see(teller: Teller, own: Own, names: frozenset[str]) -> None:
    """Compare some members of an item with what is read or listed of it."""
    roles = teller.desk.roles[own.resource]
    if roles.read is not None:
        told = teller.read(own)
        if told.due.response.status >= 400:
            raise Hindered(f"its key is not one that can be asked for: {told.due.response.header('Lookalike-Reason')}")
        if not told.is_success:
            raise Broken(f"status {told.due.response.status}: the {own.resource} {own.key} is there", told.got)
        _compare(own, told, names)
        return
    shown = listed(teller, own)
    if shown is None:
        raise Hindered("it is not in the list")
    wrong = difference(names & shown.keys(), teller.known.get(own.resource, own.key) or {}, shown)
    if wrong:
        raise Broken(*wrong.split(", not ", 1))


def _compare(own: Own, told: Told, names: frozenset[str]) -> None:
    """Compare what is read of an item with what the model shows of it."""
    expected = item_in(told.operation, value_of(told.due.response))
    wrong = difference(names, expected, item_in(told.operation, told.value))
    if wrong:
        expected_text, _, got = wrong.partition(", not ")
        raise Broken(expected_text, got)


def _absent(operation: Operation, roles: Roles | None) -> Tell:
    def tell(teller: Teller) -> None:
        one = _of(roles)
        own = teller.make(one.resource)
        leading = teller.values_for(one.read, own) if one.read else {}
        before = item_in(one.read, teller.read(own).value) if one.read else {}
        told = teller.delete(own)
        if not told.is_success:
            raise Hindered(f"it answered {told.response.status}")
        if told.response.status == 202:
            raise Unseen("it answered 202, so it may be done later")
        if not one.is_visible:
            raise Unseen("no operation reads or lists what it deletes")
        again = teller.write(one.read, leading) if one.read else None
        teller.eventually(lambda: not_seen(teller, own, again, before))

    return tell


def not_seen(teller: Teller, own: Own, again: Request | None, before: Mapping[str, Any]) -> None:
    """Neither read `again` nor listed, unless it is marked as deleted, which is a way to delete as well."""
    roles = teller.desk.roles[own.resource]
    if roles.read is not None and again is not None:
        told = teller.ask(roles.read, again)
        after = item_in(roles.read, told.value)
        if told.is_success and any(before.get(name) != value for name, value in after.items()):
            raise Unseen("what was deleted can be read, but is not as it was, so it may be marked as deleted")
        if told.is_success and told.response.body:
            if _ask_unknown(teller, roles.read, roles).is_success:
                raise Hindered(f"hidden behind the failure of {clause_id(roles.read, r.UNKNOWN)}")
            raise Broken("status 404: it was deleted", told.got)
    if roles.list is not None and own.parent is None:
        try:
            shown = listed(teller, own)
        except (Unseen, Hindered):
            return
        if shown is not None and all(before.get(name, value) == value for name, value in shown.items()):
            raise Broken(f"a list without the {own.resource} {own.key}, which was deleted", "a list with it")


def _of(roles: Roles | None) -> Roles:
    if roles is None:
        raise Hindered("nothing is known of what it does")
    return roles


_TOLD: Mapping[str, Callable[[Operation, Roles | None], Tell]] = {
    r.DOCUMENTED: _documented,
    r.UNKNOWN: _unknown,
    r.CREDENTIALS: _without_credentials,
    r.INVALID: _invalid,
    r.READABLE: _readable,
    r.LISTED: _listed,
    r.CHANGED: _changed,
    r.KEPT: _kept,
    r.ABSENT_AFTER: _absent,
}
