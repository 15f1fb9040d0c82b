"""Times of ISO 8601 in requests, such as those without a zone, are tolerated by the mock and refused by the letter."""

import json
from typing import Any
from urllib.parse import quote

import pytest

from lookalike.model.strictness import STRICT, Strictness
from tests.support.small import ask, document, mock

TOLERANT = Strictness(media_types=False)


def post(schema: Any, value: Any, strictness: Strictness) -> int:
    members = {"type": "object", "properties": {"at": schema}}
    operation = {"requestBody": {"content": {"application/json": {"schema": members}}}}
    server = mock(document({"/x": {"post": operation}}), None, strictness)
    body = json.dumps({"at": value}).encode()
    return ask(server, "POST", "/x", {"Content-Type": "application/json"}, body).status


def get(schema: Any, text: str, strictness: Strictness) -> int:
    parameters = [{"name": "after", "in": "query", "schema": schema}]
    server = mock(document({"/x": {"get": {"parameters": parameters}}}), None, strictness)
    return ask(server, "GET", f"/x?after={text}").status


DATE_TIME, TIME = {"type": "string", "format": "date-time"}, {"type": "string", "format": "time"}
NULLABLE = {"anyOf": [DATE_TIME, {"type": "null"}]}


@pytest.mark.parametrize(
    ("schema", "text"),
    [
        (DATE_TIME, "2024-05-01T10:00:00"),  # LocalDateTime, datetime.isoformat() and .NET's Unspecified
        (DATE_TIME, "2024-05-01T10:00:00.1234567"),
        (DATE_TIME, "2024-05-01T10:00"),  # <input type="datetime-local">
        (DATE_TIME, "2024-05-01 10:00:00"),  # str(datetime)
        (DATE_TIME, "2024-05-01T10:00:00.000000+0000"),  # clients of OpenAPI Generator: strftime's %z
        (TIME, "10:00:00"),
        (TIME, "09:30"),  # <input type="time">
        (NULLABLE, "2024-05-01T10:00:00"),
    ],
)
def test_a_time_of_iso_8601_is_taken_for_a_time_unless_strictness_is_asked_for(schema: Any, text: str) -> None:
    assert (post(schema, text, TOLERANT), post(schema, text, STRICT)) == (200, 400)
    assert (get(schema, quote(text), TOLERANT), get(schema, quote(text), STRICT)) == (200, 400)


@pytest.mark.parametrize(
    ("schema", "text"),
    [
        (DATE_TIME, "2024-05-01"),
        (DATE_TIME, "2024-02-30T10:00:00"),
        (DATE_TIME, "10:00:00"),
        (TIME, "25:00"),
        (TIME, "10:00:00 "),
        (TIME, "2024-05-01T10:00:00"),
        ({"type": "string", "format": "date"}, "2024-05-01T10:00:00"),
        ({**TIME, "pattern": "Z$"}, "10:00:00"),
        (NULLABLE, "tomorrow"),
    ],
)
def test_a_text_that_is_not_a_time_is_refused_in_every_mode(schema: Any, text: str) -> None:
    assert (post(schema, text, TOLERANT), post(schema, text, STRICT)) == (400, 400)


@pytest.mark.parametrize("text", ["2024-05-01T10:00:00Z", "2024-05-01T10:00:00+02:00"])
def test_a_time_with_a_zone_is_valid_in_every_mode(text: str) -> None:
    assert (post(DATE_TIME, text, TOLERANT), post(DATE_TIME, text, STRICT)) == (200, 200)
