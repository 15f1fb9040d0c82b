"""Events: the steps of a run, as it tells its listeners of them; every report is one of these listeners."""

from collections.abc import Callable
from typing import NamedTuple

from lookalike.http import Request
from lookalike.verify.results import Failure, Report


class StoryStarted(NamedTuple):
    """A story begins; `clause` is empty for one about no clause.

    `left` is the number of stories, or of searches for one, that its layer has left, as far as it is known.
    """

    clause: str
    title: str
    left: int = 0

    def __str__(self) -> str:
        return f"{self.clause}: {self.title}" if self.clause else self.title


class StoryEnded(NamedTuple):
    """A story has ended after so many requests: the clauses that it found broken, or the reason why it says nothing.

    `id` tells apart the stories of a run, and `sent` are the requests.
    """

    clause: str
    title: str
    requests: int
    broken: tuple[str, ...] = ()
    reason: str = ""
    id: str = ""
    sent: tuple[Request, ...] = ()


class FailureFound(NamedTuple):
    """A failure was found, and tried again."""

    failure: Failure


class CleanUp(NamedTuple):
    """The run has ended, and has so many items left to delete."""

    left: int

    def __str__(self) -> str:
        return f"cleaning up: {self.left} left"


class RunEnded(NamedTuple):
    """The run has ended."""

    report: Report


Event = StoryStarted | StoryEnded | FailureFound | CleanUp | RunEnded
Listener = Callable[[Event], None]


def ignore(event: Event) -> None:
    """Listen to nothing."""
