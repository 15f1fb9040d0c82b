"""Telling values: members inside of objects, lists and maps have them too, and what is kept stays as it is."""

from typing import Any

from lookalike.schema.value_types import ValueType
from lookalike.verify.requests.edge_values import (
    easily_refused,
    edge_values,
    first_edge_values,
    long_texts,
    negative_values,
    numeric_texts,
    with_edge_values,
)

TEXT = {"type": "string"}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "title": TEXT,
        "due": {"type": "string", "format": "date-time"},
        "owner": {"type": "object", "properties": {"name": TEXT, "id": {**TEXT, "readOnly": True}}},
        "lines": {"type": "array", "items": {"type": "object", "properties": {"count": {"type": "integer"}}}},
        "fields": {"type": "object", "additionalProperties": TEXT},
    },
}
BODY = {"title": "a", "owner": {"name": "b", "id": "c"}, "lines": [{"count": 1}], "fields": {"key": "d"}}


def nothing(reference: str) -> Any:
    return {}


KIND = ValueType([SCHEMA], nothing)


def anything(value: Any) -> bool:
    return True


def told(kept: frozenset[str] = frozenset()) -> dict[str, Any]:
    return with_edge_values(KIND, BODY, kept, anything)


def test_members_of_objects_get_edge_values_but_for_those_that_only_the_server_sets() -> None:
    owner = told()["owner"]
    assert not owner["name"].isascii()
    assert owner["id"] == "c"


def test_a_list_of_objects_gets_a_second_one_and_a_map_a_second_member() -> None:
    assert told()["lines"] == [{"count": 1_000_003}, {"count": 1}]
    assert told()["fields"].keys() == {"key", "secondOne"}


def test_what_is_kept_is_kept_with_all_that_is_in_it() -> None:
    kept = told(frozenset({"owner", "title"}))
    assert {name: kept[name] for name in ("owner", "title")} == {name: BODY[name] for name in ("owner", "title")}


def test_an_object_of_several_kinds_gets_no_member_of_another_kind() -> None:
    kinds = {
        kind: {"type": "object", "properties": {"kind": {"const": kind}, **members}}
        for kind, members in {"mail": {"to": TEXT}, "hook": {"url": TEXT, "retries": {"type": "integer"}}}.items()
    }
    target: dict[str, Any] = {"oneOf": [*kinds.values()]}
    kind = ValueType([{"type": "object", "properties": {"target": target, "note": TEXT}}], nothing)
    sent = with_edge_values(kind, {"target": {"kind": "mail", "to": "a"}}, frozenset(), anything)
    assert sent["target"].keys() == {"kind", "to"}
    assert {*sent} == {"target", "note"}


def test_only_values_that_fit_are_taken() -> None:
    assert with_edge_values(KIND, BODY, frozenset(), lambda value: value["lines"] == [{"count": 1}])["lines"] == [
        {"count": 1}
    ]


def test_more_and_more_is_left_out_for_strict_servers() -> None:
    assert list(easily_refused(KIND)) == [
        frozenset(),
        {"due"},
        {"due", "owner", "lines", "fields"},
        {"due", "owner", "lines", "fields", "title"},
    ]


def test_numbers_that_may_be_negative_are_sent_so() -> None:
    assert [*negative_values(ValueType([{"type": "integer"}], nothing))] == [-41]
    assert [*negative_values(ValueType([TEXT], nothing))] == []


def test_a_new_item_has_another_choice_than_the_default() -> None:
    kind = {"type": "string", "enum": ["a", "b", "c"], "default": "a"}
    assert [*first_edge_values(ValueType([kind], nothing))] == ["b", "c", "a"]
    assert [*first_edge_values(ValueType([{"type": "boolean", "default": True}], nothing))] == [False, True]


def test_a_long_text_is_as_long_as_is_allowed_and_exceeds_255_characters_else() -> None:
    assert [len(text) for text in long_texts(ValueType([TEXT], nothing))] == [300]
    assert [len(text) for text in long_texts(ValueType([{**TEXT, "maxLength": 40}], nothing))] == [40]
    assert not [*long_texts(ValueType([{**TEXT, "pattern": "^a+$"}], nothing))]


def test_a_text_looks_like_a_number_only_where_it_may_be_any() -> None:
    assert [*numeric_texts(ValueType([TEXT], nothing))] == ["00123"]
    assert not [*numeric_texts(ValueType([{**TEXT, "format": "date"}], nothing))]


def test_only_a_documented_float_has_no_fraction_that_32_bits_do_not_hold() -> None:
    first = {
        form: next(edge_values(ValueType([{"type": "number", "format": form}], nothing)))
        for form in ("float", "double")
    }
    assert first == {"float": 1234.25, "double": 1234.57}


def test_the_end_of_something_is_after_its_start_and_a_value_of_any_type_is_no_text() -> None:
    moment = {"type": "string", "format": "date-time"}
    kind = ValueType([{"type": "object", "properties": {"start": moment, "end": moment, "value": {}}}], nothing)
    found = with_edge_values(kind, {}, frozenset(), anything)
    assert found["start"] < found["end"]
    assert isinstance(found["value"], float)
