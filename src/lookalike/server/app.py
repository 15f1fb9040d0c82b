"""The mock as a WSGI application: Flask, with the contract's operations in front of it."""

import time
from collections.abc import Callable, Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask

from lookalike.server.control import control
from lookalike.server.control_access import PREFIX
from lookalike.server.mock_handler import DEFAULTS, MockHandler, MockOptions
from lookalike.server.wsgi import OverWsgi
from lookalike.service import MockService


class LookalikeApp(Flask):
    """A Flask application that answers contract operations before Flask sees them.

    Flask's hooks (`before_request` and its like, error handlers, signals) see the control API only.
    """

    def __init__(self, operations: WSGIApplication) -> None:
        super().__init__(__name__, static_folder=None)
        self._operations = operations

    def wsgi_app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request: below the prefix of the control API by Flask, all else by the contract."""
        if environ["PATH_INFO"].startswith(PREFIX):
            return super().wsgi_app(environ, start_response)
        return self._operations(environ, start_response)


def create_app(
    mock: MockService,
    options: MockOptions = DEFAULTS,
    clock: Callable[[], float] = time.time,
    sleep: Callable[[float], object] = time.sleep,
) -> LookalikeApp:
    """The application of a mock; the clock gives seconds since 1970, and `sleep` waits for some."""
    app = LookalikeApp(OverWsgi(MockHandler(mock, options), clock, sleep))
    app.register_blueprint(control(mock, options.control_token))
    return app
