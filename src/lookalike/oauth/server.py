"""An authorization server that accepts every user: OAuth 2.0 (RFC 6749) with PKCE (RFC 7636), refresh, devices (RFC
8628), introspection (RFC 7662) and revocation (RFC 7009), and OpenID Connect Core and Discovery 1.0.

Clients and their secrets are taken as they come; all else is checked as a real server checks it: redirect URIs,
verifiers, scopes, and that a code is used once. It is pure: state comes with a request and goes back with the answer.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple
from urllib.parse import urlencode, urljoin, urlsplit

from lookalike.contract.contract import Contract
from lookalike.http import Request, Response, origin_of
from lookalike.model.minting import ANYBODY
from lookalike.oauth.grants import (
    ACCESS,
    CODE,
    DEVICE,
    LIFETIMES,
    REFRESH,
    Grant,
    SignIns,
    digest,
    read_issued,
    with_device,
    with_spent,
)
from lookalike.oauth.keys import key_set
from lookalike.oauth.requests import (
    MAX_USER,
    OAuthError,
    OAuthRequest,
    check_verifier,
    may_be_redirected_to,
    parameters_of,
    redeemable,
)
from lookalike.oauth.responses import (
    NO_STORE,
    error_response,
    html_page,
    id_token,
    json_response,
    sign_in_page,
    token_response,
    user_claims,
)

FOLDER = "oauth/"
"""The beginning of the paths of the endpoints, below the prefix of the control API."""

_DISCOVERY = "/.well-known/openid-configuration"
_METADATA = "/.well-known/oauth-authorization-server"
_OPENID_SCOPES = ("openid", "profile", "email", "offline_access")
_CODE_GRANT, _DEVICE_GRANT = "authorization_code", "urn:ietf:params:oauth:grant-type:device_code"
_CONSONANTS = "BCDFGHJKLMNPQRSTVWXZ"  # no word can be spelled with them (RFC 8628 section 6.1)
_POLLING = 1  # seconds between the requests of a device


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
            return Answer(json_response({"error": "invalid_request"}, 405, (("Allow", allowed),)), sign_ins)
        try:
            return handle(self, OAuthRequest(request, parameters_of(request), self._issuer(request), sign_ins))
        except OAuthError as error:
            return Answer(error_response(error), sign_ins)

    def _issuer(self, request: Request) -> str:
        return self._options.issuer or f"{origin_of(request)}{request.base_path}{self._issuer_path}"

    # --- The authorization endpoint (RFC 6749 section 3.1) ---

    def authorize(self, request: OAuthRequest) -> Answer:
        """Let the user in, by a page or at once."""
        self._checked_client(request)
        if self._options.asks and request.get("prompt") != "none":
            return Answer(sign_in_page(request, request.needed("client_id"), request.get("scope")), request.sign_ins)
        return self._redirected(request)

    def decide(self, request: OAuthRequest) -> Answer:
        """The user's choice on the page."""
        self._checked_client(request)
        return self._redirected(request, request.get("decision") == "allow")

    def _checked_client(self, request: OAuthRequest) -> None:
        """Raise an error that must not be redirected (RFC 6749 section 4.1.2.1)."""
        request.needed("client_id")
        target = request.needed("redirect_uri")
        if not may_be_redirected_to(target):
            raise OAuthError("invalid_request", "redirect_uri must be an absolute URI without a fragment")

    def _redirected(self, request: OAuthRequest, is_allowed: bool = True) -> Answer:
        kinds = frozenset(request.get("response_type").split())
        state = {"state": request.get("state")} if "state" in request.parameters else {}
        is_in_fragment = request.get("response_mode") == "fragment" or (bool(kinds) and kinds != {"code"})
        try:
            if not is_allowed:
                raise OAuthError("access_denied", "the user refused")
            found = self._granted(request, kinds)
        except OAuthError as error:
            found = {"error": error.code, "error_description": error.description}
        # RFC 9207: the client can tell which server answered.
        query = urlencode({**found, **state, "iss": request.issuer})
        target = request.get("redirect_uri")
        joint = "#" if is_in_fragment else "&" if urlsplit(target).query else "?"
        return Answer(Response(302, (("Location", f"{target}{joint}{query}"), *NO_STORE)), request.sign_ins)

    def _granted(self, request: OAuthRequest, kinds: frozenset[str]) -> dict[str, str]:
        """The parameters that go back to the client."""
        if not kinds or not kinds <= {"code", "token", "id_token"}:
            raise OAuthError("unsupported_response_type", "response_type must be code, token or id_token")
        grant = Grant(
            request.get("client_id"), self._wanted(request.get("scope")), request.user, nonce=request.get("nonce")
        )
        found = {}
        if "code" in kinds:
            method = request.get("code_challenge_method") or "plain"
            if method not in ("plain", "S256"):
                raise OAuthError("invalid_request", "code_challenge_method must be S256 or plain")
            bound = {
                "redirect_uri": request.get("redirect_uri"),
                "challenge": request.get("code_challenge"),
                "method": method,
            }
            found["code"] = grant.token(CODE, request.at, request.issuer, **bound)
        if "token" in kinds:
            lifetime = str(int(LIFETIMES[ACCESS]))
            token = grant.token(ACCESS, request.at, request.issuer)
            found |= {"access_token": token, "token_type": "Bearer", "expires_in": lifetime, "scope": grant.scope}
        if "id_token" in kinds:
            found["id_token"] = id_token(grant, request)
        return found

    def _wanted(self, text: str) -> tuple[str, ...]:
        """The scopes that are asked for; all that are documented where none are."""
        asked = tuple(dict.fromkeys(text.split()))
        unknown = next((scope for scope in asked if self._restricts and scope not in self._scopes), None)
        if unknown is not None:
            raise OAuthError("invalid_scope", f"there is no scope {unknown[:80]}; there are: {' '.join(self._scopes)}")
        return asked or tuple(scope for scope in self._scopes if scope not in _OPENID_SCOPES)

    # --- The token endpoint (RFC 6749 section 3.2) ---

    def token(self, request: OAuthRequest) -> Answer:
        """Tokens for a grant of one of the types in `_GRANTS`."""
        name = request.needed("grant_type")
        if name not in _GRANTS:
            raise OAuthError("unsupported_grant_type", f"grant_type must be one of {', '.join(_GRANTS)}")
        return _GRANTS[name](self, request)

    def from_code(self, request: OAuthRequest) -> Answer:
        """Tokens for a code, once (RFC 6749 section 4.1.3)."""
        code = redeemable(request, request.needed("code"), CODE)
        if code.is_spent(request.sign_ins):
            # The code may have been stolen, so what was issued for it is revoked (RFC 6749 section 4.1.2).
            after = with_spent(request.sign_ins, [code.grant.session], request.at)
            return Answer(error_response(OAuthError("invalid_grant", "the code was used before")), after)
        if request.get("redirect_uri") != code.claims["redirect_uri"]:
            raise OAuthError("invalid_grant", "redirect_uri is another one than that of the authorization")
        check_verifier(code.claims["challenge"], code.claims["method"], request.get("code_verifier"))
        after = with_spent(request.sign_ins, [digest(code.text)], request.at, code.claims["exp"])
        return Answer(token_response(code.grant, request), after)

    def from_refresh_token(self, request: OAuthRequest) -> Answer:
        """Tokens for a refresh token, which is exchanged for another one (RFC 6749 section 6)."""
        before = redeemable(request, request.needed("refresh_token"), REFRESH)
        if before.is_spent(request.sign_ins):
            raise OAuthError("invalid_grant", "the refresh token was used before, or revoked")
        narrower = tuple(request.get("scope").split()) or before.grant.scopes
        if not set(narrower) <= set(before.grant.scopes):
            raise OAuthError("invalid_scope", "the scopes are more than those that were granted")
        grant = Grant(before.grant.client, narrower, before.grant.subject, before.grant.session, before.grant.nonce)
        after = with_spent(request.sign_ins, [digest(before.text)], request.at, before.claims["exp"])
        return Answer(token_response(grant, request), after)

    def from_client(self, request: OAuthRequest) -> Answer:
        """A token for the client itself (RFC 6749 section 4.4)."""
        if not request.get("client_id"):
            raise OAuthError("invalid_client", "client_id and client_secret are missing", 401)
        grant = Grant(request.get("client_id"), self._wanted(request.get("scope")))
        return Answer(token_response(grant, request, is_refreshed=False), request.sign_ins)

    def from_password(self, request: OAuthRequest) -> Answer:
        """Tokens for a user's name and password, whatever that is (RFC 6749 section 4.3)."""
        request.needed("password")
        grant = Grant(
            request.get("client_id"), self._wanted(request.get("scope")), request.needed("username")[:MAX_USER]
        )
        return Answer(token_response(grant, request), request.sign_ins)

    def from_device(self, request: OAuthRequest) -> Answer:
        """Tokens for a device, once its user has allowed it (RFC 8628 section 3.4)."""
        device = redeemable(request, request.needed("device_code"), DEVICE, "expired_token")
        if device.is_spent(request.sign_ins):
            raise OAuthError("invalid_grant", "the device code was used before")
        user = request.sign_ins.devices.get(
            device.claims["user_code"], (ANYBODY, 0.0) if not self._options.asks else None
        )
        if user is None:
            raise OAuthError("authorization_pending", "the user has not decided yet")
        if not user[0]:
            raise OAuthError("access_denied", "the user refused")
        grant = Grant(device.grant.client, device.grant.scopes, user[0], device.grant.session)
        after = with_spent(request.sign_ins, [digest(device.text)], request.at, device.claims["exp"])
        return Answer(token_response(grant, request), after)

    # --- Devices (RFC 8628) ---

    def authorize_device(self, request: OAuthRequest) -> Answer:
        """A code for a device, and another one for its user."""
        grant = Grant(request.needed("client_id"), self._wanted(request.get("scope")))
        number = int(digest(grant.session), 16)
        letters = "".join(_CONSONANTS[number // 20**place % 20] for place in range(8))
        user_code = f"{letters[:4]}-{letters[4:]}"
        page = f"{self._url(request)}device"
        return Answer(
            json_response(
                {
                    "device_code": grant.token(DEVICE, request.at, request.issuer, user_code=user_code),
                    "user_code": user_code,
                    "verification_uri": page,
                    "verification_uri_complete": f"{page}?user_code={user_code}",
                    "expires_in": int(LIFETIMES[DEVICE]),
                    "interval": _POLLING,
                }
            ),
            request.sign_ins,
        )

    def ask_for_device(self, request: OAuthRequest) -> Answer:
        """The page on which the user of a device allows it."""
        return Answer(sign_in_page(request, "a device", "", is_device=True), request.sign_ins)

    def decide_for_device(self, request: OAuthRequest) -> Answer:
        """The user's choice on that page."""
        user = request.user if request.get("decision") == "allow" else ""
        after = with_device(request.sign_ins, request.needed("user_code").upper(), user, request.at)
        return Answer(
            html_page(f"<p>The device is {'signed in' if user else 'refused'}. You may close this page.</p>"), after
        )

    # --- Tokens afterwards ---

    def userinfo(self, request: OAuthRequest) -> Answer:
        """The user of an access token (OpenID Connect Core section 5.3)."""
        scheme, _, token = request.http.headers.get("authorization", "").partition(" ")
        text = token.strip() if scheme.lower() == "bearer" else request.get("access_token")
        issued = read_issued(text, ACCESS, request.at)
        if issued is None or issued.is_spent(request.sign_ins):
            challenge = (("WWW-Authenticate", 'Bearer error="invalid_token"'),)
            body = {"error": "invalid_token", "error_description": "the access token is not valid here, or expired"}
            return Answer(json_response(body, 401, challenge), request.sign_ins)
        return Answer(json_response(user_claims(issued.grant)), request.sign_ins)

    def introspect(self, request: OAuthRequest) -> Answer:
        """Whether a token is active, and what it says (RFC 7662)."""
        text = request.needed("token")
        issued = read_issued(text, ACCESS, request.at) or read_issued(text, REFRESH, request.at)
        if issued is None or issued.is_spent(request.sign_ins):
            return Answer(json_response({"active": False}), request.sign_ins)
        claims = {name: issued.claims[name] for name in ("scope", "client_id", "sub", "iss", "iat", "exp", "jti")}
        return Answer(json_response({"active": True, "token_type": "Bearer", **claims}), request.sign_ins)

    def revoke(self, request: OAuthRequest) -> Answer:
        """Revoke a token, and with a refresh token all of its session (RFC 7009)."""
        text = request.needed("token")
        refresh = read_issued(text, REFRESH, request.at)
        names = [digest(text), *([refresh.grant.session] if refresh else ())]
        return Answer(Response(200, NO_STORE), with_spent(request.sign_ins, names, request.at))

    def sign_out(self, request: OAuthRequest) -> Answer:
        """Back to the client (OpenID Connect RP-Initiated Logout 1.0)."""
        target = request.get("post_logout_redirect_uri")
        if not may_be_redirected_to(target):
            return Answer(html_page("<p>You are signed out.</p>"), request.sign_ins)
        query = urlencode({"state": request.get("state")}) if request.get("state") else ""
        joint = ("&" if urlsplit(target).query else "?") if query else ""
        return Answer(Response(302, (("Location", f"{target}{joint}{query}"), *NO_STORE)), request.sign_ins)

    # --- Metadata ---

    def keys(self, request: OAuthRequest) -> Answer:
        """The keys that ID tokens are checked with."""
        return Answer(json_response(key_set()), request.sign_ins)

    def metadata(self, request: OAuthRequest) -> Answer:
        """The metadata of the server: where everything is (RFC 8414, OpenID Connect Discovery 1.0)."""
        base = self._url(request)
        methods = ["client_secret_basic", "client_secret_post", "none"]
        return Answer(
            json_response(
                {
                    "issuer": request.issuer,
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
            request.sign_ins,
        )

    def _url(self, request: OAuthRequest) -> str:
        """The URL below which the endpoints are, for a client: that of the issuer's host where there is an issuer."""
        parts = urlsplit(self._options.issuer)
        origin = f"{parts.scheme}://{parts.netloc}" if parts.netloc else origin_of(request.http)
        return f"{origin}{request.http.base_path}{self._folder}"


_EndpointMethod = Callable[[AuthorizationServer, OAuthRequest], Answer]
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


def _path_of(url: str, base_path: str) -> str:
    """The path of a URL, which may be relative to that of the API; empty for one that cannot be parsed."""
    try:
        return urljoin(f"{base_path}/", urlsplit(url).path)
    except ValueError:
        return ""
