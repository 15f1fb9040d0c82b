"""Files whose content is a member of what is sent, as those of a repository."""

import base64
import hashlib

from lookalike.service import MockService
from tests.support.pet_documents import TEXT, body, described, document, mock, operation, send

SIZE = {"type": "integer"}
SHOWN = described(name=TEXT, path=TEXT, sha=TEXT, size=SIZE)
FOLDER = {"type": "array", "items": SHOWN}
FILE = described("content path", content=TEXT, name=TEXT, path=TEXT, sha=TEXT, size=SIZE)
STORED = described("content", content=SHOWN)
SENT = described("content", message=TEXT, content=TEXT)
ITEM = {
    "get": operation({"200": {"oneOf": [FOLDER, FILE]}}),
    "put": operation({"200": STORED, "201": STORED}, SENT),
    "delete": operation({"204": None}),
}


def files() -> MockService:
    return mock(document({"/contents/{path}": ITEM}), is_mock=True)


def test_a_file_that_is_put_is_read_with_its_content_and_what_that_tells() -> None:
    server, content = files(), base64.b64encode(b"hello").decode()
    stored = send(server, "PUT", "/contents/docs%2Fa.txt", {"message": "first", "content": content})
    sha = hashlib.sha1(b"hello", usedforsecurity=False).hexdigest()
    shown = {"name": "a.txt", "path": "docs/a.txt", "sha": sha, "size": 5}
    assert (stored.status, body(stored)) == (201, {"content": shown})
    assert body(send(server, "GET", "/contents/docs%2Fa.txt")) == {**shown, "content": content}


def test_a_file_that_is_put_again_has_the_size_of_its_new_content_and_one_that_is_deleted_is_gone() -> None:
    server = files()
    for text in ("first", "no base64: ü"):
        send(server, "PUT", "/contents/a.txt", {"content": text})
    read = body(send(server, "GET", "/contents/a.txt"))
    assert (read["content"], read["size"]) == ("no base64: ü", len("no base64: ü".encode()))
    assert send(server, "DELETE", "/contents/a.txt").status == 204
    assert send(server, "GET", "/contents/a.txt").status == 404
