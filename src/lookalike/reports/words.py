"""Words that all reports share."""

from collections import Counter

from lookalike.verify.results import ClauseResult, ClauseStatus, Report, Verdict

MARKS = {
    ClauseStatus.HELD: "✓",
    ClauseStatus.VIOLATED: "✗",
    ClauseStatus.NOT_OBSERVABLE: "?",
    ClauseStatus.NOT_EXERCISED: "-",
}

VERDICTS = {
    Verdict.CONFORMS: "conforms to",
    Verdict.VIOLATES: "violates",
    Verdict.UNJUDGED: "could not be judged by",
}


def unseen(report: Report) -> list[ClauseResult]:
    """The clauses that were neither held nor broken."""
    return [clause for clause in report.clauses if clause.status not in {ClauseStatus.HELD, ClauseStatus.VIOLATED}]


def summary(report: Report) -> str:
    """The verdict in one sentence."""
    counts = Counter(clause.status for clause in report.clauses)
    told = ", ".join(f"{counts[status]} {status}" for status in ClauseStatus if counts[status])
    why = f": {report.problem}" if report.problem else ""
    cost = f"{report.requests} requests in {report.seconds:.1f} s"
    return f"{report.url} {VERDICTS[report.verdict]} {report.document}{why} ({told}; {cost}, seed {report.seed})"
