"""Items that are sent as a form, where a document has that beside JSON, as Django REST framework writes it."""

import json
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

from tests.support.servers.judging import judged
from tests.support.servers.serving import Answer, Asked, serving

CLAUSE = "createMemo.readable-after-create"
FORM = "application/x-www-form-urlencoded"
MEMBERS: dict[str, Any] = {
    "text": {"type": "string"},
    "stars": {"type": "integer"},
    "pinned": {"type": "boolean", "default": False},
}
NEW = {"type": "object", "required": ["text"], "properties": MEMBERS}
MEMO = {"type": "object", "required": ["id", "text"], "properties": {"id": {"type": "integer"}, **MEMBERS}}
SHOWN = {"description": "", "content": {"application/json": {"schema": MEMO}}}
NONE = {"description": "none"}
PATHS = {
    "/memos": {
        "post": {
            "operationId": "createMemo",
            "requestBody": {"required": True, "content": {"application/json": {"schema": NEW}, FORM: {"schema": NEW}}},
            "responses": {"201": SHOWN, "400": NONE},
        }
    },
    "/memos/{id}": {
        "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}],
        "get": {"operationId": "getMemo", "responses": {"200": SHOWN, "404": NONE}},
        "delete": {"operationId": "deleteMemo", "responses": {"204": NONE, "404": NONE}},
    },
}


class Memos:
    """The memos, with one defect, or a way of its own."""

    def __init__(self, way: str = "") -> None:
        self.way = way
        self.memos: dict[str, dict[str, Any]] = {}
        self.numbers = count(1)

    def __call__(self, asked: Asked) -> Answer:
        """The answer to a request."""
        if asked.method == "POST":
            return self.create(asked)
        if asked.path[1] not in self.memos:
            return Answer(404)
        return Answer(204 if self.memos.pop(asked.path[1]) else 500) if asked.method == "DELETE" else self.show(asked)

    def show(self, asked: Asked) -> Answer:
        """A memo."""
        return Answer(200, self.memos[asked.path[1]])

    def create(self, asked: Asked) -> Answer:
        """A new memo of JSON or of a form."""
        sent, is_form = asked.body, asked.headers.get("content-type", "").startswith(FORM)
        if is_form and self.way == "forms are refused":
            return Answer(415)
        if is_form:
            form = dict(parse_qsl(asked.sent.decode()))
            sent = {**form, "pinned": form.get("pinned") == "true" and "flags" not in self.way}
            sent |= {"stars": int(form["stars"])} if "stars" in form and "numbers" not in self.way else {}
            sent = sent if "stars" in sent and type(sent["stars"]) is int else {**sent, "stars": 0}
        number = next(self.numbers)
        self.memos[str(number)] = {"id": number, **sent}
        return Answer(201, self.memos[str(number)])


def judge(way: str, cwd: Path) -> str:
    """The status of the clause about what is read."""
    document = cwd / "document.json"
    document.write_text(json.dumps({"openapi": "3.0.3", "info": {"title": "Memos", "version": "1"}, "paths": PATHS}))
    with serving(Memos(way)) as url:
        found = judged(url, cwd, "--only", "clauses", "--clause", CLAUSE, document=document)
    return found.statuses()[CLAUSE].partition(":")[0]


@pytest.mark.parametrize("defect", ["flags of forms are lost", "numbers of forms are lost"])
def test_what_a_form_loses_is_found(defect: str, tmp_path: Path) -> None:
    assert judge(defect, tmp_path) == "violated"


@pytest.mark.parametrize("way", ["", "forms are refused"])
def test_a_server_that_takes_forms_or_none_is_not_accused(way: str, tmp_path: Path) -> None:
    assert judge(way, tmp_path) == "held"
