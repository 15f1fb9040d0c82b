"""Signing up, logging in, and the current user."""

from typing import Any

import pytest

from lookalike.http import Headers, Request, Response
from lookalike.service import MockService
from tests.support.pet_documents import REF, body, document, mock, operation, send

TEXT = {"type": "string"}
USER = {
    "type": "object",
    "required": ["id", "email"],
    "properties": {"id": {"type": "integer"}, "email": TEXT, "full_name": TEXT},
}
JOIN = {"type": "object", "required": ["email", "password"], "properties": {"email": TEXT, "password": TEXT}}
LOGIN = {"type": "object", "properties": {"username": TEXT, "password": TEXT}}
TOKEN = {"type": "object", "required": ["access_token"], "properties": {"access_token": TEXT, "token_type": TEXT}}
NESTED = {"type": "object", "properties": {"token": TEXT}}
ME = {
    "get": operation({"200": REF}),
    "patch": operation({"200": REF}, {"type": "object", "properties": {"full_name": TEXT}}),
}


def accounts(shown: Any = TOKEN, sent: Any = LOGIN) -> MockService:
    paths = {
        "/users": {"get": operation({"200": {"type": "array", "items": REF}}), "post": operation({"201": REF}, JOIN)},
        "/users/{id}": {"get": operation({"200": REF})},
        "/users/signup": {"post": operation({"200": REF}, JOIN)},
        "/users/me": ME,
        "/login": {"post": operation({"200": shown}, sent)},
    }
    return mock(document(paths, USER))


def asked(server: MockService, method: str, path: str, token: str, sent: bytes = b"") -> Response:
    fields = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    return server.handle(Request(method, path, "", Headers(fields), sent))


def test_a_user_who_signs_up_and_logs_in_is_the_one_who_asks() -> None:
    server = accounts()
    for name in ("asha", "ben"):
        joined = body(send(server, "POST", "/users/signup", {"email": f"{name}@example.com", "password": "secret"}))
        assert joined["email"] == f"{name}@example.com"
        assert "password" not in joined
    login = body(send(server, "POST", "/login", {"username": "ben@example.com", "password": "secret"}))
    assert login["token_type"] == "bearer"
    token = login["access_token"]
    assert body(asked(server, "GET", "/users/me", token))["email"] == "ben@example.com"
    assert body(asked(server, "PATCH", "/users/me", token, b'{"full_name": "Ben"}'))["full_name"] == "Ben"
    assert [one.get("full_name") for one in body(send(server, "GET", "/users"))] == [None, "Ben"]


def test_there_is_a_user_who_asks_also_before_anybody_signed_up() -> None:
    assert "email" in body(send(accounts(), "GET", "/users/me"))


@pytest.mark.parametrize(
    ("shown", "place"),
    [
        ({"type": "object", "properties": {"access": TEXT, "refresh": TEXT}}, ["access"]),
        ({"type": "object", "properties": {"accessToken": TEXT, "expiresIn": {"type": "integer"}}}, ["accessToken"]),
        (
            {"type": "object", "properties": {"data": {"type": "object", "properties": {"token": TEXT}}}},
            ["data", "token"],
        ),
    ],
)
def test_a_login_gives_a_token_that_says_whose_it_is_wherever_the_document_shows_it(
    shown: Any, place: list[str]
) -> None:
    server = accounts(shown)
    send(server, "POST", "/users/signup", {"email": "a@example.com", "password": "secret"})
    send(server, "POST", "/users/signup", {"email": "b@example.com", "password": "secret"})
    found: Any = body(send(server, "POST", "/login", {"username": "b@example.com", "password": "secret"}))
    for name in place:
        found = found[name]
    assert body(asked(server, "GET", "/users/me", found))["email"] == "b@example.com"


def test_an_answer_with_a_token_is_no_login_where_no_secret_is_sent() -> None:
    sent = {"type": "object", "properties": {"name": TEXT}}
    server = accounts(TOKEN, sent)
    tokens = {body(send(server, "POST", "/login", {"name": name}))["access_token"] for name in ("x", "y")}
    assert len(tokens) == 1, "the token says whose it is"


def test_users_who_are_only_known_to_themselves_sign_up_and_log_in_in_envelopes() -> None:
    shown = {
        "type": "object",
        "required": ["email", "username", "token", "bio"],
        "properties": dict.fromkeys(("email", "username", "token", "bio"), TEXT),
    }
    sent = {"type": "object", "properties": dict.fromkeys(("email", "username", "password", "bio"), TEXT)}
    login = {"type": "object", "properties": dict.fromkeys(("email", "password"), TEXT)}
    answer, joined, logged, changed = (
        {"type": "object", "required": ["user"], "properties": {"user": one}} for one in (REF, sent, login, sent)
    )
    paths = {
        "/users": {"post": operation({"201": answer}, joined)},
        "/users/login": {"post": operation({"200": answer}, logged)},
        "/user": {"get": operation({"200": answer}), "put": operation({"200": answer}, changed)},
    }
    server = mock(document(paths, shown), is_mock=True)
    for name in ("asha", "ben"):
        sent_user = {"email": f"{name}@example.com", "username": name, "password": "secret"}
        joined_user = body(send(server, "POST", "/users", {"user": sent_user}))["user"]
        assert "password" not in joined_user
        assert joined_user["token"].count(".") == 2
    credentials = {"email": "ben@example.com", "password": "secret"}
    token = body(send(server, "POST", "/users/login", {"user": credentials}))["user"]["token"]
    assert body(asked(server, "GET", "/user", token))["user"]["username"] == "ben"
    put = body(asked(server, "PUT", "/user", token, b'{"user": {"bio": "A sailor"}}'))["user"]
    assert (put["username"], put["bio"], put["email"]) == ("ben", "A sailor", "ben@example.com")
    wrong = {**credentials, "password": "wrong"}
    assert send(server, "POST", "/users/login", {"user": wrong}).status == 401


def test_a_user_nobody_made_has_the_name_that_he_signs_in_with_where_that_can_be_so_and_a_url_of_his_own() -> None:
    address, url = {**TEXT, "format": "email"}, {**TEXT, "format": "uri", "readOnly": True}
    user = {"type": "object", "properties": {"email": address, "login": TEXT, "url": url}}
    read, every = operation({"200": REF}), operation({"200": {"type": "array", "items": REF}})
    paths = {"/me": {"get": read}, "/users": {"get": every}, "/users/{login}": {"get": read}}
    server = mock(document({**paths, "/login": {"post": operation({"200": TOKEN}, LOGIN)}}, user), is_mock=True)
    token = body(send(server, "POST", "/login", {"username": "asha", "password": "secret"}))["access_token"]
    me = body(asked(server, "GET", "/me", token))
    assert me["login"] == "asha"
    assert me["email"] == "user@example.com"
    assert me["url"].endswith("/users/asha")


@pytest.mark.parametrize("told_by", ["scheme", "answer"])
def test_a_login_without_a_token_sets_a_cookie_which_says_whose_session_it_is_and_a_logout_clears_it(
    told_by: str,
) -> None:
    login, logout = operation({"200": REF, "401": None}, LOGIN), operation({"204": None})
    paths = {
        "/users": {"get": operation({"200": {"type": "array", "items": REF}}), "post": operation({"201": REF}, JOIN)},
        "/users/{id}": {"get": operation({"200": REF})},
        "/users/me": ME,
        "/auth/login": {"post": login},
        "/auth/logout": {"post": logout},
    }
    described = document(paths, USER)
    if told_by == "scheme":
        cookie = {"type": "apiKey", "in": "cookie", "name": "sid"}
        described["components"]["securitySchemes"] = {"session": cookie}
    else:
        field = {"schema": {"type": "string", "example": "sid=abc; Path=/"}}
        for one in ("/auth/login", "/auth/logout"):
            for answer in described["paths"][one]["post"]["responses"].values():
                answer["headers"] = {"Set-Cookie": field}
    server = mock(described, is_mock=True)
    for name in ("asha", "ben"):
        send(server, "POST", "/users", {"email": f"{name}@example.com", "password": "secret"})
    logged = send(server, "POST", "/auth/login", {"username": "ben@example.com", "password": "secret"})
    assert body(logged)["email"] == "ben@example.com"
    cookie_set = logged.header("Set-Cookie") or ""
    assert cookie_set.startswith("sid=")
    fields = Headers({"Cookie": f"theme=dark; {cookie_set.partition(';')[0]}"})
    assert body(server.handle(Request("GET", "/users/me", "", fields, b"")))["email"] == "ben@example.com"
    wrong = {"username": "ben@example.com", "password": "wrong"}
    assert send(server, "POST", "/auth/login", wrong).status == 401
    assert (send(server, "POST", "/auth/logout").header("Set-Cookie") or "").startswith("sid=; Path=/; Max-Age=0")
