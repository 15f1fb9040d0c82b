"""Details of responses that a schema alone does not demand."""

from typing import Any

import pytest

from lookalike.schema.view import SchemaView
from lookalike.verify.oracle.response_details import envelope_flaw

NOTE = {"properties": {"id": {"type": "string"}, "title": {"type": "string"}, "place": {"type": "object"}}}
IN_DATA = {"properties": {"data": NOTE, "meta": {"type": "object"}}}


@pytest.mark.parametrize(
    ("schema", "value", "place"),
    [
        (NOTE, {"data": {"id": "1", "title": "a"}}, "not inside of data"),
        (NOTE, {"ok": True, "note": {"id": "1", "title": "a"}}, "not inside of note"),
        ({"allOf": [NOTE]}, {"result": {"title": "a", "place": {}}}, "not inside of result"),
        (IN_DATA, {"id": "1", "title": "a"}, "inside of data"),
    ],
)
def test_members_in_another_envelope_than_documented_are_told(schema: Any, value: Any, place: str) -> None:
    assert envelope_flaw(SchemaView(schema, ()), value).endswith(place)


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        (NOTE, {"id": "1", "self": {"id": "1", "title": "a"}}),
        (NOTE, {"links": {"id": "/notes/1"}}),
        (NOTE, {}),
        (NOTE, [{"data": {"id": "1", "title": "a"}}]),
        ({**NOTE, "additionalProperties": NOTE}, {"a": {"id": "1", "title": "a"}}),
        ({"type": "object"}, {"data": {"id": "1"}}),
        (IN_DATA, {"meta": {"id": "1", "title": "a"}}),
    ],
)
def test_objects_with_additions_are_no_envelopes(schema: Any, value: Any) -> None:
    assert envelope_flaw(SchemaView(schema, ()), value) == ""
