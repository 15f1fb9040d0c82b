"""The source of randomness of generated values: none, so that values are the same each time, or a seed."""

import random
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol

from lookalike.schema.generation.alternatives import Conjunction
from lookalike.schema.generation.faker_values import FakerStrings
from lookalike.schema.generation.rules import Rules


class Randomness(Protocol):
    """A source of choices between values that are all valid."""

    def pick(self, count: int) -> int:
        """A number from 0 up to, not including, `count`."""
        ...

    def item_count(self) -> int:
        """The number of items of an array that may have any."""
        ...

    def of_named(self, values: list[Any], schemas: Conjunction) -> Iterable[Any]:
        """The values that schemas name (`examples`, `default`, `const`, `enum`), in the order in which to try them."""
        ...

    def realistic(
        self, name: str, type_name: str, rules: Rules, shown: Sequence[Any], siblings: tuple[str, ...] = ()
    ) -> Iterator[Any]:
        """Values that look like real ones of a member of that name and type, of which the document has `shown` some.

        `siblings` are the names of the members of the object that it is in.
        """
        ...


class Deterministic:
    """The first of everything."""

    def pick(self, count: int) -> int:
        """The first of the choices."""
        return 0

    def item_count(self) -> int:
        """One item."""
        return 1

    def of_named(self, values: list[Any], schemas: Conjunction) -> Iterable[Any]:
        """The values in their order."""
        return values

    def realistic(
        self, name: str, type_name: str, rules: Rules, shown: Sequence[Any], siblings: tuple[str, ...] = ()
    ) -> Iterator[Any]:
        """No values, so that those of the schema are taken."""
        return iter(())


class Seeded:
    """Choices that are the same for the same seed."""

    def __init__(self, seed: str) -> None:
        self._random = random.Random(seed)  # noqa: S311  # bodies of a mock are no secrets

    def pick(self, count: int) -> int:
        """A number from 0 up to, not including, `count`; 0 for none."""
        return self._random.randrange(count) if count else 0

    def begin_with(self, seed: str) -> None:
        """Start again with another seed."""
        self._random.seed(seed)

    def item_count(self) -> int:
        """One to three items."""
        return self._random.randint(1, 3)

    def of_named(self, values: list[Any], schemas: Conjunction) -> Iterable[Any]:
        """The values in a random order, where `enum` or `const` allow nothing else; none otherwise."""
        bound = any("enum" in schema or "const" in schema for schema in schemas)
        return self._random.sample(values, len(values)) if bound else ()


class SeededRandomness(Seeded):
    """Random values that are the same for the same seed; examples are left out, since they would hide all variety."""

    def __init__(self, seed: str) -> None:
        super().__init__(seed)
        self._strings = FakerStrings(seed)

    def realistic(
        self, name: str, type_name: str, rules: Rules, shown: Sequence[Any], siblings: tuple[str, ...] = ()
    ) -> Iterator[Any]:
        """Strings by Faker, for the format or else for the name of a member."""
        return self._strings.strings(name, rules) if type_name == "string" else iter(())


DETERMINISTIC: Randomness = Deterministic()
