"""Defects of security: who is let in, what is told before, and what is answered."""

from collections.abc import Callable

from lookalike.http import Handler, Request, Response
from tests.defects.defect import Behave, DefectiveMock, answering, as_if, hidden, shown
from tests.defects.requests import (
    ABSENT,
    NOTHING,
    VALID,
    bearing,
    body_of,
    data,
    error,
    number_of,
    saying,
    with_headers,
)
from tests.support.in_process import ASHA, FREE, update

TOKEN = VALID.partition(" ")[2]
EXPIRED, REVOKED, WRONG = "Bearer tok-expired", "Bearer tok-revoked", "Bearer wrong"

Credentials = Callable[[str], bool]


def credentials_of(request: Request) -> str:
    """The Authorization header, empty if there is none."""
    return request.headers.get("authorization", "")


def token_of(credentials: str) -> str:
    """The token behind "Bearer", empty for other schemes; one with a semicolon is left to a reading."""
    scheme, _, token = credentials.partition(" ")
    token = token.strip()
    return token if scheme.lower() == "bearer" and not token.endswith(";") else ""


def letting_in(accepted: Credentials) -> Behave:
    """A server that takes some credentials for the valid ones."""
    return as_if(lambda request: authorized(request) if accepted(credentials_of(request)) else request)


def authorized(request: Request) -> Request:
    """The request with a valid token."""
    return with_headers(request, authorization=VALID)


def with_other_401(change: Callable[[Response], Response], of: Credentials = lambda credentials: True) -> Behave:
    """A server that answers something else than the 401 to some credentials."""
    return answering(
        lambda request, response: (
            change(response) if response.status == 401 and of(credentials_of(request)) else response
        )
    )


def _has_token_in_query(request: Request) -> bool:
    return TOKEN in (part.partition("=")[2] for part in request.query.split("&"))


def _remembering_who_was_let_in(mock: DefectiveMock) -> Handler:
    def handle(request: Request) -> Response:
        if "authorization" not in request.headers and mock.memory.get("somebody"):
            request = authorized(request)
        response = mock.right(request)
        mock.memory["somebody"] = mock.memory.get("somebody") or response.status == 201
        return response

    return handle


def _first(found: Callable[[DefectiveMock, Request], bool]) -> Behave:
    """A server that refuses for another reason before it looks at the token."""

    def behave(mock: DefectiveMock) -> Handler:
        def handle(request: Request) -> Response:
            response = mock.right(request)
            return (
                mock.would_answer(authorized(request)) if response.status == 401 and found(mock, request) else response
            )

        return handle

    return behave


def _is_unknown(mock: DefectiveMock, request: Request) -> bool:
    response = mock.would_answer(authorized(request))
    return number_of(request) > 0 and response.status == 404


def _is_invalid(mock: DefectiveMock, request: Request) -> bool:
    is_json = request.headers.get("content-type", "").startswith("application/json")
    readable = is_json and body_of(request) is not NOTHING and number_of(request) > 0
    return readable and mock.would_answer(authorized(request)).status == 400


def _is_taken(mock: DefectiveMock, request: Request) -> bool:
    return _is_invalid(mock, request) and "already belongs" in str(mock.would_answer(authorized(request)).body)


def _telling_who_is_unknown(mock: DefectiveMock) -> Handler:
    def handle(request: Request) -> Response:
        response = mock.right(request)
        unknown = response.status == 401 and number_of(request) > 0 and mock.lead(number_of(request)) is None
        return error(401, "Invalid contact number!") if unknown else response

    return handle


def _acting_all_the_same(allowed: Callable[[Request], Request | None]) -> Behave:
    def behave(mock: DefectiveMock) -> Handler:
        def handle(request: Request) -> Response:
            response, act = mock.right(request), allowed(request)
            if response.status == 401 and act is not None:
                mock.right(authorized(act))
            return response

        return handle

    return behave


def _without_move(request: Request) -> Request | None:
    return None if b"new_co" in request.body else request


QUERY = data(name="Asha")._replace(query=f"access_token={TOKEN}", headers={"content-type": "application/json"})
TAKEN = {"new_contact_number": 9000000007, "new_country_code": 91}
MOVE = {"new_contact_number": FREE, "new_country_code": 91}

ACCEPTED = (
    shown("no token is as good as a valid one", "AUTH-1 AUTH-4", letting_in(lambda it: not it), bearing(None)),
    shown("an expired token is accepted", "AUTH-3 AUTH-4", letting_in(lambda it: it == EXPIRED), bearing(EXPIRED)),
    shown("a revoked token is accepted", "AUTH-3 AUTH-4", letting_in(lambda it: it == REVOKED), bearing(REVOKED)),
    shown(
        "an empty token is accepted",
        "AUTH-2 AUTH-4",
        letting_in(lambda it: it.strip().lower() == "bearer"),
        bearing("Bearer "),
    ),
    shown(
        "any bearer token is accepted",
        "AUTH-2 AUTH-3 AUTH-4",
        letting_in(lambda it: bool(token_of(it))),
        bearing(WRONG),
    ),
    shown(
        "a token that begins like the valid one is accepted",
        "AUTH-2 AUTH-4",
        letting_in(lambda it: token_of(it).startswith(TOKEN[:5])),
        bearing(f"Bearer {TOKEN[:-1]}"),
    ),
    shown(
        "a prefix of the valid token is accepted",
        "AUTH-2 AUTH-4",
        letting_in(lambda it: bool(token_of(it)) and TOKEN.startswith(token_of(it))),
        bearing(f"Bearer {TOKEN[:-1]}"),
    ),
    shown(
        "the letter case of the token does not count",
        "AUTH-2 AUTH-4",
        letting_in(lambda it: token_of(it).lower() == TOKEN.lower()),
        bearing(f"Bearer {TOKEN.upper()}"),
    ),
    shown(
        "the valid token is accepted in the query",
        "AUTH-2 AUTH-1 AUTH-4",
        as_if(lambda request: authorized(request) if _has_token_in_query(request) else request),
        QUERY,
    ),
    shown(
        "any Basic credentials are accepted",
        "AUTH-2 AUTH-4",
        letting_in(lambda it: it.lower().startswith("basic ")),
        bearing("Basic dG9rOg=="),
    ),
    shown(
        "the valid token is accepted under any scheme",
        "AUTH-2 AUTH-4",
        letting_in(lambda it: it.split()[-1:] == [TOKEN] and not it.lower().startswith("bearer")),
        bearing(f"Token {TOKEN}"),
    ),
    shown(
        "who was let in once needs no token any more",
        "AUTH-1 AUTH-4",
        _remembering_who_was_let_in,
        bearing(VALID),
        bearing(None),
    ),
)

TOLD = (
    shown(
        "an unknown lead is told to anybody", "AUTH-4 AUTH-1 AUTH-2 AUTH-3", _first(_is_unknown), bearing(None, ABSENT)
    ),
    shown(
        "an invalid body is told to anybody",
        "AUTH-4 AUTH-1 AUTH-2 AUTH-3",
        _first(_is_invalid),
        bearing(None, ASHA, {"lead_data": 1}),
    ),
    shown(
        "a taken number is told to anybody",
        "AUTH-1 AUTH-2 AUTH-3 AUTH-4",
        _first(_is_taken),
        bearing(None, ASHA, TAKEN),
    ),
    shown(
        "the 401 tells that the lead is unknown",
        "AUTH-4 AUTH-1 AUTH-2 AUTH-3",
        _telling_who_is_unknown,
        bearing(None, ABSENT),
    ),
)

ANSWERED = (
    shown(
        "a missing token is answered 403",
        "AUTH-1 AUTH-4",
        with_other_401(lambda _: error(403), lambda it: not it),
        bearing(None),
    ),
    shown(
        "a missing token is answered 422",
        "AUTH-1 AUTH-4",
        with_other_401(lambda _: error(422), lambda it: not it),
        bearing(None),
    ),
    shown(
        "a wrong token is answered 403",
        "AUTH-2 AUTH-3 AUTH-4",
        with_other_401(lambda _: error(403, "UnAuthorized Access-Token!"), bool),
        bearing(WRONG),
    ),
    shown(
        "an expired token has a message of its own",
        "AUTH-3 AUTH-4",
        with_other_401(lambda _: error(401, "Token expired!"), lambda it: it == EXPIRED),
        bearing(EXPIRED),
    ),
    shown(
        "a revoked token is answered 403",
        "AUTH-3 AUTH-4",
        with_other_401(lambda _: error(403), lambda it: it == REVOKED),
        bearing(REVOKED),
    ),
    shown(
        "an expired token is answered with a page",
        "AUTH-3 AUTH-4",
        with_other_401(lambda _: saying(401, b"<h1>Sign in</h1>", "text/html"), lambda it: it == EXPIRED),
        bearing(EXPIRED),
    ),
    shown(
        "a wrong token is answered without a body",
        "AUTH-2 AUTH-3 AUTH-4",
        with_other_401(lambda _: saying(401, b""), bool),
        bearing(WRONG),
    ),
    shown(
        "Basic credentials are answered 500",
        "AUTH-2 AUTH-4",
        with_other_401(lambda _: error(500), lambda it: it.lower().startswith("basic")),
        bearing("Basic dG9rOg=="),
    ),
    shown(
        "a denied request moves the lead all the same",
        "ATOM-1 AUTH-1 AUTH-2 AUTH-3 AUTH-4 MOVE-2",
        _acting_all_the_same(lambda request: request),
        update(ASHA, {"lead_data": {}}),
        bearing(None, ASHA, MOVE),
        update(ASHA, {"lead_data": {}}),
    ),
    hidden(
        "a denied request changes tags and data all the same",
        "ATOM-1 AUTH-1 AUTH-2 AUTH-3 AUTH-4",
        _acting_all_the_same(_without_move),
        bearing(None, ASHA, {"lead_data": {"name": "Nobody"}}),
    ),
)

DEFECTS = (*ACCEPTED, *TOLD, *ANSWERED)
