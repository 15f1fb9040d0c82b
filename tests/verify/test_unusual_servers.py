"""Unusual servers: correct ones that take procedures, forms or envelopes are neither accused nor left full."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.catalogue.enveloped import CORRECT
from tests.catalogue.judging import judge
from tests.support.servers.judging import CLAUSES, judged
from tests.support.servers.notes import Notes
from tests.support.servers.repositories import ERROR, Repositories, document, shown, taken
from tests.support.servers.serving import Answer, Asked, serving

CHANNEL = {"$ref": "#/components/schemas/Channel"}
FILE = {"$ref": "#/components/schemas/File"}
PET = {"$ref": "#/components/schemas/Pet"}


class Channels:
    """Procedures on channels, of which each names its channel in the body."""

    document = document(
        {
            f"/channels.{name}": {
                "post": {
                    "operationId": name,
                    "requestBody": taken({"type": "object", "required": [*of], "properties": of}),
                    "responses": {"200": shown({"type": "object", "properties": {"channel": CHANNEL}})},
                }
            }
            for name, of in (
                ("create", {"name": {"type": "string"}}),
                ("info", {"channel": {"type": "string"}}),
                ("delete", {"channel": {"type": "string"}}),
            )
        },
        Channel={
            "type": "object",
            "required": ["id", "name"],
            "properties": {"id": {"type": "string"}, "name": {"type": "string"}},
        },
    )

    def __init__(self) -> None:
        self.items: dict[str, dict[str, Any]] = {"C0": {"id": "C0", "name": "general"}}
        self.made = 0

    def __call__(self, asked: Asked) -> Answer:
        verb, body = asked.path[0].removeprefix("channels."), asked.body if isinstance(asked.body, dict) else {}
        if verb == "create" and isinstance(body.get("name"), str):
            self.made += 1
            item = self.items[f"C{self.made}"] = {"id": f"C{self.made}", "name": body["name"]}
            return Answer(200, {"channel": item})
        if verb in ("info", "delete") and str(body.get("channel")) in self.items:
            found = self.items[str(body["channel"])]
            if verb == "delete":
                del self.items[found["id"]]
            return Answer(200, {"channel": found})
        return Answer(400, {"error": "invalid"})


class Files:
    """Files that are uploaded with a text, and stay in a trash, where they can be described, when they are deleted."""

    document = document(
        {
            "/files": {
                "get": {"operationId": "listFiles", "responses": {"200": shown({"type": "array", "items": FILE})}},
                "post": {
                    "operationId": "upload",
                    "requestBody": taken(
                        {
                            "type": "object",
                            "required": ["file"],
                            "properties": {"file": {"type": "string", "format": "binary"}, "text": {"type": "string"}},
                        },
                        "multipart/form-data",
                    ),
                    "responses": {"201": shown(FILE), "400": ERROR},
                },
            },
            "/files/{id}": {
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}],
                "get": {"operationId": "getFile", "responses": {"200": shown(FILE), "404": ERROR}},
                "patch": {
                    "operationId": "describeFile",
                    "requestBody": taken({"type": "object", "properties": {"text": {"type": "string"}}}),
                    "responses": {"200": shown(FILE), "400": ERROR, "404": ERROR},
                },
                "delete": {"operationId": "trashFile", "responses": {"204": {"description": "done"}, "404": ERROR}},
            },
        },
        File={
            "type": "object",
            "required": ["id", "trashed"],
            "properties": {"id": {"type": "integer"}, "text": {"type": "string"}, "trashed": {"type": "boolean"}},
        },
    )

    def __init__(self) -> None:
        self.files: dict[str, dict[str, Any]] = {}

    @property
    def items(self) -> dict[str, Any]:
        return {id: one for id, one in self.files.items() if not one["trashed"]}

    def __call__(self, asked: Asked) -> Answer:
        if asked.path == ("files",):
            return Answer(200, [*self.items.values()]) if asked.method == "GET" else self._uploaded(asked)
        found = self.files.get(asked.path[-1])
        if found is None:
            return Answer(404, {})
        if asked.method == "PATCH":
            text = asked.body.get("text", "") if isinstance(asked.body, dict) else None
            if not isinstance(text, str):
                return Answer(400, {})
            found.update(asked.body)
        if asked.method == "DELETE":
            found["trashed"] = True
            return Answer(204)
        return Answer(200, found)

    def _uploaded(self, asked: Asked) -> Answer:
        parts = dict(_part(one) for one in asked.sent.split(b"--lookalike")[1:-1])
        if "file" not in parts:
            return Answer(400, {})
        number = len(self.files) + 1
        text = {"text": parts["text"].decode()} if "text" in parts else {}
        item = self.files[str(number)] = {"id": number, **text, "trashed": False}
        return Answer(201, item)


def _part(sent: bytes) -> tuple[str, bytes]:
    head, _, content = sent.partition(b"\r\n\r\n")
    return head.partition(b'name="')[2].partition(b'"')[0].decode(), content.removesuffix(b"\r\n")


class Categorised:
    """Pets of a category with a number of its own; only the errors of a creation are documented, not its Location."""

    document = document(
        {
            "/pets": {
                "post": {"operationId": "addPet", "requestBody": taken(PET), "responses": {"400": ERROR}},
            },
            "/pets/{id}": {
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}],
                "get": {"operationId": "getPet", "responses": {"200": shown(PET), "404": ERROR}},
                "delete": {"operationId": "deletePet", "responses": {"404": ERROR}},
            },
        },
        Pet={
            "type": "object",
            "required": ["name"],
            "properties": {
                "id": {"type": "integer", "readOnly": True},
                "name": {"type": "string"},
                "category": {
                    "type": "object",
                    "required": ["id"],
                    "properties": {"id": {"type": "integer", "enum": [1]}, "name": {"type": "string"}},
                },
            },
        },
    )

    def __init__(self) -> None:
        self.items: dict[str, dict[str, Any]] = {}
        self.made = 100

    def __call__(self, asked: Asked) -> Answer:
        if asked.method == "POST":
            validator = Draft202012Validator(json.loads(self.document)["components"]["schemas"]["Pet"])
            if not validator.is_valid(asked.body):
                return Answer(400, {})
            self.made += 1
            self.items[str(self.made)] = item = {**asked.body, "id": self.made}
            return Answer(201, item, {"Location": f"https://pets.example/v1/pets/{self.made}.json"})
        found = self.items.get(asked.path[-1])
        if found is None:
            return Answer(404, {})
        return Answer(200, self.items.pop(asked.path[-1]) if asked.method == "DELETE" else found)


@pytest.mark.parametrize("make", [Channels, Files, Categorised])
def test_an_unusual_server_is_accused_of_nothing_and_left_as_it_was(make: Callable[[], Any], tmp_path: Path) -> None:
    server, file = make(), tmp_path / "openapi.json"
    file.write_text(server.document)
    before = {**server.items}
    with serving(server) as url:
        found = judged(url, tmp_path, *CLAUSES, document=file)
    assert (found.failures(), found.exit_code, found.report["left_behind"]) == ({}, 0, []), found.output
    assert server.items == before


CAR = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {"id": {"type": "integer", "readOnly": True}, "name": {"type": "string", "minLength": 1}},
}
SEARCH = {
    "type": "object",
    "required": ["filter"],
    "properties": {"filter": {"type": "object", "properties": {"name": {"type": "string"}}}},
}


class Cars:
    """Cars that are searched for by POST, and deleted by their id in the query."""

    def __init__(self) -> None:
        self.items: dict[str, dict[str, Any]] = {"0": {"id": 0, "name": "Old"}}
        self.made = 0
        car = {"$ref": "#/components/schemas/Car"}
        key = {"name": "id", "required": True, "schema": {"type": "integer"}}
        found = {"200": shown({"type": "array", "items": car}), "400": ERROR}
        gone = {"204": {"description": "done"}, "400": ERROR, "404": ERROR}
        self.document = document(
            {
                "/cars": {
                    "post": {"requestBody": taken(car), "responses": {"201": shown(car), "400": ERROR}},
                    "delete": {"parameters": [{**key, "in": "query"}], "responses": gone},
                },
                "/cars/{id}": {
                    "get": {"parameters": [{**key, "in": "path"}], "responses": {"200": shown(car), "404": ERROR}}
                },
                "/cars/search": {"post": {"requestBody": taken(SEARCH), "responses": found}},
            },
            Car=CAR,
        )

    def __call__(self, asked: Asked) -> Answer:
        if asked.method == "POST":
            return self._found(asked.body) if asked.path[1:] else self._created(asked.body)
        id = asked.query.get("id", "") if asked.method == "DELETE" else asked.path[-1]
        if not id.lstrip("-").isdecimal():
            return Answer(400 if asked.method == "DELETE" else 404, {})
        item = self.items.pop(id, None) if asked.method == "DELETE" else self.items.get(id)
        if item is None:
            return Answer(404, {})
        return Answer(204) if asked.method == "DELETE" else Answer(200, item)

    def _created(self, body: Any) -> Answer:
        if not Draft202012Validator(CAR | {"required": ["name"]}).is_valid(body):
            return Answer(400, {})
        self.made += 1
        item = self.items[str(self.made)] = {**body, "id": self.made}
        return Answer(201, item)

    def _found(self, body: Any) -> Answer:
        if not Draft202012Validator(SEARCH).is_valid(body):
            return Answer(400, {})
        return Answer(200, [one for one in self.items.values() if body["filter"].items() <= one.items()])


def test_a_deletion_by_query_and_a_search_by_post_are_exercised_and_nothing_is_left(tmp_path: Path) -> None:
    server, file = Cars(), tmp_path / "openapi.json"
    file.write_text(server.document)
    with serving(server) as url:
        found = judged(url, tmp_path, *CLAUSES, document=file)
    assert (found.failures(), found.exit_code, found.report["left_behind"]) == ({}, 0, []), found.output
    assert found.statuses().keys() - found.held() == set(), found.statuses()
    assert {"DELETE /cars.absent-after-delete", "DELETE /cars.unknown-is-404"} <= found.held()
    assert [*server.items] == ["0"]


def test_a_change_by_query_is_sent_to_an_item_of_the_run_and_an_action_is_not(tmp_path: Path) -> None:
    """A PUT affects what its path names, whatever else is not said of it (RFC 9110 section 9.3.4)."""
    server, file = Cars(), tmp_path / "openapi.json"
    described = json.loads(server.document)
    id = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
    name = {"name": "name", "in": "query", "schema": {"type": "string"}}
    responses = {"204": {"description": "done"}, "404": ERROR}
    described["paths"]["/cars/{id}"]["put"] = {"parameters": [id, name], "responses": responses}
    described["paths"]["/cars/{id}/honk"] = {"post": {"parameters": [id], "responses": responses}}
    file.write_text(json.dumps(described))
    writes: list[tuple[str, ...]] = []

    def noting(asked: Asked) -> Answer:
        if asked.method == "PUT" or asked.path[-1] == "honk":
            writes.append((asked.method, *asked.path))
            return Answer(204 if asked.path[1] in server.items else 404)
        return server(asked)

    with serving(noting) as url:
        found = judged(url, tmp_path, *CLAUSES, document=file)
    assert (found.failures(), found.exit_code, [*server.items]) == ({}, 0, ["0"]), found.output
    assert "PUT /cars/{id}.is-implemented" in found.held(), found.statuses()
    assert writes
    assert not [one for one in writes if one[0] == "POST" or one[2] == "0"]


@pytest.mark.parametrize(("member", "needed"), [("name", False), ("new_name", False), ("new_name", True)])
def test_a_change_that_may_rename_is_judged_by_every_clause_and_renames_nothing(
    member: str, needed: bool, tmp_path: Path
) -> None:
    """A server that may leave the member out refuses it here, as many do."""
    server, file = Repositories(member, needed), tmp_path / "openapi.json"
    file.write_text(server.document)
    with serving(server) as url:
        found = judged(url, tmp_path, *CLAUSES, document=file)
    assert (found.failures(), found.exit_code, found.report["left_behind"]) == ({}, 0, []), found.output
    assert found.statuses().keys() - found.held() == {"change.rest-kept-after-change"}, "there is nothing but a title"
    assert [*server.items] == ["mine"]


@pytest.mark.parametrize(("member", "needed"), [("name", False), ("new_name", True)])
def test_a_change_that_may_rename_and_forgets_a_title_is_found(member: str, needed: bool, tmp_path: Path) -> None:
    server, file = Repositories(member, needed, forgets_titles=True), tmp_path / "openapi.json"
    file.write_text(server.document)
    with serving(server) as url:
        found = judged(url, tmp_path, *CLAUSES, document=file)
    assert [*found.failures()] == ["change.changed-after-change"], found.output


@pytest.mark.parametrize("member", CORRECT[:3], ids=lambda member: member.name)
def test_items_in_an_envelope_are_judged_by_every_clause(member: Any, tmp_path: Path) -> None:
    found = judge(member, tmp_path)
    assert {id: one for id, one in found.statuses().items() if id not in found.held()} == {}


class Traced(Notes):
    """Notes whose creation takes the number of a trace in a field, which says nothing where it has no value."""

    def create(self, asked: Asked) -> Answer:
        trace = asked.headers.get("x-trace", "")
        return super().create(asked) if not trace or trace.isdecimal() else Answer(400)


def test_a_header_field_without_a_value_may_be_taken_for_none(tmp_path: Path) -> None:
    trace = {"name": "X-Trace", "in": "header", "schema": {"type": "string", "pattern": "^[0-9]+$"}}
    changes = [{"target": "$.paths['/notes'].post", "update": {"parameters": [trace]}}]
    with serving(Traced()) as url:
        found = judged(url, tmp_path, *CLAUSES, changes=changes)
    assert found.failures() == {}
    assert "createNote.refused-when-invalid" in found.held()
