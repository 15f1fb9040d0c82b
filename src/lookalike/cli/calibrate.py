"""`lookalike calibrate`."""

from pathlib import Path
from typing import Any

import click

from lookalike.cli.help import Option
from lookalike.cli.options import FILE
from lookalike.cli.server_options import ServerOptions, environment_for, opened, server_command
from lookalike.errors import UsageError
from lookalike.openapi.document import write_yaml
from lookalike.verify.clauses import stated_operations
from lookalike.verify.results import ReadingStatus, Report
from lookalike.verify.run import Options, Run


@server_command(
    (("lookalike calibrate http://127.0.0.1:8000 lead", "find out how a server of the Lead API reads its document"),),
    click.option(
        "--output",
        cls=Option,
        group="Output",
        type=FILE,
        default=Path("profile.yaml"),
        show_default=True,
        help="Write the profile to this file.",
    ),
)
def command(output: Path, **options: Any) -> int:
    """Find out how the server at URL decides the questions that its document leaves open.

    The decisions are written to a profile; `lookalike mock --profile` then behaves like that server.

    Exit code 0: done, and questions without a decision are listed; 1: the server violates its document in any case;
    2: wrong usage; 3: the server could not be tested.
    """
    chosen = ServerOptions(**options)
    with opened(chosen) as server:
        if not stated_operations(server.contract) or not server.contract.readings:
            name = server.contract.document.name
            raise UsageError(f"{name} states neither clauses nor readings; `lookalike verify` can test the server")
        environment = environment_for(server, chosen)
        report = Run(environment, Options(("probes",), seed=chosen.seed)).report()
    if report.problem:
        click.echo(f"lookalike: {report.url} could not be judged: {report.problem}", err=True)
        return 3
    decided = {reading.id: reading.choice for reading in report.readings if reading.status is ReadingStatus.DECIDED}
    write_yaml(output, {"readings": decided})
    click.echo(_told(report, output, len(decided)))
    return 1 if report.failures else 0


def _told(report: Report, output: Path, decided: int) -> str:
    lines = [f"{reading.id}: {reading.choice} ({reading.status})" for reading in report.readings]
    lines += [f"breaks the document, whatever is decided: {failure.expected}" for failure in report.failures]
    return "\n".join([*lines, f"{decided} readings decided by {report.requests} requests; written to {output}"])
