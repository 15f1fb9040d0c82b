"""What was sent is kept: completed where more is shown, and never swapped for a sample."""

from typing import Any

from tests.support.pet_documents import REF, body, document, mock, operation, send

TEXT = {"type": "string"}
OWNER = {
    "type": "object",
    "required": ["id", "kind"],
    "properties": {"id": {**TEXT, "example": "9"}, "kind": {"const": "o"}},
}
PRICE = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "integer"},
        "recurring": {
            "type": "object",
            "required": ["interval", "count"],
            "properties": {"interval": {"enum": ["day", "month"]}, "count": {"type": "integer"}},
        },
        "owner": OWNER,
        "owners": {"type": "array", "items": OWNER},
        "lines": {
            "type": "object",
            "required": ["data", "more"],
            "properties": {"data": {"type": "array", "items": OWNER}, "more": {"type": "boolean"}},
        },
        "status": {"enum": ["closed", "open"]},
        "plan": {"enum": ["free", "paid"]},
        "tags": {"type": "object", "additionalProperties": TEXT},
    },
}
SENT = {
    "type": "object",
    "properties": {
        "recurring": {"type": "object"},
        "owner": {},
        "owners": {"type": "array"},
        "lines": {"type": "array"},
        "plan": {"enum": ["free", "paid"], "default": "paid"},
        "password": TEXT,
    },
}


def made(sent: Any) -> Any:
    paths = {"/prices": {"post": operation({"201": REF}, SENT)}, "/prices/{id}": {"get": operation({"200": REF})}}
    server = mock(document(paths, PRICE))
    answer = body(send(server, "POST", "/prices", sent))
    assert body(send(server, "GET", f"/prices/{answer['id']}")) == answer
    return answer


def test_an_object_that_was_sent_is_completed() -> None:
    assert made({"recurring": {"interval": "month"}})["recurring"] == {"interval": "month", "count": 1}


def test_the_valid_part_of_an_object_is_kept_where_another_is_not() -> None:
    assert made({"recurring": {"interval": "month", "count": "many"}})["recurring"] == {"interval": "month", "count": 1}


def test_a_key_that_was_sent_is_shown_in_the_object_that_it_stands_for() -> None:
    assert made({"owner": "u7"})["owner"] == {"id": "u7", "kind": "o"}
    assert made({"owners": ["u7", "u8"]})["owners"] == [{"id": "u7", "kind": "o"}, {"id": "u8", "kind": "o"}]


def test_a_list_that_was_sent_is_shown_in_the_envelope_around_one() -> None:
    assert made({"lines": ["u7"]})["lines"]["data"] == [{"id": "u7", "kind": "o"}]


def test_defaults_of_the_request_and_the_state_of_new_items_are_shown_and_members_of_requests_alone_are_not() -> None:
    assert made({"password": "hunter2"}) == {"id": 1, "status": "open", "plan": "paid"}


def test_a_key_that_was_sent_is_shown_as_the_item_that_has_it() -> None:
    owner = {"type": "object", "required": ["id", "name"], "properties": {"id": {"type": "integer"}, "name": TEXT}}
    item = {"type": "object", "properties": {"id": {"type": "integer"}, "owner": owner}}
    sent = {"type": "object", "properties": {"owner": {"type": "integer"}}}
    paths = {
        "/owners": {"post": operation({"201": owner}, owner)},
        "/owners/{id}": {"get": operation({"200": owner})},
        "/pets": {"post": operation({"201": REF}, sent)},
        "/pets/{id}": {"get": operation({"200": REF})},
    }
    server = mock(document(paths, item))
    assert send(server, "POST", "/owners", {"id": 1, "name": "Asha"}).status == 201
    assert body(send(server, "POST", "/pets", {"owner": 1})) == {"id": 1, "owner": {"id": 1, "name": "Asha"}}


def test_an_example_shows_what_was_sent_in_its_members_as_far_as_that_fits() -> None:
    paid = {"type": "object", "properties": {"psp": TEXT, "reference": TEXT, "amount": {"type": "integer"}}}
    pay = operation({"201": paid}, {"type": "object"})
    pay["responses"]["201"]["content"]["application/json"]["example"] = {"psp": "8", "reference": "YOURS", "amount": 10}
    server = mock(document({"/payments": {"post": pay}}))
    assert body(send(server, "POST", "/payments", {"reference": "order-7", "amount": 42, "other": 1})) == {
        "psp": "8",
        "reference": "order-7",
        "amount": 42,
    }
    assert body(send(server, "POST", "/payments", {"amount": "many"})) == {
        "psp": "8",
        "reference": "YOURS",
        "amount": 10,
    }
    assert body(send(server, "POST", "/payments", {})) == {"psp": "8", "reference": "YOURS", "amount": 10}


def test_members_that_were_not_sent_are_as_an_example_shows_them() -> None:
    item = {
        "type": "object",
        "required": ["id", "title", "author"],
        "properties": {"id": {"type": "integer"}, "title": TEXT, "author": TEXT},
    }
    read = operation({"200": REF})
    read["responses"]["200"]["content"]["application/json"]["example"] = {"id": 7, "title": "Amazing", "author": "asha"}
    paths = {"/pulls": {"post": operation({"201": REF}, {"type": "object"})}, "/pulls/{id}": {"get": read}}
    assert body(send(mock(document(paths, item)), "POST", "/pulls", {"title": "Mine"})) == {
        "id": 8,
        "title": "Mine",
        "author": "asha",
    }
