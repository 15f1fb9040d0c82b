"""Pointers and references: what they lead to, and what is told of those that lead nowhere."""

from typing import Any

import pytest

from lookalike.json_values import (
    ABSENT,
    MOST_REFERENCES,
    PointerError,
    dereference,
    find,
    follow,
    format_pointer,
    object_at,
    parse_pointer,
    resolve,
    straighten,
    values_within,
    with_scalars,
)

DOCUMENT: dict[str, Any] = {
    "a": {"b/c": [10, {"d~e": None}]},
    "one": {"$ref": "#/two"},
    "two": {"$ref": "#/a"},
    "round": {"$ref": "#/about"},
    "about": {"$ref": "#/round"},
    "itself": {"$ref": "#/itself"},
    "lost": {"$ref": "#/aa/b"},
    "long": [{"$ref": f"#/long/{index + 1}"} for index in range(MOST_REFERENCES + 1)],
    "$named": {"$ref": 7},
}


@pytest.mark.parametrize("pointer", ["", "/", "/a~1b", "/m~0n", "/~01", "/a//b", "/0"])
def test_a_pointer_is_written_as_it_was_read(pointer: str) -> None:
    assert format_pointer(parse_pointer(pointer)) == pointer


def test_null_at_a_pointer_is_another_thing_than_nothing() -> None:
    assert find(DOCUMENT, ("a", "b/c", 1, "d~e")) is None
    assert find(DOCUMENT, ("a", "b/c", "2")) is ABSENT
    assert find(DOCUMENT, ("a", "b/c", "0", "x"), 5) == 5


@pytest.mark.parametrize("token", ["-1", "01", "1_0", "\u0663", " 1", "-", "+1"])
def test_only_a_plain_number_is_an_index(token: str) -> None:
    assert find({"list": [0, 1, 2, 3, 4]}, ("list", token)) is ABSENT


def test_a_chain_of_references_is_followed_to_its_end() -> None:
    assert follow(DOCUMENT, ("one",)) == (("a",), DOCUMENT["a"])
    assert dereference({"$ref": "#/one"}, lambda reference: resolve(DOCUMENT, reference)) is DOCUMENT["a"]


@pytest.mark.parametrize("name", ["round", "itself"])
def test_a_circle_of_references_ends_and_is_told(name: str) -> None:
    with pytest.raises(PointerError, match="leads back to itself"):
        follow(DOCUMENT, (name,))
    assert object_at(DOCUMENT, (name,))[1] == {}


def test_a_chain_without_end_is_given_up() -> None:
    with pytest.raises(PointerError, match="behind more than 100 references"):
        follow(DOCUMENT, ("long", 0))


def test_a_member_with_the_name_ref_that_holds_no_text_is_no_reference() -> None:
    assert follow(DOCUMENT, ("$named",)) == (("$named",), {"$ref": 7})


def test_the_error_says_how_far_the_pointer_led_and_which_name_was_probably_meant() -> None:
    with pytest.raises(PointerError) as caught:
        resolve({"schemas": {"Lead": 1, "Tag": 2}}, "#/schemas/Laed")
    error = caught.value
    assert (error.reached, error.token, error.value) == (("schemas",), "Laed", {"Lead": 1, "Tag": 2})
    assert str(error) == "#/schemas/Laed points nowhere: there is no 'Laed' in #/schemas"
    assert error.remedy == "Did you mean #/schemas/Lead?"


def test_a_pointer_that_leads_on_behind_a_reference_is_made_straight() -> None:
    assert straighten(DOCUMENT, ("one", "b/c", "1")) == ("a", "b/c", "1")
    assert straighten(DOCUMENT, ("one",)) == ("one",)


@pytest.mark.parametrize("name", ["round", "itself", "lost"])
def test_a_pointer_that_leads_on_behind_a_bad_reference_ends(name: str) -> None:
    with pytest.raises(PointerError):
        straighten(DOCUMENT, (name, "x"))


def test_values_within_another_come_in_the_order_in_which_they_are_written() -> None:
    assert [*values_within({"a": [1, {"b": 2}], "c": None})] == [
        {"a": [1, {"b": 2}], "c": None},
        *([1, {"b": 2}], 1, {"b": 2}, 2, None),
    ]


def test_values_are_found_however_deep_they_are() -> None:
    deep: Any = 7
    for _ in range(100_000):
        deep = [deep]
    assert 7 in values_within(deep)


def test_scalars_are_changed_wherever_they_are_and_the_value_itself_is_kept() -> None:
    value = {"a": [1, {"b": "x"}], "c": None}
    assert with_scalars(value, str) == {"a": ["1", {"b": "x"}], "c": "None"}
    assert value == {"a": [1, {"b": "x"}], "c": None}
