"""`lookalike replay`."""

import sys
from pathlib import Path
from typing import Any

import click

from lookalike.cli.judging import JUDGING, Judging, connected
from lookalike.errors import UsageError
from lookalike.reports.saved import read_failures, saved_story
from lookalike.reports.words import problem
from lookalike.verify.bench import Bench, Options, SavedStory
from lookalike.verify.notes import Outcome
from lookalike.verify.permitted import permitted
from lookalike.verify.run import Run


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@JUDGING
@click.option("--clause", "clauses", multiple=True, metavar="ID", help="Only the stories about this clause.")
def command(file: Path, clauses: tuple[str, ...], **options: Any) -> None:
    """Tell the failing stories of FILE, a report of verify in JSON, once more to the server at URL.

    Exit code 0: none is broken any more; 1: some are; 2: wrong usage; 3: it could not be judged; 130: interrupted.
    """
    failures, judging = read_failures(file), Judging(**options)
    with connected(judging) as bench:
        _check_clauses(clauses, {*bench.contract.clauses, *(one["clause"] for one in failures)}, file)
        stories = _stories([one for one in failures if not clauses or one["clause"] in clauses], bench, file)
        run = Run(bench, Options(("stories",), seed=judging.seed, stories=stories), lambda text: None)
        report = run.report()
    lines = [line for outcome in run.outcomes for line in _told(outcome)]
    untold = [f"{story.clause}: {story.title}: not told" for story in stories[len(run.outcomes) :]]
    click.echo("\n".join([*lines, *untold]) or "no story failed")
    if problem(report):
        click.echo(f"lookalike: {report.url} could not be judged: {problem(report)}", err=True)
    sys.exit(report.exit_code)


def _stories(failures: list[dict[str, Any]], bench: Bench, file: Path) -> tuple[SavedStory, ...]:
    try:
        stories = tuple(saved_story(failure, bench.client.placeholders) for failure in failures)
        allowed = permitted(bench)
        for story in stories:
            why = next(filter(None, map(allowed.refusal, story.requests)), None)
            if why:
                raise UsageError(f"{story.clause}: {story.title}: {why}")
    except UsageError as error:
        raise UsageError(f"{file}: {error}") from None
    return stories


def _told(outcome: Outcome) -> list[str]:
    if outcome.doubt:
        return [f"{outcome.name}: not judged"]
    if outcome.finding is None:
        return [f"{outcome.name}: nothing wrong was seen"]
    found = outcome.finding
    return [f"{outcome.name}: still broken", f"  expected: {found.expected}", f"  got: {found.got}"]


def _check_clauses(asked: tuple[str, ...], known: set[str], file: Path) -> None:
    for id in asked:
        if id not in known:
            raise UsageError(f"{file}: there is no clause {id!r}, neither in the document nor in the report")
