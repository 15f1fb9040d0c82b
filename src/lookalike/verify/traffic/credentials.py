"""Credentials in traffic: requests that were sent without any, as far as the record can show that."""

from collections.abc import Iterable

from lookalike.codecs.parameter_styles import cookie_fields, query_fields
from lookalike.contract.contract import Contract, Operation
from lookalike.contract.security import API_KEY, MUTUAL_TLS, SecurityScheme
from lookalike.http import ObservedExchange, Request


def seen_schemes(contract: Contract, exchanges: Iterable[ObservedExchange]) -> frozenset[str]:
    """The names of the security schemes of which some exchange has credentials: the recorder did not leave them out."""
    open_schemes = dict(contract.schemes)
    found: set[str] = set()
    for exchange in exchanges:
        new = {name for name, scheme in open_schemes.items() if _has(scheme, exchange.request)}
        found |= new
        open_schemes = {name: scheme for name, scheme in open_schemes.items() if name not in new}
    return frozenset(found)


def lacks_credentials(operation: Operation, request: Request, seen: frozenset[str]) -> bool:
    """Whether a request meets no alternative of the security of an operation, since it has no credentials at all.

    `seen` are the schemes whose credentials the record keeps: of the others, a request may have had some.
    """
    schemes = [requirement.scheme for alternative in operation.security for requirement in alternative]
    if not schemes or not all(operation.security) or "authorization" in request.headers or "cookie" in request.headers:
        return False
    # A certificate is shown below HTTP, where no record sees it.
    return all(one.name in seen and one.kind != MUTUAL_TLS and not _has(one, request) for one in schemes)


def _has(scheme: SecurityScheme, request: Request) -> bool:
    """Whether a request has credentials of a scheme, good or bad."""
    if scheme.kind != API_KEY:
        return "authorization" in request.headers
    if scheme.location == "header":
        return scheme.parameter.lower() in request.headers
    pairs = (
        query_fields(request.query) if scheme.location == "query" else cookie_fields(request.headers.get("cookie", ""))
    )
    return any(name == scheme.parameter for name, _ in pairs)
