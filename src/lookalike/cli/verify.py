"""`lookalike verify`."""

import sys
from collections.abc import Callable
from typing import Any

import click

from lookalike.cli.judging import JUDGING, connected, split
from lookalike.errors import UsageError
from lookalike.reports.as_text import as_text
from lookalike.reports.formats import destinations, write_reports
from lookalike.verify.bench import LAYERS, Bench, Options
from lookalike.verify.cases import table
from lookalike.verify.run import Run


@click.command()
@JUDGING
@click.option("--report", "reports", multiple=True, metavar="FORMAT=FILE", help="json, junit, html or markdown.")
@click.option("--only", "layers", multiple=True, type=click.Choice(LAYERS), help="Run only this layer; repeatable.")
@click.option("--clause", "clauses", multiple=True, metavar="ID", help="Of the clause table, only this clause.")
@click.option("--require", multiple=True, metavar="ID", help="A clause that must be held, or all; else exit code 3.")
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
    with connected(judging, plan=plan) as bench:
        if plan:
            _print_plan(bench)
            return
        _check_clauses(bench, [*asked["clauses"], *(id for id in asked["require"] if id != "all")])
        chosen = Options(**{**asked, "layers": asked["layers"] or LAYERS}, seed=judging.seed)
        report = Run(bench, chosen, _progress()).report()
    click.echo(as_text(report, colour=sys.stdout.isatty()))
    write_reports(report, files)
    sys.exit(report.exit_code)


def _check_clauses(bench: Bench, ids: list[str]) -> None:
    known = bench.contract.clauses
    for id in ids:
        if id not in known:
            raise UsageError(f"there is no clause {id!r}; {bench.contract.document.name} has: {', '.join(known)}")


def _print_plan(bench: Bench) -> None:
    for case in table(bench.compose, lambda request: ()):
        click.echo(f"{case.clause}: {case.title}")
        for request in case.requests:
            click.echo(f"  {bench.client.curl(request)}")
    click.echo("Then: probes of open readings, generated bodies and sequences, for the same keys.")


def _progress() -> Callable[[str], None]:
    """Shows on a terminal what is going on, in one line that is written again and again."""
    if not sys.stderr.isatty():
        return lambda text: None
    return lambda text: click.echo(f"\r\033[K{text[:78]}\r", nl=False, err=True)
