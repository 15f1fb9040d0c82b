"""The readings that are still open while operations are judged by inferred clauses, and the predictions under each.

A world holds a choice for every reading that a prediction has turned on so far. Worlds are ruled out by successes
only: a server that accepts a request follows no choice under which it must refuse it, but a refusal may have another
reason than a reading.
"""

from collections.abc import Callable, Iterable
from typing import TypeVar

from lookalike.readings import Choose, When
from lookalike.verify.oracle.worlds import Branch, Choices, Exploration, Questions

T = TypeVar("T")


class OpenReadings:
    """The choices of readings under which the server may still be right."""

    def __init__(self, questions: Questions, known: Choices, worlds: tuple[Choices, ...] = ()) -> None:
        self._questions = questions
        self.worlds: tuple[Choices, ...] = worlds or (dict(known),)

    def choose(self, reading: str) -> str:
        """The choice of the first world that is left, or the first possible one where it leaves the reading open."""
        return self.worlds[0].get(reading) or self._questions.answers(reading)[0]

    def predict(self, run: Callable[[Choose], T]) -> list[Branch[T]]:
        """The results of a function under every combination of choices that it asks for; one branch if it asks none."""
        exploration = Exploration(self._questions, run)
        return [branch for world in self.worlds for branch in exploration.under(world)]

    def keep(self, branches: Iterable[Branch[T]]) -> None:
        """Rule out all worlds but those of some predictions; without any, nothing is learnt."""
        worlds: list[Choices] = []
        for branch in branches:
            if branch.choices not in worlds:
                worlds.append(branch.choices)
        self.worlds = tuple(worlds) or self.worlds

    def copy(self) -> "OpenReadings":
        """The same worlds, for one story."""
        return OpenReadings(self._questions, {}, self.worlds)

    def joined(self, other: "OpenReadings") -> "OpenReadings | None":
        """The worlds that agree with those of another story, or None if none does."""
        if other.worlds == self.worlds:
            return self
        pairs = ((one, more) for one in self.worlds for more in other.worlds)
        worlds: list[Choices] = []
        for one, more in pairs:
            both = {**one, **more}
            if all(both[name] == choice for name, choice in one.items()) and both not in worlds:
                worlds.append(both)
        return OpenReadings(self._questions, {}, tuple(worlds)) if worlds else None

    def possible(self, reading: str) -> tuple[str, ...]:
        """The choices of a reading that some world is left with, in the order of the document."""
        answers = self._questions.answers(reading)
        left = {answer for world in self.worlds for answer in ([world[reading]] if reading in world else answers)}
        return tuple(answer for answer in answers if answer in left)

    def certain(self, when: When) -> bool:
        """Whether a rule that only some choices have applies under every choice that is left."""
        return all(choices.issuperset(self.possible(reading)) for reading, choices in when.items())
