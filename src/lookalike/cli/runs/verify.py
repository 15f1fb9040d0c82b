"""`lookalike verify` at work."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lookalike.cli.output import tell
from lookalike.cli.progress import is_coloured, on_terminal
from lookalike.cli.runs.server_access import ServerOptions, access_of, environment_for, opened, split
from lookalike.errors import UsageError
from lookalike.http import Request
from lookalike.reports.as_text import as_text
from lookalike.reports.formats import destinations, write_reports
from lookalike.verify.access import ServerUnderTest, client_for
from lookalike.verify.clauses import clauses_of, inferred_clauses, stated_operations
from lookalike.verify.defaults import LAYERS
from lookalike.verify.events import CleanUp, Event, StoryEnded, StoryStarted
from lookalike.verify.execution.options import Options
from lookalike.verify.results import listed
from lookalike.verify.run import Run
from lookalike.verify.saved_stories import read_failures
from lookalike.verify.server.client import Client
from lookalike.verify.server.target import Target
from lookalike.verify.setup import environment_of
from lookalike.verify.stories.single_operation import table

if TYPE_CHECKING:  # it is for --listen alone
    from lookalike.verify.server.listener import CallbackListener

_MOST_CLAUSES = 12  # that a message names


def run(
    reports: tuple[str, ...], plan: bool, baseline: Path | None, listen: tuple[str, int] | None, **options: Any
) -> int:
    """Run the tests, and print and write the report; the exit code of the command."""
    files, (chosen, asked) = destinations(reports), split(options)
    known = _violated_in(baseline) if baseline is not None else {}
    with opened(chosen, offline=plan) as server:
        _check_clauses(server.contract.document.name, clauses_of(server.contract), asked)
        if plan:
            layers = asked["layers"] or ("clauses",)
            _print_plan(server, chosen, Options(**{**_filled(asked), "layers": layers}, seed=chosen.seed))
            return 0
        with _listening(listen) as listener:
            environment = replace(environment_for(server, chosen), listener=listener)
            if listener is not None and environment.webhooks is not None:
                listener.url_at(environment.webhooks.path)  # before the first one comes
            report = Run(
                environment, Options(**_filled(asked), seed=chosen.seed, baseline=known), _show_progress
            ).report()
    click.echo(as_text(report, colour=is_coloured()))
    write_reports(report, files)
    return report.exit_code


@contextmanager
def _listening(address: tuple[str, int] | None) -> "Iterator[CallbackListener | None]":
    """A listener at an address, as long as the run takes; None without an address."""
    if address is None:
        yield None
        return
    from lookalike.verify.server.listener import CallbackListener

    listener = CallbackListener(*address)
    try:
        yield listener
    finally:
        listener.close()


def _violated_in(baseline: Path) -> dict[str, str]:
    """The clauses that a report says are violated, with a word about it; raises `UsageError`."""
    broken = ((one["clause"], *one.get("also", ())) for one in read_failures(baseline))
    return {clause: f"violated in {baseline.name} too" for clauses in broken for clause in clauses}


def _filled(asked: dict[str, Any]) -> dict[str, Any]:
    """The options of the run, with the usual values for those that were not given."""
    return {**asked, "layers": asked["layers"] or LAYERS, "fail_on": asked["fail_on"] or ""}


def _show_progress(event: Event) -> None:
    """Show the story that is told, and how many are left, of items too where the run cleans up."""
    if isinstance(event, CleanUp):
        on_terminal(str(event))
    if isinstance(event, StoryStarted):
        on_terminal(f"{event.left} left: {event}" if event.left else str(event))


def _check_clauses(document: str, known: Mapping[str, Any], asked: dict[str, Any]) -> None:
    for id in (*asked["clauses"], *(id for id in asked["require"] if id != "all")):
        if id not in known:
            nearest = get_close_matches(id, known, len(known), cutoff=0.0)
            raise UsageError(f"there is no clause {id!r}; {document} has: {listed(nearest, _MOST_CLAUSES)}")


def _print_plan(server: ServerUnderTest, options: ServerOptions, asked: Options) -> None:
    """Print the stories of a run with their requests as curl lines, as they are told to a mock in this process."""
    if stated_operations(server.contract) and "clauses" in asked.layers:
        for stated in environment_for(server, options, look=False).stated:
            for script in table(stated.compose, _unlabelled):
                if not asked.clauses or script.clause in asked.clauses:
                    _print_story(f"{script.clause}: {script.title}", script.requests, stated.client)
    stories = _rehearsed(server, options, asked)
    order = {clause: number for number, clause in enumerate(inferred_clauses(server.contract))}
    for story in sorted(stories, key=partial(_place, order)):
        name = f"{story.clause}: {story.title}" if story.clause else story.id
        _print_story(name, story.sent, server.client, story.reason)
    if stories:
        tell("Keys that a server chooses are those of a mock here.")


def _rehearsed(server: ServerUnderTest, options: ServerOptions, asked: Options) -> list[StoryEnded]:
    """The stories of inferred clauses, as they are told to a mock that accepts any credentials."""
    from lookalike.api import Mock

    stories: list[StoryEnded] = []
    if not inferred_clauses(server.contract):
        return stories
    rehearsal = client_for(server.client.url, access_of(options))
    rehearsal.rehearse(Mock(server.contract, security=False).handle)
    target = server.target or Target({}, {}, disposable=True)
    environment = replace(environment_of(server.contract, rehearsal, target, options.seed, look=False), stated=())

    def listen(event: Event) -> None:
        if isinstance(event, StoryEnded) and not event.id.endswith(")"):
            stories.append(event)

    Run(environment, asked, listen).report()
    return stories


def _place(order: Mapping[str, int], story: StoryEnded) -> int:
    return order.get(story.clause, len(order))


def _print_story(name: str, requests: Sequence[Request], client: Client, reason: str = "") -> None:
    tell(name)
    for request in requests:
        tell(f"  {client.curl(request)}")
    if reason and not requests:
        tell(f"  no request: {reason}")


def _unlabelled(request: Request) -> Sequence[str]:
    """The clauses of a request, of which none is known before the readings of the server are."""
    return ()
