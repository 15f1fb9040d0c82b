"""Items that a body names: a server that takes unknown ones is found out, one that has its own way is not."""

import json
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.support.servers.judging import judged
from tests.support.servers.serving import Answer, Asked, serving

TEXT = {"type": "string", "minLength": 1, "maxLength": 60}
ID = {"type": "integer", "readOnly": True}
SHAPES: dict[str, dict[str, Any]] = {
    "shelves": {"id": ID, "name": TEXT, "code": TEXT},
    "boxes": {"id": ID, "name": TEXT, "shelf_id": {"type": ["integer", "null"]}},
    "labels": {
        "id": ID,
        "name": TEXT,
        "box": {"type": "object", "required": ["id"], "properties": {"id": ID | {"readOnly": False}}},
    },
}
SAID = {"shelves": "Conflict", "boxes": "Shelf not found", "labels": "The box must exist"}
HELD = ("createBoxes", "changeBoxes", "createLabels", "changeLabels")
DEFECTS = {
    "createBoxes takes any key": "createBoxes",
    "changeBoxes takes any key": "changeBoxes",
    "createLabels takes any key": "createLabels",
}
WAYS = ("", "404", "a box of an unknown shelf is on none")


def path(kind: str) -> dict[str, Any]:
    """The operations on one kind of items."""
    schema = {"type": "object", "required": [*SHAPES[kind]][1:], "properties": SHAPES[kind]}
    body = {"required": True, "content": {"application/json": {"schema": schema}}}
    shown, none = {"description": "", "content": body["content"]}, {"description": "none"}
    refused = {"422": {"description": SAID[kind]}, "404": none}
    at = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
    post = {"operationId": f"create{kind.title()}", "requestBody": body, "responses": {"201": shown, **refused}}
    rest = {name: one for name, one in SHAPES[kind].items() if name != "code"}  # which no change tells
    changed = {"application/json": {"schema": {**schema, "required": [*rest][1:], "properties": rest}}}
    body = {"required": True, "content": changed}
    put = {"operationId": f"change{kind.title()}", "requestBody": body, "responses": {"200": shown, **refused}}
    return {
        f"/{kind}": {"post": post},
        f"/{kind}/{{id}}": {
            "parameters": [at],
            "get": {"responses": {"200": shown, "404": none}},
            "put": put,
            "delete": {"responses": {"204": none, "404": none}},
        },
    }


class Things:
    """Boxes on shelves and labels of boxes, with one defect or a way of its own."""

    def __init__(self, way: str = "") -> None:
        self.way = way
        self.items: dict[tuple[str, str], dict[str, Any]] = {}
        self.numbers = count(1)

    def __call__(self, asked: Asked) -> Answer:
        """The answer to a request."""
        kind, place = asked.path[0], (asked.path[0], asked.path[-1])
        if asked.method != "POST" and place not in self.items:
            return Answer(404)
        if asked.method == "GET":
            return Answer(200, self.items[place])
        if asked.method == "DELETE":
            return Answer(204 if self.items.pop(place) else 500)
        name = f"{'create' if asked.method == 'POST' else 'change'}{kind.title()}"
        return self.write(name, kind, asked.body, self.items.get(place))

    def write(self, name: str, kind: str, sent: Any, old: dict[str, Any] | None) -> Answer:
        """A new item or the new state of an old one, unless it names an unknown item."""
        members = {one: sent.get(one) for one in [*SHAPES[kind]][1:]} if isinstance(sent, dict) else {}
        members |= {"code": old["code"]} if old and "code" in old else {}
        if not members or not all(members.values()) or not isinstance(members["name"], str):
            return Answer(422)
        named = ("shelves", members["shelf_id"]) if kind == "boxes" else ("boxes", members.get("box"))
        key = named[1]["id"] if isinstance(named[1], dict) else named[1]
        if kind != "shelves" and (named[0], str(key)) not in self.items and not self.way.startswith(name):
            if kind == "labels" or not self.way.startswith("a box"):
                return Answer(int(self.way) if self.way.isdigit() else 422)
            members["shelf_id"] = None
        item = {"id": old["id"] if old else next(self.numbers), **members}
        self.items[kind, str(item["id"])] = item
        return Answer(200 if old else 201, item)


def judge(way: str, cwd: Path, *clauses: str) -> tuple[set[str], set[str]]:
    """The clauses that are broken, and those that are held."""
    document = cwd / "document.json"
    paths = {place: one for kind in SHAPES for place, one in path(kind).items()}
    document.write_text(json.dumps({"openapi": "3.1.0", "info": {"title": "Things", "version": "1"}, "paths": paths}))
    clauses = clauses or tuple(f"{one}.refused-when-reference-unknown" for one in HELD)
    selected = [part for one in clauses for part in ("--clause", one)]
    with serving(Things(way)) as url:
        found = judged(url, cwd, "--only", "clauses", *selected, document=document)
    return {*found.failures()}, found.held()


def test_what_a_change_cannot_tell_is_not_sent_and_stays_as_it_was(tmp_path: Path) -> None:
    clause = "changeShelves.changed-after-change"
    assert judge("", tmp_path, clause) == (set(), {clause})


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_server_that_takes_a_key_that_no_item_has_is_found_out(defect: str, tmp_path: Path) -> None:
    assert judge(defect, tmp_path)[0] == {f"{DEFECTS[defect]}.refused-when-reference-unknown"}


@pytest.mark.parametrize("way", WAYS)
def test_a_server_that_refuses_it_in_its_own_way_is_not_accused(way: str, tmp_path: Path) -> None:
    assert judge(way, tmp_path) == (set(), {f"{one}.refused-when-reference-unknown" for one in HELD})
