"""The contract's operations as a WSGI callable: a thin adapter between the wire and the mock."""

import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from http import HTTPStatus
from typing import Any, NamedTuple
from wsgiref.types import StartResponse, WSGIEnvironment

from lookalike.http import Request, Response
from lookalike.model.answers import visible
from lookalike.server.environ import EnvironHeaders, Incomplete, TooLarge, raw_path, read_body
from lookalike.service import Mock

Log = Callable[[dict[str, Any]], None]

_logger = logging.getLogger(__name__)
_STATUS_LINES = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}
_WITHOUT_LENGTH = frozenset({*range(100, 200), 204, 304})  # RFC 9110 section 8.6


class Options(NamedTuple):
    """How a mock is served: prefix of all paths, CORS, longest body in bytes, token of the control API, who is told."""

    base_path: str = ""
    cors: bool = True
    max_body: int = 1024 * 1024
    control_token: str | None = None
    log: Log | None = None


DEFAULTS = Options()


class Operations:
    """Answers every request by the mock."""

    def __init__(
        self, mock: Mock, options: Options, clock: Callable[[], float], sleep: Callable[[float], object]
    ) -> None:
        self._mock = mock
        self._base_path = options.base_path
        self._max_body = options.max_body
        self._log = options.log
        self._clock = clock
        self._sleep = sleep

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request (PEP 3333)."""
        headers = EnvironHeaders(environ)
        request = Request(
            environ["REQUEST_METHOD"], raw_path(environ), environ.get("QUERY_STRING", ""), headers, b"", self._clock()
        )
        response = self._answered(request, environ)
        if response.delay:
            self._sleep(response.delay)
        if self._log is not None:
            with suppress(OSError):  # nobody reads it any more
                self._log(_entry(request, response))
        fields = [*response.headers]
        if response.status not in _WITHOUT_LENGTH:
            fields.append(("Content-Length", str(len(response.body))))
        start_response(status_line(response.status), fields)
        return [] if request.method == "HEAD" else [response.body]

    def _answered(self, request: Request, environ: WSGIEnvironment) -> Response:
        try:
            return self._answer(request, environ)
        except TooLarge:
            why = f"the body is longer than {self._max_body} bytes; --max-body sets the limit"
            return self._mock.refuse(request, 413, why)
        except Incomplete:
            return self._mock.refuse(request, 400, "the body did not come as its Content-Length says")
        except Exception:  # a defect of ours must neither take the server down nor show itself to clients
            _logger.exception("cannot answer %s %s", request.method, request.path)
            return self._mock.refuse(request, 500, "the mock failed; its log says why")

    def _answer(self, request: Request, environ: WSGIEnvironment) -> Response:
        body = read_body(environ, self._max_body)
        method, path, query, headers, _, at = request
        prefix = "" if self._mock.model.is_elsewhere(path) else self._base_path
        if prefix and not path.startswith(prefix + "/"):
            return self._mock.refuse(request, 404, f"everything here is below {prefix}")
        path = path[len(prefix) :]
        response = self._mock.handle(Request(method, path, query, headers, body, at))
        return _below(prefix, response) if prefix and response.status == 201 else response


def _below(base_path: str, response: Response) -> Response:
    """The response with the path of what was created below the base path."""
    headers = (
        (name, base_path + value if name == "Location" and value.startswith("/") else value)
        for name, value in response.headers
    )
    return response._replace(headers=tuple(headers))


def status_line(status: int) -> str:
    """`201 Created`; a status without a standard phrase stands alone."""
    return _STATUS_LINES.get(status) or f"{status} "


def _entry(request: Request, response: Response) -> dict[str, Any]:
    return {
        "method": request.method,
        "path": visible(request.path),
        "status": response.status,
        "clauses": response.header("Lookalike-Clause"),
        "reason": response.header("Lookalike-Reason"),
    }
