"""Groups of stories: requests that are all refused are sent in parallel, and the items are read once after them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial

from lookalike.http import Request
from lookalike.verify.attribution import clause_of
from lookalike.verify.environment import StatedOperation
from lookalike.verify.events import StoryEnded, StoryStarted
from lookalike.verify.execution.executor import StoryExecutor
from lookalike.verify.execution.findings import StoryResult, Worlds, findings_of, why_hidden
from lookalike.verify.execution.liveness import Liveness
from lookalike.verify.execution.progress import Progress
from lookalike.verify.oracle.session import JudgedExchange, ParallelExchanges
from lookalike.verify.runner.endings import ClauseBroken
from lookalike.verify.runner.scripts import Script
from lookalike.verify.runner.story_runner import StoryRunner
from lookalike.verify.server.client import NoResponse
from lookalike.verify.stories.story import Story

# The most stories whose requests are all refused that are run before the state of the server is looked at.
_GROUP = 16
# With `exit_first`, so few stories are run before their results are looked at.
FEW = 4

_NOTHING = ParallelExchanges(None, True)

Endings = Sequence[StoryResult | None] | None


class GroupExecutor:
    """Runs stories of fixed requests, in groups where their requests change nothing.

    Where anything in a group is not as it should be, each of its stories is run again by itself.
    """

    def __init__(self, progress: Progress, executor: StoryExecutor, liveness: Liveness) -> None:
        self._progress = progress
        self._executor = executor
        self._liveness = liveness

    def run(self, stated: StatedOperation, stories: Iterable[Story]) -> Iterator[tuple[Story, StoryResult]]:
        """The stories with their endings, in order; one that came to no end is missing."""
        group: list[Story] = []
        kind, most = "", FEW if self._progress.options.exit_first else _GROUP
        for story in stories:
            found = _kind(stated, story)
            if group and (found != kind or len(group) == most):
                yield from self._run_group(stated, group, kind)
                group = []
            kind = found
            if kind:
                group.append(story)
            else:
                yield from self._executor.run_alone(story)
        yield from self._run_group(stated, group, kind)

    def _run_group(
        self, stated: StatedOperation, group: Sequence[Story], kind: str
    ) -> Iterator[tuple[Story, StoryResult]]:
        together: Mapping[str, Callable[[StatedOperation, Sequence[Story]], Endings]] = {
            "refused": self._refused_together,
            "strange": self._strange_together,
        }
        endings: Endings = None
        with suppress(NoResponse):
            endings = together[kind](stated, group) if len(group) > 1 or kind == "refused" else None
        for number, story in enumerate(group):
            ending = endings[number] if endings is not None else None
            if ending is None:
                yield from self._executor.run_alone(story)
            else:
                self._progress.learn_from(ending)
                yield story, ending

    def _refused_together(self, stated: StatedOperation, group: Sequence[Story]) -> Endings:
        """The endings of stories whose requests are to be refused; None for those that have to be run again alone.

        An answer that no world explains ends its story; the others of its group may have suffered from what it did.
        """
        before = self._liveness.fresh(stated)
        sent = [_unsent(stated, story.script) for story in group if story.script is not None]
        requests = [request for some in sent for request in some]
        if not all(map(stated.session.is_refused, requests)):  # the way back to the start has changed that
            return None
        note = partial(self._note_refused, stated)
        most = self._progress.environment.concurrency
        together = stated.session.step_refused(requests, most, note) if requests else _NOTHING
        if together is None:
            return None
        found = together.found
        which = next((at for at, some in enumerate(sent) if found is not None and found.request in some), -1)
        endings: list[StoryResult | None] = [
            self._passed(stated, story, before) if together.is_unchanged and not found else None for story in group
        ]
        if found is not None and which >= 0:
            endings[which] = self._broken(stated, group[which], before, found)
        return endings

    def _strange_together(self, stated: StatedOperation, group: Sequence[Story]) -> Endings:
        """The endings of stories whose requests were all answered below 500, else None."""
        before = self._liveness.fresh(stated)
        requests = [story.script.requests[0] for story in group if story.script is not None]
        environment = self._progress.environment
        responses = stated.session.step_strange(requests)
        for response in responses:
            environment.statuses[response.status] += 1
            environment.coverage.note(stated.compose.operation, response)
        if any(response.status >= 500 for response in responses):
            return None
        return [self._passed(stated, story, before) for story in group]

    def _passed(self, stated: StatedOperation, story: Story, before: Worlds) -> StoryResult:
        """The ending of a story of fixed requests in which nothing was wrong."""
        sent, is_hidden = (story.script.requests, story.script.hidden) if story.script is not None else ((), False)
        unseen = why_hidden(stated, is_hidden)
        self._emit(story, sent, (), unseen)
        return StoryResult(before, (), len(sent), "", unseen)

    def _broken(self, stated: StatedOperation, story: Story, before: Worlds, judged: JudgedExchange) -> StoryResult:
        """The ending of a story of fixed requests by an answer that no world explains."""
        runner = StoryRunner(self._progress.environment)
        runner.exchanges.append((judged.request, judged.response))
        runner.judged.append(judged)
        self._note_refused(stated, before, judged)
        wrong = judged.finding
        assert wrong is not None  # noqa: S101  # callers asked
        clause = clause_of(stated.compose, wrong, judged.request, judged.response, story.clause)
        broken = ClauseBroken(wrong.expected, wrong.got, clause, wrong)
        findings = tuple(findings_of(story, runner, broken, self._progress.state.tallies))
        self._emit(story, (judged.request,), tuple(finding.clause for finding in findings), "")
        return StoryResult(before, findings, 1)

    def _emit(self, story: Story, sent: tuple[Request, ...], broken: tuple[str, ...], reason: str) -> None:
        """Tell listeners of a story that was run in a group."""
        self._progress.listen(StoryStarted(story.clause, story.title))
        self._progress.listen(StoryEnded(story.clause, story.title, len(sent), broken, reason, story.id, sent))

    def _note_refused(self, stated: StatedOperation, before: Worlds, judged: JudgedExchange) -> None:
        environment = self._progress.environment
        environment.statuses[judged.response.status] += 1
        environment.coverage.note(stated.compose.operation, judged.response)
        if judged.finding is None:
            self._progress.note_evidence(stated, before, judged)


def _kind(stated: StatedOperation, story: Story) -> str:
    """The kind of group in which a story may be run: `refused`, `strange`, or none."""
    if story.script is None:
        return ""
    if story.script.strange:
        return "strange"
    return "refused" if all(map(stated.session.is_refused, _unsent(stated, story.script))) else ""


def _unsent(stated: StatedOperation, script: Script) -> tuple[Request, ...]:
    """The requests of a script without one at its beginning that is in effect already: each is sent once."""
    requests = script.requests
    return requests[1:] if len(requests) > 1 and stated.session.is_in_effect(requests[0]) else requests
