"""`lookalike replay` at work."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lookalike.cli.output import tell
from lookalike.cli.runs.server_access import ServerOptions, environment_for, opened
from lookalike.errors import UsageError
from lookalike.http import Headers, Request, Response
from lookalike.model.state import Item, Key
from lookalike.reports.summary import problem
from lookalike.transcripts.replay import TranscriptMismatch, replay
from lookalike.transcripts.transcript import read_transcripts
from lookalike.verify.clauses import clauses_of
from lookalike.verify.execution.options import Options
from lookalike.verify.run import Run
from lookalike.verify.run_state import SavedOutcome
from lookalike.verify.saved_stories import read_failures, saved_story
from lookalike.verify.server.client import Client


def run(file: Path, clauses: tuple[str, ...], **options: Any) -> int:
    """Run the failed tests of a report again, or a recorded session; the exit code of the command."""
    if file.suffix in (".yaml", ".yml"):
        return _replay_session(file, ServerOptions(**options))
    failures, chosen = read_failures(file), ServerOptions(**options)
    with opened(chosen) as server:
        _check_clauses(clauses, {*clauses_of(server.contract), *(one["clause"] for one in failures)}, file)
        wanted = [one for one in failures if not clauses or one["clause"] in clauses]
        environment = environment_for(server, chosen)
        with _errors_of(file):
            stories = tuple(saved_story(failure, environment) for failure in wanted)
        run = Run(environment, Options(("stories",), seed=chosen.seed, stories=stories))
        report = run.report()
    lines = [line for outcome in run.outcomes for line in _lines(outcome)]
    not_run = [f"{one['clause']}: {one['title']}: not run" for one in wanted[len(run.outcomes) :]]
    tell(environment.client.redacted("\n".join([*lines, *not_run])) or "the report has no failed test")
    if problem(report):
        tell(f"lookalike: {report.url} could not be judged: {problem(report)}", err=True)
    return report.exit_code


class _Unobserved:
    """A mock over HTTP whose state is not observed: of that, a recorded session says nothing."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def handle(self, request: Request) -> Response:
        """The response to a request; the token of transcripts gives way to one that was given by --header."""
        given = self._client.headers.keys()
        return self._client.send(
            request._replace(headers=Headers({name: one for name, one in request.headers.items() if name not in given}))
        )

    def item(self, resource: str, key: Key) -> Item | None:
        """None: no item is observed."""
        return None

    def state(self) -> Mapping[str, Sequence[Item]]:
        """No items."""
        return {}


def _replay_session(file: Path, chosen: ServerOptions) -> int:
    """Replay a recorded session on a mock, and tell where that answers otherwise."""
    if chosen.target is not None:  # which could not allow the changes of a session one by one
        raise UsageError(f"{file}: a recorded session is replayed on a mock alone; leave --target out")
    with opened(chosen) as server:
        transcripts = read_transcripts(file, server.contract)
        client = environment_for(server, chosen).client  # which brings a mock back to its initial items
        for transcript in transcripts:
            if transcript.readings or transcript.data or any(step.items for step in transcript.steps):
                raise UsageError(
                    f"{file}: {transcript.title!r} has initial items, readings or a state; replay a recorded one"
                )
            try:
                replay(transcript, _Unobserved(client), server.contract)
            except TranscriptMismatch as wrong:
                tell(client.redacted(str(wrong)))
                return wrong.exit_code
    tell(f"{file}: all {sum(len(one.steps) for one in transcripts)} steps were answered as recorded")
    return 0


@contextmanager
def _errors_of(file: Path) -> Iterator[None]:
    """Name the file in errors about its stories."""
    try:
        yield
    except UsageError as error:
        raise UsageError(f"{file}: {error}") from None


def _lines(outcome: SavedOutcome) -> list[str]:
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
