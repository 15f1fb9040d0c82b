"""Access to a server under test: the client for it, within limits, and the journal of what changes there."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from lookalike.contract.contract import Contract
from lookalike.errors import UsageError, VerificationError
from lookalike.http import Request
from lookalike.verify.defaults import JOURNAL
from lookalike.verify.environment import Environment
from lookalike.verify.safety.journal import Journal
from lookalike.verify.server.client import Budget, Client, is_this_machine
from lookalike.verify.server.target import Target
from lookalike.verify.server.transport import MEBIBYTE, ConnectionSettings
from lookalike.verify.setup import environment_of, environment_of_mock, mocked, prefixed

# As many connections as a browser once opened to a host: no server takes them for an attack.
_CONCURRENCY = 4


@dataclass(frozen=True, slots=True)
class Access:
    """The access to a server under test, and how much of it a run may use.

    `headers` are sent with every request. `ca_file` holds the certificates to trust; with `insecure`, any certificate
    is trusted. `timeout` is for one response as a whole, in seconds, and `max_response` for its body, in bytes, as it
    is sent and as it is decoded. `rate` is in requests a second, `max_requests` and `max_time` (in seconds) are for the
    whole run; None is no limit. After that, a run may take `cleanup_timeout` seconds to undo its changes. A server that
    is not on this machine is judged with `allow_remote` only, since a run changes items there. `control_token` is the
    one of a Lookalike mock. Requests that may change something are recorded in the file `journal` before they are sent,
    for `lookalike restore`. At most `concurrency` stories are run in parallel; None is as many as the target file
    says, or else 4, and 1 on this machine.
    """

    headers: Mapping[str, str] = field(default_factory=dict)
    ca_file: Path | str | None = None
    insecure: bool = False
    timeout: float = 10.0
    max_response: int = 64 * MEBIBYTE
    rate: float | None = None
    max_requests: int | None = None
    max_time: float | None = None
    cleanup_timeout: float = 30.0
    allow_remote: bool = False
    control_token: str | None = None
    journal: Path | str = JOURNAL
    concurrency: int | None = None


class ServerUnderTest(NamedTuple):
    """A server with the contract that it is to keep; a Lookalike mock has neither target nor journal."""

    contract: Contract
    client: Client
    target: Target | None
    journal: Journal | None


@contextmanager
def opened(  # noqa: PLR0913  # a server, its limits, and what a command does with it
    url: str,
    contract: Contract,
    target: Target | None,
    access: Access,
    *,
    is_journalled: bool = True,
    is_offline: bool = False,
) -> Iterator[ServerUnderTest]:
    """The server at a URL; its journal is closed at the end.

    Requests that undo others are not journalled, nor is anything where no request is sent.
    """
    client = client_for(with_base_path(url, target), access)
    if target is not None and not target.base_path and not is_offline:
        client = _below_documented_path(client, contract, access)
    journal = None
    if target is not None and is_journalled:
        # If the server is on this machine, a crash ends both, and waiting for the disk takes a quarter of a run.
        journal = Journal(Path(access.journal), client.url, client.redacted, not is_this_machine(client.host))
        client.before_each(journal.record_request)
        client.after_each(journal.record_response)
    try:
        yield ServerUnderTest(contract, client, target, journal)
    finally:
        if journal is not None:
            journal.close()


def environment_for(server: ServerUnderTest, access: Access, seed: int, *, look: bool = True) -> Environment:
    """The environment of a run; without `look`, nothing is sent yet to a server with a target file, and a mock keeps
    its state.
    """
    contract, client, target = server.contract, server.client, server.target
    concurrency = _concurrency(access, target, client.host)
    if target is None:
        url = prefixed(client.url, contract)
        below = client if url == client.url else client_for(url, access)
        # The control API of a mock is beside the base path of its contract, with which the URL may end already.
        origin = client.url.removesuffix(contract.base_path)
        beside = client if origin == client.url else client_for(origin, access)
        environment = environment_of_mock(contract, below, mocked(beside, access.control_token), seed, look)
        return replace(environment, concurrency=concurrency)
    environment = environment_of(contract, client, replace(target, concurrency=concurrency), seed, look)
    journal = server.journal
    if journal is None:
        return environment
    journal.record_marks(environment.values.marks.run)
    return replace(environment, note=journal.record_creation, note_gone=journal.record_deletion)


def client_for(url: str, access: Access) -> Client:
    """A client for a URL, within the limits of a run."""
    trusted: str | bool = str(access.ca_file) if access.ca_file else not access.insecure
    settings = ConnectionSettings(dict(access.headers), trusted, access.timeout, access.max_response)
    budget = Budget(access.rate, access.max_requests, access.max_time, access.cleanup_timeout)
    return Client(url, settings, budget)


def with_base_path(url: str, target: Target | None) -> str:
    """The URL below which a server has the paths of its document; it may end in the base path already."""
    base_path = target.base_path if target is not None else ""
    return url if base_path and url.rstrip("/").endswith(base_path.rstrip("/")) else url + base_path


def _below_documented_path(client: Client, contract: Contract, access: Access) -> Client:
    """A client for the base path of the document, where an operation is found there and not at the URL itself.

    A URL without a path leaves open whether a gateway takes the documented path away. A read that needs no parameter
    tells, by a status other than 404.
    """
    below = client_for(prefixed(client.url, contract), access)
    read = next((one for one in contract.operations if one.method == "GET" and "{" not in one.path), None)
    if below.url == client.url or read is None:
        return client
    with suppress(VerificationError):  # a server that does not answer is the run's to report
        request = Request("GET", read.path)
        if client.send(request).status == 404 != below.send(request).status:
            return below
    return client


def check_host(host: str, target: Target | None, access: Access, remedy: str) -> None:
    """Raise `UsageError` for a server that is not on this machine, unless it is allowed."""
    allowed = target.allowed_hosts if target else ()
    if not (access.allow_remote or host in allowed or is_this_machine(host)):
        raise UsageError(
            f"{host} is not this machine. Items that the target file names as owned and spare will be changed there; "
            f"if that is meant, {remedy}, or add allowed_hosts: [{host}] to the target file"
        )


def _concurrency(access: Access, target: Target | None, host: str) -> int:
    """The number of stories that are run in parallel: more than one only where each answer takes its time."""
    asked = access.concurrency or (target.concurrency if target is not None else None)
    return asked or (1 if is_this_machine(host) else _CONCURRENCY)
