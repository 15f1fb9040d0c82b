"""Documents about pets that say nothing about state, and requests to their mocks."""

import copy
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lookalike.contract.routing import parameter_names
from lookalike.http import Headers, Request, Response
from lookalike.model.behaviour import Model
from lookalike.model.seeds import examples
from lookalike.openapi.document import parse_document
from lookalike.service import MockService
from lookalike.stores.memory import MemoryStore
from tests.support.contracts import read_contract
from tests.support.in_process import NOW

PET: dict[str, Any] = {
    "type": "object",
    "properties": {"id": {"type": "integer"}, "name": {"type": "string"}},
}
REF = {"$ref": "#/components/schemas/Pet"}
MANY = {"type": "array", "items": REF}
TEXT: dict[str, Any] = {"type": "string"}
NUMBER: dict[str, Any] = {"type": "number"}
TRUTH: dict[str, Any] = {"type": "boolean"}
COUNT: dict[str, Any] = {"type": "integer"}
TEXTS: dict[str, Any] = {"type": "array", "items": TEXT}

Answers = Mapping[str, Any]


def operation(answers: Answers, body: Any = None, query: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """An operation; each answer is given by its schema, or by None where it has no body."""
    responses = {
        status: {"description": "", **({"content": {"application/json": {"schema": schema}}} if schema else {})}
        for status, schema in answers.items()
    }
    sent = {"requestBody": {"content": {"application/json": {"schema": body}}}} if body is not None else {}
    parameters = [{"name": name, "in": "query", "schema": schema} for name, schema in (query or {}).items()]
    return {"responses": responses, "parameters": parameters, **sent}


def document(paths: Mapping[str, Any], pet: Any = None, **more: Any) -> Any:
    """A document with those paths, whose parameters are texts unless declared."""
    declared = {path: {"parameters": _in_path(path), **item} for path, item in paths.items()}
    components = {"schemas": {"Pet": pet or PET}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "", "version": ""},
        "paths": copy.deepcopy(declared),
        "components": components,
        **more,
    }


def _in_path(path: str) -> list[Any]:
    names = parameter_names(path)
    return [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]


def mock(data: Any, is_mock: bool = False) -> MockService:
    """The mock of a document, with the items that its examples show."""
    contract = read_contract(parse_document(json.dumps(data), "minimal.json"))
    model, choices = Model(contract, is_mock=is_mock), contract.choices({})
    return MockService(model, MemoryStore(), choices, examples(model, choices.__getitem__))


def mock_of_pages(shown: Any, query: Mapping[str, Any], names: str) -> MockService:
    """A mock with a list of pets as a page, one for each letter of some names."""
    paths = {
        "/pets": {"get": operation({"200": shown}, query=query), "post": operation({"201": REF}, REF)},
        "/pets/{id}": {"get": operation({"200": REF})},
    }
    server = mock(document(paths), is_mock=True)
    for name in names:
        send(server, "POST", "/pets", {"name": name})
    return server


def send(server: MockService, method: str, target: str, body: Any = None, at: float = NOW) -> Response:
    """The response to a request with a body in JSON."""
    path, _, query = target.partition("?")
    sent = b"" if body is None else json.dumps(body).encode()
    return server.handle(Request(method, path, query, Headers({"Content-Type": "application/json"}), sent, at))


def body(response: Response) -> Any:
    """The value of a body in JSON."""
    return json.loads(response.body)


READ = {"get": operation({"200": REF})}
CRUD = {
    "/pets": {"get": operation({"200": {"type": "array", "items": REF}}), "post": operation({"201": REF}, REF)},
    "/pets/{petId}": {**READ, "put": operation({"200": REF}, REF), "delete": operation({"204": None})},
}


def saved(folder: Path, paths: Mapping[str, Any], pet: Any) -> Path:
    """The file of a document, in a folder."""
    (folder / "api.json").write_text(json.dumps(document(paths, pet)))
    return folder / "api.json"


def described(required: str = "", **members: Any) -> dict[str, Any]:
    """The schema of an object with members, some of which are required."""
    return {"type": "object", "required": required.split(), "properties": members}


LOGIN = {
    "/auth/login": {"post": operation({"201": described(accessToken=TEXT)}, described(email=TEXT, password=TEXT))},
}


def with_members(**members: Any) -> dict[str, Any]:
    """The schema of a pet with further members."""
    return {"type": "object", "properties": {"id": {"type": "integer"}, "name": TEXT, **members}}


def crud(item: Any = REF) -> dict[str, Any]:
    """The paths of a collection and its items."""
    return {
        "/pets": {"post": operation({"201": item}, item), "get": operation({"200": {"type": "array", "items": item}})},
        "/pets/{id}": {"get": operation({"200": item}), "delete": operation({"204": None})},
    }
