"""Several processes on one machine serve one address and one state, and none of them outlives their parent."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import CliRunner

from lookalike.cli import commands
from tests.support.databases import PostgresqlServer
from tests.support.running import PATIENCE, RunningMock, running_mock

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="processes are forked")

ASHA = 9876543210
CLIENTS, UPDATES = 32, 4


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"sqlite:///{tmp_path_factory.mktemp('workers')}/state.db"


@pytest.fixture(scope="module")
def running(store: str) -> Iterator[RunningMock]:
    with running_mock("lead", "--workers", "3", "--store", store) as mock:
        yield mock


def workers(mock: RunningMock) -> list[int]:
    children = Path(f"/proc/{mock.process.pid}/task/{mock.process.pid}/children").read_text()
    return [int(process) for process in children.split()]


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def is_there(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def add_tags_at_once(mock: RunningMock) -> None:
    """32 clients change one item: each change is made, and none is refused."""

    def client(number: int) -> list[int]:
        changes = [{"add_tags": [1000 + number * UPDATES + turn]} for turn in range(UPDATES)]
        return [mock.put(ASHA, {**change, "lead_data": {"name": "Asha"}})[0] for change in changes]

    with ThreadPoolExecutor(CLIENTS) as pool:
        assert {status for statuses in pool.map(client, range(CLIENTS)) for status in statuses} == {201}
    (lead,) = [lead for lead in mock.state()["lead"] if lead["contact_number"] == ASHA]
    assert {tag for tag in lead["tags"] if tag >= 1000} == set(range(1000, 1000 + CLIENTS * UPDATES))
    entries = json.loads(mock.request("GET", "/__lookalike/journal?limit=1000&method=PUT")[2])
    assert len(entries) == CLIENTS * UPDATES


def test_all_of_them_serve_one_state_and_one_journal_under_one_banner(running: RunningMock) -> None:
    wait_until(lambda: len(workers(running)) == 3)
    assert sum(line.startswith("Lookalike is listening") for line in running.lines) == 1
    running.reset()
    add_tags_at_once(running)


def test_a_worker_that_is_killed_is_started_again_and_no_change_is_lost(running: RunningMock) -> None:
    wait_until(lambda: len(workers(running)) == 3)
    running.reset()
    assert running.put(ASHA, {"add_tags": [7], "lead_data": {"name": "Asha"}})[0] == 201
    before = workers(running)
    os.kill(before[0], signal.SIGKILL)
    wait_until(lambda: len(workers(running)) == 3 and before[0] not in workers(running))
    (lead,) = [lead for lead in running.state()["lead"] if lead["contact_number"] == ASHA]
    assert 7 in lead["tags"]
    assert f"worker {before[0]} was ended by signal 9; another one is started in 0.1 s" in running.errors()


def test_a_port_that_workers_have_is_taken(running: RunningMock, store: str) -> None:
    command = [sys.executable, "-m", "lookalike", "mock", "lead", "--workers", "2", "--store", store]
    told = subprocess.run(
        [*command, "--port", str(running.port)], check=False, capture_output=True, text=True, timeout=PATIENCE
    )
    assert (told.returncode, "is in use" in told.stderr) == (2, True)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_all_of_them_end_with_their_parent(store: str, number: signal.Signals) -> None:
    with running_mock("lead", "--workers", "2", "--store", store) as mock:
        wait_until(lambda: len(workers(mock)) == 2)
        running = workers(mock)
        code = mock.stop(number)
        wait_until(lambda: not any(map(is_there, running)))
    assert code == (-9 if number == signal.SIGKILL else 0)


def test_they_share_a_postgresql_too(postgresql_server: PostgresqlServer) -> None:
    with postgresql_server.database() as url, running_mock("lead", "--workers", "2", "--store", url) as mock:
        add_tags_at_once(mock)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ((), "--workers needs a store that processes can share.*--store sqlite:///state.db"),
        (("--store", "MEMORY:"), "--workers needs a store"),
        (("--store", "sqlite:///state.db", "--watch"), "--watch and --workers do not go together"),
        (("--store", "sqlite:///state.db", "--workers", "0"), "0 is not in the range"),
    ],
)
def test_what_cannot_be_shared_is_refused_in_a_line(options: tuple[str, ...], words: str) -> None:
    result = CliRunner().invoke(commands, ["mock", "lead", "--workers", "2", *options], standalone_mode=False)
    assert re.search(words, str(result.exception))
    assert "\n" not in str(result.exception)
