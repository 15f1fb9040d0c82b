"""Sessions of apps end: a logout revokes the tokens that come with it, and answers tell until when a token is valid."""

import json
from typing import Any

import pytest

from lookalike.service import MockService
from tests.support.pet_documents import TEXT, body, described, document, mock, operation
from tests.support.small import ask

TOKENS = described("access refresh", access=TEXT, refresh=TEXT, expires_at={**TEXT, "format": "date-time"})
REFRESH = described("refresh", refresh=TEXT)


@pytest.fixture(params=["/auth/logout", "/logout/"])
def app(request: pytest.FixtureRequest) -> tuple[MockService, str]:
    """A mock with a login, a way to refresh a token, a page for those who are logged in, and a logout."""
    bearer: dict[str, Any] = {"security": [{"bearer": []}]}
    paths = {
        "/login": {"post": operation({"200": TOKENS}, described("username password", username=TEXT, password=TEXT))},
        "/refresh": {"post": operation({"200": TOKENS, "401": {}}, REFRESH)},
        "/me": {"get": {**operation({"200": described(name=TEXT)}), **bearer}},
        request.param: {"post": {**operation({"204": None}, REFRESH), **bearer}},
    }
    schemes = {"bearer": {"type": "http", "scheme": "bearer"}}
    data = document(paths)
    data["components"]["securitySchemes"] = schemes
    return mock(data, is_mock=True), request.param


def post(server: MockService, path: str, sent: dict[str, str], token: str = "") -> Any:
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
    return ask(server, "POST", path, headers, json.dumps(sent).encode())


def login(server: MockService) -> dict[str, str]:
    found: dict[str, str] = body(post(server, "/login", {"username": "asha", "password": "secret"}))
    return found


def status(server: MockService, token: str) -> int:
    return ask(server, "GET", "/me", {"Authorization": f"Bearer {token}"}).status


def test_a_logout_revokes_the_tokens_that_come_with_it_and_no_others(app: tuple[MockService, str]) -> None:
    server, path = app
    tokens = login(server)
    assert status(server, tokens["access"]) == 200
    post(server, path, {"refresh": tokens["refresh"]}, tokens["access"])
    again = login(server)
    assert (status(server, tokens["access"]), status(server, again["access"])) == (401, 200)
    assert [post(server, "/refresh", {"refresh": one["refresh"]}).status for one in (tokens, again)] == [401, 200]


def test_a_token_of_another_issuer_outlives_a_logout(app: tuple[MockService, str]) -> None:
    server, path = app
    post(server, path, {"refresh": "theirs"}, "of-another-issuer")
    assert status(server, "of-another-issuer") == 200


def test_the_time_until_which_a_token_is_valid_lies_ahead(app: tuple[MockService, str]) -> None:
    assert login(app[0])["expires_at"] == "2027-01-15T09:00:00Z"  # an hour after the request
