"""`lookalike replay`."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from lookalike.cli.server_options import JUDGING, ServerOptions, environment_for, opened
from lookalike.errors import UsageError
from lookalike.reports.summary import problem
from lookalike.verify.clauses import clauses_of
from lookalike.verify.run import Options, Run
from lookalike.verify.saved_stories import read_failures, saved_story
from lookalike.verify.tally import SavedOutcome


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@JUDGING
@click.option("--clause", "clauses", multiple=True, metavar="ID", help="Only the stories about this clause.")
def command(file: Path, clauses: tuple[str, ...], **options: Any) -> None:
    """Tell the failing stories of FILE, a report of verify in JSON, once more to the server at URL.

    Exit code 0: none is broken any more; 1: some are; 2: wrong usage; 3: it could not be judged; 130: interrupted.
    """
    failures, judging = read_failures(file), ServerOptions(**options)
    with opened(judging) as found:
        _check_clauses(clauses, {*clauses_of(found.contract), *(one["clause"] for one in failures)}, file)
        chosen = [one for one in failures if not clauses or one["clause"] in clauses]
        environment = environment_for(found, judging)
        with _errors_of(file):
            stories = tuple(saved_story(failure, environment) for failure in chosen)
        run = Run(environment, Options(("stories",), seed=judging.seed, stories=stories))
        report = run.report()
    lines = [line for outcome in run.outcomes for line in _told(outcome)]
    untold = [f"{one['clause']}: {one['title']}: not told" for one in chosen[len(run.outcomes) :]]
    click.echo("\n".join([*lines, *untold]) or "no story failed")
    if problem(report):
        click.echo(f"lookalike: {report.url} could not be judged: {problem(report)}", err=True)
    sys.exit(report.exit_code)


@contextmanager
def _errors_of(file: Path) -> Iterator[None]:
    """Say of what is wrong with the stories in which file it is."""
    try:
        yield
    except UsageError as error:
        raise UsageError(f"{file}: {error}") from None


def _told(outcome: SavedOutcome) -> list[str]:
    """The lines about the outcome of a saved story."""
    name = outcome.saved.name
    if outcome.doubt:
        return [f"{name}: not judged"]
    if not outcome.expected:
        return [f"{name}: nothing wrong was seen"]
    return [f"{name}: still broken", f"  expected: {outcome.expected}", f"  got: {outcome.got}"]


def _check_clauses(asked: tuple[str, ...], known: set[str], file: Path) -> None:
    for id in asked:
        if id not in known:
            raise UsageError(f"{file}: there is no clause {id!r}, neither in the document nor in the report")
