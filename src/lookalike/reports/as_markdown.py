"""A report for the summary of a CI job: GitHub-flavoured Markdown."""

import re
from collections.abc import Iterable, Iterator

from lookalike.reports.escaping import legible
from lookalike.reports.shell import curl_lines
from lookalike.reports.summary import MARKS, READING_MARKS, choice, heading, in_one_line, reproduced, summary
from lookalike.verify.results import ClauseStatus, Failure, Report, listed

_MOST_NAMED, _MOST_ROWS = 8, 12
# The characters of markup in Markdown and HTML, and on GitHub the dollar, which encloses formulas.
_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~&$])")


def as_markdown(report: Report) -> str:
    """The report: verdict, clauses that are not held, failures, and readings."""
    return "\n".join(_lines(legible(report))) + "\n"


def _lines(report: Report) -> Iterator[str]:
    yield f"### {_plain(summary(report))}"
    yield ""
    yield from _open_clauses(report)
    for failure in report.failures:
        yield from _failure(failure)
    if report.left_behind:
        yield from (f"- not restored: {_plain(item)}" for item in report.left_behind)
        yield ""
    # What follows is folded into a line each, so that a summary stays short; the other formats have the whole of it.
    if report.normalisations:
        yield f"Kept otherwise than sent: {_plain('; '.join(report.normalisations))}"
        yield ""
    readings = [one for one in report.readings if not one.is_usual]
    if readings:
        choices = "; ".join(f"{READING_MARKS[one.status]} {one.id} {choice(one)}" for one in readings)
        yield f"{len(readings)} reading{'s' * (len(readings) > 1)}: {_plain(choices)}"
        yield ""


def _open_clauses(report: Report) -> Iterator[str]:
    """A row for each reason why clauses are not held; each broken clause has a row of its own."""
    rows: dict[tuple[str, str], list[str]] = {}
    for clause in report.clauses:
        if clause.status is not ClauseStatus.HELD:
            cause = clause.says if clause.status is ClauseStatus.VIOLATED else clause.reason or clause.says
            rows.setdefault((f"{MARKS[clause.status]} {clause.status}", cause), []).append(clause.id)
    shown = [(status, _plain(listed(ids, _MOST_NAMED)), _plain(cause)) for (status, cause), ids in rows.items()]
    is_wrong = bool(report.failures)
    if shown:
        yield from _table(("result", "clause", "reason"), shown if is_wrong else shown[:_MOST_ROWS])
    if len(shown) > _MOST_ROWS and not is_wrong:
        yield f"and {len(shown) - _MOST_ROWS} more reasons, which the other formats of this report have"
        yield ""


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield "|" + " --- |" * len(head)
    yield from (f"| {' | '.join(row)} |" for row in rows)
    yield ""


def _failure(failure: Failure) -> Iterator[str]:
    yield f"#### ✗ {_plain(heading(failure))}"
    yield ""
    yield f"- expected {_plain(failure.expected)}"
    yield f"- got {_plain(failure.got)}"
    if failure.also:
        yield f"- also {_plain(listed(failure.also, _MOST_NAMED))}"
    yield f"- {reproduced(failure)}"
    if failure.waived:
        yield f"- waived: {_plain(failure.waived)}"
    yield ""
    for exchange, line in zip(failure.story, curl_lines(failure.story), strict=True):
        yield from _fenced(line, "sh")
        yield from _fenced(f"{exchange.status} {exchange.response}", "text")


def _fenced(text: str, language: str) -> Iterator[str]:
    """A block of code in a fence that is longer than any run of backticks in it (CommonMark section 4.5)."""
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
    yield f"{fence}{language}\n{text}\n{fence}"
    yield ""


def _plain(text: str) -> str:
    """The text in one line, with every character of markup escaped."""
    return _MARKUP.sub(r"\\\1", in_one_line(text))
