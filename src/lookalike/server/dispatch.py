"""What the server serves: operations by the contract, and the control API, by Flask, once somebody asks for it."""

import sys
from collections.abc import Mapping
from functools import cached_property
from wsgiref.types import WSGIApplication

from lookalike.http import Request, Response
from lookalike.server.control_access import PREFIX, refusal
from lookalike.server.mock_handler import DEFAULTS, MockHandler, MockOptions
from lookalike.service import MockService


class Dispatcher:
    """A mock with its control API; `client` is always the address of who asks."""

    def __init__(self, mock: MockService, options: MockOptions = DEFAULTS) -> None:
        self._mock = mock
        self._options = options
        self._operations = MockHandler(mock, options)

    def respond(self, request: Request, client: str) -> Response:
        """The answer to a request."""
        if request.path.startswith(PREFIX):
            return self._control(request, client)
        return self._operations.respond(request)

    def longest_body(self, path: str, headers: Mapping[str, str], client: str) -> int:
        """How long the body of a request may be, in bytes; for who may use the control API there is no limit."""
        if not path.startswith(PREFIX):
            return self._operations.max_body
        refused = refusal(self._options.control_token, client, "http", headers)
        return sys.maxsize if refused is None else self._operations.max_body

    def too_large(self, request: Request, client: str) -> Response:
        """The answer to a request whose body is longer than that."""
        if request.path.startswith(PREFIX):
            return self._control(request, client)  # which is the refusal
        return self._operations.too_large(request)

    def incomplete(self, request: Request) -> Response:
        """The answer to a request whose body ended too early."""
        return self._operations.incomplete(request)

    def misread(self, request: Request, status: int, why: str) -> Response:
        """The answer to what is no request, given by what could be read of it."""
        return self._operations.refuse(request, status, why)

    def _control(self, request: Request, client: str) -> Response:
        from lookalike.server.wsgi import asked

        # whoever sends the answer to a HEAD leaves its body out, and needs it for the length
        return asked(self._app, request._replace(method="GET") if request.method == "HEAD" else request, client)

    @cached_property
    def _app(self) -> WSGIApplication:
        """Flask takes longer to load than the whole contract, and most mocks are never asked for it."""
        from lookalike.server.app import create_app

        return create_app(self._mock, self._options)
