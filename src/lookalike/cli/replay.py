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
from lookalike.verify.permitted import forbidden
from lookalike.verify.results import Report
from lookalike.verify.run import Run


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@JUDGING
@click.option("--clause", "clauses", multiple=True, metavar="ID", help="Only the stories about this clause.")
def command(file: Path, clauses: tuple[str, ...], **options: Any) -> None:
    """Tell the failing stories of FILE, a report of verify in JSON, once more to the server at URL.

    Exit code 0: none is broken any more; 1: some are; 2: wrong usage; 3: it could not be judged; 130: interrupted.
    """
    failures = [one for one in read_failures(file) if not clauses or one["clause"] in clauses]
    judging = Judging(**options)
    with connected(judging) as bench:
        stories = _stories(failures, bench, file)
        report = Run(bench, Options(("stories",), seed=judging.seed, stories=stories), lambda text: None).report()
    click.echo("\n".join(_told(stories, report)) or "no story failed")
    if problem(report):
        click.echo(f"lookalike: {report.url} could not be judged: {problem(report)}", err=True)
    sys.exit(report.exit_code)


def _stories(failures: list[dict[str, Any]], bench: Bench, file: Path) -> tuple[SavedStory, ...]:
    try:
        stories = tuple(saved_story(failure, bench.client.placeholders) for failure in failures)
        for story in stories:
            why = next(filter(None, (forbidden(bench, request) for request in story.requests)), None)
            if why:
                raise UsageError(f"{story.clause}: {story.title}: {why}")
    except UsageError as error:
        raise UsageError(f"{file}: {error}") from None
    return stories


def _told(stories: tuple[SavedStory, ...], report: Report) -> list[str]:
    broken = {(failure.clause, failure.title): failure for failure in report.failures}
    lines = []
    for story in stories:
        failure, name = broken.get((story.clause, story.title)), f"{story.clause}: {story.title}"
        if failure is not None:
            lines += [f"{name}: still broken", f"  expected: {failure.expected}", f"  got: {failure.got}"]
        elif name not in report.problem:
            lines.append(f"{name}: nothing wrong was seen")
    return lines
