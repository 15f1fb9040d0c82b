"""Security: whose request it is, decided before anything else is revealed (RFC 6750, RFC 7617)."""

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from lookalike.codecs.parameter_styles import cookie_fields, form_decoded, percent_decoded, query_fields
from lookalike.contract.contract import Operation
from lookalike.contract.extension import BearerRules
from lookalike.contract.security import API_KEY, BASIC, BEARER, MUTUAL_TLS, Requirement, SecurityScheme
from lookalike.model.context import RequestContext
from lookalike.model.rejections import FORBIDDEN, UNAUTHENTICATED, readings_of
from lookalike.model.request.tokens import TokenTable

BEARER_CHALLENGE = "Bearer"
INVALID_TOKEN_CHALLENGE = 'Bearer error="invalid_token"'
BASIC_CHALLENGE = 'Basic realm="API", charset="UTF-8"'

_REASONS = {
    "missing": "no bearer token came with the request",
    "invalid": "the token is not one that is valid here",
    "malformed": "the Authorization header is not of the form Bearer TOKEN",
    "expired": "the token has expired",
    "revoked": "the token was revoked",
}
_IS_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*\Z").match  # RFC 6750 section 2.1
_IS_CREDENTIALS = re.compile(r"[!-~]+(?: +[ -~]+)?\Z").match


class AccessDenied(NamedTuple):
    """Why a request is not authorized, the challenges to answer (RFC 9110 section 11.6.1), and the kind of fault."""

    reason: str
    challenges: tuple[str, ...]
    clauses: tuple[str, ...] = ()
    readings: tuple[str, ...] = ()
    kind: str = UNAUTHENTICATED
    has_credentials: bool = False
    """Whether there were credentials at all."""


Authenticate = Callable[[RequestContext], AccessDenied | None]


def compile_security(operation: Operation, tables: Mapping[str, TokenTable]) -> Authenticate:
    """The function that says why a request may not use an operation, or None where it may."""
    checks = [[_compile(one, tables.get(one.scheme.name)) for one in every] for every in operation.security]
    if not checks:
        return lambda context: None
    if len(checks) == 1 and len(checks[0]) == 1:
        return checks[0][0]

    def authenticate(context: RequestContext) -> AccessDenied | None:
        """One requirement must be met in full (OpenAPI 3.1 section 4.8.30)."""
        denials = []
        for requirement in checks:
            denied = [denial for check in requirement if (denial := check(context)) is not None]
            if not denied:
                return None
            denials += denied
        return _worst(denials)

    return authenticate


def _worst(denials: list[AccessDenied]) -> AccessDenied:
    """The denial that comes nearest to being let in, with the challenges of all; every way in, where nothing came."""
    nearest = max(denials, key=lambda denial: (denial.kind == FORBIDDEN, denial.has_credentials))
    if nearest.kind == FORBIDDEN:
        return nearest
    challenges = dict.fromkeys(challenge for denial in (nearest, *denials) for challenge in denial.challenges)
    reason = (
        nearest.reason if nearest.has_credentials else ", and ".join(dict.fromkeys(denial.reason for denial in denials))
    )
    return nearest._replace(reason=reason, challenges=tuple(challenges))


def _compile(requirement: Requirement, table: TokenTable | None) -> Authenticate:
    """The check of one scheme; without a table, all credentials that are of its form are good."""
    kind = requirement.scheme.kind
    if kind == MUTUAL_TLS:  # which happens below HTTP
        return lambda context: None
    return _KINDS.get(kind, _compile_other)(requirement, table)


def _compile_basic(requirement: Requirement, table: TokenTable | None) -> Authenticate:
    def authenticate(context: RequestContext) -> AccessDenied | None:
        credentials = context.request.headers.get("authorization", "").strip(" ")
        if not credentials:
            return AccessDenied("no user name and password came with the request", (BASIC_CHALLENGE,))
        name, _, encoded = credentials.partition(" ")
        user = _user(encoded.strip(" ")) if name.lower() == "basic" else None
        if user is None:
            return AccessDenied(
                "the Authorization header is not of the scheme Basic", (BASIC_CHALLENGE,), has_credentials=True
            )
        failure = table.failure_of_listed(user, context.request.at) if table is not None else None
        if failure is not None:
            return AccessDenied(
                "the user name or password is not one that is valid here", (BASIC_CHALLENGE,), has_credentials=True
            )
        if table is not None and table.lacks(user, requirement.scopes):
            return _lacking(requirement, BASIC_CHALLENGE)
        return None

    return authenticate


def _user(encoded: str) -> str | None:
    """The user name and the password, or None (RFC 7617 section 2)."""
    try:
        text = base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, ValueError):
        return None
    return text if ":" in text else None


def _compile_key(requirement: Requirement, table: TokenTable | None) -> Authenticate:
    scheme = requirement.scheme
    key_of = _compile_key_source(scheme)
    challenge = (
        f'ApiKey in="{scheme.location}", name="{scheme.parameter}"'  # no registered scheme, but it says what to send
    )

    def authenticate(context: RequestContext) -> AccessDenied | None:
        key = key_of(context)
        if not key:
            return AccessDenied(f"no API key came in the {scheme.location} {scheme.parameter}", (challenge,))
        failure = table.failure_of_listed(key, context.request.at) if table is not None else None
        if failure is not None:
            reason = "is not one that is valid here" if failure == "invalid" else _REASONS[failure].split(" ", 2)[2]
            return AccessDenied(f"the API key {reason}", (challenge,), has_credentials=True)
        if table is not None and table.lacks(key, requirement.scopes):
            return _lacking(requirement, challenge)
        return None

    return authenticate


def _compile_key_source(scheme: SecurityScheme) -> Callable[[RequestContext], str]:
    name = scheme.parameter.lower() if scheme.location == "header" else scheme.parameter
    if scheme.location == "header":
        return lambda context: context.request.headers.get(name, "").strip(" ")
    if scheme.location == "query":
        return lambda context: form_decoded(dict(query_fields(context.request.query)).get(name, ""))
    return lambda context: percent_decoded(dict(cookie_fields(context.request.headers.get("cookie", ""))).get(name, ""))


def _compile_other(requirement: Requirement, table: TokenTable | None) -> Authenticate:
    """A scheme of the Authorization header that is only recognised, not understood."""
    name = requirement.scheme.kind

    def authenticate(context: RequestContext) -> AccessDenied | None:
        credentials = context.request.headers.get("authorization", "").strip(" ")
        given, _, rest = credentials.partition(" ")
        if given.lower() == name and rest and _IS_CREDENTIALS(credentials):
            return None
        reason = f"no credentials of the scheme {name} came with the request"
        return AccessDenied(reason, (name.title(),), has_credentials=bool(credentials))

    return authenticate


def _lacking(requirement: Requirement, challenge: str = "") -> AccessDenied:
    """The credentials are good, but not for this (RFC 6750 section 3.1)."""
    scopes = " ".join(requirement.scopes)
    challenge = challenge or f'Bearer error="insufficient_scope", scope="{scopes}"'
    return AccessDenied(f"the token lacks one of the scopes {scopes}", (challenge,), (), (), FORBIDDEN, True)


def _compile_bearer(requirement: Requirement, table: TokenTable | None) -> Authenticate:
    rules = requirement.scheme.bearer
    failure_of = _well_formed if table is None else table.failure

    def denial(kind: str, challenge: str = INVALID_TOKEN_CHALLENGE, more: str = "", *readings: str) -> AccessDenied:
        clauses = rules.clauses.get(kind, ())
        return AccessDenied(_REASONS[kind] + more, (challenge,), clauses, readings, has_credentials=kind != "missing")

    nothing = denial("missing", BEARER_CHALLENGE)
    malformed = denial("invalid", BEARER_CHALLENGE)._replace(reason=_REASONS["malformed"])

    def authenticate(context: RequestContext) -> AccessDenied | None:
        credentials = context.request.headers.get("authorization")
        if credentials is None:
            return second_header(context)
        name, _, token = credentials.partition(" ")
        token = token.strip(" ")
        if name.lower() != "bearer" or not token:
            return malformed if credentials.strip() else nothing
        failure = failure_of(token, context.request.at)
        if failure is None:
            return None if name == BEARER_CHALLENGE and not requirement.scopes else let_in(context, name, token)
        if failure == "invalid" and token.endswith(";"):
            return semicolon(context, name, token)
        return denial(failure)

    def let_in(context: RequestContext, name: str, token: str) -> AccessDenied | None:
        if requirement.scopes and table is not None and table.lacks(token, requirement.scopes):
            return _lacking(requirement)
        return _in_case(context, name, rules)

    def second_header(context: RequestContext) -> AccessDenied | None:
        header = rules.second_header.under(context.choose)
        token = None if header == "none" else context.request.headers.get(header.lower())
        if token is None:
            return nothing
        failure = failure_of(token.strip(), context.request.at)
        return (
            None if failure is None else denial(failure, INVALID_TOKEN_CHALLENGE, "", *readings_of(rules.second_header))
        )

    def semicolon(context: RequestContext, name: str, token: str) -> AccessDenied | None:
        bare = token.rstrip("; ")
        failure = failure_of(bare, context.request.at)
        if failure is not None:
            return denial(failure)
        if rules.semicolon.under(context.choose) == "tolerated":
            return let_in(context, name, bare)
        more = "; it ends in a semicolon, as the documentation's own example of the header does"
        return denial("invalid", INVALID_TOKEN_CHALLENGE, more, *readings_of(rules.semicolon))

    return authenticate


def _well_formed(token: str, at: float) -> str | None:
    """The same as `TokenTable.failure` where there is no table."""
    return None if _IS_TOKEN(token) else "invalid"


def _in_case(context: RequestContext, name: str, rules: BearerRules) -> AccessDenied | None:
    """Whether the name of the scheme is written as it must be."""
    if name == BEARER_CHALLENGE or rules.scheme_case.under(context.choose) == "insensitive":
        return None
    reason = _REASONS["invalid"] + '; the scheme must be written "Bearer"'
    clauses, readings = rules.clauses.get("invalid", ()), readings_of(rules.scheme_case)
    return AccessDenied(reason, (BEARER_CHALLENGE,), clauses, readings, has_credentials=True)


_KINDS: Mapping[str, Callable[[Requirement, TokenTable | None], Authenticate]] = {
    BEARER: _compile_bearer,
    BASIC: _compile_basic,
    API_KEY: _compile_key,
}
