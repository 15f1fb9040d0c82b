"""Media types that the document does not name are tolerated by the mock, unless asked not to: vendors' clients work."""

import json
from typing import Any

import pytest

from lookalike.contract.reader import load_contract
from lookalike.http import Response
from lookalike.model.behaviour import Model
from lookalike.model.strictness import STRICT, Strictness
from lookalike.openapi.document import parse_document
from lookalike.service import MockService
from lookalike.stores.memory import MemoryStore
from tests.support.small import ask, document, mock

TOLERANT = Strictness(media_types=False)
JSON_BODY = {"application/json": {"schema": {"type": "object", "required": ["a"]}}}


def get(accept: str, content: Any, strictness: Strictness = TOLERANT, **others: Any) -> Response:
    responses = {"200": {"description": "read", "content": content}, **others}
    server = mock(document({"/x": {"get": {"responses": responses}}}), None, strictness)
    return ask(server, "GET", "/x", {"Accept": accept})


def post(content_type: str | None, content: Any, body: bytes, strictness: Strictness = TOLERANT) -> int:
    operation = {"requestBody": {"required": True, "content": content}}
    server = mock(document({"/x": {"post": operation}}), None, strictness)
    headers = {} if content_type is None else {"Content-Type": content_type}
    return ask(server, "POST", "/x", headers, body).status


EXAMPLE = {"example": {"login": "asha"}}


@pytest.mark.parametrize(
    "accept",
    [
        "application/vnd.github.v3+json",
        "application/vnd.heroku+json; version=3",
        "application/problem+json, text/json;q=0.5",
    ],
)
@pytest.mark.parametrize("others", [{}, {"406": {"description": "not acceptable"}}], ids=["", "406 is documented"])
def test_a_vendors_json_in_accept_gets_the_json_that_is_documented(accept: str, others: Any) -> None:
    response = get(accept, {"application/xml": EXAMPLE, "application/json": EXAMPLE}, TOLERANT, **others)
    assert response.status == 200
    assert response.header("Content-Type") == "application/json"
    assert response.body == b'{"login":"asha"}'


@pytest.mark.parametrize(
    ("accept", "strictness", "others", "status"),
    [
        ("text/html", TOLERANT, {}, 200),
        ("text/html", TOLERANT, {"406": {"description": "not acceptable"}}, 406),
        ("text/html", STRICT, {}, 406),
        ("application/vnd.github.v3+json", STRICT, {}, 406),
    ],
)
def test_a_406_is_answered_where_it_is_documented_or_asked_for(
    accept: str, strictness: Strictness, others: Any, status: int
) -> None:
    assert get(accept, {"application/json": EXAMPLE}, strictness, **others).status == status


def test_a_policy_of_the_document_counts_before_tolerance() -> None:
    responses = {"200": {"description": "read", "content": {"application/json": EXAMPLE}}}
    data = document({"/x": {"get": {"responses": responses}}}, **{"x-lookalike": {"decide": {"accept": "406"}}})
    assert ask(mock(data, None, TOLERANT), "GET", "/x", {"Accept": "text/html"}).status == 406


@pytest.mark.parametrize(
    ("content_type", "content", "body"),
    [
        (None, JSON_BODY, b'{"a": 1}'),
        ("application/merge-patch+json", JSON_BODY, b'{"a": 1}'),
        ("text/json", JSON_BODY, b'{"a": 1}'),
        ("image/png", {"application/octet-stream": {"schema": {"type": "string", "format": "byte"}}}, b"\x89PNG"),
        (None, {"application/octet-stream": {}}, b"\x89PNG"),
    ],
)
def test_a_media_type_that_is_meant_is_taken_unless_asked_not_to(
    content_type: str | None, content: Any, body: bytes
) -> None:
    assert post(content_type, content, body) == 200
    assert post(content_type, content, body, STRICT) == 415


@pytest.mark.parametrize("content_type", [None, "application/json", "application/merge-patch+json"])
def test_what_is_taken_is_still_validated(content_type: str | None) -> None:
    assert post(content_type, JSON_BODY, b'{"b": 1}') == 400
    assert post(content_type, JSON_BODY, b"{") == 400


@pytest.mark.parametrize("content_type", ["text/plain", "application/xml"])
def test_another_format_is_not_taken_for_json(content_type: str) -> None:
    assert post(content_type, JSON_BODY, b'{"a": 1}') == 415


@pytest.mark.parametrize(
    ("content_type", "content"),
    [
        (None, {"*/*": {"schema": {"type": "object", "required": ["a"]}}}),
        ("application/vnd.x+json", {"text/plain": {}, "application/*+json": {"schema": {"required": ["a"]}}}),
    ],
    ids=["no type in the range of all", "a range by suffix"],
)
def test_a_range_covers_what_is_in_it_in_every_mode(content_type: str | None, content: Any) -> None:
    for strictness in (STRICT, TOLERANT):
        assert post(content_type, content, b'{"a": 1}', strictness) == 200
        assert post(content_type, content, b'{"b": 1}', strictness) == 400


def test_a_body_that_is_missing_is_missing_whatever_the_type() -> None:
    assert post(None, JSON_BODY, b"") == 400
    assert post("application/json", JSON_BODY, b"") == 400


PATCH_TYPES = ("application/json-patch+json", "application/merge-patch+json", "application/strategic-merge-patch+json")
POD = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}, "labels": {"type": "object"}}}


def kubernetes(strictness: Strictness) -> MockService:
    """A document that describes the patches of all its types as objects."""
    ok = {"200": {"description": "done", "content": {"application/json": {"schema": POD}}}}
    name = {"name": "name", "in": "path", "required": True, "schema": {"type": "string"}}
    patch = {
        "requestBody": {"content": {kind: {"schema": {"type": "object"}} for kind in PATCH_TYPES}},
        "responses": ok,
    }
    paths = {
        "/pods": {"post": {"requestBody": {"content": {"application/json": {"schema": POD}}}, "responses": ok}},
        "/pods/{name}": {
            "get": {"parameters": [name], "responses": ok},
            "patch": {"parameters": [name], **patch},
        },
    }
    made = Model(load_contract(parse_document(json.dumps(document(paths)), "pods.json")), None, strictness)
    return MockService(made, MemoryStore(), made.contract.choices({}), {})


@pytest.mark.parametrize(
    ("media_type", "patch"),
    [
        ("application/json-patch+json", [{"op": "move", "from": "/old", "path": "/labels"}]),  # once, not twice
        ("application/merge-patch+json", {"labels": {"a": "b"}}),
        ("application/strategic-merge-patch+json", {"labels": {"a": "b"}}),
    ],
)
def test_a_patch_of_each_documented_type_is_applied(media_type: str, patch: Any) -> None:
    server = kubernetes(TOLERANT)
    created = ask(server, "POST", "/pods", {"Content-Type": "application/json"}, b'{"name": "p", "old": {"a": "b"}}')
    assert created.status in (200, 201)
    response = ask(server, "PATCH", "/pods/p", {"Content-Type": media_type}, json.dumps(patch).encode())
    assert response.status == 200, response
    assert json.loads(ask(server, "GET", "/pods/p").body)["labels"] == {"a": "b"}


def test_an_array_is_refused_by_the_letter_of_the_document() -> None:
    server = kubernetes(STRICT)
    ask(server, "POST", "/pods", {"Content-Type": "application/json"}, b'{"name": "p"}')
    assert ask(server, "PATCH", "/pods/p", {"Content-Type": PATCH_TYPES[0]}, b"[]").status == 400


@pytest.mark.parametrize(
    ("sent", "strictness", "is_taken"),
    [
        ({"owner": "7", "friends": ["8"]}, TOLERANT, True),
        ({"owner": "7"}, STRICT, False),
        ({"owner": 7}, TOLERANT, False),  # the key is a text
        ({"address": "7"}, TOLERANT, False),  # addresses have no key
    ],
)
def test_the_key_of_an_object_may_be_sent_in_its_place(sent: Any, strictness: Strictness, is_taken: bool) -> None:
    owner = {"type": "object", "properties": {"gid": {"type": "string"}, "name": {"type": "string"}}}
    members = {
        "owner": owner,
        "friends": {"type": "array", "items": owner},
        "address": {"type": "object", "properties": {"street": {"type": "string"}}},
    }
    content = {"application/json": {"schema": {"type": "object", "properties": members}}}
    status = post("application/json", content, json.dumps(sent).encode(), strictness)
    assert (status < 400) == is_taken


@pytest.mark.parametrize(("strictness", "status"), [(TOLERANT, 200), (STRICT, 400)])
def test_a_token_in_the_authorization_field_need_not_be_sent_a_second_time(strictness: Strictness, status: int) -> None:
    token = {"name": "token", "in": "header", "required": True, "schema": {"type": "string"}}
    paths = {"/x": {"get": {"parameters": [token], "security": [{"oauth": []}]}}}
    schemes = {"securitySchemes": {"oauth": {"type": "http", "scheme": "bearer"}}}
    server = mock(document(paths, components=schemes), None, strictness)
    assert ask(server, "GET", "/x", {"Authorization": "Bearer any"}).status == status
    assert ask(server, "GET", "/x", {"token": "any"}).status == 401
