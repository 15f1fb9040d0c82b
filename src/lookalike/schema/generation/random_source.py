"""Variety: whether values are the same each time, or drawn at random from a seed."""

import random
from collections.abc import Iterable, Iterator
from typing import Any, Protocol

from lookalike.schema.generation.alternatives import Conjunction
from lookalike.schema.generation.faker_values import FakerStrings
from lookalike.schema.generation.rules import Rules


class Randomness(Protocol):
    """What a search asks where more than one value would do."""

    def pick(self, count: int) -> int:
        """One of so many, counted from 0."""
        ...

    def items(self) -> int:
        """How many items a list gets that may have any number of them."""
        ...

    def of_choices(self, values: list[Any], form: Conjunction) -> Iterable[Any]:
        """The values that a schema names itself, in the order in which to try them."""
        ...

    def realistic(self, name: str, rules: Rules) -> Iterator[str]:
        """Texts that look like what a member of that name holds."""
        ...


class _Plain:
    """The first of everything."""

    def pick(self, count: int) -> int:
        return 0

    def items(self) -> int:
        return 1

    def of_choices(self, values: list[Any], form: Conjunction) -> Iterable[Any]:
        return values

    def realistic(self, name: str, rules: Rules) -> Iterator[str]:
        return iter(())


class SeededRandomness:
    """Anything, as a seed has it; examples count only where a schema allows nothing else."""

    def __init__(self, seed: str) -> None:
        self._random = random.Random(seed)  # noqa: S311  # bodies of a mock are no secrets
        self._realism = FakerStrings(seed)

    def pick(self, count: int) -> int:
        """One of so many, counted from 0."""
        return self._random.randrange(count) if count else 0

    def items(self) -> int:
        """How many items a list gets that may have any number of them."""
        return self._random.randint(1, 3)

    def of_choices(self, values: list[Any], form: Conjunction) -> Iterable[Any]:
        """All values that are allowed, shuffled; none where any others would do."""
        bound = any("enum" in node or "const" in node for node in form)
        return self._random.sample(values, len(values)) if bound else ()

    def realistic(self, name: str, rules: Rules) -> Iterator[str]:
        """Texts that look like what a member of that name holds."""
        return self._realism.texts(name, rules)


DETERMINISTIC: Randomness = _Plain()
