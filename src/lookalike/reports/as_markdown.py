"""A report for the summary of a CI job: GitHub-flavoured Markdown."""

import re
from collections.abc import Iterable, Iterator

from lookalike.reports.escaping import legible
from lookalike.reports.summary import MARKS, READING_MARKS, choice, heading, in_one_line, reproduced, summary
from lookalike.verify.results import ClauseStatus, Failure, ReadingResult, Report

# What Markdown, HTML or GitHub (formulas stand between dollars there) would take for its own.
_TAKEN = re.compile(r"([\\`*_{}\[\]<>#|~&$])")


def as_markdown(report: Report) -> str:
    """The report with the verdict first, then what is broken or was not seen, then the readings."""
    return "\n".join(_lines(legible(report))) + "\n"


def _lines(report: Report) -> Iterator[str]:
    yield f"### {_plain(summary(report))}"
    yield ""
    yield from _open_clauses(report)
    for failure in report.failures:
        yield from _failure(failure)
    if report.left_behind:
        yield from (f"- left behind: {_plain(what)}" for what in report.left_behind)
        yield ""
    if report.readings:
        yield f"<details><summary>{len(report.readings)} readings of what the documentation leaves open</summary>"
        yield ""
        yield from _table(("", "reading", "choice", "evidence"), map(_reading, report.readings))
        yield "</details>"


def _open_clauses(report: Report) -> Iterator[str]:
    rows = [
        (f"{MARKS[clause.status]} {clause.status}", _plain(clause.id), _plain(clause.says), _plain(clause.reason))
        for clause in report.clauses
        if clause.status is not ClauseStatus.HELD
    ]
    if rows:
        yield from _table(("", "clause", "says", "why"), rows)


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
    """The text in one line, with nothing in it that would be taken for markup."""
    return _TAKEN.sub(r"\\\1", in_one_line(text))


def _code(text: str) -> str:
    """The text as code; in entities, for backslashes do not escape in a code span, and cells end at a bar."""
    told = _TAKEN.sub(lambda match: f"&#{ord(match[0])};", in_one_line(text))
    return f"<code>{told}</code>" if told else ""
