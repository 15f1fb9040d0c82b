"""The callbacks that a request leads to: URL, header fields and body, worked out from the exchange."""

import re
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from lookalike.codecs.media_types import is_json
from lookalike.contract.callbacks import Callback, filled
from lookalike.contract.contract import Contract, Operation
from lookalike.contract.responses import Representation
from lookalike.errors import UsageError
from lookalike.http import Request, origin_of
from lookalike.json_values import ABSENT
from lookalike.model.response.examples import ORIGIN, ResponseBodies, with_accepted_members
from lookalike.model.response.outcome import Outcome
from lookalike.model.response.runtime_expressions import RuntimeExpressions

if TYPE_CHECKING:  # most documents sign nothing
    from lookalike.contract.signatures import Signature

_ORIGIN = ORIGIN.encode()
_IS_FIELD_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z").match
_IS_PRINTABLE = re.compile(r"[!-~]+\Z").match


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
        exchange = RuntimeExpressions(request, outcome.response, operation.path)
        found = (self._outgoing(operation, callback, exchange) for callback in operation.callbacks)
        return tuple(one for one in found if one is not None)

    def webhook(self, webhook: Callback, url: str, body: Any = ABSENT) -> OutgoingRequest:
        """A webhook to a URL, with a body or else with the documented one.

        Raises `UsageError` if a body is given that is not as documented.
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

    def _outgoing(
        self, operation: Operation, callback: Callback, exchange: RuntimeExpressions
    ) -> OutgoingRequest | None:
        try:
            url = filled(callback.url, exchange.text)
        except LookupError:
            return None
        if not url:
            return None
        made = addressed(
            OutgoingRequest(operation.id, callback.name, callback.method, url, signature=callback.signature)
        )
        if made.why:
            return made
        media_type, body = self._body(callback, exchange)
        return made._replace(headers=fields_of(callback, media_type), body=body)

    def _body(self, callback: Callback, exchange: RuntimeExpressions) -> tuple[str, bytes]:
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
    """The reason why a text is no URL that a request can be sent to; empty if it is one."""
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
