"""Idempotency keys: the header field of an operation by which a client marks a request that it may send again.

The draft of the IETF (draft-ietf-httpapi-idempotency-key-header) names the field Idempotency-Key; documents spell it in
several ways.
"""

from collections.abc import Iterable
from typing import NamedTuple

from lookalike.contract.contract import Operation
from lookalike.naming.words import normalised

_NAMES = frozenset({"idempotencykey", "xidempotencykey", "idempotentkey", "xidempotentkey"})


class IdempotencyField(NamedTuple):
    """The name of the header field in lower case, and the status for a key that was sent with another request."""

    name: str
    status_of_reuse: int


def idempotency_fields(operations: Iterable[Operation]) -> dict[str, IdempotencyField]:
    """The fields of the operations that document one, by operation id."""
    return {
        operation.id: IdempotencyField(name.lower(), _status_of_reuse(operation))
        for operation in operations
        for place, name in operation.parameters
        if place == "header" and normalised(name) in _NAMES
    }


def _status_of_reuse(operation: Operation) -> int:
    """The first of the usual statuses that is documented, else 422 (section 2.7 of the draft)."""
    return next((int(status) for status in ("422", "409", "400") if status in operation.responses), 422)
