"""The mock as a WSGI application: Flask for the control API, with the operations of the contract in front of it."""

import time
from collections.abc import Callable, Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask

from lookalike.server.control import control
from lookalike.server.control_access import PREFIX
from lookalike.server.mock_handler import DEFAULTS, MockHandler, MockOptions
from lookalike.server.wsgi import WsgiHandler
from lookalike.service import MockService


class LookalikeApp(Flask):
    """A Flask application whose dispatch sees only the control API.

    An empty view of Flask takes ten times as long as an operation of the mock, so operations are answered in front of
    it. Hooks, error handlers and signals of Flask therefore see requests to the control API only.
    """

    def __init__(self, operations: WSGIApplication) -> None:
        super().__init__(__name__, static_folder=None)
        self._operations = operations

    def wsgi_app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """The response to a request (PEP 3333)."""
        if environ["PATH_INFO"].startswith(PREFIX):
            return super().wsgi_app(environ, start_response)
        return self._operations(environ, start_response)


def create_app(
    mock: MockService,
    options: MockOptions = DEFAULTS,
    clock: Callable[[], float] = time.time,
    sleep: Callable[[float], object] = time.sleep,
) -> LookalikeApp:
    """The WSGI application of a mock; `clock` is in seconds since 1970, and `sleep` delays responses."""
    app = LookalikeApp(WsgiHandler(MockHandler(mock, options), clock, sleep))
    app.register_blueprint(control(mock, options.control_token))
    return app
