"""`lookalike check`: a line for each cause, the harmful ones first, and the formats of programs."""

import json
from pathlib import Path
from typing import Any

import pytest

from lookalike.cli.check_formats import FORMATS
from lookalike.errors import DocumentError
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


TEXT = {"type": "string"}
OPENAPI_3_0 = {"openapi": "3.0.3", "info": {"title": "T", "version": "1"}}


def of_response(**members: Any) -> dict[str, Any]:
    """A document of 3.0 whose one response has JSON with these members."""
    response = {"description": "", "content": {"application/json": members}}
    return {**OPENAPI_3_0, "paths": {"/x": {"get": {"responses": {"200": response}}}}}


def of_parameters(*parameters: Any, path: str = "/x") -> dict[str, Any]:
    """A document of 3.0 with an operation that has these parameters."""
    operation = {"parameters": parameters, "responses": {"200": {"description": ""}}}
    return {**OPENAPI_3_0, "paths": {path: {"get": operation}}}


ID = {"name": "id", "in": "path", "required": True, "schema": TEXT}
CIRCLE = {"A": {"allOf": [{"$ref": "#/components/schemas/A"}, {"type": "object"}]}}
NESTED: dict[str, Any] = {"type": "string"}
for _ in range(95):
    NESTED = {"not": NESTED}

# A document, and the end of the pointer and the message of each of its problems.
TOLD: dict[str, tuple[dict[str, Any], list[tuple[str, str]]]] = {
    "an unknown keyword of a schema that may be a reference": (
        of_response(schema={"const": "x"}),
        [("/schema", "unknown member of schema: const")],
    ),
    "a type that only 3.1 has": (
        of_response(schema={"type": ["string", "null"]}),
        [("/schema/type", 'must be one of "array", "boolean", "integer", "number", "object", "string"')],
    ),
    "a limit that only 3.1 has": (
        of_parameters({"name": "q", "in": "query", "schema": {"type": "number", "exclusiveMinimum": 3}}),
        [("/schema/exclusiveMinimum", "must be a boolean, not an integer")],
    ),
    "members that exclude each other": (
        of_response(example={}, examples={"one": {"value": {}}}),
        [("/application~1json", "example and examples are not allowed together")],
    ),
    "a parameter of two forms": (
        of_parameters({"name": "q", "in": "query", "schema": TEXT, "content": {"text/plain": {}}}),
        [("/parameters/0", "schema and content are not allowed together")],
    ),
    "a style of parameters elsewhere": (
        of_parameters({"name": "q", "in": "query", "style": "matrix", "schema": TEXT}),
        [("/parameters/0/style", 'must be one of "form", "spaceDelimited", "pipeDelimited", "deepObject"')],
    ),
    "a parameter that comes twice": (
        of_parameters(*({"name": "q", "in": "query", "schema": {"type": one}} for one in ("string", "integer"))),
        [("/parameters/1", "the query parameter 'q' comes twice")],
    ),
    "a tag that comes twice": (
        {**document({"/x": {"get": {}}}), "tags": [{"name": "a"}, {"name": "b"}, {"name": "a"}]},
        [("/tags/2", "the tag 'a' comes twice")],
    ),
    "a parameter that its path does not have": (
        document({"/x": {"parameters": [ID], "get": {}, "put": {}}}),
        [("/parameters/0", "/x has no parameter {id}")],
    ),
    "a brace that is not closed": (
        of_parameters(path="/x/{id"),
        [("/paths/~1x~1{id", "'/x/{id' has a brace that encloses no name")],
    ),
    "a default that does not fit": (
        of_parameters({"name": "q", "in": "query", "schema": {"type": "integer", "default": "ten"}}),
        [("/schema/default", "default must be an integer, not a string")],
    ),
    "an example of a schema that does not fit": (
        of_response(schema={"type": "integer", "example": "ten"}),
        [("/schema/example", "example must be an integer, not a string")],
    ),
    "a schema that applies itself": (
        {**document({"/x": {"get": {}}}), "components": {"schemas": CIRCLE}},
        [("/components/schemas/A", "applies itself to the same value, without end")],
    ),
    "a schema that is nested deeply": ({**document({"/x": {"get": {}}}), "components": {"schemas": {"A": NESTED}}}, []),
    "flows of OAuth that are none": (
        {
            **document({"/x": {"get": {}}}),
            "components": {"securitySchemes": {"o": {"type": "oauth2", "flows": {"implicit": "no"}}}},
        },
        [("/securitySchemes/o/flows", "flows must be an object of flows")],
    ),
    "half of a surrogate pair": (
        {**of_parameters(), "tags": [{"name": "\ud800", "note": 1}]},
        [("/tags/0", "unknown member of 0: note")],
    ),
    "a parameter that is none beside a path without operations": (
        {**OPENAPI_3_0, "paths": {"/x": {"parameters": [{"name": "q"}]}}},
        [("/parameters/0", "this parameter has no in"), ("/parameters/0", "")],
    ),
    "a version that is a number": (
        {**of_parameters(), "openapi": 3.0},
        [("/openapi", "openapi must be a string of three numbers like 3.1.0")],
    ),
}


@pytest.mark.parametrize("name", TOLD)
def test_a_problem_is_told_at_its_own_place_in_words_of_its_own(name: str, tmp_path: Path) -> None:
    data, expected = TOLD[name]
    file = tmp_path / "api.json"
    file.write_text(json.dumps(data, indent=1), encoding="utf-8")
    found = check(file).problems
    assert len(found) == len(expected)
    for problem, (pointer, what) in zip(found, expected, strict=True):
        assert problem.location is not None
        assert problem.location.pointer.endswith(pointer)
        assert what in problem.what


def test_json_that_only_yaml_reads_is_told(tmp_path: Path) -> None:
    file = tmp_path / "api.json"
    file.write_text(json.dumps(of_parameters()).replace("}}}}}", "}}}},}"), encoding="utf-8")
    (problem,) = check(file).problems
    assert problem.what.startswith("not JSON: ")
    assert problem.what.endswith("; it is read as YAML")


def test_json_with_comments_is_called_no_json(tmp_path: Path) -> None:
    file = tmp_path / "api.json"
    file.write_text("// An API.\n" + json.dumps(of_parameters()), encoding="utf-8")
    with pytest.raises(DocumentError, match="not JSON: expecting value"):
        check(file)


def test_a_document_in_one_line_names_no_lines_of_it(tmp_path: Path) -> None:
    file = tmp_path / "api.json"
    file.write_text(json.dumps(of_parameters(*UNFIT)), encoding="utf-8")
    assert "(5 more like this)" in FORMATS["text"](check(file))
