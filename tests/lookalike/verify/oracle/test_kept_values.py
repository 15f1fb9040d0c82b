"""Kept values: the spellings of a value that accuse no server, and those that do."""

from typing import Any

import pytest

from lookalike.http import Response
from lookalike.verify.oracle.comparison import Comparison, difference
from lookalike.verify.oracle.normalisations import Normalisations
from lookalike.verify.runner.listing import ListPage, is_beyond


@pytest.mark.parametrize(
    ("sent", "shown", "is_same"),
    [
        ("5", "5.00", True),
        ("-0.1", "-0.10", True),
        ("5.10", "5.1", False),
        ("007", "7", False),
        ("5", "5.01", False),
        ("1e3", "1e3.0", False),
    ],
)
def test_a_decimal_in_a_text_may_get_more_zeros_and_loses_none(sent: str, shown: str, is_same: bool) -> None:
    assert bool(Normalisations().explaining("item.price", sent, shown)) is is_same


@pytest.mark.parametrize(
    ("name", "sent", "shown", "is_accused"),
    [
        ("position", 857, 1, False),
        ("sort_order", 9, 0, False),
        ("position", 1, 857, True),
        ("position", 857, "1", True),
        ("size", 857, 1, True),
        ("position", 3, 4, False),
        ("position", 3, 5, True),
        ("size", 3, 4, True),
        ("position", -41, 0, False),
        ("position", -41, 41, True),
        ("size", -41, 0, True),
    ],
)
def test_a_place_beyond_either_end_may_be_the_outermost_and_a_later_item_may_take_it(
    name: str, sent: int, shown: Any, is_accused: bool
) -> None:
    normalisations = Normalisations()
    for _ in range(2):  # a place that was moved up explains nothing that comes later
        found = difference([name], {name: sent}, {name: shown}, Comparison(normalisations, "item"))
        assert (found is not None) is is_accused


def test_only_a_later_page_that_is_404_is_behind_the_last() -> None:
    answers = [(1, 404), (2, 404), (2, 410), (2, 200)]
    assert [is_beyond(ListPage(Response(status), None), number) for number, status in answers] == [
        False,
        True,
        False,
        False,
    ]
