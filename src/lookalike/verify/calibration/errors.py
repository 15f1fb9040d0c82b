"""The body of the errors that a document does not describe, as a template."""

from typing import Any

from lookalike.http import Request


def error_template(request: Request, status: int, body: Any) -> Any:
    """A body with places for the status and the reason, or None where it is no object."""
    if not isinstance(body, dict):
        return None
    return {name: _placeholder(request, status, value) for name, value in body.items()}


def _placeholder(request: Request, status: int, value: Any) -> Any:
    if isinstance(value, dict):
        return error_template(request, status, value)
    if isinstance(value, list):
        return "$answer.reasons"
    # A word alone is a code or a title, which many errors share, unless it is one of the request, as its key.
    if isinstance(value, str) and (" " in value or value in request.path.split("/")):
        return "$answer.reason"
    return "$answer.status" if value == status else value
