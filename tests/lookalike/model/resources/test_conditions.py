"""Conditional requests: the entity tags that a mock shows, and the changes and reads that depend on them."""

import copy
import json
from typing import Any

import pytest

from lookalike.http import Headers, Request, Response
from lookalike.service import MockService
from tests.support.in_process import NOW
from tests.support.pet_documents import CRUD, MANY, REF, document, mock, operation, send

ETAG = {"ETag": {"schema": {"type": "string"}}}


def server(*, refuses: bool = True) -> MockService:
    """A mock whose pets have entity tags, and whose document has the refusal of a change, or the condition alone."""
    paths: dict[str, Any] = copy.deepcopy({"/pets": CRUD["/pets"], "/pets/{petId}": CRUD["/pets/{petId}"]})
    paths["/pets"]["get"] = operation({"200": MANY})
    item = paths["/pets/{petId}"]
    item["get"] = operation({"200": REF, "304": None})
    item["put"] = operation({"200": REF, **({"412": None} if refuses else {})}, REF)
    item["put"]["parameters"] = [{"name": "If-Match", "in": "header", "schema": {"type": "string"}}]
    item["delete"] = operation({"204": None, "412": None})
    for one in (paths["/pets"]["get"], item["get"], item["put"]):
        one["responses"]["200"]["headers"] = ETAG
    return mock(document(paths), is_mock=True)


def asked(service: MockService, method: str, path: str, body: bytes = b"", **fields: str) -> Response:
    named = {name.replace("_", "-"): value for name, value in fields.items()}
    return service.handle(Request(method, path, "", Headers({"Content-Type": "application/json", **named}), body, NOW))


@pytest.mark.parametrize("refuses", [True, False])
def test_a_change_counts_only_for_the_version_that_the_client_has_seen(refuses: bool) -> None:
    service = server(refuses=refuses)
    send(service, "POST", "/pets", {"name": "Rex"})
    seen = asked(service, "GET", "/pets/1").header("ETag") or ""
    changed = asked(service, "PUT", "/pets/1", b'{"name": "Max"}', If_Match=seen)
    assert changed.status == 200
    assert changed.header("ETag") == asked(service, "GET", "/pets/1").header("ETag") != seen
    refused = asked(service, "PUT", "/pets/1", b'{"name": "Tom"}', If_Match=seen)
    assert refused.status == 412
    assert service.state() == {"pet": [{"id": 1, "name": "Max"}]}
    assert asked(service, "DELETE", "/pets/1", If_Match=seen).status == 412
    assert asked(service, "PUT", "/pets/1", b'{"name": "Tom"}', If_Match="*").status == 200
    assert asked(service, "PUT", "/pets/1", b'{"name": "Ben"}').status == 200
    assert asked(service, "DELETE", "/pets/1", If_None_Match="*").status == 412


def test_a_read_of_what_the_client_has_is_not_answered_again() -> None:
    service = server()
    send(service, "POST", "/pets", {"name": "Rex"})
    seen = asked(service, "GET", "/pets/1").header("ETag") or ""
    unchanged = asked(service, "GET", "/pets/1", If_None_Match=f'"other", W/{seen}')
    assert (unchanged.status, unchanged.body, unchanged.header("ETag")) == (304, b"", seen)
    send(service, "PUT", "/pets/1", {"name": "Max"})
    assert asked(service, "GET", "/pets/1", If_None_Match=seen).status == 200


def test_a_list_has_another_tag_after_each_change() -> None:
    service = server()
    tags = []
    for name in ("Rex", "Max"):
        send(service, "POST", "/pets", {"name": name})
        tags.append(asked(service, "GET", "/pets").header("ETag"))
    send(service, "DELETE", "/pets/1")
    assert len({*tags, asked(service, "GET", "/pets").header("ETag")}) == 3


def test_an_item_that_counts_its_children_has_another_tag_after_each_child() -> None:
    number, toy = {"type": "integer"}, {"type": "object", "properties": {"id": {"type": "integer"}}}
    pet = {
        "type": "object",
        "properties": {"id": number, "name": {"type": "string"}, "toy_count": {**number, "readOnly": True}},
    }
    paths: dict[str, Any] = copy.deepcopy({"/pets": CRUD["/pets"], "/pets/{petId}": CRUD["/pets/{petId}"]})
    paths["/pets/{petId}"]["get"] = operation({"200": REF, "304": None})
    paths["/pets/{petId}"]["get"]["responses"]["200"]["headers"] = ETAG
    toys = operation({"200": {"type": "array", "items": toy}})
    paths["/pets/{petId}/toys"] = {"post": operation({"201": toy}, toy), "get": toys}
    service = mock(document(paths, pet), is_mock=True)
    send(service, "POST", "/pets", {"name": "Rex"})
    seen = asked(service, "GET", "/pets/1").header("ETag") or ""
    send(service, "POST", "/pets/1/toys", {})
    again = asked(service, "GET", "/pets/1", If_None_Match=seen)
    assert (again.status, json.loads(again.body)["toy_count"]) == (200, 1)


def test_a_tag_is_sent_only_where_the_document_has_one() -> None:
    service = mock(document(CRUD), is_mock=True)
    send(service, "POST", "/pets", {"name": "Rex"})
    assert asked(service, "GET", "/pets/1").header("ETag") is None
    assert asked(service, "PUT", "/pets/1", b'{"name": "Max"}', If_Match='"x"').status == 200
