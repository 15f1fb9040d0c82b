"""Filters of lists by comparisons, and by places inside of members."""

from typing import Any

import pytest

from lookalike.contract.inference.query_parameters import listing_keywords
from lookalike.contract.inference.raw_operation import RawOperation
from lookalike.model.resources.filters import compared, contains_text, has_value
from lookalike.schema.view import SchemaViews
from tests.support.pet_documents import operation

TEXT, NUMBER = {"type": "string"}, {"type": "number"}
PERSON = {"type": "object", "properties": {"id": {"type": "integer"}, "username": TEXT, "email": TEXT}}
ROOM = {
    "type": "object",
    "properties": {
        "price_per_night": NUMBER,
        "title": TEXT,
        "created_at": {**TEXT, "format": "date-time"},
        "checkIn": {**TEXT, "format": "date"},
        "owner": PERSON,
        "guest": PERSON,
        "rating": NUMBER,
        "tags": {"type": "array", "items": {"type": "object", "properties": {"id": NUMBER, "slug": TEXT}}},
    },
}


@pytest.mark.parametrize(
    ("parameter", "schema", "keywords"),
    [
        ("rating__gte", NUMBER, {"compare": {"at-least": {"rating": 0}}}),
        ("ratingLte", NUMBER, {"compare": {"at-most": {"rating": 0}}}),
        ("rating[gt]", NUMBER, {"compare": {"above": {"rating": 0}}}),
        ("min_price", NUMBER, {"compare": {"at-least": {"price_per_night": 0}}}),
        ("created_after", TEXT, {"compare": {"at-least": {"created_at": 0}}}),
        ("checkInTo", TEXT, {"compare": {"at-most": {"checkIn": 0}}}),
        ("title__icontains", TEXT, {"compare": {"contains": {"title": 0}}}),
        ("title__in", TEXT, {"where": {"title": 0}}),
        ("guestEmail", TEXT, {"where": {"/guest/email": 0}}),
        ("owner_id", NUMBER, {"where": {"/owner/id": 0}}),
        ("owner", TEXT, {"where": {"/owner/username": 0}}),
        ("owner", {"type": "integer"}, {"where": {"/owner/id": 0}}),
        ("tag", TEXT, {"where": {"/tags/slug": 0}}),
        ("unknown_after", TEXT, {}),
        ("date_from", TEXT, {"compare": {"at-least": {"checkIn": 0}}}),  # the only date that is not the server's
        ("end_date", TEXT, {"compare": {"at-most": {"checkIn": 0}}}),
        ("in_rating", {"type": "boolean"}, {}),  # a flag is compared with no number
    ],
)
def test_the_name_of_a_parameter_tells_the_member_and_the_comparison(
    parameter: str, schema: Any, keywords: dict[str, Any]
) -> None:
    data = {"paths": {"/rooms": {"get": operation({"200": ROOM}, query={parameter: schema})}}, "room": ROOM}
    views = SchemaViews(data)
    found = listing_keywords(RawOperation(views, "/rooms", "get"), views.at(("room",)))
    assert _without_expressions(found) == keywords


def _without_expressions(value: Any) -> Any:
    return {name: _without_expressions(one) for name, one in value.items()} if isinstance(value, dict) else 0


@pytest.mark.parametrize(
    ("how", "value", "bound", "holds"),
    [
        ("at-least", "10.50", 9, True),  # a decimal that is written as a text is a number
        ("at-least", "9", "10", False),
        ("at-most", "2026-03-01T18:00:00Z", "2026-03-01", True),  # a day has all of its times
        ("below", "2026-03-01T18:00:00Z", "2026-03-01T18:00:01+00:00", True),
        ("above", "2026-03-01", "2026-03-01", False),
        ("above", "b", "a", True),
        ("at-least", None, 0, False),
        ("contains", "A grey cat", "CAT", True),
        ("starts", "A grey cat", "a g", True),
        ("not", "draft", "draft", False),
    ],
)
def test_values_are_compared_as_numbers_times_or_texts(how: str, value: Any, bound: Any, holds: bool) -> None:
    assert compared("member", how, bound)({"member": value}) is holds


def test_places_inside_of_members_and_lists_are_compared_and_searched() -> None:
    item = {"owner": {"name": "Asha"}, "tags": [{"slug": "news"}, {"slug": "cats"}], "created": 5}
    assert has_value("/owner/name", "Asha")(item)
    assert has_value("/tags/slug", ["cats", "dogs"])(item)
    assert not has_value("/tags/slug", "dogs")(item)
    assert has_value("created", {"gte": 5, "lt": 6})(item)
    assert not has_value("created", {"gt": 5})(item)
    assert contains_text("ASHA")(item)
    assert not contains_text("asha b")(item)


@pytest.mark.parametrize(("wanted", "is_found"), [("bug", True), ("7", True), ("red", False)])
def test_a_list_of_objects_is_searched_by_what_identifies_them(wanted: str, is_found: bool) -> None:
    item = {"labels": [{"id": 7, "name": "bug", "color": "red"}]}
    assert has_value("labels", wanted)(item) == is_found
