"""Compressed bodies: decoded in each form that clients send, within a limit on bytes."""

import gzip
import zlib

import pytest

from lookalike.codecs.content_coding import ContentCodingError, decode_content
from lookalike.http import Headers, Request, Response
from lookalike.server.mock_handler import MockHandler, MockOptions
from tests.support.small import NOW, document, mock


def gzipped(body: bytes) -> bytes:
    """Compressed without the time of day, so that all workers of a test run collect the same parameters."""
    return gzip.compress(body, mtime=0)


BODY = b'{"a": 1}'
RAW = zlib.compressobj(wbits=-zlib.MAX_WBITS)
RAW_DEFLATE = RAW.compress(BODY) + RAW.flush()


@pytest.mark.parametrize(
    ("sent", "codings"),
    [
        (BODY, "identity"),
        (gzipped(BODY), "gzip"),
        (gzipped(BODY), "X-GZIP"),
        (zlib.compress(BODY), "deflate"),
        (RAW_DEFLATE, "deflate"),
        (zlib.compress(gzipped(BODY)), "gzip, deflate"),
        (gzipped(BODY[:3]) + gzipped(BODY[3:]), "gzip"),
        (gzipped(BODY) + gzipped(b"") * 99, "gzip"),
    ],
)
def test_a_body_is_decoded(sent: bytes, codings: str) -> None:
    assert decode_content(sent, codings, 1000) == BODY


@pytest.mark.parametrize(
    ("sent", "codings", "status", "message"),
    [
        (BODY, "br", 415, "body must have the Content-Encoding gzip, deflate, not br"),
        (BODY, "gzip,gzip,gzip,gzip,gzip", 415, "body has more than 4 content codings"),
        (BODY, "gzip", 400, "body is not valid gzip"),
        (gzipped(BODY)[:-4], "gzip", 400, "body is not valid gzip: it ends too early"),
        (gzipped(b"x" * 1001), "gzip", 413, "body is longer than 1000 bytes without its gzip"),
        (gzipped(b"") * 101, "gzip", 413, "body has more than 100 members of gzip"),
        (gzipped(b"x" * 600) * 2, "gzip", 413, "body is longer than 1000 bytes without its gzip"),
    ],
)
def test_what_cannot_be_decoded_has_a_status(sent: bytes, codings: str, status: int, message: str) -> None:
    with pytest.raises(ContentCodingError) as caught:
        decode_content(sent, codings, 1000)
    assert caught.value.status == status
    assert str(caught.value).startswith(message)


def post(body: bytes, codings: str) -> Response:
    media = {"application/json": {"schema": {"type": "object", "required": ["a"]}}}
    server = mock(document({"/x": {"post": {"requestBody": {"required": True, "content": media}}}}))
    headers = {"Content-Type": "application/json", "Content-Encoding": codings, "Content-Length": str(len(body))}
    handler = MockHandler(server, MockOptions(max_body=1000))
    return handler.respond(Request("POST", "/x", "", Headers(headers), body, NOW))


def test_a_compressed_body_is_read_like_any_other() -> None:
    assert post(gzipped(BODY), "gzip").status == 200
    assert post(gzipped(b'{"b": 1}'), "gzip").status == 400


def test_an_unknown_coding_is_a_415_that_names_those_that_are_known() -> None:
    response = post(BODY, "br")
    assert response.status == 415
    assert response.header("Accept-Encoding") == "gzip, deflate"


def test_a_body_that_unpacks_beyond_the_limit_is_a_413() -> None:
    assert post(gzipped(b"0" * 10_000_000), "gzip").status == 413
