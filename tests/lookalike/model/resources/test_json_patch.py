"""JSON Patch (RFC 6902): operations change a copy, and neither its size nor the work outgrows what was sent."""

from typing import Any

import pytest

from lookalike.model.resources.json_patch import MAX_MOVED, MAX_SIZE, PatchConflict, PatchError, apply_patch
from tests.support.steps import grows_linearly

ITEM = {"a": {"b": [1, 2, 3]}, "n": 1}


@pytest.mark.parametrize(
    ("patch", "expected"),
    [
        ([], ITEM),
        ([{"op": "add", "path": "/a/b/-", "value": 4}], {"a": {"b": [1, 2, 3, 4]}, "n": 1}),
        ([{"op": "add", "path": "/a/b/0", "value": 0}], {"a": {"b": [0, 1, 2, 3]}, "n": 1}),
        ([{"op": "add", "path": "/c", "value": {"d": 1}}], {**ITEM, "c": {"d": 1}}),
        ([{"op": "remove", "path": "/a/b/1"}], {"a": {"b": [1, 3]}, "n": 1}),
        ([{"op": "replace", "path": "/n", "value": 2}], {**ITEM, "n": 2}),
        ([{"op": "replace", "path": "/a/b/2", "value": "x"}], {"a": {"b": [1, 2, "x"]}, "n": 1}),
        ([{"op": "move", "from": "/n", "path": "/a/m"}], {"a": {"b": [1, 2, 3], "m": 1}}),
        ([{"op": "move", "from": "/a/b/0", "path": "/a/b/2"}], {"a": {"b": [2, 3, 1]}, "n": 1}),
        ([{"op": "copy", "from": "/a/b", "path": "/c"}], {**ITEM, "c": [1, 2, 3]}),
        ([{"op": "copy", "from": "", "path": "/whole"}], {**ITEM, "whole": ITEM}),
        ([{"op": "test", "path": "/a", "value": {"b": [1, 2, 3.0]}}], ITEM),
        ([{"op": "replace", "path": "", "value": [1]}], [1]),
        ([{"op": "remove", "path": ""}], None),
    ],
)
def test_an_operation_does_what_the_rfc_says(patch: list[Any], expected: Any) -> None:
    assert apply_patch(ITEM, patch) == expected


@pytest.mark.parametrize(
    ("operation", "message"),
    [
        ({"op": "remove", "path": "/x"}, "there is nothing at /x"),
        ({"op": "replace", "path": "/a/b/3", "value": 1}, "there is nothing at /a/b/3"),
        ({"op": "add", "path": "/x/y", "value": 1}, "there is nothing at /x"),
        ({"op": "add", "path": "/a/b/4", "value": 1}, "there is no place 4 in an array of 3"),
        ({"op": "add", "path": "/n/y", "value": 1}, "y cannot be added to what is neither object nor array"),
        ({"op": "test", "path": "/n", "value": True}, "the value at /n is another one"),
    ],
)
def test_an_operation_without_its_place_is_a_conflict(operation: Any, message: str) -> None:
    with pytest.raises(PatchConflict) as caught:
        apply_patch(ITEM, [{"op": "test", "path": "/n", "value": 1}, operation])
    assert str(caught.value) == message
    assert caught.value.pointer == (1,)


def test_a_patch_that_fails_leaves_the_value_as_it_was() -> None:
    with pytest.raises(PatchConflict):
        apply_patch(ITEM, [{"op": "remove", "path": "/a/b/0"}, {"op": "remove", "path": "/x"}])
    assert ITEM == {"a": {"b": [1, 2, 3]}, "n": 1}


def test_a_value_that_was_added_is_not_that_of_the_patch() -> None:
    added: dict[str, Any] = {}
    after = apply_patch({}, [{"op": "add", "path": "/a", "value": added}, {"op": "add", "path": "/a/b", "value": 1}])
    assert after == {"a": {"b": 1}}
    assert added == {}


def test_copies_that_double_are_refused_before_they_fill_the_memory() -> None:
    doubling = [{"op": "copy", "from": "/o", "path": f"/o/c{number}"} for number in range(60)]
    with pytest.raises(PatchError, match="copies must not make the value larger than 1,048,576 bytes"):
        apply_patch({"o": {}}, doubling)


def test_the_copies_of_a_long_text_count_by_its_length() -> None:
    copies = [{"op": "copy", "from": "/t", "path": f"/c{number}"} for number in range(3)]
    text = "x" * (MAX_SIZE // 3)
    assert len(apply_patch({"t": text}, copies[:1])) == 2
    with pytest.raises(PatchError):
        apply_patch({"t": text}, copies)


def test_what_is_sent_may_be_as_large_as_a_body() -> None:
    value = ["x" * 1000] * 2000
    assert apply_patch({}, [{"op": "add", "path": "/a", "value": value}]) == {"a": value}


@pytest.mark.parametrize(
    "patch",
    [
        [{"op": "copy", "from": "", "path": "/a" * number} for number in range(1, 40)],
        [
            operation
            for number in range(400)
            for operation in (
                {"op": "add", "path": "/b", "value": {}},
                {"op": "move", "from": "/a", "path": "/b/a"},
                {"op": "move", "from": "/b", "path": "/a"},
            )
        ],
    ],
    ids=["copies", "moves"],
)
def test_a_result_is_nested_no_deeper_than_a_body(patch: list[Any]) -> None:
    with pytest.raises(PatchError, match=r"nested deeper than 200 levels|larger than"):
        apply_patch({"a": {}}, patch)


def test_a_patch_takes_steps_in_proportion_to_its_operations() -> None:
    def append(number: int) -> None:
        apply_patch({"a": []}, [{"op": "add", "path": "/a/-", "value": 1} for _ in range(number)])

    def move(number: int) -> None:
        apply_patch({"a": [0, 1, 2]}, [{"op": "move", "from": "/a/0", "path": "/a/2"} for _ in range(number)])

    assert grows_linearly(append)
    assert grows_linearly(move)


@pytest.mark.repetitive
@pytest.mark.parametrize(
    "operation",
    [
        {"op": "add", "path": "/0", "value": 1},
        {"op": "remove", "path": "/0"},
        {"op": "move", "from": "/0", "path": "/90000"},
    ],
    ids=["add", "remove", "move"],
)
def test_the_items_of_arrays_that_a_patch_moves_are_bounded(operation: Any) -> None:
    few, many = [operation] * 50, [operation] * (MAX_MOVED // 50_000)
    assert isinstance(apply_patch([0] * 100_000, few), list)
    with pytest.raises(PatchError, match="moves more than 10,000,000 items"):
        apply_patch([0] * 100_000, many)


def test_a_patch_has_a_bounded_number_of_operations() -> None:
    operation = {"op": "add", "path": "/a", "value": 1}
    assert apply_patch({}, [operation] * 10_000) == {"a": 1}
    with pytest.raises(PatchError, match="more than 10,000 operations"):
        apply_patch({}, [operation] * 10_001)
