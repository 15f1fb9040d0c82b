"""The state of a run: the counts of each clause, and the report that is made of them."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from lookalike.contract.builtin_readings import builtin_reading
from lookalike.contract.contract import Contract
from lookalike.contract.extension import Clause
from lookalike.json_values import Pointer
from lookalike.schema.vocabulary import KEYWORD
from lookalike.verify.clauses import clauses_of, name_of
from lookalike.verify.environment import Environment, StatedOperation
from lookalike.verify.oracle.comparison import BrokenKeyword
from lookalike.verify.oracle.worlds import possible_answers
from lookalike.verify.results import (
    ClauseResult,
    ClauseStatus,
    Failure,
    OperationResult,
    ReadingResult,
    ReadingStatus,
    Report,
    exit_code_of,
    unmet_requirements,
    verdict_of,
)
from lookalike.verify.stories.story import Story

ENOUGH_SIGHTINGS = 2
_GIVEN_UP = "given up: too many combinations of readings were left"
_NO_STORY = "no test exists for it: no step, schema, response or security scheme of a tested operation names it"


@dataclass(slots=True)
class ClauseTally:
    """The counts of one clause.

    `passed` counts stories that passed. `unseen` is the reason why the effect of a story could not be observed,
    `skipped` the reason why a story could not be run, and `masked` the broken clause that hides this one. A `remark`
    says what the stories left out that passed.
    """

    requests: int = 0
    passed: int = 0
    unseen: str = ""
    skipped: str = ""
    violated: bool = False
    flaky: bool = False
    masked: str = ""
    remark: str = ""


@dataclass(frozen=True, slots=True)
class SavedStory:
    """A story that failed in another run, and the choices of readings that were known then."""

    story: Story
    known: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The clause and the title."""
        return f"{self.story.clause}: {self.story.title}"


class SavedOutcome(NamedTuple):
    """The result of a saved story: failed if `expected` is set, not judged if there is a `doubt`, else passed."""

    saved: SavedStory
    expected: str = ""
    got: str = ""
    doubt: str = ""


@dataclass(slots=True)
class RunState:
    """The results of a run so far.

    `evidence` holds an exchange for each reading that was decided, `contradicted` one for each reading of which every
    choice is ruled out. `broken_success` is the status of the first request that should have succeeded and did not,
    with the clause that it breaks. `sightings` counts, by clause, responses that are plainly wrong: a 5xx, or a
    response that is not documented. `broken_rules` are the rules of schemas that answers break, each with the clauses
    that are broken so, the one first of which the failure is noted; clauses that are waived (True) are apart.
    """

    tallies: dict[str, ClauseTally]
    failures: list[Failure] = field(default_factory=list)
    evidence: dict[str, str] = field(default_factory=dict)
    contradicted: dict[str, str] = field(default_factory=dict)
    broken_success: tuple[int, str] | None = None
    probed: bool = False
    sightings: Counter[str] = field(default_factory=Counter)
    broken_rules: dict[tuple[BrokenKeyword, bool], list[str]] = field(default_factory=dict)
    outcomes: list[SavedOutcome] = field(default_factory=list)
    problem: str = ""
    interrupted: bool = False

    def copy(self) -> "RunState":
        """A copy that later changes leave alone."""
        return replace(
            self,
            tallies={id: replace(tally) for id, tally in self.tallies.items()},
            failures=[*self.failures],
            evidence={**self.evidence},
            contradicted={**self.contradicted},
            outcomes=[*self.outcomes],
            sightings=self.sightings.copy(),
            broken_rules={rule: [*clauses] for rule, clauses in self.broken_rules.items()},
        )

    def flaky_failures(self, clause: str) -> int:
        """The number of failures of a clause, if no replay reproduced one of them; else 0."""
        return sum(one.clause == clause for one in self.failures) if not self.first_broken([clause]) else 0

    def first_broken(self, clauses: Iterable[str]) -> str:
        """The first of some clauses that is broken, or nothing."""
        return next((clause for clause in clauses if clause in self.tallies and self.tallies[clause].violated), "")


class RunGoals(NamedTuple):
    """The seed of a run, whether it ran the clause table, and its aims: clauses to hold, and a share of coverage."""

    seed: int
    by_clauses: bool
    fail_on: str = ""
    require: tuple[str, ...] = ()
    min_coverage: float = 0.0


def report_of(
    state: RunState, environment: Environment, demands: RunGoals, seconds: float, left_behind: tuple[str, ...]
) -> Report:
    """The report of a run that has ended."""
    if not (environment.stated or environment.is_accepted):
        state.failures = []
    also = {first: tuple(others) for first, *others in state.broken_rules.values()}
    state.failures = [
        replace(one, flaky=_is_flaky(one, state.sightings, demands.fail_on), also=also.get(one.clause, ()))
        for one in state.failures
    ]
    _settle_flaky(state)
    known = clauses_of(environment.contract)
    clauses = tuple(_clause_result(state, environment, clause) for clause in known.values())
    operations = tuple(_operation_results(environment, clauses))
    problem = state.problem or ("" if state.interrupted else _shortfall(state, environment, demands, clauses))
    if demands.by_clauses and not (problem or state.interrupted or any(one.is_judged for one in operations)):
        problem = "no operation was judged"
    exit_code = exit_code_of(state.interrupted, state.failures, problem)
    return Report(
        url=environment.client.url,
        document=environment.contract.document.title,
        verdict=verdict_of(exit_code),
        exit_code=exit_code,
        clauses=clauses,
        readings=tuple(_reading_results(state, environment)),
        failures=tuple(state.failures),
        requests=environment.client.sent,
        seconds=seconds,
        seed=demands.seed,
        problem=problem,
        left_behind=left_behind,
        statuses=dict(sorted(environment.statuses.items())),
        operations=operations,
        coverage=environment.coverage.fraction,
        notes=(*environment.notes, *_unused_waivers(state, environment), *_given_up(environment)),
        normalisations=tuple(environment.normalisations.in_words()),
    )


def _unused_waivers(state: RunState, environment: Environment) -> Iterator[str]:
    """A sentence for each waiver of a clause that was exercised and is not broken."""
    broken = {clause for failure in state.failures for clause in (failure.clause, *failure.also)}
    for clause in environment.waived:
        if clause in state.tallies and clause not in broken and state.tallies[clause].passed:
            yield f"the waiver of {clause} is not needed any more: nothing is wrong with it"


def _given_up(environment: Environment) -> Iterator[str]:
    """Facts about the server of which too many combinations were left; readings are listed with the others."""
    names = {name for stated in environment.stated for name in stated.session.given_up}
    for name in sorted(names - environment.contract.readings.keys()):
        yield f"too many combinations were left of {name}, so that nothing was predicted from it"


def _is_flaky(failure: Failure, sightings: Mapping[str, int], fail_on: str) -> bool:
    """Whether a failure does not count: no replay reproduced it, and it is no plain fact that was seen twice.

    With `fail_on` `any`, every failure counts; with `reproduced`, plain facts must be reproduced as well.
    """
    if fail_on == "any" or failure.reproduced or not failure.attempts:
        return False
    return fail_on == "reproduced" or sightings[failure.clause] < ENOUGH_SIGHTINGS


def _settle_flaky(state: RunState) -> None:
    """Mark the clauses of which every failure is flaky as such."""
    counting = {failure.clause for failure in state.failures if not failure.flaky}
    for failure in state.failures:
        if failure.clause in state.tallies:
            state.tallies[failure.clause].flaky = failure.clause not in counting


def _reading_results(state: RunState, environment: Environment) -> Iterator[ReadingResult]:
    for id in environment.contract.readings:
        for stated in environment.stated[:1]:  # the sessions of one contract have the same readings
            yield _reading_result(state, stated, id, environment.insisted)
        if not environment.stated:
            yield _inferred_reading_result(environment, id)
    for id in environment.open_readings:
        if id in environment.evidence:
            yield _builtin_reading_result(environment, id)


def _builtin_reading_result(environment: Environment, id: str) -> ReadingResult:
    """The result of a built-in reading that an answer decided, or that the server follows in several ways."""
    left, reading = environment.readings.possible(id), builtin_reading(environment.contract, id)
    question = reading.question if reading is not None else ""
    if id in environment.readings.unknown:
        return ReadingResult(id, question, ReadingStatus.UNDECIDED, " | ".join(left), "the server keeps to no choice")
    evidence = environment.evidence[id]
    is_usual = left[0] == environment.open_readings[id][0]
    return ReadingResult(id, question, ReadingStatus.DECIDED, left[0], evidence, is_usual)


def _inferred_reading_result(environment: Environment, id: str) -> ReadingResult:
    """The result of a reading that successful requests of inferred operations decide."""
    left = environment.readings.possible(id)
    status = ReadingStatus.DECIDED if len(left) == 1 else ReadingStatus.UNDECIDED
    evidence = "the target file insists on it" if id in environment.insisted else ""
    evidence = _GIVEN_UP if id in environment.readings.unknown else evidence or environment.evidence.get(id, "")
    return ReadingResult(id, environment.contract.readings[id].question, status, " | ".join(left), evidence)


def _shortfall(state: RunState, environment: Environment, demands: RunGoals, clauses: tuple[ClauseResult, ...]) -> str:
    """The problem of a complete run that tested too little, or an empty string."""
    if not environment.is_accepted:
        return nothing_accepted(environment)
    doubts = [f"{outcome.doubt}: {outcome.saved.name}" for outcome in state.outcomes if outcome.doubt]
    if doubts:
        return "; ".join(doubts)
    missing = unmet_requirements(demands.require, tuple(clause.id for clause in clauses), clauses)
    if missing or environment.coverage.fraction >= demands.min_coverage:
        return missing
    return f"coverage is {environment.coverage.fraction:.0%}, less than the {demands.min_coverage:.0%} asked for"


def nothing_accepted(environment: Environment) -> str:
    """The reason why no request was accepted, in words."""
    if not environment.contract.operations:
        return "the document has no operations"
    if environment.client.redirect:
        return f"no request was accepted: {environment.client.redirect}"
    counted = environment.statuses.most_common(1)
    usual = f"; it answers {counted[0][0]} to most of them" if counted else ""
    why = f"no request was accepted{usual}: the URL, the base path or the credentials are probably wrong"
    path = environment.contract.base_path
    is_elsewhere = path and not environment.client.url.rstrip("/").endswith(path)
    return why + (f"; the document has its paths below {path}" if is_elsewhere else "")


def _clause_result(state: RunState, environment: Environment, clause: Clause) -> ClauseResult:
    tally = state.tallies[clause.id]
    status, reason = _status(tally)
    if not (environment.stated or environment.is_accepted):
        status, reason = ClauseStatus.NOT_EXERCISED, reason or "no request was accepted"
    if status is ClauseStatus.NOT_EXERCISED and not reason:
        reason = state.problem or _why_not(environment, clause)
    broken = status in {ClauseStatus.VIOLATED, ClauseStatus.FLAKY}  # a place takes the time to parse the text again
    place = environment.contract.document.locate(_place_of(environment.contract, clause)) if broken else None
    return ClauseResult(
        id=clause.id,
        says=clause.statement,
        sources=clause.sources,
        status=status,
        requests=tally.requests,
        reason=reason,
        file=_from_here(place.file) if place else "",
        line=place.line if place else 0,
    )


def _from_here(file: str) -> str:
    """The path of a file from the working directory, or its name alone: no report tells the folders of a machine."""
    path = Path(file)
    if not path.is_absolute():
        return file
    return path.relative_to(Path.cwd()).as_posix() if path.is_relative_to(Path.cwd()) else path.name


def _place_of(contract: Contract, clause: Clause) -> Pointer:
    """The pointer to a stated clause, or to the operation that an inferred one follows from."""
    if clause.id in contract.clauses:
        return (KEYWORD, "clauses", clause.id)
    name = clause.id.rpartition(".")[0]
    operation = next(one for one in contract.operations if name_of(one) == name)
    return ("paths", operation.path, operation.method.lower())


def _status(tally: ClauseTally) -> tuple[ClauseStatus, str]:
    if tally.flaky:
        return ClauseStatus.FLAKY, "it was broken once, but not when the test was repeated"
    if tally.violated:
        return ClauseStatus.VIOLATED, ""
    if tally.masked:
        return ClauseStatus.NOT_EXERCISED, f"hidden behind the failure of {tally.masked}"
    if tally.unseen:
        return ClauseStatus.NOT_OBSERVABLE, tally.unseen
    if tally.passed and not tally.skipped:
        return ClauseStatus.HELD, tally.remark
    return ClauseStatus.NOT_EXERCISED, tally.skipped


def _why_not(environment: Environment, clause: Clause) -> str:
    """The reason why a clause was not exercised, if the run gave none."""
    if clause.id not in environment.contract.clauses:
        return "not asked for in this run"
    if not environment.stated:
        return next(iter(environment.unjudged.values()), _NO_STORY)
    usable, credentials = environment.stated[0].compose.usable, environment.stated[0].compose.credentials
    lacks = {
        "an expired or revoked token": not (credentials.expired or credentials.revoked),
        "a key that no item has": not usable.absent,
        "a spare key and all key fields of an owned item": not environment.stated[0].compose.may_move,
    }
    missing = " or ".join(what for what, is_missing in lacks.items() if is_missing)
    return f"the target file gives no {missing}" if missing else "not asked for in this run"


def _operation_results(environment: Environment, clauses: tuple[ClauseResult, ...]) -> Iterator[OperationResult]:
    """The result of each operation, with the first reason why it was not judged."""
    by_id = {clause.id: clause for clause in clauses}
    stated = {one.compose.operation.id for one in environment.stated}
    judging = {ClauseStatus.HELD, ClauseStatus.VIOLATED, ClauseStatus.FLAKY, ClauseStatus.NOT_OBSERVABLE}
    for operation in environment.contract.operations:
        own = [clause for id, clause in by_id.items() if id.rpartition(".")[0] == name_of(operation)]
        own = [by_id[id] for id in environment.contract.clauses] if operation.id in stated else own
        sent = operation.id in environment.coverage.sent
        is_judged = sent and any(clause.status in judging for clause in own)
        reason = "" if is_judged else environment.unjudged.get(operation.id, "")
        reason = reason or ("" if is_judged else next((clause.reason for clause in own if clause.reason), ""))
        yield OperationResult(operation.id, operation.method, operation.path, sent, is_judged, reason)


def _reading_result(state: RunState, stated: StatedOperation, id: str, insisted: Collection[str]) -> ReadingResult:
    session = stated.session
    left = possible_answers(session.worlds, session.setting.questions, id)
    hidden = stated.session.observer is None and state.probed
    status = ReadingStatus.NOT_OBSERVABLE if hidden else ReadingStatus.UNDECIDED
    if id in state.contradicted:
        status = ReadingStatus.CONTRADICTED
    elif len(left) == 1:
        status = ReadingStatus.DECIDED
    told = "the target file insists on it" if id in insisted else ""
    given_up = _GIVEN_UP if id in stated.session.given_up else ""
    evidence = state.contradicted.get(id) or given_up or state.evidence.get(id) or told
    return ReadingResult(id, stated.contract.readings[id].question, status, " | ".join(left), evidence)
