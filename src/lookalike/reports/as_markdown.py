"""A report for the summary of a CI job: GitHub-flavoured Markdown."""

import re
from collections.abc import Iterable, Iterator

from lookalike.reports.words import MARKS, summary
from lookalike.verify.results import ClauseStatus, Failure, Report


def as_markdown(report: Report) -> str:
    """The report with the verdict first, then what is broken or was not seen, then the readings."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    yield f"### {_plain(summary(report))}"
    yield ""
    open_ones = [clause for clause in report.clauses if clause.status is not ClauseStatus.HELD]
    if open_ones:
        rows = ((MARKS[one.status] + " " + one.status, one.id, one.says, one.reason) for one in open_ones)
        yield from _table(("", "clause", "says", "why"), rows)
    for failure in report.failures:
        yield from _failure(failure)
    yield from (f"- left behind: {_plain(what)}" for what in report.left_behind)
    yield "<details><summary>Readings</summary>"
    yield ""
    yield from _table(("reading", "choice", ""), ((one.id, one.choice, one.status) for one in report.readings))
    yield "</details>"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield "|" + " --- |" * len(head)
    yield from (f"| {' | '.join(map(_plain, row))} |" for row in rows)
    yield ""


def _failure(failure: Failure) -> Iterator[str]:
    waived = f" (waived: {_plain(failure.waived)})" if failure.waived else ""
    yield f"**{_plain(failure.clause)}: {_plain(failure.title)}**{waived}"
    yield ""
    yield f"Expected {_plain(failure.expected)}; got {_plain(failure.got)}."
    yield f"Reproduced {failure.reproduced} of {failure.attempts}."
    yield ""
    told = "\n".join(f"{exchange.curl}\n# {exchange.status} {exchange.response}" for exchange in failure.story)
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", told)), default=0))
    yield f"{fence}sh\n{told}\n{fence}"
    yield ""


def _plain(text: str) -> str:
    """The text in one line, with nothing in it that Markdown or HTML would take for its own."""
    line = " ".join(text.split())
    return re.sub(r"([\\`*_{}\[\]<>#|~])", r"\\\1", line)
