"""Operations that a server does not have yet: a mock answers in its place."""

from collections.abc import Callable
from threading import Lock

from lookalike.contract.contract import Contract
from lookalike.contract.overlapping import by_route
from lookalike.contract.routing import Router
from lookalike.http import Request, Response

_NOT_FOUND = 404
_NOT_THERE = {405, 501}


class MissingOperations:
    """Answers the requests to operations of a contract that a server does not have, by a mock.

    A status of 405 or 501 says so. A 404 may also mean that the item is not there: it counts as long as the server has
    not answered another request to that operation in any other way. `respond` is the mock, and `base_path` the path
    before those of the operations.
    """

    def __init__(self, contract: Contract, base_path: str, respond: Callable[[Request], Response]) -> None:
        own = [(one.path, one) for one in contract.operations if one.base_path == contract.base_path]
        self._router = Router(by_route(own).items())
        self._base_path = base_path
        self._respond = respond
        self._there: set[str] = set()
        self._lock = Lock()

    def answer(self, request: Request, status: int) -> Response | None:
        """The answer of the mock to a request that the server answered with a status; None if that one counts."""
        operation = self._operation(request)
        if operation is None:
            return None
        with self._lock:  # a mock answers one request after the other
            if status not in _NOT_THERE and status != _NOT_FOUND:
                self._there.add(operation)
                return None
            if status == _NOT_FOUND and operation in self._there:
                return None
            response = self._respond(request)
        return None if response.status in {status, _NOT_FOUND} else response

    def _operation(self, request: Request) -> str | None:
        """The id of the operation of a request; None if the contract has none."""
        path = request.path
        if not path.startswith(f"{self._base_path}/"):
            return None
        match = self._router.match(path[len(self._base_path) :])
        method = "GET" if request.method == "HEAD" else request.method
        overlapping = match.target.get(method) if match else None
        return overlapping.operations[overlapping.asked_for(request)].id if overlapping is not None else None
