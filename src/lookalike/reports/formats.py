"""The formats that reports are written in, and the files that they are written to."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from lookalike.errors import UsageError
from lookalike.reports.as_html import as_html
from lookalike.reports.as_json import as_json
from lookalike.reports.as_junit import as_junit
from lookalike.reports.as_markdown import as_markdown
from lookalike.verify.results import Report

FORMATS: Mapping[str, Callable[[Report], str]] = {
    "json": as_json,
    "junit": as_junit,
    "html": as_html,
    "markdown": as_markdown,
}


def destinations(wanted: Iterable[str]) -> dict[str, Path]:
    """The file of each format, from texts like `json=FILE`; raises `UsageError`."""
    found = {}
    for text in wanted:
        name, equals, file = text.partition("=")
        if name not in FORMATS or not equals or not file:
            raise UsageError(
                f"{text!r} is not a report; write {', '.join(FORMATS)}, each with =FILE, as json=report.json"
            )
        found[name] = Path(file)
    return found


def write_reports(report: Report, files: Mapping[str, Path]) -> None:
    """Write a report in each format to its file; raises `UsageError` where a file cannot be written."""
    for name, file in files.items():
        try:
            file.write_text(FORMATS[name](report), encoding="utf-8", errors="backslashreplace")
        except OSError as error:
            raise UsageError(f"cannot write {file}: {error.strerror}") from None
