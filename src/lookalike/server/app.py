"""The mock as a WSGI application: Flask for the control API, with the operations of the contract in front of it."""

import json
import time
from collections.abc import Callable, Iterable
from functools import partial
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import flask
from flask import Flask

from lookalike.http import Response
from lookalike.model.response.problem_details import problem_details
from lookalike.sandboxes import Sandboxes
from lookalike.server.control.access import checked_prefix
from lookalike.server.control.blueprint import control
from lookalike.server.mock_handler import DEFAULTS, MockHandler, MockOptions, full_paths
from lookalike.server.sandbox_path import split_sandbox
from lookalike.server.wsgi import WsgiHandler
from lookalike.service import MockService


class LookalikeApp(Flask):
    """A Flask application whose dispatch sees only the control API.

    An empty view of Flask takes ten times as long as an operation of the mock, so operations are answered in front of
    it. Hooks, error handlers and signals of Flask therefore see requests to the control API only.
    """

    def __init__(
        self, operations: WSGIApplication, prefixes: tuple[str, ...], is_for_sign_in: Callable[[str], bool]
    ) -> None:
        super().__init__(__name__, static_folder=None)
        self._operations = operations
        self._prefixes = prefixes
        self._is_for_sign_in = is_for_sign_in

    def wsgi_app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """The response to a request (PEP 3333)."""
        name, rest = split_sandbox(environ["PATH_INFO"])
        if rest.startswith(self._prefixes) and not self._is_for_sign_in(rest):
            if name:
                environ = {**environ, "PATH_INFO": rest, "HTTP_LOOKALIKE_SANDBOX": name}
            return super().wsgi_app(environ, start_response)
        return self._operations(environ, start_response)


def create_app(
    mock: MockService,
    options: MockOptions = DEFAULTS,
    clock: Callable[[], float] = time.time,
    sleep: Callable[[float], object] = time.sleep,
    sandboxes: Sandboxes | None = None,
) -> LookalikeApp:
    """The WSGI application of a mock; `clock` is in seconds since 1970, and `sleep` delays responses.

    Raises `UsageError` if the prefix of the control API would hide operations.
    """
    sandboxes = sandboxes or Sandboxes(mock)
    prefixes = checked_prefix(options.control_prefix, options.base_path, full_paths(mock, options.base_path))
    operations = MockHandler(mock, options, sandboxes)
    app = LookalikeApp(WsgiHandler(operations, clock, sleep), prefixes, operations.sign_in.serves)
    for prefix in prefixes:
        app.register_blueprint(control(sandboxes, options.control_token, prefix, options.base_path))
        app.add_url_rule(f"{prefix}metrics", "metrics", partial(_metrics, options.metrics))
    return app


def _metrics(metrics: Callable[[], Response] | None) -> flask.Response:
    """The metrics of a mock that keeps some."""
    if metrics is None:
        body = problem_details(404, ["no metrics are kept; start the mock with --metrics"], ())
        return flask.Response(json.dumps(body), 404, content_type="application/problem+json")
    response = metrics()
    return flask.Response(response.body, response.status, response.headers)
