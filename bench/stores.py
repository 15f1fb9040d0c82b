"""What stores carry, and whether they lose anything that was acknowledged.

    python -m bench.stores speed [--postgresql URL]
    python -m bench.stores crash [--rounds N] [--postgresql URL]

`speed` prints updates a second of distinct items over HTTP with the journal on, by wrk, beside a bare loop on the same
store, which reads an item, changes it and writes it back. `crash` kills the mock again and again while clients create
items, starts it anew, and looks for each item whose creation was acknowledged.
"""

import argparse
import http.client
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
PETS = ROOT / "fixtures" / "contracts" / "pets" / "openapi.yaml"
_CONNECTIONS, _SECONDS = 32, 5
_ITEMS = 1000
_CLIENTS = 8
_BEFORE_A_KILL = 100  # acknowledged creations
_PET = {"name": "Rex", "kind": "dog", "created_at": "2026-01-01T00:00:00Z"}


class Running(NamedTuple):
    """A mock that serves."""

    process: subprocess.Popen[str]
    port: int
    seconds: float
    """From its start until clients could connect."""


@contextmanager
def running(store: str, workers: int, *options: str) -> Iterator[Running]:
    """A mock of the pets on a store, in a group of processes of its own."""
    more = ("--workers", str(workers)) if workers > 1 else ()
    command = [sys.executable, "-m", "lookalike", "mock", str(PETS), "--port", "0", "--store", store, "--log", "off"]
    started = time.monotonic()
    process = subprocess.Popen(
        [*command, "--no-security", *more, *options], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        found = re.search(r":(\d+)$", process.stdout.readline() if process.stdout else "")
        if found is None:
            raise SystemExit("the mock did not start")
        yield Running(process, int(found[1]), time.monotonic() - started)
    finally:
        process.terminate()
        process.wait()


# --- Speed ---


def speed(databases: dict[str, str]) -> None:
    """Print the table of updates a second."""
    print("| store | processes | updates/s over HTTP | bare loop/s |\n| --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as folder:
        rows = [("memory:", 1)]
        rows += [(store, workers) for store in databases.values() for workers in (1, 2, 4)]
        for store, workers in rows:
            url = store.replace("FOLDER", folder)
            bare = _BARE[url.partition(":")[0]](url)
            with running(url, workers) as mock:
                data = {"pet": [{"id": number, **_PET} for number in range(1, _ITEMS + 1)]}
                _ask(mock.port, "PUT", "/__lookalike/state", data)
                print(f"| {url.partition(':')[0]} | {workers} | {_updates(mock.port):,.0f} | {bare:,.0f} |", flush=True)


def _updates(port: int) -> float:
    script = """
    local n = 0
    request = function()
      n = n + 1  -- another name each time, since a request that changes nothing writes no item
      local headers = {["Content-Type"] = "application/json"}
      return wrk.format("PATCH", "/api/pets/" .. (n % 1000 + 1), headers, '{"name": "Rex ' .. n .. '"}')
    end
    """
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(script)
        file.flush()
        command = ["wrk", "-t1", f"-c{_CONNECTIONS}", f"-d{_SECONDS}s", "-s", file.name, f"http://127.0.0.1:{port}"]
        told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in told:
        raise SystemExit(f"updates were refused: {told}")
    return float(re.findall(r"Requests/sec:\s+([\d.]+)", told)[0])


def _bare_memory(_: str) -> float:
    items = {number: json.dumps(_PET) for number in range(_ITEMS)}
    return _rate(lambda number: items.__setitem__(number, _changed(items[number])))


def _bare_sqlite(url: str) -> float:
    with tempfile.TemporaryDirectory() as folder:
        connection = sqlite3.connect(f"{folder}/bare.db", isolation_level=None)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("CREATE TABLE items (id INTEGER PRIMARY KEY, item TEXT)")
        connection.executemany("INSERT INTO items VALUES (?, ?)", [(n, json.dumps(_PET)) for n in range(_ITEMS)])

        def update(number: int) -> None:
            connection.execute("BEGIN IMMEDIATE")
            (item,) = connection.execute("SELECT item FROM items WHERE id = ?", (number,)).fetchone()
            connection.execute("UPDATE items SET item = ? WHERE id = ?", (_changed(item), number))
            connection.execute("COMMIT")

        try:
            return _rate(update)
        finally:
            connection.close()


def _bare_postgresql(url: str) -> float:
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS bare")
        connection.execute("CREATE TABLE bare (id INTEGER PRIMARY KEY, item TEXT)")
        connection.cursor().executemany(
            "INSERT INTO bare VALUES (%s, %s)", [(n, json.dumps(_PET)) for n in range(_ITEMS)]
        )

        def update(number: int) -> None:
            with connection.transaction():
                for (item,) in connection.execute("SELECT item FROM bare WHERE id = %s FOR UPDATE", (number,)):
                    connection.execute("UPDATE bare SET item = %s WHERE id = %s", (_changed(item), number))

        try:
            return _rate(update)
        finally:
            connection.execute("DROP TABLE bare")


_BARE: dict[str, Callable[[str], float]] = {
    "memory": _bare_memory,
    "sqlite": _bare_sqlite,
    "postgresql": _bare_postgresql,
}


def _changed(item: str) -> str:
    return json.dumps({**json.loads(item), "name": "Rex the Elder"})


def _rate(update: Callable[[int], object]) -> float:
    start, done = time.perf_counter(), 0
    while time.perf_counter() < start + 2.0:
        update(done % _ITEMS)
        done += 1
    return done / (time.perf_counter() - start)


# --- Crashes ---


def crash(databases: dict[str, str], rounds: int) -> None:
    """Kill a mock under load, in rounds; exits where a change is lost, or made twice."""
    for store in databases.values():
        for workers in (1, 2):
            with tempfile.TemporaryDirectory() as folder:
                _crash(store.replace("FOLDER", folder), workers, rounds)


def _crash(store: str, workers: int, rounds: int) -> None:
    acknowledged: set[str] = set()
    slowest = 0.0
    for round_ in range(rounds):
        with running(store, workers) as mock, ThreadPoolExecutor(_CLIENTS) as pool:
            slowest = max(slowest, mock.seconds)
            told: list[str] = []
            clients = [pool.submit(_create, mock.port, f"{workers}.{round_}.{n}", told) for n in range(_CLIENTS)]
            while len(told) < _BEFORE_A_KILL:
                time.sleep(0.001)
            os.killpg(mock.process.pid, signal.SIGKILL)
            for client in clients:
                client.result()
            acknowledged |= set(told)
    with running(store, workers) as mock:
        names = [pet["name"] for pet in _ask(mock.port, "GET", "/__lookalike/state/pet")]
        _ask(mock.port, "POST", "/__lookalike/reset", {})
    line = f"{rounds} kills, {len(acknowledged):,} acknowledged changes, slowest start {slowest:.2f} s"
    print(f"{store.partition(':')[0]}, {workers} processes: {line}", flush=True)
    lost, twice = acknowledged - set(names), len(names) - len(set(names))
    if lost or twice:
        raise SystemExit(f"{len(lost)} changes were lost, and {twice} were made twice")


def _create(port: int, name: str, told: list[str]) -> None:
    """Create items until the mock is gone."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    number = 0
    while True:
        number += 1
        body = json.dumps({"name": f"{name}.{number}", "kind": "dog"})
        try:
            connection.request("POST", "/api/pets", body, {"Content-Type": "application/json"})
            response = connection.getresponse()
            response.read()
        except (OSError, http.client.HTTPException):
            return
        if response.status == 201:
            told.append(f"{name}.{number}")


def _ask(port: int, method: str, path: str, body: object = None) -> list[dict[str, str]]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request(method, path, None if body is None else json.dumps(body))
    response = connection.getresponse()
    content = response.read()
    if response.status >= 300:
        raise SystemExit(f"{method} {path}: {response.status} {content[:200]!r}")
    found: list[dict[str, str]] = json.loads(content) if content else []
    connection.close()
    return found


def main() -> None:
    """Measure, or kill."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", choices=["speed", "crash"])
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--postgresql", metavar="URL", help="an empty database, which is left with tables of the mock")
    given = parser.parse_args()
    databases = {
        "sqlite": "sqlite:///FOLDER/state.db",
        **({"postgresql": given.postgresql} if given.postgresql else {}),
    }
    if given.work == "speed":
        speed(databases)
    else:
        crash(databases, given.rounds)


if __name__ == "__main__":
    main()
