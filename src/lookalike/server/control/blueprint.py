"""The blueprints of the control API: its routes, who may use them, and its errors."""

from collections.abc import Callable, Iterable
from functools import partial
from http import HTTPStatus

import flask
from werkzeug.exceptions import HTTPException

from lookalike.errors import SandboxError, UsageError
from lookalike.sandboxes import DEFAULT, Sandboxes
from lookalike.server.console import PROXY_PAGE, file_response
from lookalike.server.control import callbacks, documents, faults, journal, settings, snapshots, state
from lookalike.server.control import sandboxes as all_sandboxes
from lookalike.server.control import verdict as verdicts
from lookalike.server.control.access import CONSOLE, REFERENCE, is_health, is_of_console, refusal
from lookalike.server.control.journal_events import JournalListeners
from lookalike.server.control.messages import ControlError, Routes, View, problem
from lookalike.server.control.rendered_exchanges import summary
from lookalike.service import MockService

_ROUTES: Routes = (
    *state.ROUTES,
    *journal.ROUTES,
    *documents.ROUTES,
    *settings.ROUTES,
    *snapshots.ROUTES,
    *callbacks.ROUTES,
    *faults.ROUTES,
)
_PATHS_OF_PROXY = {"/journal", "/journal/<number>", "/contract"}  # those that a proxy has, too


def control(sandboxes: Sandboxes, token: str | None, prefix: str, base_path: str = "") -> flask.Blueprint:
    """The control API of a mock: for clients with the token, or without one for programs on this machine.

    `base_path` is where the operations of the mock are.
    """
    blueprint = _guarded_blueprint(token, prefix, f"{prefix}openapi.json lists all operations")
    for rule, method, view in _ROUTES:
        blueprint.add_url_rule(rule, view.__name__, partial(_in_sandbox, sandboxes, view), methods=[method])
    for rule, method, view_of_all in all_sandboxes.ROUTES:
        blueprint.add_url_rule(rule, view_of_all.__name__, partial(view_of_all, sandboxes), methods=[method])
    events = partial(journal.get_journal_events, JournalListeners(sandboxes, summary))
    blueprint.add_url_rule("/journal/events", "get_journal_events", events, methods=["GET"])
    verdict = verdicts.KeptReport()
    for method, view_of_verdict in verdicts.ROUTES:
        view_name = view_of_verdict.__name__
        blueprint.add_url_rule("/verdict", view_name, partial(view_of_verdict, verdict), methods=[method])
    reference = partial(_in_sandbox, sandboxes, partial(documents.get_reference, base_path))
    blueprint.add_url_rule("/docs.json", "get_reference", reference, methods=["GET"])
    for name in REFERENCE:
        blueprint.add_url_rule(f"/{name}", name.replace(".", "_"), partial(documents.reference_page, name))
    _add_files(blueprint, CONSOLE)
    return blueprint


def console_of_proxy(mock: MockService, prefix: str, verdict: Callable[[], str]) -> flask.Flask:
    """An application with the part of the control API that shows what passes through a proxy, for this machine alone.

    The exchanges are those in the journal of `mock`; `verdict` makes the report so far, as JSON.
    """
    blueprint = _guarded_blueprint(None, prefix, f"{prefix} is a page that shows the traffic, and changes nothing")
    for rule, method, view in _ROUTES:
        if rule in _PATHS_OF_PROXY:
            blueprint.add_url_rule(rule, view.__name__, partial(view, mock), methods=[method])
    events = partial(journal.get_journal_events, JournalListeners(Sandboxes(mock), summary))
    blueprint.add_url_rule("/journal/events", "get_journal_events", events, methods=["GET"])
    blueprint.add_url_rule("/verdict", "get_verdict", partial(verdicts.verdict_so_far, verdict), methods=["GET"])
    blueprint.add_url_rule("/", "console", partial(file_response, PROXY_PAGE))
    _add_files(blueprint, CONSOLE - {""})
    app = flask.Flask(__name__, static_folder=None)
    app.register_blueprint(blueprint)
    return app


def _guarded_blueprint(token: str | None, prefix: str, remedy: str) -> flask.Blueprint:
    """A blueprint without routes, which answers errors with problem details and refuses clients without access.

    `remedy` says what a client can do that asks for an unknown path or method.
    """
    blueprint = flask.Blueprint("control", __name__, url_prefix=prefix.rstrip("/"))
    blueprint.before_app_request(partial(_check_access, token, prefix))
    blueprint.register_error_handler(ControlError, _refused)
    blueprint.register_error_handler(UsageError, _unprocessable)
    blueprint.register_error_handler(SandboxError, _unusable_sandbox)
    blueprint.app_errorhandler(HTTPException)(partial(_http_error, remedy))
    return blueprint


def _add_files(blueprint: flask.Blueprint, names: Iterable[str]) -> None:
    for name in names:
        blueprint.add_url_rule(f"/{name}", name.replace(".", "_") or "console", partial(file_response, name))


def _in_sandbox(sandboxes: Sandboxes, view: View, **names: str) -> flask.Response:
    """The response of a view about the sandbox that the request names."""
    mock = sandboxes.get(flask.request.headers.get("Lookalike-Sandbox", DEFAULT))
    # A webhook is sent at once, which no transaction can undo.
    if flask.request.method == "GET" or view is callbacks.post_webhook:
        mock.catch_up()
        return view(mock, **names)
    # Most changes depend on what is there, which another process may change too.
    return mock.together(partial(view, mock, **names))


def _check_access(token: str | None, prefix: str) -> flask.Response | None:
    """The refusal of a request that may not use the control API; health and console are open to all clients."""
    request = flask.request
    if is_health(request.path, prefix) or is_of_console(request.path, prefix):
        return None
    headers = {name.lower(): value for name, value in request.headers.items()}
    refused = refusal(token, request.remote_addr, request.scheme, headers)
    return None if refused is None else problem(refused.status, refused.why)


def _refused(error: ControlError) -> flask.Response:
    return problem(error.status, error.detail)


def _unprocessable(error: UsageError) -> flask.Response:
    """Items that do not fit the contract."""
    return problem(422, str(error))


def _unusable_sandbox(error: SandboxError) -> flask.Response:
    response = problem(error.status, str(error))
    if error.status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = "1"
    return response


def _http_error(remedy: str, error: HTTPException) -> flask.Response:
    """An error of Flask: an unknown path or method, or a defect of ours."""
    status = error.code or 500
    detail = "the mock failed; its log says why" if status == 500 else remedy
    response = problem(status, detail)
    response.headers.extend((name, value) for name, value in error.get_headers() if name == "Allow")
    return response
