"""Worlds: what may be, forked only where it matters, and joined again where it does not."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from lookalike.readings import Choose
from lookalike.verify.oracle.equality import same_field, same_value
from lookalike.verify.oracle.worlds import Branch, Exploration, Questions, World, distinct, possible_answers
from lookalike.verify.server.client import Budget, Client
from lookalike.verify.server.transport import ConnectionSettings
from lookalike.verify.setup import environment_of
from tests.support.answering import answering
from tests.support.in_process import CONTRACT, mock
from tests.support.judged import target

QUESTIONS = Questions({"colour": ("red", "green"), "size": ("s", "m", "l"), "shape": ("round", "square")})


def outcomes(run: Callable[[Choose], object], **given: str) -> list[Branch[object]]:
    return Exploration(QUESTIONS, run).under(given)


def test_a_question_that_is_not_asked_costs_nothing() -> None:
    calls: list[int] = []
    assert outcomes(lambda choose: calls.append(1)) == [Branch({}, None)]
    assert len(calls) == 1


def test_a_question_forks_into_its_answers() -> None:
    assert outcomes(lambda choose: choose("colour").upper()) == [
        Branch({"colour": "red"}, "RED"),
        Branch({"colour": "green"}, "GREEN"),
    ]


def test_an_answer_that_is_given_is_not_asked_for_again() -> None:
    assert outcomes(lambda choose: choose("colour"), colour="red") == [Branch({"colour": "red"}, "red")]


def test_branches_are_joined_where_the_question_makes_no_difference() -> None:
    assert outcomes(lambda choose: len(choose("shape")) > 0) == [Branch({}, True)]


def test_only_the_answers_that_differ_are_told_apart() -> None:
    def run(choose: Choose) -> str:
        if choose("colour") == "red":
            return choose("size")
        choose("shape")
        return "none"

    assert outcomes(run) == [
        Branch({"colour": "red", "size": "s"}, "s"),
        Branch({"colour": "red", "size": "m"}, "m"),
        Branch({"colour": "red", "size": "l"}, "l"),
        Branch({"colour": "green"}, "none"),
    ]


def test_each_combination_of_answers_is_run_once_for_all_worlds() -> None:
    ends: list[tuple[str, str]] = []

    def run(choose: Choose) -> tuple[str, str]:
        ends.append((choose("colour"), choose("size")))
        return ends[-1]

    explored = Exploration(QUESTIONS, run)
    given = [{"colour": "red"}, {"size": "m"}, {}, {"colour": "green", "size": "l"}, {"shape": "round"}]
    found = [[branch.value for branch in explored.under(choices)] for choices in given]
    assert [len(values) for values in found] == [3, 2, 6, 1, 6]
    assert found[1] == [("red", "m"), ("green", "m")]
    assert found[2] == found[4]
    assert sorted(ends) == sorted(set(ends))


def test_a_fact_that_nobody_told_is_a_question_with_two_answers() -> None:
    assert [branch.value for branch in outcomes(lambda choose: choose("exists:tag/5"))] == ["yes", "no"]


def test_a_result_is_cached_for_each_combination_of_choices() -> None:
    def run(choose: Choose) -> str:
        return choose("size") if choose("colour") == "red" else "none"

    explored = Exploration(QUESTIONS, run)
    first = {"colour": "red", "size": "m"}
    assert [explored.value(chooser) for chooser in (first.__getitem__, {"colour": "green"}.__getitem__)] == [
        "m",
        "none",
    ]
    assert explored.value({**first, "shape": "round"}.__getitem__) == "m"
    assert explored.runs == 2
    assert [branch.value for branch in explored.under({"colour": "red"})] == ["s", "m", "l"]


def test_a_chooser_that_fails_leaves_nothing_behind() -> None:
    explored = Exploration(QUESTIONS, lambda choose: choose("colour") + choose("size"))
    for chooser in ({}, {"colour": "red"}):
        with pytest.raises(KeyError):
            explored.value(chooser.__getitem__)
    assert explored.value({"colour": "red", "size": "l"}.__getitem__) == "redl"


def test_worlds_that_predict_the_same_are_joined() -> None:
    item = ("lead", {"contact_number": 5})
    assert len(distinct([World({}, (item,)), World({}, (item,)), World({"colour": "red"}, (item,))])) == 2


def test_what_is_possible_is_what_some_world_gives_or_leaves_open() -> None:
    assert possible_answers([World({"size": "m"}, ()), World({"size": "s"}, ())], QUESTIONS, "size") == ("s", "m")
    assert possible_answers([World({"size": "m"}, ()), World({}, ())], QUESTIONS, "size") == ("s", "m", "l")


def test_a_set_is_the_same_in_any_order_but_not_with_an_item_twice() -> None:
    assert same_field("set", [1, 2, 3], [3, 1, 2])
    assert not same_field("set", [1, 2], [1, 2, 2])
    assert not same_field("set", [1, 2], [1, 3])
    assert not same_field("object", [1, 2], [2, 1])


def test_values_are_the_same_as_json_values_are() -> None:
    assert same_value({"a": [1, None, "x"]}, {"a": [1.0, None, "x"]})
    for one, other in ((1, True), (0, False), (1, "1"), (None, False), ({}, []), ({"a": 1}, {"a": 1, "b": 2})):
        assert not same_value(one, other)


def test_a_double_may_come_in_fewer_digits_and_an_exact_integer_may_not() -> None:
    assert same_value(99999999999999991611392, 100000000000000000000000)
    assert not same_value(9007199254740993, 9007199254740992)
    assert not same_value(9007199254740992, 9007199254740993)
    assert same_value(9007199254740993, 9007199254740992, rounded=True)


def test_beyond_the_limit_questions_are_given_up_and_a_correct_server_is_still_not_accused() -> None:
    right = mock({"unknown-tag": "rejected"})
    with answering(right.handle) as url:
        client = Client(url, ConnectionSettings(), Budget())
        known = replace(target(), usable={"lead": replace(target().usable["lead"], tags=None)})
        (stated,) = environment_of(CONTRACT, client, known, 1).stated
        session, compose = stated.session, stated.compose
        for number in range(8):
            tags = {"add_tags": [900 + number, 1900 + number]}  # refused: the one, the other or both do not exist
            judged = session.step(compose.request(compose.first, {**compose.base(), **tags}))
            assert judged.finding is None
            assert len(session.worlds) <= 400
        refused = session.step(compose.request(compose.first, {"add_tags": "text"}))
    assert session.given_up
    assert refused.finding is None


@pytest.mark.repetitive
def test_where_too_many_states_explain_the_answers_nothing_is_predicted_of_the_items_and_the_run_goes_on() -> None:
    right = mock({})
    with answering(right.handle) as url:
        client = Client(url, ConnectionSettings(), Budget())
        (stated,) = environment_of(CONTRACT, client, target(), 1).stated
        session, compose = stated.session, stated.compose
        (world,) = session.worlds
        (name, item), *others = world.items
        states = ({**item, "data": {"note": number}} for number in range(401))
        session.worlds = tuple(World(world.choices, ((name, state), *others)) for state in states)
        refused = session.step(compose.request(compose.first, {"add_tags": "text"}))
        plain = session.step(compose.request(compose.first, compose.base()))
    assert (refused.finding, refused.response.status, plain.finding) == (None, 400, None)
    assert "items of lead" in session.given_up
    assert {tuple(name for name, _ in one.items) for one in session.worlds} == {("unknown:lead", "tag", "tag", "tag")}
