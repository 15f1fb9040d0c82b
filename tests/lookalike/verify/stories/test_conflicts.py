"""Values that only one item may have: a server that takes one twice is found out, one that has its own way is not."""

import json
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.support.servers.judging import judged
from tests.support.servers.serving import Answer, Asked, serving

TEXT = {"type": "string", "maxLength": 60}
SLUG = {"type": "string", "pattern": "^[a-z]+$", "maxLength": 60}
SHAPES: dict[str, dict[str, Any]] = {
    "shelves": {"id": {"type": "integer", "readOnly": True}, "name": TEXT, "label": TEXT},
    "tags": {"slug": SLUG, "label": TEXT},
}
KEYS = {"shelves": "id", "tags": "slug"}
SAID = {"shelves": "A shelf with this name exists. Names are case-insensitive.", "tags": "Conflict"}
DEFECTS = {
    "shelves: a name is taken twice": "createShelves.refused-when-taken",
    "shelves: a name is taken in capitals": "createShelves.refused-when-taken",
    "shelves: a name takes the place of the other": "createShelves.refused-when-taken",
    "tags: a slug takes the place of the other": "createTags.refused-when-taken",
    "shelves: a name is changed to that of another": "changeShelves.refused-when-taken",
}
WAYS = (
    "",
    "names are numbered",
    "the one that is there is shown",
    "422",
    "names are kept in small letters",
    "tags: slugs are updated",
)


def path(kind: str) -> dict[str, Any]:
    """The operations on one kind of items."""
    schema = {"type": "object", "required": [[*SHAPES[kind]][-2], "label"], "properties": SHAPES[kind]}
    body = {"content": {"application/json": {"schema": schema}}}
    at = {"name": KEYS[kind], "in": "path", "required": True, "schema": SHAPES[kind][KEYS[kind]]}
    shown, gone = {"description": "", **body}, {"description": "none"}
    made = {"201": shown, "200": shown, "409": {"description": SAID[kind]}, "422": gone}
    return {
        f"/{kind}": {
            "post": {
                "operationId": f"create{kind.title()}",
                "requestBody": {"required": True, **body},
                "responses": made,
            }
        },
        f"/{kind}/{{{KEYS[kind]}}}": {
            "parameters": [at],
            "get": {"operationId": f"get{kind.title()}", "responses": {"200": shown, "404": gone}},
            "put": {
                "operationId": f"change{kind.title()}",
                "requestBody": {"required": True, **body},
                "responses": {"200": shown, "404": gone, "422": gone, "409": {"description": SAID[kind]}},
            },
            "delete": {"operationId": f"delete{kind.title()}", "responses": {"204": gone, "404": gone}},
        },
    }


class Things:
    """Shelves with names and tags with slugs, of which a second one is refused, with one defect or a way of its own."""

    def __init__(self, way: str = "") -> None:
        self.way = way
        self.items: dict[tuple[str, str], dict[str, Any]] = {}
        self.numbers = count(1)

    def __call__(self, asked: Asked) -> Answer:
        """The answer to a request."""
        kind, place = asked.path[0], (asked.path[0], asked.path[-1])
        if asked.method == "POST":
            return self.create(kind, asked.body)
        if place not in self.items:
            return Answer(404)
        if asked.method == "PUT":
            return self.change(kind, self.items[place], asked.body)
        return (
            Answer(204 if self.items.pop(place) else 500)
            if asked.method == "DELETE"
            else Answer(200, self.items[place])
        )

    def change(self, kind: str, item: dict[str, Any], sent: Any) -> Answer:
        """An item with what was sent, unless another one has its name."""
        name = [*SHAPES[kind]][-2]
        if not isinstance(sent, dict) or any(not isinstance(sent.get(one), str) for one in (name, "label")):
            return Answer(422)
        others = [one for place, one in self.items.items() if place[0] == kind and one is not item]
        if any(one[name].lower() == sent[name].lower() for one in others) and "changed" not in self.way:
            return Answer(422 if self.way == "422" else 409)
        item |= {"label": sent["label"], **({name: sent[name]} if kind == "shelves" else {})}
        return Answer(200, item)

    def create(self, kind: str, sent: Any) -> Answer:
        """A new item, or what the server makes of one with a value that is taken."""
        name = [*SHAPES[kind]][-2]
        if not isinstance(sent, dict) or any(not isinstance(sent.get(one), str) for one in (name, "label")):
            return Answer(422)
        item = {one: sent[one] for one in (name, "label")}
        if self.way == "names are kept in small letters":
            item[name] = item[name].lower()
        folds = str if "capitals" in self.way or kind == "tags" else str.lower
        alike = [one for place, one in self.items.items() if place[0] == kind and folds(one[name]) == folds(item[name])]
        if alike and not (self.way.endswith("twice") and kind == "shelves"):
            other = alike[0]
            if self.way == "names are numbered" and kind == "shelves":
                item[name] = f"{item[name]} {next(self.numbers)}"
            elif self.way == "the one that is there is shown":
                return Answer(200, other)
            elif self.way.startswith(kind) and ("place" in self.way or "updated" in self.way):
                other |= item
                return Answer(200 if "updated" in self.way else 201, other)
            else:
                return Answer(422 if self.way == "422" else 409)
        item = {"id": next(self.numbers), **item} if kind == "shelves" else item
        self.items[kind, str(item[KEYS[kind]])] = item
        return Answer(201, item)


def judge(way: str, cwd: Path) -> tuple[set[str], set[str]]:
    """The clauses that are broken, and those that are held."""
    document = cwd / "document.json"
    paths = {**path("shelves"), **path("tags")}
    document.write_text(json.dumps({"openapi": "3.1.0", "info": {"title": "Things", "version": "1"}, "paths": paths}))
    selected = [part for clause in {*DEFECTS.values()} for part in ("--clause", clause)]
    with serving(Things(way)) as url:
        found = judged(url, cwd, "--only", "clauses", *selected, document=document)
    return {*found.failures()}, found.held()


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_server_that_takes_a_value_twice_is_found_out(defect: str, tmp_path: Path) -> None:
    assert judge(defect, tmp_path)[0] == {DEFECTS[defect]}


@pytest.mark.parametrize("way", WAYS)
def test_a_server_that_keeps_values_apart_in_its_own_way_is_not_accused(way: str, tmp_path: Path) -> None:
    assert judge(way, tmp_path) == (set(), {*DEFECTS.values()})
