"""`lookalike mock` at work: from its options to a server that listens, until it is stopped."""

import gc
import json
import secrets
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lookalike.assembly import Parts, Sources, assemble, fit_stored, load
from lookalike.callbacks.sender import CallbackSender
from lookalike.cli.banner import Banner, lines
from lookalike.cli.contracts import tell_of_flaws
from lookalike.cli.documents import choose_document, lead_by_default
from lookalike.cli.faults import read_faults
from lookalike.cli.output import drop_output, tell
from lookalike.cli.saving import save, take_up
from lookalike.cli.watch import watch
from lookalike.contract.contract import Contract
from lookalike.contract.example_pairs import example_pairs
from lookalike.contract.routing import base_paths, path_prefix
from lookalike.errors import UsageError
from lookalike.http import is_watch
from lookalike.model.response.prefer import Variation
from lookalike.model.strictness import Strictness
from lookalike.oauth.server import SignInOptions
from lookalike.openapi.sources import Mount, ReferenceRules, Source
from lookalike.openapi.yaml_text import garbage_collection_paused
from lookalike.sandboxes import DEFAULT, Sandboxes, SandboxLimits
from lookalike.server.control.access import is_loopback_host
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


@dataclass(frozen=True, slots=True)
class MockSettings:
    """The values of the options of `lookalike mock`."""

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


def run(**values: Any) -> None:
    """Serve a mock until a signal. Raises `UsageError` and `DocumentError` before it listens."""
    settings = MockSettings(**values)
    mounts = settings.document
    document = choose_document(mounts[0].source if mounts else None, lead_by_default)
    sources = _sources(settings, document.source)
    began = time.time_ns()
    parts = _loaded(sources)
    _tell_of_contract(settings, parts.model.contract)
    _check(settings)
    certificate = _certificate(settings)
    stores = open_stores(settings.store, settings.sandbox_size, settings.durable, settings.state_size)
    mock = _assembled(settings, parts, stores)
    sandboxes = _sandboxes(settings, mock, stores)
    base_path = path_prefix(mock.model.contract.base_path if settings.base_path is None else settings.base_path)
    generated = _generated_token(settings)
    options = _options(settings, sandboxes, base_path, "https" if certificate else "http", generated)
    dispatcher = _dispatcher(mock, options, sandboxes, settings.stream_interval)
    if settings.follow:
        watch(sources, parts, sandboxes, _tell, began)
    banner = Banner(
        settings.host,
        base_path,
        is_guarded=settings.security,
        shows_all=settings.shows_all,
        control=None if settings.control_token else options.control_prefix,
        token=generated,
        scheme=options.scheme,
        trusted=str(certificate.certificate) if certificate and not settings.tls_cert else "",
    )

    def announce(port: int) -> None:
        document.tell()  # only now, so that an error stays the only line
        try:
            for line in lines(banner, port, mock, parts):
                tell(line)
        except OSError:  # standard output is closed, and the mock serves all the same
            drop_output()

    tls = tls_context(certificate) if certificate else None
    _serve(settings, dispatcher, tls, announce, stores, mock.callbacks)
    if settings.save is not None:
        save(settings.save, sandboxes)
    stores.close()


def _sources(settings: MockSettings, chosen: Source) -> Sources:
    """The files that a mock is made of, and how they are read; `chosen` is the document where it is the only one."""
    mounts = settings.document
    is_alone = len(mounts) < 2 and all(mount.path is None for mount in mounts)
    return Sources(
        chosen if is_alone else mounts,
        data=settings.data,
        tokens=settings.tokens,
        profile=settings.profile,
        readings=dict(settings.readings),
        overlays=settings.overlays,
        strict=settings.strict,
        infer=not settings.stateless,
        populate=settings.populate,
        strictness=Strictness(settings.security, settings.errors == "refuse", settings.strict_accept),
        variation=Variation(settings.dynamic, settings.seed),
        references=settings.references,
        pairs_examples=settings.pairs_examples,
    )


def _loaded(sources: Sources) -> Parts:
    with garbage_collection_paused():
        parts = load(sources)
        gc.freeze()  # the document lives as long as the process, and the collection that is due would walk it
    return parts


def _tell_of_contract(settings: MockSettings, contract: Contract) -> None:
    tell_of_flaws(contract)
    if settings.pairs_examples:
        tell(_pairs_found(contract), err=True)


def _check(settings: MockSettings) -> None:
    """Raise `UsageError` if settings do not go together."""
    if settings.save is not None and settings.store != "memory:":
        raise UsageError("--save is for a store in memory; the state in another --store is kept anyway")
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


def _assembled(settings: MockSettings, parts: Parts, stores: Stores) -> MockService:
    """The mock with its first store, its faults, and the callbacks and webhooks of its contract."""
    contract = parts.model.contract
    faults = read_faults(settings.faults, settings.chaos, contract)
    mock = assemble(parts, settings.journal_size, stores.open(DEFAULT), faults)
    targets = _webhook_targets(settings, contract)
    if contract.has_callbacks or contract.webhooks:
        mock.callbacks = CallbackSender(settings.callback_hosts, targets, settings.webhook_secret)
    return mock


def _sandboxes(settings: MockSettings, mock: MockService, stores: Stores) -> Sandboxes:
    """The sandboxes of a mock, with the state of an earlier run."""
    limits = SandboxLimits(settings.max_sandboxes, settings.sandbox_size, settings.sandbox_ttl)
    sandboxes = Sandboxes(mock, limits, settings.journal_size, stores=stores)
    fit_stored(sandboxes, stores)
    if settings.save is not None:
        take_up(settings.save, sandboxes)
    return sandboxes


def _options(
    settings: MockSettings, sandboxes: Sandboxes, base_path: str, scheme: str, generated_token: str
) -> MockOptions:
    log = log_to_stderr()
    metrics = _metrics(sandboxes) if settings.metrics else None
    return MockOptions(
        base_path,
        cors=settings.cors,
        max_body=settings.max_body,
        control_token=settings.control_token or generated_token or None,
        log=_counted(_exchange_log(settings.log, log), metrics),
        control_prefix=f"{path_prefix(settings.control_prefix)}/" if settings.control else None,
        scheme=scheme,
        sign_in=SignInOptions(settings.issuer.rstrip("/"), settings.sign_in == "page"),
        metrics=metrics.response if metrics is not None else None,
        has_request_ids=settings.log == "json",
        other_base_paths=_other_base_paths(settings, sandboxes.default.model.contract),
    )


def _other_base_paths(settings: MockSettings, contract: Contract) -> tuple[str, ...]:
    """The paths of the other servers of the document; none if the user says which prefix there is."""
    return base_paths(contract.document.data.get("servers", ()))[1:] if settings.base_path is None else ()


def _serve(  # noqa: PLR0913, PLR0917  # the parts that `run` has made
    settings: MockSettings,
    dispatcher: Dispatcher,
    tls: ssl.SSLContext | None,
    announce: Callable[[int], None],
    stores: Stores,
    callbacks: CallbackSender | None,
) -> None:
    """Serve until a signal, by this process or by workers."""
    limits = Limits(
        settings.max_connections, settings.header_timeout, settings.body_timeout, settings.keep_alive_timeout
    )
    endpoint = Endpoint(settings.host, settings.port, tls)
    if settings.workers == 1:
        serve(dispatcher, endpoint, announce, limits)
        if callbacks is not None:
            callbacks.close()
        return
    from lookalike.server.workers import run_workers

    def work(listener: socket.socket, lifeline: int) -> None:
        stores.reopen()
        serve_as_worker(dispatcher, listener, lifeline, tls, limits)
        if callbacks is not None:
            callbacks.close()

    def announce_and_close(port: int) -> None:
        announce(port)
        stores.close()  # no connection is handed down to the workers

    run_workers(endpoint, settings.workers, work, announce_and_close, _tell)


def _pairs_found(contract: Contract) -> str:
    """The number of requests that are answered by an example, as a sentence."""
    pairs = [len(example_pairs(contract.document.data, operation)) for operation in contract.operations]
    count, operations = sum(pairs), sum(map(bool, pairs))
    if not count:
        return "--examples: no request example of the document has a response example of the same name"
    plural = "s" if operations > 1 else ""
    return f"{count} request{'s' if count > 1 else ''} of {operations} operation{plural} answered by example"


def _webhook_targets(settings: MockSettings, contract: Contract) -> "tuple[WebhookTarget, ...]":
    """The targets of webhooks at the start; raises `UsageError` for a URL to which nothing may be sent."""
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
    if not interval and not _has_watches(mock.model.contract.document.data):
        return Dispatcher(mock, options, sandboxes)
    from lookalike.server.streaming import StreamingDispatcher

    return StreamingDispatcher(mock, options, sandboxes, interval)


def _has_watches(data: Mapping[str, Any]) -> bool:
    """Whether some list of a document can be watched, as those of Kubernetes."""
    reading = (item["get"] for item in data.get("paths", {}).values() if "get" in item)
    responses = (operation.get("responses", {}).get("200", {}) for operation in reading)
    return any(is_watch(name) for response in responses for name in response.get("content", ()))


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


def _tell(text: str) -> None:
    tell(text, err=True)


def _exchange_log(form: str, log: DroppingLog) -> Callable[[dict[str, Any]], None] | None:
    """A function that logs an exchange in a form; None if none is to be logged."""

    def in_text(entry: dict[str, Any]) -> None:
        log.write(f"{entry['method']} {entry['path']} -> {entry['status']} {entry['reason']}")

    def in_json(entry: dict[str, Any]) -> None:
        log.write(json.dumps(entry))

    return {"text": in_text, "json": in_json}.get(form)
