"""The options of the commands that send requests to a server, with the contract, client and journal made of them."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import click

from lookalike.cli.contracts import load_chosen
from lookalike.cli.documents import ChosenDocument, choose_document, document_argument, lead_api
from lookalike.cli.help import Command, Decorator, option
from lookalike.cli.options import (
    FILE,
    OVERLAYS,
    DurationParam,
    HeaderParam,
    IntegerParam,
    RateParam,
    SizeParam,
    reference_options,
)
from lookalike.contract.reader import load_contract
from lookalike.errors import UsageError
from lookalike.openapi.sources import DOCUMENT_NAMES, LEAD, ReferenceRules, Source, SourceReader
from lookalike.verify.access import JOURNAL, Access, ServerUnderTest, check_host, client_for, with_base_path
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


_OPTIONS: tuple[Any, ...] = (
    click.argument("url"),
    document_argument,
    OVERLAYS,
    reference_options,
    option(
        "--target",
        group="Server",
        type=FILE,
        help="Describe the server by this target file: credentials, and the items that may be changed. "
        "Required, unless the server is a Lookalike mock.",
    ),
    option("--yes", group="Server", is_flag=True, help="Allow requests to a server on another machine."),
    option(
        "--header",
        "headers",
        group="Server",
        multiple=True,
        type=HeaderParam(),
        help="Send this header field with every request; repeatable.",
    ),
    option(
        "--timeout",
        group="Server",
        type=DurationParam(),
        default="10s",
        show_default=True,
        help="Wait this long for each answer, from the connection to its last byte.",
    ),
    option(
        "--max-response",
        group="Limits",
        type=SizeParam(),
        default="64MiB",
        show_default=True,
        help="Refuse a response that is larger, before or after it is decompressed.",
    ),
    option(
        "--cleanup-timeout",
        group="Limits",
        type=DurationParam(),
        default="30s",
        show_default=True,
        help="At the end, or after Ctrl-C, take this long to undo the changes of the run.",
    ),
    option("--cacert", group="Server", type=FILE, help="Trust the certificates in this file (PEM) for https."),
    option("--insecure", group="Server", is_flag=True, help="Do not verify the server's certificate."),
    option(
        "--control-token",
        group="Server",
        metavar="TOKEN",
        help="The control token of the mock, if it was started with one.",
    ),
    option(
        "--seed",
        group="Tests",
        type=IntegerParam(),
        default=1,
        show_default=True,
        metavar="N",
        help="Seed of the generated requests: runs with the same seed send the same requests.",
    ),
    option(
        "--max-time",
        group="Limits",
        type=DurationParam(),
        help="Stop after this time, such as 60s, and report what is known by then.",
    ),
    option(
        "--max-requests",
        group="Limits",
        type=IntegerParam(1),
        metavar="N",
        help="Stop after this many requests, and report what is known by then.",
    ),
    option(
        "--rate",
        group="Limits",
        type=RateParam(0, min_open=True),
        metavar="N",
        help="Send at most this many requests per second.",
    ),
    option(
        "--concurrency",
        group="Limits",
        type=IntegerParam(1),
        metavar="N",
        help="Run this many tests at the same time, each with items of its own. "
        "By default as many as the target file says, else 4, and 1 for a server on this machine.",
    ),
    option(
        "--journal",
        group="Output",
        type=FILE,
        default=JOURNAL,
        show_default=True,
        help="Record each change in this file before it is requested, so that `lookalike restore` can undo it. "
        "Used with --target only.",
    ),
)


def server_command(
    examples: tuple[tuple[str, str], ...], *own: Decorator, file: Decorator | None = None
) -> Callable[[Callable[..., Any]], Command]:
    """A decorator that makes a command with these options and its `own`; the argument `file` comes before the URL."""

    def decorate(function: Callable[..., Any]) -> Command:
        for add in reversed((*((file,) if file else ()), *_OPTIONS, *own)):
            function = add(function)
        otherwise = "the Lead API if the server is a mock of it"
        return click.command(cls=Command, examples=examples, otherwise=otherwise)(function)

    return decorate


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
