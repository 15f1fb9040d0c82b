"""Who may ask: the token table, JSON Web Tokens, and what a 401 says."""

import base64
import hmac
import json
from typing import Any

import jwt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lookalike.assembly import token_tables, valid_token
from lookalike.errors import UsageError
from lookalike.http import Headers, Request, Response
from lookalike.model.minting import ALGORITHM, DEVELOPMENT_KEY, mint
from lookalike.model.request.tokens import TokenTable, token_table
from tests.support.in_process import ASHA, JSON, NOW, mock, put, snapshot, update

BODY: dict[str, Any] = {"lead_data": {"name": "x"}}
UNAUTHORIZED = {"status": 401, "message": "UnAuthorized Access-Token!", "success": False}
PLAIN, INVALID = "Bearer", 'Bearer error="invalid_token"'
KEYS = {"hs": DEVELOPMENT_KEY, "wrong": "another key that is long enough for HS256"}


def signed(key: str = DEVELOPMENT_KEY, **claims: Any) -> str:
    return jwt.encode(claims, key, algorithm=ALGORITHM)


def unsigned(header: dict[str, Any], claims: dict[str, Any]) -> str:
    return ".".join(encoded(json.dumps(part).encode()) for part in (header, claims)) + "."


def by_hs384(**claims: Any) -> str:
    text = unsigned({"alg": "HS384", "typ": "JWT"}, claims)
    return text + encoded(hmac.digest(DEVELOPMENT_KEY.encode(), text[:-1].encode(), "sha384"))


def encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def ask(authorization: str | None, readings: dict[str, str] | None = None) -> Response:
    headers = JSON if authorization is None else {**JSON, "Authorization": authorization}
    return put(mock(readings), ASHA, BODY, headers)


# The cases of AUTH-1 to AUTH-3, with the challenge that RFC 6750 section 3.1 asks for.
REFUSED: dict[str, tuple[str | None, str]] = {
    "no header": (None, PLAIN),
    "an empty header": ("", PLAIN),
    "a header of spaces": ("   ", PLAIN),
    "the scheme alone": ("Bearer", PLAIN),
    "the scheme and a space": ("Bearer ", PLAIN),
    "the token alone": ("tok-valid", PLAIN),
    "Basic": ("Basic dG9rLXZhbGlkOg==", PLAIN),
    "Basic with the token": ("Basic tok-valid", PLAIN),
    "Digest": ("Digest tok-valid", PLAIN),
    "a scheme that starts alike": ("Bearers tok-valid", PLAIN),
    "a tab instead of a space": ("Bearer\ttok-valid", PLAIN),
    "a colon behind the scheme": ("Bearer: tok-valid", PLAIN),
    "an unknown token": ("Bearer tok-unknown", INVALID),
    "a prefix of a valid token": ("Bearer tok-vali", INVALID),
    "a valid token and more": ("Bearer tok-valid2", INVALID),
    "a valid token in other letters": ("Bearer TOK-VALID", INVALID),
    "a valid token in quotes": ('Bearer "tok-valid"', INVALID),
    "two tokens": ("Bearer tok-valid tok-valid", INVALID),
    "two headers, joined": ("Bearer tok-valid, Bearer tok-valid", INVALID),
    "the scheme twice": ("Bearer Bearer tok-valid", INVALID),
    "a valid token with NUL behind it": ("Bearer tok-valid\0", INVALID),
    "a token that is not ASCII": ("Bearer tök-valid", INVALID),
    "a token that is not Unicode": ("Bearer \udcff", INVALID),
    "a token of ten thousand characters": ("Bearer " + "x" * 10_000, INVALID),
    "an expired token": ("Bearer tok-expired", INVALID),
    "a revoked token": ("Bearer tok-revoked", INVALID),
    "two dots": ("Bearer ..", INVALID),
    "garbage with two dots": ("Bearer a.b.c", INVALID),
    "garbage with two dots that is not ASCII": ("Bearer é.ü.ø", INVALID),
    "garbage with two dots that is not Unicode": ("Bearer \udcff.\udcff.\udcff", INVALID),
    "a token of many dots": ("Bearer " + "." * 1000, INVALID),
    "a JWT that has expired": (f"Bearer {signed(exp=NOW - 1)}", INVALID),
    "a JWT that expires now": (f"Bearer {signed(exp=NOW)}", INVALID),
    "a JWT that is not valid yet": (f"Bearer {signed(nbf=NOW + 1, exp=NOW + 9)}", INVALID),
    "a JWT with another key": (f"Bearer {signed(KEYS['wrong'], exp=NOW + 60)}", INVALID),
    "a JWT with another algorithm": (f"Bearer {by_hs384(exp=NOW + 60)}", INVALID),
    "a JWT without signature": (f"Bearer {unsigned({'alg': 'none', 'typ': 'JWT'}, {'exp': NOW + 60})}", INVALID),
    "a JWT without algorithm": (f"Bearer {unsigned({'typ': 'JWT'}, {})}", INVALID),
    "a JWT whose signature was cut": (f"Bearer {signed(exp=NOW + 60)[:-2]}", INVALID),
    "a JWT whose claims are no object": (f"Bearer {jwt.api_jws.encode(b'[1]', DEVELOPMENT_KEY, ALGORITHM)}", INVALID),
    "a JWT whose claims are no JSON": (f"Bearer {jwt.api_jws.encode(b'x', DEVELOPMENT_KEY, ALGORITHM)}", INVALID),
    "a JWT with a time that is a text": (f"Bearer {signed(exp='tomorrow')}", INVALID),
    "a JWT with a time that is a boolean": (f"Bearer {signed(exp=True)}", INVALID),
    "a JWT with a critical extension": (
        f"Bearer {jwt.encode({}, DEVELOPMENT_KEY, ALGORITHM, {'crit': ['x']})}",
        INVALID,
    ),
}


@pytest.mark.parametrize(("authorization", "challenge"), REFUSED.values(), ids=REFUSED)
def test_credentials_that_are_no_valid_token_are_answered_401(authorization: str | None, challenge: str) -> None:
    response = ask(authorization)
    assert (response.status, json.loads(response.body)) == (401, UNAUTHORIZED)
    assert response.header("WWW-Authenticate") == challenge
    assert response.header("Content-Type") == "application/json"


ACCEPTED: dict[str, str] = {
    "a token of the table": "Bearer tok-valid",
    "two spaces": "Bearer  tok-valid",
    "a space behind": "Bearer tok-valid ",
    "a JWT": f"Bearer {mint(NOW, 3600)}",
    "a JWT that expires in a second": f"Bearer {signed(exp=NOW + 1)}",
    "a JWT that is valid from now on": f"Bearer {signed(nbf=NOW)}",
    "a JWT that never expires": f"Bearer {signed(sub='x')}",
    "a JWT for another audience": f"Bearer {signed(aud='other', iss='other')}",
    "a JWT with times that have fractions": f"Bearer {signed(nbf=NOW - 0.5, exp=NOW + 0.5)}",
}


@pytest.mark.parametrize("authorization", ACCEPTED.values(), ids=ACCEPTED)
def test_a_valid_token_is_let_in(authorization: str) -> None:
    assert ask(authorization).status == 201


@pytest.mark.parametrize("query", ["access_token=tok-valid", "token=tok-valid", "Authorization=Bearer%20tok-valid"])
def test_a_token_in_the_query_is_not_read(query: str) -> None:
    response = mock().handle(update(ASHA, BODY, JSON)._replace(query=query))
    assert (response.status, json.loads(response.body)) == (401, UNAUTHORIZED)


def test_a_token_in_another_header_is_not_read() -> None:
    for name in ("X-Access-Token", "X-Api-Key", "Cookie", "Proxy-Authorization"):
        assert mock().handle(update(ASHA, BODY, {**JSON, name: "tok-valid"})).status == 401


@pytest.mark.parametrize("number", [ASHA, 5, 10**30, 0])
@pytest.mark.parametrize("body", [json.dumps(BODY), "{}", "[]", '{"lead_data": 1}'])
def test_auth_4_a_401_says_the_same_whatever_the_lead_and_the_body(number: int, body: str) -> None:
    server = mock()
    before = snapshot(server)
    response = put(server, number, body, {**JSON, "Authorization": "Bearer wrong"})
    assert response == put(server, ASHA, BODY, {**JSON, "Authorization": "Bearer wrong"})
    assert snapshot(server) == before


def test_a_401_never_repeats_the_token() -> None:
    for authorization in (
        "Bearer s3cret",
        "Basic s3cret",
        "s3cret",
        f"Bearer {signed(jti='s3cret', exp=1)}",
        "Bearer s3cret;",
    ):
        response = ask(authorization)
        assert "s3cret" not in repr(response)
        assert authorization.split()[-1] not in repr(response)


def test_prefer_is_honoured_for_those_only_who_may_ask() -> None:
    headers = {**JSON, "Prefer": "code=201"}
    assert mock().handle(update(ASHA, BODY, headers)).status == 401


def test_the_reason_of_a_401_tells_expired_from_revoked_and_unknown() -> None:
    reasons = {kind: ask(f"Bearer tok-{kind}").header("Lookalike-Reason") for kind in ("expired", "revoked", "x")}
    assert reasons == {
        "expired": "the token has expired",
        "revoked": "the token was revoked",
        "x": "the token is not one that is valid here",
    }


@pytest.mark.parametrize(
    ("authorization", "clauses"),
    [(None, "AUTH-1, AUTH-4"), ("Bearer x", "AUTH-2, AUTH-4"), ("Bearer tok-expired", "AUTH-3, AUTH-4")],
)
def test_a_401_names_the_clauses_that_decided(authorization: str | None, clauses: str) -> None:
    assert ask(authorization).header("Lookalike-Clause") == clauses


TABLE = token_tables({"b": [{"token": "t", "expires": "2027-01-15T08:00:00Z"}, {"token": "r", "revoked": True}]}, "f")[
    "b"
]
EXPIRY = 1_800_000_000.0


@pytest.mark.parametrize(("at", "failure"), [(EXPIRY - 0.001, None), (EXPIRY, "expired"), (EXPIRY + 1, "expired")])
def test_a_token_of_the_table_expires_at_its_time_by_the_clock_of_the_request(at: float, failure: str | None) -> None:
    assert TABLE.failure("t", at) == failure


def test_a_revoked_token_is_refused_at_any_time() -> None:
    assert {TABLE.failure("r", at) for at in (0.0, EXPIRY, 1e12)} == {"revoked"}


@pytest.mark.parametrize("times", [[10, 59.9, 60, 61, 10_000], [59, 60, 60, 59, 60]])
def test_a_jwt_is_remembered_until_it_expires_and_no_longer(times: list[float]) -> None:
    table = token_table(())
    token = mint(0, 60)
    assert [table.failure(token, at) for at in times] == [None if at < 60 else "expired" for at in times]


def test_a_jwt_that_was_valid_later_is_not_valid_earlier() -> None:
    table = token_table(())
    token = signed(nbf=100, exp=200)
    assert [table.failure(token, at) for at in (150, 50, 100, 199, 200)] == [None, "invalid", None, None, "expired"]


def test_what_is_remembered_is_bounded() -> None:
    table: TokenTable = token_table(())
    for number in range(3000):
        assert table.failure(signed(jti=str(number)), NOW) is None
    assert len(table._valid_until) <= 1024


def test_a_revoked_jwt_is_refused_though_its_signature_is_good() -> None:
    token = mint(NOW, 60)
    assert token_table([(token, None, True)]).failure(token, NOW) == "revoked"


@settings(max_examples=300, deadline=None)
@given(credentials=st.text(max_size=40) | st.binary(max_size=40).map(lambda content: content.decode("latin-1")))
def test_no_credentials_raise_or_let_in_by_accident(credentials: str) -> None:
    server = mock()
    for value in (credentials, "Bearer " + credentials, "Bearer a." + credentials + ".b"):
        assert put(server, ASHA, BODY, {**JSON, "Authorization": value}).status == 401


HS = f"Bearer {mint(NOW, 60)}"
READINGS: list[tuple[str, dict[str, str], int, str | None]] = [
    ("bearer tok-valid", {}, 201, None),
    ("BEARER tok-valid", {}, 201, None),
    ("bearer tok-valid", {"scheme-case": "sensitive"}, 401, PLAIN),
    ("Bearer tok-valid", {"scheme-case": "sensitive"}, 201, None),
    ("Bearer tok-valid;", {}, 401, INVALID),
    ("Bearer tok-valid;", {"semicolon": "tolerated"}, 201, None),
    ("Bearer tok-valid ;", {"semicolon": "tolerated"}, 201, None),
    (HS + ";", {"semicolon": "tolerated"}, 201, None),
    (HS + ";", {}, 401, INVALID),
    ("Bearer tok-expired;", {"semicolon": "tolerated"}, 401, INVALID),
    ("Bearer tok-unknown;", {"semicolon": "tolerated"}, 401, INVALID),
    ("Bearer ;", {"semicolon": "tolerated"}, 401, INVALID),
    ("bearer tok-valid;", {"semicolon": "tolerated"}, 201, None),
    ("bearer tok-valid;", {"semicolon": "tolerated", "scheme-case": "sensitive"}, 401, PLAIN),
]


@pytest.mark.parametrize(("authorization", "readings", "status", "challenge"), READINGS)
def test_scheme_case_and_semicolon_are_readings(
    authorization: str, readings: dict[str, str], status: int, challenge: str | None
) -> None:
    response = ask(authorization, readings)
    assert (response.status, response.header("WWW-Authenticate")) == (status, challenge)


def test_a_refused_semicolon_names_the_reading_and_where_the_slip_comes_from() -> None:
    reason = ask("Bearer tok-valid;").header("Lookalike-Reason") or ""
    assert "semicolon" in reason
    assert "--reading semicolon=tolerated" in reason
    assert "the documentation's own example" in reason


SECOND: list[tuple[dict[str, str], int]] = [
    ({"X-Access-Token": "tok-valid"}, 201),
    ({"x-access-token": " tok-valid "}, 201),
    ({"X-Access-Token": "tok-expired"}, 401),
    ({"X-Access-Token": "Bearer tok-valid"}, 401),
    ({"X-Access-Token": ""}, 401),
    ({"X-Other": "tok-valid"}, 401),
    ({"Authorization": "Bearer tok-valid", "X-Access-Token": "wrong"}, 201),
    ({"Authorization": "Bearer wrong", "X-Access-Token": "tok-valid"}, 401),
    ({"Authorization": "Basic x", "X-Access-Token": "tok-valid"}, 401),
]


@pytest.mark.parametrize(("headers", "status"), SECOND)
def test_a_second_header_carries_the_bare_token_and_authorization_wins(headers: dict[str, str], status: int) -> None:
    server = mock({"second-header": "X-Access-Token"})
    assert put(server, ASHA, BODY, {**JSON, **headers}).status == status


@pytest.mark.parametrize("choice", ["X Access Token", "x:y", "", "é"])
def test_a_second_header_must_have_the_name_of_a_header(choice: str) -> None:
    with pytest.raises(UsageError, match="second-header"):
        mock({"second-header": choice})


WRONG_TABLES: dict[str, tuple[Any, str]] = {
    "a list": ([], "expected a list of tokens for each security scheme"),
    "an entry that is a text": ({"b": ["t"]}, r"#/b/0"),
    "an entry without token": ({"b": [{"revoked": True}]}, r"#/b/0"),
    "a token that is a number": ({"b": [{"token": 1}]}, r"#/b/0"),
    "an unknown member": ({"b": [{"token": "t"}, {"token": "t", "expired": True}]}, r"#/b/1.*unknown member expired"),
    "a time that is none": ({"b": [{"token": "t", "expires": "soon"}]}, r"#/b/0.*'soon'"),
    "a time that is a number": ({"b": [{"token": "t", "expires": 5}]}, r"#/b/0.*expires"),
}


@pytest.mark.parametrize(("raw", "problem"), WRONG_TABLES.values(), ids=WRONG_TABLES)
def test_an_invalid_table_of_tokens_is_refused_with_the_place(raw: Any, problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        token_tables(raw, "tokens.yaml")


def test_the_token_that_is_announced_is_one_that_stays_valid() -> None:
    entries = [{"token": "a", "expires": "2020-01-01"}, {"token": "b", "revoked": True}, {"token": "c"}]
    assert valid_token({"bearerAuth": entries}) == "c"
    assert valid_token({"bearerAuth": entries[:2]}) == ""


def test_a_time_without_zone_is_utc() -> None:
    (table,) = token_tables({"b": [{"token": "t", "expires": "2027-01-15T08:00:00"}]}, "f").values()
    assert (table.failure("t", EXPIRY - 1), table.failure("t", EXPIRY)) == (None, "expired")


def test_security_comes_before_everything_but_route_and_method() -> None:
    server = mock({"accept": "406"})
    headers = Headers({"accept": "text/html", "content-type": "text/html"})
    request = Request("PUT", f"/leads/{ASHA}/update", "", headers, b"{", NOW)
    assert server.handle(request).status == 401
    assert server.handle(request._replace(path="/leads")).status == 404
    assert server.handle(request._replace(method="PATCH")).status == 405
