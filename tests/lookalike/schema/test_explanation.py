"""Explanations of refused values are bounded: counted in errors, and in the values that a validator explains."""

import json
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest

from lookalike.schema.explanation import (
    MAX_ERRORS,
    MAX_VALUES,
    ErrorBound,
    Explainer,
    broken_rules,
    error_bound,
    recursive_branches,
    with_opaque_alternatives,
)
from lookalike.schema.regexes import matches, patterns_of, steps_for
from lookalike.schema.validator import Schemas, Violation
from tests.support.steps import grows_linearly, steps

CHAIN = {
    "anyOf": [
        {"type": "object", "required": ["z"], "properties": {"k": {"$ref": "#/X"}}},
        {"type": "object", "required": ["y"], "properties": {"k": {"$ref": "#/X"}}},
    ]
}
NULLABLE = {"properties": {"k": {"anyOf": [{"$ref": "#/X"}, {"type": "null"}]}}, "required": ["k"]}
OPERATOR = {"type": "object", "required": ["op"], "properties": {"left": {"$ref": "#/X"}, "right": {"$ref": "#/X"}}}
# Two ways to the same member, without any alternatives.
BACK = {"properties": {"k": {"$ref": "#/X"}, "n": {"type": "integer"}}}
TWO_WAYS = {
    "allOf": {"allOf": [BACK, BACK]},
    "a reference and properties": {**BACK, "$ref": "#/Base"},
    "patterns": {"patternProperties": {"^k": {"$ref": "#/X"}, "k$": {"$ref": "#/X"}}, **BACK},
    "dependent schemas": {"dependentSchemas": {"k": BACK, "n": BACK}},
    "a condition": {"if": {"required": ["k"]}, "then": BACK, **BACK},
    "deeper inside": {"properties": {"k": {"allOf": [{"$ref": "#/X"}, {"$ref": "#/X"}]}, "n": {"type": "integer"}}},
}
ONE_WAY = {
    "properties": {"properties": {"k": {"$ref": "#/X"}, "left": {"$ref": "#/X"}, "n": {"type": "integer"}}},
    "what is not described": {"additionalProperties": {"$ref": "#/X"}, "properties": {"n": {"type": "integer"}}},
    "one part": {"allOf": [BACK, {"required": ["n"]}]},
}
EXPRESSION = {"oneOf": [{**OPERATOR, "not": {"required": [name]}} for name in "abcd"] + [{"type": "number"}]}


def nested(depth: int, leaf: Any, member: str = "k") -> Any:
    for _ in range(depth):
        leaf = {member: leaf}
    return leaf


def violations(schema: Any, value: Any) -> list[Violation]:
    return list(Schemas({"X": schema}).at("X").definite_violations(value, "body", "the body"))


class Recorder:
    """A validator that records how many values each explanation was about."""

    def __init__(self, schema: Any) -> None:
        self._validator = jsonschema_rs.Draft202012Validator(schema)
        self.explained: list[int] = []
        self.listed = 0

    def is_valid(self, instance: Any) -> bool:
        return self._validator.is_valid(instance)

    def iter_errors(self, instance: Any) -> Iterator[Any]:
        self.explained.append(size(instance))
        found = list(self._validator.iter_errors(instance))
        self.listed += sum(map(number_of_errors, found))
        return iter(found)

    def validate(self, instance: Any) -> None:
        self._validator.validate(instance)


def number_of_errors(error: Any) -> int:
    """An error, and those of all alternatives inside of it."""
    branches = error.kind.context if error.kind.name in ("anyOf", "oneOf") else ()
    copied = len(error.kind.options) // 16 if error.kind.name == "enum" else 0
    return 1 + copied + sum(number_of_errors(inner) for branch in branches for inner in branch)


def size(value: Any) -> int:
    entries = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + sum(map(size, entries))


@pytest.mark.parametrize(("schema", "member"), [(CHAIN, "k"), (EXPRESSION, "left")], ids=["chain", "expression"])
@pytest.mark.parametrize("depth", [8, 20, 190])
def test_deep_alternatives_that_lead_back_to_themselves_are_explained_as_one_rule(
    schema: Any, member: str, depth: int
) -> None:
    (violation,) = violations(schema, nested(depth, {}, member))
    assert violation.message == (
        "the body must match one of the alternatives of its schema; why it matches none is not explained at this depth"
    )


def test_shallow_alternatives_are_explained_by_the_closest_branch() -> None:
    (violation,) = violations(CHAIN, {})
    assert violation.message == "z or y is required"


def test_an_alternative_to_null_is_explained_at_any_depth() -> None:
    message = violations(NULLABLE, nested(20, {}))[0].message
    assert "not explained" not in message


@pytest.mark.parametrize(
    ("schema", "expected"),
    [(CHAIN, 2), (EXPRESSION, 4), (NULLABLE, 1), ({"anyOf": [{"type": "string"}, {"type": "integer"}]}, 0)],
    ids=["chain", "expression", "nullable", "flat"],
)
def test_the_branches_that_lead_back_are_counted(schema: Any, expected: int) -> None:
    assert recursive_branches({"X": schema}, {"$ref": "#/X"}) == expected


@pytest.mark.parametrize("schema", TWO_WAYS.values(), ids=TWO_WAYS)
@pytest.mark.parametrize("depth", [7, 14, 190])
def test_a_schema_that_leads_back_in_two_ways_is_explained_to_a_small_depth(schema: Any, depth: int) -> None:
    """Each level would double the violations otherwise: 16,384 of a body of 180 bytes."""
    value: Any = {"n": ""}
    for _ in range(depth):
        value = {"k": value, "n": ""}
    found = list(Schemas({"X": schema, "Base": BACK}).at("X").definite_violations(value, "body", "the body"))
    assert 1 <= len(found) <= 6
    assert any("not explained at this depth" in one.message for one in found)


@pytest.mark.parametrize("schema", ONE_WAY.values(), ids=ONE_WAY)
def test_a_schema_that_leads_back_in_one_way_is_explained_at_any_depth(schema: Any) -> None:
    assert recursive_branches({"X": schema}, {"$ref": "#/X"}) == 1
    assert violations(schema, nested(50, {"n": ""}))[0].message.endswith("k.n must be an integer, not a string")


def test_the_rules_at_paths_that_values_make_up_are_cached_within_a_bound() -> None:
    schema = Schemas({"X": ONE_WAY["properties"]}).at("X")
    for number in range(1, 1200):
        value: Any = {"n": ""}
        for digit in f"{number:b}":
            value = {"k" if digit == "1" else "left": value}
        list(schema.definite_violations(value, "body", "the body"))
    assert 0 < len(schema._rules) <= 1000


def test_the_broken_items_of_a_large_array_are_named_by_their_indices() -> None:
    found = violations({"items": {"type": "integer"}}, [1] * 10_000 + ["x"] * 50_000)
    assert found[0].pointer == (10_000,)
    assert len(found) <= 200


def test_the_broken_members_of_a_large_object_are_named() -> None:
    value = {f"n{number}": number if number < 5000 else "x" for number in range(20_000)}
    found = violations({"additionalProperties": {"type": "integer"}}, value)
    assert found[0].pointer == ("n5000",)
    assert len(found) <= 200


@pytest.mark.parametrize(
    ("schema", "keyword"),
    [
        ({"maxItems": 3}, "maxItems"),
        ({"maxItems": 5000}, "maxItems"),
        ({"minItems": 20_000}, "unexplained"),
        ({"uniqueItems": True}, "uniqueItems"),
        ({"items": {"type": "string"}, "maxItems": 3}, "type"),
    ],
)
def test_a_rule_about_a_large_array_itself_is_named_where_that_is_cheap(schema: Any, keyword: str) -> None:
    found = violations({"type": "array", **schema}, [1] * 10_000)
    assert keyword in {violation.keyword for violation in found}


def test_what_breaks_a_rule_beside_a_large_array_is_named() -> None:
    schema = {"properties": {"name": {"type": "string"}}, "required": ["id"]}
    found = violations(schema, {"name": 1, "rows": [{"a": number} for number in range(50_000)]})
    assert {violation.pointer for violation in found} == {("name",)}


NAMES = [f"n{number}" for number in range(2_000)]
BROAD: dict[str, tuple[Any, Any]] = {
    "thousands of required members": ({"items": {"required": NAMES}}, [{}] * 60_000),
    "hundreds that require hundreds": (
        {"dependentRequired": dict.fromkeys(NAMES[:300], NAMES[300:600])},
        dict.fromkeys(NAMES[:300], 1),
    ),
    "sixteen alternatives of twenty members": (
        {
            "items": {
                "anyOf": [
                    {"required": [f"r{n}"], "properties": {name: {"type": "string"} for name in NAMES[:20]}}
                    for n in range(16)
                ]
            }
        },
        [dict.fromkeys(NAMES[:20], 1)] * 3_000,
    ),
    "thousands of choices, each copied": ({"items": {"enum": NAMES}}, ["x"] * 60_000),
    "alternatives for each of many values": (
        {"additionalProperties": {"anyOf": [{"type": "string", "maxLength": n} for n in range(50)]}},
        dict.fromkeys(NAMES[:400], 1),
    ),
}


@pytest.mark.parametrize("name", BROAD)
def test_no_more_errors_are_listed_than_a_bound_however_many_a_schema_has(name: str) -> None:
    schema, value = BROAD[name]
    validator, opaque = Recorder(schema), Recorder(with_opaque_alternatives(schema))
    explaining = Explainer(validator, lambda: opaque, lambda: 0, lambda: error_bound(schema, schema))
    assert 1 <= len(list(broken_rules(value, explaining))) <= 500
    assert validator.listed + opaque.listed <= MAX_ERRORS


def test_the_bound_on_errors_is_that_of_the_part_that_may_have_the_most() -> None:
    schema = {"$ref": "#/$defs/X", "$defs": {"X": {"required": ["a"], "oneOf": [True, False], "anyOf": [True]}}}
    assert error_bound(schema, schema) == ErrorBound(names=1, branches=3)
    assert error_bound({}, {"items": {"dependentRequired": {"a": ["b", "c"], "b": ["c"]}}}) == ErrorBound(3, 1)
    assert error_bound({}, {}) == ErrorBound(1, 1)


def test_a_message_lists_the_beginning_of_thousands_of_words() -> None:
    (violation,) = violations({"enum": [f"number {n}" for n in range(5_000)]}, "x")
    assert violation.message.startswith('the body must be one of "number 0", "number 1", ')
    assert len(violation.message) < 5_000
    assert violation.message.endswith("…")


@pytest.mark.parametrize(
    "schema",
    [
        {"items": {"anyOf": [{"required": ["a"]}, {"required": ["b"]}]}},
        {"anyOf": [{"items": {"type": "string"}}, {"items": {"required": ["a"]}}]},
        {"contains": {"type": "string"}},
        {"minItems": 100_000},
    ],
)
def test_the_work_of_an_explanation_does_not_grow_with_the_value(schema: Any) -> None:
    validator, opaque = Recorder(schema), Recorder(with_opaque_alternatives(schema))
    explaining = Explainer(validator, lambda: opaque, lambda: 0, lambda: error_bound(schema, schema))
    assert list(broken_rules([{}] * 60_000, explaining))
    assert sum(validator.explained) < 10 * MAX_VALUES
    assert sum(opaque.explained) <= size([{}] * 60_000)


@pytest.mark.parametrize("value", [{}, {"z": 1}, {"y": 1, "k": {}}, {"z": 1, "k": {"y": 1}}, 1, {"z": 1, "k": 1}])
@pytest.mark.parametrize("schema", [CHAIN, EXPRESSION, NULLABLE])
def test_opaque_alternatives_give_the_same_verdict(schema: Any, value: Any) -> None:
    verdicts = {
        jsonschema_rs.Draft202012Validator({"$ref": "#/X", "X": one}).is_valid(value)
        for one in (schema, with_opaque_alternatives(schema))
    }
    assert len(verdicts) == 1


def test_a_pattern_that_backtracks_is_given_up_and_the_message_says_so() -> None:
    (violation,) = violations({"pattern": r"^(a|aa)+\1$"}, "a" * 60 + "b")
    assert violation.message == (r"the body takes too many steps to match against the pattern ^(a|aa)+\1$; shorten it")


def test_names_that_backtrack_are_given_up_too() -> None:
    found = violations({"patternProperties": {r"^(a|aa)+\1$": {"type": "string"}}}, {"a" * 60 + "b": 1})
    assert [violation.message for violation in found] == [
        "the body has a name that takes too many steps to match against a pattern; shorten it"
    ]


def test_a_string_that_takes_too_many_steps_does_not_match() -> None:
    assert matches(r"^(a|aa)+\1$", "a" * 6)
    assert not matches(r"^(a|aa)+\1$", "a" * 60 + "b")


def test_one_wrong_entry_at_the_end_of_a_long_list_is_found_in_linear_time() -> None:
    schema = Schemas({"a": {"type": "array", "items": {"type": "string"}}}).at("a")

    def explain(size: int) -> None:
        (found,) = schema.violations(["a"] * (size * 100) + [1], "body", "the body")
        assert found.pointer == (size * 100,)

    assert grows_linearly(explain, 20)


def test_what_is_copied_to_find_a_wrong_entry_is_bounded() -> None:
    other = [[0] * 150 for _ in range(150)]
    schema = Schemas({"a": {"properties": {"long": {"items": {"type": "string"}}}}}).at("a")
    value = {"long": ["a"] * 100_000 + [1], "other": other}
    (found,) = schema.violations(value, "body", "the body")
    assert "too large to find out which one" in found.message
    assert (
        steps(lambda: list(schema.violations(value, "body", "the body"))) < 2_000_000
    )  # entries that are copied: 300,000


BACKTRACKING = r"^(a|aa)+\1$"


@pytest.mark.parametrize("number", [1, 300, 3_000, 20_000])
def test_all_strings_of_a_value_share_a_bound_on_the_steps_of_patterns(number: int) -> None:
    assert number * steps_for(["a"] * number) <= 3_000_000
    assert number * steps_for({str(one): 1 for one in range(number)}) <= 3_000_000


def test_a_pattern_that_is_given_up_in_a_long_list_says_so() -> None:
    schema = Schemas({"a": {"type": "array", "items": {"type": "string", "pattern": BACKTRACKING}}}).at("a")
    assert schema.accepts(["aa"] * 300)
    assert schema.accepts(["a" * 20])
    found = list(schema.violations(["a" * 25 + "b"] * 300, "body", "the body"))
    assert "takes too many steps" in found[0].message


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        *((r"(?=a)", True), (r"(?!a)", True), (r"(?<=a)", True), (r"(?<!a)", True), (r"(a)\1", True)),
        *((r"(?<n>a)\k<n>", True), (r"(?>a)", True), (r"a++", True), (r"(?:a)", False), (r"(?<n>a)", False)),
        *((r"^\d+$", False), (r"(a+)+$", False), ("text", False)),
    ],
)
def test_only_patterns_that_may_backtrack_are_counted(pattern: str, expected: bool) -> None:
    assert patterns_of({"a": [{"pattern": pattern}]}).may_backtrack is expected
    assert patterns_of({"patternProperties": {pattern: {}}}).may_backtrack is expected
    text = json.dumps({"pattern": pattern})
    assert patterns_of({"pattern": pattern}, lambda word: word in text).may_backtrack is expected
