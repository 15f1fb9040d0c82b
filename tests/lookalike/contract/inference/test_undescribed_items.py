"""Documents that describe items by examples or by requests alone, and parts of items that have paths of their own."""

from typing import Any

import pytest

from lookalike.contract.grounds import EFFECT, Ground
from lookalike.contract.inference.infer import infer
from lookalike.http import Headers, Request
from lookalike.service import MockService
from tests.support.in_process import NOW
from tests.support.pet_documents import body, document, mock, operation, send

TEXT = {"type": "string"}
CARD = {"type": "object", "properties": {"name": TEXT, "idList": TEXT, "closed": {"type": "boolean"}}}
LIST = {"type": "object", "properties": {"name": TEXT}}
VALUE = {"type": "object", "properties": {"value": {}}}
UNSAID = {"200": None}


def shown(example: Any, schema: Any = None, sent: Any = None, status: str = "200") -> dict[str, Any]:
    """An operation that shows its answer by an example, and at most says that it is an object."""
    content = {"example": example} if schema is None else {"schema": schema, "example": example}
    answer = {"description": "", "content": {"application/json": content}}
    takes = {"requestBody": {"content": {"application/json": {"schema": sent}}}} if sent is not None else {}
    return {"responses": {status: answer}, **takes}


def is_guessed(data: Any) -> bool:
    return {facts[EFFECT] for facts in infer(data).grounds.values()} == {Ground.GUESSED}


def upload(server: MockService, target: str, content: bytes) -> Any:
    return body(server.handle(Request("PUT", target, "", Headers({"Content-Type": "image/png"}), content, NOW)))


BOOK = {"id": 7, "title": "Emma", "read": False}


@pytest.mark.parametrize("schema", [None, {"type": "object"}, {}], ids=["no schema", "an object", "an empty schema"])
@pytest.mark.parametrize("wrapper", [None, "data", "book"])
def test_items_that_only_examples_show_are_kept(schema: Any, wrapper: str | None) -> None:
    one, many = (BOOK, [BOOK]) if wrapper is None else ({wrapper: BOOK}, {f"{wrapper}s": [BOOK]})
    listed = schema and {"type": "array" if wrapper is None else "object"}
    paths = {
        "/books": {"get": shown(many, listed), "post": shown(one, schema, {"type": "object"}, "201")},
        "/books/{id}": {"get": shown(one, schema), "delete": operation({"204": None})},
    }
    server = mock(document(paths))
    made = body(send(server, "POST", "/books", {"title": "Persuasion"}))
    made = made if wrapper is None else made[wrapper]
    assert (made["title"], made["read"]) == ("Persuasion", False)
    assert made["id"] != BOOK["id"]
    listed_items = body(send(server, "GET", "/books"))
    listed_items = listed_items if wrapper is None else listed_items[f"{wrapper}s"]
    assert listed_items == [BOOK, made]
    send(server, "DELETE", f"/books/{made['id']}")
    assert send(server, "GET", f"/books/{made['id']}").status == 404
    assert is_guessed(document(paths))


def test_an_example_that_is_json_in_a_text_shows_items() -> None:
    listed = {
        "type": "object",
        "properties": {"books": {"type": "array", "items": {"$ref": "#/components/schemas/Pet"}}},
    }
    book = {"type": "object", "properties": {"id": TEXT, "title": TEXT}}
    paths = {
        "/books": {"get": shown(' { "books": [{"id": "b7", "title": "Emma"}] }', listed)},
        "/books/{id}": {"get": operation({"200": {"$ref": "#/components/schemas/Pet"}})},
    }
    assert body(send(mock(document(paths, book)), "GET", "/books/b7")) == {"id": "b7", "title": "Emma"}


def undescribed() -> dict[str, Any]:
    return {
        "/lists": {"post": operation(UNSAID, LIST)},
        "/lists/{idList}": {"get": operation(UNSAID)},
        "/lists/{idList}/cards": {"get": operation(UNSAID), "post": operation(UNSAID, CARD)},
        "/cards": {"post": operation(UNSAID, CARD)},
        "/cards/{idCard}": {
            "get": operation(UNSAID),
            "put": operation(UNSAID, CARD),
            "delete": operation(UNSAID),
        },
        "/cards/{idCard}/name": {"put": operation(UNSAID, VALUE)},
        "/cards/{idCard}/{field}": {"get": operation(UNSAID)},
    }


def test_items_are_answered_where_the_document_says_nothing_of_answers() -> None:
    server = mock(document(undescribed()))
    card = body(send(server, "POST", "/cards", {"name": "Buy milk", "closed": False}))
    assert {name: card[name] for name in ("name", "closed")} == {"name": "Buy milk", "closed": False}
    assert body(send(server, "GET", f"/cards/{card['id']}")) == card
    changed = body(send(server, "PUT", f"/cards/{card['id']}", {"name": "Bread", "closed": True}))
    assert body(send(server, "GET", f"/cards/{card['id']}")) == changed == {**card, "name": "Bread", "closed": True}
    assert send(server, "DELETE", f"/cards/{card['id']}").body == b""
    assert send(server, "GET", f"/cards/{card['id']}").status == 404


def test_a_member_with_a_path_of_its_own_is_set_there() -> None:
    server = mock(document(undescribed()))
    card = body(send(server, "POST", "/cards", {"name": "Buy milk"}))
    send(server, "PUT", f"/cards/{card['id']}/name", {"value": "Buy bread"})
    assert body(send(server, "GET", f"/cards/{card['id']}")) == {**card, "name": "Buy bread"}


def test_items_are_listed_and_made_below_each_item_that_they_name() -> None:
    server = mock(document(undescribed()))
    lists = [body(send(server, "POST", "/lists", {"name": name}))["id"] for name in "ab"]
    one = body(send(server, "POST", f"/lists/{lists[0]}/cards", {"name": "Milk"}))
    other = body(send(server, "POST", "/cards", {"name": "Bread", "idList": lists[1]}))
    assert one["idList"] == lists[0]
    assert [body(send(server, "GET", f"/lists/{key}/cards")) for key in lists] == [[one], [other]]
    assert send(server, "GET", "/lists/none/cards").status == 404


def test_what_requests_alone_tell_of_items_accuses_no_server() -> None:
    assert is_guessed(document(undescribed()))


ACCOUNT = {"type": "object", "properties": {"AccountID": {"type": "string", "format": "uuid"}, "Name": TEXT}}
ACCOUNTS = {
    "type": "object",
    "properties": {"Accounts": {"type": "array", "items": {"$ref": "#/components/schemas/Pet"}}},
}


def test_a_put_on_a_collection_without_a_post_creates_an_item() -> None:
    paths = {
        "/Accounts": {
            "get": operation({"200": ACCOUNTS}),
            "put": operation({"200": ACCOUNTS}, {"$ref": "#/components/schemas/Pet"}),
        },
        "/Accounts/{AccountID}": {"get": operation({"200": ACCOUNTS}), "post": operation({"200": ACCOUNTS}, ACCOUNTS)},
    }
    server = mock(document(paths, ACCOUNT))
    [made] = body(send(server, "PUT", "/Accounts", {"Name": "Sales"}))["Accounts"]
    assert made["Name"] == "Sales"
    send(server, "POST", f"/Accounts/{made['AccountID']}", {"Accounts": [{"Name": "Costs"}]})
    assert body(send(server, "GET", "/Accounts"))["Accounts"] == [{**made, "Name": "Costs"}]


def test_a_file_is_stored_under_its_name_among_items_with_numbers() -> None:
    attachment = {
        "type": "object",
        "properties": {"id": {"type": "integer"}, "file_name": TEXT, "size": {"type": "integer"}},
    }
    ref = {"$ref": "#/components/schemas/Pet"}
    file = {"description": "", "content": {"image/*": {}}}
    sent: dict[str, Any] = {"requestBody": {"content": {"image/*": {}}}}
    paths = {
        "/attachments": {"get": shown([{"id": 4, "file_name": "old.png", "size": 1}], {"type": "array", "items": ref})},
        "/attachments/{id}": {"get": operation({"200": ref})},
        "/attachments/{file_name}": {"put": {**operation({"200": ref}), **sent}, "get": {"responses": {"200": file}}},
    }
    server = mock(document(paths, attachment))
    made = upload(server, "/attachments/new.png", b"hello")
    assert (made["file_name"], made["size"]) == ("new.png", 5)
    assert upload(server, "/attachments/new.png", b"bye") == {**made, "size": 3}
    assert [one["file_name"] for one in body(send(server, "GET", "/attachments"))] == ["old.png", "new.png"]


def test_items_that_can_be_changed_but_not_made_are_there_from_the_start() -> None:
    ref = {"$ref": "#/components/schemas/Pet"}
    paths = {
        "/rooms": {"get": operation({"200": {"type": "array", "items": ref}})},
        "/rooms/{id}": {"get": operation({"200": ref}), "patch": operation({"200": ref}, ref)},
    }
    data = document(paths, {"type": "object", "properties": {"id": TEXT, "name": TEXT}})
    server = mock(data)
    [room] = body(send(server, "GET", "/rooms"))
    send(server, "PATCH", f"/rooms/{room['id']}", {"name": "Red"})
    assert body(send(server, "GET", f"/rooms/{room['id']}")) == {**room, "name": "Red"}
    assert is_guessed(data)


def test_a_key_inside_of_an_item_in_an_envelope_is_found() -> None:
    entry = {"type": "object", "properties": {"sys": {"type": "object", "properties": {"id": TEXT}}, "title": TEXT}}
    one = {"type": "object", "properties": {"data": {"$ref": "#/components/schemas/Pet"}}}
    paths = {"/entries": {"post": operation({"201": one}, one)}, "/entries/{entryId}": {"get": operation({"200": one})}}
    server = mock(document(paths, entry))
    made = body(send(server, "POST", "/entries", {"data": {"title": "Emma"}}))
    assert body(send(server, "GET", f"/entries/{made['data']['sys']['id']}")) == made


def test_a_link_of_an_example_never_leads_to_the_vendor() -> None:
    url = {"type": "object", "properties": {"next": {"type": "string", "format": "uri"}}}
    report = shown({"next": "https://api.vendor.example/v2/report?page=2"}, url)
    data = document({"/report": {"get": report}}, servers=[{"url": "https://api.vendor.example/v2"}])
    answer = mock(data).handle(Request("GET", "/report", "", Headers({"Host": "localhost:4010"}), b"", NOW))
    assert body(answer) == {"next": "http://localhost:4010/report?page=2"}
