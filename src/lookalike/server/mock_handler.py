"""The contract's operations as a handler: what lies between a request as it came and the mock."""

import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NamedTuple

from lookalike.http import SAFE, Request, Response, origin_of
from lookalike.model.response.response import header_text
from lookalike.server.cors import allowing, preflight
from lookalike.service import MockService

Log = Callable[[dict[str, Any]], None]

_logger = logging.getLogger(__name__)


class MockOptions(NamedTuple):
    """How a mock is served: prefix of all paths, CORS, longest body in bytes, token of the control API, who is told."""

    base_path: str = ""
    cors: bool = True
    max_body: int = 1024 * 1024
    control_token: str | None = None
    log: Log | None = None


DEFAULTS = MockOptions()


class MockHandler:
    """Answers every request by the mock."""

    def __init__(self, mock: MockService, options: MockOptions) -> None:
        self._mock = mock
        self._base_path = options.base_path
        self._answer = self._below_base if options.base_path else mock.handle
        self._cors = options.cors
        self._log = options.log
        self.max_body = options.max_body

    def respond(self, request: Request) -> Response:
        """The answer to a request, whatever happens."""
        is_crossing = self._cors and "origin" in request.headers
        if is_crossing:
            asked = preflight(request)
            if asked is not None:
                return asked
        try:
            response = self._answer(request)
        except Exception:  # a defect of ours must neither take the server down nor show itself to clients
            _logger.exception("cannot answer %s %s", request.method, request.path)
            response = self._mock.refuse(request, 500, "the mock failed; its log says why")
        return self._told(request, response) if is_crossing or self._log is not None else response

    def refuse(self, request: Request, status: int, why: str) -> Response:
        """The answer to a request that could not be read to its end."""
        return self._told(request, self._mock.refuse(request, status, why))

    def too_large(self, request: Request) -> Response:
        """The answer to a request whose body is longer than the limit."""
        return self.refuse(request, 413, f"the body is longer than {self.max_body} bytes; --max-body sets the limit")

    def incomplete(self, request: Request) -> Response:
        """The answer to a request whose body ended too early."""
        return self.refuse(request, 400, "the body did not come as its Content-Length says")

    def _below_base(self, request: Request) -> Response:
        prefix = self._base_path
        if self._mock.model.is_elsewhere(request.path):
            return self._mock.handle(request)
        if not request.path.startswith(prefix + "/"):
            return self._mock.refuse(request, 404, f"everything here is below {prefix}")
        response = self._mock.handle(request._replace(path=request.path[len(prefix) :]))
        leads_elsewhere = request.method in SAFE or 300 <= response.status < 400
        return response if leads_elsewhere else _below(prefix, request, response)

    def _told(self, request: Request, response: Response) -> Response:
        """The response, told to the log, with what a page of another origin must find in it."""
        if self._log is not None:
            with suppress(OSError):  # nobody reads it any more
                self._log(_entry(request, response))
        return allowing(request, response) if self._cors and "origin" in request.headers else response


def _below(base_path: str, request: Request, response: Response) -> Response:
    """The response with the path of what was created below the base path."""
    located = response.header("Location")
    if located is None:
        return response
    path = located.removeprefix(origin_of(request))
    below = (
        f"{located.removesuffix(path)}{base_path}{path}"
        if path.startswith("/") and not path.startswith("//")
        else located
    )
    headers = ((name, below if name == "Location" else value) for name, value in response.headers)
    return response._replace(headers=tuple(headers))


def _entry(request: Request, response: Response) -> dict[str, Any]:
    return {
        "method": request.method,
        "path": header_text(request.path),
        "status": response.status,
        "clauses": response.header("Lookalike-Clause"),
        "reason": response.header("Lookalike-Reason"),
    }
