"""Callbacks: sent as documented once a request is committed, to allowed hosts alone, and again where it fails."""

import json
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

import lookalike
from lookalike.callbacks.deliveries import MOST_BYTES, MOST_DELIVERIES, Delivery, MemoryDeliveries
from lookalike.callbacks.outgoing import OutgoingRequest
from lookalike.callbacks.sender import CallbackSender, is_loopback
from lookalike.http import Headers, Request
from lookalike.sandboxes import Sandboxes
from tests.support.receiver import JOBS, receiver, states, wait
from tests.support.running import PATIENCE, running_mock


def jobs(*hosts: str) -> lookalike.Mock:
    mock = lookalike.Mock(lookalike.load(yaml.safe_load(JOBS)))
    mock.callbacks = CallbackSender(hosts, pauses=(0.01, 0.02))
    return mock


def start(mock: Any, hook: str = "", query: str = "", **headers: str) -> Any:
    body = json.dumps({"title": "Print", **({"hook": hook} if hook else {})}).encode()
    fields = {"Content-Type": "application/json", **{name.replace("_", "-"): text for name, text in headers.items()}}
    return mock.handle(Request("POST", "/queues/fast/jobs", query, Headers(fields), body))


def test_a_callback_has_the_documented_url_fields_and_body_with_what_the_request_made() -> None:
    mock = jobs()
    with receiver() as client:
        job = start(mock, client.url).json()
        wait(lambda: states(mock) == ["delivered"])
    (received,) = client.received
    assert (received.method, received.path) == ("POST", f"/hook?queue=fast&job={job['id']}")
    assert (received.headers["x-event"], received.headers["content-type"]) == ("job.finished", "application/json")
    assert json.loads(received.body) == {"id": job["id"], "title": "Print", "state": "done"}


def test_an_expression_may_stand_alone_and_a_body_need_not_be_there() -> None:
    mock = jobs()
    with receiver() as client:
        start(mock, query=f"notify={client.url}")
        wait(lambda: states(mock) == ["delivered"])
    assert [(one.method, one.path, one.body) for one in client.received] == [("PUT", "/hook", b"")]


def test_a_request_that_is_refused_or_gives_no_url_sends_nothing() -> None:
    mock = jobs()
    start(mock)
    start(mock, "http://127.0.0.1:1/hook", Lookalike_Fault="status=503")
    mock.handle(Request("POST", "/queues/fast/jobs", "", Headers({"Content-Type": "application/json"}), b"{}"))
    assert mock.deliveries() == []


@pytest.mark.parametrize("fault", ["reset", "status=503"])
def test_a_fault_after_the_commit_does_not_stop_a_callback(fault: str) -> None:
    mock = jobs()
    with receiver() as client:
        start(mock, client.url, Lookalike_Fault=f"{fault}; at=after-commit")
        wait(lambda: states(mock) == ["delivered"])


def test_a_callback_that_fails_is_sent_again() -> None:
    mock = jobs()
    with receiver(503, 429) as client:
        start(mock, client.url)
        wait(lambda: states(mock) == ["delivered"])
        (delivery,) = mock.deliveries()
        assert (delivery.attempts, delivery.status, len(client.received)) == (3, 204, 3)


@pytest.mark.parametrize(("statuses", "attempts"), [((500, 500, 500), 3), ((404,), 1), ((302,), 1)])
def test_a_callback_is_given_up_after_some_attempts_or_at_once_where_it_is_refused(
    statuses: tuple[int, ...], attempts: int
) -> None:
    mock = jobs()
    with receiver(*statuses) as client:
        start(mock, client.url)
        wait(lambda: "pending" not in states(mock))
    (delivery,) = mock.deliveries()
    assert (delivery.state, delivery.attempts, delivery.status) == ("failed", attempts, statuses[-1])


def test_a_server_that_is_not_there_is_told_by_the_error() -> None:
    mock = jobs()
    start(mock, "http://127.0.0.1:1/hook")
    wait(lambda: states(mock) == ["failed"])
    assert mock.deliveries()[0].error


def test_a_delivery_that_waits_when_the_mock_ends_has_failed() -> None:
    mock = jobs()
    mock.callbacks = CallbackSender(pauses=(3600.0,))
    start(mock, "http://127.0.0.1:1/hook")
    wait(lambda: [one.attempts for one in mock.deliveries()] == [1])
    assert states(mock) == ["pending"]
    mock.callbacks.close()
    (delivery,) = mock.deliveries()
    assert (delivery.state, delivery.error) == ("failed", "the mock ended before its next attempt")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://169.254.169.254/latest/meta-data", "--callback-host 169.254.169.254"),
        ("http://10.0.0.1/", "--callback-host 10.0.0.1"),
        ("http://127.0.0.1.evil.example/", "--callback-host 127.0.0.1.evil.example"),
        ("http://localhost@evil.example/", "--callback-host evil.example"),
        ("http://0.0.0.0/", "--callback-host 0.0.0.0"),
        ("file:///etc/passwd", "no absolute http URL"),
        ("/hook", "no absolute http URL"),
        ("http://localhost/\r\nX: y", "no absolute http URL"),
        ("http://[", "no absolute http URL"),
    ],
)
def test_nothing_is_sent_to_another_host_unless_it_is_allowed(url: str, words: str) -> None:
    mock = jobs()
    start(mock, url)
    (delivery,) = mock.deliveries()
    assert (delivery.state, delivery.attempts) == ("refused", 0)
    assert words in delivery.error


def test_a_callback_cannot_use_the_control_api() -> None:
    mock = jobs()
    with mock.serve() as server:
        start(mock, f"{server.url}/__lookalike/reset")
        wait(lambda: states(mock) == ["failed"])
        assert mock.deliveries()[0].status == 403
        assert len(mock.journal()) == 1


def test_a_host_that_is_allowed_is_not_refused() -> None:
    mock = jobs("Hooks.invalid")
    start(mock, "http://hooks.invalid/a")
    wait(lambda: states(mock) == ["failed"])


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost", True),
        ("a.localhost", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("8.8.8.8", False),
        ("a", False),
    ],
)
def test_loopback_is_known_by_address_or_by_a_name_that_can_be_no_other(host: str, expected: bool) -> None:
    assert is_loopback(host) == expected


def test_each_sandbox_has_its_own_and_a_reset_forgets_them() -> None:
    sandboxes = Sandboxes(mock := jobs())
    start(sandboxes.get("a"), "http://10.0.0.1/")
    assert (states(sandboxes.get("a")), states(mock)) == (["refused"], [])
    sandboxes.get("a").reset()
    assert states(sandboxes.get("a")) == []


def test_a_sandbox_keeps_the_latest_within_bounds_of_number_and_size() -> None:
    few = OutgoingRequest("", "", "POST", "http://10.0.0.1/", body=b"x")
    kept = MemoryDeliveries()
    for _ in range(MOST_DELIVERIES + 5):
        kept.add(Delivery(0, 0.0, few))
    assert [one.number for one in kept.latest()] == [*range(MOST_DELIVERIES + 5, 5, -1)]
    half = few._replace(body=b"x" * (MOST_BYTES // 2))
    newest = [kept.add(Delivery(0, 0.0, half)) for _ in range(3)]
    assert kept.latest() == newest[:0:-1]
    kept.clear()
    kept.update(newest[-1])
    assert (kept.latest(), kept.has(newest[-1])) == ([], False)
    whole = few._replace(body=b"x" * (2 * MOST_BYTES))
    assert kept.add(Delivery(0, 0.0, whole)).number == MOST_DELIVERIES + 9
    assert len(kept.latest()) == 1


def test_callbacks_that_are_wrong_leave_the_operation_as_it_is() -> None:
    document = yaml.safe_load(JOBS)
    operation = document["paths"]["/queues/{queue}/jobs"]["post"]
    wrong: list[Any] = [{"a": {"$ref": "#/nowhere"}}, {"a": {"{$request.body#/hook}": {"post": 5}}}, {"a": {"{": {}}}]
    for callbacks in wrong:
        operation["callbacks"] = callbacks
        mock = lookalike.Mock(lookalike.load(document))
        assert start(mock, "http://127.0.0.1:1/").status == 201


def test_the_control_api_lists_them_and_the_option_allows_hosts(tmp_path: Path) -> None:
    file = tmp_path / "jobs.yaml"
    file.write_text(JOBS)
    with receiver() as client, running_mock(str(file), "--callback-host", "hooks.invalid") as mock:
        for hook in (client.url, "http://hooks.invalid/", "http://10.0.0.1/"):
            requests.post(f"{mock.url}/queues/fast/jobs", json={"title": "a", "hook": hook}, timeout=PATIENCE)
        wait(lambda: bool(client.received))
        found = requests.get(f"{mock.url}/__lookalike/callbacks", timeout=PATIENCE).json()
        assert [one["request"]["url"].partition("?")[0] for one in found][::-1] == [
            client.url,
            "http://hooks.invalid/",
            "http://10.0.0.1/",
        ]
        assert [one["state"] == "refused" for one in found] == [True, False, False]
