"""Defects of moves: what becomes of a lead that gets another number, and of the other leads."""

from collections.abc import Callable

from lookalike.http import Handler, Request, Response
from tests.defects.defect import Behave, DefectiveMock, Lead, hidden, leaving, shown, then
from tests.defects.requests import SUCCESS, data, error, fields_of, move, moves, number_of, tags, target_of, with_body
from tests.support.in_process import ASHA, FREE

EMPTY, AINO, MARIA, RAVI = 9000000007, 5550199, 2025550143, 9000000011
SPARE = 9000000001
Body = dict[str, object]


def has_moved(before: Lead, after: Lead) -> bool:
    return bool(before["contact_number"] != after["contact_number"])


def renumbered(number: Callable[[int, int], int]) -> Behave:
    """A server that gives a lead another number than the one that was asked for."""

    def effect(mock: DefectiveMock, before: Lead, after: Lead, body: Body) -> None:
        if has_moved(before, after):
            mock.lose(after)
            mock.keep({**after, "contact_number": number(after["country_code"], after["contact_number"])})

    return then(effect)


def after_a_move(effect: Callable[[DefectiveMock, Lead, Lead], None]) -> Behave:
    """A server that does something more after a move."""

    def more(mock: DefectiveMock, before: Lead, after: Lead, body: Body) -> None:
        if has_moved(before, after):
            effect(mock, before, after)

    return then(more)


def losing(**fields: object) -> Behave:
    """A server where a move leaves fields behind."""
    return leaving(lambda before, after, body: {**after, **fields} if has_moved(before, after) else after)


def others(change: Callable[[Lead, Body], Lead], of: Callable[[Lead, Lead], bool] = lambda other, lead: True) -> Behave:
    """A server where an update changes other leads too."""

    def effect(mock: DefectiveMock, before: Lead, after: Lead, body: Body) -> None:
        for other in mock.leads():
            if other["contact_number"] != after["contact_number"] and of(other, before):
                mock.keep(change(other, body))

    return then(effect)


def when_taken(act: Callable[[DefectiveMock, Request, Lead, Lead], Response]) -> Behave:
    """A server that acts otherwise where the new number belongs to another lead."""

    def behave(mock: DefectiveMock) -> Handler:
        def handle(request: Request) -> Response:
            taken = moves(request) and mock.would_answer(request).status == 400
            lead, other = mock.lead(number_of(request)), mock.lead(target_of(request))
            valid = mock.would_answer(_without_number(request)).status == 201
            return act(mock, request, lead, other) if taken and valid and lead and other else mock.right(request)

        return handle

    return behave


def _without_number(request: Request) -> Request:
    """The request without its new number, and with some lead_data."""
    rest = {name: value for name, value in fields_of(request).items() if not name.startswith("new_")}
    coded = type(fields_of(request).get("new_country_code")) in {int, float}
    return with_body(request, {"lead_data": {}, **rest} if coded else {"lead_data": None})


def _overwritten(mock: DefectiveMock, request: Request, lead: Lead, other: Lead) -> Response:
    mock.lose(other)
    return mock.right(request)


def _swapped(mock: DefectiveMock, request: Request, lead: Lead, other: Lead) -> Response:
    mock.keep({**other, "contact_number": lead["contact_number"]})
    mock.keep({**lead, "contact_number": other["contact_number"]})
    return SUCCESS


def _merged(mock: DefectiveMock, request: Request, lead: Lead, other: Lead) -> Response:
    mock.lose(lead)
    mock.keep({**other, "data": {**other["data"], **lead["data"]}})
    return SUCCESS


def _refused_and_lost(mock: DefectiveMock, request: Request, lead: Lead, other: Lead) -> Response:
    response = mock.right(request)
    mock.lose(other)
    return response


def _refused_and_lost_itself(mock: DefectiveMock, request: Request, lead: Lead, other: Lead) -> Response:
    response = mock.right(request)
    mock.lose(lead)
    return response


def _refused_and_applied(mock: DefectiveMock, request: Request, lead: Lead, other: Lead) -> Response:
    response = mock.right(request)
    mock.right(_without_number(request))
    return response


def _refused_and_cleared(mock: DefectiveMock, request: Request, lead: Lead, other: Lead) -> Response:
    response = mock.right(request)
    mock.keep({**other, "tags": [], "data": {}})
    return response


def _alive(mock: DefectiveMock, before: Lead, after: Lead) -> None:
    mock.keep({**after, "contact_number": before["contact_number"], "country_code": before["country_code"]})


def _lose_next(mock: DefectiveMock, before: Lead, after: Lead) -> None:
    mock.lose(next(lead for lead in mock.leads() if lead["contact_number"] != after["contact_number"]))


def _only_once(mock: DefectiveMock) -> Handler:
    def handle(request: Request) -> Response:
        if mock.memory.get(number_of(request)) and moves(request) and mock.would_answer(request).status == 201:
            return error(400)
        response = mock.right(request)
        if response.status == 201 and moves(request):
            mock.memory[target_of(request)] = True
        return response

    return handle


def _reserved(mock: DefectiveMock) -> Handler:
    """Numbers that a lead has left are never given again."""

    def handle(request: Request) -> Response:
        if moves(request) and target_of(request) in mock.memory and mock.would_answer(request).status == 201:
            return error(400)
        response = mock.right(request)
        if response.status == 201 and moves(request):
            mock.memory[number_of(request)] = True
        return response

    return handle


def left_number(answer: Callable[[DefectiveMock, Request, int], Response], forever: bool = True) -> Behave:
    """A server that answers otherwise where a lead has left its number, forever or once."""

    def behave(mock: DefectiveMock) -> Handler:
        def handle(request: Request) -> Response:
            number, response = number_of(request), mock.right(request)
            if response.status == 404 and number in mock.memory:
                return answer(mock, request, mock.memory[number] if forever else mock.memory.pop(number))
            if response.status == 201 and moves(request):
                mock.memory.pop(target_of(request), None)
                mock.memory[number] = target_of(request)
            return response

        return handle

    return behave


def _at_new_number(mock: DefectiveMock, request: Request, new: int) -> Response:
    return mock.right(request._replace(path=f"/leads/{new}/update"))


def _redirected(mock: DefectiveMock, request: Request, new: int) -> Response:
    return Response(308, (("Location", f"/leads/{new}/update"),))


def _both_tags(other: Lead, body: Body) -> Lead:
    added = body.get("add_tags") or []
    assert isinstance(added, list)
    return {**other, "tags": list(dict.fromkeys([*other["tags"], *added]))}


def _fewer_tags(other: Lead, body: Body) -> Lead:
    gone = body.get("remove_tags") or []
    assert isinstance(gone, list)
    return {**other, "tags": [tag for tag in other["tags"] if tag not in gone]}


def _same_data(other: Lead, body: Body) -> Lead:
    given = body.get("lead_data") or {}
    assert isinstance(given, dict)
    return {**other, "data": {**other["data"], **given}}


def _same_code(other: Lead, body: Body) -> Lead:
    return {**other, "country_code": body.get("new_country_code", other["country_code"])}


def _both_empty(other: Lead, lead: Lead) -> bool:
    return not other["tags"] and not lead["tags"]


def _of_one_country(other: Lead, lead: Lead) -> bool:
    return bool(other["country_code"] == lead["country_code"])


def _stale_copy(mock: DefectiveMock, before: Lead, after: Lead, body: Body) -> None:
    """The lead that was updated before this one is again as it was before that."""
    last = mock.memory.get("last")
    if last is not None and last["contact_number"] != before["contact_number"] and mock.lead(last["contact_number"]):
        mock.keep(last)
    mock.memory["last"] = before


MOVE = move(ASHA, FREE)
AT_NEW, AT_OLD = data(FREE, city="Pune"), data(ASHA, city="Pune")
TAKEN = move(ASHA, EMPTY)

MOVED = (
    shown("the lead stays under its old number too", "MOVE-1 IDEM-1", after_a_move(_alive), MOVE, AT_OLD),
    shown(
        "a lead that moves is lost",
        "MOVE-1 IDEM-1",
        after_a_move(lambda mock, before, after: mock.lose(after)),
        MOVE,
        AT_NEW,
    ),
    hidden("a move loses the tags", "MOVE-1", losing(tags=[]), MOVE),
    hidden("a move loses the data", "MOVE-1", losing(data={}), MOVE),
    hidden("a move loses tags and data", "MOVE-1", losing(tags=[], data={}), MOVE),
    hidden("a move makes the country code 91", "MOVE-1", losing(country_code=91), move(ASHA, FREE, 44)),
    hidden(
        "a move keeps the old number in the data",
        "MOVE-1 DATA-1",
        leaving(
            lambda before, after, body: (
                {**after, "data": {**after["data"], "old_number": before["contact_number"]}}
                if has_moved(before, after)
                else after
            )
        ),
        MOVE,
    ),
    shown("a lead moves only once", "MOVE-1 IDEM-1", _only_once, MOVE, move(FREE, SPARE)),
    shown("a number that was left stays taken", "MOVE-1 MOVE-2 IDEM-1", _reserved, MOVE, move(FREE, ASHA)),
    shown(
        "a number that was left is answered 410",
        "MOVE-1 LEAD-1 IDEM-1",
        left_number(lambda mock, request, new: error(410)),
        MOVE,
        AT_OLD,
    ),
    shown(
        "a number that was left redirects to the new one",
        "MOVE-1 LEAD-1 IDEM-1",
        left_number(_redirected),
        MOVE,
        AT_OLD,
    ),
    shown("a number that was left stays an alias", "MOVE-1 LEAD-1 IDEM-1", left_number(_at_new_number), MOVE, AT_OLD),
    shown(
        "a number that was left still answers once",
        "MOVE-1 LEAD-1 IDEM-1",
        left_number(_at_new_number, forever=False),
        MOVE,
        AT_OLD,
    ),
    shown(
        "a number that was left says that the lead has moved",
        "MOVE-1 LEAD-1 IDEM-1",
        left_number(lambda mock, request, new: error(404, "The lead has moved.")),
        MOVE,
        AT_OLD,
    ),
    shown(
        "a new number is stored behind its country code",
        "MOVE-1 IDEM-1",
        renumbered(lambda code, number: int(f"{code}{number}")),
        AT_OLD,
        MOVE,
        AT_NEW,
    ),
    shown(
        "a new number is stored in 32 bits",
        "MOVE-1 IDEM-1",
        renumbered(lambda code, number: number % 2**32),
        MOVE,
        AT_NEW,
    ),
    shown(
        "a new number loses its last digit",
        "MOVE-1 IDEM-1",
        renumbered(lambda code, number: number // 10),
        MOVE,
        AT_NEW,
    ),
)

COLLISIONS = (
    shown("a taken number is overwritten", "MOVE-2 BODY-1", when_taken(_overwritten), TAKEN, readings="occupied"),
    shown("a taken number is swapped", "MOVE-2 BODY-1", when_taken(_swapped), TAKEN, readings="occupied"),
    shown("a taken number merges the two leads", "MOVE-2 BODY-1", when_taken(_merged), TAKEN, readings="occupied"),
    shown(
        "a taken number is a success that changes nothing",
        "MOVE-2 MOVE-1 BODY-1",
        when_taken(lambda *_: SUCCESS),
        TAKEN,
        readings="occupied",
    ),
    shown(
        "a taken number is answered 422", "MOVE-2 BODY-1", when_taken(lambda *_: error(422)), TAKEN, readings="occupied"
    ),
    shown(
        "a taken number is answered 500",
        "MOVE-2 BODY-1 BODY-7",
        when_taken(lambda *_: error(500)),
        TAKEN,
        readings="occupied",
    ),
    shown(
        "a taken number is answered 404",
        "MOVE-2 BODY-1 LEAD-1",
        when_taken(lambda *_: error(404, "Invalid contact number!")),
        AT_OLD,
        TAKEN,
        readings="occupied",
    ),
    shown(
        "a taken number is refused and the other lead lost",
        "MOVE-2 ATOM-1 BODY-1",
        when_taken(_refused_and_lost),
        TAKEN,
        data(EMPTY, name="Still here"),
    ),
    shown(
        "a taken number is refused and the lead lost",
        "ATOM-1 MOVE-2 BODY-1",
        when_taken(_refused_and_lost_itself),
        TAKEN,
        AT_OLD,
    ),
    hidden(
        "a taken number is refused and the rest applied",
        "ATOM-1 BODY-1 MOVE-2",
        when_taken(_refused_and_applied),
        move(ASHA, EMPTY, add_tags=[5]),
    ),
    hidden(
        "a taken number is refused and the other lead cleared",
        "MOVE-2 ATOM-1 BODY-1",
        when_taken(_refused_and_cleared),
        move(ASHA, RAVI),
    ),
    shown("a move loses another lead", "MOVE-2", after_a_move(_lose_next), AT_OLD, move(AINO, SPARE, 358), AT_OLD),
)

OTHERS = (
    hidden(
        "added tags are added to all leads of the country", "MOVE-2", others(_both_tags, _of_one_country), tags(add=[5])
    ),
    hidden("removed tags are removed from all leads", "MOVE-2", others(_fewer_tags), tags(remove=[7])),
    hidden("leads without tags share one list", "MOVE-2", others(_both_tags, _both_empty), tags(add=[5], number=EMPTY)),
    hidden("lead_data is set on all leads", "MOVE-2", others(_same_data), data(name="Asha")),
    hidden(
        "a country code is set on all leads of the country",
        "MOVE-2",
        others(_same_code, _of_one_country),
        move(ASHA, FREE, 44),
    ),
    hidden(
        "an update takes back the last one of another lead",
        "MOVE-2 ATOM-1 DATA-1 TAG-2",
        then(_stale_copy),
        data(name="Asha"),
        data(MARIA, name="Maria"),
    ),
)

DEFECTS = (*MOVED, *COLLISIONS, *OTHERS)
