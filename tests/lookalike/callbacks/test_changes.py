"""Webhooks after changes: sent once these are committed, with the item, signed, to where clients registered."""

import hashlib
import hmac
import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml
from click.testing import CliRunner

import lookalike
from lookalike.callbacks.sender import CallbackSender
from lookalike.cli import commands
from lookalike.cli.webhooks import webhook_targets
from lookalike.contract.webhooks import WebhookTarget
from lookalike.errors import UsageError
from lookalike.http import Headers, Request
from lookalike.sandboxes import Sandboxes
from lookalike.server.app import create_app
from lookalike.service import MockService
from lookalike.stores.opening import open_stores
from tests.support.receiver import SHOP, Receiver, receiver, states, wait
from tests.support.running import PATIENCE, running_mock


def shop(*targets: WebhookTarget, secret: str = "") -> lookalike.Mock:
    mock = lookalike.Mock(lookalike.load(yaml.safe_load(SHOP)))
    mock.callbacks = CallbackSender((), targets, secret, pauses=(0.01,))
    return mock


def send(mock: Any, method: str, path: str, body: Any = None, **headers: str) -> Any:
    fields = {"content-type": "application/json", **headers}
    return mock.handle(Request(method, path, "", Headers(fields), b"" if body is None else json.dumps(body).encode()))


def _is_delivered(mock: Any, number: int) -> bool:
    return states(mock) == ["delivered"] * number


def bodies(client: Receiver) -> list[Any]:
    return [json.loads(one.body) for one in client.received]


def test_each_change_is_told_with_the_item_as_it_is_then_and_an_id_of_its_own() -> None:
    with receiver() as client:
        mock = shop(WebhookTarget(client.url))
        steps = (
            ("POST", "/pets", {"name": "Rex", "pin": "1"}),
            ("PUT", "/pets/1", {"name": "Max"}),
            ("DELETE", "/pets/1", None),
        )
        for number, (method, path, body) in enumerate(steps, 1):
            assert send(mock, method, path, body).status < 300
            wait(partial(_is_delivered, mock, number))
    told = bodies(client)
    assert [(one["event"], one["data"]) for one in told] == [
        ("pet.created", {"id": 1, "name": "Rex"}),
        ("pet.updated", {"id": 1, "name": "Max"}),
        ("pet.deleted", {"id": 1, "name": "Max"}),
    ]
    assert len({one["id"] for one in told}) == 3


@pytest.mark.parametrize(
    ("method", "path", "body", "fault"),
    [
        ("PUT", "/pets/1", {"name": "Rex"}, ""),
        ("PUT", "/pets/9", {"name": "Rex"}, ""),
        ("POST", "/pets", {"name": 5}, ""),
        ("POST", "/pets", {"name": "Max"}, "status=503"),
        ("GET", "/pets/1", None, ""),
    ],
)
def test_a_request_that_changes_nothing_tells_nothing(method: str, path: str, body: Any, fault: str) -> None:
    mock = shop()
    send(mock, "POST", "/pets", {"name": "Rex"})
    mock.webhook_targets = (WebhookTarget("http://10.0.0.1/"),)
    send(mock, method, path, body, **({"lookalike-fault": fault} if fault else {}))
    assert states(mock) == []


def test_a_fault_after_the_commit_does_not_stop_a_webhook() -> None:
    mock = shop(WebhookTarget("http://10.0.0.1/"))
    send(mock, "POST", "/pets", {"name": "Rex"}, **{"lookalike-fault": "reset; at=after-commit"})
    assert states(mock) == ["refused"]


def test_a_webhook_is_signed_by_the_secret_of_its_target_or_else_by_that_of_the_mock() -> None:
    with receiver() as client:
        mock = shop(WebhookTarget(client.url, secret="own"), WebhookTarget(client.url), secret="usual")
        send(mock, "POST", "/pets", {"name": "Rex"})
        wait(lambda: states(mock) == ["delivered"] * 2)
    for one in client.received:
        made = {f"v1={hmac.new(key, one.body, hashlib.sha256).hexdigest()}" for key in (b"own", b"usual")}
        assert one.headers["x-sign"] in made
    assert len({one.headers["x-sign"] for one in client.received}) == 2


def test_clients_subscribe_by_the_resource_of_the_document_to_the_events_that_they_name() -> None:
    mock = shop()
    for more in ({}, {"events": ["pet.created"]}, {"events": ["pet.deleted"]}, {"active": False}):
        send(mock, "POST", "/hooks", {"url": "http://10.0.0.1/", **more})
    send(mock, "POST", "/pets", {"name": "Rex"})
    assert states(mock) == ["refused"] * 2
    send(mock, "DELETE", "/hooks/1")
    send(mock, "DELETE", "/pets/1")
    assert [one.request.callback for one in mock.deliveries()] == ["pet.deleted", "pet.created", "pet.created"]


def test_targets_are_those_of_a_sandbox_until_its_reset_and_go_with_its_snapshots() -> None:
    sandboxes = Sandboxes(mock := shop(WebhookTarget("http://10.0.0.1/")))
    box = sandboxes.get("a")
    box.webhook_targets = ()
    box.save("quiet")
    send(box, "POST", "/pets", {"name": "Rex"})
    assert (states(box), mock.webhook_targets) == ([], (WebhookTarget("http://10.0.0.1/"),))
    box.reset()
    assert box.webhook_targets == mock.webhook_targets
    box.restore(box.snapshots["quiet"])
    assert box.webhook_targets == ()


def test_targets_survive_in_a_store(tmp_path: Path) -> None:
    wanted = (WebhookTarget("http://127.0.0.1:9/", ("petEvent",), "s"),)
    for first in (True, False):
        stores = open_stores(f"sqlite:///{tmp_path}/state.db", 2**20)
        contract = lookalike.load(yaml.safe_load(SHOP))
        mock = MockService(lookalike.Mock(contract).model, stores.open("default"), {}, {})
        if first:
            mock.webhook_targets = wanted
        assert mock.webhook_targets == wanted
        stores.close()


def test_the_control_api_sets_targets_and_tells_which_webhooks_are_sent_when() -> None:
    client = create_app(shop()).test_client()
    wanted = [{"url": "http://127.0.0.1:9/", "webhooks": ["petEvent"], "secret": ""}]
    assert client.put("/__lookalike/webhook-targets", json=wanted).get_json() == wanted
    assert client.get("/__lookalike/webhook-targets").get_json() == wanted
    refused = client.put("/__lookalike/webhook-targets", json=[{"url": "hook"}])
    assert (refused.status_code, "#/0" in refused.get_json()["detail"]) == (422, True)
    assert client.delete("/__lookalike/webhook-targets").status_code == 204
    assert client.get("/__lookalike/webhook-targets").get_json() == []
    (events, adopted) = client.get("/__lookalike/webhooks").get_json()
    assert [one["event"] for one in events["after"]] == ["pet.created", "pet.updated", "pet.deleted"]
    assert (adopted["after"], adopted["why"]) == ([], "its name tells of no creation, change or deletion")


def test_the_option_sends_webhooks(tmp_path: Path) -> None:
    file = tmp_path / "shop.yaml"
    file.write_text(SHOP)
    with receiver() as client, running_mock(str(file), "--webhook-url", client.url) as mock:
        requests.post(f"{mock.url}/pets", json={"name": "Rex"}, timeout=PATIENCE)
        wait(lambda: bool(client.received))
    assert bodies(client)[0]["data"] == {"id": 1, "name": "Rex"}


def test_check_explains_after_which_changes_webhooks_are_sent(tmp_path: Path) -> None:
    file = tmp_path / "shop.yaml"
    file.write_text(SHOP)
    told = CliRunner().invoke(commands, ["check", str(file), "--explain"], standalone_mode=False).output
    assert "webhook petEvent    after a pet was created: pet.created" in told
    assert "webhook petAdopted  on request alone: its name tells of no creation" in told


@pytest.mark.parametrize(("url", "why"), [("http://a.example/", "--callback-host a.example"), ("a", "no absolute")])
def test_a_url_of_the_option_to_which_nothing_may_be_sent_is_refused(url: str, why: str) -> None:
    with pytest.raises(UsageError, match=f"--webhook-url {url}.*{why}"):
        webhook_targets([url], [])
