"""Documents as frameworks write them for small applications: what the page that is built against one relies on."""

import re
from typing import Any

import pytest

from lookalike.contract.grounds import EFFECT, Ground
from lookalike.contract.inference.infer import infer
from tests.support.pet_documents import REF, TEXT, body, crud, document, mock, operation, send, with_members


@pytest.mark.parametrize(
    ("example", "written"),
    [
        (None, r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"),
        ("2020-01-01T10:00:00.000Z", r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"),
        ("2020-01-01 10:00:00", r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"),
    ],
)
def test_a_text_that_is_named_as_the_time_of_creation_is_one(example: str | None, written: str) -> None:
    created = {**TEXT, **({"example": example} if example else {})}
    server = mock(document(crud(), with_members(created_at=created)))
    new = body(send(server, "POST", "/pets", {"name": "a"}))
    assert re.fullmatch(written, new["created_at"])
    assert new["created_at"] != "2020-01-01T10:00:00.000Z", "the time of the example is that of another pet"


def test_texts_that_are_named_as_times_are_such_that_a_page_can_read_them() -> None:
    members = dict.fromkeys(("expiresAt", "release_date", "birthday", "last_login_at", "format", "flat"), TEXT)
    item = {"type": "object", "required": [*members], "properties": members}
    shown = body(send(mock(document({"/pets": {"get": operation({"200": item})}})), "GET", "/pets"))
    assert shown == {
        **dict.fromkeys(("expiresAt", "last_login_at"), "2024-01-01T00:00:00Z"),
        **dict.fromkeys(("release_date", "birthday"), "2024-01-01"),
        **dict.fromkeys(("format", "flat"), "string"),
    }


OWNER = {"type": "object", "required": ["id", "name"], "properties": {"id": TEXT, "name": TEXT}}
LINES = {"type": "array", "items": OWNER}
SENT = {"type": "object", "properties": {"name": TEXT, "owner": TEXT, "lines": {"type": "array", "items": TEXT}}}


def listed_with(**members: Any) -> Any:
    """A document whose list shows other forms of some members than the item that is read."""
    paths = crud()
    paths["/pets"]["get"] = operation({"200": {"type": "array", "items": with_members(**members)}})
    paths["/pets"]["post"] = operation({"201": SENT}, SENT)
    return document(paths, with_members(owner=OWNER, lines=LINES, note=TEXT))


def test_a_list_that_shows_the_keys_of_what_an_item_shows_has_what_was_made() -> None:
    data = listed_with(owner=TEXT, lines={"type": "array", "items": TEXT})
    server = mock(data)
    send(server, "POST", "/pets", {"name": "Rex", "owner": "ann", "lines": ["a", "b"]})
    read = body(send(server, "GET", "/pets/1"))
    assert (read["owner"]["id"], [one["id"] for one in read["lines"]]) == ("ann", ["a", "b"])
    assert body(send(server, "GET", "/pets")) == [{"id": 1, "name": "Rex", "owner": "ann", "lines": ["a", "b"]}]
    assert infer(data).grounds["/pets", "get"][EFFECT] is Ground.GUESSED


def test_a_list_that_shows_things_of_which_an_item_has_the_key_shows_them_with_that_key() -> None:
    paths = crud()
    paths["/pets"]["get"] = operation({"200": {"type": "array", "items": with_members(owner=OWNER)}})
    server = mock(document(paths, with_members(owner={"type": ["string", "null"]})))
    send(server, "POST", "/pets", {"name": "Rex", "owner": "ann"})
    send(server, "POST", "/pets", {"name": "Tom", "owner": None})
    first, _ = body(send(server, "GET", "/pets"))
    assert first["owner"]["id"] == "ann"
    assert first["owner"].keys() == {"id", "name"}


def test_a_creation_that_shows_what_is_sent_without_the_key_shows_what_was_sent() -> None:
    server = mock(listed_with())
    sent = {"name": "Rex", "owner": "ann", "lines": ["a"]}
    assert body(send(server, "POST", "/pets", sent)) == sent


SAID_NOTHING: list[Any] = [None, {}, {"title": "Response Of Read"}]
BOOK = {"type": "object", "properties": {"title": TEXT, "pages": {"type": "integer"}}}


@pytest.mark.parametrize("shown", SAID_NOTHING, ids=["no body", "an empty schema", "a title"])
@pytest.mark.parametrize("made", ["200", "201", "204"])
@pytest.mark.parametrize("has_read", [True, False])
def test_what_is_sent_is_kept_where_nothing_is_said_of_what_is_answered(shown: Any, made: str, has_read: bool) -> None:
    said = {"description": "", **({} if shown is None else {"content": {"application/json": {"schema": shown}}})}
    nothing = {"responses": {"200": said}}
    sending = {"requestBody": {"content": {"application/json": {"schema": BOOK}}}}
    changed = {"responses": {made: {"description": ""}}, **sending}
    on_item = {"get": nothing, "put": changed, "delete": changed}
    paths = {"/books": {"get": nothing, "post": changed}, "/books/{id}": on_item if has_read else {"put": changed}}
    data = document(paths)
    server = mock(data)
    assert send(server, "POST", "/books", {"title": "Emma", "pages": 400}).status == int(made)
    (listed,) = body(send(server, "GET", "/books"))
    assert (listed["title"], listed["pages"]) == ("Emma", 400)
    send(server, "PUT", f"/books/{listed['id']}", {"title": "Persuasion", "pages": 250})
    assert body(send(server, "GET", "/books"))[0]["title"] == "Persuasion"
    if has_read:
        assert body(send(server, "GET", f"/books/{listed['id']}"))["pages"] == 250
    assert {facts[EFFECT] for facts in infer(data).grounds.values()} == {Ground.GUESSED}


def test_what_is_sent_by_example_is_kept_whatever_each_method_calls_the_key() -> None:
    example = {"company": "Acme", "position": "clerk"}
    sending = {"requestBody": {"content": {"application/json": {"schema": {"type": "object", "example": example}}}}}
    answer: dict[str, Any] = {"responses": {"200": {"description": "", "content": {"application/json": {}}}}}
    paths = {
        "/jobs": {"get": answer, "post": {**answer, **sending}},
        "/jobs/{getId}": {"get": answer},
        "/jobs/{updateId}": {"patch": {**answer, **sending}},
        "/jobs/{deleteId}": {"delete": answer},
    }
    server = mock(document(paths))
    key = body(send(server, "POST", "/jobs", {"company": "Initech", "position": "chief"}))["id"]
    send(server, "PATCH", f"/jobs/{key}", {"position": "clerk"})
    assert body(send(server, "GET", f"/jobs/{key}")) == {"id": key, "company": "Initech", "position": "clerk"}
    send(server, "DELETE", f"/jobs/{key}")
    assert (send(server, "GET", f"/jobs/{key}").status, body(send(server, "GET", "/jobs"))) == (404, [])


def test_a_list_of_which_a_framework_says_no_type_has_the_items_that_others_describe() -> None:
    paths = crud()
    paths["/pets"]["get"] = operation({"200": {"title": "Response Read Pets"}})
    server = mock(document(paths))
    send(server, "POST", "/pets", {"name": "Rex"})
    assert body(send(server, "GET", "/pets")) == [{"id": 1, "name": "Rex"}]


@pytest.mark.parametrize("word", ["register", "signup", "create"])
def test_a_customer_that_registers_below_the_customers_is_one_of_them(word: str) -> None:
    nothing = {"responses": {"200": {"description": ""}}}
    paths = {**crud(), f"/pets/{word}": {"post": {**operation({"200": None}, REF), **nothing}}}
    server = mock(document(paths))
    send(server, "POST", f"/pets/{word}", {"name": "Rex"})
    assert [one["name"] for one in body(send(server, "GET", "/pets"))] == ["Rex"]


def test_a_verb_before_the_key_says_what_the_method_says() -> None:
    answer = operation({"200": {}})
    sending = operation({"200": {}}, BOOK)
    paths = {
        "/books": {"get": answer},
        "/books/create": {"post": sending},
        "/books/{book_id}": {"get": answer},
        "/books/edit/{book_id}": {"put": sending},
        "/books/deleteById/{book_id}": {"delete": answer},
        "/books/edit/history/{book_id}": {"get": answer},
    }
    data = document(paths)
    server = mock(data)
    created = send(server, "POST", "/books/create", {"title": "Emma", "pages": 400})
    key = body(created)["id"]
    assert created.header("Location") == f"/books/{key}"
    send(server, "PUT", f"/books/edit/{key}", {"title": "Persuasion", "pages": 250})
    assert body(send(server, "GET", f"/books/{key}"))["title"] == "Persuasion"
    send(server, "DELETE", f"/books/deleteById/{key}")
    assert send(server, "GET", f"/books/{key}").status == send(server, "PUT", f"/books/edit/{key}", BOOK).status == 404
    assert infer(data).words["/books/edit/history/{book_id}", "get"] == "answers by example"
    grounds = infer(data).grounds
    assert {facts[EFFECT] for facts in grounds.values()} == {Ground.GUESSED}


@pytest.mark.parametrize(
    ("place", "member"),
    [("owner/{owner_id}", "owner_id"), ("getByName/{petName}", "name"), ("color/{value}", "color")],
)
def test_a_value_in_the_path_of_a_list_filters_it(place: str, member: str) -> None:
    item = with_members(owner_id=TEXT, color=TEXT)
    listed = operation({"200": {"type": "array", "items": REF}})
    paths = {"/pets": {"post": operation({"201": REF}, REF), "get": listed}, f"/pets/{place}": {"get": listed}}
    server = mock(document(paths, item))
    for value in ("a", "b"):
        send(server, "POST", "/pets", {"name": value, "owner_id": value, "color": value})
    found = body(send(server, "GET", f"/pets/{place.partition('{')[0]}b"))
    assert [one[member] for one in found] == ["b"]
    assert infer(document(paths, item)).grounds[f"/pets/{place}", "get"][EFFECT] is Ground.GUESSED


def test_a_value_in_the_path_of_a_list_that_is_named_key_names_an_item() -> None:
    listed = operation({"200": {"type": "array", "items": REF}})
    paths = {"/pets": {"post": operation({"201": REF}, REF), "get": listed}, "/pets/{key}": {"get": listed}}
    assert infer(document(paths)).words["/pets/{key}", "get"] == "reads a pet by key"


def test_the_lines_of_an_order_are_listed_below_it_whatever_they_are_called_there() -> None:
    line = {"type": "object", "properties": {"id": {"type": "integer"}, "pet_id": TEXT, "title": TEXT}}
    listed = operation({"200": {"type": "array", "items": {"$ref": "#/components/schemas/Line"}}})
    made = operation({"201": {"$ref": "#/components/schemas/Line"}}, {"$ref": "#/components/schemas/Line"})
    read = operation({"200": {"$ref": "#/components/schemas/Line"}})
    paths = {**crud(), "/pet-lines": {"post": made, "get": listed}, "/pet-lines/{id}": {"get": read}}
    data = document({**paths, "/pets/{id}/items": {"get": listed}})
    data["components"]["schemas"]["Line"] = line
    server = mock(data)
    for name in ("Rex", "Tom"):
        send(server, "POST", "/pets", {"name": name})
        send(server, "POST", "/pet-lines", {"pet_id": "1", "title": name})
    send(server, "POST", "/pet-lines", {"pet_id": "2", "title": "x"})
    assert [one["title"] for one in body(send(server, "GET", "/pets/2/items"))] == ["x"]
    assert send(server, "GET", "/pets/9/items").status == 404


def test_an_action_on_an_item_that_nothing_reads_changes_it_in_the_list() -> None:
    listed = operation({"200": {"type": "array", "items": REF}})
    paths = {
        "/pets": {"post": operation({"201": REF}, REF), "get": listed},
        "/pets/{id}/deactivate": {"put": operation({"204": None})},
        "/pets/{name}/activate": {"put": operation({"204": None})},
    }
    data = document(paths, with_members(is_active={"type": "boolean"}))
    server = mock(data)
    send(server, "POST", "/pets", {"name": "Rex", "is_active": True})
    assert send(server, "PUT", "/pets/1/deactivate").status == 204
    assert body(send(server, "GET", "/pets"))[0]["is_active"] is False
    assert send(server, "PUT", "/pets/9/deactivate").status == 404
    assert infer(data).words["/pets/{name}/activate", "put"] == "answers by example"


@pytest.mark.parametrize(
    ("verb", "example", "state"),
    [("cancel", None, "cancelled"), ("approve", "PENDING", "APPROVED"), ("activate", "new", "active")],
)
def test_a_state_of_which_only_its_type_is_said_is_named_after_the_verb(verb: str, example: Any, state: str) -> None:
    status = {**TEXT, **({"example": example} if example else {})}
    paths = {**crud(), f"/pets/{{id}}/{verb}": {"post": operation({"200": REF})}}
    server = mock(document(paths, with_members(status=status)))
    send(server, "POST", "/pets", {"name": "Rex"})
    assert body(send(server, "POST", f"/pets/1/{verb}"))["status"] == state
    assert body(send(server, "GET", "/pets/1"))["status"] == state


def test_a_list_of_what_is_only_read_leads_to_what_it_lists_and_any_other_key_has_one_too() -> None:
    item = {"type": "object", "required": ["id", "name"], "properties": {"id": TEXT, "name": TEXT}}
    listed = operation({"200": {"type": "array", "items": REF}}, None, {"name": TEXT, "q": TEXT})
    read = {"get": operation({"200": REF, "404": None})}
    data = document({"/pets": {"get": listed}, "/pets/{id}": read}, item)
    server = mock(data)
    (first,) = body(send(server, "GET", "/pets"))
    assert first["id"] != "string"
    assert body(send(server, "GET", f"/pets/{first['id']}")) == first
    assert body(send(server, "GET", "/pets?name=nobody&q=nothing")) == [first], "no client could make one that is found"
    assert send(server, "GET", "/pets/another").status == 200
    assert len(body(send(server, "GET", "/pets"))) == 1
    assert {facts[EFFECT] for facts in infer(data).grounds.values()} == {Ground.GUESSED}


@pytest.mark.parametrize("shown", [{"message": TEXT}, {"access_token": TEXT, "token_type": TEXT}, None])
def test_a_sign_up_that_shows_no_user_makes_the_one_that_is_sent(shown: Any) -> None:
    user = {"type": "object", "properties": {"id": {"type": "integer"}, "email": TEXT, "name": TEXT}}
    sent = {"type": "object", "properties": {"email": TEXT, "name": TEXT, "password": TEXT}}
    answer = {"type": "object", "required": [*shown], "properties": shown} if shown else None
    paths = {
        "/auth/register": {"post": operation({"201": answer}, sent)},
        "/users": {"get": operation({"200": {"type": "array", "items": user}})},
        "/users/{id}": {"get": operation({"200": user})},
    }
    server = mock(document(paths))
    ann = {"email": "ann@example.com", "name": "Ann", "password": "Secret123"}
    joined = send(server, "POST", "/auth/register", ann)
    assert joined.status == 201
    assert body(send(server, "GET", "/users"))[-1] == {"email": "ann@example.com", "name": "Ann", "id": 1}
    if shown and "access_token" in shown:
        assert len(body(joined)["access_token"].split(".")) == 3


def test_a_login_by_a_password_alone_is_not_that_of_one_who_signed_up() -> None:
    token = {"type": "object", "required": ["token"], "properties": {"token": TEXT}}
    user = {"type": "object", "properties": {"id": {"type": "integer"}, "email": TEXT}}
    sent = {"type": "object", "properties": {"email": TEXT, "password": TEXT}}
    alone = {"type": "object", "properties": {"password": TEXT}}
    paths = {
        "/auth/register": {"post": operation({"200": token}, sent)},
        "/auth/login": {"post": operation({"200": token}, sent)},
        "/admin/login": {"post": operation({"200": token}, alone)},
        "/users/{id}": {"get": operation({"200": user})},
    }
    server = mock(document(paths), is_mock=True)
    send(server, "POST", "/auth/register", {"email": "ann@example.com", "password": "Secret123"})
    wrong = {"email": "ann@example.com", "password": "other"}
    assert send(server, "POST", "/auth/login", wrong).status == 401
    assert send(server, "POST", "/admin/login", {"password": "other"}).status == 200
