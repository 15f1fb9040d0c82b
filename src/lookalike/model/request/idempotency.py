"""Idempotency keys, by which a client marks a request that it may send again: a header field, or a member of the body.

The draft of the IETF (draft-ietf-httpapi-idempotency-key-header) names the field Idempotency-Key; documents spell it in
several ways.
"""

from collections.abc import Iterator
from typing import NamedTuple

from lookalike.contract.contract import Contract, Operation
from lookalike.naming.words import normalised

_NAMES = frozenset({"idempotencykey", "xidempotencykey", "idempotentkey", "xidempotentkey"})
_STEM = "dempoten"  # in every spelling


class IdempotencyField(NamedTuple):
    """The field or member with the key, and the status for a key that was sent with another request.

    The name of a header field is in lower case.
    """

    name: str
    status_of_reuse: int
    is_member: bool = False


def idempotency_fields(contract: Contract) -> dict[str, IdempotencyField]:
    """The fields of the operations that document one, by operation id; one in the header is preferred."""
    operations = contract.operations if contract.document.mentions(_STEM) else ()
    found = ((one.id, next(_fields(one), None)) for one in operations)
    return {id: field for id, field in found if field is not None}


def _fields(operation: Operation) -> Iterator[IdempotencyField]:
    status = _status_of_reuse(operation)
    for place, name in operation.parameters:
        if place == "header" and normalised(name) in _NAMES:
            yield IdempotencyField(name.lower(), status)
    for media in operation.body.content.values() if operation.body is not None else ():
        for name in media.members:
            if normalised(name) in _NAMES:
                yield IdempotencyField(name, status, is_member=True)


def _status_of_reuse(operation: Operation) -> int:
    """The first of the usual statuses that is documented, else 422 (section 2.7 of the draft)."""
    return next((int(status) for status in ("422", "409", "400") if status in operation.responses), 422)
