"""A run: preflight, clause table, probes, generated inputs and sequences, judged story by story; then the report."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from lookalike.errors import VerificationError
from lookalike.http import SAFE, Request, Response
from lookalike.readings import Choose
from lookalike.verify.attribution import owners_of
from lookalike.verify.clauses import DOCUMENTED, clause_id, clauses_of, stated_operations
from lookalike.verify.environment import Environment, StatedOperation
from lookalike.verify.events import FailureFound, Listener, RunEnded, StoryEnded, StoryStarted, ignore
from lookalike.verify.oracle.session import JudgedExchange, Streak, TooManyWorlds, Unexplained
from lookalike.verify.oracle.worlds import Exploration, World, WorldState, distinct, possible_answers
from lookalike.verify.results import Failure, Report, redacted
from lookalike.verify.safety.cleanup import clean_up
from lookalike.verify.safety.home import restore_initial_state, retrying, return_to_start
from lookalike.verify.safety.journal import JournalError
from lookalike.verify.safety.preflight import preflight
from lookalike.verify.server.client import NoResponse, OutOfBudget, Unreachable
from lookalike.verify.stories.endings import ClauseBroken, NotObservable, Skipped
from lookalike.verify.stories.lifecycle import roles_for, stories
from lookalike.verify.stories.probes import Probe, probes, sweep
from lookalike.verify.stories.runner import StoryRunner
from lookalike.verify.stories.scripts import Script
from lookalike.verify.stories.single_operation import table
from lookalike.verify.stories.story import Story, scripted
from lookalike.verify.tally import (
    ENOUGH_SIGHTINGS,
    ClauseTally,
    Demands,
    RunState,
    SavedOutcome,
    SavedStory,
    accepts,
    report_of,
)

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

# Probes come early: the choices that they decide make the rest sharper, and cheaper to judge.
LAYERS = ("clauses", "probes", "sweep", "generated", "sequences")

_ATTEMPTS = 3
# After so many failures in a row, the run checks that the server still works before it counts them as responses.
_LONGEST_STREAK = 10
# An operation that is judged by inferred clauses gets this fraction (one sixth) of the generated examples: there are
# many of them.
_SHARE = 6
# The most failures of one clause that are reported although no replay reproduced them; no more are looked for then.
_MOST_FLAKY = 3
_KNOWN_THEN = "wrong only if the readings are decided as in the report, so run verify to decide them again"
_UNANSWERED = "the server did not answer, although the story was run several times"
_UNSEEN = "its effect cannot be read; add a read operation under observe in the target file"

T = TypeVar("T")
Worlds = tuple[World, ...]


@dataclass(frozen=True, slots=True)
class Options:
    """The options of a run: its layers, and the clauses to test (all if none is named).

    `examples` is the number of inputs of each kind to generate; with `exit_first` the run ends at the first failure
    that is not waived. The run has a problem unless the clauses of `require` are held and `min_coverage` (from 0 to 1)
    is reached. `fail_on` says which failures count: `any`, those `reproduced`, or by default those that a replay
    reproduced and plain facts that were seen twice. `stories` are the stories of a saved report, for the layer
    `stories`.
    """

    layers: tuple[str, ...] = LAYERS
    clauses: tuple[str, ...] = ()
    require: tuple[str, ...] = ()
    min_coverage: float = 0.0
    seed: int = 1
    examples: int = 60
    exit_first: bool = False
    fail_on: str = ""
    stories: tuple[SavedStory, ...] = ()


class Finding(NamedTuple):
    """A broken clause: the expected response, the actual one, and the exchanges that show it.

    `cause` is the disagreement of all worlds where the oracle found it, after the exchanges `judged`.
    """

    clause: str
    expected: str
    got: str
    exchanges: tuple[tuple[Request, Response], ...]
    cause: Unexplained | None = None
    judged: tuple[JudgedExchange, ...] = ()
    is_undocumented: bool = False

    @property
    def is_plain_fact(self) -> bool:
        """Whether one response alone shows it: a 5xx, or a response that is not documented."""
        failed = bool(self.exchanges) and self.exchanges[-1][1].status >= 500
        return failed or self.is_undocumented or (self.cause is not None and self.cause.part in ("body", "header"))


class Ending(NamedTuple):
    """The result of a story: the worlds before it, its findings, and why it was `skipped` or its effect is `unseen`."""

    before: Worlds
    findings: tuple[Finding, ...]
    requests: int
    skipped: str = ""
    unseen: str = ""


class _Enough(Exception):
    """The run ends, since a failure was found and `exit_first` is set."""


class Run:
    """One run in an environment; its results are in its state, and in the worlds of the sessions."""

    def __init__(self, environment: Environment, options: Options, listen: Listener = ignore) -> None:
        self._environment = environment
        self._options = options
        self._listen = listen
        self._state = RunState({id: ClauseTally() for id in clauses_of(environment.contract)})
        self._before_streak = self._state
        self._plain: Request | None = None

    def report(self) -> Report:
        """Run, and return the report; a run that is cut short still reports what it found."""
        started = time.monotonic()
        try:
            self._run_preflights()
            if not self._state.problem:
                self._run_layers()
        except (VerificationError, OutOfBudget, TooManyWorlds) as error:
            self._state.problem = str(error)
        except KeyboardInterrupt:
            self._state.interrupted = True
        left_behind = tuple(left for stated in self._environment.stated for left in restore_initial_state(stated))
        left_behind = (*dict.fromkeys(left_behind), *self._environment.left_behind, *self._cleaned_up())
        self._state.problem = self._state.problem or self._unanswered_problem()
        options = self._options
        demands = Demands(
            options.seed, "clauses" in options.layers, options.fail_on, options.require, options.min_coverage
        )
        seconds = time.monotonic() - started
        report = report_of(self._state, self._environment, demands, seconds, left_behind)
        report = redacted(report, self._environment.client.redacted)
        self._listen(RunEnded(report))
        return report

    def _cleaned_up(self) -> list[str]:
        """Delete the items that the run created; the names of those that stay, with the reasons."""
        self._environment.client.lift_limits()
        try:
            return clean_up(self._environment)
        except (Unreachable, NoResponse) as error:
            return [f"{one.name}: {error}" for one in self._environment.ledger.undeleted.values()]

    @property
    def outcomes(self) -> tuple[SavedOutcome, ...]:
        """The results of the saved stories; a story that was not run to its end is missing."""
        return tuple(self._state.outcomes)

    def _run_preflights(self) -> None:
        """Run the preflight of each stated operation, which finds the form of keys in paths too."""
        met = []
        for stated in self._environment.stated:
            found = preflight(stated.compose, stated.prefixes, partial(self._ask, stated))
            met.append(replace(stated, compose=found.compose))
            stated.session.take_over_observed_state()  # the preflight wrote to an owned item
            self._state.problem = self._state.problem or found.obstacle or ""
        self._environment = replace(self._environment, stated=tuple(met))

    def _run_layers(self) -> None:
        layers: Mapping[str, Callable[[], None]] = {
            "stories": self._saved_stories,
            "clauses": self._clause_table,
            "probes": self._probes,
            "sweep": self._sweep,
            "generated": self._generated,
            "sequences": self._sequences,
        }
        with suppress(_Enough):
            for name, layer in layers.items():
                if name in self._options.layers and self._may_go_on:
                    layer()
        for stated in self._environment.stated:
            self._check_works(stated, 1)

    @property
    def _may_go_on(self) -> bool:
        """Whether to go on: a request was accepted, or none was sent yet; stated operations had their preflight."""
        environment = self._environment
        return bool(environment.stated) or accepts(environment) or not environment.statuses

    # The clause table

    def _clause_table(self) -> None:
        for story in self._stories_of_clauses():
            if self._options.clauses and story.clause not in self._options.clauses:
                continue
            self._listen(StoryStarted(story.clause, story.title))
            ending = self._told_again_if_unanswered(story)
            if ending is not None:
                self._note(story, ending)

    def _stories_of_clauses(self) -> Iterator[Story]:
        for stated in self._environment.stated:
            scripts = table(stated.compose, partial(self._refusals, stated))
            yield from (scripted(stated, script) for script in scripts)
        yield from stories(self._environment.contract)

    def _refusals(self, stated: StatedOperation, request: Request) -> Sequence[str]:
        """The clauses for which a request is refused with a 400 in every world that is left; empty if it is not."""
        setting = stated.session.setting

        def run(choose: Choose) -> tuple[int, tuple[str, ...]]:
            state = WorldState(setting.model, stated.home, setting.around, choose)
            outcome = setting.model.respond(state, request, choose)
            return outcome.response.status, outcome.clauses

        choices = distinct(World(world.choices, ()) for world in stated.session.worlds)
        explored = Exploration(setting.questions, run)
        found = [branch.value for world in choices for branch in explored.under(world.choices)]
        return found[0][1] if all(status == 400 for status, _ in found) else ()

    def _note(self, story: Story, ending: Ending) -> None:
        """Count the result of a story of the clause table, and note its failures."""
        tally = self._state.tallies[story.clause]
        tally.requests += ending.requests
        tally.skipped = tally.skipped or ending.skipped
        tally.unseen = tally.unseen or ending.unseen
        # An answer that the document does not have is a failure of its own clause; the story went on all the same.
        about_it = [one for one in ending.findings if not one.is_undocumented or one.clause == story.clause]
        tally.passed += not (about_it or ending.skipped or ending.unseen)
        for finding in ending.findings:
            if finding.cause is not None and finding.clause != story.clause and finding.cause.part == "body":
                tally.passed += 1
            masked = self._masked_by(finding, story)
            tally.masked = masked or tally.masked
            if not masked:
                self._fail(story, finding, ending.before)

    def _masked_by(self, finding: Finding, story: Story) -> str:
        """The broken clause that causes this finding too, or an empty string."""
        cause, stated = finding.cause, story.stated
        if cause is None or stated is None:
            return ""
        if cause.part == "state":
            owners = owners_of(stated.compose, cause.field)
            return "" if finding.clause in owners else self._state.first_broken(owners)
        broken, status = self._state.broken_success, finding.judged[-1].response.status
        same = broken is not None and cause.part == "status" and status == broken[0] < 500
        return broken[1] if broken is not None and same else ""

    def _is_known(self, finding: Finding, story: Story) -> bool:
        """Whether the clause was found broken before."""
        return bool(self._state.first_broken([finding.clause]) or self._masked_by(finding, story))

    # Telling a story

    def _told_again_if_unanswered(self, story: Story) -> Ending | None:
        """How a story ended, told again where an answer is missing; None where a script never came to its end."""
        for attempt in range(_ATTEMPTS):
            try:
                return self._told(story)
            except NoResponse as error:
                if attempt == _ATTEMPTS - 1 and story.script is None:
                    raise Unreachable(str(error)) from None
        return None

    def _told(self, story: Story, learned: Callable[..., None] | None = None) -> Ending:
        """How a story ended, from a fresh start; its items are deleted again. Raises `NoResponse`."""
        before = self._fresh(story.stated) if story.stated is not None else ()
        runner = StoryRunner(self._environment, learned or self._learn)
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
        except (OutOfBudget, Unreachable, JournalError, KeyboardInterrupt):
            self._environment.client.lift_limits()
            raise
        finally:
            runner.clean_up()
        if story.stated is None:
            self._touch()
            self._note_plain(runner.exchanges)
        elif story.script is not None and story.script.hidden and _is_blind(story.stated):
            unseen = "" if broken else _UNSEEN
        findings = tuple(self._findings(story, runner, broken))
        self._state.sightings.update(finding.clause for finding in findings if finding.is_plain_fact)
        if broken is not None and story.stated is None:
            skipped = f"it ended where {broken.clause or story.clause} is broken"
        clauses = tuple(finding.clause for finding in findings)
        self._listen(StoryEnded(story.clause, story.title, len(runner.exchanges), clauses, skipped or unseen))
        return Ending(before, findings, len(runner.exchanges), skipped, unseen)

    def _findings(self, story: Story, runner: StoryRunner, broken: ClauseBroken | None) -> Iterator[Finding]:
        exchanges = tuple(runner.exchanges)
        if broken is not None:
            clause = broken.clause if broken.cause is not None else broken.clause or story.clause
            clause = clause if clause in self._state.tallies else ""
            yield Finding(clause, broken.expected, broken.got, exchanges, broken.cause, tuple(runner.judged))
        for flaw in runner.flaws:
            clause = clause_id(flaw.operation, DOCUMENTED)
            if clause in self._state.tallies:
                yield Finding(clause, flaw.expected, flaw.got, exchanges[: flaw.length], is_undocumented=True)

    def _touch(self) -> None:
        """Tell the sessions that the state of the server may have changed."""
        for stated in self._environment.stated:
            stated.session.touched = True

    def _note_plain(self, exchanges: Sequence[tuple[Request, Response]]) -> None:
        """Keep the first read that succeeded, to check later that the server still works."""
        for request, response in exchanges:
            if self._plain is None and request.method in SAFE and 200 <= response.status < 300:
                self._plain = request

    def _learn(self, stated: StatedOperation, before: Sequence[World], judged: JudgedExchange) -> None:
        """Note an exchange as the evidence of the readings that it decided, if any."""
        after, questions = stated.session.worlds, stated.session.setting.questions
        if [world.choices for world in before] == [world.choices for world in after]:
            return
        for id in self._environment.contract.readings:
            if len(possible_answers(after, questions, id)) < len(possible_answers(before, questions, id)):
                shown = self._environment.client.shown(judged.request, judged.response)
                self._state.evidence[id] = f"{shown.curl} -> {shown.status}"

    # Failures

    def _fail(self, story: Story, finding: Finding, before: Worlds) -> None:
        """Note a failure, unless one of the same clause was noted before, or the server does not work any more."""
        state, cause = self._state, finding.cause
        status = finding.exchanges[-1][1].status if finding.exchanges else 0
        if cause is not None and cause.part == "status" and 200 <= cause.status < 300 and state.broken_success is None:
            state.broken_success = (status, finding.clause)
        if state.first_broken([finding.clause]):
            self._stop_if_enough(finding.clause)
            return
        if cause is None and status >= 500:
            self._check_works_by_read()
        if state.flaky_failures(finding.clause) >= _MOST_FLAKY:
            return
        waived = self._environment.waived.get(finding.clause, "")
        again: list[bool] = []
        try:
            self._replay(story, finding, before, again)
        finally:  # the failure counts, even if the run ends before it is reproduced
            state.failures.append(self._failure(story, finding, before, again, waived))
            self._listen(FailureFound(state.failures[-1]))
            self._mark(finding, any(again) or finding.is_plain_fact or not again)
        self._stop_if_enough(finding.clause, not again or any(again))

    def _stop_if_enough(self, clause: str, came_again: bool = False) -> None:
        """Stop at the first failure that counts, where that was asked for; a plain fact counts when seen twice."""
        counts = came_again or self._state.sightings[clause] >= ENOUGH_SIGHTINGS
        if self._options.exit_first and counts and clause not in self._environment.waived:
            raise _Enough

    def _mark(self, finding: Finding, came_again: bool) -> None:
        """Mark a clause as violated, or as flaky if no replay reproduced its failure: another story may still do so."""
        tally = self._state.tallies.get(finding.clause)
        if tally is not None:
            tally.requests = tally.requests or len(finding.exchanges)
            tally.violated = tally.violated or came_again
            tally.flaky = not tally.violated

    def _failure(self, story: Story, finding: Finding, before: Worlds, again: Sequence[bool], waived: str) -> Failure:
        clauses = clauses_of(self._environment.contract)
        title = story.title if story.script is not None else clauses[finding.clause].statement
        return Failure(
            clause=finding.clause or "no clause",
            title=title,
            story=tuple(self._environment.client.shown(*exchange) for exchange in finding.exchanges),
            expected=finding.expected,
            got=finding.got,
            reproduced=sum(again),
            attempts=len(again),
            waived=waived,
            known=self._decided(story.stated, before) if story.stated is not None else {},
            strange=finding.cause is not None and not finding.cause.status,
            recipe=story.recipe,
        )

    def _decided(self, stated: StatedOperation, worlds: Sequence[World]) -> dict[str, str]:
        """The readings of which all worlds have the same choice."""
        questions = stated.session.setting.questions
        left = {id: possible_answers(worlds, questions, id) for id in self._environment.contract.readings}
        return {id: choices[0] for id, choices in left.items() if len(choices) == 1}

    def _replay(self, story: Story, finding: Finding, before: Worlds, again: list[bool]) -> None:
        """Replay a story a few times from a fresh start, and note whether it fails again; its evidence is not kept."""
        stated = story.stated
        shown = scripted(stated, _up_to(story, finding)) if stated is not None else story
        with _worlds_kept(stated):
            for _ in range(_ATTEMPTS):
                if stated is not None and stated.reset is not None:
                    stated.session.worlds = before
                with suppress(NoResponse):
                    ending = self._told(shown, _not_learned) if stated else self._told_again_if_unanswered(story)
                    found = ending.findings if ending is not None else ()
                    again.append(any(stated is not None or one.clause == finding.clause for one in found))

    # Stories of another run

    def _saved_stories(self) -> None:
        """Run each story under the choices of its report; a failure that depends on them is not judged."""
        for saved in self._options.stories:
            self._listen(StoryStarted(saved.story.clause, saved.story.title))
            story = self._bound(saved.story)
            ending = self._told_as_saved(story, saved.known)
            if ending is None:
                self._state.outcomes.append(SavedOutcome(saved, doubt=_UNANSWERED))
                continue
            found = [one for one in ending.findings if story.script is not None or one.clause == story.clause]
            for finding in found[:1]:
                self._state.outcomes.append(SavedOutcome(saved, finding.expected, finding.got))
                self._fail(story, finding._replace(clause=story.clause), ending.before)
            if not found:
                self._state.outcomes.append(SavedOutcome(saved, doubt=ending.skipped))
        if self._options.stories and not self._environment.stated:
            self._tell_until_accepted()

    def _bound(self, story: Story) -> Story:
        """A saved story of fixed requests, with the form of keys in paths that the preflight found."""
        if story.script is None:
            return story
        ids = {one.compose.operation.id: one for one in self._environment.stated}
        stated = ids.get(story.stated.compose.operation.id) if story.stated is not None else None
        return scripted(stated, story.script) if stated is not None else story

    def _told_as_saved(self, story: Story, known: Mapping[str, str]) -> Ending | None:
        """The result of a saved story, run once more in all worlds if it fails under the choices of its report."""
        stated = story.stated
        if stated is None:
            return self._told_again_if_unanswered(story)
        session, kept = stated.session, stated.session.worlds
        session.worlds = tuple(World({**known, **world.choices}, world.items) for world in kept)
        ending = self._told_again_if_unanswered(story)
        session.worlds = kept
        if ending is not None and ending.findings:
            ending = self._told_again_if_unanswered(story)
            session.worlds = kept
            if ending is not None and not ending.findings:
                return ending._replace(skipped=_KNOWN_THEN)
        return ending

    def _tell_until_accepted(self) -> None:
        """Run plain stories until a request is accepted: a server that refuses everything does not hold its clauses."""
        for story in stories(self._environment.contract):
            if not accepts(self._environment) and story.clause.endswith(DOCUMENTED):
                self._told_again_if_unanswered(story)

    # Probes

    def _probes(self) -> None:
        self._state.probed = True
        for stated in self._environment.stated:
            for probe in probes(stated.compose, stated.session, stated.home, self._environment.contract.readings):
                self._listen(StoryStarted("", f"reading {probe.reading}"))
                self._probe(stated, probe)

    def _probe(self, stated: StatedOperation, probe: Probe) -> None:
        title = f"a request that tells the choices of {probe.reading} apart"
        story = scripted(stated, Script("", title, probe.requests))
        ending = self._told_again_if_unanswered(story)
        if ending is None or not ending.findings:
            return
        finding = ending.findings[0]
        if probe.doubtful:
            stated.session.worlds = ending.before
            return
        shown = self._environment.client.shown(*finding.exchanges[-1])
        self._state.contradicted[probe.reading] = f"{shown.curl} -> {shown.status}"
        if not self._is_known(finding, story):
            self._fail(story, finding._replace(clause=finding.clause or probe.reading), ending.before)

    def _sweep(self) -> None:
        for stated in self._environment.stated:
            for requests in sweep(stated.compose):
                story = scripted(stated, Script("", "a request whose response depends on a reading", requests))
                ending = self._told_again_if_unanswered(story)
                for finding in ending.findings if ending is not None else ():
                    if not self._is_known(finding, story):
                        self._fail(story, finding, ending.before if ending is not None else ())

    # Generated inputs and sequences

    def _generated(self) -> None:
        from lookalike.verify.stories import generated
        from lookalike.verify.stories.search import generated_bodies

        document = self._environment.contract.document.data
        for stated in self._environment.stated:
            for positive, name in ((True, "valid"), (False, "invalid")):
                self._listen(StoryStarted("", f"generated: {name} bodies"))
                title = f"a generated body that is {name} by default"
                bodies = generated_bodies(stated.compose, document, positive)
                self._search(bodies, partial(_scripted_as, stated, title), self._options.examples)
        for operation in self._environment.contract.operations:
            if operation in self._stated or not generated.takes_input(operation):
                continue
            roles, media = roles_for(operation, self._environment.roles), self._environment.values.media(operation)
            for is_valid in (True, False):
                inputs = generated.inputs(document, operation, media, is_valid)
                self._search(inputs, partial(generated.story_of, operation, roles), self._few_examples)

    def _sequences(self) -> None:
        from lookalike.verify.stories import sequences
        from lookalike.verify.stories.search import sequences_of

        for stated in self._environment.stated:
            self._listen(StoryStarted("", "sequences"))
            story_of = partial(_scripted_as, stated, "a sequence of requests")
            self._search(sequences_of(stated.compose), story_of, self._options.examples)
        for roles in self._environment.roles.values():
            if roles.changes or roles.delete is not None:
                self._search(sequences.sequences(roles), partial(sequences.story_of, roles), self._few_examples)

    @property
    def _stated(self) -> tuple[object, ...]:
        return stated_operations(self._environment.contract)

    @property
    def _few_examples(self) -> int:
        return max(self._options.examples // _SHARE, 1)

    def _search(self, generated: "SearchStrategy[T]", story_of: Callable[[T], Story], examples: int) -> None:
        """Note the shortest generated story that breaks a clause without a known failure."""
        from lookalike.verify.stories.search import Counterexample, search

        known = {id(stated): stated.session.worlds for stated in self._environment.stated}
        found: list[tuple[Story, Ending]] = []

        def judge(value: T) -> None:
            story = story_of(value)
            if story.stated is None:
                self._listen(StoryStarted(story.clause, story.title))
            elif story.stated.reset is not None:
                story.stated.session.worlds = known[id(story.stated)]
            try:
                ending = self._told(story, _not_learned) if story.stated else self._told_again_if_unanswered(story)
            except NoResponse:
                return
            if ending is not None and any(not self._is_known(finding, story) for finding in ending.findings):
                found.append((story, ending))
                raise Counterexample

        if search(generated, judge, examples, self._options.seed) is not None:
            story, ending = found[-1]
            for finding in ending.findings:
                if not self._is_known(finding, story):
                    self._fail(story, finding, ending.before)
        for stated in self._environment.stated:
            if stated.reset is not None:
                stated.session.worlds = known[id(stated)]

    # Whether the server still works

    def _fresh(self, stated: StatedOperation) -> Worlds:
        """Bring the server and the worlds to the start of a story; the choices learned so far stay."""
        self._check_works(stated, _LONGEST_STREAK)
        if not stated.session.streak.length:
            self._before_streak = self._state.copy()
        return_to_start(stated)
        return stated.session.worlds

    def _check_works(self, stated: StatedOperation, length: int) -> None:
        """After so many failures in a row, check that the server still works.

        Raises `Unreachable` if it does not; the results since the first of these failures are then dropped.
        """
        streak = stated.session.streak
        if streak.length < length:
            return
        if any(self._answers(stated, attempt) for attempt in range(_ATTEMPTS)):
            stated.session.streak = Streak()
            return
        self._state = self._before_streak
        since = time.strftime("%H:%M:%S", time.gmtime(streak.since))
        raise Unreachable(
            f"{stated.client.url} does not work any more: since {since} UTC {streak.length} requests failed in a "
            f"row (the last: {streak.last}), and so did a plain request that had succeeded at first"
        )

    def _answers(self, stated: StatedOperation, attempt: int) -> bool:
        """Whether the server answers a plain request, as in the preflight, each time with another value."""
        compose = stated.compose
        try:
            return_to_start(stated)
            request = compose.request(compose.first, compose.base(value=f"lookalike {attempt}"))
            return stated.session.step(request).response.status < 500
        except NoResponse:
            return False

    def _check_works_by_read(self) -> None:
        """Raise `Unreachable` if a read that succeeded before is now answered with a 5xx."""
        if self._plain is None:
            return
        response = self._environment.client.send(self._plain)
        if response.status >= 500:
            raise Unreachable(
                f"{self._environment.client.url} does not work any more: {self._plain.method} {self._plain.path} "
                f"succeeded at first, and is answered with {response.status} now"
            )

    def _ask(self, stated: StatedOperation, request: Request) -> Response:
        """The answer to a request that may be sent more than once."""
        response = retrying(lambda: stated.client.send(request))
        self._environment.statuses[response.status] += 1
        self._environment.coverage.note(stated.compose.operation, response)
        return response

    def _unanswered_problem(self) -> str:
        """The problem of a server that did not answer several requests, or an empty string."""
        client = self._environment.client
        if client.unanswered < 2:
            return ""
        return (
            f"the connection dropped, or no answer came in time, {client.unanswered} times in {client.sent} requests; "
            "stories that were cut short were tried again, but a server that loses answers cannot be relied on"
        )


def _is_blind(stated: StatedOperation) -> bool:
    """Whether items cannot be observed, so that effects which no response shows stay unseen."""
    return stated.session.observer is None


def _not_learned(stated: StatedOperation, before: Sequence[World], judged: JudgedExchange) -> None:
    """Ignore an exchange of a replay or a search."""


def _scripted_as(stated: StatedOperation, title: str, requests: tuple[Request, ...]) -> Story:
    return scripted(stated, Script("", title, requests))


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
