"""Items as frameworks show them: owners, related items, null, defaults inside of objects, and partial replacements."""

from typing import Any

import pytest

from lookalike.http import Headers, Request
from lookalike.service import MockService
from tests.lookalike.contract.inference.test_frameworks import LOGIN, TEXT, TRUTH, described
from tests.lookalike.contract.inference.test_inference import body, document, mock, operation, send
from tests.support.in_process import NOW

WHOLE = {"type": "integer"}
REF = {"$ref": "#/components/schemas/Pet"}
OPTIONAL = {"anyOf": [TEXT, {"type": "null"}]}
USER = described("id username", id=WHOLE, username=TEXT, email=TEXT, password={**TEXT, "writeOnly": True})
TAG = described("id name", id=WHOLE, name=TEXT)
TAGS = {
    "/tags": {"post": operation({"201": TAG}, described("name", name=TEXT))},
    "/tags/{id}": {"get": operation({"200": TAG})},
}


def articles(item: Any, sent: Any, change: Any = None, **more: Any) -> MockService:
    methods = {"get": operation({"200": REF}), "put": operation({"200": REF}, change or sent)}
    paths = {
        "/articles": {"post": operation({"201": REF}, sent)},
        "/articles/{id}": {**methods, "patch": operation({"200": REF}, change or sent)},
    }
    data = document({**paths, **more}, item)
    for path in data["paths"].values():
        path["parameters"] = [{**one, "schema": WHOLE} for one in path["parameters"]]
    return mock(data, is_mock=True)


@pytest.mark.parametrize(
    ("owner", "schema", "shown"),
    [
        ("author", described("id username", id=WHOLE, username=TEXT), {"id": 7, "username": "asha"}),
        ("owner_id", WHOLE, 7),
        ("createdBy", TEXT, "asha"),
    ],
)
def test_a_new_item_belongs_to_the_user_who_is_logged_in(owner: str, schema: Any, shown: Any) -> None:
    user = {"$ref": "#/components/schemas/User"}
    paths = {
        **LOGIN,
        "/users": {"post": operation({"201": user}, user)},
        "/users/{id}": {"get": operation({"200": user})},
        "/users/me": {"get": operation({"200": user})},
        "/articles": {"post": operation({"201": REF}, described(title=TEXT))},
        "/articles/{id}": {"get": operation({"200": REF})},
    }
    data = document(paths, described(f"id title {owner}", id=WHOLE, title=TEXT, **{owner: schema}))
    data["components"]["schemas"]["User"] = USER
    data["paths"]["/users/{id}"]["parameters"][0]["schema"] = WHOLE
    server = mock(data, is_mock=True)
    send(server, "POST", "/users", {"id": 7, "username": "asha", "email": "asha@example.com", "password": "secret"})
    token = body(send(server, "POST", "/auth/login", {"email": "asha@example.com", "password": "x"}))["accessToken"]
    headers = Headers({"Authorization": f"Bearer {token}", "Content-Type": "application/json"})
    made = body(server.handle(Request("POST", "/articles", "", headers, b'{"title": "a"}', NOW)))
    assert made[owner] == shown


def test_keys_that_are_sent_under_other_names_show_the_items_that_they_are_of() -> None:
    item = described("id title", id=WHOLE, title=TEXT, tag=TAG, tags={"type": "array", "items": TAG, "readOnly": True})
    sent = described(title=TEXT, tag_id=WHOLE, tag_ids={"type": "array", "items": WHOLE})
    server = articles(item, sent, **TAGS)
    for name in ("news", "cats"):
        send(server, "POST", "/tags", {"name": name})
    news, cats = {"id": 1, "name": "news"}, {"id": 2, "name": "cats"}
    made = body(send(server, "POST", "/articles", {"title": "a", "tag_id": 1, "tag_ids": [1, 2]}))
    assert (made["tag"], made["tags"], "tag_id" in made) == (news, [news, cats], False)
    changed = body(send(server, "PATCH", f"/articles/{made['id']}", {"tag_id": 2, "tag_ids": [2]}))
    assert (changed["tag"], changed["tags"]) == (cats, [cats])


def test_members_that_may_be_null_are_null_until_they_have_a_value() -> None:
    sent = described("title", title=TEXT, note=OPTIONAL)
    item = described("id title note", id=WHOLE, title=TEXT, note=OPTIONAL, closed=OPTIONAL)
    server = articles(item, sent, described(title=TEXT, note=OPTIONAL))
    assert body(send(server, "POST", "/articles", {"title": "a"})) == {
        "id": 1,
        "title": "a",
        "note": None,
        "closed": None,
    }
    assert body(send(server, "PATCH", "/articles/1", {"note": "n"}))["note"] == "n"
    assert body(send(server, "PATCH", "/articles/1", {"note": None}))["note"] is None


def test_objects_inside_of_an_item_get_the_defaults_of_their_schema_and_numbers_of_their_own() -> None:
    line = described("product", product=TEXT, quantity={**WHOLE, "default": 1}, note=OPTIONAL)
    shown = {**line, "required": ["id", "product"], "properties": {"id": WHOLE, **line["properties"]}}
    cash = described("type", type={"const": "cash"}, currency={**TEXT, "default": "EUR"})
    card = described("type", type={"const": "card"}, brand={**TEXT, "default": "visa"})
    payment = {"oneOf": [cash, card]}
    item = described("id lines", id=WHOLE, lines={"type": "array", "items": shown}, payment=payment)
    sent = described("lines", lines={"type": "array", "items": line}, payment=payment)
    order = {"lines": [{"product": "a", "quantity": 2}, {"product": "b"}], "payment": {"type": "card"}}
    made = body(send(articles(item, sent), "POST", "/articles", order))
    assert made["lines"] == [
        {"id": 1, "product": "a", "quantity": 2, "note": None},
        {"id": 2, "product": "b", "quantity": 1, "note": None},
    ]
    assert made["payment"] == {"type": "card", "brand": "visa"}


def test_put_keeps_what_it_does_not_name_where_its_schema_requires_nothing_that_items_must_have() -> None:
    item = described("id title", id=WHOLE, title=TEXT, text=TEXT)
    sent = described("title", title=TEXT, text=TEXT)
    for change, text in ((described(title=TEXT, text=TEXT), "old"), (sent, None)):
        server = articles(item, sent, change)
        send(server, "POST", "/articles", {"title": "a", "text": "old"})
        assert body(send(server, "PUT", "/articles/1", {"title": "b"})).get("text") == text


def test_what_counts_or_marks_begins_at_nothing() -> None:
    flags = described("id views approved is_active", id=WHOLE, views=WHOLE, approved=TRUTH, is_active=TRUTH)
    made = body(send(articles(flags, described(title=TEXT)), "POST", "/articles", {"title": "a"}))
    assert (made["views"], made["approved"], made["is_active"]) == (0, False, True)


@pytest.mark.parametrize(
    ("verb", "sent", "changed"),
    [
        ("check-in", {}, {"status": "checked_in"}),
        ("deactivate", {}, {"is_active": False}),
        ("mark-as-read", {}, {"read": True}),
        ("cancel", {"reason": "ill"}, {"status": "cancelled", "cancellation_reason": "ill"}),
    ],
)
def test_an_action_does_what_its_name_says(verb: str, sent: Any, changed: Any) -> None:
    states = {**TEXT, "enum": ["open", "checked_in", "cancelled"]}
    item = described("id", id=WHOLE, status=states, is_active=TRUTH, read=TRUTH, cancellation_reason=OPTIONAL)
    action = operation({"200": REF}, described(reason=TEXT) if sent else None)
    server = articles(item, described(status=states), **{f"/articles/{{id}}/{verb}": {"post": action}})
    send(server, "POST", "/articles", {})
    send(server, "POST", f"/articles/1/{verb}", sent or None)
    after = body(send(server, "GET", "/articles/1"))
    assert {name: after[name] for name in changed} == changed
