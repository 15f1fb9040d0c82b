"""Schemas with names of their own: `$id` is the base of references, anchors name schemas, and generics are bound."""

import json
from pathlib import Path
from typing import Any

import pytest

from lookalike.contract.reader import load_contract
from lookalike.http import Headers, Request
from lookalike.model.behaviour import Model
from lookalike.openapi import dynamic_references
from lookalike.soundness import check
from lookalike.stores.memory import MemoryStore

SITE = "https://example.com/s/"
INTEGER = {"type": "integer"}


def written(folder: Path, schemas: dict[str, Any], body: dict[str, Any]) -> Path:
    """A document with an operation whose body has a schema."""
    operation = {
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
        "responses": {"204": {"description": "OK"}},
    }
    document = {
        "openapi": "3.1.0",
        "info": {"title": "A", "version": "1"},
        "paths": {"/a": {"post": operation}},
        "components": {"schemas": schemas},
    }
    (folder / "api.json").write_text(json.dumps(document))
    return folder / "api.json"


def accepts(path: Path, body: Any) -> bool:
    contract = load_contract(path)
    assert contract.omitted_operations == ()
    request = Request("POST", "/a", "", Headers({"Content-Type": "application/json"}), json.dumps(body).encode(), 0.0)
    return Model(contract).respond(MemoryStore(), request, str).response.status == 204


# Schemas of the document, a reference to one of them, and a value that is valid and one that is not.
NAMED: dict[str, tuple[dict[str, Any], str, Any, Any]] = {
    "an absolute $id": ({"B": {"$id": SITE + "b", **INTEGER}}, SITE + "b", 1, "x"),
    "a relative $id": ({"B": {"$id": "b.json", **INTEGER}}, "b.json", 1, "x"),
    "an $id further down": ({"D": {"properties": {"x": {"$id": SITE + "d", **INTEGER}}}}, SITE + "d", 1, "x"),
    "an anchor below an $id": (
        {"F": {"$id": SITE + "f", "$defs": {"k": {"$anchor": "kk", **INTEGER}}}},
        SITE + "f#kk",
        1,
        "x",
    ),
    "a pointer below an $id": ({"F": {"$id": SITE + "f", "$defs": {"k": INTEGER}}}, SITE + "f#/$defs/k", 1, "x"),
    "a reference relative to an $id": (
        {"A": {"$id": SITE + "a", "properties": {"b": {"$ref": "b"}}}, "B": {"$id": SITE + "b", **INTEGER}},
        "#/components/schemas/A",
        {"b": 1},
        {"b": "x"},
    ),
    "a pointer within a resource": (
        {"F": {"$id": SITE + "f", "properties": {"k": {"$ref": "#/$defs/k"}}, "$defs": {"k": INTEGER}}},
        "#/components/schemas/F",
        {"k": 1},
        {"k": "x"},
    ),
    "one anchor in two resources": (
        {
            "A": {"$id": SITE + "a", "properties": {"k": {"$ref": "#k"}}, "$defs": {"k": {"$anchor": "k", **INTEGER}}},
            "B": {"$id": SITE + "b", "$defs": {"k": {"$anchor": "k", "type": "string"}}},
        },
        SITE + "a",
        {"k": 1},
        {"k": "x"},
    ),
    "another file with an $id": ({"B": {"$id": SITE + "b", **INTEGER}}, "other.json", {"b": 1, "c": 2}, {"b": "x"}),
    "a resource in another file": ({}, "other.json", {"c": 2}, {"c": "x"}),
}
OTHER: dict[str, Any] = {
    "$id": "https://example.com/files/other",
    "properties": {"b": {"$ref": "/s/b"}, "c": {"$ref": "inner"}},
    "$defs": {"o": {"$id": "inner", **INTEGER}},
}


@pytest.mark.parametrize(("schemas", "reference", "valid", "invalid"), NAMED.values(), ids=NAMED)
def test_a_schema_is_found_by_its_own_name(
    tmp_path: Path, schemas: dict[str, Any], reference: str, valid: Any, invalid: Any
) -> None:
    other = OTHER if "B" in schemas else {**OTHER, "properties": {"c": {"$ref": "inner"}}}
    (tmp_path / "other.json").write_text(json.dumps(other))
    path = written(tmp_path, schemas, {"$ref": reference})
    assert (accepts(path, valid), accepts(path, invalid)) == (True, False)
    assert list(check(path).problems) == []


def test_an_id_in_an_example_names_nothing(tmp_path: Path) -> None:
    schemas = {"A": {"type": "object", "examples": [{"$id": "real.json", "type": "string"}]}}
    (tmp_path / "real.json").write_text(json.dumps(INTEGER))
    assert accepts(written(tmp_path, schemas, {"$ref": "real.json"}), 1)


def test_an_anchor_that_a_resource_has_not_is_told(tmp_path: Path) -> None:
    path = written(tmp_path, {"F": {"$id": SITE + "f"}}, {"$ref": SITE + "f#no"})
    (problem,) = check(path).problems
    assert "'#no' leads nowhere" in str(problem)
    assert problem.location is not None


def test_a_dynamic_anchor_that_a_document_has_not_is_told(tmp_path: Path) -> None:
    (problem,) = check(written(tmp_path, {}, {"$dynamicRef": "#no"})).problems
    assert "'#no' leads nowhere" in str(problem)
    assert problem.location is not None


PAGE: dict[str, Any] = {
    "$id": SITE + "page",
    "type": "object",
    "required": ["items"],
    "properties": {"items": {"type": "array", "items": {"$dynamicRef": "#T"}}},
    "$defs": {"T": {"$dynamicAnchor": "T"}},
}
GENERIC: dict[str, dict[str, Any]] = {
    "Page": PAGE,
    "Users": {
        "$id": SITE + "users",
        "$ref": "page",
        "$defs": {"T": {"$dynamicAnchor": "T", "type": "object", "required": ["name"]}},
    },
    "Pets": {
        "$id": SITE + "pets",
        "$ref": "page",
        "$defs": {"T": {"$dynamicAnchor": "T", "type": "object", "required": ["kind"]}},
    },
    "Tree": {
        "$id": SITE + "tree",
        "$dynamicAnchor": "node",
        "type": "object",
        "properties": {"data": True, "children": {"type": "array", "items": {"$dynamicRef": "#node"}}},
    },
    "Strict": {"$id": SITE + "strict", "$dynamicAnchor": "node", "$ref": "tree", "unevaluatedProperties": False},
}


@pytest.mark.parametrize(
    ("name", "value", "is_valid"),
    [
        ("Users", {"items": [{"name": "a"}]}, True),
        ("Users", {"items": [{"kind": "a"}]}, False),
        ("Pets", {"items": [{"kind": "a"}]}, True),
        ("Pets", {"items": [{"name": "a"}]}, False),
        ("Page", {"items": [1, "a"]}, True),
        ("Page", {}, False),
        ("Tree", {"children": [{"daat": 1}]}, True),
        ("Strict", {"children": [{"children": [{"data": 1}]}]}, True),
        ("Strict", {"children": [{"children": [{"daat": 1}]}]}, False),
    ],
)
def test_a_generic_schema_has_the_item_type_of_the_schema_that_refers_to_it(
    tmp_path: Path, name: str, value: Any, is_valid: bool
) -> None:
    path = written(tmp_path, GENERIC, {"$ref": f"#/components/schemas/{name}"})
    assert accepts(path, value) == is_valid
    assert list(check(path).problems) == []


def test_bindings_without_end_are_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dynamic_references, "MOST_COPIES", 5)
    users = {
        f"U{number}": {**GENERIC["Users"], "$id": f"{SITE}u{number}", "$defs": GENERIC["Users"]["$defs"]}
        for number in range(9)
    }
    contract = load_contract(written(tmp_path, {"Page": PAGE, **users}, {"$ref": SITE + "u0"}))
    schemas = contract.document.data["components"]["schemas"]
    assert sorted(schemas.keys() - users.keys()) == ["Page", *(f"Page_{number}" for number in range(2, 7))]
