"""The search for a story that breaks a clause."""

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
