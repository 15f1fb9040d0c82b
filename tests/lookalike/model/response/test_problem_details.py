"""Reasons in the document's own words: a body keeps its shape, and says what was wrong wherever it has room."""

import json
from typing import Any

import pytest

from lookalike.model.response import problem_details as reasons
from lookalike.model.response.problem_details import with_reason
from lookalike.schema.validator import Schemas, Violation
from tests.support.small import ask, document, mock, problem

TEXT: dict[str, Any] = {"type": "string"}
VIOLATIONS = (
    Violation("body", ("pet", 0, "age"), "minimum", "age is low"),
    Violation("query", ("n",), "type", "n is no"),
)
TEXTS = ("age is low", "n is no")
BOTH = "age is low; n is no"


def shaped(example: Any, schema: Any = None) -> Any:
    return with_reason(Schemas({"s": schema or {}}).at("s"), example, 422, TEXTS, VIOLATIONS)


@pytest.mark.parametrize(
    ("example", "body"),
    [
        ({"message": "x"}, {"message": BOTH}),
        ({"detail": "x", "title": "Bad", "status": 400}, {"detail": BOTH, "title": "Bad", "status": 422}),
        ({"error": "x"}, {"error": BOTH}),
        ({"issues": [{"issue": "x"}]}, {"issues": [{"issue": "age is low"}, {"issue": "n is no"}]}),
        ({"code": 1, "message": "x"}, {"code": 422, "message": BOTH}),
        ({"error": {"code": "400", "message": "x"}}, {"error": {"code": "422", "message": BOTH}}),
        ({"errors": ["x"]}, {"errors": [*TEXTS]}),
        ({"errors": []}, {"errors": [*TEXTS]}),
        (["x"], [*TEXTS]),
        ("x", BOTH),
        (
            {"errors": [{"field": "f", "message": "m"}]},
            {"errors": [{"field": "pet.0.age", "message": "age is low"}, {"field": "n", "message": "n is no"}]},
        ),
        (
            {"detail": [{"loc": ["body"], "msg": "m", "type": "t"}]},
            {
                "detail": [
                    {"loc": ["body", "pet", 0, "age"], "msg": "age is low", "type": "minimum"},
                    {"loc": ["query", "n"], "msg": "n is no", "type": "type"},
                ]
            },
        ),
        ({"id": 5, "name": "x"}, None),
        (None, None),
        (5, None),
    ],
)
def test_the_reason_goes_where_the_body_has_room(example: Any, body: Any) -> None:
    assert shaped(example) == body


@pytest.mark.parametrize(
    ("schema", "example", "body"),
    [
        ({"properties": {"message": {"const": "No!"}, "detail": TEXT}}, {"message": "No!", "detail": "x"}, "detail"),
        ({"properties": {"message": {"maxLength": 5}}}, {"message": "No!"}, None),
        ({"properties": {"message": {"enum": ["No!", "Yes"]}}}, {"message": "No!"}, None),
        ({"properties": {"errors": {"maxItems": 1}}}, {"errors": ["x"]}, None),
    ],
)
def test_what_the_schema_fixes_stays_as_it_is(schema: Any, example: Any, body: str | None) -> None:
    assert shaped(example, schema) == (None if body is None else {**example, body: BOTH})


def test_the_example_itself_is_left_alone() -> None:
    example = {"error": {"message": "x", "errors": [{"message": "y"}]}}
    shaped(example)
    assert example == {"error": {"message": "x", "errors": [{"message": "y"}]}}


NEEDY = {"name": "n", "in": "query", "required": True, "schema": {"type": "integer"}}
REFUSED = {"type": "object", "required": ["message"], "properties": {"message": TEXT, "errors": {"type": "array"}}}


@pytest.mark.parametrize(
    ("schema", "example", "body"),
    [
        (REFUSED, {"message": "Bad."}, {"message": "n is required in the query"}),
        (
            REFUSED,
            {"message": "Bad.", "errors": ["x"]},
            {"message": "n is required in the query", "errors": ["n is required in the query"]},
        ),
        ({"properties": {"message": {"const": "Bad."}}}, {"message": "Bad."}, {"message": "Bad."}),
    ],
)
def test_the_documented_error_tells_what_is_wrong_where_it_has_room(schema: Any, example: Any, body: Any) -> None:
    content = {"application/json": {"schema": schema, "example": example}}
    responses = {"200": {"description": ""}, "422": {"description": "", "content": content}}
    server = mock(document({"/x": {"get": {"parameters": [NEEDY], "responses": responses}}}))
    for _ in range(2):
        answer = ask(server, "GET", "/x")
        assert (answer.status, answer.header("Content-Type")) == (422, "application/json")
        assert json.loads(answer.body) == body
    assert json.loads(ask(server, "GET", "/x?n=1", {"Prefer": "code=422"}).body) == example


REFUSAL: dict[str, Any] = {
    "description": "an error",
    "content": {"application/json": {"schema": {"type": "object", "properties": {"message": TEXT}}}},
}


@pytest.mark.parametrize(
    ("fields", "status", "word"),
    [
        ({}, 401, "no bearer token"),
        ({"authorization": "Bearer x", "accept": "image/png"}, 406, "Accept: image/png"),
        ({"authorization": "Bearer x", "content-type": "image/png"}, 415, "image/png"),
    ],
)
def test_a_refusal_that_is_about_no_member_tells_its_reason_too(fields: Any, status: int, word: str) -> None:
    body = {"content": {"application/json": {"schema": {"type": "object"}}}, "required": True}
    answers = {"200": {**REFUSAL, "description": "done"}, "4XX": REFUSAL}
    schemes = {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}}
    operation = {"requestBody": body, "responses": answers, "security": [{"token": []}]}
    answer = ask(mock(document({"/x": {"post": operation}}, components=schemes)), "POST", "/x", fields, b"{}")
    assert answer.status == status
    assert word in json.loads(answer.body)["message"]


def test_a_documented_refusal_that_has_no_body_is_problem_details_with_its_header_fields() -> None:
    field = {"X-Why": {"required": True, "schema": {"const": "gone"}}}
    item = {"parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}]}
    answers = {"200": {"description": "done"}, "422": {"description": "wrong", "headers": field}}
    answer = ask(mock(document({"/x/{id}": {**item, "get": {"responses": answers}}})), "GET", "/x/a")
    assert (answer.status, answer.header("X-Why")) == (422, "gone")
    assert problem(answer)["errors"][0]["keyword"] == "type"


PROBLEM = {"type": "object", "required": ["title", "detail"], "properties": {"title": TEXT, "detail": TEXT}}
ASKED = [{"name": "n", "in": "query", "schema": {"type": "integer"}}]


@pytest.mark.parametrize(
    ("media", "title"),
    [({"schema": PROBLEM}, "Bad Request"), ({"schema": PROBLEM, "example": {"title": "No", "detail": "x"}}, "No")],
)
def test_the_title_of_an_example_stays_and_one_that_is_made_up_is_that_of_the_status(media: Any, title: str) -> None:
    answers = {"200": {"description": "done"}, "400": {"description": "bad", "content": {"application/json": media}}}
    server = mock(document({"/a": {"get": {"parameters": ASKED, "responses": answers}}}))
    assert json.loads(ask(server, "GET", "/a?n=x").body)["title"] == title


def test_a_status_without_a_name_has_a_title_too() -> None:
    assert reasons.problem_details(460, ["why"], ())["title"] == "Status 460"
