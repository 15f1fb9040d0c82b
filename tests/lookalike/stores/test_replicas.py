"""Two processes on one store answer as one: all that a client can notice at one of them, it finds at the other."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from lookalike.assembly import Parts, Sources, assemble, load
from lookalike.callbacks.sender import CallbackSender
from lookalike.http import Headers, Request, Response
from lookalike.sandboxes import DEFAULT, Sandboxes
from lookalike.server.dispatch import Dispatcher
from lookalike.server.mock_handler import MockOptions
from lookalike.stores.opening import open_stores
from tests.support.databases import PostgresqlServer

NOW = 1_800_000_000.0
CALLBACK = "http://localhost:8080/callback"
ORDERS = "/orders"
JSON = {"content-type": "application/json"}
DOCUMENT = Path(__file__).with_name("orders.yaml")


class Replica:
    """A process on a store, by its dispatcher, as a client on the same machine sees it."""

    def __init__(self, parts: Parts, url: str) -> None:
        self.stores = open_stores(url, 2**20)
        mock = assemble(parts, store=self.stores.open(DEFAULT))
        mock.callbacks = CallbackSender()
        self._dispatcher = Dispatcher(mock, MockOptions(), Sandboxes(mock, stores=self.stores))

    def ask(self, method: str, target: str, body: bytes = b"", **headers: str) -> Response:
        path, _, query = target.partition("?")
        fields = {"host": "localhost", **{name.replace("_", "-"): value for name, value in headers.items()}}
        request = Request(method, path, query, Headers(fields), body, NOW)
        return self._dispatcher.respond(request, "127.0.0.1")

    def control(self, method: str, path: str, body: bytes = b"", **headers: str) -> Response:
        return self.ask(method, f"/__lookalike/{path}", body, **headers)

    def status(self, method: str, target: str, body: bytes = b"", **headers: str) -> int:
        return self.ask(method, target, body, **headers).status

    def post(self, path: str, **parameters: str) -> Response:
        content_type = {"content_type": "application/x-www-form-urlencoded"}
        return self.ask("POST", path, urlencode(parameters).encode(), **content_type)

    def order(self, text: str = "tea", **headers: str) -> Response:
        return self.ask("POST", ORDERS, b'{"text": "%s"}' % text.encode(), **JSON, **headers)

    def code(self) -> str:
        asked = {"client_id": "app", "redirect_uri": CALLBACK, "response_type": "code", "scope": "orders"}
        location = str(self.ask("GET", f"/oauth/authorize?{urlencode(asked)}").header("Location"))
        return parse_qs(urlsplit(location).query)["code"][0]

    def redeem(self, code: str) -> Response:
        grant = {"grant_type": "authorization_code", "client_id": "app", "redirect_uri": CALLBACK}
        return self.post("/oauth/token", code=code, **grant)

    def secrets(self, token: str) -> int:
        return self.ask("GET", "/secrets", authorization=f"Bearer {token}").status

    def token(self) -> str:
        token: str = self.redeem(self.code()).json()["access_token"]
        return token


@pytest.fixture(scope="module")
def parts() -> Parts:
    return load(Sources(DOCUMENT))


@pytest.fixture(params=["sqlite", "postgresql"])
def pair(request: pytest.FixtureRequest, tmp_path: Path, parts: Parts) -> Iterator[tuple[Replica, Replica]]:
    def replicas(url: str) -> Iterator[tuple[Replica, Replica]]:
        found = Replica(parts, url), Replica(parts, url)
        yield found
        for replica in found:
            replica.stores.close()

    if request.param == "sqlite":
        yield from replicas(f"sqlite:///{tmp_path}/state.db")
        return
    server: PostgresqlServer = request.getfixturevalue("postgresql_server")
    with server.database() as url:
        yield from replicas(url)


def an_order_is_found(one: Replica, other: Replica) -> None:
    assert one.order("cake").status == 201
    assert [order["text"] for order in other.ask("GET", ORDERS).json()] == ["cake"]
    assert other.order("tea").json()["id"] == 2


def a_sign_in_code_is_redeemed_once(one: Replica, other: Replica) -> None:
    code = one.code()
    assert [replica.redeem(code).status for replica in (other, one, other)] == [200, 400, 400]


def a_token_is_revoked(one: Replica, other: Replica) -> None:
    token = one.token()
    assert other.secrets(token) == 200
    one.post("/__lookalike/oauth/revoke", token=token, client_id="app")
    assert other.secrets(token) == 401


def a_key_is_replayed(one: Replica, other: Replica) -> None:
    first, second = one.order(idempotency_key="k"), other.order(idempotency_key="k")
    assert (first.status, first.body) == (second.status, second.body)
    assert "the response to the first request" in str(second.header("Lookalike-Reason"))
    assert other.order("cake", idempotency_key="k").status == 422
    assert len(one.ask("GET", ORDERS).json()) == 1


def a_fault_is_counted_together(one: Replica, other: Replica) -> None:
    one.control("PUT", "faults/third", b'{"every": 3, "status": 503}')
    asked = [one, other, other, one, one, other]
    assert [replica.status("GET", ORDERS) for replica in asked] == [200, 200, 503, 200, 200, 503]
    assert other.control("GET", "faults/third").json()["requests"] == 6


def a_fault_is_added_to_those_of_the_other(one: Replica, other: Replica) -> None:
    one.control("PUT", "faults/a", b'{"every": 3, "status": 503}')
    other.control("PUT", "faults/b", b'{"every": 5, "status": 502}')
    assert [fault["name"] for fault in one.control("GET", "faults").json()] == ["a", "b"]
    other.control("PUT", "clock", b'{"time": "2031-05-01T00:00:00Z", "stopped": true}')
    assert len(one.control("GET", "faults").json()) == 2


def a_scenario_goes_on(one: Replica, other: Replica) -> None:
    one.control("PUT", "faults/s", b'{"answers": [{"status": 503}, "real", {"status": 502}], "operation": "list"}')
    assert [replica.status("GET", ORDERS) for replica in (other, one, other, one)] == [503, 200, 502, 200]


def a_clock_is_set(one: Replica, other: Replica) -> None:
    one.control("PUT", "clock", b'{"time": "2031-05-01T00:00:00Z", "stopped": true}')
    assert other.control("GET", "clock").json()["time"] == "2031-05-01T00:00:00.000Z"
    other.order()
    assert one.control("GET", "journal").json()[0]["at"] == 1935360000.0


def a_snapshot_is_restored(one: Replica, other: Replica) -> None:
    one.order("cake")
    assert one.control("PUT", "snapshots/full").status == 201
    one.control("POST", "reset")
    assert other.control("GET", "snapshots").json() == [{"name": "full", "items": 1}]
    assert other.control("POST", "snapshots/full/restore").status == 204
    assert [order["text"] for order in one.ask("GET", ORDERS).json()] == ["cake"]
    assert other.control("DELETE", "snapshots/full").status == 204
    assert one.control("GET", "snapshots/full").status == 404


def the_journal_is_of_both(one: Replica, other: Replica) -> None:
    one.order("cake")
    other.status("GET", "/orders/9")
    found = [
        [
            (entry["request"]["method"], entry["response"]["status"])
            for entry in replica.control("GET", "journal").json()
        ]
        for replica in (one, other)
    ]
    assert found == [[("GET", 404), ("POST", 201)]] * 2
    assert [len(replica.control("GET", "near-misses").json()) for replica in (one, other)] == [1, 1]
    other.control("DELETE", "journal")
    assert one.control("GET", "journal").json() == []


def a_reset_is_one_of_all(one: Replica, other: Replica) -> None:
    first = one.order(idempotency_key="k")
    one.control("PUT", "faults/all", b'{"status": 503}')
    one.control("PUT", "clock", b'{"move": 3600}')
    assert other.control("POST", "reset").status == 204
    assert one.ask("GET", ORDERS).json() == []
    assert one.control("GET", "faults").json() == []
    assert one.control("GET", "clock").json()["offset"] == 0
    assert [entry["request"]["method"] for entry in one.control("GET", "journal").json()] == ["GET"]
    assert "first request" not in str(one.order(idempotency_key="k").header("Lookalike-Reason"))
    assert first.status == 201


def a_delivery_is_listed_and_forgotten(one: Replica, other: Replica) -> None:
    one.control("PUT", "webhook-targets", b'[{"url": "http://10.0.0.1/"}]')
    assert other.control("GET", "webhook-targets").json()[0]["url"] == "http://10.0.0.1/"
    for replica in (one, other):
        replica.order("cake")
    found = [replica.control("GET", "callbacks").json() for replica in (one, other)]
    assert found[0] == found[1]
    assert [(sent["number"], sent["callback"], sent["state"]) for sent in found[0]] == [
        (2, "orderCreated", "refused"),
        (1, "orderCreated", "refused"),
    ]
    one.control("POST", "reset")
    assert other.control("GET", "callbacks").json() == []
    one.control("POST", "webhooks/orderCreated", b'{"url": "http://10.0.0.1/"}')
    assert [sent["number"] for sent in other.control("GET", "callbacks").json()] == [3]


def a_sandbox_is_listed_used_and_deleted(one: Replica, other: Replica) -> None:
    one.status("GET", ORDERS, lookalike_sandbox="read")
    one.order("cake", lookalike_sandbox="changed")
    assert one.control("PUT", "sandboxes/made").status == 201
    names = [sandbox["name"] for sandbox in other.control("GET", "sandboxes").json()]
    assert sorted(names) == ["changed", DEFAULT, "made", "read"]
    assert other.control("GET", "sandboxes/made").status == 200
    assert len(other.ask("GET", ORDERS, lookalike_sandbox="changed").json()) == 1
    assert other.control("DELETE", "sandboxes/changed").status == 204
    assert one.control("GET", "sandboxes/changed").status == 404
    assert one.ask("GET", ORDERS, lookalike_sandbox="changed").json() == []
    assert other.control("GET", "sandboxes/changed").status == 200


PAIRS: Mapping[str, Callable[[Replica, Replica], None]] = {
    work.__name__: work
    for work in (
        an_order_is_found,
        a_sign_in_code_is_redeemed_once,
        a_token_is_revoked,
        a_key_is_replayed,
        a_fault_is_counted_together,
        a_fault_is_added_to_those_of_the_other,
        a_scenario_goes_on,
        a_clock_is_set,
        a_snapshot_is_restored,
        the_journal_is_of_both,
        a_reset_is_one_of_all,
        a_delivery_is_listed_and_forgotten,
        a_sandbox_is_listed_used_and_deleted,
    )
}


def test_a_pair_of_requests_to_two_processes_is_answered_as_by_one(pair: tuple[Replica, Replica]) -> None:
    """All kinds of pairs but that of readings, for which see test_databases.py, in one database."""
    failed: dict[str, Any] = {}
    for name, work in PAIRS.items():
        try:
            work(*pair)
        except AssertionError as error:
            failed[name] = str(error)
        for replica in pair:
            replica.control("POST", "reset")
            for sandbox in ("read", "changed", "made"):
                replica.control("DELETE", f"sandboxes/{sandbox}")
    assert failed == {}
