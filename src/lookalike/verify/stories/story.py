"""Stories: what is sent to a server, and seen then, so that a clause it breaks shows.

A story ends well, or raises `ClauseBroken`, `NotObservable` (its end cannot be seen) or `Skipped` (it cannot be told).
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
    """A story about a clause, or about none (`clause` is empty) where its requests were generated.

    `tell` sends the requests. `script` holds them where they are fixed beforehand, together with the `stated` operation
    that they are for; any other story is told again by its `recipe`.
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
