"""`lookalike mock`."""

import gc
import json
import secrets
import socket
import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lookalike.assembly import Sources, assemble, fit_stored, load
from lookalike.callbacks.sender import CallbackSender
from lookalike.cli.banner import Banner, lines
from lookalike.cli.contracts import tell_of_flaws
from lookalike.cli.documents import DocumentsArgument, MountParam, choose_document, lead_by_default
from lookalike.cli.faults import read_faults
from lookalike.cli.help import Command, Option
from lookalike.cli.options import (
    FILE,
    OVERLAYS,
    DurationParam,
    HostParam,
    IntegerParam,
    ReadingChoiceParam,
    SizeParam,
    UrlParam,
    host_option,
    max_body_option,
    port_option,
    reference_options,
)
from lookalike.cli.output import tell
from lookalike.cli.saving import save, take_up
from lookalike.cli.watch import watch
from lookalike.contract.contract import Contract
from lookalike.contract.example_pairs import example_pairs
from lookalike.errors import UsageError
from lookalike.faults.profiles import PROFILES
from lookalike.model.operation_handler import Strictness
from lookalike.model.response.prefer import Variation
from lookalike.oauth.server import SignInOptions
from lookalike.openapi.document import garbage_collection_paused
from lookalike.openapi.sources import Mount, ReferenceRules
from lookalike.sandboxes import DEFAULT, Sandboxes, SandboxLimits
from lookalike.server.control_access import PREFIX, is_loopback_host
from lookalike.server.dispatch import Dispatcher
from lookalike.server.http1 import Limits
from lookalike.server.log import DroppingLog, log_to_stderr
from lookalike.server.mock_handler import Log, MockOptions
from lookalike.server.serve import Endpoint, serve, serve_as_worker
from lookalike.server.tls import Certificate, certificate_on_the_spot, tls_context
from lookalike.service import MockService
from lookalike.stores.opening import Stores, is_shared_store, open_stores

if TYPE_CHECKING:  # the package for metrics is an extra, and most documents have no webhooks
    from lookalike.contract.webhooks import WebhookTarget
    from lookalike.server.metrics import Metrics

_DOCUMENT, _STATE, _ANSWERS, _FAULTS, _SERVER = "Document", "State", "Answers", "Faults", "Server"


@dataclass(frozen=True, slots=True)
class MockSettings:
    """The values of the options below."""

    document: tuple[Mount, ...]
    overlays: tuple[Path, ...]
    references: ReferenceRules
    strict: bool
    follow: bool
    data: Path | None
    populate: int
    stateless: bool
    store: str
    durable: bool
    save: Path | None
    workers: int
    readings: tuple[tuple[str, str], ...]
    profile: Path | None
    security: bool
    tokens: Path | None
    errors: str
    strict_accept: bool
    pairs_examples: bool
    dynamic: bool
    seed: int | None
    host: str
    port: int
    base_path: str | None
    cors: bool
    max_body: int
    max_connections: int
    header_timeout: float
    body_timeout: float
    keep_alive_timeout: float
    journal_size: int
    control: bool
    control_prefix: str
    tls: bool
    tls_cert: Path | None
    tls_key: Path | None
    max_sandboxes: int
    sandbox_size: int
    state_size: int
    sandbox_ttl: float
    control_token: str | None
    issuer: str
    sign_in: str
    callback_hosts: tuple[str, ...]
    webhook_urls: tuple[str, ...]
    webhook_secret: str
    faults: Path | None
    chaos: str | None
    stream_interval: float
    log: str
    metrics: bool
    shows_all: bool


@click.command(
    cls=Command,
    examples=[
        ("lookalike mock openapi.yaml --populate 20", "serve your API, with twenty generated items of each resource"),
        (
            "lookalike mock openapi.yaml --port 0 --no-security --watch",
            "any free port, no credentials, reload on changes",
        ),
        (
            "lookalike mock users.yaml /orders=orders.yaml",
            "two APIs in one server, the second one below /orders",
        ),
        (
            "lookalike mock lead --reading requirement=tags-suffice",
            "the Lead API, with one of its open questions decided",
        ),
    ],
    otherwise="the Lead API",
)
@click.argument(
    "document", cls=DocumentsArgument, nargs=-1, required=False, type=MountParam(), envvar="LOOKALIKE_DOCUMENT"
)
@OVERLAYS
@reference_options
@click.option(
    "--strict",
    cls=Option,
    group=_DOCUMENT,
    is_flag=True,
    help="Refuse to start if anything in the document is wrong, instead of leaving that part out.",
)
@click.option(
    "--watch",
    "follow",
    cls=Option,
    group=_DOCUMENT,
    is_flag=True,
    help="Reload the document and the other files when they change; the state is kept.",
)
@click.option(
    "--data",
    cls=Option,
    group=_STATE,
    type=FILE,
    help="Start with the items in this file, a list for each resource, instead of the examples in the document.",
)
@click.option(
    "--populate",
    cls=Option,
    group=_STATE,
    default=0,
    type=IntegerParam(0, 100_000),
    metavar="N",
    help="Start with at least N items of each resource; those that are missing are generated.",
)
@click.option(
    "--stateless",
    cls=Option,
    group=_STATE,
    is_flag=True,
    help="Store nothing: answer with the examples and schemas of the document, unless it has x-lookalike.",
)
@click.option(
    "--store",
    cls=Option,
    group=_STATE,
    default="memory:",
    show_default=True,
    metavar="URL",
    help="Keep the state here: memory:, sqlite:///FILE or postgresql://HOST/DATABASE.",
)
@click.option(
    "--durable",
    cls=Option,
    group=_STATE,
    is_flag=True,
    help="Let a commit to SQLite survive a loss of power too, which takes several times as long.",
)
@click.option(
    "--save",
    cls=Option,
    group=_STATE,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the state of all sandboxes to this file at the end, and take it up from there at the start.",
)
@click.option(
    "--reading",
    "readings",
    cls=Option,
    group=_STATE,
    multiple=True,
    type=ReadingChoiceParam(),
    help="Decide a question that the document leaves open (GET /__lookalike/readings lists them); repeatable.",
)
@click.option(
    "--profile",
    cls=Option,
    group=_STATE,
    type=FILE,
    help="Decide such questions by this file, which `lookalike calibrate` writes; --reading takes precedence.",
)
@click.option(
    "--security/--no-security",
    cls=Option,
    group=_ANSWERS,
    default=True,
    show_default=True,
    help="Refuse requests without the credentials that the document asks for.",
)
@click.option(
    "--tokens",
    cls=Option,
    group=_ANSWERS,
    type=FILE,
    help="Accept the tokens, keys and passwords in this file only, for the schemes that it names.",
)
@click.option(
    "--sign-in",
    cls=Option,
    group=_ANSWERS,
    type=click.Choice(["auto", "page"]),
    default="auto",
    show_default=True,
    help="Where the document has OAuth 2 or OpenID Connect: let users in at once, or let them choose on a page.",
)
@click.option(
    "--issuer",
    cls=Option,
    group=_ANSWERS,
    type=UrlParam(),
    default="",
    metavar="URL",
    help="Issue tokens in the name of this URL, by which clients reach the mock, instead of the Host of the request.",
)
@click.option(
    "--errors",
    cls=Option,
    group=_ANSWERS,
    type=click.Choice(["refuse", "report"]),
    default="refuse",
    show_default=True,
    help="Refuse an invalid request, or answer it as usual and list what is wrong in the header Lookalike-Violations.",
)
@click.option(
    "--strict-accept",
    cls=Option,
    group=_ANSWERS,
    is_flag=True,
    help="Refuse every media type in Accept (406) and Content-Type (415) that the document does not name. "
    "By default, usual ones, such as a vendor's JSON type, are accepted.",
)
@click.option(
    "--examples",
    "pairs_examples",
    cls=Option,
    group=_ANSWERS,
    is_flag=True,
    help="Answer a request that equals an example of the document with the response example of the same name.",
)
@click.option(
    "--dynamic/--no-dynamic",
    cls=Option,
    group=_ANSWERS,
    help="Generate new values for each response that does not depend on the state, instead of repeating the example. "
    "Needs: pip install 'lookalike[dynamic]'.",
)
@click.option(
    "--seed",
    cls=Option,
    group=_ANSWERS,
    type=IntegerParam(),
    metavar="N",
    help="Let --dynamic generate the same values in each run instead of others each time, and --populate other ones.",
)
@click.option(
    "--callback-host",
    "callback_hosts",
    cls=Option,
    group=_SERVER,
    multiple=True,
    type=HostParam(),
    metavar="HOST",
    help="Let the mock send callbacks and webhooks to this host too, besides this machine; repeatable.",
)
@click.option(
    "--webhook-url",
    "webhook_urls",
    cls=Option,
    group=_SERVER,
    multiple=True,
    metavar="URL",
    help="Send the webhooks of the document here, each after the changes that it tells of; repeatable.",
)
@click.option(
    "--webhook-secret",
    cls=Option,
    group=_SERVER,
    default="",
    metavar="TEXT",
    help="Sign callbacks and webhooks by this secret, where the document says how.",
)
@click.option(
    "--stream-interval",
    cls=Option,
    group=_ANSWERS,
    type=DurationParam(),
    default="0s",
    metavar="TIME",
    help="Send the items of sequences (server-sent events, JSON lines, JSON sequences) one by one, so long after each "
    "other; a list of events stays open, and items that are created or changed follow.",
)
@click.option(
    "--faults",
    cls=Option,
    group=_FAULTS,
    type=FILE,
    help="Misbehave by the rules in this file: delays, errors, lost connections, rate limits, sequences of answers.",
)
@click.option(
    "--chaos",
    cls=Option,
    group=_FAULTS,
    type=click.Choice(list(PROFILES)),
    help="Misbehave as an unreliable service, a slow network, or one that is down.",
)
@host_option(_SERVER)
@port_option(_SERVER, 4010)
@click.option(
    "--workers",
    cls=Option,
    group=_SERVER,
    default=1,
    show_default=True,
    type=IntegerParam(1, 64),
    metavar="N",
    help="Serve by N processes, which share the state in a --store of SQLite or PostgreSQL.",
)
@click.option(
    "--base-path",
    cls=Option,
    group=_SERVER,
    metavar="PATH",
    help="Serve all paths below this one, such as /api/v1, instead of the path of the document's first server.",
)
@click.option(
    "--cors/--no-cors",
    cls=Option,
    group=_SERVER,
    default=True,
    show_default=True,
    help="Let web pages of any origin call the mock (CORS).",
)
@max_body_option(_SERVER, "1MiB")
@click.option(
    "--max-connections",
    cls=Option,
    group=_SERVER,
    type=IntegerParam(1),
    default=10_000,
    show_default=True,
    metavar="N",
    help="Tell further clients to come again with 503.",
)
@click.option(
    "--header-timeout",
    cls=Option,
    group=_SERVER,
    type=DurationParam(),
    default="30s",
    show_default=True,
    help="Answer a request whose head takes longer with 408.",
)
@click.option(
    "--body-timeout",
    cls=Option,
    group=_SERVER,
    type=DurationParam(),
    default="60s",
    show_default=True,
    help="Answer a request whose body takes longer with 408, and close where a response is not taken for as long.",
)
@click.option(
    "--keep-alive-timeout",
    cls=Option,
    group=_SERVER,
    type=DurationParam(),
    default="75s",
    show_default=True,
    help="Close a connection that has no request for so long.",
)
@click.option(
    "--journal-size",
    cls=Option,
    group=_SERVER,
    type=SizeParam(),
    default="64MiB",
    show_default=True,
    help="Keep the latest exchanges for the control API in so much memory.",
)
@click.option(
    "--control/--no-control",
    cls=Option,
    group=_SERVER,
    default=True,
    show_default=True,
    help="Serve the control API, which shows and changes the state.",
)
@click.option(
    "--control-prefix",
    cls=Option,
    group=_SERVER,
    default=PREFIX,
    show_default=True,
    metavar="PATH",
    help="Serve the control API below this path.",
)
@click.option(
    "--tls",
    cls=Option,
    group=_SERVER,
    is_flag=True,
    help="Serve over HTTPS, with a certificate for this machine that is made on the spot; the start says which file "
    "clients must trust.",
)
@click.option(
    "--tls-cert",
    cls=Option,
    group=_SERVER,
    type=FILE,
    help="Serve over HTTPS with the certificate in this file (PEM); --tls-key has its key.",
)
@click.option(
    "--tls-key",
    cls=Option,
    group=_SERVER,
    type=FILE,
    help="The private key of --tls-cert (PEM).",
)
@click.option(
    "--max-sandboxes",
    cls=Option,
    group=_SERVER,
    type=IntegerParam(0),
    default=10_000,
    show_default=True,
    metavar="N",
    help="Refuse to make more sandboxes (503).",
)
@click.option(
    "--sandbox-size",
    cls=Option,
    group=_SERVER,
    type=SizeParam(),
    default="16MiB",
    show_default=True,
    help="Refuse a change by which the items of a sandbox would take more (507); its journal takes as much at most.",
)
@click.option(
    "--state-size",
    cls=Option,
    group=_SERVER,
    type=SizeParam(),
    default="256MiB",
    show_default=True,
    help="Refuse a change by which the items of the default sandbox, in memory, would take more (507).",
)
@click.option(
    "--sandbox-ttl",
    cls=Option,
    group=_SERVER,
    type=DurationParam(),
    default="1h",
    show_default=True,
    help="Drop a sandbox that was not used for so long.",
)
@click.option(
    "--control-token",
    cls=Option,
    group=_SERVER,
    metavar="TOKEN",
    help="Open the control API to every client that sends this token, instead of to this machine only. "
    "With a --host that others reach, a token is generated and printed.",
)
@click.option(
    "--log",
    cls=Option,
    group=_SERVER,
    type=click.Choice(["text", "json", "off"]),
    default="text",
    show_default=True,
    help="Log each request on standard error, in this form.",
)
@click.option(
    "--metrics",
    cls=Option,
    group=_SERVER,
    is_flag=True,
    help="Keep metrics for Prometheus, at /__lookalike/metrics. Needs: pip install 'lookalike[metrics]'.",
)
@click.option(
    "--list",
    "shows_all",
    cls=Option,
    group=_SERVER,
    is_flag=True,
    help="List every operation at the start, not only the first twelve.",
)
def command(**options: Any) -> None:
    """Serve a mock of the API that DOCUMENT describes, until Ctrl-C.

    The mock checks requests, stores the items that they create and change, and answers as the document says.
    Several documents are served by one mock, each below the path of its first server, or below the one that is given in
    front, as in /orders=orders.yaml.
    """
    _mock(MockSettings(**options))


def _mock(settings: MockSettings) -> None:
    mounts = settings.document
    document = choose_document(mounts[0].source if mounts else None, lead_by_default)
    is_alone = len(mounts) < 2 and all(mount.path is None for mount in mounts)
    sources = Sources(
        document.source if is_alone else mounts,
        settings.data,
        settings.tokens,
        settings.profile,
        dict(settings.readings),
        settings.overlays,
        settings.strict,
        infer=not settings.stateless,
        populate=settings.populate,
        strictness=Strictness(settings.security, settings.errors == "refuse", settings.strict_accept),
        variation=Variation(settings.dynamic, settings.seed),
        references=settings.references,
        pairs_examples=settings.pairs_examples,
    )
    began = time.time_ns()
    with garbage_collection_paused():
        parts = load(sources)
        gc.freeze()  # the document lives as long as the process, and the collection that is due would walk it
    contract = parts.model.contract
    tell_of_flaws(contract)
    if settings.pairs_examples:
        tell(_pairs_found(contract), err=True)
    if settings.save is not None and settings.store != "memory:":
        raise UsageError("--save is for a store in memory; the state in another --store is kept anyway")
    _check_workers(settings)
    certificate = _certificate(settings)
    scheme = "https" if certificate else "http"
    stores = open_stores(settings.store, settings.sandbox_size, settings.durable, settings.state_size)
    faults = read_faults(settings.faults, settings.chaos, contract)
    mock = assemble(parts, settings.journal_size, stores.open(DEFAULT), faults)
    targets = _webhook_targets(settings, contract)
    if contract.has_callbacks or contract.webhooks:
        mock.callbacks = CallbackSender(settings.callback_hosts, targets, settings.webhook_secret)
    limits = SandboxLimits(settings.max_sandboxes, settings.sandbox_size, settings.sandbox_ttl)
    sandboxes = Sandboxes(mock, limits, settings.journal_size, stores=stores)
    fit_stored(sandboxes, stores)
    if settings.save is not None:
        take_up(settings.save, sandboxes)
    base_path = _with_slash(contract.base_path if settings.base_path is None else settings.base_path)
    log = log_to_stderr()
    prefix = f"{_with_slash(settings.control_prefix)}/" if settings.control else None
    generated = _generated_token(settings)
    token = settings.control_token or generated
    metrics = _metrics(sandboxes) if settings.metrics else None
    options = MockOptions(
        base_path,
        settings.cors,
        settings.max_body,
        token or None,
        _counted(_exchange_log(settings.log, log), metrics),
        prefix,
        scheme,
        SignInOptions(settings.issuer.rstrip("/"), settings.sign_in == "page"),
        metrics.response if metrics is not None else None,
        has_request_ids=settings.log == "json",
    )
    dispatcher = _dispatcher(mock, options, sandboxes, settings.stream_interval)
    if settings.follow:
        watch(sources, parts, sandboxes, _tell, began)
    shown = None if settings.control_token else prefix
    trusted = str(certificate.certificate) if certificate and not settings.tls_cert else ""
    banner = Banner(settings.host, base_path, settings.security, settings.shows_all, shown, generated, scheme, trusted)

    def announce(port: int) -> None:
        document.tell()  # only now, so that an error stays the only line
        with suppress(OSError):  # standard output is closed, and the mock serves all the same
            for line in lines(banner, port, mock, parts):
                tell(line)

    tls = tls_context(certificate) if certificate else None
    _serve(settings, dispatcher, tls, announce, stores)
    if settings.save is not None:
        save(settings.save, sandboxes)
    stores.close()


def _serve(
    settings: MockSettings,
    dispatcher: Dispatcher,
    tls: ssl.SSLContext | None,
    announce: Callable[[int], None],
    stores: Stores,
) -> None:
    """Serve until a signal, by this process or by workers."""
    limits = Limits(
        settings.max_connections, settings.header_timeout, settings.body_timeout, settings.keep_alive_timeout
    )
    endpoint = Endpoint(settings.host, settings.port, tls)
    if settings.workers == 1:
        serve(dispatcher, endpoint, announce, limits)
        return
    from lookalike.server.workers import run_workers

    def work(listener: socket.socket, lifeline: int) -> None:
        stores.reopen()
        serve_as_worker(dispatcher, listener, lifeline, tls, limits)

    def announce_and_close(port: int) -> None:
        announce(port)
        stores.close()  # no connection is handed down to the workers

    run_workers(endpoint, settings.workers, work, announce_and_close, _tell)


def _pairs_found(contract: Contract) -> str:
    """How many requests are answered by an example."""
    pairs = [len(example_pairs(contract.document.data, operation)) for operation in contract.operations]
    count, operations = sum(pairs), sum(map(bool, pairs))
    if not count:
        return "--examples: no request example of the document has a response example of the same name"
    plural = "s" if operations > 1 else ""
    return f"{count} request{'s' if count > 1 else ''} of {operations} operation{plural} answered by example"


def _check_workers(settings: MockSettings) -> None:
    """Raise `UsageError` where the settings do not allow for several processes."""
    if settings.workers == 1:
        return
    if not is_shared_store(settings.store):
        raise UsageError(
            "--workers needs a store that processes can share, and memory: is none",
            "Add --store sqlite:///state.db, or a postgresql:// URL",
        )
    if settings.follow:
        raise UsageError(
            "--watch and --workers do not go together: workers would follow a change one after the other",
            "Leave one of them out",
        )


def _webhook_targets(settings: MockSettings, contract: Contract) -> "tuple[WebhookTarget, ...]":
    """Where webhooks go at first; raises `UsageError` for a URL to which nothing may be sent."""
    if not settings.webhook_urls:
        return ()
    from lookalike.cli.webhooks import tell_of_webhooks, webhook_targets

    targets = webhook_targets(settings.webhook_urls, settings.callback_hosts)
    tell_of_webhooks(contract, settings.webhook_secret)
    return targets


def _metrics(sandboxes: Sandboxes) -> "Metrics":
    from lookalike.server.metrics import Metrics

    return Metrics(sandboxes)


def _counted(log: Log | None, metrics: "Metrics | None") -> Log | None:
    """A log of exchanges that counts them for the metrics, too."""
    if metrics is None:
        return log
    count = metrics.count

    def both(entry: dict[str, Any]) -> None:
        count(entry)
        if log is not None:
            log(entry)

    return both


def _dispatcher(mock: MockService, options: MockOptions, sandboxes: Sandboxes, interval: float) -> Dispatcher:
    if not interval:
        return Dispatcher(mock, options, sandboxes)
    from lookalike.server.streaming import StreamingDispatcher

    return StreamingDispatcher(mock, options, sandboxes, interval)


def _certificate(settings: MockSettings) -> Certificate | None:
    """The certificate to serve with; None without TLS."""
    if settings.tls_cert and settings.tls_key:
        return Certificate(settings.tls_cert, settings.tls_key)
    if settings.tls_cert or settings.tls_key:
        missing = "--tls-key" if settings.tls_cert else "--tls-cert"
        raise UsageError(f"{missing} is missing: a certificate and its key come together")
    return certificate_on_the_spot(Path.home() / ".cache" / "lookalike" / "tls") if settings.tls else None


def _generated_token(settings: MockSettings) -> str:
    """A token for the control API of a mock that other machines reach, unless there is one."""
    is_open = settings.control and not settings.control_token and not is_loopback_host(settings.host)
    return secrets.token_urlsafe(24) if is_open else ""


def _with_slash(path: str) -> str:
    stripped = path.strip("/")
    return f"/{stripped}" if stripped else ""


def _tell(text: str) -> None:
    tell(text, err=True)


def _exchange_log(form: str, log: DroppingLog) -> Callable[[dict[str, Any]], None] | None:
    """A function that logs an exchange in a form; None where none is to be logged."""

    def in_text(entry: dict[str, Any]) -> None:
        log.write(f"{entry['method']} {entry['path']} -> {entry['status']} {entry['reason']}")

    def in_json(entry: dict[str, Any]) -> None:
        log.write(json.dumps(entry))

    return {"text": in_text, "json": in_json}.get(form)
