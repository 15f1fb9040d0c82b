"""The mock as a WSGI application: Flask, with the contract's operations in front of it."""

import time
from collections.abc import Callable, Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask

from lookalike.server.control import PREFIX, control
from lookalike.server.cors import with_cors
from lookalike.server.operations import DEFAULTS, Operations, Options
from lookalike.service import Mock


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
            return _whole(super().wsgi_app(environ, start_response))
        return self._operations(environ, start_response)


def _whole(parts: Iterable[bytes]) -> list[bytes]:
    """The body in one piece: a server writes an iterator after the headers, which then waits 40 ms to be sent.

    (Nagle's algorithm on this side and delayed acknowledgement on the other, RFC 1122 section 4.2.3.)
    """
    try:
        return [b"".join(parts)]
    finally:
        close = getattr(parts, "close", None)
        if close is not None:
            close()


def create_app(
    mock: Mock,
    options: Options = DEFAULTS,
    clock: Callable[[], float] = time.time,
    sleep: Callable[[float], object] = time.sleep,
) -> LookalikeApp:
    """The application of a mock; the clock gives seconds since 1970, and `sleep` waits for some."""
    operations = Operations(mock, options, clock, sleep)
    app = LookalikeApp(with_cors(operations) if options.cors else operations)
    app.register_blueprint(control(mock, options.control_token))
    return app
