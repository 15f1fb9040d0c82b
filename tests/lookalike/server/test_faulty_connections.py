"""Faults as clients meet them: resets, cut and slow bodies on a real connection, and retries that meet them."""

import http.client
import json
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry
from werkzeug.test import Client

import lookalike
from lookalike.cli.faults import read_faults
from lookalike.errors import UsageError
from lookalike.server.app import create_app
from lookalike.server.serve import MockServer
from tests.support.paths import FIXTURES
from tests.support.running import PATIENCE, running_mock

PETS = FIXTURES / "contracts" / "pets" / "openapi.yaml"
NEW = {"name": "Rex", "kind": "dog"}


@pytest.fixture(scope="module")
def server() -> Iterator[MockServer]:
    with lookalike.Mock(lookalike.load(PETS)).serve() as served:
        yield served


@pytest.fixture
def control(server: MockServer) -> str:
    url = f"{server.url.removesuffix('/api')}/__lookalike"
    requests.post(f"{url}/reset", timeout=PATIENCE)
    return url


def session(**retries: Any) -> requests.Session:
    made = requests.Session()
    made.mount("http://", HTTPAdapter(max_retries=Retry(total=3, backoff_factor=0, allowed_methods=None, **retries)))
    return made


def total(server: MockServer) -> Any:
    return requests.get(f"{server.url}/pets", timeout=PATIENCE).json()["total"]


def test_a_retry_after_a_reset_before_the_commit_creates_one_item(server: MockServer, control: str) -> None:
    requests.put(f"{control}/faults", json={"lost": {"operation": "createPet", "first": 1, "reset": True}}, timeout=9)
    assert session().post(f"{server.url}/pets", json=NEW, timeout=PATIENCE).status_code == 201
    assert total(server) == 3


def test_a_retry_after_a_reset_after_the_commit_creates_a_second_one(server: MockServer, control: str) -> None:
    rule = {"operation": "createPet", "first": 1, "reset": True, "at": "after-commit"}
    requests.put(f"{control}/faults", json={"lost": rule}, timeout=PATIENCE)
    assert session().post(f"{server.url}/pets", json=NEW, timeout=PATIENCE).status_code == 201
    assert total(server) == 4


def test_a_client_that_does_not_retry_sees_a_reset(server: MockServer) -> None:
    with pytest.raises(requests.ConnectionError, match="reset by peer"):
        requests.get(f"{server.url}/pets", headers={"Lookalike-Fault": "reset"}, timeout=PATIENCE)


def test_a_client_that_honours_retry_after_gets_the_real_answer_of_a_scenario(server: MockServer, control: str) -> None:
    rule = {"operation": "listPets", "answers": [503, {"status": 429, "retry_after": 0}, "real"]}
    requests.put(f"{control}/faults/start-up", json=rule, timeout=PATIENCE)
    answer = session(status_forcelist=[429, 503]).get(f"{server.url}/pets", timeout=PATIENCE)
    assert answer.status_code == 200
    assert requests.get(f"{control}/faults/start-up", timeout=PATIENCE).json()["requests"] == 3


@contextmanager
def asking(server: MockServer, fault: str, method: str = "GET", path: str = "/api/pets/1") -> Iterator[Any]:
    """A connection on which a request was sent."""
    with closing(http.client.HTTPConnection(server.host, server.port, timeout=PATIENCE)) as connection:
        connection.request(method, path, headers={"Lookalike-Fault": fault})
        yield connection


def test_a_body_that_is_cut_is_incomplete_for_the_client(server: MockServer) -> None:
    with asking(server, "truncate=5") as connection, pytest.raises(http.client.IncompleteRead) as cut:
        connection.getresponse().read()
    assert cut.value.partial == b'{"id"'


def test_a_dribbled_body_is_whole_and_takes_its_time_and_the_connection_goes_on(server: MockServer) -> None:
    started = time.monotonic()
    with asking(server, "dribble=300ms") as connection:
        assert json.loads(connection.getresponse().read())["id"] == 1
        assert time.monotonic() - started >= 0.25
        connection.request("GET", "/api/pets")
        assert connection.getresponse().status == 200


@pytest.mark.parametrize("fault", ["truncate=0", "dribble=50ms", "malformed"])
@pytest.mark.parametrize(("method", "path"), [("HEAD", "/api/pets"), ("DELETE", "/api/pets/2")])
def test_a_response_without_a_body_is_sent_whole(
    server: MockServer, control: str, fault: str, method: str, path: str
) -> None:
    with asking(server, fault, method, path) as connection:
        answer = connection.getresponse()
        assert (answer.status in (200, 204), answer.read()) == (True, b"")


@pytest.mark.parametrize("fault", ["dribble=100ms", "latency=100ms", "latency=50ms;reset"])
def test_a_client_that_goes_away_from_a_slow_response_does_no_harm(
    server: MockServer, control: str, fault: str
) -> None:
    with asking(server, fault):
        pass
    time.sleep(0.15)
    assert total(server) == 2


def test_over_wsgi_a_reset_is_a_body_that_is_not_there() -> None:
    slept: list[float] = []
    client = Client(create_app(lookalike.Mock(lookalike.load(PETS)), sleep=slept.append))
    answer = client.get("/pets/1", headers={"Lookalike-Fault": "reset; at=after-commit"})
    assert (answer.data, int(answer.headers["Content-Length"]) > 0) == (b"", True)
    assert client.get("/pets/1", headers={"Lookalike-Fault": "truncate=5; dribble=2s"}).data == b'{"id"'
    assert slept == [2.0]


def test_a_page_of_another_origin_may_ask_for_a_fault_and_read_its_name(server: MockServer) -> None:
    origin = {"Origin": "http://shop.example"}
    asked = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "lookalike-fault"}
    allowed = requests.options(f"{server.url}/pets", headers={**origin, **asked}, timeout=PATIENCE)
    assert allowed.headers["Access-Control-Allow-Headers"] == "lookalike-fault"
    answer = requests.get(f"{server.url}/pets", headers={**origin, "Lookalike-Fault": "status=503"}, timeout=PATIENCE)
    assert "Lookalike-Fault" in answer.headers["Access-Control-Expose-Headers"]


def test_files_and_profiles_are_options(tmp_path: Path) -> None:
    file = tmp_path / "faults.yaml"
    file.write_text("busy: {operation: getPet, every: 2, status: 503}\n")
    with running_mock(str(PETS), "--faults", str(file), "--chaos", "slow") as mock:
        rules = json.loads(mock.request("GET", "/__lookalike/faults")[2])
        assert [rule["name"] for rule in rules] == ["busy", "slow"]
        assert [mock.request("GET", "/api/pets/1")[0] for _ in range(2)] == [200, 503]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("busy: {states: 503}", "faults.yaml (#/busy): there is no member 'states'"),
        ("slow: {status: 503}", "faults.yaml (#/slow): --chaos slow has a rule of that name"),
    ],
)
def test_a_file_that_is_wrong_is_an_error_with_its_place(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "faults.yaml"
    file.write_text(text)
    with pytest.raises(UsageError) as refused:
        read_faults(file, "slow", lookalike.load(PETS))
    assert words in str(refused.value)
