"""Tokens that the mock accepts: those of a table, and JSON Web Tokens signed with its own development key (RFC 7519).

Tokens are looked up by their hash, so that the time of a look-up tells nothing about a token that is in the table.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

from lookalike.cache import Cache
from lookalike.json_values import is_number
from lookalike.model.minting import DEVELOPMENT_KEY, claims_of

_MAX_VERIFIED = 1024  # tokens whose validity is cached
_NEVER = float("inf")


@dataclass(frozen=True, slots=True)
class TokenRecord:
    """A token of the table.

    `expires` is in seconds since 1970, None if the token never expires. `scopes` is None if none are listed, so that
    the token has every scope. Requests with a token that has a `sandbox` are answered in that one.
    """

    expires: float | None = None
    revoked: bool = False
    scopes: frozenset[str] | None = None
    sandbox: str | None = None


@dataclass(frozen=True, slots=True)
class TokenTable:
    """The tokens of one security scheme, by their hashes."""

    by_digest: Mapping[bytes, TokenRecord]
    key: str = DEVELOPMENT_KEY
    # The time until which a token is valid: clients send the same one again and again, and a hash costs as much as the
    # rest of authentication.
    _valid_until: Cache[str, float] = field(default_factory=lambda: Cache(_MAX_VERIFIED), compare=False)

    def failure(self, text: str, at: float) -> str | None:
        """The reason to refuse a bearer token at a time: `invalid`, `expired` or `revoked`; None if it is valid."""
        if self._valid_until.get(text, 0.0) > at:
            return None
        record = self.by_digest.get(digest_of(text))
        if record is None:
            return self._jwt_failure(text, at) if text.count(".") == 2 else "invalid"
        failure = _record_failure(record, at)
        if failure is None:
            self._valid_until.keep(text, _NEVER if record.expires is None else record.expires)
        return failure

    def listed_failure(self, text: str, at: float) -> str | None:
        """The reason to refuse an API key, or a user name with its password; neither is ever a JSON Web Token."""
        record = self.by_digest.get(digest_of(text))
        return "invalid" if record is None else _record_failure(record, at)

    def lacks_scope(self, text: str, scopes: tuple[str, ...]) -> bool:
        """Whether the scopes of a token are known, by the table or by itself, and one of these is not among them."""
        if not scopes:
            return False
        record = self.by_digest.get(digest_of(text))
        granted = _scopes_of(text, self.key) if record is None else record.scopes
        return granted is not None and not granted.issuperset(scopes)

    def sandbox_of(self, text: str) -> str | None:
        """The name of the sandbox that a token, key, or user name with its password is bound to; None without one."""
        record = self.by_digest.get(digest_of(text))
        return None if record is None else record.sandbox

    def binds_sandboxes(self) -> bool:
        """Whether any token is bound to a sandbox."""
        return any(record.sandbox is not None for record in self.by_digest.values())

    def _jwt_failure(self, text: str, at: float) -> str | None:
        claims = claims_of(text, self.key)
        if claims is None or not is_number(claims.get("nbf", 0)) or not is_number(claims.get("exp", 0)):
            return "invalid"
        if claims.get("token_use", "access") != "access":  # a code, or a refresh token
            return "invalid"
        if claims.get("nbf", 0) > at:
            return "invalid"
        expires = claims.get("exp", _NEVER)
        if expires <= at:
            return "expired"
        if "nbf" not in claims:  # a clock that is set back may make such a token invalid again
            self._valid_until.keep(text, expires)
        return None


class IssuedTokens:
    """The tokens of a scheme without a table: every text is one, but those that the mock signed itself expire."""

    def __init__(self) -> None:
        self._signed = TokenTable({})
        self._foreign: Cache[str, bool] = Cache(_MAX_VERIFIED)

    def failure(self, text: str, at: float) -> str | None:
        """The reason why a token is refused at a time, as `TokenTable.failure` says; None for one of another issuer."""
        return None if self._is_foreign(text) else self._signed.failure(text, at)

    def lacks_scope(self, text: str, scopes: tuple[str, ...]) -> bool:
        """Whether a token states its scopes, and one of these is not among them."""
        return not self._is_foreign(text) and self._signed.lacks_scope(text, scopes)

    def _is_foreign(self, text: str) -> bool:
        known = self._foreign.get(text)
        if known is None:
            known = is_foreign(text)
            self._foreign.keep(text, known)
        return known


def is_foreign(text: str) -> bool:
    """Whether a token is none that the mock signed itself."""
    return text.count(".") != 2 or claims_of(text, DEVELOPMENT_KEY) is None


def _scopes_of(text: str, key: str) -> frozenset[str] | None:
    """The scopes that a JSON Web Token states (RFC 8693 section 4.2); None if it states none."""
    scope = (claims_of(text, key) or {}).get("scope") if text.count(".") == 2 else None
    return frozenset(scope.split()) if isinstance(scope, str) else None


class TokenEntry(NamedTuple):
    """A row of a table of tokens; for basic authentication, `text` is the user name, a colon and the password."""

    text: str
    expires: float | None = None
    revoked: bool = False
    scopes: frozenset[str] | None = None
    sandbox: str | None = None


def token_table(entries: Iterable[tuple[Any, ...]]) -> TokenTable:
    """A table of entries: tuples of the fields of `TokenEntry`, of which the last may be missing."""
    listed = (TokenEntry(*raw) for raw in entries)
    return TokenTable({digest_of(entry.text): TokenRecord(*entry[1:]) for entry in listed})


@lru_cache(maxsize=64)
def digest_of(text: str) -> bytes:
    """The SHA-256 hash of a token."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _record_failure(record: TokenRecord, at: float) -> str | None:
    if record.revoked:
        return "revoked"
    return "expired" if record.expires is not None and record.expires <= at else None
