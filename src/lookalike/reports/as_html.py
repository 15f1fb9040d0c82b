"""A report that one would send to the vendor: one page that needs nothing else, on a screen or on paper."""

from pathlib import Path

from jinja2 import Environment, StrictUndefined

from lookalike.reports.words import MARKS, VERDICTS
from lookalike.verify.results import Report

_TEMPLATE = Path(__file__).with_name("report.html")


def as_html(report: Report) -> str:
    """The report as a page of HTML without scripts or links to other files."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(_TEMPLATE.read_text(encoding="utf-8"))
    by_id = {clause.id: clause for clause in report.clauses}
    text = template.render(report=report, marks=MARKS, verdict=VERDICTS[report.verdict], by_id=by_id, columns=7)
    return text.encode("utf-8", "backslashreplace").decode()
