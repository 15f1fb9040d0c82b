"""The body of the errors that a document does not describe, as a template."""

from typing import Any


def error_template(status: int, body: Any) -> Any:
    """A body with places for the status and the reason, or None where it is not an object."""
    if not isinstance(body, dict):
        return None
    return {name: _placeholder(status, value) for name, value in body.items()}


def _placeholder(status: int, value: Any) -> Any:
    if isinstance(value, dict):
        return error_template(status, value)
    if isinstance(value, list):
        return "$answer.reasons"
    if isinstance(value, str) and " " in value:  # a word alone is a code or a title, which many errors share
        return "$answer.reason"
    return "$answer.status" if value == status else value
