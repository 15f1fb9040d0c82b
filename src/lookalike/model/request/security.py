"""Security: whether a request may use an operation (OpenAPI 3.1 sections 4.8.27 and 4.8.30).

It is decided before anything else of the operation is revealed. Credentials are those of RFC 6750 (bearer tokens),
RFC 7617 (user name and password), and API keys; refusals carry challenges (RFC 9110 section 11.6.1).
"""

import base64
import binascii
import re
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from lookalike.codecs.parameter_styles import cookie_fields, form_decoded, percent_decoded, query_fields
from lookalike.contract.contract import Operation
from lookalike.contract.security import API_KEY, BASIC, BEARER, MUTUAL_TLS, Requirement, SecurityScheme
from lookalike.http import Request
from lookalike.model.context import RequestContext
from lookalike.model.rejections import FORBIDDEN, UNAUTHENTICATED, readings_of
from lookalike.model.request.tokens import IssuedTokens, TokenTable
from lookalike.readings import Choose

BEARER_CHALLENGE = "Bearer"
INVALID_TOKEN_CHALLENGE = 'Bearer error="invalid_token"'  # RFC 6750 section 3.1
BASIC_CHALLENGE = 'Basic realm="API", charset="UTF-8"'

_TOKEN_REASONS = {
    "missing": "no bearer token came with the request",
    "invalid": "the token is not one that is valid here",
    "malformed": "the Authorization header is not of the form Bearer TOKEN",
    "expired": "the token has expired",
    "revoked": "the token was revoked",
}
_KEY_REASONS = {
    "invalid": "the API key is not one that is valid here",
    "expired": "the API key has expired",
    "revoked": "the API key was revoked",
}
_IS_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*\Z").match  # RFC 6750 section 2.1
_IS_CREDENTIALS = re.compile(r"[!-~]+(?: +[ -~]+)?\Z").match


class AccessDenied(NamedTuple):
    """The denial of a request that is not authorized: its reason, with the challenges to answer.

    `kind` is that of the rejection; `has_credentials` tells whether any came at all.
    """

    reason: str
    challenges: tuple[str, ...]
    clauses: tuple[str, ...] = ()
    readings: tuple[str, ...] = ()
    kind: str = UNAUTHENTICATED
    has_credentials: bool = False


Authenticate = Callable[[RequestContext], AccessDenied | None]

INVALID_TOKEN = AccessDenied(_TOKEN_REASONS["invalid"], (INVALID_TOKEN_CHALLENGE,), has_credentials=True)
REVOKED_TOKEN = AccessDenied(_TOKEN_REASONS["revoked"], (INVALID_TOKEN_CHALLENGE,), has_credentials=True)


def compile_security(operation: Operation, tables: Mapping[str, TokenTable]) -> Authenticate:
    """The function that says why a request may not use an operation, or None where it may.

    `tables` has the known credentials by the name of the scheme. Without a table, all that are well-formed are good.
    """
    alternatives = [
        [_compile_scheme(one, tables.get(one.scheme.name)) for one in every] for every in operation.security
    ]
    if not alternatives:
        return allow_all
    if len(alternatives) == 1 and len(alternatives[0]) == 1:
        return alternatives[0][0]

    def authenticate(context: RequestContext) -> AccessDenied | None:
        """The denial of a request; None if one of the alternatives is met by all of its schemes (section 4.8.30)."""
        denials = []
        for checks in alternatives:
            failed = [denial for check in checks if (denial := check(context)) is not None]
            if not failed:
                return None
            denials += failed
        return _combined(denials)

    return authenticate


def allow_all(context: RequestContext) -> None:
    """Allow every request: no credentials are required, or none that the mock can see."""


def _combined(denials: list[AccessDenied]) -> AccessDenied:
    """The denial that comes nearest to access, with the challenges of all; where nothing came, the reasons of all."""
    nearest = max(denials, key=_nearness)
    if nearest.kind == FORBIDDEN:
        return nearest
    challenges = dict.fromkeys(challenge for denial in (nearest, *denials) for challenge in denial.challenges)
    reasons = dict.fromkeys(denial.reason for denial in denials)
    reason = nearest.reason if nearest.has_credentials else ", and ".join(reasons)
    return nearest._replace(reason=reason, challenges=tuple(challenges))


def _nearness(denial: AccessDenied) -> tuple[bool, bool]:
    return denial.kind == FORBIDDEN, denial.has_credentials


def _compile_scheme(requirement: Requirement, table: TokenTable | None) -> Authenticate:
    if requirement.scheme.kind == MUTUAL_TLS:  # decided below HTTP, before a request gets here
        return allow_all
    check = _CHECKS.get(requirement.scheme.kind, _OtherCheck)
    return check(requirement, table).authenticate


def _lacks_scopes(requirement: Requirement, challenge: str = "") -> AccessDenied:
    """The credentials are good, but not for this operation (RFC 6750 section 3.1)."""
    scopes = " ".join(requirement.scopes)
    challenge = challenge or f'Bearer error="insufficient_scope", scope="{scopes}"'
    return AccessDenied(f"the token lacks one of the scopes {scopes}", (challenge,), (), (), FORBIDDEN, True)


class _BearerCheck:
    """Bearer tokens (RFC 6750), read as the rules of the document's extension say."""

    def __init__(self, requirement: Requirement, table: TokenTable | None) -> None:
        self._requirement = requirement
        self._rules = requirement.scheme.bearer
        self._tokens = IssuedTokens() if table is None else table
        self._failure_of = self._failure_without_table if table is None else table.failure
        self._missing = self._denied("missing", BEARER_CHALLENGE)
        malformed = self._denied("invalid", BEARER_CHALLENGE)
        self._malformed = malformed._replace(reason=_TOKEN_REASONS["malformed"])

    def authenticate(self, context: RequestContext) -> AccessDenied | None:
        credentials = context.request.headers.get("authorization")
        if credentials is None:
            return self._second_header(context)
        scheme_name, _, token = credentials.partition(" ")
        token = token.strip(" ")
        if scheme_name.lower() != "bearer" or not token:
            return self._malformed if credentials.strip() else self._missing
        failure = self._failure_of(token, context.request.at)
        if failure is None:
            is_plain = scheme_name == BEARER_CHALLENGE and not self._requirement.scopes
            return None if is_plain else self._authorize(context, scheme_name, token)
        if failure == "invalid" and token.endswith(";"):
            return self._with_semicolon(context, scheme_name, token)
        return self._denied(failure)

    def _authorize(self, context: RequestContext, scheme_name: str, token: str) -> AccessDenied | None:
        """Whether a valid token has the scopes, and the name of the scheme is written as it must be."""
        scopes = self._requirement.scopes
        if scopes and self._tokens.lacks_scope(token, scopes):
            return _lacks_scopes(self._requirement)
        if scheme_name == BEARER_CHALLENGE or self._rules.scheme_case.under(context.choose) == "insensitive":
            return None
        more = '; the scheme must be written "Bearer"'
        return self._denied("invalid", BEARER_CHALLENGE, more, *readings_of(self._rules.scheme_case))

    def _second_header(self, context: RequestContext) -> AccessDenied | None:
        """The token of a header field of another name, which some documents show beside Authorization."""
        header = self._rules.second_header.under(context.choose)
        token = None if header == "none" else context.request.headers.get(header.lower())
        if token is None:
            return self._missing
        failure = self._failure_of(token.strip(), context.request.at)
        readings = readings_of(self._rules.second_header)
        return None if failure is None else self._denied(failure, INVALID_TOKEN_CHALLENGE, "", *readings)

    def _with_semicolon(self, context: RequestContext, scheme_name: str, token: str) -> AccessDenied | None:
        """A token that is followed by a semicolon, as some documentation prints the header."""
        bare = token.rstrip("; ")
        failure = self._failure_of(bare, context.request.at)
        if failure is not None:
            return self._denied(failure)
        if self._rules.semicolon.under(context.choose) == "tolerated":
            return self._authorize(context, scheme_name, bare)
        more = "; it ends in a semicolon, as the documentation's own example of the header does"
        return self._denied("invalid", INVALID_TOKEN_CHALLENGE, more, *readings_of(self._rules.semicolon))

    def _failure_without_table(self, token: str, at: float) -> str | None:
        """The failure of a token: every well-formed one is valid, unless the mock issued it and it has expired."""
        if not _IS_TOKEN(token):
            return "invalid"
        return self._tokens.failure(token, at) if "." in token else None

    def _denied(
        self, failure: str, challenge: str = INVALID_TOKEN_CHALLENGE, more: str = "", *readings: str
    ) -> AccessDenied:
        clauses = self._rules.clauses.get(failure, ())
        reason = _TOKEN_REASONS[failure] + more
        return AccessDenied(reason, (challenge,), clauses, readings, has_credentials=failure != "missing")


class _BasicCheck:
    """User names with passwords (RFC 7617)."""

    def __init__(self, requirement: Requirement, table: TokenTable | None) -> None:
        self._requirement = requirement
        self._table = table

    def authenticate(self, context: RequestContext) -> AccessDenied | None:
        credentials = context.request.headers.get("authorization", "").strip(" ")
        if not credentials:
            return AccessDenied("no user name and password came with the request", (BASIC_CHALLENGE,))
        scheme_name, _, encoded = credentials.partition(" ")
        user = _user_and_password(encoded.strip(" ")) if scheme_name.lower() == "basic" else None
        if user is None:
            return self._denied("the Authorization header is not of the form Basic BASE64(NAME:PASSWORD)")
        if self._table is None:
            return None
        if self._table.listed_failure(user, context.request.at) is not None:
            return self._denied("the user name or password is not one that is valid here")
        if self._table.lacks_scope(user, self._requirement.scopes):
            return _lacks_scopes(self._requirement, BASIC_CHALLENGE)
        return None

    def _denied(self, reason: str) -> AccessDenied:
        return AccessDenied(reason, (BASIC_CHALLENGE,), has_credentials=True)


def _user_and_password(encoded: str) -> str | None:
    """User name, colon and password, or None (RFC 7617 section 2)."""
    try:
        text = base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, ValueError):
        return None
    return text if ":" in text else None


class _ApiKeyCheck:
    """API keys in a header field, a query or a cookie."""

    def __init__(self, requirement: Requirement, table: TokenTable | None) -> None:
        self._requirement = requirement
        self._table = table
        self._scheme = requirement.scheme
        self._find_key = _KEY_SOURCES.get(requirement.scheme.location, _cookie_key)
        # No registered scheme, but it says what to send, as a 401 has to (RFC 9110 section 15.5.2).
        self._challenge = f'ApiKey in="{self._scheme.location}", name="{self._scheme.parameter}"'

    def authenticate(self, context: RequestContext) -> AccessDenied | None:
        key = self._find_key(context.request, self._scheme)
        if not key:
            reason = f"no API key came in the {self._scheme.location} {self._scheme.parameter}"
            return AccessDenied(reason, (self._challenge,))
        if self._table is None:
            return None
        failure = self._table.listed_failure(key, context.request.at)
        if failure is not None:
            return AccessDenied(_KEY_REASONS[failure], (self._challenge,), has_credentials=True)
        if self._table.lacks_scope(key, self._requirement.scopes):
            return _lacks_scopes(self._requirement, self._challenge)
        return None


def _header_key(request: Request, scheme: SecurityScheme) -> str:
    return request.headers.get(scheme.parameter.lower(), "").strip(" ")


def _query_key(request: Request, scheme: SecurityScheme) -> str:
    return form_decoded(dict(query_fields(request.query)).get(scheme.parameter, ""))


def _cookie_key(request: Request, scheme: SecurityScheme) -> str:
    return percent_decoded(dict(cookie_fields(request.headers.get("cookie", ""))).get(scheme.parameter, ""))


_KEY_SOURCES: Mapping[str, Callable[[Request, SecurityScheme], str]] = {
    "header": _header_key,
    "query": _query_key,
    "cookie": _cookie_key,
}


class _OtherCheck:
    """A scheme of the Authorization header that is recognised by its name only."""

    def __init__(self, requirement: Requirement, table: TokenTable | None) -> None:
        self._name = requirement.scheme.kind

    def authenticate(self, context: RequestContext) -> AccessDenied | None:
        credentials = context.request.headers.get("authorization", "").strip(" ")
        scheme_name, _, rest = credentials.partition(" ")
        if scheme_name.lower() == self._name and rest and _IS_CREDENTIALS(credentials):
            return None
        reason = f"no credentials of the scheme {self._name} came with the request"
        return AccessDenied(reason, (self._name.title(),), has_credentials=bool(credentials))


_CHECKS: Mapping[str, type[_BearerCheck] | type[_BasicCheck] | type[_ApiKeyCheck] | type[_OtherCheck]] = {
    BEARER: _BearerCheck,
    BASIC: _BasicCheck,
    API_KEY: _ApiKeyCheck,
}


# The name of the sandbox that the credentials of a request are bound to; None where they are bound to none.
SandboxBinding = Callable[[Request, Choose], str | None]


def compile_binding(schemes: Iterable[SecurityScheme], tables: Mapping[str, TokenTable]) -> SandboxBinding | None:
    """The function that finds the sandbox of a request by its credentials; None if no token is bound to one."""
    binding = [(one, tables[one.name]) for one in schemes if one.name in tables and tables[one.name].binds_sandboxes()]
    if not binding:
        return None

    def sandbox_of(request: Request, choose: Choose) -> str | None:
        found = (table.sandbox_of(credentials_of(request, scheme, choose)) for scheme, table in binding)
        return next((sandbox for sandbox in found if sandbox is not None), None)

    return sandbox_of


def credentials_of(request: Request, scheme: SecurityScheme, choose: Choose) -> str:
    """The token, the key, or the user name with its password, that a request has for a scheme; empty without one."""
    if scheme.kind == API_KEY:
        return _KEY_SOURCES.get(scheme.location, _cookie_key)(request, scheme)
    scheme_name, _, rest = request.headers.get("authorization", "").partition(" ")
    given = rest.strip(" ") if scheme_name.lower() == scheme.kind else ""
    if scheme.kind == BASIC:
        return _user_and_password(given) or ""
    if not given and scheme.kind == BEARER:
        given = request.headers.get(scheme.bearer.second_header.under(choose).lower(), "").strip()
    return given.rstrip("; ")
