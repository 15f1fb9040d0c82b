"""Notes: what a run learnt, and the report that they come to."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from lookalike.verify.bench import Bench, Options
from lookalike.verify.results import (
    ClauseResult,
    ClauseStatus,
    Failure,
    ReadingResult,
    ReadingStatus,
    Report,
    Verdict,
)
from lookalike.verify.worlds import still_possible

_VERDICTS = {0: Verdict.CONFORMS, 1: Verdict.VIOLATES}


@dataclass(slots=True)
class Tally:
    """What happened to one clause: `hidden` counts stories of which the end could not be seen."""

    requests: int = 0
    passed: int = 0
    hidden: int = 0
    violated: bool = False
    masked: str = ""


@dataclass(slots=True)
class Notes:
    """What a run learnt so far; `broken_success` is how the first plain success went wrong, if it did."""

    tallies: dict[str, Tally]
    failures: list[Failure] = field(default_factory=list)
    evidence: dict[str, str] = field(default_factory=dict)
    contradicted: dict[str, str] = field(default_factory=dict)
    statuses: Counter[int] = field(default_factory=Counter)
    broken_success: tuple[int, str] | None = None
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
        )

    def first_broken(self, clauses: Iterable[str]) -> str:
        """The first of some clauses that is broken, or nothing."""
        return next((clause for clause in clauses if clause in self.tallies and self.tallies[clause].violated), "")


def report_of(notes: Notes, bench: Bench, options: Options, seconds: float, left_behind: tuple[str, ...]) -> Report:
    """What the notes come to."""
    clauses = tuple(_clause(notes, bench, id) for id in notes.tallies)
    exit_code = _exit_code(notes, options, clauses)
    return Report(
        url=bench.client.url,
        document=bench.contract.document.name,
        verdict=_VERDICTS.get(exit_code, Verdict.UNJUDGED),
        exit_code=exit_code,
        clauses=clauses,
        readings=tuple(_reading(notes, bench, id) for id in bench.contract.readings),
        failures=tuple(notes.failures),
        requests=bench.client.sent,
        seconds=seconds,
        seed=options.seed,
        problem=notes.problem,
        left_behind=left_behind,
        statuses=dict(sorted(notes.statuses.items())),
    )


def possible(bench: Bench) -> dict[str, tuple[str, ...]]:
    """The choices of each reading that some world is left with."""
    session = bench.session
    return {id: still_possible(session.worlds, session.setting.questions, id) for id in bench.contract.readings}


def _exit_code(notes: Notes, options: Options, clauses: Iterable[ClauseResult]) -> int:
    if notes.interrupted:
        return 130
    if any(not failure.waived for failure in notes.failures):
        return 1
    held = {clause.id for clause in clauses if clause.status is ClauseStatus.HELD}
    required = set(notes.tallies) if "all" in options.require else set(options.require)
    accepted = any(200 <= status < 300 for status in notes.statuses)
    return 3 if notes.problem or not accepted or required - held else 0


def _clause(notes: Notes, bench: Bench, id: str) -> ClauseResult:
    clause, tally = bench.contract.clauses[id], notes.tallies[id]
    status, reason = _status(tally)
    if status is ClauseStatus.NOT_EXERCISED and not reason:
        reason = notes.problem or _why_not(bench)
    return ClauseResult(id, clause.says, clause.sources, status, tally.requests, reason)


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


def _reading(notes: Notes, bench: Bench, id: str) -> ReadingResult:
    left = possible(bench)[id]
    seen = bench.session.observer is not None
    status = ReadingStatus.UNDECIDED if seen else ReadingStatus.NOT_OBSERVABLE
    if id in notes.contradicted:
        status = ReadingStatus.CONTRADICTED
    elif len(left) == 1:
        status = ReadingStatus.DECIDED
    told = "the target file insists on it" if id in bench.insisted else ""
    evidence = notes.contradicted.get(id) or notes.evidence.get(id) or told
    return ReadingResult(id, bench.contract.readings[id].question, status, " | ".join(left), evidence)
