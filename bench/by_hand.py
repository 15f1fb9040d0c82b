"""The Lead API's update as one function written by hand, with the checks that the mock makes: the limit for its cost.

It knows one operation, one reading of it and one form of each answer, and keeps no journal. Answers other than 201
are there to be checked for, not to be like the mock's.
"""

from collections.abc import Iterable, Mapping
from threading import Lock
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import jsonschema_rs
import orjson

_TAGS = {"type": "array", "items": {"type": "integer", "minimum": 0}}
_UPDATE = jsonschema_rs.Draft202012Validator(
    {
        "type": "object",
        "properties": {
            "add_tags": _TAGS,
            "remove_tags": _TAGS,
            "lead_data": {"type": "object"},
            "new_contact_number": {"type": "integer"},
            "new_country_code": {"type": "integer"},
        },
        "anyOf": [{"required": ["lead_data"]}, {"required": ["new_contact_number"]}],
    }
)
_STATUSES = {201: "201 Created", 400: "400 Bad Request", 401: "401 Unauthorized", 404: "404 Not Found"}
_BODIES = {status: orjson.dumps({"status": status, "success": status == 201}) for status in _STATUSES}
_HEADERS = {
    status: [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    for status, body in _BODIES.items()
}


def by_hand(token: str, seeds: Mapping[int, Mapping[str, Any]]) -> WSGIApplication:
    """The function over some leads, which lets that token in."""
    leads = dict(seeds)
    lock = Lock()
    credentials = f"Bearer {token}"

    def decide(environ: WSGIEnvironment) -> int:
        _, collection, number, action = environ["PATH_INFO"].split("/")
        if collection != "leads" or action != "update" or environ["REQUEST_METHOD"] != "PUT":
            return 404
        if environ.get("HTTP_AUTHORIZATION") != credentials:
            return 401
        try:
            body = orjson.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
        except orjson.JSONDecodeError:
            return 400
        if not number.isdigit() or not _UPDATE.is_valid(body):
            return 400
        with lock:
            lead = leads.get(int(number))
            if lead is None:
                return 404
            tags = {**dict.fromkeys(lead.get("tags", ())), **dict.fromkeys(body.get("add_tags", ()))}
            for tag in body.get("remove_tags", ()):
                tags.pop(tag, None)
            leads[int(number)] = {**lead, "tags": [*tags], "data": {**lead.get("data", {}), **body["lead_data"]}}
        return 201

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        status = decide(environ)
        start_response(_STATUSES[status], _HEADERS[status])
        return [_BODIES[status]]

    return answer
