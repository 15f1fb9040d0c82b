"""Wrong credentials: each way to fail the authorization of an operation, made of valid credentials."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple
from urllib.parse import urlencode

from lookalike.contract.contract import Operation
from lookalike.contract.security import API_KEY, BASIC, BEARER, SecurityScheme
from lookalike.http import Headers, Request
from lookalike.verify.server.redaction import half, lengthened, shortened
from lookalike.verify.server.target import Credentials

UNKNOWN = "lookalike-unknown-token"
UNKNOWN_USER = "lookalike-unknown-user"
_AUTHORIZATION = "authorization"
_OTHER_FIELDS = ("x-access-token", "access-token", "x-auth-token")

Tokens = Mapping[str, str]
WriteWith = Callable[[Tokens], Request]
"""A function that writes a request with credentials by scheme, and no others."""


class WrongCredentials(NamedTuple):
    """The fault of credentials in words, and a request with them."""

    what: str
    request: Request


class Entrances(NamedTuple):
    """Where a document lets credentials come in, and whether an account may be locked by a wrong password.

    `places` are the locations and names of API keys, in lower case, and `kinds` those of all schemes.
    """

    places: frozenset[tuple[str, str]]
    kinds: frozenset[str]
    may_lock: bool


def entrances_of(schemes: Iterable[SecurityScheme], may_lock: bool) -> Entrances:
    """The entrances by all schemes of a document: an operation may forget one that its server has."""
    every = tuple(schemes)
    places = frozenset((one.location, one.parameter.lower()) for one in every if one.kind == API_KEY)
    return Entrances(places, frozenset(one.kind for one in every), may_lock)


def wrong_credentials(
    operation: Operation,
    schemes: tuple[SecurityScheme, ...],
    given: Mapping[str, Credentials],
    entrances: Entrances,
    write: WriteWith,
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
        for what, token in _wrong_tokens(scheme, given[scheme.name], entrances):
            yield WrongCredentials(f"{what} for {scheme.name}", write({**rest, scheme.name: token}))
        if not rest:
            for what, request in _misplaced(scheme, valid[scheme.name], entrances, write({})):
                yield WrongCredentials(f"{what} of {scheme.name}", request)
    if "403" in operation.responses and any(one.scopes for alternative in operation.security for one in alternative):
        for name, token in _insufficient(schemes, given):
            yield WrongCredentials(f"insufficient scopes for {name}", write({**valid, name: token}))


def _wrong_tokens(scheme: SecurityScheme, credentials: Credentials, entrances: Entrances) -> Iterator[tuple[str, str]]:
    if scheme.kind == BASIC:
        name, _, password = credentials.valid.partition(":")
        # Some servers look at the name or at the password alone, where a key stands.
        yield "an unknown user", f"{UNKNOWN_USER}:{UNKNOWN}"
        if password and not entrances.may_lock:
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


def _misplaced(
    scheme: SecurityScheme, token: str, entrances: Entrances, request: Request
) -> Iterator[tuple[str, Request]]:
    """A request with the valid token where the document lets none come in.

    An API key is sent in the query where it belongs into a header or a cookie, else in a header. A bearer token is sent
    in no other way than RFC 6750 section 2 has: a server may take one from the query without a word about it.
    """

    def with_field(name: str, value: str) -> Request:
        return request._replace(headers=Headers({**request.headers, name: value}))

    def is_entrance(location: str, name: str) -> bool:
        return (location, name.lower()) in entrances.places

    if scheme.kind == API_KEY and scheme.location == "query" and not is_entrance("header", scheme.parameter):
        yield "the key elsewhere", with_field(scheme.parameter, token)
    elif scheme.kind == API_KEY and scheme.location != "query" and not is_entrance("query", scheme.parameter):
        query = "&".join(filter(None, (request.query, urlencode([(scheme.parameter, token)]))))
        yield "the key elsewhere", request._replace(query=query)
    elif scheme.kind == BEARER and not is_entrance("header", _AUTHORIZATION):
        yield "the token without the word Bearer", with_field(_AUTHORIZATION, token)
        if BASIC not in entrances.kinds:
            yield "the token behind the word Basic", with_field(_AUTHORIZATION, f"Basic {token}")
        others = {name: token for name in _OTHER_FIELDS if not is_entrance("header", name)}
        yield "the token in another field", request._replace(headers=Headers({**request.headers, **others}))
