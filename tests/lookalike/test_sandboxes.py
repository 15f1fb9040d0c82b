"""Sandboxes: each request sees its own one, none sees another's changes, and their number, size and age have bounds."""

import gc
import json
import threading
import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from werkzeug.test import Client

import lookalike
from lookalike.errors import SandboxError, UsageError
from lookalike.http import Headers, Request, Response
from lookalike.model.state import Delete, Put
from lookalike.sandboxes import DEFAULT, Sandboxes, SandboxLimits
from lookalike.server.app import create_app
from lookalike.server.dispatch import Dispatcher
from lookalike.server.mock_handler import MockOptions
from lookalike.service import initial
from lookalike.stores.memory import BoundedMemoryStore, InitialItems, MemoryStore, MemoryStores
from lookalike.stores.store import Update
from tests.support.in_process import ASHA, AUTHORIZED, CONTRACT, JSON, NOW, PARTS, leads, mock, put, snapshot
from tests.support.running import TOKEN, RunningMock, running_mock

API = "/__lookalike"
ISAAC, BEA = {"lead_data": {"name": "Isaac"}}, {"lead_data": {"name": "Bea"}}


class Time:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def name(server: Any) -> str:
    (lead,) = [one for one in leads(server) if one["contact_number"] == ASHA]
    text: str = lead["data"]["name"]
    return text


def update(body: Any, sandbox: str = "", path: str = f"/leads/{ASHA}/update", **headers: str) -> Request:
    fields = {**AUTHORIZED, **JSON, **({"Lookalike-Sandbox": sandbox} if sandbox else {}), **headers}
    return Request("PUT", path, "", Headers(fields), json.dumps(body).encode(), NOW)


class TestIsolation:
    def test_a_change_is_seen_in_its_own_sandbox_alone(self) -> None:
        server = mock()
        sandboxes = Sandboxes(server)
        site = Dispatcher(server, MockOptions(), sandboxes)
        assert site.respond(update(ISAAC, "a"), "").status == 201
        assert site.respond(update(BEA, "b"), "").status == 201
        names = [name(sandboxes.get(one)) for one in ("default", "a", "b", "c")]
        assert names == ["Asha Rao", "Isaac", "Bea", "Asha Rao"]

    def test_a_sandbox_starts_with_the_initial_items_whatever_was_changed_in_the_default_one(self) -> None:
        server = mock()
        put(server, ASHA, ISAAC)
        assert name(Sandboxes(server).get("a")) == "Asha Rao"

    def test_each_has_a_journal_of_its_own(self) -> None:
        server = mock()
        sandboxes = Sandboxes(server)
        site = Dispatcher(server, MockOptions(), sandboxes)
        site.respond(update(ISAAC, "a"), "")
        site.respond(update(BEA, "b", path="/nowhere"), "")
        counts = {one: [entry.outcome.response.status for entry in sandboxes.get(one).journal()] for one in "abc"}
        assert counts == {"a": [201], "b": [404], "c": []}
        assert server.journal() == []

    def test_a_reset_resets_its_own_sandbox_alone(self) -> None:
        sandboxes = Sandboxes(mock())
        for one in "ab":
            put(sandboxes.get(one), ASHA, ISAAC)
        sandboxes.get("a").reset()
        assert [name(sandboxes.get(one)) for one in "ab"] == ["Asha Rao", "Isaac"]
        assert [len(sandboxes.get(one).journal()) for one in "ab"] == [0, 1]

    def test_items_of_one_can_be_deleted_while_another_keeps_them(self) -> None:
        sandboxes = Sandboxes(mock())
        assert sandboxes.get("a").delete_item("lead", ASHA)
        sandboxes.get("b").replace_state({"lead": []})
        assert sandboxes.get("a").item("lead", ASHA) is None
        assert sandboxes.get("c").item("lead", ASHA) is not None
        assert sandboxes.get("b").state()["lead"] == []

    def test_many_threads_in_sandboxes_of_their_own_never_see_each_other(self) -> None:
        server = mock()
        site = Dispatcher(server, MockOptions(), sandboxes := Sandboxes(server))
        errors: list[str] = []

        def work(number: int) -> None:
            for turn in range(20):
                site.respond(update({"lead_data": {"name": f"{number}.{turn}"}}, f"gw{number}"), "")
                seen = name(sandboxes.get(f"gw{number}"))
                errors.extend([f"{number} saw {seen}"] if seen != f"{number}.{turn}" else [])

        in_threads([lambda number=number: work(number) for number in range(32)])  # type: ignore[misc]  # a default
        assert errors == []
        assert name(server) == "Asha Rao"


def in_threads(works: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert not any(thread.is_alive() for thread in threads)


class TestRouting:
    """How a request names its sandbox, in both servers."""

    @pytest.mark.parametrize("base_path", ["", "/api/v1"])
    @pytest.mark.parametrize("kind", ["server", "wsgi"])
    def test_a_path_may_begin_with_the_sandbox(self, kind: str, base_path: str) -> None:
        contract = lookalike.load("tests/../fixtures/contracts/pets/openapi.yaml")
        pets = lookalike.Mock(contract, security=False)
        request = Request(
            "POST", f"/__sandbox/a{base_path}/pets", "", Headers(JSON), b'{"name": "Rex", "kind": "dog"}', NOW
        )
        if kind == "server":
            response = Dispatcher(pets, MockOptions(base_path), pets._sandboxes).respond(request, "")
        else:
            app = create_app(pets, MockOptions(base_path), sandboxes=pets._sandboxes)
            answer = app.test_client().post(request.path, data=request.body, headers=JSON)
            response = Response(answer.status_code, tuple(answer.headers.items()), answer.data)
        assert response.status == 201
        assert (response.header("Location") or "").startswith(f"/__sandbox/a{base_path}/pets/")
        assert len(pets.sandbox("a").state()["pet"]) == 1 + len(pets.state()["pet"])

    @pytest.mark.parametrize("path", [f"/__sandbox/a{API}/state/lead/{ASHA}", f"{API}/state/lead/{ASHA}"])
    def test_the_control_api_is_about_the_sandbox_that_is_named(self, path: str) -> None:
        server = mock()
        sandboxes = Sandboxes(server)
        app = create_app(server, sandboxes=sandboxes).test_client()
        site = Dispatcher(server, MockOptions(), sandboxes)
        put(sandboxes.get("a"), ASHA, ISAAC)
        headers = {} if path.startswith("/__sandbox") else {"Lookalike-Sandbox": "a"}
        assert (app.get(path, headers=headers).json or {})["data"]["name"] == "Isaac"
        request = Request("GET", path, "", Headers({"Host": "localhost", **headers}), b"", NOW)
        assert json.loads(site.respond(request, "127.0.0.1").body)["data"]["name"] == "Isaac"

    @pytest.mark.parametrize("path", [f"/__sandbox/a{API}/state", f"/__sandbox/a{API}/reset"])
    def test_the_control_api_of_a_sandbox_is_as_closed_as_the_other(self, path: str) -> None:
        server = mock()
        headers = Headers({"Host": "evil.example"})
        assert Dispatcher(server).respond(Request("GET", path, "", headers, b"", NOW), "192.0.2.1").status == 403
        client = create_app(server).test_client()
        assert client.get(path, environ_overrides={"REMOTE_ADDR": "192.0.2.1"}).status_code == 403

    @pytest.mark.parametrize(
        "bad",
        ["", "a b", "a/b", "é", "-a", ".", "..", "a" * 65, "a, b", "%61", "'; DROP TABLE items", "\x7f"],
        ids=repr,
    )
    def test_an_invalid_name_of_a_sandbox_is_a_400(self, bad: str) -> None:
        server = mock()
        sandboxes = Sandboxes(server)
        if bad:
            response = Dispatcher(server, MockOptions(), sandboxes).respond(update({}, bad), "")
            assert response.status == 400
            assert "no name of a sandbox" in (response.header("Lookalike-Reason") or "")
        with pytest.raises(SandboxError, match="no name of a sandbox"):
            sandboxes.get(bad)
        assert [status.name for status in sandboxes.listed()] == ["default"]

    def test_path_and_header_may_not_name_two(self) -> None:
        path = f"/__sandbox/a/leads/{ASHA}/update"
        assert Dispatcher(mock()).respond(update({}, "b", path=path), "").status == 400
        assert Dispatcher(mock()).respond(update(ISAAC, "a", path=path), "").status == 201

    def test_the_default_one_has_a_name_too(self) -> None:
        server = mock()
        Dispatcher(server).respond(update(ISAAC, "default"), "")
        assert name(server) == "Isaac"

    def test_a_refusal_before_the_model_is_in_the_journal_of_the_sandbox(self) -> None:
        server = mock()
        sandboxes = Sandboxes(server)
        site = Dispatcher(server, MockOptions(), sandboxes)
        site.too_large(update({}, path="/__sandbox/a/leads"), "")
        site.incomplete(update({}, "a"))
        assert [entry.outcome.response.status for entry in sandboxes.get("a").journal()] == [400, 413]

    def test_a_page_of_another_origin_may_send_the_header(self) -> None:
        headers = Headers(
            {
                "Origin": "https://app.example",
                "Access-Control-Request-Method": "PUT",
                "Access-Control-Request-Headers": "lookalike-sandbox",
            }
        )
        response = Dispatcher(mock()).respond(Request("OPTIONS", f"/leads/{ASHA}/update", "", headers, b"", NOW), "")
        assert response.header("Access-Control-Allow-Headers") == "lookalike-sandbox"


TOKENS = {"LeadToken": [{"token": "tok-a", "sandbox": "a"}, {"token": "tok-b", "sandbox": "b"}, {"token": "free"}]}


class TestBoundTokens:
    def mock(self) -> lookalike.Mock:
        scheme = next(iter(CONTRACT.schemes))
        return lookalike.Mock(CONTRACT, data=PARTS.data, tokens={scheme: TOKENS["LeadToken"]})

    def test_a_token_leads_to_its_sandbox(self) -> None:
        server = self.mock()
        site = Dispatcher(server, MockOptions(), server._sandboxes)
        for token, body in (("tok-a", ISAAC), ("tok-b", BEA)):
            assert site.respond(update(body, Authorization=f"Bearer {token}"), "").status == 201
        assert [name(server.sandbox(one)) for one in "ab"] == ["Isaac", "Bea"]
        assert name(server) == "Asha Rao"

    def test_a_bound_token_may_not_name_another_sandbox(self) -> None:
        server = self.mock()
        site = Dispatcher(server, MockOptions(), server._sandboxes)
        assert site.respond(update(ISAAC, "b", Authorization="Bearer tok-a"), "").status == 403
        assert site.respond(update(ISAAC, "a", Authorization="Bearer tok-a"), "").status == 201
        assert site.respond(update(BEA, "b", Authorization="Bearer free"), "").status == 201
        assert [name(server.sandbox(one)) for one in "ab"] == ["Isaac", "Bea"]

    @pytest.mark.parametrize(
        ("scheme", "entry", "headers", "query"),
        [
            ({"type": "apiKey", "in": "header", "name": "X-Key"}, {"token": "k"}, {"X-Key": "k"}, ""),
            ({"type": "apiKey", "in": "query", "name": "key"}, {"token": "k"}, {}, "key=k"),
            ({"type": "apiKey", "in": "cookie", "name": "sid"}, {"token": "k"}, {"Cookie": "sid=k"}, ""),
            (
                {"type": "http", "scheme": "basic"},
                {"username": "asha", "password": "x"},
                {"Authorization": "Basic YXNoYTp4"},
                "",
            ),
            ({"type": "oauth2", "flows": {}}, {"token": "k"}, {"Authorization": "bearer k"}, ""),
        ],
        ids=["header", "query", "cookie", "basic", "oauth2"],
    )
    def test_credentials_of_every_scheme_can_be_bound(
        self, scheme: dict[str, Any], entry: dict[str, str], headers: dict[str, str], query: str
    ) -> None:
        data = {
            "openapi": "3.1.0",
            "info": {"title": "T", "version": "1"},
            "paths": {"/pets": {"get": {"responses": {"200": {"description": "pets"}}}}},
            "components": {"securitySchemes": {"s": scheme}},
            "security": [{"s": []}],
        }
        server = lookalike.Mock(lookalike.load(data), tokens={"s": [{**entry, "sandbox": "mine"}]})
        request = Request("GET", "/pets", query, Headers(headers), b"", NOW)
        assert Dispatcher(server, MockOptions(), server._sandboxes).respond(request, "").status == 200
        assert len(server.sandbox("mine").journal()) == 1

    def test_a_name_that_is_none_is_told_with_its_place(self) -> None:
        with pytest.raises(UsageError, match=r"#/s/0.*no name of a sandbox"):
            lookalike.Mock(CONTRACT, tokens={"s": [{"token": "t", "sandbox": "a b"}]})


class TestBounds:
    @pytest.mark.repetitive
    def test_an_untouched_sandbox_takes_at_most_2_kib(self) -> None:
        sandboxes = Sandboxes(mock())
        sandboxes.get("first")
        gc.collect()
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        for number in range(2000):
            sandboxes.get(f"worker-{number}")
        gc.collect()
        each = (tracemalloc.get_traced_memory()[0] - before) / 2000
        tracemalloc.stop()
        assert each <= 2048

    def test_reading_leaves_a_sandbox_untouched(self) -> None:
        server = mock()
        sandboxes = Sandboxes(server)
        assert len(sandboxes.get("a").state()["lead"]) > 1
        put(sandboxes.get("a"), 1, {"lead_data": {}})
        assert sandboxes.get("a").is_untouched
        put(sandboxes.get("a"), ASHA, ISAAC)
        assert not sandboxes.get("a").is_untouched
        sandboxes.get("a").reset()
        assert sandboxes.get("a").is_untouched

    def test_a_sandbox_that_is_idle_for_too_long_is_dropped(self) -> None:
        clock = Time()
        sandboxes = Sandboxes(mock(), SandboxLimits(ttl=60.0), clock=clock)
        for one in "ab":
            put(sandboxes.get(one), ASHA, ISAAC)
        clock.now += 59
        assert name(sandboxes.get("a")) == "Isaac"
        clock.now += 59
        assert [status.name for status in sandboxes.listed()] == ["default", "a"]
        assert [name(sandboxes.get(one)) for one in "ab"] == ["Isaac", "Asha Rao"]

    def test_the_number_of_sandboxes_is_bounded_and_idle_ones_make_room(self) -> None:
        clock = Time()
        server = mock()
        sandboxes = Sandboxes(server, SandboxLimits(number=2, ttl=60.0), clock=clock)
        site = Dispatcher(server, MockOptions(), sandboxes)
        assert [site.respond(update(ISAAC, one), "").status for one in "abca"] == [201, 201, 503, 201]
        reason = site.respond(update(ISAAC, "c"), "").header("Lookalike-Reason") or ""
        assert all(word in reason for word in ("2 sandboxes", "--max-sandboxes", "--sandbox-ttl", "1m"))
        clock.now += 61
        assert site.respond(update(ISAAC, "c"), "").status == 201

    def test_items_of_the_default_sandbox_have_a_size_that_is_measured_now_and_then(self) -> None:
        store = MemoryStores(size=1, state_size=100_000).open(DEFAULT)
        assert isinstance(store, BoundedMemoryStore)

        def put(key: int, size: int) -> None:
            item = {"text": "x" * size}
            store.transact(lambda _: Update(None, (Put("lead", key, item),)))

        for key in range(200):
            with suppress(SandboxError):
                put(key, 1000)
        kept = store.count("lead", None)
        assert 86 - 16 <= kept <= 86 + 16  # an item takes 1,011 bytes of JSON, and 144 for its object and member
        with pytest.raises(SandboxError, match="--state-size") as refused:
            put(1000, 1000)
        assert (refused.value.status, store.count("lead", None)) == (507, kept)
        store.transact(lambda _: Update(None, tuple(Delete("lead", key) for key in range(100))))
        put(1000, 1000)

    @pytest.mark.parametrize("value", [{}, [], {"a": 1}, [[1]], 0.5, "text"], ids=repr)
    def test_an_item_of_many_small_values_counts_about_what_it_takes_in_memory(self, value: Any) -> None:
        text = json.dumps([value] * 5_000)
        tracemalloc.start()
        item = {"all": json.loads(text)}
        used = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        store, key = MemoryStores(size=10 * used).open("small"), 0
        with suppress(SandboxError):
            for key in range(100):
                store.transact(lambda _, key=key: Update(None, (Put("lead", key, item),)))  # type: ignore[misc]
        assert 5 <= key <= 20

    def test_items_of_a_sandbox_have_a_size(self) -> None:
        server = mock()
        sandboxes = Sandboxes(server, SandboxLimits(size=4000))
        site = Dispatcher(server, MockOptions(), sandboxes)
        large = {"lead_data": {"name": "x" * 2500}}
        assert site.respond(update(large, "a"), "").status == 201
        assert site.respond(update(large, "a"), "").status == 201  # it replaces the item
        more = site.respond(update({"lead_data": {"city": "x" * 1500}}, "a"), "")
        assert (more.status, "--sandbox-size" in (more.header("Lookalike-Reason") or "")) == (507, True)
        assert (sandboxes.get("a").item("lead", ASHA) or {})["data"]["city"] == "Pune"
        before = snapshot(sandboxes.get("a"))
        with pytest.raises(SandboxError, match="4000 bytes"):
            sandboxes.get("a").replace_state(
                {"lead": [{"contact_number": 1, "country_code": 9, "data": {"n": "x" * 5000}}]}
            )
        assert snapshot(sandboxes.get("a")) == before
        sandboxes.get("a").reset()
        assert site.respond(update({"lead_data": {"city": "x" * 1500}}, "a"), "").status == 201
        assert site.respond(update({"lead_data": {"name": "x" * 100_000}}), "").status == 201  # the default one

    def test_the_size_of_what_was_deleted_is_free_again(self) -> None:
        sandbox = Sandboxes(mock(), SandboxLimits(size=4000)).get("a")
        lead = {"country_code": 9, "data": {"n": "x" * 1500}}
        for number in range(1, 6):
            sandbox.put_item("lead", number, {"contact_number": number, **lead})
            sandbox.delete_item("lead", number)


class TestControl:
    def client(self, **limits: Any) -> Client:
        server = mock()
        return create_app(server, sandboxes=Sandboxes(server, SandboxLimits(**limits))).test_client()

    def test_sandboxes_are_made_listed_and_deleted(self) -> None:
        api = self.client()
        assert [api.put(f"{API}/sandboxes/a").status_code for _ in range(2)] == [201, 200]
        api.post(f"{API}/reset", headers={"Lookalike-Sandbox": "b"})
        listed = api.get(f"{API}/sandboxes").json or []
        assert [(one["name"], one["changed"]) for one in listed] == [("default", False), ("a", False), ("b", False)]
        assert (api.get(f"{API}/sandboxes/a").json or {})["expires_in"] > 3000
        assert api.get(f"{API}/sandboxes/default").json == listed[0]
        assert [api.delete(f"{API}/sandboxes/{one}").status_code for one in ("a", "a", "default")] == [204, 404, 409]
        assert api.get(f"{API}/sandboxes/a").status_code == 404

    @pytest.mark.parametrize(("path", "status"), [("sandboxes/a%20b", 400), ("sandboxes/c", 503)])
    def test_a_sandbox_that_cannot_be_made_is_an_error(self, path: str, status: int) -> None:
        assert self.client(number=0).put(f"{API}/{path}").status_code == status

    def test_a_sandbox_that_cannot_be_used_is_told(self) -> None:
        answer = self.client().get(f"{API}/state", headers={"Lookalike-Sandbox": "a b"})
        assert (answer.status_code, (answer.json or {})["title"]) == (400, "Bad Request")

    def test_readings_are_those_of_the_sandbox_until_its_reset(self) -> None:
        server = mock()
        sandboxes = Sandboxes(server)
        api = create_app(server, sandboxes=sandboxes).test_client()
        a = {"Lookalike-Sandbox": "a"}
        put(sandboxes.get("a"), ASHA, ISAAC)
        answer = api.patch(f"{API}/readings", json={"requirement": "tags-suffice"}, headers=a)
        assert next(one for one in answer.json or [] if one["id"] == "requirement")["choice"] == "tags-suffice"
        tags = {"add_tags": [101]}
        assert [put(sandboxes.get(one), ASHA, tags).status for one in ("a", "default")] == [201, 400]
        assert name(sandboxes.get("a")) == "Isaac"
        api.post(f"{API}/reset", headers=a)
        assert put(sandboxes.get("a"), ASHA, tags).status == 400

    @pytest.mark.parametrize("body", [{"requirement": "maybe"}, {"unheard": "of"}, {"requirement": 1}])
    def test_an_invalid_choice_is_a_422(self, body: Any) -> None:
        assert self.client().patch(f"{API}/readings", json=body).status_code == 422

    def test_the_clock_of_a_sandbox_is_set_moved_and_stopped(self) -> None:
        api = self.client()
        a = {"Lookalike-Sandbox": "a"}
        shown = api.put(f"{API}/clock", json={"time": "2031-05-01T00:00:00Z", "stopped": True}, headers=a).json or {}
        assert (shown["time"], shown["stopped"]) == ("2031-05-01T00:00:00.000Z", True)
        moved = api.put(f"{API}/clock", json={"move": 90}, headers=a).json or {}
        assert (moved["time"], moved["stopped"]) == ("2031-05-01T00:01:30.000Z", True)
        running = api.put(f"{API}/clock", json={"stopped": False}, headers=a).json or {}
        assert running["time"].startswith("2031-05-01T00:01:3")
        assert (api.get(f"{API}/clock").json or {})["offset"] == 0
        assert api.delete(f"{API}/clock", headers=a).status_code == 204
        assert (api.get(f"{API}/clock", headers=a).json or {})["offset"] == 0

    @pytest.mark.parametrize(
        "body",
        [
            {"time": 3},
            {"time": "noon"},
            {"move": "1h"},
            {"move": True},
            {"move": -(10**12)},
            {"move": 10**400},
            {"stopped": 1},
            {"at": 3},
            {"time": "9999-12-31T00:00:00Z"},
        ],
        ids=repr,
    )
    def test_an_invalid_time_is_a_422(self, body: Any) -> None:
        assert self.client().put(f"{API}/clock", json=body).status_code == 422

    def test_tokens_expire_by_the_clock_of_the_sandbox(self) -> None:
        scheme = next(iter(CONTRACT.schemes))
        tokens = {scheme: [{"token": "short", "expires": "2027-06-01T00:00:00Z"}]}
        server = lookalike.Mock(CONTRACT, data=PARTS.data, tokens=tokens)
        api = create_app(server, sandboxes=server._sandboxes).test_client()
        headers = {"Authorization": "Bearer short"}
        assert put(server, ASHA, ISAAC, {**headers, **JSON}).status == 201
        api.put(f"{API}/clock", json={"time": "2028-01-01T00:00:00Z"}, headers={"Lookalike-Sandbox": "late"})
        assert put(server.sandbox("late"), ASHA, ISAAC, {**headers, **JSON}).status == 401
        assert put(server, ASHA, ISAAC, {**headers, **JSON}).status == 201


class TestReload:
    def test_sandboxes_follow_a_changed_document_with_their_state_and_readings(self) -> None:
        server = mock()
        sandboxes = Sandboxes(server)
        put(sandboxes.get("a"), ASHA, ISAAC)
        sandboxes.get("a").set_readings({"requirement": "tags-suffice"})
        data = {"lead": [{"contact_number": 1, "country_code": 91}], "tag": []}
        sandboxes.get("untouched")
        sandboxes.follow(initial(PARTS.model, CONTRACT.choices({"tag-conflict": "add-wins"}), data))
        assert name(sandboxes.get("a")) == "Isaac"
        choices = sandboxes.get("a").choices
        assert (choices["requirement"], choices["tag-conflict"]) == ("tags-suffice", "add-wins")
        assert len(sandboxes.get("untouched").state()["lead"]) == 1
        sandboxes.get("a").reset()
        assert len(sandboxes.get("a").state()["lead"]) == 1

    def test_no_sandbox_follows_a_document_that_the_items_of_one_do_not_fit(self) -> None:
        contract = lookalike.load("fixtures/contracts/pets/openapi.yaml")
        strict = json.loads(json.dumps(contract.document.data))
        strict["components"]["schemas"]["Pet"] |= {"not": {"properties": {"name": {"const": "Minka the Elder"}}}}
        pets = lookalike.Mock(contract, security=False)
        pets.sandbox("a").patch_item("pet", 1, {"name": "Minka the Elder"})
        after = lookalike.Mock(lookalike.load(strict), security=False).initial
        with pytest.raises(UsageError, match=r"sandbox a: .*#/pet/0"):
            pets._sandboxes.follow(after)
        assert pets.model is not after.model
        assert pets.sandbox("a").model is pets.model


class TestCopyOnWrite:
    ITEMS = InitialItems([Put("a", 1, {"n": 1}, (9,), 7, 3), Put("a", 2, {"n": 2}, (), 7), Put("b", 1, {"n": 1})])

    @pytest.mark.parametrize(
        "change",
        [
            Put("a", 1, {"n": 5}, (8,), 7),
            Put("a", 3, {"n": 3}, (), 7, 9),
            Put("a", 1, {"n": 1}, (9,), 6),
            Delete("a", 1),
            Delete("b", 1),
            Put("c", 1, {"n": 1}, (4,), 2, 5),
        ],
        ids=repr,
    )
    def test_a_change_is_that_of_a_store_that_shares_nothing_and_the_others_keep_theirs(self, change: Any) -> None:
        plain, one, other = MemoryStore(list(self.ITEMS)), MemoryStore(self.ITEMS), MemoryStore(self.ITEMS)
        before = other.content
        frozen = json.dumps(before, default=str)
        for store in (plain, one):
            store.transact(lambda state: Decided((change, Put("b", 2, {"n": 2}))))
        assert one.content == plain.content
        assert json.dumps(before, default=str) == frozen
        assert MemoryStore(self.ITEMS).content == before


class Decided:
    def __init__(self, changes: tuple[Any, ...]) -> None:
        self.changes = changes


@pytest.fixture(scope="module")
def served() -> Any:
    with running_mock("lead", "--log", "off") as running:
        yield running


def test_32_clients_over_http_never_see_each_others_changes(served: RunningMock) -> None:
    """By header, by path, and the control API, each client in a sandbox of its own."""
    errors: list[str] = []

    def client(number: int) -> None:
        header = {"Lookalike-Sandbox": f"gw{number}"} if number % 2 else {}
        prefix = "" if number % 2 else f"/__sandbox/gw{number}"
        for turn in range(10):
            told = f"{number}.{turn}"
            body = {"lead_data": {"name": told}}
            status, _, _ = served.request("PUT", f"{prefix}/leads/{ASHA}/update", body, TOKEN | JSON | header)
            _, _, state = served.request("GET", f"{prefix}{API}/state/lead/{ASHA}", headers=header)
            seen = json.loads(state)["data"]["name"]
            _, _, journal = served.request("GET", f"{prefix}{API}/journal", headers=header)
            if (status, seen, len(json.loads(journal))) != (201, told, turn + 1):
                errors.append(f"{told}: {status} {seen}")

    in_threads([lambda number=number: client(number) for number in range(32)])  # type: ignore[misc]  # a default
    assert errors == []
    assert next(one for one in served.state()["lead"] if one["contact_number"] == ASHA)["data"]["name"] == "Asha Rao"


def test_sandboxes_are_bounded_by_options() -> None:
    with running_mock("lead", "--log", "off", "--max-sandboxes", "1", "--sandbox-ttl", "1h") as running:
        statuses = [running.put(ASHA, ISAAC, Lookalike_Sandbox=one)[0] for one in "ab"]
    assert statuses == [201, 503]
