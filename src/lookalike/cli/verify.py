"""`lookalike verify`."""

import sys
from collections.abc import Mapping
from typing import Any

import click

from lookalike.cli.options import PercentageParam
from lookalike.cli.server_options import JUDGING, ServerOptions, ServerUnderTest, environment_for, opened, split
from lookalike.errors import UsageError
from lookalike.reports.as_text import as_text
from lookalike.reports.formats import destinations, write_reports
from lookalike.verify.clauses import clauses_of, inferred_clauses, stated_operations
from lookalike.verify.events import Event, StoryStarted
from lookalike.verify.run import LAYERS, Options, Run
from lookalike.verify.stories.single_operation import table


@click.command()
@JUDGING
@click.option("--report", "reports", multiple=True, metavar="FORMAT=FILE", help="json, junit, html, markdown or sarif.")
@click.option("--only", "layers", multiple=True, type=click.Choice(LAYERS), help="Run only this layer; repeatable.")
@click.option("--clause", "clauses", multiple=True, metavar="ID", help="Of the clause table, only this clause.")
@click.option("--require", multiple=True, metavar="ID", help="A clause that must be held, or all; else exit code 3.")
@click.option(
    "--min-coverage",
    type=PercentageParam(),
    default="0%",
    show_default=True,
    help="The share of documented responses (operation, status and media type) to be answered; else exit code 3.",
)
@click.option(
    "--examples", type=click.IntRange(1), default=60, show_default=True, help="How many inputs of a kind to generate."
)
@click.option(
    "--fail-on",
    type=click.Choice(("any", "reproduced")),
    default=None,
    help="The failures that count: any, or only those that came again. By default a flaky one counts if it is a plain "
    "fact, such as a 5xx, that was seen twice.",
)
@click.option("--exit-first", "-x", is_flag=True, help="Stop at the first failure.")
@click.option("--plan", is_flag=True, help="Print what would be sent, and send nothing.")
def command(reports: tuple[str, ...], plan: bool, **options: Any) -> None:
    """Judge the server at URL by DOCUMENT, or by the Lead API where none is given.

    Exit code 0: it conforms; 1: it breaks a clause; 2: wrong usage; 3: it could not be judged; 130: interrupted.
    """
    files, judging, asked = destinations(reports), *split(options)
    with opened(judging, plan=plan) as found:
        _check_clauses(found.contract.document.name, clauses_of(found.contract), asked)
        if plan:
            _print_plan(found, judging)
            return
        environment = environment_for(found, judging)
        chosen = Options(**_filled(asked), seed=judging.seed)
        report = Run(environment, chosen, _show_progress).report()
    click.echo(as_text(report, colour=sys.stdout.isatty()))
    write_reports(report, files)
    sys.exit(report.exit_code)


def _filled(asked: dict[str, Any]) -> dict[str, Any]:
    """The options of the run, with the usual values for those that were not given."""
    return {**asked, "layers": asked["layers"] or LAYERS, "fail_on": asked["fail_on"] or ""}


def _check_clauses(document: str, known: Mapping[str, Any], asked: dict[str, Any]) -> None:
    for id in (*asked["clauses"], *(id for id in asked["require"] if id != "all")):
        if id not in known:
            raise UsageError(f"there is no clause {id!r}; {document} has: {', '.join(known)}")


def _print_plan(found: ServerUnderTest, judging: ServerOptions) -> None:
    """Print the scripts of stated operations as curl lines, and the inferred clauses."""
    if stated_operations(found.contract):
        for stated in environment_for(found, judging, plan=True).stated:
            for script in table(stated.compose, lambda request: ()):
                click.echo(f"{script.clause}: {script.title}")
                for request in script.requests:
                    click.echo(f"  {stated.client.curl(request)}")
            click.echo("Then: probes of open readings, generated bodies and sequences, for the same keys.")
    for clause in inferred_clauses(found.contract).values():
        click.echo(f"{clause.id}: {clause.statement}")


def _show_progress(event: Event) -> None:
    """Show the story that is told, in one line of the terminal that is written again and again."""
    if isinstance(event, StoryStarted) and sys.stderr.isatty():
        click.echo(f"\r\033[K{str(event)[:78]}\r", nl=False, err=True)
