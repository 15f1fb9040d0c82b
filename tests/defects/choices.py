"""Choices for servers that are right: each single one, and random combinations of all."""

import random
from collections.abc import Iterator

from tests.defects.worlds import choices_of
from tests.support.in_process import CONTRACT


def random_choices(seed: int) -> dict[str, str]:
    """A choice for every reading; the same seed gives the same choices.

    Each reading goes through its choices in an order of its own, so that all of them occur in as many seeds as the
    longest reading has choices.
    """
    return {reading: _in_turn(reading, seed) for reading in CONTRACT.readings}


def _in_turn(reading: str, seed: int) -> str:
    choices = choices_of(reading)
    turn, place = divmod(seed, len(choices))
    random.Random(f"{reading} {turn}").shuffle(choices)
    return choices[place]


def single_choices() -> Iterator[tuple[str, str]]:
    """Every choice of every reading, with its reading."""
    for reading in CONTRACT.readings:
        for choice in choices_of(reading):
            yield reading, choice
