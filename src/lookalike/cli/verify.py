"""`lookalike verify`."""

import sys
from collections.abc import Callable, Mapping
from typing import Any

import click

from lookalike.cli.options import PercentageParam
from lookalike.cli.server_options import JUDGING, ServerOptions, ServerUnderTest, environment_for, opened, split
from lookalike.errors import UsageError
from lookalike.reports.as_text import as_text
from lookalike.reports.formats import destinations, write_reports
from lookalike.verify.clauses import clauses_of, inferred_clauses, stated_operations
from lookalike.verify.run import LAYERS, Options, Run
from lookalike.verify.stories.single_operation import table


@click.command()
@JUDGING
@click.option("--report", "reports", multiple=True, metavar="FORMAT=FILE", help="json, junit, html or markdown.")
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
        chosen = Options(**{**asked, "layers": asked["layers"] or LAYERS}, seed=judging.seed)
        report = Run(environment, chosen, _progress()).report()
    click.echo(as_text(report, colour=sys.stdout.isatty()))
    write_reports(report, files)
    sys.exit(report.exit_code)


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


def _progress() -> Callable[[str], None]:
    """Shows on a terminal what is going on, in one line that is written again and again."""
    if not sys.stderr.isatty():
        return lambda text: None
    return lambda text: click.echo(f"\r\033[K{text[:78]}\r", nl=False, err=True)
