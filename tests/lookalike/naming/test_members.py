"""The meanings of members by their names."""

import pytest

from lookalike.naming.members import initial_state


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
