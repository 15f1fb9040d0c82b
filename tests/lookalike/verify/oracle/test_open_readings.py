"""Open readings are a product of factors: many may be open at once, and an answer costs few runs of the model."""

from collections.abc import Callable, Iterator
from itertools import pairwise, product

import pytest

from lookalike.readings import Choose
from lookalike.verify.oracle.open_readings import OpenReadings
from lookalike.verify.oracle.worlds import Questions, Unpredictable

CHOICES = ("one", "two", "three")
RESOURCES, MEMBERS = range(10), range(40)
SUBJECTS = ("put-unknown", "delete-unknown", "order", "unique")


def readings() -> Iterator[str]:
    yield from (f"r{resource}.{subject}" for resource, subject in product(RESOURCES, SUBJECTS))
    yield from (f"r{resource}.m{member}.kept" for resource, member in product(RESOURCES, MEMBERS))


EVERY = tuple(readings())


def opened(*names: str) -> OpenReadings:
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
    left = opened()
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
    left = opened("a", "b", "c")
    left.keep(branch for branch in left.predict(Counted("a", "b")) if branch.value[0] == branch.value[1])
    left.keep(branch for branch in left.predict(Counted("c")) if branch.value != ("one",))
    assert left.possible("a") == CHOICES
    assert sorted(len(factor) for factor in left.factors) == [2, 3]
    left.keep(branch for branch in left.predict(Counted("a")) if branch.value == ("two",))
    assert (left.possible("b"), left.possible("c")) == (("two",), ("two", "three"))


def test_what_is_decided_apart_again_is_kept_apart() -> None:
    left = opened("a", "b")
    left.keep(branch for branch in left.predict(Counted("a", "b")) if "one" not in branch.value)
    assert sorted(map(len, left.factors)) == [2, 2]


def test_a_reading_beyond_the_bound_is_unknown_and_predicts_nothing_and_the_others_go_on() -> None:
    left = opened("a", "b", "c", "d", "other")
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
        opened().predict(model)
    assert model.runs <= 256


def consistent(*kept: Callable[[tuple[str, ...]], bool]) -> OpenReadings:
    left = opened("a", "b")
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
