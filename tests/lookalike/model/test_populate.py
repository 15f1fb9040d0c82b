"""WorldItems that are made up: of resources that are only read, of several forms, and of which each parent has one."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from lookalike.assembly import Sources, assemble, load
from lookalike.contract.reader import load_contract
from lookalike.http import Response
from lookalike.service import MockService
from lookalike.verify.execution.options import Options
from lookalike.verify.results import ClauseStatus
from lookalike.verify.run import Run
from lookalike.verify.server.client import Budget, Client
from lookalike.verify.server.transport import ConnectionSettings
from lookalike.verify.setup import environment_of_mock, mocked
from tests.support.pet_documents import operation, saved, send
from tests.support.running import running_mock

CITY = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {"id": {"type": "integer"}, "name": {"type": "string"}},
}


def form(kind: str, more: str) -> dict[str, Any]:
    properties = {"id": {"type": "integer"}, "kind": {"const": kind}, more: {"type": "integer"}}
    return {"type": "object", "required": ["id", "kind", more], "properties": properties}


PET = {"oneOf": [form("cat", "lives"), form("dog", "barks")]}
LIGHT = {"type": "object", "required": ["on"], "properties": {"on": {"type": "boolean"}}}
REF = {"$ref": "#/components/schemas/Pet"}
LIST = operation({"200": {"type": "array", "items": REF}})
READ = {"/pets": {"get": LIST}, "/pets/{petId}": {"get": operation({"200": REF, "404": None})}}
PETS = {**READ, "/pets": {"get": LIST, "post": operation({"201": REF}, REF)}}
LIGHTS = {**PETS, "/pets/{petId}/light": {"get": operation({"200": LIGHT}), "put": operation({"200": LIGHT}, LIGHT)}}


def mock_of(folder: Path, paths: Mapping[str, Any], pet: Any, populate: int = 0) -> MockService:
    return assemble(load(Sources(saved(folder, paths, pet), populate=populate)))


def value(answer: Response) -> Any:
    return json.loads(answer.body)


@pytest.mark.parametrize("paths", [READ, {"/pets": READ["/pets"]}], ids=["read and listed", "listed"])
def test_what_is_only_read_or_listed_is_populated(tmp_path: Path, paths: Mapping[str, Any]) -> None:
    server = mock_of(tmp_path, paths, CITY, populate=4)
    listed = value(send(server, "GET", "/pets"))
    assert [one["id"] for one in listed] == [1, 2, 3, 4]
    if "/pets/{petId}" in paths:
        assert value(send(server, "GET", "/pets/3")) == listed[2]
        assert send(server, "GET", "/pets/9").status == 404


def test_what_is_only_read_is_answered_by_example_where_nothing_is_made_up(tmp_path: Path) -> None:
    server = mock_of(tmp_path, READ, CITY)
    assert server.state() == {}
    assert send(server, "GET", "/pets/9").status == 200


def test_items_of_several_forms_are_populated_and_remembered(tmp_path: Path) -> None:
    server = mock_of(tmp_path, PETS, PET, populate=3)
    assert [one["id"] for one in value(send(server, "GET", "/pets"))] == [1, 2, 3]
    made = send(server, "POST", "/pets", {"id": 9, "kind": "dog", "barks": 4})
    assert made.status == 201
    assert value(send(server, "GET", "/pets/9")) == {"id": 9, "kind": "dog", "barks": 4}
    assert send(server, "POST", "/pets", {"id": 9, "kind": "dog", "lives": 4}).status == 400


def test_what_the_forms_of_an_item_describe_otherwise_is_not_known_of_it(tmp_path: Path) -> None:
    pet = {"oneOf": [form("cat", "lives"), {**form("dog", "barks"), "properties": {"id": {"type": "string"}}}]}
    assert mock_of(tmp_path, PETS, pet, populate=3).state() == {}


def test_a_schema_that_is_one_of_itself_has_no_end_and_is_read_all_the_same(tmp_path: Path) -> None:
    pet = {"oneOf": [REF, form("cat", "lives"), {"anyOf": [REF, {"oneOf": [REF, REF]}]}]}
    assert mock_of(tmp_path, PETS, pet, populate=1).state() in ({}, {"pet": []})


def test_each_parent_has_a_single_item_of_its_own(tmp_path: Path) -> None:
    server = mock_of(tmp_path, LIGHTS, CITY, populate=3)
    assert len(server.state()["light"]) == 3
    first, second, third = (value(send(server, "GET", f"/pets/{id}/light"))["on"] for id in (1, 2, 3))
    assert send(server, "PUT", "/pets/2/light", {"on": not second}).status == 200
    after = [value(send(server, "GET", f"/pets/{id}/light"))["on"] for id in (1, 2, 3)]
    assert after == [first, not second, third]
    assert send(server, "GET", "/pets/9/light").status == 404


def test_a_single_item_exists_as_soon_as_its_parent_does(tmp_path: Path) -> None:
    server = mock_of(tmp_path, LIGHTS, CITY)
    assert send(server, "GET", "/pets/1/light").status == 404
    send(server, "POST", "/pets", {"id": 1, "name": "Rex"})
    assert value(send(server, "GET", "/pets/1/light")) == {"on": True}


def test_a_single_item_is_deleted_with_its_parent(tmp_path: Path) -> None:
    paths = {**LIGHTS, "/pets/{petId}": {**READ["/pets/{petId}"], "delete": operation({"204": None})}}
    server = mock_of(tmp_path, paths, CITY, populate=2)
    send(server, "DELETE", "/pets/1")
    assert len(server.state()["light"]) == 1


def test_the_example_of_a_single_item_is_that_of_each_parent(tmp_path: Path) -> None:
    light = operation({"200": {**LIGHT, "example": {"on": True}}})
    server = mock_of(tmp_path, {**LIGHTS, "/pets/{petId}/light": {**LIGHTS["/pets/{petId}/light"], "get": light}}, CITY)
    for id in (1, 2):
        send(server, "POST", "/pets", {"id": id, "name": "Rex"})
        assert value(send(server, "GET", f"/pets/{id}/light")) == {"on": True}


@pytest.mark.repetitive
@pytest.mark.parametrize(("paths", "pet"), [(PETS, PET), (LIGHTS, CITY)], ids=["several forms", "one for each"])
def test_a_mock_of_either_keeps_what_follows_from_the_document(
    tmp_path: Path, paths: Mapping[str, Any], pet: Any
) -> None:
    api = saved(tmp_path, paths, pet)
    with running_mock(str(api)) as mock:
        client = Client(mock.url, ConnectionSettings(), Budget())
        environment = environment_of_mock(load_contract(api), client, mocked(client, None), 1)
        report = Run(environment, Options(examples=12), lambda text: None).report()
    assert report.failures == ()
    assert {clause.status for clause in report.clauses} == {ClauseStatus.HELD}
