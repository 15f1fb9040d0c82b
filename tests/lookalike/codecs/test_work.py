"""Decoding takes steps in proportion to what was sent, whatever its names, so that no request stalls others."""

from collections.abc import Callable
from typing import Any

import pytest

from lookalike.codecs.decoding import decoder_for
from lookalike.contract.requests import MediaType
from lookalike.schema.value_types import ValueType
from tests.support.small import ask as answer_of
from tests.support.small import document, mock
from tests.support.steps import grows_linearly

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
