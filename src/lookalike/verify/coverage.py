"""Coverage: the documented responses of each operation that were answered in a run."""

from collections.abc import Iterator
from typing import NamedTuple

from lookalike.contract.contract import Contract, Operation
from lookalike.contract.responses import response_for
from lookalike.http import Response, essence


class CoverageCell(NamedTuple):
    """One thing to cover: an operation, a documented status (`200`, `2XX`, `default`) and a media type, if any."""

    operation: str
    status: str
    media_type: str


class Coverage:
    """The cells of a contract, the ones that were answered, and the operations that were sent a request."""

    def __init__(self, contract: Contract) -> None:
        self.cells = frozenset(cell for operation in contract.operations for cell in _cells(operation))
        self.covered: set[CoverageCell] = set()
        self.sent: set[str] = set()

    def note(self, operation: Operation, response: Response) -> None:
        """Count an answer of an operation."""
        self.sent.add(operation.id)
        answer = response_for(operation.responses, str(response.status))
        if answer is None:
            return
        media_type = essence(response.header("Content-Type") or "")
        for cell in _cells(operation):
            if cell.status == answer.status and (not cell.media_type or _covers(cell.media_type, media_type)):
                self.covered.add(cell)

    @property
    def fraction(self) -> float:
        """The share of the cells that were answered, from 0 to 1; 1 where nothing is documented."""
        return len(self.covered) / len(self.cells) if self.cells else 1.0


def _cells(operation: Operation) -> Iterator[CoverageCell]:
    for status, answer in operation.responses.items():
        for media_type in answer.content or ("",):
            yield CoverageCell(operation.id, status, media_type)


def _covers(documented_type: str, sent: str) -> bool:
    """Whether a documented media type or range covers one that was sent (RFC 9110 section 12.5.1)."""
    kind, _, subtype = essence(documented_type).partition("/")
    return sent == f"{kind}/{subtype}" or kind == "*" or (subtype == "*" and sent.startswith(f"{kind}/"))
