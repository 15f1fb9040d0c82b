"""`lookalike verify`."""

import sys
from collections.abc import Callable, Mapping
from typing import Any

import click

from lookalike.cli.server_options import JUDGING, ServerOptions, ServerUnderTest, bench_for, desk_for, opened, split
from lookalike.errors import UsageError
from lookalike.reports.as_text import as_text
from lookalike.reports.formats import destinations, write_reports
from lookalike.verify.environment import LAYERS, Bench, Options
from lookalike.verify.results import Report
from lookalike.verify.run import Run
from lookalike.verify.setup import waived
from lookalike.verify.stories.single_operation import table


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
    with opened(judging, plan=plan) as found:
        judge = _by_clauses if found.contract.clauses else _by_resources
        report = judge(found, judging, asked, plan)
    if report is None:
        return
    click.echo(as_text(report, colour=sys.stdout.isatty()))
    write_reports(report, files)
    sys.exit(report.exit_code)


def _by_clauses(found: ServerUnderTest, judging: ServerOptions, asked: dict[str, Any], plan: bool) -> Report | None:
    """The report by the clauses that the document states; None where only a plan was asked for."""
    bench = bench_for(found, judging, plan)
    if plan:
        _print_plan(bench)
        return None
    _check_clauses(bench.contract.document.name, bench.contract.clauses, asked)
    chosen = Options(**{**asked, "layers": asked["layers"] or LAYERS}, seed=judging.seed)
    return Run(bench, chosen, _progress()).report()


def _by_resources(found: ServerUnderTest, judging: ServerOptions, asked: dict[str, Any], plan: bool) -> Report | None:
    """The report by the clauses that follow from a document that states none; None where only a plan was asked for."""
    from lookalike.verify.run_inferred import LAYERS_OF_RESOURCES, Asked, ResourceRun
    from lookalike.verify.stories.roles import clauses

    known = clauses(found.contract)
    _check_clauses(found.contract.document.name, known, asked)
    if plan:
        click.echo("\n".join(f"{clause.id}: {clause.statement}" for clause in known.values()))
        return None
    chosen = Asked(**{**asked, "layers": asked["layers"] or LAYERS_OF_RESOURCES}, seed=judging.seed)
    desk = desk_for(found, judging)
    return ResourceRun(desk, chosen, waived(found.target), _progress()).report()


def _check_clauses(document: str, known: Mapping[str, Any], asked: dict[str, Any]) -> None:
    for id in (*asked["clauses"], *(id for id in asked["require"] if id != "all")):
        if id not in known:
            raise UsageError(f"there is no clause {id!r}; {document} has: {', '.join(known)}")


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
