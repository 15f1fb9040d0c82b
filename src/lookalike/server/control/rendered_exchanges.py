"""Exchanges of the journal as the control API shows them: without secrets."""

import base64
import re
from typing import Any, NamedTuple
from urllib.parse import unquote_plus

from lookalike.journal import JournalEntry
from lookalike.model.state import Change, Item, Put
from lookalike.service import MockService

# The names of header fields and query parameters whose values are credentials.
_SECRET = re.compile("auth|cookie|token|secret|key|pass|credential|session", re.IGNORECASE)


_HIDDEN = "(redacted)"


class Secrets(NamedTuple):
    """The header fields, in lower case, and the query parameters in which the contract expects credentials."""

    headers: frozenset[str]
    parameters: frozenset[str]


def secrets_of(mock: MockService) -> Secrets:
    """The places in which the contract of a mock expects credentials."""
    schemes = mock.model.contract.schemes.values()
    named = {scheme.bearer.second_header.under(mock.choose).lower() for scheme in schemes}
    keys = {scheme.parameter.lower() for scheme in schemes if scheme.location == "header"}
    return Secrets(frozenset(named | keys), frozenset(one.parameter for one in schemes if one.location == "query"))


def rendered(entry: JournalEntry, secrets: Secrets) -> dict[str, Any]:
    """A journal entry as the document of this API describes it, without secrets."""
    request, outcome = entry.request, entry.outcome
    return {
        "number": entry.number,
        "cut": entry.cut,
        "at": request.at,
        "operation": outcome.operation or None,
        "request": {
            "method": request.method,
            "base_path": request.base_path,
            "path": request.path,
            "query": _redacted(request.query, secrets),
            "headers": {
                name: _HIDDEN if name in secrets.headers or _SECRET.search(name) else value
                for name, value in request.headers.items()
            },
            "body": text_of(request.body),
        },
        "response": {
            "status": outcome.response.status,
            "headers": [list(header) for header in outcome.response.headers],
            "body": text_of(outcome.response.body),
        },
        "clauses": outcome.clauses,
        "readings": outcome.readings,
        "violations": [
            {
                "in": violation.where,
                "pointer": violation.pointer,
                "rule": violation.keyword,
                "message": violation.message,
            }
            for violation in outcome.violations
        ],
        "changes": [*map(_rendered_change, outcome.changes, outcome.before)],
    }


def summary(mock: MockService, entry: JournalEntry) -> dict[str, Any]:
    """The line of an exchange in a list."""
    request, outcome = entry.request, entry.outcome
    return {
        "number": entry.number,
        "at": request.at,
        "operation": outcome.operation or None,
        "method": request.method,
        "path": request.base_path + request.path,
        "query": _redacted(request.query, secrets_of(mock)),
        "status": outcome.response.status,
        "reason": outcome.response.header("Lookalike-Reason") or "",
    }


def _redacted(query: str, secrets: Secrets) -> str:
    return "&".join(_redacted_field(field, secrets) for field in query.split("&"))


def _redacted_field(field: str, secrets: Secrets) -> str:
    name, equals, _ = field.partition("=")
    is_secret = equals and (_SECRET.search(name) or unquote_plus(name) in secrets.parameters)
    return f"{name}={_HIDDEN}" if is_secret else field


def _rendered_change(change: Change, before: Item | None) -> dict[str, Any]:
    item = change.item if isinstance(change, Put) else None
    return {"resource": change.resource, "key": change.key, "before": before, "item": item}


def text_of(body: bytes) -> dict[str, str]:
    """A body as text, or in base64 where it is none."""
    try:
        return {"text": body.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(body).decode()}
