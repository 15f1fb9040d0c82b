"""Readings: the questions that a document leaves open, and how an answer is made to depend on them.

A *reading* is a question with choices. Nothing here knows which choice holds: whoever needs to know calls
`choose(reading)`, which the mock answers from a table and a verifier by exploring.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")

Choose = Callable[[str], str]
When = Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Reading:
    """A question with its choices (`choice: what it means`); `other` is a pattern of further choices, or empty."""

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
        """The choices other than this one."""
        return [other for other in self.choices if other != choice]


@dataclass(frozen=True, slots=True)
class Fixed(Generic[T]):
    """A value that no reading changes."""

    value: T

    def under(self, choose: Choose) -> T:
        """The value."""
        return self.value

    @property
    def values(self) -> tuple[T, ...]:
        """All values that it may have."""
        return (self.value,)


@dataclass(frozen=True, slots=True)
class Chosen(Generic[T]):
    """A value that the choice of a reading decides."""

    reading: str
    by_choice: Mapping[str, T]
    otherwise: Callable[[str], T] | None = field(default=None, compare=False)

    def under(self, choose: Choose) -> T:
        """The value under the choice in force."""
        choice = choose(self.reading)
        if choice in self.by_choice or self.otherwise is None:
            return self.by_choice[choice]
        return self.otherwise(choice)

    @property
    def values(self) -> tuple[T, ...]:
        """All values that it may have."""
        return tuple(self.by_choice.values())


Policy = Fixed[T] | Chosen[T]


def holds(when: When, choose: Choose) -> bool:
    """Whether every reading named has one of the choices listed."""
    return all(choose(reading) in choices for reading, choices in when.items())
