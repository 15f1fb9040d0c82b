"""The executor of stories: each is run from a fresh start, and its items are deleted again."""

from collections import defaultdict
from collections.abc import Iterator
from functools import partial
from itertools import count

from lookalike.verify.environment import Environment
from lookalike.verify.events import CleanUp, StoryEnded, StoryStarted
from lookalike.verify.execution.findings import StoryResult, findings_of, successful_read, why_unseen
from lookalike.verify.execution.liveness import Liveness
from lookalike.verify.execution.progress import Progress
from lookalike.verify.runner.endings import ClauseBroken, NotObservable, Skipped
from lookalike.verify.runner.story_runner import OnExplained, StoryRunner
from lookalike.verify.server.client import NoResponse, OutOfBudget, Unreachable
from lookalike.verify.side_by_side import SideBySide
from lookalike.verify.stories.story import Story

ATTEMPTS = 3
# How long stories that run side by side may take to end their last request when the run is cut short, in seconds.
_LAST_WORDS = 2.0


class StoryExecutor:
    """Runs the stories of a run, in this thread or in `threads`."""

    def __init__(self, progress: Progress, liveness: Liveness, threads: SideBySide) -> None:
        self._progress = progress
        self._liveness = liveness
        self._threads = threads
        self._active: dict[int, StoryRunner] = {}
        self._attempts: defaultdict[str, Iterator[int]] = defaultdict(count)

    def run(
        self, story: Story, base: Environment | None = None, on_explained: OnExplained | None = None
    ) -> StoryResult:
        """The ending of a story; raises `NoResponse`.

        `base` is the environment as it was learned so far. Where the run ends in between, the items stay for its end.
        """
        before = self._liveness.fresh(story.stated) if story.stated is not None else ()
        environment = base or self._progress.environment
        if story.stated is None:
            environment = environment.for_story(story.id, next(self._attempts[story.id]))
        runner = StoryRunner(environment, on_explained or self._progress.note_evidence)
        broken, skipped, unseen = self._run_to_end(story, runner)
        unseen = "" if broken else unseen or why_unseen(story)
        findings = tuple(findings_of(story, runner, broken, self._progress.state.tallies))
        if broken is not None and story.stated is None:
            skipped = f"it ended where {broken.clause or story.clause} is broken"
        clauses = tuple(finding.clause for finding in findings)
        sent = tuple(request for request, _ in runner.exchanges)
        self._progress.listen(
            StoryEnded(story.clause, story.title, len(sent), clauses, skipped or unseen, environment.story, sent)
        )
        taught, plain = (None, None) if story.stated is not None else (environment, successful_read(runner.exchanges))
        return StoryResult(before, findings, len(sent), skipped, unseen, taught, plain, runner.remark)

    def _run_to_end(self, story: Story, runner: StoryRunner) -> tuple[ClauseBroken | None, str, str]:
        """The clause that a story found broken, and why it was skipped or its effect is unseen."""
        self._active[id(runner)] = runner
        broken: ClauseBroken | None = None
        skipped, unseen = "", ""
        try:
            story.tell(runner)
        except ClauseBroken as error:
            broken = error
        except NotObservable as reason:
            unseen = str(reason)
        except Skipped as reason:
            skipped = str(reason)
        except NoResponse:
            self._finish(runner)
            raise
        self._finish(runner)
        return broken, skipped, unseen

    def _finish(self, runner: StoryRunner) -> None:
        """Delete the accounts and items that a story created."""
        runner.accounts.delete_own()
        runner.deletion.clean_up()
        del self._active[id(runner)]

    def run_until_answered(self, story: Story, base: Environment | None = None) -> StoryResult | None:
        """The ending of a story, run again where an answer is missing; None where fixed requests were not all answered.

        A story of other requests is skipped where it never gets an answer, while another request still does. Raises
        `Unreachable` if none does.
        """
        client = (base or self._progress.environment).client
        unanswered = client.unanswered
        for attempt in range(ATTEMPTS):
            try:
                return self.run(story, base)
            except NoResponse as error:
                if attempt < ATTEMPTS - 1 or story.script is not None:
                    continue
                if not client.works_otherwise:
                    raise Unreachable(str(error)) from None
                client.unanswered = unanswered  # what is never answered says nothing about the connection
                return StoryResult((), (), 0, f"a request of it got no answer, {ATTEMPTS} times: {error}")
        return None

    def run_alone(self, story: Story) -> Iterator[tuple[Story, StoryResult]]:
        """A story of fixed requests with its ending, if it came to one."""
        self._progress.listen(StoryStarted(story.clause, story.title))
        ending = self.run_until_answered(story)
        if ending is not None:
            self._progress.learn_from(ending)
            yield story, ending

    def run_beside_itself(self, story: Story, times: int) -> StoryResult | None:
        """The first ending with findings of a story that is run so many times at once, or else the first."""
        call = partial(self.run_until_answered, story, self._progress.environment)
        results, error = SideBySide(times, self._progress.listen).results([call] * times, _never)
        endings = [one for one in results if one is not None]
        for ending in endings:
            self._progress.learn_from(ending)
        if error is not None:
            raise error
        return next((one for one in endings if one.findings), next(iter(endings), None))

    def end_stories(self) -> None:
        """Delete the items of stories that were cut short, or note those that no request can delete any more."""
        environment = self._progress.environment
        self._threads.stop(_LAST_WORDS)
        environment.client.keep_to_this_thread()
        for runner in [*self._active.values()]:
            self._progress.listen(CleanUp(len(runner.created)))
            try:
                runner.accounts.delete_own()
                runner.deletion.clean_up()
            except (OutOfBudget, Unreachable):
                runner.deletion.note_undeleted()
            environment.ledger.take_over(runner.environment.ledger)


def _never(ending: object) -> bool:
    """Whether an ending ends the others that are run at once: none does."""
    return False
