"""A report for people outside the team, such as the vendor: one HTML page without other files, for screen or paper."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, StrictUndefined, Template

from lookalike.reports import summary as words
from lookalike.reports.escaping import legible
from lookalike.reports.shell import curl_lines
from lookalike.verify.results import ClauseResult, ClauseStatus, Failure, Report, Verdict


class Size(NamedTuple):
    """A size in units of the picture."""

    width: int
    height: int


_COLUMNS = 6
_CELL = Size(132, 40)
_GAP = 8
_LONGEST_LABEL = 13

_VERDICTS = {
    Verdict.CONFORMS: ("✓", "held", "The server conforms to its contract"),
    Verdict.VIOLATES: ("✗", "violated", "The server violates its contract"),
    Verdict.UNJUDGED: ("?", "undecided", "The server could not be judged"),
}


class Cell(NamedTuple):
    """A clause in the picture, at a place in units of the picture."""

    clause: ClauseResult
    label: str
    x: int
    y: int


def as_html(report: Report) -> str:
    """The report as a page of HTML without scripts or links to other files."""
    report = legible(report)
    mark, status, verdict = _VERDICTS[report.verdict]
    return _template().render(
        report=report,
        words=words,
        mark=mark,
        status=status,
        verdict=verdict,
        problem=words.problem(report),
        counts=words.counts(report.clauses),
        unseen=_without_result(report),
        by_id={clause.id: clause for clause in report.clauses},
        groups=_groups(report),
        cells=tuple(_cells(report)),
        cell_size=_CELL,
        width=_COLUMNS * (_CELL.width + _GAP) - _GAP,
        height=-(-len(report.clauses) // _COLUMNS) * (_CELL.height + _GAP) - _GAP,
    )


@cache
def _template() -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.globals["curl_lines"] = curl_lines
    return environment.from_string(Path(__file__).with_name("report.html").read_text(encoding="utf-8"))


def _groups(report: Report) -> dict[str, list[Failure]]:
    """The failures by headline, waived ones last."""
    groups = {
        "Failures": [failure for failure in report.failures if not failure.waived],
        "Waived failures": [failure for failure in report.failures if failure.waived],
    }
    return {headline: failures for headline, failures in groups.items() if failures}


def _without_result(report: Report) -> dict[tuple[ClauseStatus, str], list[ClauseResult]]:
    """The clauses without a result, by status and reason."""
    found: dict[tuple[ClauseStatus, str], list[ClauseResult]] = {}
    for clause in words.without_result(report):
        found.setdefault((clause.status, clause.reason), []).append(clause)
    return found


def _cells(report: Report) -> Iterator[Cell]:
    for index, clause in enumerate(report.clauses):
        row, column = divmod(index, _COLUMNS)
        fits = len(clause.id) <= _LONGEST_LABEL
        label = clause.id if fits else f"{clause.id[: _LONGEST_LABEL - 1]}…"
        yield Cell(clause, label, column * (_CELL.width + _GAP), row * (_CELL.height + _GAP))
