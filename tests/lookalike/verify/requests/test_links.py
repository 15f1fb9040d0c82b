"""Links in bodies: which members name items of other resources."""

from typing import Any

import pytest

from lookalike.schema.value_types import ValueType
from lookalike.verify.requests.links import links_in

KEYS = {"book": "isbn", "label": "kind", "owner": "id", "zone": "code"}


@pytest.mark.parametrize(
    ("name", "member", "named"),
    [
        ("isbn", {"type": "string"}, "book"),
        ("isbn", {"type": "string", "enum": ["1", "2"]}, None),
        ("isbn", {"type": "string", "readOnly": True}, None),
        ("kind", {"type": "string"}, None),
        ("owner_id", {"type": "string"}, "owner"),
        ("id", {"type": "string"}, None),
        ("owner", {"type": ["integer", "null"]}, "owner"),
        ("owner", {"type": "string", "format": "uuid"}, "owner"),
        ("owner", {"type": "string"}, None),
        ("payer", {"type": "string", "description": "The id of the owner who pays."}, "owner"),
        ("place", {"type": "string", "description": "A zone's identifier"}, "zone"),
        ("payer", {"type": "string", "description": "The owner who pays."}, None),
        ("id", {"type": "string", "description": "The id of the note."}, None),
    ],
)
def test_a_member_names_another_resource_by_its_noun_or_by_a_key_that_no_other_has(
    name: str, member: dict[str, Any], named: str | None
) -> None:
    kind = ValueType([{"type": "object", "properties": {name: member}}], str)
    found = {one.member: one.to.resource for one in links_in(kind, KEYS, "note")}
    assert found == ({name: named} if named else {})


def test_an_item_does_not_name_another_by_its_own_key() -> None:
    kind = ValueType([{"type": "object", "properties": {"isbn": {"type": "string"}}}], str)
    assert [*links_in(kind, KEYS, "book")] == []


@pytest.mark.parametrize("name", ["parent_id", "parentBookId"])
def test_a_parent_is_of_the_same_kind_unless_a_resource_is_called_so(name: str) -> None:
    kind = ValueType([{"type": "object", "properties": {name: {"type": "string"}}}], str)
    assert [(one.to.resource, one.is_parent) for one in links_in(kind, KEYS, "book")] == [("book", True)]
    assert [*links_in(kind, KEYS, "note")] == []  # of notes, nothing is known that could be named
    named = {**KEYS, "parent": "id", "parent-book": "id"} if name == "parent_id" else {**KEYS, "parentBook": "id"}
    assert [one.is_parent for one in links_in(kind, named, "book")] == [False]


def test_members_that_name_items_of_one_resource_name_different_ones() -> None:
    members = {"payer_owner_id": {"type": "string"}, "payee_owner_id": {"type": "string"}}
    kind = ValueType([{"type": "object", "properties": members}], str)
    assert [(one.to.resource, one.ordinal) for one in links_in(kind, KEYS, "note")] == [("owner", 0), ("owner", 1)]
