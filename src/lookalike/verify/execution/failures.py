"""The failures of a run: each finding is confirmed by replays, unless its clause was found broken before."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace

from lookalike.contract.contract import Operation
from lookalike.contract.routing import Router, plain_path
from lookalike.http import Request
from lookalike.verify.attribution import owners_of
from lookalike.verify.clauses import IMPLEMENTED, clause_id, clauses_of, name_of
from lookalike.verify.environment import StatedOperation
from lookalike.verify.events import FailureFound
from lookalike.verify.execution.executor import ATTEMPTS, StoryExecutor
from lookalike.verify.execution.findings import Finding, StoryResult, Worlds
from lookalike.verify.execution.liveness import Liveness
from lookalike.verify.execution.progress import Progress
from lookalike.verify.oracle.session import JudgedExchange
from lookalike.verify.oracle.worlds import World, possible_answers
from lookalike.verify.results import Failure
from lookalike.verify.run_state import ENOUGH_SIGHTINGS
from lookalike.verify.runner.scripts import Script
from lookalike.verify.safety.reset import restore_items
from lookalike.verify.server.client import NoResponse
from lookalike.verify.stories.documented import NOT_THERE
from lookalike.verify.stories.story import Story, scripted

# The most failures of one clause that are reported although no replay reproduced them; no more are looked for then.
_MOST_FLAKY = 3


class EnoughFailures(Exception):
    """The run ends, since a failure was found and `exit_first` is set."""


class FailureLog:
    """Notes the failures of a run."""

    def __init__(self, progress: Progress, executor: StoryExecutor, liveness: Liveness) -> None:
        self._progress = progress
        self._executor = executor
        self._liveness = liveness

    def masked_by(self, finding: Finding, story: Story) -> str:
        """The broken clause that causes this finding too, or an empty string."""
        cause, stated, state = finding.cause, story.stated, self._progress.state
        if cause is None or stated is None:
            return self._missing_operation(finding)
        if cause.part == "state":
            owners = owners_of(stated.compose, cause.field)
            return "" if finding.clause in owners else state.first_broken(owners)
        broken, status = state.broken_success, finding.judged[-1].response.status
        same = broken is not None and cause.part == "status" and status == broken[0] < 500
        return broken[1] if broken is not None and same else ""

    def _missing_operation(self, finding: Finding) -> str:
        """The broken clause about a missing operation that causes this finding too, or an empty string.

        The finding is about that operation, or the operation gave the last answer.
        """
        for number, (request, response) in enumerate(reversed(finding.exchanges)):
            operation = self._operation_at(request) if response.status in NOT_THERE else None
            if operation is None:
                continue
            clause, is_own = clause_id(operation, IMPLEMENTED), finding.clause.rpartition(".")[0] == name_of(operation)
            if finding.clause != clause and (is_own or number == 0) and self._progress.state.first_broken([clause]):
                return clause
        return ""

    def _operation_at(self, request: Request) -> Operation | None:
        """The operation that a request is for, by its method and path."""
        operations = self._progress.environment.contract.operations
        router = Router((plain_path(one.path), one) for one in operations if one.method == request.method)
        match = router.match(request.path)
        return match.target if match is not None else None

    def is_known(self, finding: Finding, story: Story) -> bool:
        """Whether the clause was found broken before."""
        is_broken = bool(self._progress.state.first_broken([finding.clause]))
        return is_broken or finding.clause in self._same_rule(finding) or bool(self.masked_by(finding, story))

    def _same_rule(self, finding: Finding) -> Sequence[str]:
        """The clauses that were found broken by the same rule of a schema: the failure of the first names the others.

        The first was reproduced. Clauses that are waived are apart, so that none of them hides one that is not.
        """
        if finding.rule is None:
            return ()
        return self._progress.state.broken_rules.get((finding.rule, self._is_waived(finding)), ())

    def _add_to_same_rule(self, finding: Finding) -> None:
        if finding.rule is not None and finding.clause not in self._same_rule(finding):
            rule = (finding.rule, self._is_waived(finding))
            self._progress.state.broken_rules.setdefault(rule, []).append(finding.clause)

    def _is_waived(self, finding: Finding) -> bool:
        return bool(self._progress.why_waived(finding.clause))

    def is_news(self, story: Story, ending: StoryResult) -> bool:
        """Whether a story breaks a clause that was not found broken before."""
        return any(not self.is_known(finding, story) for finding in ending.findings)

    def note_news(self, story: Story, ending: StoryResult) -> None:
        """Note the findings of a story whose clauses were not found broken before."""
        for finding in ending.findings:
            if not self.is_known(finding, story):
                self.note(story, finding, ending.before)

    def note(self, story: Story, finding: Finding, before: Worlds) -> None:
        """Note a failure, unless one of the same clause was noted before, or the server does not work any more.

        Raises `EnoughFailures` and `Unreachable`.
        """
        state, cause = self._progress.state, finding.cause
        status = finding.exchanges[-1][1].status if finding.exchanges else 0
        if cause is not None and cause.part == "status" and 200 <= cause.status < 300 and state.broken_success is None:
            state.broken_success = (status, finding.clause)
        if state.first_broken([finding.clause]):
            self._stop_if_enough(finding.clause)
            return
        same_rule = self._same_rule(finding)
        if same_rule and finding.clause not in self._progress.options.clauses:
            state.tallies[finding.clause].masked = same_rule[0]
            self._add_to_same_rule(finding)
            return
        if cause is None and status >= 500:
            self._liveness.check_by_read()
        if state.flaky_failures(finding.clause) >= _MOST_FLAKY:
            return
        again: list[bool] = []
        try:
            for one in self._shortest_first(story, finding):
                story, finding = one
                self._replay(story, finding, before, again)
                if any(again):
                    break
            if self._shows_beside_others(story, finding, again):
                story, finding = _beside_others(story, finding, self._progress.environment.concurrency)
                again.append(True)
        finally:  # the failure counts, even if the run ends before it is reproduced
            state.failures.append(self._failure(story, finding, before, again))
            self._progress.listen(FailureFound(state.failures[-1]))
            self._mark(finding, any(again) or finding.is_plain_fact or not again)
        if any(again):
            self._add_to_same_rule(finding)
        self._stop_if_enough(finding.clause, not again or any(again))

    def _shortest_first(self, story: Story, finding: Finding) -> Iterator[tuple[Story, Finding]]:
        """The shorter stories that break the same clause by fewer requests, each with its finding, then the story."""
        for tell in story.shorter:
            shorter = replace(story, tell=tell, shorter=())
            with suppress(NoResponse):
                ending = self._executor.run(shorter)
                self._progress.learn_from(ending)
                found = next((one for one in ending.findings if one.clause == finding.clause), None)
                if found is not None and len(found.exchanges) < len(finding.exchanges):
                    yield shorter, found
        yield story, finding

    def _stop_if_enough(self, clause: str, came_again: bool = False) -> None:
        """Stop at the first failure that counts, where that was asked for; a plain fact counts when seen twice."""
        progress = self._progress
        counts = came_again or progress.state.sightings[clause] >= ENOUGH_SIGHTINGS
        if progress.options.exit_first and counts and not progress.why_waived(clause):
            raise EnoughFailures

    def _mark(self, finding: Finding, came_again: bool) -> None:
        """Mark a clause as violated, or as flaky if no replay reproduced its failure: another story may still do so."""
        tally = self._progress.state.tallies.get(finding.clause)
        if tally is not None:
            tally.requests = tally.requests or len(finding.exchanges)
            tally.violated = tally.violated or came_again
            tally.flaky = not tally.violated

    def _failure(self, story: Story, finding: Finding, before: Worlds, again: Sequence[bool]) -> Failure:
        environment = self._progress.environment
        title = story.title if story.script is not None else clauses_of(environment.contract)[finding.clause].statement
        return Failure(
            clause=finding.clause or "no clause",
            title=title,
            story=tuple(environment.client.shown(*exchange) for exchange in finding.exchanges),
            expected=finding.expected,
            got=finding.got,
            reproduced=sum(again),
            attempts=len(again),
            waived=self._progress.why_waived(finding.clause),
            known=_decided(story.stated, before) if story.stated is not None else {},
            strange=finding.cause is not None and not finding.cause.status,
            recipe=story.recipe,
        )

    def _replay(self, story: Story, finding: Finding, before: Worlds, again: list[bool]) -> None:
        """Replay a story a few times from a fresh start, and note whether it fails again; its evidence is not kept."""
        stated = story.stated
        shown = scripted(stated, _up_to(story, finding)) if stated is not None else story
        with _worlds_kept(stated):
            for _ in range(ATTEMPTS):
                if stated is not None and stated.reset is not None:
                    stated.session.worlds = before
                with suppress(NoResponse):
                    if stated is not None:
                        restore_items(stated, before[0].items)
                        ending: StoryResult | None = self._executor.run(shown, on_explained=ignore_evidence)
                    else:
                        ending = self._executor.run_until_answered(story)
                    if ending is not None:
                        self._progress.learn_from(ending)
                    found = ending.findings if ending is not None else ()
                    again.append(any(stated is not None or one.clause == finding.clause for one in found))

    def _shows_beside_others(self, story: Story, finding: Finding, again: Sequence[bool]) -> bool:
        """Whether a failure that no replay reproduced comes again while the story is run several times at once."""
        most = self._progress.environment.concurrency
        if story.stated is not None or any(again) or most == 1:
            return False
        ending = self._executor.run_beside_itself(story, most)
        return ending is not None and any(one.clause == finding.clause for one in ending.findings)


def ignore_evidence(stated: StatedOperation, before: Sequence[World], judged: JudgedExchange) -> None:
    """Ignore an exchange of a replay or a search."""


def _decided(stated: StatedOperation, worlds: Sequence[World]) -> dict[str, str]:
    """The readings of which all worlds have the same choice."""
    questions = stated.session.setting.questions
    left = {id: possible_answers(worlds, questions, id) for id in stated.contract.readings}
    return {id: choices[0] for id, choices in left.items() if len(choices) == 1}


def _up_to(story: Story, finding: Finding) -> Script:
    """The script of a story up to the exchange that breaks the clause."""
    requests = tuple(request for request, _ in finding.exchanges)
    strange = finding.cause is not None and not finding.cause.status
    hidden = story.script is not None and story.script.hidden
    return Script(story.clause, story.title, requests, hidden, strange)


@contextmanager
def _worlds_kept(stated: StatedOperation | None) -> Iterator[None]:
    """Restore the worlds of a session at the end, if the server can be reset."""
    if stated is None:
        yield
        return
    kept = stated.session.worlds
    yield
    if stated.reset is not None:
        stated.session.worlds = kept


def _beside_others(story: Story, finding: Finding, most: int) -> tuple[Story, Finding]:
    """A story and its finding that show only while others are run, and how many at a time."""
    got = f"{finding.got} (only beside other stories, {most} at a time)"
    return replace(story, recipe={**story.recipe, "concurrency": most}), finding._replace(got=got)
