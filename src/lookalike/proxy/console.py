"""The console of a proxy: the exchanges as they pass, and the verdict so far, at a path of the proxy itself."""

from collections.abc import Callable, Iterator
from functools import cached_property, partial
from wsgiref.types import WSGIApplication

from lookalike.assembly import Sources, assemble, parts_of
from lookalike.contract.contract import Contract
from lookalike.har.reading import MOCKED
from lookalike.http import Headers, Request, Response, essence
from lookalike.model.response.outcome import Outcome
from lookalike.pacing import at_length
from lookalike.proxy.exchange_order import ProxiedExchange
from lookalike.proxy.paths import PREFIX
from lookalike.schema.validator import Violation
from lookalike.verify.traffic.base_url import BaseUrl
from lookalike.verify.traffic.judge import TrafficFinding
from lookalike.verify.traffic.secrets import TrafficSecrets

_REASON = "Lookalike-Reason"
_JOURNAL_SIZE = 32 * 2**20


class ProxyConsole:
    """A page with the latest exchanges, without secrets; `verdict` makes the report so far, as JSON.

    A mock that no request reaches keeps the journal, so that the page is the console that mocks have.
    """

    def __init__(self, contract: Contract, base: BaseUrl, secrets: TrafficSecrets, verdict: Callable[[], str]) -> None:
        self._mock = assemble(parts_of(contract, Sources(data={})), _JOURNAL_SIZE)
        self._base = base
        self._secrets = secrets
        self._verdict = verdict

    def note(self, proxied: ProxiedExchange, findings: tuple[TrafficFinding, ...]) -> None:
        """Show an exchange with its findings."""
        outcome = Outcome(
            self._shown_response(proxied),
            violations=tuple(_violations(proxied, findings)),
            clauses=tuple(one.clause for one in findings if one.clause),
        )
        self._mock.record(self._shown_request(proxied), outcome)

    def respond(self, request: Request, client: str) -> Response:
        """The response to a request below `PREFIX`."""
        from lookalike.server.wsgi import call_wsgi

        return at_length(partial(call_wsgi, self._app, request, client))

    @cached_property
    def _app(self) -> WSGIApplication:
        """The pages, made at the first request for one: Flask takes long to load."""
        from lookalike.server.control.blueprint import console_of_proxy

        return console_of_proxy(self._mock, PREFIX, self._verdict)

    def _shown_request(self, proxied: ProxiedExchange) -> Request:
        request, hide = proxied.exchange.request, self._secrets
        path = self._base.below(proxied.exchange)
        return request._replace(
            path=hide.hide(request.path if path is None else path),
            base_path="" if path is None else self._base.path,
            query=hide.hide_in_query(request.query),
            headers=Headers({name: hide.hide_in_field(name, value) for name, value in request.headers.items()}),
            body=self._shown_body(request.body, request.headers.get("content-type", "")),
        )

    def _shown_response(self, proxied: ProxiedExchange) -> Response:
        response = proxied.exchange.response
        if response is None:
            return Response(0)
        fields = tuple((name, self._secrets.hide_in_field(name, value)) for name, value in response.headers)
        if proxied.is_mocked:
            reason = response.header(_REASON) or ""
            fields = (*(field for field in fields if field[0] != _REASON), (_REASON, f"{MOCKED}: {reason}"))
        return Response(response.status, fields, self._shown_body(response.body, response.header("Content-Type") or ""))

    def _shown_body(self, body: bytes, media_type: str) -> bytes:
        try:
            return self._secrets.hide_in_body(body.decode(), essence(media_type)).encode()
        except UnicodeDecodeError:
            return body


def _violations(proxied: ProxiedExchange, findings: tuple[TrafficFinding, ...]) -> Iterator[Violation]:
    """The flaws in the parts of an exchange, each as a violation that the page shows."""
    if proxied.failure:
        yield Violation("response", (), "", proxied.failure)
    for one in findings:
        if one.violations:
            yield from one.violations
            continue
        part = "path" if one.is_of_client else "response"
        yield Violation(part, (), one.clause, f"expected {one.expected}; got {one.got}")
