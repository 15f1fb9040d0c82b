"""Readings: the questions that a document leaves open, and values that depend on their answers.

A *reading* is a question with choices: "does a second DELETE answer 404 or 204?". This module does not know which
choice holds. Code that depends on one calls `choose(reading)`; the mock answers that from a table of settings, and
`verify` tries the choices to find those that explain what a server does.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")

Choose = Callable[[str], str]
"""A function from the id of a reading to the choice that is in force."""

When = Mapping[str, frozenset[str]]
"""A condition: the choices under which something holds, by the id of the reading; an empty one always holds."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A question that a document leaves open, with its choices (`choice: its meaning`).

    `other` is a regular expression for further choices, or empty if there are none.
    """

    id: str
    question: str
    default: str
    choices: Mapping[str, str]
    other: str = ""
    quotes: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    def allows(self, choice: str) -> bool:
        """Whether that is a choice of this reading."""
        return choice in self.choices or bool(self.other and re.fullmatch(self.other, choice))

    def alternatives(self, choice: str) -> list[str]:
        """The listed choices other than this one."""
        return [other for other in self.choices if other != choice]


@dataclass(frozen=True, slots=True)
class Fixed(Generic[T]):
    """A value that depends on no reading."""

    value: T

    def under(self, choose: Choose) -> T:
        """The value; `choose` is never asked."""
        return self.value

    @property
    def values(self) -> tuple[T, ...]:
        """The one value, as a tuple."""
        return (self.value,)


@dataclass(frozen=True, slots=True)
class Chosen(Generic[T]):
    """A value that depends on the choice of a reading; `otherwise` makes that of a choice that is not listed."""

    reading: str
    by_choice: Mapping[str, T]
    otherwise: Callable[[str], T] | None = field(default=None, compare=False)

    def under(self, choose: Choose) -> T:
        """The value under the choice in force; raises `KeyError` for an unlisted one without `otherwise`."""
        choice = choose(self.reading)
        if choice in self.by_choice or self.otherwise is None:
            return self.by_choice[choice]
        return self.otherwise(choice)

    @property
    def values(self) -> tuple[T, ...]:
        """The values under each listed choice."""
        return tuple(self.by_choice.values())


Policy = Fixed[T] | Chosen[T]
"""A value that may depend on a reading: ask `policy.under(choose)`."""


def holds(when: When, choose: Choose) -> bool:
    """Whether a condition holds under the choices in force."""
    return all(choose(reading) in choices for reading, choices in when.items())
