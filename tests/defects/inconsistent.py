"""Defects of servers that keep to no choice: they answer an open question now this way, now that way."""

from collections.abc import Callable
from itertools import count

from lookalike.http import Handler, Request, Response
from lookalike.service import MockService
from tests.defects.defect import Behave, DefectiveMock, answering, hidden, shown
from tests.defects.requests import (
    ABSENT,
    SUCCESS,
    UNKNOWN,
    bearing,
    body_of,
    data,
    error,
    fields,
    fields_of,
    move,
    number_of,
    saying,
    tags,
    with_headers,
)
from tests.support.in_process import ASHA, CONTRACT, FREE, PARTS, update

EMPTY = 9000000007
FIELDS = {"add_tags", "remove_tags", "lead_data", "new_contact_number", "new_country_code"}

Condition = Callable[[Request], bool]


def choosing(reading: str, first: str, second: str, when: Callable[[], Condition]) -> Behave:
    """A server that has one choice of a reading, and another for requests for which a condition holds."""

    def behave(mock: DefectiveMock) -> Handler:
        one, other = (
            MockService(PARTS.model, mock._store, _choices(reading, choice), PARTS.data) for choice in (first, second)
        )
        condition = when()
        return lambda request: (other if condition(request) else one).handle(request)

    return behave


def _choices(reading: str, choice: str) -> dict[str, str]:
    return dict(CONTRACT.choices({reading: choice}))


def in_turns(affected: Condition) -> Callable[[], Condition]:
    """A condition that holds for every second of the requests that are affected."""

    def start() -> Condition:
        numbers = count(1)
        return lambda request: affected(request) and next(numbers) % 2 == 0

    return start


def where(condition: Condition) -> Callable[[], Condition]:
    """A condition that does not change."""
    return lambda: condition


def _is_alone(request: Request) -> bool:
    return bool(fields_of(request)) and not fields_of(request).keys() & {"lead_data", "new_contact_number"}


def _is_in_conflict(request: Request) -> bool:
    added, removed = (fields_of(request).get(name) for name in ("add_tags", "remove_tags"))
    return isinstance(added, list) and isinstance(removed, list) and bool(set(map(str, added)) & set(map(str, removed)))


def _says_bearer(request: Request) -> bool:
    return request.headers.get("authorization", "").startswith("bearer")


def _has_semicolon(request: Request) -> bool:
    return request.headers.get("authorization", "").endswith(";")


def _has_bad_tags(request: Request) -> bool:
    return any(name in fields_of(request) for name in ("add_tags", "remove_tags"))


def _is_move(request: Request) -> bool:
    return "new_contact_number" in fields_of(request)


def _is_to_itself(request: Request) -> bool:
    return fields_of(request).get("new_contact_number") == number_of(request)


def _path_has_letters(request: Request) -> bool:
    return any(character.isalpha() for segment in request.path.split("/")[2:3] for character in segment)


def _lead_data_is_null(request: Request) -> bool:
    return fields_of(request).get("lead_data", 0) is None


def _is_unreadable(request: Request) -> bool:
    return not isinstance(body_of(request), dict)


def _has_code_alone(mock: DefectiveMock, request: Request) -> bool:
    alone = "new_country_code" in fields_of(request) and "new_contact_number" not in fields_of(request)
    return alone and mock.would_answer(request).status == 201


def _has_unknown_field(mock: DefectiveMock, request: Request) -> bool:
    return mock.would_answer(request).status == 201 and not fields_of(request).keys() <= FIELDS


def _wants_no_json(mock: DefectiveMock, request: Request) -> bool:
    accept = request.headers.get("accept", "*/*")
    return "json" not in accept and "*/*" not in accept


def _instead(affected: Callable[[DefectiveMock, Request], bool], response: Response) -> Behave:
    """A server with one answer for some of the requests that it would accept or refuse otherwise."""

    def behave(mock: DefectiveMock) -> Handler:
        def handle(request: Request) -> Response:
            denied = mock.would_answer(request).status == 401
            return response if not denied and affected(mock, request) else mock.right(request)

        return handle

    return behave


def _has_unknown_tag(mock: DefectiveMock, request: Request) -> bool:
    added = fields_of(request).get("add_tags")
    valid = mock.would_answer(request).status == 201 and isinstance(added, list)
    return valid and any(type(tag) is int and mock.item("tag", tag) is None for tag in added or ())


def _nothing_is_everything(mock: DefectiveMock) -> Handler:
    """No body at all is a success, where an empty object is refused."""

    def handle(request: Request) -> Response:
        response = mock.right(request)
        nothing = response.status == 400 and request.body == b"" and mock.lead(number_of(request)) is not None
        return SUCCESS if nothing else response

    return handle


MOVE = move(ASHA, FREE)
TAKEN = move(ASHA, EMPTY)
ALONE = update(ASHA, {"add_tags": [3]})
BEARER = bearing("bearer tok-valid")
SEMICOLON = bearing("Bearer tok-valid;")
ITSELF = move(ASHA, ASHA)

DEFECTS = (
    shown(
        "a taken number is answered 400 and 409 in turns",
        "MOVE-2 BODY-1",
        choosing("occupied", "400", "409", in_turns(_is_move)),
        TAKEN,
        TAKEN,
        readings="occupied",
    ),
    shown(
        "tags alone are refused and accepted in turns",
        "TAG-2 BODY-1 OK-1",
        choosing("requirement", "enforced", "tags-suffice", in_turns(_is_alone)),
        ALONE,
        ALONE,
        readings="requirement",
    ),
    shown(
        "bearer is accepted and refused in turns",
        "AUTH-2 OK-1",
        choosing("scheme-case", "insensitive", "sensitive", in_turns(_says_bearer)),
        BEARER,
        BEARER,
        readings="scheme-case",
    ),
    shown(
        "a semicolon is refused and accepted in turns",
        "AUTH-2 OK-1",
        choosing("semicolon", "rejected", "tolerated", in_turns(_has_semicolon)),
        SEMICOLON,
        SEMICOLON,
        readings="semicolon",
    ),
    shown(
        "the own number is accepted and refused in turns",
        "MOVE-2 IDEM-1 MOVE-1 BODY-1",
        choosing("own-number", "no-op", "occupied", in_turns(_is_to_itself)),
        ITSELF,
        ITSELF,
        readings="own-number",
    ),
    hidden(
        "a tag in both lists is removed and added in turns",
        "TAG-2 IDEM-1 TAG-1",
        choosing("tag-conflict", "remove-wins", "add-wins", in_turns(_is_in_conflict)),
        tags(add=[5], remove=[5]),
        tags(add=[6], remove=[6]),
        readings="tag-conflict",
    ),
    shown(
        "messages are texts for some bodies and lists for others",
        "BODY-1 BODY-2",
        choosing("messages", "array", "string", where(_is_unreadable)),
        update(ASHA, "["),
        update(ASHA, {"lead_data": 1}),
        readings="messages",
    ),
    shown(
        "for an unknown lead only some bodies are checked first",
        "LEAD-1 BODY-1",
        choosing("order", "validate-first", "lookup-first", where(_has_bad_tags)),
        update(ABSENT, {"lead_data": 1}),
        update(ABSENT, {"lead_data": {}, "add_tags": 1}),
        readings="order",
    ),
    shown(
        "letters in the path are answered 404 and fractions 400",
        "LEAD-1 BODY-1",
        choosing("path-type", "400", "404", where(_path_has_letters)),
        data("abc", name="Nobody"),
        data("1.5", name="Nobody"),
        readings="path-type",
    ),
    shown(
        "null is refused for tags and absent for lead_data",
        "BODY-3 BODY-4 BODY-5 BODY-1",
        choosing("null-field", "rejected", "absent", where(_lead_data_is_null)),
        fields(add_tags=None),
        move(ASHA, FREE, lead_data=None),
        readings="null-field",
    ),
    shown(
        "no body is a success and an empty object is refused",
        "BODY-2 BODY-1",
        _nothing_is_everything,
        update(ASHA, {}),
        update(ASHA, ""),
        readings="empty-body requirement",
    ),
    shown(
        "a country code alone is refused beside lead_data",
        "OK-1 BODY-1 DATA-1 MOVE-2",
        _instead(_has_code_alone, error(400)),
        fields(new_country_code=91),
        readings="country-alone",
    ),
    shown(
        "a tag that does not exist is answered 404",
        "TAG-2 OK-1 LEAD-1",
        _instead(_has_unknown_tag, UNKNOWN),
        data(ASHA, city="Pune"),
        tags(add=[999]),
        readings="unknown-tag",
    ),
    shown(
        "an unknown field is answered 422",
        "OK-1 BODY-1",
        _instead(_has_unknown_field, error(422)),
        fields(tags=[5], nickname="A"),
        readings="unknown-field",
    ),
    shown(
        "Accept without JSON is answered 500",
        "OK-1",
        _instead(_wants_no_json, error(500)),
        with_headers(data(name="Asha"), accept="text/html"),
        readings="accept",
    ),
    shown(
        "a missing Content-Type is answered 500",
        "BODY-7 MEDIA-1",
        _instead(lambda mock, request: "content-type" not in request.headers, error(500)),
        data(name="Asha")._replace(headers={"authorization": "Bearer tok-valid"}),
        readings="media-type",
    ),
    shown(
        "another Content-Type is answered 500",
        "BODY-7 MEDIA-1",
        _instead(lambda mock, request: "json" not in request.headers.get("content-type", "json").lower(), error(500)),
        with_headers(data(name="Asha"), content_type="text/plain"),
        readings="media-type",
    ),
    shown(
        "letters in the path are answered 500",
        "LEAD-1 BODY-7",
        _instead(lambda mock, request: _path_has_letters(request), error(500)),
        data("abc", name="Nobody"),
        readings="path-type",
    ),
    shown(
        "GET is answered 200",
        "OK-1",
        answering(lambda request, response: saying(200, {}) if request.method == "GET" else response),
        data(name="Asha")._replace(method="GET", body=b""),
        readings="method",
    ),
    shown(
        "GET is answered 500",
        "BODY-7",
        answering(lambda request, response: error(500) if request.method == "GET" else response),
        data(name="Asha")._replace(method="GET", body=b""),
        readings="method",
    ),
)
