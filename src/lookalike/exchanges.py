"""Exchanges as texts: a request and its outcome as a store keeps them, so that every process can read them."""

import base64
from collections.abc import Sequence
from typing import Any, NamedTuple

from lookalike.codecs.json_text import parse_json, plain_numbers, to_json
from lookalike.http import Headers, Request, Response, Transmission
from lookalike.model.response.outcome import Outcome
from lookalike.model.state import Change, Delete, Put
from lookalike.schema.validator import Violation


class StoredExchange(NamedTuple):
    """A request with its outcome; `cut` names the parts that were too large to be kept."""

    request: Request
    outcome: Outcome
    cut: tuple[str, ...] = ()


def exchange_text(request: Request, outcome: Outcome, cut: Sequence[str] = ()) -> str:
    """An exchange as JSON, without the readings on which its violations depend and the source of a streamed body."""
    response, transmission = outcome.response, outcome.response.transmission
    return to_json(
        [
            [*request[:3], dict(request.headers), body_text(request.body), *request[5:]],
            [*response[:2], body_text(response.body), response.delay, transmission and transmission[:3]],
            [list(change) for change in outcome.changes],
            [list(violation[:5]) for violation in outcome.violations],
            outcome.clauses,
            outcome.readings,
            outcome.operation,
            list(cut),
            list(outcome.before),
        ]
    ).decode()


def read_exchange(text: str) -> StoredExchange:
    """The exchange in a text that `exchange_text` made."""
    request, response, changes, violations, clauses, readings, operation, cut, before = plain_numbers(
        parse_json(text.encode()).value
    )
    method, path, query, headers, body, *others = request
    status, fields, content, delay, transmission = response
    outcome = Outcome(
        Response(
            status,
            tuple((name, value) for name, value in fields),
            body_of(content),
            delay,
            None if transmission is None else Transmission(*transmission),
        ),
        tuple(map(_change, changes)),
        tuple(Violation(where, tuple(at), word, why, tuple(ids)) for where, at, word, why, ids in violations),
        tuple(clauses),
        tuple(readings),
        operation,
        before=tuple(before),
    )
    return StoredExchange(Request(method, path, query, Headers(headers), body_of(body), *others), outcome, tuple(cut))


def _change(parts: list[Any]) -> Change:
    if len(parts) == len(Delete._fields):
        return Delete(*parts)
    resource, key, item, aliases, parent, number = parts
    return Put(resource, key, item, tuple(aliases), parent, number)


def body_text(content: bytes) -> str | list[str]:
    """The bytes of a body as text; those that are no UTF-8 as a list of their Base64."""
    try:
        return content.decode()
    except UnicodeDecodeError:
        return [base64.b64encode(content).decode()]


def body_of(text: str | list[str]) -> bytes:
    """The bytes of a body that `body_text` made a text of."""
    return text.encode() if isinstance(text, str) else base64.b64decode(text[0])
