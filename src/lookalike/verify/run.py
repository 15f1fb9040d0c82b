"""A run: preflight, clause table, probes and their like, generated inputs, sequences; then what all of it comes to."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from lookalike.contract.choices import Choose
from lookalike.contract.contract import Contract
from lookalike.http import Request
from lookalike.model.keys import fields_of
from lookalike.model.state import Item
from lookalike.verify.blaming import clause_of, owners_of
from lookalike.verify.cases import table
from lookalike.verify.client import Client, OutOfBudget, Unreachable
from lookalike.verify.composing import Composer
from lookalike.verify.layers import Broken, Story, generated, search, sequences
from lookalike.verify.preflight import preflight
from lookalike.verify.probes import Probe, probes, sweep
from lookalike.verify.results import (
    ClauseResult,
    ClauseStatus,
    Exchange,
    Failure,
    ReadingResult,
    ReadingStatus,
    Report,
    Verdict,
)
from lookalike.verify.session import Finding, Judged, Session
from lookalike.verify.stories import Case
from lookalike.verify.worlds import Items, View, World, explore, joined, still_possible

# Probes come early: what they decide makes the rest sharper, and cheaper to judge.
LAYERS = ("clauses", "probes", "sweep", "generated", "sequences")
_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Options:
    """What a run does: its layers, the clauses asked for (all where none is named), and how much it generates."""

    layers: tuple[str, ...] = LAYERS
    clauses: tuple[str, ...] = ()
    require: tuple[str, ...] = ()
    seed: int = 1
    generated: int = 60
    sequences: int = 60


@dataclass(slots=True)
class _Tally:
    """What happened to one clause."""

    requests: int = 0
    passed: int = 0
    hidden: int = 0
    violated: bool = False
    masked: str = ""


@dataclass(frozen=True, slots=True)
class Bench:
    """What a run works with; `reset` brings the server back to its first state, where it can."""

    contract: Contract
    client: Client
    session: Session
    compose: Composer
    home: Items
    reset: Callable[[], None] | None
    prefixes: tuple[str, ...] = ()
    waived: Mapping[str, str] = field(default_factory=dict)
    insisted: Mapping[str, str] = field(default_factory=dict)


Progress = Callable[[str], None]


class Run:
    """One run; everything that it learns is in its tallies, its failures, and the worlds of its session."""

    def __init__(self, bench: Bench, options: Options, progress: Progress) -> None:
        self._bench = bench
        self._options = options
        self._progress = progress
        self._tallies = {id: _Tally() for id in bench.contract.clauses}
        self._failures: list[Failure] = []
        self._evidence: dict[str, str] = {}
        self._contradicted: dict[str, str] = {}
        self._statuses: Counter[int] = Counter()
        self._broken_success: tuple[int, int, str] | None = None
        self._problem = ""
        self._interrupted = False

    def report(self) -> Report:
        """Run, and tell what was found; a run that is cut short still tells what it knows."""
        started = time.monotonic()
        try:
            found = preflight(self._bench.compose, self._bench.prefixes, self._bench.client.send)
            self._bench = replace(self._bench, compose=found.compose)
            self._problem = found.obstacle or ""
            if not self._problem:
                self._layers()
        except (Unreachable, OutOfBudget) as error:
            self._problem = str(error)
        except KeyboardInterrupt:
            self._interrupted = True
        left_behind = self._put_back()
        return self._told(time.monotonic() - started, left_behind)

    def _layers(self) -> None:
        layers: Mapping[str, Callable[[], None]] = {
            "clauses": self._table,
            "probes": self._probes,
            "sweep": self._sweep,
            "generated": self._generated,
            "sequences": self._sequences,
        }
        for name in LAYERS:
            if name in self._options.layers:
                layers[name]()

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
            outcome = setting.model.respond(View(setting.model, home, setting.around, choose), request, choose)
            return outcome.response.status, outcome.clauses

        choices = joined(World(world.choices, ()) for world in session.worlds)
        found = [branch.value for world in choices for branch in explore(world.choices, setting.questions, run)]
        return found[0][1] if all(status == 400 for status, _ in found) else ()

    def _try(self, case: Case) -> None:
        before = self._fresh()
        story, finding = self._tell(case.requests, blindly=case.strange)
        tally = self._tallies[case.clause]
        tally.requests += len(story)
        if finding is None:
            seen = not case.hidden or self._bench.session.observer is not None
            tally.passed += seen
            tally.hidden += not seen
            return
        clause = self._blamed(finding, story[-1], case.clause)
        if clause != case.clause and finding.part == "body":
            tally.passed += 1
        if self._is_masked(finding, story[-1], clause):
            tally.masked = self._behind(finding)
        else:
            self._fail(clause, case.title, story, finding, before)

    def _blamed(self, finding: Finding, last: Judged, story: str = "") -> str:
        """The clause that is broken; the first of all where nothing tells which."""
        clause = clause_of(self._bench.compose, finding, last.request, last.response, story)
        return clause if clause in self._tallies else next(iter(self._tallies))

    def _is_masked(self, finding: Finding, last: Judged, clause: str) -> bool:
        """Whether this is the effect of a failure that was found already, rather than one of its own."""
        if finding.part == "status" and self._broken_success is not None:
            return last.response.status == self._broken_success[1] and last.response.status < 500
        owners = owners_of(self._bench.compose, finding.field) if finding.part == "state" else ()
        return clause not in owners and any(self._tallies[owner].violated for owner in owners)

    def _behind(self, finding: Finding) -> str:
        """The clause whose failure hides others."""
        owners = owners_of(self._bench.compose, finding.field) if finding.part == "state" else ()
        found = next((owner for owner in owners if self._tallies[owner].violated), "")
        return found or (self._broken_success[2] if self._broken_success else "")

    # Stories

    def _fresh(self) -> tuple[World, ...]:
        """Bring the server and the worlds to the start of a story; the choices learned so far stay."""
        session = self._bench.session
        if self._bench.reset is None:
            self._go_home()
        else:
            if session.touched:
                self._bench.reset()
                session.touched = False
            session.worlds = joined(World(world.choices, self._bench.home) for world in session.worlds)
        return session.worlds

    def _go_home(self) -> None:
        """Bring items back to the keys that they had."""
        for request in self._ways_home():
            self._bench.session.step(request)

    def _ways_home(self) -> Iterator[Request]:
        """A request for each item whose key is not as it was, by the first world."""
        compose, worlds = self._bench.compose, self._bench.session.worlds
        homes, now = self._items(self._bench.home), self._items(worlds[0].items if worlds else ())
        fields = fields_of(self._bench.contract.resources[self._resource])
        for home, item in zip(homes, now, strict=False):
            if item[compose.identity] != home[compose.identity]:
                yield compose.request(item[compose.identity], compose.move(home, home[compose.identity]))
            elif any(item[field] != home[field] for field in fields):
                values = compose.move(home, home[compose.identity])
                own = {name: value for name, value in values.items() if value != home[compose.identity]}
                yield compose.request(item[compose.identity], {**compose.base(), **own})

    @property
    def _resource(self) -> str:
        select = self._bench.compose.operation.select
        return select.resource if select else ""

    def _items(self, items: Items) -> list[Item]:
        return [item for name, item in items if name == self._resource]

    def _tell(self, requests: Iterable[Request], blindly: bool = False) -> tuple[list[Judged], Finding | None]:
        """Send the requests of a story one after the other, up to the first that no world explains."""
        session = self._bench.session
        told: list[Judged] = []
        for request in requests:
            before = self._possible()
            judged = session.step_blindly(request) if blindly else session.step(request)
            self._statuses[judged.response.status] += 1
            told.append(judged)
            if judged.finding is not None:
                return told, judged.finding
            self._learn(before, judged)
        return told, None

    def _possible(self) -> dict[str, tuple[str, ...]]:
        session = self._bench.session
        questions = session.setting.questions
        return {id: still_possible(session.worlds, questions, id) for id in self._bench.contract.readings}

    def _learn(self, before: Mapping[str, tuple[str, ...]], judged: Judged) -> None:
        for id, after in self._possible().items():
            if len(after) < len(before[id]):
                shown = self._bench.client.shown(judged.request, judged.response)
                self._evidence[id] = f"{shown.curl} -> {shown.status}"

    def _fail(
        self, clause: str, title: str, story: Sequence[Judged], finding: Finding, before: tuple[World, ...]
    ) -> None:
        if finding.part == "status" and 200 <= finding.status < 300 and self._broken_success is None:
            self._broken_success = (finding.status, story[-1].response.status, clause)
        already = self._tallies[clause].violated
        self._tallies[clause].violated = True
        self._tallies[clause].requests += 0 if self._tallies[clause].requests else len(story)
        if already:
            return
        shown = tuple(self._bench.client.shown(judged.request, judged.response) for judged in story)
        again = self._reproduced([judged.request for judged in story], finding, before)
        self._failures.append(
            Failure(
                clause,
                title,
                shown,
                finding.expected,
                finding.got,
                again,
                _ATTEMPTS,
                self._bench.waived.get(clause, ""),
            )
        )

    def _reproduced(self, requests: Sequence[Request], finding: Finding, before: tuple[World, ...]) -> int:
        """How many of a few replays from a fresh start go wrong too; what they teach is forgotten."""
        session = self._bench.session
        kept, count = session.worlds, 0
        for _ in range(_ATTEMPTS):
            session.worlds = before if self._bench.reset is not None else session.worlds
            self._fresh()
            _, again = self._tell_quietly(requests, blindly=not finding.status)
            count += again is not None
        if self._bench.reset is not None:
            session.worlds = kept
        return count

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
        compose, document = self._bench.compose, self._bench.contract.document.data
        for positive, name in ((True, "valid"), (False, "invalid")):
            self._progress(f"generated: {name} bodies")
            stories = generated(compose, document, positive)
            self._search(f"a generated body that is {name} by default", stories, self._options.generated)

    def _sequences(self) -> None:
        self._progress("sequences")
        self._search("a sequence of requests", sequences(self._bench.compose), self._options.sequences)

    def _search(self, title: str, stories: Any, examples: int) -> None:
        """Search for a story that no world explains, each from the knowledge there is now."""
        session = self._bench.session
        known = session.worlds
        found: list[tuple[list[Judged], Finding, tuple[World, ...]]] = []

        def judge(story: Story) -> None:
            session.worlds = known if self._bench.reset is not None else session.worlds
            before = self._fresh()
            told, finding = self._tell_quietly(story, blindly=False)
            for judged in told:
                self._statuses[judged.response.status] += 1
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
        return self._tallies[clause].violated or self._is_masked(finding, last, clause)

    # Probes

    def _probes(self) -> None:
        session = self._bench.session
        for probe in probes(self._bench.compose, session, self._bench.home, self._bench.contract.readings):
            self._progress(f"reading {probe.reading}")
            self._probe(probe)

    def _sweep(self) -> None:
        for requests in sweep(self._bench.compose):
            before = self._fresh()
            told, finding = self._tell(requests)
            if finding is not None and not self._is_known(finding, told[-1]):
                title = "a request that turns on a reading"
                self._fail(self._blamed(finding, told[-1]), title, told, finding, before)

    def _probe(self, probe: Probe) -> None:
        before = self._fresh()
        told, finding = self._tell(probe.requests)
        if finding is not None:
            shown = self._bench.client.shown(told[-1].request, told[-1].response)
            self._contradicted[probe.reading] = f"{shown.curl} -> {shown.status}"
            if not self._is_known(finding, told[-1]):
                clause = self._blamed(finding, told[-1])
                self._fail(clause, f"a request that tells the choices of {probe.reading} apart", told, finding, before)

    # What it comes to

    def _put_back(self) -> tuple[str, ...]:
        try:
            if self._bench.reset is not None:
                self._bench.reset()
            else:
                self._go_home()
        except (Unreachable, OutOfBudget) as error:
            return (f"items may be under other keys than before: {error}",)
        return ()

    def _told(self, seconds: float, left_behind: tuple[str, ...]) -> Report:
        clauses = tuple(self._clause(id) for id in self._tallies)
        exit_code = self._exit_code(clauses)
        verdicts = {0: Verdict.CONFORMS, 1: Verdict.VIOLATES}
        return Report(
            url=self._bench.client.url,
            document=self._bench.contract.document.name,
            verdict=verdicts.get(exit_code, Verdict.UNJUDGED),
            exit_code=exit_code,
            clauses=clauses,
            readings=tuple(self._reading(id) for id in self._bench.contract.readings),
            failures=tuple(self._failures),
            requests=self._bench.client.sent,
            seconds=seconds,
            seed=self._options.seed,
            problem=self._problem,
            left_behind=left_behind,
            statuses=dict(sorted(self._statuses.items())),
        )

    def _exit_code(self, clauses: Sequence[ClauseResult]) -> int:
        if self._interrupted:
            return 130
        if any(not failure.waived for failure in self._failures):
            return 1
        held = {clause.id for clause in clauses if clause.status is ClauseStatus.HELD}
        required = set(self._tallies) if "all" in self._options.require else set(self._options.require)
        accepted = any(200 <= status < 300 for status in self._statuses)
        return 3 if self._problem or not accepted or required - held else 0

    def _clause(self, id: str) -> ClauseResult:
        clause, tally = self._bench.contract.clauses[id], self._tallies[id]
        status, reason = self._status(tally)
        return ClauseResult(id, clause.says, clause.sources, status, tally.requests, reason)

    def _status(self, tally: _Tally) -> tuple[ClauseStatus, str]:
        if tally.violated:
            return ClauseStatus.VIOLATED, ""
        if tally.masked:
            return ClauseStatus.NOT_EXERCISED, f"hidden behind the failure of {tally.masked}"
        if tally.hidden:
            return ClauseStatus.NOT_OBSERVABLE, "what it changes cannot be read; name a read operation under observe"
        if tally.passed:
            return ClauseStatus.HELD, ""
        return ClauseStatus.NOT_EXERCISED, self._why_not()

    def _why_not(self) -> str:
        if self._problem:
            return self._problem
        pool, credentials = self._bench.compose.pool, self._bench.compose.credentials
        lacks = {
            "an expired or revoked token": not (credentials.expired or credentials.revoked),
            "a number that nobody has": not pool.absent,
            "a spare number and the country code of an owned item": not self._bench.compose.may_move,
        }
        missing = " or ".join(what for what, is_missing in lacks.items() if is_missing)
        return f"the target file gives no {missing}" if missing else "not asked for in this run"

    def _reading(self, id: str) -> ReadingResult:
        reading = self._bench.contract.readings[id]
        left = self._possible()[id]
        if id in self._contradicted:
            status, choice = ReadingStatus.CONTRADICTED, " | ".join(left)
        elif len(left) == 1:
            status, choice = ReadingStatus.DECIDED, left[0]
        else:
            seen = self._bench.session.observer is not None
            status = ReadingStatus.UNDECIDED if seen else ReadingStatus.NOT_OBSERVABLE
            choice = " | ".join(left)
        evidence = self._contradicted.get(id) or self._evidence.get(id, "")
        return ReadingResult(id, reading.question, status, choice, evidence or self._told_by_target(id))

    def _told_by_target(self, id: str) -> str:
        return "the target file insists on it" if id in self._bench.insisted else ""


def exchanges(client: Client, story: Iterable[Judged]) -> tuple[Exchange, ...]:
    """A story as it may be shown."""
    return tuple(client.shown(judged.request, judged.response) for judged in story)
