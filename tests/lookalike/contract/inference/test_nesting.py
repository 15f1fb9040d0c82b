"""Items below others, and things of which there is one."""

from collections.abc import Mapping
from typing import Any

import pytest

from lookalike.contract.inference.infer import infer
from lookalike.service import MockService
from tests.support.pet_documents import CRUD, PET, READ, REF, body, document, mock, operation, send

BELOW = {
    "/owners/{id}": {
        "get": operation({"200": {"$ref": "#/components/schemas/Owner"}}),
        "delete": operation({"204": None}),
    },
    "/owners": {"post": operation({"201": {"$ref": "#/components/schemas/Owner"}}, {"type": "object"})},
    "/owners/{id}/pets": CRUD["/pets"],
}


OWNER = {"type": "object", "properties": {"id": {"type": "integer"}, "email": {"type": "string"}}}


def below(paths: Mapping[str, Any]) -> MockService:
    data = document({**BELOW, **paths})
    data["components"]["schemas"]["Owner"] = OWNER
    server = mock(data)
    for _ in range(2):
        send(server, "POST", "/owners", {})
    return server


@pytest.mark.parametrize("own", ["/owners/{id}/pets/{petId}", "/pets/{petId}"])
def test_items_of_a_sub_collection_belong_to_their_parent_and_go_with_it(own: str) -> None:
    server = below({own: CRUD["/pets/{petId}"]})
    assert send(server, "POST", "/owners/3/pets", {"name": "nobody's"}).status == 404
    made = send(server, "POST", "/owners/1/pets", {"name": "Rex"})
    assert (made.status, body(made)) == (201, {"name": "Rex", "id": 1})
    send(server, "POST", "/owners/2/pets", {"name": "Max"})
    assert body(send(server, "GET", "/owners/1/pets")) == [{"name": "Rex", "id": 1}]
    location = made.header("Location")
    assert location is not None
    assert body(send(server, "GET", location)) == {"name": "Rex", "id": 1}
    assert send(server, "DELETE", "/owners/1").status == 204
    assert send(server, "GET", location).status == 404
    assert [pet["name"] for pet in server.state()["pet"]] == ["Max"]


def test_keys_below_a_path_of_which_nothing_is_known_are_kept_apart() -> None:
    server = mock(document({f"/{{tenant}}{path}": item for path, item in CRUD.items()}))
    send(server, "POST", "/a/pets", {"name": "Rex"})
    assert body(send(server, "GET", "/a/pets")) == [{"name": "Rex", "id": 1}]
    assert body(send(server, "GET", "/b/pets")) == []
    assert [send(server, "GET", f"/{tenant}/pets/1").status for tenant in "ab"] == [200, 404]


def test_a_single_item_exists_from_the_start() -> None:
    paths = {"/me": {**READ, "put": operation({"200": REF}, REF)}}
    server = mock(document(paths))
    assert send(server, "GET", "/me").status == 200
    assert body(send(server, "PUT", "/me", {"id": 3, "name": "Asha"})) == {"id": 3, "name": "Asha"}
    assert body(send(server, "GET", "/me")) == {"id": 3, "name": "Asha"}


def test_a_single_item_that_was_deleted_is_made_again_by_put() -> None:
    methods = {
        "put": operation({"204": None}, REF),
        "patch": operation({"200": REF}, REF),
        "delete": operation({"204": None}),
    }
    server = mock(document({"/me": {**READ, **methods}}))
    assert [send(server, method, "/me", {"name": "x"}).status for method in ("DELETE", "PATCH")] == [204, 404]
    assert send(server, "GET", "/me").header("Lookalike-Reason") == "there is no me"
    assert [send(server, "PUT", "/me", {"name": "x"}).status, send(server, "GET", "/me").status] == [204, 200]
    assert body(send(server, "GET", "/me"))["name"] == "x"


def test_a_collection_below_something_else_than_its_items_belong_to_is_left_alone() -> None:
    tags = {
        "/tags": BELOW["/owners"],
        "/tags/{id}": BELOW["/owners/{id}"],
        "/tags/{id}/pets": CRUD["/pets"],
    }
    data = document({**BELOW, **tags, "/pets/{petId}": CRUD["/pets/{petId}"]})
    data["components"]["schemas"]["Owner"] = OWNER
    found = infer(data)
    assert found.operations["/owners/{id}/pets", "post"]["select"] == {"resource": "owner", "by": "$request.path.id"}
    assert "apply" not in found.operations["/tags/{id}/pets", "post"]


def test_a_member_that_could_not_hold_the_key_of_the_parent_is_left_to_the_server() -> None:
    shed = {"type": "string", "pattern": "^arn:"}
    tool = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}, "shed": shed}}
    ours = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
    paths = {
        "/sheds": {"post": operation({"201": ours}, ours)},
        "/sheds/{shed}": {"get": operation({"200": ours})},
        "/sheds/{shed}/tools": {"post": operation({"201": tool}, ours)},
        "/sheds/{shed}/tools/{tool}": {"get": operation({"200": tool})},
    }
    server = mock(document(paths))
    send(server, "POST", "/sheds", {"name": "a"})
    send(server, "POST", "/sheds/a/tools", {"name": "saw"})
    assert body(send(server, "GET", "/sheds/a/tools/saw")) == {"name": "saw"}


def test_an_item_that_tells_no_parent_belongs_to_none() -> None:
    below = {"/owners/{ownerId}/pets": {"get": operation({"200": {"type": "array", "items": REF}})}}
    pet = {**PET, "properties": {**PET["properties"], "owner_id": {"type": "integer"}}}
    owner = {"type": "object", "properties": {"id": {"type": "integer"}}}
    owners = {
        "/owners": {"post": operation({"201": owner}, owner)},
        "/owners/{ownerId}": {"get": operation({"200": owner})},
    }
    server = mock(document({**CRUD, **below, **owners}, pet))
    send(server, "POST", "/owners", {})
    assert send(server, "POST", "/pets", {"name": "Rex"}).status == 201
    assert send(server, "POST", "/pets", {"name": "Max", "owner_id": 1}).status == 201
    assert [one["name"] for one in body(send(server, "GET", "/owners/1/pets"))] == ["Max"]
    assert [one["name"] for one in body(send(server, "GET", "/pets"))] == ["Rex", "Max"]


def test_a_single_item_shows_all_of_its_members_from_the_start() -> None:
    word = {"type": "string", "enum": ["light", "dark"]}
    inner = {"type": "object", "properties": {"deep": {"type": "boolean"}}}
    secret = {"type": "string", "writeOnly": True}
    members = {"theme": word, "size": {"type": "integer"}, "more": inner, "password": secret}
    server = mock(
        document({"/me": {**READ, "put": operation({"200": REF}, REF)}}, {"type": "object", "properties": members})
    )
    assert body(send(server, "GET", "/me")) == {"theme": "light", "size": 1, "more": {"deep": True}}


@pytest.mark.parametrize(("most", "shown"), [(2, {"theme": "string", "code": "000"}), (1, {"theme": "string"})])
def test_a_single_item_that_may_not_have_all_members_has_the_required_ones(most: int, shown: Any) -> None:
    members = {"theme": {"type": "string"}, "code": {"type": "string", "pattern": "^[0-9]{3}$"}}
    pet = {"type": "object", "required": ["theme"], "properties": members, "maxProperties": most}
    server = mock(document({"/me": {**READ, "put": operation({"200": REF}, REF)}}, pet))
    assert body(send(server, "GET", "/me")) == shown


@pytest.mark.parametrize("noun", ["members", "users"])
def test_a_member_of_a_group_is_shown_as_the_user_whom_the_path_names_is_now(noun: str) -> None:
    group = {"type": "object", "properties": {"id": {"type": "integer"}}}
    many, place = {"type": "array", "items": REF}, {"in": "path", "required": True, "schema": {"type": "integer"}}
    named = [{"name": "id", **place}, {"name": "userId", **place}]
    change = operation({"204": None})
    paths = {
        "/users": {"post": operation({"201": REF}, REF), "get": operation({"200": many})},
        "/users/{id}": {"get": operation({"200": REF}), "patch": operation({"200": REF}, REF)},
        "/groups": {"post": operation({"201": group})},
        "/groups/{id}": {"get": operation({"200": group})},
        f"/groups/{{id}}/{noun}": {"get": operation({"200": many})},
        f"/groups/{{id}}/{noun}/{{userId}}": {"parameters": named, "put": change, "delete": change},
    }
    server = mock(document(paths), is_mock=True)
    send(server, "POST", "/groups")
    made = [body(send(server, "POST", "/users", {"name": name})) for name in ("Asha", "Ben")]
    assert send(server, "PUT", f"/groups/1/{noun}/2").status == 204
    assert body(send(server, "GET", f"/groups/1/{noun}")) == [made[1]]
    changed = body(send(server, "PATCH", "/users/2", {"name": "Benno"}))
    assert changed["name"] == "Benno"
    assert body(send(server, "GET", f"/groups/1/{noun}")) == [changed]
    assert send(server, "DELETE", f"/groups/1/{noun}/2").status == 204
    assert body(send(server, "GET", f"/groups/1/{noun}")) == []
    assert body(send(server, "GET", "/users/2")) == changed


def test_items_that_are_made_below_two_kinds_of_parents_are_two_kinds_of_items() -> None:
    note = {"type": "object", "properties": {"id": {"type": "integer"}, "text": {"type": "string"}}}
    notes = {"get": operation({"200": {"type": "array", "items": note}}), "post": operation({"201": note}, note)}
    places = {f"/{name}/{{id}}/notes": notes for name in ("pets", "owners")}
    own = {f"/{name}/{{id}}/notes/{{noteId}}": {"get": operation({"200": note})} for name in ("pets", "owners")}
    server = below({**places, **own, **CRUD, "/notes/{noteId}": {"get": operation({"200": note})}})
    send(server, "POST", "/pets", {"name": "Rex"})
    for parent in ("pets", "owners"):
        made = body(send(server, "POST", f"/{parent}/1/notes", {"text": parent}))
        assert body(send(server, "GET", f"/{parent}/1/notes")) == [made]
        assert body(send(server, "GET", f"/{parent}/1/notes/{made['id']}")) == made


def test_a_creation_that_sends_and_shows_the_key_makes_the_item_whatever_else_is_sent() -> None:
    text = {"type": "string"}
    project = {"type": "object", "properties": {"key": text, "name": text, "lead": text, "style": text}}
    sent = {
        "type": "object",
        "properties": dict.fromkeys(("key", "name", "template", "scheme", "type", "avatar"), text),
    }
    shown = {"type": "object", "properties": {"key": text, "self": text}}
    paths = {
        "/projects": {"post": operation({"201": shown}, sent)},
        "/projects/{key}": {"get": operation({"200": project})},
    }
    server = mock(document(paths))
    assert body(send(server, "POST", "/projects", {"key": "A", "name": "Alpha", "template": "t"}))["key"] == "A"
    assert body(send(server, "GET", "/projects/A"))["name"] == "Alpha"
