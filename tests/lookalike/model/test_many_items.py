"""Apps change, delete and search many items by one request, by their keys or by conditions in the body."""

import json
from typing import Any

import pytest

from lookalike.contract.grounds import EFFECT, Ground
from lookalike.contract.inference.infer import infer
from lookalike.openapi.document import parse_document
from lookalike.service import MockService
from tests.support.pet_documents import TEXT, body, described, document, mock, operation, send

REF = {"$ref": "#/components/schemas/Pet"}
WHOLE, KEYS = {"type": "integer"}, {"type": "array", "items": {"type": "integer"}}
STATUS = {"enum": ["open", "closed"]}
ITEM = described("id title status", id=WHOLE, title=TEXT, status=STATUS, age={"type": ["integer", "null"]})
LIST = {"type": "array", "items": REF}


def tickets(**more: Any) -> MockService:
    """A mock of three tickets, `a` to `c`, of the ages 1 to 3; `more` are operations by the words of their path."""
    made = operation({"201": REF}, described("title", title=TEXT, age=WHOLE))
    paths = {
        "/tickets": {"get": operation({"200": LIST}), "post": made},
        "/tickets/{id}": {"get": operation({"200": REF})},
    }
    for word, methods in more.items():
        paths.setdefault(f"/tickets/{word.replace('_', '-')}".removesuffix("/"), {}).update(methods)
    server = mock(document(paths, ITEM), is_mock=True)
    for age, title in enumerate("abc", 1):
        send(server, "POST", "/tickets", {"title": title, "age": age})
    return server


def titles(server: MockService, **wanted: Any) -> str:
    found = body(send(server, "GET", "/tickets"))
    return "".join(one["title"] for one in found if wanted.items() <= one.items())


CHANGE = described("id", id=WHOLE, status=STATUS, title=TEXT)


@pytest.mark.parametrize(
    ("sent", "shown", "wrapped"),
    [
        ({"type": "array", "items": CHANGE}, LIST, False),
        (described("tickets", tickets={"type": "array", "items": CHANGE}), described(tickets=LIST), True),
    ],
)
def test_each_item_of_a_list_of_changes_is_changed_by_its_key(sent: Any, shown: Any, *, wrapped: bool) -> None:
    server = tickets(bulk={"patch": operation({"200": shown}, sent)})
    changes = [{"id": 3, "status": "closed"}, {"id": 1, "title": "z"}]
    found = body(send(server, "PATCH", "/tickets/bulk", {"tickets": changes} if wrapped else changes))
    rows = found["tickets"] if wrapped else found
    assert [(one["id"], one["title"], one["status"]) for one in rows] == [(3, "c", "closed"), (1, "z", "open")]
    assert (titles(server), titles(server, status="closed")) == ("zbc", "c")


def test_items_are_changed_by_their_keys_and_the_members_beside_them() -> None:
    sent, shown = described("ids", ids=KEYS, status=STATUS), described("affected", affected=WHOLE)
    server = tickets(bulk={"patch": operation({"200": shown}, sent)})
    assert body(send(server, "PATCH", "/tickets/bulk", {"ids": [1, 3, 9], "status": "closed"})) == {"affected": 2}
    assert (titles(server, status="closed"), "ids" in body(send(server, "GET", "/tickets/1"))) == ("ac", False)
    assert titles(server) == "abc"


def test_items_are_changed_by_their_keys_and_the_verb_of_the_path() -> None:
    sent, shown = described("ticket_ids", ticket_ids=KEYS), described("count", count=WHOLE, failed=WHOLE)
    server = tickets(bulk_close={"post": operation({"200": shown}, sent)})
    assert body(send(server, "POST", "/tickets/bulk-close", {"ticket_ids": [1, 2]})) == {"count": 2, "failed": 0}
    assert titles(server, status="closed") == "ab"


def test_a_change_without_keys_changes_nothing() -> None:
    sent, shown = described(ids=KEYS, status=STATUS), described("updated", updated=WHOLE)
    server = tickets(bulk={"patch": operation({"200": shown}, sent)})
    assert body(send(server, "PATCH", "/tickets/bulk", {"status": "closed"})) == {"updated": 0}
    assert titles(server, status="closed") == ""


def test_an_unknown_key_among_changes_is_refused_where_404_is_documented() -> None:
    change = operation({"200": LIST, "404": {}}, {"type": "array", "items": CHANGE})
    server = tickets(bulk={"patch": change})
    assert send(server, "PATCH", "/tickets/bulk", [{"id": 1, "title": "z"}, {"id": 9, "title": "y"}]).status == 404
    assert titles(server) == "abc"


def test_a_deletion_of_many_tells_how_many_or_which() -> None:
    sent, shown = described("ids", ids=KEYS), described("deleted deletedIds", deleted=WHOLE, deletedIds=KEYS)
    server = tickets(batch_delete={"post": operation({"200": shown}, sent)})
    assert body(send(server, "POST", "/tickets/batch-delete", {"ids": [1, 2]})) == {"deleted": 2, "deletedIds": [1, 2]}
    assert titles(server) == "c"


def test_a_creation_of_many_tells_how_many() -> None:
    sent = described("tickets", tickets={"type": "array", "items": described("title", title=TEXT, age=WHOLE)})
    answer = described(data=described("accepted", accepted=WHOLE, rejected=WHOLE))
    server = tickets(batch={"post": operation({"200": answer}, sent)})
    made = body(send(server, "POST", "/tickets/batch", {"tickets": [{"title": "d"}, {"title": "e"}]}))
    assert (made, titles(server)) == ({"data": {"accepted": 2, "rejected": 0}}, "abcde")


CONDITION = described("field value", field=TEXT, operator=TEXT, value={})
ORDER = described("field", field=TEXT, direction={"enum": ["asc", "desc"]})
SEARCH = described(
    filters={"type": "array", "items": CONDITION},
    sort={"type": "array", "items": ORDER},
)


def condition(field: str, operator: str, value: Any) -> dict[str, Any]:
    return {"field": field, "operator": operator, "value": value}


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        ({"filters": [condition("age", "gte", 2)]}, "bc"),
        ({"filters": [condition("age", "gte", 2), condition("title", "neq", "c")]}, "b"),
        ({"filters": [condition("age", "GREATER_THAN", "1"), condition("age", "<", 3)]}, "b"),
        ({"filters": [condition("title", "in", ["a", "c"])]}, "ac"),
        ({"filters": [condition("title", "NOT_IN", ["a", "c"])]}, "b"),
        ({"filters": [{"field": "title", "value": "b"}]}, "b"),
        ({"filters": [condition("weight", "eq", 3), condition("age", "resembles", 3)]}, "abc"),
        ({"sort": [{"field": "age", "direction": "desc"}]}, "cba"),
        ({}, "abc"),
    ],
)
def test_a_search_finds_by_conditions_that_name_their_fields(sent: Any, found: str) -> None:
    server = tickets(search={"post": operation({"200": LIST}, SEARCH)})
    assert "".join(one["title"] for one in body(send(server, "POST", "/tickets/search", sent))) == found


def test_a_search_finds_by_one_of_several_groups_of_conditions() -> None:
    group = described(filters={"type": "array", "items": CONDITION})
    search = operation({"200": LIST}, described(filterGroups={"type": "array", "items": group}))
    server, young, last = tickets(search={"post": search}), condition("age", "LT", 2), condition("title", "EQ", "c")
    sent = {"filterGroups": [{"filters": [young]}, {"filters": [last, condition("age", "GTE", 3)]}]}
    assert [one["title"] for one in body(send(server, "POST", "/tickets/search", sent))] == ["a", "c"]


def test_names_with_values_are_no_conditions() -> None:
    pair = described("name value", name=TEXT, value=TEXT)
    search = operation({"200": LIST}, described(tags={"type": "array", "items": pair}, title=TEXT))
    server = tickets(search={"post": search})
    found = body(send(server, "POST", "/tickets/search", {"tags": [{"name": "age", "value": "1"}], "title": "b"}))
    assert [one["title"] for one in found] == ["b"]


@pytest.mark.parametrize(
    ("method", "shown", "status"), [("patch", LIST, "200"), ("post", described(count=WHOLE), "201")]
)
def test_what_is_done_with_many_items_is_guessed_and_accuses_no_server(method: str, shown: Any, status: str) -> None:
    paths = {
        "/tickets": {"get": operation({"200": LIST}), method: operation({status: shown}, LIST)},
        "/tickets/new": {"post": operation({"201": REF}, REF)},
        "/tickets/{id}": {"get": operation({"200": REF})},
    }
    found = infer(parse_document(json.dumps(document(paths, ITEM)), "small.json").data)
    assert ("/tickets", method) in found.operations
    assert found.grounds["/tickets", method][EFFECT] == Ground.GUESSED
