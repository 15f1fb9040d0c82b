"""`lookalike replay`."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from lookalike.cli.server_options import JUDGING, ServerOptions, ServerUnderTest, bench_for, desk_for, opened
from lookalike.errors import UsageError
from lookalike.reports.summary import problem
from lookalike.verify.environment import Options
from lookalike.verify.run import Run
from lookalike.verify.run_inferred import Asked, Outcome, ResourceRun
from lookalike.verify.safety.permissions import send_policy_for
from lookalike.verify.saved_stories import read_failures, saved_recipe, saved_story
from lookalike.verify.setup import waived
from lookalike.verify.stories.roles import clauses as generated_clauses
from lookalike.verify.tally import Outcome as StatedOutcome

Failures = list[dict[str, Any]]


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
        states = bool(found.contract.clauses)
        known = found.contract.clauses if states else generated_clauses(found.contract)
        _check_clauses(clauses, {*known, *(one["clause"] for one in failures)}, file)
        chosen = [one for one in failures if not clauses or one["clause"] in clauses]
        tell = _by_clauses if states else _by_resources
        run = tell(found, judging, chosen, file)
        report = run.report()
    lines = [line for outcome in run.outcomes for line in _told(outcome)]
    untold = [f"{one['clause']}: {one['title']}: not told" for one in chosen[len(run.outcomes) :]]
    click.echo("\n".join([*lines, *untold]) or "no story failed")
    if problem(report):
        click.echo(f"lookalike: {report.url} could not be judged: {problem(report)}", err=True)
    sys.exit(report.exit_code)


def _by_clauses(found: ServerUnderTest, judging: ServerOptions, failures: Failures, file: Path) -> Run:
    """A run of stories about clauses that the document states; their requests are sent as they were."""
    bench = bench_for(found, judging, plan=False)
    with _errors_of(file):
        stories = tuple(saved_story(failure, bench.client.placeholders) for failure in failures)
        allowed = send_policy_for(bench)
        for story in stories:
            why = next(filter(None, map(allowed.refusal, story.requests)), None)
            if why:
                raise UsageError(f"{story.clause}: {story.title}: {why}")
    return Run(bench, Options(("stories",), seed=judging.seed, stories=stories), lambda text: None)


def _by_resources(found: ServerUnderTest, judging: ServerOptions, failures: Failures, file: Path) -> ResourceRun:
    """A run of stories about clauses that follow from the document; what they send follows what the server answers."""
    with _errors_of(file):
        stories = tuple(saved_recipe(failure, found.contract) for failure in failures)
    asked = Asked(("stories",), seed=judging.seed, stories=stories)
    return ResourceRun(desk_for(found, judging), asked, waived(found.target), lambda text: None)


@contextmanager
def _errors_of(file: Path) -> Iterator[None]:
    """Say of what is wrong with the stories in which file it is."""
    try:
        yield
    except UsageError as error:
        raise UsageError(f"{file}: {error}") from None


def _told(outcome: StatedOutcome | Outcome) -> list[str]:
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
