"""Descriptions of parameters and counters: each sentence states one meaning, or none."""

import pytest

from lookalike.contract.grounds import TOTAL, Ground
from lookalike.contract.inference.descriptions import (
    default_told,
    first_page,
    member_named,
    names_key,
    states,
    states_order_by_age,
)
from lookalike.contract.inference.infer import infer
from tests.support.pet_documents import CRUD, MANY, PET, TRUTH, document, operation

STATED = (
    ("where", "Only tickets with this status."),
    ("where", "A case-sensitive filter on the list based on the customer's email field."),
    ("where", "Filter by owner. If it is not given, the pets of all owners are listed."),
    ("page.limit", "The maximum number of items to return."),
    ("page.limit", "A limit on the number of objects to be returned, between 1 and 100."),
    ("page.limit", "Page size"),
    ("page.limit", "How many cases a page has."),
    ("page.offset", "The number of items to skip."),
    ("page.number", "The page of results."),
    ("page.cursor", "A cursor for use in pagination."),
    ("total", "The total number of tickets."),
)
OPEN = (
    ("where", "The status."),
    ("where", "Only pets that are older than this."),
    ("where", "Also includes pets of this kind."),
    ("where", "Excludes the pets with this kind."),
    ("where", "Only pets made after this day."),
    ("page.limit", "The size of the pet."),
    ("page.offset", "A number."),
    ("total", "The number of pets."),
    ("total", "The total number of pages."),
    ("total", "The total of the items on this page."),
    ("sort", "Sort by this member."),
)


@pytest.mark.parametrize(("fact", "text"), STATED)
def test_a_description_states_what_a_name_suggests(fact: str, text: str) -> None:
    assert states(fact, text)


@pytest.mark.parametrize(("fact", "text"), OPEN)
def test_a_description_with_other_words_or_exceptions_states_nothing(fact: str, text: str) -> None:
    assert not states(fact, text)


@pytest.mark.parametrize(
    ("text", "number"),
    [("Zero-based page.", 0), ("Pages start at 1.", 1), ("The page, 1-based.", 1), ("The page.", None)],
)
def test_the_number_of_the_first_page_is_read_where_it_is_told(text: str, number: int | None) -> None:
    assert first_page(text) == number


@pytest.mark.parametrize(
    ("text", "is_named"),
    [
        ("An object ID that defines your place in the list.", True),
        ("The sku of the last product on the page before.", True),
        ("A cursor for use in pagination.", False),
        ("The token of the next page.", False),
        ("An opaque text that has the id of the last product.", False),
    ],
)
def test_a_cursor_is_a_key_where_its_description_mentions_ids_or_the_member(text: str, is_named: bool) -> None:
    assert names_key(text, "sku") is is_named


@pytest.mark.parametrize(
    ("members", "ground"),
    [({}, Ground.STATED), ({"count": {"type": "integer"}}, Ground.GUESSED)],
    ids=["alone", "beside"],
)
def test_a_total_in_a_header_field_states_nothing_of_a_number_in_the_body(
    members: dict[str, object], ground: Ground
) -> None:
    shown = {"type": "object", "properties": {"pets": MANY, **members}}
    listed = operation({"200": shown}, query={"limit": {"type": "integer"}})
    field = {"description": "The total number of pets.", "schema": {"type": "integer"}}
    listed["responses"]["200"]["headers"] = {"X-Total-Count": field}
    grounds = infer(document({**CRUD, "/pets": {**CRUD["/pets"], "get": listed}})).grounds
    assert grounds["/pets", "get"][TOTAL] is ground


@pytest.mark.parametrize(
    ("members", "ground"),
    [
        ({"total_count": {}}, Ground.SHOWN),
        ({"count": {}}, Ground.GUESSED),
        ({"count": {}, "next": {}, "previous": {}}, Ground.SHOWN),
        ({"total": {"description": "Those on this page."}}, Ground.GUESSED),
    ],
    ids=["a total", "a count", "a count beside links", "another total"],
)
def test_a_number_beside_a_list_is_the_total_where_its_name_says_so(
    members: dict[str, dict[str, object]], ground: Ground
) -> None:
    numbers = {
        name: {"type": "string" if name in ("next", "previous") else "integer", **one} for name, one in members.items()
    }
    listed = operation({"200": {"type": "object", "properties": {"pets": MANY, **numbers}}})
    grounds = infer(document({**CRUD, "/pets": {**CRUD["/pets"], "get": listed}})).grounds
    assert grounds["/pets", "get"][TOTAL] is ground


@pytest.mark.parametrize(
    ("text", "member"),
    [
        ("Database name", "name"),
        ("The name of the database.", "name"),
        ("Database UUID", ""),
        ("The id or the name of the database.", ""),
        ("The database.", ""),
    ],
)
def test_a_description_names_the_member_by_which_items_are_found(text: str, member: str) -> None:
    assert member_named(text, ["id", "name", "tenant"]) == member


@pytest.mark.parametrize(
    ("text", "ground"), [("", Ground.SHOWN), ("Whether to show the chip of each pet.", Ground.GUESSED)]
)
def test_a_flag_of_items_filters_a_list_by_its_name_where_no_text_says_otherwise(text: str, ground: Ground) -> None:
    pet = {**PET, "properties": {**PET["properties"], "chipped": TRUTH}}
    listed = operation({"200": MANY}, query={"chipped": TRUTH})
    listed["parameters"][0]["description"] = text
    grounds = infer(document({**CRUD, "/pets": {**CRUD["/pets"], "get": listed}}, pet)).grounds
    assert grounds["/pets", "get"]["where.chipped"] is ground


@pytest.mark.parametrize(
    ("text", "kind", "default"),
    [
        ("How it is called. Can be: `GET` or `POST` and the default is `POST`.", "string", "POST"),
        ("The HTTP method, either GET or POST. Defaults to POST.", "string", "POST"),
        ("Whether it may be sold (default: true)", "boolean", True),
        ("If not specified, defaults to 'private'.", "string", "private"),
        ("From 0 to 65535, inclusive, and the default is 10.", "integer", 10),
        ("If it is not given, it defaults to the time of the request.", "string", None),
        ("When `kind` is `a`, the default is `x`.", "string", None),
        ("The default is `x` for pets and the default is `y` for people.", "string", None),
        ("Defaults to `null`.", "string", None),
        ("Defaults to `true`.", "integer", None),
    ],
)
def test_a_description_tells_a_default(text: str, kind: str, default: object) -> None:
    assert default_told(text, {kind}) == default


@pytest.mark.parametrize(
    ("text", "is_stated"),
    [
        ("Sort order by creation date.", True),
        ("Sorts by `created_at`, `ASC` or `DESC`.", True),
        ("The direction of the date of creation", True),
        ("Sorted by creation time, or by name.", False),
        ("Sort direction", False),
    ],
)
def test_a_description_says_that_an_order_is_that_of_creation(text: str, is_stated: bool) -> None:
    assert states_order_by_age(text) is is_stated
