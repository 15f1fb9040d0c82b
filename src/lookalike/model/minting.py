"""JSON Web Tokens that the mock makes and accepts (RFC 7519), and the user whom credentials name."""

import base64
import json
from collections.abc import Collection, Mapping
from typing import Any

from lookalike.codecs.parameter_styles import cookie_fields
from lookalike.naming.accounts import SECRETS, USER_NAMES
from lookalike.naming.words import normalised

DEVELOPMENT_KEY = "lookalike development key: not a secret"
ALGORITHM = "HS256"
ANYBODY = "lookalike"
SIGNED_OUT = "$signed-out"  # where the state has the hashes of the tokens that are over; clients never see them
_NO_CLAIMS: Mapping[str, Any] = {}


def mint(
    at: float,
    expires_in: float,
    key: str = DEVELOPMENT_KEY,
    subject: str = ANYBODY,
    claims: Mapping[str, Any] = _NO_CLAIMS,
) -> str:
    """A JSON Web Token that the mock accepts from a time (seconds since 1970) on, for a number of seconds.

    It has the other claims too, if any.
    """
    import jwt  # here, since most mocks never need it and it takes a tenth of a second to load

    own = {"sub": subject, "iat": int(at), "exp": int(at + expires_in)}
    return jwt.encode({**own, **claims}, key, algorithm=ALGORITHM)


def claims_of(text: str, key: str) -> dict[str, Any] | None:
    """The claims of a token that was signed with the key, else None.

    Times are checked by the caller, since the mock's clock may be set.
    """
    import jwt

    unchecked = {f"verify_{name}": False for name in ("exp", "nbf", "iat", "aud", "iss", "sub", "jti")}
    try:
        claims: dict[str, Any] = jwt.decode(text, key, algorithms=[ALGORITHM], options=unchecked)  # type: ignore[arg-type]
    except (jwt.InvalidTokenError, UnicodeError, ValueError, RecursionError):
        return None
    return claims


def name_in(sent: Any) -> str:
    """The name of the user that a login sends; empty if it sends none."""
    names = (
        value for name, value in _members(sent).items() if normalised(name) in USER_NAMES and isinstance(value, str)
    )
    return next(names, "")


def secrets_in(sent: Any, names: Collection[str] = SECRETS) -> list[str]:
    """The texts that a body has under names of secrets, as a password or a token to refresh another."""
    return [value for name, value in _members(sent).items() if normalised(name) in names and isinstance(value, str)]


def _members(sent: Any) -> Mapping[str, Any]:
    """The members of a body, or those of the object that is its only one, as in `{"user": {"password": …}}`."""
    members = sent if isinstance(sent, dict) else {}
    inner = [*members.values()]
    return inner[0] if len(inner) == 1 and isinstance(inner[0], dict) else members


def subject_of(authorization: str) -> str:
    """The user whom an Authorization field names: the subject of a token, or the name in basic credentials; or nothing.

    Whether the credentials are valid has been decided before.
    """
    scheme, _, credentials = authorization.partition(" ")
    if scheme.lower() == "basic":
        return _decoded(credentials.strip()).partition(":")[0]
    parts = (credentials or scheme).strip().split(".")  # some refresh a token that comes in the body, alone
    try:
        claims: Any = json.loads(_decoded(parts[1])) if len(parts) == 3 else None
    except (ValueError, RecursionError):
        return ""
    subject = claims.get("sub") if isinstance(claims, dict) else None
    return subject if isinstance(subject, str) and subject != ANYBODY else ""


def subject_in(headers: Mapping[str, str]) -> str:
    """The user whom the credentials of a request name, in its Authorization field or in a cookie; or nothing."""
    if (authorization := headers.get("authorization", "")) or "cookie" not in headers:
        return subject_of(authorization)
    return next(filter(None, (subject_of(value) for _, value in cookie_fields(headers.get("cookie", "")))), "")


def _decoded(text: str) -> str:
    """Text in Base64 of either alphabet, with or without padding; empty if it is none."""
    try:
        return base64.urlsafe_b64decode(text.replace("+", "-").replace("/", "_") + "==").decode()
    except ValueError:
        return ""
