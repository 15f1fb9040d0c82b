"""Requests and responses of the control API: bodies that are checked, and errors as problem details (RFC 9457)."""

import re
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from itertools import islice
from typing import Any

import flask

from lookalike.codecs.json_text import MAX_DIGITS, DecodeError, parse_json, plain_numbers, to_json

View = Callable[..., flask.Response]
Routes = tuple[tuple[str, str, View], ...]
"""The path, method and view of each operation; a view is called with the mock and the parameters of the path."""

_MOST_NAMES = 50
_LONGEST_NAME = 80

INTEGER = re.compile(rf"(?:0|-?[1-9][0-9]{{0,{MAX_DIGITS - 1}}})\Z")


class ControlError(Exception):
    """A request to the control API that gets an error."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


def unknown_name(kind: str, name: object, known: Iterable[str], status: int = 404) -> ControlError:
    """The error about a name that nothing of its kind has, with the names that there are."""
    names = [*islice(known, _MOST_NAMES + 1)]
    listed = ", ".join(names[:_MOST_NAMES]) + (", …" if len(names) > _MOST_NAMES else "")
    return ControlError(status, f"there is no {kind} {str(name)[:_LONGEST_NAME]!r}; there are: {listed or 'none'}")


def json_body() -> Any:
    """The body of the request, a JSON value; raises `ControlError`."""
    try:
        return plain_numbers(parse_json(flask.request.get_data()).value)
    except DecodeError as error:
        raise ControlError(400, f"the body is not JSON: {error}") from None


def object_body() -> Mapping[str, Any]:
    """The body of the request, a JSON object; raises `ControlError`."""
    body = json_body()
    if not isinstance(body, dict):
        raise ControlError(422, "the body must be an object")
    return body


def checked_members(types: Mapping[str, type | tuple[type, ...]], texts: Mapping[str, str]) -> Mapping[str, Any]:
    """The body, whose members have known names and types; `texts` names the types. Raises `ControlError`."""
    body = object_body()
    unknown = body.keys() - types.keys()
    if unknown:
        raise unknown_name("member", min(unknown), types, 422)
    for name, value in body.items():
        if not isinstance(value, types[name]) or (isinstance(value, bool) and types[name] is not bool):
            raise ControlError(422, f"{name} must be {texts[name]}")
    return body


def natural_number(name: str, text: str) -> int:
    """The number that a text in a request stands for; raises `ControlError` with the name of its place."""
    if not INTEGER.match(text) or int(text) < 0:
        raise ControlError(400, f"{name} must be an integer from 0 on, not {text[:40]!r}")
    return int(text)


def json_response(value: Any, status: int = 200, media_type: str = "application/json") -> flask.Response:
    """A response with a JSON value."""
    return flask.Response(to_json(value), status, mimetype=media_type)


def no_content() -> flask.Response:
    """The response 204."""
    response = flask.Response(status=204)
    del response.headers["Content-Type"]
    return response


def problem(status: int, detail: str) -> flask.Response:
    """A response with problem details (RFC 9457)."""
    details = {"title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    response = json_response(details, status, "application/problem+json")
    if status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response
