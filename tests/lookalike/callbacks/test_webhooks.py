"""Webhooks: sent where the control API is asked to, with the documented body, to allowed hosts alone."""

import itertools
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
import yaml

import lookalike
from lookalike.callbacks.deliveries import Deliveries, Delivery
from lookalike.callbacks.outgoing import OutgoingRequest
from lookalike.callbacks.sender import CallbackSender
from lookalike.server.app import create_app
from lookalike.service import MockService
from lookalike.stores.database import Conflict, Execute
from lookalike.stores.opening import open_stores
from lookalike.stores.sqlite import SqliteDatabase
from tests.support.receiver import receiver, states, wait

SHOP = """
openapi: 3.1.0
info: {title: Shop, version: '1'}
paths: {/orders: {get: {responses: {'200': {description: .}}}}}
webhooks:
  orderPaid:
    post:
      parameters: [{name: X-Event, in: header, schema: {type: string, default: order.paid}}]
      requestBody:
        content:
          application/json:
            schema: {$ref: '#/components/schemas/Order'}
            example: {id: 7, state: paid}
      responses: {'204': {description: Thanks.}}
  ping: {put: {responses: {'204': {description: Thanks.}}}}
components:
  schemas:
    Order: {type: object, required: [id], properties: {id: {type: integer}, state: {const: paid}}}
"""


def shop() -> lookalike.Mock:
    mock = lookalike.Mock(lookalike.load(yaml.safe_load(SHOP)))
    mock.callbacks = CallbackSender(pauses=(0.01,))
    return mock


def ask(mock: MockService, name: str, sent: Any) -> Any:
    return create_app(mock).test_client().post(f"/__lookalike/webhooks/{name}", json=sent)


@pytest.mark.parametrize(("more", "body"), [({}, {"id": 7, "state": "paid"}), ({"body": {"id": 8}}, {"id": 8})])
def test_a_webhook_has_the_documented_body_unless_another_is_given(more: dict[str, Any], body: Any) -> None:
    mock = shop()
    with receiver() as client:
        answer = ask(mock, "orderPaid", {"url": client.url, **more})
        wait(lambda: states(mock) == ["delivered"])
    assert (answer.status_code, answer.get_json()["state"]) == (202, "pending")
    (received,) = client.received
    assert (received.method, received.headers["x-event"]) == ("POST", "order.paid")
    assert (received.headers["content-type"], json.loads(received.body)) == ("application/json", body)


def test_a_webhook_whose_name_begins_with_a_slash_is_asked_for_without_it() -> None:
    document = yaml.safe_load(SHOP)
    document["webhooks"]["/ping/all"] = document["webhooks"]["ping"]
    mock = lookalike.Mock(lookalike.load(document))
    assert ask(mock, "ping/all", {"url": "http://10.0.0.1/"}).get_json()["callback"] == "/ping/all"


def test_a_webhook_without_a_body_is_sent_again_where_it_fails() -> None:
    mock = shop()
    with receiver(503) as client:
        assert ask(mock, "ping", {"url": client.url}).status_code == 202
        wait(lambda: states(mock) == ["delivered"])
    assert [(one.method, one.body) for one in client.received] == [("PUT", b"")] * 2


class CountingSender(CallbackSender):
    begun = 0

    def send(self, requests: Iterable[OutgoingRequest], deliveries: Deliveries, at: float) -> list[Delivery]:
        self.begun += 1
        return super().send(requests, deliveries, at)


def test_a_webhook_is_sent_once_also_where_another_process_is_faster(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stores = open_stores(f"sqlite:///{tmp_path}/state.db", 2**20)
    mock = MockService(shop().model, stores.open("default"), {}, {})
    mock.callbacks = sender = CountingSender(pauses=(0.01,))
    run, turns = SqliteDatabase.run, itertools.count()

    def run_in_vain(self: SqliteDatabase, work: Callable[[Execute], Any], *, is_alone: bool = False) -> Any:
        def lose(execute: Execute) -> None:
            work(execute)
            raise Conflict

        is_first = not self._is_within and next(turns) % 2 == 0
        return run(self, lose if is_first else work, is_alone=is_alone)

    monkeypatch.setattr(SqliteDatabase, "run", run_in_vain)
    with receiver() as client:
        assert ask(mock, "ping", {"url": client.url}).get_json()["number"] == 1
        wait(lambda: states(mock) == ["delivered"])
    assert (sender.begun, len(client.received)) == (1, 1)
    stores.close()


@pytest.mark.parametrize(
    ("name", "sent", "status", "detail"),
    [
        ("orderLost", {"url": "http://127.0.0.1:9/"}, 404, "there are: orderPaid, ping"),
        ("orderPaid", {}, 422, "send the URL"),
        ("orderPaid", {"url": 7}, 422, "send the URL"),
        ("orderPaid", {"url": "http://127.0.0.1:9/", "to": 1}, 422, "send the URL"),
        ("orderPaid", {"url": "http://127.0.0.1:9/", "body": {"id": "x"}}, 422, "id must be an integer"),
        ("ping", {"url": "http://127.0.0.1:9/", "body": {}}, 422, "has no body"),
    ],
)
def test_what_cannot_be_sent_is_refused_with_the_reason(name: str, sent: Any, status: int, detail: str) -> None:
    answer = ask(shop(), name, sent)
    assert answer.status_code == status
    assert detail in answer.get_json()["detail"]


@pytest.mark.parametrize("url", ["http://a.example/hook", "ftp://127.0.0.1/hook", "hook"])
def test_a_webhook_goes_to_this_machine_alone(url: str) -> None:
    mock = shop()
    assert ask(mock, "ping", {"url": url}).get_json()["state"] == "refused"
    assert states(mock) == ["refused"]
