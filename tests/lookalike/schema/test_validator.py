"""The compiled schemas against a validator that shares nothing with them, and their words for what is wrong."""

import json
import math
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from lookalike.json_values import resolve
from lookalike.schema.uncompiled import UncompiledValidator
from lookalike.schema.validator import Schema, Schemas, Violation
from lookalike.schema.value_types import ValueType
from lookalike.schema.view import SchemaView
from tests.support.in_process import CONTRACT

DOCUMENT = CONTRACT.document.data
NAMES = list(DOCUMENT["components"]["schemas"])
COMPILED = Schemas(DOCUMENT)


def also(validator: Any, schemas: Any, value: Any, _: Any) -> Iterator[ValidationError]:
    """`x-lookalike-also` as a keyword of its own: all of the schemas hold."""
    for index, schema in enumerate(schemas):
        yield from validator.descend(value, schema, schema_path=index)


Oracle: Any = extend(  # type: ignore[no-untyped-call]  # jsonschema leaves it without types
    Draft202012Validator, {"x-lookalike-also": also}
)
REGISTRY: Any = Registry().with_resource("urn:document", DRAFT202012.create_resource(DOCUMENT))


def oracle(name: str) -> Any:
    return Oracle({"$ref": f"urn:document#/components/schemas/{name}"}, registry=REGISTRY)


TEXTS = ("", "text", "123", "é🦉\0", "Successfully updated lead.", "Invalid contact number!")
INTEGERS = (0, -1, 1, 201, 400, 401, 404, 999999999999999, 10**15, 2**64, 10**40)
scalars = st.sampled_from([None, True, False, *TEXTS, *INTEGERS, 0.5, 1.0, -0.0, 2.0**53, 1e15, 1e300])
values: st.SearchStrategy[Any] = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "tags", "é"]), inner, max_size=2),
    max_leaves=5,
)
members = st.sampled_from(
    sorted(
        {name for schema in DOCUMENT["components"]["schemas"].values() for name in schema.get("properties", {})} | {"x"}
    )
)
numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
near_updates = st.fixed_dictionaries(
    {},
    optional={
        "add_tags": st.lists(numbers | scalars, max_size=3),
        "remove_tags": st.lists(numbers, max_size=3),
        "lead_data": st.dictionaries(st.sampled_from(["name", "tags", "data"]), values, max_size=2),
        "new_contact_number": numbers | scalars,
        "new_country_code": numbers,
        "x": scalars,
    },
)
candidates = st.one_of(values, numbers, st.lists(numbers), st.dictionaries(members, values, max_size=6), near_updates)


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=120, deadline=None)
@given(value=candidates)
def test_the_verdict_is_that_of_the_oracle(name: str, value: Any) -> None:
    schema = COMPILED.at("components", "schemas", name)
    assert schema.accepts(value) == oracle(name).is_valid(value)


@settings(max_examples=200, deadline=None)
@given(value=near_updates)
def test_violations_are_found_at_the_places_where_the_oracle_finds_them(value: Any) -> None:
    schema = COMPILED.at("components", "schemas", "LeadUpdate")
    ours = {violation.pointer for violation in schema.violations(value, "body", "the body")}
    assert ours == {tuple(error.absolute_path) for error in oracle("LeadUpdate").iter_errors(value)}


# Where the two validators differ, and why that is no harm: (schema, value, ours, the oracle's).
DIFFERENCES: dict[str, tuple[Any, Any, object, bool]] = {
    "NaN is no number, and no JSON either": ({"type": "number"}, math.nan, False, True),
    "infinity is no number, and no JSON either": ({"type": "number"}, math.inf, False, True),
    "nor is infinity more than a maximum": ({"maximum": 5}, math.inf, True, False),
    "\\d is ASCII, as ECMA-262 has it": ({"pattern": "^\\d$"}, "٣", False, True),
    "\\w is ASCII, as ECMA-262 has it": ({"pattern": "^\\w$"}, "é", False, True),
    "$ is the end, as ECMA-262 has it": ({"pattern": "^a$"}, "a\n", False, True),
    "19.99 is a multiple of 0.01, as written": ({"multipleOf": 0.01}, 19.99, True, False),
    "a decimal without a fraction is an integer": ({"type": "integer"}, Decimal("1e2"), True, False),
    "an integer of 2^64 is not the float of the same value": ({"const": 2**64}, float(2**64), False, True),
    "a lone surrogate is not Unicode": ({"type": "string"}, "\ud800", UnicodeEncodeError, True),
}


@pytest.mark.parametrize(("schema", "value", "ours", "theirs"), DIFFERENCES.values(), ids=DIFFERENCES)
def test_the_validators_differ_where_it_is_known_and_only_so(
    schema: Any, value: Any, ours: object, theirs: bool
) -> None:
    assert Draft202012Validator(schema).is_valid(value) is theirs
    assert verdict(compiled(schema), value) is ours


def verdict(schema: Schema, value: Any) -> object:
    try:
        return schema.accepts(value)
    except UnicodeEncodeError:
        return UnicodeEncodeError


def compiled(schema: Any) -> Schema:
    return Schemas({"schema": schema}).at("schema")


def said(schema: Any, value: Any) -> list[str]:
    return [violation.message for violation in compiled(schema).violations(value, "body", "the body")]


MOVE = {"if": {"required": ["a"]}, "then": {"required": ["b"]}}
SAYS: list[tuple[Any, Any, str]] = [
    ({"type": "string"}, 1, "the body must be a string, not an integer"),
    ({"type": "number"}, True, "the body must be a number, not a boolean"),
    ({"type": "number"}, None, "the body must be a number, not null"),
    ({"type": "object"}, [], "the body must be an object, not an array"),
    ({"type": "integer"}, 1.5, "the body must be an integer, not a number with a fraction"),
    ({"type": "integer"}, Decimal("1.5"), "the body must be an integer, not a number with a fraction"),
    ({"type": ["string", "null"]}, 1, "the body must be null or a string, not an integer"),
    ({"properties": {"a": {"items": {"type": "number"}}}}, {"a": [1, "2"]}, "a[1] must be a number, not a string"),
    ({"items": {"type": "number"}}, ["2"], "[0] must be a number, not a string"),
    ({"required": ["a"]}, {}, "a is required"),
    ({"properties": {"a": {"items": {"required": ["b"]}}}}, {"a": [{}]}, "a[0].b is required"),
    (MOVE, {"a": 1}, "b is required when a is present"),
    ({"if": True, "then": {"required": ["b"]}}, {"a": 1}, "b is required"),
    ({"dependentRequired": {"a": ["b"]}}, {"a": 1}, "b is required"),
    ({"anyOf": [{"required": ["a"]}, {"required": ["b"]}]}, {}, "a or b is required"),
    ({"anyOf": [{"required": [name]} for name in "abc"]}, {}, "a, b or c is required"),
    (
        {"anyOf": [{"type": "string"}, {"minimum": 3}]},
        1,
        "either the body must be a string, not an integer, or the body must be at least 3",
    ),
    (
        {"anyOf": [{"type": "object"}, {"type": "object", "minProperties": 1}]},
        1,
        "the body must be an object, not an integer",
    ),
    (
        {"oneOf": [{"properties": {"k": {"const": k}}, "required": ["k", k]} for k in "ab"]},
        {"k": "c"},
        'k must be one of "a", "b"',
    ),
    (
        {"anyOf": [{"properties": {"k": {"enum": ["a", "b"]}}}, {"properties": {"k": {"const": 1}}}]},
        {"k": "c"},
        'k must be one of "a", "b", 1',
    ),
    ({"oneOf": [{"required": ["a"]}, {"required": ["b"]}]}, {}, "a or b is required"),
    (
        {"oneOf": [{"minimum": 1}, {"minimum": 2}]},
        3,
        "the body matches more than one of the alternatives of which it must match exactly one",
    ),
    ({"enum": ["a", 1, None, True, [1]]}, "x", 'the body must be one of "a", 1, null, true, [1]'),
    ({"const": "é"}, 1, 'the body must be "é"'),
    ({"const": None}, 1, "the body must be null"),
    ({"not": {"type": "string"}}, "x", "the body has a value that is not allowed"),
    ({"propertyNames": {"enum": ["a", "c"]}}, {"b": 1}, "b is not a known member; known: a, c"),
    ({"propertyNames": {"not": {"const": "b"}}}, {"b": 1}, "b is not allowed as a name here"),
    ({"additionalProperties": False}, {"b": 1, "c": 2}, "the body must have no members"),
    ({"properties": {"a": True}, "additionalProperties": False}, {"a": 1, "b": 2}, "unknown member of the body: b"),
    ({"properties": {"a": {"additionalProperties": False}}}, {"a": {"b": 2}}, "a must have no members"),
    ({"unevaluatedProperties": False}, {"b": 1}, "unknown member of the body: b"),
    ({"properties": {"a": False}}, {"a": 1}, "a is not allowed"),
    ({"uniqueItems": True}, [1, 1.0], "the body must not hold the same item twice"),
    (
        {"contains": {"type": "string"}},
        [1],
        "the body must hold at least 1 item that matches its contains rule",
    ),
    (
        {"contains": {"const": 1}, "maxContains": 2},
        [1, 1, 1],
        "the body must hold at most 2 items that match its contains rule",
    ),
    ({"prefixItems": [True], "items": False}, [1, 2], "[1] is not allowed"),
    ({"unevaluatedItems": False}, [1], "the body holds items beyond those that are allowed"),
    ({"pattern": "^a"}, "b", "the body must match the pattern ^a"),
    ({"multipleOf": 2}, 3, "the body must be a multiple of 2"),
    ({"minimum": 1}, 0, "the body must be at least 1"),
    ({"maximum": 1}, 2**70, "the body must be at most 1"),
    ({"exclusiveMinimum": 1}, 1, "the body must be greater than 1"),
    ({"exclusiveMaximum": 1}, 1, "the body must be less than 1"),
    ({"minLength": 1}, "", "the body must have at least 1 character"),
    ({"maxLength": 2}, "abc", "the body must have at most 2 characters"),
    ({"minItems": 1}, [], "the body must hold at least 1 item"),
    ({"maxItems": 0}, [1], "the body must hold at most 0 items"),
    ({"minProperties": 2}, {}, "the body must hold at least 2 members"),
    ({"maxProperties": 0}, {"a": 1}, "the body must hold at most 0 members"),
]


@pytest.mark.parametrize(("schema", "value", "sentence"), SAYS)
def test_each_kind_of_error_is_said_in_words_that_can_be_acted_on(schema: Any, value: Any, sentence: str) -> None:
    assert said(schema, value) == [sentence]


# Kinds that no schema of a document leads to, as the validator is configured.
UNREACHABLE = {"AdditionalItems", "BacktrackLimitExceeded", "ContentEncoding", "ContentMediaType", "Custom", "Format"}
UNREACHABLE |= {"FromUtf8", "Referencing", "RegexEngineFailure"}


def test_every_kind_of_error_is_in_the_table() -> None:
    kinds = {name for name in dir(jsonschema_rs.ValidationErrorKind) if name[0].isupper()}
    errors = [error for schema, value, _ in SAYS for error in validator(schema).iter_errors(value)]
    seen = {type(error.kind).__name__.removeprefix("ValidationErrorKind_") for error in errors}
    assert seen == kinds - UNREACHABLE


def validator(schema: Any) -> Any:
    return jsonschema_rs.Draft202012Validator(schema)


def test_a_message_does_not_repeat_a_long_value() -> None:
    long = "x" * 10_000
    for schema, value in (({"type": "integer"}, long), ({"const": 1}, long), ({"items": False}, [long])):
        assert len("".join(said(schema, value))) < 200


def violations_of(value: Any) -> list[Violation]:
    body = CONTRACT.operations[0].body
    assert body is not None
    assert body.first.schema is not None
    return list(body.first.schema.violations(value, "body", "the body"))


CLAUSES: list[tuple[Any, str]] = [
    ([], "BODY-2"),
    ({"add_tags": 1, "lead_data": {}}, "BODY-3"),
    ({"remove_tags": ["1"], "lead_data": {}}, "BODY-3"),
    ({"lead_data": []}, "BODY-4"),
    ({"new_contact_number": "1", "new_country_code": 1}, "BODY-5"),
    ({"new_contact_number": 1}, "BODY-6"),
]


@pytest.mark.parametrize(("value", "clause"), CLAUSES)
def test_a_violation_names_the_innermost_clause_that_states_its_rule(value: Any, clause: str) -> None:
    assert [violation.clauses for violation in violations_of(value) if not violation.when] == [(clause,)]


def test_a_rule_of_some_choices_says_which_and_rests_on_no_clause() -> None:
    (first, *_) = [violation for violation in violations_of({"add_tags": [1]}) if violation.when]
    assert (first.when, first.clauses) == ({"requirement": frozenset({"enforced"})}, ())


def test_nested_conditions_are_joined() -> None:
    schema = {
        "allOf": [
            {
                "x-lookalike-when": {"a": ["x", "y"]},
                "allOf": [{"x-lookalike-when": {"a": ["y", "z"], "b": "q"}, "type": "string"}],
            }
        ]
    }
    (violation,) = compiled(schema).violations(1, "body", "the body")
    assert violation.when == {"a": frozenset({"y"}), "b": frozenset({"q"})}


@pytest.mark.parametrize("name", ["a/b", "a~b", "a%b", "a b", "é", "{x}", "a#b"])
def test_a_schema_is_found_at_any_place(name: str) -> None:
    schemas = Schemas({name: {"x": {"$ref": "#/other"}}, "other": {"type": "string"}})
    assert [v.message for v in schemas.at(name, "x").violations(1, "body", "it")] == [
        "it must be a string, not an integer"
    ]


def test_a_schema_may_refer_to_itself() -> None:
    schema = Schemas({"tree": {"type": "object", "additionalProperties": {"$ref": "#/tree"}}}).at("tree")
    assert [v.pointer for v in schema.violations({"a": {"b": {"c": 1}}}, "body", "it")] == [("a", "b", "c")]
    assert json.dumps(schema.accepts({"a": {}})) == "true"


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#name", "$defs": {"Name": {"$anchor": "name", "type": "string"}}},
        {"properties": {"$ref": {"type": "string"}}},
    ],
    ids=["behind an anchor", "of a member called $ref"],
)
def test_what_breaks_a_rule_is_explained_wherever_it_stands(schema: Any) -> None:
    value: Any = 7 if "$ref" in schema else {"$ref": 7}
    assert [found.keyword for found in Schemas(schema).at().violations(value, "body", "body")] == ["type"]


def test_an_example_with_a_member_called_required_is_no_rule() -> None:
    example = {"required": [{"name": "a"}], "properties": {"a": {"readOnly": True}}}
    other = {"properties": [{"name": "a"}]}
    schema = {"properties": {"b": {"readOnly": True}}, "required": ["b"], "examples": [example, other]}
    assert Schemas(schema).at(unsent="readOnly").accepts({})


def ring(length: int, **others: Any) -> Schemas:
    """A document with so many schemas that all lead to each other, and others."""
    kind = {"anyOf": [{"type": "string"}, {"properties": {"b": {"type": "null"}}}]}
    following = ({"next": {"$ref": f"#/components/schemas/S{(n + 1) % length}"}, "kind": kind} for n in range(length))
    schemas = {f"S{n}": {"properties": members, "required": ["kind"]} for n, members in enumerate(following)}
    return Schemas({"components": {"schemas": {**schemas, **others}}})


@pytest.mark.parametrize("value", [{}, {"kind": 1, "next": {"kind": {"b": 1}}}, {"kind": "", "next": {}}])
def test_a_schema_that_leads_to_most_of_a_large_document_is_explained_like_any_other(value: Any) -> None:
    large, small = (ring(length).at("components", "schemas", "S0") for length in (700, 2))
    assert large.accepts(value) is small.accepts(value) is False
    found = [*large.violations(value, "body", "it")]
    assert found == [*small.violations(value, "body", "it")]
    assert found


def test_schemas_are_compiled_together_as_they_are_asked_for() -> None:
    schemas = ring(700)
    whole = schemas.at("components", "schemas", "S0")
    assert whole.accepts({"kind": ""})
    later = schemas.at("components", "schemas", "S0", member="body")
    assert later.accepts({"body": {"kind": ""}})
    assert not later.accepts({"body": {}})
    assert not whole.accepts({})


def test_a_large_schema_is_judged_beside_one_that_is_none() -> None:
    schemas = ring(700, Wrong={"pattern": "("})
    assert not schemas.at("components", "schemas", "S0").accepts({})
    with pytest.raises(ValueError, match="regex"):
        schemas.at("components", "schemas", "Wrong").accepts("")


DOUBLED: dict[str, Any] = {f"S{n}": {"allOf": 2 * [{"$ref": f"#/S{n - 1}"}]} for n in range(1, 61)}
DOUBLED["S0"] = {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}}


def test_a_schema_that_is_reached_in_2_to_the_60_ways_is_looked_at_once() -> None:
    accepts = UncompiledValidator(DOUBLED)
    assert accepts([DOUBLED["S60"]], {"a": 1})
    assert not accepts([DOUBLED["S60"]], {"a": "x"})
    assert accepts([DOUBLED["S60"]], {"a": 2})
    assert SchemaView(DOUBLED, ("S60",)).required == {"a"}
    value_type = ValueType([DOUBLED["S60"]], lambda reference: resolve(DOUBLED, reference))
    assert value_type.types == frozenset({"object"})
    assert value_type.member("a").types == frozenset({"integer"})
