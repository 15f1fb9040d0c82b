"""A run: preflight, clause table, probes, generated inputs and sequences, judged story by story; then the report."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from lookalike.errors import VerificationError
from lookalike.http import SAFE, Request, Response
from lookalike.readings import Choose
from lookalike.verify.attribution import clause_of, owners_of
from lookalike.verify.clauses import DOCUMENTED, IN_TIME, INVALID, clause_id, clauses_of, name_of, stated_operations
from lookalike.verify.environment import Environment, StatedOperation
from lookalike.verify.events import FailureFound, Listener, RunEnded, StoryEnded, StoryStarted, ignore
from lookalike.verify.oracle.session import JudgedExchange, Streak, Together, Unexplained
from lookalike.verify.oracle.worlds import Exploration, World, WorldState, distinct, possible_answers
from lookalike.verify.requests.values import seed_of
from lookalike.verify.results import Failure, Report, redacted
from lookalike.verify.roles import touched_by, with_parents
from lookalike.verify.safety.cleanup import clean_up, not_cleaned_up
from lookalike.verify.safety.home import restore_initial_state, restore_items, retrying, return_to_start
from lookalike.verify.safety.preflight import preflight
from lookalike.verify.server.client import NoResponse, OutOfBudget, Unreachable
from lookalike.verify.side_by_side import SideBySide
from lookalike.verify.stories.endings import ClauseBroken, NotObservable, Skipped
from lookalike.verify.stories.inferred import roles_for, stories
from lookalike.verify.stories.probes import Probe, probes, sweep
from lookalike.verify.stories.runner import StoryRunner
from lookalike.verify.stories.schedule import LARGEST, next_batch
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
# How long stories that run side by side may take to end their last request when the run is cut short, in seconds.
_LAST_WORDS = 2.0
# The most stories whose requests are all refused that are told before the state of the server is looked at.
_GROUP = 16
# With `exit_first`, so few stories are told before their results are looked at.
_FEW = 4
# The most failures of one clause that are reported although no replay reproduced them; no more are looked for then.
_MOST_FLAKY = 3
_KNOWN_THEN = "wrong only if the readings are decided as in the report, so run verify to decide them again"
_UNANSWERED = "the server did not answer, although the story was run several times"
_UNSEEN = "its effect cannot be read; add a read operation under observe in the target file"
_NO_TAGS = "no element of a set is known to exist, and one that does not may be ignored; list some as tags"

_NOTHING = Together(None, True)

T = TypeVar("T")
Worlds = tuple[World, ...]


@dataclass(frozen=True, slots=True)
class Options:
    """The options of a run: its layers, and the clauses to test (all if none is named).

    `examples` is the number of inputs of each kind to generate; with `exit_first` the run ends at the first failure
    that is not waived. The run has a problem unless the clauses of `require` are held and `min_coverage` (from 0 to 1)
    is reached. `fail_on` says which failures count: `any`, those `reproduced`, or by default those that a replay
    reproduced and plain facts that were seen twice. `baseline` holds the clauses that another run found broken, with a
    word about that run: their failures are waived. `max_response_time` is for the median of each operation, in seconds.
    `stories` are the stories of a saved report, for the layer
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
    baseline: Mapping[str, str] = field(default_factory=dict)
    max_response_time: float | None = None
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
    """The result of a story: the worlds before it, its findings, and why it was `skipped` or its effect is `unseen`.

    `learned` is the environment of the story, with what it taught of the server; None for one of fixed requests. A
    `remark` says what a story that passed left out.
    """

    before: Worlds
    findings: tuple[Finding, ...]
    requests: int
    skipped: str = ""
    unseen: str = ""
    learned: Environment | None = None
    plain: Request | None = None
    remark: str = ""

    @property
    def facts(self) -> tuple[str, ...]:
        """The clauses that plain facts break."""
        return tuple(finding.clause for finding in self.findings if finding.is_plain_fact)


class Search(NamedTuple):
    """A search among generated stories, in which up to `examples` are told.

    Its resources are those of its stories. `generated` makes the strategy, which takes longer than to ask for it.
    """

    id: str
    generated: "Callable[[], SearchStrategy[Any]]"
    story_of: Callable[[Any], Story]
    examples: int
    touches: frozenset[str] | None
    watches: frozenset[str]


class Searched(NamedTuple):
    """The result of a search: the smallest story that breaks a clause, if any, with its ending.

    `facts` are the clauses that plain facts broke in any of its stories, each as often as it was broken.
    """

    learned: Environment
    found: tuple[Story, Ending] | None
    facts: tuple[str, ...]
    plain: Request | None


Task = TypeVar("Task", Story, Search)
Told = TypeVar("Told", Ending, Searched)


class _Enough(Exception):
    """The run ends, since a failure was found and `exit_first` is set."""


class Run:
    """One run in an environment; its results are in its state, and in the worlds of the sessions."""

    def __init__(self, environment: Environment, options: Options, listen: Listener = ignore) -> None:
        self._environment = environment
        self._options = options
        self._threads = SideBySide(environment.concurrency, listen)
        self._listen = self._threads.tell
        self._active: dict[int, StoryRunner] = {}
        self._attempts: defaultdict[str, Iterator[int]] = defaultdict(count)
        self._state = RunState({id: ClauseTally() for id in clauses_of(environment.contract)})
        self._before_streak = self._state
        self._plain: Request | None = None
        self._left = 0

    def report(self) -> Report:
        """Run, and return the report; a run that is cut short still reports what it found."""
        started = time.monotonic()
        try:
            self._run_preflights()
            if not self._state.problem:
                self._run_layers()
        except (VerificationError, OutOfBudget) as error:
            self._state.problem = str(error)
        except KeyboardInterrupt:
            self._state.interrupted = True
        left_behind = tuple(left for stated in self._environment.stated for left in restore_initial_state(stated))
        left_behind = (*dict.fromkeys(left_behind), *self._cleaned_up())
        self._state.problem = self._state.problem or self._unanswered_problem()
        options = self._options
        demands = Demands(
            options.seed, "clauses" in options.layers, options.fail_on, options.require, options.min_coverage
        )
        self._judge_durations()
        seconds = time.monotonic() - started
        report = report_of(self._state, self._environment, demands, seconds, left_behind)
        report = redacted(report, self._environment.client.redacted)
        self._listen(RunEnded(report))
        return report

    def _judge_durations(self) -> None:
        """Note a failure for each operation that usually takes longer than it may."""
        most, environment = self._options.max_response_time, self._environment
        for operation in environment.contract.operations if most is not None else ():
            taken = environment.durations.get(operation.id, [])
            usual = median(taken) if taken else 0.0
            if most is not None and usual > most:
                clause = clause_id(operation, IN_TIME)
                expected = f"a median of at most {most * 1000:.0f} ms"
                got = f"{usual * 1000:.0f} ms, the median of {len(taken)} answers"
                title = f"{name_of(operation)} answers in time"
                waived = self._waived(clause)
                self._state.failures.append(Failure(clause, title, (), expected, got, 0, 0, waived=waived))

    def _waived(self, clause: str) -> str:
        """The reason why a failure of a clause does not count, or an empty string."""
        return self._environment.waived.get(clause) or self._options.baseline.get(clause, "")

    def _cleaned_up(self) -> list[str]:
        """Delete the items that the run created; the names of those that stay, with the reasons."""
        self._environment.client.lift_limits()
        try:
            self._end_stories()
            return clean_up(self._environment)
        except (Unreachable, NoResponse) as error:
            return not_cleaned_up(self._environment, error)

    def _end_stories(self) -> None:
        """Delete what stories created that were cut short."""
        self._threads.stop(_LAST_WORDS)
        self._environment.client.keep_to_this_thread()
        for runner in [*self._active.values()]:
            runner.clean_up()
            self._environment.ledger.take_over(runner.environment.ledger)

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
        return bool(environment.stated) or environment.is_accepted or not environment.statuses

    # The clause table

    def _clause_table(self) -> None:
        for stated in self._environment.stated:
            scripts = table(stated.compose, partial(self._refusals, stated))
            wanted = (scripted(stated, script) for script in scripts if self._is_wanted(script.clause))
            for story, ending in self._told_scripts(stated, wanted):
                self._note(story, ending)
        inferred = [story for story in stories(self._environment.contract) if self._is_wanted(story.clause)]
        self._in_batches(inferred, self._told_of_table, self._note)

    def _is_wanted(self, clause: str) -> bool:
        return not self._options.clauses or clause in self._options.clauses

    def _told_of_table(self, story: Story, base: Environment) -> Ending | None:
        self._listen(StoryStarted(story.clause, story.title, self._left))
        return self._told_again_if_unanswered(story, base)

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
        tally.remark = tally.remark or ending.remark
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

    # Side by side

    def _told_scripts(self, stated: StatedOperation, told: Iterable[Story]) -> Iterator[tuple[Story, Ending]]:
        """How stories of fixed requests ended; those whose requests are refused in every world are told in groups.

        A group is sent side by side, and looked at once. Where anything is not as it should be, each of its stories is
        told again by itself.
        """
        group: list[Story] = []
        kind, most = "", _FEW if self._options.exit_first else _GROUP
        for story in told:
            found = self._kind(stated, story)
            if group and (found != kind or len(group) == most):
                yield from self._told_group(stated, group, kind)
                group = []
            kind = found
            if kind:
                group.append(story)
            else:
                yield from self._told_alone(story)
        yield from self._told_group(stated, group, kind)

    def _kind(self, stated: StatedOperation, story: Story) -> str:
        """The kind of group in which a story may be told: `refused`, `strange`, or none."""
        if story.script is None:
            return ""
        if story.script.strange:
            return "strange"
        return "refused" if all(map(stated.session.is_refused, _unsent(stated, story.script))) else ""

    def _told_group(self, stated: StatedOperation, group: Sequence[Story], kind: str) -> Iterator[tuple[Story, Ending]]:
        together = {"refused": self._refused_together, "strange": self._strange_together}
        told: Sequence[Ending | None] | None = None
        with suppress(NoResponse):
            told = together[kind](stated, group) if len(group) > 1 or kind == "refused" else None
        for number, story in enumerate(group):
            ending = told[number] if told is not None else None
            if ending is None:
                yield from self._told_alone(story)
            else:
                self._learn_from(ending)
                yield story, ending

    def _refused_together(self, stated: StatedOperation, group: Sequence[Story]) -> Sequence[Ending | None] | None:
        """The endings of stories whose requests are to be refused; None for those that have to be told again alone.

        An answer that no world explains ends its story; the others of its group may have suffered from what it did.
        """
        before = self._fresh(stated)
        sent = [_unsent(stated, story.script) for story in group if story.script is not None]
        requests = [request for some in sent for request in some]
        if not all(map(stated.session.is_refused, requests)):  # the way back to the start has changed that
            return None
        note = partial(self._note_refused, stated)
        together = stated.session.step_refused(requests, self._environment.concurrency, note) if requests else _NOTHING
        if together is None:
            return None
        found = together.found
        which = next((at for at, some in enumerate(sent) if found is not None and found.request in some), -1)
        endings: list[Ending | None] = [
            self._ended_well(stated, story, before) if together.is_unchanged and not found else None for story in group
        ]
        if found is not None and which >= 0:
            endings[which] = self._ended_by(stated, group[which], before, found)
        return endings

    def _ended_by(self, stated: StatedOperation, story: Story, before: Worlds, judged: JudgedExchange) -> Ending:
        """The ending of a story of fixed requests by an answer that no world explains."""
        runner = StoryRunner(self._environment)
        runner.exchanges.append((judged.request, judged.response))
        runner.judged.append(judged)
        self._note_refused(stated, before, judged)
        wrong, clause = judged.finding, story.clause
        assert wrong is not None  # noqa: S101  # callers asked
        clause = clause_of(stated.compose, wrong, judged.request, judged.response, clause)
        findings = tuple(self._findings(story, runner, ClauseBroken(wrong.expected, wrong.got, clause, wrong)))
        broken = tuple(finding.clause for finding in findings)
        self._listen(StoryStarted(story.clause, story.title))
        self._listen(StoryEnded(story.clause, story.title, 1, broken, "", story.id, (judged.request,)))
        return Ending(before, findings, 1)

    def _strange_together(self, stated: StatedOperation, group: Sequence[Story]) -> Sequence[Ending | None] | None:
        """The endings of stories whose requests were all answered below 500, else None."""
        before = self._fresh(stated)
        requests = [story.script.requests[0] for story in group if story.script is not None]
        responses = stated.session.step_strange(requests)
        for response in responses:
            self._environment.statuses[response.status] += 1
            self._environment.coverage.note(stated.compose.operation, response)
        if any(response.status >= 500 for response in responses):
            return None
        return [self._ended_well(stated, story, before) for story in group]

    def _ended_well(self, stated: StatedOperation, story: Story, before: Worlds) -> Ending:
        """The ending of a story of fixed requests in which nothing was wrong."""
        sent, is_hidden = (story.script.requests, story.script.hidden) if story.script is not None else ((), False)
        unseen = _UNSEEN if is_hidden and _is_blind(stated) else ""
        self._listen(StoryStarted(story.clause, story.title))
        self._listen(StoryEnded(story.clause, story.title, len(sent), (), unseen, story.id, sent))
        return Ending(before, (), len(sent), "", unseen)

    def _note_refused(self, stated: StatedOperation, before: Worlds, judged: JudgedExchange) -> None:
        self._environment.statuses[judged.response.status] += 1
        self._environment.coverage.note(stated.compose.operation, judged.response)
        if judged.finding is None:
            self._learn(stated, before, judged)

    def _told_alone(self, story: Story) -> Iterator[tuple[Story, Ending]]:
        self._listen(StoryStarted(story.clause, story.title))
        ending = self._told_again_if_unanswered(story)
        if ending is not None:
            self._learn_from(ending)
            yield story, ending

    def _in_batches(
        self,
        tasks: Sequence[Task],
        call: Callable[[Task, Environment], Told | None],
        note: Callable[[Task, Told], None],
    ) -> None:
        """Call a function for each story or search, batch by batch; then learn from its result, and note it.

        All of a batch begin with the environment that the batches before it left. What they learned is joined at its
        end, in their order. One that contradicts those before it is called again by itself, with what they learned.
        """
        left = list(tasks)
        while left:
            self._left = len(left)
            batch: list[Task] = next_batch(left, self._proven(), _FEW if self._options.exit_first else LARGEST)
            calls = [partial(call, task, self._environment) for task in batch]
            results, error = self._threads.results(calls, self._is_enough)
            for number, (task, told) in enumerate(zip(batch, results, strict=True)):
                if told is not None and not self._learn_from(told):
                    results[number] = again = call(task, self._environment)
                    if again is not None:
                        self._learn_from(again)
            done = [(task, told) for task, told in zip(batch, results, strict=True) if told is not None]
            for task, told in done:
                note(task, told)
            if error is not None:
                raise error
            told_of = {id(task) for task, _ in done} if self._options.exit_first else {*map(id, batch)}
            left = [task for task in left if id(task) not in told_of]

    def _proven(self) -> set[str]:
        """The resources of which the server lets items be created, and shows their keys; or of which none can be."""
        roles = self._environment.roles
        return {name for name in roles if roles[name].create is None or name in self._environment.ledger.learned}

    def _is_enough(self, told: object) -> bool:
        """Whether a result has to be looked at before anything else is told."""
        findings = told.findings if isinstance(told, Ending) else ()
        return self._options.exit_first and any(not self._state.first_broken([one.clause]) for one in findings)

    def _learn_from(self, told: Ending | Searched) -> bool:
        """Learn of the server what a story or a search did; whether that agrees with everything learned before."""
        self._state.sightings.update(told.facts)
        self._plain = self._plain or told.plain
        if told.learned is None:
            return True
        for stated in self._environment.stated:  # the state of the server may have changed
            stated.session.touched = True
        joined = self._environment.joined(told.learned)
        self._environment = joined or self._environment
        return joined is not None

    # Telling a story

    def _told_again_if_unanswered(self, story: Story, base: Environment | None = None) -> Ending | None:
        """How a story ended, told again where an answer is missing; None where a script never came to its end."""
        for attempt in range(_ATTEMPTS):
            try:
                return self._told(story, base)
            except NoResponse as error:
                if attempt == _ATTEMPTS - 1 and story.script is None:
                    raise Unreachable(str(error)) from None
        return None

    def _told(
        self, story: Story, base: Environment | None = None, learned: Callable[..., None] | None = None
    ) -> Ending:
        """How a story ended, from a fresh start; its items are deleted again. Raises `NoResponse`.

        `base` is the environment as it was learned so far. Where the run ends in between, the items stay for its end.
        """
        before = self._fresh(story.stated) if story.stated is not None else ()
        environment = base or self._environment
        if story.stated is None:
            environment = environment.for_story(story.id, next(self._attempts[story.id]))
        runner = StoryRunner(environment, learned or self._learn)
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
        unseen = "" if broken else unseen or _why_unseen(story)
        findings = tuple(self._findings(story, runner, broken))
        if broken is not None and story.stated is None:
            skipped = f"it ended where {broken.clause or story.clause} is broken"
        clauses = tuple(finding.clause for finding in findings)
        sent = tuple(request for request, _ in runner.exchanges)
        name = environment.story
        self._listen(StoryEnded(story.clause, story.title, len(sent), clauses, skipped or unseen, name, sent))
        taught, plain = (None, None) if story.stated is not None else (environment, _plain_read(runner.exchanges))
        return Ending(before, findings, len(runner.exchanges), skipped, unseen, taught, plain, runner.remark)

    def _finish(self, runner: StoryRunner) -> None:
        """Delete what a story created."""
        runner.clean_up()
        del self._active[id(runner)]

    def _findings(self, story: Story, runner: StoryRunner, broken: ClauseBroken | None) -> Iterator[Finding]:
        exchanges = tuple(runner.exchanges)
        if broken is not None:
            clause = broken.clause if broken.cause is not None else broken.clause or story.clause
            clause = clause if clause in self._state.tallies else ""
            # One invalid request after the other was refused before the one that was not: they do not matter.
            is_about_last = clause.endswith(f".{INVALID}") and broken.cause is None
            shown = _leading_to(exchanges) if is_about_last else exchanges
            yield Finding(clause, broken.expected, broken.got, shown, broken.cause, tuple(runner.judged))
        for flaw in runner.flaws:
            clause = clause_id(flaw.operation, DOCUMENTED)
            if clause in self._state.tallies:
                yield Finding(
                    clause, flaw.expected, flaw.got, _leading_to(exchanges[: flaw.length]), is_undocumented=True
                )

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
        waived = self._waived(finding.clause)
        again: list[bool] = []
        try:
            self._replay(story, finding, before, again)
            if self._shows_beside_others(story, finding, again):
                story, finding = _beside_others(story, finding, self._environment.concurrency)
                again.append(True)
        finally:  # the failure counts, even if the run ends before it is reproduced
            state.failures.append(self._failure(story, finding, before, again, waived))
            self._listen(FailureFound(state.failures[-1]))
            self._mark(finding, any(again) or finding.is_plain_fact or not again)
        self._stop_if_enough(finding.clause, not again or any(again))

    def _stop_if_enough(self, clause: str, came_again: bool = False) -> None:
        """Stop at the first failure that counts, where that was asked for; a plain fact counts when seen twice."""
        counts = came_again or self._state.sightings[clause] >= ENOUGH_SIGHTINGS
        if self._options.exit_first and counts and not self._waived(clause):
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
                    if stated is not None:
                        restore_items(stated, before[0].items)
                    ending = (
                        self._told(shown, learned=_not_learned) if stated else self._told_again_if_unanswered(story)
                    )
                    found = ending.findings if ending is not None else ()
                    if ending is not None:
                        self._learn_from(ending)
                    again.append(any(stated is not None or one.clause == finding.clause for one in found))

    def _shows_beside_others(self, story: Story, finding: Finding, again: Sequence[bool]) -> bool:
        """Whether a failure that no replay reproduced comes again while the story is told several times at once."""
        most = self._environment.concurrency
        if story.stated is not None or any(again) or most == 1:
            return False
        ending = self._told_beside_others(story, most)
        return ending is not None and any(one.clause == finding.clause for one in ending.findings)

    def _told_beside_others(self, story: Story, most: int) -> Ending | None:
        """How a story ended that was told so many times at once: the first ending with findings, or the first."""
        call = partial(self._told_again_if_unanswered, story, self._environment)
        results, error = SideBySide(most, self._listen).results([call] * most, _never)
        endings = [one for one in results if one is not None]
        for ending in endings:
            self._learn_from(ending)
        if error is not None:
            raise error
        return next((one for one in endings if one.findings), next(iter(endings), None))

    # Stories of another run

    def _saved_stories(self) -> None:
        """Run each story under the choices of its report; a failure that depends on them is not judged."""
        for saved in self._options.stories:
            self._listen(StoryStarted(saved.story.clause, saved.story.title))
            story = self._bound(saved.story)
            ending = self._told_as_saved(story, saved.known)
            if ending is not None:
                self._learn_from(ending)
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
            most = story.recipe.get("concurrency", 1)
            return self._told_beside_others(story, most) if most > 1 else self._told_again_if_unanswered(story)
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
            if not self._environment.is_accepted and story.clause.endswith(DOCUMENTED):
                ending = self._told_again_if_unanswered(story)
                if ending is not None:
                    self._learn_from(ending)

    # Probes

    def _probes(self) -> None:
        self._state.probed = True
        for stated in self._environment.stated:
            for probe in probes(stated.compose, stated.session, stated.home, self._environment.contract.readings):
                self._probe(stated, probe)

    def _probe(self, stated: StatedOperation, probe: Probe) -> None:
        title = f"a request that tells the choices of {probe.reading} apart"
        story = scripted(stated, Script("", title, probe.requests))
        for _, ending in self._told_scripts(stated, [story]):
            self._note_probe(stated, probe, story, ending)

    def _note_probe(self, stated: StatedOperation, probe: Probe, story: Story, ending: Ending) -> None:
        if not ending.findings:
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
            title = "a request whose response depends on a reading"
            told = (scripted(stated, Script("", title, requests)) for requests in sweep(stated.compose))
            for story, ending in self._told_scripts(stated, told):
                self._fail_of_news(story, ending)

    # Generated inputs and sequences

    def _generated(self) -> None:
        from lookalike.verify.stories.search import generated_bodies

        document = self._environment.contract.document.data
        for stated in self._environment.stated:
            media = self._environment.values.media(stated.compose.operation)
            for positive, name in ((True, "valid"), (False, "invalid")):
                self._listen(StoryStarted("", f"generated: {name} bodies"))
                title = f"a generated body that is {name} by default"
                bodies = partial(generated_bodies, stated.compose, document, media, positive)
                self._search_stated(stated, bodies, partial(_scripted_as, stated, title))
        self._in_batches([*self._searches_for_inputs()], self._searched, self._note_searched)

    def _searches_for_inputs(self) -> Iterator[Search]:
        from lookalike.verify.stories import generated

        contract, values = self._environment.contract, self._environment.values
        for operation in contract.operations:
            if operation in stated_operations(contract) or not generated.takes_input(operation):
                continue
            roles, media = roles_for(operation, self._environment.roles), values.media(operation)
            touches = touched_by(contract, operation, roles)
            for is_valid in (True, False):
                inputs = partial(generated.inputs, contract.document.data, operation, media, is_valid)
                story_of = partial(generated.story_of, operation, roles)
                id = f"{name_of(operation)}: {'valid' if is_valid else 'invalid'} inputs"
                yield Search(id, inputs, story_of, self._few_examples, touches, frozenset())

    def _sequences(self) -> None:
        from lookalike.verify.stories import sequences
        from lookalike.verify.stories.search import sequences_of

        for stated in self._environment.stated:
            self._listen(StoryStarted("", "sequences"))
            story_of = partial(_scripted_as, stated, "a sequence of requests")
            self._search_stated(stated, partial(sequences_of, stated.compose), story_of)
        searches = [
            Search(
                f"{roles.resource}: sequences",
                partial(sequences.sequences, roles),
                partial(sequences.story_of, roles),
                self._few_examples,
                with_parents(self._environment.contract, roles.resource),
                frozenset({roles.resource}),
            )
            for roles in self._environment.roles.values()
            if roles.changes or roles.delete is not None
        ]
        self._in_batches(searches, self._searched, self._note_searched)

    @property
    def _few_examples(self) -> int:
        return max(self._options.examples // _SHARE, 1)

    def _search_stated(
        self, stated: StatedOperation, generated: "Callable[[], SearchStrategy[T]]", story_of: Callable[[T], Story]
    ) -> None:
        """Note the shortest generated story of a stated operation that breaks a clause without a known failure."""
        from lookalike.verify.stories.search import Counterexample, search

        known = stated.session.worlds
        found: list[tuple[Story, Ending]] = []

        def judge(value: T) -> None:
            story = story_of(value)
            if stated.reset is not None:
                stated.session.worlds = known
            try:
                if found:  # from now on, it shrinks: each story begins where the first one was found
                    restore_items(stated, found[0][1].before[0].items)
                ending = self._told(story, learned=_not_learned)
            except NoResponse:
                return
            self._learn_from(ending)
            if self._is_news(story, ending):
                found.append((story, ending))
                raise Counterexample

        if search(generated, judge, self._options.examples, self._options.seed) is not None:
            self._fail_of_news(*found[-1])
        if stated.reset is not None:
            stated.session.worlds = known

    def _searched(self, one: Search, base: Environment) -> Searched:
        """The result of a search; each of its stories begins with what those before it learned."""
        from lookalike.verify.stories.search import Counterexample, search

        told: list[tuple[Story, Ending]] = []
        learned = [base.for_story(one.id)]

        def judge(value: Any) -> None:
            story = replace(one.story_of(value), name=f"{one.id} {len(told)}")
            self._listen(StoryStarted(story.clause, story.title, self._left))
            ending = self._told_again_if_unanswered(story, learned[-1])
            if ending is None or ending.learned is None:
                return
            told.append((story, ending))
            learned.append(learned[-1].joined(ending.learned) or learned[-1])
            if self._is_news(story, ending):
                raise Counterexample

        value = search(one.generated, judge, one.examples, seed_of(self._options.seed, one.id))
        found = [(story, ending) for story, ending in told if value is not None and self._is_news(story, ending)]
        facts = tuple(fact for _, ending in told for fact in ending.facts)
        plain = next((ending.plain for _, ending in told if ending.plain is not None), None)
        return Searched(learned[-1], found[-1] if found else None, facts, plain)

    def _note_searched(self, one: Search, result: Searched) -> None:
        if result.found is not None:
            self._fail_of_news(*result.found)

    def _is_news(self, story: Story, ending: Ending) -> bool:
        """Whether a story breaks a clause that was not found broken before."""
        return any(not self._is_known(finding, story) for finding in ending.findings)

    def _fail_of_news(self, story: Story, ending: Ending) -> None:
        for finding in ending.findings:
            if not self._is_known(finding, story):
                self._fail(story, finding, ending.before)

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


def _plain_read(exchanges: Sequence[tuple[Request, Response]]) -> Request | None:
    """The first read that succeeded, by which a run checks later that the server still works."""
    reads = (request for request, response in exchanges if request.method in SAFE and 200 <= response.status < 300)
    return next(reads, None)


def _never(ending: object) -> bool:
    """Whether an ending ends the others that are told at once: none does."""
    return False


def _beside_others(story: Story, finding: Finding, most: int) -> tuple[Story, Finding]:
    """A story and its finding that show only while others are told, and how many at a time."""
    got = f"{finding.got} (only beside other stories, {most} at a time)"
    return replace(story, recipe={**story.recipe, "concurrency": most}), finding._replace(got=got)


def _unsent(stated: StatedOperation, script: Script) -> tuple[Request, ...]:
    """The requests of a script without those at its beginning that are in effect already: each is asked for once."""
    requests = script.requests
    return requests[1:] if len(requests) > 1 and stated.session.is_in_effect(requests[0]) else requests


def _why_unseen(story: Story) -> str:
    """The reason why nothing shows the effects of the fixed requests of a story, or an empty string."""
    script, stated = story.script, story.stated
    if script is None or stated is None:
        return ""
    if script.hidden and _is_blind(stated):
        return _UNSEEN
    return _NO_TAGS if script.on_sets and not stated.compose.knows_tags else ""


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


def _leading_to(exchanges: Sequence[tuple[Request, Response]]) -> tuple[tuple[Request, Response], ...]:
    """The last exchange, and those before it that may have changed something: not the reads, nor what was refused."""
    *before, last = exchanges
    return (*(one for one in before if one[0].method not in SAFE and one[1].status < 400), last)
