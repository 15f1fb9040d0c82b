"""Files that are sent, related items that are asked for, and URLs of items."""

from typing import Any

import pytest

from lookalike.http import Headers, Request, Response
from lookalike.service import MockService
from tests.support.pet_documents import REF, body, document, mock, operation, send

TEXT = {"type": "string"}
WHOLE = {"type": "integer"}
LIST = {"type": "array", "items": REF}


def stored_file(**members: Any) -> dict[str, Any]:
    return {"type": "object", "required": ["id", *members], "properties": {"id": WHOLE, **members}}


def uploads(schema: Any, media_type: str) -> MockService:
    sent = {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}, "purpose": TEXT}}
    create = operation({"201": REF})
    create["requestBody"] = {"content": {media_type: {"schema": sent if "form" in media_type else {}}}}
    return mock(document({"/files": {"post": create}, "/files/{id}": {"get": operation({"200": REF})}}, schema))


def sent_raw(server: MockService, content_type: str, content: bytes) -> Response:
    return server.handle(Request("POST", "/files", "", Headers({"Content-Type": content_type}), content))


FORM = (
    b'--b\r\nContent-Disposition: form-data; name="purpose"\r\n\r\ntax\r\n'
    b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\nContent-Type: application/pdf\r\n\r\n'
    b"hello\r\n--b--\r\n"
)


@pytest.mark.parametrize(
    ("members", "shown"),
    [
        ({"filename": TEXT, "size": WHOLE, "content_type": TEXT}, ["a.pdf", 5, "application/pdf"]),
        ({"originalName": TEXT, "sizeBytes": WHOLE, "mimeType": TEXT}, ["a.pdf", 5, "application/pdf"]),
        ({"name": TEXT, "bytes": WHOLE, "extension": TEXT}, ["a.pdf", 5, "pdf"]),
        ({"md5": TEXT}, ["5d41402abc4b2a76b9719d911017c592"]),
    ],
)
def test_a_file_that_is_sent_fills_name_size_type_and_hash(members: dict[str, Any], shown: list[Any]) -> None:
    server = uploads(stored_file(**members, purpose=TEXT), "multipart/form-data")
    made = body(sent_raw(server, "multipart/form-data; boundary=b", FORM))
    assert made == {"id": 1, "purpose": "tax", **dict(zip(members, shown, strict=True))}
    assert body(send(server, "GET", "/files/1")) == made


def test_a_file_that_is_the_whole_body_fills_size_and_type() -> None:
    server = uploads(stored_file(size=WHOLE, mime_type=TEXT), "application/octet-stream")
    made = body(sent_raw(server, "application/octet-stream", b"1234567"))
    assert made == {"id": 1, "size": 7, "mime_type": "application/octet-stream"}


def test_a_file_of_an_item_below_another_is_served_where_only_its_content_has_a_path() -> None:
    create, content = operation({"201": REF}), {"responses": {"200": {"description": "", "content": {"image/png": {}}}}}
    create["requestBody"] = {"content": {"image/png": {}}}
    paths = {
        "/pages": {"post": operation({"201": {"type": "object", "properties": {"id": WHOLE}}})},
        "/pages/{page_id}": {"get": operation({"200": {"type": "object", "properties": {"id": WHOLE}}})},
        "/pages/{page_id}/files": {"post": create, "get": operation({"200": LIST})},
        "/files/{id}/content": {"get": content},
    }
    url = {"type": "string", "format": "uri"}
    server = mock(document(paths, stored_file(size=WHOLE, downloadUrl=url)))
    send(server, "POST", "/pages", {})
    made = server.handle(Request("POST", "/pages/1/files", "", Headers({"Content-Type": "image/png"}), b"123"))
    shown = body(made)
    assert (shown.pop("downloadUrl").endswith("/files/1/content"), made.header("Location")) == (True, None)
    assert shown == {"id": 1, "size": 3}
    assert send(server, "GET", "/files/1/content").body == b"123"
    assert send(server, "GET", "/files/2/content").status == 404


def test_an_answer_by_example_tells_of_the_file_that_was_sent() -> None:
    photo = {"type": "object", "properties": {"filename": TEXT, "size": WHOLE, "content_type": TEXT, "id": TEXT}}
    upload = operation({"200": photo})
    upload["requestBody"] = {"content": {"multipart/form-data": {"schema": {}}, "image/png": {}}}
    server = mock(document({"/photos/upload": {"post": upload}}))
    fields = Headers({"Content-Type": "image/png"})
    shown = body(server.handle(Request("POST", "/photos/upload", "", fields, b"12345")))
    assert (shown["size"], shown["content_type"]) == (5, "image/png")
    fields = Headers({"Content-Type": "multipart/form-data; boundary=b"})
    shown = body(server.handle(Request("POST", "/photos/upload", "", fields, FORM)))
    assert shown == {"filename": "a.pdf", "size": 5, "content_type": "application/pdf", "id": "string"}


OWNER = {"type": "object", "required": ["id", "name"], "properties": {"id": WHOLE, "name": TEXT}}
OWNED = {
    "type": "object",
    "properties": {"id": WHOLE, "owner": {"anyOf": [WHOLE, {"$ref": "#/components/schemas/Owner"}]}},
}


@pytest.mark.parametrize("query", ["expand=owner", "expand=id,owner"])
def test_a_related_item_takes_the_place_of_its_key_where_a_request_asks_for_it(query: str) -> None:
    owner = {"$ref": "#/components/schemas/Owner"}
    asked = {"expand": TEXT}
    paths = {
        "/owners": {"post": operation({"201": owner}, owner)},
        "/owners/{id}": {"get": operation({"200": owner})},
        "/pets": {"post": operation({"201": REF}, REF), "get": operation({"200": LIST}, query=asked)},
        "/pets/{id}": {"get": operation({"200": REF}, query=asked)},
    }
    data = document(paths, OWNED)
    data["components"]["schemas"]["Owner"] = OWNER
    server = mock(data)
    send(server, "POST", "/owners", {"id": 7, "name": "Asha"})
    send(server, "POST", "/pets", {"owner": 7})
    assert body(send(server, "GET", "/pets/1"))["owner"] == 7
    assert body(send(server, "GET", f"/pets/1?{query}"))["owner"] == {"id": 7, "name": "Asha"}
    assert body(send(server, "GET", f"/pets?{query}"))[0]["owner"] == {"id": 7, "name": "Asha"}


def test_urls_in_items_lead_to_the_mock_and_to_the_item_and_others_stay() -> None:
    url = {"type": "string", "format": "uri"}
    vendor = "https://api.vendor.example/v1"
    item = {
        "type": "object",
        "required": ["id", "notes_url", "home", "docs", "help"],
        "properties": {
            "id": WHOLE,
            "url": url,
            "notes_url": {**url, "example": f"{vendor}/pets/99/notes?all=1"},
            "home": {**url, "example": f"{vendor}/unknown/99"},
            "docs": {**url, "example": "https://docs.vendor.example/pets/99#top"},
            "help": {**url, "example": "https://docs.vendor.example/help/99"},
        },
    }
    paths = {
        "/pets": {"post": operation({"201": REF}, {"type": "object"})},
        "/pets/{id}": {"get": operation({"200": REF})},
        "/pets/{id}/notes": {"get": operation({"200": {"type": "array", "items": TEXT}})},
    }
    server = mock(document(paths, item, servers=[{"url": vendor}]))
    assert body(send(server, "POST", "/pets", {})) == {
        "id": 1,
        "url": "http://localhost/pets/1",
        "notes_url": "http://localhost/pets/1/notes?all=1",
        "home": "http://localhost/unknown/99",
        "docs": "https://docs.vendor.example/pets/1#top",
        "help": "https://docs.vendor.example/help/99",
    }
    sent = body(send(server, "POST", "/pets", {"docs": f"{vendor}/pets/5"}))
    assert sent["docs"] == f"{vendor}/pets/5", "what was sent is kept"


def test_a_name_that_is_made_of_others_is_made_of_the_items_own() -> None:
    item = {
        "type": "object",
        "required": ["name", "full_name", "owner"],
        "properties": {
            "name": {**TEXT, "example": "Hello"},
            "full_name": {**TEXT, "example": "asha/Hello"},
            "owner": {"type": "object", "required": ["login"], "properties": {"login": {**TEXT, "example": "asha"}}},
        },
    }
    made_of = {"type": "object", "required": ["name"], "properties": {"name": TEXT}}
    paths = {
        "/orgs/{org}/repos": {"post": operation({"201": REF}, made_of)},
        "/repos/{owner}/{repo}": {"get": operation({"200": REF})},
    }
    server = mock(document(paths, item))
    assert body(send(server, "POST", "/orgs/acme/repos", {"name": "tool"}))["full_name"] == "acme/tool"
