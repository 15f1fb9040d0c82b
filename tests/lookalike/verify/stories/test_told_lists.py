"""Lists whose text says that they lag behind changes, or that a page may be short, accuse no server that does so."""

import json
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.support.servers.judging import judged
from tests.support.servers.serving import Answer, Asked, serving

NAME = {"type": "string"}
NEW = {"type": "object", "required": ["name"], "properties": {"name": NAME}}
THING = {"type": "object", "required": ["id", "name"], "properties": {"id": {"type": "integer"}, "name": NAME}}
PAGE = {
    "type": "object",
    "required": ["things"],
    "properties": {"things": {"type": "array", "items": THING}, "next_token": {"type": "string"}},
}
LIMIT = {"type": "integer", "minimum": 1, "maximum": 100, "default": 50}
QUERY = [
    {"name": "limit", "in": "query", "description": "The number of things on a page.", "schema": LIMIT},
    {"name": "next_token", "in": "query", "description": "The token of the next page.", "schema": {"type": "string"}},
]
LISTED, PAGED = "createThing.listed-after-create", "listThings.paged-as-asked"
DELETED = "deleteThing.absent-after-delete"


def document(text: str) -> dict[str, Any]:
    """A document of things; `text` is the description of their list."""

    def answer(schema: dict[str, Any]) -> dict[str, Any]:
        return {"description": "", "content": {"application/json": {"schema": schema}}}

    at = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
    listing = {
        "operationId": "listThings",
        "description": text,
        "parameters": QUERY,
        "responses": {"200": answer(PAGE)},
    }
    body = {"required": True, "content": {"application/json": {"schema": NEW}}}
    create = {"operationId": "createThing", "requestBody": body, "responses": {"201": answer(THING)}}
    delete = {"operationId": "deleteThing", "responses": {"204": {"description": ""}, "404": {"description": ""}}}
    one = {"parameters": [at], "get": {"responses": {"200": answer(THING)}}, "delete": delete}
    paths = {"/things": {"get": listing, "post": create}, "/things/{id}": one}
    return {"openapi": "3.1.0", "info": {"title": "Things", "version": "1"}, "paths": paths}


class Things:
    """Things whose list has so many fewer on a page than are asked for, and lacks new ones or has deleted ones."""

    def __init__(self, fewer: int = 0, late: int = 0) -> None:
        self.fewer, self.late = fewer, late
        self.things: dict[str, dict[str, Any]] = {}
        self.deleted: list[dict[str, Any]] = []
        self.numbers = count(1)

    def __call__(self, asked: Asked) -> Answer:
        """The answer to a request."""
        if asked.path != ("things",):
            found = self.things.get(asked.path[1])
            if found is not None and asked.method == "DELETE":
                self.deleted.append(self.things.pop(asked.path[1]))
                return Answer(204)
            return Answer(200, found) if found is not None else Answer(404)
        if asked.method == "GET":
            return self.list(int(asked.query.get("limit", 50)), int(asked.query.get("next_token", 0)))
        number = next(self.numbers)
        self.things[str(number)] = {"id": number, "name": asked.body["name"]}
        return Answer(201, self.things[str(number)])

    def list(self, limit: int, start: int) -> Answer:
        """A page of the things, from one of them on."""
        end = start + max(1, limit - self.fewer)
        found = [*self.things.values()][: max(0, len(self.things) - self.late)]
        found += self.deleted if self.late else []
        more = {"next_token": str(end)} if end < len(found) else {}
        return Answer(200, {"things": found[start:end], **more})


@pytest.mark.parametrize(
    ("text", "things", "clause", "is_accused"),
    [
        pytest.param("Lists things.", Things(fewer=1), PAGED, True, marks=pytest.mark.repetitive),
        ("A page may hold fewer things than `limit`.", Things(fewer=1), PAGED, False),
        ("Lists things.", Things(late=1), LISTED, True),
        ("Lists are eventually consistent.", Things(late=1), LISTED, False),
        ("Lists are eventually consistent.", Things(late=1), DELETED, False),
        ("New things may take a few seconds to appear.", Things(late=1), LISTED, False),
    ],
)
def test_a_list_is_judged_by_what_its_text_says_of_it(
    text: str, things: Things, clause: str, is_accused: bool, tmp_path: Path
) -> None:
    (tmp_path / "document.json").write_text(json.dumps(document(text)))
    with serving(things) as url:
        found = judged(url, tmp_path, "--only", "clauses", "--clause", clause, document=tmp_path / "document.json")
    assert {*found.failures()} == ({clause} if is_accused else set()), found.output
