"""The words and marks that all reports share, so that they describe a run alike."""

from collections import Counter
from collections.abc import Iterable

from lookalike.verify.clauses import IN_TIME
from lookalike.verify.results import (
    ClauseResult,
    ClauseStatus,
    Failure,
    ReadingResult,
    ReadingStatus,
    RecordedExchange,
    RecordedRequest,
    Report,
    Verdict,
    listed,
)

MARKS = {
    ClauseStatus.HELD: "✓",
    ClauseStatus.VIOLATED: "✗",
    ClauseStatus.FLAKY: "~",
    ClauseStatus.NOT_OBSERVABLE: "?",
    ClauseStatus.NOT_EXERCISED: "-",
}

READING_MARKS = {
    ReadingStatus.DECIDED: "✓",
    ReadingStatus.UNDECIDED: "?",
    ReadingStatus.NOT_OBSERVABLE: "?",
    ReadingStatus.CONTRADICTED: "✗",
}

VERDICTS = {
    Verdict.CONFORMS: "conforms to",
    Verdict.VIOLATES: "violates",
    Verdict.UNJUDGED: "could not be judged by",
}

_RESULTS = {ClauseStatus.HELD, ClauseStatus.VIOLATED, ClauseStatus.FLAKY}
_INTERRUPTED = 130
_MOST_OPERATIONS = 8


def without_result(report: Report) -> list[ClauseResult]:
    """The clauses that were found neither held nor violated."""
    return [clause for clause in report.clauses if clause.status not in _RESULTS]


def counts(clauses: Iterable[ClauseResult]) -> dict[ClauseStatus, int]:
    """The number of clauses by status, for each status that occurs, in the order of `ClauseStatus`."""
    found = Counter(clause.status for clause in clauses)
    return {status: found[status] for status in ClauseStatus if found[status]}


def problem(report: Report) -> str:
    """The reason why the server could not be judged, or only in part; empty for a complete run."""
    if report.problem or report.verdict is not Verdict.UNJUDGED:
        return report.problem
    return "the run was interrupted" if report.exit_code == _INTERRUPTED else ""


def summary(report: Report) -> str:
    """The verdict in one sentence."""
    results = [f"{count} {status}" for status, count in counts(report.clauses).items()]
    slow = sum(1 for failure in report.failures if failure.clause.endswith(f".{IN_TIME}") and not failure.waived)
    results += [f"{slow} too slow"] if slow else []
    waived = sum(1 for failure in report.failures if failure.waived)
    results += [f"{waived} of the failures waived"] if waived else []
    why = f": {problem(report)}" if problem(report) else ""
    outcome = f"{', '.join(results)}; " if results else ""
    cost = f"{report.requests} requests in {report.seconds:.1f} s"
    seed = "" if report.seed is None else f", seed {report.seed}"
    return f"{report.url} {_verdict(report)} {report.document}{why} ({outcome}{cost}{seed})"


def unexercised(report: Report) -> list[str]:
    """A line for each reason why operations were not judged, with these operations."""
    by_reason: dict[str, list[str]] = {}
    for one in report.operations:
        if not one.is_judged:
            by_reason.setdefault(one.reason, []).append(f"{one.method} {one.path}")
    return [f"{listed(operations, _MOST_OPERATIONS)}: {reason}" for reason, operations in by_reason.items()]


def _verdict(report: Report) -> str:
    """The verdict in words; one of conformance says to how many operations it applies."""
    if report.verdict is not Verdict.CONFORMS or not report.operations:
        return VERDICTS[report.verdict]
    judged = sum(operation.is_judged for operation in report.operations)
    return f"conforms in what was exercised ({judged} of {len(report.operations)} operations) to"


def reproduced(failure: Failure) -> str:
    """The number of replays that reproduced a failure; it is flaky if only some did."""
    if not failure.attempts:
        return "not repeated"
    flaky = " (flaky)" if 0 < failure.reproduced < failure.attempts else ""
    return f"reproduced {failure.reproduced} of {failure.attempts}{flaky}"


def heading(failure: Failure) -> str:
    """The clause or reading that a failure is about, and its title."""
    return f"{failure.clause or 'No clause'}: {failure.title}"


def choice(reading: ReadingResult) -> str:
    """The choice that the server follows, or the choices that are still possible."""
    return "none of the choices" if reading.status is ReadingStatus.CONTRADICTED else reading.choice


def decisive(failure: Failure) -> RecordedExchange:
    """The exchange that shows a failure: the last of its story."""
    return failure.story[-1] if failure.story else RecordedExchange("", "", 0, "", RecordedRequest("", "", "", {}, ""))


def in_one_line(text: str) -> str:
    """The text with each run of white space as one space."""
    return " ".join(text.split())
