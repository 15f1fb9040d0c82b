"""An authorization server that accepts every user: OAuth 2.0 (RFC 6749) with PKCE (RFC 7636), refresh, devices (RFC
8628), introspection (RFC 7662) and revocation (RFC 7009), and OpenID Connect Core and Discovery 1.0.

Clients and their secrets are taken as they come; all else is checked as a real server checks it: redirect URIs,
verifiers, scopes, and that a code is used once. It is pure: state comes with a request and goes back with the answer.
"""

import base64
import binascii
import hashlib
import hmac
import html
import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote_plus, urlencode, urljoin, urlsplit

from lookalike.contract.contract import Contract
from lookalike.http import Request, Response, origin_of
from lookalike.model.minting import ANYBODY
from lookalike.model.response.response import header_text
from lookalike.oauth.grants import (
    ACCESS,
    CODE,
    DEVICE,
    LIFETIMES,
    REFRESH,
    Grant,
    IssuedToken,
    SignIns,
    digest,
    read_issued,
    with_device,
    with_spent,
)
from lookalike.oauth.keys import base64_url, key_set, signed

FOLDER = "oauth/"
"""The beginning of the paths of the endpoints, below the prefix of the control API."""

_DISCOVERY = "/.well-known/openid-configuration"
_METADATA = "/.well-known/oauth-authorization-server"
_OPENID_SCOPES = ("openid", "profile", "email", "offline_access")
_CODE_GRANT, _DEVICE_GRANT = "authorization_code", "urn:ietf:params:oauth:grant-type:device_code"
_NO_STORE = (("Cache-Control", "no-store"), ("Pragma", "no-cache"))
_CONSONANTS = "BCDFGHJKLMNPQRSTVWXZ"  # no word can be spelled with them (RFC 8628 section 6.1)
_POLLING = 1  # seconds between the requests of a device
# Those of a browser that would run what follows them.
_SCRIPTS = frozenset({"javascript", "data", "vbscript", "blob", "file"})
_MAX_TEXT = 4096  # characters of a parameter
_MAX_USER = 200
_IS_PRINTABLE = re.compile(r"[!-~]+\Z").match


class SignInOptions(NamedTuple):
    """The way in which users sign in: `issuer` is the URL of the authorization server, empty for the one of this mock.

    With `asks`, a page lets the user allow or refuse; without, everything is allowed at once.
    """

    issuer: str = ""
    asks: bool = False


AT_ONCE = SignInOptions()
"""Everything is allowed at once, by the authorization server of the mock."""


class Answer(NamedTuple):
    """A response with the state after it."""

    response: Response
    sign_ins: SignIns


class _OAuthError(Exception):
    """An error of the protocol (RFC 6749 section 5.2), with its status."""

    def __init__(self, code: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.status = status


class _Exchange(NamedTuple):
    """A request to an endpoint: its parameters, and the state."""

    request: Request
    parameters: Mapping[str, str]
    issuer: str
    sign_ins: SignIns

    @property
    def at(self) -> float:
        return self.request.at

    def get(self, name: str) -> str:
        """A parameter, empty without one."""
        return self.parameters.get(name, "")

    @property
    def user(self) -> str:
        """The user who signs in."""
        return (self.get("user") or self.get("login_hint") or ANYBODY)[:_MAX_USER]

    def needed(self, name: str) -> str:
        """A parameter that must be there."""
        if not self.get(name):
            raise _OAuthError("invalid_request", f"{name} is missing")
        return self.get(name)


class AuthorizationServer:
    """The endpoints of an authorization server for a contract, below a prefix and at the paths that its URLs have.

    A path of the document that is an operation's too stays with the operation.
    """

    def __init__(
        self, contract: Contract, folder: str, base_path: str, taken: Iterable[str], options: SignInOptions = AT_ONCE
    ) -> None:
        """A server below a folder; `base_path` is that of the API, and `taken` are the paths of its operations."""
        self._options = options
        self._folder = folder
        schemes = [scheme for scheme in contract.schemes.values() if scheme.urls]
        documented = dict.fromkeys(scope for scheme in schemes for scope in scheme.scopes)
        self._scopes = (*documented, *(scope for scope in _OPENID_SCOPES if scope not in documented))
        self._restricts = bool(documented)
        operations = frozenset(taken) if schemes else frozenset()
        own = {f"{folder}{name}": name for name in _ENDPOINTS} if schemes else {}
        urls = [(_path_of(url, base_path), member) for scheme in schemes for member, url in scheme.urls]
        free = [(path, _NAMES[member]) for path, member in urls if len(path) > 1 and path not in operations]
        self._endpoints: Mapping[str, str] = {**dict(free), **own}
        self.paths = tuple(self._endpoints)
        # The issuer is where its discovery is, without the end of that path (OpenID Connect Discovery section 4.3).
        discovery = (path for path, _ in free if path.endswith(_DISCOVERY))
        self._issuer_path = next(discovery, f"{folder.rstrip('/')}{_DISCOVERY}").removesuffix(_DISCOVERY)

    def serves(self, path: str) -> bool:
        """Whether a path is that of an endpoint."""
        return path in self._endpoints

    def respond(self, request: Request, sign_ins: SignIns) -> Answer:
        """The response to a request to an endpoint."""
        name = self._endpoints[request.path]
        method = "GET" if request.method == "HEAD" else request.method
        handle = _ENDPOINTS[name].get(method)
        if handle is None:
            allowed = ", ".join(_ENDPOINTS[name])
            return Answer(_json({"error": "invalid_request"}, 405, (("Allow", allowed),)), sign_ins)
        try:
            exchange = _Exchange(request, _parameters(request), self._issuer(request), sign_ins)
            return handle(self, exchange)
        except _OAuthError as error:
            return Answer(_error(error), sign_ins)

    def _issuer(self, request: Request) -> str:
        return self._options.issuer or f"{origin_of(request)}{request.base_path}{self._issuer_path}"

    # --- The authorization endpoint (RFC 6749 section 3.1) ---

    def authorize(self, exchange: _Exchange) -> Answer:
        """Let the user in, by a page or at once."""
        self._checked_client(exchange)
        if self._options.asks and exchange.get("prompt") != "none":
            return Answer(_page(exchange, exchange.needed("client_id"), exchange.get("scope")), exchange.sign_ins)
        return self._redirected(exchange)

    def decide(self, exchange: _Exchange) -> Answer:
        """The user's choice on the page."""
        self._checked_client(exchange)
        return self._redirected(exchange, exchange.get("decision") == "allow")

    def _checked_client(self, exchange: _Exchange) -> None:
        """Raise an error that must not be redirected (RFC 6749 section 4.1.2.1)."""
        exchange.needed("client_id")
        target = exchange.needed("redirect_uri")
        if not _may_be_redirected_to(target):
            raise _OAuthError("invalid_request", "redirect_uri must be an absolute URI without a fragment")

    def _redirected(self, exchange: _Exchange, is_allowed: bool = True) -> Answer:
        kinds = frozenset(exchange.get("response_type").split())
        state = {"state": exchange.get("state")} if "state" in exchange.parameters else {}
        is_in_fragment = exchange.get("response_mode") == "fragment" or (bool(kinds) and kinds != {"code"})
        try:
            if not is_allowed:
                raise _OAuthError("access_denied", "the user refused")
            found = self._granted(exchange, kinds)
        except _OAuthError as error:
            found = {"error": error.code, "error_description": error.description}
        # RFC 9207: the client can tell which server answered.
        query = urlencode({**found, **state, "iss": exchange.issuer})
        target = exchange.get("redirect_uri")
        joint = "#" if is_in_fragment else "&" if urlsplit(target).query else "?"
        return Answer(Response(302, (("Location", f"{target}{joint}{query}"), *_NO_STORE)), exchange.sign_ins)

    def _granted(self, exchange: _Exchange, kinds: frozenset[str]) -> dict[str, str]:
        """The parameters that go back to the client."""
        if not kinds or not kinds <= {"code", "token", "id_token"}:
            raise _OAuthError("unsupported_response_type", "response_type must be code, token or id_token")
        grant = Grant(
            exchange.get("client_id"), self._wanted(exchange.get("scope")), exchange.user, nonce=exchange.get("nonce")
        )
        found = {}
        if "code" in kinds:
            method = exchange.get("code_challenge_method") or "plain"
            if method not in ("plain", "S256"):
                raise _OAuthError("invalid_request", "code_challenge_method must be S256 or plain")
            bound = {
                "redirect_uri": exchange.get("redirect_uri"),
                "challenge": exchange.get("code_challenge"),
                "method": method,
            }
            found["code"] = grant.token(CODE, exchange.at, exchange.issuer, **bound)
        if "token" in kinds:
            lifetime = str(int(LIFETIMES[ACCESS]))
            token = grant.token(ACCESS, exchange.at, exchange.issuer)
            found |= {"access_token": token, "token_type": "Bearer", "expires_in": lifetime, "scope": grant.scope}
        if "id_token" in kinds:
            found["id_token"] = _id_token(grant, exchange)
        return found

    def _wanted(self, text: str) -> tuple[str, ...]:
        """The scopes that are asked for; all that are documented where none are."""
        asked = tuple(dict.fromkeys(text.split()))
        unknown = next((scope for scope in asked if self._restricts and scope not in self._scopes), None)
        if unknown is not None:
            raise _OAuthError("invalid_scope", f"there is no scope {unknown[:80]}; there are: {' '.join(self._scopes)}")
        return asked or tuple(scope for scope in self._scopes if scope not in _OPENID_SCOPES)

    # --- The token endpoint (RFC 6749 section 3.2) ---

    def token(self, exchange: _Exchange) -> Answer:
        """Tokens for a grant of one of the types in `_GRANTS`."""
        name = exchange.needed("grant_type")
        if name not in _GRANTS:
            raise _OAuthError("unsupported_grant_type", f"grant_type must be one of {', '.join(_GRANTS)}")
        return _GRANTS[name](self, exchange)

    def from_code(self, exchange: _Exchange) -> Answer:
        """Tokens for a code, once (RFC 6749 section 4.1.3)."""
        code = _redeemable(exchange, exchange.needed("code"), CODE)
        if code.is_spent(exchange.sign_ins):
            # The code may have been stolen, so what was issued for it is revoked (RFC 6749 section 4.1.2).
            after = with_spent(exchange.sign_ins, [code.grant.session], exchange.at)
            return Answer(_error(_OAuthError("invalid_grant", "the code was used before")), after)
        if exchange.get("redirect_uri") != code.claims["redirect_uri"]:
            raise _OAuthError("invalid_grant", "redirect_uri is another one than that of the authorization")
        _check_verifier(code.claims["challenge"], code.claims["method"], exchange.get("code_verifier"))
        after = with_spent(exchange.sign_ins, [digest(code.text)], exchange.at, code.claims["exp"])
        return Answer(_tokens(code.grant, exchange), after)

    def from_refresh_token(self, exchange: _Exchange) -> Answer:
        """Tokens for a refresh token, which is exchanged for another one (RFC 6749 section 6)."""
        before = _redeemable(exchange, exchange.needed("refresh_token"), REFRESH)
        if before.is_spent(exchange.sign_ins):
            raise _OAuthError("invalid_grant", "the refresh token was used before, or revoked")
        narrower = tuple(exchange.get("scope").split()) or before.grant.scopes
        if not set(narrower) <= set(before.grant.scopes):
            raise _OAuthError("invalid_scope", "the scopes are more than those that were granted")
        grant = Grant(before.grant.client, narrower, before.grant.subject, before.grant.session, before.grant.nonce)
        after = with_spent(exchange.sign_ins, [digest(before.text)], exchange.at, before.claims["exp"])
        return Answer(_tokens(grant, exchange), after)

    def from_client(self, exchange: _Exchange) -> Answer:
        """A token for the client itself (RFC 6749 section 4.4)."""
        if not exchange.get("client_id"):
            raise _OAuthError("invalid_client", "client_id and client_secret are missing", 401)
        grant = Grant(exchange.get("client_id"), self._wanted(exchange.get("scope")))
        return Answer(_tokens(grant, exchange, is_refreshed=False), exchange.sign_ins)

    def from_password(self, exchange: _Exchange) -> Answer:
        """Tokens for a user's name and password, whatever that is (RFC 6749 section 4.3)."""
        exchange.needed("password")
        grant = Grant(
            exchange.get("client_id"), self._wanted(exchange.get("scope")), exchange.needed("username")[:_MAX_USER]
        )
        return Answer(_tokens(grant, exchange), exchange.sign_ins)

    def from_device(self, exchange: _Exchange) -> Answer:
        """Tokens for a device, once its user has allowed it (RFC 8628 section 3.4)."""
        device = _redeemable(exchange, exchange.needed("device_code"), DEVICE, "expired_token")
        if device.is_spent(exchange.sign_ins):
            raise _OAuthError("invalid_grant", "the device code was used before")
        user = exchange.sign_ins.devices.get(
            device.claims["user_code"], (ANYBODY, 0.0) if not self._options.asks else None
        )
        if user is None:
            raise _OAuthError("authorization_pending", "the user has not decided yet")
        if not user[0]:
            raise _OAuthError("access_denied", "the user refused")
        grant = Grant(device.grant.client, device.grant.scopes, user[0], device.grant.session)
        after = with_spent(exchange.sign_ins, [digest(device.text)], exchange.at, device.claims["exp"])
        return Answer(_tokens(grant, exchange), after)

    # --- Devices (RFC 8628) ---

    def authorize_device(self, exchange: _Exchange) -> Answer:
        """A code for a device, and another one for its user."""
        grant = Grant(exchange.needed("client_id"), self._wanted(exchange.get("scope")))
        number = int(digest(grant.session), 16)
        letters = "".join(_CONSONANTS[number // 20**place % 20] for place in range(8))
        user_code = f"{letters[:4]}-{letters[4:]}"
        page = f"{self._url(exchange)}device"
        return Answer(
            _json(
                {
                    "device_code": grant.token(DEVICE, exchange.at, exchange.issuer, user_code=user_code),
                    "user_code": user_code,
                    "verification_uri": page,
                    "verification_uri_complete": f"{page}?user_code={user_code}",
                    "expires_in": int(LIFETIMES[DEVICE]),
                    "interval": _POLLING,
                }
            ),
            exchange.sign_ins,
        )

    def ask_for_device(self, exchange: _Exchange) -> Answer:
        """The page on which the user of a device allows it."""
        return Answer(_page(exchange, "a device", "", is_device=True), exchange.sign_ins)

    def decide_for_device(self, exchange: _Exchange) -> Answer:
        """The user's choice on that page."""
        user = exchange.user if exchange.get("decision") == "allow" else ""
        after = with_device(exchange.sign_ins, exchange.needed("user_code").upper(), user, exchange.at)
        return Answer(
            _html(f"<p>The device is {'signed in' if user else 'refused'}. You may close this page.</p>"), after
        )

    # --- Tokens afterwards ---

    def userinfo(self, exchange: _Exchange) -> Answer:
        """The user of an access token (OpenID Connect Core section 5.3)."""
        scheme, _, token = exchange.request.headers.get("authorization", "").partition(" ")
        text = token.strip() if scheme.lower() == "bearer" else exchange.get("access_token")
        issued = read_issued(text, ACCESS, exchange.at)
        if issued is None or issued.is_spent(exchange.sign_ins):
            challenge = (("WWW-Authenticate", 'Bearer error="invalid_token"'),)
            body = {"error": "invalid_token", "error_description": "the access token is not valid here, or expired"}
            return Answer(_json(body, 401, challenge), exchange.sign_ins)
        return Answer(_json(_user(issued.grant)), exchange.sign_ins)

    def introspect(self, exchange: _Exchange) -> Answer:
        """Whether a token is active, and what it says (RFC 7662)."""
        text = exchange.needed("token")
        issued = read_issued(text, ACCESS, exchange.at) or read_issued(text, REFRESH, exchange.at)
        if issued is None or issued.is_spent(exchange.sign_ins):
            return Answer(_json({"active": False}), exchange.sign_ins)
        claims = {name: issued.claims[name] for name in ("scope", "client_id", "sub", "iss", "iat", "exp", "jti")}
        return Answer(_json({"active": True, "token_type": "Bearer", **claims}), exchange.sign_ins)

    def revoke(self, exchange: _Exchange) -> Answer:
        """Revoke a token, and with a refresh token all of its session (RFC 7009)."""
        text = exchange.needed("token")
        refresh = read_issued(text, REFRESH, exchange.at)
        names = [digest(text), *([refresh.grant.session] if refresh else ())]
        return Answer(Response(200, _NO_STORE), with_spent(exchange.sign_ins, names, exchange.at))

    def sign_out(self, exchange: _Exchange) -> Answer:
        """Back to the client (OpenID Connect RP-Initiated Logout 1.0)."""
        target = exchange.get("post_logout_redirect_uri")
        if not _may_be_redirected_to(target):
            return Answer(_html("<p>You are signed out.</p>"), exchange.sign_ins)
        query = urlencode({"state": exchange.get("state")}) if exchange.get("state") else ""
        joint = ("&" if urlsplit(target).query else "?") if query else ""
        return Answer(Response(302, (("Location", f"{target}{joint}{query}"), *_NO_STORE)), exchange.sign_ins)

    # --- Metadata ---

    def keys(self, exchange: _Exchange) -> Answer:
        """The keys that ID tokens are checked with."""
        return Answer(_json(key_set()), exchange.sign_ins)

    def metadata(self, exchange: _Exchange) -> Answer:
        """The metadata of the server: where everything is (RFC 8414, OpenID Connect Discovery 1.0)."""
        base = self._url(exchange)
        methods = ["client_secret_basic", "client_secret_post", "none"]
        return Answer(
            _json(
                {
                    "issuer": exchange.issuer,
                    "authorization_endpoint": f"{base}authorize",
                    "token_endpoint": f"{base}token",
                    "userinfo_endpoint": f"{base}userinfo",
                    "jwks_uri": f"{base}jwks",
                    "introspection_endpoint": f"{base}introspect",
                    "revocation_endpoint": f"{base}revoke",
                    "device_authorization_endpoint": f"{base}device_authorization",
                    "end_session_endpoint": f"{base}logout",
                    "scopes_supported": list(self._scopes),
                    "response_types_supported": ["code", "token", "id_token", "id_token token", "code id_token"],
                    "response_modes_supported": ["query", "fragment"],
                    "grant_types_supported": [*_GRANTS, "implicit"],
                    "subject_types_supported": ["public"],
                    "id_token_signing_alg_values_supported": ["RS256"],
                    "token_endpoint_auth_methods_supported": methods,
                    "code_challenge_methods_supported": ["S256", "plain"],
                    "claims_supported": ["sub", "name", "preferred_username", "email", "email_verified"],
                    "authorization_response_iss_parameter_supported": True,
                }
            ),
            exchange.sign_ins,
        )

    def _url(self, exchange: _Exchange) -> str:
        """The URL below which the endpoints are, for a client: that of the issuer's host where there is an issuer."""
        parts = urlsplit(self._options.issuer)
        origin = f"{parts.scheme}://{parts.netloc}" if parts.netloc else origin_of(exchange.request)
        return f"{origin}{exchange.request.base_path}{self._folder}"


_EndpointMethod = Callable[[AuthorizationServer, _Exchange], Answer]
_ENDPOINTS: Mapping[str, Mapping[str, _EndpointMethod]] = {
    "authorize": {"GET": AuthorizationServer.authorize, "POST": AuthorizationServer.decide},
    "token": {"POST": AuthorizationServer.token},
    "userinfo": {"GET": AuthorizationServer.userinfo, "POST": AuthorizationServer.userinfo},
    "introspect": {"POST": AuthorizationServer.introspect},
    "revoke": {"POST": AuthorizationServer.revoke},
    "jwks": {"GET": AuthorizationServer.keys},
    "device_authorization": {"POST": AuthorizationServer.authorize_device},
    "device": {"GET": AuthorizationServer.ask_for_device, "POST": AuthorizationServer.decide_for_device},
    "logout": {"GET": AuthorizationServer.sign_out, "POST": AuthorizationServer.sign_out},
    _DISCOVERY[1:]: {"GET": AuthorizationServer.metadata},
    _METADATA[1:]: {"GET": AuthorizationServer.metadata},
}
_GRANTS: Mapping[str, _EndpointMethod] = {
    _CODE_GRANT: AuthorizationServer.from_code,
    "refresh_token": AuthorizationServer.from_refresh_token,
    "client_credentials": AuthorizationServer.from_client,
    "password": AuthorizationServer.from_password,
    _DEVICE_GRANT: AuthorizationServer.from_device,
}
# The endpoints of the URLs that a document gives.
_NAMES = {
    "authorizationUrl": "authorize",
    "tokenUrl": "token",
    "refreshUrl": "token",
    "deviceAuthorizationUrl": "device_authorization",
    "openIdConnectUrl": _DISCOVERY[1:],
}


# --- Requests ---


def _parameters(request: Request) -> dict[str, str]:
    """The parameters of a query and of a form or JSON body, with the client of the Authorization field."""
    parameters = dict(parse_qsl(request.query, keep_blank_values=True))
    text = request.body.decode("utf-8", "replace")
    if "json" in request.headers.get("content-type", ""):
        parameters |= _json_members(text)
    else:
        parameters |= dict(parse_qsl(text, keep_blank_values=True))
    if any(len(value) > _MAX_TEXT for value in parameters.values()):
        raise _OAuthError("invalid_request", f"a parameter is longer than {_MAX_TEXT} characters")
    return parameters | _basic_client(request.headers.get("authorization", ""))


def _json_members(text: str) -> dict[str, str]:
    try:
        members = json.loads(text)
    except (ValueError, RecursionError):
        members = None
    if not isinstance(members, dict):
        raise _OAuthError("invalid_request", "the body is no JSON object")
    return {name: value for name, value in members.items() if isinstance(value, str)}


def _basic_client(authorization: str) -> dict[str, str]:
    """The client that authenticates itself as RFC 6749 section 2.3.1 has it."""
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return {}
    try:
        name, _, secret = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        raise _OAuthError("invalid_client", "the Authorization field is not of the form Basic BASE64", 401) from None
    return {"client_id": unquote_plus(name), "client_secret": unquote_plus(secret)}


def _redeemable(exchange: _Exchange, text: str, use: str, otherwise: str = "invalid_grant") -> IssuedToken:
    """The code or token in a parameter, which must be of the client that sends it."""
    issued = read_issued(text, use, exchange.at)
    if issued is None:
        raise _OAuthError(otherwise, "it was not issued here, or it has expired")
    if exchange.get("client_id") not in ("", issued.grant.client):
        raise _OAuthError("invalid_grant", "it was issued to another client")
    return issued


def _check_verifier(challenge: str, method: str, verifier: str) -> None:
    """Raise an error unless the verifier of a client fits its challenge (RFC 7636 section 4.6)."""
    if not challenge:
        return
    made = base64_url(hashlib.sha256(verifier.encode()).digest()) if method == "S256" else verifier
    if not hmac.compare_digest(made.encode(), challenge.encode()):
        raise _OAuthError("invalid_grant", "code_verifier does not fit code_challenge")


def _may_be_redirected_to(target: str) -> bool:
    """Whether a target is an absolute URI without a fragment, which runs no script and fits into a header field."""
    if not _IS_PRINTABLE(target):
        return False
    try:
        parts = urlsplit(target)
    except ValueError:
        return False
    return bool(parts.scheme) and parts.scheme.lower() not in _SCRIPTS and not parts.fragment


def _path_of(url: str, base_path: str) -> str:
    """The path of a URL, which may be relative to that of the API; empty for one that cannot be parsed."""
    try:
        return urljoin(f"{base_path}/", urlsplit(url).path)
    except ValueError:
        return ""


# --- Responses ---


def _tokens(grant: Grant, exchange: _Exchange, is_refreshed: bool = True) -> Response:
    """A token response (RFC 6749 section 5.1)."""
    body = {
        "access_token": grant.token(ACCESS, exchange.at, exchange.issuer),
        "token_type": "Bearer",
        "expires_in": int(LIFETIMES[ACCESS]),
        "scope": grant.scope,
    }
    if is_refreshed:
        body["refresh_token"] = grant.token(REFRESH, exchange.at, exchange.issuer)
    if "openid" in grant.scopes:
        body["id_token"] = _id_token(grant, exchange)
    return _json(body)


def _id_token(grant: Grant, exchange: _Exchange) -> str:
    """An ID token (OpenID Connect Core section 2)."""
    start, end = int(exchange.at), int(exchange.at + LIFETIMES[ACCESS])
    nonce = {"nonce": grant.nonce} if grant.nonce else {}
    times = {"iat": start, "exp": end, "auth_time": start}
    return signed({"iss": exchange.issuer, "aud": grant.client, **times, **nonce, **_user(grant)})


def _user(grant: Grant) -> dict[str, Any]:
    """The claims about a user that the scopes of a grant open (OpenID Connect Core section 5.4)."""
    name = grant.subject
    claims: dict[str, Any] = {"sub": name}
    if "profile" in grant.scopes:
        claims |= {"name": name.partition("@")[0].replace(".", " ").title(), "preferred_username": name}
    if "email" in grant.scopes:
        claims |= {"email": name if "@" in name else f"{name}@example.com", "email_verified": True}
    return claims


def _json(body: Mapping[str, Any], status: int = 200, fields: tuple[tuple[str, str], ...] = ()) -> Response:
    headers = (("Content-Type", "application/json"), *_NO_STORE, *fields)
    return Response(status, headers, json.dumps(body).encode())


def _error(error: _OAuthError) -> Response:
    challenge = (("WWW-Authenticate", 'Basic realm="OAuth"'),) if error.status == 401 else ()
    fields = (*challenge, ("Lookalike-Reason", header_text(error.description)))
    return _json({"error": error.code, "error_description": error.description}, error.status, fields)


def _page(exchange: _Exchange, client: str, scope: str, is_device: bool = False) -> Response:
    """The page on which a user signs in by a name, and allows or refuses; the parameters go with the form."""
    given = {
        name: text for name, text in exchange.parameters.items() if name not in ("user", "decision", "client_secret")
    }
    hidden = "".join(
        f'<input type="hidden" name="{html.escape(name)}" value="{html.escape(text)}">'
        for name, text in given.items()
        if not (is_device and name == "user_code")
    )
    code = f'<p><label>Code <input name="user_code" value="{html.escape(exchange.get("user_code"))}"></label></p>'
    wishes = f"<p>It asks for: {html.escape(scope)}</p>" if scope else ""
    return _html(
        f"<h1>Sign in to {html.escape(client)}</h1>{wishes}"
        f'<form method="post">{hidden}{code if is_device else ""}'
        f'<p><label>User <input name="user" value="{html.escape(exchange.user)}"></label></p>'
        '<p><button name="decision" value="allow">Allow</button> '
        '<button name="decision" value="refuse">Refuse</button></p></form>'
    )


def _html(content: str) -> Response:
    """A page without scripts; its title warns against typing a real password."""
    title = "Lookalike: sign-in of a mock"
    text = f'<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>{title}</title><body>{content}</body></html>'
    policy = ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
    return Response(200, (("Content-Type", "text/html; charset=utf-8"), policy, *_NO_STORE), text.encode())
