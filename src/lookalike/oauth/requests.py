"""Requests to the endpoints of an authorization server: their parameters, and what is checked of them."""

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import parse_qsl, unquote_plus, urlsplit

from lookalike.http import Request
from lookalike.model.minting import ANYBODY
from lookalike.oauth.grants import IssuedToken, SignIns, read_issued
from lookalike.oauth.keys import base64_url

# Those of a browser that would run what follows them.
_SCRIPTS = frozenset({"javascript", "data", "vbscript", "blob", "file"})
_MAX_TEXT = 4096  # characters of a parameter
MAX_USER = 200  # characters of a name
_IS_PRINTABLE = re.compile(r"[!-~]+\Z").match


class OAuthError(Exception):
    """An error of the protocol (RFC 6749 section 5.2), with its status."""

    def __init__(self, code: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.status = status


class OAuthRequest(NamedTuple):
    """A request to an endpoint: its parameters, and the state."""

    http: Request
    parameters: Mapping[str, str]
    issuer: str
    sign_ins: SignIns

    @property
    def at(self) -> float:
        """The time of the request, in seconds since 1970."""
        return self.http.at

    def get(self, name: str) -> str:
        """A parameter, empty without one."""
        return self.parameters.get(name, "")

    @property
    def user(self) -> str:
        """The user who signs in."""
        return (self.get("user") or self.get("login_hint") or ANYBODY)[:MAX_USER]

    def needed(self, name: str) -> str:
        """A parameter that must be there."""
        if not self.get(name):
            raise OAuthError("invalid_request", f"{name} is missing")
        return self.get(name)


def parameters_of(request: Request) -> dict[str, str]:
    """The parameters of a query and of a form or JSON body, with the client of the Authorization field."""
    parameters = dict(parse_qsl(request.query, keep_blank_values=True))
    text = request.body.decode("utf-8", "replace")
    if "json" in request.headers.get("content-type", ""):
        parameters |= _json_members(text)
    else:
        parameters |= dict(parse_qsl(text, keep_blank_values=True))
    if any(len(value) > _MAX_TEXT for value in parameters.values()):
        raise OAuthError("invalid_request", f"a parameter is longer than {_MAX_TEXT} characters")
    return parameters | _basic_client(request.headers.get("authorization", ""))


def _json_members(text: str) -> dict[str, str]:
    try:
        members = json.loads(text)
    except (ValueError, RecursionError):
        members = None
    if not isinstance(members, dict):
        raise OAuthError("invalid_request", "the body is no JSON object")
    return {name: value for name, value in members.items() if isinstance(value, str)}


def _basic_client(authorization: str) -> dict[str, str]:
    """The client that authenticates itself as RFC 6749 section 2.3.1 has it."""
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return {}
    try:
        name, _, secret = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        raise OAuthError("invalid_client", "the Authorization field is not of the form Basic BASE64", 401) from None
    return {"client_id": unquote_plus(name), "client_secret": unquote_plus(secret)}


def redeemable(request: OAuthRequest, text: str, use: str, otherwise: str = "invalid_grant") -> IssuedToken:
    """The code or token in a parameter, which must be of the client that sends it."""
    issued = read_issued(text, use, request.at)
    if issued is None:
        raise OAuthError(otherwise, "it was not issued here, or it has expired")
    if request.get("client_id") not in ("", issued.grant.client):
        raise OAuthError("invalid_grant", "it was issued to another client")
    return issued


def check_verifier(challenge: str, method: str, verifier: str) -> None:
    """Raise an error unless the verifier of a client fits its challenge (RFC 7636 section 4.6)."""
    if not challenge:
        return
    made = base64_url(hashlib.sha256(verifier.encode()).digest()) if method == "S256" else verifier
    if not hmac.compare_digest(made.encode(), challenge.encode()):
        raise OAuthError("invalid_grant", "code_verifier does not fit code_challenge")


def may_be_redirected_to(target: str) -> bool:
    """Whether a target is an absolute URI without a fragment, which runs no script and fits into a header field."""
    if not _IS_PRINTABLE(target):
        return False
    try:
        parts = urlsplit(target)
    except ValueError:
        return False
    return bool(parts.scheme) and parts.scheme.lower() not in _SCRIPTS and not parts.fragment
