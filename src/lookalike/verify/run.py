"""A run: preflight, clause table, probes and their like, generated inputs, sequences; then what all of it comes to."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from lookalike.http import Request, Response
from lookalike.readings import Choose
from lookalike.verify.attribution import clause_of, owners_of
from lookalike.verify.environment import Bench, Options, SavedStory
from lookalike.verify.oracle.session import Finding, Judged, Streak, TooManyWorlds
from lookalike.verify.oracle.worlds import Exploration, World, WorldState, distinct, possible_answers
from lookalike.verify.results import Failure, Report
from lookalike.verify.safety.home import restore_initial_state, retrying, return_to_start
from lookalike.verify.safety.preflight import preflight
from lookalike.verify.server.client import NoResponse, OutOfBudget, Unreachable
from lookalike.verify.stories.probes import Probe, probes, sweep
from lookalike.verify.stories.single_operation import table
from lookalike.verify.stories.story import Case
from lookalike.verify.tally import Notes, Outcome, Tally, report_of

_ATTEMPTS = 3

# So many failures in a row are no longer taken for the server's answers before it was asked whether it is still there.
_LONGEST_STREAK = 10


_KNOWN_THEN = "wrong only by what was known of the server then, so run verify"

_Whole = tuple[tuple[World, ...], list[Judged], Finding | None]


class _Enough(Exception):
    """A failure was found, and one is all that was asked for."""


Progress = Callable[[str], None]


class Run:
    """One run; what it learns is in its notes and in the worlds of its session."""

    def __init__(self, bench: Bench, options: Options, progress: Progress) -> None:
        self._bench = bench
        self._options = options
        self._progress = progress
        self._notes = Notes({id: Tally() for id in bench.contract.clauses})
        self._before_streak = self._notes

    def report(self) -> Report:
        """Run, and tell what was found; a run that is cut short still tells what it knows."""
        started = time.monotonic()
        try:
            found = preflight(self._bench.compose, self._bench.prefixes, self._ask)
            self._bench = replace(self._bench, compose=found.compose)
            self._notes.problem = found.obstacle or ""
            if not self._notes.problem:
                self._judge()
        except (Unreachable, NoResponse, OutOfBudget, TooManyWorlds) as error:
            self._notes.problem = str(error)
        except KeyboardInterrupt:
            self._notes.interrupted = True
        left_behind = restore_initial_state(self._bench)
        self._notes.problem = self._notes.problem or self._dropped()
        return report_of(self._notes, self._bench, self._options, time.monotonic() - started, left_behind)

    def _judge(self) -> None:
        with suppress(_Enough):
            self._layers()
        self._be_sure(1)

    def _layers(self) -> None:
        layers: Mapping[str, Callable[[], None]] = {
            "stories": self._stories,
            "clauses": self._table,
            "probes": self._probes,
            "sweep": self._sweep,
            "generated": self._generated,
            "sequences": self._sequences,
        }
        for name, layer in layers.items():
            if name in self._options.layers:
                layer()

    # Stories of another run

    def _stories(self) -> None:
        """Tell each story by what was known then; one that is wrong only by that is not judged."""
        session, kept = self._bench.session, self._bench.session.worlds
        for story in self._options.stories:
            self._progress(f"{story.clause}: {story.title}")
            session.worlds = tuple(World({**story.known, **world.choices}, world.items) for world in kept)
            outcome, openly = self._outcome(story, kept)
            self._notes.outcomes.append(outcome)
            if outcome.finding is not None:
                self._fail(story.clause, story.title, openly[1], outcome.finding, openly[0])
        session.worlds = kept

    def _outcome(self, story: SavedStory, kept: tuple[World, ...]) -> tuple[Outcome, _Whole]:
        """How a story comes out, told once more by what all worlds say where it is wrong by what was known then."""
        whole = self._whole(story.requests, story.strange)
        if whole is not None and whole[2] is not None:
            self._bench.session.worlds = kept
            whole = self._whole(story.requests, story.strange)
            if whole is not None and whole[2] is None:
                return Outcome(story, doubt=_KNOWN_THEN), whole
        if whole is None:
            return Outcome(story, doubt="no answer came, however often it was told"), (kept, [], None)
        return Outcome(story, whole[2]), whole

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """How the saved stories came out that were told; those that are not here were never told to their end."""
        return tuple(self._notes.outcomes)

    # The clause table

    def _table(self) -> None:
        for case in table(self._bench.compose, self._refusals):
            if not self._options.clauses or case.clause in self._options.clauses:
                self._progress(f"{case.clause}: {case.title}")
                self._try(case)

    def _refusals(self, request: Request) -> Sequence[str]:
        """The clauses by which a request is refused with a 400 in every world that is left, or none."""
        session = self._bench.session
        setting, home = session.setting, self._bench.home

        def run(choose: Choose) -> tuple[int, tuple[str, ...]]:
            outcome = setting.model.respond(WorldState(setting.model, home, setting.around, choose), request, choose)
            return outcome.response.status, outcome.clauses

        choices = distinct(World(world.choices, ()) for world in session.worlds)
        explored = Exploration(setting.questions, run)
        found = [branch.value for world in choices for branch in explored.under(world.choices)]
        return found[0][1] if all(status == 400 for status, _ in found) else ()

    def _try(self, case: Case) -> None:
        whole = self._whole(case.requests, blindly=case.strange)
        if whole is None:
            return
        before, story, finding = whole
        tally = self._notes.tallies[case.clause]
        tally.requests += len(story)
        if finding is None:
            seen = not case.hidden or self._bench.session.observer is not None
            tally.passed += seen
            tally.hidden += not seen
            return
        clause = self._blamed(finding, story[-1], case.clause)
        if clause != case.clause and finding.part == "body":
            tally.passed += 1
        tally.masked = self._masked_by(finding, story[-1], clause) or tally.masked
        if not self._masked_by(finding, story[-1], clause):
            self._fail(clause, case.title, story, finding, before)

    def _blamed(self, finding: Finding, last: Judged, story: str = "") -> str:
        """The clause that is broken, or nothing where none says what is due."""
        clause = clause_of(self._bench.compose, finding, last.request, last.response, story)
        return clause if clause in self._notes.tallies else ""

    def _masked_by(self, finding: Finding, last: Judged, clause: str) -> str:
        """The clause of which this is another effect, found broken already; nothing where it stands for itself."""
        if finding.part == "state":
            owners = owners_of(self._bench.compose, finding.field)
            return "" if clause in owners else self._notes.first_broken(owners)
        broken = self._notes.broken_success
        same = broken is not None and finding.part == "status" and last.response.status == broken[0] < 500
        return broken[1] if broken is not None and same else ""

    # Stories

    def _fresh(self) -> tuple[World, ...]:
        """Bring the server and the worlds to the start of a story; the choices learned so far stay."""
        self._be_sure(_LONGEST_STREAK)
        if not self._bench.session.streak.length:
            self._before_streak = self._notes.copy()
        return_to_start(self._bench)
        return self._bench.session.worlds

    # Servers that stop answering

    def _be_sure(self, length: int) -> None:
        """Where so many requests in a row failed, ask whether the server is there at all.

        Raises `Unreachable` where it is not; what was noted since the first of them is then forgotten.
        """
        streak = self._bench.session.streak
        if streak.length < length:
            return
        if any(self._answers(attempt) for attempt in range(_ATTEMPTS)):
            self._bench.session.streak = Streak()
            return
        self._notes = replace(self._before_streak, statuses=self._notes.statuses)
        since = time.strftime("%H:%M:%S", time.gmtime(streak.since))
        raise Unreachable(
            f"{self._bench.client.url} does not work any more: since {since} UTC {streak.length} requests failed in a "
            f"row (the last: {streak.last}), and so does a plain one that was answered well at first"
        )

    def _answers(self, attempt: int) -> bool:
        """Whether the server answers a plain request, as it did in the preflight; none is like another."""
        compose = self._bench.compose
        try:
            return_to_start(self._bench)
            request = compose.request(compose.first, compose.base(value=f"lookalike {attempt}"))
            return self._bench.session.step(request).response.status < 500
        except NoResponse:
            return False

    def _ask(self, request: Request) -> Response:
        """The answer to a request that may be sent more than once."""
        response = retrying(lambda: self._bench.client.send(request))
        self._notes.statuses[response.status] += 1
        return response

    def _dropped(self) -> str:
        """That answers were missing, where it was more than one."""
        client = self._bench.client
        if client.unanswered < 2:
            return ""
        return (
            f"the connection dropped, or no answer came in time, {client.unanswered} times in {client.sent} requests; "
            "what was cut short was tried again, but a server that loses answers cannot be relied on"
        )

    def _whole(self, requests: Sequence[Request], blindly: bool = False) -> _Whole | None:
        """Tell a story from a fresh start, again where an answer is missing; None where it never came to its end."""
        for _ in range(_ATTEMPTS):
            try:
                before = self._fresh()
                return before, *self._tell(requests, blindly)
            except NoResponse:
                pass
        return None

    def _tell(self, requests: Iterable[Request], blindly: bool = False) -> tuple[list[Judged], Finding | None]:
        """Send the requests of a story one after the other, up to the first that no world explains."""
        session = self._bench.session
        told: list[Judged] = []
        for request in requests:
            before = session.worlds
            judged = session.step_blindly(request) if blindly else session.step(request)
            self._notes.statuses[judged.response.status] += 1
            told.append(judged)
            if judged.finding is not None:
                return told, judged.finding
            self._learn(before, judged)
        return told, None

    def _learn(self, before: Sequence[World], judged: Judged) -> None:
        """Note an exchange as the evidence of what it taught, if anything."""
        after, questions = self._bench.session.worlds, self._bench.session.setting.questions
        if [world.choices for world in before] == [world.choices for world in after]:
            return
        for id in self._bench.contract.readings:
            if len(possible_answers(after, questions, id)) < len(possible_answers(before, questions, id)):
                shown = self._bench.client.shown(judged.request, judged.response)
                self._notes.evidence[id] = f"{shown.curl} -> {shown.status}"

    def _fail(
        self, clause: str, title: str, story: Sequence[Judged], finding: Finding, before: tuple[World, ...]
    ) -> None:
        """Note a failure, unless one of the same clause was noted before."""
        notes, client = self._notes, self._bench.client
        if finding.part == "status" and 200 <= finding.status < 300 and notes.broken_success is None:
            notes.broken_success = (story[-1].response.status, clause)
        if clause in notes.tallies:
            tally = notes.tallies[clause]
            tally.requests = tally.requests or len(story)
            if tally.violated:
                return
            tally.violated = True
        shown = tuple(client.shown(judged.request, judged.response) for judged in story)
        waived = self._bench.waived.get(clause, "")
        again: list[bool] = []
        try:
            self._replay([judged.request for judged in story], finding, before, again)
        finally:  # what was found is found, even if there is no time to see it again
            told = (
                finding.expected,
                finding.got,
                sum(again),
                len(again),
                waived,
                self._decided(before),
                not finding.status,
            )
            notes.failures.append(Failure(clause or "no clause", title, shown, *told))
        if self._options.exit_first and not waived:
            raise _Enough

    def _decided(self, worlds: Sequence[World]) -> dict[str, str]:
        """The readings of which all worlds have the same choice."""
        questions = self._bench.session.setting.questions
        left = {id: possible_answers(worlds, questions, id) for id in self._bench.contract.readings}
        return {id: choices[0] for id, choices in left.items() if len(choices) == 1}

    def _replay(
        self, requests: Sequence[Request], finding: Finding, before: tuple[World, ...], again: list[bool]
    ) -> None:
        """Note of a few replays from a fresh start whether they go wrong too; what they teach is forgotten."""
        session = self._bench.session
        kept = session.worlds
        for _ in range(_ATTEMPTS):
            session.worlds = before if self._bench.reset is not None else session.worlds
            with suppress(NoResponse):
                self._fresh()
                again.append(self._tell_quietly(requests, blindly=not finding.status)[1] is not None)
        if self._bench.reset is not None:
            session.worlds = kept

    def _tell_quietly(self, requests: Iterable[Request], blindly: bool) -> tuple[list[Judged], Finding | None]:
        """The same, with nothing noted."""
        session = self._bench.session
        told: list[Judged] = []
        for request in requests:
            judged = session.step_blindly(request) if blindly else session.step(request)
            told.append(judged)
            if judged.finding is not None:
                return told, judged.finding
        return told, None

    # Generated inputs and sequences

    def _generated(self) -> None:
        from lookalike.verify.stories.search import generated

        compose, document = self._bench.compose, self._bench.contract.document.data
        for positive, name in ((True, "valid"), (False, "invalid")):
            self._progress(f"generated: {name} bodies")
            stories = generated(compose, document, positive)
            self._search(f"a generated body that is {name} by default", stories, self._options.examples)

    def _sequences(self) -> None:
        from lookalike.verify.stories.search import sequences

        self._progress("sequences")
        self._search("a sequence of requests", sequences(self._bench.compose), self._options.examples)

    def _search(self, title: str, stories: Any, examples: int) -> None:
        """Search for a story that no world explains, each from the knowledge there is now."""
        from lookalike.verify.stories.search import Broken, search

        session = self._bench.session
        known = session.worlds
        found: list[tuple[list[Judged], Finding, tuple[World, ...]]] = []

        def judge(story: tuple[Request, ...]) -> None:
            session.worlds = known if self._bench.reset is not None else session.worlds
            try:
                before = self._fresh()
                told, finding = self._tell_quietly(story, blindly=False)
            except NoResponse:
                return
            for judged in told:
                self._notes.statuses[judged.response.status] += 1
            if finding is not None and not self._is_known(finding, told[-1]):
                found.append((told, finding, before))
                raise Broken

        if search(stories, judge, examples, self._options.seed) is not None:
            told, finding, before = found[-1]
            self._fail(self._blamed(finding, told[-1]), title, told, finding, before)
        if self._bench.reset is not None:
            session.worlds = known

    def _is_known(self, finding: Finding, last: Judged) -> bool:
        """Whether the clause that is broken here was found broken already."""
        clause = self._blamed(finding, last)
        return bool(self._notes.first_broken([clause]) or self._masked_by(finding, last, clause))

    # Probes

    def _probes(self) -> None:
        session = self._bench.session
        for probe in probes(self._bench.compose, session, self._bench.home, self._bench.contract.readings):
            self._progress(f"reading {probe.reading}")
            self._probe(probe)

    def _sweep(self) -> None:
        for requests in sweep(self._bench.compose):
            whole = self._whole(requests)
            if whole is None:
                continue
            before, told, finding = whole
            if finding is not None and not self._is_known(finding, told[-1]):
                title = "a request that turns on a reading"
                self._fail(self._blamed(finding, told[-1]), title, told, finding, before)

    def _probe(self, probe: Probe) -> None:
        whole = self._whole(probe.requests)
        if whole is None:
            return
        before, told, finding = whole
        if finding is not None and probe.doubtful:
            self._bench.session.worlds = before
        elif finding is not None:
            shown = self._bench.client.shown(told[-1].request, told[-1].response)
            self._notes.contradicted[probe.reading] = f"{shown.curl} -> {shown.status}"
            if not self._is_known(finding, told[-1]):
                clause = self._blamed(finding, told[-1]) or probe.reading
                self._fail(clause, f"a request that tells the choices of {probe.reading} apart", told, finding, before)
