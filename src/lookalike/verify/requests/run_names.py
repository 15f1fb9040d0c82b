"""The id of a run, and keys of items that follow from it, so that two runs never use the same item of a server.

Neither comes from the seed: the same seed sends the same requests, but for the id of the run in names and keys.
"""

import secrets
import string
import time
from random import Random
from uuid import UUID

_LETTERS = string.ascii_lowercase
_EPOCH = 1_735_689_600  # 2025-01-01 in UTC
_OF_TIME, _OF_CHANCE = 6, 3  # letters of a run's id: the seconds of ten years, and 17,576 runs in each of them


def new_run_id(now: float | None = None, chance: int | None = None) -> str:
    """The id of a run: nine letters, made of the time (`now`, in seconds since 1970) and of chance.

    A server that folds case, or takes no digits in names, leaves lower-case letters alone.
    """
    seconds = int(time.time() if now is None else now) - _EPOCH
    return in_letters(seconds, _OF_TIME) + in_letters(secrets.randbits(32) if chance is None else chance, _OF_CHANCE)


def in_letters(number: int, length: int) -> str:
    """The last digits of a number to the base 26, as letters."""
    letters = ""
    for _ in range(length):
        number, digit = divmod(number, len(_LETTERS))
        letters = _LETTERS[digit] + letters
    return letters


class RunKeys:
    """New keys for items, in an order that the ids of the run and of the story alone decide."""

    def __init__(self, run: str, story: str = "") -> None:
        self._run = run
        self._random = Random(f"{run}/{story}")  # noqa: S311  # nothing that is secret

    def text(self) -> str:
        """The id of the run, and letters that differ each time."""
        return self._run + in_letters(self._random.getrandbits(64), 8)

    def integer(self, least: int, most: int) -> int:
        """A number between two, both included."""
        return self._random.randint(least, most)

    def uuid(self) -> str:
        """A UUID of version 4 (RFC 9562 section 5.4)."""
        return str(UUID(int=self._random.getrandbits(128), version=4))

    def hexadecimal(self) -> str:
        """Twelve octets in hexadecimal, as MongoDB's ids are."""
        return f"{self._random.getrandbits(96):024x}"
