"""What is inferred of a document that says nothing about state, and what is left alone."""

import copy
import json
import re
from collections.abc import Mapping
from typing import Any

import pytest

from lookalike.assembly import Parts, Sources, assemble, load
from lookalike.contract.contract import Operation
from lookalike.contract.inference.explain import overlay
from lookalike.contract.inference.infer import infer, with_inferred_semantics
from lookalike.contract.inference.vocabulary import key_field, parent_field, singular
from lookalike.contract.reference_checks import reference_problems
from lookalike.http import Headers, Request
from lookalike.openapi.document import parse_document
from lookalike.openapi.structure import structure_problems
from lookalike.server.app import create_app
from lookalike.server.mock_handler import MockOptions
from lookalike.service import MockService
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


@pytest.mark.parametrize(
    ("param", "noun", "members", "key"),
    [
        ("petId", "pets", ["name", "id"], "id"),
        ("petId", "pets", ["pet_id", "id"], "pet_id"),
        ("pet_id", "pets", ["petId"], "petId"),
        ("id", "pets", ["PetID", "name"], "PetID"),
        ("username", "users", ["id", "username"], "username"),
        ("user", "users", ["name", "login"], "name"),
        ("slug", "articles", ["id", "slug"], "slug"),
        ("uuid", "tokens", ["id", "uuid"], "uuid"),
        ("number", "issues", ["id", "number"], "number"),
        ("petId", "pets", ["colour"], ""),
        ("date", "rates", ["id", "value"], ""),
    ],
)
def test_a_parameter_is_matched_with_the_member_that_it_names(
    param: str, noun: str, members: list[str], key: str
) -> None:
    assert key_field(param, noun, members) == key


def test_the_key_of_a_parent_is_never_the_own_one() -> None:
    assert parent_field("id", "owner", "id", ["id", "name"]) == "owner_id"
    assert parent_field("ownerId", "owner", "id", ["id", "owner_id"]) == "owner_id"
    assert parent_field("ownerId", "owner", "id", ["id", "owner"]) == "owner"


@pytest.mark.parametrize(
    ("many", "one"), [("pets", "pet"), ("categories", "category"), ("boxes", "box"), ("status", "status"), ("me", "me")]
)
def test_a_resource_is_named_by_one_of_its_items(many: str, one: str) -> None:
    assert singular(many) == one


def test_what_was_created_is_read_listed_replaced_and_deleted() -> None:
    server = mock(document(CRUD))
    assert body(send(server, "POST", "/pets", {"name": "Rex"})) == {"name": "Rex", "id": 1}
    assert body(send(server, "GET", "/pets/1")) == {"name": "Rex", "id": 1}
    assert body(send(server, "PUT", "/pets/1", {"id": 5, "name": "Max"})) == {"name": "Max", "id": 1}
    assert body(send(server, "GET", "/pets")) == [{"name": "Max", "id": 1}]
    assert send(server, "DELETE", "/pets/1").status == 204
    assert send(server, "GET", "/pets/1").status == 404


@pytest.mark.parametrize("key", ["409", "422"])
def test_a_key_that_is_taken_is_answered_as_documented(key: str) -> None:
    post = operation({"201": REF, key: None}, REF)
    server = mock(document({**CRUD, "/pets": {"post": post}}))
    assert send(server, "POST", "/pets", {"id": 7}).status == 201
    assert send(server, "POST", "/pets", {"id": 7, "name": "another"}).status == int(key)
    assert server.state() == {"pet": [{"id": 7}]}


def test_a_key_that_is_taken_is_replaced_where_no_conflict_is_documented() -> None:
    server = mock(document(CRUD))
    assert [send(server, "POST", "/pets", {"id": 7, "name": name}).status for name in "ab"] == [201, 201]
    assert server.state() == {"pet": [{"id": 7, "name": "b"}]}


def test_put_creates_only_where_201_is_documented() -> None:
    put = operation({"200": REF, "201": REF}, REF)
    creating = mock(document({"/pets/{id}": {**READ, "put": put}}))
    assert [send(creating, "PUT", "/pets/7", {"id": 1, "name": "Rex"}).status for _ in range(2)] == [201, 200]
    assert creating.state() == {"pet": [{"id": 7, "name": "Rex"}]}
    assert send(mock(document(CRUD)), "PUT", "/pets/7", {"id": 1}).status == 404


@pytest.mark.parametrize(
    ("schema", "first"),
    [
        ({"type": "integer"}, 1),
        ({"type": "string", "format": "uuid"}, "bb7b2a8e"),
        ({"type": "string"}, "pet-1"),
        ({"type": "string", "pattern": "^[0-9a-f]{24}$"}, "000000000000000000000001"),
        ({"type": "string", "pattern": "^[A-Z][0-9]$"}, "P1"),
    ],
)
def test_a_new_key_has_the_type_and_the_form_that_its_schema_asks_for(schema: Any, first: Any) -> None:
    pet = {**PET, "properties": {"id": schema}}
    server = mock(document(CRUD, pet))
    one, two = (body(send(server, "POST", "/pets", {}))["id"] for _ in range(2))
    assert one != two
    assert str(one).startswith(str(first)) or schema.get("format") == "uuid"
    assert send(server, "GET", f"/pets/{one}").status == 200


def test_a_key_is_given_once_even_after_the_last_item_is_gone() -> None:
    server = mock(document(CRUD))
    for number in (1, 2, 3):
        assert body(send(server, "POST", "/pets", {}))["id"] == number
        send(server, "DELETE", f"/pets/{number}")


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


def test_a_key_that_no_member_holds_is_told_by_the_path_alone() -> None:
    pet = {"type": "object", "additionalProperties": False, "properties": {"colour": {"type": "string"}}}
    server = mock(document(CRUD, pet))
    made = send(server, "POST", "/pets", {"colour": "red"})
    assert (body(made), made.header("Location")) == ({"colour": "red"}, "/pets/pet-1")
    assert body(send(server, "GET", "/pets/pet-1")) == {"colour": "red"}


def test_a_thing_of_which_there_is_one_is_there_from_the_start() -> None:
    paths = {"/me": {**READ, "put": operation({"200": REF}, REF)}}
    server = mock(document(paths))
    assert send(server, "GET", "/me").status == 200
    assert body(send(server, "PUT", "/me", {"id": 3, "name": "Asha"})) == {"id": 3, "name": "Asha"}
    assert body(send(server, "GET", "/me")) == {"id": 3, "name": "Asha"}


def test_a_thing_of_which_there_is_one_is_made_again_by_putting_it() -> None:
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


def test_json_patch_and_merge_patch_are_told_apart() -> None:
    content = {
        "application/json-patch+json": {"schema": {"type": "array"}},
        "application/json": {"schema": {"type": "object"}},
    }
    patch = {**operation({"200": REF}), "requestBody": {"content": content}}
    found = infer(document({**CRUD, "/pets/{petId}": {**READ, "patch": patch}}))
    steps = found.operations["/pets/{petId}", "patch"]["apply"]
    assert [name for step in steps for name in step] == ["merge", "patch"]


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


FORM = "application/x-www-form-urlencoded"


def customers(**more: Any) -> Any:
    """A document whose bodies are forms, with names spelt otherwise than the members of items."""
    form = {"content": {FORM: {"schema": {"type": "object", "properties": {"FullName": {"type": "string"}}}}}}
    key = {"type": "string", "pattern": "^CU[0-9]{8}$"}
    schema = {"type": "object", "properties": {"sid": key, "full_name": {"type": "string"}}, "required": ["sid"]}
    shown = {"content": {"application/json": {"schema": schema}}, "description": "a customer"}
    sid = {"name": "Sid", "in": "path", "required": True, "schema": key}
    return document(
        {
            "/customers": {"post": {"requestBody": form, "responses": {"201": shown}}},
            "/customers/{Sid}": {
                "parameters": [sid],
                "get": {"responses": {"200": shown}},
                "post": {"requestBody": form, "responses": {"200": shown}},
                **more,
            },
        }
    )


def sent_form(server: MockService, target: str, text: str) -> Any:
    answer = server.handle(Request("POST", target, "", Headers({"content-type": FORM}), text.encode(), NOW))
    return json.loads(answer.body)


def test_a_form_creates_and_changes_under_a_key_that_fits_its_pattern() -> None:
    server = mock(customers())
    made = {"sid": "CU00000001", "full_name": "Ann"}
    assert sent_form(server, "/customers", "FullName=Ann") == made
    assert body(send(server, "GET", "/customers/CU00000001")) == made
    assert sent_form(server, "/customers/CU00000001", "FullName=Eve") == {**made, "full_name": "Eve"}
    assert body(send(server, "GET", "/customers/CU00000001")) == {**made, "full_name": "Eve"}


def test_a_post_on_an_item_that_another_method_changes_is_left_alone() -> None:
    changing = operation({"200": {"type": "object", "properties": {"sid": {"type": "string"}}}})
    server = mock(customers(patch=changing))
    sent_form(server, "/customers", "FullName=Ann")
    sent_form(server, "/customers/CU00000001", "FullName=Eve")
    assert body(send(server, "GET", "/customers/CU00000001"))["full_name"] == "Ann"


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
    actions = {"cancel": plain, "sell": told, "copy": operation({"201": REF})}
    server = mock(document({**CRUD, **{f"/pets/{{petId}}/{name}": {"post": one} for name, one in actions.items()}}))
    send(server, "POST", "/pets", {"name": "a"})
    send(server, "POST", "/pets", {"name": "b"})
    answers = {name: body(send(server, "POST", f"/pets/2/{name}")) for name in actions}
    assert answers["cancel"] == {"id": 2, "name": "b"}
    assert answers["sell"] == {"id": 7, "name": "cancelled"}
    assert answers["copy"] == {"id": 1, "name": "Quiet Arch"}
    assert send(server, "POST", "/pets/3/cancel").status == 404


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


@pytest.mark.parametrize(
    ("named", "key"),
    [
        ({"type": "string"}, "export-1"),
        ({"type": "string", "minLength": 22, "maxLength": 22}, "0" * 21 + "1"),
        ({"type": "string", "pattern": "^[0-9a-f]{24}$"}, "0" * 23 + "1"),
    ],
)
def test_a_counted_key_is_one_that_its_own_path_takes(named: Any, key: str) -> None:
    export = {"type": "object", "properties": {"id": {"type": "string"}, "to": {"type": "string"}}}
    item = {"parameters": [{"name": "id", "in": "path", "required": True, "schema": named}]}
    paths = {"/exports": {"post": operation({"201": export}, export)}}
    item_path = {"/exports/{id}": {**item, "get": operation({"200": export})}}
    server = mock(document({**paths, **item_path}))
    assert body(send(server, "POST", "/exports", {"to": "x"}))["id"] == key
    assert body(send(server, "GET", f"/exports/{key}"))["to"] == "x"


def test_paths_that_differ_in_a_slash_at_the_end_lead_to_the_same_items() -> None:
    server = mock(
        document(
            {
                "/pets": CRUD["/pets"],
                "/pets/{petId}": {"delete": operation({"204": None})},
                "/pets/{petId}/": READ,
            }
        )
    )
    made = send(server, "POST", "/pets", {"name": "Rex"})
    assert made.header("Location") == "/pets/1/"
    assert body(send(server, "GET", "/pets/1/"))["name"] == "Rex"
    assert send(server, "DELETE", "/pets/1").status == 204
    assert send(server, "GET", "/pets/1/").status == 404


@pytest.mark.parametrize("path", ["/", "//", "/{petId}", "/{petId}/"])
def test_a_resource_may_stand_at_the_root_of_all_paths(path: str) -> None:
    one = {"get": operation({"200": REF}), "post": operation({"201": REF}, REF)}
    server = mock(document({path: one, "/{owner}/{repo}": READ}))
    assert send(server, "GET", path.replace("{petId}", "1")).status in {200, 404}


def test_a_collection_at_the_root_is_served_beside_items_right_below_it() -> None:
    server = mock(document({"/": CRUD["/pets"], "/{petId}": CRUD["/pets/{petId}"]}))
    assert send(server, "POST", "/", {"name": "Rex"}).status == 201
    assert send(server, "GET", "/").status == 200


def test_a_text_at_the_root_is_no_file() -> None:
    read = {"get": operation({"200": {"type": "string"}}), "put": operation({"200": {"type": "string"}})}
    assert send(mock(document({"/": read})), "GET", "/").status == 200


def test_a_counted_key_is_one_that_most_paths_take_where_they_differ() -> None:
    pattern = {"type": "string", "pattern": "^P[0-9]+$"}
    uuid = {"type": "string", "format": "uuid"}
    data = document(CRUD, {"type": "object", "properties": {"id": {"type": "string"}, "name": {"type": "string"}}})
    data["paths"]["/pets/{petId}"]["parameters"][0]["schema"] = pattern
    data["paths"]["/pets/{petId}"]["delete"]["parameters"] = [
        {"name": "petId", "in": "path", "required": True, "schema": uuid}
    ]
    server = mock(data)
    location = send(server, "POST", "/pets", {"name": "Rex"}).header("Location") or ""
    assert re.fullmatch("/pets/P[0-9]+", location)
    assert send(server, "GET", location).status == 200


def test_a_deletion_that_requires_the_key_in_the_query_deletes_that_item_alone() -> None:
    data = document({**CRUD, "/pets/{petId}": READ})
    data["paths"]["/pets"]["delete"] = operation({"204": None})
    data["paths"]["/pets"]["delete"]["parameters"] = [
        {"name": "id", "in": "query", "required": True, "schema": {"type": "integer"}}
    ]
    server = mock(data)
    for name in ("Rex", "Max"):
        send(server, "POST", "/pets", {"name": name})
    assert send(server, "DELETE", "/pets?id=3").status == 404
    assert send(server, "DELETE", "/pets?id=1").status == 204
    assert [one["name"] for one in body(send(server, "GET", "/pets"))] == ["Max"]


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
    assert send(server, "PATCH", "/pets/1", {"name": 1}).status == 422


@pytest.mark.parametrize(
    ("key", "param", "location"),
    [
        ({"type": "string", "pattern": "^np-[a-f0-9]{5}$"}, {"type": "string"}, "/pets/np-00001"),
        ({"type": "string"}, {"type": "integer"}, "/pets/1"),
        ({"type": "string"}, {"type": "string", "pattern": "^P[0-9]{3}-Z$", "maxLength": 6}, "/pets/P001-Z"),
        ({}, {"type": "integer"}, "/pets/1"),
        ({}, {"type": "string"}, "/pets/pet-1"),
    ],
)
def test_a_counted_key_is_written_as_member_and_path_want_it(key: Any, param: Any, location: str) -> None:
    data = document(CRUD, {"type": "object", "properties": {"id": key, "name": {"type": "string"}}})
    data["paths"]["/pets/{petId}"]["parameters"][0]["schema"] = param
    server = mock(data)
    assert send(server, "POST", "/pets", {"name": "Rex"}).header("Location") == location
    assert body(send(server, "GET", location))["name"] == "Rex"


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


def test_a_creation_whose_body_is_not_described_takes_any_body_where_it_shows_the_item() -> None:
    server = mock(document({**CRUD, "/pets": {"post": operation({"201": REF})}}))
    assert send(server, "POST", "/pets").status == 201
    assert send(server, "GET", "/pets/1").status == 200
    assert send(server, "GET", "/pets/2").status == 404


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


NUMBER, TEXT = {"type": "integer"}, {"type": "string"}


@pytest.mark.parametrize(
    ("told", "example", "answered"),
    [
        (NUMBER, None, 7),
        ({"type": "object", "properties": {"result": NUMBER}}, None, {"result": 7}),
        ({"type": "object", "properties": {"petId": NUMBER, "note": TEXT}}, None, {"petId": 7, "note": "text"}),
        ({"type": "object", "properties": {"pet_id": NUMBER, "note": TEXT}}, {"pet_id": 1}, {"pet_id": 7}),
        ({"type": "object", "properties": {"petId": NUMBER}}, {"petId": 1, "note": "$request.x"}, {"petId": 7}),
        ({"type": "object", "properties": {"count": NUMBER}}, {"count": 1}, {"count": 1}),
        ({"type": "object", "properties": {"petId": TEXT}}, {"petId": "a"}, {"petId": "a"}),
        ({"type": "object", "properties": {"result": {**NUMBER, "enum": [0, 7, 8]}}}, None, {"result": 0}),
        ({"type": "object", "properties": {"size": NUMBER, "note": TEXT}}, {"size": 1}, {"size": 1}),
        (TEXT, "done", "done"),
    ],
)
def test_a_creation_that_tells_a_key_under_another_name_or_alone_tells_that_of_the_item(
    told: Any, example: Any, answered: Any
) -> None:
    creation = operation({"201": told}, REF)
    if example is not None:
        creation["responses"]["201"]["content"]["application/json"]["example"] = example
    server = mock(document({**CRUD, "/pets": {"post": creation}}))
    assert body(send(server, "POST", "/pets", {"id": 7, "name": "Rex"})) == answered
    assert send(server, "GET", "/pets/7").status == 200


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
def test_deletions_are_not_remembered_of(name: str) -> None:
    assert not infer(document(BY_EXAMPLE_ONLY[name])).operations


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


def test_a_key_that_is_sent_and_no_item_could_have_is_not_taken() -> None:
    strict = {**PET, "properties": {**PET["properties"], "id": {"type": "string", "pattern": "^[a-z0-9-]+$"}}}
    loose = {"type": "object", "properties": {"id": {"type": "string"}, "name": {"type": "string"}}}
    server = mock(document({**CRUD, "/pets": {"post": operation({"201": REF}, loose)}}, strict))
    for sent, key in (("rex", "rex"), ("REX!", "pet-1")):
        made = send(server, "POST", "/pets", {"id": sent, "name": "Rex"})
        assert (made.status, body(made)["id"], made.header("Location")) == (201, key, f"/pets/{key}")
        assert body(send(server, "GET", f"/pets/{key}"))["name"] == "Rex"


def test_a_patch_that_does_not_go_with_what_is_there_is_a_conflict() -> None:
    patch: Any = {"type": "array", "items": {"type": "object"}}
    declared = {"content": {"application/json-patch+json": {"schema": patch}, "application/json": {"schema": patch}}}
    absent, other = {"op": "remove", "path": "/x"}, {"op": "test", "path": "/id", "value": 7}
    broken, unfit = {"op": "turn", "path": "/x"}, {"op": "add", "path": "/name", "value": 7}
    for documented, conflict, invalid in (((), 409, 422), (("409", "400"), 409, 400), (("422",), 422, 422)):
        answers = {"200": REF, **dict.fromkeys(documented)}
        item = {**CRUD["/pets/{petId}"], "patch": {**operation(answers), "requestBody": declared}}
        server = mock(document({**CRUD, "/pets/{petId}": item}))
        send(server, "POST", "/pets", {"name": "Rex"})
        statuses = [send(server, "PATCH", "/pets/1", [one]).status for one in (absent, other, broken, unfit)]
        assert statuses == [conflict, conflict, 422 if documented == ("422",) else 400, invalid]
        assert body(send(server, "GET", "/pets/1"))["name"] == "Rex"


def test_what_only_looks_like_a_patch_and_is_none_changes_nothing() -> None:
    loose: Any = {"type": "array", "items": {"type": "object"}}
    item = {**CRUD["/pets/{petId}"], "patch": operation({"200": REF}, loose)}
    server = mock(document({**CRUD, "/pets/{petId}": item}))
    send(server, "POST", "/pets", {"name": "Rex"})
    rename, paint = {"op": "replace", "path": "/name", "value": "Max"}, {"op": "paint", "path": "/name"}
    for patch, name in (([rename, paint], "Rex"), ([rename], "Max")):
        assert body(send(server, "PATCH", "/pets/1", patch)) == {"id": 1, "name": name}


def test_what_is_created_and_read_with_a_query_behind_the_path_is_the_same() -> None:
    full = {"get": operation({"200": REF})}
    server = mock(
        document({**CRUD, "/pets?draft=true": {"post": operation({"201": REF}, REF)}, "/pets/{petId}?full=true": full})
    )
    for query in ("", "?draft=true"):
        assert send(server, "POST", f"/pets{query}", {"name": query}).status == 201
    assert body(send(server, "GET", "/pets/2")) == body(send(server, "GET", "/pets/2?full=true"))
    assert body(send(server, "GET", "/pets/2")) == {"id": 2, "name": "?draft=true"}


@pytest.mark.parametrize("status", ["200", "201"])
@pytest.mark.parametrize(
    ("schema", "origin"), [({"format": "uri"}, "http://localhost"), ({"format": "uri-reference"}, ""), (None, "")]
)
def test_what_was_created_is_located_below_the_base_path_and_by_a_whole_url_where_that_is_described(
    status: str, schema: Any, origin: str
) -> None:
    creation = operation({status: REF}, REF)
    if schema is not None:
        creation["responses"][status]["headers"] = {"Location": {"schema": {"type": "string", **schema}}}
    client = create_app(mock(document({**CRUD, "/pets": {"post": creation}})), MockOptions("/v1")).test_client()
    made = client.post("/v1/pets", json={"name": "Rex"})
    assert (made.status_code, made.headers["Location"]) == (int(status), f"{origin}/v1/pets/1")
    assert client.get("/v1/pets/1").json == {"id": 1, "name": "Rex"}


@pytest.mark.parametrize("method", ["get", "head", "post"])
@pytest.mark.parametrize("location", ["/new", "//elsewhere.example/new", "https://elsewhere.example/new"])
def test_where_a_redirection_leads_is_as_it_is_documented_whatever_the_base_path(method: str, location: str) -> None:
    field = {"schema": {"type": "string"}, "example": location}
    moved = {"responses": {"302": {"description": "moved", "headers": {"Location": field}}}}
    client = create_app(mock(document({"/old": {"get": moved, "post": moved}})), MockOptions("/v1")).test_client()
    answer = client.open("/v1/old", method=method.upper())
    assert (answer.status_code, answer.headers["Location"]) == (302, location)


def test_what_was_created_is_located_where_it_was_created() -> None:
    server = mock(document({f"/{side}{path}": item for side in ("left", "right") for path, item in CRUD.items()}))
    assert send(server, "POST", "/right/pets", {"name": "Rex"}).header("Location") == "/right/pets/1"
    assert body(send(server, "GET", "/left/pets/1")) == {"id": 1, "name": "Rex"}


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


def test_a_thing_of_which_there_is_one_shows_all_of_its_members_from_the_start() -> None:
    word = {"type": "string", "enum": ["light", "dark"]}
    inner = {"type": "object", "properties": {"deep": {"type": "boolean"}}}
    secret = {"type": "string", "writeOnly": True}
    members = {"theme": word, "size": {"type": "integer"}, "more": inner, "password": secret}
    server = mock(
        document({"/me": {**READ, "put": operation({"200": REF}, REF)}}, {"type": "object", "properties": members})
    )
    assert body(send(server, "GET", "/me")) == {"theme": "light", "size": 1, "more": {"deep": True}}


@pytest.mark.parametrize(("most", "shown"), [(2, {"theme": "string", "code": "000"}), (1, {"theme": "string"})])
def test_a_thing_that_may_not_have_all_of_its_members_has_those_that_must_be_there(most: int, shown: Any) -> None:
    members = {"theme": {"type": "string"}, "code": {"type": "string", "pattern": "^[0-9]{3}$"}}
    pet = {"type": "object", "required": ["theme"], "properties": members, "maxProperties": most}
    server = mock(document({"/me": {**READ, "put": operation({"200": REF}, REF)}}, pet))
    assert body(send(server, "GET", "/me")) == shown


def test_a_word_for_all_is_a_filter_where_an_item_has_it() -> None:
    listed = operation({"200": MANY}, query={"name": {"type": "string"}})
    server = mock(document({**CRUD, "/pets": {**CRUD["/pets"], "get": listed}}))
    for name in ("a", "all"):
        send(server, "POST", "/pets", {"name": name})
    assert [pet["id"] for pet in body(send(server, "GET", "/pets?name=all"))] == [2]


def test_a_parent_whose_collection_has_no_name_is_not_found_in_the_own_key() -> None:
    assert parent_field("repo", "", "number", ["id", "number", "title"]) == "repo"


@pytest.mark.parametrize(
    ("param", "noun", "members", "key"),
    [
        ("intent", "payment_intents", ["object", "id"], "id"),
        ("username", "users", ["name", "login", "id"], "login"),
        ("username", "users", ["name", "id"], "name"),
    ],
)
def test_a_parameter_names_a_member_under_a_usual_name(param: str, noun: str, members: list[str], key: str) -> None:
    assert key_field(param, noun, members) == key


EITHER = {"anyOf": [REF, {"type": "object", "properties": {"id": {"type": "integer"}, "gone": {"type": "boolean"}}}]}


def test_an_item_is_read_where_the_answer_may_be_something_else_too() -> None:
    paths = {**CRUD, "/pets/{petId}": {**CRUD["/pets/{petId}"], "get": operation({"200": EITHER})}}
    server = mock(document(paths))
    send(server, "POST", "/pets", {"name": "a"})
    assert body(send(server, "GET", "/pets/1")) == {"id": 1, "name": "a"}


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
    part = {
        "get": operation({"200": MANY}),
        "post": operation({"200": MANY}, {"type": "array", "items": {"type": "string"}}),
    }
    shed = {"get": operation({"200": LID}), "put": operation({"200": LID, "201": LID}, LID)}
    server = mock(document({**CRUD, "/sheds/{shed}": shed, "/sheds/{shed}/allowed/pets": part}))
    send(server, "POST", "/pets", {"name": "a"})
    assert body(send(server, "GET", "/pets")) == [{"id": 1, "name": "a"}]
    assert (
        "parent"
        not in infer(document({**CRUD, "/sheds/{shed}": shed, "/sheds/{shed}/allowed/pets": part})).resources["pet"]
    )


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
