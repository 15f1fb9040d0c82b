"""Codes and tokens as values. Each is a self-contained JSON Web Token, so that any replica can read it.

Only what a token cannot know is state: that it was used or revoked, and that a device was allowed or refused.
"""

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from lookalike.model.minting import ANYBODY, DEVELOPMENT_KEY, claims_of, mint

CODE, ACCESS, REFRESH, DEVICE = "code", "access", "refresh", "device"

LIFETIMES: Mapping[str, float] = {CODE: 60.0, ACCESS: 3600.0, REFRESH: 30 * 86400.0, DEVICE: 600.0}
"""The seconds that codes and tokens are valid, by their use."""

_FOREIGN_LIFETIME = 30 * 86400.0  # for which the revocation of another token is kept
_MAX_SPENT = 5000


class SignIns(NamedTuple):
    """The state of an authorization server.

    `spent` are the tokens, codes and sessions that are used up or revoked, and `devices` the users that the codes of
    devices were allowed for, none if one was refused; each with the time until which that matters.
    """

    spent: Mapping[str, float] = {}
    devices: Mapping[str, tuple[str, float]] = {}


NO_SIGN_INS = SignIns()


@dataclass(frozen=True, slots=True)
class Grant:
    """A permission that a user gave to a client: scopes, within a session that all of its tokens share."""

    client: str
    scopes: tuple[str, ...]
    subject: str = ANYBODY
    session: str = field(default_factory=lambda: secrets.token_urlsafe(12))
    nonce: str = ""

    @property
    def scope(self) -> str:
        """The scopes as they are written (RFC 6749 section 3.3)."""
        return " ".join(self.scopes)

    def token(self, use: str, at: float, issuer: str, **more: Any) -> str:
        """A token of the grant for a use, valid from a time on."""
        claims = {
            "iss": issuer,
            "jti": secrets.token_urlsafe(12),
            "sid": self.session,
            "token_use": use,
            "client_id": self.client,
            "scope": self.scope,
            **({"nonce": self.nonce} if self.nonce else {}),
            **more,
        }
        return mint(at, LIFETIMES[use], subject=self.subject, claims=claims)


class IssuedToken(NamedTuple):
    """A code or token that was issued here, read: its grant, its claims, and its text."""

    grant: Grant
    claims: Mapping[str, Any]
    text: str

    def is_spent(self, sign_ins: SignIns) -> bool:
        """Whether it, or the session that it is of, is used up or revoked."""
        return digest(self.text) in sign_ins.spent or self.grant.session in sign_ins.spent


def read_issued(text: str, use: str, at: float) -> IssuedToken | None:
    """The token in a text, if it is one for a use that is valid at a time."""
    claims = claims_of(text, DEVELOPMENT_KEY)
    if claims is None or claims.get("token_use") != use or claims["exp"] <= at:
        return None
    grant = Grant(
        claims["client_id"], tuple(claims["scope"].split()), claims["sub"], claims["sid"], claims.get("nonce", "")
    )
    return IssuedToken(grant, claims, text)


def digest(text: str) -> str:
    """The name of a token in the state, which does not give it away."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def with_spent(sign_ins: SignIns, names: Iterable[str], at: float, until: float | None = None) -> SignIns:
    """The state in which more tokens or sessions are used up; those that no longer matter are dropped."""
    end = at + _FOREIGN_LIFETIME if until is None else until
    kept = {name: time for name, time in sign_ins.spent.items() if time > at}
    spent = {**kept, **dict.fromkeys(names, end)}
    return sign_ins._replace(spent=dict(list(spent.items())[-_MAX_SPENT:]))


def with_device(sign_ins: SignIns, code: str, subject: str, at: float) -> SignIns:
    """The state in which the code of a device is allowed for a user, or refused if there is none."""
    kept = {name: one for name, one in sign_ins.devices.items() if one[1] > at}
    devices = {**kept, code: (subject, at + LIFETIMES[DEVICE])}
    return sign_ins._replace(devices=dict(list(devices.items())[-_MAX_SPENT:]))


def is_revoked(credentials: str, spent: Mapping[str, float]) -> bool:
    """Whether credentials of a request are a token that was revoked, or of a session that was."""
    if digest(credentials) in spent:
        return True
    claims = claims_of(credentials, DEVELOPMENT_KEY) if credentials.count(".") == 2 else None
    return claims is not None and claims.get("sid") in spent
