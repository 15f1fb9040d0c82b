"""The progress of a run: what it has learned of the server, and its results so far."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from lookalike.http import Request
from lookalike.verify.environment import Environment, StatedOperation
from lookalike.verify.events import Listener
from lookalike.verify.execution.options import Options
from lookalike.verify.oracle.session import JudgedExchange
from lookalike.verify.oracle.worlds import World, possible_answers
from lookalike.verify.run_state import RunState


class TaskResult(Protocol):
    """The result of a story or a search, as far as others learn from it."""

    @property
    def learned(self) -> Environment | None:
        """Its environment, with what it taught of the server; None if its requests were fixed."""
        ...

    @property
    def facts(self) -> tuple[str, ...]:
        """The clauses that plain facts broke, each as often as it was broken."""
        ...

    @property
    def plain(self) -> Request | None:
        """A read that succeeded, if any."""
        ...


@dataclass(slots=True)
class Progress:
    """The progress of a run with its options.

    The `environment` holds everything that its stories have taught so far, and `state` their results. `plain` is a read
    that succeeded, and `left` the number of stories or searches that the layer has left, as far as it is known.
    """

    environment: Environment
    options: Options
    listen: Listener
    state: RunState
    plain: Request | None = None
    left: int = 0

    def learn_from(self, result: TaskResult) -> bool:
        """Learn what a story or a search did; returns whether it agrees with everything learned before."""
        self.state.sightings.update(result.facts)
        self.plain = self.plain or result.plain
        if result.learned is None:
            return True
        for stated in self.environment.stated:  # the state of the server may have changed
            stated.session.touched = True
        joined = self.environment.joined(result.learned)
        self.environment = joined or self.environment
        return joined is not None

    def note_evidence(self, stated: StatedOperation, before: Sequence[World], judged: JudgedExchange) -> None:
        """Note an exchange as the evidence of the readings that it decided, if any."""
        after, questions = stated.session.worlds, stated.session.setting.questions
        if [world.choices for world in before] == [world.choices for world in after]:
            return
        for id in self.environment.contract.readings:
            if len(possible_answers(after, questions, id)) < len(possible_answers(before, questions, id)):
                shown = self.environment.client.shown(judged.request, judged.response)
                self.state.evidence[id] = f"{shown.curl} -> {shown.status}"

    def why_waived(self, clause: str) -> str:
        """The reason why a failure of a clause does not count, or an empty string."""
        return self.environment.waived.get(clause) or self.options.baseline.get(clause, "")
