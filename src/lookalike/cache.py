"""What was worked out lately, so that it need not be worked out again."""

from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Cache(dict[K, V]):
    """What was worked out, by what it was worked out of: at most so much, then it begins anew."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def keep(self, key: K, value: V) -> V:
        """The value, which is known from now on."""
        if len(self) >= self._most:
            self.clear()
        self[key] = value
        return value
