"""Documents as FastAPI, Django and NestJS make them of code: users, pages, actions and files as clients expect them."""

import pytest

from lookalike.contract.grounds import EFFECT, Ground
from lookalike.contract.inference.infer import infer
from lookalike.http import Headers, Request, Response
from lookalike.service import MockService
from tests.support.in_process import NOW
from tests.support.pet_documents import LOGIN, NUMBER, TEXT, TRUTH, body, described, document, mock, operation, send

REF = {"$ref": "#/components/schemas/Pet"}


USER = described("id email", id=TEXT, email=TEXT, roles={"type": "array", "items": TEXT})
ARTICLE = described("id title published", id=TEXT, title=TEXT, published=TRUTH)
META = described(page=NUMBER, take=NUMBER, itemCount=NUMBER, hasPreviousPage=TRUTH, hasNextPage=TRUTH)
PAGE = described("meta data", meta=META, data={"type": "array", "items": REF})


def as_user(server: MockService, method: str, target: str, token: str) -> Response:
    return server.handle(Request(method, target, "", Headers({"Authorization": f"Bearer {token}"}), b"", NOW))


@pytest.mark.parametrize("profile", ["/auth/profile", "/users/me", "/whoami"])
def test_the_profile_is_that_of_the_one_who_logged_in_though_users_have_no_other_path(profile: str) -> None:
    data = document({**LOGIN, profile: {"get": operation({"200": REF}), "patch": operation({"200": REF}, REF)}}, USER)
    server = mock(data)
    for name in ("asha@example.com", "mo@example.com"):
        token = body(send(server, "POST", "/auth/login", {"email": name, "password": "secret"}))["accessToken"]
        assert body(as_user(server, "GET", profile, token))["email"] == name
    assert {facts[EFFECT] for facts in infer(data).grounds.values()} == {Ground.GUESSED}


def articles() -> MockService:
    paging = {"page": {"type": "number", "default": 1}, "take": {"type": "number", "default": 2}}
    paths = {
        "/articles": {"get": operation({"200": PAGE}, query=paging), "post": operation({"201": REF}, ARTICLE)},
        "/articles/{id}": {"get": operation({"200": REF})},
        "/articles/{id}/publish": {"post": operation({"201": REF})},
        "/articles/{id}/clone": {"post": operation({"201": REF})},
    }
    server = mock(document(paths, ARTICLE))
    for title in "abc":
        send(server, "POST", "/articles", {"id": title, "title": title, "published": False})
    return server


def test_an_envelope_says_which_page_it_is_and_what_is_before_and_behind() -> None:
    server = articles()
    first = {"page": 1, "take": 2, "itemCount": 3, "hasPreviousPage": False, "hasNextPage": True}
    assert body(send(server, "GET", "/articles"))["meta"] == first
    last = body(send(server, "GET", "/articles?page=2"))
    assert last["meta"] == {**first, "page": 2, "hasPreviousPage": True, "hasNextPage": False}
    assert [one["title"] for one in last["data"]] == ["c"]


def test_the_numbers_of_the_pages_before_and_behind_are_null_where_there_are_none() -> None:
    page = {"type": ["integer", "null"]}
    members = {"page": NUMBER, "next_page": page, "previous_page": page, "nextOffset": page, "total_entries": page}
    pagination = described(" ".join(members), **members)
    listed = described(
        "meta", meta=described("pagination", pagination=pagination), articles={"type": "array", "items": REF}
    )
    paging = {"page": NUMBER, "per_page": {**NUMBER, "default": 2}}
    paths = {"/articles": {"get": operation({"200": listed}, query=paging), "post": operation({"201": REF}, ARTICLE)}}
    server = mock(document(paths, ARTICLE))
    for title in "abc":
        send(server, "POST", "/articles", {"id": title, "title": title, "published": False})
    shown = [body(send(server, "GET", f"/articles?page={one}"))["meta"]["pagination"] for one in (1, 2)]
    assert shown[0] == {"page": 1, "next_page": 2, "previous_page": None, "nextOffset": 2, "total_entries": 3}
    assert shown[1] == {"page": 2, "next_page": None, "previous_page": 1, "nextOffset": None, "total_entries": 3}


def test_an_action_that_is_answered_201_changes_the_item_and_a_copy_does_not() -> None:
    server = articles()
    assert body(send(server, "POST", "/articles/a/publish"))["published"] is True
    assert body(send(server, "GET", "/articles/a")) == {"id": "a", "title": "a", "published": True}
    assert send(server, "POST", "/articles/b/clone").status == 201
    assert body(send(server, "GET", "/articles/b"))["published"] is False


def test_a_page_behind_a_list_without_a_page_size_is_empty() -> None:
    listed = described(count={"type": "integer"}, results={"type": "array", "items": REF})
    listing = operation({"200": listed}, query={"page": {"type": "integer"}})
    server = mock(document({"/articles": {"get": listing, "post": operation({"201": REF}, ARTICLE)}}, ARTICLE))
    send(server, "POST", "/articles", {"id": "a", "title": "a", "published": True})
    assert [len(body(send(server, "GET", f"/articles?page={page}"))["results"]) for page in (1, 2)] == [1, 0]


def test_a_file_that_is_sent_beside_the_collection_is_read_in_it() -> None:
    file = described("id", id=TEXT, originalname=TEXT, mimetype=TEXT, size=NUMBER)
    form = {
        "requestBody": {"content": {"multipart/form-data": {"schema": described(file={**TEXT, "format": "binary"})}}}
    }
    paths = {
        "/files/upload": {"post": {**operation({"201": REF}), **form}},
        "/files/{id}": {"get": operation({"200": REF})},
    }
    server = mock(document(paths, file))
    disposition = b'Content-Disposition: form-data; name="file"; filename="a.txt"\r\n'
    part = b"--x\r\n" + disposition + b"Content-Type: text/plain\r\n\r\nhello\r\n--x--\r\n"
    headers = Headers({"Content-Type": "multipart/form-data; boundary=x"})
    made = body(server.handle(Request("POST", "/files/upload", "", headers, part, NOW)))
    assert (made["originalname"], made["mimetype"], made["size"]) == ("a.txt", "text/plain", 5)
    assert body(send(server, "GET", f"/files/{made['id']}")) == made


NOTE = described("id body", id={"type": "integer"}, body=TEXT)
TICKET = described(
    "id locked closed_at active", id=TEXT, locked=TRUTH, active=TRUTH, closed_at={"type": ["string", "null"]}
)


def test_a_parent_is_the_same_under_another_name_of_its_parameter() -> None:
    listed = {"type": "array", "items": NOTE}
    paths = {
        "/tickets": {"post": operation({"201": REF}, described(id=TEXT))},
        "/tickets/{ticket_id}": {"get": operation({"200": REF}), "delete": operation({"204": None})},
        "/tickets/{ticket_id}/notes": {"get": operation({"200": listed}), "post": operation({"201": NOTE}, NOTE)},
        "/tickets/{id}/notes/{note_id}": {"get": operation({"200": NOTE})},
    }
    server = mock(document(paths, TICKET))
    send(server, "POST", "/tickets", {"id": "a"})
    send(server, "POST", "/tickets", {"id": "b"})
    made = send(server, "POST", "/tickets/a/notes", {"id": 3, "body": "x"})
    assert made.header("Location") == "/tickets/a/notes/3"
    assert body(send(server, "GET", "/tickets/a/notes/3")) == {"id": 3, "body": "x"}
    assert [len(body(send(server, "GET", f"/tickets/{key}/notes"))) for key in "ab"] == [1, 0]
    send(server, "DELETE", "/tickets/a")
    assert send(server, "GET", "/tickets/a/notes/3").status == 404


def test_a_new_item_is_neither_locked_nor_closed() -> None:
    paths = {
        "/tickets": {"post": operation({"201": REF}, described(id=TEXT))},
        "/tickets/{id}": {"get": operation({"200": REF})},
    }
    made = body(send(mock(document(paths, TICKET)), "POST", "/tickets", {"id": "a"}))
    assert made == {"id": "a", "locked": False, "active": True, "closed_at": None}
