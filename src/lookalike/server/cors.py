"""CORS for contract operations: pages of any origin may call them, as they may call a public API (Fetch standard)."""

import re
from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

EXPOSED = (
    "Lookalike-Clause, Lookalike-Reason, Lookalike-Violations, WWW-Authenticate, Preference-Applied, Allow, Location"
)
# What pages see of an answer in any case: the fields above, and those that the Fetch standard always lets through.
_SEEN = frozenset(
    (
        *EXPOSED.lower().split(", "),
        *("cache-control", "content-language", "content-length", "content-type", "expires", "last-modified", "pragma"),
    )
)
_DAY = "86400"
_ASKS = "HTTP_ACCESS_CONTROL_REQUEST_METHOD"

# What a page sends comes back in a header, and no browser sends anything else there.
_IS_SENDABLE = re.compile(r"[!-~](?:[ -~]*[!-~])?\Z").match


def with_cors(application: WSGIApplication) -> WSGIApplication:
    """The application with CORS headers on every answer to a page, and preflights answered before it sees them."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        origin = environ.get("HTTP_ORIGIN", "")
        if not _IS_SENDABLE(origin):
            return application(environ, start_response)
        if environ["REQUEST_METHOD"] == "OPTIONS" and _IS_SENDABLE(environ.get(_ASKS, "")):
            start_response("204 No Content", _preflight(environ, origin))
            return []
        return application(environ, _adding(start_response, origin))

    return answer


def _adding(start_response: StartResponse, origin: str) -> StartResponse:
    allowing = _allowing(origin)

    def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Callable[[bytes], object]:
        documented = [name for name, _ in headers if name.lower() not in _SEEN]
        exposed = ("Access-Control-Expose-Headers", ", ".join((EXPOSED, *documented)))
        return start_response(status, [*headers, *allowing, exposed], *rest)

    return start


def _preflight(environ: WSGIEnvironment, origin: str) -> list[tuple[str, str]]:
    headers = [
        *_allowing(origin),
        ("Access-Control-Allow-Methods", environ[_ASKS]),
        ("Access-Control-Max-Age", _DAY),
    ]
    asked = environ.get("HTTP_ACCESS_CONTROL_REQUEST_HEADERS", "")
    if _IS_SENDABLE(asked):
        headers.append(("Access-Control-Allow-Headers", asked))
    if environ.get("HTTP_ACCESS_CONTROL_REQUEST_PRIVATE_NETWORK") == "true":
        headers.append(("Access-Control-Allow-Private-Network", "true"))
    return headers


def _allowing(origin: str) -> list[tuple[str, str]]:
    return [("Access-Control-Allow-Origin", origin), ("Vary", "Origin")]
