"""The report of the commands that judge traffic."""

from collections.abc import Iterable

import click

from lookalike.cli.progress import is_coloured
from lookalike.reports.as_text import as_text
from lookalike.reports.formats import Destination, write_reports
from lookalike.verify.results import Report
from lookalike.verify.traffic.judge import TrafficJudge


def end(report: Report, judge: TrafficJudge, files: Iterable[Destination], fail_on_requests: bool) -> int:
    """Print the report and write the files that were asked for; the exit code of the command."""
    click.echo(as_text(report, is_coloured(), names_unexercised=False))
    write_reports(report, files)
    return 1 if fail_on_requests and judge.is_broken_by_clients and report.exit_code == 0 else report.exit_code
