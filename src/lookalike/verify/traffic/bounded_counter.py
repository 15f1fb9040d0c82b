"""A bounded counter, so that a record takes no more memory for being long."""

from collections import Counter
from typing import TypeVar

T = TypeVar("T")


class BoundedCounter(Counter[T]):
    """The counts of at most so many different things; what comes after them is counted as another one."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def count(self, thing: T, other: T) -> T:
        """Count a thing, or `other` in its place where there are too many; returns the one that was counted."""
        counted = thing if thing in self or len(self) < self._most else other
        self[counted] += 1
        return counted
