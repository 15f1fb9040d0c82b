"""Lists: envelopes, filters, pages, totals, and the items of a list that is sent."""

from typing import Any

import pytest

from lookalike.contract.inference.infer import infer
from tests.support.pet_documents import CRUD, MANY, REF, body, document, mock, operation, send

ENVELOPES: dict[str, tuple[Any, Any]] = {
    "data": ({"type": "object", "properties": {"data": REF}}, {"data": {"id": 1}}),
    "a noun and a constant": (
        {
            "type": "object",
            "required": ["ok", "pet"],
            "properties": {"ok": {"type": "boolean", "const": True}, "pet": REF},
        },
        {"ok": True, "pet": {"id": 1}},
    ),
}


@pytest.mark.parametrize("name", ENVELOPES)
def test_an_item_in_an_envelope_is_found(name: str) -> None:
    schema, expected = ENVELOPES[name]
    paths = {"/pets": {"post": operation({"201": schema}, REF)}, "/pets/{petId}": {"get": operation({"200": schema})}}
    server = mock(document(paths))
    assert body(send(server, "POST", "/pets", {})) == expected
    assert body(send(server, "GET", "/pets/1")) == expected


def test_an_item_is_sent_under_the_name_that_shows_it_whatever_is_beside_it() -> None:
    sent = {"type": "object", "properties": {"data": {"type": "object"}, "notify": {"type": "boolean"}}}
    shown = {"type": "object", "properties": {"data": REF, "permissions": {"type": "object"}}}
    paths = {"/pets": {"post": operation({"201": shown}, sent)}, "/pets/{id}": {"get": operation({"200": shown})}}
    server = mock(document(paths))
    made = body(send(server, "POST", "/pets", {"data": {"name": "Rex"}, "notify": True}))
    assert body(send(server, "GET", f"/pets/{made['data']['id']}"))["data"]["name"] == "Rex"


LISTS: dict[str, tuple[Any, Any]] = {
    "bare": (MANY, [{"id": 1}, {"id": 2}]),
    "with a total": (
        {"type": "object", "properties": {"items": MANY, "totalCount": {"type": "integer"}}},
        {"items": [{"id": 1}, {"id": 2}], "totalCount": 3},
    ),
    "HAL": (
        {"type": "object", "properties": {"_embedded": {"type": "object", "properties": {"pets": MANY}}}},
        {"_embedded": {"pets": [{"id": 1}, {"id": 2}]}},
    ),
    "with what comes next, nested": (
        {
            "type": "object",
            "properties": {
                "data": MANY,
                "meta": {
                    "type": "object",
                    "properties": {"has_more": {"type": "boolean"}, "next_cursor": {"type": "string"}},
                },
            },
        },
        {"data": [{"id": 1}, {"id": 2}], "meta": {"has_more": True, "next_cursor": "2"}},
    ),
}


@pytest.mark.parametrize("name", LISTS)
def test_a_list_is_made_in_the_form_that_is_documented(name: str) -> None:
    schema, expected = LISTS[name]
    listed = operation({"200": schema}, query={"per_page": {"type": "integer", "default": 2}})
    server = mock(document({**CRUD, "/pets": {**CRUD["/pets"], "get": listed}}))
    for _ in range(3):
        send(server, "POST", "/pets", {})
    assert body(send(server, "GET", "/pets")) == expected


QUERIES: dict[str, list[int]] = {
    "": [1, 2, 3, 4],
    "limit=2": [1, 2],
    "limit=2&page=2": [3, 4],
    "limit=2&offset=1": [2, 3],
    "limit=1&cursor=2": [3],
    "ending_before=3": [1, 2],
    "limit=1&ending_before=3": [2],
    "name=b": [2, 4],
    "sort=-id": [4, 3, 2, 1],
    "sort=name,-id": [3, 1, 4, 2],
    "sort=id_desc": [4, 3, 2, 1],
    "sort=nameDesc,id:asc": [2, 4, 1, 3],
    "sort=name%20descending": [2, 4, 1, 3],
    "sort=name&order=desc": [2, 4, 1, 3],
    "q=A&limit=1": [1],
    "name=c": [],
    "name=all": [1, 2, 3, 4],
    "name=any&q=b": [2, 4],
    "limit=2&page=9": [],
}


@pytest.mark.parametrize("query", QUERIES)
def test_parameters_mean_what_their_names_say(query: str) -> None:
    names = ("name", "limit", "page", "offset", "cursor", "ending_before", "sort", "order", "q")
    listed = operation({"200": MANY}, query={name: {"type": "string"} for name in names})
    server = mock(document({**CRUD, "/pets": {**CRUD["/pets"], "get": listed}}))
    for name in "abab":
        send(server, "POST", "/pets", {"name": name})
    assert [pet["id"] for pet in body(send(server, "GET", f"/pets?{query}"))] == QUERIES[query]


@pytest.mark.parametrize(("query", "found"), [("names=b", [2]), ("names=b&names=c", [2, 3]), ("names=d", [])])
def test_a_list_of_values_filters_by_the_member_of_its_singular(query: str, found: list[int]) -> None:
    listed = operation({"200": MANY}, query={"names": {"type": "array", "items": {"type": "string"}}})
    server = mock(document({**CRUD, "/pets": {**CRUD["/pets"], "get": listed}}))
    for name in "abc":
        send(server, "POST", "/pets", {"name": name})
    assert [pet["id"] for pet in body(send(server, "GET", f"/pets?{query}"))] == found


@pytest.mark.parametrize("query", ["offset=99999999999999999999", "limit=99999999999999999999&page=2"])
def test_a_list_far_beyond_its_end_is_empty(query: str) -> None:
    listed = operation({"200": MANY}, query={name: {"type": "integer"} for name in ("limit", "page", "offset")})
    server = mock(document({**CRUD, "/pets": {**CRUD["/pets"], "get": listed}}))
    send(server, "POST", "/pets", {"name": "a"})
    assert body(send(server, "GET", f"/pets?{query}")) == []


LIST = {"type": "array", "items": REF}


@pytest.mark.parametrize(
    ("described", "sent"),
    [
        (LIST, [{"name": "Rex"}, {"name": "Max"}]),
        ({"type": "object", "properties": {"pets": LIST}}, {"pets": [{"name": "Rex"}, {"name": "Max"}]}),
    ],
)
def test_a_list_that_is_sent_creates_each_of_its_items(described: Any, sent: Any) -> None:
    server = mock(document({**CRUD, "/pets": {"post": operation({"201": described}, described)}}))
    answered = body(send(server, "POST", "/pets", sent))
    shown = answered if isinstance(answered, list) else answered["pets"]
    assert [(one["id"], one["name"]) for one in shown] == [(1, "Rex"), (2, "Max")]
    assert body(send(server, "GET", "/pets/2"))["name"] == "Max"


def test_an_item_is_shown_in_a_list_of_one_where_that_is_described() -> None:
    server = mock(document({**CRUD, "/pets": {"post": operation({"201": LIST}, REF)}}))
    assert body(send(server, "POST", "/pets", {"name": "Rex"})) == [{"id": 1, "name": "Rex"}]
    assert body(send(server, "GET", "/pets/1"))["name"] == "Rex"


def test_header_fields_tell_how_much_of_a_list_there_is() -> None:
    headers = {name: {"schema": {"type": "integer"}} for name in ("X-Total-Count", "X-Pagination-Page-Count")}
    listed = operation({"200": MANY}, query={"per_page": {"type": "integer"}})
    listed["responses"]["200"]["headers"] = headers
    server = mock(document({**CRUD, "/pets": {**CRUD["/pets"], "get": listed}}))
    for _ in range(3):
        send(server, "POST", "/pets", {})
    answer = send(server, "GET", "/pets?per_page=2")
    assert [answer.header(name) for name in headers] == ["3", "2"]


def test_a_filter_in_brackets_and_pages_in_brackets_are_meant_by_their_names() -> None:
    names = ("filter[name]", "page[size]", "page[number]")
    listed = operation({"200": MANY}, query={name: {"type": "string"} for name in names})
    server = mock(document({**CRUD, "/pets": {**CRUD["/pets"], "get": listed}}))
    for name in "abab":
        send(server, "POST", "/pets", {"name": name})
    answers = [send(server, "GET", f"/pets?{query}") for query in ("filter[name]=b", "page[size]=3&page[number]=2")]
    assert [[pet["id"] for pet in body(answer)] for answer in answers] == [[2, 4], [4]]


@pytest.mark.parametrize(("size", "place"), [("count", "offset"), ("size", "page")])
def test_a_number_beside_the_place_of_a_page_is_its_size_also_where_items_have_such_a_member(
    size: str, place: str
) -> None:
    number = {"type": "integer"}
    item = {"type": "object", "properties": {"id": number, "count": number, "size": number}}
    listed = operation({"200": {"type": "array", "items": item}}, query={size: {**number, "default": 2}, place: number})
    paths = {
        "/boxes": {"post": operation({"201": item}, item), "get": listed},
        "/boxes/{id}": {"get": operation({"200": item})},
    }
    server = mock(document(paths))
    for _ in range(3):
        send(server, "POST", "/boxes", {"count": 7, "size": 7})
    answers = [send(server, "GET", f"/boxes?{query}") for query in ("", f"{size}=1&{place}=2")]
    assert [[box["id"] for box in body(answer)] for answer in answers] == [[1, 2], [3 if place == "offset" else 2]]


@pytest.mark.parametrize(("name", "count"), [("limit", 2), ("page_size", 2), ("$top", 0)])
def test_a_limit_of_0_is_none_as_clients_of_django_mean_it(name: str, count: int) -> None:
    listed = operation({"200": MANY}, query={name: {"type": "integer"}})
    server = mock(document({**CRUD, "/pets": {**CRUD["/pets"], "get": listed}}), is_mock=True)
    for pet in "ab":
        send(server, "POST", "/pets", {"name": pet})
    assert len(body(send(server, "GET", f"/pets?{name}=0"))) == count


def test_a_word_for_all_is_a_filter_where_an_item_has_it() -> None:
    listed = operation({"200": MANY}, query={"name": {"type": "string"}})
    server = mock(document({**CRUD, "/pets": {**CRUD["/pets"], "get": listed}}))
    for name in ("a", "all"):
        send(server, "POST", "/pets", {"name": name})
    assert [pet["id"] for pet in body(send(server, "GET", "/pets?name=all"))] == [2]


def test_what_must_be_around_a_list_fits_its_pattern() -> None:
    members = {
        "data": MANY,
        "url": {"type": "string", "pattern": "^/v1/pets$"},
        "secret": {"type": "string", "writeOnly": True},
    }
    wrapped = {"type": "object", "required": ["data", "url", "secret"], "properties": members}
    server = mock(document({**CRUD, "/pets": {**CRUD["/pets"], "get": operation({"200": wrapped})}}))
    assert body(send(server, "GET", "/pets")) == {"data": [], "url": "/v1/pets"}


SHOWN = [{"id": 7, "name": "a"}]


def listed_by_example() -> dict[str, Any]:
    found = operation({"200": MANY})
    found["responses"]["200"]["content"]["application/json"]["example"] = SHOWN
    return {"get": found}


def test_a_list_whose_items_nobody_can_make_is_answered_by_its_example() -> None:
    """Below something unknown no example can be kept, since it would belong to everybody."""
    read = {"get": operation({"200": REF})}
    server = mock(document({"/a/{owner}/{shop}/pets": listed_by_example(), "/a/{owner}/{shop}/pets/{petId}": read}))
    assert body(send(server, "GET", "/a/x/y/pets")) == SHOWN
    assert send(server, "GET", "/a/x/y/pets/5").status == 200


@pytest.mark.parametrize(("asked", "status"), [("string", 200), ("integer", 404)])
def test_items_of_an_example_count_where_their_path_takes_their_keys(asked: str, status: int) -> None:
    data = document({"/pets": listed_by_example(), "/pets/{pet}": {"get": operation({"200": REF})}})
    data["paths"]["/pets/{pet}"]["parameters"][0]["schema"] = {"type": asked}
    server = mock(data)
    assert send(server, "GET", "/pets/5").status == status
    assert body(send(server, "GET", "/pets")) == SHOWN


def test_a_list_of_a_part_of_other_things_owns_none_of_them() -> None:
    lid = {"type": "object", "properties": {"colour": {"type": "string"}}}
    part = {
        "get": operation({"200": MANY}),
        "post": operation({"200": MANY}, {"type": "array", "items": {"type": "string"}}),
    }
    shed = {"get": operation({"200": lid}), "put": operation({"200": lid, "201": lid}, lid)}
    server = mock(document({**CRUD, "/sheds/{shed}": shed, "/sheds/{shed}/allowed/pets": part}))
    send(server, "POST", "/pets", {"name": "a"})
    assert body(send(server, "GET", "/pets")) == [{"id": 1, "name": "a"}]
    assert (
        "parent"
        not in infer(document({**CRUD, "/sheds/{shed}": shed, "/sheds/{shed}/allowed/pets": part})).resources["pet"]
    )


@pytest.mark.parametrize("holder", ["attributes", "fields"])
def test_a_list_is_filtered_and_sorted_by_what_its_items_have_in_their_attributes(holder: str) -> None:
    text = {"type": "string"}
    held = {"type": "object", "properties": {"status": text, "title": text, "age": {"type": "integer"}}}
    article = {"type": "object", "properties": {"id": {"type": "integer"}, holder: held}}
    query = dict.fromkeys(("filter[status]", "sort", "min_age"), text)
    server = mock(document({**CRUD, "/pets": {"post": operation({"201": REF}, REF), **listing(query)}}, article))
    for status, title, age in (("open", "b", 2), ("open", "a", 1), ("done", "c", 3)):
        send(server, "POST", "/pets", {holder: {"status": status, "title": title, "age": age}})

    def ids(query: str) -> list[int]:
        return [one["id"] for one in body(send(server, "GET", f"/pets?{query}"))]

    assert ids("filter[status]=open&sort=title") == [2, 1]
    assert ids("sort=-age") == [3, 1, 2]
    assert ids("min_age=2") == [1, 3]


def listing(query: Any) -> Any:
    return {"get": operation({"200": MANY}, query=query)}


@pytest.mark.parametrize("name", ["order", "sort", "sort_direction"])
def test_a_direction_alone_orders_a_list_by_the_creation_of_its_items(name: str) -> None:
    listing = operation({"200": MANY}, query={name: {"enum": ["ASC", "DESC"]}})
    server = mock(document({"/pets": {"get": listing, "post": operation({"201": REF}, REF)}}))
    for letter in "bca":
        send(server, "POST", "/pets", {"name": letter})
    shown = [body(send(server, "GET", f"/pets?{name}={one}")) for one in ("ASC", "DESC")]
    assert ["".join(pet["name"] for pet in one) for one in shown] == ["bca", "acb"]


def test_what_is_inferred_of_a_list_is_said_in_plain_words() -> None:
    upload = {"type": "object", "properties": {"id": {"type": "integer"}, "name": {"type": "string"}}}
    query = {"since": {"type": "integer"}, "after_id": {"type": "integer"}, "since_id": {"type": "integer"}}
    paths = {
        "/uploads": {
            "get": operation({"200": {"type": "array", "items": REF}}, query=query),
            "post": operation({"201": REF}, REF),
        },
        "/uploads/{id}": {"get": operation({"200": REF})},
    }
    words = infer(document(paths, upload)).words
    assert words["/uploads", "get"] == "lists upload items (id at least)"
    assert words["/uploads/{id}", "get"] == "reads an upload by id"
