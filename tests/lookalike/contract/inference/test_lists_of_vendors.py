"""Lists of vendors' documents: filtered by keys and objects, replaced as a whole, put together from other things."""

from typing import Any
from urllib.parse import urlencode

import pytest

from tests.support.pet_documents import (
    COUNT,
    MANY,
    REF,
    TEXT,
    TEXTS,
    body,
    described,
    document,
    mock,
    operation,
    send,
    with_members,
)

ENVELOPE = described(pets=MANY)
ITEM = {"get": operation({"200": REF})}


def names(answer: Any) -> list[str]:
    return [one["name"] for one in (answer["pets"] if isinstance(answer, dict) else answer)]


def test_a_list_of_keys_in_the_query_asks_for_those_items_and_for_those_that_show_them() -> None:
    pet = described(petID=TEXT, name=TEXT, owner=described(ownerID=TEXT))
    listed = operation({"200": MANY}, query={"IDs": TEXTS, "ownerIDs": TEXTS})
    paths = {"/pets": {"get": listed, "post": operation({"201": REF}, REF)}, "/pets/{petID}": ITEM}
    server = mock(document(paths, pet), is_mock=True)
    for name in "abc":
        send(server, "POST", "/pets", {"petID": f"key-{name}", "name": name, "owner": {"ownerID": f"of-{name}"}})
    assert names(body(send(server, "GET", "/pets?IDs=key-a&IDs=key-c"))) == ["a", "c"]
    assert names(body(send(server, "GET", "/pets?ownerIDs=of-b"))) == ["b"]


def test_a_text_that_lists_values_with_commas_asks_for_items_with_one_of_them() -> None:
    listed = operation({"200": MANY}, query={"kinds": TEXT})
    listed["parameters"][0]["description"] = "A comma-separated list of kinds."
    paths = {"/pets": {"get": listed, "post": operation({"201": REF}, REF)}, "/pets/{id}": ITEM}
    server = mock(document(paths, with_members(kind=TEXT)), is_mock=True)
    for name, kind in (("a", "cat"), ("b", "dog"), ("c", "fox")):
        send(server, "POST", "/pets", {"name": name, "kind": kind})
    assert names(body(send(server, "GET", "/pets?kinds=cat,fox"))) == ["a", "c"]


def test_a_search_compares_by_the_objects_inside_of_its_filters() -> None:
    wanted = described(
        name=described(exact=TEXT, fuzzy=TEXT),
        born_at=described(start_at=TEXT, end_at=TEXT),
        state_filter=described(states=TEXTS),
    )
    query = described(query=described(filter=wanted))
    paths = {
        "/pets": {"post": operation({"201": REF}, REF)},
        "/pets/{id}": ITEM,
        "/pets/search": {"post": operation({"200": ENVELOPE}, query)},
    }
    time = {"type": "string", "format": "date-time"}
    server = mock(document(paths, with_members(state=TEXT, born_at=time)), is_mock=True)
    for year, name, state in ((2021, "Rex", "OPEN"), (2022, "Max", "OPEN"), (2023, "Rexine", "DONE")):
        send(server, "POST", "/pets", {"name": name, "state": state, "born_at": f"{year}-01-01T00:00:00Z"})

    def found(**filters: Any) -> list[str]:
        return names(body(send(server, "POST", "/pets/search", {"query": {"filter": filters}})))

    assert found(name={"exact": "Rex"}) == ["Rex"]
    assert found(name={"fuzzy": "rex"}) == ["Rex", "Rexine"]
    assert found(born_at={"start_at": "2022-01-01T00:00:00Z"}) == ["Max", "Rexine"]
    assert found(born_at={"start_at": "2022-01-01T00:00:00Z"}, state_filter={"states": ["OPEN"]}) == ["Max"]


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ('name=="b"', "b"),
        ("name eq 'b' or age gt 2", "bc"),
        ("age ge 2 and not_there eq 1", "bc"),
        ('(age >= 2) AND owner.city != "Oslo"', "b"),
        ('name : "C"', "c"),
        ("the newest ones", "abc"),
    ],
)
def test_a_filter_in_words_asks_for_items_by_their_fields_where_it_is_understood(
    conditions: str, expected: str
) -> None:
    listed = operation({"200": MANY}, query={"$filter": TEXT, "order": TEXT})
    paths = {"/pets": {"get": listed, "post": operation({"201": REF}, REF)}, "/pets/{id}": ITEM}
    server = mock(document(paths, with_members(age=COUNT, owner=described(city=TEXT))), is_mock=True)
    for age, (name, city) in enumerate((("a", "Oslo"), ("b", "Rome"), ("c", "Oslo")), 1):
        send(server, "POST", "/pets", {"name": name, "age": age, "owner": {"city": city}})
    query = urlencode({"$filter": conditions, "order": "Name DESC"})
    assert names(body(send(server, "GET", f"/pets?{query}"))) == [*reversed(expected)]


def test_a_list_below_an_item_that_is_put_as_a_whole_is_read_as_it_was_put() -> None:
    rules = described(rules={"type": "array", "items": described("value", value=TEXT)})
    paths = {
        "/pets": {"post": operation({"201": REF}, REF)},
        "/pets/{id}": ITEM,
        "/pets/{id}/diet": {"get": operation({"200": rules}), "put": operation({"204": None}, rules)},
    }
    server = mock(document(paths), is_mock=True)
    send(server, "POST", "/pets", {"name": "Rex"})
    for value in ("meat", "fish"):
        assert send(server, "PUT", "/pets/1/diet", {"rules": [{"value": value}]}).status == 204
    assert body(send(server, "GET", "/pets/1/diet"))["rules"] == [{"value": "fish"}]
    assert send(server, "GET", "/pets/2/diet").status == 404


def test_records_without_a_key_are_listed_behind_those_that_the_document_shows() -> None:
    records = described(notes={"type": "array", "items": {"$ref": "#/components/schemas/Note"}})
    listed = operation({"200": {**records, "example": {"notes": [{"text": "Born"}]}}})
    adding = {**operation({"200": records}, records), "summary": "Adds notes"}
    paths = {
        "/pets": {"post": operation({"201": REF}, REF)},
        "/pets/{id}": ITEM,
        "/pets/{id}/history": {"get": operation({"200": records}), "put": adding},
        "/notes": {"get": listed, "post": operation({"200": records}, records)},
    }
    data = document(paths)
    data["components"]["schemas"]["Note"] = described(text=TEXT)
    server = mock(data, is_mock=True)
    for name in ("Rex", "Max"):
        send(server, "POST", "/pets", {"name": name})
    for text in ("Fed", "Fed"):
        send(server, "PUT", "/pets/1/history", {"notes": [{"text": text}]})
        send(server, "POST", "/notes", {"notes": [{"text": text}]})
    assert body(send(server, "GET", "/pets/1/history")) == {"notes": [{"text": "Fed"}, {"text": "Fed"}]}
    assert body(send(server, "GET", "/pets/2/history")) == {"notes": []}
    assert body(send(server, "GET", "/notes")) == {"notes": [{"text": "Born"}, {"text": "Fed"}, {"text": "Fed"}]}


def test_what_only_its_parent_shows_is_made_changed_and_deleted_at_paths_of_its_own() -> None:
    toy = described(toyID=TEXT, name=TEXT)
    toys = {"type": "array", "items": toy}
    paths = {
        "/pets": {"post": operation({"201": REF}, described(name=TEXT))},
        "/pets/{id}": ITEM,
        "/pets/{id}/toys": {"put": operation({"200": described(toys=toys)}, toy)},
        "/pets/{id}/toys/{toyID}": {
            "post": operation({"200": described(toys=toys)}, toy),
            "delete": operation({"204": None}),
        },
    }
    server = mock(document(paths, with_members(toys=toys)), is_mock=True)
    send(server, "POST", "/pets", {"name": "Rex"})
    (made,) = body(send(server, "PUT", "/pets/1/toys", {"name": "ball"}))["toys"]
    assert body(send(server, "GET", "/pets/1"))["toys"] == [made]
    send(server, "POST", f"/pets/1/toys/{made['toyID']}", {"name": "bone"})
    assert names(body(send(server, "GET", "/pets/1"))["toys"]) == ["bone"]
    assert send(server, "DELETE", f"/pets/1/toys/{made['toyID']}").status == 204
    assert body(send(server, "GET", "/pets/1"))["toys"] == []


def test_a_put_that_is_called_a_setting_of_keys_replaces_those_that_an_item_shows() -> None:
    setting = {**operation({"200": REF}, described(tags=TEXTS)), "summary": "Set the tags of a pet"}
    paths = {"/pets": {"post": operation({"201": REF}, REF)}, "/pets/{id}": ITEM, "/pets/{id}/tags": {"put": setting}}
    server = mock(document(paths, with_members(tags=TEXTS)), is_mock=True)
    send(server, "POST", "/pets", {"name": "Rex", "tags": ["old"]})
    send(server, "PUT", "/pets/1/tags", {"tags": ["new"]})
    assert body(send(server, "GET", "/pets/1"))["tags"] == ["new"]


def test_things_that_are_put_into_the_list_of_an_item_are_shown_there_and_taken_away_by_their_key() -> None:
    group = described(id=COUNT, name=TEXT, pets=MANY)
    paths = {
        "/pets": {"get": operation({"200": MANY}), "post": operation({"201": REF}, REF)},
        "/pets/{id}": ITEM,
        "/groups": {"post": operation({"201": group}, described(name=TEXT))},
        "/groups/{id}": {"get": operation({"200": group})},
        "/groups/{id}/pets": {"put": {**operation({"200": ENVELOPE}, ENVELOPE), "summary": "Adds pets to a group"}},
        "/groups/{id}/pets/{petId}": {"delete": operation({"204": None})},
    }
    server = mock(document(paths), is_mock=True)
    send(server, "POST", "/groups", {"name": "all"})
    for key in (7, 8):
        send(server, "PUT", "/groups/1/pets", {"pets": [{"id": key}]})
    assert [one["id"] for one in body(send(server, "GET", "/groups/1"))["pets"]] == [7, 8]
    assert send(server, "DELETE", "/groups/1/pets/7").status == 204
    assert [one["id"] for one in body(send(server, "GET", "/groups/1"))["pets"]] == [8]


def test_links_to_other_pages_are_found_in_each_of_the_forms_that_the_links_may_have() -> None:
    url = {"type": "string", "format": "uri"}
    pages = {"anyOf": [described(next=url), described(prev=url), {}]}
    listed = operation(
        {"200": described(pets=MANY, links=described(pages=pages))}, query={"page": COUNT, "per_page": COUNT}
    )
    paths = {"/pets": {"get": listed, "post": operation({"201": REF}, REF)}, "/pets/{id}": ITEM}
    server = mock(document(paths), is_mock=True)
    for name in "abc":
        send(server, "POST", "/pets", {"name": name})
    found = [body(send(server, "GET", f"/pets?per_page=2&page={page}"))["links"]["pages"] for page in (1, 2)]
    assert [[*one] for one in found] == [["next"], ["prev"]]
    assert "page=2" in found[0]["next"]
    assert "page=1" in found[1]["prev"]


@pytest.mark.parametrize("envelope", [False, True])
def test_a_list_below_an_item_shows_that_of_the_item_where_nothing_else_is_done_there(envelope: bool) -> None:
    lines = {"type": "array", "items": described(sku=TEXT, quantity=COUNT)}
    shown = described(object=TEXT, data=lines) if envelope else lines
    order = described("id", id=COUNT, lines=shown)
    paths = {
        "/orders": {"post": operation({"201": order}, described(lines=lines))},
        "/orders/{id}": {"get": operation({"200": order})},
        "/orders/{id}/lines": {"get": operation({"200": shown})},
    }
    server = mock(document(paths), is_mock=True)
    made = body(send(server, "POST", "/orders", {"lines": [{"sku": "a-1", "quantity": 2}]}))
    listed = body(send(server, "GET", "/orders/1/lines"))
    assert (
        listed
        == made["lines"]
        == ({"data": [{"sku": "a-1", "quantity": 2}]} if envelope else [{"sku": "a-1", "quantity": 2}])
    )
