"""The work that every server is given: documents, the requests of a load, and the requests that show who is right."""

import http.client
import json
from collections.abc import Iterable
from typing import Any, NamedTuple

TOKEN = "tok-valid"
LEAD, OLD, NEW, FAR, UNKNOWN = 9988776655, 9000000001, 9000000002, 9123456789, 1111111111
PATIENCE = 5.0  # seconds that an answer may take
ENVELOPE = {"status": 0, "message": "", "success": False}
MESSAGES = {
    201: "Successfully updated lead.",
    400: "Invalid JSON body!",
    401: "UnAuthorized Access-Token!",
    404: "Invalid contact number!",
    405: "Method not allowed!",
}
ANY_MESSAGE = (400,)
NO_ENVELOPE = (405, 415)  # the contract documents no body for them

# The example of the document, for the lead that has its new number already, so that it can be sent again; and a
# second body that undoes it, so that each request of a load changes what the one before it left.
EXAMPLE = {
    "add_tags": [101, 102],
    "remove_tags": [103],
    "lead_data": {"name": "Asha Rao", "email": "asha.rao@example.com", "dob": "1990-01-01"},
    "new_contact_number": LEAD,
    "new_country_code": 91,
}
BACK = {**EXAMPLE, "add_tags": [103], "remove_tags": [101, 102], "lead_data": {"name": "Asha R. Rao"}}
NAME = {"lead_data": {"name": "X"}}


class Sent(NamedTuple):
    """A request; a token that is empty is not sent."""

    number: int | str
    body: str
    token: str = TOKEN
    method: str = "PUT"
    media_type: str = "application/json"
    path: str = "/leads/{}/update"

    @property
    def target(self) -> str:
        """The path, with the number in it."""
        return self.path.format(self.number)

    @property
    def headers(self) -> dict[str, str]:
        """Its headers, but for those that a client adds."""
        token = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return {"Content-Type": self.media_type, **token}


class Case(NamedTuple):
    """A request, and the statuses that are right."""

    name: str
    sent: Sent
    right: tuple[int, ...]


def _case(name: str, number: int | str, body: Any, *right: int, **more: str) -> Case:
    return Case(name, Sent(number, body if isinstance(body, str) else json.dumps(body), **more), right)


CASES = (
    _case("the example", LEAD, EXAMPLE, 201),
    _case("tags beside data", LEAD, {"add_tags": [1], **NAME}, 201),
    _case("tags alone", LEAD, {"add_tags": [1]}, 400),
    _case("no token", LEAD, EXAMPLE, 401, token=""),
    _case("a wrong token", LEAD, EXAMPLE, 401, token="nope"),  # noqa: S106  # it is made up
    _case("an unknown lead", UNKNOWN, NAME, 404),
    _case("a text for a tag", LEAD, {**EXAMPLE, "add_tags": ["a"]}, 400),
    _case("no country code", LEAD, {"new_contact_number": LEAD}, 400),
    _case("no body", LEAD, "", 400),
    _case("half a body", LEAD, '{"add_tags": [1,', 400),
    _case("a number that is none", "abc", NAME, 400, 404),
    _case("true for a number", LEAD, {**EXAMPLE, "new_country_code": True}, 400),
    _case("another method", LEAD, EXAMPLE, 405, method="POST"),
    _case("another media type", LEAD, "a=1", 400, 415, media_type="text/plain"),
    _case("a new number", OLD, {"new_contact_number": NEW, "new_country_code": 91, **NAME}, 201),
    _case("the old number afterwards", OLD, NAME, 404),
    _case("the new number afterwards", NEW, NAME, 201),
)
# What comes after CASES, to a number that stands in no peer's configuration: who remembers, and who has a script?
AGAIN = (
    _case("a second new number", NEW, {"new_contact_number": FAR, "new_country_code": 91}, 201),
    _case("the second old number", NEW, NAME, 404),
    _case("the second new number", FAR, NAME, 201),
)

VALID = (Sent(LEAD, json.dumps(EXAMPLE)), Sent(LEAD, json.dumps(BACK)))
REFUSED = {
    400: Sent(LEAD, json.dumps({"new_contact_number": LEAD})),
    401: Sent(LEAD, json.dumps(EXAMPLE), token="nope"),  # noqa: S106
    404: Sent(UNKNOWN, json.dumps(NAME)),
}
_DO, _UNDO = VALID
MIX = (_DO, _UNDO, REFUSED[400], _DO, _UNDO, REFUSED[401], _DO, _UNDO, REFUSED[404], _DO)


def exchange(port: int, sent: Sent) -> tuple[int, bytes]:
    """Status and body of the answer; raises `OSError` or `http.client.HTTPException`."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request(sent.method, sent.target, sent.body.encode(), sent.headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def is_right(case: Case, status: int, body: bytes) -> bool:
    """Whether an answer is one that the contract allows."""
    if status not in case.right or status in NO_ENVELOPE:
        return status in case.right
    try:
        told = json.loads(body)
    except ValueError:
        return False
    if not isinstance(told, dict) or told.keys() != ENVELOPE.keys() or not isinstance(told["message"], str):
        return False
    message = told["message"] if status in ANY_MESSAGE and told["message"] else MESSAGES[status]
    return told == envelope(status) | {"message": message}


def wrong(port: int, cases: Iterable[Case]) -> list[str]:
    """The cases that a server gets wrong, in order, with what it answered."""
    found = []
    for case in cases:
        try:
            status, body = exchange(port, case.sent)
        except (OSError, http.client.HTTPException) as error:
            found.append(f"{case.name}: {type(error).__name__}")
            continue
        if not is_right(case, status, body):
            found.append(f"{case.name}: {status} {body[:80]!r}")
    return found


def envelope(status: int) -> dict[str, Any]:
    """The body that is documented for a status."""
    return {"status": status, "message": MESSAGES[status], "success": status < 400}


def document(path: str, operation: dict[str, Any], schemas: dict[str, Any] | None = None) -> dict[str, Any]:
    """A document in OpenAPI 3.0.3, which all peers read, of one operation by PUT."""
    return documents({path: {"put": operation}}, schemas or {})


def documents(paths: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    """A document of these paths."""
    kinds = {"status": "integer", "message": "string", "success": "boolean"}
    shape = {"type": "object", "required": [*kinds], "properties": {name: {"type": kinds[name]} for name in kinds}}
    return {
        "openapi": "3.0.3",
        "info": {"title": "Leads", "version": "1"},
        "servers": [{"url": "/"}],
        "security": [{"bearerAuth": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"bearerAuth": {"type": "http", "scheme": "bearer"}},
            "schemas": {"Envelope": shape, **schemas},
        },
    }


def operation(name: str, parameter: str, body: dict[str, Any]) -> dict[str, Any]:
    """An operation that updates what a number in the path names."""
    integer = {"type": "integer", "format": "int64"}
    return {
        "operationId": name,
        "parameters": [{"name": parameter, "in": "path", "required": True, "schema": integer}],
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
        "responses": {str(status): _answer(status) for status in (201, 400, 401, 404)},
    }


def _answer(status: int) -> dict[str, Any]:
    shape = {"$ref": "#/components/schemas/Envelope"}
    return {
        "description": MESSAGES[status],
        "content": {"application/json": {"schema": shape, "example": envelope(status)}},
    }


_NUMBER = {"type": "number"}
FIELDS: dict[str, Any] = {
    "add_tags": {"type": "array", "items": _NUMBER},
    "remove_tags": {"type": "array", "items": _NUMBER},
    "lead_data": {"type": "object", "additionalProperties": True},
    "new_contact_number": _NUMBER,
    "new_country_code": _NUMBER,
}
# A new number needs its country code; without one there must be data. In the words of OpenAPI 3.0.
BODY = {
    "type": "object",
    "properties": FIELDS,
    "anyOf": [
        {"required": ["new_contact_number", "new_country_code"]},
        {"required": ["lead_data"], "not": {"required": ["new_contact_number"]}},
    ],
}


def large(operations: int) -> dict[str, Any]:
    """A document of as many operations, each with a body schema of its own; a thousand are 2.4 MB of YAML."""
    paths, schemas = {}, {}
    for number in range(operations):
        schemas[f"Body{number}"] = {
            "type": "object",
            "required": ["lead_data"],
            "properties": {
                **FIELDS,
                "note": {"type": "string", "maxLength": 200},
                "stage": {"type": "string", "enum": ["new", "open", "won", "lost"]},
                f"score_{number}": {"type": "integer", "minimum": 0, "maximum": 100},
            },
        }
        body = {"$ref": f"#/components/schemas/Body{number}"}
        paths[f"/r{number}/{{id}}/update"] = {"put": operation(f"update{number}", "id", body)}
    return documents(paths, schemas)


def middle(operations: int) -> Sent:
    """A valid request to the operation in the middle of such a document."""
    return Sent(LEAD, json.dumps(EXAMPLE), path=f"/r{operations // 2}/{{}}/update")
