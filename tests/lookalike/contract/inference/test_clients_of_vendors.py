"""Kinds of operations and answers that clients of several vendors rely on."""

from typing import Any

import pytest

from lookalike.service import MockService
from tests.support.pet_documents import (
    COUNT,
    MANY,
    REF,
    TEXT,
    TRUTH,
    body,
    crud,
    described,
    document,
    mock,
    operation,
    send,
    with_members,
)

FREE = {"type": "object", "additionalProperties": TEXT}


def pets(sent: Any, **members: Any) -> MockService:
    """A mock of pets with members, some of which are sent."""
    paths = {
        "/pets": {"post": operation({"201": REF}, sent), "get": operation({"200": MANY})},
        "/pets/{id}": {"get": operation({"200": REF}), "patch": operation({"200": REF}, sent)},
    }
    return mock(document(paths, with_members(**members)), is_mock=True)


def test_a_type_that_was_not_sent_is_the_name_of_the_object_that_was() -> None:
    kinds = {"type": "string", "description": "One of `cat` or `dog`."}
    objects: Any = {"cat": described(lives=COUNT), "dog": described(bark=TEXT)}
    server = pets(described(name=TEXT, **objects), type=kinds, **objects)
    made = [body(send(server, "POST", "/pets", {name: {}}))["type"] for name in ("dog", "cat")]
    assert made == ["dog", "cat"]


def test_a_new_item_has_counted_nothing_and_shows_the_empty_map_of_the_client() -> None:
    members = {"balance": COUNT, "amount_paid": COUNT, "metadata": FREE, "settings": FREE}
    sent = described(name=TEXT, metadata=FREE, settings=FREE, balance=COUNT)
    item = {**with_members(**members), "required": ["id"]}
    paths = {"/pets": {"post": operation({"201": REF}, sent)}, "/pets/{id}": {"get": operation({"200": REF})}}
    made = body(send(mock(document(paths, item), is_mock=True), "POST", "/pets", {}))
    assert made.items() >= {"balance": 0, "amount_paid": 0, "metadata": {}}.items()
    assert "settings" not in made


def test_what_items_show_in_one_of_their_objects_is_sent_beside_it() -> None:
    server = pets(described(name=TEXT, sha=TEXT), object=described("sha type", sha=TEXT, type={"enum": ["commit"]}))
    assert body(send(server, "POST", "/pets", {"sha": "a1"}))["object"] == {"sha": "a1", "type": "commit"}
    assert body(send(server, "PATCH", "/pets/1", {"sha": "b2"}))["object"] == {"sha": "b2", "type": "commit"}


def test_what_is_added_by_its_key_has_that_key() -> None:
    number = described("id", id=TEXT, country=TEXT)
    numbers = operation({"200": {"type": "array", "items": number}})
    paths = {
        **crud(),
        "/pets/{petId}/numbers": {"get": numbers, "post": operation({"201": number}, described(numberId=TEXT))},
        "/pets/{petId}/numbers/{id}": {"get": operation({"200": number}), "delete": operation({"204": None})},
    }
    server = mock(document(paths), is_mock=True)
    send(server, "POST", "/pets", {"name": "a"})
    assert body(send(server, "POST", "/pets/1/numbers", {"numberId": "n7"}))["id"] == "n7"
    assert send(server, "GET", "/pets/1/numbers/n7").status == 200


def test_a_flag_that_is_no_member_but_a_state_sets_that() -> None:
    server = pets(described(name=TEXT, disabled=TRUTH), status={"enum": ["enabled", "disabled"]})
    send(server, "POST", "/pets", {"name": "a"})
    states = [body(send(server, "PATCH", "/pets/1", {"disabled": flag}))["status"] for flag in (False, True)]
    assert states == ["enabled", "disabled"]


def test_an_empty_text_unsets_an_object_that_may_be_null() -> None:
    pause = described(reason=TEXT)
    sent = described(name=TEXT, pause={"anyOf": [pause, {"enum": [""]}]})
    server = pets(sent, pause={"anyOf": [pause, {"type": "null"}]})
    send(server, "POST", "/pets", {"pause": {"reason": "ill"}})
    assert body(send(server, "PATCH", "/pets/1", {"pause": ""}))["pause"] is None


def test_a_list_is_filtered_by_the_members_of_an_object() -> None:
    food = described(kind=TEXT, per_day=COUNT)
    asked = {"name": "food", "in": "query", "style": "deepObject", "schema": described(kind=TEXT)}
    paths = crud()
    paths["/pets"]["get"]["parameters"] = [asked]
    server = mock(document(paths, with_members(food=food)), is_mock=True)
    for kind in ("hay", "fish"):
        send(server, "POST", "/pets", {"food": {"kind": kind, "per_day": 2}})
    assert [one["id"] for one in body(send(server, "GET", "/pets?food[kind]=fish"))] == [2]


def test_names_in_the_only_list_of_a_body_are_the_list_that_the_path_is_about() -> None:
    names = {"type": "array", "items": TEXT}
    topics = described("names", names=names)
    put = operation({"200": topics}, topics)
    paths = {**crud(), "/pets/{id}/topics": {"get": operation({"200": topics}), "put": put}}
    server = mock(document(paths, with_members(topics=names)), is_mock=True)
    send(server, "POST", "/pets", {"name": "a", "topics": ["old"]})
    assert body(send(server, "GET", "/pets/1/topics")) == {"names": ["old"]}
    send(server, "PUT", "/pets/1/topics", {"names": ["x", "y"]})
    assert body(send(server, "GET", "/pets/1"))["topics"] == ["x", "y"]


REPO = described("name owner", name=TEXT, owner=described("login", login=TEXT))


def test_what_is_starred_by_the_name_of_an_owner_and_a_repository_is_listed() -> None:
    flag = operation({"204": None, "404": None})
    paths = {
        "/user/repos": {"post": operation({"201": REPO}, REPO)},
        "/repos/{owner}/{repo}": {"get": operation({"200": REPO}), "patch": operation({"200": REPO}, REPO)},
        "/user/starred": {"get": operation({"200": {"type": "array", "items": REPO}})},
        "/user/starred/{owner}/{repo}": {"get": flag, "put": flag, "delete": flag},
    }
    shown = paths["/user/starred"]["get"]["responses"]["200"]["content"]["application/json"]
    shown["example"] = [{"name": "hello", "owner": {"login": "octo"}}]
    server = mock(document(paths), is_mock=True)
    assert body(send(server, "GET", "/user/starred")) == [], "the example is of somebody else's"
    send(server, "PUT", "/user/starred/ann/app")
    assert body(send(server, "GET", "/user/starred")) == [{"name": "app", "owner": {"login": "ann"}}]
    send(server, "DELETE", "/user/starred/ann/app")
    assert send(server, "GET", "/user/starred/ann/app").status == 404


def test_items_count_those_that_name_them_in_each_state() -> None:
    counted = described("number", number=COUNT, title=TEXT, open_pets=COUNT, closed_pets=COUNT)
    paths = {
        "/trips": {"post": operation({"201": counted}, described(title=TEXT))},
        "/trips/{number}": {"get": operation({"200": counted})},
        **crud(),
    }
    members = {"state": {"enum": ["open", "closed"]}, "trip": described("number", number=COUNT), "number": COUNT}
    server = mock(document(paths, with_members(**members)), is_mock=True)
    send(server, "POST", "/trips", {"title": "a"})
    for state in ("open", "closed", "open"):
        send(server, "POST", "/pets", {"state": state, "trip": {"number": 1}, "number": 7})
    send(server, "POST", "/pets", {"state": "open", "number": 1})  # a number of its own
    trip = body(send(server, "GET", "/trips/1"))
    assert (trip["open_pets"], trip["closed_pets"]) == (2, 1)


def test_a_setting_that_may_be_shown_as_an_empty_object_is_kept() -> None:
    limits = described("limit", limit=TEXT)
    shown = operation({"200": {"anyOf": [limits, {"type": "object"}]}})
    path = {"get": shown, "put": operation({"200": limits}, limits), "delete": operation({"204": None})}
    server = mock(document({**crud(), "/pets/{id}/limits": path}), is_mock=True)
    send(server, "POST", "/pets", {"name": "a"})
    send(server, "PUT", "/pets/1/limits", {"limit": "two"})
    assert body(send(server, "GET", "/pets/1/limits")) == {"limit": "two"}


def test_a_list_below_an_item_of_which_nothing_is_known_is_empty_and_named() -> None:
    visits = described("meta", visits={"type": "array", "items": described(id=TEXT)}, meta=described("key", key=TEXT))
    paths = {**crud(), "/pets/{id}/visits": {"get": operation({"200": visits})}}
    server = mock(document(paths), is_mock=True)
    send(server, "POST", "/pets", {"name": "a"})
    assert body(send(server, "GET", "/pets/1/visits")) == {"visits": [], "meta": {"key": "visits"}}


KIND = {"type": "string", "description": "The REST resource that this object represents."}


def test_a_list_and_its_items_are_of_the_kind_that_their_schemas_name() -> None:
    pet = described("name", name=TEXT, kind=KIND)
    listed = {"$ref": "#/components/schemas/PetList"}
    paths = {
        "/pets": {"get": operation({"200": listed}), "post": operation({"201": REF}, REF)},
        "/pets/{name}": {"get": operation({"200": REF})},
    }
    data = document(paths, pet)
    data["components"]["schemas"]["PetList"] = described("items", items=MANY, kind=KIND)
    server = mock(data, is_mock=True)
    send(server, "POST", "/pets", {"name": "a"})
    assert body(send(server, "GET", "/pets")) == {"items": [{"name": "a", "kind": "Pet"}], "kind": "PetList"}


STATUS = described(
    kind=KIND,
    status={"type": "string", "description": 'One of: "Success" or "Failure".'},
    code=COUNT,
    message=TEXT,
    reason=TEXT,
)


@pytest.mark.parametrize("is_used", [True, False])
def test_an_error_that_an_operation_does_not_describe_has_the_form_of_the_errors_of_the_document(is_used: bool) -> None:
    status = {"$ref": "#/components/schemas/Status"}
    used = {"/health": {"get": operation({"200": TEXT, "default": status})}} if is_used else {}
    data = document({**crud(), **used})
    data["components"]["schemas"]["Status"] = STATUS
    text = "there is no pet 7"
    error = {"kind": "Status", "status": "Failure", "code": 404, "message": text, "reason": "NotFound"}
    assert body(send(mock(data, is_mock=True), "GET", "/pets/7")) == error
    assert body(send(mock(data), "GET", "/pets/7"))["detail"] == text, "what a judged server answers is its own"
