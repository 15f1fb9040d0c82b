"""Batches: stories and searches that own different items are run side by side."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from lookalike.verify.environment import Environment
from lookalike.verify.execution.findings import StoryResult
from lookalike.verify.execution.groups import FEW
from lookalike.verify.execution.progress import Progress, TaskResult
from lookalike.verify.side_by_side import SideBySide
from lookalike.verify.stories.schedule import LARGEST, Scheduled, next_batch

Task = TypeVar("Task", bound=Scheduled)
Result = TypeVar("Result", bound=TaskResult)


class BatchExecutor:
    """Runs stories and searches batch by batch."""

    def __init__(self, progress: Progress, threads: SideBySide) -> None:
        self._progress = progress
        self._threads = threads

    def run(
        self,
        tasks: Sequence[Task],
        call: Callable[[Task, Environment], Result | None],
        note: Callable[[Task, Result], None],
        later: int = 0,
    ) -> None:
        """Call a function for each story or search; then learn from its result, and note it.

        As many as `later` are run after these.

        All of a batch begin with the environment that the batches before it left. What they learned is joined at its
        end, in their order. One that contradicts those before it is called again by itself, with what they learned.
        """
        progress = self._progress
        exit_first = progress.options.exit_first
        left = list(tasks)
        while left:
            progress.left = len(left) + later
            batch: list[Task] = next_batch(left, self._proven(), FEW if exit_first else LARGEST)
            calls = [partial(call, task, progress.environment) for task in batch]
            results, error = self._threads.results(calls, self._is_enough)
            for number, (task, result) in enumerate(zip(batch, results, strict=True)):
                if result is not None and not progress.learn_from(result):
                    results[number] = again = call(task, progress.environment)
                    if again is not None:
                        progress.learn_from(again)
            done = [(task, result) for task, result in zip(batch, results, strict=True) if result is not None]
            for task, result in done:
                note(task, result)
            if error is not None:
                raise error
            ended = {id(task) for task, _ in done} if exit_first else {*map(id, batch)}
            left = [task for task in left if id(task) not in ended]

    def _proven(self) -> set[str]:
        """The resources of which the server lets items be created, and shows their keys; or of which none can be."""
        environment = self._progress.environment
        roles = environment.roles
        return {name for name in roles if roles[name].create is None or name in environment.ledger.learned}

    def _is_enough(self, result: TaskResult) -> bool:
        """Whether a result has to be looked at before anything else is run."""
        findings = result.findings if isinstance(result, StoryResult) else ()
        state, exit_first = self._progress.state, self._progress.options.exit_first
        return exit_first and any(not state.first_broken([one.clause]) for one in findings)
