"""The options of the commands that send requests to a server, with the contract, client and journal made of them."""

import ipaddress
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, NamedTuple

import click

from lookalike.cli.documents import LEAD, NAMES, ChosenDocument, DocumentParam, choose_document, lead_api
from lookalike.cli.help import Command, Option
from lookalike.cli.options import (
    FILE,
    OVERLAYS,
    DurationParam,
    HeaderParam,
    IntegerParam,
    RateParam,
    SizeParam,
    reference_options,
    tell_of_flaws,
)
from lookalike.contract.contract import Contract
from lookalike.contract.reader import load_contract
from lookalike.errors import UsageError
from lookalike.openapi.sources import ReferenceRules, Source, SourceReader
from lookalike.verify.environment import Environment
from lookalike.verify.safety.interruption import interruptible
from lookalike.verify.safety.journal import Journal
from lookalike.verify.server.client import Budget, Client
from lookalike.verify.server.target import Target, load_target
from lookalike.verify.server.transport import ConnectionSettings
from lookalike.verify.setup import environment_of, environment_of_mock, mocked, prefixed

JOURNAL = Path("lookalike-journal.jsonl")


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


_OPTIONS: tuple[Any, ...] = (
    click.argument("url"),
    click.argument("document", required=False, type=DocumentParam(), envvar="LOOKALIKE_DOCUMENT"),
    OVERLAYS,
    reference_options,
    click.option(
        "--target",
        cls=Option,
        group="Server",
        type=FILE,
        help="Describe the server by this target file: credentials, and the items that may be changed. "
        "Required, unless the server is a Lookalike mock.",
    ),
    click.option(
        "--yes", cls=Option, group="Server", is_flag=True, help="Allow requests to a server on another machine."
    ),
    click.option(
        "--header",
        "headers",
        cls=Option,
        group="Server",
        multiple=True,
        type=HeaderParam(),
        help="Send this header field with every request; repeatable.",
    ),
    click.option(
        "--timeout",
        cls=Option,
        group="Server",
        type=DurationParam(),
        default="10s",
        show_default=True,
        help="Wait this long for each answer, from the connection to its last byte.",
    ),
    click.option(
        "--max-response",
        cls=Option,
        group="Limits",
        type=SizeParam(),
        default="64MiB",
        show_default=True,
        help="Refuse a response that is larger, before or after it is decompressed.",
    ),
    click.option(
        "--cleanup-timeout",
        cls=Option,
        group="Limits",
        type=DurationParam(),
        default="30s",
        show_default=True,
        help="At the end, or after Ctrl-C, take this long to undo the changes of the run.",
    ),
    click.option(
        "--cacert", cls=Option, group="Server", type=FILE, help="Trust the certificates in this file (PEM) for https."
    ),
    click.option(
        "--insecure", cls=Option, group="Server", is_flag=True, help="Do not verify the server's certificate."
    ),
    click.option(
        "--control-token",
        cls=Option,
        group="Server",
        metavar="TOKEN",
        help="The control token of the mock, if it was started with one.",
    ),
    click.option(
        "--seed",
        cls=Option,
        group="Tests",
        type=IntegerParam(),
        default=1,
        show_default=True,
        metavar="N",
        help="Seed of the generated requests: runs with the same seed send the same requests.",
    ),
    click.option(
        "--max-time",
        cls=Option,
        group="Limits",
        type=DurationParam(),
        help="Stop after this time, such as 60s, and report what is known by then.",
    ),
    click.option(
        "--max-requests",
        cls=Option,
        group="Limits",
        type=IntegerParam(1),
        metavar="N",
        help="Stop after this many requests, and report what is known by then.",
    ),
    click.option(
        "--rate",
        cls=Option,
        group="Limits",
        type=RateParam(0, min_open=True),
        metavar="N",
        help="Send at most this many requests per second.",
    ),
    click.option(
        "--journal",
        cls=Option,
        group="Output",
        type=FILE,
        default=JOURNAL,
        show_default=True,
        help="Record each change in this file before it is requested, so that `lookalike restore` can undo it. "
        "Used with --target only.",
    ),
)


Decorator = Callable[[Any], Any]


def server_command(
    examples: tuple[tuple[str, str], ...], *own: Decorator, file: Decorator | None = None
) -> Callable[[Callable[..., Any]], Command]:
    """A decorator that makes a command with these options and its `own`; the argument `file` comes before the URL."""

    def decorate(function: Callable[..., Any]) -> Command:
        for option in reversed((*((file,) if file else ()), *_OPTIONS, *own)):
            function = option(function)
        otherwise = "the Lead API if the server is a mock of it"
        return click.command(cls=Command, examples=examples, otherwise=otherwise)(function)

    return decorate


def split(options: dict[str, Any]) -> tuple[ServerOptions, dict[str, Any]]:
    """The options that all of these commands have, and the others by name."""
    names = {field.name for field in fields(ServerOptions)}
    own = {name: value for name, value in options.items() if name in names}
    return ServerOptions(**own), {name: value for name, value in options.items() if name not in names}


class ServerUnderTest(NamedTuple):
    """A server with the contract that it is to keep; a Lookalike mock has neither target nor journal."""

    contract: Contract
    client: Client
    target: Target | None
    journal: Journal | None


@contextmanager
def opened(options: ServerOptions, *, offline: bool = False, undoing: bool = False) -> Iterator[ServerUnderTest]:
    """The server under test; the journal is closed at the end.

    If `offline`, no request may be sent, so that any host is allowed. Requests that undo others are not journalled.
    """
    document = choose_document(options.document, lambda: _served_by(options, offline))
    contract = load_contract(document.source, options.overlays, reader=SourceReader(options.references))
    document.tell()
    tell_of_flaws(contract)
    target = load_target(options.target, contract) if options.target else None
    client = client_of(options, options.url + (target.base_path if target else ""))
    if not offline and not undoing:
        _check_host(client.host, options.yes, target)
    journal = None
    if target is not None and not offline and not undoing:
        journal = Journal(options.journal, client.url, client.redacted)
        client.before_each(journal.record_request)
        client.after_each(journal.record_response)
    remedy = (
        "" if journal is None else f"; undo what is left with `lookalike restore {options.journal} {options.url} …`"
    )
    try:
        with interruptible(remedy):
            yield ServerUnderTest(contract, client, target, journal)
    finally:
        if journal is not None:
            journal.close()


def environment_for(server: ServerUnderTest, options: ServerOptions, *, look: bool = True) -> Environment:
    """The environment of a run; without `look`, nothing is sent yet to a server with a target file."""
    contract, client = server.contract, server.client
    if server.target is not None:
        environment = environment_of(contract, client, server.target, options.seed, look=look)
        return environment if server.journal is None else replace(environment, note=server.journal.record_creation)
    url = prefixed(options.url, contract)
    below = client if url == client.url else client_of(options, url)
    return environment_of_mock(contract, below, mocked(client, options.control_token), options.seed)


def _served_by(options: ServerOptions, offline: bool) -> ChosenDocument:
    """The Lead API, where the server is a mock of it; raises `UsageError` where no document is known."""
    client = client_of(options, options.url)
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
        f"write `document: FILE` in lookalike.yaml, or put {NAMES[0]} into the current folder"
    )


def _as_json(data: Any) -> Any:
    return json.loads(json.dumps(data))


def client_of(options: ServerOptions, url: str) -> Client:
    """A client for a URL, which keeps to the options."""
    trusted: str | bool = str(options.cacert) if options.cacert else not options.insecure
    connection = ConnectionSettings(dict(options.headers), trusted, options.timeout, options.max_response)
    budget = Budget(options.rate, options.max_requests, options.max_time, options.cleanup_timeout)
    return Client(url, connection, budget)


def _check_host(host: str, yes: bool, target: Target | None) -> None:
    allowed = target.allowed_hosts if target else ()
    if not (yes or host in allowed or is_this_machine(host)):
        raise UsageError(
            f"{host} is not this machine. The items that the target file names as owned and spare will be changed "
            "there; "
            f"if that is meant, add --yes, or allowed_hosts: [{host}] to the target file"
        )


def is_this_machine(host: str) -> bool:
    """Whether a host is a loopback address, or the name of one."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
