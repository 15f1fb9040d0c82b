"""The formats of reports, and the files that they are written to."""

import errno
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from lookalike.errors import UsageError, VerificationError
from lookalike.reports.as_json import as_json
from lookalike.reports.as_junit import as_junit
from lookalike.reports.as_markdown import as_markdown
from lookalike.reports.as_sarif import as_sarif
from lookalike.verify.results import Report


def _as_html(report: Report) -> str:
    from lookalike.reports.as_html import as_html

    return as_html(report)


FORMATS: Mapping[str, Callable[[Report], str]] = {
    "json": as_json,
    "junit": as_junit,
    "html": _as_html,
    "markdown": as_markdown,
    "sarif": as_sarif,
}


_FULL = {errno.ENOSPC, errno.EDQUOT}


class Destination(NamedTuple):
    """A name of `FORMATS`, and the file that a report in this format is written to."""

    format: str
    file: Path


def destinations(wanted: Iterable[str]) -> tuple[Destination, ...]:
    """The destinations that texts like `json=FILE` name.

    Raises `UsageError` for an unknown format, and for a file that cannot be written: a user learns it before the run.
    """
    return tuple(map(_destination, wanted))


def write_reports(report: Report, files: Iterable[Destination]) -> None:
    """Write a report to each destination; raises `UsageError` for all that failed, once all were tried.

    Raises `VerificationError` if a disk is full: nothing was wrong with the command, but its result is incomplete.
    """
    failed: list[str] = []
    is_full = False
    for name, file in files:
        try:
            file.write_text(FORMATS[name](report), encoding="utf-8")
        except OSError as error:
            failed.append(f"cannot write {file}: {error.strerror}")
            is_full = is_full or error.errno in _FULL
    if failed:
        raise (VerificationError if is_full else UsageError)("; ".join(failed) if is_full else "\n".join(failed))


def _destination(text: str) -> Destination:
    name, _, file = text.partition("=")
    if name not in FORMATS or not file:
        known = ", ".join(FORMATS)
        raise UsageError(f"{text!r} is not a report; write FORMAT=FILE, such as json=report.json; formats: {known}")
    found = Destination(name, Path(file))
    if found.file.is_dir():
        raise UsageError(f"cannot write {file}: it is a folder; name a file in it")
    if not found.file.parent.is_dir():
        raise UsageError(f"cannot write {file}: there is no folder {found.file.parent}")
    return found
