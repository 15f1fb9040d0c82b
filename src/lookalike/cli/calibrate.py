"""`lookalike calibrate`."""

import sys
from pathlib import Path
from typing import Any

import click

from lookalike.cli.server_options import JUDGING, ServerOptions, environment_for, opened
from lookalike.errors import UsageError
from lookalike.openapi.document import write_yaml
from lookalike.verify.clauses import stated_operations
from lookalike.verify.results import ReadingStatus, Report
from lookalike.verify.run import Options, Run


@click.command()
@JUDGING
@click.option(
    "--output", type=click.Path(path_type=Path), default="profile.yaml", show_default=True, help="The profile."
)
def command(output: Path, **options: Any) -> None:
    """Find out how the server at URL reads what DOCUMENT leaves open, and write a profile for `mock --profile`.

    Exit code 0: done, and what stays open is listed; 1: the server keeps to no choice; 3: it could not be judged.
    """
    judging = ServerOptions(**options)
    with opened(judging) as found:
        if not stated_operations(found.contract) or not found.contract.readings:
            name = found.contract.document.name
            raise UsageError(f"{name} states neither clauses nor readings; lookalike verify judges it")
        environment = environment_for(found, judging)
        report = Run(environment, Options(("probes",), seed=judging.seed)).report()
    if report.problem:
        click.echo(f"lookalike: {report.url} could not be judged: {report.problem}", err=True)
        sys.exit(3)
    decided = {reading.id: reading.choice for reading in report.readings if reading.status is ReadingStatus.DECIDED}
    write_yaml(output, {"readings": decided})
    click.echo(_told(report, output, len(decided)))
    sys.exit(1 if report.failures else 0)


def _told(report: Report, output: Path, decided: int) -> str:
    lines = [f"{reading.id}: {reading.choice} ({reading.status})" for reading in report.readings]
    lines += [f"not as the contract has it, whatever is chosen: {failure.expected}" for failure in report.failures]
    return "\n".join([*lines, f"{decided} readings decided by {report.requests} requests; written to {output}"])
