"""What the commands that judge a server have in common: which server, which target, at what cost."""

import ipaddress
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, NamedTuple

import click

from lookalike.assembly import bundled_document
from lookalike.cli.options import OVERLAYS, DocumentParam, DurationParam, tell_of_flaws
from lookalike.contract.contract import Contract
from lookalike.contract.reader import load_contract
from lookalike.errors import UsageError
from lookalike.openapi.sources import Source
from lookalike.verify.environment import Environment
from lookalike.verify.safety.journal import Journal
from lookalike.verify.server.client import Budget, Client
from lookalike.verify.server.target import Target, load_target
from lookalike.verify.server.transport import ConnectionSettings
from lookalike.verify.setup import environment_of, environment_of_mock, mocked, prefixed

_FILE = click.Path(path_type=Path)


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """The options that all of them have."""

    url: str
    document: Source | None
    overlays: tuple[Path, ...]
    target: Path | None
    control_token: str | None
    seed: int
    max_time: float | None
    max_requests: int | None
    rate: float | None
    yes: bool
    headers: tuple[str, ...]
    cacert: Path | None
    insecure: bool
    timeout: float
    journal: Path | None


_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    click.argument("url"),
    click.argument("document", required=False, type=DocumentParam(), envvar="LOOKALIKE_DOCUMENT"),
    OVERLAYS,
    click.option(
        "--target", type=_FILE, envvar="LOOKALIKE_TARGET", help="What is known of the server; a mock tells it."
    ),
    click.option("--control-token", envvar="LOOKALIKE_CONTROL_TOKEN", help="Token of a mock's control API."),
    click.option("--seed", default=1, show_default=True, envvar="LOOKALIKE_SEED", help="Of all that is generated."),
    click.option("--max-time", type=DurationParam(), envvar="LOOKALIKE_MAX_TIME", help="Stop after that time, as 60s."),
    click.option(
        "--max-requests", type=click.IntRange(1), envvar="LOOKALIKE_MAX_REQUESTS", help="Send no more than that."
    ),
    click.option(
        "--rate", type=click.FloatRange(0, min_open=True), envvar="LOOKALIKE_RATE", help="Requests per second."
    ),
    click.option("--yes", is_flag=True, envvar="LOOKALIKE_YES", help="Judge a server that is not on this machine."),
    click.option("--header", "headers", multiple=True, metavar="NAME:VALUE", help="Send this with every request."),
    click.option("--cacert", type=_FILE, envvar="LOOKALIKE_CACERT", help="Certificates to trust."),
    click.option("--insecure", is_flag=True, envvar="LOOKALIKE_INSECURE", help="Trust any certificate."),
    click.option(
        "--timeout",
        type=DurationParam(),
        default="10s",
        show_default=True,
        envvar="LOOKALIKE_TIMEOUT",
        help="For an answer.",
    ),
    click.option(
        "--journal", type=_FILE, envvar="LOOKALIKE_JOURNAL", help="Where writes are noted before they are sent."
    ),
)


def JUDGING(command: Callable[..., Any]) -> Callable[..., Any]:  # noqa: N802  # a decorator made of a table
    """Give a command those options."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def split(options: dict[str, Any]) -> tuple[ServerOptions, dict[str, Any]]:
    """The options that all of them have, and the others."""
    names = {field.name for field in fields(ServerOptions)}
    own = {name: value for name, value in options.items() if name in names}
    return ServerOptions(**own), {name: value for name, value in options.items() if name not in names}


class ServerUnderTest(NamedTuple):
    """What is judged, by which contract and target, and how to reach it; a mock needs no target."""

    contract: Contract
    client: Client
    target: Target | None
    journal: Journal | None


@contextmanager
def opened(judging: ServerOptions, plan: bool = False) -> Iterator[ServerUnderTest]:
    """The server and what it is judged by, and at the end the journal closed."""
    contract = load_contract(judging.document or bundled_document(), judging.overlays)
    tell_of_flaws(contract)
    target = load_target(judging.target, contract) if judging.target else None
    client = client_of(judging, judging.url + (target.base_path if target else ""))
    if not plan:
        _check_host(client.host, judging.yes, target)
    journal = None
    if target is not None and not plan:
        journal = Journal(judging.journal or Path("lookalike-journal.jsonl"), client.url)
        client.before_each(journal.record_request)
    try:
        yield ServerUnderTest(contract, client, target, journal)
    finally:
        if journal is not None:
            journal.close()


def environment_for(found: ServerUnderTest, judging: ServerOptions, plan: bool = False) -> Environment:
    """The environment of a run; for a `plan`, nothing is sent to a server with a target file."""
    if found.target is not None:
        environment = environment_of(found.contract, found.client, found.target, judging.seed, look=not plan)
        return replace(environment, note=found.journal.record_creation) if found.journal is not None else environment
    url = prefixed(judging.url, found.contract)
    below = found.client if url == found.client.url else client_of(judging, url)
    return environment_of_mock(found.contract, below, mocked(found.client, judging.control_token), judging.seed)


def client_of(judging: ServerOptions, url: str) -> Client:
    """A client for a URL, by the options."""
    return Client(url, _connection(judging), _limits(judging))


def _limits(judging: ServerOptions) -> Budget:
    return Budget(judging.rate, judging.max_requests, judging.max_time)


def _connection(judging: ServerOptions) -> ConnectionSettings:
    headers = {}
    for field in judging.headers:
        name, colon, value = field.partition(":")
        if not colon or not name.strip():
            raise UsageError(f"{field!r} is not a header field; write NAME:VALUE")
        headers[name.strip()] = value.strip()
    trusted: str | bool = str(judging.cacert) if judging.cacert else not judging.insecure
    return ConnectionSettings(headers, trusted, judging.timeout)


def _check_host(host: str, yes: bool, target: Target | None) -> None:
    allowed = target.allowed_hosts if target else ()
    if not (yes or host in allowed or host == "localhost" or _is_loopback(host)):
        raise UsageError(
            f"{host} is not this machine. What is owned and spare in the target file will be changed there; "
            f"if that is meant, add --yes, or allowed_hosts: [{host}] to the target file"
        )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
