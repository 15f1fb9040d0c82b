"""URLs in items: those that lead to operations of the document lead to the mock, whatever host an example shows."""

import copy
import json
from typing import Any

import pytest

import lookalike
from lookalike.http import Headers, Request

VENDOR = "https://api.example.com/v1"
PHOTO = "https://cdn.example.com/photos/1"
HREF = {"type": "object", "properties": {"href": {"type": "string", "format": "uri"}}}
LINKS = {"type": "object", "properties": {"self": HREF, "toys": HREF}}
FIELDS = Headers({"content-type": "application/json", "host": "mock.test"})


def linked(id: int, origin: str) -> dict[str, Any]:
    own = f"{origin}/pets/{id}"
    links = {"self": {"href": own}, "toys": {"href": f"{own}/toys"}}
    return {"url": own, "html_url": own, "self": own, "toys_url": f"{own}/toys", "_links": links}


URLS = linked(1, VENDOR)
PET = {
    "type": "object",
    "required": ["id", "name", "photo", *URLS],
    "properties": {
        "id": {"type": "integer", "readOnly": True},
        "name": {"type": "string"},
        "photo": {"type": "string", "format": "uri", "example": PHOTO},
        **{name: {"type": "string", "format": "uri", "example": url} for name, url in URLS.items() if name != "_links"},
        "_links": {**LINKS, "example": URLS["_links"]},
    },
}
NEW = {"type": "object", "properties": {"name": {"type": "string"}, "html_url": {"type": "string"}}}


def document(servers: list[str], **shown: Any) -> dict[str, Any]:
    pet = {"description": "OK", "content": {"application/json": {"schema": PET}}}
    many = {"schema": {"type": "array", "items": PET}, **shown}
    toys = {"schema": {"type": "array", "items": {"type": "string"}}}
    by_name = [{"name": "name", "in": "path", "required": True, "schema": {"type": "string"}}]
    by_id = [{"name": "petId", "in": "path", "required": True, "schema": {"type": "integer"}}]
    create = {"requestBody": {"content": {"application/json": {"schema": NEW}}}, "responses": {"201": pet}}
    return {
        "openapi": "3.0.3",
        "info": {"title": "Pets", "version": "1"},
        **({"servers": [{"url": url} for url in servers]} if servers else {}),
        "paths": {
            "/pets": {"get": {"responses": {"200": {**pet, "content": {"application/json": many}}}}, "post": create},
            "/pets/{petId}/toys": {
                "parameters": by_id,
                "get": {"responses": {"200": {**pet, "content": {"application/json": toys}}}},
            },
            "/pets/by-name/{name}": {"parameters": by_name, "get": {"responses": {"200": pet}}},
            "/pets/{petId}": {
                "parameters": by_id,
                "get": {"responses": {"200": pet, "404": {"description": "no"}}},
                "delete": {"responses": {"204": {"description": "gone"}}},
            },
        },
    }


def created(mock: lookalike.Mock, sent: dict[str, Any]) -> dict[str, Any]:
    item: dict[str, Any] = json.loads(mock.handle(Request("POST", "/pets", "", FIELDS, json.dumps(sent).encode())).body)
    return item


def listed(mock: lookalike.Mock) -> list[tuple[int, dict[str, Any]]]:
    items = json.loads(mock.handle(Request("GET", "/pets", "", FIELDS)).body)
    return [(one["id"], {name: one[name] for name in URLS}) for one in items]


def here(*ids: int) -> list[tuple[int, dict[str, Any]]]:
    return [(id, linked(id, "http://mock.test")) for id in ids]


@pytest.mark.parametrize(
    ("servers", "shown"),
    [
        ([], "https://api.example.com"),
        (["/v1"], VENDOR),
        (["http://localhost:8000/v1"], VENDOR),
        ([VENDOR], VENDOR),
    ],
)
def test_urls_of_items_that_examples_show_lead_to_the_mock(servers: list[str], shown: str) -> None:
    examples = [{"id": id, "name": "Rex", "photo": PHOTO, **linked(id, shown)} for id in (7, 8)]
    assert listed(lookalike.Mock(lookalike.load(document(servers, example=examples)))) == here(7, 8)


def test_urls_of_created_and_of_populated_items_lead_to_the_items_themselves() -> None:
    mock = lookalike.Mock(lookalike.load(document(["/v1"])), populate=2)
    created(mock, {"name": "Mia"})
    assert listed(mock) == here(1, 2, 3)


def test_a_url_that_names_no_operation_or_that_a_client_sent_stays_as_it_is() -> None:
    sent = {"name": "Mia", "html_url": f"{VENDOR}/pets/1"}
    made = created(lookalike.Mock(lookalike.load(document(["/v1"]))), sent)
    assert (made["photo"], made["html_url"]) == (PHOTO, sent["html_url"])


def test_a_url_of_the_api_that_names_no_operation_becomes_that_of_the_item() -> None:
    described = copy.deepcopy(document([VENDOR]))
    pet = described["paths"]["/pets"]["post"]["responses"]["201"]["content"]["application/json"]["schema"]
    pet["properties"]["url"]["example"] = f"{VENDOR}/animals/42/pets/1"
    pet["properties"]["photo"]["example"] = f"{VENDOR}/photos/42"
    item = created(lookalike.Mock(lookalike.load(described)), {"name": "Rex"})
    assert (item["url"], item["photo"]) == (f"http://mock.test/pets/{item['id']}", "http://mock.test/photos/42")
