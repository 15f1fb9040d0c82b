"""Requests and answers as defects read and rewrite them."""

import json
from collections.abc import Callable
from typing import Any

from lookalike.http import Headers, Request, Response
from tests.support.in_process import ASHA, AUTHORIZED, JSON, update

VALID = AUTHORIZED["Authorization"]
ABSENT = 9999999999
NOTHING = object()

Condition = Callable[[Request], bool]


def body_of(request: Request) -> Any:
    """The value of the body, or `NOTHING` where it is not JSON."""
    try:
        return json.loads(request.body)
    except (ValueError, RecursionError):
        return NOTHING


def fields_of(request: Request) -> dict[str, Any]:
    """The members of the body; none where it is not an object."""
    body = body_of(request)
    return body if isinstance(body, dict) else {}


def with_body(request: Request, body: Any) -> Request:
    """The request with another body."""
    return request._replace(body=json.dumps(body).encode())


def with_headers(request: Request, **headers: str) -> Request:
    """The request with other headers; an underscore stands for a hyphen."""
    more = {name.replace("_", "-"): value for name, value in headers.items()}
    return request._replace(headers=Headers({**request.headers, **more}))


def number_of(request: Request) -> int:
    """The number in the path, or -1."""
    segments = request.path.split("/")
    text = segments[2] if len(segments) == 4 else ""
    return int(text) if text.isascii() and text.isdigit() and not text.startswith("0") else -1


def target_of(request: Request) -> int:
    """The number that the lead has after the request, if it succeeds."""
    number = fields_of(request).get("new_contact_number")
    return int(number) if isinstance(number, int | float) and not isinstance(number, bool) else number_of(request)


def moves(request: Request) -> bool:
    """Whether the request asks for another number."""
    return target_of(request) != number_of(request)


def fields(number: object = ASHA, /, **members: Any) -> Request:
    """A valid request to change a lead, with lead_data that changes nothing of the first lead beside other members."""
    return update(number, {"lead_data": {"city": "Pune"}, **members})


def tags(*, add: Any = None, remove: Any = None, number: int = ASHA) -> Request:
    """A valid request to change the tags of a lead."""
    lists = {"add_tags": add, "remove_tags": remove}
    return fields(number, **{name: values for name, values in lists.items() if values is not None})


def data(number: object = ASHA, /, **members: Any) -> Request:
    """A request to set members of a lead's data."""
    return update(number, {"lead_data": members})


def move(number: int, to: int, code: int = 91, **members: Any) -> Request:
    """A request to give a lead another number."""
    return update(number, {"new_contact_number": to, "new_country_code": code, **members})


def bearing(credentials: str | None, number: object = ASHA, body: object = None) -> Request:
    """A request with other credentials than the valid ones, or with none."""
    headers = JSON if credentials is None else {**JSON, "Authorization": credentials}
    return update(number, {"lead_data": {"city": "Pune"}} if body is None else body, headers)


def saying(status: int, body: Any, media_type: str = "application/json") -> Response:
    """An answer; a body that is not bytes is sent as JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Response(status, (("Content-Type", media_type),) if media_type else (), content)


def error(status: int, message: str = "Something went wrong.") -> Response:
    """An error in the documented envelope."""
    return saying(status, {"status": status, "message": message, "success": False})


def content_of(response: Response) -> dict[str, Any]:
    """The members of an answer's body."""
    members: dict[str, Any] = json.loads(response.body)
    return members


SUCCESS = saying(201, {"status": 201, "message": "Successfully updated lead.", "success": True})
UNAUTHORIZED = error(401, "UnAuthorized Access-Token!")
UNKNOWN = error(404, "Invalid contact number!")
