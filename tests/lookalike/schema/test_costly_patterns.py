"""Patterns whose automaton is large: their matches are made apart, and bounded."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from lookalike.pacing import TakesLong, begin_turn, end_turn
from lookalike.schema.regexes import COSTLY, USUAL, Patterns, cost_of, matches, size_of
from lookalike.schema.validator import Schema, Schemas, Violation

LISTED = r"^[a-z]{1,255}(,[a-z]{1,255}){0,99}$"
NESTED = "(a{1,100}){1,100}b"
LONG = ",".join(["abc"] * 90)


def schema_of(schema: Any) -> Schema:
    return Schemas({"a": {"$ref": "#/b"}, "b": schema}).at("a")


def violations(schema: Any, value: Any) -> list[Violation]:
    return list(schema_of(schema).violations(value, "body", "the body"))


@contextmanager
def a_turn() -> Iterator[None]:
    begin_turn()
    try:
        yield
    finally:
        end_turn()


@pytest.mark.parametrize(
    ("pattern", "size"),
    [
        *(("abc", 3), ("^a+$", 1), ("a{3}", 3), ("a{2,}", 2), ("a{2,5}b", 6), ("a{0}", 1), ("a{,3}", 5)),
        *(("(ab){3}", 6), ("((a){2}b){3}", 9), ("(?:a|b){4}", 8), ("(?<n>a){4}", 4), (r"\\{3}", 3)),
        *((r"[a{2}]{3}", 3), (r"[\]]{2}", 2), (r"\p{L}{3}", 3), (r"\u0041{3}", 7), (r"\{3}", 3), ("", 0)),
        *((NESTED, 10_001), ("(((a{1,1000}){1,1000}){1,1000}){1,1000}", 10**9), (")a){3}((b", 2)),
        *(("a{" + "9" * 1_500 + "}", 10**9), ("[" * 1_000_000, 1_000_000)),
    ],
)
def test_the_size_of_a_pattern_counts_its_characters_as_often_as_they_are_repeated(pattern: str, size: int) -> None:
    assert size_of(pattern) == size


def test_usual_values_take_the_usual_effort() -> None:
    assert Patterns(largest=size_of("^[a-z]{1,64}$")).are_harmless is False
    large = Patterns(largest=size_of(LISTED))
    assert large.effort_for({"name": "a" * 30, "tags": ["abc"] * 50}) is USUAL
    assert large.effort_for({"name": LONG}).is_apart
    assert not large.effort_for({"name": LONG}).has_costly_names
    assert large.effort_for({LONG: 1}).has_costly_names


@pytest.mark.parametrize("length", [1, 10, 100, 10_000, 900_000])
@pytest.mark.parametrize("states", [1, 16, 1_000, 60_000])
def test_the_cost_of_a_match_is_no_more_than_its_characters_times_its_states(length: int, states: int) -> None:
    assert cost_of(length, states) <= length * states
    assert cost_of(length + 1, states) > cost_of(length, states)


def test_a_costly_match_has_the_verdict_of_any_other() -> None:
    schema = {"type": "object", "properties": {"tags": {"pattern": LISTED, "x-lookalike-clause": "tags"}}}
    assert schema_of(schema).accepts({"tags": LONG})
    (found,) = violations(schema, {"tags": f"{LONG}!"})
    expected = Violation("body", ("tags",), "pattern", f"tags must match the pattern {LISTED}", ("tags",))
    assert found._replace(location=()) == expected
    assert found.location[-3:] == ("properties", "tags", "pattern")


def test_a_costly_match_is_not_made_in_the_thread_that_serves_all_clients() -> None:
    schema = schema_of({"pattern": LISTED})
    with a_turn(), pytest.raises(TakesLong):
        schema.accepts(LONG)
    assert schema.accepts(LONG)


def test_many_short_texts_are_all_matched() -> None:
    schema = {"type": "array", "items": {"pattern": LISTED}}
    assert schema_of(schema).accepts(["abcdef,abc"] * 3_000)
    (found,) = violations(schema, [*["abcdef,abc"] * 3_000, "!" * 60])
    assert found.pointer == (3_000,)


def test_a_match_that_takes_too_long_is_given_up_and_the_message_says_so() -> None:
    schema = {"anyOf": [{"type": "integer"}, {"pattern": NESTED}]}
    (found,) = violations(schema, "a" * 900_000)
    assert found.message == (
        "either the body must be an integer, not a string, "
        f"or the body takes too many steps to match against the pattern {NESTED}; shorten it"
    )
    assert schema_of({"pattern": NESTED}).accepts("a" * 500 + "b")  # by a process that was restarted


def test_an_object_with_names_whose_match_is_costly_is_refused() -> None:
    schema = {"patternProperties": {NESTED: {"type": "string"}}}
    (found,) = violations(schema, {"a" * 3_000: 1})
    assert found.message == "the body has a name that takes too many steps to match against a pattern; shorten it"
    (wrong,) = violations(schema, {"ab": 1, "c": "a" * 3_000})
    assert wrong.pointer == ("ab",)


def test_a_costly_match_beside_the_schemas_counts_as_none() -> None:
    text = "a" * 500 + "b"
    assert cost_of(len(text), size_of(NESTED)) > COSTLY
    assert not matches(NESTED, text)
    assert matches(NESTED, "aab")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no interval timers")
def test_control_c_ends_a_costly_match() -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    try:
        with pytest.raises(KeyboardInterrupt):
            schema_of({"pattern": NESTED}).accepts("a" * 800_000)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert schema_of({"pattern": LISTED}).accepts(LONG)
