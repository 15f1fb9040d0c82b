"""Tests of the parts of a document that schemas lead to."""

from typing import Any

import pytest

from lookalike.json_values import resolve
from lookalike.schema.directions import READ_ONLY
from lookalike.schema.excerpts import Excerpts
from lookalike.schema.validator import Schemas

SCHEMAS: dict[str, Any] = {
    "Pet": {"properties": {"owner": {"$ref": "#/components/schemas/Owner"}, "id": {"readOnly": True}}},
    "Owner": {"required": ["name"], "properties": {"pets": {"items": {"$ref": "#/components/schemas/Pet"}}}},
    "Page": {"allOf": [{"type": "object"}, {"properties": {"items": {"$ref": "#/components/schemas/Pet"}}}]},
    "Part": {"$ref": "#/components/schemas/Page/allOf/1"},
    "New": {"allOf": [{"$ref": "#/components/schemas/Pet"}, {"required": ["id", "owner"]}]},
    "Other": {"type": "string"},
}
DOCUMENT = {"components": {"schemas": SCHEMAS}, "paths": {"/a~b": {"get": {"parameters": [{"schema": {"$ref": "#"}}]}}}}


def test_an_excerpt_has_what_a_schema_leads_to_in_place_and_nothing_else() -> None:
    part = Excerpts(DOCUMENT).of("#/components/schemas/Pet")
    assert part == {"components": {"schemas": {"Pet": SCHEMAS["Pet"], "Owner": SCHEMAS["Owner"]}}}


def test_pointers_into_lists_lead_to_the_same_values_in_an_excerpt() -> None:
    part = Excerpts(DOCUMENT).of("#/components/schemas/Part")
    for reference in ("#/components/schemas/Part", "#/components/schemas/Page/allOf/1", "#/components/schemas/Owner"):
        assert resolve(part, reference) is resolve(DOCUMENT, reference)


def test_the_inner_of_two_values_is_in_the_outer_one() -> None:
    both = {"a": {"b": {"type": "string"}}, "c": {"anyOf": [{"$ref": "#/a/b"}, {"$ref": "#/a"}]}}
    assert Excerpts(both).of("#/c") == both


def test_a_value_that_stands_in_two_places_is_in_both() -> None:
    shared = {"x": {"type": "string"}, "y": {"type": "integer"}}
    data = {"a": shared, "b": shared, "c": {"anyOf": [{"$ref": "#/b/y"}, {"$ref": "#/a"}, {"$ref": "#/b/x"}]}}
    assert Excerpts(data).of("#/c") == data


@pytest.mark.parametrize(
    "changed",
    [
        *({"$id": "https://example.com/a"}, {"$anchor": "a"}, {"$dynamicAnchor": "a"}, {"$dynamicRef": "#a"}),
        *({"$ref": "#a"}, {"$ref": "#"}, {"$ref": "https://example.com/a"}),
    ],
)
def test_a_schema_with_names_of_its_own_has_no_excerpt(changed: dict[str, Any]) -> None:
    assert Excerpts({"a": {"items": changed}}).of("#/a") is None


def test_a_schema_within_one_that_has_an_identifier_has_no_excerpt() -> None:
    assert Excerpts({"a": {"$id": "https://example.com/a", "$defs": {"b": {}}}}).of("#/a/$defs/b") is None


def test_a_schema_that_leads_to_much_has_no_excerpt() -> None:
    assert Excerpts(DOCUMENT).of("#/components/schemas/Pet", 8) is None
    assert Excerpts(DOCUMENT).of("#/components/schemas/Pet", 9) is not None


def test_a_reference_to_nowhere_is_left_to_the_validator() -> None:
    assert Excerpts({"a": {"$ref": "#/b"}}).of("#/a") == {"a": {"$ref": "#/b"}}


def test_members_that_are_not_sent_are_not_required_behind_any_reference() -> None:
    schemas = Schemas(DOCUMENT)
    pet = {"owner": {"name": "Ann"}}
    assert schemas.at("components", "schemas", "New", unsent=READ_ONLY).accepts(pet)
    assert not schemas.at("components", "schemas", "New").accepts(pet)
