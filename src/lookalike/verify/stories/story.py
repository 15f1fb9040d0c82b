"""Stories: tests of a clause, each a sequence of requests with checks of the responses.

A story passes, or raises `ClauseBroken`, `NotObservable` (its effect cannot be seen) or `Skipped` (it cannot be run).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lookalike.contract.contract import Operation
from lookalike.verify.environment import StatedOperation
from lookalike.verify.roles import Roles
from lookalike.verify.runner.scripts import Script
from lookalike.verify.runner.story_runner import StoryRunner

Tell = Callable[[StoryRunner], None]
ClauseCheck = Callable[[StoryRunner, Operation, Roles | None], None]
"""Sends requests, and raises `ClauseBroken`, `NotObservable` (no effect is seen) or `Skipped` (nothing can be sent)."""


@dataclass(frozen=True, slots=True)
class Story:
    """A story about a clause; `clause` is empty if its requests were generated.

    `tell` sends the requests. `script` holds them if they are fixed beforehand, together with the `stated` operation
    that they are for; any other story is replayed by its `recipe`. One of a search has a `name` of its own. A story
    `touches` the items of some resources (None: of
    any), and `watches` their lists, totals, order or uniqueness, which others may not touch at the same time.
    Those that are `shorter` send less: where one of them breaks the same clause, it is shown in place of this one.
    """

    clause: str
    title: str
    tell: Tell
    recipe: Mapping[str, Any] = field(default_factory=dict)
    script: Script | None = None
    stated: StatedOperation | None = None
    name: str = ""
    touches: frozenset[str] | None = None
    watches: frozenset[str] = frozenset()
    shorter: tuple[Tell, ...] = ()

    @property
    def id(self) -> str:
        """The text that, with the seed of a run, decides the values of the story: its name, or its clause and title."""
        return self.name or f"{self.clause}: {self.title}"


def scripted(stated: StatedOperation, script: Script) -> Story:
    """The story of fixed requests."""

    def tell(runner: StoryRunner) -> None:
        runner.play(stated, script)

    return Story(script.clause, script.title, tell, script=script, stated=stated)
