"""Defects of answers: media types, bodies and statuses that are not the documented ones."""

import json
from collections.abc import Callable

from lookalike.http import Handler, Request, Response
from tests.defects.defect import Behave, DefectiveMock, answering, shown
from tests.defects.requests import ABSENT, SUCCESS, content_of, data, error, fields, move, saying
from tests.support.in_process import ASHA, FREE, update


def with_other(status: int, change: Callable[[Response], Response]) -> Behave:
    """A server that answers something else than what is right with a status."""
    return answering(lambda request, response: change(response) if response.status == status else response)


def typed(media_type: str) -> Callable[[Response], Response]:
    """A function that gives an answer another media type, or none."""
    return lambda response: saying(response.status, response.body, media_type)


def rendered(render: Callable[[str], str]) -> Callable[[Response], Response]:
    """A function that changes the text of a body."""
    return lambda response: saying(response.status, render(response.body.decode()).encode())


def _wrapped(response: Response) -> Response:
    return saying(response.status, {"data": content_of(response)})


def _listed(response: Response) -> Response:
    return saying(response.status, [content_of(response)])


def _capitalised(response: Response) -> Response:
    return saying(response.status, {name.title(): value for name, value in content_of(response).items()})


def _detailed(response: Response) -> Response:
    message = content_of(response)["message"]
    return saying(response.status, {"type": "about:blank", "title": "Bad Request", "status": 400, "detail": message})


def _telling_that_nothing_changed(mock: DefectiveMock) -> Handler:
    def handle(request: Request) -> Response:
        before = mock.state()
        response = mock.right(request)
        idle = response.status == 201 and mock.state() == before
        return saying(201, {**content_of(response), "message": "Nothing changed."}) if idle else response

    return handle


def _creating(status: int | None) -> Behave:
    """A server that makes a lead if there is none; the status that it answers, or that of a success."""

    def behave(mock: DefectiveMock) -> Handler:
        def handle(request: Request) -> Response:
            response = mock.right(request)
            if response.status != 404 or not request.path.split("/")[2].isdigit():
                return response
            mock.keep({"contact_number": int(request.path.split("/")[2]), "country_code": 91, "tags": [], "data": {}})
            return response if status else mock.right(request)

        return handle

    return behave


OK, BAD, UNKNOWN_LEAD = fields(), update(ASHA, {"lead_data": 1}), data(ABSENT, name="Nobody")
REFUSED = "BODY-1 BODY-2 BODY-3 BODY-4 BODY-5 BODY-6"
UNKNOWN = "LEAD-1 MOVE-1 IDEM-1"

SUCCESSES = (
    shown("a success is plain text", "OK-1", with_other(201, typed("text/plain")), OK),
    shown("a success has no media type", "OK-1", with_other(201, typed("")), OK),
    shown("a success is form data", "OK-1", with_other(201, typed("application/x-www-form-urlencoded")), OK),
    shown("a success has an empty body", "OK-1", with_other(201, rendered(lambda text: "")), OK),
    shown("a success is a list", "OK-1", with_other(201, _listed), OK),
    shown("a success is wrapped in data", "OK-1", with_other(201, _wrapped), OK),
    shown("a success is JSON in a JSON text", "OK-1", with_other(201, rendered(json.dumps)), OK),
    shown("a success is cut short", "OK-1", with_other(201, rendered(lambda text: text[:-1])), OK),
    shown(
        "a success is written in single quotes",
        "OK-1",
        with_other(201, rendered(lambda text: text.replace('"', "'"))),
        OK,
    ),
    shown("the members of a success are capitalised", "OK-1", with_other(201, _capitalised), OK),
    shown(
        "a success that changed nothing says so",
        "OK-1 TAG-1 IDEM-1 DATA-1 MEDIA-1",
        _telling_that_nothing_changed,
        data(name="Asha"),
        data(name="Asha"),
    ),
    shown(
        "a move is answered 200",
        "MOVE-1 OK-1 IDEM-1 ATOM-1",
        answering(
            lambda request, response: (
                saying(200, response.body)
                if response.status == 201 and b"new_contact_number" in request.body
                else response
            )
        ),
        move(ASHA, FREE),
    ),
)

ERRORS = (
    shown("an unknown lead is made", "LEAD-1 MOVE-1 IDEM-1", _creating(None), UNKNOWN_LEAD),
    shown("an unknown lead is made after its 404", "LEAD-1 MOVE-1 IDEM-1", _creating(404), UNKNOWN_LEAD, UNKNOWN_LEAD),
    shown(
        "an unknown lead is a success",
        UNKNOWN,
        with_other(404, lambda _: SUCCESS),
        UNKNOWN_LEAD,
    ),
    shown(
        "an unknown lead is answered 410",
        UNKNOWN,
        with_other(404, lambda _: error(410, "Invalid contact number!")),
        UNKNOWN_LEAD,
    ),
    shown("an unknown lead is answered 500", UNKNOWN, with_other(404, lambda _: error(500)), UNKNOWN_LEAD),
    shown(
        "an unknown lead is answered 200 with a 404 in its body",
        UNKNOWN,
        with_other(404, lambda response: response._replace(status=200)),
        UNKNOWN_LEAD,
    ),
    shown("the 404 has an empty body", UNKNOWN, with_other(404, rendered(lambda text: "")), UNKNOWN_LEAD),
    shown(
        "the 404 is plain text",
        UNKNOWN,
        with_other(404, lambda _: saying(404, b"Invalid contact number!", "text/plain")),
        UNKNOWN_LEAD,
    ),
    shown(
        "an invalid body is answered 422",
        REFUSED,
        with_other(400, lambda response: saying(422, {**content_of(response), "status": 422})),
        BAD,
    ),
    shown("an invalid body is answered 500", REFUSED + " BODY-7", with_other(400, lambda _: error(500)), BAD),
    shown(
        "an invalid body is answered 200 with a 400 in its body",
        REFUSED,
        with_other(400, lambda response: response._replace(status=200)),
        BAD,
    ),
    shown("the 400 has an empty body", REFUSED, with_other(400, rendered(lambda text: "")), BAD),
    shown(
        "the 400 is plain text",
        REFUSED,
        with_other(400, lambda response: saying(400, content_of(response)["message"].encode(), "text/plain")),
        BAD,
    ),
    shown("the 400 is problem details", REFUSED, with_other(400, _detailed), BAD),
    shown(
        "the 400 is a page", REFUSED, with_other(400, lambda _: saying(400, b"<h1>Bad Request</h1>", "text/html")), BAD
    ),
)

DEFECTS = (*SUCCESSES, *ERRORS)
