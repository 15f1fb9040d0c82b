"""Dispatching: requests below the prefix of the control API go to Flask, all others to the mock.

The path of either may begin with a sandbox: `/__sandbox/NAME/__lookalike/state`, `/__sandbox/NAME/pets`.
"""

from collections.abc import Mapping
from functools import cached_property, partial
from wsgiref.types import WSGIApplication

from lookalike.codecs.json_text import to_json
from lookalike.errors import SandboxError
from lookalike.http import Request, Response
from lookalike.model.response.problem_details import problem_details
from lookalike.pacing import at_length
from lookalike.sandboxes import Sandboxes
from lookalike.server.control.access import checked_prefix, is_health, refusal
from lookalike.server.mock_handler import DEFAULTS, MockHandler, MockOptions, full_paths
from lookalike.server.sandbox_path import PREFIX as SANDBOX_PREFIX
from lookalike.server.sandbox_path import in_sandbox, without_sandbox
from lookalike.service import MockService

_SERVER = "*"  # the target of a request about the server as a whole: asterisk-form, RFC 9112 section 3.2.4

_LONGEST_STATE = 128 * 1024 * 1024  # bytes of a request to the control API: to put its parts together takes 100 ms


class Dispatcher:
    """A mock with its control API; `client` is the address of the client, or empty where that is unknown.

    Raises `UsageError` if the prefix of the control API would hide operations.
    """

    most_at_once = 1  # requests to the control API come from a test or a console, one after the other

    def __init__(self, mock: MockService, options: MockOptions = DEFAULTS, sandboxes: Sandboxes | None = None) -> None:
        self.base_path = options.base_path
        self._mock = mock
        self._options = options
        self._sandboxes = sandboxes or Sandboxes(mock)
        self._operations = MockHandler(mock, options, self._sandboxes)
        # Tuples, so that one test of a path tells which requests are not for an operation.
        self._prefixes = checked_prefix(options.control_prefix, options.base_path, full_paths(mock, options.base_path))
        self._others = (*self._prefixes, SANDBOX_PREFIX, _SERVER, *self._operations.sign_in.paths)

    def respond(self, request: Request, client: str) -> Response:
        """The response to a request."""
        if request.path.startswith(self._others):
            return self._server(request) if request.path.startswith(_SERVER) else self._below_prefix(request, client)
        return self._operations.respond(request)

    def takes_long(self, request: Request) -> bool:
        """Whether a request is one to the control API, whose responses may have all items and a thousand exchanges."""
        path = request.path
        return path.startswith(self._others) and self._is_of_control(without_sandbox(path))

    def refusal_to_proxies(self, path: str, host: str) -> str:
        """The reason why a request through a proxy may not have a path, which is of the control API; else empty."""
        path = without_sandbox(path)
        if self._is_of_control(path) and not is_health(path, self._options.control_prefix or ""):
            return "the control API is not for proxies; send the path alone"
        return ""

    def longest_body(self, path: str, headers: Mapping[str, str], client: str) -> int:
        """The limit on the body of a request, in bytes; clients of the control API send whole states."""
        is_of_control = self._is_of_control(without_sandbox(path)) and self._may_control(headers, client)
        return max(_LONGEST_STATE if is_of_control else 0, self._operations.max_body)

    def _may_control(self, headers: Mapping[str, str], client: str) -> bool:
        return refusal(self._options.control_token, client, "http", headers) is None

    def too_large(self, request: Request, client: str) -> Response:
        """The response to a request whose body is over the limit (413, RFC 9110 section 15.5.14)."""
        if not self._is_of_control(without_sandbox(request.path)):
            return self._operations.too_large(request)
        if not self._may_control(request.headers, client):
            return self._below_prefix(request, client)
        why = f"the body is longer than {_LONGEST_STATE} bytes; start the mock with a larger state by --data FILE"
        fields = (("Content-Type", "application/problem+json"),)
        return Response(413, fields, to_json(problem_details(413, [why], ())))

    def incomplete(self, request: Request) -> Response:
        """The response to a request whose body ended early (400, RFC 9112 section 8)."""
        return self._operations.incomplete(request)

    def misread(self, request: Request, status: int, why: str) -> Response:
        """The response to bytes that are no request; `request` holds the part that could be read."""
        return self._operations.refuse(request, status, why)

    def _server(self, request: Request) -> Response:
        """The response to a request about the server as a whole, which is OPTIONS (RFC 9110 section 9.3.7)."""
        if request.method != "OPTIONS" or request.path != _SERVER:
            return self._operations.refuse(request, 400, "the request target * is of the method OPTIONS alone")
        methods = {operation.method for operation in self._mock.model.contract.operations} | {"OPTIONS"}
        return Response(204, (("Allow", ", ".join(sorted(methods | ({"HEAD"} if "GET" in methods else set())))),))

    def _below_prefix(self, request: Request, client: str) -> Response:
        """The response to a request to the control API or for a sign-in, or with a sandbox in its path."""
        try:
            request = in_sandbox(request)
        except SandboxError as error:
            return self._operations.refuse(request, error.status, str(error))
        if self._operations.sign_in.serves(request.path):
            return self._operations.respond_to_sign_in(request)
        if request.path.startswith(self._prefixes):
            return self._control(request, client)
        return self._operations.respond(request)

    def _is_of_control(self, path: str) -> bool:
        """Whether a path is of the control API, which sign-in below its prefix is not."""
        return path.startswith(self._prefixes) and not self._operations.sign_in.serves(path)

    def _control(self, request: Request, client: str) -> Response:
        from lookalike.server.wsgi import call_wsgi

        # The connection leaves the content of a response to HEAD out, and needs it for the Content-Length.
        request = request._replace(method="GET") if request.method == "HEAD" else request
        return at_length(partial(call_wsgi, self._app, request, client))

    @cached_property
    def _app(self) -> WSGIApplication:
        """The control API, made at its first request: Flask takes longer to load than most contracts."""
        from lookalike.server.app import create_app

        return create_app(self._mock, self._options, sandboxes=self._sandboxes)
