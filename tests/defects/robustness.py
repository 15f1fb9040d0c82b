"""Defects of robustness: requests that are answered 5xx, and media types that are refused."""

import json
import re
from collections.abc import Callable
from typing import Any

from lookalike.http import Handler, Request, Response
from tests.defects.defect import Behave, DefectiveMock, as_if, shown
from tests.defects.requests import NOTHING, body_of, data, error, fields, fields_of, tags, with_headers
from tests.support.in_process import ASHA, AUTHORIZED, FREE, JSON, update

_LONG_NUMBER = re.compile(rb"(?<![\"0-9])-?[0-9]{17,}")
_HUGE_EXPONENT = re.compile(rb"[0-9][eE]\+?[0-9]{3,}")
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


def failing(condition: Callable[[Request], bool], status: int = 500) -> Behave:
    """A server that fails where a condition holds, once it has let the request in; nothing changes then."""

    def behave(mock: DefectiveMock) -> Handler:
        def handle(request: Request) -> Response:
            denied = mock.would_answer(request).status == 401
            return error(status) if not denied and condition(request) else mock.right(request)

        return handle

    return behave


def holding(pattern: re.Pattern[bytes] | bytes) -> Callable[[Request], bool]:
    """Whether a body holds a text."""
    wanted = pattern if isinstance(pattern, re.Pattern) else re.compile(re.escape(pattern))
    return lambda request: wanted.search(request.body) is not None


def _depth(request: Request) -> int:
    return max(request.body.count(b"["), request.body.count(b"{"))


def _repeats_a_member(request: Request) -> bool:
    found: list[bool] = []

    def pairs(members: list[tuple[str, Any]]) -> dict[str, Any]:
        found.append(len({name for name, _ in members}) < len(members))
        return dict(members)

    try:
        json.loads(request.body, object_pairs_hook=pairs)
    except (ValueError, RecursionError):
        return False
    return any(found)


def _has_two_authorizations(mock: DefectiveMock) -> Handler:
    return lambda request: (
        error(500) if request.headers.get("authorization", "").count("Bearer") > 1 else mock.right(request)
    )


def _values(value: Any) -> list[Any]:
    inner = [*value.values()] if isinstance(value, dict) else value if isinstance(value, list) else []
    return [value, *(deeper for item in inner for deeper in _values(item))]


def _has(kind: Callable[[Any], bool], name: str | None = None) -> Callable[[Request], bool]:
    """Whether a value is anywhere in a body, or in one of its members."""

    def found(request: Request) -> bool:
        body = body_of(request) if name is None else fields_of(request).get(name)
        return body is not NOTHING and any(map(kind, _values(body)))

    return found


def _member(name: str, condition: Callable[[Any], bool]) -> Callable[[Request], bool]:
    """Whether a member of a body is there and as a condition wants it."""
    return lambda request: name in fields_of(request) and condition(fields_of(request)[name])


def _is_long(value: Any) -> bool:
    return isinstance(value, int) and abs(value) >= 2**63


def _holds_an_object(value: Any) -> bool:
    return isinstance(value, dict) and any(isinstance(inner, dict) for inner in value.values())


def _holds_equals(value: Any) -> bool:
    return isinstance(value, list) and len(set(map(repr, value))) < len(value)


def _lacks_country_code(request: Request) -> bool:
    return "new_contact_number" in fields_of(request) and "new_country_code" not in fields_of(request)


def _is_no_object(request: Request) -> bool:
    return body_of(request) is not NOTHING and not isinstance(body_of(request), dict)


def _goes_beyond_ascii(request: Request) -> bool:
    return not request.body.isascii() or b"\\u" in request.body


def _refusing(condition: Callable[[str], bool]) -> Behave:
    """A server that takes some media types for another."""

    def rewrite(request: Request) -> Request:
        refused = condition(request.headers.get("content-type", "application/json"))
        return with_headers(request, content_type="text/plain") if refused else request

    return as_if(rewrite)


def _refused_with_415(mock: DefectiveMock) -> Handler:
    def handle(request: Request) -> Response:
        refused = mock.would_answer(request).status != 401 and "charset" in request.headers.get("content-type", "")
        return error(415) if refused else mock.right(request)

    return handle


def raw(text: str | bytes) -> Request:
    """A request with a body as it is written."""
    return update(ASHA, text)


def _typed(media_type: str) -> Request:
    return update(ASHA, {"lead_data": {"city": "Pune"}}, {**AUTHORIZED, "Content-Type": media_type})


def _is_lower(media_type: str) -> bool:
    return media_type.partition(";")[0] == media_type.partition(";")[0].lower()


NEGATIVE = _has(lambda value: isinstance(value, int | float) and value < 0)
FRACTION = _has(lambda value: isinstance(value, float) and not value.is_integer(), "add_tags")
TWICE = update(ASHA, {"lead_data": {}}, {**JSON, "Authorization": "Bearer tok-valid,Bearer tok-valid"})

FAILURES = (
    shown(
        "integers of 17 digits are answered 500",
        "BODY-7",
        failing(holding(_LONG_NUMBER)),
        raw('{"lead_data": {"n": 123456789012345678901234567890}}'),
    ),
    shown(
        "a long integer as a tag is answered 500",
        "BODY-7",
        failing(_has(_is_long, "add_tags")),
        fields(add_tags=[10**30]),
    ),
    shown(
        "a long integer as a new number is answered 500",
        "BODY-7",
        failing(_has(_is_long, "new_contact_number")),
        raw(json.dumps({"new_contact_number": 10**30, "new_country_code": 91, "add_tags": "x"})),
    ),
    shown("1e400 is answered 500", "BODY-7", failing(holding(_HUGE_EXPONENT)), raw('{"lead_data": {"n": 1e400}}')),
    shown(
        "deep nesting is answered 500",
        "BODY-7",
        failing(lambda request: _depth(request) > 100),
        raw('{"lead_data": {"n": ' + "[" * 1000 + "]" * 1000 + "}}"),
    ),
    shown(
        "a lone surrogate is answered 500",
        "BODY-7",
        failing(holding(_SURROGATE)),
        raw('{"lead_data": {"n": "\\ud800"}}'),
    ),
    shown("NUL is answered 500", "BODY-7", failing(holding(b"\\u0000")), raw('{"lead_data": {"n": "\\u0000"}}')),
    shown(
        "a repeated member is answered 500",
        "BODY-7",
        failing(_repeats_a_member),
        raw('{"lead_data": {}, "lead_data": {"a": 1}}'),
    ),
    shown("NaN is answered 500", "BODY-7 BODY-2", failing(holding(b"NaN")), raw('{"lead_data": {"n": NaN}}')),
    shown("two Authorization headers are answered 500", "BODY-7", _has_two_authorizations, TWICE),
    shown(
        "long bodies are answered 500",
        "BODY-7",
        failing(lambda request: len(request.body) > 50_000),
        data(note="x" * 60_000),
    ),
    shown(
        "a body that is not JSON is answered 500",
        "BODY-7 BODY-2 BODY-1",
        failing(lambda request: body_of(request) is NOTHING and request.body != b""),
        raw("{"),
    ),
    shown("a body that is no object is answered 500", "BODY-7 BODY-2 BODY-1", failing(_is_no_object), raw("[]")),
    shown(
        "a body that is not UTF-8 is answered 500",
        "BODY-7 BODY-2",
        failing(lambda request: b"\xff" in request.body or b"\xe9" in request.body),
        raw(b'{"lead_data": {"n": "\xff\xe9"}}'),
    ),
    shown(
        "text in add_tags is answered 500",
        "BODY-7 BODY-3 BODY-1",
        failing(_has(lambda value: isinstance(value, str), "add_tags")),
        fields(add_tags=["x"]),
    ),
    shown(
        "an object in a list of tags is answered 500",
        "BODY-7 BODY-3 BODY-1",
        failing(_has(lambda value: isinstance(value, dict), "add_tags")),
        fields(add_tags=[{}]),
    ),
    shown(
        "a list as lead_data is answered 500",
        "BODY-7 BODY-4 BODY-1",
        failing(_member("lead_data", lambda value: isinstance(value, list))),
        raw('{"lead_data": []}'),
    ),
    shown(
        "a text as new number is answered 500",
        "BODY-7 BODY-5 BODY-1",
        failing(_member("new_contact_number", lambda value: isinstance(value, str))),
        raw(json.dumps({"new_contact_number": "x", "new_country_code": 91})),
    ),
    shown(
        "a new number without country code is answered 500",
        "BODY-6 BODY-7 BODY-1",
        failing(_lacks_country_code),
        raw(json.dumps({"new_contact_number": FREE})),
    ),
    shown(
        "null for a list of tags is answered 500",
        "BODY-7",
        failing(_member("add_tags", lambda value: value is None)),
        fields(add_tags=None),
        readings="null-field",
    ),
    shown(
        "a null in lead_data is answered 500",
        "BODY-7 DATA-1 OK-1",
        failing(_has(lambda value: value is None, "lead_data")),
        data(name=None),
        readings="null",
    ),
    shown(
        "a nested object in lead_data is answered 500",
        "BODY-7 DATA-1 OK-1",
        failing(_member("lead_data", _holds_an_object)),
        data(address={"city": "Pune"}),
    ),
    shown("letters beyond ASCII are answered 500", "BODY-7 DATA-1 OK-1", failing(_goes_beyond_ascii), data(name="Zoë")),
    shown(
        "a fraction as a tag is answered 500", "BODY-7", failing(FRACTION), fields(add_tags=[2.5]), readings="fraction"
    ),
    shown(
        "negative numbers are answered 500",
        "BODY-7",
        failing(NEGATIVE),
        fields(add_tags=[-5]),
        readings="number-domain",
    ),
    shown(
        "an empty body is answered 500",
        "BODY-7",
        failing(lambda request: request.body == b""),
        raw(""),
        readings="empty-body",
    ),
    shown(
        "an empty object is answered 500",
        "BODY-7",
        failing(lambda request: body_of(request) == {}),
        raw("{}"),
        readings="requirement",
    ),
    shown(
        "two equal tags in a list are answered 500",
        "BODY-7 TAG-1 TAG-2 OK-1",
        failing(_member("add_tags", _holds_equals)),
        tags(add=[5, 5]),
    ),
)

MEDIA = (
    shown(
        "a charset is refused with 400",
        "MEDIA-1",
        _refusing(lambda media_type: ";" in media_type),
        _typed("application/json; charset=utf-8"),
    ),
    shown("a charset is refused with 415", "MEDIA-1", _refused_with_415, _typed("application/json; charset=utf-8")),
    shown(
        "a media type in upper case is refused",
        "MEDIA-1",
        _refusing(lambda media_type: not _is_lower(media_type)),
        _typed("Application/JSON"),
    ),
    shown(
        "a charset in capitals is refused",
        "MEDIA-1",
        _refusing(lambda media_type: "UTF-8" in media_type),
        _typed("application/json; charset=UTF-8"),
    ),
)

DEFECTS = (*FAILURES, *MEDIA)
