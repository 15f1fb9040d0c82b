"""A bounded cache."""

from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Cache(dict[K, V]):
    """A bounded cache that empties itself when it is full.

    A dictionary, so that a hit costs what a dictionary costs: `functools.lru_cache` takes a lock and keeps an order on
    each hit. Emptying all at once is rare, and cheaper than choosing what to drop.
    """

    def __init__(self, most: int) -> None:
        """A cache of at most so many entries."""
        super().__init__()
        self._most = most

    def keep(self, key: K, value: V) -> V:
        """Store a value and return it."""
        if len(self) >= self._most:
            self.clear()
        self[key] = value
        return value
