"""`lookalike proxy` at work."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from lookalike.assembly import Sources, assemble, parts_of
from lookalike.cli.contracts import tell_of_flaws
from lookalike.cli.documents import choose_document, lead_by_default
from lookalike.cli.output import tell
from lookalike.cli.runs.traffic_report import end
from lookalike.contract.contract import Contract
from lookalike.contract.reader import load_contract
from lookalike.contract.routing import path_prefix
from lookalike.errors import UsageError
from lookalike.http import Request, Response
from lookalike.model.strictness import Strictness
from lookalike.openapi.sources import ReferenceRules, Source, SourceReader
from lookalike.proxy.application import ProxyApplication, ProxyOptions
from lookalike.proxy.console import ProxyConsole
from lookalike.proxy.exchange_order import ExchangeOrder, Listeners, ProxiedExchange
from lookalike.proxy.har_writer import HarWriter
from lookalike.proxy.missing import MissingOperations
from lookalike.proxy.paths import PREFIX
from lookalike.proxy.transcript_writer import TranscriptWriter
from lookalike.reports.as_json import as_json
from lookalike.reports.formats import destinations
from lookalike.server.control.access import is_loopback_host
from lookalike.server.log import log_to_stderr
from lookalike.server.mock_handler import MockHandler, MockOptions
from lookalike.server.serve import Endpoint, in_url, serve
from lookalike.verify.results import Report, redacted
from lookalike.verify.server.client import checked_url
from lookalike.verify.server.transport import ConnectionSettings, Transport
from lookalike.verify.traffic.base_url import BaseUrl
from lookalike.verify.traffic.bounded_counter import BoundedCounter
from lookalike.verify.traffic.judge import TrafficFinding, TrafficJudge
from lookalike.verify.traffic.secrets import TrafficSecrets

_KEPT, _BROKEN_BY_SERVER, _BROKEN_BY_CLIENT, _MOCKED, _NOT_JUDGED = "✓", "✗", "!", "~", "-"
_MOST_MOCKED = 1_000  # different requests that the report names


@dataclass(frozen=True, slots=True)
class ProxySettings:
    """The values of the options of `lookalike proxy`; durations are in seconds, sizes in bytes."""

    url: str
    document: Source | None
    overlays: tuple[Path, ...]
    references: ReferenceRules
    base_path: str | None
    settle: float
    fail_on_requests: bool
    mocks_missing: bool
    cacert: Path | None
    insecure: bool
    timeout: float
    host: str
    port: int
    max_body: int
    max_response: int
    has_console: bool
    har: Path | None
    record: Path | None
    reports: tuple[str, ...]


def run(**options: Any) -> int:
    """Pass traffic on until a signal, and judge it; the exit code of the command."""
    settings = ProxySettings(**options)
    url, _ = checked_url(settings.url)
    files = destinations(settings.reports)
    chosen = choose_document(settings.document, lead_by_default)
    contract = load_contract(chosen.source, settings.overlays, reader=SourceReader(settings.references))
    base = _base(url, settings.base_path, contract)
    secrets = TrafficSecrets([one.parameter for one in contract.schemes.values() if one.parameter])
    with ExitStack() as stack:
        har = HarWriter(settings.har, secrets) if settings.har is not None else None
        if har is not None:
            stack.callback(har.close)
        transcript = TranscriptWriter(settings.record, base, secrets) if settings.record is not None else None
        writers = [one.write for one in (har, transcript) if one is not None]

        def verdict() -> str:
            return as_json(order.between(session.report))

        console = ProxyConsole(contract, base, secrets, verdict) if settings.has_console else None
        judge = TrafficJudge(contract, base, settings.settle, contract.schemes)
        session = ProxySession(judge, base, secrets, writers, console)
        order = ExchangeOrder(Listeners(session.note, session.judge.forget), base.origin)
        application = ProxyApplication(
            _transport(base.origin, settings),
            order,
            ProxyOptions(settings.timeout, settings.max_body, settings.max_response, is_loopback_host(settings.host)),
            _missing(contract, base.path) if settings.mocks_missing else None,
            console,
        )
        log_to_stderr()

        def announce(port: int) -> None:
            chosen.tell()  # only now, so that an error stays the only line
            tell_of_flaws(contract)
            own = f"http://{in_url(settings.host)}:{port}"
            tell(f"Lookalike passes on {own}{base.path} to {base.origin}{base.path}")
            tell(f"As a proxy: HTTP_PROXY={own}")
            if console is not None:
                tell(f"Console: {own}{PREFIX}")

        serve(application, Endpoint(settings.host, settings.port), announce)
        unfinished = order.close()
    report = session.report([f"{unfinished} exchanges had not ended"] if unfinished else [])
    tell("")
    if transcript is not None:
        _tell_of(transcript)
    return end(report, session.judge, files, settings.fail_on_requests)


def _tell_of(transcript: TranscriptWriter) -> None:
    file = transcript.close()
    tell("no exchange to record" if file is None else f"{file}: replay it with `lookalike replay {file} URL …`")
    if transcript.unrecorded:
        tell(f"{transcript.unrecorded} exchanges are left out of it: their bodies are too long, or they are too many")


class ProxySession:
    """The exchanges so far: each is judged, told on standard output and in the console, and given to `writers`."""

    def __init__(
        self,
        judge: TrafficJudge,
        base: BaseUrl,
        secrets: TrafficSecrets,
        writers: Sequence[Callable[[ProxiedExchange], None]],
        console: ProxyConsole | None,
    ) -> None:
        self.judge = judge
        self._base = base
        self._secrets = secrets
        self._writers = writers
        self._console = console
        self._mocked = BoundedCounter[str](_MOST_MOCKED)

    def note(self, proxied: ProxiedExchange) -> None:
        """Take up an exchange."""
        self._secrets.learn(proxied.exchange)
        findings = () if proxied.is_mocked else self.judge.judge(proxied.exchange)
        if proxied.is_mocked:
            request = proxied.exchange.request
            self._mocked.count(f"{request.method} {request.path}", "other requests")
        for write in self._writers:
            write(proxied)
        if self._console is not None:
            self._console.note(proxied, findings)
        mark = self._mark(proxied, findings)
        for line in _lines(mark, proxied, findings):
            tell(self._secrets.hide(line))
        sys.stdout.flush()

    def _mark(self, proxied: ProxiedExchange, findings: tuple[TrafficFinding, ...]) -> str:
        if proxied.is_mocked:
            return _MOCKED
        if proxied.failure or any(not one.is_of_client for one in findings):
            return _BROKEN_BY_SERVER
        if findings:
            return _BROKEN_BY_CLIENT
        return _KEPT if self._base.below(proxied.exchange) is not None else _NOT_JUDGED

    def report(self, notes: Sequence[str] = ()) -> Report:
        """The report on all exchanges."""
        why = "answered by the mock, since the server does not have it"
        mocked = [f"{why}: {line} ({count}x)" for line, count in self._mocked.items()]
        return redacted(self.judge.report([*mocked, *notes]), self._secrets.hide)


def _lines(mark: str, proxied: ProxiedExchange, findings: tuple[TrafficFinding, ...]) -> Iterator[str]:
    """The line about an exchange, and one for each finding."""
    exchange = proxied.exchange
    status = exchange.response.status if exchange.response is not None else "no answer"
    why = f": {proxied.failure}" if proxied.failure else ""
    line = f"{exchange.request.method} {exchange.request.path} -> {status} ({exchange.seconds * 1000:.0f} ms){why}"
    yield f"{mark} {line}"
    for finding in findings:
        side = finding.clause or "the request"
        yield f"    {side}: expected {finding.expected}; got {finding.got}"


def _base(url: str, base_path: str | None, contract: Contract) -> BaseUrl:
    parts = urlsplit(url)
    path = parts.path if base_path is None and parts.path else contract.base_path if base_path is None else base_path
    return BaseUrl(f"{parts.scheme}://{parts.netloc}", path_prefix(path))


def _transport(origin: str, settings: ProxySettings) -> Transport:
    if settings.cacert is not None and not settings.cacert.is_file():
        raise UsageError(f"--cacert {settings.cacert}: there is no such file")
    trusted: str | bool = str(settings.cacert) if settings.cacert else not settings.insecure
    return Transport(origin, ConnectionSettings({}, trusted, settings.timeout), is_streaming=True)


def _missing(contract: Contract, base_path: str) -> MissingOperations:
    """The mock for operations that the server does not have; credentials are the concern of the server."""
    mock = assemble(parts_of(contract, Sources(strictness=Strictness(security=False))))
    handler = MockHandler(mock, MockOptions(base_path))

    def respond(request: Request) -> Response:
        return handler.respond(request)

    return MissingOperations(contract, base_path, respond)
