"""The answers to many clients at once have a serial order under the model, in every store and after every kill.

Clients add and remove tags, merge, move, create, delete, read and list; all answers are recorded.
"""

import http.client
import json
import random
import sys
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from itertools import pairwise
from pathlib import Path
from threading import Semaphore
from typing import Any

import pytest

from lookalike.assembly import Parts, Sources, assemble, load
from lookalike.http import Headers, Request, Response
from lookalike.model.response.outcome import Outcome
from lookalike.model.state import State
from lookalike.service import MockService
from lookalike.stores.opening import open_stores
from tests.support.databases import PostgresqlServer
from tests.support.running import PATIENCE, RunningMock, running_mock
from tests.support.serial_order import NEVER, Call, serial_order

pytestmark = pytest.mark.repetitive

NOTES = Path(__file__).with_name("notes.yaml")
DATA = {"note": [{"id": 1, "tags": [1], "data": {}}, {"id": 2, "tags": [], "data": {}}]}
AT = 1_800_000_000.0
CLIENTS, TURNS = 4, 12


@pytest.fixture(scope="module")
def parts() -> Parts:
    return load(Sources(NOTES, data=DATA))


def request(method: str, path: str, body: Any = None) -> Request:
    content = b"" if body is None else json.dumps(body).encode()
    return Request(method, path, "", Headers({"Content-Type": "application/json"} if content else {}), content, AT)


def some_request(chosen: random.Random, client: int, turn: int) -> Request:
    """One of the kinds of requests, about few items, so that clients meet."""
    key, tag = chosen.randint(1, 4), chosen.randint(1, 5)
    kinds = [
        request("PUT", f"/notes/{key}/tags", {"add": [tag, client * 100 + turn]}),
        request("PUT", f"/notes/{key}/tags", {"add": [tag], "remove": [chosen.randint(1, 5)]}),
        request("PATCH", f"/notes/{key}", {f"c{client}": turn}),
        request("PUT", f"/notes/{key}/move", {"id": chosen.randint(1, 4)}),
        request("POST", "/notes", {"data": {"by": client}}),
        request("DELETE", f"/notes/{key}"),
        request("GET", f"/notes/{key}"),
        request("GET", "/notes"),
    ]
    return chosen.choices(kinds, (4, 3, 3, 2, 2, 1, 2, 2))[0]


def orders(parts: Parts, calls: list[Call], final: Any = None) -> list[Call] | None:
    mock = assemble(parts)
    return serial_order(parts.model, parts.choices, mock.initial.items, calls, final)


# --- The search itself ---


def told_serially(parts: Parts, requests: Iterable[Request], spoil: Any = None) -> tuple[list[Call], Any]:
    """Calls one after the other, and the state at the end."""
    mock = assemble(parts)
    calls = [Call(float(n), n + 0.5, one, mock.handle(one)) for n, one in enumerate(requests)]
    return calls, mock.state()


ADD_7, ADD_8 = request("PUT", "/notes/1/tags", {"add": [7]}), request("PUT", "/notes/1/tags", {"add": [8]})
READ, LIST, NEW = request("GET", "/notes/1"), request("GET", "/notes"), request("POST", "/notes", {})


def test_calls_that_came_one_after_the_other_have_that_order(parts: Parts) -> None:
    calls, final = told_serially(parts, [ADD_7, READ, NEW, LIST, request("PUT", "/notes/1/move", {"id": 9}), READ])
    assert orders(parts, calls, final) == calls


def test_calls_at_the_same_time_may_have_any_order(parts: Parts) -> None:
    calls, final = told_serially(parts, [ADD_7, ADD_8, READ, NEW, NEW, LIST])
    together = [at_once(call) for call in reversed(calls)]
    found = orders(parts, together, final)
    assert found is not None
    assert sorted(map(str, found)) == sorted(map(str, together))


def test_a_call_without_an_answer_may_have_been_done_or_not(parts: Parts) -> None:
    calls, final = told_serially(parts, [ADD_7, READ])
    lost = calls[0]._replace(end=NEVER, response=None)
    assert orders(parts, [lost, calls[1]], final) is not None
    unchanged, initial = told_serially(parts, [READ])
    assert orders(parts, [lost, *unchanged], initial) is not None


def at_once(call: Call) -> Call:
    return call._replace(start=0.0, end=1.0)


def anomalies(parts: Parts) -> dict[str, tuple[list[Call], Any]]:
    """Histories that no serial order explains."""
    both, after_both = told_serially(parts, [ADD_7, ADD_8])
    only_7, after_7 = told_serially(parts, [ADD_7])
    only_8, after_8 = told_serially(parts, [ADD_8])
    (old_read,), initial = told_serially(parts, [READ])
    (old_list,), _ = told_serially(parts, [LIST])
    (first_new,), _ = told_serially(parts, [NEW])
    gone, after_delete = told_serially(parts, [request("DELETE", "/notes/1")])
    moved, after_move = told_serially(parts, [request("PUT", "/notes/1/move", {"id": 9})])
    (other_move,), _ = told_serially(parts, [request("PUT", "/notes/2/move", {"id": 9})])
    lists, _ = told_serially(parts, [NEW, LIST, NEW, LIST])
    return {
        "a lost update": ([at_once(only_7[0]), at_once(only_8[0])], after_7),
        "a lost update that only the end tells": (both, after_8),
        "a dirty read": ([at_once(both[1])], initial),
        "a stale read": ([only_7[0], old_read._replace(start=2.0, end=3.0)], after_7),
        "a stale list": ([first_new, old_list._replace(start=2.0, end=3.0)], None),
        "a key that is given twice": ([at_once(first_new), at_once(first_new)], None),
        "two that move to one place": ([at_once(moved[0]), at_once(other_move)], None),
        "half of a move": (moved, initial),
        "an item that is back": ([gone[0], old_read._replace(start=2.0, end=3.0)], None),
        "a deletion that was acknowledged and not made": (gone, initial),
        "a deletion that was made and not asked for": ([old_read], after_delete),
        "a change that was not asked for": ([old_read], after_move),
        "lists that two clients see in different orders": (
            [
                lists[0]._replace(start=0.0, end=9.0),
                lists[1]._replace(start=1.0, end=2.0),
                old_list._replace(start=3.0, end=4.0),
            ],
            None,
        ),
        "an answer that nothing explains": ([old_read._replace(response=Response(418))], initial),
        "a lost update in a final state of both": ([only_7[0], only_8[0]._replace(start=2.0, end=3.0)], after_both),
    }


@pytest.mark.parametrize("number", range(15))
def test_a_planted_anomaly_has_no_order(parts: Parts, number: int) -> None:
    planted = anomalies(parts)
    assert len(planted) == 15
    name, (calls, final) = list(planted.items())[number]
    assert orders(parts, calls, final) is None, name


# --- The stores ---


@pytest.mark.parametrize("kind", ["memory", "sqlite", "postgresql"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_threads_on_connections_of_their_own_have_a_serial_order(
    request: pytest.FixtureRequest, parts: Parts, tmp_path: Path, kind: str, seed: int
) -> None:
    """As processes that share a store: each client has a mock of its own, except in memory."""
    with ExitStack() as stack:
        url = f"sqlite:///{tmp_path}/state.db"
        if kind == "postgresql":
            server: PostgresqlServer = request.getfixturevalue("postgresql_server")
            url = stack.enter_context(server.database())
        mocks = [assemble(parts)] * CLIENTS if kind == "memory" else list(connected(stack, parts, url))
        with ThreadPoolExecutor(CLIENTS) as pool:
            told = pool.map(lambda client: calls_of(mocks[client], seed, client), range(CLIENTS))
        calls = [call for calls in told for call in calls]
        assert all(call.response is not None and call.response.status < 500 for call in calls)
        assert orders(parts, calls, mocks[0].state()) is not None


def connected(stack: ExitStack, parts: Parts, url: str) -> Iterator[MockService]:
    for _ in range(CLIENTS):
        stores = open_stores(url, 2**20)
        stack.callback(stores.close)
        yield assemble(parts, store=stores.open("default"))


def calls_of(mock: MockService, seed: int, client: int, takes_long: bool = False) -> list[Call]:
    chosen = random.Random(f"{seed}.{client}")
    calls = []
    for turn in range(TURNS):
        sent = some_request(chosen, client, turn)
        start = time.perf_counter()
        response = handled_at_length(mock, sent) if takes_long else mock.handle(sent)
        calls.append(Call(start, time.perf_counter(), sent, response))
    return calls


def handled_at_length(mock: MockService, sent: Request) -> Response:
    def decide(state: State) -> Outcome:
        outcome = mock.model.respond(state, sent, mock.choose)
        time.sleep(1e-4)  # others commit meanwhile
        return outcome

    return mock._store.transact_at_length(decide).response


ROUNDS = 42


def test_thousands_of_requests_in_many_rounds_have_serial_orders(parts: Parts) -> None:
    """In memory, where each odd client is one whose requests take long, so that they are decided without a lock."""
    overtaken = 0
    with ThreadPoolExecutor(CLIENTS) as pool, frequent_switches():
        for round_ in range(ROUNDS):
            mock = assemble(parts)
            told = pool.map(lambda client: calls_of(mock, 100 + round_, client, client % 2 == 1), range(CLIENTS))  # noqa: B023
            calls = [call for calls in told for call in calls]
            assert orders(parts, calls, mock.state()) is not None, f"round {round_}"
            overtaken += sum(one.end > other.start for one, other in pairwise(sorted(calls)))
    assert len(calls) * ROUNDS >= 2000
    assert overtaken > 0  # else nothing happened at once


@contextmanager
def frequent_switches() -> Iterator[None]:
    """Let threads take turns a thousand times as often, so that they meet within a request."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(5e-6)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def test_a_store_that_commits_without_a_look_is_found(parts: Parts) -> None:
    """A planted defect: decisions are taken on a state that others have changed since."""
    mock = assemble(parts)
    store = mock._store
    calls: list[Call] = []
    stale = [replace_nothing(mock, one) for one in (ADD_7, ADD_8)]
    for outcome, sent in zip(stale, (ADD_7, ADD_8), strict=True):
        store.transact(lambda state, outcome=outcome: outcome)  # type: ignore[misc]  # a default
        calls.append(Call(0.0, 1.0, sent, outcome.response))
    assert orders(parts, calls, mock.state()) is None


def replace_nothing(mock: MockService, sent: Request) -> Any:
    return mock.preview(sent)


# --- Processes that are killed ---


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_processes_that_are_killed_lose_nothing_that_they_acknowledged(
    request: pytest.FixtureRequest, parts: Parts, tmp_path: Path, kind: str
) -> None:
    """Killed under load and started again, several times; all rounds together have a serial order."""
    data = tmp_path / "data.yaml"
    data.write_text(json.dumps(DATA))
    with ExitStack() as stack:
        url = f"sqlite:///{tmp_path}/state.db"
        if kind == "postgresql":
            server: PostgresqlServer = request.getfixturevalue("postgresql_server")
            url = stack.enter_context(server.database())
        options = (str(NOTES), "--data", str(data), "--store", url, "--log", "off")
        calls: list[Call] = []
        for round_ in range(KILLS):
            with running_mock(*options) as running, ThreadPoolExecutor(CLIENTS) as pool:
                answered = Semaphore(0)
                told = [pool.submit(until_killed, running, round_, client, answered) for client in range(CLIENTS)]
                for _ in range(BEFORE_A_KILL):
                    assert answered.acquire(timeout=PATIENCE)
                running.process.kill()
                calls += [call for one in told for call in one.result()]
        with running_mock(*options) as running:
            assert orders(parts, calls, running.state()) is not None
        assert sum(call.response is not None for call in calls) >= KILLS * BEFORE_A_KILL


KILLS = 3
BEFORE_A_KILL = 10  # answers, so that the search stays small


def until_killed(running: RunningMock, round_: int, client: int, answered: Semaphore) -> list[Call]:
    chosen = random.Random(f"{round_}.{client}")
    calls: list[Call] = []
    while True:
        sent = some_request(chosen, client, round_ * 1000 + len(calls))
        start = time.perf_counter()
        try:
            status, headers, body = running.request(sent.method, sent.path, sent.body or None, dict(sent.headers))
        except (OSError, http.client.HTTPException):
            return [*calls, Call(start, NEVER, sent, None)]
        calls.append(Call(start, time.perf_counter(), sent, Response(status, tuple(headers.items()), body)))
        answered.release()
