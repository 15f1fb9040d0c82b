"""What is inferred of a document that says nothing about state, and what is left alone."""

import copy
import json
import re
from typing import Any

import pytest

from lookalike.assembly import Parts, Sources, assemble, load
from lookalike.contract.contract import Operation
from lookalike.contract.inference.explain import overlay
from lookalike.contract.inference.infer import infer
from lookalike.contract.inference.inferred import with_inferred_semantics
from lookalike.contract.reference_checks import reference_problems
from lookalike.openapi.document import parse_document
from lookalike.openapi.structure import structure_problems
from tests.support.contracts import read_contract
from tests.support.in_process import NOW
from tests.support.paths import FIXTURES
from tests.support.pet_documents import CRUD, MANY, PET, READ, REF, body, document, mock, operation, send

PETS = FIXTURES / "contracts" / "pets" / "openapi.yaml"


def test_what_is_inferred_could_have_been_written() -> None:
    plain = parse_document(json.dumps(document(CRUD)), "minimal.json")
    written = with_inferred_semantics(plain, infer(plain.data))
    assert structure_problems(written) == []
    assert reference_problems(written) == []


def test_what_was_created_is_read_listed_replaced_and_deleted() -> None:
    server = mock(document(CRUD))
    assert body(send(server, "POST", "/pets", {"name": "Rex"})) == {"name": "Rex", "id": 1}
    assert body(send(server, "GET", "/pets/1")) == {"name": "Rex", "id": 1}
    assert body(send(server, "PUT", "/pets/1", {"id": 5, "name": "Max"})) == {"name": "Max", "id": 1}
    assert body(send(server, "GET", "/pets")) == [{"name": "Max", "id": 1}]
    assert send(server, "DELETE", "/pets/1").status == 204
    assert send(server, "GET", "/pets/1").status == 404


def test_put_creates_only_where_201_is_documented() -> None:
    put = operation({"200": REF, "201": REF}, REF)
    creating = mock(document({"/pets/{id}": {**READ, "put": put}}))
    assert [send(creating, "PUT", "/pets/7", {"id": 1, "name": "Rex"}).status for _ in range(2)] == [201, 200]
    assert creating.state() == {"pet": [{"id": 7, "name": "Rex"}]}
    assert send(mock(document(CRUD)), "PUT", "/pets/7", {"id": 1}).status == 404


@pytest.mark.parametrize(
    "name", ["Add or update a pet", "Pets_CreateOrUpdate", "upsertPet", "Creates a pet, or replaces it"]
)
def test_put_creates_too_where_its_name_says_so(name: str) -> None:
    server = mock(
        document(
            {
                **CRUD,
                "/pets/{petId}": {**CRUD["/pets/{petId}"], "put": {**operation({"200": REF}, REF), "summary": name}},
            }
        )
    )
    assert body(send(server, "PUT", "/pets/7", {"name": "Rex"})) == {"id": 7, "name": "Rex"}
    assert (
        body(send(server, "PUT", "/pets/7", {"name": "Max"}))
        == body(send(server, "GET", "/pets/7"))
        == {"id": 7, "name": "Max"}
    )


def test_a_patch_needs_no_member_that_a_creation_needs_unless_it_has_a_schema_of_its_own() -> None:
    whole: dict[str, Any] = {
        "type": "object",
        "required": ["name"],
        "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
    }
    stricter = {**whole, "required": ["age"]}
    answers = {}
    for name, sent, beside in (("post", whole, "/pets"), ("put", whole, "/pets/{petId}"), ("own", stricter, "/pets")):
        paths = copy.deepcopy(CRUD)
        paths["/pets"]["post"] = operation({"201": REF}, whole if beside == "/pets" else PET)
        paths["/pets/{petId}"]["put"] = operation({"200": REF}, whole if name == "put" else PET)
        paths["/pets/{petId}"]["patch"] = operation({"200": REF, "400": None}, sent)
        server = mock(document(paths, whole | {"properties": {"id": {"type": "integer"}, **whole["properties"]}}))
        send(server, "POST", "/pets", {"name": "Rex", "age": 3})
        changes = ({"age": 4}, {"age": "four"}) if sent is whole else ({"name": "Max"},)
        answers[name] = [send(server, "PATCH", "/pets/1", one).status for one in changes]
    assert answers == {"post": [200, 400], "put": [200, 400], "own": [400]}


def test_what_only_the_server_sets_is_filled_in_and_stays() -> None:
    fields = {
        "created_at": {"type": "string", "format": "date-time", "readOnly": True},
        "updatedAt": {"type": "string", "format": "date-time"},
        "state": {"type": "string", "enum": ["new", "old"], "readOnly": True},
        "size": {"type": "integer", "default": 3},
        "tags": {"type": "array", "items": {"type": "string"}},
    }
    pet = {**PET, "required": ["state", "tags"], "properties": {**PET["properties"], **fields}}
    data = document({**CRUD, "/pets": {"post": operation({"201": REF}, {"type": "object"})}}, pet)
    server = mock(data)
    made = body(send(server, "POST", "/pets", {"name": "Rex", "state": "old"}))
    now = "2027-01-15T08:00:00Z"
    assert made == {"name": "Rex", "id": 1, "created_at": now, "updatedAt": now, "state": "new", "size": 3, "tags": []}


def test_the_time_of_a_change_tells_of_changes_only() -> None:
    fields = {"updated_at": {"type": "integer", "readOnly": True}}
    server = mock(document(CRUD, {**PET, "properties": {**PET["properties"], **fields}}))
    send(server, "POST", "/pets", {"name": "Rex"}, at=NOW)
    assert body(send(server, "PUT", "/pets/1", {"name": "Rex"}, at=NOW + 60))["updated_at"] == NOW
    assert body(send(server, "PUT", "/pets/1", {"name": "Max"}, at=NOW + 90))["updated_at"] == NOW + 90


def test_a_secret_is_remembered_and_not_shown() -> None:
    pet = {**PET, "properties": {**PET["properties"], "secret": {"type": "string", "writeOnly": True}}}
    server = mock(document(CRUD, pet))
    assert body(send(server, "POST", "/pets", {"secret": "x"})) == {"id": 1}
    assert body(send(server, "GET", "/pets")) == [{"id": 1}]
    assert server.state() == {"pet": [{"id": 1, "secret": "x"}]}


def test_json_patch_and_merge_patch_are_told_apart() -> None:
    content = {
        "application/json-patch+json": {"schema": {"type": "array"}},
        "application/json": {"schema": {"type": "object"}},
    }
    patch = {**operation({"200": REF}), "requestBody": {"content": content}}
    found = infer(document({**CRUD, "/pets/{petId}": {**READ, "patch": patch}}))
    steps = found.operations["/pets/{petId}", "patch"]["apply"]
    assert [name for step in steps for name in step] == ["merge", "patch"]


def test_an_answer_that_would_break_its_schema_is_not_made_of_the_item() -> None:
    narrow = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}, "name": {"const": "Rex"}}}
    post = operation({"201": narrow}, REF)
    server = mock(document({**CRUD, "/pets": {"post": post}}))
    answer = send(server, "POST", "/pets", {"name": "Max"})
    assert body(send(server, "GET", "/pets/1")) == {"name": "Max", "id": 1}
    assert b"Max" not in answer.body
    assert "does not fit" in (answer.header("Lookalike-Reason") or "")


def test_what_the_document_says_itself_wins() -> None:
    ours = {"select": {"resource": "pet", "by": "$request.path.petId"}, "answer": {"body": {"name": "$item#/name"}}}
    read = {"get": {**operation({"200": {"type": "object"}}), "x-lookalike": ours}}
    root = {"resources": {"pet": {"key": "name", "schema": REF}}}
    server = mock(document({**CRUD, "/pets/{petId}": read}, **{"x-lookalike": root}))
    send(server, "POST", "/pets", {"name": "Rex", "id": 4})
    assert body(send(server, "GET", "/pets/Rex")) == {"name": "Rex"}


def test_the_overlay_that_is_printed_says_the_same() -> None:
    original = parse_document(PETS.read_text(encoding="utf-8"), "pets.yaml")
    edited = copy.deepcopy(original.data)
    for action in parse_document(overlay(original), "overlay.yaml").data["actions"]:
        target = edited
        if action["target"] != "$":
            path, method = action["target"].removeprefix("$.paths['").rsplit("'].", 1)
            target = edited["paths"][path][method]
        target.update(action["update"])
    written = parse_document(json.dumps(edited), "written.json")
    assert infer(edited).operations == {}
    one, other = read_contract(written), read_contract(original)
    assert list(map(effect, one.operations)) == list(map(effect, other.operations))
    assert one.resources == other.resources
    assert reference_problems(written) == []


def effect(operation: Operation) -> Any:
    return operation.selector, operation.listing, operation.steps, operation.success


def parts(**more: Any) -> Parts:
    return load(Sources(PETS, **more))


def test_without_conventions_everything_is_answered_by_example() -> None:
    server = assemble(parts(infer=False))
    assert server.state() == {}
    assert send(server, "GET", "/pets/99").status == 200


def test_a_document_is_populated_as_far_as_was_asked_for() -> None:
    state = assemble(parts(populate=5)).state()
    assert {name: len(items) for name, items in state.items()} == {"pet": 5, "visit": 5, "user": 5, "settings": 1}
    assert {visit["petId"] for visit in state["visit"]} == {1, 2, 3, 4, 5}


def test_what_only_the_server_sets_fits_its_pattern() -> None:
    arn = {"type": "string", "pattern": "^arn:[a-z]{3}$"}
    pet = {"type": "object", "required": ["id", "arn"], "properties": {"id": {"type": "integer"}, "arn": arn}}
    named = {"type": "object", "properties": {"name": {"type": "string"}}}
    paths = {
        "/pets": {"post": operation({"201": pet}, body=named)},
        "/pets/{id}": {"get": operation({"200": pet})},
    }
    made = body(send(mock(document(paths)), "POST", "/pets", {"name": "a"}))
    assert re.fullmatch("arn:[a-z]{3}", made["arn"])


def test_an_unknown_item_on_a_templated_path_is_a_404_where_the_concrete_path_lacks_the_method() -> None:
    server = mock(document({**CRUD, "/pets/mine": {"delete": operation({"204": None})}}))
    assert send(server, "GET", "/pets/mine").status == 404
    assert send(server, "POST", "/pets/mine").status == 405


def test_a_change_that_its_own_schema_allows_is_accepted_and_what_does_not_fit_the_item_stays_as_it_was() -> None:
    sent = {"type": "object", "properties": {"name": {"type": ["string", "boolean"]}, "age": {"type": "integer"}}}
    item = {**CRUD["/pets/{petId}"], "patch": operation({"200": REF}, sent)}
    pet = {**PET, "required": ["name"], "properties": {**PET["properties"], "age": {"type": "integer"}}}
    server = mock(document({**CRUD, "/pets/{petId}": item}, pet))
    send(server, "POST", "/pets", {"name": "Rex"})
    assert send(server, "PATCH", "/pets/1", {"name": True, "age": 3}).status == 200
    assert body(send(server, "GET", "/pets/1")) == {"id": 1, "name": "Rex", "age": 3}
    assert send(server, "PATCH", "/pets/1", {"name": 1}).status == 400


def test_a_creation_whose_body_is_not_described_takes_any_body_where_it_shows_the_item() -> None:
    server = mock(document({**CRUD, "/pets": {"post": operation({"201": REF})}}))
    assert send(server, "POST", "/pets").status == 201
    assert send(server, "GET", "/pets/1").status == 200
    assert send(server, "GET", "/pets/2").status == 404


def test_what_another_schema_requires_of_an_item_and_nobody_said_is_made_up() -> None:
    told = {
        "type": "object",
        "required": ["name", "state"],
        "properties": {**PET["properties"], "state": {"const": "new"}},
    }
    many = {"get": operation({"200": {"type": "array", "items": told}}), "post": CRUD["/pets"]["post"]}
    server = mock(document({**CRUD, "/pets": many}))
    send(server, "POST", "/pets", {"name": "Rex"})
    assert body(send(server, "GET", "/pets")) == [{"id": 1, "name": "Rex", "state": "new"}]
    assert body(send(server, "GET", "/pets/1")) == {"id": 1, "name": "Rex"}


def test_a_secret_inside_of_a_member_is_remembered_and_not_shown() -> None:
    key = {"type": "object", "properties": {"id": {"type": "integer"}, "code": {"type": "string", "writeOnly": True}}}
    lock = {"type": "object", "properties": {"key": key, "spare": {"type": "array", "items": key}}}
    server = mock(document(CRUD, {**PET, "properties": {**PET["properties"], "lock": lock}}))
    told = {"id": 1, "code": "secret"}
    send(server, "POST", "/pets", {"name": "Rex", "lock": {"key": told, "spare": [told, told]}})
    shown = {"key": {"id": 1}, "spare": [{"id": 1}, {"id": 1}]}
    assert body(send(server, "GET", "/pets/1"))["lock"] == shown
    assert [one["lock"] for one in body(send(server, "GET", "/pets"))] == [shown]
    (pet,) = server.state()["pet"]
    assert pet["lock"]["spare"] == [told, told]


def test_an_answer_that_an_item_does_not_fit_shows_what_fits_of_it_in_the_documented_example() -> None:
    chip = {"type": "object", "properties": {"by": {"const": "us"}, "code": {"type": "string"}}}
    shown = {"type": "object", "properties": {**PET["properties"], "name": {"const": "Rex"}, "chip": chip}}
    loose = {**PET, "properties": {**PET["properties"], "chip": {"type": "object"}}}
    example = {"id": 1, "name": "Rex", "chip": {"by": "us", "code": "x"}}
    every = operation({"200": {"type": "object", "properties": {"pets": {"type": "array", "items": shown}}}})
    for one, content in ((made := operation({"201": shown}, REF), example), (every, {"pets": [example]})):
        next(iter(one["responses"].values()))["content"]["application/json"]["example"] = content
    server = mock(document({**CRUD, "/pets": {"post": made, "get": every}}, loose))
    for id in (5, 6):
        answer = send(server, "POST", "/pets", {"id": id, "name": "Max", "chip": {"by": "them", "code": "y"}})
        assert body(answer) == {**example, "id": id, "chip": {"by": "us", "code": "y"}}
        assert "does not fit" in (answer.header("Lookalike-Reason") or "")
    assert [one["id"] for one in body(send(server, "GET", "/pets"))["pets"]] == [1, 5, 6]
    assert body(send(server, "GET", "/pets/5"))["name"] == "Max"


def test_what_an_item_has_as_read_only_and_a_request_does_not_is_what_the_client_says() -> None:
    members = ("id", "owner", "createdAt", "size")
    pet = {"type": "object", "properties": {name: {"type": "string", "readOnly": True} for name in members}}
    sent = {"type": "object", "properties": {name: {"type": "string"} for name in members[1:3]}}
    paths = {"/pets": {"post": operation({"201": REF}, sent)}}
    item = {**CRUD["/pets/{petId}"], "put": operation({"200": REF}, sent)}
    server = mock(document({**CRUD, **paths, "/pets/{petId}": item}, pet))
    made = body(send(server, "POST", "/pets", {"owner": "me", "createdAt": "now", "size": "any"}))
    assert made == {**made, "id": "pet-1", "owner": "me"}
    assert {"now", "any"}.isdisjoint(made.values())
    assert body(send(server, "PUT", "/pets/pet-1", {"owner": "you", "createdAt": "now"})) == {**made, "owner": "you"}


def test_a_patch_that_does_not_go_with_what_is_there_is_a_conflict() -> None:
    patch: Any = {"type": "array", "items": {"type": "object"}}
    declared = {"content": {"application/json-patch+json": {"schema": patch}, "application/json": {"schema": patch}}}
    absent, other = {"op": "remove", "path": "/x"}, {"op": "test", "path": "/id", "value": 7}
    broken, unfit = {"op": "turn", "path": "/x"}, {"op": "add", "path": "/name", "value": 7}
    for documented, conflict, invalid in (((), 409, 400), (("409", "400"), 409, 400), (("422",), 422, 422)):
        answers = {"200": REF, **dict.fromkeys(documented)}
        item = {**CRUD["/pets/{petId}"], "patch": {**operation(answers), "requestBody": declared}}
        server = mock(document({**CRUD, "/pets/{petId}": item}))
        send(server, "POST", "/pets", {"name": "Rex"})
        statuses = [send(server, "PATCH", "/pets/1", [one]).status for one in (absent, other, broken, unfit)]
        assert statuses == [conflict, conflict, 422 if documented == ("422",) else 400, invalid]
        assert body(send(server, "GET", "/pets/1"))["name"] == "Rex"


def test_a_list_that_only_looks_like_a_json_patch_changes_nothing() -> None:
    loose: Any = {"type": "array", "items": {"type": "object"}}
    item = {**CRUD["/pets/{petId}"], "patch": operation({"200": REF}, loose)}
    server = mock(document({**CRUD, "/pets/{petId}": item}))
    send(server, "POST", "/pets", {"name": "Rex"})
    rename, paint = {"op": "replace", "path": "/name", "value": "Max"}, {"op": "paint", "path": "/name"}
    for patch, name in (([rename, paint], "Rex"), ([rename], "Max")):
        assert body(send(server, "PATCH", "/pets/1", patch)) == {"id": 1, "name": name}


EITHER = {"anyOf": [REF, {"type": "object", "properties": {"id": {"type": "integer"}, "gone": {"type": "boolean"}}}]}


def test_an_item_is_read_where_the_answer_may_be_something_else_too() -> None:
    paths = {**CRUD, "/pets/{petId}": {**CRUD["/pets/{petId}"], "get": operation({"200": EITHER})}}
    server = mock(document(paths))
    send(server, "POST", "/pets", {"name": "a"})
    assert body(send(server, "GET", "/pets/1")) == {"id": 1, "name": "a"}


def test_an_item_is_the_whole_answer_though_another_answer_has_several_forms() -> None:
    status = {"type": "object", "properties": {"id": {"type": "integer"}, "reason": {"type": "string"}}}
    order = {"type": "object", "properties": {"id": {"type": "integer"}, "name": {"type": "string"}, "status": status}}
    gone = {"type": "object", "properties": {"id": {"type": "integer"}, "status": status}}
    either = {"anyOf": [gone, order]}
    paths = {
        "/orders": {"post": operation({"201": order}, order)},
        "/orders/{id}": {"get": operation({"200": either}), "delete": operation({"204": None})},
    }
    server = mock(document(paths, order))
    made = body(send(server, "POST", "/orders", {"name": "a"}))
    assert made["name"] == "a"
    assert server.state() == {"order": [{"id": made["id"], "name": "a"}]}
    assert body(send(server, "GET", f"/orders/{made['id']}"))["id"] == made["id"]
    assert send(server, "DELETE", f"/orders/{made['id']}").status == 204


def test_a_body_of_several_forms_shows_the_item_in_the_first_that_can() -> None:
    one = {"type": "object", "required": ["pet"], "properties": {"pet": REF}}
    several = {"type": "object", "required": ["pets"], "properties": {"pets": MANY}}
    named = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}
    listed = {"type": "object", "required": ["names"], "properties": {"names": {"type": "array"}}}
    create = operation({"202": {"anyOf": [one, several]}}, {"anyOf": [named, listed]})
    server = mock(document({**CRUD, "/pets": {**CRUD["/pets"], "post": create}}))
    assert body(send(server, "POST", "/pets", {"name": "Rex"})) == {"pet": {"name": "Rex", "id": 1}}
    assert body(send(server, "GET", "/pets/1")) == {"name": "Rex", "id": 1}


@pytest.mark.parametrize("shown", [REF, {"type": "object", "properties": {"error": REF}}], ids=["alone", "inside"])
def test_a_schema_that_is_in_itself_is_answered_by_example(shown: Any) -> None:
    error = {"type": "object", "properties": {"message": {"type": "string"}, "inner": REF}}
    paths = {"/errors/{id}": {"get": operation({"200": shown}), "put": operation({"200": shown}, shown)}}
    assert send(mock(document(paths, error)), "GET", "/errors/1").status == 200
