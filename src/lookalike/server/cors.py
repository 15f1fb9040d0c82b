"""CORS (Fetch standard section 3.2): pages of any origin may call the operations, as those of a public API."""

import re

from lookalike.http import Request, Response

EXPOSED = (
    "Lookalike-Clause, Lookalike-Reason, Lookalike-Violations, Lookalike-Fault, WWW-Authenticate, Preference-Applied, "
    "Allow, Location, Retry-After, RateLimit, RateLimit-Policy"
)
# The fields that a page may read in any case: those above, and the CORS-safelisted ones of the Fetch standard.
_READABLE = frozenset(
    (
        *EXPOSED.lower().split(", "),
        *("cache-control", "content-language", "content-length", "content-type", "expires", "last-modified", "pragma"),
    )
)
_DAY = "86400"

# A value that may be sent back in a header field; no browser sends another one in these fields.
_IS_FIELD_VALUE = re.compile(r"[!-~](?:[ -~]*[!-~])?\Z").match


def preflight(request: Request) -> Response | None:
    """The response to a CORS-preflight request; None for any other request."""
    origin, method = _field(request, "origin"), _field(request, "access-control-request-method")
    if request.method != "OPTIONS" or not origin or not method:
        return None
    fields = [
        *_allowing(origin),
        ("Access-Control-Allow-Methods", method),
        ("Access-Control-Max-Age", _DAY),
    ]
    names = _field(request, "access-control-request-headers")
    if names:
        fields.append(("Access-Control-Allow-Headers", names))
    if request.headers.get("access-control-request-private-network") == "true":
        fields.append(("Access-Control-Allow-Private-Network", "true"))
    return Response(204, tuple(fields))


def allowing(request: Request, response: Response) -> Response:
    """The response with the fields that let a page of another origin read it; unchanged without an Origin."""
    origin = _field(request, "origin")
    if not origin:
        return response
    documented = [name for name, _ in response.headers if name.lower() not in _READABLE]
    exposed = ("Access-Control-Expose-Headers", ", ".join((EXPOSED, *documented)))
    return response._replace(headers=(*response.headers, *_allowing(origin), exposed))


def _field(request: Request, name: str) -> str:
    """The value of a field that may be sent back; empty if there is none."""
    value: str = request.headers.get(name, "")
    return value if _IS_FIELD_VALUE(value) else ""


def _allowing(origin: str) -> tuple[tuple[str, str], ...]:
    """The fields that allow an origin.

    Credentials are allowed, since a cookie may be what the API requires; a mock has no secrets that they could open.
    """
    return (("Access-Control-Allow-Origin", origin), ("Access-Control-Allow-Credentials", "true"), ("Vary", "Origin"))
