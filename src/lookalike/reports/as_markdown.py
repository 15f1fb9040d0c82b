"""A report for the summary of a CI job: GitHub-flavoured Markdown."""

import re
from collections.abc import Iterable, Iterator

from lookalike.reports.escaping import legible
from lookalike.reports.summary import MARKS, READING_MARKS, choice, heading, in_one_line, reproduced, summary
from lookalike.verify.results import ClauseStatus, Failure, ReadingResult, Report

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
    if report.normalisations:
        yield f"<details><summary>{len(report.normalisations)} members are kept otherwise than they were sent</summary>"
        yield ""
        yield from (f"- {_plain(one)}" for one in report.normalisations)
        yield ""
        yield "</details>"
        yield ""
    if report.readings:
        title = f"{len(report.readings)} readings: questions that the documentation leaves open"
        yield f"<details><summary>{title}</summary>"
        yield ""
        yield from _table(("result", "reading", "choice", "evidence"), map(_reading, report.readings))
        yield "</details>"


def _open_clauses(report: Report) -> Iterator[str]:
    rows = [
        (f"{MARKS[clause.status]} {clause.status}", _plain(clause.id), _plain(clause.says), _plain(clause.reason))
        for clause in report.clauses
        if clause.status is not ClauseStatus.HELD
    ]
    if rows:
        yield from _table(("result", "clause", "statement", "reason"), rows)


def _reading(reading: ReadingResult) -> tuple[str, ...]:
    word = f"{READING_MARKS[reading.status]} {reading.status}"
    return word, _plain(reading.id), _plain(choice(reading)), _code(reading.evidence)


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
    yield f"- {reproduced(failure)}"
    if failure.waived:
        yield f"- waived: {_plain(failure.waived)}"
    yield ""
    for exchange in failure.story:
        yield from _fenced(exchange.curl, "sh")
        yield from _fenced(f"{exchange.status} {exchange.response}", "text")


def _fenced(text: str, language: str) -> Iterator[str]:
    """A block of code in a fence that is longer than any run of backticks in it (CommonMark section 4.5)."""
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
    yield f"{fence}{language}\n{text}\n{fence}"
    yield ""


def _plain(text: str) -> str:
    """The text in one line, with every character of markup escaped."""
    return _MARKUP.sub(r"\\\1", in_one_line(text))


def _code(text: str) -> str:
    """The text as code, for a cell of a table.

    Characters of markup are entities: in a code span of Markdown a backslash escapes nothing, and a bar ends the cell.
    """
    escaped = _MARKUP.sub(_entity, in_one_line(text))
    return f"<code>{escaped}</code>" if escaped else ""


def _entity(match: re.Match[str]) -> str:
    return f"&#{ord(match[0])};"
