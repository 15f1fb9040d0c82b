"""Open readings are a product of factors: many may be open at once, and an answer costs few runs of the model."""

import json
from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise, product
from typing import Any

import pytest

from lookalike.contract.contract import Contract
from lookalike.contract.undecided_readings import open_readings, opened
from lookalike.http import Headers, Request
from lookalike.model.behaviour import Model
from lookalike.openapi.document import parse_document
from lookalike.readings import Choose
from lookalike.verify.oracle.open_readings import OpenReadings
from lookalike.verify.oracle.tracked_items import TrackedItems
from lookalike.verify.oracle.worlds import Questions, Unpredictable
from tests.support.contracts import read_contract

CHOICES = ("one", "two", "three")
RESOURCES, MEMBERS = range(10), range(40)
ASKED = ("put-unknown", "delete-unknown", "deletion")
JSON = Headers({"content-type": "application/json"})
SUBJECTS = ("put-unknown", "delete-unknown", "order", "unique")


def readings() -> Iterator[str]:
    yield from (f"r{resource}.{subject}" for resource, subject in product(RESOURCES, SUBJECTS))
    yield from (f"r{resource}.m{member}.kept" for resource, member in product(RESOURCES, MEMBERS))


EVERY = tuple(readings())


def all_open(*names: str) -> OpenReadings:
    return OpenReadings(Questions(dict.fromkeys(names or EVERY, CHOICES)), {})


class Counted:
    """A model that asks some readings for an answer, and counts how often it is run."""

    def __init__(self, *asks: str) -> None:
        self.asks = asks
        self.runs = 0

    def __call__(self, choose: Choose) -> tuple[str, ...]:
        self.runs += 1
        return tuple(map(choose, self.asks))


def test_forty_members_of_ten_resources_with_every_reading_open_cost_a_bounded_number_of_runs_an_answer() -> None:
    left = all_open()
    for first, second in pairwise(EVERY):
        model = Counted(first)
        branches = left.predict(model)
        left.keep(branch for branch in branches if branch.value != ("three",))  # two choices are left of each
        assert model.runs <= len(CHOICES) + 1
        both = Counted(first, second)
        assert len(left.predict(both)) == 2 * 3
        assert both.runs <= 1 + 2 + 2 * 3
    assert len(left.factors) == len(EVERY) - 1
    assert {left.possible(name) for name in EVERY[:-1]} == {("one", "two")}
    assert left.possible(EVERY[-1]) == CHOICES
    assert left.unknown == frozenset()


def test_only_readings_that_met_in_one_answer_are_joined() -> None:
    left = all_open("a", "b", "c")
    left.keep(branch for branch in left.predict(Counted("a", "b")) if branch.value[0] == branch.value[1])
    left.keep(branch for branch in left.predict(Counted("c")) if branch.value != ("one",))
    assert left.possible("a") == CHOICES
    assert sorted(len(factor) for factor in left.factors) == [2, 3]
    left.keep(branch for branch in left.predict(Counted("a")) if branch.value == ("two",))
    assert (left.possible("b"), left.possible("c")) == (("two",), ("two", "three"))


def test_what_is_decided_apart_again_is_kept_apart() -> None:
    left = all_open("a", "b")
    left.keep(branch for branch in left.predict(Counted("a", "b")) if "one" not in branch.value)
    assert sorted(map(len, left.factors)) == [2, 2]


def test_a_reading_beyond_the_bound_is_unknown_and_predicts_nothing_and_the_others_go_on() -> None:
    left = all_open("a", "b", "c", "d", "other")
    branches = left.predict(Counted("a", "b", "c", "d"))
    left.keep(branch for branch in branches if "one" in branch.value)  # 65 of 81, which are not independent
    assert len(left.unknown) == 1
    with pytest.raises(Unpredictable):
        left.predict(Counted(next(iter(left.unknown))))
    assert len(left.predict(Counted("other"))) == len(CHOICES)
    for factor in left.factors:
        assert len(factor) <= 64


def test_an_answer_that_depends_on_too_many_combinations_is_not_predicted() -> None:
    model = Counted(*EVERY[:12])
    with pytest.raises(Unpredictable):
        all_open().predict(model)
    assert model.runs <= 256


def consistent(*kept: Callable[[tuple[str, ...]], bool]) -> OpenReadings:
    left = all_open("a", "b")
    for keep in kept:
        left.keep([branch for branch in left.predict(Counted("a", "b")) if keep(branch.value)])
    return left


def test_what_two_stories_decided_is_joined_and_a_contradiction_is_none() -> None:
    equal = consistent(lambda value: value[0] == value[1])
    one = consistent(lambda value: value[0] == "one")
    other = consistent(lambda value: value[1] == "two")
    joined = equal.joined(one)
    assert joined is not None
    assert joined.possible("b") == ("one",)
    assert joined.joined(other) is None
    assert equal.possible("b") == CHOICES  # a story changes nothing but its own


def a_large_contract() -> Contract:
    """Ten resources with forty members each, and all that plain documents leave open about them."""
    paths: dict[str, Any] = {}
    schemas: dict[str, Any] = {}
    for number in RESOURCES:
        name = f"Thing{number}"
        members = {f"m{member}": {"type": "string"} for member in MEMBERS}
        schemas[name] = {"type": "object", "properties": {"id": {"type": "string", "readOnly": True}, **members}}
        content = {"content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}}
        shown, refused = {"description": "It.", **content}, {"description": "No."}
        body = {"required": True, **content}
        paths[f"/thing{number}s"] = {
            "post": {"operationId": f"make{number}", "requestBody": body, "responses": {"200": shown, "201": shown}}
        }
        paths[f"/thing{number}s/{{id}}"] = {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
            "get": {"responses": {"200": shown, "404": refused}},
            "put": {"requestBody": body, "responses": {"200": shown, "404": refused}},
            "delete": {"responses": {"204": {"description": "Gone."}, "404": refused}},
        }
    info = {"title": "Things", "version": "1"}
    document = {"openapi": "3.1.0", "info": info, "paths": paths, "components": {"schemas": schemas}}
    return read_contract(parse_document(json.dumps(document), "things.json"))


class CountedModel:
    """The answer of a model to one request, as a function of the choices, and how often it was asked for."""

    def __init__(self, model: Model, items: TrackedItems, request: Request) -> None:
        self._answer = partial(model.respond, items, request)
        self.runs = 0

    def __call__(self, choose: Choose) -> int:
        self.runs += 1
        return self._answer(choose).response.status


def test_a_model_with_every_built_in_reading_open_is_run_at_most_once_more_than_an_answer_has_choices() -> None:
    contract = a_large_contract()
    choices = open_readings(contract)
    assert {f"thing{number}.{subject}" for number in RESOURCES for subject in ASKED} <= choices.keys()
    model, left = Model(opened(contract)), OpenReadings(Questions(choices), {})
    items = TrackedItems(model, left.choose)
    asked = [(method, number) for number in RESOURCES for method in ("POST", "GET", "PUT", "DELETE")]
    for method, number in asked:
        request = Request(method, f"/thing{number}s{'' if method == 'POST' else '/1'}", "", JSON, b"{}")
        counted = CountedModel(model, items, request)
        branches = left.predict(counted)
        forks = method in ("PUT", "DELETE")
        assert len(branches) == (2 if forks else 1)
        assert counted.runs == (3 if forks else 1)
        left.keep(branches[-1:])
    assert left.unknown == frozenset()
    assert {left.possible(f"thing{number}.delete-unknown") for number in RESOURCES} == {("succeeds",)}
