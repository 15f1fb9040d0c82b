"""What the SDKs of vendors do first on a mock of their documents: start at the root, read by any key, upload a file."""

import json
from typing import Any

from lookalike.http import Headers, Request, Response
from lookalike.service import MockService
from tests.support.in_process import NOW
from tests.support.pet_documents import (
    COUNT,
    MANY,
    REF,
    TEXT,
    TRUTH,
    body,
    crud,
    described,
    document,
    mock,
    operation,
    send,
    with_members,
)

THING = described(id=TEXT, type=TEXT)


def told(text: str, **schema: Any) -> dict[str, Any]:
    """A schema of a text, with a description."""
    return {"type": "string", "description": text, **schema}


def send_form(server: MockService, path: str, **parts: str) -> Response:
    """The response to a form with some parts, of which `file` is one with the name of its own."""
    lines = []
    for name, value in parts.items():
        of_file = '; filename="local.txt"' if name == "file" else ""
        lines.append(f'--x\r\nContent-Disposition: form-data; name="{name}"{of_file}\r\n\r\n{value}\r\n')
    fields = Headers({"Content-Type": "multipart/form-data; boundary=x"})
    return server.handle(Request("POST", path, "", fields, "".join([*lines, "--x--\r\n"]).encode(), NOW))


def test_an_item_that_a_text_says_is_always_there_is_there() -> None:
    paths = crud()
    text = "The id. The root pet of an account is always represented by the ID `0`."
    paths["/pets/{id}"]["parameters"] = [
        {"name": "id", "in": "path", "required": True, "description": text, "schema": TEXT}
    ]
    server = mock(document(paths, described(id=TEXT, name=TEXT)), is_mock=True)
    assert body(send(server, "GET", "/pets/0"))["id"] == "0"


def test_an_error_keeps_the_members_that_have_but_one_value() -> None:
    error = described(message=TEXT, hint=TEXT, type={"type": "string", "enum": ["error"]})
    paths = {**crud(), "/pets/{id}": {"get": operation({"200": REF, "404": error})}}
    server = mock(document(paths), is_mock=True)
    refused = body(send(server, "GET", "/pets/7"))
    assert (refused["type"], "hint" in refused) == ("error", False)


def test_a_type_is_the_one_word_that_its_description_tells() -> None:
    members = {"type": told('The object type: "pet"'), "other_type": told('The type, such as "a" or "b"')}
    made = body(send(mock(document(crud(), with_members(**members)), is_mock=True), "POST", "/pets", {"name": "Rex"}))
    assert made["type"] == "pet"
    assert made.get("other_type") not in ("a", "b")


def test_a_thing_that_nobody_makes_is_shown_under_the_key_that_was_asked_for() -> None:
    paths = {"/pets": {"get": operation({"200": MANY})}, "/pets/{id}": {"get": operation({"200": REF})}}
    server = mock(document(paths, described("id name", id=TEXT, name=TEXT)), is_mock=True)
    assert body(send(server, "GET", "/pets/abc"))["id"] == "abc"


def test_what_is_placed_on_an_item_by_its_key_is_listed_below_it() -> None:
    place = {"allOf": [THING, {"description": "The pet this note was placed on"}]}
    note = described(id=TEXT, item=place, message=TEXT)
    order = {"type": "array", "items": described(by=TEXT, direction=TEXT)}
    notes = described(order=order, entries={"type": "array", "items": {"$ref": "#/components/schemas/Note"}})
    paths = {
        **crud(),
        "/notes": {"post": operation({"201": {"$ref": "#/components/schemas/Note"}}, note)},
        "/notes/{note_id}": {"get": operation({"200": {"$ref": "#/components/schemas/Note"}})},
        "/pets/{id}/notes": {"get": operation({"200": notes})},
    }
    data = document(paths, described(id=TEXT, name=TEXT))
    data["components"]["schemas"]["Note"] = note
    server = mock(data, is_mock=True)
    first, second = (body(send(server, "POST", "/pets", {"name": name}))["id"] for name in "ab")
    send(server, "POST", "/notes", {"message": "nice", "item": {"id": first, "type": "pet"}})
    lists = [body(send(server, "GET", f"/pets/{pet}/notes"))["entries"] for pet in (first, second)]
    assert [[one["message"] for one in notes] for notes in lists] == [["nice"], []]


def stored_files() -> MockService:
    """A mock of files that are sent in a form with their attributes, and answered as the only ones of a list."""
    file = described(id=TEXT, name=TEXT, size=COUNT, is_old=TRUTH)
    listed = described(entries={"type": "array", "items": REF}, total_count=COUNT)
    sent = described(attributes=described(name=TEXT), file={"type": "string", "format": "binary"})
    form = {"requestBody": {"content": {"multipart/form-data": {"schema": sent}}}}
    download = {"responses": {"200": {"description": "", "content": {"application/octet-stream": {}}}}}
    paths = {
        "/files": {"post": {**operation({"201": listed}), **form}},
        "/files/{id}": {"get": operation({"200": REF})},
        "/files/{id}/content": {"get": download, "post": {**operation({"200": listed}), **form}},
    }
    return mock(document(paths, file), is_mock=True)


def test_a_file_has_the_name_that_was_sent_beside_it_and_is_counted_as_one() -> None:
    made = body(send_form(stored_files(), "/files", attributes=json.dumps({"name": "a.txt"}), file="hello"))
    assert made["total_count"] == 1
    assert made["entries"][0].items() >= {"name": "a.txt", "size": 5}.items()


def test_a_new_file_takes_the_place_of_the_one_that_is_downloaded() -> None:
    server = stored_files()
    made = body(send_form(server, "/files", attributes=json.dumps({"name": "a.txt"}), file="hello"))["entries"][0]
    path = f"/files/{made['id']}/content"
    changed = body(send_form(server, path, attributes=json.dumps({"name": "b.txt"}), file="hello world"))["entries"][0]
    assert changed.items() >= {"id": made["id"], "name": "b.txt", "size": 11}.items()
    assert send(server, "GET", path).body == b"hello world"
