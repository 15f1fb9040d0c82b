"""Lessons about items: their members and keys, changes, lists, and deletion."""

import json
import math
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from lookalike.contract.builtin_readings import ABSENT_WORD, AT_CREATION, MADE, members_of
from lookalike.contract.contract import Operation
from lookalike.contract.requests import Parameter, ParameterKey
from lookalike.contract.semantics import Listing, Merge, Replace
from lookalike.http import Response
from lookalike.json_values import ABSENT
from lookalike.verify.calibration.bodies import (
    UNKNOWN_MEMBER,
    SentMembers,
    accepts,
    another,
    make_another,
    make_item,
    renamed,
    shown_members,
    whole_and_least,
)
from lookalike.verify.calibration.calibrator import Calibrator
from lookalike.verify.calibration.moments import is_moment, unit_of_time
from lookalike.verify.oracle.normalisations import may_be_kept_as
from lookalike.verify.oracle.tracked_items import CreatedItem
from lookalike.verify.requests.encoder import ParameterValues
from lookalike.verify.roles import Roles, creates_by_replacing, item_in, part_of
from lookalike.verify.runner.endings import Skipped
from lookalike.verify.runner.exchanges import StepResult
from lookalike.verify.runner.listing import ListPage, pages
from lookalike.verify.runner.paging import listed
from lookalike.verify.server.observer import poll_until

_ITEMS_IN_LISTS = 12
_ITEMS_IN_PAGES = 26  # more than the usual pages of 10, 20 and 25
_MOST_LEFT_OUT = 8  # each is tried with an item of its own
_CONFLICT = 409
_INVALID = frozenset({400, 422})
_TAKEN = frozenset({400, 409, 410, 422})
_LONGEST_LAG = 3.0  # seconds, where the target file has no settle
_TIMES = frozenset({"date-time", "date", "time"})


def members(calibrator: Calibrator, roles: Roles) -> None:
    """Members that the server sets, withholds and completes."""
    create = roles.create
    if create is None:
        return
    whole, least = whole_and_least(calibrator, create)
    name, members = roles.resource, members_of(calibrator.environment.contract, roles.resource)
    items = calibrator.environment.model.items(name)
    if name not in calibrator.decisions.shown:
        made = shown_members(calibrator, roles, make_item(calibrator, roles, whole))
        calibrator.decisions.shown[name] = made, calibrator.results[-1]
    full, step = calibrator.decisions.shown[name]
    for member in whole.keys() & members.keys() - items.identity_fields:
        is_empty = whole[member] in (None, "", [], {})
        if not is_empty:
            calibrator.decide(f"{name}.{member}.shown", "yes" if member in full else "no", step)
    try:
        first = make_another(calibrator, roles, least)
        calibrator.decide(f"{create.name}.required", "none", calibrator.results[-1])
    except Skipped:  # a server may insist on members that the document does not require
        further = _insisted_on(calibrator, roles, whole, least)
        least = {name: value for name, value in whole.items() if not further or name in least or name in further}
        first = make_another(calibrator, roles, least)
        calibrator.decide(f"{create.name}.required", " ".join(further) or "none", calibrator.results[-1])
    bare = [shown_members(calibrator, roles, first)]
    with suppress(Skipped):  # of items that stay behind, no more may be made
        bare.append(shown_members(calibrator, roles, make_another(calibrator, roles, least)))
    for member, view in members.items():
        if member in least or member in items.identity_fields:
            continue
        shown = [one[member] for one in (*bare, full) if member in one]
        if view.keyword("format") in _TIMES or (shown and unit_of_time(shown) is not None):
            # That a time is the same in two items says no more than that they were made at once.
            if member not in whole and len(shown) > len(bare) and all(isinstance(one, str | int) for one in shown):
                calibrator.decide(f"{name}.{member}.unsent", MADE, calibrator.results[-1])
            continue
        without = [*bare, full] if member not in whole and member in full else bare
        values = [_shown_value(one, member) for one in without]
        if member not in full and set(values) == {ABSENT_WORD}:
            continue  # it may be withheld
        may_vary = len(bare) == 1 and re.search("[1-9]", values[0]) is not None
        if len(set(values)) == 1 and not may_vary:
            calibrator.decide(f"{name}.{member}.unsent", values[0], calibrator.results[-1])
        elif ABSENT_WORD not in values and not may_vary:
            calibrator.decide(f"{name}.{member}.unsent", MADE, calibrator.results[-1])


def _insisted_on(calibrator: Calibrator, roles: Roles, whole: SentMembers, least: SentMembers) -> list[str]:
    """The members that the document does not require, and without which the server refuses a body."""
    found = []
    for name in sorted(whole.keys() - least.keys())[:_MOST_LEFT_OUT]:
        asked = len(calibrator.results)
        try:
            make_another(calibrator, roles, {other: value for other, value in whole.items() if other != name})
        except Skipped:
            if len(calibrator.results) > asked and calibrator.results[-1].response.status in _INVALID:
                found.append(name)
    return found


def _shown_value(item: SentMembers, member: str) -> str:
    """The value of a member as choices of `unsent` name it."""
    return json.dumps(item[member], sort_keys=True) if member in item else ABSENT_WORD


def nulls(calibrator: Calibrator, roles: Roles) -> None:
    """Whether null for a documented member is refused, or means the same as no member."""
    create, id = roles.create, "http.null-member"
    if create is None or calibrator.has(id):
        return
    whole, least = whole_and_least(calibrator, create)
    for member in sorted(whole.keys() - least.keys()):
        body = {**renamed(calibrator, create, whole), member: None}
        unsent = calibrator.decisions.choices.get(f"{roles.resource}.{member}.unsent")
        if unsent is None or accepts(calibrator, create, body):
            continue
        values = calibrator.parameters.leading_to(create, None, calibrator.parent_of(roles.resource))
        step = calibrator.ask(create, calibrator.write(create, values, body), refused=True)
        calibrator.adopt_anything(step)
        if step.response.status in _INVALID:
            calibrator.decide(id, "rejected", step)
            return
        shown = item_in(create, step.value) if step.is_success else {}
        if shown and _shown_value(shown, member) == unsent:
            calibrator.decide(id, "absent", step)
            return


def unknown_members(calibrator: Calibrator, roles: Roles) -> None:
    """Whether members that the document does not have are kept in a new item, or dropped."""
    if roles.create is None:
        return
    whole, _ = whole_and_least(calibrator, roles.create)
    body = {**renamed(calibrator, roles.create, whole), UNKNOWN_MEMBER: "text"}
    if accepts(calibrator, roles.create, body):
        shown = shown_members(calibrator, roles, make_item(calibrator, roles, body))
        choice = "kept" if UNKNOWN_MEMBER in shown else "dropped"
        calibrator.decide(f"{roles.resource}.unknown-members", choice, calibrator.results[-1])


def replacement(calibrator: Calibrator, roles: Roles) -> None:
    """The treatment of members that a PUT does not send."""
    put = next((one for one in roles.changes if isinstance(one.steps[0].action, Replace)), None)
    if put is None or roles.create is None:
        return
    whole, _ = whole_and_least(calibrator, roles.create)
    own = make_item(calibrator, roles, whole)
    before = shown_members(calibrator, roles, own)
    body = {name: value for name, value in whole.items() if name in before}
    for name in [*body]:
        rest = {other: value for other, value in body.items() if other != name}
        body = rest if accepts(calibrator, put, rest) else body
    unsent = whole.keys() - body.keys() - calibrator.environment.model.items(roles.resource).identity_fields
    left_out = [name for name in unsent if before.get(name) not in (None, "", [], {}, ABSENT)]
    if not left_out:
        return
    step = calibrator.change(put, own, body)
    if step.is_success:
        after = shown_members(calibrator, roles, own)
        kept = all(after.get(name, ABSENT) == before[name] for name in left_out)
        calibrator.decide(f"{roles.resource}.put-unsent", "kept" if kept else "removed", step)


def change(calibrator: Calibrator, roles: Roles) -> None:
    """The effect of null in a PATCH, and the way in which it changes an object in an item."""
    patch = next((one for one in roles.changes if isinstance(one.steps[0].action, Merge)), None)
    if patch is None or roles.create is None:
        return
    whole, least = whole_and_least(calibrator, roles.create)
    own = make_item(calibrator, roles, whole)
    before = shown_members(calibrator, roles, own)
    for name in sorted(whole.keys() - least.keys() & before.keys()):
        body = {name: None}
        if not accepts(calibrator, patch, body):
            continue
        step = calibrator.change(patch, own, body)
        if step.is_success:
            shown = shown_members(calibrator, roles, own).get(name, ABSENT)
            if shown is None or shown is ABSENT:
                calibrator.decide(f"{roles.resource}.patch-null", "stored" if shown is None else "deletes", step)
                break
    objects = (name for name, value in before.items() if isinstance(value, dict) and len(value) > 1)
    name = next(objects, "")
    if name and name in whole:
        inner = next(iter(before[name]))
        step = calibrator.change(patch, own, {name: {inner: before[name][inner]}})
        if step.is_success:
            after = shown_members(calibrator, roles, own).get(name, {})
            is_deep = isinstance(after, dict) and len(after) == len(before[name])
            calibrator.decide(f"{roles.resource}.patch-depth", "deep" if is_deep else "shallow", step)


def _made_in_mixed_order(
    calibrator: Calibrator,
    create: Operation,
    listing: Listing | None,
    parent: CreatedItem | None,
    whole: SentMembers,
) -> list[CreatedItem]:
    """Items for a list, so that no order of their texts is that in which they are made; raises `Skipped`.

    Where the document has pages and does not tell their usual size, there are more items than such a page has.
    """
    page = listing.page if listing is not None else None
    has_pages = page is not None and any((page.limit, page.offset, page.number, page.cursor))
    count = _ITEMS_IN_PAGES if page is not None and has_pages and page.default is None else _ITEMS_IN_LISTS
    for way in (renamed, another):
        proposed = [way(calibrator, create, whole) for _ in range(count)]  # the marks in their texts ascend
        made: list[CreatedItem] = []
        for body in (*proposed[1::2], *proposed[::2]):
            one = calibrator.creation.create(create, parent, body)
            if isinstance(one, CreatedItem):
                made.append(one)
            elif len(made) < 2:
                break
        if len(made) > 2:
            return made
    raise Skipped("too few items could be made")


def listing(calibrator: Calibrator, roles: Roles) -> None:
    """The order of a list, and the size of a page that is not asked for."""
    listing, create = roles.list, roles.create
    if listing is None or create is None:
        return
    whole, _ = whole_and_least(calibrator, create)
    key, parent = calibrator.environment.model.items(roles.resource).key, calibrator.parent_of(roles.resource)
    made = _made_in_mixed_order(calibrator, create, listing.listing, parent, whole)
    values = calibrator.parameters.leading_to(listing, None, parent)

    def ask(values: ParameterValues) -> ListPage:
        step = calibrator.ask(listing, calibrator.write(listing, values))
        return ListPage(step.response, step.value)

    step = calibrator.ask(listing, calibrator.write(listing, values))
    shown = part_of(listing, step.value, "$items")
    if not step.is_success or not isinstance(shown, list):
        return
    total, size = part_of(listing, step.value, "$total"), listing.listing.page.default if listing.listing else None
    if len(shown) < (total if isinstance(total, int) else len(made)):
        calibrator.decide(f"{listing.name}.page-size", str(len(shown)), step)
        # A few items may be in an order by chance.
        shown = [one for page in pages(listing, key, values, ask) for one in part_of(listing, page.value, "$items")]
    elif size is None or len(shown) <= size:
        calibrator.decide(f"{listing.name}.page-size", "default", step)
    numbers = {str(one.key).rpartition("/")[2]: number for number, one in enumerate(made)}
    places = [numbers[str(one[key])] for one in shown if isinstance(one, dict) and str(one.get(key)) in numbers]
    if len(places) > 2:
        calibrator.decide(f"{roles.resource}.order", _order(places, shown), step)
    items = (one for one in shown if isinstance(one, dict))
    _decide_ignored(calibrator, listing, values, [one for one in items if str(one.get(key)) in numbers])


def _decide_ignored(
    calibrator: Calibrator, listing: Operation, values: ParameterValues, made: Sequence[Mapping[str, Any]]
) -> None:
    """Decide which parameters of a list have no effect: filters by what no item has, a limit, and opposite orders."""
    action = listing.listing
    if action is None:
        return
    key = calibrator.environment.model.items(action.resource).key

    def shown_for(place: ParameterKey, value: Any) -> list[Any] | None:
        step = calibrator.ask(listing, calibrator.write(listing, {**values, place: value}), refused=True)
        found = part_of(listing, step.value, "$items") if step.is_success else None
        keys = [one[key] for one in made]
        items = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else None
        return [one[key] for one in items if one.get(key) in keys] if items is not None else None

    has_effect: dict[str, bool] = {}
    for member, source in action.where.items():
        place = source.source, source.name
        if place not in listing.parameters:
            continue
        value = _unlike(calibrator, listing.parameters[place], [one.get(member) for one in made])
        if value is not ABSENT and (found := shown_for(place, value)) is not None:
            has_effect[source.name] = not found
    limit = action.page.limit
    if limit is not None and (found := shown_for((limit.source, limit.name), 1)) is not None:
        has_effect[limit.name] = len(found) < 2
    for place, orders in _opposite_orders(listing, made):
        found, other = (shown_for(place, order) for order in orders)
        if found is not None and other is not None and len(found) > 1:
            has_effect[place[1]] = found != other
    if has_effect:
        ignored = sorted(name for name, has in has_effect.items() if not has)
        calibrator.decide(f"{listing.name}.ignored", " ".join(ignored) or "none", calibrator.results[-1])


def _unlike(calibrator: Calibrator, parameter: Parameter, known: Sequence[Any]) -> Any:
    """A value of a parameter that no item has, or `ABSENT`."""
    is_truth = parameter.value_type.types == frozenset({"boolean"})
    listed = [True, False] if is_truth else parameter.value_type.keyword("enum")
    if isinstance(listed, list):
        return next((one for one in listed if one not in known), ABSENT)
    return calibrator.environment.values.new_key(parameter)


def _opposite_orders(
    listing: Operation, made: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[ParameterKey, tuple[str, str]]]:
    """The parameter by which a list is sorted, with two values that ask for opposite orders."""
    by = listing.listing.sort if listing.listing is not None and listing.listing.order is None else None
    if by is None or (by.source, by.name) not in listing.parameters:
        return
    parameter = listing.parameters[by.source, by.name]
    for name in made[0] if made else ():
        texts = {one.get(name) for one in made if isinstance(one.get(name), str)}
        orders = name, f"-{name}"
        if len(texts) == len(made) and all(parameter.accepts(one) for one in orders):
            yield (by.source, by.name), orders
            return


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


def unique(calibrator: Calibrator, roles: Roles) -> None:
    """Members whose value must be unique among the items, and the status of such a conflict."""
    create = roles.create
    if create is None or creates_by_replacing(create):
        return
    whole, _ = whole_and_least(calibrator, create)
    parent = calibrator.parent_of(roles.resource)
    if not isinstance(calibrator.creation.create(create, parent, whole), CreatedItem):
        return
    again = calibrator.creation.create(create, parent, whole)
    step = next(one for one in reversed(calibrator.results) if one.operation is create)
    if isinstance(again, CreatedItem):
        calibrator.decide(f"{roles.resource}.unique", "none", step)
        return
    if step.response.status not in (400, 409, 422):
        return
    unique = []
    for name in sorted(whole):
        other = another(calibrator, create, whole)
        if other.get(name) == whole[name] and len({*map(str, other.values())}) == len({*map(str, whole.values())}):
            continue
        clash = calibrator.creation.create(create, parent, {**other, name: whole[name]})
        is_clash = isinstance(clash, StepResult) and clash.response.status == step.response.status
        # A status that invalid input gets too says something only where the rest is accepted.
        if is_clash and (
            step.response.status == _CONFLICT
            or isinstance(calibrator.creation.create(create, parent, other), CreatedItem)
        ):
            unique.append(name)
    if unique and len(unique) < len(whole):
        calibrator.decide(f"{roles.resource}.unique", " ".join(unique), step)
        calibrator.decide(f"{roles.resource}.conflict", str(step.response.status), step)


def effects(calibrator: Calibrator, roles: Roles) -> None:
    """Whether the creation, each change and the deletion of an item are seen afterwards, and what no change changes."""
    create = roles.create
    if create is None or not roles.is_visible:
        return
    whole, _ = whole_and_least(calibrator, create)
    created = renamed(calibrator, create, whole)
    own = make_item(calibrator, roles, created)
    step = calibrator.results[-1]
    look = _compile_look(calibrator, roles, own)
    before = look()
    _decide_effect(calibrator, create, step, is_seen=before is not None)
    if before is None:
        return
    taken = {name for name, value in created.items() if name in before and may_be_kept_as(value, before[name])}
    unchanged: dict[str, StepResult] = {}
    changed: set[str] = set()
    for operation in roles.changes:
        body, _ = whole_and_least(calibrator, operation)
        sent = {one: value for one, value in another(calibrator, operation, body, before).items() if one in before}
        told = [name for name, value in sent.items() if not may_be_kept_as(value, before[name])]
        step = calibrator.change(operation, own, sent)
        after = look()
        if step.is_success and told and after is not None:
            seen = {name for name in told if after.get(name, ABSENT) != before[name]}
            _decide_effect(calibrator, operation, step, is_seen=bool(seen))
            changed |= seen
            unchanged |= dict.fromkeys(told, step) if seen else {}
            before = after
    identity = calibrator.environment.model.items(roles.resource).identity_fields
    for name in (unchanged.keys() & taken) - changed - identity:
        calibrator.decide(f"{roles.resource}.{name}.sent", AT_CREATION, unchanged[name])
    if roles.delete is not None:
        step = calibrator.delete(own)
        if step.is_success:
            _decide_effect(calibrator, roles.delete, step, is_seen=look() != before)


def _decide_effect(calibrator: Calibrator, operation: Operation, step: StepResult, is_seen: bool) -> None:
    calibrator.decide(f"{operation.name}.effect", "seen" if is_seen else "unseen", step)


def _compile_look(calibrator: Calibrator, roles: Roles, own: CreatedItem) -> Callable[[], Mapping[str, Any] | None]:
    """The function that finds an item, deleted or not, by a read, else in the list; None if it is not there."""
    read = roles.read
    request = calibrator.write(read, calibrator.parameters.leading_to(read, own)) if read is not None else None

    def look() -> Mapping[str, Any] | None:
        if read is None or request is None:
            return listed(calibrator, own)
        step = calibrator.ask(read, request)
        return item_in(read, step.value) if step.is_success else None

    return look


def deletion(calibrator: Calibrator, roles: Roles) -> None:
    """The fate of a deleted item: it is gone, or marked by a member and perhaps not listed."""
    if roles.delete is None or roles.create is None:
        return
    own = calibrator.make(roles.resource)
    if roles.read is None:
        calibrator.delete(own)
        return
    before = shown_members(calibrator, roles, own)
    again = calibrator.write(roles.read, calibrator.parameters.leading_to(roles.read, own))
    if not calibrator.delete(own).is_success:
        return
    step = calibrator.ask(roles.read, again)
    status = step.response.status
    if status in (404, 410):
        calibrator.decide(f"{roles.resource}.deletion", "gone", step)
        calibrator.decide(f"{roles.resource}.deleted", str(status), step)
        return
    after = item_in(roles.read, step.value)
    others = [name for name, value in after.items() if before.get(name, ABSENT) != value and not is_moment(value)]
    if len(others) > 1:  # a version is counted up by any change
        others = [name for name in others if not _is_count(after[name])]
    if step.is_success and len(others) == 1:
        mark = f"{others[0]}={json.dumps(after[others[0]], separators=(',', ':'))}"
        word = "marked" if _is_listed(calibrator, roles, own, after) else "unlisted"
        calibrator.decide(f"{roles.resource}.deletion", f"{word} {mark}", step)


def _is_listed(calibrator: Calibrator, roles: Roles, own: CreatedItem, item: SentMembers) -> bool:
    """Whether an item is in the list of its resource, or there is none that could show it."""
    if roles.list is None or own.parent is not None:
        return True
    listed = calibrator.ask(
        roles.list, calibrator.write(roles.list, calibrator.parameters.leading_to(roles.list, None))
    )
    shown, key = part_of(roles.list, listed.value, "$items"), calibrator.environment.model.items(roles.resource).key
    return not isinstance(shown, list) or item.get(key) in [one.get(key) for one in shown if isinstance(one, dict)]


def _with_key_of(calibrator: Calibrator, create: Operation, own: CreatedItem) -> SentMembers | None:
    """The body of an item with its key, or None where clients do not choose it in the body."""
    key = calibrator.environment.model.items(own.resource).key
    media, item = calibrator.environment.values.media(create), calibrator.known.get(own.resource, own.key)
    if media is None or item is None or key not in media.value_type.properties or key in media.read_only_members:
        return None
    body = {**own.body, key: item.get(key)}
    return body if accepts(calibrator, create, body) else None


def lag(calibrator: Calibrator, roles: Roles) -> None:
    """The time until a new item is seen."""
    if roles.create is None or roles.read is None:
        return
    began = time.monotonic()
    own = calibrator.make(roles.resource)
    request = calibrator.write(roles.read, calibrator.parameters.leading_to(roles.read, own))
    step = calibrator.ask(roles.read, request)
    if step.is_success:
        calibrator.decide(f"{roles.resource}.lag", "none", step)
        return
    patience = max(calibrator.environment.settle, _LONGEST_LAG)
    answer = poll_until(lambda: calibrator.environment.client.read(request), _is_success, patience)
    if _is_success(answer):
        seconds = math.ceil((time.monotonic() - began) * 10) / 10
        calibrator.decisions.lag = max(calibrator.decisions.lag, seconds)
        calibrator.decide(f"{roles.resource}.lag", f"{seconds:g}s", step)


def _is_success(answer: Response) -> bool:
    return 200 <= answer.status < 300


def key_reuse(calibrator: Calibrator, roles: Roles) -> None:
    """Whether a key is given again, while its item is there and once that is deleted, by a client or by the server."""
    create = roles.create
    if create is None or roles.delete is None:
        return
    whole, _ = whole_and_least(calibrator, create)
    first = make_item(calibrator, roles, whole)
    id, body = f"{roles.resource}.key-reuse", _with_key_of(calibrator, create, first)
    if body is not None:
        request = calibrator.write(create, calibrator.parameters.leading_to(create, None, first.parent), body)
        clash = calibrator.ask(create, request, refused=True)
        calibrator.adopt_anything(clash)
        if calibrator.delete(first).is_success:
            step = calibrator.ask(create, request)
            calibrator.adopt_anything(step)
            status = clash.response.status
            if status == _CONFLICT or (status in _INVALID and step.is_success):
                calibrator.decide(f"{roles.resource}.conflict", str(status), clash)
            is_taken = step.response.status in _TAKEN
            if step.is_success or is_taken:
                calibrator.decide(id, "never" if is_taken else "default", step)
        return
    make_another(calibrator, roles, whole)  # so that the first key is not the highest
    if not creates_by_replacing(create) and calibrator.delete(first).is_success:
        third = make_another(calibrator, roles, whole)
        calibrator.decide(id, "server" if third.key == first.key else "default", calibrator.results[-1])


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
