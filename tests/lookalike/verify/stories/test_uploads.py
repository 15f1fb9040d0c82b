"""Files that are stored under a name of the client, and of which the document describes no resource."""

import json
from collections.abc import Mapping
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


def judge(server: Files, cwd: Path, methods: Mapping[str, Any] = STORED) -> Judged:
    document = cwd / "document.json"
    paths = {"/files/{name}": methods}
    document.write_text(json.dumps({"openapi": "3.1.0", "info": {"title": "Files", "version": "1"}, "paths": paths}))
    with serving(server) as url:
        return judged(url, cwd, *CLAUSES, document=document)


@pytest.mark.parametrize(("most", "broken"), [(None, set()), (20, {"putFile.read-after-upload"})], ids=["whole", "cut"])
def test_a_file_is_stored_under_a_new_name_read_and_deleted(most: int | None, broken: set[str], tmp_path: Path) -> None:
    server = Files(most)
    found = judge(server, tmp_path)
    assert set(found.failures()) == broken, found.output
    assert (found.exit_code, found.report["left_behind"], server.files) == (int(bool(broken)), [], {MINE: b"mine"})
    assert broken or "putFile.read-after-upload" in found.held()


def test_a_file_that_no_operation_deletes_is_not_stored(tmp_path: Path) -> None:
    server = Files()
    found = judge(server, tmp_path, {name: one for name, one in STORED.items() if name != "delete"})
    assert server.files == {MINE: b"mine"}
    assert "disposable: true" in found.statuses()["putFile.read-after-upload"]
