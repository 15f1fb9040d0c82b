"""The journal as server-sent events: from the real server, and from WSGI servers with one thread or many."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from typing import Any

import pytest
import requests
from werkzeug.serving import make_server as make_threaded_server

import lookalike
from lookalike.sandboxes import Sandboxes
from lookalike.server.app import create_app
from lookalike.server.control.journal_events import MAX_LISTENERS, JournalListeners
from lookalike.server.serve import MockServer
from tests.support.in_process import JSON, mock
from tests.support.paths import FIXTURES
from tests.support.running import PATIENCE

PETS = FIXTURES / "contracts" / "pets" / "openapi.yaml"
PATH = "/__lookalike/journal/events"


@pytest.fixture(scope="module")
def server() -> Iterator[MockServer]:
    with lookalike.Mock(lookalike.load(PETS)).serve() as served:
        yield served


def listen(server: MockServer, **headers: str) -> requests.Response:
    url = f"http://{server.host}:{server.port}{PATH}"
    answer = requests.get(url, headers=headers, stream=True, timeout=PATIENCE)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"].startswith("text/event-stream")
    assert "Content-Length" not in answer.headers
    return answer


def events(answer: requests.Response) -> Iterator[dict[str, Any]]:
    for line in answer.iter_lines(chunk_size=1):
        if line.startswith(b"data: "):
            yield json.loads(line.removeprefix(b"data: "))


def listeners(server: MockServer) -> int:
    """The number of clients that may listen now, found out by trying."""
    opened: list[requests.Response] = []
    url = f"http://{server.host}:{server.port}{PATH}"
    while len(opened) <= MAX_LISTENERS:
        answer = requests.get(url, stream=True, timeout=PATIENCE)
        if answer.status_code != 200:
            assert answer.json()["detail"].startswith(f"{MAX_LISTENERS} clients")
            assert answer.headers["Retry-After"]
            break
        opened.append(answer)
    for answer in opened:
        answer.close()
    return len(opened)


def test_an_exchange_is_told_to_whoever_listens(server: MockServer) -> None:
    with closing(listen(server)) as answer:
        requests.get(f"{server.url}/pets/77?token=hush", timeout=PATIENCE)
        told = next(events(answer))
    assert (told["method"], told["path"], told["status"]) == ("GET", "/api/pets/77", 404)
    assert (told["query"], told["operation"]) == ("token=(redacted)", "getPet")
    assert "77" in told["reason"]


def test_an_event_has_the_number_of_its_exchange_as_id_from_which_a_client_goes_on(server: MockServer) -> None:
    for number in (1, 2, 3):
        requests.get(f"{server.url}/pets?limit={number}", timeout=PATIENCE)
    journal = f"http://{server.host}:{server.port}/__lookalike/journal"
    last = requests.get(f"{journal}?limit=1", timeout=PATIENCE).json()[0]["number"]
    with closing(listen(server, **{"Last-Event-ID": str(last - 2)})) as answer:
        told = events(answer)
        assert [next(told)["number"], next(told)["number"]] == [last - 1, last]
    assert [one["number"] for one in requests.get(f"{journal}?after={last - 1}", timeout=PATIENCE).json()] == [last]
    assert requests.get(f"{journal}/{last}", timeout=PATIENCE).json()["number"] == last
    assert requests.get(f"{journal}/{last + 1}", timeout=PATIENCE).status_code == 404


def test_each_sandbox_has_its_own_events(server: MockServer) -> None:
    with closing(listen(server, **{"Lookalike-Sandbox": "one"})) as answer:
        requests.get(f"{server.url}/pets/1", timeout=PATIENCE)
        requests.get(f"{server.url}/pets/2", headers={"Lookalike-Sandbox": "one"}, timeout=PATIENCE)
        assert next(events(answer))["path"] == "/api/pets/2"


def test_a_bounded_number_of_clients_may_listen_and_those_that_went_make_room(server: MockServer) -> None:
    deadline = time.monotonic() + PATIENCE
    while listeners(server) < MAX_LISTENERS and time.monotonic() < deadline:  # the server sees after a moment who went
        time.sleep(0.1)
    assert listeners(server) <= MAX_LISTENERS
    while (found := listeners(server)) < MAX_LISTENERS and time.monotonic() < deadline:
        time.sleep(0.1)
    assert found == MAX_LISTENERS


def test_other_requests_are_answered_while_clients_listen(server: MockServer) -> None:
    answers = [listen(server) for _ in range(3)]
    assert requests.get(f"{server.url}/pets/1", timeout=PATIENCE).status_code == 200
    for answer in answers:
        assert next(events(answer))["path"] == "/api/pets/1"
        answer.close()


def test_a_head_request_gets_the_head_alone(server: MockServer) -> None:
    with closing(socket.create_connection((server.host, server.port), timeout=PATIENCE)) as connection:
        connection.sendall(f"HEAD {PATH} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        received = b"".join(iter(lambda: connection.recv(65536), b""))
    assert received.startswith(b"HTTP/1.1 200 OK\r\n")
    assert received.endswith(b"\r\n\r\n")


def test_a_server_that_stops_ends_the_streams() -> None:
    with lookalike.Mock(lookalike.load(PETS)).serve() as server:
        answer = listen(server)
    with suppress(requests.RequestException):  # the body breaks off
        assert list(events(answer)) == []


def test_a_server_with_one_thread_tells_the_events_so_far_and_asks_clients_to_come_again() -> None:
    api = create_app(mock()).test_client()
    api.put("/leads/1/update", json={}, headers=JSON)
    first = api.get(PATH, headers={"Last-Event-ID": "0"}).text
    assert "event: exchange" in first
    assert first.endswith("id: 1\nretry: 1000\n\n")
    assert "event:" not in api.get(PATH, headers={"Last-Event-ID": "1"}).text
    assert [api.get(PATH).status_code for _ in range(MAX_LISTENERS + 1)] == [200] * (MAX_LISTENERS + 1)
    assert api.get(PATH, headers={"Last-Event-ID": "x"}).status_code == 400


def test_a_threaded_wsgi_server_goes_on_telling() -> None:
    served = make_threaded_server("127.0.0.1", 0, create_app(lookalike.Mock(lookalike.load(PETS))), threaded=True)
    thread = threading.Thread(target=served.serve_forever, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{served.server_port}"
    try:
        with closing(requests.get(url + PATH, stream=True, timeout=PATIENCE)) as answer:
            requests.get(f"{url}/pets/1", timeout=PATIENCE)
            assert next(events(answer))["path"] == "/pets/1"
    finally:
        served.shutdown()
        served.server_close()


def test_a_sandbox_that_was_deleted_and_made_anew_is_followed_from_its_first_exchange() -> None:
    sandboxes = Sandboxes(mock())
    stream = JournalListeners(sandboxes, lambda _, entry: {"number": entry.number}).open("one", 0)
    sandboxes.get("one").refuse(lookalike.Request("GET", "/"), 404, "no")
    sandboxes.get("one").refuse(lookalike.Request("GET", "/"), 404, "no")
    assert (stream.more() or b"").count(b"event:") == 2
    sandboxes.delete("one")
    sandboxes.get("one").refuse(lookalike.Request("GET", "/"), 404, "no")
    assert b'data: {"number":1}' in (stream.more() or b"")
    assert stream.more() == b""
