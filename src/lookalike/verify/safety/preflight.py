"""The preflight: a few requests that check the URL, the token and the owned items before a run."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import NamedTuple

from lookalike.http import Request, Response, essence
from lookalike.verify.requests.builder import RequestBuilder
from lookalike.verify.server.client import redirect_of

Send = Callable[[Request], Response]


class PreflightResult(NamedTuple):
    """The builder with the prefix that paths need, and the obstacle that keeps the server from being tested, if any."""

    compose: RequestBuilder
    obstacle: str | None


def preflight(compose: RequestBuilder, prefixes: Iterable[str], send: Send) -> PreflightResult:
    """Check that the server answers like this API, and find the form of keys in its paths.

    One request has no token, and one for each form of the key has it; they change one member that no client uses.
    `prefixes` are the fields that may come before the key in a path.
    """
    key = next(iter(compose.usable.absent), compose.first)
    unauthorized = send(compose.request(key, compose.base(), dict(compose.json)))
    obstacle = _not_an_api(unauthorized)
    if obstacle:
        return PreflightResult(compose, obstacle)
    answers = []
    for candidate in (compose, *(replace(compose, prefix=prefix) for prefix in prefixes)):
        answers.append(send(candidate.request(compose.first, compose.base())))
        if answers[-1].status != 404:
            return PreflightResult(
                candidate, _not_an_api(answers[-1]) or _wrong_address(unauthorized, answers[-1], compose)
            )
    return PreflightResult(compose, _wrong_address(unauthorized, answers[0], compose))


def _not_an_api(answer: Response) -> str | None:
    if redirect_of(answer):
        return redirect_of(answer)
    if answer.status >= 500:
        return f"it answers {answer.status}; see whether a gateway or the server behind it is down"
    if essence(answer.header("Content-Type") or "") == "text/html" and not _is_json_object(answer):
        return f"it answers {answer.status} with a page of HTML; correct the URL, or the base path in the target file"
    return None


def _is_json_object(answer: Response) -> bool:
    """Whether the body is a JSON object, whatever the media type: an API that names the wrong one, not a page."""
    try:
        return isinstance(answer.json(), dict)
    except (ValueError, RecursionError):
        return False


def _wrong_address(unauthorized: Response, authorized: Response, compose: RequestBuilder) -> str | None:
    if unauthorized.status == authorized.status and authorized.status in {404, 405}:
        return f"it answers {authorized.status} to everything; correct the base path"
    if authorized.status in {401, 403}:
        return f"it answers {authorized.status} to the valid token; see whether that is wrong or expired"
    if authorized.status == 404:
        return f"it answers 404 for {compose.first}; see whether that item exists, and how its key is written"
    return None
