"""`lookalike check`: a line for each cause, the harmful ones first, and the formats of programs."""

import json
from pathlib import Path
from typing import Any

import pytest

from lookalike.cli.check_formats import FORMATS
from lookalike.soundness import check
from tests.support.small import document

NUMBER = {"type": "integer"}
UNFIT = [{"name": f"n{index}", "in": "query", "schema": NUMBER, "example": "no"} for index in range(6)]
LOST = {"name": "x", "in": "query", "schema": {"$ref": "#/components/schemas/Lost"}}


def told(form: str, folder: Path, *parameters: Any) -> str:
    """What is printed about a document with an operation that has these parameters, those that are lost in another."""
    here = [parameter for parameter in parameters if parameter is not LOST]
    there = {"/y": {"get": {"parameters": [LOST]}}} if LOST in parameters else {}
    data = document({"/x": {"get": {"parameters": here}}, **there})
    file = folder / "api, 100%.json"
    file.write_text(json.dumps(data, indent=1), encoding="utf-8")
    return FORMATS[form](check(file))


def test_problems_of_one_cause_are_one_line_with_their_number(tmp_path: Path) -> None:
    line, total = told("text", tmp_path, *UNFIT).splitlines()
    assert "warning: " in line
    assert "(5 more like this, in line " in line
    assert line.endswith(", ...)")
    assert total == "6 problems; --format json lists each of them"


def test_what_keeps_an_operation_from_being_served_comes_before_what_does_not(tmp_path: Path) -> None:
    first, second, total = told("text", tmp_path, UNFIT[0], LOST).splitlines()
    assert "#/components/schemas/Lost points nowhere" in first
    assert "warning: " not in first
    assert "warning: " in second
    assert total == "2 problems (1 error, 1 warning)"


def test_a_document_without_our_extension_is_told_nothing_in_its_terms(tmp_path: Path) -> None:
    assert told("text", tmp_path) == f"{tmp_path / 'api, 100%.json'} is sound: 1 operation"


@pytest.mark.parametrize("form", ["json", "github", "sarif"])
def test_the_formats_of_programs_have_every_problem(form: str, tmp_path: Path) -> None:
    assert told(form, tmp_path, *UNFIT).count("must be an integer") == 6


def test_github_gets_annotations_with_their_place_and_nothing_unescaped(tmp_path: Path) -> None:
    file = str(tmp_path / "api, 100%.json")
    escaped = file.replace("%", "%25").replace(",", "%2C")
    error, warning = sorted(told("github", tmp_path, UNFIT[0], LOST).splitlines())
    assert error.startswith(f"::error file={escaped},line=")
    assert warning.startswith(f"::warning file={escaped},line=")


def test_sarif_has_the_place_and_the_level_of_each_problem(tmp_path: Path) -> None:
    whole = json.loads(told("sarif", tmp_path, UNFIT[0], LOST))
    (run,) = whole["runs"]
    assert whole["version"] == "2.1.0"
    assert sorted(result["level"] for result in run["results"]) == ["error", "warning"]
    assert {rule["id"] for rule in run["tool"]["driver"]["rules"]} == {"error", "warning"}
    for result in run["results"]:
        (place,) = result["locations"]
        assert place["physicalLocation"]["region"]["startLine"] > 1
        assert place["physicalLocation"]["artifactLocation"]["uri"].endswith("api%2C%20100%25.json")


def test_json_says_how_severe_each_problem_is(tmp_path: Path) -> None:
    problems = json.loads(told("json", tmp_path, UNFIT[0], LOST))["problems"]
    assert sorted(problem["severity"] for problem in problems) == ["error", "warning"]
