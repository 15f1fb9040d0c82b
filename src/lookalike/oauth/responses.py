"""Responses of an authorization server: tokens, claims about a user, errors, and the page on which a user signs in."""

import html
import json
from collections.abc import Mapping
from typing import Any

from lookalike.http import Response
from lookalike.model.response.outcome import header_text
from lookalike.oauth.grants import ACCESS, LIFETIMES, REFRESH, Grant
from lookalike.oauth.keys import signed
from lookalike.oauth.requests import OAuthError, OAuthRequest

NO_STORE = (("Cache-Control", "no-store"), ("Pragma", "no-cache"))


def token_response(grant: Grant, request: OAuthRequest, is_refreshed: bool = True) -> Response:
    """A token response (RFC 6749 section 5.1)."""
    body = {
        "access_token": grant.token(ACCESS, request.at, request.issuer),
        "token_type": "Bearer",
        "expires_in": int(LIFETIMES[ACCESS]),
        "scope": grant.scope,
    }
    if is_refreshed:
        body["refresh_token"] = grant.token(REFRESH, request.at, request.issuer)
    if "openid" in grant.scopes:
        body["id_token"] = id_token(grant, request)
    return json_response(body)


def id_token(grant: Grant, request: OAuthRequest) -> str:
    """An ID token (OpenID Connect Core section 2)."""
    start, end = int(request.at), int(request.at + LIFETIMES[ACCESS])
    nonce = {"nonce": grant.nonce} if grant.nonce else {}
    times = {"iat": start, "exp": end, "auth_time": start}
    return signed({"iss": request.issuer, "aud": grant.client, **times, **nonce, **user_claims(grant)})


def user_claims(grant: Grant) -> dict[str, Any]:
    """The claims about a user that the scopes of a grant open (OpenID Connect Core section 5.4)."""
    name = grant.subject
    claims: dict[str, Any] = {"sub": name}
    if "profile" in grant.scopes:
        claims |= {"name": name.partition("@")[0].replace(".", " ").title(), "preferred_username": name}
    if "email" in grant.scopes:
        claims |= {"email": name if "@" in name else f"{name}@example.com", "email_verified": True}
    return claims


def json_response(body: Mapping[str, Any], status: int = 200, fields: tuple[tuple[str, str], ...] = ()) -> Response:
    """A response with a JSON object, which no client may cache."""
    headers = (("Content-Type", "application/json"), *NO_STORE, *fields)
    return Response(status, headers, json.dumps(body).encode())


def error_response(error: OAuthError) -> Response:
    """The response to a request that is refused (RFC 6749 section 5.2)."""
    challenge = (("WWW-Authenticate", 'Basic realm="OAuth"'),) if error.status == 401 else ()
    fields = (*challenge, ("Lookalike-Reason", header_text(error.description)))
    return json_response({"error": error.code, "error_description": error.description}, error.status, fields)


def sign_in_page(request: OAuthRequest, client: str, scope: str, is_device: bool = False) -> Response:
    """The page on which a user signs in by a name, and allows or refuses; the parameters go with the form."""
    given = {
        name: text for name, text in request.parameters.items() if name not in ("user", "decision", "client_secret")
    }
    hidden = "".join(
        f'<input type="hidden" name="{html.escape(name)}" value="{html.escape(text)}">'
        for name, text in given.items()
        if not (is_device and name == "user_code")
    )
    code = f'<p><label>Code <input name="user_code" value="{html.escape(request.get("user_code"))}"></label></p>'
    wishes = f"<p>It asks for: {html.escape(scope)}</p>" if scope else ""
    return html_page(
        f"<h1>Sign in to {html.escape(client)}</h1>{wishes}"
        f'<form method="post">{hidden}{code if is_device else ""}'
        f'<p><label>User <input name="user" value="{html.escape(request.user)}"></label></p>'
        '<p><button name="decision" value="allow">Allow</button> '
        '<button name="decision" value="refuse">Refuse</button></p></form>'
    )


def html_page(content: str) -> Response:
    """A page without scripts; its title warns against typing a real password."""
    title = "Lookalike: sign-in of a mock"
    text = f'<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>{title}</title><body>{content}</body></html>'
    policy = ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
    return Response(200, (("Content-Type", "text/html; charset=utf-8"), policy, *NO_STORE), text.encode())
