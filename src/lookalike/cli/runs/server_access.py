"""The server of the commands that send requests to one: the contract, client and journal that their options name."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from lookalike.cli.contracts import load_chosen
from lookalike.cli.documents import ChosenDocument, choose_document, lead_api
from lookalike.contract.reader import load_contract
from lookalike.errors import UsageError
from lookalike.openapi.sources import DOCUMENT_NAMES, LEAD, ReferenceRules, Source, SourceReader
from lookalike.verify.access import Access, ServerUnderTest, check_host, client_for, with_base_path
from lookalike.verify.access import environment_for as environment_of_server
from lookalike.verify.access import opened as opened_server
from lookalike.verify.environment import Environment
from lookalike.verify.interruption import interruptible
from lookalike.verify.server.client import is_this_machine
from lookalike.verify.server.target import load_target
from lookalike.verify.setup import mocked


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """The values of the options below; durations are in seconds, `rate` in requests per second, and
    `max_response` in bytes.
    """

    url: str
    document: Source | None
    overlays: tuple[Path, ...]
    references: ReferenceRules
    target: Path | None
    control_token: str | None
    seed: int
    max_time: float | None
    max_requests: int | None
    rate: float | None
    yes: bool
    headers: tuple[tuple[str, str], ...]
    cacert: Path | None
    insecure: bool
    timeout: float
    max_response: int
    cleanup_timeout: float
    journal: Path
    concurrency: int | None


def split(options: dict[str, Any]) -> tuple[ServerOptions, dict[str, Any]]:
    """The options that all of these commands have, and the others by name."""
    names = {field.name for field in fields(ServerOptions)}
    own = {name: value for name, value in options.items() if name in names}
    return ServerOptions(**own), {name: value for name, value in options.items() if name not in names}


@contextmanager
def opened(options: ServerOptions, *, offline: bool = False, undoing: bool = False) -> Iterator[ServerUnderTest]:
    """The server under test; the journal is closed at the end.

    If `offline`, no request may be sent, so that any host is allowed. Requests that undo others are not journalled.
    """
    document = choose_document(options.document, lambda: _served_by(options, offline))
    contract = load_chosen(document, options.overlays, SourceReader(options.references))
    target = load_target(options.target, contract) if options.target else None
    access = access_of(options)
    if not offline and not undoing:
        check_host(client_for(with_base_path(options.url, target), access).host, target, access, "add --yes")
    is_journalled = not offline and not undoing
    remedy = f"; undo what is left with `lookalike restore {options.journal} {options.url} …`"
    with (
        interruptible(remedy if target is not None and is_journalled else ""),
        opened_server(options.url, contract, target, access, is_journalled=is_journalled, is_offline=offline) as server,
    ):
        yield server


def environment_for(server: ServerUnderTest, options: ServerOptions, *, look: bool = True) -> Environment:
    """The environment of a run; without `look`, nothing is sent yet to a server with a target file."""
    return environment_of_server(server, access_of(options), options.seed, look=look)


def access_of(options: ServerOptions) -> Access:
    """The access to the server that the options allow."""
    return Access(
        headers=dict(options.headers),
        ca_file=options.cacert,
        insecure=options.insecure,
        timeout=options.timeout,
        max_response=options.max_response,
        rate=options.rate,
        max_requests=options.max_requests,
        max_time=options.max_time,
        cleanup_timeout=options.cleanup_timeout,
        allow_remote=options.yes,
        control_token=options.control_token,
        journal=options.journal,
        concurrency=options.concurrency,
    )


def _served_by(options: ServerOptions, offline: bool) -> ChosenDocument:
    """The Lead API, where the server is a mock of it; raises `UsageError` if no document is known."""
    client = client_for(options.url, access_of(options))
    lead = lead_api()
    may_ask = not offline or options.target is None  # without a target file, a mock is asked for its state anyway
    if may_ask and (options.yes or is_this_machine(client.host)):
        try:
            served = mocked(client, options.control_token).get("contract")
        except UsageError:  # it is no mock, or its control API is closed
            served = None
        # The same overlays, or the document of the mock is another one.
        if served is not None and served == _as_json(load_contract(lead, options.overlays).document.data):
            return ChosenDocument(lead, f"document: the Lead API, which the mock at {client.url} serves")
    raise UsageError(
        f"no document to test {client.url} by; name one after the URL (a file, a URL, or `{LEAD}` for the Lead API), "
        f"write `document: FILE` in lookalike.yaml, or put {DOCUMENT_NAMES[0]} into the current folder"
    )


def _as_json(data: Any) -> Any:
    return json.loads(json.dumps(data))
