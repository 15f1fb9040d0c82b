"""Lists that are sorted as Spring describes it, by `property,(asc|desc)`: which members sort them is not said."""

import json
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.support.servers.judging import judged
from tests.support.servers.serving import Answer, Asked, serving

CLAUSE = "listPlants.ordered-as-asked"
SORT = {
    "name": "sort",
    "in": "query",
    "description": "Sorting criteria in the format: property,(asc|desc). Default sort order is ascending.",
    "schema": {"type": "array", "items": {"type": "string"}},
}
MEMBERS = {"name": {"type": "string"}, "height": {"type": "integer"}}
PLANT = {"type": "object", "required": ["name", "height"], "properties": {"id": {"type": "integer"}, **MEMBERS}}
NEW = {"type": "object", "required": ["name", "height"], "properties": MEMBERS}
DEFECTS = ("directions are swapped", "numbers are sorted as texts")
WAYS = ("", "by name alone", "an unknown property is refused", "no property sorts")


def body(schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": "", "content": {"application/json": {"schema": schema}}}


AT = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
NONE = {"description": "none"}
PATHS = {
    "/plants": {
        "get": {
            "operationId": "listPlants",
            "parameters": [SORT],
            "responses": {"200": body({"type": "array", "items": PLANT}), "400": NONE},
        },
        "post": {"operationId": "createPlant", "requestBody": body(NEW), "responses": {"201": body(PLANT)}},
    },
    "/plants/{id}": {
        "parameters": [AT],
        "get": {"operationId": "getPlant", "responses": {"200": body(PLANT), "404": NONE}},
        "delete": {"operationId": "deletePlant", "responses": {"204": NONE, "404": NONE}},
    },
}


class Plants:
    """The plants, with one defect, or a way of its own."""

    def __init__(self, way: str = "") -> None:
        self.way = way
        self.plants: dict[str, dict[str, Any]] = {}
        self.numbers = count(1)

    def __call__(self, asked: Asked) -> Answer:
        """The answer to a request."""
        if asked.path == ("plants",):
            return self.create(asked.body) if asked.method == "POST" else self.list(asked.query.get("sort", ""))
        if asked.path[1] not in self.plants:
            return Answer(404)
        if asked.method == "DELETE":
            del self.plants[asked.path[1]]
            return Answer(204)
        return Answer(200, self.plants[asked.path[1]])

    def create(self, sent: Any) -> Answer:
        """A new plant."""
        number = next(self.numbers)
        self.plants[str(number)] = {"id": number, **sent}
        return Answer(201, self.plants[str(number)])

    def list(self, sort: str) -> Answer:
        """The plants in the order that is asked for."""
        member, _, direction = sort.partition(",")
        known = {"": MEMBERS.keys(), "by name alone": ("name",), "no property sorts": ()}.get(
            self.way, ("name", "height")
        )
        found = list(self.plants.values())
        if member and member not in known:
            return Answer(400) if "refused" in self.way else Answer(200, found)
        if member:
            as_text = str if self.way == "numbers are sorted as texts" else lambda value: value
            is_down = (direction == "desc") != (self.way == "directions are swapped")
            found.sort(key=lambda one: as_text(one[member]), reverse=is_down)
        return Answer(200, found)


def judge(way: str, cwd: Path) -> str:
    """The status of the clause about the order."""
    document = cwd / "document.json"
    document.write_text(json.dumps({"openapi": "3.0.1", "info": {"title": "Plants", "version": "1"}, "paths": PATHS}))
    with serving(Plants(way)) as url:
        found = judged(url, cwd, "--only", "clauses", "--clause", CLAUSE, document=document)
    return found.statuses()[CLAUSE].partition(":")[0]


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_list_in_another_direction_than_asked_for_is_found(defect: str, tmp_path: Path) -> None:
    assert judge(defect, tmp_path) == "violated"


@pytest.mark.parametrize("way", WAYS)
def test_a_list_that_some_members_do_not_sort_is_not_accused(way: str, tmp_path: Path) -> None:
    assert judge(way, tmp_path) == ("not-exercised" if way == "no property sorts" else "held")
