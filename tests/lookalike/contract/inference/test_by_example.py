"""Operations that are answered by example, and what is gone after a deletion of such things."""

from collections.abc import Mapping
from typing import Any

import pytest

from lookalike.contract.inference.infer import infer
from tests.support.pet_documents import CRUD, READ, REF, body, document, mock, operation, send


def test_what_an_example_shows_is_there_from_the_start() -> None:
    data = document(CRUD)
    content = data["paths"]["/pets"]["get"]["responses"]["200"]["content"]["application/json"]
    content["example"] = [{"id": 7, "name": "Rex"}, {"id": 7}, {"id": "none"}, {"name": "without"}]
    server = mock(data)
    assert server.state() == {"pet": [{"id": 7, "name": "Rex"}]}
    assert body(send(server, "POST", "/pets", {}))["id"] == 8


OTHER = {"type": "object", "required": ["token"], "properties": {"token": {"type": "string"}}}


LEFT_ALONE: dict[str, Mapping[str, Any]] = {
    "an action": {"/pets/{petId}/cancel": {"post": operation({"200": REF}, REF)}},
    "an answer that is no item": {"/pets/{petId}": {"get": operation({"200": OTHER})}},
    "a list of something else": {"/pets": {"get": operation({"200": {"type": "array", "items": OTHER}})}},
    "what nobody could ever make": {"/pets/{petId}": READ},
    "something that only reads": {"/status": {"get": operation({"200": OTHER})}},
    "a body of something else": {"/pets": {"post": operation({"200": OTHER}, OTHER)}, "/pets/{petId}": READ},
    "an operation that is said to do nothing": {"/pets/{petId}": {"get": {**READ["get"], "x-lookalike": {}}}},
}


@pytest.mark.parametrize("name", LEFT_ALONE)
def test_what_is_not_recognised_is_answered_by_example(name: str) -> None:
    found = infer(document(LEFT_ALONE[name]))
    first = next(iter(found.words))
    assert first not in found.operations


def test_what_is_below_an_item_is_answered_by_example_where_that_item_is() -> None:
    server = mock(document({**CRUD, "/pets/{petId}/cancel": {"post": operation({"202": None})}}))
    assert send(server, "POST", "/pets/1/cancel").status == 404
    send(server, "POST", "/pets", {"name": "a"})
    assert send(server, "POST", "/pets/1/cancel").status == 202
    send(server, "DELETE", "/pets/1")
    assert send(server, "POST", "/pets/1/cancel").status == 404


def test_an_action_shows_the_item_that_it_is_about_unless_an_example_shows_more() -> None:
    plain, told = operation({"200": REF}), operation({"200": REF})
    told["responses"]["200"]["content"]["application/json"]["example"] = {"id": 7, "name": "cancelled"}
    actions = {"cancel": plain, "sell": told, "scan": operation({"201": REF})}
    server = mock(document({**CRUD, **{f"/pets/{{petId}}/{name}": {"post": one} for name, one in actions.items()}}))
    send(server, "POST", "/pets", {"name": "a"})
    send(server, "POST", "/pets", {"name": "b"})
    answers = {name: body(send(server, "POST", f"/pets/2/{name}")) for name in actions}
    assert answers["cancel"] == {"id": 2, "name": "b"}
    assert answers["sell"] == {"id": 7, "name": "cancelled"}
    assert answers["scan"] == {"id": 1, "name": "Quiet Arch"}
    assert send(server, "POST", "/pets/3/cancel").status == 404


LID = {"type": "object", "properties": {"colour": {"type": "string"}}}


def test_what_is_answered_by_example_is_gone_once_it_was_deleted() -> None:
    item = {"get": operation({"200": LID}), "patch": operation({"200": LID}), "delete": operation({"204": None})}
    server = mock(document({"/lids/{id}": item, "/lids/{id}/dents": {"get": operation({"200": LID})}}))
    assert send(server, "DELETE", "/lids/a").status == 204
    gone = [("GET", "/lids/a"), ("PATCH", "/lids/a"), ("DELETE", "/lids/a"), ("GET", "/lids/a/dents")]
    assert [send(server, method, path).status for method, path in gone] == [404, 404, 404, 404]
    assert send(server, "GET", "/lids/b").status == 200
    server.reset()
    assert send(server, "GET", "/lids/a").status == 200


def test_what_is_made_again_by_example_is_back() -> None:
    lid = {"get": operation({"200": LID}), "delete": operation({"204": None})}
    put, post = {"put": operation({"201": None})}, {"post": operation({"200": None})}
    server = mock(document({"/lids/{id}": {**lid, **put}, "/session": {**lid, **post}, "/": {**lid, **post}}))
    for path, method in (("/lids/a", "PUT"), ("/session", "POST"), ("/", "POST")):
        statuses = [send(server, one, path).status for one in ("DELETE", "GET", method, "GET")]
        assert statuses[1::2] == [404, 200], (path, method)


def test_what_is_deleted_below_an_item_by_example_goes_and_comes_back_with_it() -> None:
    lid = {"get": operation({"200": LID}), "delete": operation({"204": None})}
    dent = {"get": operation({"200": LID}), "delete": operation({"204": None})}
    server = mock(document({**CRUD, "/pets/{petId}/lid": lid, "/pets/{petId}/dents/{dent}": dent}))
    send(server, "POST", "/pets", {})
    send(server, "POST", "/pets", {})
    for path in ("lid", "dents/x"):
        statuses = [send(server, method, f"/pets/1/{path}").status for method in ("GET", "DELETE", "GET", "DELETE")]
        assert statuses == [200, 204, 404, 404]
        assert [send(server, "GET", f"/pets/{id}/{path}").status for id in (2, 3)] == [200, 404]
    assert [*map(len, server.state().values())] == [2, 1, 1]
    send(server, "DELETE", "/pets/1")
    assert [*map(len, server.state().values())] == [1, 0, 0]


def test_what_an_example_shows_is_there_in_the_formats_that_are_named_under_its_own_key() -> None:
    members = {"id": {"type": "string", "format": "uuid"}, "born": {"type": "string", "format": "date"}}
    data = document(CRUD, {"type": "object", "properties": members})
    shown = data["paths"]["/pets"]["get"]["responses"]["200"]["content"]["application/json"]
    shown["example"] = [{"id": "rex", "born": "2020-01-01T00:00:00Z"}, {"id": "max", "born": "2020-01-01"}]
    assert mock(data).state()["pet"] == [{"id": "rex", "born": "2024-01-01"}, {"id": "max", "born": "2020-01-01"}]


def test_what_was_deleted_by_example_may_be_what_is_made_by_example_beside_it() -> None:
    lid = {"get": operation({"200": {"type": "string"}}), "delete": operation({"204": None})}
    found, made = operation({"200": {"type": "array", "items": LID}}, LID), operation({"200": {"type": "string"}}, LID)
    paths = {"/lids/{id}": lid, "/lids": {"post": made}, "/lids/{id}/dents/{dent}": lid}
    server = mock(
        document({**paths, "/lids/{id}/dents": {"post": made}, "/found": {"post": found}, "/found/{id}": lid})
    )

    def statuses(creation: str) -> list[int]:
        for path in deleted:
            assert send(server, "DELETE", path).status == 204
            assert send(server, "GET", path).status == 404
        assert send(server, "POST", creation, {"colour": "red"}).status == 200
        return [send(server, "GET", path).status for path in deleted]

    deleted = ["/lids/a/dents/1", "/lids/a/dents/2", "/lids/b/dents/1"]
    assert statuses("/lids/a/dents") == [200, 200, 404]
    deleted = ["/lids/a", "/lids/c"]
    assert statuses("/lids") == [200, 200]
    assert send(server, "GET", "/lids/b/dents/1").status == 404
    deleted = ["/found/a"]
    assert statuses("/found") == [404], "it only looks for lids"


def test_what_is_below_a_thing_that_was_deleted_by_example_is_gone_whatever_is_remembered_there() -> None:
    lid = {"get": operation({"200": {"type": "string"}}), "delete": operation({"204": None})}
    made, dent = {"post": operation({"201": {"type": "string"}}, LID)}, "/lids/{id}/dents/{dent}"
    paths = {"/lids/{id}": lid, dent: lid, "/lids/{id}/dents": made, f"{dent}/depth": {"get": lid["get"]}}
    server = mock(document(paths))
    assert send(server, "DELETE", "/lids/a").status == 204
    asked = [("GET", "/dents/1"), ("DELETE", "/dents/1"), ("POST", "/dents"), ("GET", "/dents/1/depth")]
    assert [send(server, method, f"/lids/a{path}", {}).status for method, path in asked] == [404] * 4
    assert [send(server, method, f"/lids/b{path}", {}).status for method, path in asked] == [200, 204, 201, 200]
    assert server.state() == {"deleted-lid": [{"id": "a"}], "deleted-dent": []}, "what was deleted there is back"


BY_EXAMPLE_ONLY: Mapping[str, Any] = {
    "a list": {
        "/lids": {"get": operation({"200": {"type": "array", "items": LID}}), "delete": operation({"204": None})}
    },
    "an item that a part of a segment names": {"/lids/lid-{id}": {"delete": operation({"204": None})}},
    "an item of a key that is none": {
        "/lids/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "array"}}],
            "delete": operation({"204": None}),
        },
    },
}


@pytest.mark.parametrize("name", BY_EXAMPLE_ONLY)
def test_deletions_of_lists_and_of_items_without_a_plain_key_have_no_inferred_effect(name: str) -> None:
    assert not infer(document(BY_EXAMPLE_ONLY[name])).operations


def test_an_answer_of_success_says_so_where_its_state_is_success_or_failure() -> None:
    status = {"type": "string", "description": 'Status of the operation. One of: "Failure" or "Success".'}
    paths = {
        "/pings": {
            "post": operation({"200": {"type": "object", "required": ["status"], "properties": {"status": status}}})
        }
    }
    assert body(send(mock(document(paths), is_mock=True), "POST", "/pings"))["status"] == "Success"
