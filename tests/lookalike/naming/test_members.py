"""The meanings of members by their names."""

import pytest

from lookalike.naming.members import asked_for_too, initial_state


@pytest.mark.parametrize(
    ("words", "state"),
    [
        (["closed", "open"], "open"),
        (["canceled", "processing", "requires_payment_method"], "requires_payment_method"),
        (["paid", "void", "draft", "open"], "draft"),
        (["sold", "pending", "available"], "available"),
        (["sent", "received", "queued"], "queued"),
        (["canceled", "active", "unpaid"], "active"),
        (["canceled", "processing", "requires_input"], "requires_input"),
        (["red", "green"], None),
    ],
)
def test_a_new_item_is_in_the_state_that_new_ones_have(words: list[str], state: str | None) -> None:
    assert initial_state(words) == state


@pytest.mark.parametrize(
    ("parameter", "word"),
    [("include_archived", "archived"), ("withDrafts", "draft"), ("show-hidden", "hidden"), ("include_author", "")],
)
def test_a_flag_of_a_list_may_ask_for_what_is_out_of_sight_too(parameter: str, word: str) -> None:
    assert asked_for_too(parameter) == word
