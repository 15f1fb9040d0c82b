"""A report for a terminal."""

from collections import Counter
from collections.abc import Iterator

from lookalike.reports.escaping import legible
from lookalike.reports.shell import curl_lines
from lookalike.reports.summary import (
    MARKS,
    READING_MARKS,
    choice,
    heading,
    in_one_line,
    reproduced,
    summary,
    unexercised,
    without_result,
)
from lookalike.verify.results import (
    ClauseResult,
    ClauseStatus,
    Failure,
    ReadingResult,
    ReadingStatus,
    Report,
    Verdict,
    listed,
)

# SGR parameters (ECMA-48 section 8.3.117).
_GREEN, _RED, _YELLOW = "32", "31", "33"
_COLOURS: dict[ClauseStatus | ReadingStatus | Verdict, str] = {
    ClauseStatus.HELD: _GREEN,
    ClauseStatus.VIOLATED: _RED,
    ReadingStatus.DECIDED: _GREEN,
    ReadingStatus.CONTRADICTED: _RED,
    Verdict.CONFORMS: _GREEN,
    Verdict.VIOLATES: _RED,
}
_UNEXERCISED = ClauseStatus.NOT_EXERCISED
_MOST_NAMED = 8  # clauses without a result, which the table above has all
_WIDTH = max(len(status) for status in ClauseStatus)


def as_text(report: Report, colour: bool = False, names_unexercised: bool = True) -> str:
    """The report in lines: clauses, failures, readings, operations without a request, and last the verdict.

    Clauses that were not exercised are named, or counted by their reason: recorded traffic is about few of many.
    """
    return "\n".join(_lines(legible(report), colour, names_unexercised))


def _lines(report: Report, colour: bool, names_unexercised: bool) -> Iterator[str]:
    # A run that ended before its first request has nothing to say of clauses, readings and operations.
    has_results = any(clause.requests for clause in report.clauses)
    if has_results:
        yield from _clauses(report, colour, names_unexercised)
    for failure in report.failures:
        yield from failure_lines(failure, report, colour)
    yield from remark_lines(report, colour, names_unexercised)


def remark_lines(report: Report, colour: bool = False, names_unexercised: bool = True) -> Iterator[str]:
    """The lines about all but clauses and failures: readings, operations without a request, and last the verdict."""
    has_results = any(clause.requests for clause in report.clauses)
    if has_results:
        yield from _readings(report, colour)
    yield from (f"not exercised: {in_one_line(one)}" for one in (unexercised(report) if has_results else ()))
    yield from (f"kept otherwise than sent: {in_one_line(one)}" for one in report.normalisations)
    yield from (f"not restored: {in_one_line(item)}" for item in report.left_behind)
    yield from (f"note: {in_one_line(note)}" for note in report.notes)
    verdict = _painted(in_one_line(summary(report)), report.verdict, colour)
    named = without_result(report) if has_results else []
    if not names_unexercised:
        named = [clause for clause in named if clause.status is not _UNEXERCISED]
    open_clauses = listed([in_one_line(clause.id) for clause in named], _MOST_NAMED)
    yield f"{verdict}; no result for: {open_clauses}" if open_clauses else verdict


def _clauses(report: Report, colour: bool, names_unexercised: bool) -> Iterator[str]:
    counted = () if names_unexercised else tuple(one for one in report.clauses if one.status is _UNEXERCISED)
    named = [one for one in report.clauses if one not in counted]
    width = max((len(clause.id) for clause in named), default=0)
    yield from (_clause(clause, width, colour) for clause in named)
    for reason, count in Counter(clause.reason for clause in counted).items():
        yield f"{_status(_UNEXERCISED, colour)}  {count} of {len(report.clauses)} clauses: {in_one_line(reason)}"
    yield ""


def _status(status: ClauseStatus, colour: bool) -> str:
    return _painted(f"{MARKS[status]} {status:<{_WIDTH}}", status, colour)


def _clause(clause: ClauseResult, width: int, colour: bool) -> str:
    word = _status(clause.status, colour)
    detail = clause.reason if clause.status is not ClauseStatus.HELD and clause.reason else clause.says
    return f"{word}  {in_one_line(clause.id):<{width}}  {in_one_line(detail)}"


def failure_lines(failure: Failure, report: Report, colour: bool = False) -> Iterator[str]:
    """The lines about a failure: the clause, what is wrong, and its story."""
    waived = f" (waived: {failure.waived})" if failure.waived else ""
    yield _painted(f"✗ {in_one_line(heading(failure) + waived)}", ClauseStatus.VIOLATED, colour)
    for clause in report.clauses:
        if clause.id == failure.clause:
            yield f"  documented: {in_one_line(clause.says)} ({in_one_line('; '.join(clause.sources))})"
    yield f"  expected:   {in_one_line(failure.expected)}"
    yield f"  got:        {in_one_line(failure.got)}"
    if failure.also:
        yield f"  also:       {in_one_line(listed(failure.also, _MOST_NAMED))}"
    yield f"  {reproduced(failure)}"
    for exchange, line in zip(failure.story, curl_lines(failure.story), strict=True):
        # Line breaks within a curl line are kept: they belong to its body, and the line is there to be copied.
        yield f"  {line}"
        yield f"    -> {exchange.status} {in_one_line(exchange.response)}"
    yield ""


def _readings(report: Report, colour: bool) -> Iterator[str]:
    told = [reading for reading in report.readings if not reading.is_usual]
    for reading in told:
        yield from _reading(reading, colour)
    if told:
        yield ""


def _reading(reading: ReadingResult, colour: bool) -> Iterator[str]:
    word = _painted(f"{READING_MARKS[reading.status]} {reading.status:<{_WIDTH}}", reading.status, colour)
    yield f"{word}  {in_one_line(reading.id)}: {in_one_line(choice(reading))}"
    if reading.evidence:
        yield f"{' ' * (_WIDTH + 4)}{in_one_line(reading.evidence)}"


def _painted(text: str, status: ClauseStatus | ReadingStatus | Verdict, colour: bool) -> str:
    return f"\033[{_COLOURS.get(status, _YELLOW)}m{text}\033[0m" if colour else text
