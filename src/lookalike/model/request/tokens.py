"""Tokens that the mock knows: a table, and JSON Web Tokens signed with its own development key (RFC 7519).

Tokens are looked up by their hash, so that the time that it takes says nothing about a token; those that were good
lately are known as they came.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

from lookalike.cache import Cache

DEVELOPMENT_KEY = "lookalike development key: not a secret"
ALGORITHM = "HS256"
_REMEMBERED = 1024
_FOR_EVER = float("inf")


@dataclass(frozen=True, slots=True)
class TokenRecord:
    """A token of the table; `expires` is in seconds since 1970, `scopes` is None where none are named."""

    expires: float | None = None
    revoked: bool = False
    scopes: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class TokenTable:
    """The tokens of one security scheme, by their hashes."""

    by_digest: Mapping[bytes, TokenRecord]
    key: str = DEVELOPMENT_KEY
    _verified: Cache[str, float] = field(default_factory=lambda: Cache(_REMEMBERED), compare=False)

    def failure(self, text: str, at: float) -> str | None:
        """Why a token is refused at a time: `invalid`, `expired` or `revoked`; None where it is valid."""
        if self._verified.get(text, 0.0) > at:  # clients send the same one again and again
            return None
        known = self.by_digest.get(digest_of(text))
        if known is None:
            return self._check_jwt(text, at) if text.count(".") == 2 else "invalid"
        failure = _failure_of(known, at)
        if failure is None:
            self._verified.keep(text, _FOR_EVER if known.expires is None else known.expires)
        return failure

    def failure_of_listed(self, text: str, at: float) -> str | None:
        """The same for what is never a JSON Web Token: keys, and user names with their passwords."""
        known = self.by_digest.get(digest_of(text))
        return "invalid" if known is None else _failure_of(known, at)

    def lacks(self, text: str, scopes: tuple[str, ...]) -> bool:
        """Whether the table names the scopes of a token, and not all of these are among them."""
        known = self.by_digest.get(digest_of(text)) if scopes else None
        return known is not None and known.scopes is not None and not known.scopes.issuperset(scopes)

    def _check_jwt(self, text: str, at: float) -> str | None:
        claims = _claims(text, self.key)
        if claims is None or not _is_time(claims.get("nbf", 0)) or not _is_time(claims.get("exp", 0)):
            return "invalid"
        if claims.get("nbf", 0) > at:
            return "invalid"
        expires = claims.get("exp", _FOR_EVER)
        if expires <= at:
            return "expired"
        if "nbf" not in claims:
            self._verified.keep(text, expires)
        return None


class TokenEntry(NamedTuple):
    """A line of a table of tokens; of basic authentication, the text is the user name, a colon and the password."""

    text: str
    expires: float | None = None
    revoked: bool = False
    scopes: frozenset[str] | None = None


def token_table(entries: Iterable[tuple[Any, ...]]) -> TokenTable:
    """A table of entries, which may be tuples that begin like them."""
    listed = (TokenEntry(*raw) for raw in entries)
    return TokenTable({digest_of(entry.text): TokenRecord(*entry[1:]) for entry in listed})


def mint(at: float, expires_in: float, key: str = DEVELOPMENT_KEY) -> str:
    """A JSON Web Token that the mock accepts from a time on, for that many seconds."""
    import jwt

    return jwt.encode({"sub": "lookalike", "iat": int(at), "exp": int(at + expires_in)}, key, algorithm=ALGORITHM)


@lru_cache(maxsize=64)
def digest_of(text: str) -> bytes:
    """The hash that a token is known by."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _failure_of(token: TokenRecord, at: float) -> str | None:
    if token.revoked:
        return "revoked"
    return "expired" if token.expires is not None and token.expires <= at else None


def _claims(text: str, key: str) -> dict[str, Any] | None:
    """The claims of a token that was signed with the key; times are checked elsewhere, by the mock's clock."""
    import jwt  # here, since most requests never need it and it takes a tenth of a second to load

    unchecked = {f"verify_{name}": False for name in ("exp", "nbf", "iat", "aud", "iss", "sub", "jti")}
    try:
        claims: dict[str, Any] = jwt.decode(text, key, algorithms=[ALGORITHM], options=unchecked)  # type: ignore[arg-type]
    except (jwt.InvalidTokenError, UnicodeError, ValueError, RecursionError):
        return None
    return claims


def _is_time(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
