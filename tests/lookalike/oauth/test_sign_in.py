"""Sign-in: a real client library completes each flow, and what a real server refuses is refused here."""

import base64
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwk, jwt
from werkzeug.test import Client

import lookalike
from lookalike.assembly import Sources, load
from lookalike.http import Headers, Request, Response
from lookalike.oauth.server import AT_ONCE, SignInOptions
from lookalike.sandboxes import Sandboxes
from lookalike.server.app import create_app
from lookalike.server.dispatch import Dispatcher
from lookalike.server.mock_handler import MockOptions
from lookalike.server.serve import MockServer
from lookalike.service import MockService
from lookalike.snapshots import MockClock, as_data, read_snapshot
from lookalike.stores.opening import open_stores
from tests.support.paths import FIXTURES
from tests.support.running import PATIENCE, running_mock

SHOP = Path(__file__).with_name("shop.yaml")
OWN = "/__lookalike/oauth/"
TOKEN, AUTHORIZE = "/oauth/token", "/oauth/authorize"  # paths
CALLBACK = "http://localhost:8080/callback?from=shop"
FORM = {"content-type": "application/x-www-form-urlencoded"}
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
NOW = 1_800_000_000.0


class Shop:
    """A mock of the shop in this process, by its dispatcher, and the time there."""

    def __init__(self, mock: MockService | None = None, sign_in: SignInOptions = AT_ONCE) -> None:
        self.mock = mock or lookalike.Mock(lookalike.load(SHOP))
        self.now = NOW
        self._site = Dispatcher(self.mock, MockOptions("/v1", sign_in=sign_in), Sandboxes(self.mock))

    def ask(self, method: str, target: str, body: bytes = b"", client: str = "192.0.2.1", **headers: str) -> Response:
        path, _, query = target.partition("?")
        fields = {"host": "shop.test", **{name.replace("_", "-"): value for name, value in headers.items()}}
        return self._site.respond(Request(method, path, query, Headers(fields), body, self.now), client)

    def post(self, path: str, **parameters: str) -> Response:
        return self.ask("POST", path, urlencode(parameters).encode(), **FORM)

    def authorize(self, method: str = "GET", **parameters: str) -> Response:
        asked = {"client_id": "app", "redirect_uri": CALLBACK, "response_type": "code", **parameters}
        given = urlencode({name: value for name, value in asked.items() if value})
        if method == "POST":
            return self.ask("POST", AUTHORIZE, given.encode(), **FORM)
        return self.ask("GET", f"{AUTHORIZE}?{given}")

    def code(self, **parameters: str) -> str:
        return returned(self.authorize(**parameters))["code"]

    def tokens(self, **parameters: str) -> Any:
        code = self.code(scope="orders:read openid", **parameters)
        return self.post(TOKEN, grant_type="authorization_code", code=code, redirect_uri=CALLBACK).json()

    def orders(self, token: str, method: str = "GET") -> int:
        return self.ask(method, "/v1/orders", Authorization=f"Bearer {token}").status


def returned(response: Response) -> dict[str, str]:
    """The parameters that an authorization sends back to the client."""
    location = response.header("Location")
    assert (response.status, location is not None) == (302, True), response.body
    parts = urlsplit(location or "")
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == CALLBACK.partition("?")[0]
    return {name: value for name, [value] in parse_qs(parts.fragment or parts.query).items()}


def error_of(response: Response) -> tuple[int, str]:
    return response.status, response.json()["error"]


@pytest.fixture(scope="module")
def server() -> Iterator[MockServer]:
    with lookalike.Mock(lookalike.load(SHOP)).serve() as served:
        yield served


@pytest.fixture(scope="module")
def metadata(server: MockServer) -> Any:
    """What a client finds at the URL of the document, on this server."""
    return requests.get(f"http://127.0.0.1:{server.port}/.well-known/openid-configuration", timeout=PATIENCE).json()


class TestRealClient:
    def test_authorization_code_with_pkce_refresh_and_userinfo(self, server: MockServer, metadata: Any) -> None:
        scope = "openid profile email orders:read"
        app = OAuth2Session("app", "any", scope=scope, redirect_uri=CALLBACK, code_challenge_method="S256")
        verifier = generate_token(48)
        url, state = app.create_authorization_url(
            metadata["authorization_endpoint"], code_verifier=verifier, nonce="once", login_hint="asha.rao"
        )
        location = requests.get(url, allow_redirects=False, timeout=PATIENCE).headers["Location"]
        tokens = app.fetch_token(
            metadata["token_endpoint"], authorization_response=location, code_verifier=verifier, state=state
        )
        keys = jwk.KeySet.import_key_set(requests.get(metadata["jwks_uri"], timeout=PATIENCE).json())
        claims = jwt.decode(tokens["id_token"], keys).claims
        claimed = {name: claims[name] for name in ("iss", "aud", "nonce", "sub", "email")}
        assert claimed == {
            "iss": metadata["issuer"],
            "aud": "app",
            "nonce": "once",
            "sub": "asha.rao",
            "email": "asha.rao@example.com",
        }
        assert app.get(f"{server.url}/orders").status_code == 200
        before = app.token["access_token"]
        app.refresh_token(metadata["token_endpoint"])
        assert app.token["access_token"] != before
        assert app.get(metadata["userinfo_endpoint"]).json()["name"] == "Asha Rao"
        assert app.introspect_token(metadata["introspection_endpoint"]).json()["active"] is True
        app.post(metadata["revocation_endpoint"], data={"token": app.token["access_token"]})
        assert app.introspect_token(metadata["introspection_endpoint"], token=app.token["access_token"]).json() == {
            "active": False
        }
        assert app.get(f"{server.url}/orders").status_code == 401

    def test_client_credentials_and_the_scopes_that_they_open(self, server: MockServer, metadata: Any) -> None:
        service = OAuth2Session("service", "any secret", scope="orders:write")
        service.fetch_token(metadata["token_endpoint"], grant_type="client_credentials")
        assert "refresh_token" not in service.token
        assert service.post(f"{server.url}/orders").status_code == 201
        refused = service.get(f"{server.url}/orders")
        assert refused.status_code == 403
        assert "insufficient_scope" in refused.headers["WWW-Authenticate"]

    def test_a_password(self, server: MockServer, metadata: Any) -> None:
        app = OAuth2Session("app", scope="orders:read", token_endpoint_auth_method="none")
        app.fetch_token(metadata["token_endpoint"], username="bea", password="any")
        assert app.get(metadata["userinfo_endpoint"]).json() == {"sub": "bea"}

    def test_a_device(self, server: MockServer, metadata: Any) -> None:
        asked = {"client_id": "tv", "scope": "orders:read"}
        device = requests.post(metadata["device_authorization_endpoint"], data=asked, timeout=PATIENCE).json()
        app = OAuth2Session("tv", token_endpoint_auth_method="none")
        app.fetch_token(metadata["token_endpoint"], grant_type=DEVICE_GRANT, device_code=device["device_code"])
        assert app.get(f"{server.url}/orders").status_code == 200


class TestCodes:
    def test_a_code_is_used_once_and_its_tokens_are_revoked_by_a_second_time(self) -> None:
        shop = Shop()
        request = {"grant_type": "authorization_code", "code": shop.code(), "redirect_uri": CALLBACK}
        tokens = shop.post(TOKEN, **request).json()
        assert shop.orders(tokens["access_token"]) == 200
        assert error_of(shop.post(TOKEN, **request)) == (400, "invalid_grant")
        assert shop.orders(tokens["access_token"]) == 401

    @pytest.mark.parametrize(
        "changed",
        [
            {"redirect_uri": "http://localhost:8080/other"},
            {"redirect_uri": ""},
            {"client_id": "another"},
            {"code_verifier": "another"},
            {"code_verifier": ""},
            {"code": "none"},
            {"code": "a.b.c"},
        ],
    )
    @pytest.mark.parametrize("method", ["plain", "S256"])
    def test_a_code_is_of_its_client_its_redirect_and_its_verifier(self, method: str, changed: dict[str, str]) -> None:
        shop = Shop()
        verifier = "n1C2vzGBaTrmYdkLXDpBzKpTnrwQjTpR5pJ7iJoCGiY"
        challenge = verifier if method == "plain" else hashed(verifier)
        code = shop.code(code_challenge=challenge, code_challenge_method=method)
        right = {"code": code, "redirect_uri": CALLBACK, "client_id": "app", "code_verifier": verifier}
        request = {"grant_type": "authorization_code", **right}
        assert error_of(shop.post(TOKEN, **{**request, **changed})) == (400, "invalid_grant")
        assert shop.post(TOKEN, **request).status == 200

    def test_a_code_expires_by_the_clock_of_the_mock(self) -> None:
        shop = Shop()
        code = shop.code()
        shop.mock.clock = MockClock(61.0)
        found = shop.post(TOKEN, grant_type="authorization_code", code=code, redirect_uri=CALLBACK)
        assert error_of(found) == (400, "invalid_grant")


def hashed(verifier: str) -> str:
    """The challenge of a verifier by the method S256 (RFC 7636 section 4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


class TestTokens:
    def test_a_token_expires_by_the_clock_of_the_mock_and_is_refreshed(self) -> None:
        shop = Shop()
        tokens = shop.tokens()
        shop.mock.clock = MockClock(3601.0)
        assert shop.orders(tokens["access_token"]) == 401
        again = shop.post(TOKEN, grant_type="refresh_token", refresh_token=tokens["refresh_token"]).json()
        assert shop.orders(again["access_token"]) == 200

    def test_a_refresh_token_is_used_once_and_may_narrow_its_scopes(self) -> None:
        shop = Shop()
        request = {"grant_type": "refresh_token", "refresh_token": shop.tokens()["refresh_token"]}
        assert error_of(shop.post("/oauth/refresh", **request, scope="orders:write")) == (400, "invalid_scope")
        narrow = shop.post("/oauth/refresh", **request, scope="openid").json()
        assert narrow["scope"] == "openid"
        assert shop.orders(narrow["access_token"]) == 403
        assert error_of(shop.post("/oauth/refresh", **request)) == (400, "invalid_grant")

    @pytest.mark.parametrize("use", ["refresh_token", "id_token"])
    def test_only_an_access_token_opens_the_api_and_the_user(self, use: str) -> None:
        shop = Shop()
        token = shop.tokens()[use]
        assert error_of(shop.ask("GET", f"{OWN}userinfo", Authorization=f"Bearer {token}")) == (401, "invalid_token")
        if use == "refresh_token":  # one of another issuer is taken as it comes without a tokens file
            assert shop.orders(token) == 401

    def test_revoking_a_refresh_token_ends_its_session(self) -> None:
        shop = Shop()
        tokens, others = shop.tokens(), shop.tokens()
        assert shop.post(f"{OWN}revoke", token=tokens["refresh_token"]).status == 200
        assert [shop.orders(one["access_token"]) for one in (tokens, others)] == [401, 200]
        assert shop.ask("GET", "/v1/public", Authorization=f"Bearer {tokens['access_token']}").status == 200

    def test_access_tokens_can_be_revoked_too(self) -> None:
        shop = Shop()
        assert shop.orders("from-elsewhere") == 200
        shop.post(f"{OWN}revoke", token="from-elsewhere")
        assert [shop.orders(token) for token in ("from-elsewhere", "another")] == [401, 200]

    def test_a_tokens_file_does_not_close_the_sign_in(self) -> None:
        shop = Shop(lookalike.Mock(lookalike.load(SHOP), tokens={"oauth": [{"token": "listed"}]}))
        tokens = shop.tokens()
        assert [shop.orders(token) for token in (tokens["access_token"], tokens["refresh_token"])] == [200, 401]


class TestErrors:
    @pytest.mark.parametrize(
        ("parameters", "code", "status"),
        [
            ({}, "invalid_request", 400),
            ({"grant_type": "magic"}, "unsupported_grant_type", 400),
            ({"grant_type": "authorization_code"}, "invalid_request", 400),
            ({"grant_type": "client_credentials"}, "invalid_client", 401),
            ({"grant_type": "client_credentials", "client_id": "a", "scope": "orders:eat"}, "invalid_scope", 400),
            ({"grant_type": "password", "username": "a"}, "invalid_request", 400),
            ({"grant_type": "refresh_token", "refresh_token": "x"}, "invalid_grant", 400),
            ({"grant_type": DEVICE_GRANT, "device_code": "x"}, "expired_token", 400),
            ({"grant_type": "x" * 5000}, "invalid_request", 400),
        ],
    )
    def test_a_token_request_that_is_wrong_is_refused_as_the_rfc_says(
        self, parameters: dict[str, str], code: str, status: int
    ) -> None:
        response = Shop().post(TOKEN, **parameters)
        assert error_of(response) == (status, code)
        assert response.header("Cache-Control") == "no-store"
        assert (response.header("WWW-Authenticate") is not None) == (status == 401)

    @pytest.mark.parametrize(
        ("parameters", "code"),
        [
            ({"response_type": "magic"}, "unsupported_response_type"),
            ({"response_type": ""}, "unsupported_response_type"),
            ({"scope": "orders:eat"}, "invalid_scope"),
            ({"code_challenge": "x", "code_challenge_method": "S512"}, "invalid_request"),
        ],
    )
    def test_a_wrong_authorization_goes_back_to_the_client(self, parameters: dict[str, str], code: str) -> None:
        found = returned(Shop().authorize(state="mine", **parameters))
        assert (found["error"], found["state"]) == (code, "mine")

    @pytest.mark.parametrize(
        "target",
        [
            "",
            "/callback",
            "javascript:alert(1)",
            "data:text/html,x",
            "http://a/#b",
            "http://a/\r\nX: y",
            "http://[/",
            "é:x",
        ],
    )
    def test_no_client_is_redirected_to_an_invalid_uri(self, target: str) -> None:
        response = Shop().authorize(redirect_uri=target)
        assert error_of(response) == (400, "invalid_request")
        out = Shop().ask("GET", f"{OWN}logout?{urlencode({'post_logout_redirect_uri': target})}")
        assert (out.status, out.header("Location")) == (200, None)

    @pytest.mark.parametrize(("method", "path"), [("GET", TOKEN), ("DELETE", AUTHORIZE), ("PUT", f"{OWN}jwks")])
    def test_another_method_is_not_allowed(self, method: str, path: str) -> None:
        response = Shop().ask(method, path)
        assert response.status == 405
        assert response.header("Allow")

    @pytest.mark.parametrize("field", ["Basic !", "Basic", "Basic /w=="])
    def test_a_client_that_cannot_be_read_is_invalid(self, field: str) -> None:
        response = Shop().ask("POST", TOKEN, b"grant_type=client_credentials", Authorization=field, **FORM)
        assert error_of(response) == (401, "invalid_client")

    @pytest.mark.parametrize(
        ("body", "status"),
        [(b'{"grant_type": "client_credentials", "client_id": "a"}', 200), (b"[", 400), (b"[]", 400)],
    )
    def test_a_token_request_may_be_json(self, body: bytes, status: int) -> None:
        assert Shop().ask("POST", TOKEN, body, content_type="application/json").status == status


class TestPage:
    ASKING = SignInOptions(asks=True)

    def test_the_user_chooses_a_name_and_allows_or_refuses(self) -> None:
        shop = Shop(sign_in=self.ASKING)
        page = shop.authorize(state='"><script>', scope="orders:read")
        text = page.body.decode()
        assert (page.status, "<script>" in text, "orders:read" in text) == (200, False, True)
        fields = {name: unescape(value) for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', text)}
        assert fields["state"] == '"><script>'
        allowed = returned(shop.authorize("POST", **{**fields, "user": "bea", "decision": "allow"}))
        tokens = shop.post(TOKEN, grant_type="authorization_code", code=allowed["code"], redirect_uri=CALLBACK).json()
        user = shop.ask("GET", f"{OWN}userinfo", Authorization=f"Bearer {tokens['access_token']}").json()
        assert user == {"sub": "bea"}
        refused = returned(shop.authorize("POST", **{**fields, "decision": "refuse"}))
        assert (refused["error"], refused["state"]) == ("access_denied", fields["state"])

    @pytest.mark.parametrize(("decision", "expected"), [("allow", 200), ("refuse", 400)])
    def test_a_device_waits_for_its_user(self, decision: str, expected: int) -> None:
        shop = Shop(sign_in=self.ASKING)
        device = shop.post(f"{OWN}device_authorization", client_id="tv", scope="orders:read").json()
        asked = {"grant_type": DEVICE_GRANT, "device_code": device["device_code"], "client_id": "tv"}
        assert error_of(shop.post(TOKEN, **asked)) == (400, "authorization_pending")
        page = shop.ask("GET", urlsplit(device["verification_uri_complete"]).path + "?user_code=" + device["user_code"])
        assert device["user_code"] in page.body.decode()
        shop.post(f"{OWN}device", user_code=device["user_code"].lower(), decision=decision)
        assert shop.post(TOKEN, **asked).status == expected
        assert error_of(shop.post(TOKEN, **asked))[1] == ("invalid_grant" if expected == 200 else "access_denied")


class TestPlaces:
    def test_the_paths_of_the_document_and_our_own_are_served(self) -> None:
        shop = Shop()
        assert {shop.post(path).status for path in (TOKEN, "/oauth/refresh", "/v1/login", f"{OWN}token")} == {400}
        for path in ("/.well-known/openid-configuration", f"{OWN}.well-known/oauth-authorization-server"):
            assert shop.ask("GET", path).json()["issuer"] == "http://shop.test"

    def test_without_a_url_of_its_own_the_issuer_is_below_the_control_api(self) -> None:
        scheme = {"type": "oauth2", "flows": {"clientCredentials": {"tokenUrl": "https://a.example/t", "scopes": {}}}}
        document = {
            "openapi": "3.1.0",
            "info": {"title": "x", "version": "1"},
            "paths": {},
            "components": {"securitySchemes": {"s": scheme}},
        }
        shop = Shop(lookalike.Mock(lookalike.load(document)))
        found = shop.ask("GET", f"{OWN}.well-known/openid-configuration").json()
        assert found["issuer"] == "http://shop.test/__lookalike/oauth"

    def test_a_path_that_is_an_operation_stays_one(self) -> None:
        data = lookalike.load(SHOP).document.data
        operation = {"operationId": "logIn", "security": [], "responses": {"202": {"description": "mine"}}}
        paths = {**data["paths"], "/token": {"servers": [{"url": "/oauth"}], "post": operation}}
        shop = Shop(lookalike.Mock(lookalike.load({**data, "paths": paths})))
        assert shop.post(TOKEN).status == 202
        assert shop.post(f"{OWN}token").status == 400

    def test_a_document_without_sign_in_has_no_endpoints(self) -> None:
        shop = Shop(lookalike.Mock(lookalike.load(FIXTURES / "contracts" / "pets" / "openapi.yaml")))
        assert shop.ask("POST", f"{OWN}token").status == 403  # the control API is not for others
        assert shop.ask("POST", f"{OWN}token", client="127.0.0.1", host="localhost").status == 404

    def test_the_control_api_beside_them_stays_closed(self) -> None:
        shop = Shop()
        for path in ("oauth", "oauth/state", "oauth/token/", "state"):
            assert shop.ask("GET", f"/__lookalike/{path}").status == 403

    def test_pages_of_other_origins_may_use_them(self) -> None:
        shop = Shop()
        answer = shop.ask("POST", TOKEN, b"", origin="http://spa.example", **FORM)
        assert answer.header("Access-Control-Allow-Origin") == "http://spa.example"
        origin = "http://spa.example"
        assert shop.ask("OPTIONS", TOKEN, origin=origin, access_control_request_method="POST").status == 204

    def test_an_issuer_names_the_host_by_which_clients_come(self) -> None:
        shop = Shop(sign_in=SignInOptions("https://login.example/realm"))
        found = shop.ask("GET", "/.well-known/openid-configuration").json()
        assert found["issuer"] == "https://login.example/realm"
        assert found["token_endpoint"] == f"https://login.example{OWN}token"

    def test_they_are_options_of_the_command(self) -> None:
        with running_mock(str(SHOP), "--issuer", "https://login.example/", "--sign-in", "page") as mock:
            found = json.loads(mock.request("GET", "/.well-known/openid-configuration")[2])
            assert found["issuer"] == "https://login.example"
            query = urlencode({"client_id": "app", "redirect_uri": CALLBACK, "response_type": "code"})
            assert b"<form" in mock.request("GET", f"{AUTHORIZE}?{query}")[2]

    def test_over_wsgi_they_are_the_same(self) -> None:
        client = Client(create_app(lookalike.Mock(lookalike.load(SHOP)), MockOptions("/v1")))
        for path in (TOKEN, f"{OWN}token", f"/__sandbox/a{OWN}token"):
            found = client.post(path, data={"grant_type": "client_credentials", "client_id": "a"})
            assert (found.status_code, found.json is not None) == (200, True)


class TestState:
    def test_sandboxes_revoke_apart_and_a_sandbox_in_the_path_is_kept(self) -> None:
        shop = Shop()
        token = shop.tokens()["access_token"]
        assert shop.post(f"/__sandbox/a{OWN}revoke", token=token).status == 200
        assert shop.orders(token) == 200
        assert shop.ask("GET", "/v1/orders", Authorization=f"Bearer {token}", lookalike_sandbox="a").status == 401
        found = shop.ask("GET", f"/__sandbox/a{OWN}.well-known/openid-configuration").json()
        assert found["token_endpoint"] == f"http://shop.test/__sandbox/a{OWN}token"

    def test_a_reset_and_a_snapshot_have_the_revocations_of_their_time(self) -> None:
        shop = Shop()
        token = shop.tokens()["access_token"]
        shop.post(f"{OWN}revoke", token=token)
        file = json.loads(json.dumps(as_data(shop.mock.snapshot())))
        shop.mock.reset()
        assert shop.orders(token) == 200
        shop.mock.restore(read_snapshot(file, "file"))
        assert shop.orders(token) == 401

    @pytest.mark.parametrize(
        "sign_ins", [[], {}, {"spent": {"a": "b"}, "devices": {}}, {"spent": {}, "devices": {"a": ["b"]}}]
    )
    def test_a_snapshot_with_invalid_sign_ins_is_refused(self, sign_ins: Any) -> None:
        with pytest.raises(lookalike.UsageError, match="sign_ins"):
            read_snapshot({"items": {}, "sign_ins": sign_ins}, "file")

    def test_two_processes_share_codes_devices_and_revocations(self, tmp_path: Path) -> None:
        with replicas(f"sqlite:///{tmp_path}/state.db") as (one, two):
            code = one.code()
            request = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
            tokens = two.post(TOKEN, **request).json()
            assert one.orders(tokens["access_token"]) == 200
            assert one.post(TOKEN, **request).status == 400
            assert two.orders(tokens["access_token"]) == 401
            device = one.post(f"{OWN}device_authorization", client_id="tv").json()
            two.post(f"{OWN}device", user_code=device["user_code"], decision="refuse")
            asked = {"grant_type": DEVICE_GRANT, "device_code": device["device_code"]}
            assert error_of(one.post(TOKEN, **asked)) == (400, "access_denied")


@contextmanager
def replicas(url: str) -> Iterator[tuple[Shop, Shop]]:
    parts = load(Sources(SHOP))
    choices: Mapping[str, str] = parts.choices
    with ExitStack() as stack:
        made = []
        for _ in range(2):
            stores = open_stores(url, 2**20)
            stack.callback(stores.close)
            made.append(Shop(MockService(parts.model, stores.open("default"), choices, parts.data)))
        yield made[0], made[1]
