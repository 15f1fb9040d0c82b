"""Stories: tests of a clause, each a sequence of requests with checks of the responses.

A story passes, or raises `ClauseBroken`, `NotObservable` (its effect cannot be seen) or `Skipped` (it cannot be run).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lookalike.verify.environment import StatedOperation
from lookalike.verify.stories.runner import StoryRunner
from lookalike.verify.stories.scripts import Script

Tell = Callable[[StoryRunner], None]


@dataclass(frozen=True, slots=True)
class Story:
    """A story about a clause; `clause` is empty if its requests were generated.

    `tell` sends the requests. `script` holds them if they are fixed beforehand, together with the `stated` operation
    that they are for; any other story is replayed by its `recipe`.
    """

    clause: str
    title: str
    tell: Tell
    recipe: Mapping[str, Any] = field(default_factory=dict)
    script: Script | None = None
    stated: StatedOperation | None = None


def scripted(stated: StatedOperation, script: Script) -> Story:
    """The story of fixed requests."""

    def tell(runner: StoryRunner) -> None:
        runner.play(stated, script)

    return Story(script.clause, script.title, tell, script=script, stated=stated)
