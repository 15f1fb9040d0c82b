"""Decoding takes steps in proportion to what was sent, whatever its names, so that no request stalls others."""

import encodings
from collections.abc import Callable
from typing import Any

import pytest

from lookalike.codecs.decoding import decoder_for
from lookalike.codecs.json_text import DecodeError
from lookalike.codecs.parameter_styles import form_decoded
from lookalike.contract.requests import MediaType
from lookalike.schema.value_types import ValueType
from tests.support.small import ask as answer_of
from tests.support.small import document, mock
from tests.support.steps import grows_linearly, steps

SCHEMA = {
    "type": "object",
    "properties": {"a": {"type": "string"}, "list": {"type": "array", "items": {"type": "integer"}}},
    "patternProperties": {r"^(?:x|xx)+$": {"type": "integer"}},
}
FORM = "application/x-www-form-urlencoded"
BOUNDARY = 'multipart/form-data; boundary="B"'


def multipart(size: int) -> bytes:
    parts = (b'--B\r\nContent-Disposition: form-data; name="n%d"\r\n\r\n1\r\n' % number for number in range(size))
    return b"".join(parts) + b"--B--\r\n"


BODIES: dict[str, tuple[str, Callable[[int], bytes]]] = {
    "fields": (FORM, lambda size: b"&".join(b"n%d=1" % n for n in range(size))),
    "one field": (FORM, lambda size: b"&".join([b"list=1"] * size)),
    "nested fields": (
        "application/x-www-form-urlencoded",
        lambda size: b"&".join(b"n%d[a]=1" % n for n in range(size)),
    ),
    "parts": (BOUNDARY, multipart),
    "elements": (
        "application/xml",
        lambda size: b"<r>" + b"".join(b"<n%d>1</n%d>" % (n, n) for n in range(size)) + b"</r>",
    ),
    "siblings": ("application/xml", lambda size: b"<r>" + b"<list>1</list>" * size + b"</r>"),
    "lines": ("application/jsonl", lambda size: b"1\n" * size),
    "events": ("text/event-stream", lambda size: b"data: 1\n\n" * size),
}


@pytest.mark.parametrize(("media_type", "body"), BODIES.values(), ids=BODIES.keys())
def test_a_body_takes_steps_in_proportion_to_its_length(media_type: str, body: Callable[[int], bytes]) -> None:
    media = MediaType(media_type, None, ValueType((SCHEMA,), lambda _: {}), {})
    decode = decoder_for(media_type.partition(";")[0])
    assert grows_linearly(lambda size: decode(body(size), media_type, media))


QUERY: list[dict[str, Any]] = [
    {"name": "deep", "in": "query", "style": "deepObject", "schema": {"type": "object"}},
    {"name": "open", "in": "query", "schema": {"type": "object", "additionalProperties": True}},
    {"name": "list", "in": "query", "schema": {"type": "array"}},
    {"name": "sid", "in": "cookie", "schema": {"type": "string"}},
]


@pytest.mark.parametrize(
    "part", ["deep[n{0}]=1", "deep[a][n{0}]=1", "n{0}=1", "list={0}"], ids=["deep", "deeper", "open", "list"]
)
def test_a_query_takes_steps_in_proportion_to_its_length(part: str) -> None:
    server = mock(document({"/x": {"get": {"parameters": QUERY}}}))

    def get(size: int) -> None:
        query = "&".join(part.format(number) for number in range(size))
        assert answer_of(server, "GET", f"/x?{query}").status == 200

    assert grows_linearly(get)


def test_cookies_take_steps_in_proportion_to_their_number() -> None:
    server = mock(document({"/x": {"get": {"parameters": QUERY}}}))

    def get(size: int) -> None:
        field = "; ".join(f"n{number}=1" for number in range(size))
        assert answer_of(server, "GET", "/x", {"Cookie": field}).status == 200

    assert grows_linearly(get)


MANY: dict[str, tuple[str, bytes, bytes]] = {
    "elements": ("application/xml", b"<r>" + b"<a/>" * 19_999 + b"</r>", b"<r>" + b"<a/>" * 20_000 + b"</r>"),
    "attributes": (
        "application/xml",
        b"<r>" + b'<a b="c"/>' * 9_999 + b"</r>",
        b"<r>" + b'<a b="c"/>' * 10_000 + b"</r>",
    ),
    "lines": ("application/jsonl", b"1\n" * 19_999, b"1\n" * 20_000),
    "events": ("text/event-stream", b"data:\n" * 99_999, b"data:\n" * 100_000),
    "fields": (FORM, b"a=1&" * 9_999 + b"a=1", b"a=1&" * 10_000),
}


@pytest.mark.parametrize(("media_type", "most", "more"), MANY.values(), ids=MANY.keys())
def test_a_body_has_a_bounded_number_of_parts(media_type: str, most: bytes, more: bytes) -> None:
    media = MediaType(media_type, None, ValueType((SCHEMA,), lambda _: {}), {})
    decode = decoder_for(media_type)
    decode(most, media_type, media)
    with pytest.raises(DecodeError, match="has more than"):
        decode(more, media_type, media)


def test_a_percent_sign_that_stands_for_itself_takes_no_step() -> None:
    assert steps(lambda: form_decoded("%" * 100_000)) < 20
    assert form_decoded("%41+%zz%" * 300) == "A %zz%" * 300
    assert form_decoded("%c3%A9" * 300) == form_decoded("%c3%A9") * 300 == "é" * 300


@pytest.mark.parametrize("name", ["punycode", "idna", "unicode_escape", "none-such" * 1000])
@pytest.mark.parametrize(
    ("media_type", "body"),
    [("text/plain; charset={0}", "a"), ("application/xml", '<?xml version="1.0" encoding="{0}"?><a/>')],
    ids=["text", "xml"],
)
def test_a_name_that_is_no_charset_is_refused_and_not_remembered(media_type: str, body: str, name: str) -> None:
    media = MediaType(media_type, None, ValueType(({"type": "string"},), lambda _: {}), {})
    remembered = len(encodings._cache)  # the memory that grows with each name that is looked up
    with pytest.raises(DecodeError) as caught:
        decoder_for(media_type.partition(";")[0])(body.format(name).encode(), media_type.format(name), media)
    assert len(str(caught.value)) < 100
    assert len(encodings._cache) == remembered


def test_a_text_may_have_another_charset() -> None:
    media = MediaType("text/plain", None, ValueType(({"type": "string"},), lambda _: {}), {})
    assert decoder_for("text/plain")("é".encode("cp1252"), "text/plain; charset=Windows-1252", media).value == "é"
