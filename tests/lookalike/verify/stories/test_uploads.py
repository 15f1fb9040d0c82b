"""Files that are stored under a name of the client, and of which the document describes no resource."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.support.servers.judging import CLAUSES, Judged, judged
from tests.support.servers.serving import Answer, Asked, serving

FILE = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
NAME = {"name": "name", "in": "path", "required": True, "schema": {"type": "string"}}
NONE = {"description": "There is none."}
STORED: Mapping[str, Any] = {
    "parameters": [NAME],
    "get": {"operationId": "getFile", "responses": {"200": {"description": "It.", "content": FILE}, "404": NONE}},
    "put": {
        "operationId": "putFile",
        "requestBody": {"required": True, "content": FILE},
        "responses": {"204": {"description": "It is stored."}},
    },
    "delete": {"operationId": "deleteFile", "responses": {"204": {"description": "It is gone."}, "404": NONE}},
}
MINE = "mine.bin"


class Files:
    """A server of files, of which it stores so many bytes; one of them was there before."""

    def __init__(self, most: int | None = None) -> None:
        self.most = most
        self.files = {MINE: b"mine"}

    def __call__(self, asked: Asked) -> Answer:
        name = asked.path[-1]
        if asked.method == "PUT":
            self.files[name] = asked.sent[: self.most]
            return Answer(204)
        if name not in self.files:
            return Answer(404)
        if asked.method == "DELETE":
            del self.files[name]
            return Answer(204)
        return Answer(200, self.files[name], {"Content-Type": "application/octet-stream"})


def judge(server: Callable[[Asked], Answer], cwd: Path, paths: Mapping[str, Any], *options: str) -> Judged:
    document = cwd / "document.json"
    document.write_text(json.dumps({"openapi": "3.1.0", "info": {"title": "Files", "version": "1"}, "paths": paths}))
    with serving(server) as url:
        return judged(url, cwd, *CLAUSES, *options, document=document)


@pytest.mark.parametrize(("most", "broken"), [(None, set()), (20, {"putFile.read-after-upload"})], ids=["whole", "cut"])
def test_a_file_is_stored_under_a_new_name_read_and_deleted(most: int | None, broken: set[str], tmp_path: Path) -> None:
    server = Files(most)
    found = judge(server, tmp_path, {"/files/{name}": STORED})
    assert set(found.failures()) == broken, found.output
    assert (found.exit_code, found.report["left_behind"], server.files) == (int(bool(broken)), [], {MINE: b"mine"})
    assert broken or "putFile.read-after-upload" in found.held()


FORM = {
    "multipart/form-data": {
        "schema": {
            "type": "object",
            "required": ["file"],
            "properties": {"file": {"type": "string", "format": "binary"}},
        }
    }
}
BUCKET = {
    "type": "object",
    "required": ["label"],
    "properties": {"id": {"type": "integer"}, "label": {"type": "string"}},
}
JSON = {"application/json": {"schema": BUCKET}}
ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
BUCKETS: Mapping[str, Any] = {
    "/buckets": {
        "post": {
            "operationId": "createBucket",
            "requestBody": {"required": True, "content": JSON},
            "responses": {"201": {"description": "It.", "content": JSON}},
        }
    },
    "/buckets/{id}": {
        "parameters": [ID],
        "get": {"operationId": "getBucket", "responses": {"200": {"description": "It.", "content": JSON}, "404": NONE}},
        "delete": {"operationId": "deleteBucket", "responses": {"204": {"description": "Gone."}, "404": NONE}},
    },
    "/buckets/{id}/cover": {
        "parameters": [ID],
        "get": STORED["get"] | {"operationId": "getCover"},
        "post": STORED["put"] | {"operationId": "postCover", "requestBody": {"required": True, "content": FORM}},
    },
    "/buckets/{id}/files/{name}": {**STORED, "parameters": [ID, NAME]},
}


class Buckets:
    """A server of buckets with files, which are `shared` by all buckets if it is broken."""

    def __init__(self, shared: bool) -> None:
        self.shared = shared
        self.buckets: dict[str, Any] = {}
        self.files: dict[tuple[str, ...], bytes] = {}

    def __call__(self, asked: Asked) -> Answer:
        _, *place = asked.path
        if not place:
            id = str(len(self.buckets) + 1)
            self.buckets[id] = {"id": int(id), "label": asked.body["label"]}
            return Answer(201, self.buckets[id])
        if self.buckets.get(place[0]) is None:
            return Answer(404)
        if len(place) == 1:
            bucket = self.buckets[place[0]]
            if asked.method == "DELETE":
                self.buckets[place[0]] = None
            return Answer(204) if asked.method == "DELETE" else Answer(200, bucket)
        at = tuple(place[1:] if self.shared else place)
        if asked.method in ("PUT", "POST"):
            is_form = asked.headers["content-type"].startswith("multipart/")
            self.files[at] = asked.sent.split(b"\r\n\r\n", 1)[1].rpartition(b"\r\n--")[0] if is_form else asked.sent
            return Answer(204)
        if asked.method == "DELETE":
            return Answer(204 if self.files.pop(at, None) is not None else 404)
        file = self.files.get(at)
        return Answer(404) if file is None else Answer(200, file, {"Content-Type": "application/octet-stream"})


@pytest.mark.parametrize("is_shared", [False, True], ids=["apart", "shared"])
def test_files_below_items_are_read_as_sent_and_are_no_files_of_other_items(is_shared: bool, tmp_path: Path) -> None:
    server, clauses = Buckets(is_shared), {"postCover.read-after-upload", "putFile.read-after-upload"}
    found = judge(server, tmp_path, BUCKETS, *(part for clause in clauses for part in ("--clause", clause)))
    assert ({*found.failures()}, found.held()) == ((clauses, set()) if is_shared else (set(), clauses)), found.output
    assert (found.report["left_behind"], any(server.buckets.values())) == ([], False)


def test_a_file_that_no_operation_deletes_is_not_stored(tmp_path: Path) -> None:
    server = Files()
    found = judge(server, tmp_path, {"/files/{name}": {name: one for name, one in STORED.items() if name != "delete"}})
    assert server.files == {MINE: b"mine"}
    assert "disposable: true" in found.statuses()["putFile.read-after-upload"]
