"""Lessons about items: their members and keys, changes, lists, and deletion."""

import json
import math
import re
import time
from collections.abc import Iterable
from typing import Any

from lookalike.contract.builtin_readings import members_of
from lookalike.contract.contract import Operation
from lookalike.contract.semantics import Merge, Replace
from lookalike.http import Response
from lookalike.json_values import ABSENT
from lookalike.verify.lessons.bodies import (
    SentMembers,
    accepts,
    another,
    make_another,
    make_item,
    renamed,
    shown_members,
    whole_and_least,
)
from lookalike.verify.lessons.learner import Learner
from lookalike.verify.oracle.tracked_items import CreatedItem
from lookalike.verify.roles import Roles, creates_by_replacing, item_in, part_of
from lookalike.verify.server.observer import poll_until
from lookalike.verify.stories.endings import Skipped
from lookalike.verify.stories.exchanges import StepResult

_UNKNOWN_MEMBER = "lookalike_unknown"
_ITEMS_IN_LISTS = 12
_CONFLICT = 409
_INVALID = frozenset({400, 422})
_TAKEN = frozenset({400, 409, 410, 422})
_LONGEST_LAG = 3.0  # seconds, where the target file has no settle
_TIMES = frozenset({"date-time", "date", "time"})
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d")
_HEX = re.compile(r"[0-9a-f]+\Z", re.IGNORECASE)
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z", re.IGNORECASE)


def members(learner: Learner, roles: Roles) -> None:
    """Members that the server sets, withholds and completes, and the form of its keys."""
    create = roles.create
    if create is None:
        return
    whole, least = whole_and_least(learner, create)
    name, members = roles.resource, members_of(learner.environment.contract, roles.resource)
    items = learner.environment.model.items(name)
    full = shown_members(learner, roles, make_item(learner, roles, whole))
    step = learner.results[-1]
    for member in whole.keys() & members.keys() - items.identity_fields:
        is_empty = whole[member] in (None, "", [], {})
        if not is_empty:
            learner.decide(f"{name}.{member}.shown", "yes" if member in full else "no", step)
    try:
        first = make_another(learner, roles, least)
    except Skipped:  # a server may insist on members that the document does not require
        least = whole
        first = make_another(learner, roles, least)
    bare = [shown_members(learner, roles, one) for one in (first, make_another(learner, roles, least))]
    for member, view in members.items():
        if member in least or member in items.identity_fields or view.keyword("format") in _TIMES:
            continue
        values = [json.dumps(one.get(member, None), sort_keys=True) for one in bare if member in one]
        if not values and member not in full:
            continue  # it may be withheld
        if not values:
            learner.decide(f"{name}.{member}.unsent", "absent", learner.results[-1])
        elif len(values) == len(bare) and len(set(values)) == 1:
            learner.decide(f"{name}.{member}.unsent", values[0], learner.results[-1])
    _key_form(learner, name, bare[-1].get(items.key), learner.results[-1])


def _key_form(learner: Learner, name: str, key: Any, step: StepResult) -> None:
    view = members_of(learner.environment.contract, name).get(learner.environment.model.items(name).key)
    if not isinstance(key, str) or view is None or "string" not in view.types or view.keyword("format") is not None:
        return
    hexadecimal = {24: "hex-24", 32: "hex-32"}.get(len(key), "") if _HEX.match(key) else ""
    form = "uuid" if _UUID.match(key) else "number" if key.isdecimal() and len(key) < 12 else hexadecimal
    if form:
        learner.decide(f"{name}.key-form", form, step)


def unknown_members(learner: Learner, roles: Roles) -> None:
    """Whether members that the document does not have are kept, dropped or refused."""
    for operation in (roles.create, *roles.changes):
        if operation is None:
            continue
        whole, _ = whole_and_least(learner, operation)
        known = renamed(learner, operation, whole)
        body = {**known, _UNKNOWN_MEMBER: "text"}
        if not accepts(learner, operation, body):
            continue
        step, own = _sent(learner, operation, roles, body)
        id = f"{operation.name}.unknown-members"
        if step.is_success:
            learner.decide(id, "taken", step)
        elif step.response.status in _INVALID and _sent(learner, operation, roles, known)[0].is_success:
            learner.decide(id, "refused", step)
        if step.is_success and own is not None and operation is roles.create:
            shown = shown_members(learner, roles, own)
            learner.decide(f"{roles.resource}.unknown-members", "kept" if _UNKNOWN_MEMBER in shown else "dropped", step)


def _sent(
    learner: Learner, operation: Operation, roles: Roles, body: SentMembers
) -> tuple[StepResult, CreatedItem | None]:
    """The exchange of a body, and the item that it made or changed."""
    if operation is roles.create:
        made = learner.create(operation, learner.parent_of(roles.resource), body)
        created = made if isinstance(made, CreatedItem) else None
        step = next(one for one in reversed(learner.results) if one.operation is operation)
        return step, created
    own = learner.make(roles.resource)
    return learner.change(operation, own, body), own


def replacement(learner: Learner, roles: Roles) -> None:
    """What becomes of members that a PUT does not send."""
    put = next((one for one in roles.changes if isinstance(one.steps[0].action, Replace)), None)
    if put is None or roles.create is None:
        return
    whole, _ = whole_and_least(learner, roles.create)
    own = make_item(learner, roles, whole)
    before = shown_members(learner, roles, own)
    body = {name: value for name, value in whole.items() if name in before}
    for name in [*body]:
        rest = {other: value for other, value in body.items() if other != name}
        body = rest if accepts(learner, put, rest) else body
    unsent = whole.keys() - body.keys() - learner.environment.model.items(roles.resource).identity_fields
    left_out = [name for name in unsent if before.get(name) not in (None, "", [], {}, ABSENT)]
    if not left_out:
        return
    step = learner.change(put, own, body)
    if step.is_success:
        after = shown_members(learner, roles, own)
        kept = all(after.get(name, ABSENT) == before[name] for name in left_out)
        learner.decide(f"{roles.resource}.put-unsent", "kept" if kept else "removed", step)


def change(learner: Learner, roles: Roles) -> None:
    """What null does in a PATCH, and how it changes an object in an item."""
    patch = next((one for one in roles.changes if isinstance(one.steps[0].action, Merge)), None)
    if patch is None or roles.create is None:
        return
    whole, least = whole_and_least(learner, roles.create)
    own = make_item(learner, roles, whole)
    before = shown_members(learner, roles, own)
    for name in sorted(whole.keys() - least.keys() & before.keys()):
        body = {name: None}
        if not accepts(learner, patch, body):
            continue
        step = learner.change(patch, own, body)
        if step.is_success:
            shown = shown_members(learner, roles, own).get(name, ABSENT)
            if shown is None or shown is ABSENT:
                learner.decide(f"{roles.resource}.patch-null", "stored" if shown is None else "deletes", step)
                break
    objects = (name for name, value in before.items() if isinstance(value, dict) and len(value) > 1)
    name = next(objects, "")
    if name and name in whole:
        inner = next(iter(before[name]))
        step = learner.change(patch, own, {name: {inner: before[name][inner]}})
        if step.is_success:
            after = shown_members(learner, roles, own).get(name, {})
            is_deep = isinstance(after, dict) and len(after) == len(before[name])
            learner.decide(f"{roles.resource}.patch-depth", "deep" if is_deep else "shallow", step)


def _made_in_mixed_order(
    learner: Learner, create: Operation, parent: CreatedItem | None, whole: SentMembers
) -> list[CreatedItem]:
    """Items for a list, so that no order of their texts is that in which they are made; raises `Skipped`."""
    for way in (renamed, another):
        proposed = [way(learner, create, whole) for _ in range(_ITEMS_IN_LISTS)]  # the marks in their texts ascend
        made: list[CreatedItem] = []
        for body in (*proposed[1::2], *proposed[::2]):
            one = learner.create(create, parent, body)
            if isinstance(one, CreatedItem):
                made.append(one)
            elif len(made) < 2:
                break
        if len(made) > 2:
            return made
    raise Skipped("too few items could be made")


def listing(learner: Learner, roles: Roles) -> None:
    """The order of a list, and the size of a page that is not asked for."""
    listing, create = roles.list, roles.create
    if listing is None or create is None:
        return
    whole, _ = whole_and_least(learner, create)
    key, parent = learner.environment.model.items(roles.resource).key, learner.parent_of(roles.resource)
    made = _made_in_mixed_order(learner, create, parent, whole)
    step = learner.ask(listing, learner.write(listing, learner.values_for(listing, None, parent)))
    shown = part_of(listing, step.value, "$items")
    if not step.is_success or not isinstance(shown, list):
        return
    total = part_of(listing, step.value, "$total")
    if len(shown) < (total if isinstance(total, int) else len(made)):
        learner.decide(f"{listing.name}.page-size", str(len(shown)), step)
    numbers = {str(one.key).rpartition("/")[2]: number for number, one in enumerate(made)}
    places = [numbers[str(one[key])] for one in shown if isinstance(one, dict) and str(one.get(key)) in numbers]
    if len(places) > 2:
        learner.decide(f"{roles.resource}.order", _order(places, shown), step)


def _order(places: list[int], shown: Iterable[Any]) -> str:
    """The order of a list: by creation, or by a member whose values are sorted in it."""
    if places == sorted(places):
        return "oldest-first"
    if places == sorted(places, reverse=True):
        return "newest-first"
    items = [one for one in shown if isinstance(one, dict)]
    for name in items[0] if items else ():
        values = [one.get(name) for one in items]
        if all(isinstance(value, str) for value in values) and len(set(map(str, values))) > 1:
            if values == sorted(values, key=str):
                return f"by {name}"
            if values == sorted(values, key=str, reverse=True):
                return f"by -{name}"
    return ""


def unique(learner: Learner, roles: Roles) -> None:
    """Members of which no two items may have the same value, and the status of such a conflict."""
    create = roles.create
    if create is None or creates_by_replacing(create):
        return
    whole, _ = whole_and_least(learner, create)
    parent = learner.parent_of(roles.resource)
    if not isinstance(learner.create(create, parent, whole), CreatedItem):
        return
    again = learner.create(create, parent, whole)
    step = next(one for one in reversed(learner.results) if one.operation is create)
    if isinstance(again, CreatedItem):
        learner.decide(f"{roles.resource}.unique", "none", step)
        return
    if step.response.status not in (400, 409, 422):
        return
    unique = []
    for name in sorted(whole):
        other = another(learner, create, whole)
        if other.get(name) == whole[name] and len({*map(str, other.values())}) == len({*map(str, whole.values())}):
            continue
        clash = learner.create(create, parent, {**other, name: whole[name]})
        is_clash = isinstance(clash, StepResult) and clash.response.status == step.response.status
        # A status that invalid input gets too says something only where the rest is accepted.
        if is_clash and (
            step.response.status == _CONFLICT or isinstance(learner.create(create, parent, other), CreatedItem)
        ):
            unique.append(name)
    if unique and len(unique) < len(whole):
        learner.decide(f"{roles.resource}.unique", " ".join(unique), step)
        learner.decide(f"{roles.resource}.conflict", str(step.response.status), step)


def deletion(learner: Learner, roles: Roles) -> None:
    """What becomes of an item that is deleted: it is gone, or marked by a member and perhaps not listed."""
    if roles.delete is None or roles.create is None:
        return
    own = learner.make(roles.resource)
    if roles.read is None:
        learner.delete(own)
        return
    before = shown_members(learner, roles, own)
    again = learner.write(roles.read, learner.values_for(roles.read, own))
    if not learner.delete(own).is_success:
        return
    step = learner.ask(roles.read, again)
    status = step.response.status
    if status in (404, 410):
        learner.decide(f"{roles.resource}.deletion", "gone", step)
        learner.decide(f"{roles.resource}.deleted", str(status), step)
        return
    after = item_in(roles.read, step.value)
    others = [name for name, value in after.items() if before.get(name, ABSENT) != value and not _is_moment(value)]
    if step.is_success and len(others) == 1:
        mark = f"{others[0]}={json.dumps(after[others[0]], separators=(',', ':'))}"
        word = "marked" if _is_listed(learner, roles, own, after) else "unlisted"
        learner.decide(f"{roles.resource}.deletion", f"{word} {mark}", step)


def _is_listed(learner: Learner, roles: Roles, own: CreatedItem, item: SentMembers) -> bool:
    """Whether an item is in the list of its resource, or there is none that could show it."""
    if roles.list is None or own.parent is not None:
        return True
    listed = learner.ask(roles.list, learner.write(roles.list, learner.values_for(roles.list, None)))
    shown, key = part_of(roles.list, listed.value, "$items"), learner.environment.model.items(roles.resource).key
    return not isinstance(shown, list) or item.get(key) in [one.get(key) for one in shown if isinstance(one, dict)]


def _with_key_of(learner: Learner, create: Operation, own: CreatedItem) -> SentMembers | None:
    """The body of an item with its key, or None where clients do not choose it in the body."""
    key = learner.environment.model.items(own.resource).key
    media, item = learner.environment.values.media(create), learner.known.get(own.resource, own.key)
    if media is None or item is None or key not in media.value_type.properties or key in media.read_only_members:
        return None
    body = {**own.body, key: item.get(key)}
    return body if accepts(learner, create, body) else None


def lag(learner: Learner, roles: Roles) -> None:
    """How long it takes until a new item is seen."""
    if roles.create is None or roles.read is None:
        return
    began = time.monotonic()
    own = learner.make(roles.resource)
    request = learner.write(roles.read, learner.values_for(roles.read, own))
    step = learner.ask(roles.read, request)
    if step.is_success:
        learner.decide(f"{roles.resource}.lag", "none", step)
        return
    patience = max(learner.environment.settle, _LONGEST_LAG)
    answer = poll_until(lambda: learner.environment.client.read(request), _is_success, patience)
    if _is_success(answer):
        seconds = math.ceil((time.monotonic() - began) * 10) / 10
        learner.notes.lag = max(learner.notes.lag, seconds)
        learner.decide(f"{roles.resource}.lag", f"{seconds:g}s", step)


def _is_success(answer: Response) -> bool:
    return 200 <= answer.status < 300


def key_reuse(learner: Learner, roles: Roles) -> None:
    """Whether the key of a deleted item is given again, by a client or by the server."""
    create = roles.create
    if create is None or roles.delete is None:
        return
    whole, _ = whole_and_least(learner, create)
    first = make_item(learner, roles, whole)
    id, body = f"{roles.resource}.key-reuse", _with_key_of(learner, create, first)
    if body is not None:
        if learner.delete(first).is_success:
            step = learner.ask(create, learner.write(create, learner.values_for(create, None, first.parent), body))
            learner.adopt_anything(step)
            is_taken = step.response.status in _TAKEN
            if step.is_success or is_taken:
                learner.decide(id, "never" if is_taken else "default", step)
        return
    make_another(learner, roles, whole)  # so that the first key is not the highest
    if not creates_by_replacing(create) and learner.delete(first).is_success:
        third = make_another(learner, roles, whole)
        learner.decide(id, "server" if third.key == first.key else "default", learner.results[-1])


def _is_moment(value: Any) -> bool:
    """Whether a value is a time, which may be that of the request."""
    return isinstance(value, str) and _MOMENT.match(value) is not None
