"""The callbacks that a request leads to: URL, header fields and body, worked out from the exchange."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from lookalike.codecs.json_text import DecodeError, parse_json, plain_numbers
from lookalike.codecs.media_types import is_json
from lookalike.codecs.parameter_styles import form_decoded, percent_decoded, query_fields
from lookalike.contract.callbacks import Callback, filled
from lookalike.contract.contract import Contract, Operation
from lookalike.contract.responses import Representation
from lookalike.errors import UsageError
from lookalike.http import Request, Response, origin_of
from lookalike.json_values import ABSENT, find, parse_pointer
from lookalike.model.response.examples import ORIGIN, ResponseBodies, with_accepted_members
from lookalike.model.response.response import Outcome

if TYPE_CHECKING:  # most documents sign nothing
    from lookalike.contract.signatures import Signature

_ORIGIN = ORIGIN.encode()
_IS_FIELD_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z").match
_IS_PRINTABLE = re.compile(r"[!-~]+\Z").match
# `$request.body#/url`, `$response.header.Location`, `$request.query.url`, `$request.path.id`.
_EXPRESSION = re.compile(r"\$(request|response)\.(?:body(?:#(/.*)?)?|(header|query|path)\.(.+))\Z")


class OutgoingRequest(NamedTuple):
    """A callback that is due; `why` says why it cannot be sent, and is empty where it can.

    It is signed as its `signature` says, by its `secret` or else by that of the sender.
    """

    operation: str
    callback: str
    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    why: str = ""
    signature: "Signature | None" = None
    secret: str = ""


class Callbacks:
    """The callbacks of a contract."""

    def __init__(self, contract: Contract) -> None:
        self._operations = {one.id: one for one in contract.operations if one.callbacks}
        self._bodies = ResponseBodies(contract)

    def __bool__(self) -> bool:
        return bool(self._operations)

    def of(self, request: Request, outcome: Outcome) -> tuple[OutgoingRequest, ...]:
        """The callbacks of an exchange whose request was fulfilled; one whose URL it does not give is left out."""
        operation = self._operations.get(outcome.operation)
        if operation is None or not 200 <= outcome.response.status < 300:
            return ()
        exchange = _CommittedExchange(request, outcome.response, operation)
        found = (self._outgoing(callback, exchange) for callback in operation.callbacks)
        return tuple(one for one in found if one is not None)

    def webhook(self, webhook: Callback, url: str, body: Any = ABSENT) -> OutgoingRequest:
        """A webhook to a URL, with a body or else with the documented one.

        Raises `UsageError` where a body is given that is not as documented.
        """
        made = addressed(OutgoingRequest("", webhook.name, webhook.method, url, signature=webhook.signature))
        representation = next(iter(webhook.content.values()), None)
        value = body
        if representation is not None and body is ABSENT:
            value = self._bodies.of(representation).value
        elif representation is not None and representation.schema is not None:
            wrong = [one.message for one in representation.schema.violations(body, "body", "the body")]
            if wrong:
                raise UsageError(f"this is no body of the webhook {webhook.name}: {'; '.join(wrong)}")
        elif body is not ABSENT and representation is None:
            raise UsageError(f"the webhook {webhook.name} has no body")
        if made.why or representation is None or value is ABSENT:
            return made._replace(headers=fields_of(webhook, ""))
        content = self._bodies.encoded(representation, representation.media_type, value)
        return made._replace(headers=fields_of(webhook, representation.media_type), body=content)

    def _outgoing(self, callback: Callback, exchange: "_CommittedExchange") -> OutgoingRequest | None:
        try:
            url = filled(callback.url, exchange.text)
        except LookupError:
            return None
        if not url:
            return None
        made = addressed(
            OutgoingRequest(exchange.operation.id, callback.name, callback.method, url, signature=callback.signature)
        )
        if made.why:
            return made
        media_type, body = self._body(callback, exchange)
        return made._replace(headers=fields_of(callback, media_type), body=body)

    def _body(self, callback: Callback, exchange: "_CommittedExchange") -> tuple[str, bytes]:
        """The media type and the body: the documented one, with what fits of the response and of the request."""
        representation = next(iter(callback.content.values()), None)
        if representation is None:
            return "", b""
        value = self._bodies.of(representation).value
        if value is ABSENT:
            return "", b""
        if is_json(representation.media_type) and representation.schema is not None and isinstance(value, dict):
            accepts = representation.schema.accepts
            for source in (exchange.request_body, exchange.response_body):
                if isinstance(source, dict):
                    known = {name: source[name] for name in value.keys() & source.keys()}
                    value = with_accepted_members(accepts, value, {**value, **known})
        return representation.media_type, encoded(self._bodies, representation, value, exchange.request)


def encoded(bodies: ResponseBodies, representation: Representation, value: Any, request: Request) -> bytes:
    """The bytes of a body, whose URLs of the mock lead to where a request was sent."""
    content = bodies.encoded(representation, representation.media_type, value)
    return content.replace(_ORIGIN, f"{origin_of(request)}{request.base_path}".encode())


def addressed(request: OutgoingRequest) -> OutgoingRequest:
    """The request, with the reason why it cannot be sent where its URL is none."""
    why = url_flaw(request.url)
    return request._replace(url=request.url[:1000], why=why) if why else request


def url_flaw(url: str) -> str:
    """Why a text is no URL that a request can be sent to; empty where it is one."""
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    is_good = parts.scheme in ("http", "https") and parts.hostname and _IS_PRINTABLE(url)
    return "" if is_good else "this is no absolute http URL"


def fields_of(callback: Callback, media_type: str) -> tuple[tuple[str, str], ...]:
    """The header fields of a callback, as far as the document has their values."""
    headers = tuple((name, str(value)) for name, value in callback.headers.items() if _IS_FIELD_NAME(name))
    return (("Content-Type", media_type), *headers) if media_type else headers


class _CommittedExchange(NamedTuple):
    """An exchange, as runtime expressions see it (OpenAPI 3.1 section 4.8.20.4)."""

    request: Request
    response: Response
    operation: Operation

    @property
    def request_body(self) -> Any:
        return _json_of(self.request.body)

    @property
    def response_body(self) -> Any:
        return _json_of(self.response.body)

    def text(self, expression: str) -> str:
        """The value of an expression as a text; raises `LookupError` where there is none."""
        whole = {"$method": self.request.method, "$statusCode": str(self.response.status), "$url": self._url()}
        if expression in whole:
            return whole[expression]
        match = _EXPRESSION.match(expression)
        if match is None:
            raise LookupError(expression)
        side, pointer, source, name = match.groups()
        value = self._named(side, source, name) if source else self._in_body(side, pointer or "")
        if value is ABSENT or value is None or isinstance(value, dict | list):
            raise LookupError(expression)
        return value if isinstance(value, str) else str(value)

    def _url(self) -> str:
        query = f"?{self.request.query}" if self.request.query else ""
        return f"{origin_of(self.request)}{self.request.base_path}{self.request.path}{query}"

    def _in_body(self, side: str, pointer: str) -> Any:
        body = self.request_body if side == "request" else self.response_body
        if body is ABSENT and side == "request":
            body = {name: form_decoded(value) for name, value in query_fields(self.request.body.decode("latin-1"))}
        return find(body, parse_pointer(pointer))

    def _named(self, side: str, source: str, name: str) -> Any:
        if source == "header":
            found = self.request.headers.get(name.lower()) if side == "request" else self.response.header(name)
            return ABSENT if found is None else found
        if source == "query":
            given = {key: form_decoded(value) for key, value in query_fields(self.request.query)}
            return given.get(name, ABSENT)
        return dict(self._path_parameters()).get(name, ABSENT)

    def _path_parameters(self) -> Iterator[tuple[str, str]]:
        templates, sent = self.operation.path.split("/"), self.request.path.split("/")
        for template, text in zip(templates, sent, strict=False):
            if template.startswith("{") and template.endswith("}"):
                yield template[1:-1], percent_decoded(text)


def _json_of(body: bytes) -> Any:
    try:
        return plain_numbers(parse_json(body).value)
    except DecodeError:
        return ABSENT
