"""Secrets are hidden where their names show them, and wherever else they stand."""

import pytest

from lookalike.http import Headers, ObservedExchange, Request, Response
from lookalike.verify.traffic.secrets import TrafficSecrets

SECRET = "s3cr3t-of-asha"


def exchange(request: Request, response: Response | None = None) -> ObservedExchange:
    return ObservedExchange(1, "http://a.test", request, response or Response(200))


@pytest.mark.parametrize(
    "request_",
    [
        Request("GET", "/a", headers=Headers({"Authorization": f"Bearer {SECRET}"})),
        Request("GET", "/a", headers=Headers({"X-Api-Key": SECRET})),
        Request("GET", "/a", headers=Headers({"X-Tenant-Pass": SECRET})),
        Request("GET", "/a", headers=Headers({"Cookie": f"a=1; sid={SECRET}"})),
        Request("GET", "/a", f"page=2&api_key={SECRET}"),
        Request("POST", "/a", body=f'{{"name": "a", "password": "{SECRET}"}}'.encode()),
        Request(
            "POST",
            "/a",
            headers=Headers({"Content-Type": "application/x-www-form-urlencoded"}),
            body=f"user=a&client_secret={SECRET}".encode(),
        ),
    ],
    ids=["authorization", "API key", "key of the document", "cookie", "query", "JSON", "form"],
)
def test_a_secret_of_a_request_is_hidden_in_every_later_text(request_: Request) -> None:
    secrets = TrafficSecrets(["x-tenant-pass"])
    secrets.learn(exchange(request_))
    assert secrets.hide(f"/who?is={SECRET}") == "/who?is=$SECRET"


def test_a_secret_of_an_answer_is_hidden_from_then_on() -> None:
    secrets = TrafficSecrets()
    secrets.learn(exchange(Request("POST", "/login"), Response(200, (), f'{{"access_token":"{SECRET}"}}'.encode())))
    assert secrets.hide(SECRET) == "$SECRET"


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("Authorization", "Bearer ab", "Bearer $SECRET"),
        ("X-Api-Key", "ab", "$SECRET"),
        ("Cookie", "a=1; b=2", "a=$SECRET; b=$SECRET"),
        ("Set-Cookie", "sid=ab; Path=/; HttpOnly", "sid=$SECRET; Path=/; HttpOnly"),
        ("X-Page", "7", "7"),
        ("Monkey", "see", "see"),
    ],
)
def test_even_a_short_secret_is_hidden_in_its_own_field(name: str, value: str, shown: str) -> None:
    assert TrafficSecrets().hide_in_field(name, value) == shown


def test_even_a_short_secret_is_hidden_in_its_own_place_of_a_body_and_others_stay() -> None:
    body = '{"pin": "x", "password": "a\\"b", "next_page_token": "7", "author": "ab", "token":"t"}'
    shown = '{"pin": "x", "password": "$SECRET", "next_page_token": "7", "author": "ab", "token":"$SECRET"}'
    assert TrafficSecrets().hide_in_body(body, "application/json") == shown
    assert TrafficSecrets().hide_in_query("a=1&api_key=ab&monkey=b") == "a=1&api_key=$SECRET&monkey=b"


def test_remembered_secrets_are_bounded() -> None:
    secrets = TrafficSecrets()
    for number in range(101):
        secrets.learn(exchange(Request("GET", "/a", headers=Headers({"Authorization": f"Bearer token-{number:06}"}))))
    assert secrets.hide("token-000100") == "$SECRET"
    assert secrets.hide("token-000000") == "token-000000"
