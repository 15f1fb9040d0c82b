"""Values made from schemas: always valid by a validator that had no part in making them, the same each time, soon."""

import json
import re
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from lookalike.schema.generation.believable import TYPICAL
from lookalike.schema.generation.patterns import string_matching
from lookalike.schema.generation.random_source import DETERMINISTIC, SeededRandomness
from lookalike.schema.generation.sampler import Sampler
from lookalike.schema.generation.work import MOST_STEPS, Exhausted, StepBudget, Work
from lookalike.schema.regexes import matches
from tests.support.steps import steps

REF = {"$ref": "#/schema"}
PET = {
    "type": "object",
    "required": ["petType"],
    "discriminator": {"propertyName": "petType", "mapping": {"feline": "#/Cat"}},
    "properties": {"petType": {"type": "string"}},
}
CAT = {"allOf": [{"$ref": "#/Pet"}, {"required": ["hunts"], "properties": {"hunts": {"type": "boolean"}}}]}
DOG = {"allOf": [{"$ref": "#/Pet"}, {"required": ["size"], "properties": {"size": {"type": "integer", "minimum": 9}}}]}
KINDS: dict[str, Any] = {"Pet": PET, "Cat": CAT, "Dog": DOG}

HARD: dict[str, Any] = {
    "everything": {},
    "true": True,
    "constant": {"const": {"a": [1, None]}},
    "constant null": {"const": None},
    "enumeration": {"enum": [None, 3, "x"], "type": "integer"},
    "enumerations in common": {"allOf": [{"enum": [1, 2, 3]}, {"enum": [3, 4]}, {"minimum": 2}]},
    "types in common": {"allOf": [{"type": ["string", "integer"]}, {"type": ["number", "null"]}]},
    "default that does not fit": {"type": "integer", "default": "none", "minimum": 5},
    "example that does not fit": {"type": "string", "example": 5, "examples": [None]},
    "second example fits": {"type": "string", "examples": [5, "five"]},
    "exclusive bounds": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 0.01},
    "exclusive bounds of integers": {"type": "integer", "exclusiveMinimum": 7, "exclusiveMaximum": 9},
    "negative": {"type": "integer", "maximum": -10},
    "bounds in common": {"type": "integer", "allOf": [{"minimum": 100}, {"minimum": 500}, {"maximum": 501}]},
    "multiple": {"type": "integer", "multipleOf": 7, "minimum": 50},
    "multiples": {"type": "integer", "allOf": [{"multipleOf": 4}, {"multipleOf": 6}], "minimum": 13},
    "fractional multiple": {"type": "number", "multipleOf": 0.25, "minimum": 0.3},
    "lengths": {"type": "string", "minLength": 20, "maxLength": 21},
    "short": {"type": "string", "maxLength": 2},
    "empty": {"type": "string", "maxLength": 0},
    "pattern": {"type": "string", "pattern": "^[A-Z]{2}-\\d{3,}$", "minLength": 12},
    "pattern with alternatives": {"type": "string", "pattern": "^(GET|POST|DELETE)$", "minLength": 5},
    "pattern with a look ahead": {"type": "string", "pattern": "^(?!a+$)[a-c]{3}$"},
    "patterns in common": {"allOf": [{"type": "string", "pattern": "^[a-z]+$"}, {"pattern": "z$"}]},
    "pattern of Unicode": {"type": "string", "pattern": "^[\\p{L} ]{3}$"},
    "format within a length": {"type": "string", "format": "email", "maxLength": 30},
    "format that does not fit": {"type": "string", "format": "email", "maxLength": 3},
    "not a type": {"not": {"type": ["object", "string", "array"]}},
    "not a value": {"type": "boolean", "not": {"const": True}},
    "not two values": {"enum": ["a", "b", "c"], "not": {"enum": ["a", "b"]}},
    "not required": {"properties": {"a": {"type": "string"}, "b": {}}, "not": {"required": ["a"]}},
    "not a member's value": {"properties": {"a": {"enum": ["x", "y"]}}, "not": {"properties": {"a": {"const": "x"}}}},
    "not both": {
        "type": "object",
        "required": ["a"],
        "properties": {"a": {}, "b": {}, "c": {}},
        "not": {"required": ["a", "b"]},
    },
    "not any": {"type": "integer", "not": {"anyOf": [{"maximum": 10}, {"minimum": 13}, {"const": 11}]}},
    "exactly one": {
        "type": "object",
        "properties": {"a": {"type": "string"}, "b": {"type": "string"}},
        "oneOf": [{"required": ["a"]}, {"required": ["b"]}],
    },
    "exactly one of numbers": {"oneOf": [{"type": "integer", "minimum": 5}, {"type": "integer", "maximum": 10}]},
    "second branch": {"anyOf": [{"type": "string", "minLength": 3, "maxLength": 2}, {"type": "integer"}]},
    "branches of branches": {"oneOf": [{"anyOf": [False, {"type": "null"}]}, {"allOf": [{"type": "string"}]}]},
    "if and then": {
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": {"enum": ["a"]}, "x": {"type": "integer"}},
        "if": {"properties": {"kind": {"const": "a"}}},
        "then": {"required": ["x"]},
        "else": {"required": ["y"]},
    },
    "if and else": {"type": "integer", "if": {"minimum": 0}, "then": {"multipleOf": 0.5, "maximum": -1}, "else": True},
    "dependent": {"required": ["a"], "dependentRequired": {"a": ["b"], "b": ["c"]}},
    "dependent schema": {
        "properties": {"a": {"type": "string"}},
        "dependentSchemas": {"a": {"required": ["b"], "properties": {"b": {"const": 1}}}},
    },
    "names": {"type": "object", "minProperties": 3, "propertyNames": {"pattern": "^[a-z]{2}$"}},
    "names of an enumeration": {"type": "object", "minProperties": 2, "propertyNames": {"enum": ["x", "y", "z"]}},
    "named by pattern": {
        "type": "object",
        "minProperties": 2,
        "patternProperties": {"^x-[0-9]+$": {"type": "integer"}},
        "additionalProperties": False,
    },
    "many members": {"type": "object", "minProperties": 6, "additionalProperties": {"type": "boolean"}},
    "few members": {"properties": {"a": {}, "b": {}, "c": {}}, "required": ["c"], "maxProperties": 1},
    "closed": {"required": ["a"], "properties": {"a": {"type": "integer"}}, "additionalProperties": False},
    "closed in parts": {
        "allOf": [{"properties": {"a": {"const": 1}}}, {"properties": {"b": {"const": 2}}}],
        "unevaluatedProperties": False,
    },
    "closed against each other": {
        "allOf": [
            {"properties": {"a": {}}, "additionalProperties": False},
            {"properties": {"a": {}, "b": {}}, "required": ["a"]},
        ]
    },
    "unique": {"type": "array", "items": {"enum": ["a", "b", "c"]}, "minItems": 3, "uniqueItems": True},
    "unique objects": {
        "type": "array",
        "minItems": 3,
        "uniqueItems": True,
        "items": {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}},
    },
    "unique booleans": {"type": "array", "items": {"type": "boolean"}, "minItems": 2, "uniqueItems": True},
    "tuple": {"type": "array", "prefixItems": [{"type": "string"}, {"type": "null"}], "items": False, "minItems": 2},
    "contains": {"type": "array", "items": {"type": "integer"}, "contains": {"minimum": 50}, "minContains": 2},
    "contains few": {"type": "array", "contains": {"const": 1}, "maxContains": 1, "minItems": 3},
    "closed array": {"type": "array", "prefixItems": [{"const": 1}], "unevaluatedItems": False},
    "tree": {"type": "object", "required": ["v"], "properties": {"v": True, "kids": {"type": "array", "items": REF}}},
    "list with an end": {
        "type": "object",
        "required": ["next"],
        "properties": {"next": {"anyOf": [REF, {"type": "null"}]}},
    },
    "list with a nullable end": {
        "type": ["object", "null"],
        "required": ["next"],
        "properties": {"next": REF, "n": {"type": "integer"}},
    },
    "array with an end": {"type": "array", "items": REF},
    "map of itself": {"type": "object", "additionalProperties": REF},
    "all of itself": {"allOf": [{"properties": {"parent": REF}}, {"required": ["id"], "properties": {"id": {}}}]},
    "discriminated": {"oneOf": [{"$ref": "#/Cat"}, {"$ref": "#/Dog"}], "discriminator": {"propertyName": "petType"}},
    "deep": {"$ref": "#/deep0"},
    "wide": {"type": "object", "properties": {f"p{index}": {"type": "string"} for index in range(300)}},
} | {
    f"format {name}": {"type": "string", "format": name}
    for name in (
        "uuid",
        "date",
        "date-time",
        "time",
        "email",
        "uri",
        "hostname",
        "ipv4",
        "ipv6",
        "json-pointer",
        "regex",
    )
}
DEEP = {
    f"deep{level}": {"type": "object", "required": ["n"], "properties": {"n": {"$ref": f"#/deep{level + 1}"}}}
    for level in range(20)
}


def document(schema: Any) -> dict[str, Any]:
    return {"schema": schema, **KINDS, **DEEP, "deep20": {"type": "string"}}


def is_valid(schema: Any, value: Any, formats: bool = False) -> bool:
    whole = {"$ref": "#/schema", **document(schema)}
    checker = Draft202012Validator.FORMAT_CHECKER if formats else None
    return Draft202012Validator(whole, format_checker=checker).is_valid(value)


def has_unicode_class(schema: Any) -> bool:
    return "\\\\p{" in json.dumps(schema)  # which the oracle's regular expressions do not know


@pytest.mark.parametrize("schema", HARD.values(), ids=HARD)
@pytest.mark.parametrize("seed", [None, "1", "2"])
def test_what_is_made_of_a_schema_fits_it(schema: Any, seed: str | None) -> None:
    value = Sampler(document(schema)).sample(("schema",), DETERMINISTIC if seed is None else SeededRandomness(seed))
    if not has_unicode_class(schema):
        assert is_valid(schema, value, formats=schema is True or "format" not in schema or "maxLength" not in schema)


@pytest.mark.parametrize("schema", HARD.values(), ids=HARD)
def test_it_is_the_same_each_time(schema: Any) -> None:
    first, second = (Sampler(document(schema)).sample(("schema",)) for _ in range(2))
    assert json.dumps(first) == json.dumps(second)


NONE: dict[str, Any] = {
    "nothing": False,
    "not everything": {"not": {}},
    "contrary types": {"allOf": [{"type": "string"}, {"type": "integer"}]},
    "contrary bounds": {"type": "integer", "minimum": 5, "maximum": 4},
    "exactly one of the same": {"oneOf": [{"type": "string"}, {"type": "string"}]},
    "without an end": {"type": "object", "required": ["next"], "properties": {"next": REF}},
    "a circle": {"allOf": [REF, REF]},
    "a circle of conditions": {"type": "object", "if": {"if": REF, "then": {"const": 1}}, "then": {"required": ["a"]}},
    "eight ways without an end": {
        "type": "object",
        "required": list("abcdefgh"),
        "properties": {name: {"oneOf": [REF, {"allOf": [REF, {"minProperties": 1}]}]} for name in "abcdefgh"},
    },
    "dead ends": {"allOf": [{"anyOf": [False] * 10 + [{"anyOf": [False] * 10}]} for _ in range(8)]},
    "pattern that is none": {"type": "string", "pattern": "["},
}


MOST_CALLS = 5_000_000
"""The calls of functions that one search may take, and returns from them; a schema that is met takes some thousands."""


def made_of(root: Any) -> str:
    """What becomes of a schema: how it is refused, or "made"."""
    maker = Sampler(root)
    try:
        maker.sample(("schema",))
    except Exhausted as error:
        maker.closest(("schema",))
        return error.why
    return "made"


@pytest.mark.parametrize("schema", NONE.values(), ids=NONE)
def test_where_nothing_fits_the_search_ends_within_its_steps(schema: Any) -> None:
    found: list[str] = []
    assert steps(lambda: found.append(made_of(document(schema)))) <= MOST_CALLS
    assert found != ["made"]


def nested(levels: int, outside: Callable[[Any], Any], inside: Any) -> Any:
    for _ in range(levels):
        inside = outside(inside)
    return inside


def doubled(outside: Callable[[Any], Any], levels: int = 25) -> dict[str, Any]:
    """Schemas each of which refers to the next one twice."""
    names = [f"L{level}" for level in range(levels + 1)]
    schemas = {name: outside({"$ref": f"#/{inner}"}) for name, inner in pairwise(names)}
    return {**schemas, names[-1]: {"type": "string"}, "schema": {"$ref": "#/L0"}}


GREEDY: dict[str, tuple[Any, str]] = {
    "a long pattern": ({"pattern": "^a{100000}$", "type": "string"}, "made|too many steps"),
    "a pattern of patterns": ({"pattern": "^((((a{99}){99}){99}){99})$", "type": "string"}, "too many steps"),
    "a pattern of nothing": ({"pattern": "^(|){1000000000}$", "type": "string"}, "too many steps"),
    "a pattern of classes": ({"pattern": "^[^a-y]{90000}$", "type": "string"}, "too many steps"),
    "a pattern that repeats itself": ({"pattern": r"^(a+)" + r"\1" * 90, "minLength": 90_000}, "made"),
    "patterns that exclude each other": (
        {"type": "string", "allOf": [{"pattern": "^a{3000}$"}, {"pattern": "^b{3000}$"}]},
        "too many steps",
    ),
    "hundreds of patterns": (
        {"allOf": [{"pattern": f"^{n}", "type": "string"} for n in range(400)]},
        "too many steps",
    ),
    "a long string": ({"type": "string", "minLength": 10**9}, "minLength is above 100,000"),
    "a long string of a pattern": (
        {"type": "string", "pattern": "^[a-z]+$", "minLength": 10**9},
        "minLength is above 100,000",
    ),
    "many long strings": (
        {"type": "array", "minItems": 3000, "items": {"type": "string", "minLength": 90_000}},
        "too many steps",
    ),
    "many items": ({"type": "array", "minItems": 10**7}, "minItems is above 3,000"),
    "many items inside": (
        {"type": "object", "required": ["a"], "properties": {"a": {"type": "array", "minItems": 10**7}}},
        "minItems is above 3,000",
    ),
    "items of items": (
        nested(10, lambda inner: {"type": "array", "minItems": 10, "items": inner}, {}),
        "too many steps",
    ),
    "items with a large example": (
        {"type": "array", "minItems": 3000, "items": {"example": ["x"] * 3000}},
        "too many steps",
    ),
    "many items of a kind": ({"type": "array", "contains": {"const": 1}, "minContains": 10**7}, "minContains is above"),
    "many members": ({"type": "object", "minProperties": 10**7}, "minProperties is above 3,000"),
    "many members of patterns": (
        {"type": "object", "minProperties": 500, "patternProperties": {f"^a{{900}}{n}": {} for n in range(300)}},
        "too many steps",
    ),
    "many required members": ({"type": "object", "required": [f"a{n}" for n in range(50_000)]}, "too many steps"),
    "different items of a small enumeration": (
        {"type": "array", "uniqueItems": True, "minItems": 3000, "items": {"enum": [1, 2, 3]}},
        "|too many steps",
    ),
    "different items of a large enumeration": (
        {"type": "array", "uniqueItems": True, "minItems": 2000, "items": {"enum": list(range(2000))}},
        "too many steps",
    ),
    "a fine grid": ({"type": "number", "multipleOf": 1e-300, "minimum": 1e300}, "made"),
    "a grid with a gap": ({"type": "integer", "multipleOf": 10**3000 + 1, "minimum": 1, "maximum": 10**3000}, ""),
    "no grid": ({"type": "number", "multipleOf": 0}, ""),
    "many alternatives": (
        {"oneOf": [{"type": "object", "required": ["a"], "properties": {"a": {"const": n % 9}}} for n in range(2000)]},
        "too many steps",
    ),
    "many parts": ({"allOf": [{"required": [f"a{n}"]} for n in range(5000)]}, ""),
    "conditions in conditions": (
        nested(
            8, lambda inner: {"if": {"required": ["a"]}, "then": inner, "else": inner}, {"not": {"minProperties": 0}}
        ),
        "|too many steps",
    ),
    "arrays that double": (doubled(lambda inner: {"type": "array", "minItems": 2, "items": inner}), "too many steps"),
    "objects that double": (
        doubled(lambda inner: {"type": "object", "required": ["l", "r"], "properties": {"l": inner, "r": inner}}),
        "too many steps",
    ),
    "parts that double": (doubled(lambda inner: {"allOf": [inner, inner]}), "made|"),
    "alternatives that double": (doubled(lambda inner: {"oneOf": [inner, inner]}), "|too many steps"),
}


@pytest.mark.repetitive
@pytest.mark.parametrize(("schema", "expected"), GREEDY.values(), ids=GREEDY)
def test_a_schema_that_asks_for_too_much_is_given_up_within_the_bound(schema: Any, expected: str) -> None:
    root = schema if isinstance(schema, dict) and "schema" in schema else document(schema)
    found: list[str] = []
    assert steps(lambda: found.append(made_of(root))) <= MOST_CALLS
    assert any(text == found[0] if text in {"", "made"} else text in found[0] for text in expected.split("|"))


def test_many_schemas_that_ask_for_too_much_share_what_is_spent_on_them() -> None:
    items = {"type": "string", "minLength": 90_000}
    many = {f"s{n}": {"type": "array", "minItems": 3000, "items": items} for n in range(20)}
    maker = Sampler(many)

    def give_up(name: str) -> None:
        with pytest.raises(Exhausted):
            maker.sample((name,))

    first, *_, last = [steps(partial(give_up, name)) for name in many]
    assert 5 * last < first


def test_a_search_that_failed_is_not_made_again() -> None:
    maker = Sampler(document(GREEDY["a pattern of nothing"][0]))

    def give_up() -> None:
        with pytest.raises(Exhausted):
            maker.sample(("schema",), SeededRandomness("1"))

    with pytest.raises(Exhausted):
        maker.sample(("schema",))
    assert steps(give_up) < 200


def test_values_of_one_schema_are_paid_for_once() -> None:
    budget, schema = StepBudget(), {"type": "string"}
    for _ in range(1000):
        budget.pay(schema, MOST_STEPS, None)
        budget.settle(schema, None)
    assert budget.search().limit == MOST_STEPS


small = st.integers(0, 3)
names = st.sampled_from(["a", "b", "c"])
leaves: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from([{}, {"type": "string"}, {"type": "null"}, {"type": "boolean"}, REF]),
    st.builds(lambda low, more: {"type": "integer", "minimum": low, "maximum": low + more}, st.integers(-9, 9), small),
    st.builds(
        lambda low, step: {"type": "number", "exclusiveMinimum": low, "multipleOf": step}, small, st.integers(1, 4)
    ),
    st.builds(lambda low, more: {"type": "string", "minLength": low, "maxLength": low + more}, small, small),
    st.sampled_from(["^a+$", "^[a-c]{2}$", "b", "^(x|yy)?$"]).map(lambda text: {"type": "string", "pattern": text}),
    st.lists(st.sampled_from([1, 2, "a", "b", None, True]), min_size=1, max_size=3).map(
        lambda values: {"enum": values}
    ),
)


def objects(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries(
        {"type": st.just("object"), "properties": st.dictionaries(names, inner, max_size=3)},
        optional={
            "required": st.lists(names, unique=True, max_size=2),
            "additionalProperties": st.booleans() | inner,
            "minProperties": small,
            "maxProperties": st.integers(2, 4),
            "dependentRequired": st.dictionaries(names, st.lists(names, unique=True, max_size=1), max_size=1),
            "propertyNames": st.just({"pattern": "^[a-z]"}),
        },
    )


def arrays(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    optional = {"items": inner, "minItems": small, "maxItems": st.integers(2, 4), "uniqueItems": st.booleans()}
    return st.fixed_dictionaries({"type": st.just("array")}, optional={**optional, "contains": inner})


def combined(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    several = st.lists(inner, min_size=1, max_size=3)
    return st.one_of(
        st.builds(lambda keyword, parts: {keyword: parts}, st.sampled_from(["allOf", "anyOf", "oneOf"]), several),
        st.builds(lambda schema, other: {"allOf": [schema], "not": other}, inner, inner),
        st.builds(lambda one, two, three: {"if": one, "then": two, "else": three}, inner, inner, inner),
    )


schemas = st.recursive(leaves, lambda inner: objects(inner) | arrays(inner) | combined(inner), max_leaves=6)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(schema=schemas, seed=st.sampled_from([None, "1", "2"]))
def test_whatever_is_made_of_any_schema_fits_it(schema: Any, seed: str | None) -> None:
    try:
        value = Sampler(document(schema)).sample(("schema",), DETERMINISTIC if seed is None else SeededRandomness(seed))
    except Exhausted:
        return
    assert is_valid(schema, value)


satisfiable = st.recursive(
    leaves.filter(lambda schema: schema is not REF),
    lambda inner: st.one_of(
        st.builds(
            lambda properties, required: {"type": "object", "properties": properties, "required": required},
            st.dictionaries(names, inner, max_size=3),
            st.lists(names, unique=True, max_size=3),
        ),
        st.builds(lambda items: {"type": "array", "items": items, "minItems": 1}, inner),
        st.builds(lambda schema: {"anyOf": [False, schema]}, inner),
        st.builds(lambda schema: {"allOf": [schema, {"title": "a part"}]}, inner),
    ),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(schema=satisfiable)
def test_a_value_is_always_found_where_it_is_plain_that_there_is_one(schema: Any) -> None:
    assert is_valid(schema, Sampler(document(schema)).sample(("schema",)))


def test_a_seed_means_the_same_value_and_another_seed_another() -> None:
    schema = {
        "type": "object",
        "properties": {"n": {"type": "integer"}, "email": {"type": "string", "format": "email"}},
    }
    made = [Sampler(document(schema)).sample(("schema",), SeededRandomness(seed)) for seed in ("1", "1", "2")]
    assert made[0] == made[1] != made[2]


@pytest.mark.parametrize(
    ("name", "looks_like"), [("email", "@example."), ("firstName", ""), ("created_url", "http"), ("nothing", "string")]
)
def test_a_varied_text_is_what_the_name_of_its_member_promises(name: str, looks_like: str) -> None:
    schema = {"type": "object", "required": [name], "properties": {name: {"type": "string"}}}
    text = Sampler(document(schema)).sample(("schema",), SeededRandomness("1"))[name]
    assert looks_like in text
    assert (text == "string") is (name == "nothing")


@pytest.mark.parametrize("held", [{}, {"contentSchema": {"type": "object", "properties": {"n": {"type": "integer"}}}}])
def test_a_text_that_holds_json_is_json(held: Any) -> None:
    schema = {"type": "string", "contentMediaType": "application/json; charset=utf-8", **held}
    for randomness in (DETERMINISTIC, SeededRandomness("1"), TYPICAL):
        text = Sampler(document(schema)).sample(("schema",), randomness)
        assert set(json.loads(text)) == ({"n"} if held else set())


def test_members_come_from_what_their_schemas_name() -> None:
    schema = {
        "type": "object",
        "properties": {
            "example": {"type": "string", "example": "E", "default": "D"},
            "examples": {"type": "string", "examples": ["X"], "default": "D"},
            "default": {"type": "string", "default": "D", "enum": ["A", "D"]},
            "enum": {"enum": ["A", "D"]},
            "price": {"type": "number", "multipleOf": 0.01, "example": 19.99},
        },
    }
    made = Sampler(document(schema)).sample(("schema",))
    assert made == {"example": "E", "examples": "X", "default": "D", "enum": "A", "price": 19.99}


@pytest.mark.parametrize(("schema", "name"), [({"$ref": "#/Cat"}, "feline"), ({"$ref": "#/Dog"}, "Dog")])
def test_a_discriminator_names_the_schema_that_was_asked_for(schema: Any, name: str) -> None:
    assert Sampler(document(schema)).sample(("schema",))["petType"] == name


UNIONS: dict[str, Any] = {
    "Bird": {"type": "object", "required": ["sort", "wings"], "properties": {"sort": {"type": "string"}}},
    "Fish": {"type": "object", "required": ["sort", "fins"], "properties": {"sort": {"type": "string"}}},
    "Animal": {
        "oneOf": [{"$ref": "#/Fish"}, {"$ref": "#/Bird"}],
        "discriminator": {"propertyName": "sort", "mapping": {"fishy": "#/Fish"}},
    },
    "Unmapped": {"anyOf": [{"$ref": "#/Bird"}], "discriminator": {"propertyName": "sort"}},
    "Parent": {
        "type": "object",
        "required": ["sort"],
        "properties": {"sort": {"type": "string"}},
        "oneOf": [{"$ref": "#/Son"}, {"$ref": "#/Daughter"}],
        "discriminator": {"propertyName": "sort"},
    },
    "Son": {"type": "object", "properties": {"son": {"const": True}}},
    "Daughter": {"type": "object", "required": ["daughter"], "properties": {"daughter": {"const": True}}},
    "Zoo": {
        "type": "object",
        "required": ["star", "all", "byName"],
        "properties": {
            "star": {"$ref": "#/Animal"},
            "all": {"type": "array", "minItems": 1, "items": {"$ref": "#/Animal"}},
            "byName": {"type": "object", "minProperties": 1, "additionalProperties": {"$ref": "#/Animal"}},
        },
    },
}


@pytest.mark.parametrize(
    ("name", "expected"), [("Animal", {"fishy"}), ("Unmapped", {"Bird"}), ("Parent", {"Son"}), ("Zoo", {"fishy"})]
)
def test_a_union_has_the_discriminator_of_its_branch_wherever_it_is(name: str, expected: set[str]) -> None:
    made = Sampler({**UNIONS, "schema": {"$ref": f"#/{name}"}}).sample(("schema",))
    assert set(re.findall(r"'sort': '(\w+)'", str(made))) == expected


@pytest.mark.parametrize(
    "pattern",
    [
        *("^[A-Z]{3}-\\d{4}$", "^(?:a|b)+$", "^[^\\s]+@x\\.y$", "^(?<y>\\d{4})-(0[1-9]|1[0-2])$", "^(foo)\\1$"),
        *(
            "^\\S+$",
            "^$",
            "^[\\w.-]+$",
            "^\\u00e9$",
            "^\\p{Lu}\\p{L}*$",
            "^[\\p{Nd}x]{2}$",
            "^#[0-9a-fA-F]{6}$",
            "a{2,}?b",
        ),
    ],
)
def test_a_text_matches_the_pattern_that_it_was_made_of(pattern: str) -> None:
    for more in (0, 3):
        text = string_matching(pattern, Work(), more)
        assert text is not None
        assert matches(pattern, text)
