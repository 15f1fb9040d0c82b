"""All sandboxes of a mock, and its health."""

from typing import Any

import flask

from lookalike.sandboxes import Sandboxes, SandboxStatus
from lookalike.server.control.messages import ControlError, Routes, json_response, no_content, unknown_name


def health(_: Sandboxes) -> flask.Response:
    """The response to a health check."""
    return json_response({"status": "ok"})


def live(_: Sandboxes) -> flask.Response:
    """Whether the process answers: where it does not, it should be restarted."""
    return json_response({"status": "ok"})


def ready(sandboxes: Sandboxes) -> flask.Response:
    """Whether requests can be served, which needs the store: 503 where that cannot be reached."""
    sandboxes.default.check_store()
    return json_response({"status": "ok"})


def get_sandboxes(sandboxes: Sandboxes) -> flask.Response:
    """All sandboxes."""
    return json_response([_sandbox_status(status) for status in sandboxes.listed()])


def get_sandbox(sandboxes: Sandboxes, name: str) -> flask.Response:
    """One sandbox."""
    return json_response(_listed(sandboxes, name))


def put_sandbox(sandboxes: Sandboxes, name: str) -> flask.Response:
    """Make a sandbox if there is none of a name."""
    status = 200 if name in sandboxes else 201
    sandboxes.get(name)
    return json_response(_listed(sandboxes, name), status)


def delete_sandbox(sandboxes: Sandboxes, name: str) -> flask.Response:
    """Delete a sandbox with all that is in it."""
    if not sandboxes.delete(name):
        raise _unknown(sandboxes, name)
    return no_content()


def _listed(sandboxes: Sandboxes, name: str) -> dict[str, Any]:
    status = next((one for one in sandboxes.listed() if one.name == name), None)
    if status is None:
        raise _unknown(sandboxes, name)
    return _sandbox_status(status)


def _unknown(sandboxes: Sandboxes, name: str) -> ControlError:
    return unknown_name("sandbox", name, (one.name for one in sandboxes.listed()))


def _sandbox_status(status: SandboxStatus) -> dict[str, Any]:
    expires_in = None if status.expires_in is None else round(status.expires_in, 3)
    return {
        "name": status.name,
        "changed": not status.is_untouched,
        "idle": round(status.idle, 3),
        "expires_in": expires_in,
    }


ROUTES: Routes = (
    ("/health", "GET", health),
    ("/health/live", "GET", live),
    ("/health/ready", "GET", ready),
    ("/sandboxes", "GET", get_sandboxes),
    ("/sandboxes/<name>", "GET", get_sandbox),
    ("/sandboxes/<name>", "PUT", put_sandbox),
    ("/sandboxes/<name>", "DELETE", delete_sandbox),
)
