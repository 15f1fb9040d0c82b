"""A file that was sent is sent again, where an operation downloads it: its bytes, and its media type."""

from typing import Any

import pytest

from lookalike.http import Headers, Request, Response
from lookalike.service import MockService
from tests.support.in_process import NOW
from tests.support.pet_documents import body, document, mock, operation, send

FILE_SCHEMA = {
    "type": "object",
    "required": ["id"],
    "properties": {"id": {"type": "integer"}, "filename": {"type": "string"}, "bytes": {"type": "integer"}},
}
REF = {"$ref": "#/components/schemas/Pet"}
BINARY = {"type": "string", "format": "binary"}
PNG = b"\x89PNG\r\n\x1a\n\x00\xff"


def sending(media_type: str, schema: Any = BINARY) -> dict[str, Any]:
    return {"responses": {"200": {"description": "", "content": {media_type: {"schema": schema}}}}}


def taking(media_type: str, answer: dict[str, Any], schema: Any = BINARY) -> dict[str, Any]:
    return {**answer, "requestBody": {"content": {media_type: {"schema": schema}}}}


FORM = {"type": "object", "properties": {"file": BINARY, "purpose": {"type": "string"}}}
UPLOADED = taking("multipart/form-data", operation({"201": REF}), FORM)


def server_with(download: str, more: dict[str, Any]) -> MockService:
    paths = {
        "/files": {"post": UPLOADED, "get": operation({"200": {"type": "array", "items": REF}})},
        "/files/{id}": {"get": operation({"200": REF}), "delete": operation({"204": None})},
    }
    return mock(document({**paths, download: {**paths.get(download, {}), **more}}, FILE_SCHEMA))


def sent(server: MockService, method: str, path: str, content: bytes, media_type: str) -> Response:
    return server.handle(Request(method, path, "", Headers({"Content-Type": media_type}), content, NOW))


def upload(server: MockService, content: bytes, media_type: str = "image/png") -> Response:
    head = f'--x\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\nContent-Type: {media_type}\r\n\r\n'
    return sent(server, "POST", "/files", head.encode() + content + b"\r\n--x--\r\n", "multipart/form-data; boundary=x")


@pytest.mark.parametrize(
    ("path", "download"),
    [
        ("/files/{id}/content", sending("application/octet-stream")),
        ("/files/{id}/download", sending("image/png")),
        ("/files/{id}/content", sending("application/json", {"type": "string"})),
        ("/files/{id}/raw", sending("*/*")),
    ],
)
def test_a_file_of_a_form_is_downloaded_as_it_was_sent(path: str, download: Any) -> None:
    server = server_with(path, {"get": download})
    assert body(upload(server, PNG)) == {"filename": "a.png", "bytes": len(PNG), "id": 1}
    answer = send(server, "GET", path.replace("{id}", "1"))
    assert (answer.status, answer.body, answer.header("Content-Type")) == (200, PNG, "image/png")
    assert body(send(server, "GET", "/files/1")) == {"filename": "a.png", "bytes": len(PNG), "id": 1}
    assert b"content" not in send(server, "GET", "/files").body
    assert send(server, "DELETE", "/files/1").status == 204
    assert send(server, "GET", path.replace("{id}", "1")).status == 404


def test_a_file_that_is_sent_to_an_item_replaces_the_one_before() -> None:
    content = {"get": sending("application/octet-stream"), "put": taking("application/octet-stream", operation({}))}
    content["put"]["responses"] = {"204": {"description": ""}}
    server = server_with("/files/{id}/content", content)
    upload(server, PNG)
    assert sent(server, "PUT", "/files/1/content", b"\x00new", "application/octet-stream").status == 204
    assert send(server, "GET", "/files/1/content").body == b"\x00new"
    assert body(send(server, "GET", "/files/1"))["bytes"] == 4


def test_files_under_names_of_the_client_are_stored_and_sent_back() -> None:
    stored = {
        "put": taking("application/octet-stream", operation({"201": None, "200": None})),
        "get": sending("application/octet-stream"),
        "delete": operation({"204": None}),
    }
    server = mock(document({"/blobs/{name}": stored}))
    assert send(server, "GET", "/blobs/a.bin").status == 404
    assert sent(server, "PUT", "/blobs/a.bin", PNG, "application/octet-stream").status == 201
    assert sent(server, "PUT", "/blobs/a.bin", b"2", "application/octet-stream").status == 200
    answer = send(server, "GET", "/blobs/a.bin")
    assert (answer.body, answer.header("Content-Type")) == (b"2", "application/octet-stream")
    assert send(server, "DELETE", "/blobs/a.bin").status == 204
    assert send(server, "GET", "/blobs/a.bin").status == 404


def test_an_item_without_a_file_has_the_documented_example_of_one() -> None:
    download = sending("text/csv", {"type": "string"})
    download["responses"]["200"]["content"]["text/csv"]["example"] = "a,b"
    server = server_with("/files/{id}/download", {"get": download, "post": operation({"200": REF}, {})})
    sent(server, "POST", "/files", b"", "")
    [one] = body(send(server, "GET", "/files"))
    assert send(server, "GET", f"/files/{one['id']}/download").body == b"a,b"


def test_what_a_client_names_like_the_kept_file_is_no_file() -> None:
    server = server_with("/files/{id}/content", {"get": sending("application/octet-stream")})
    upload(server, PNG)
    server.patch_item("file", 1, {"$file": {"content": "?"}})
    assert send(server, "GET", "/files/1/content").status == 200
