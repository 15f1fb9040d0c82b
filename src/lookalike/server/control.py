"""The control API below `/__lookalike/`: look at what the mock remembers and did, and change it.

`control.openapi.yaml` beside this file describes it. Errors are problem details (RFC 9457).
"""

import base64
import json
import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote_plus

import flask
import orjson
from werkzeug.exceptions import HTTPException

from lookalike.codecs.json_text import MAX_DIGITS, DecodeError, parse_json, plain_numbers
from lookalike.errors import UsageError
from lookalike.model.state import Key, Put
from lookalike.openapi.document import load_document
from lookalike.server.control_access import PREFIX, refusal
from lookalike.service import JournalEntry, MockService

DOCUMENT = Path(__file__).with_name("control.openapi.yaml")

_SECRETS = "auth|cookie|token|secret|key|pass|credential|session"
_SECRET = re.compile(_SECRETS, re.IGNORECASE)
_INTEGER = re.compile(rf"(?:0|-?[1-9][0-9]{{0,{MAX_DIGITS - 1}}})\Z")
_HIDDEN = "(redacted)"
_MOST = 1000

Answer = flask.Response


def control(mock: MockService, token: str | None) -> flask.Blueprint:
    """The control API of a mock, open to the holders of a token, or to this machine where there is none."""
    blueprint = flask.Blueprint("control", __name__, url_prefix=PREFIX.rstrip("/"))
    blueprint.before_app_request(lambda: _guard(token))
    blueprint.register_error_handler(_Refused, _as_answer)
    blueprint.register_error_handler(UsageError, lambda error: _problem(422, str(error)))
    blueprint.app_errorhandler(HTTPException)(_as_problem)
    for rule, method, view in _ROUTES:
        blueprint.add_url_rule(rule, view.__name__, _bound(view, mock), methods=[method])
    return blueprint


class _Refused(Exception):
    """An answer that is an error."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status


def _bound(view: Callable[..., Answer], mock: MockService) -> Callable[..., Answer]:
    return lambda **arguments: view(mock, **arguments)


def _guard(token: str | None) -> Answer | None:
    request = flask.request
    if request.path == f"{PREFIX}health":
        return None
    headers = {name.lower(): value for name, value in request.headers.items()}
    refused = refusal(token, request.remote_addr, request.scheme, headers)
    return None if refused is None else _problem(refused.status, refused.why)


def health(_: MockService) -> Answer:
    """Whether it answers."""
    return _json({"status": "ok"})


def get_state(mock: MockService) -> Answer:
    """All items by resource."""
    return _json(mock.state())


def put_state(mock: MockService) -> Answer:
    """Other items in place of all there are."""
    mock.replace_state(_body())
    return _json(mock.state())


def patch_state(mock: MockService) -> Answer:
    """Other items in place of those of the resources that are named."""
    mock.patch_state(_object())
    return _json(mock.state())


def get_resource(mock: MockService, resource: str) -> Answer:
    """All items of a resource."""
    return _json(mock.state()[_known(mock, resource)])


def get_item(mock: MockService, resource: str, key: str) -> Answer:
    """One item."""
    return _json(mock.item(resource, _existing(mock, resource, key)))


def put_item(mock: MockService, resource: str, key: str) -> Answer:
    """One item, new or in place of another."""
    body, found = _body(), _found(mock, _known(mock, resource), key)
    item = mock.put_item(resource, _new(key, body) if found is None else found, body)
    return _json(item, 201 if found is None else 200)


def patch_item(mock: MockService, resource: str, key: str) -> Answer:
    """Some fields of one item."""
    return _json(mock.patch_item(resource, _existing(mock, resource, key), _object()))


def delete_item(mock: MockService, resource: str, key: str) -> Answer:
    """Forget one item."""
    mock.delete_item(resource, _existing(mock, resource, key))
    return _nothing()


def reset(mock: MockService) -> Answer:
    """Back to the seeds, with an empty journal."""
    mock.reset()
    return _nothing()


def get_journal(mock: MockService) -> Answer:
    """What came and what was answered, newest first."""
    wanted = flask.request.args.to_dict()
    limit = wanted.pop("limit", "100")
    if not _INTEGER.match(limit) or not 0 < int(limit) <= _MOST:
        raise _Refused(400, f"limit must be an integer from 1 to {_MOST}")
    unknown = sorted(wanted.keys() - _FILTERS.keys())
    if unknown:
        raise _Refused(400, f"there is no parameter {unknown[0]!r}; there are: limit, {', '.join(_FILTERS)}")
    kept = mock.journal(
        lambda exchange: all(_FILTERS[name](exchange, value) for name, value in wanted.items()), int(limit)
    )
    secrets = _secrets(mock)
    return _json([_rendered(exchange, secrets) for exchange in kept])


def delete_journal(mock: MockService) -> Answer:
    """Forget all exchanges."""
    mock.clear_journal()
    return _nothing()


def get_contract(mock: MockService) -> Answer:
    """The document that the mock serves."""
    return _json(mock.model.contract.document.data)


def get_credentials(mock: MockService) -> Answer:
    """A token of each kind by security scheme."""
    return _json(mock.credentials)


def get_readings(mock: MockService) -> Answer:
    """Each reading with the choice in force."""
    return _json(
        [
            {
                "id": reading.id,
                "question": reading.question,
                "choice": mock.choices[reading.id],
                "default": reading.default,
                "choices": reading.choices,
                "quotes": reading.quotes,
                "from": reading.sources,
            }
            for reading in mock.model.contract.readings.values()
        ]
    )


def get_openapi(_: MockService) -> Answer:
    """The document of this API."""
    return _json(load_document(DOCUMENT).data)


_ROUTES: tuple[tuple[str, str, Callable[..., Answer]], ...] = (
    ("/health", "GET", health),
    ("/state", "GET", get_state),
    ("/state", "PUT", put_state),
    ("/state", "PATCH", patch_state),
    ("/state/<resource>", "GET", get_resource),
    ("/state/<resource>/<path:key>", "GET", get_item),
    ("/state/<resource>/<path:key>", "PUT", put_item),
    ("/state/<resource>/<path:key>", "PATCH", patch_item),
    ("/state/<resource>/<path:key>", "DELETE", delete_item),
    ("/reset", "POST", reset),
    ("/journal", "GET", get_journal),
    ("/journal", "DELETE", delete_journal),
    ("/contract", "GET", get_contract),
    ("/credentials", "GET", get_credentials),
    ("/readings", "GET", get_readings),
    ("/openapi.json", "GET", get_openapi),
)

_FILTERS: dict[str, Callable[[JournalEntry, str], bool]] = {
    "path": lambda exchange, value: exchange.request.path == value,
    "method": lambda exchange, value: exchange.request.method == value.upper(),
    "status": lambda exchange, value: str(exchange.outcome.response.status) == value,
    "clause": lambda exchange, value: value in exchange.outcome.clauses,
}


def _known(mock: MockService, resource: str) -> str:
    if resource not in mock.model.contract.resources:
        raise _Refused(404, f"there is no resource {resource!r}; there is: {', '.join(mock.model.contract.resources)}")
    return resource


def _keys(text: str) -> tuple[Key, ...]:
    """What a key in a URL may be: an integer, where it is written as one, or a text."""
    return (int(text), text) if _INTEGER.match(text) else (text,)


def _found(mock: MockService, resource: str, text: str) -> Key | None:
    return next((key for key in _keys(text) if mock.item(resource, key) is not None), None)


def _existing(mock: MockService, resource: str, text: str) -> Key:
    key = _found(mock, _known(mock, resource), text)
    if key is None:
        raise _Refused(404, f"there is no {resource} {text}")
    return key


def _new(text: str, item: Any) -> Key:
    """The key of an item that is not there yet; digits are a text where the item itself holds them as one."""
    return text if isinstance(item, dict) and text in item.values() else _keys(text)[0]


def _body() -> Any:
    try:
        return plain_numbers(parse_json(flask.request.get_data()).value)
    except DecodeError as error:
        raise _Refused(400, f"the body is not JSON: {error}") from None


def _object() -> Mapping[str, Any]:
    body = _body()
    if not isinstance(body, dict):
        raise _Refused(422, "the body must be an object")
    return body


class _Secrets(NamedTuple):
    """The headers, in lower case, and the parameters that may hold a token because the contract names them."""

    headers: frozenset[str]
    parameters: frozenset[str]


def _secrets(mock: MockService) -> _Secrets:
    schemes = mock.model.contract.schemes.values()
    named = {scheme.bearer.second_header.under(mock.choose).lower() for scheme in schemes}
    keys = {scheme.parameter.lower() for scheme in schemes if scheme.location == "header"}
    return _Secrets(frozenset(named | keys), frozenset(one.parameter for one in schemes if one.location == "query"))


def _redacted(query: str, secrets: _Secrets) -> str:
    return "&".join(_redacted_field(field, secrets) for field in query.split("&"))


def _redacted_field(field: str, secrets: _Secrets) -> str:
    name, equals, _ = field.partition("=")
    is_secret = equals and (_SECRET.search(name) or unquote_plus(name) in secrets.parameters)
    return f"{name}={_HIDDEN}" if is_secret else field


def _rendered(exchange: JournalEntry, secrets: _Secrets) -> dict[str, Any]:
    request, outcome = exchange.request, exchange.outcome
    return {
        "number": exchange.number,
        "at": request.at,
        "operation": outcome.operation or None,
        "request": {
            "method": request.method,
            "path": request.path,
            "query": _redacted(request.query, secrets),
            "headers": {
                name: _HIDDEN if name in secrets.headers or _SECRET.search(name) else value
                for name, value in request.headers.items()
            },
            "body": _text(request.body),
        },
        "response": {
            "status": outcome.response.status,
            "headers": [list(header) for header in outcome.response.headers],
            "body": _text(outcome.response.body),
        },
        "clauses": outcome.clauses,
        "readings": outcome.readings,
        "violations": [
            {
                "in": violation.where,
                "pointer": violation.pointer,
                "rule": violation.keyword,
                "message": violation.message,
            }
            for violation in outcome.violations
        ],
        "changes": [
            {"resource": change.resource, "key": change.key, "item": change.item if isinstance(change, Put) else None}
            for change in outcome.changes
        ],
    }


def _text(body: bytes) -> dict[str, str]:
    try:
        return {"text": body.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(body).decode()}


def _json(value: Any, status: int = 200, media_type: str = "application/json") -> Answer:
    return flask.Response(_dumped(value), status, mimetype=media_type)


def _nothing() -> Answer:
    answer = flask.Response(status=204)
    del answer.headers["Content-Type"]
    return answer


def _dumped(value: Any) -> bytes:
    """JSON; integers beyond 64 bits, which orjson cannot write, keep every digit too."""
    try:
        return orjson.dumps(value)
    except (orjson.JSONEncodeError, TypeError):
        return json.dumps(value, ensure_ascii=True).encode()


def _problem(status: int, detail: str) -> Answer:
    problem = {"title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    answer = _json(problem, status, "application/problem+json")
    if status == HTTPStatus.UNAUTHORIZED:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def _as_answer(problem: _Refused) -> Answer:
    return _problem(problem.status, str(problem))


def _as_problem(error: HTTPException) -> Answer:
    """What Flask itself has to say: no such path, no such method, or a defect, which is in the log."""
    status = error.code or 500
    detail = "the mock failed; its log says why" if status == 500 else f"see {PREFIX}openapi.json for what there is"
    answer = _problem(status, detail)
    answer.headers.extend((name, value) for name, value in error.get_headers() if name == "Allow")
    return answer
