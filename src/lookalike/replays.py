"""Replays: a request that is sent again with its idempotency key gets the response of the first time.

The header field is that of the IETF's draft (draft-ietf-httpapi-idempotency-key-header, sections 2.6 and 2.7), under
any spelling of its name, where an operation documents it. A refusal is not kept: it changed nothing, and the client may
mend the request and send it with the same key.
"""

from collections.abc import Callable, Mapping
from threading import Lock
from typing import NamedTuple

from lookalike.cache import Cache
from lookalike.http import Request, Response
from lookalike.model.request.idempotency import IdempotencyField
from lookalike.model.response.response import Outcome

_MOST = 2_000  # responses that are kept
_REASON = "Lookalike-Reason"


class _Kept(NamedTuple):
    """A request, and the outcome that it had."""

    request: Request
    outcome: Outcome


class Replays:
    """The outcomes of requests with an idempotency key, in one sandbox."""

    def __init__(self, fields: Mapping[str, IdempotencyField]) -> None:
        """No outcomes yet; `fields` are the header fields of the operations that have one, by operation id."""
        # A client that sends the key twice at once is to get one item, and so the second waits for the first.
        self.lock = Lock()
        self._fields = fields
        self._names = frozenset(field.name for field in fields.values())
        self._kept: Cache[tuple[str, str], _Kept] = Cache(_MOST)

    def outcome(self, request: Request, refuse: Callable[[str, int, str], Outcome]) -> Outcome | None:
        """The outcome of an earlier request with the same key; None where this one is the first.

        `refuse` makes the response of an operation that is refused with a status and for a reason.
        """
        kept = self._kept.get(self._key(request))
        if kept is None:
            return None
        operation = kept.outcome.operation
        name, status = self._fields[operation]
        if not _is_same(kept.request, request):
            text = f"the {name} {request.headers[name]} was sent with another request before: choose another key"
            return refuse(operation, status, text)
        return kept.outcome._replace(changes=(), response=_as_replay(kept.outcome.response, name))

    def keep(self, request: Request, outcome: Outcome) -> None:
        """Keep the outcome of a request with a key, unless it was refused."""
        key = self._key(request)
        if outcome.operation in self._fields and key[1] and outcome.response.status < 400 and key not in self._kept:
            self._kept.keep(key, _Kept(request, outcome))

    def _key(self, request: Request) -> tuple[str, str]:
        """The credentials and the key of a request: two users may choose the same one."""
        key = next((request.headers[name] for name in self._names if name in request.headers), "")
        return request.headers.get("authorization", ""), key


def _is_same(one: Request, other: Request) -> bool:
    return (one.method, one.path, one.query, one.body) == (other.method, other.path, other.query, other.body)


def _as_replay(response: Response, name: str) -> Response:
    headers = ((field, value) for field, value in response.headers if field != _REASON)
    return response._replace(headers=(*headers, (_REASON, f"the response to the first request with this {name}")))
