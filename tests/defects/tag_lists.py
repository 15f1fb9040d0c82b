"""Defects of tags: what becomes of the set when something is added or removed."""

from collections.abc import Callable
from typing import Any

from lookalike.http import Handler, Request, Response
from tests.defects.defect import Behave, DefectiveMock, Lead, as_if, hidden, leaving, shown
from tests.defects.requests import error, fields, fields_of, move, number_of, tags, with_body
from tests.support.in_process import ASHA, FREE

Body = dict[str, Any]
Tags = list[Any]


def keeping(tags_of: Callable[[Tags, Tags, Tags, Tags], Tags]) -> Behave:
    """A server that leaves other tags behind.

    `tags_of` makes them of those before, those that are due, those to add and those to remove.
    """

    def change(before: Lead, after: Lead, body: Body) -> Lead:
        added, removed = body.get("add_tags") or [], body.get("remove_tags") or []
        return {**after, "tags": tags_of(before["tags"], after["tags"], added, removed)}

    return leaving(change)


def listing(name: str, part: slice) -> Behave:
    """A server that reads only a part of a list."""

    def rewrite(request: Request) -> Request:
        values = fields_of(request).get(name)
        right = isinstance(values, list) and all(type(value) in {int, float} for value in values)
        return with_body(request, {**fields_of(request), name: values[part]}) if right and values else request

    return as_if(rewrite)


def refusing(condition: Callable[[Tags, Body], object], status: int) -> Behave:
    """A server that refuses valid requests where a condition on the tags of the lead and on the body holds."""

    def behave(mock: DefectiveMock) -> Handler:
        def handle(request: Request) -> Response:
            lead, valid = mock.lead(number_of(request)), mock.would_answer(request).status == 201
            refused = valid and lead is not None and condition(lead["tags"], fields_of(request))
            return error(status) if refused else mock.right(request)

        return handle

    return behave


def _added(body: Body) -> list[Any]:
    return body.get("add_tags") or []


def _removed(body: Body) -> list[Any]:
    return body.get("remove_tags") or []


def _toggled(before: Tags, after: Tags, added: Tags, removed: Tags) -> Tags:
    return [tag for tag in after if not (tag in added and tag in before)]


def _spliced(before: Tags, after: Tags, added: Tags, removed: Tags) -> Tags:
    """What `tags.splice(tags.indexOf(tag), 1)` does in JavaScript, where -1 is the last place."""
    missing = [tag for tag in removed if tag not in before and tag not in added]
    return after[: len(after) - len(missing)] if missing else after


def _with_neighbour(before: Tags, after: Tags, added: Tags, removed: Tags) -> Tags:
    gone = {before[index + 1] for index, tag in enumerate(before[:-1]) if tag in removed}
    return [tag for tag in after if tag not in gone]


def _coming_back(mock: DefectiveMock) -> Handler:
    """Removed tags are there again after the next update of the lead."""

    def handle(request: Request) -> Response:
        before, response = mock.lead(number_of(request)), mock.right(request)
        after = mock.lead(number_of(request))
        if response.status == 201 and before is not None and after is not None:
            gone = mock.memory.pop(number_of(request), [])
            mock.memory[number_of(request)] = [tag for tag in before["tags"] if tag not in after["tags"]]
            mock.keep({**after, "tags": [*after["tags"], *(tag for tag in gone if tag not in after["tags"])]})
        return response

    return handle


def _cleared_without_tags(before: Lead, after: Lead, body: Body) -> Lead:
    return after if body.keys() & {"add_tags", "remove_tags"} else {**after, "tags": []}


def _replaced_by_unknown_field(before: Lead, after: Lead, body: Body) -> Lead:
    given = body.get("tags")
    return {**after, "tags": given} if isinstance(given, list) else after


def _replaced_by_data(before: Lead, after: Lead, body: Body) -> Lead:
    given = (body.get("lead_data") or {}).get("tags")
    return {**after, "tags": given} if isinstance(given, list) else after


SETS = (
    hidden(
        "a present tag is added again",
        "TAG-1 IDEM-1 TAG-2",
        keeping(
            lambda before, after, added, removed: [*after, *(tag for tag in added if tag in before and tag in after)]
        ),
        tags(add=[3]),
    ),
    hidden(
        "a tag that comes twice in add_tags is there twice",
        "TAG-1 TAG-2 IDEM-1",
        keeping(
            lambda before, after, added, removed: [
                tag for tag in after for _ in range(max(1, added.count(tag) if tag not in before else 1))
            ]
        ),
        tags(add=[5, 5]),
    ),
    hidden("adding a present tag removes it", "TAG-1 IDEM-1 TAG-2", keeping(_toggled), tags(add=[3])),
    hidden(
        "adding a present tag removes the other tags",
        "TAG-1 TAG-2 IDEM-1",
        keeping(lambda before, after, added, removed: added if set(added) & set(before) else after),
        tags(add=[3]),
    ),
    hidden("removing an absent tag removes the last one", "TAG-1 TAG-2 IDEM-1", keeping(_spliced), tags(remove=[5])),
    hidden(
        "removing an absent tag adds it",
        "TAG-1 IDEM-1 TAG-2",
        keeping(
            lambda before, after, added, removed: [
                *after,
                *(tag for tag in removed if tag not in before and tag not in added),
            ]
        ),
        tags(remove=[5]),
    ),
    hidden("removing a tag removes the next one too", "TAG-2 IDEM-1 TAG-1", keeping(_with_neighbour), tags(remove=[7])),
    hidden(
        "removing a tag removes all",
        "TAG-2 IDEM-1 TAG-1",
        keeping(lambda before, after, added, removed: [] if set(removed) & set(before) else after),
        tags(remove=[7]),
    ),
    hidden(
        "a removed tag comes back with the next update",
        "TAG-2 IDEM-1 DATA-1 TAG-1",
        _coming_back,
        tags(remove=[7]),
        tags(add=[5]),
    ),
    hidden(
        "tags are kept as texts",
        "TAG-2 TAG-1 IDEM-1",
        keeping(
            lambda before, after, added, removed: [
                str(tag) if tag in added and tag not in before else tag for tag in after
            ]
        ),
        tags(add=[5]),
    ),
    hidden(
        "a lead keeps four tags at most",
        "TAG-2 TAG-1 IDEM-1",
        keeping(lambda before, after, added, removed: after[: max(4, len(before))]),
        tags(add=[5, 6, 8]),
    ),
    hidden("an update without tags clears them", "TAG-2 DATA-1 MOVE-1 IDEM-1", leaving(_cleared_without_tags), tags()),
    hidden(
        "lead_data with tags takes the place of the tags",
        "DATA-1 TAG-2",
        leaving(_replaced_by_data),
        fields(lead_data={"tags": [5]}),
        readings="reserved-keys",
    ),
    hidden(
        "an unknown field with tags takes the place of the tags",
        "TAG-2 DATA-1",
        leaving(_replaced_by_unknown_field),
        fields(tags=[5]),
        readings="unknown-field",
    ),
)

LISTS = (
    hidden("only the first of add_tags is added", "TAG-2", listing("add_tags", slice(0, 1)), tags(add=[5, 6])),
    hidden("only the last of add_tags is added", "TAG-2", listing("add_tags", slice(-1, None)), tags(add=[5, 6])),
    hidden(
        "the last of add_tags is forgotten", "TAG-2 TAG-1 IDEM-1", listing("add_tags", slice(0, -1)), tags(add=[5, 6])
    ),
    hidden(
        "only the first of remove_tags is removed", "TAG-2", listing("remove_tags", slice(0, 1)), tags(remove=[3, 7])
    ),
    hidden(
        "only the last of remove_tags is removed", "TAG-2", listing("remove_tags", slice(-1, None)), tags(remove=[3, 7])
    ),
)

REFUSALS = (
    shown(
        "adding a present tag is refused",
        "TAG-1 IDEM-1 TAG-2 OK-1",
        refusing(lambda present, body: set(_added(body)) & set(present), 400),
        tags(add=[3]),
    ),
    shown(
        "adding a present tag is a conflict",
        "TAG-1 IDEM-1 TAG-2 OK-1",
        refusing(lambda present, body: set(_added(body)) & set(present), 409),
        tags(add=[3]),
    ),
    shown(
        "removing an absent tag is refused",
        "TAG-1 IDEM-1 TAG-2 OK-1",
        refusing(lambda present, body: set(_removed(body)) - set(present), 400),
        tags(remove=[1]),
    ),
    shown(
        "removing an absent tag is answered 404",
        "TAG-1 IDEM-1 TAG-2 OK-1",
        refusing(lambda present, body: set(_removed(body)) - set(present), 404),
        tags(remove=[1]),
    ),
    shown(
        "removing an absent tag is answered 500",
        "TAG-1 IDEM-1 TAG-2 OK-1 BODY-7",
        refusing(lambda present, body: set(_removed(body)) - set(present), 500),
        tags(remove=[1]),
    ),
    shown(
        "the last tag of a lead cannot be removed",
        "TAG-2 OK-1 IDEM-1",
        refusing(lambda present, body: set(present) and not set(present) - set(_removed(body)), 400),
        tags(remove=[3, 7, 103]),
    ),
    shown(
        "lists of tags beside a new number are refused",
        "TAG-2 MOVE-1 OK-1 ATOM-1 IDEM-1",
        refusing(lambda present, body: "new_contact_number" in body and body.keys() & {"add_tags", "remove_tags"}, 400),
        move(ASHA, FREE, add_tags=[5]),
    ),
)

DEFECTS = (*SETS, *LISTS, *REFUSALS)
