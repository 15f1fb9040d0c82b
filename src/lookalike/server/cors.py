"""CORS for contract operations: pages of any origin may call them, as they may call a public API (Fetch standard)."""

import re

from lookalike.http import Request, Response

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

# What a page sends comes back in a header, and no browser sends anything else there.
_IS_SENDABLE = re.compile(r"[!-~](?:[ -~]*[!-~])?\Z").match


def preflight(request: Request) -> Response | None:
    """The answer to a page that asks whether it may send a request; None to any other request."""
    origin, method = _sendable(request, "origin"), _sendable(request, "access-control-request-method")
    if request.method != "OPTIONS" or not origin or not method:
        return None
    fields = [
        *_allowing(origin),
        ("Access-Control-Allow-Methods", method),
        ("Access-Control-Max-Age", _DAY),
    ]
    asked = _sendable(request, "access-control-request-headers")
    if asked:
        fields.append(("Access-Control-Allow-Headers", asked))
    if request.headers.get("access-control-request-private-network") == "true":
        fields.append(("Access-Control-Allow-Private-Network", "true"))
    return Response(204, tuple(fields))


def allowing(request: Request, response: Response) -> Response:
    """The response as the page that sent the request may read it; the same where no page did."""
    origin = _sendable(request, "origin")
    if not origin:
        return response
    documented = [name for name, _ in response.headers if name.lower() not in _SEEN]
    exposed = ("Access-Control-Expose-Headers", ", ".join((EXPOSED, *documented)))
    return response._replace(headers=(*response.headers, *_allowing(origin), exposed))


def _sendable(request: Request, name: str) -> str:
    """A field as it may be sent back, or nothing."""
    value: str = request.headers.get(name, "")
    return value if _IS_SENDABLE(value) else ""


def _allowing(origin: str) -> tuple[tuple[str, str], ...]:
    """Pages may send cookies too, which may be the credentials of the API; the mock keeps no secret that they open."""
    return (("Access-Control-Allow-Origin", origin), ("Access-Control-Allow-Credentials", "true"), ("Vary", "Origin"))
