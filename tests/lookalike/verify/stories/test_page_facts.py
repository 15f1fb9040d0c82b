"""What pages say of themselves: which one they are, how many items they have, and how many pages there are."""

import json
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.support.servers.judging import judged
from tests.support.servers.serving import Answer, Asked, serving

WHOLE, FLAG = {"type": "integer"}, {"type": "boolean"}
NOTE: dict[str, Any] = {"type": "object", "properties": {"id": {**WHOLE, "readOnly": True}, "text": {"type": "string"}}}
FACTS = {"totalElements": WHOLE, "number": WHOLE, "totalPages": WHOLE, "first": FLAG, "numberOfElements": WHOLE}
PAGE = {"type": "object", "properties": {"content": {"type": "array", "items": NOTE}, **FACTS}}
QUERY = {"page": {"type": "integer", "minimum": 0, "default": 0}, "size": {"type": "integer", "default": 20}}
AT = {"name": "id", "in": "path", "required": True, "schema": WHOLE}
CLAUSE = "listNotes.paged-as-asked"


def body(schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": "", "content": {"application/json": {"schema": schema}}}


PATHS = {
    "/notes": {
        "get": {
            "operationId": "listNotes",
            "parameters": [
                {"name": "page", "in": "query", "description": "Zero-based page index", "schema": QUERY["page"]},
                {"name": "size", "in": "query", "description": "The size of the page", "schema": QUERY["size"]},
            ],
            "responses": {"200": body(PAGE)},
        },
        "post": {"requestBody": body(NOTE), "responses": {"201": body(NOTE)}},
    },
    "/notes/{id}": {
        "parameters": [AT],
        "get": {"responses": {"200": body(NOTE)}},
        "delete": {"responses": {"204": {"description": ""}}},
    },
}


class Notes:
    """Notes on pages, with a wrong fact or none."""

    def __init__(self, wrong: str = "") -> None:
        self.wrong = wrong
        self.notes: dict[str, dict[str, Any]] = {}
        self.numbers = count(1)

    def __call__(self, asked: Asked) -> Answer:
        """The answer to a request."""
        if asked.method == "POST":
            number = next(self.numbers)
            self.notes[str(number)] = {**asked.body, "id": number}
            return Answer(201, self.notes[str(number)])
        if asked.path == ("notes",):
            return self.page(int(asked.query.get("page", 0)), int(asked.query.get("size", 20)))
        note = self.notes.get(asked.path[-1])
        if note is None:
            return Answer(404)
        return Answer(204 if self.notes.pop(asked.path[-1]) else 500) if asked.method == "DELETE" else Answer(200, note)

    def page(self, number: int, size: int) -> Answer:
        """A page of the notes."""
        notes = [*self.notes.values()]
        content = notes[number * size : (number + 1) * size]
        facts = {"totalElements": len(notes), "number": number, "totalPages": -(-len(notes) // size)}
        facts |= {"first": number == 0, "numberOfElements": len(content)}
        wrong = {"first": True, "numberOfElements": size, "totalPages": len(notes) // size + 1}
        facts |= {name: one for name, one in wrong.items() if name == self.wrong}
        return Answer(200, {"content": content, **facts})


@pytest.mark.parametrize("wrong", ["first", "numberOfElements", "totalPages", ""])
def test_a_page_that_tells_a_wrong_fact_is_found_out(wrong: str, tmp_path: Path) -> None:
    document = tmp_path / "document.json"
    document.write_text(json.dumps({"openapi": "3.1.0", "info": {"title": "Notes", "version": "1"}, "paths": PATHS}))
    with serving(Notes(wrong)) as url:
        found = judged(url, tmp_path, "--only", "clauses", "--clause", CLAUSE, document=document)
    assert ({*found.failures()}, found.held()) == (({CLAUSE}, set()) if wrong else (set(), {CLAUSE}))
