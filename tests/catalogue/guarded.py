"""Servers of credentials in cookies, of OAuth 2.0 and of OpenID Connect, and of alternatives."""

from collections.abc import Callable

from tests.catalogue.ways import Member, correct, wrong
from tests.support.servers.serving import Asked

LetsIn = Callable[[Asked], bool]


def bearer(*tokens: str) -> LetsIn:
    """Whether one of these tokens was sent."""
    return lambda asked: asked.headers.get("authorization", "").removeprefix("Bearer ") in tokens


def cookie(*values: str) -> LetsIn:
    return lambda asked: asked.headers.get("cookie", "").removeprefix("sid=") in values


def anyone(asked: Asked) -> bool:
    return True


DEFECTS: tuple[Member, ...] = (
    *(
        wrong("doors", f"{name} of {scheme}", f"{operation}.refused-without-credentials", lets_in={scheme: lets_in})
        for name, scheme, operation, lets_in in (
            ("no credentials are asked for", "session", "getVisits", anyone),
            ("no credentials are asked for", "oauth", "getReports", anyone),
            ("no credentials are asked for", "oidc", "getProfile", anyone),
            ("expired credentials are taken", "session", "getVisits", cookie("session-old")),
            ("expired credentials are taken", "oidc", "getProfile", bearer("oidc-old")),
            ("revoked credentials are taken", "oauth", "getReports", bearer("oauth-revoked")),
            ("half of the token is taken", "session", "getVisits", cookie("sessi")),
            ("scopes are not looked at", "oauth", "getReports", bearer("oauth-none")),
        )
    ),
    wrong(
        "doors",
        "the key of the session is taken from the query",
        "getVisits.refused-without-credentials",
        lets_in={"session": lambda asked: asked.query.get("sid") == "session-11"},
    ),
    wrong(
        "doors",
        "any token is taken in a cookie",
        "getVisits.refused-without-credentials getLobby.refused-without-credentials",
        lets_in={"session": lambda asked: "sid=" in asked.headers.get("cookie", "")},
    ),
    wrong(
        "doors",
        "any token of one alternative is taken",
        "getLobby.refused-without-credentials getProfile.refused-without-credentials",
        lets_in={"oidc": lambda asked: "authorization" in asked.headers},
    ),
)

CORRECT: tuple[Member, ...] = (correct("doors", "as it is"),)
