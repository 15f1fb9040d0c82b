"""Servers of credentials in cookies, of OAuth 2.0 and of OpenID Connect, and of alternatives."""

from base64 import b64decode
from collections.abc import Callable

from tests.catalogue.server import Server
from tests.catalogue.ways import Member, correct, wrong
from tests.support.servers.serving import Answer, Asked

LetsIn = Callable[[Asked], bool]


def bearer(*tokens: str) -> LetsIn:
    """Whether one of these tokens was sent."""
    return lambda asked: asked.headers.get("authorization", "").removeprefix("Bearer ") in tokens


def cookie(*values: str) -> LetsIn:
    return lambda asked: asked.headers.get("cookie", "").removeprefix("sid=") in values


def field(name: str, *values: str) -> LetsIn:
    """Whether a field has one of these values."""
    return lambda asked: asked.headers.get(name, "") in values


def in_query(token: str) -> LetsIn:
    return lambda asked: asked.query.get("access_token") == token


def user(is_right: Callable[[str, str], bool]) -> LetsIn:
    """Whether the name and the password of basic credentials are right."""

    def lets_in(asked: Asked) -> bool:
        kind, _, given = asked.headers.get("authorization", "").partition(" ")
        name, _, password = b64decode(given if kind == "Basic" else "").decode().partition(":")
        return is_right(name, password)

    return lets_in


def anyone(asked: Asked) -> bool:
    return True


def locking(server: Server, asked: Asked, answer: Answer) -> Answer:
    """The account is locked, for good, by one wrong password."""
    is_bob = user(lambda name, password: name == "bob")(asked)
    if is_bob and answer.status == 401:
        server.memory["locked"] = True
    return server.problem(401, "locked") if is_bob and "locked" in server.memory else answer


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
            ("a token without its scheme is taken", "oauth", "getReports", field("authorization", "oauth-read")),
            ("a token behind another word is taken", "oidc", "getProfile", field("authorization", "Basic oidc-1234")),
            ("a token in another field is taken", "oidc", "getProfile", field("x-access-token", "oidc-1234")),
        )
    ),
    wrong(
        "doors",
        "the key of the session is taken from the query",
        "getVisits.refused-without-credentials",
        lets_in={"session": lambda asked: asked.query.get("sid") == "session-11"},
    ),
    wrong(
        "gates",
        "any user is let in",
        "getTower.refused-without-credentials",
        lets_in={"guard": user(lambda name, password: bool(password))},
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

CORRECT: tuple[Member, ...] = (
    correct("doors", "as it is"),
    correct("doors", "a token is taken from the query, as RFC 6750 allows", lets_in={"oidc": in_query("oidc-1234")}),
    correct("gates", "as it is"),
    correct(
        "gates",
        "the name of the user is not looked at",
        lets_in={"guard": user(lambda name, password: password == "sleepwell")},
    ),
    correct("gates", "an account is locked by a wrong password", spoil=locking),
)
