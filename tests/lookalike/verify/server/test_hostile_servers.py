"""`lookalike verify` against servers that misbehave: it ends with exit code 3 and a line, and no accusation."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.hostile import Answer, hostile, slowly
from tests.support.running import run_command

pytestmark = pytest.mark.repetitive

DOCUMENT = """
openapi: 3.1.0
info: {title: Pets, version: "1"}
paths:
  /pets:
    get: {operationId: listPets, responses: {"200": {description: all}}}
    post:
      operationId: createPet
      requestBody: {content: {application/json: {schema: {type: object, properties: {name: {type: string}}}}}}
      responses: {"201": {description: made}}
"""
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def endless(request: bytes) -> Iterator[bytes]:
    yield HEAD + b"\r\n"
    for _ in range(10_000):
        yield b" " * 65536


SERVERS: dict[str, tuple[Answer, str]] = {
    "an endless body": (endless, "larger than 1 MiB; if that is right, allow more with --max-response"),
    "a body in drips": (lambda request: slowly(HEAD + b"\r\n", b" "), "did not answer completely within 0.2 s"),
    "an endless head": (lambda request: slowly(HEAD, b"X: a"), "did not answer completely within 0.2 s"),
    "continue for ever": (lambda request: slowly(b"", b"HTTP/1.1 100 \r\n\r\n"), "did not answer completely within"),
    "a bomb": (
        lambda request: [HEAD + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(bytes(2**22))],
        "larger than 1 MiB",
    ),
    "a large header": (lambda request: [HEAD + b"X: a\r\n" * 999 + b"\r\n"], "its header is too large"),
    "no HTTP": (lambda request: [b"HELLO WORLD\r\n\r\n"], "no HTTP (HELLO WORLD)"),
    "HTTP/2": (lambda request: [b"\0\0\x12\4\0\0\0\0\0"], "it answers in HTTP/2"),
    "TLS": (lambda request: [b"\x15\x03\x01\0\2\2\x46"], "give its URL with https://"),
    "nothing": (lambda request: [], "closed the connection without a complete answer"),
    "a redirect": (
        lambda request: [b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\x1b[31m\r\nContent-Length: 0\r\n\r\n"],
        "it redirects to http://127.0.0.1:1/\\x1b[31m; give that URL",
    ),
}


@pytest.mark.parametrize(("answer", "told"), SERVERS.values(), ids=SERVERS)
def test_a_hostile_server_is_told_in_a_line_and_accused_of_nothing(answer: Answer, told: str, tmp_path: Path) -> None:
    (tmp_path / "openapi.yaml").write_text(DOCUMENT)
    (tmp_path / "target.yaml").write_text("{}")
    options = ["--target", "target.yaml", "--timeout", "200ms", "--max-response", "1MiB", "--only", "clauses"]
    with hostile(answer) as url:
        done = run_command("verify", url, "openapi.yaml", *options, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (3, "")
    assert told in done.stdout.splitlines()[-1]
    assert "violated" not in done.stdout.lower()
