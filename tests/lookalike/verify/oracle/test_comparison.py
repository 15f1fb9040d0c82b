"""The value of a body that a server sends: whatever it is, it is judged, and nothing in it ends the run."""

from typing import Any

import pytest

from lookalike.http import Request, Response
from lookalike.json_values import ABSENT
from lookalike.schema.view import SchemaView
from lookalike.verify.oracle.comparison import Comparison, difference, flaw_of, value_of
from lookalike.verify.oracle.normalisations import Normalisations
from tests.support.small import document, model


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'"\\ud83d\\ude00"', "\U0001f600"),
        (b'{"\\udc00": "a\\ud800b"}', {"\ufffd": "a\ufffdb"}),
        (b'"\\\\ud800"', "\\ud800"),
        (b"1e999", float("inf")),
        (b"NaN", ABSENT),
        (b"[-Infinity]", ABSENT),
        (b'"\xff"', ABSENT),
        (b"[" * 100_000, ABSENT),
        (b"9" * 5000, ABSENT),
        (b"[" * 300 + b"]" * 300, ABSENT),
    ],
)
def test_the_value_of_a_body(body: bytes, value: Any) -> None:
    assert value_of(Response(200, (), body)) == value


SIZE = {"type": "object", "properties": {"size": {"type": "integer", "minimum": -(2**63)}, "rank": {"maximum": 5}}}
JSON = (("Content-Type", "application/json"),)


@pytest.mark.parametrize(
    ("sent", "shown", "is_allowed"),
    [
        (b'{"size": -9223372036854775809}', b'{"size": -9223372036854775809}', True),
        (b'{"size": 1}', b'{"size": -9223372036854775809}', False),
        (b'{"rank": 6}', b'{"rank": 6}', False),
    ],
)
def test_an_integer_beyond_its_format_is_allowed_as_it_was_sent(sent: bytes, shown: bytes, is_allowed: bool) -> None:
    content = {"application/json": {"schema": SIZE}}
    data = document({"/boxes": {"post": {"responses": {"201": {"description": "", "content": content}}}}})
    operation = model(data).contract.operations[0]
    requests = [Request("POST", "/boxes", body=sent)]
    assert bool(flaw_of(operation, Response(201, JSON, shown), requests=requests)) is not is_allowed


@pytest.mark.parametrize(
    ("extra", "flaw"),
    [
        (b"9" * 5_000, ""),
        (b"[" * 300 + b"]" * 300, ""),
        (b"[" * 100_000 + b"]" * 100_000, ""),
        (b"1e999", ""),
        (b"NaN", "a body that is JSON"),
        (b"[", "a body that is JSON"),
    ],
)
def test_a_body_beyond_the_limits_of_the_judge_is_no_violation(extra: bytes, flaw: str) -> None:
    content = {"application/json": {"schema": SIZE}}
    data = document({"/boxes": {"get": {"responses": {"200": {"description": "", "content": content}}}}})
    operation = model(data).contract.operations[0]
    found = flaw_of(operation, Response(200, JSON, b'{"size": 1, "extra": %s}' % extra))
    assert (found.expected if found else "") == flaw


DETAILS = {"type": "object", "properties": {"title": {"type": "string"}, "status": {"type": "integer"}}}


@pytest.mark.parametrize(
    ("status", "body", "flaw"),
    [
        (404, b'{"title": "Not Found", "status": 404}', None),
        (404, b'{"title": "Not Found", "status": "gone"}', "a body in which status must be an integer, not a string"),
        (200, b'{"title": "Found", "status": 200}', "a body of type application/json"),
    ],
)
def test_problem_details_that_are_documented_as_json_may_say_that_they_are_such_but_no_success_may(
    status: int, body: bytes, flaw: str | None
) -> None:
    answer = {"description": ".", "content": {"application/json": {"schema": DETAILS}}}
    (operation,) = model(document({"/a": {"get": {"responses": {str(status): answer}}}})).contract.operations
    found = flaw_of(operation, Response(status, (("Content-Type", "application/problem+json"),), body))
    assert (found.expected if found else None) == flaw


AUTHOR = {"type": "object", "properties": {"id": {"type": "integer"}}}
BOOK = {"author": AUTHOR, "editor": {"type": "integer"}, "readers": {"type": "array", "items": AUTHOR}}
ANN = {"id": 1, "name": "Ann"}


@pytest.mark.parametrize(
    ("name", "sent", "shown", "is_right"),
    [
        ("author", 1, ANN, True),
        ("readers", [1, 2], [ANN, ANN], True),
        ("readers", [1, 2], [ANN], False),
        ("editor", 1, ANN, False),
        ("version", 3, 4, True),
        ("version", 3, 5, False),
        ("size", 3, 4, False),
    ],
)
def test_objects_for_keys_and_the_next_revision_are_no_difference(
    name: str, sent: Any, shown: Any, is_right: bool
) -> None:
    members = {one: SchemaView(BOOK, (one,)) for one in BOOK}
    found = difference([name], {name: sent}, {name: shown}, Comparison(Normalisations(), "book", members))
    assert (found is None) is is_right
