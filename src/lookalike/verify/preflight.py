"""The preflight: before anything is judged, whether this is the right server, token and item at all."""

from collections.abc import Callable

from lookalike.http import Request, Response
from lookalike.model.body import essence
from lookalike.verify.composing import Composer

Send = Callable[[Request], Response]


def obstacle(compose: Composer, send: Send) -> str | None:
    """Why the server cannot be judged, with what is probably wrong; None where it answers as such an API may.

    At most three requests that change next to nothing: without a token, and with one for an item that is not there
    and for one that is.
    """
    key = next(iter(compose.pool.absent), compose.first)
    stranger = send(compose.request(key, compose.base(), dict(compose.json)))
    early = _not_an_api(stranger)
    if early:
        return early
    unknown = send(compose.request(key, compose.base())) if compose.pool.absent else None
    known = send(compose.request(compose.first, compose.base()))
    return _not_an_api(known) or _wrong_place(stranger, unknown, known, compose)


def _not_an_api(answer: Response) -> str | None:
    if 300 <= answer.status < 400:
        where = answer.header("Location") or "another place"
        return (
            f"it redirects to {where}; give the URL that it redirects to (a redirect is never followed with the token)"
        )
    if answer.status >= 500:
        return f"it answers {answer.status}; a gateway or the server behind it is down"
    if essence(answer.header("Content-Type") or "") == "text/html":
        return f"it answers {answer.status} with a page of HTML; the URL or the base path is probably wrong"
    return None


def _wrong_place(stranger: Response, unknown: Response | None, known: Response, compose: Composer) -> str | None:
    statuses = {answer.status for answer in (stranger, unknown, known) if answer is not None}
    if statuses in ({404}, {405}):
        return f"it answers {known.status} to everything; the base path is probably wrong"
    if known.status in {401, 403}:
        return f"it answers {known.status} to the valid token; the token is probably wrong or expired"
    if known.status == 404:
        return f"it answers 404 for {compose.first}; that item is probably not there, or its key is written otherwise"
    return None
