"""Stories about changes: they are read as they were sent, and everything else stays."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from itertools import islice
from types import MappingProxyType
from typing import Any

from lookalike.contract.contract import Operation
from lookalike.contract.grounds import EFFECT, is_guessed
from lookalike.contract.inference.grounds import MERGE_PATCH
from lookalike.contract.requests import MediaType
from lookalike.http import essence
from lookalike.json_values import ABSENT
from lookalike.naming.members import is_time_of_creation
from lookalike.schema.value_types import ValueType
from lookalike.verify import roles as r
from lookalike.verify.clauses import KEPT, clause_id
from lookalike.verify.oracle.normalisations import alike
from lookalike.verify.oracle.tracked_items import CreatedItem
from lookalike.verify.requests.edge_values import edge_values, empty_values, negative_values, null_values, numeric_texts
from lookalike.verify.requests.item_bodies import item_sent, item_type
from lookalike.verify.requests.values import without_read_only
from lookalike.verify.roles import Roles, item_in
from lookalike.verify.runner.endings import ClauseBroken, NotObservable, Skipped
from lookalike.verify.runner.observation import (
    check_answer,
    check_members,
    is_single,
    last_answer,
    may_come_later,
    naming_members,
    see,
)
from lookalike.verify.runner.paging import listed
from lookalike.verify.runner.story_runner import StoryRunner
from lookalike.verify.stories.list_parameters import key_of
from lookalike.verify.stories.story import ClauseCheck
from lookalike.verify.stories.times_of_change import check_times_moved, times_of_change
from lookalike.verify.stories.valid_requests import needed

_NEW_PART = "second"  # of a map
_MOST_APART = 4  # members that are changed one at a time
# Media types whose patches leave the members of an object that are not sent, such as `attributes` of JSON:API.
_KEEPS_PARTS = frozenset({MERGE_PATCH, "application/vnd.api+json"})


EmptyValues = Callable[[ValueType], Iterator[Any]]
# Null is not told from an empty text, so that another value is between them.
_EMPTY: tuple[EmptyValues, ...] = (empty_values, negative_values, numeric_texts, null_values)


def check_changed(runner: StoryRunner, operation: Operation, roles: Roles | None) -> None:
    """Raise `ClauseBroken` if a change is not read as it was sent, or changes another item."""
    with suppress(Skipped):  # so that a server which changes the first one that it finds changes another
        runner.make_any(needed(roles).resource)
    created = _to_change(runner, roles)
    others = [] if is_single(runner, created) else [*_others(runner, created)]
    # A replaced item may be a new one, as a file that is written again: only a merge keeps the time of its creation.
    born = _times_of_creation(runner, created) if r.is_merge(operation) else {}
    changed = times_of_change(runner, created)
    _check_change(runner, operation, created, born)
    check_times_moved(runner, created, changed, partial(changed_in, runner, operation, created, together=True))
    for other in others:
        runner.eventually(partial(_check_unchanged, runner, other))
    _check_relinked(runner, operation, created)
    for empty in _EMPTY:
        _check_emptied(runner, operation, created, empty)
    if not r.is_merge(operation):
        _note_unsent(runner, operation, created)


def _check_change(
    runner: StoryRunner, operation: Operation, created: CreatedItem, born: Mapping[str, Any] = MappingProxyType({})
) -> None:
    """Raise `ClauseBroken` if a change is not read as it was sent, or moves the time when an item was `born`."""
    names = changed_in(runner, operation, created, together=True)
    answer = last_answer(runner, operation)
    runner.eventually(partial(see, runner, created, names))
    _check_creation_kept(runner, operation, created, born)
    check_answer(runner, operation, created, names, answer)
    runner.eventually(partial(_see_listed, runner, created, names))


def _check_emptied(runner: StoryRunner, operation: Operation, created: CreatedItem, empty: EmptyValues) -> None:
    """Raise `ClauseBroken` if empty values are not read as they were sent."""
    before = runner.known.get(created.resource, created.key) or {}
    emptied = _emptied_in(runner, operation, created, empty)
    if emptied:
        runner.eventually(partial(see, runner, created, emptied))
    if emptied and empty is null_values and r.is_merge(operation):
        _check_null(runner, operation, created, {name: before.get(name) for name in emptied})


def _check_change_alone(runner: StoryRunner, operation: Operation, roles: Roles | None) -> None:
    """Raise `ClauseBroken` if the change of a single item is not read as it was sent."""
    _check_change(runner, operation, _to_change(runner, roles))


def _check_second_changed(runner: StoryRunner, operation: Operation, roles: Roles | None) -> None:
    """Raise `ClauseBroken` if the change of a second item is not read as it was sent."""
    runner.make_any(needed(roles).resource)
    _check_change_alone(runner, operation, roles)


def _check_born_kept(runner: StoryRunner, operation: Operation, roles: Roles | None) -> None:
    """Raise `ClauseBroken` if a change moves the time of creation."""
    created = _to_change(runner, roles)
    _check_change(runner, operation, created, _times_of_creation(runner, created))


def _check_others_unchanged(runner: StoryRunner, operation: Operation, roles: Roles | None) -> None:
    """Raise `ClauseBroken` if a change of one item changes another."""
    created = _to_change(runner, roles)
    others = [*runner.others(created)]
    changed_in(runner, operation, created, together=True)
    for other in others:
        runner.eventually(partial(_check_unchanged, runner, other))


def _check_emptied_alone(runner: StoryRunner, operation: Operation, roles: Roles | None, *, empty: EmptyValues) -> None:
    """Raise `ClauseBroken` if empty values are not read as they were sent, of an item that nothing else changed."""
    _check_emptied(runner, operation, _to_change(runner, roles), empty)


def _check_relinked_alone(runner: StoryRunner, operation: Operation, roles: Roles | None) -> None:
    """Raise `ClauseBroken` if a new item does not name another one after a change."""
    _check_relinked(runner, operation, _to_change(runner, roles))


def _check_time_moved_alone(runner: StoryRunner, operation: Operation, roles: Roles | None) -> None:
    """Raise `ClauseBroken` if the time of the last change is that of the creation after a change."""
    created = _to_change(runner, roles)
    check_times_moved(
        runner,
        created,
        times_of_change(runner, created),
        partial(changed_in, runner, operation, created, together=True),
    )


PARTS_OF_CHANGED: tuple[ClauseCheck, ...] = (
    _check_change_alone,
    _check_second_changed,
    _check_born_kept,
    _check_others_unchanged,
    _check_relinked_alone,
    _check_time_moved_alone,
    *(partial(_check_emptied_alone, empty=empty) for empty in _EMPTY),
)


def _times_of_creation(runner: StoryRunner, created: CreatedItem) -> dict[str, Any]:
    """The members of an item that hold the time of its creation and that no client sets, as a read shows them."""
    roles = runner.environment.roles[created.resource]
    if roles.read is None or runner.environment.settle:
        return {}
    shown = item_in(roles.read, runner.read(created).value)
    return {name: value for name, value in shown.items() if is_time_of_creation(name) and name not in created.sent}


def _check_creation_kept(
    runner: StoryRunner, operation: Operation, created: CreatedItem, born: Mapping[str, Any]
) -> None:
    """Raise `ClauseBroken` if a change moves the time of creation."""
    now = _times_of_creation(runner, created) if born else {}
    moved = next((name for name in sorted(born.keys() & now.keys()) if not alike(born[name], now[name])), None)
    if moved is not None:
        expected = f"{moved} = {born[moved]}, as it was before the change"
        raise ClauseBroken(expected, f"{now[moved]}", clause_id(operation, KEPT))


def _check_null(runner: StoryRunner, operation: Operation, created: CreatedItem, before: Mapping[str, Any]) -> None:
    """Note whether null, which the schema lets a client send, is stored or removes a member, or break the clause."""
    read = runner.environment.roles[created.resource].read
    if read is None or runner.environment.settle:
        return
    shown = item_in(read, runner.read(created).value)
    members = runner.environment.model.items(created.resource).view.members
    for name in sorted(before.keys() & shown.keys() & members.keys()):
        is_default = members[name].keyword("default", None) == shown[name]
        if shown[name] is not None and alike(before[name], shown[name]) and not is_default:
            raise ClauseBroken(f"{name} = null or none, which was sent", json.dumps(shown[name]))
    for choice in sorted({"stored" if name in shown else "deletes" for name in before}):
        runner.note_choice(f"{created.resource}.patch-null", choice)


def _note_unsent(runner: StoryRunner, operation: Operation, created: CreatedItem) -> None:
    """Note what becomes of a member that a replacement does not send; both are fine, and so is another value."""
    roles, item = runner.environment.roles[created.resource], runner.known.get(created.resource, created.key) or {}
    if roles.read is None or runner.environment.settle:  # reads that lag behind show it as it was in any case
        return
    before = item_in(roles.read, runner.read(created).value)
    sent = {name: item[name] for name in sorted(created.sent) if name in item}
    for name, value in sent.items():
        rest = {other: one for other, one in sent.items() if other != name}
        if value in (None, "", [], {}) or name not in before or not _fits(runner, operation, created, rest):
            continue
        if runner.change(operation, created, rest).is_success:
            now = item_in(roles.read, runner.read(created).value).get(name)
            if now == before[name] or now in (None, "", [], {}):
                choice = "kept" if now == before[name] else "removed"
                runner.note_choice(f"{created.resource}.put-unsent", choice)
        return


def check_kept(runner: StoryRunner, operation: Operation, roles: Roles | None) -> None:
    """Raise `ClauseBroken` if a change loses members that were not sent."""
    created = _to_change(runner, roles)
    sent = created.sent
    try:
        runner.eventually(partial(see, runner, created, sent))
    except ClauseBroken as broken:
        raise Skipped(f"it was not as it was sent even before the change: {broken.got}") from None
    names = changed_in(runner, operation, created)
    if not _check_parts_kept(runner, operation, created) and not sent - names:
        raise Skipped("no other member was sent, which it should have kept")
    _check_rest_kept(runner, created, sent, names)
    with suppress(Skipped):  # so that a member which falls back to its default has another value before
        together = changed_in(runner, operation, created, together=True)
        if not _is_seen(runner, created, together):
            return
        _check_rest_kept(runner, created, sent, together)
    # A careless server may lose some members where others are changed: a text by a form, a folder by a new name.
    for body in islice(changes_of(runner, operation, created), _MOST_APART):
        if not body.keys() <= names and runner.change(operation, created, body).is_success:
            if not _is_seen(runner, created, frozenset(body)):
                return
            _check_rest_kept(runner, created, sent, frozenset(body))


def _is_seen(runner: StoryRunner, created: CreatedItem, names: frozenset[str]) -> bool:
    """Whether some members are read as they were changed; that they are not is for the clause about changes."""
    try:
        runner.eventually(partial(see, runner, created, names))
    except ClauseBroken:
        return False
    return True


def _check_rest_kept(runner: StoryRunner, created: CreatedItem, sent: frozenset[str], names: frozenset[str]) -> None:
    """Raise `ClauseBroken` if a change of some members loses others of those that were `sent`."""
    if runner.environment.settle:  # before the change is seen, the rest is what it was in any case
        _is_seen(runner, created, names)
    runner.eventually(partial(see, runner, created, sent - names))


def _check_rest_kept_alone(runner: StoryRunner, operation: Operation, roles: Roles | None) -> None:
    """Raise `ClauseBroken` if a change of a new item loses members that were not sent."""
    created = _to_change(runner, roles)
    sent = created.sent
    _check_rest_kept(runner, created, sent, changed_in(runner, operation, created))


def _check_parts_kept_alone(runner: StoryRunner, operation: Operation, roles: Roles | None) -> None:
    """Raise `ClauseBroken` if a patch of a part of an object of a new item loses the rest of it."""
    _check_parts_kept(runner, operation, _to_change(runner, roles))


PARTS_OF_KEPT: tuple[ClauseCheck, ...] = (_check_rest_kept_alone, _check_parts_kept_alone)


def _check_parts_kept(runner: StoryRunner, operation: Operation, created: CreatedItem) -> bool:
    """Raise `ClauseBroken` if a patch of a part of an object, or of a map, loses the rest of it (RFC 7396 section 2).

    Returns whether any object was patched.
    """
    media, is_tried = runner.environment.values.media(operation), False
    if media is None or essence(media.media_type) not in _KEEPS_PARTS:
        return False
    for name, patches in [*_patches_of_parts(runner, operation, created, media)]:
        patch = next((one for one in patches if _fits(runner, operation, created, one)), None)
        if patch is not None and runner.change(operation, created, patch).is_success:
            runner.eventually(partial(see, runner, created, frozenset({name})))
            is_tried = True
    return is_tried


def _patches_of_parts(
    runner: StoryRunner, operation: Operation, created: CreatedItem, media: MediaType
) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The members of an item that are objects, each with patches of a part of it; of a map, with a new part.

    JSON:API has an object in `attributes` replaced as a whole.
    """
    item, kind = runner.known.get(created.resource, created.key) or {}, item_type(operation, media)
    for body in changes_of(runner, operation, created):
        for name, value in body.items():
            if isinstance(value, dict) and len(item.get(name) or ()) > 1:
                parts = ({part: one} for part, one in value.items() if one != item[name].get(part))
                yield name, [{**body, name: part} for part in parts]
    for name in kind.properties if essence(media.media_type) == MERGE_PATCH else ():
        now = item.get(name)
        if isinstance(now, dict) and now and not kind.member(name).properties:
            yield name, [{name: {_NEW_PART: next(iter(now.values()))}}]


def changes_of(
    runner: StoryRunner, operation: Operation, created: CreatedItem, whole: bool = True
) -> Iterator[dict[str, Any]]:
    """Bodies that change an item: another value for one member of it, and for PUT all the others as they were.

    If it is to be `whole`, a PUT also has the members that the item was created without.
    """
    values, items = runner.environment.values, runner.environment.model.items(created.resource)
    roles = runner.environment.roles[created.resource]
    item = runner.known.get(created.resource, created.key) or {}
    schemas = list(values.member_schemas(operation, roles.create, created.resource))
    body = next((body for body in values.bodies(operation) if isinstance(body, dict)), {})
    body = runner.creation.with_key_of(operation, created, roles, body)
    media = values.media(operation)
    kind = item_type(operation, media) if media is not None else None
    described = kind.properties if kind is not None and kind.properties else item
    base = _demanded(runner, operation, body, item)
    if not r.is_merge(operation):
        drawn = item_sent(operation, body) if whole else {}
        base = {**drawn, **{name: item[name] for name in created.sent if name in item and name in described}}
    # A merge that demands any one member (`minProperties`) is of the changed one alone.
    bases = (dict[str, Any](), base) if r.is_merge(operation) and base else (base,)
    names = [name for name in (created.sent or item.keys()) if name in item and name not in items.identity_fields]
    if kind is not None and kind.properties:
        names = [name for name in names if name in described]
        names += _only_changed(runner, operation, created, kind)
    links, naming = runner.links.members(operation), naming_members(runner, created)
    names = [name for name in names if name not in links]  # another value would name no item
    for name in sorted(names, key=lambda name: (not isinstance(item[name], str), name)):  # sets have no order
        for schema, place in schemas:
            value = values.other_member_value(schema, (*place, name), item[name])
            value = without_read_only(value, kind.member(name)) if kind is not None else value
            proposed = (values.marked_member(operation, name, value), value) if value is not ABSENT else ()
            edges = () if name in naming else _edge_values_of(kind, name, item[name])
            proposed = (*(values.marked_member(operation, name, one) for one in edges), *proposed)
            bodies = ({**one, name: new} for new in proposed for one in bases)
            found = next((one for one in bodies if _fits(runner, operation, created, one)), None)
            if found is not None:
                yield found
                break


def whole_change(
    runner: StoryRunner, operation: Operation, created: CreatedItem, members: Mapping[str, Any]
) -> dict[str, Any] | None:
    """The members of a change of an item that has some `members`, and for PUT all others; None if no such fits."""
    values = runner.environment.values
    bases = ({},) if r.is_merge(operation) else changes_of(runner, operation, created)
    bodies = ({**base, **members} for base in bases)
    return next((one for one in bodies if values.is_valid(operation, values.around_item(operation, one))), None)


def _only_changed(runner: StoryRunner, operation: Operation, created: CreatedItem, kind: ValueType) -> Iterator[str]:
    """The members of an item that a merge takes and that were not sent when it was made, such as `archived`.

    A body that may have the key is probably that of any request, with members that only the server sets.
    """
    item = runner.known.get(created.resource, created.key) or {}
    if r.is_merge(operation) and runner.environment.model.items(created.resource).key not in kind.properties:
        unsent = (name for name in kind.properties if name in item and name not in created.sent)
        yield from (name for name in unsent if kind.member(name).keyword("readOnly") is not True)


def _to_change(runner: StoryRunner, roles: Roles | None) -> CreatedItem:
    """An item that may be changed."""
    created = runner.make(needed(roles).resource)
    runner.check_removable(created)
    return created


def changed_in(
    runner: StoryRunner, operation: Operation, created: CreatedItem, together: bool = False
) -> frozenset[str]:
    """The members that were sent in a change of an item; raises `Skipped` if it was refused.

    With `together`, all members are changed at once, so that one which the server ignores is found with any seed.
    """
    refused = ""
    for body in _proposed(runner, operation, created, together):
        step = runner.change(operation, created, body)
        if step.is_success:
            return frozenset(body) - runner.environment.model.items(created.resource).identity_fields
        refused = f"it answered {step.response.status}"
        is_missing = step.response.status in (404, 405) and created.removable and not may_come_later(runner, created)
        if is_missing and runner.read(created).is_success:
            raise ClauseBroken(
                f"status {step.due.response.status}: the {created.resource} {created.key} is there", step.got
            )
    raise Skipped(refused or "no member of an item was found that it can change")


def _proposed(
    runner: StoryRunner, operation: Operation, created: CreatedItem, together: bool
) -> Iterator[dict[str, Any]]:
    """Bodies that change an item; a server may refuse a PUT with members that the item was created without."""
    for whole in (True,) if r.is_merge(operation) else (True, False):
        singly = list(changes_of(runner, operation, created, whole))
        if together:
            yield from _together(runner, operation, created, singly)
            of_sent = [one for one in singly if one.keys() <= created.sent]  # others may not be changed in any state
            yield from _together(runner, operation, created, of_sent) if len(of_sent) < len(singly) else ()
        yield from singly


def _together(
    runner: StoryRunner, operation: Operation, created: CreatedItem, singly: list[dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    """Several changes at once, if they fit: with edge values, then without."""
    item = runner.known.get(created.resource, created.key) or {}
    changed = {name: value for body in singly for name, value in body.items() if value != item.get(name, ABSENT)}
    body = {**(singly[0] if singly else {}), **changed}
    if len(singly) > 1 and _fits(runner, operation, created, body):
        told = _told(runner, operation, created, body)
        if told != body and _fits(runner, operation, created, told):
            yield told
        yield body


def _told(runner: StoryRunner, operation: Operation, created: CreatedItem, members: dict[str, Any]) -> dict[str, Any]:
    """Members with edge values, also inside of objects and lists, except those that name this item or others."""
    values, items = runner.environment.values, runner.environment.model.items(created.resource)
    keys = items.identity_fields | {str(pointer[-1]) for pointer in r.new_keys(operation, items.identity_fields)}
    kept = naming_members(runner, created) | runner.links.members(operation) | keys
    told = item_sent(operation, values.body_with_edge_values(operation, values.around_item(operation, members), kept))
    return {name: value if name in keys else told.get(name, value) for name, value in members.items()}


def _fits(runner: StoryRunner, operation: Operation, created: CreatedItem, members: dict[str, Any]) -> bool:
    """Whether a change can be sent, and the model takes it and makes something of it."""
    body = runner.environment.values.around_item(operation, members)
    if runner.environment.values.sendable(operation, body) != body:
        return False
    due = runner.due(runner.change_request(operation, created, members))
    return due.response.status < 300 and bool(due.changes)


def _edge_values_of(kind: ValueType | None, name: str, now: Any) -> tuple[Any, ...]:
    """Values for a member that a careless server does not keep; of a name none, which bears a mark instead."""
    if kind is None:
        return ()
    return tuple(value for value in edge_values(kind.member(name)) if value != now)


def _demanded(runner: StoryRunner, operation: Operation, body: Any, item: Mapping[str, Any]) -> dict[str, Any]:
    """The members of an item that a change must have, as they are, such as a type or the key itself."""
    values, sent = runner.environment.values, item_sent(operation, body)
    demanded = item_sent(operation, values.least(operation, body))
    return {name: item.get(name, sent[name]) for name in demanded}


def _emptied_in(runner: StoryRunner, operation: Operation, created: CreatedItem, empty: EmptyValues) -> frozenset[str]:
    """The members that were given empty values, or others of a kind, in one change; none if it was refused."""
    media = runner.environment.values.media(operation)
    item, keys = runner.known.get(created.resource, created.key) or {}, runner.environment.model.items(created.resource)
    if media is None:
        return frozenset()
    kind, base = item_type(operation, media), _unchanged(runner, operation, created)
    links = frozenset[str]() if empty is null_values else runner.links.members(operation)  # no item has such a key
    names = sorted((created.sent & {*kind.properties}) - keys.identity_fields - naming_members(runner, created) - links)
    emptied: dict[str, Any] = {}
    for name in names:
        for value in empty(kind.member(name)):
            if item.get(name) != value and _fits(runner, operation, created, {**base, **emptied, name: value}):
                emptied[name] = value
                break
    if not emptied or not runner.change(operation, created, {**base, **emptied}).is_success:
        return frozenset()
    return frozenset(emptied)


def _unchanged(runner: StoryRunner, operation: Operation, created: CreatedItem) -> dict[str, Any]:
    """The members that a change of others has to send as they are: for a merge those that it demands, else all."""
    item = runner.known.get(created.resource, created.key) or {}
    if not r.is_merge(operation):
        return {name: item[name] for name in sorted(created.sent) if name in item}
    plain: Any = next(runner.environment.values.bodies(operation), {})
    plain = runner.creation.with_key_of(operation, created, runner.environment.roles[created.resource], plain)
    return _demanded(runner, operation, plain, item)


def _check_relinked(runner: StoryRunner, operation: Operation, created: CreatedItem) -> None:
    """Raise `ClauseBroken` if an item does not name another one after a change, or anything else of it differs.

    As a folder that was moved.
    """
    kept = runner.environment.model.items(created.resource).identity_fields
    for name in sorted((created.sent & runner.links.members(operation)) - kept):
        resource = runner.links.resource_of(operation, name)
        with suppress(Skipped):
            other = runner.make(resource) if resource else None
            if other is None:  # a list of keys, or an object around one
                continue
            bases = (dict[str, Any](),) if r.is_merge(operation) else ()
            bodies = ({**one, name: key_of(runner, other)} for one in (*bases, _unchanged(runner, operation, created)))
            members = next((one for one in bodies if _fits(runner, operation, created, one)), None)
            if members is not None and runner.change(operation, created, members).is_success:
                runner.eventually(partial(see, runner, created, frozenset(members)))
                _check_kept_by(runner, operation, created)


def _check_kept_by(runner: StoryRunner, operation: Operation, created: CreatedItem) -> None:
    """Raise `ClauseBroken`, about members that a change leaves alone, if any other than those sent differs."""
    try:
        runner.eventually(partial(see, runner, created, created.sent))
    except ClauseBroken as broken:
        clause = clause_id(operation, KEPT) if r.is_merge(operation) else ""
        raise ClauseBroken(broken.expected, broken.got, clause) from None


def _see_listed(runner: StoryRunner, created: CreatedItem, names: frozenset[str]) -> None:
    """Compare some members of an item with what its list shows of it, if it shows them at all."""
    roles = runner.environment.roles[created.resource]
    if roles.list is None or roles.read is None or is_guessed(roles.list.grounds, EFFECT):
        return
    with suppress(Skipped, NotObservable):
        shown = listed(runner, created)
        comparison = runner.comparison(roles.read, created.resource, shown)
        expected = {**(runner.known.get(created.resource, created.key) or {}), **created.body}
        if shown is not None:
            check_members(names & shown.keys(), expected, shown, comparison, " in the list, as it is read")


def _others(runner: StoryRunner, created: CreatedItem) -> Iterator[CreatedItem]:
    """Other new items that are read as they were sent, and are to stay so."""
    for other in runner.others(created):
        with suppress(ClauseBroken, NotObservable, Skipped):  # which is for the clause about its creation
            runner.eventually(partial(see, runner, other, other.sent))
            yield other


def _check_unchanged(runner: StoryRunner, other: CreatedItem) -> None:
    """Raise `ClauseBroken` if an item is not as it was sent, although another one was changed."""
    try:
        see(runner, other, other.sent)
    except ClauseBroken as broken:
        kept = f"the {other.resource} {other.key} as it was, with {broken.expected}"
        raise ClauseBroken(kept, broken.got) from None
