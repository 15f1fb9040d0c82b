"""Security schemes of every type, alone and together, with and without a table of tokens."""

import base64
from typing import Any

import pytest

from lookalike.assembly import token_tables
from lookalike.errors import UsageError
from lookalike.http import Response
from lookalike.model.strictness import Strictness
from tests.support.small import ask, document, mock

SCHEMES: dict[str, Any] = {
    "basic": {"type": "http", "scheme": "Basic"},
    "bearer": {"type": "http", "scheme": "bearer"},
    "digest": {"type": "http", "scheme": "digest"},
    "header": {"type": "apiKey", "in": "header", "name": "X-Key"},
    "query": {"type": "apiKey", "in": "query", "name": "k"},
    "cookie": {"type": "apiKey", "in": "cookie", "name": "sid"},
    "oauth": {"type": "oauth2", "flows": {}},
    "openid": {"type": "openIdConnect", "openIdConnectUrl": "https://x.example/"},
    "mtls": {"type": "mutualTLS"},
}


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


REALM = 'Basic realm="API", charset="UTF-8"'
RIGHT: dict[str, tuple[str, dict[str, str]]] = {
    "basic": ("/x", {"Authorization": basic("ann:p:w")}),
    "bearer": ("/x", {"Authorization": "Bearer t1"}),
    "digest": ("/x", {"Authorization": 'Digest username="ann", nonce="1"'}),
    "header": ("/x", {"x-key": "t1"}),
    "query": ("/x?k=t1", {}),
    "cookie": ("/x", {"Cookie": "a=b; sid=t1"}),
    "oauth": ("/x", {"Authorization": "bearer t1"}),
    "openid": ("/x", {"Authorization": "Bearer t1"}),
    "mtls": ("/x", {}),
}
WRONG: dict[str, tuple[str, dict[str, str]]] = {
    "basic": ("/x", {"Authorization": basic("ann:other")}),
    "bearer": ("/x", {"Authorization": "Bearer t2"}),
    "header": ("/x", {"x-key": "t2"}),
    "query": ("/x?k=t2", {}),
    "cookie": ("/x", {"Cookie": "sid=t2"}),
    "oauth": ("/x", {"Authorization": "Bearer t2"}),
    "openid": ("/x", {"Authorization": "Bearer t2"}),
}
CHALLENGES = {
    "basic": REALM,
    "bearer": "Bearer",
    "digest": "Digest",
    "header": 'ApiKey in="header", name="X-Key"',
    "query": 'ApiKey in="query", name="k"',
    "cookie": 'ApiKey in="cookie", name="sid"',
    "oauth": "Bearer",
    "openid": "Bearer",
}
USER = [{"username": "ann", "password": "p:w"}]
TABLE = token_tables({name: USER if name == "basic" else [{"token": "t1"}] for name in WRONG}, "tokens")


def secured(
    *security: dict[str, list[str]], tokens: Any = None, answers: tuple[str, ...] = ("200",), **more: Any
) -> Any:
    responses = {status: {"description": status} for status in answers}
    data = document(
        {"/x": {"get": {"security": list(security), "responses": responses}}},
        components={"securitySchemes": SCHEMES},
    )
    return mock(data, tokens, **more)


def challenges(answer: Response) -> list[str]:
    return [value for name, value in answer.headers if name == "WWW-Authenticate"]


@pytest.mark.parametrize("name", SCHEMES)
@pytest.mark.parametrize("tokens", [None, TABLE], ids=["without a table", "with a table"])
def test_good_credentials_are_let_in(name: str, tokens: Any) -> None:
    target, headers = RIGHT[name]
    assert ask(secured({name: []}, tokens=tokens), "GET", target, headers).status == 200


@pytest.mark.parametrize("name", CHALLENGES)
def test_without_credentials_the_answer_is_401_and_says_what_to_send(name: str) -> None:
    answer = ask(secured({name: []}), "GET", "/x")
    assert (answer.status, challenges(answer)) == (401, [CHALLENGES[name]])


@pytest.mark.parametrize("name", WRONG)
def test_with_a_table_other_credentials_are_refused_and_without_one_they_are_good(name: str) -> None:
    target, headers = WRONG[name]
    answer = ask(secured({name: []}, tokens=TABLE), "GET", target, headers)
    assert answer.status == 401
    assert len(challenges(answer)) == 1
    assert ask(secured({name: []}), "GET", target, headers).status == 200


@pytest.mark.parametrize(
    ("name", "target", "headers"),
    [
        ("basic", "/x", {"Authorization": "Basic"}),
        ("basic", "/x", {"Authorization": "Basic YQ=="}),
        ("basic", "/x", {"Authorization": "Basic %%%"}),
        ("basic", "/x", {"Authorization": "Basic /w=="}),
        ("basic", "/x", {"Authorization": "Basic \udcff"}),
        ("bearer", "/x", {"Authorization": "Bearer a b"}),
        ("bearer", "/x", {"Authorization": "Bearer"}),
        ("bearer", "/x", {"Authorization": basic("a:b")}),
        ("digest", "/x", {"Authorization": "Digest"}),
        ("digest", "/x", {"Authorization": basic("a:b")}),
        ("header", "/x", {"X-Key": " "}),
        ("header", "/x?X-Key=t1", {"Cookie": "X-Key=t1"}),
        ("query", "/x?k=", {"k": "t1"}),
        ("cookie", "/x", {"Cookie": "sid"}),
    ],
)
def test_what_is_not_of_the_form_of_credentials_is_refused_without_a_table_too(
    name: str, target: str, headers: dict[str, str]
) -> None:
    assert ask(secured({name: []}), "GET", target, headers).status == 401


def test_every_way_in_is_told_where_no_credentials_came() -> None:
    server = secured({"header": []}, {"bearer": []})
    assert ask(server, "GET", "/x").header("Lookalike-Reason") == (
        "no API key came in the header X-Key, and no bearer token came with the request"
    )


@pytest.mark.parametrize("sent", ["Bearer", basic("a:b")])
def test_what_is_no_bearer_token_is_told_from_a_token_that_is_not_valid(sent: str) -> None:
    reasons = [
        ask(secured({"bearer": []}, tokens=TABLE), "GET", "/x", {"Authorization": one}).header("Lookalike-Reason")
        for one in (sent, "Bearer t2")
    ]
    assert reasons == [
        "the Authorization header is not of the form Bearer TOKEN",
        "the token is not one that is valid here",
    ]


def test_all_of_a_requirement_must_be_met_and_one_of_the_requirements_suffices() -> None:
    server = secured({"header": [], "query": []}, {"bearer": []}, tokens=TABLE)
    found = {
        (key, query, token): ask(
            server,
            "GET",
            f"/x?k={query}",
            {**({"X-Key": key} if key else {}), **({"Authorization": f"Bearer {token}"} if token else {})},
        ).status
        for key in ("", "t1", "t2")
        for query in ("", "t1")
        for token in ("", "t1", "t2")
    }
    assert {at for at, status in found.items() if status == 200} == {
        *((key, query, "t1") for key in ("", "t1", "t2") for query in ("", "t1")),
        *(("t1", "t1", token) for token in ("", "t2")),
    }
    assert set(found.values()) == {200, 401}


def test_a_refusal_by_several_schemes_names_the_challenge_of_each_once() -> None:
    server = secured({"basic": []}, {"bearer": []}, {"oauth": []}, {"header": []}, tokens=TABLE)
    assert challenges(ask(server, "GET", "/x")) == [REALM, "Bearer", CHALLENGES["header"]]
    tried = ask(server, "GET", "/x", {"Authorization": "Bearer t2"})
    assert challenges(tried)[:1] in ([REALM], ['Bearer error="invalid_token"'])
    assert sorted(challenges(tried)) == sorted([REALM, 'Bearer error="invalid_token"', CHALLENGES["header"]])


@pytest.mark.parametrize("security", [[], [{}], [{"bearer": []}, {}], [{"mtls": []}]])
def test_an_empty_requirement_lets_everybody_in(security: Any) -> None:
    assert ask(secured(*security, tokens=TABLE), "GET", "/x").status == 200
    assert ask(secured(*security, tokens=TABLE), "GET", "/x", {"Authorization": "Bearer wrong"}).status == 200


SCOPED = token_tables(
    {
        "oauth": [
            {"token": "r", "scopes": ["read"]},
            {"token": "rw", "scopes": ["read", "write"]},
            {"token": "any"},
            {"token": "no", "scopes": []},
        ]
    },
    "f",
)


@pytest.mark.parametrize(("token", "status"), [("r", 403), ("no", 403), ("rw", 200), ("any", 200), ("none", 401)])
def test_scopes_count_where_the_table_names_them(token: str, status: int) -> None:
    server = secured({"oauth": ["read", "write"]}, tokens=SCOPED)
    answer = ask(server, "GET", "/x", {"Authorization": f"Bearer {token}"})
    assert answer.status == status
    if status == 403:
        assert challenges(answer) == ['Bearer error="insufficient_scope", scope="read write"']


def test_a_token_that_lacks_a_scope_may_meet_another_requirement() -> None:
    server = secured({"oauth": ["write"]}, {"oauth": ["read"]}, tokens=SCOPED)
    assert ask(server, "GET", "/x", {"Authorization": "Bearer r"}).status == 200


@pytest.mark.parametrize(
    ("answers", "status"), [(("200", "401", "403"), 401), (("200", "403"), 403), (("200",), 401), (("200", "4XX"), 401)]
)
def test_missing_credentials_get_the_status_that_is_documented(answers: tuple[str, ...], status: int) -> None:
    answer = ask(secured({"bearer": []}, answers=answers), "GET", "/x")
    assert (answer.status, challenges(answer)) == (status, ["Bearer"])


def test_expired_and_revoked_credentials_are_refused_whatever_their_scheme() -> None:
    raw = {
        "header": [{"token": "old", "expires": "2020-01-01"}, {"token": "gone", "revoked": True}],
        "basic": [{"username": "ann", "password": "old", "expires": "2020-01-01"}],
    }
    tables = token_tables(raw, "f")
    for name, headers, word in (
        ("header", {"X-Key": "old"}, "expired"),
        ("header", {"X-Key": "gone"}, "revoked"),
        ("basic", {"Authorization": basic("ann:old")}, ""),
    ):
        answer = ask(secured({name: []}, tokens=tables), "GET", "/x", headers)
        assert answer.status == 401
        assert word in (answer.header("Lookalike-Reason") or "")


def test_a_json_web_token_is_no_api_key_and_no_password() -> None:
    from lookalike.model.minting import mint

    token = mint(1_700_000_000, 10**9)
    assert ask(secured({"bearer": []}, tokens=TABLE), "GET", "/x", {"Authorization": f"Bearer {token}"}).status == 200
    assert ask(secured({"header": []}, tokens=TABLE), "GET", "/x", {"X-Key": token}).status == 401


def test_nobody_needs_credentials_where_security_is_off() -> None:
    assert ask(secured({"bearer": []}, tokens=TABLE, strictness=Strictness(security=False)), "GET", "/x").status == 200


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ({"username": "a"}, "#/s/0.*username"),
        ({"username": "a", "password": 1}, "#/s/0"),
        ({"token": "t", "scopes": "read"}, "#/s/0.*scopes must be a list"),
        ({"token": "t", "scopes": [1]}, "#/s/0.*scopes must be a list"),
    ],
)
def test_an_invalid_entry_of_a_tokens_file_is_refused_with_its_place(entry: Any, problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        token_tables({"s": [entry]}, "tokens.yaml")


def test_a_refusal_never_repeats_the_credentials() -> None:
    for target, headers in (*WRONG.values(), ("/x", {"Authorization": "Digest t2"})):
        for name in CHALLENGES:
            answer = ask(secured({name: []}, tokens=TABLE), "GET", target, headers)
            assert "t2" not in repr(answer)
            assert "other" not in repr(answer)
