"""Notes: what a run learnt, and the report that they come to."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from lookalike.verify.environment import Bench, Options, SavedStory
from lookalike.verify.oracle.session import Finding
from lookalike.verify.oracle.worlds import possible_answers
from lookalike.verify.results import (
    ClauseResult,
    ClauseStatus,
    Failure,
    ReadingResult,
    ReadingStatus,
    Report,
    exit_code_of,
    required_but_not_held,
    verdict_of,
)


@dataclass(slots=True)
class Tally:
    """What happened to one clause: `hidden` counts stories of which the end could not be seen."""

    requests: int = 0
    passed: int = 0
    hidden: int = 0
    violated: bool = False
    masked: str = ""


class Outcome(NamedTuple):
    """How a saved story came out: broken where there is a finding, not judged where there is a doubt, else right."""

    story: SavedStory
    finding: Finding | None = None
    doubt: str = ""

    @property
    def name(self) -> str:
        """What the story is about."""
        return f"{self.story.clause}: {self.story.title}"


@dataclass(slots=True)
class Notes:
    """What a run learnt so far; `broken_success` is how the first plain success went wrong, if it did."""

    tallies: dict[str, Tally]
    failures: list[Failure] = field(default_factory=list)
    evidence: dict[str, str] = field(default_factory=dict)
    contradicted: dict[str, str] = field(default_factory=dict)
    statuses: Counter[int] = field(default_factory=Counter)
    broken_success: tuple[int, str] | None = None
    outcomes: list[Outcome] = field(default_factory=list)
    problem: str = ""
    interrupted: bool = False

    def copy(self) -> "Notes":
        """The notes as they are now, whatever becomes of these."""
        return replace(
            self,
            tallies={id: replace(tally) for id, tally in self.tallies.items()},
            failures=[*self.failures],
            evidence={**self.evidence},
            contradicted={**self.contradicted},
            statuses=self.statuses.copy(),
            outcomes=[*self.outcomes],
        )

    def first_broken(self, clauses: Iterable[str]) -> str:
        """The first of some clauses that is broken, or nothing."""
        return next((clause for clause in clauses if clause in self.tallies and self.tallies[clause].violated), "")


def report_of(notes: Notes, bench: Bench, options: Options, seconds: float, left_behind: tuple[str, ...]) -> Report:
    """What the notes come to."""
    clauses = tuple(_clause(notes, bench, id) for id in notes.tallies)
    problem = notes.problem or ("" if notes.interrupted else _shortfall(notes, options, clauses))
    exit_code = exit_code_of(notes.interrupted, notes.failures, problem)
    return Report(
        url=bench.client.url,
        document=bench.contract.document.name,
        verdict=verdict_of(exit_code),
        exit_code=exit_code,
        clauses=clauses,
        readings=tuple(_reading(notes, bench, options, id) for id in bench.contract.readings),
        failures=tuple(notes.failures),
        requests=bench.client.sent,
        seconds=seconds,
        seed=options.seed,
        problem=problem,
        left_behind=left_behind,
        statuses=dict(sorted(notes.statuses.items())),
    )


def possible(bench: Bench) -> dict[str, tuple[str, ...]]:
    """The choices of each reading that some world is left with."""
    session = bench.session
    return {id: possible_answers(session.worlds, session.setting.questions, id) for id in bench.contract.readings}


def _shortfall(notes: Notes, options: Options, clauses: Iterable[ClauseResult]) -> str:
    """Why a run that came to its end says too little, or nothing."""
    if not any(200 <= status < 300 for status in notes.statuses):
        return "no request was accepted"
    doubts = [f"{outcome.doubt}: {outcome.name}" for outcome in notes.outcomes if outcome.doubt]
    if doubts:
        return "; ".join(doubts)
    return required_but_not_held(options.require, notes.tallies, clauses)


def _clause(notes: Notes, bench: Bench, id: str) -> ClauseResult:
    clause, tally = bench.contract.clauses[id], notes.tallies[id]
    status, reason = _status(tally)
    if status is ClauseStatus.NOT_EXERCISED and not reason:
        reason = notes.problem or _why_not(bench)
    return ClauseResult(id, clause.statement, clause.sources, status, tally.requests, reason)


def _status(tally: Tally) -> tuple[ClauseStatus, str]:
    if tally.violated:
        return ClauseStatus.VIOLATED, ""
    if tally.masked:
        return ClauseStatus.NOT_EXERCISED, f"hidden behind the failure of {tally.masked}"
    if tally.hidden:
        return ClauseStatus.NOT_OBSERVABLE, "what it changes cannot be read; name a read operation under observe"
    return (ClauseStatus.HELD if tally.passed else ClauseStatus.NOT_EXERCISED), ""


def _why_not(bench: Bench) -> str:
    pool, credentials = bench.compose.pool, bench.compose.credentials
    lacks = {
        "an expired or revoked token": not (credentials.expired or credentials.revoked),
        "a number that nobody has": not pool.absent,
        "a spare number and the country code of an owned item": not bench.compose.may_move,
    }
    missing = " or ".join(what for what, is_missing in lacks.items() if is_missing)
    return f"the target file gives no {missing}" if missing else "not asked for in this run"


def _reading(notes: Notes, bench: Bench, options: Options, id: str) -> ReadingResult:
    left = possible(bench)[id]
    hidden = bench.session.observer is None and "probes" in options.layers
    status = ReadingStatus.NOT_OBSERVABLE if hidden else ReadingStatus.UNDECIDED
    if id in notes.contradicted:
        status = ReadingStatus.CONTRADICTED
    elif len(left) == 1:
        status = ReadingStatus.DECIDED
    told = "the target file insists on it" if id in bench.insisted else ""
    evidence = notes.contradicted.get(id) or notes.evidence.get(id) or told
    return ReadingResult(id, bench.contract.readings[id].question, status, " | ".join(left), evidence)
