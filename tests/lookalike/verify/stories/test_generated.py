"""Generated inputs hold what a story takes from them: a query and a body, whatever else the operation has."""

from typing import Any

import pytest

from lookalike.contract.contract import Operation
from lookalike.contract.requests import MediaType
from lookalike.verify.stories.generated import GeneratedInput, inputs
from lookalike.verify.stories.search import search
from tests.support.small import document, model

LIMIT = {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1}}
TEXT = {"name": "text", "in": "query", "schema": {"type": "string"}}
PLACE = {"name": "shop", "in": "path", "required": True, "schema": {"type": "integer"}}
TRACE = {"name": "X-Trace", "in": "header", "required": True, "schema": {"type": "integer"}}
NAME = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}


def generated(data: dict[str, Any], is_valid: bool) -> list[GeneratedInput]:
    """Twenty inputs of the only operation."""
    operation: Operation = model(data).contract.operations[0]
    media: MediaType | None = next(iter(operation.body.content.values())) if operation.body else None
    found: list[GeneratedInput] = []
    search(lambda: inputs(data, operation, media, is_valid), found.append, 20, 1)
    return found


def of(*parameters: Any, body: Any = None, shared: Any = (), **more: Any) -> dict[str, Any]:
    """A document with one operation."""
    content = {"content": {"application/json": {"schema": body}}}
    post = {"parameters": list(parameters), **({"requestBody": {**content, "required": True}} if body else {})}
    return document({"/shops/{shop}": {"parameters": [PLACE, *shared], "post": post}}, **more)


def test_every_invalid_input_is_invalid_by_its_body_or_query_and_never_by_what_is_thrown_away() -> None:
    found = generated(of(TRACE, body=NAME), is_valid=False)
    assert found
    assert not [one for one in found if isinstance(one.body, dict) and isinstance(one.body.get("name"), str)]


@pytest.mark.repetitive
def test_an_operation_that_has_no_invalid_input_is_left_alone() -> None:
    assert generated(of(body={"description": "anything"}), is_valid=False) == []


def test_query_parameters_come_from_the_operation_and_its_path_also_by_reference() -> None:
    referred = {"$ref": "#/components/parameters/Text"}
    required = [{**LIMIT, "required": True}, referred]
    found = generated(of(shared=required, components={"parameters": {"Text": {**TEXT, "required": True}}}), True)
    assert {name for one in found for name, _ in one.query} == {"limit", "text"}


def test_a_parameter_of_the_operation_replaces_the_one_of_its_path() -> None:
    own = {**LIMIT, "required": True, "schema": {"enum": [7]}}
    found = generated(of(own, shared=[LIMIT]), is_valid=True)
    assert {str(value) for one in found for _, value in one.query} == {"7"}


def test_credentials_are_never_generated() -> None:
    schemes = {"key": {"type": "apiKey", "in": "query", "name": "key"}}
    found = generated(
        of({**LIMIT, "required": True}, security=[{"key": []}], components={"securitySchemes": schemes}), True
    )
    assert {name for one in found for name, _ in one.query} == {"limit"}
