"""Keys: which member holds them, what they look like, and which may be sent."""

import hashlib
import json
import re
from typing import Any

import pytest

from lookalike.http import Headers, Request
from lookalike.server.app import create_app
from lookalike.server.mock_handler import MockOptions
from lookalike.service import MockService
from tests.support.in_process import NOW
from tests.support.pet_documents import CRUD, PET, READ, REF, body, document, mock, operation, send


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


@pytest.mark.parametrize("where", [{"example": "BK-7F3A9"}, {"examples": {"a": {"value": "BK-7F3A9"}}}])
def test_a_new_key_looks_like_the_example_of_the_path(where: Any) -> None:
    named = {"name": "petId", "in": "path", "required": True, "schema": {"type": "string"}, **where}
    paths = {**CRUD, "/pets/{petId}": {**CRUD["/pets/{petId}"], "parameters": [named]}}
    server = mock(document(paths, {**PET, "properties": {"id": {"type": "string"}}}))
    assert re.fullmatch("BK-[0-9A-Z]{5}", body(send(server, "POST", "/pets", {}))["id"])


def test_a_key_is_given_once_even_after_the_last_item_is_gone() -> None:
    server = mock(document(CRUD))
    for number in (1, 2, 3):
        assert body(send(server, "POST", "/pets", {}))["id"] == number
        send(server, "DELETE", f"/pets/{number}")


def test_a_key_that_no_member_holds_is_told_by_the_path_alone() -> None:
    pet = {"type": "object", "additionalProperties": False, "properties": {"colour": {"type": "string"}}}
    server = mock(document(CRUD, pet))
    made = send(server, "POST", "/pets", {"colour": "red"})
    assert (body(made), made.header("Location")) == ({"colour": "red"}, "/pets/pet-1")
    assert body(send(server, "GET", "/pets/pet-1")) == {"colour": "red"}


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


@pytest.mark.parametrize(
    ("text", "hashed"),
    [
        ("The MD5 hash of the lowercase version of the member's email address.", hashlib.md5(b"ada@x.test")),
        ("SHA-256 digest of email_address", hashlib.sha256(b"Ada@x.test")),
    ],
)
def test_a_key_that_is_said_to_be_a_hash_of_a_member_is_that_hash(text: str, hashed: Any) -> None:
    member = {
        "type": "object",
        "properties": {"id": {"type": "string", "description": text}, "email_address": {"type": "string"}},
    }
    paths = {
        "/members": {"post": operation({"201": member}, member)},
        "/members/{member_hash}": {"get": operation({"200": member})},
    }
    server = mock(document(paths), is_mock=True)
    key = body(send(server, "POST", "/members", {"email_address": "Ada@x.test"}))["id"]
    assert key == hashed.hexdigest()
    assert body(send(server, "GET", f"/members/{key}"))["email_address"] == "Ada@x.test"


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


@pytest.mark.parametrize("path", ["/pets({id})", "/pets('{id}')"])
def test_a_key_in_parentheses_is_that_of_an_item_as_in_odata(path: str) -> None:
    server = mock(
        document({"/pets": CRUD["/pets"], path: CRUD["/pets/{petId}"], f"{path}/owners": {"get": READ["get"]}})
    )
    made = send(server, "POST", "/pets", {"name": "Rex"})
    at = path.replace("{id}", "1")
    assert made.header("Location") == at
    assert body(send(server, "GET", at))["name"] == "Rex"
    assert send(server, "DELETE", at).status == 204
    assert send(server, "GET", at).status == 404


def test_named_arguments_in_parentheses_are_those_of_a_function_and_no_key() -> None:
    server = mock(document({**CRUD, "/pets/nearest(lat={lat},lon={lon})": {"get": operation({"200": REF})}}))
    assert send(server, "GET", "/pets/nearest(lat=1,lon=2)").status == 200


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


def test_a_key_that_is_sent_and_no_item_could_have_is_not_taken() -> None:
    strict = {**PET, "properties": {**PET["properties"], "id": {"type": "string", "pattern": "^[a-z0-9-]+$"}}}
    loose = {"type": "object", "properties": {"id": {"type": "string"}, "name": {"type": "string"}}}
    server = mock(document({**CRUD, "/pets": {"post": operation({"201": REF}, loose)}}, strict))
    for sent, key in (("rex", "rex"), ("REX!", "pet-1")):
        made = send(server, "POST", "/pets", {"id": sent, "name": "Rex"})
        assert (made.status, body(made)["id"], made.header("Location")) == (201, key, f"/pets/{key}")
        assert body(send(server, "GET", f"/pets/{key}"))["name"] == "Rex"


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


BY_NAME: dict[str, Any] = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}


@pytest.mark.parametrize(
    ("parameter", "text", "members"),
    [
        ("pet", "Pet name", {"id": {"type": "string", "format": "uuid"}}),
        ("petLabel", "The pet to read.", {}),
    ],
    ids=["a description names it", "it is required, and nothing else is an id"],
)
def test_pets_are_found_by_the_name_that_clients_give_them(parameter: str, text: str, members: Any) -> None:
    named = {"name": parameter, "in": "path", "required": True, "description": text, "schema": {"type": "string"}}
    paths = {"/pets": CRUD["/pets"], f"/pets/{{{parameter}}}": {**CRUD["/pets/{petId}"], "parameters": [named]}}
    server = mock(document(paths, {**BY_NAME, "properties": {**BY_NAME["properties"], **members}}))
    assert send(server, "POST", "/pets", {"name": "Rex"}).status == 201
    assert body(send(server, "GET", "/pets/Rex"))["name"] == "Rex"
    assert send(server, "GET", "/pets/Ada").status == 404


def test_an_item_with_a_key_of_two_parts_has_both_even_if_no_creation_sends_them() -> None:
    members = {"id": {"type": "integer"}, "kind": {"enum": ["antenna", "tracking"]}, "name": {"type": "string"}}
    create = operation({"200": REF}, {"type": "object", "properties": {"name": members["name"]}})
    read = operation({"200": REF})
    create["x-lookalike"] = {"apply": [{"create": {"resource": "pet", "with": "$request.body"}}], "answer": "200"}
    by = ["$request.path.kind", "$request.path.id"]
    read["x-lookalike"] = {"select": {"resource": "pet", "by": by}, "answer": {"body": "$item"}}
    data = document(
        {"/pets": {"post": create}, "/pets/{kind}/{id}": {"get": read}},
        {"type": "object", "required": ["name"], "properties": members},
    )
    schema = {"$ref": REF["$ref"]}
    data["x-lookalike"] = {"resources": {"pet": {"key": "id", "schema": schema, "parent": {"by": "kind"}}}}
    server = mock(data, is_mock=True)
    assert send(server, "POST", "/pets", {"name": "a"}).status == 200
    assert body(send(server, "GET", "/pets/antenna/1")) == {"id": 1, "kind": "antenna", "name": "a"}
    assert send(server, "GET", "/pets/tracking/1").status == 404
