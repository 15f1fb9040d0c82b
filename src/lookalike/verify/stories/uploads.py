"""Stories about files: what is uploaded is read as it was sent, byte by byte."""

from functools import partial

from lookalike.contract.contract import Operation
from lookalike.http import Request, essence
from lookalike.verify.clauses import name_of
from lookalike.verify.requests.encoder import encode_body
from lookalike.verify.roles import Roles, download_of
from lookalike.verify.stories.endings import ClauseBroken, NotObservable, Skipped
from lookalike.verify.stories.runner import StoryRunner

_BEGINNING = 4  # bytes that say which format a file has


def check_uploaded(runner: StoryRunner, operation: Operation, roles: Roles | None) -> None:
    """Break the clause where a file is not read as it was sent, nor the one that takes its place."""
    environment = runner.environment
    download, media = download_of(environment.contract, operation), environment.values.media(operation)
    created = runner.make(roles.resource) if roles is not None else None
    if created is not None:
        runner.check_removable(created)
    elif not environment.disposable:
        raise Skipped("what is uploaded to it may be somebody's; it is sent only to a disposable server")
    if download is None or media is None:
        raise Skipped("no operation shows what was uploaded")
    for body in environment.values.bodies(operation):
        step = runner.ask(operation, runner.write(operation, runner.values_for(operation, created), body))
        if not step.is_success:
            raise Skipped(f"it answered {step.response.status}")
        read = runner.write(download, runner.values_for(download, created))
        runner.eventually(partial(_check, runner, download, read, encode_body(body, media)))


def _check(runner: StoryRunner, download: Operation, read: Request, sent: bytes) -> None:
    response = runner.ask(download, read).response
    if response.status >= 300:
        raise ClauseBroken(f"the {len(sent)} bytes that were sent", f"status {response.status}")
    media_type, shown = essence(response.header("Content-Type") or ""), response.body
    is_text = media_type.startswith("text/")
    if shown == sent or (is_text and shown.split() == sent.split()):
        return
    is_image = (
        media_type.startswith("image/") and shown[:_BEGINNING] == sent[:_BEGINNING] and not sent.startswith(shown)
    )
    if is_image:
        raise NotObservable(f"{name_of(download)} shows another image, which may be the same one encoded anew")
    raise ClauseBroken(f"the {len(sent)} bytes that were sent", f"{len(shown)} bytes that differ")
