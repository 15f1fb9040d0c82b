"""Between the server and the mock: base path, CORS, logging, and errors of our own."""

import logging
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, NamedTuple
from uuid import uuid4

from lookalike.codecs.content_coding import ACCEPTED, ContentCodingError, decode_content
from lookalike.errors import SandboxError
from lookalike.http import SAFE, Handler, Headers, Request, Response, origin_of
from lookalike.model.behaviour import Model
from lookalike.model.response.outcome import header_text
from lookalike.oauth.server import AT_ONCE, AuthorizationServer, SignInOptions
from lookalike.sandboxes import HEADER as SANDBOX
from lookalike.sandboxes import Sandboxes
from lookalike.server.control.access import PREFIX
from lookalike.server.cors import allowing, preflight
from lookalike.server.sandbox_path import in_sandbox
from lookalike.service import MockService

Log = Callable[[dict[str, Any]], None]

_logger = logging.getLogger(__name__)

_REQUEST_ID = "x-request-id"


class MockOptions(NamedTuple):
    """The options of serving a mock.

    `base_path` is the prefix of all paths, and `other_base_paths` those that are understood as well. `max_body` is the
    limit on request bodies in bytes, and `log` a function that is called with each exchange. `control_token` is the
    token of the control API, and `control_prefix` the beginning of its paths, or None for a mock without one. `scheme`
    is that of the URLs that lead to the mock. `sign_in` tells how users sign in where the document has OAuth 2 or
    OpenID Connect. `metrics` gives the metrics, if any are kept.
    With `has_request_ids`, a request without an `X-Request-Id` gets one, which its response, the log and the journal
    have.
    """

    base_path: str = ""
    cors: bool = True
    max_body: int = 1024 * 1024
    control_token: str | None = None
    log: Log | None = None
    control_prefix: str | None = PREFIX
    scheme: str = "http"
    sign_in: SignInOptions = AT_ONCE
    metrics: Callable[[], Response] | None = None
    has_request_ids: bool = False
    other_base_paths: tuple[str, ...] = ()


DEFAULTS = MockOptions()


class MockHandler:
    """The operations of a mock as they are served: below a base path, with CORS and a log, and without exceptions."""

    def __init__(self, mock: MockService, options: MockOptions, sandboxes: Sandboxes | None = None) -> None:
        self._mock = mock
        self._sandboxes = sandboxes or Sandboxes(mock)
        self._base_path = options.base_path
        self._other_base_paths = options.other_base_paths
        self._answer = self._below_base if options.base_path or options.other_base_paths else mock.handle
        self._cors = options.cors
        self._log = options.log
        # Where an operation documents the field, a request without it is not to be taken for one that has it.
        is_documented = any(
            name.lower() == _REQUEST_ID
            for operation in mock.model.contract.operations
            for _, name in operation.parameters
        )
        self._has_request_ids = options.has_request_ids and not is_documented
        self._scheme = options.scheme
        self.max_body = options.max_body
        self.sign_in = AuthorizationServer(
            mock.model.contract,
            f"{options.control_prefix or PREFIX}oauth/",
            options.base_path,
            full_paths(mock, options.base_path),
            options.sign_in,
        )

    def respond(self, request: Request, answer: Handler | None = None) -> Response:
        """The response to a request, of its operation or of another function; a defect of the mock is a 500."""
        if self._scheme != request.scheme:
            request = request._replace(scheme=self._scheme)
        if self._has_request_ids and _REQUEST_ID not in request.headers:
            request = request._replace(headers=Headers({**request.headers, _REQUEST_ID: uuid4().hex}))
        has_origin = self._cors and "origin" in request.headers
        if has_origin:
            allowed = preflight(request)
            if allowed is not None:
                return allowed
        if "content-encoding" in request.headers:
            try:
                request = _decoded(request, self.max_body)
            except ContentCodingError as error:
                return self._undecodable(request, error)
        try:
            # Asked for here, since a call would cost every request of the default sandbox more than the question does.
            if answer is not None:
                response = answer(request)
            elif request.headers.get(SANDBOX) is None and self._mock.model.sandbox_of is None:
                response = self._answer(request)
            else:
                response = self._answer_in_sandbox(request)
        except Exception:  # a defect must neither stop the server nor show a traceback to a client
            _logger.exception("cannot answer %s %s", request.method, request.path)
            response = self._sandbox_of(request).refuse(request, 500, "the mock failed; its log says why")
        return self._finished(request, response) if has_origin or self._log is not None else response

    def respond_to_sign_in(self, request: Request) -> Response:
        """The response of the authorization server, which is as open as the operations are."""
        return self.respond(request, self._sign_in)

    def _sign_in(self, request: Request) -> Response:
        try:
            response = self._sandboxes.of(request).sign_in(request, self.sign_in.respond)
        except SandboxError as error:
            return self._mock.refuse(request, error.status, str(error))
        if response.header("Lookalike-Reason") is not None:
            return response
        return response._replace(headers=(*response.headers, ("Lookalike-Reason", "the sign-in of the mock")))

    def refuse(self, request: Request, status: int, why: str) -> Response:
        """The error response to a request that could not be read."""
        return self._finished(request, self._sandbox_of(request).refuse(request, status, why))

    def _undecodable(self, request: Request, error: ContentCodingError) -> Response:
        """The response to a request whose content codings cannot be undone; 415 tells which can (RFC 9110 15.5.16)."""
        more = "; --max-body sets the limit" if error.status == 413 else ""
        response = self._sandbox_of(request).refuse(request, error.status, f"the {error}{more}")
        if error.status == 415:
            response = response._replace(headers=(*response.headers, ("Accept-Encoding", ACCEPTED)))
        return self._finished(request, response)

    def too_large(self, request: Request) -> Response:
        """The response to a request whose body is over the limit."""
        return self.refuse(request, 413, f"the body is longer than {self.max_body} bytes; --max-body sets the limit")

    def incomplete(self, request: Request) -> Response:
        """The response to a request whose body ended before its Content-Length."""
        return self.refuse(request, 400, "the body did not come as its Content-Length says")

    def _answer_in_sandbox(self, request: Request) -> Response:
        try:
            mock = self._sandboxes.of(request)
        except SandboxError as error:
            return self._mock.refuse(request, error.status, str(error))
        has_base = self._base_path or self._other_base_paths or request.base_path
        return self._below_base(request, mock) if has_base else mock.handle(request)

    def _sandbox_of(self, request: Request) -> MockService:
        """The sandbox whose journal gets a request that is refused: the default one where it names none that is."""
        try:
            return self._sandboxes.of(in_sandbox(request))
        except SandboxError:
            return self._mock

    def _below_base(self, request: Request, mock: MockService | None = None) -> Response:
        """The response to a request, which the mock gets without the base path, and without the path of a sandbox."""
        mock = mock or self._mock
        prefix = self.prefix_of(request.path, mock.model)
        if not request.path.startswith(prefix + "/"):
            return mock.refuse(request, 404, f"everything here is below {prefix}; --base-path sets another prefix")
        base_path = request.base_path + prefix
        response = mock.handle(request._replace(path=request.path[len(prefix) :], base_path=base_path))
        # Only the Location of a created item (201, RFC 9110 section 10.2.2) is made by the mock from its own path.
        names_an_item = request.method not in SAFE and not 300 <= response.status < 400
        return _with_base_path(base_path, request, response) if base_path and names_an_item else response

    def prefix_of(self, path: str, model: Model) -> str:
        """The base path that a path is below; the first server's, unless only that of another server fits."""
        if model.is_elsewhere(path):
            return ""
        first = self._base_path
        if path.startswith(first + "/") and (first or not self._other_base_paths or model.is_known(path)):
            return first
        return next((one for one in self._other_base_paths if path.startswith(one + "/")), first)

    def _finished(self, request: Request, response: Response) -> Response:
        """The response, logged, with its CORS fields."""
        if self._log is not None:
            with suppress(OSError):  # a log that cannot be written is no reason to answer nothing
                self._log(_log_entry(request, response))
        request_id = request.headers.get(_REQUEST_ID) if self._has_request_ids else None
        if request_id is not None:
            response = response._replace(headers=(*response.headers, ("X-Request-Id", header_text(request_id))))
        return allowing(request, response) if self._cors and "origin" in request.headers else response


def full_paths(mock: MockService, base_path: str) -> Iterator[str]:
    """The paths of all operations as they are served; those with servers of their own keep the path of these."""
    contract = mock.model.contract
    for operation in contract.operations:
        is_below = operation.base_path == contract.base_path
        yield (base_path if is_below else operation.base_path) + operation.path


def _decoded(request: Request, limit: int) -> Request:
    """The request with its body decoded, and with the fields that such a body has."""
    body = decode_content(request.body, request.headers["content-encoding"], limit)
    fields = {name: value for name, value in request.headers.items() if name != "content-encoding"}
    if "content-length" in fields:
        fields["content-length"] = str(len(body))
    return request._replace(headers=Headers(fields), body=body)


def _with_base_path(base_path: str, request: Request, response: Response) -> Response:
    """The response with the base path in its Location, where that is a path of this server."""
    location = response.header("Location")
    if location is None:
        return response
    path = location.removeprefix(origin_of(request))
    if path.startswith("/") and not path.startswith("//"):
        location = f"{location.removesuffix(path)}{base_path}{path}"
    headers = ((name, location if name == "Location" else value) for name, value in response.headers)
    return response._replace(headers=tuple(headers))


def _log_entry(request: Request, response: Response) -> dict[str, Any]:
    return {
        "method": request.method,
        "path": header_text(request.path),
        "status": response.status,
        "clauses": response.header("Lookalike-Clause"),
        "reason": response.header("Lookalike-Reason"),
        "request_id": request.headers.get(_REQUEST_ID),
    }
