"""Snapshots: saved, restored, exported and imported, and kept in a file from one run to the next."""

import json
import signal
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client

import lookalike
from lookalike.cli.saving import save, take_up
from lookalike.errors import UsageError
from lookalike.http import Headers, Request
from lookalike.sandboxes import Sandboxes
from lookalike.server.app import create_app
from lookalike.snapshots import MockClock, Snapshot, as_data, read_snapshot
from tests.support.in_process import ASHA, NOW, leads, mock, put, snapshot
from tests.support.paths import FIXTURES
from tests.support.running import running_mock

API = "/__lookalike"
ISAAC = {"lead_data": {"name": "Isaac"}}
PETS = FIXTURES / "contracts" / "pets" / "openapi.yaml"


def client() -> Client:
    return create_app(mock()).test_client()


def add_pet(pets: lookalike.Mock) -> int:
    body = b'{"name": "Rex", "kind": "dog"}'
    request = Request("POST", "/pets", "", Headers({"Content-Type": "application/json"}), body, NOW)
    key: int = pets.handle(request).json()["id"]
    return key


def test_a_restored_snapshot_is_the_state_that_was_saved() -> None:
    server = mock()
    put(server, ASHA, ISAAC)
    server.set_readings({"requirement": "tags-suffice"})
    server.clock = MockClock(5.0, 7.0)
    before = snapshot(server)
    server.save("one")
    server.reset()
    assert snapshot(server) != before
    server.restore(server.snapshots["one"])
    assert snapshot(server) == before
    assert (server.choices["requirement"], server.clock) == ("tags-suffice", MockClock(5.0, 7.0))


def test_a_snapshot_does_not_change_with_the_state() -> None:
    server = mock()
    server.save("one")
    before = json.dumps(as_data(server.snapshots["one"]))
    put(server, ASHA, ISAAC)
    assert json.dumps(as_data(server.snapshots["one"])) == before


def test_no_key_comes_twice_after_a_restore_also_of_items_that_are_gone() -> None:
    pets = lookalike.Mock(lookalike.load(PETS), security=False)
    key = add_pet(pets)
    pets.delete_item("pet", key)
    saved = read_snapshot(json.loads(json.dumps(as_data(pets.snapshot()))), "file")
    pets.reset()
    pets.restore(saved)
    assert add_pet(pets) == key + 1
    pets.replace_state({})
    pets.restore(saved._replace(items={}))
    assert add_pet(pets) == key + 1


def test_a_snapshot_moves_from_one_sandbox_to_another_by_its_file() -> None:
    api = client()
    a, b = {"Lookalike-Sandbox": "a"}, {"Lookalike-Sandbox": "b"}
    api.patch(f"{API}/state/lead/{ASHA}", json={"tags": [5]}, headers=a)
    assert api.put(f"{API}/snapshots/five", headers=a).status_code == 201
    exported = api.get(f"{API}/snapshots/five", headers=a).data
    assert api.get(f"{API}/snapshots/five", headers=b).status_code == 404
    assert [api.put(f"{API}/snapshots/copy", data=exported, headers=b).status_code for _ in range(2)] == [201, 200]
    assert api.post(f"{API}/snapshots/copy/restore", headers=b).status_code == 204
    assert (api.get(f"{API}/state/lead/{ASHA}", headers=b).json or {})["tags"] == [5]
    assert [one["name"] for one in api.get(f"{API}/snapshots", headers=b).json or []] == ["copy"]
    assert [api.delete(f"{API}/snapshots/copy", headers=b).status_code for _ in range(2)] == [204, 404]
    assert api.post(f"{API}/snapshots/copy/restore", headers=b).status_code == 404


LEAD = {"contact_number": 1, "country_code": 91}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ([], "expected a snapshot"),
        ({"lead": []}, "expected a snapshot"),
        ({"items": []}, "expected a snapshot"),
        ({"items": {}, "more": 1}, "more"),
        ({"items": {"deal": []}}, "deal"),
        ({"items": {"lead": [{"contact_number": "1"}]}}, "#/lead/0"),
        ({"items": {"lead": [LEAD, LEAD]}}, "#/lead/1"),
        ({"items": {}, "numbers": {"lead": "3"}}, "#/numbers"),
        ({"items": {}, "numbers": {"lead": True}}, "#/numbers"),
        ({"items": {}, "readings": {"requirement": "maybe"}}, "maybe"),
        ({"items": {}, "readings": {"unheard": "of"}}, "unheard"),
        ({"items": {}, "readings": []}, "#/readings"),
        ({"items": {}, "clock": {"offset": "1h", "stopped_at": None}}, "#/clock"),
        ({"items": {}, "clock": {"offset": 1}}, "#/clock"),
        ({"items": {}, "clock": {"offset": 10**400, "stopped_at": None}}, "#/clock"),
    ],
)
def test_a_file_that_does_not_fit_is_a_422_that_changes_nothing(data: Any, words: str) -> None:
    api = client()
    before = api.get(f"{API}/state").data
    answer = api.put(f"{API}/snapshots/bad", json=data)
    assert (answer.status_code, words in (answer.json or {})["detail"]) == (422, True), answer.text
    assert api.get(f"{API}/snapshots").json == []
    assert api.get(f"{API}/state").data == before


def test_names_and_number_of_snapshots_have_bounds() -> None:
    api = client()
    assert api.put(f"{API}/snapshots/a%20b").status_code == 400
    statuses = [api.put(f"{API}/snapshots/s{number}").status_code for number in range(101)]
    assert statuses == [201] * 100 + [507]
    assert api.put(f"{API}/snapshots/s0").status_code == 200


class TestFile:
    def test_all_sandboxes_that_were_changed_come_back(self, tmp_path: Path) -> None:
        file, before = tmp_path / "state.json", Sandboxes(mock())
        take_up(file, before)
        put(before.default, ASHA, ISAAC)
        before.get("a").clock = MockClock(60.0)
        before.get("untouched")
        save(file, before)
        after = Sandboxes(mock())
        take_up(file, after)
        assert json.loads(file.read_text()).keys() == {"default", "a"}
        assert leads(after.default) == leads(before.default)
        assert after.get("a").clock == MockClock(60.0)
        assert [path.name for path in tmp_path.iterdir()] == ["state.json"]

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("{", "not JSON"),
            ("[]", "for each sandbox"),
            ('{"default": {"items": {"lead": [{"contact_number": 1}]}}}', "country_code"),
            ('{"a b": {"items": {}}}', "no name"),
            ('{"default": {}}', "#/default"),
        ],
    )
    def test_a_file_that_does_not_fit_refuses_the_start_with_the_remedy(
        self, tmp_path: Path, text: str, words: str
    ) -> None:
        file = tmp_path / "state.json"
        file.write_text(text)
        with pytest.raises(UsageError, match=f"{words}.*delete the file"):
            take_up(file, Sandboxes(mock()))
        assert file.read_text() == text

    @pytest.mark.parametrize("place", ["nowhere/state.json", "."])
    def test_a_place_that_cannot_be_written_is_told_at_the_start(self, tmp_path: Path, place: str) -> None:
        with pytest.raises(UsageError, match="no file can be written there"):
            take_up(tmp_path / place, Sandboxes(mock()))

    def test_integers_and_texts_of_any_kind_come_back(self, tmp_path: Path) -> None:
        file, before = tmp_path / "state.json", Sandboxes(mock())
        lead = {"contact_number": 10**30, "country_code": 91, "data": {"n": "é\u2028", "m": 10**40}}
        before.default.replace_state({"lead": [lead]})
        save(file, before)
        take_up(file, after := Sandboxes(mock()))
        assert after.default.state() == before.default.state()


@pytest.mark.parametrize("with_signal", [signal.SIGTERM, signal.SIGINT])
def test_a_mock_takes_up_where_it_ended(tmp_path: Path, with_signal: int) -> None:
    options = ("lead", "--log", "off", "--save", str(tmp_path / "state.json"))
    with running_mock(*options) as running:
        assert running.put(ASHA, ISAAC)[0] == 201
        assert running.put(ASHA, {"lead_data": {"name": "Bea"}}, Lookalike_Sandbox="b")[0] == 201
        before = running.state()
        running.stop(with_signal)
    with running_mock(*options) as running:
        assert running.state() == before
        path = f"/__sandbox/b{API}/state/lead/{ASHA}"
        assert json.loads(running.request("GET", path)[2])["data"]["name"] == "Bea"


def test_a_snapshot_has_only_what_a_file_can_say() -> None:
    whole = Snapshot({"lead": [LEAD]}, {"lead": 3}, {"requirement": "enforced"}, MockClock(1.0, 2.0))
    assert read_snapshot(json.loads(json.dumps(as_data(whole))), "file") == whole
