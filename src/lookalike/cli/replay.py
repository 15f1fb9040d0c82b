"""`lookalike replay`."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from lookalike.cli.help import Option
from lookalike.cli.options import FILE
from lookalike.cli.output import tell
from lookalike.cli.server_options import ServerOptions, environment_for, opened, server_command
from lookalike.errors import UsageError
from lookalike.reports.summary import problem
from lookalike.verify.clauses import clauses_of
from lookalike.verify.execution.options import Options
from lookalike.verify.run import Run
from lookalike.verify.saved_stories import read_failures, saved_story
from lookalike.verify.tally import SavedOutcome


@server_command(
    (
        (
            "lookalike replay report.json http://127.0.0.1:8000 openapi.yaml",
            "see whether what `verify --report json=report.json` found has been repaired",
        ),
    ),
    click.option(
        "--clause",
        "clauses",
        cls=Option,
        group="Tests",
        multiple=True,
        metavar="ID",
        help="Run only the failed tests of this clause; repeatable.",
    ),
    file=click.argument("file", metavar="REPORT", type=FILE),
)
def command(file: Path, clauses: tuple[str, ...], **options: Any) -> int:
    """Run the failed tests of REPORT once more against the server at URL.

    REPORT is a report of `lookalike verify` in JSON.

    Exit code 0: none fails any more; 1: some do; 2: wrong usage; 3: the server could not be tested; 130: interrupted.
    """
    failures, chosen = read_failures(file), ServerOptions(**options)
    with opened(chosen) as server:
        _check_clauses(clauses, {*clauses_of(server.contract), *(one["clause"] for one in failures)}, file)
        wanted = [one for one in failures if not clauses or one["clause"] in clauses]
        environment = environment_for(server, chosen)
        with _errors_of(file):
            stories = tuple(saved_story(failure, environment) for failure in wanted)
        run = Run(environment, Options(("stories",), seed=chosen.seed, stories=stories))
        report = run.report()
    lines = [line for outcome in run.outcomes for line in _told(outcome)]
    untold = [f"{one['clause']}: {one['title']}: not run" for one in wanted[len(run.outcomes) :]]
    tell(environment.client.redacted("\n".join([*lines, *untold])) or "the report has no failed test")
    if problem(report):
        tell(f"lookalike: {report.url} could not be judged: {problem(report)}", err=True)
    return report.exit_code


@contextmanager
def _errors_of(file: Path) -> Iterator[None]:
    """Name the file in errors about its stories."""
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
