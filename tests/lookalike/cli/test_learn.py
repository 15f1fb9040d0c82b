"""`lookalike learn`: recorded answers become items and examples that a mock takes."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import lookalike
from lookalike.cli import commands
from lookalike.errors import UsageError
from lookalike.openapi.yaml_text import load_yaml
from tests.support.recorded import PETS, REX, entry

VISIT = {"id": "6f1c1c4e-3a53-4f6b-9a53-0d3f6f3b2a10", "reason": "flu"}
MIA = {**REX, "id": 2, "name": "Mia"}


def learn(folder: Path, entries: list[Any], *options: str, document: str = PETS) -> Result:
    file = folder / "a.har"
    file.write_text(json.dumps({"log": {"entries": entries}}), encoding="utf-8")
    words = ["learn", str(file), document, "--seeds", str(folder / "s.yaml"), "--examples", str(folder / "e.yaml")]
    return CliRunner().invoke(commands, [*words, *options], standalone_mode=False)


def get(mock: lookalike.Mock, path: str) -> lookalike.Response:
    return mock.handle(lookalike.Request("GET", path))


def test_a_mock_that_is_started_with_it_answers_what_was_recorded(tmp_path: Path) -> None:
    result = learn(
        tmp_path,
        [
            entry("GET", "/pets", 200, {"data": [REX, MIA, {**REX, "id": 3}], "total": 3}),
            entry("PATCH", "/pets/1", 200, {**REX, "name": "Max"}, {"name": "Max"}),
            entry("DELETE", "/pets/3", 204, None),
            entry("POST", "/pets/2/visits", 201, VISIT, {"reason": "flu"}),
            entry("GET", "/settings", 500, {}),
        ],
    )
    assert result.exception is None
    assert "items: 2 of pet, 1 of " in result.output
    contract = lookalike.load(PETS, overlays=[tmp_path / "e.yaml"], strict=True)
    mock = lookalike.Mock(contract, data=tmp_path / "s.yaml")
    shown = [get(mock, path).json() for path in ("/pets/1", "/pets/2", f"/pets/2/visits/{VISIT['id']}")]
    assert shown == [{**REX, "name": "Max"}, MIA, VISIT]
    assert get(mock, "/pets/3").status == 404


def test_an_example_of_the_document_is_replaced_and_not_mixed_with_the_answer(tmp_path: Path) -> None:
    document = {
        "openapi": "3.0.3",
        "info": {"title": "Rates", "version": "1"},
        "paths": {"/rates": {"get": {"responses": {"200": {"$ref": "#/components/responses/Rates"}}}}},
        "components": {
            "responses": {
                "Rates": {
                    "description": "All.",
                    "content": {"application/json": {"schema": {"type": "object"}, "example": {"EUR": 1, "SEK": 2}}},
                }
            }
        },
    }
    file = tmp_path / "rates.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    recorded = entry("GET", "/rates", 200, {"EUR": 3, "token": "s3cr3t-of-asha"})
    recorded["request"]["url"] = "http://a.test/rates"
    assert learn(tmp_path, [recorded], document=str(file)).exception is None
    mock = lookalike.Mock(lookalike.load(file, overlays=[tmp_path / "e.yaml"], strict=True))
    assert get(mock, "/rates").json() == {"EUR": 3, "token": "$SECRET"}
    assert not (tmp_path / "s.yaml").exists()


def test_what_does_not_fit_is_left_out_and_named(tmp_path: Path) -> None:
    result = learn(tmp_path, [entry("GET", "/pets/1", 200, REX), entry("GET", "/pets/2", 200, {**MIA, "name": 7})])
    assert "pet 2 is left out: name must be a string" in result.output
    assert [item["id"] for item in load_yaml(tmp_path / "s.yaml")["pet"]] == [1]


def test_files_are_overwritten_only_where_that_is_asked_for(tmp_path: Path) -> None:
    entries = [entry("GET", "/pets/1", 200, REX)]
    assert learn(tmp_path, entries).exception is None
    second = learn(tmp_path, entries)
    assert isinstance(second.exception, UsageError)
    assert "s.yaml is there already; overwrite it with --force" in str(second.exception)
    assert learn(tmp_path, entries, "--force").exception is None


@pytest.mark.parametrize(
    ("entries", "message"),
    [([], "has no exchange with an operation"), ([entry("GET", "/pets/1", 500, {})], "has no answer with items")],
)
def test_a_record_of_no_use_is_an_error_and_writes_nothing(tmp_path: Path, entries: list[Any], message: str) -> None:
    result = learn(tmp_path, entries)
    assert isinstance(result.exception, UsageError)
    assert message in str(result.exception)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.har"]
