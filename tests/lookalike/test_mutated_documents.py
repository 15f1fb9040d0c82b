"""Documents with something changed at random: each is served, or refused in a line with its place; nothing else."""

import copy
import json
import os
import random
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from lookalike.contract.reader import load_contract
from lookalike.errors import LookalikeError
from lookalike.http import Headers, Request
from lookalike.model.behaviour import Model
from lookalike.oauth.server import AuthorizationServer
from lookalike.openapi.document import load_document
from lookalike.soundness import check
from lookalike.stores.memory import MemoryStore
from tests.support.paths import FIXTURES, ROOT

DOCUMENTS = [ROOT / "openapi.yaml", *sorted((FIXTURES / "contracts").glob("*/openapi.yaml"))]
EACH = int(os.environ.get("LOOKALIKE_MUTANTS", "30"))
"""The number of mutants of each document; `make fuzz` sets it."""

VALUES: list[Any] = [
    *(None, True, False, 0, -1, 1e308, 2**70, "", "a", "#/", "#/components", "/", "{", "{a}", "\x1b[31m", "\u0000"),
    *(
        [],
        [[]],
        {},
        {"$ref": "#"},
        {"$ref": 1},
        {"$ref": "x.yaml"},
        {"type": []},
        {"allOf": [{"$ref": "#"}]},
        "((",
        "$a",
    ),
]
NAMES = ["$ref", "x-lookalike", "type", "allOf", "", "\x1b"]


def places(node: Any) -> list[tuple[Any, Any]]:
    """All entries of objects and arrays: what holds them, and their key or index."""
    found: list[tuple[Any, Any]] = []
    pending = [node]
    while pending:
        one = pending.pop()
        entries = list(one.items() if isinstance(one, dict) else enumerate(one) if isinstance(one, list) else ())
        found += [(one, key) for key, _ in entries]
        pending += [inner for _, inner in entries]
    return found


def mutated(data: Any, draw: random.Random) -> Any:
    """A copy of a document with one to three changes."""
    data = copy.deepcopy(data)
    for _ in range(draw.randint(1, 3)):
        all_places = places(data)
        around, key = draw.choice(all_places)
        match draw.randrange(5):
            case 0:
                del around[key]
            case 1:
                around[key] = draw.choice(VALUES)
            case 2:
                other, name = draw.choice(all_places)
                around[key] = copy.deepcopy(other[name])
            case 3 if isinstance(around, dict):
                around[draw.choice(["$ref", "x-lookalike", "type", "allOf", "", "\x1b", str(key) + "x"])] = around.pop(
                    key
                )
            case _:
                around[key] = [around[key]] if draw.random() < 0.5 else {"a": around[key]}
    return data


@pytest.mark.repetitive
@pytest.mark.parametrize("path", DOCUMENTS, ids=[path.parent.name for path in DOCUMENTS])
def test_a_document_that_was_changed_at_random_is_served_or_refused(path: Path, tmp_path: Path) -> None:
    original = load_document(path).data
    for number in range(EACH):
        draw = random.Random(number)
        file = tmp_path / f"{number}.json"
        file.write_text(json.dumps(mutated(original, draw)), encoding="utf-8")
        assert not list(defects(file)), f"mutant {number} of {path}"


def test_members_of_another_type_than_theirs_break_nothing(tmp_path: Path) -> None:
    document = load_document(FIXTURES / "contracts" / "pets" / "openapi.yaml").data
    flow = {"tokenUrl": True, "authorizationUrl": {}, "scopes": {}}
    document["components"]["securitySchemes"] = {"login": {"type": "oauth2", "flows": {"authorizationCode": flow}}}
    page = {"name": "page", "in": "query", "schema": {"type": "integer", "default": {}, "minimum": []}}
    document["paths"]["/pets"]["get"]["parameters"] = [page]
    kinds = {"propertyName": "kind", "mapping": ["Pet"]}
    pets = {"oneOf": [{"$ref": "#/components/schemas/Pet"}], "discriminator": kinds}
    answer = {"200": {"description": "ok", "content": {"application/json": {"schema": pets}}}}
    document["paths"]["/kinds"] = {"get": {"responses": answer}}
    (tmp_path / "mutant.json").write_text(json.dumps(document), encoding="utf-8")
    assert not list(defects(tmp_path / "mutant.json"))


def test_members_of_another_type_break_nothing_in_a_document_of_2_0(tmp_path: Path) -> None:
    inline = {"schema": {"type": "string"}, "examples": "text"}
    document = {
        "swagger": "2.0",
        "info": {"title": "T", "version": "1"},
        "paths": {"/a": {"get": {"responses": {"200": {"schema": {"$ref": "#/responses/Ok/inline/schema"}}}}}},
        "responses": {"Ok": {"inline": inline}},
        "definitions": "text",
    }
    (tmp_path / "mutant.json").write_text(json.dumps(document), encoding="utf-8")
    assert not list(defects(tmp_path / "mutant.json"))


def defects(file: Path) -> Iterator[str]:
    """The responses to one request for each operation that are none; errors of ours end it, any other one is raised."""
    with suppress(LookalikeError):
        yield from (problem.what for problem in check(file).problems if not str(problem))
        contract = load_contract(file)
        AuthorizationServer(contract, "/oauth/", "", ())
        model, choose = Model(contract), contract.choices({}).__getitem__
        for operation in contract.operations:
            request = Request(operation.method, re.sub(r"[{}]", "", operation.path), "", Headers({}))
            status = model.respond(MemoryStore(), request, choose).response.status
            if not 200 <= status < 600:
                yield f"{operation.method} {operation.path}: {status}"
