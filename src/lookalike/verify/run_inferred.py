"""A run over the resources of a document: every story, then what all of it comes to."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple, TypeVar

from hypothesis.strategies import SearchStrategy

from lookalike.http import SAFE, Request, Response
from lookalike.verify.results import (
    ClauseResult,
    ClauseStatus,
    Failure,
    Report,
    exit_code_of,
    required_but_not_held,
    verdict_of,
)
from lookalike.verify.server.client import NoResponse, OutOfBudget, Unreachable
from lookalike.verify.stories import generated as generating
from lookalike.verify.stories import sequences as seq
from lookalike.verify.stories.lifecycle import Story, roles_for, stories
from lookalike.verify.stories.roles import DOCUMENTED, clause_id, clauses
from lookalike.verify.stories.search import Broken as NotExplained
from lookalike.verify.stories.search import search
from lookalike.verify.stories.teller import Broken, Desk, Hindered, Teller, Unseen

LAYERS_OF_RESOURCES = ("clauses", "generated", "sequences")

_ATTEMPTS = 3
_FEWER = 6  # a document has many operations, and each gets its share

T = TypeVar("T")
Exchanges = Sequence[tuple[Request, Response]]
Progress = Callable[[str], None]


class Saved(NamedTuple):
    """A story that failed in another run: the clause that was broken, what that says, and the story."""

    clause: str
    title: str
    story: Story


@dataclass(frozen=True, slots=True)
class Asked:
    """What a run is asked to do: its layers, the clauses to judge (all where none is named), those that must be held.

    `examples` is how many inputs to generate for an operation, and how many sequences; with `exit_first` it ends with
    the first failure. `stories` are those of the layer of that name.
    """

    layers: tuple[str, ...] = LAYERS_OF_RESOURCES
    clauses: tuple[str, ...] = ()
    require: tuple[str, ...] = ()
    seed: int = 1
    examples: int = 60
    exit_first: bool = False
    stories: tuple[Saved, ...] = ()


class Finding(NamedTuple):
    """A broken clause: what was due, what came, and the exchanges that show it."""

    clause: str
    expected: str
    got: str
    exchanges: Exchanges


class Ending(NamedTuple):
    """How a story ended: with findings, held, or with the reason why not."""

    findings: tuple[Finding, ...]
    status: ClauseStatus
    reason: str
    requests: int


class Outcome(NamedTuple):
    """How a saved story came out: broken where there is a finding, not judged where there is a doubt, else right."""

    saved: Saved
    finding: Finding | None
    doubt: str

    @property
    def name(self) -> str:
        """What the story is about."""
        return f"{self.saved.clause}: {self.saved.title}"


class _Enough(Exception):
    """A failure was found, and one is all that was asked for."""


class ResourceRun:
    """One run; what it learns is in its results."""

    def __init__(self, desk: Desk, asked: Asked, waived: Mapping[str, str], progress: Progress) -> None:
        self._desk = desk
        self._asked = asked
        self._waived = waived
        self._progress = progress
        self.outcomes: list[Outcome] = []
        self._clauses = clauses(desk.contract)
        self._endings: dict[str, Ending] = {}
        self._failures: dict[str, Failure] = {}
        self._plain: Request | None = None
        self._problem = ""
        self._interrupted = False

    def report(self) -> Report:
        """Run, and tell what was found; a run that is cut short still tells what it knows."""
        started = time.monotonic()
        try:
            self._judge()
        except _Enough:
            pass
        except (Unreachable, OutOfBudget) as error:
            self._problem = str(error)
        except KeyboardInterrupt:
            self._interrupted = True
        return self._report(time.monotonic() - started)

    def _judge(self) -> None:
        layers = {
            "clauses": self._table,
            "generated": self._generated,
            "sequences": self._sequences,
            "stories": self._again,
        }
        for name, layer in layers.items():
            if name in self._asked.layers and (name == "clauses" or self._is_met):
                layer()

    def _table(self) -> None:
        for story in stories(self._desk.contract):
            if not self._asked.clauses or story.clause in self._asked.clauses:
                self._progress(f"{story.clause}: {story.title}")
                ending = self._endings[story.clause] = self._insisted(story)
                for finding in ending.findings:
                    self._fail(story, finding)

    def _generated(self) -> None:
        contract, examples = self._desk.contract, max(self._asked.examples // _FEWER, 1)
        for operation in filter(generating.takes_input, contract.operations):
            roles = roles_for(operation, self._desk.roles)
            media = self._desk.values.media(operation)
            for is_valid in (True, False):
                made = generating.inputs(contract.document.data, operation, media, is_valid)
                self._search(made, partial(generating.story_of, operation, roles), examples)

    def _sequences(self) -> None:
        for roles in self._desk.roles.values():
            if roles.changes or roles.delete is not None:
                examples = max(self._asked.examples // _FEWER, 1)
                self._search(seq.sequences(roles), partial(seq.story_of, roles), examples)

    def _again(self) -> None:
        """Tell each story that was saved; one that ends before it comes to its clause is not judged."""
        for saved in self._asked.stories:
            self._progress(f"{saved.clause}: {saved.title}")
            ending = self._insisted(saved.story)
            finding = next((one for one in ending.findings if one.clause == saved.clause), None)
            self.outcomes.append(Outcome(saved, finding, "" if finding else ending.reason))
            if finding is not None:
                self._fail(saved.story, finding)
        self._meet()

    def _meet(self) -> None:
        """Tell plain stories until something is accepted: a server that refuses all keeps no clause by that."""
        for story in stories(self._desk.contract):
            if not self._accepts and story.clause.endswith(DOCUMENTED):
                self._insisted(story)

    def _search(self, made: SearchStrategy[T], story_of: Callable[[T], Story], examples: int) -> None:
        """Note what the shortest of the generated stories breaks that no clause of a failure says yet."""

        def judge(one: T) -> None:
            story = story_of(one)
            self._progress(story.title)
            if any(finding.clause not in self._failures for finding in self._insisted(story).findings):
                raise NotExplained

        found = search(made, judge, examples, self._asked.seed)
        if found is not None:
            for finding in self._insisted(story_of(found)).findings:
                self._fail(story_of(found), finding)

    def _insisted(self, story: Story) -> Ending:
        """How a story ends, told again where an answer is missing."""
        for attempt in range(_ATTEMPTS):
            try:
                return self._told(story)
            except NoResponse as error:
                if attempt == _ATTEMPTS - 1:
                    raise Unreachable(str(error)) from None
        raise AssertionError("unreachable")

    def _told(self, story: Story) -> Ending:
        teller = Teller(self._desk)
        found: list[Finding] = []
        status, reason = ClauseStatus.HELD, ""
        try:
            story.tell(teller)
        except Broken as broken:
            clause = broken.clause or story.clause
            found.append(Finding(clause, broken.expected, broken.got, tuple(teller.exchanges)))
            status, reason = ClauseStatus.NOT_EXERCISED, f"it ended where {clause} is broken"
        except Unseen as unseen:
            status, reason = ClauseStatus.NOT_OBSERVABLE, str(unseen)
        except Hindered as hindered:
            status, reason = ClauseStatus.NOT_EXERCISED, str(hindered)
        except (OutOfBudget, Unreachable, KeyboardInterrupt):
            self._desk.client.lift_limits()
            raise
        finally:
            teller.clean_up()
        for flaw in teller.flaws:
            clause = clause_id(flaw.operation, DOCUMENTED)
            if clause in self._clauses:
                found.append(Finding(clause, flaw.expected, flaw.got, tuple(teller.exchanges[: flaw.length])))
        self._note_plain(teller.exchanges)
        return Ending(tuple(found), status, reason, len(teller.exchanges))

    def _note_plain(self, exchanges: Exchanges) -> None:
        """Keep a request that the server answers well while it is there."""
        for request, response in exchanges:
            if self._plain is None and request.method in SAFE and 200 <= response.status < 300:
                self._plain = request

    def _fail(self, story: Story, finding: Finding) -> None:
        """Note a failure, unless one of the same clause was noted before, or the server is not there any more."""
        if finding.clause in self._failures:
            return
        if finding.exchanges and finding.exchanges[-1][1].status >= 500:
            self._be_sure()
        again = [self._is_found(self._insisted(story), finding.clause) for _ in range(_ATTEMPTS)]
        shown = tuple(self._desk.client.shown(*exchange) for exchange in finding.exchanges)
        waived = self._waived.get(finding.clause, "")
        told = (finding.expected, finding.got, sum(again), len(again), waived)
        title = self._clauses[finding.clause].statement
        self._failures[finding.clause] = Failure(finding.clause, title, shown, *told, recipe=story.recipe)
        if self._asked.exit_first and not waived:
            raise _Enough

    def _is_found(self, ending: Ending, clause: str) -> bool:
        return any(finding.clause == clause for finding in ending.findings)

    def _be_sure(self) -> None:
        """Raise `Unreachable` where a request that was answered well before is not any more."""
        if self._plain is None:
            return
        response = self._desk.client.send(self._plain)
        if response.status >= 500:
            raise Unreachable(
                f"{self._desk.client.url} does not work any more: {self._plain.method} {self._plain.path} was answered "
                f"well at first, and with {response.status} now"
            )

    # What it comes to

    def _report(self, seconds: float) -> Report:
        desk = self._desk
        results = tuple(self._result(id) for id in self._clauses)
        problem = self._problem or ("" if self._interrupted else self._shortfall(results))
        failures = tuple(self._failures.values()) if self._accepts else ()
        exit_code = exit_code_of(self._interrupted, failures, problem)
        return Report(
            url=desk.client.url,
            document=desk.contract.document.name,
            verdict=verdict_of(exit_code),
            exit_code=exit_code,
            clauses=results,
            readings=(),
            failures=failures,
            requests=desk.client.sent,
            seconds=seconds,
            seed=self._asked.seed,
            problem=problem,
            left_behind=tuple(desk.left_behind),
            statuses=dict(sorted(desk.statuses.items())),
        )

    @property
    def _accepts(self) -> bool:
        """Whether any request was accepted; else it is not this API that answers, or not for us."""
        return any(200 <= status < 300 for status in self._desk.statuses)

    @property
    def _is_met(self) -> bool:
        """Whether something was accepted, or nothing was asked for yet."""
        return self._accepts or not self._desk.statuses

    def _shortfall(self, results: Sequence[ClauseResult]) -> str:
        """Why a run that came to its end says too little, or nothing."""
        if not self._accepts:
            counted = self._desk.statuses.most_common(1)
            usual = f"; it answers {counted[0][0]} to most" if counted else ""
            why = f"no request was accepted{usual}: the URL, the base path or the credentials are probably wrong"
            path = self._desk.contract.base_path
            is_elsewhere = path and not self._desk.client.url.rstrip("/").endswith(path)
            return why + (f"; the document has its paths below {path}" if is_elsewhere else "")
        doubts = [f"{outcome.doubt}: {outcome.name}" for outcome in self.outcomes if outcome.doubt]
        if doubts:
            return "; ".join(doubts)
        return required_but_not_held(self._asked.require, self._clauses, results)

    def _result(self, id: str) -> ClauseResult:
        clause, ending = self._clauses[id], self._endings.get(id)
        status, reason, requests = ClauseStatus.NOT_EXERCISED, self._problem or "not asked for in this run", 0
        if ending is not None:
            status, reason, requests = ending.status, ending.reason, ending.requests
        if not self._is_met:
            status, reason = ClauseStatus.NOT_EXERCISED, reason or "no request was accepted"
        elif id in self._failures:
            status, reason = ClauseStatus.VIOLATED, ""
        return ClauseResult(id, clause.statement, clause.sources, status, requests, reason)
