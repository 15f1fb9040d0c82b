"""Near misses: requests in the journal that were refused, each with what would have worked."""

from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Any, NamedTuple

from lookalike.contract.contract import Contract, Operation
from lookalike.faults.plan import FIELD
from lookalike.journal import JournalEntry
from lookalike.model.response.outcome import Outcome

_MAX_OPERATIONS = 3
# Refusals of who asks, or how often, and not of what is asked for.
_OTHER_REFUSALS = frozenset({401, 403, 408, 413, 429, 431})


class _NearOperation(NamedTuple):
    """An operation with its distance from a request: the segments of the path that differ, and its method."""

    operation: Operation
    differences: tuple[str, ...]
    likeness: float


def is_near_miss(entry: JournalEntry) -> bool:
    """Whether an exchange is a refusal of what was asked for, which is no fault that was asked for."""
    response = entry.outcome.response
    is_refusal = 400 <= response.status < 500 and response.status not in _OTHER_REFUSALS
    return is_refusal and response.header(FIELD) is None


def near_miss(entry: JournalEntry, contract: Contract) -> dict[str, Any]:
    """The faults of a request, and the operations or the body that would have worked."""
    request, outcome = entry.request, entry.outcome
    operation = next((one for one in contract.operations if one.id == outcome.operation), None)
    return {
        "number": entry.number,
        "request": {"method": request.method, "path": request.path},
        "status": outcome.response.status,
        "reason": outcome.response.header("Lookalike-Reason") or "",
        "operations": [] if operation else list(map(_described, _nearest(request.method, request.path, contract))),
        "problems": list(_problems(outcome)),
        "example": _example(operation, outcome),
    }


def _nearest(method: str, path: str, contract: Contract) -> list[_NearOperation]:
    """The operations that differ least from a request, the nearest first."""
    candidates = (_compared(method, path, operation) for operation in contract.operations)
    return sorted(candidates, key=lambda one: (len(one.differences), -one.likeness))[:_MAX_OPERATIONS]


def _compared(method: str, path: str, operation: Operation) -> _NearOperation:
    differences = [] if operation.method == method else [f"method {operation.method} instead of {method}"]
    for sent, known in zip_longest(path.strip("/").split("/"), operation.path.strip("/").split("/")):
        if known is None:
            differences.append(f"no segment {sent!r} at the end")
        elif sent is None:
            differences.append(f"a segment {known!r} more")
        elif sent != known and not known.startswith("{"):
            differences.append(f"{known!r} instead of {sent!r}")
    return _NearOperation(
        operation, tuple(differences), SequenceMatcher(None, path[:200], operation.path).quick_ratio()
    )


def _described(candidate: _NearOperation) -> dict[str, Any]:
    operation = candidate.operation
    return {
        "operation": operation.id,
        "method": operation.method,
        "path": operation.path,
        "differences": candidate.differences,
    }


def _problems(outcome: Outcome) -> Iterator[Mapping[str, Any]]:
    for violation in outcome.violations:
        yield {"in": violation.where, "pointer": violation.pointer, "message": violation.message}


def _example(operation: Operation | None, outcome: Outcome) -> Any:
    """The documented example of the body, where the body is what was wrong."""
    is_of_body = any(violation.where == "body" for violation in outcome.violations)
    return operation.request_example.get("") if operation is not None and is_of_body else None
