"""Wrong credentials: each way to fail the authorization of an operation, made of valid credentials."""

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple
from urllib.parse import urlencode

from lookalike.contract.contract import Operation
from lookalike.contract.security import API_KEY, BASIC, SecurityScheme
from lookalike.http import Headers, Request
from lookalike.verify.server.redaction import half, lengthened, shortened
from lookalike.verify.server.target import Credentials

UNKNOWN = "lookalike-unknown-token"

Tokens = Mapping[str, str]
WriteWith = Callable[[Tokens], Request]
"""A function that writes a request with credentials by scheme, and no others."""


class WrongCredentials(NamedTuple):
    """The fault of credentials in words, and a request with them."""

    what: str
    request: Request


def wrong_credentials(
    operation: Operation, schemes: tuple[SecurityScheme, ...], given: Mapping[str, Credentials], write: WriteWith
) -> Iterator[WrongCredentials]:
    """Requests that fail in the credentials of one scheme; those of the other schemes are valid.

    Only schemes of which the target file gives credentials are tried: another server may accept any for them.
    """
    valid = {scheme.name: given[scheme.name].valid for scheme in schemes if scheme.name in given}
    for scheme in schemes:
        if scheme.name not in given:
            continue
        rest = {name: token for name, token in valid.items() if name != scheme.name}
        if len(schemes) > 1:
            yield WrongCredentials(f"no credentials for {scheme.name}", write(rest))
        for what, token in _wrong_tokens(scheme, given[scheme.name]):
            yield WrongCredentials(f"{what} for {scheme.name}", write({**rest, scheme.name: token}))
        if scheme.kind == API_KEY and not rest:
            yield WrongCredentials(f"the key of {scheme.name} elsewhere", _elsewhere(scheme, valid, write))
    if "403" in operation.responses and any(one.scopes for alternative in operation.security for one in alternative):
        for name, token in _insufficient(schemes, given):
            yield WrongCredentials(f"insufficient scopes for {name}", write({**valid, name: token}))


def _wrong_tokens(scheme: SecurityScheme, credentials: Credentials) -> Iterator[tuple[str, str]]:
    if scheme.kind == BASIC:
        name = credentials.valid.partition(":")[0]
        yield "a wrong password", f"{name}:{UNKNOWN}"
    else:
        yield "an unknown token", UNKNOWN
        yield "half of the token", half(credentials.valid)
        yield "all but the last character of the token", shortened(credentials.valid)
        yield "one character too many", lengthened(credentials.valid)
    for what, token in (("an expired token", credentials.expired), ("a revoked token", credentials.revoked)):
        if token:
            yield what, token


def _insufficient(schemes: tuple[SecurityScheme, ...], given: Mapping[str, Credentials]) -> Iterator[tuple[str, str]]:
    for scheme in schemes:
        token = given[scheme.name].insufficient if scheme.name in given else None
        if token:
            yield scheme.name, token


def _elsewhere(scheme: SecurityScheme, valid: Tokens, write: WriteWith) -> Request:
    """The valid key in the query where it belongs into a header or cookie, else in a header."""
    request, pair = write({}), (scheme.parameter, valid[scheme.name])
    if scheme.location == "query":
        return request._replace(headers=Headers({**request.headers, pair[0]: pair[1]}))
    query = "&".join(filter(None, (request.query, urlencode([pair]))))
    return request._replace(query=query)
