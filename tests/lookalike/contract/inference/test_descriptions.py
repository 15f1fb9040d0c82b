"""Descriptions of parameters and counters: each sentence states one meaning, or none."""

import pytest

from lookalike.contract.inference.descriptions import first_page, states

STATED = (
    ("where", "Only tickets with this status."),
    ("where", "A case-sensitive filter on the list based on the customer's email field."),
    ("where", "Filter by owner. If it is not given, the pets of all owners are listed."),
    ("page.limit", "The maximum number of items to return."),
    ("page.limit", "A limit on the number of objects to be returned, between 1 and 100."),
    ("page.limit", "Page size"),
    ("page.limit", "How many cases a page has."),
    ("page.offset", "The number of items to skip."),
    ("page.number", "The page of results."),
    ("page.cursor", "A cursor for use in pagination."),
    ("total", "The total number of tickets."),
)
OPEN = (
    ("where", "The status."),
    ("where", "Only pets that are older than this."),
    ("where", "Also includes pets of this kind."),
    ("where", "Excludes the pets with this kind."),
    ("where", "Only pets made after this day."),
    ("page.limit", "The size of the pet."),
    ("page.offset", "A number."),
    ("total", "The number of pets."),
    ("total", "The total number of pages."),
    ("total", "The total of the items on this page."),
    ("sort", "Sort by this member."),
)


@pytest.mark.parametrize(("fact", "text"), STATED)
def test_a_description_states_what_a_name_suggests(fact: str, text: str) -> None:
    assert states(fact, text)


@pytest.mark.parametrize(("fact", "text"), OPEN)
def test_other_words_and_exceptions_state_nothing(fact: str, text: str) -> None:
    assert not states(fact, text)


@pytest.mark.parametrize(
    ("text", "number"),
    [("Zero-based page.", 0), ("Pages start at 1.", 1), ("The page, 1-based.", 1), ("The page.", None)],
)
def test_the_number_of_the_first_page_is_read_where_it_is_told(text: str, number: int | None) -> None:
    assert first_page(text) == number
