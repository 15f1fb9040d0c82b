"""A secret is in no output, in whatever encoding a server sends it back."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookalike.http import Headers, Request, Response
from lookalike.verify.server.client import Budget, Client
from lookalike.verify.server.redaction import ENCODED, Redaction, placeholders
from lookalike.verify.server.target import Credentials
from lookalike.verify.server.transport import ConnectionSettings
from tests.support.encodings import ENCODINGS

TOKEN = "S3cret+Token/~12=="
PASSWORD = "pass & <word> ✓"
CREDENTIALS = Credentials(TOKEN, "expired-token-1", "revoked-token-1")


@pytest.mark.parametrize("encode", ENCODINGS.values(), ids=ENCODINGS)
@pytest.mark.parametrize("secret", [TOKEN, "expired-token-1", "revoked-token-1", "name:" + PASSWORD])
def test_a_secret_is_hidden_in_every_encoding(secret: str, encode: Callable[[str], str]) -> None:
    redaction = Redaction({**placeholders(CREDENTIALS), **placeholders(Credentials("name:" + PASSWORD))})
    shown = redaction.hide(f"before {encode(secret)} behind")
    assert encode(secret) not in shown
    assert shown.startswith("before ")
    assert shown.endswith(" behind")
    assert any(text in shown for text in (*redaction.placeholders.values(), ENCODED))


@pytest.mark.parametrize("encode", ENCODINGS.values(), ids=ENCODINGS)
def test_a_password_is_hidden_in_every_encoding_without_its_name(encode: Callable[[str], str]) -> None:
    redaction = Redaction(placeholders(Credentials("name:" + PASSWORD)))
    assert encode(PASSWORD) not in redaction.hide(encode(PASSWORD))


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=8, max_size=40), st.sampled_from(list(ENCODINGS)))
def test_any_secret_is_hidden_in_any_encoding(secret: str, name: str) -> None:
    encoded = ENCODINGS[name](secret)
    if secret.isascii():  # other letters may have capitals of another length, as ß
        assert encoded not in Redaction({secret: "$TOKEN"}).hide(f"({encoded})")


@given(st.text())
def test_a_text_without_secrets_stays_as_it_is(text: str) -> None:
    assert Redaction({"0123456789abcdef": "$TOKEN"}).hide(text) == text


def test_a_secret_of_few_characters_is_hidden_neither_in_other_encodings_nor_inside_of_words() -> None:
    assert Redaction(placeholders(Credentials("abc"))).hide("616263 and the alphabet") == ("616263 and the alphabet")


# The client


def client(**headers: str) -> Client:
    made = Client("http://127.0.0.1:1", ConnectionSettings(headers), Budget())
    made.hide(placeholders(CREDENTIALS))
    return made


def test_a_secret_that_is_cut_by_the_length_of_a_report_is_hidden() -> None:
    body = b"a" * (2000 - len(TOKEN) // 2) + TOKEN.encode()
    shown = client().shown(Request("GET", "/"), Response(200, (), body)).response
    assert TOKEN[:6] not in shown


def test_a_curl_line_has_the_headers_of_the_command_and_none_of_their_secrets() -> None:
    headers = {"X-Tenant": "acme", "X-Api-Key": "k-123456", "Cookie": "session=abcdef"}
    line = client(**headers).curl(Request("GET", "/pets", "", Headers({"Authorization": f"Bearer {TOKEN}"})))
    assert "-H 'X-Tenant: acme'" in line
    assert '-H "X-Api-Key: $HEADER_X_API_KEY"' in line
    assert '-H "Cookie: $HEADER_COOKIE"' in line
    assert '-H "Authorization: Bearer $TOKEN"' in line
    assert not any(secret in line for secret in (TOKEN, "k-123456", "abcdef"))


@pytest.mark.parametrize(("method", "is_sent"), [("POST", True), ("PATCH", True), ("GET", False), ("DELETE", False)])
def test_a_curl_line_says_that_there_is_no_body_where_the_request_said_so(method: str, is_sent: bool) -> None:
    assert ("-H 'Content-Length: 0'" in client().curl(Request(method, "/pets"))) is is_sent
