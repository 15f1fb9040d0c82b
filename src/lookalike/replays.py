"""Replays: a request that is sent again with its idempotency key gets the response of the first time.

The header field is that of the IETF's draft (draft-ietf-httpapi-idempotency-key-header, sections 2.6 and 2.7), under
any spelling of its name, where an operation documents it; or a member of the body has that name. A refusal is not kept:
it changed nothing, and the client may mend the request and send it with the same key.
"""

import hashlib
import re
from collections.abc import Callable, Collection, Mapping
from threading import Lock
from typing import NamedTuple, Protocol

from lookalike.cache import Cache
from lookalike.exchanges import exchange_text, read_exchange
from lookalike.http import Request, Response
from lookalike.model.request.idempotency import IdempotencyField
from lookalike.model.response.outcome import Outcome
from lookalike.stores.records import Records

REPLAY = "replay"
"""The kind of the records of a sandbox that are outcomes of requests with a key."""

MOST_REPLAYS = 2_000
"""The responses that are kept in a sandbox."""

_REASON = "Lookalike-Reason"


class _Answered(NamedTuple):
    """A request, and the outcome that it had."""

    request: Request
    outcome: Outcome


_OutcomeKey = tuple[str, str]


class _Outcomes(Protocol):
    """A place for outcomes by the credentials and the key of their request."""

    def get(self, key: _OutcomeKey, /) -> _Answered | None: ...

    def keep(self, key: _OutcomeKey, value: _Answered, /) -> object: ...

    def clear(self) -> None: ...


class _StoredOutcomes:
    """Outcomes in the store, where all of its processes find them."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def get(self, key: _OutcomeKey) -> _Answered | None:
        text = self._records.get(REPLAY, _record_name(key))
        return None if text is None else _Answered(*read_exchange(text)[:2])

    def keep(self, key: _OutcomeKey, value: _Answered) -> None:
        self._records.put(REPLAY, _record_name(key), exchange_text(*value))

    def clear(self) -> None:
        self._records.clear(REPLAY)


def _record_name(key: _OutcomeKey) -> str:
    """The name of a record, which gives no credentials away."""
    return hashlib.sha256("\n".join(key).encode("utf-8", "surrogatepass")).hexdigest()


class Replays:
    """The outcomes of requests with an idempotency key, in one sandbox."""

    def __init__(self, fields: Mapping[str, IdempotencyField], records: Records | None = None) -> None:
        """`fields` are those of the operations that have one, by operation id.

        Outcomes are kept in the records of a sandbox, or in memory if there are none.
        """
        # A client that sends the key twice at once is to get one item, and so the second waits for the first.
        self.lock = Lock()
        self._fields = fields
        self._names = frozenset(field.name for field in fields.values() if not field.is_member)
        self._member = _pattern_of_member({field.name for field in fields.values() if field.is_member})
        self._kept: _Outcomes = (
            Cache[_OutcomeKey, _Answered](MOST_REPLAYS) if records is None else _StoredOutcomes(records)
        )

    def outcome(self, request: Request, refuse: Callable[[str, int, str], Outcome]) -> Outcome | None:
        """The outcome of an earlier request with the same key; None if this one is the first.

        `refuse` makes the response of an operation that is refused with a status and for a reason.
        """
        key = self._key(request)
        kept = self._kept.get(key) if key[1] else None
        if kept is None:
            return None
        operation = kept.outcome.operation
        name, status, _ = self._fields[operation]
        if not _is_same(kept.request, request):
            text = f"the {name} {self._sent(request)} was sent with another request before: choose another key"
            return refuse(operation, status, text)
        return kept.outcome._replace(changes=(), response=_as_replay(kept.outcome.response, name))

    def keep(self, request: Request, outcome: Outcome) -> None:
        """Keep the outcome of a request with a key that has none yet, unless it was refused."""
        key = self._key(request)
        if outcome.operation in self._fields and key[1] and outcome.response.status < 400:
            self._kept.keep(key, _Answered(request, outcome))

    def forget(self) -> None:
        """Forget all outcomes."""
        self._kept.clear()

    def _key(self, request: Request) -> _OutcomeKey:
        """The credentials and the key of a request: two users may choose the same one."""
        return request.headers.get("authorization", ""), self._sent(request)

    def _sent(self, request: Request) -> str:
        """The key that a request has in its header or in its body, or nothing."""
        in_header = next((request.headers[name] for name in self._names if name in request.headers), "")
        found = self._member.search(request.body) if self._member is not None and not in_header else None
        return in_header if found is None else found[1].decode("utf-8", "replace")


def _pattern_of_member(names: Collection[str]) -> re.Pattern[bytes] | None:
    """The pattern of the key in a body of JSON, which need not be parsed for it; None where no body has one."""
    named = b"|".join(re.escape(name.encode()) for name in sorted(names))
    return re.compile(rb'"(?:' + named + rb')"\s*:\s*"([^"\\]+)"') if names else None


def _is_same(one: Request, other: Request) -> bool:
    return (one.method, one.path, one.query, one.body) == (other.method, other.path, other.query, other.body)


def _as_replay(response: Response, name: str) -> Response:
    headers = ((field, value) for field, value in response.headers if field != _REASON)
    return response._replace(headers=(*headers, (_REASON, f"the response to the first request with this {name}")))
