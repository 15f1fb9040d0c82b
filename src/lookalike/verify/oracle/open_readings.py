"""The readings that are still open while operations are judged by inferred clauses, and the predictions under each.

The worlds that are left are a product of independent *factors*: each is a set of alternatives for some readings, and
alternatives of different factors can be combined freely. Only readings that met in one answer are in one factor, so the
product is never written out: with forty members and ten resources it has more worlds than can be counted.

Worlds are ruled out by successes only: a server that accepts a request follows no choice under which it must refuse it,
but a refusal may have another reason than a reading.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from lookalike.readings import Choose, When
from lookalike.verify.oracle.worlds import Branch, Choices, Exploration, Questions, Unpredictable

T = TypeVar("T")

Factor = tuple[Choices, ...]
"""Alternatives for the same readings, of which one holds; a reading that an alternative leaves out is open in it."""

# Beyond so many alternatives, a reading of the factor becomes unknown.
_MOST_ALTERNATIVES = 64
_MOST_RUNS = 256  # of the model, for one answer


class OpenReadings:
    """The choices of readings under which the server may still be right.

    Of the readings in `unknown` nothing is concluded any more, since too many combinations were left: a prediction that
    depends on one raises `Unpredictable`. No world is ruled out for it.
    """

    def __init__(
        self,
        questions: Questions,
        known: Choices,
        factors: Iterable[Factor] = (),
        unknown: frozenset[str] = frozenset(),
    ) -> None:
        self._questions = questions
        self.factors: tuple[Factor, ...] = (*(({id: choice},) for id, choice in known.items()), *factors)
        self.unknown = unknown

    def choose(self, reading: str) -> str:
        """The first possible choice of a reading."""
        return self.possible(reading)[0]

    def predict(self, run: Callable[[Choose], T]) -> list[Branch[T]]:
        """The results of a function under every combination of choices that it asks for; one branch if it asks none.

        Raises `Unpredictable` if it depends on an unknown reading, or on more combinations than can be tried.
        """

        def run_with_known(choose: Choose) -> T:
            def choose_known(reading: str) -> str:
                if reading in self.unknown:
                    raise Unpredictable(f"too many combinations were left of {reading}")
                return choose(reading)

            return run(choose_known)

        return Exploration(self._questions, run_with_known, self._alternatives, _MOST_RUNS).under({})

    def keep(self, branches: Iterable[Branch[T]]) -> None:
        """Rule out all worlds but those of some predictions; without any, nothing is learnt."""
        kept = _distinct(branch.choices for branch in branches)
        names = {name for choices in kept for name in choices}
        if names:
            self._replace(self._factors_of(names), kept)

    def give_up(self, reading: str) -> None:
        """Conclude nothing more from a reading, such as one of which the server keeps to no choice."""
        self.unknown |= {reading}
        self.factors = _factors_without(self.factors, self.unknown)

    def copy(self) -> "OpenReadings":
        """The same worlds, for one story."""
        return OpenReadings(self._questions, {}, self.factors, self.unknown)

    def joined(self, other: "OpenReadings") -> "OpenReadings | None":
        """The worlds that agree with those of another story, or None if none does."""
        unknown = self.unknown | other.unknown
        found = OpenReadings(self._questions, {}, _factors_without(self.factors, unknown), unknown)
        for factor in _factors_without(other.factors, unknown):
            if factor in found.factors:
                continue
            own = found._factors_of({name for choices in factor for name in choices})
            both = _combined([*own, factor])
            if not both:
                return None
            found._replace(own, both)
        return found

    def possible(self, reading: str) -> tuple[str, ...]:
        """The choices of a reading that some world is left with, in the order of the document."""
        answers = self._questions.answers(reading)
        factor = next((one for one in self.factors if any(reading in choices for choices in one)), ({},))
        left = {answer for choices in factor for answer in ([choices[reading]] if reading in choices else answers)}
        return tuple(answer for answer in answers if answer in left)

    def certain(self, when: When) -> bool:
        """Whether a rule that only some choices have applies under every choice that is left."""
        return all(
            reading not in self.unknown and choices.issuperset(self.possible(reading))
            for reading, choices in when.items()
        )

    def _alternatives(self, reading: str) -> Sequence[Choices]:
        """The alternatives of the factor of a reading, in each of which it is decided."""
        for factor in self.factors:
            if any(reading in choices for choices in factor):
                return [one for choices in factor for one in self._deciding(choices, reading)]
        return self._deciding({}, reading)

    def _deciding(self, choices: Choices, reading: str) -> Sequence[Choices]:
        if reading in choices:
            return [choices]
        return [{**choices, reading: answer} for answer in self._questions.answers(reading)]

    def _factors_of(self, readings: set[str]) -> list[Factor]:
        """The factors that are about some readings."""
        return [factor for factor in self.factors if any(readings & choices.keys() for choices in factor)]

    def _replace(self, old: list[Factor], alternatives: Sequence[Choices]) -> None:
        """Put alternatives in the place of factors, as far apart again as they are independent of each other."""
        joined = _combined([tuple(alternatives), *old])  # these come first, since few of the old ones agree with them
        if not joined:
            return
        while len(joined) > _MOST_ALTERNATIVES:
            reading = max({name for choices in joined for name in choices}, key=lambda name: _freed(joined, name))
            self.unknown |= {reading}
            joined = _without(joined, reading)
        others = tuple(factor for factor in self.factors if factor not in old)
        self.factors = (*others, *_independent(joined))


def _combined(factors: Sequence[Iterable[Choices]]) -> tuple[Choices, ...]:
    """The combinations of alternatives that agree with each other."""
    found: tuple[Choices, ...] = ({},)
    for factor in factors:
        found = _distinct({**one, **more} for one in found for more in factor if _agree(one, more))
    return found


def _agree(one: Choices, other: Choices) -> bool:
    return all(other.get(name, choice) == choice for name, choice in one.items())


def _independent(factor: Sequence[Choices]) -> tuple[Factor, ...]:
    """The same worlds as several factors: a reading stands alone if every choice of it goes with all of the rest."""
    rest, found = tuple(factor), list[Factor]()
    for name in sorted({name for choices in factor for name in choices}):
        own = _distinct({name: choices[name]} if name in choices else {} for choices in rest)
        others = _without(rest, name)
        if len(own) * len(others) == len(rest) and len(others) < len(rest) + (len(own) == 1):
            found.append(own)
            rest = others
    return tuple(one for one in (*found, rest) if one != ({},))


def _without(factor: Sequence[Choices], reading: str) -> tuple[Choices, ...]:
    """The alternatives with a reading left open; those that differ in nothing else become one."""
    return _distinct({name: choice for name, choice in one.items() if name != reading} for one in factor)


def _factors_without(factors: Iterable[Factor], readings: Iterable[str]) -> tuple[Factor, ...]:
    """The factors with some readings left open; those of no other reading are gone."""
    found = []
    for factor in factors:
        for reading in readings:
            factor = _without(factor, reading)  # noqa: PLW2901  # each step leaves out one more
        found.append(factor)
    return tuple(factor for factor in found if factor != ({},))


def _freed(factor: Sequence[Choices], reading: str) -> tuple[int, str]:
    """The number of alternatives that there are fewer without a reading; the name decides between equals."""
    return len(factor) - len(_without(factor, reading)), reading


def _distinct(choices: Iterable[Choices]) -> tuple[Choices, ...]:
    found: list[Choices] = []
    for one in choices:
        if one not in found:
            found.append(one)
    return tuple(found)
