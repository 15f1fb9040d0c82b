"""A bounded counter: a longer record takes no more memory."""

from collections import Counter
from typing import TypeVar

T = TypeVar("T")


class BoundedCounter(Counter[T]):
    """Counts of at most so many different things; all further ones are counted as `other`."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def count(self, thing: T, other: T) -> T:
        """Count a thing, or `other` in its place where there are too many; returns the one that was counted."""
        counted = thing if thing in self or len(self) < self._most else other
        self[counted] += 1
        return counted
