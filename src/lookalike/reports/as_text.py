"""A report for a terminal."""

from collections.abc import Iterator

from lookalike.reports.words import MARKS, summary, unseen
from lookalike.verify.results import ClauseResult, ClauseStatus, Failure, ReadingResult, Report

_COLOURS = {"held": "32", "violated": "31", "decided": "32", "contradicted": "31"}
_WIDTH = 15


def as_text(report: Report, colour: bool = False) -> str:
    """The report in lines: clauses, readings, failures in full, and the verdict last."""
    return "\n".join(_lines(report, colour))


def _lines(report: Report, colour: bool) -> Iterator[str]:
    if any(clause.requests for clause in report.clauses):
        yield from (_clause(clause, colour) for clause in report.clauses)
        yield ""
        yield from (_reading(reading, colour) for reading in report.readings)
        yield ""
    by_id = {clause.id: clause for clause in report.clauses}
    for failure in report.failures:
        yield from _failure(failure, by_id.get(failure.clause))
        yield ""
    yield from (f"left behind: {what}" for what in report.left_behind)
    not_seen = unseen(report)
    if not_seen:
        yield f"Not seen: {', '.join(clause.id for clause in not_seen)}"
    yield summary(report)


def _clause(clause: ClauseResult, colour: bool) -> str:
    word = _painted(f"{MARKS[clause.status]} {clause.status:<{_WIDTH}}", clause.status, colour)
    detail = clause.reason if clause.status is not ClauseStatus.HELD and clause.reason else clause.says
    return f"{word} {clause.id:<8} {detail}"


def _reading(reading: ReadingResult, colour: bool) -> str:
    word = _painted(f"{reading.status:<{_WIDTH}}", reading.status, colour)
    return f"{word} {reading.id}: {reading.choice}"


def _failure(failure: Failure, clause: ClauseResult | None) -> Iterator[str]:
    waived = f" (waived: {failure.waived})" if failure.waived else ""
    yield f"{failure.clause} is broken: {failure.title}{waived}"
    if clause is not None:
        yield f"  the documentation: {clause.says} ({'; '.join(clause.sources)})"
    yield f"  expected: {failure.expected}"
    yield f"  got:      {failure.got}"
    yield f"  reproduced {failure.reproduced} of {failure.attempts}"
    for exchange in failure.story:
        yield f"  {exchange.curl}"
        yield f"    -> {exchange.status} {' '.join(exchange.response.split())[:300]}"


def _painted(text: str, status: str, colour: bool) -> str:
    code = _COLOURS.get(status, "33")
    return f"\033[{code}m{text}\033[0m" if colour else text
