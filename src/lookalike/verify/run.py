"""A run: preflight, clause table, probes and their like, generated inputs, sequences; then what all of it comes to."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from lookalike.contract.choices import Choose
from lookalike.http import Request
from lookalike.model.keys import fields_of
from lookalike.model.state import Item
from lookalike.verify.bench import LAYERS, Bench, Options
from lookalike.verify.blaming import clause_of, owners_of
from lookalike.verify.cases import table
from lookalike.verify.client import OutOfBudget, Unreachable
from lookalike.verify.journal import entry_of, restore
from lookalike.verify.layers import Broken, Story, generated, search, sequences
from lookalike.verify.notes import Notes, Tally, possible, report_of
from lookalike.verify.preflight import preflight
from lookalike.verify.probes import Probe, probes, sweep
from lookalike.verify.restoring import remedies
from lookalike.verify.results import Failure, Report
from lookalike.verify.session import Finding, Judged, TooManyWorlds
from lookalike.verify.stories import Case
from lookalike.verify.worlds import Items, View, World, explore, joined

_ATTEMPTS = 3


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

    def report(self) -> Report:
        """Run, and tell what was found; a run that is cut short still tells what it knows."""
        started = time.monotonic()
        try:
            found = preflight(self._bench.compose, self._bench.prefixes, self._bench.client.send)
            self._bench = replace(self._bench, compose=found.compose)
            self._notes.problem = found.obstacle or ""
            if not self._notes.problem:
                self._layers()
        except (Unreachable, OutOfBudget, TooManyWorlds) as error:
            self._notes.problem = str(error)
        except _Enough:
            pass
        except KeyboardInterrupt:
            self._notes.interrupted = True
        left_behind = self._put_back()
        return report_of(self._notes, self._bench, self._options, time.monotonic() - started, left_behind)

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
                yield compose.request(item[compose.identity], compose.move(home[compose.identity]))
            elif any(item[field] != home[field] for field in fields):
                values = compose.move(home[compose.identity])
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
            before = possible(self._bench)
            judged = session.step_blindly(request) if blindly else session.step(request)
            self._notes.statuses[judged.response.status] += 1
            told.append(judged)
            if judged.finding is not None:
                return told, judged.finding
            self._learn(before, judged)
        return told, None

    def _learn(self, before: Mapping[str, tuple[str, ...]], judged: Judged) -> None:
        for id, after in possible(self._bench).items():
            if len(after) < len(before[id]):
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
        again = self._reproduced([judged.request for judged in story], finding, before)
        waived = self._bench.waived.get(clause, "")
        notes.failures.append(
            Failure(clause or "no clause", title, shown, finding.expected, finding.got, again, _ATTEMPTS, waived)
        )
        if self._options.exit_first and not waived:
            raise _Enough

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
            before = self._fresh()
            told, finding = self._tell(requests)
            if finding is not None and not self._is_known(finding, told[-1]):
                title = "a request that turns on a reading"
                self._fail(self._blamed(finding, told[-1]), title, told, finding, before)

    def _probe(self, probe: Probe) -> None:
        before = self._fresh()
        told, finding = self._tell(probe.requests)
        if finding is not None and probe.doubtful:
            self._bench.session.worlds = before
        elif finding is not None:
            shown = self._bench.client.shown(told[-1].request, told[-1].response)
            self._notes.contradicted[probe.reading] = f"{shown.curl} -> {shown.status}"
            if not self._is_known(finding, told[-1]):
                clause = self._blamed(finding, told[-1]) or probe.reading
                self._fail(clause, f"a request that tells the choices of {probe.reading} apart", told, finding, before)

    # What it comes to

    def _put_back(self) -> tuple[str, ...]:
        """Bring everything back to where it was; tells what could not be."""
        self._bench.client.lift_limits()
        try:
            if self._bench.reset is not None:
                self._bench.reset()
                return ()
            if self._bench.session.pending is not None:  # it may have been done all the same
                restore([entry_of(self._bench.session.pending)], self._bench.compose, self._bench.client)
            self._go_home()
            return tuple(self._put_items_back())
        except (Unreachable, TooManyWorlds) as error:
            return (f"items may be under other keys than before: {error}",)

    def _put_items_back(self) -> Iterator[str]:
        """Put back what can be seen of items; without a way to see it, what was written stays."""
        bench = self._bench
        seen = bench.session.look()
        for home in self._items(bench.home):
            item = seen.items.get(home[bench.compose.identity]) if seen is not None else None
            if item is not None:
                found = remedies(bench.compose, home, item)
                for request in found.requests:
                    bench.client.send(request)
                yield from found.left
        if seen is None and bench.client.sent:
            yield "tags and data of owned items, which cannot be read"
