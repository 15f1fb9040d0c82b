"""Defects of repetition and of atomicity: the same again, half of a request, and now and then."""

import random
from collections.abc import Callable
from itertools import count

from lookalike.http import Handler, Request, Response
from tests.defects.defect import Behave, DefectiveMock, hidden, shown
from tests.defects.requests import (
    SUCCESS,
    VALID,
    bearing,
    data,
    error,
    fields_of,
    move,
    moves,
    number_of,
    saying,
    tags,
    with_body,
    with_headers,
)
from tests.support.in_process import ASHA, FREE, update

USUAL = "OK-1 TAG-1 TAG-2 DATA-1 MOVE-1 MOVE-2 IDEM-1 ATOM-1 MEDIA-1"

Again = Callable[[DefectiveMock, Request, int], Response]


def repeated(again: Again, applies: Callable[[Request], bool] = lambda request: True) -> Behave:
    """A server that acts otherwise where a lead's last success was the same request; it is told how often it came."""

    def behave(mock: DefectiveMock) -> Handler:
        def handle(request: Request) -> Response:
            same = (request.path, request.body)
            last, times = mock.memory.get(number_of(request), (None, 0))
            if last == same and applies(request) and _may_enter(mock, request):
                mock.memory[number_of(request)] = (same, times + 1)
                return again(mock, request, times)
            response = mock.right(request)
            if response.status == 201:
                mock.memory[number_of(request)] = (same, 1)
            return response

        return handle

    return behave


def _may_enter(mock: DefectiveMock, request: Request) -> bool:
    return mock.would_answer(request).status != 401


def _third(mock: DefectiveMock, request: Request, times: int) -> Response:
    return mock.right(request) if times < 2 else error(500)


def _remembered(applies: Callable[[Request], bool]) -> Behave:
    """A server that answers a request that was successful once from its memory."""

    def behave(mock: DefectiveMock) -> Handler:
        def handle(request: Request) -> Response:
            same = (request.path, request.body)
            if same in mock.memory and _may_enter(mock, request):
                return SUCCESS
            response = mock.right(request)
            if response.status == 201 and applies(request):
                mock.memory[same] = True
            return response

        return handle

    return behave


def _undoing(mock: DefectiveMock) -> Handler:
    """The second of two equal requests takes back the first."""

    def handle(request: Request) -> Response:
        same = (request.path, request.body)
        before, response = mock.lead(number_of(request)), mock.right(request)
        if response.status == 201 and before is not None and not moves(request):
            last, old = mock.memory.get(number_of(request), (None, before))
            mock.memory[number_of(request)] = (same, before)
            if last == same:
                mock.keep(old)
        return response

    return handle


def valid_part(request: Request) -> Request:
    """The request without the members that break a rule, and without a number."""
    body = fields_of(request)
    given = body.get("lead_data")
    lists = {name: body[name] for name in ("add_tags", "remove_tags") if _is_list_of_numbers(body.get(name))}
    return with_body(request, {"lead_data": given if isinstance(given, dict) else {}, **lists})


def _is_list_of_numbers(value: object) -> bool:
    return isinstance(value, list) and all(type(item) in {int, float} for item in value)


def _applying_the_valid_part(mock: DefectiveMock) -> Handler:
    def handle(request: Request) -> Response:
        response = mock.right(request)
        if response.status == 400 and fields_of(request) and not _is_move(request):
            mock.right(valid_part(request))
        return response

    return handle


def _moving_all_the_same(mock: DefectiveMock) -> Handler:
    def handle(request: Request) -> Response:
        response = mock.right(request)
        if response.status == 400 and _is_move(request):
            number = {name: value for name, value in fields_of(request).items() if name.startswith("new_")}
            mock.right(with_body(request, number))
        return response

    return handle


def _is_move(request: Request) -> bool:
    numbers = [fields_of(request).get(name) for name in ("new_contact_number", "new_country_code")]
    return all(type(number) is int for number in numbers)


def _storing_first(member: str) -> Behave:
    """A server that stores a member before it looks at the others."""

    def behave(mock: DefectiveMock) -> Handler:
        def handle(request: Request) -> Response:
            response, body = mock.right(request), fields_of(request)
            if response.status == 400 and member in body:
                mock.right(with_body(request, {"lead_data": {}, member: body[member]}))
            return response

        return handle

    return behave


def _failing_halfway(mock: DefectiveMock) -> Handler:
    """Where tags and number change together, all but the number is done before it fails."""

    def handle(request: Request) -> Response:
        body = fields_of(request)
        everything = "new_contact_number" in body and body.keys() & {"add_tags", "remove_tags"}
        if not everything or mock.would_answer(request).status != 201:
            return mock.right(request)
        mock.right(valid_part(request))
        return error(500)

    return handle


def every(period: int, instead: Callable[[DefectiveMock, Request], Response], status: int = 201) -> Behave:
    """A server that does something else in place of every so manieth request that is due a status."""

    def behave(mock: DefectiveMock) -> Handler:
        numbers = count(1)

        def handle(request: Request) -> Response:
            due = mock.would_answer(request).status == status
            return instead(mock, request) if due and next(numbers) % period == 0 else mock.right(request)

        return handle

    return behave


def now_and_then(share: float, instead: Callable[[DefectiveMock, Request], Response]) -> Behave:
    """A server that does something else in place of a share of its successes, by a fixed sequence of chances."""

    def behave(mock: DefectiveMock) -> Handler:
        chance = random.Random(7)

        def handle(request: Request) -> Response:
            due = mock.would_answer(request).status == 201
            return instead(mock, request) if due and chance.random() < share else mock.right(request)

        return handle

    return behave


def _late(mock: DefectiveMock) -> Handler:
    """An update takes effect when the next request comes."""

    def handle(request: Request) -> Response:
        due = mock.memory.pop("due", None)
        if due is not None:
            mock.right(due)
        response = mock.would_answer(request)
        if response.status == 201:
            mock.memory["due"] = request
        return response

    return handle


def _done_and(response: Response) -> Callable[[DefectiveMock, Request], Response]:
    def act(mock: DefectiveMock, request: Request) -> Response:
        mock.right(request)
        return response

    return act


def _let_in(mock: DefectiveMock, request: Request) -> Response:
    return mock.right(with_headers(request, authorization=VALID))


SAME = data(name="Asha")
MOVE, BACK = move(ASHA, FREE), move(FREE, ASHA)
ADD, REMOVE = tags(add=[5]), tags(remove=[5])

AGAIN = (
    shown(
        "the same request again is a conflict",
        "IDEM-1 TAG-1 DATA-1 OK-1",
        repeated(lambda mock, request, times: error(409)),
        SAME,
        SAME,
    ),
    shown(
        "the same request again is refused",
        "IDEM-1 TAG-1 DATA-1 OK-1",
        repeated(lambda mock, request, times: error(400)),
        SAME,
        SAME,
    ),
    shown(
        "the same request again is answered 200",
        "IDEM-1 TAG-1 DATA-1 OK-1",
        repeated(
            lambda mock, request, times: saying(200, {"status": 200, "message": "Already done.", "success": True})
        ),
        SAME,
        SAME,
    ),
    shown(
        "the same request fails the third time", "IDEM-1 OK-1 BODY-7 TAG-1 DATA-1", repeated(_third), SAME, SAME, SAME
    ),
    shown("a move is answered from memory when it is repeated", "IDEM-1 MOVE-1 LEAD-1", _remembered(moves), MOVE, MOVE),
    hidden(
        "an update is answered from memory when it is repeated",
        "IDEM-1 TAG-2 DATA-1",
        _remembered(lambda request: not moves(request)),
        ADD,
        REMOVE,
        ADD,
    ),
    hidden("the same request again takes back the first", "IDEM-1 TAG-1 DATA-1", _undoing, SAME, SAME),
)

HALVES = (
    hidden(
        "what is valid in an invalid body is applied",
        "ATOM-1 BODY-1 BODY-3 BODY-4 BODY-5 BODY-6",
        _applying_the_valid_part,
        update(ASHA, {"lead_data": {"name": "Nobody"}, "add_tags": ["x"]}),
    ),
    hidden(
        "lead_data is stored before the tags are checked",
        "ATOM-1 BODY-1 BODY-3 BODY-5 BODY-6 MOVE-2",
        _storing_first("lead_data"),
        update(ASHA, {"lead_data": {"name": "Nobody"}, "add_tags": ["x"]}),
    ),
    hidden(
        "add_tags are stored before remove_tags are checked",
        "ATOM-1 BODY-1 BODY-3 BODY-4 BODY-5 BODY-6 MOVE-2",
        _storing_first("add_tags"),
        update(ASHA, {"lead_data": {}, "add_tags": [5], "remove_tags": ["x"]}),
    ),
    shown(
        "a number in an invalid body is applied",
        "ATOM-1 BODY-1 BODY-3 BODY-4 MOVE-1 LEAD-1",
        _moving_all_the_same,
        data(ASHA, city="Pune"),
        update(ASHA, {"new_contact_number": FREE, "new_country_code": 91, "add_tags": ["x"]}),
        data(ASHA, city="Pune"),
    ),
    shown(
        "a request for everything fails half done",
        "ATOM-1 OK-1 MOVE-1 TAG-2 DATA-1 IDEM-1",
        _failing_halfway,
        move(ASHA, FREE, add_tags=[5], lead_data={"name": "Asha"}),
    ),
    hidden("an update takes effect with the next request only", "TAG-2 DATA-1 MOVE-1 IDEM-1 ATOM-1", _late, SAME),
)

FLAKY = (
    shown("every seventh success is a 500", USUAL + " BODY-7", every(7, lambda mock, request: error(500)), *[SAME] * 7),
    shown(
        "every seventh success is done and answered 500",
        USUAL + " BODY-7",
        every(7, _done_and(error(500))),
        *[SAME] * 7,
    ),
    shown("every fifth success has an empty body", USUAL, every(5, _done_and(saying(201, b""))), *[SAME] * 5),
    shown(
        "every seventh valid token is refused",
        USUAL + " AUTH-1 AUTH-2 AUTH-3",
        every(7, lambda mock, request: error(401, "UnAuthorized Access-Token!")),
        *[SAME] * 7,
    ),
    shown(
        "every sixth known lead is unknown",
        USUAL + " LEAD-1",
        every(6, lambda mock, request: error(404, "Invalid contact number!")),
        *[SAME] * 6,
    ),
    shown(
        "every sixth valid body is refused", USUAL + " BODY-1", every(6, lambda mock, request: error(400)), *[SAME] * 6
    ),
    shown(
        "one success in eight is a 500",
        USUAL + " BODY-7",
        now_and_then(0.125, lambda mock, request: error(500)),
        *[SAME] * 20,
    ),
    shown(
        "every fourth denied request is let in",
        "AUTH-1 AUTH-2 AUTH-3 AUTH-4",
        every(4, _let_in, 401),
        *[bearing(None)] * 4,
    ),
    shown(
        "every third unknown lead is a success",
        "LEAD-1 MOVE-1 IDEM-1",
        every(3, lambda mock, request: SUCCESS, 404),
        *[data(9999999999, name="Nobody")] * 3,
    ),
    shown(
        "every fifth invalid body is a success",
        "BODY-1 BODY-2 BODY-3 BODY-4 BODY-5 BODY-6",
        every(5, lambda mock, request: SUCCESS, 400),
        *[update(ASHA, {"lead_data": 1})] * 5,
    ),
    hidden(
        "every fifth update is forgotten",
        "DATA-1 TAG-2 IDEM-1 ATOM-1 MOVE-1",
        every(5, lambda mock, request: SUCCESS if not moves(request) else mock.right(request)),
        *[data(score=number) for number in range(5)],
    ),
)

DEFECTS = (*AGAIN, *HALVES, *FLAKY)
