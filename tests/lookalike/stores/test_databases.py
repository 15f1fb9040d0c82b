"""State in a database: kept from run to run, shared by connections that race, and never mistaken for another's."""

import json
import os
import re
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
import pytest

import lookalike
from lookalike.assembly import Sources, assemble, fit_stored, load
from lookalike.cli.first_request import first_request
from lookalike.errors import UsageError
from lookalike.exchanges import exchange_text
from lookalike.http import Request, Response
from lookalike.journal import JournalEntry
from lookalike.model.response.outcome import Outcome
from lookalike.model.state import Change, Put, State
from lookalike.sandboxes import DEFAULT, Sandboxes
from lookalike.server.app import create_app
from lookalike.server.control.journal_events import JournalListeners
from lookalike.server.dispatch import Dispatcher
from lookalike.server.metrics import Metrics
from lookalike.server.mock_handler import MockOptions
from lookalike.service import MockService
from lookalike.snapshots import MockClock
from lookalike.stores import pipeline
from lookalike.stores.database import Execute
from lookalike.stores.opening import open_stores
from lookalike.stores.sql import SqlStores
from tests.support.databases import PostgresqlServer, postgresql
from tests.support.in_process import ASHA, NOW, PARTS, leads, put, update

ISAAC, BEA = {"lead_data": {"name": "Isaac"}}, {"lead_data": {"name": "Bea"}}


OPENED: list[SqlStores] = []


def opened(url: str) -> SqlStores:
    """The stores at a URL, which are closed at the end of the test."""
    stores = open_stores(url, 2**20)
    assert isinstance(stores, SqlStores)
    OPENED.append(stores)
    return stores


def closed() -> None:
    while OPENED:
        OPENED.pop().close()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/state.db"
        closed()
    else:
        server: PostgresqlServer = request.getfixturevalue("postgresql_server")
        with server.database() as found:
            yield found
            closed()


def started(url: str, parts: Any = PARTS, clock: Callable[[], float] = time.monotonic) -> Sandboxes:
    """The sandboxes of a mock that starts on a store."""
    stores = opened(url)
    sandboxes = Sandboxes(assemble(parts, store=stores.open(DEFAULT)), clock=clock, stores=stores)
    fit_stored(sandboxes, stores)
    return sandboxes


class Decided(NamedTuple):
    changes: tuple[Change, ...]


class TestRestart:
    def test_all_that_a_client_can_notice_of_the_state_is_there_again(self, url: str) -> None:
        before = started(url)
        put(before.default, ASHA, ISAAC)
        put(before.get("a"), ASHA, BEA)
        before.get("a").set_readings({"requirement": "tags-suffice"})
        before.get("a").clock = MockClock(60.0)
        before.get("untouched")
        after = started(url)
        assert [leads(after.get(name)) for name in (DEFAULT, "a")] == [
            leads(before.get(name)) for name in (DEFAULT, "a")
        ]
        assert (after.get("a").choices["requirement"], after.get("a").clock) == ("tags-suffice", MockClock(60.0))
        assert [status.name for status in after.listed()] == [DEFAULT, "a", "untouched"]

    def test_a_reset_and_a_deletion_last(self, url: str) -> None:
        before = started(url)
        for name in (DEFAULT, "a", "b"):
            put(before.get(name), ASHA, ISAAC)
        before.default.reset()
        before.get("a").clock = MockClock(60.0)
        before.get("a").reset()
        before.delete("b")
        after = started(url)
        assert all(after.get(name).is_untouched for name in (DEFAULT, "a", "b"))
        assert after.get("a").clock is None

    def test_a_number_that_was_given_is_not_given_again(self, url: str) -> None:
        pets = load(Sources(Path("fixtures/contracts/pets/openapi.yaml").absolute()))
        keys = []
        for _ in range(2):
            server = started(url, pets).default
            body = b'{"name": "Rex", "kind": "dog"}'
            headers = {"content-type": "application/json", "authorization": "Bearer x"}
            key = server.handle(Request("POST", "/pets", "", headers, body, NOW)).json()["id"]
            server.delete_item("pet", key)
            keys.append(key)
        assert keys[1] == keys[0] + 1

    def test_items_that_no_longer_fit_the_document_refuse_the_start_and_stay(self, url: str) -> None:
        pets = Path("fixtures/contracts/pets/openapi.yaml").absolute()
        before = started(url, load(Sources(pets)))
        for key in (1, 2):
            before.get("a").patch_item("pet", key, {"name": "Minka the Elder"})
        before.default.patch_item("pet", 1, {"name": "Minka the Elder"})
        strict = json.loads(json.dumps(load(Sources(pets)).model.contract.document.data))
        strict["components"]["schemas"]["Pet"] |= {"not": {"properties": {"name": {"const": "Minka the Elder"}}}}
        parts = lookalike.Mock(lookalike.load(strict), security=False)
        stores = opened(url)
        after = Sandboxes(_mock(parts, stores.open(DEFAULT)), stores=stores)
        with pytest.raises(
            UsageError, match=r"default: .*#/pet/0.*; sandbox a: .*#/pet/0.*; sandbox a: .*#/pet/1.*--store"
        ):
            fit_stored(after, stores)
        again = started(url, load(Sources(pets)))
        assert (again.get("a").item("pet", 1) or {})["name"] == "Minka the Elder"

    def test_items_follow_a_reading_that_is_decided_otherwise_at_the_start(self, url: str) -> None:
        before = started(url)
        put(before.default, ASHA, ISAAC)
        after = started(url, load(Sources(readings={"number-form": "either"})))
        assert (after.default.item("lead", int(f"91{ASHA}")) or {})["data"]["name"] == "Isaac"


def _mock(mock: lookalike.Mock, store: Any) -> Any:
    start = mock.initial
    return type(mock).__mro__[1](start.model, store, start.choices, start.data, start.data_name)


class TestReplicas:
    """Two processes, as two sandboxes of everything on one database."""

    def test_each_follows_the_readings_the_clock_and_the_reset_of_the_other(self, url: str) -> None:
        one, other = started(url), started(url)
        one.get("a").set_readings({"requirement": "tags-suffice"})
        tags = {"add_tags": [101]}
        assert put(other.get("a"), ASHA, tags).status == 201
        one.get("a").clock = MockClock(0.0, 5.0)
        put(other.get("a"), ASHA, tags)
        assert other.get("a").clock == MockClock(0.0, 5.0)
        assert other.get("a").journal()[0].request.at == 5.0
        other.get("a").reset()
        assert put(one.get("a"), ASHA, tags).status == 400
        assert one.get("a").clock is None

    def test_each_lists_and_deletes_the_sandboxes_of_the_other(self, url: str) -> None:
        one, other = started(url), started(url)
        put(one.get("a"), ASHA, ISAAC)
        assert [status.name for status in other.listed()] == [DEFAULT, "a"]
        assert other.delete("a")
        assert one.get("a").is_untouched

    def test_a_sandbox_that_another_process_uses_is_not_dropped_as_idle(self, url: str) -> None:
        clock = Time()
        user, idler = started(url), started(url, clock=clock)
        put(user.get("a"), ASHA, ISAAC)
        assert [status.name for status in idler.listed()] == [DEFAULT, "a"]
        clock.now += 3601.0
        assert [status.name for status in idler.listed()] == [DEFAULT, "a"]
        assert leads(user.get("a")) == leads(idler.get("a"))
        OPENED[0]._database.run(lambda execute: execute("UPDATE lookalike_sandboxes SET used = used - 3601"))
        clock.now += 3601.0
        assert [status.name for status in idler.listed()] == [DEFAULT]
        assert user.get("a").is_untouched


class Time:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class TestRaces:
    def test_connections_that_race_for_one_item_lose_nothing(self, url: str) -> None:
        """Each adds one to the item that it reads, by a connection of its own, as processes have them."""
        first = opened(url).open("a")
        first.replace([Put("lead", 1, {"n": 0})])

        def work() -> None:
            store = opened(url).open("a")
            for _ in range(25):
                store.transact(increment)

        in_threads([work] * 4)
        assert first.read(lambda state: state.get("lead", 1)) == {"n": 100}

    @pytest.mark.parametrize("url", ["postgresql"], indirect=True)  # SQLite has one writer at a time
    def test_changes_of_two_items_do_not_meet(self, url: str) -> None:
        """They would, if a look at one item read its neighbours, as by an index of all items of a resource."""
        one, other = opened(url).open("a"), opened(url).open("a")
        one.replace([Put("lead", key, {"n": 0}) for key in range(100)])
        attempts = 0

        def overtaken(state: State) -> Decided:
            nonlocal attempts
            attempts += 1
            decided = increment(state)
            other.transact(lambda state: Decided((Put("lead", 2, {"n": (state.get("lead", 2) or {})["n"] + 1}),)))
            return decided

        one.transact(overtaken)
        assert attempts == 1

    def test_the_first_changes_of_two_connections_are_both_kept(self, url: str) -> None:
        one, other = started(url), started(url)
        works: list[Callable[[], object]] = [
            lambda: put(one.default, ASHA, {"add_tags": [], "lead_data": {"city": "Goa"}}),
            lambda: put(other.default, ASHA, ISAAC),
        ]
        in_threads(works)
        (lead,) = [item for item in leads(one.default) if item["contact_number"] == ASHA]
        assert (lead["data"]["city"], lead["data"]["name"]) == ("Goa", "Isaac")
        assert leads(one.default) == leads(other.default)

    @pytest.mark.parametrize("url", ["postgresql"], indirect=True)  # in SQLite, a retry locks others out
    def test_a_request_that_always_loses_the_race_gets_a_503_with_retry_after(self, url: str) -> None:
        sandboxes, rival = started(url), started(url)
        put(rival.default, ASHA, ISAAC)
        turns = iter(range(1000))
        respond = sandboxes.default.model.respond

        def beaten(state: State, request: Any, choose: Any) -> Any:
            outcome = respond(state, request, choose)
            rival.default.patch_item("lead", ASHA, {"tags": [next(turns)]})
            return outcome

        sandboxes.default.model.respond = beaten  # type: ignore[method-assign]  # a rival that is always faster
        try:
            response = Dispatcher(sandboxes.default, MockOptions(), sandboxes).respond(update(ASHA, ISAAC), "")
        finally:
            del sandboxes.default.model.respond
        assert (response.status, response.header("Retry-After")) == (503, "1")


def increment(state: State) -> Decided:
    item = state.get("lead", 1)
    assert item is not None
    return Decided((Put("lead", 1, {"n": item["n"] + 1}),))


def in_threads(works: list[Callable[[], object]]) -> None:
    with ThreadPoolExecutor(len(works)) as pool:
        for done in [pool.submit(work) for work in works]:
            done.result(120)


def test_a_database_of_the_first_version_is_brought_up_to_date_with_its_items(url: str) -> None:
    stores = opened(url)

    def made_anew(execute: Execute) -> None:
        for name in stores._database.tables(execute):
            if name.startswith("lookalike_"):
                execute(f"DROP TABLE {name}")
        text = (Path(__file__).parent / "schema-1.sql").read_text()
        for statement in text.partition("\n")[2].split(";\n"):
            if statement:
                execute(statement)

    stores._database.run(made_anew)
    stores.close()
    store = opened(url).open(DEFAULT)
    assert store.read(lambda state: state.get("lead", "one")) == {"n": 41}
    store.transact(increment)
    found = store.read(lambda state: (state.get("lead", 1), state.count("lead", None), state.number("lead")))
    assert found == ({"n": 42}, 1, 7)
    assert store.records is not None
    store.records.append("{}")
    store.mark_used()
    assert not store.drop_idle(3600)
    assert opened(url).names() == [DEFAULT]


class TestRefusals:
    def test_a_newer_schema_is_refused(self, url: str) -> None:
        stores = opened(url)
        stores._database.run(lambda execute: execute("UPDATE lookalike_meta SET value = '99' WHERE name = 'schema'"))
        with pytest.raises(UsageError, match=r"newer Lookalike \(schema 99; this one knows 2\).*Upgrade"):
            open_stores(url, 2**20)

    @pytest.mark.parametrize("table", ["lookalike_meta (name TEXT, value TEXT)", "lookalike_items (a TEXT)"])
    def test_tables_of_our_names_that_are_not_ours_are_refused(self, url: str, table: str) -> None:
        stores = opened(url)

        def spoil(execute: Execute) -> None:
            for name in ("meta", "sandboxes", "items", "aliases", "numbers"):
                execute(f"DROP TABLE lookalike_{name}")
            execute(f"CREATE TABLE {table}")

        stores._database.run(spoil)
        stores.close()
        with pytest.raises(UsageError, match=r"--store"):
            open_stores(url, 2**20)

    def test_a_file_of_another_program_is_left_alone(self, tmp_path: Path) -> None:
        text, other = tmp_path / "notes.txt", tmp_path / "other.db"
        text.write_text("no database\n" * 100)
        with sqlite3.connect(other) as connection:
            connection.execute("CREATE TABLE users (name TEXT)")
        connection.close()
        for file in (text, other):
            before = file.read_bytes()
            with pytest.raises(UsageError, match=r"database.*Choose another file"):
                open_stores(f"sqlite:///{file}", 2**20)
            if file is text:
                assert file.read_bytes() == before

    @pytest.mark.parametrize(
        ("url", "words"),
        [
            ("mysql://localhost/a", "'mysql' is no kind of store"),
            ("state.db", "no kind of store"),
            ("", "no kind of store"),
            ("sqlite://state.db", "names no file"),
            ("sqlite:///", "names no file"),
            ("sqlite:////nowhere/at/all.db", "cannot be opened"),
            ("postgresql://localhost:1/a", "cannot be reached"),
            ("postgresql://user:hush@localhost:1/a", "cannot be reached"),
            ("postgresql://[", "no URL of PostgreSQL"),
        ],
    )
    def test_a_url_that_opens_nothing_is_told_in_a_line_without_its_password(self, url: str, words: str) -> None:
        with pytest.raises(UsageError, match=words) as told:
            open_stores(url, 2**20)
        assert "hush" not in str(told.value)
        assert "\n" not in str(told.value)


def test_a_server_that_is_cut_off_is_a_503_and_serves_again_once_it_is_back() -> None:
    try:
        with postgresql() as server:
            sandboxes = started(server.url)
            site = Dispatcher(sandboxes.default, MockOptions(), sandboxes)
            assert site.respond(update(ASHA, ISAAC), "").status == 201
            server.stop()
            cut_off = [site.respond(update(ASHA, BEA), "") for _ in range(3)]
            options = MockOptions(metrics=Metrics(sandboxes).response)
            client = create_app(sandboxes.default, options, sandboxes=sandboxes).test_client()
            paths = ("state", "health/live", "health/ready", "metrics")
            api, live, ready, metrics = (client.get(f"/__lookalike/{path}") for path in paths)
            server.start()
            assert [(one.status, one.header("Retry-After")) for one in cut_off] == [(503, "1")] * 3
            assert (api.status_code, api.headers["Retry-After"]) == (503, "1")
            assert (live.status_code, ready.status_code, metrics.status_code) == (200, 503, 200)
            assert client.get("/__lookalike/health/ready").status_code == 200
            assert site.respond(update(ASHA, BEA), "").status == 201
            assert len(OPENED[-1]._database.run(lambda execute: execute(_CONNECTIONS))) == 1
            closed()
    except FileNotFoundError as error:
        pytest.skip(str(error))


_CONNECTIONS = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'"


def test_connections_that_are_terminated_under_load_are_503s_and_none_is_left() -> None:
    try:
        with postgresql() as server:
            sandboxes = started(server.url)
            site = Dispatcher(sandboxes.default, MockOptions(), sandboxes)
            seen: list[tuple[int, str | None]] = []

            def send() -> None:
                for _ in range(20):
                    response = site.respond(update(ASHA, ISAAC), "")
                    seen.append((response.status, response.header("Retry-After")))

            def terminate() -> None:
                with psycopg.connect(server.url, autocommit=True) as connection:
                    for _ in range(10):
                        connection.execute(_TERMINATE)
                        time.sleep(0.02)

            in_threads([send, send, send, send, terminate])
            assert set(seen) <= {(201, None), (503, "1")}
            for _ in range(3):  # one that was ended between two requests fails none
                with psycopg.connect(server.url, autocommit=True) as connection:
                    connection.execute(_TERMINATE)
                assert site.respond(update(ASHA, BEA), "").status == 201
            assert len(OPENED[-1]._database.run(lambda execute: execute(_CONNECTIONS))) == 1
            closed()
    except FileNotFoundError as error:
        pytest.skip(str(error))


def test_a_server_that_falls_silent_is_a_503_and_another_connection_serves(
    postgresql_server: PostgresqlServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "LONGEST_SILENCE", 0.2)
    with postgresql_server.database() as url:
        sandboxes = started(url)
        site = Dispatcher(sandboxes.default, MockOptions(), sandboxes)
        assert site.respond(update(ASHA, ISAAC), "").status == 201
        ((backend,),) = OPENED[-1]._database.run(lambda execute: execute("SELECT pg_backend_pid()"))
        os.kill(backend, signal.SIGSTOP)
        try:
            silent = site.respond(update(ASHA, BEA), "")
            assert (silent.status, silent.header("Retry-After")) == (503, "1")
            assert b"PostgreSQL is silent for 0.2 s" in silent.body
            assert site.respond(update(ASHA, BEA), "").status == 201
        finally:
            os.kill(backend, signal.SIGCONT)
        closed()


# It waits for at most 5 seconds until a connection has ended.
_TERMINATE = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"


def test_a_start_and_a_page_of_a_list_take_as_much_work_of_many_items_as_of_few(tmp_path: Path) -> None:
    """In instructions of SQLite's machine, which a look at each item would multiply."""
    pets = load(Sources(Path("fixtures/contracts/pets/openapi.yaml").absolute()))
    steps = {number: _steps_of_a_page(pets, f"sqlite:///{tmp_path}/{number}.db", number) for number in (100, 3000)}
    closed()
    assert steps[3000] <= 1.1 * steps[100]


def test_a_page_is_read_in_its_order_before_postgresql_has_statistics(postgresql_server: PostgresqlServer) -> None:
    with postgresql_server.database() as url:
        database = opened(url)._database
        database.run(lambda execute: execute(_SOME_ITEMS))
        database.run(lambda execute: execute(_AS_MANY))
        rows = "SELECT item FROM lookalike_items WHERE sandbox || '' = 'default' AND resource = 'pet'"
        plan = database.run(lambda execute: execute(f"EXPLAIN {rows} ORDER BY position LIMIT 20"))
        closed()
    assert "lookalike_items_by_position" in str(plan)
    assert "Sort" not in str(plan)


_SOME_ITEMS = (
    "INSERT INTO lookalike_items SELECT 'default', 'pet', n::text, n::text, n, '', n, '{}'"
    " FROM generate_series(1, 1000) AS n"
)
# PostgreSQL estimates the number of rows by these, and by the pages that there are now. Of 600,000 items it expects 15
# in a resource, as long as it has no statistics.
_AS_MANY = (
    "UPDATE pg_class SET reltuples = 600000, relpages = pg_relation_size('lookalike_items') / 8192"
    " WHERE relname LIKE 'lookalike_items%'"
)


def _steps_of_a_page(parts: Any, url: str, number: int) -> int:
    server = started(url, parts).default
    rex = {"name": "Rex", "kind": "dog", "created_at": "2026-01-01T00:00:00Z"}
    server.replace_state({"pet": [{"id": n, **rex} for n in range(1, number + 1)]})
    steps = 0

    def step() -> int:
        nonlocal steps
        steps += 1
        return 0

    request = Request("GET", "/pets", "limit=10", {"authorization": "Bearer x"}, b"", NOW)
    assert len(server.handle(request).json()["data"]) == 10
    OPENED[-1]._database._database._connection.set_progress_handler(step, 1)  # type: ignore[attr-defined]  # SQLite's
    server.handle(request)
    assert first_request(server, {}, False).found is not None
    return steps


def test_an_exchange_that_is_committed_after_later_ones_is_told_to_those_who_follow_the_journal(
    postgresql_server: PostgresqlServer,
) -> None:
    with postgresql_server.database() as url:
        here, there = started(url), started(url)
        stream = JournalListeners(here, _number).open(DEFAULT, None)
        late, early = (one.default._records for one in (there, here))
        assert late is not None
        assert early is not None
        text = exchange_text(update(ASHA, ISAAC), Outcome(Response(200)))

        def overtaken(execute: Execute) -> None:
            late.append(text)
            execute("SELECT 1")  # before which the entry is sent
            early.append(text)
            told.append(stream.more())

        told: list[bytes | None] = []
        OPENED[-1]._database.run(overtaken)
        told += [stream.more(), stream.more()]
        numbers = [re.findall(rb'"number":(\d+)', one or b"") for one in told]
        assert numbers == [[b"2"], [b"1"], []]
        assert re.findall(rb"id: (\d+)", told[1] or b"") == [b"2"]
        closed()


def _number(_: MockService, entry: JournalEntry) -> dict[str, int]:
    return {"number": entry.number}
