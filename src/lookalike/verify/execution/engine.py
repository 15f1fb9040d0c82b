"""The engine of a run: its progress, and the executors that all layers share."""

from typing import NamedTuple

from lookalike.verify.environment import Environment
from lookalike.verify.execution.batches import BatchExecutor
from lookalike.verify.execution.executor import StoryExecutor
from lookalike.verify.execution.failures import FailureLog
from lookalike.verify.execution.groups import GroupExecutor
from lookalike.verify.execution.liveness import Liveness
from lookalike.verify.execution.progress import Progress
from lookalike.verify.side_by_side import SideBySide


class Engine(NamedTuple):
    """The parts of a run that its layers share."""

    progress: Progress
    liveness: Liveness
    stories: StoryExecutor
    groups: GroupExecutor
    batches: BatchExecutor
    failures: FailureLog

    @property
    def environment(self) -> Environment:
        """The environment, with everything learned so far."""
        return self.progress.environment


def engine_of(progress: Progress, threads: SideBySide) -> Engine:
    """The engine of a run whose stories are run in `threads`."""
    liveness = Liveness(progress)
    stories = StoryExecutor(progress, liveness, threads)
    groups = GroupExecutor(progress, stories, liveness)
    failures = FailureLog(progress, stories, liveness)
    return Engine(progress, liveness, stories, groups, BatchExecutor(progress, threads), failures)
