"""Security: whose request it is, decided before anything else is revealed (RFC 6750)."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from lookalike.contract.contract import Operation, Scheme
from lookalike.model.faults import readings_of
from lookalike.model.scope import Scope
from lookalike.model.tokens import TokenTable, token_table

PLAIN = "Bearer"
INVALID = 'Bearer error="invalid_token"'

_REASONS = {
    "missing": "no bearer token came with the request",
    "invalid": "the token is not one that is valid here",
    "expired": "the token has expired",
    "revoked": "the token was revoked",
}


class Denial(NamedTuple):
    """Why a request is not authorized, and the challenge to answer (RFC 6750 section 3)."""

    reason: str
    challenge: str
    clauses: tuple[str, ...]
    readings: tuple[str, ...] = ()


Authenticate = Callable[[Scope], Denial | None]


def compile_security(operation: Operation, tables: Mapping[str, TokenTable]) -> Authenticate:
    """The function that says why a request may not use an operation, or None where it may."""
    checks = [
        [_compile_bearer(scheme, tables.get(scheme.name, token_table(()))) for scheme in requirement]
        for requirement in operation.security
    ]
    if len(checks) == 1 and len(checks[0]) == 1:
        return checks[0][0]

    def authenticate(scope: Scope) -> Denial | None:
        """One requirement must be met in full (OpenAPI 3.1 section 4.8.30)."""
        denial = None
        for requirement in checks:
            denial = next(filter(None, (check(scope) for check in requirement)), None)
            if denial is None:
                return None
        return denial

    return authenticate


def _compile_bearer(scheme: Scheme, table: TokenTable) -> Authenticate:
    rules = scheme.bearer

    def denial(kind: str, challenge: str = INVALID, more: str = "", *readings: str) -> Denial:
        return Denial(_REASONS[kind] + more, challenge, rules.clauses.get(kind, ()), readings)

    def authenticate(scope: Scope) -> Denial | None:
        credentials = scope.request.headers.get("authorization")
        if credentials is None:
            return second_header(scope)
        name, _, token = credentials.partition(" ")
        token = token.strip(" ")
        if name.lower() != "bearer" or not token:
            return denial("missing" if not credentials.strip() else "invalid", PLAIN)
        failure = table.failure(token, scope.request.at)
        if failure == "invalid" and token.endswith(";"):
            return semicolon(scope, name, token)
        if failure is not None:
            return denial(failure)
        return scheme_case(scope, name)

    def second_header(scope: Scope) -> Denial | None:
        header = rules.second_header.under(scope.choose)
        token = None if header == "none" else scope.request.headers.get(header.lower())
        if token is None:
            return denial("missing", PLAIN)
        failure = table.failure(token.strip(), scope.request.at)
        return None if failure is None else denial(failure, INVALID, "", *readings_of(rules.second_header))

    def semicolon(scope: Scope, name: str, token: str) -> Denial | None:
        failure = table.failure(token.rstrip("; "), scope.request.at)
        if failure is not None:
            return denial(failure)
        if rules.semicolon.under(scope.choose) == "tolerated":
            return scheme_case(scope, name)
        more = "; it ends in a semicolon, as the documentation's own example of the header does"
        return denial("invalid", INVALID, more, *readings_of(rules.semicolon))

    def scheme_case(scope: Scope, name: str) -> Denial | None:
        if name == PLAIN or rules.scheme_case.under(scope.choose) == "insensitive":
            return None
        return denial("invalid", PLAIN, '; the scheme must be written "Bearer"', *readings_of(rules.scheme_case))

    return authenticate
