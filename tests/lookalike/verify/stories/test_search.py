"""The search for a story that breaks a clause."""

import importlib
from pathlib import Path

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from lookalike.verify.stories.search import Counterexample, search


def test_the_smallest_story_that_breaks_a_clause_is_found() -> None:
    def judge(value: int) -> None:
        if value > 6:
            raise Counterexample

    assert search(st.integers, judge, examples=200, number=1) == 7


def test_where_no_story_can_be_made_none_is_found() -> None:
    told: list[int] = []
    assert search(lambda: st.integers().filter(lambda _: False), told.append, examples=5, number=1) is None
    assert told == []


Values = list[tuple[int, str]]
STRANGE = range(1_000_003, 1_000_503)


def test_the_same_seed_draws_the_same_values_whichever_modules_are_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def searched() -> Values:
        values: Values = []
        search(lambda: st.tuples(st.integers(), st.text()), values.append, examples=200, number=1)
        return values

    def tested() -> Values:
        values: Values = []

        @seed(1)
        @settings(max_examples=200, database=None)
        @given(st.tuples(st.integers(), st.text()))
        def test_of_user(value: tuple[int, str]) -> None:
            values.append(value)

        test_of_user()
        return values

    before = searched()
    (tmp_path / "strange_numbers.py").write_text(f"NUMBERS = {[*STRANGE]}\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    importlib.import_module("strange_numbers")
    assert any(number in STRANGE for number, _ in tested()), "a test of the user's does not draw from the module"
    assert searched() == before
    assert any(number in STRANGE for number, _ in tested())
