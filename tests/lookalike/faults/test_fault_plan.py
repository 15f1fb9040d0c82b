"""Faults in a mock: which requests they meet, and which changes are committed all the same."""

import json
from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import yaml

import lookalike
from lookalike.errors import UsageError
from lookalike.faults.plan import _MAX_TOKENS
from lookalike.http import Headers, Request, Response, Transmission
from lookalike.sandboxes import Sandboxes
from lookalike.service import MockService
from lookalike.snapshots import MockClock, as_data, read_snapshot
from lookalike.stores.opening import open_stores
from tests.support.in_process import ASHA, AUTHORIZED, JSON, NOW, PARTS, leads, mock, put
from tests.support.paths import FIXTURES

PETS = FIXTURES / "contracts" / "pets" / "openapi.yaml"
CHANGE = {"lead_data": {"name": "Isaac"}}


def pets(**rules: Any) -> lookalike.Mock:
    made = lookalike.Mock(lookalike.load(PETS))
    made.set_faults(rules)
    return made


def ask(server: MockService, method: str = "GET", path: str = "/pets/1", at: float = NOW, **headers: str) -> Response:
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    body = b'{"name": "Rex", "kind": "dog"}' if method == "POST" else b""
    return server.handle(Request(method, path, "", Headers({**JSON, **fields}), body, at))


def statuses(server: MockService, number: int, **request: Any) -> list[int]:
    return [ask(server, **request).status for _ in range(number)]


def name(server: MockService) -> Any:
    return next(lead["data"]["name"] for lead in leads(server) if lead["contact_number"] == ASHA)


class TestCommit:
    @pytest.mark.parametrize("fault", ["status=503", "reset", "expired"])
    def test_a_fault_before_the_commit_changes_nothing(self, fault: str) -> None:
        server = mock()
        put(server, ASHA, CHANGE, {**AUTHORIZED, **JSON, "Lookalike-Fault": fault})
        assert name(server) == "Asha Rao"

    @pytest.mark.parametrize(
        "fault",
        [
            "status=503; at=after-commit",
            "reset; at=after-commit",
            "malformed",
            "truncate=3",
            "dribble=1s",
            "latency=1s",
        ],
    )
    def test_a_fault_after_the_commit_keeps_the_changes(self, fault: str) -> None:
        server = mock()
        put(server, ASHA, CHANGE, {**AUTHORIZED, **JSON, "Lookalike-Fault": fault})
        assert name(server) == "Isaac"

    def test_a_fault_is_in_the_journal_with_the_changes_that_were_committed(self) -> None:
        server = pets(lost={"reset": True, "at": "after-commit"})
        ask(server, "POST", "/pets")
        (entry,) = server.journal()
        assert [change.resource for change in entry.outcome.changes] == ["pet"]
        assert entry.outcome.response.header("Lookalike-Fault") == "lost"

    def test_a_header_field_that_is_no_fault_is_a_400_that_changes_nothing(self) -> None:
        server = mock()
        answer = put(server, ASHA, CHANGE, {**AUTHORIZED, **JSON, "Lookalike-Fault": "boom"})
        assert (answer.status, name(server)) == (400, "Asha Rao")

    @pytest.mark.parametrize("fault", ["reset", "status=503"])
    def test_a_client_that_retries_with_its_idempotency_key_makes_one_item(self, fault: str) -> None:
        document: Any = yaml.safe_load(PETS.read_text(encoding="utf-8"))
        key = {"name": "Idempotency-Key", "in": "header", "schema": {"type": "string"}}
        document["paths"]["/pets"]["post"]["parameters"] = [key]
        server = lookalike.Mock(lookalike.load(document))
        ask(server, "POST", "/pets", Idempotency_Key="k1", Lookalike_Fault=f"{fault}; at=after-commit")
        again = ask(server, "POST", "/pets", Idempotency_Key="k1")
        assert (again.status, again.transmission, again.header("Lookalike-Fault")) == (201, None, None)
        assert len(server.state()["pet"]) == 3


class TestWhich:
    def test_a_rule_with_every_changes_each_nth_request(self) -> None:
        assert statuses(pets(one={"every": 3, "status": 503}), 7) == [200, 200, 503, 200, 200, 503, 200]

    def test_a_rule_with_first_changes_the_first_requests(self) -> None:
        assert statuses(pets(one={"first": 2, "status": 500}), 4) == [500, 500, 200, 200]

    def test_a_rule_with_after_changes_the_requests_after_so_many(self) -> None:
        assert statuses(pets(one={"after": 2, "status": 500}), 4) == [200, 200, 500, 500]

    def test_a_rate_that_the_seed_repeats(self) -> None:
        found = statuses(pets(one={"rate": 0.3, "status": 503}), 200)
        assert 40 <= Counter(found)[503] <= 80
        assert found == statuses(pets(one={"rate": 0.3, "status": 503}), 200)
        assert found != statuses(pets(one={"rate": 0.3, "status": 503, "seed": 1}), 200)

    @pytest.mark.parametrize(("rate", "status"), [(0, 200), (1, 503)])
    def test_a_rate_of_0_changes_no_request_and_a_rate_of_1_changes_all(self, rate: int, status: int) -> None:
        assert set(statuses(pets(one={"rate": rate, "status": 503}), 50)) == {status}

    def test_only_the_operation_is_met_and_counted(self) -> None:
        server = pets(one={"operation": "listPets", "every": 2, "status": 503})
        assert statuses(server, 3) == [200, 200, 200]
        assert statuses(server, 2, path="/pets") == [200, 503]

    def test_only_the_token_is_met_and_counted(self) -> None:
        server = mock()
        server.set_faults({"one": {"token": PARTS.valid_token, "status": 503}})
        assert put(server, ASHA, CHANGE).status == 503
        assert put(server, ASHA, CHANGE, {**JSON, "Authorization": "Bearer other"}).status == 401

    def test_a_request_that_is_no_operation_s_meets_a_rule_for_all(self) -> None:
        assert ask(pets(one={"status": 503}), path="/nowhere").status == 503

    def test_a_maintenance_window_ends_when_the_clock_says_so_and_tells_when(self) -> None:
        server = pets(one={"from": "2030-01-01T00:00:00Z", "until": "2030-01-01T01:00:00Z", "status": 503})
        start = 1893456000.0
        answers = [ask(server, at=start + offset) for offset in (-1.0, 0.0, 3599.5, 3600.0)]
        assert [answer.status for answer in answers] == [200, 503, 503, 200]
        assert [answer.header("Retry-After") for answer in answers] == [None, "3600", "1", None]
        server.clock = MockClock(0.0, start)
        assert ask(server).status == 503


class TestScenarios:
    def test_answers_come_in_order_and_then_the_real_ones(self) -> None:
        server = pets(one={"operation": "getPet", "answers": [503, {"status": 429, "retry_after": 7}, "real", 500]})
        assert statuses(server, 6) == [503, 429, 200, 500, 200, 200]

    def test_a_scenario_repeats_where_it_is_to(self) -> None:
        assert statuses(pets(one={"answers": [503, "real"], "repeat": True}), 4) == [503, 200, 503, 200]

    def test_a_forced_body_is_sent_as_the_documented_type(self) -> None:
        pet = {"id": 1, "name": "Ghost", "kind": "cat", "created_at": "2026-01-01T00:00:00Z"}
        answer = ask(pets(one={"operation": "getPet", "answers": [{"status": 200, "body": pet}]}))
        assert (answer.status, answer.json(), answer.header("Content-Type")) == (200, pet, "application/json")

    def test_a_deliberate_text_is_sent_as_it_stands(self) -> None:
        page = {"status": 502, "headers": {"Content-Type": "text/html"}, "body": "<h1>Bad Gateway</h1>"}
        answer = ask(pets(one={**page, "deliberate": True}))
        assert (answer.body, answer.header("Content-Type")) == (b"<h1>Bad Gateway</h1>", "text/html")


class TestLimits:
    def test_a_rate_limit_refuses_what_is_over_it_until_the_window_ends(self) -> None:
        server = pets(one={"limit": {"requests": 2, "per": "60s"}})
        window = 1_800_000_000.0  # a multiple of 60
        answers = [ask(server, at=window + offset) for offset in (10.0, 11.0, 12.5, 59.9, 60.0)]
        assert [answer.status for answer in answers] == [200, 200, 429, 429, 200]
        assert [answer.header("RateLimit") for answer in answers][:3] == [
            f'"one";r={r};t={t}' for r, t in ((1, 50), (0, 49), (0, 48))
        ]
        assert answers[0].header("RateLimit-Policy") == '"one";q=2;w=60'
        assert [answer.header("Retry-After") for answer in answers] == [None, None, "48", "1", None]

    def test_each_token_has_a_limit_of_its_own(self) -> None:
        server = mock()
        server.set_faults({"one": {"limit": {"requests": 1, "per": "60s"}, "each_token": True}})
        other = {**JSON, "Authorization": "Bearer other"}
        found = [put(server, ASHA, CHANGE, headers).status for headers in (None, other, None, other)]
        assert found == [201, 401, 429, 429]

    def test_a_token_expires_after_so_many_calls_and_another_one_is_new(self) -> None:
        server = pets(one={"after": 2, "each_token": True, "expired": True})
        answers = [ask(server, Authorization="Bearer a") for _ in range(3)]
        assert [answer.status for answer in answers] == [200, 200, 401]
        assert answers[2].header("WWW-Authenticate") == 'Bearer error="invalid_token"'
        assert ask(server, Authorization="Bearer b").status == 200

    def test_the_tokens_that_are_counted_apart_are_bounded(self) -> None:
        contract = """{"openapi": "3.1.0", "info": {"title": "x", "version": "1"}, "paths": {"/x": {"get": {
            "security": [{"k": []}], "responses": {"200": {"description": "x"}}}}},
            "components": {"securitySchemes": {"k": {"type": "http", "scheme": "bearer"}}}}"""
        server = lookalike.Mock(lookalike.load(json.loads(contract)))
        server.set_faults({"one": {"after": 1, "each_token": True, "status": 503}})
        for number in range(_MAX_TOKENS + 5):
            ask(server, path="/x", Authorization=f"Bearer t{number}")
        assert len(server.fault_plan().counts) == _MAX_TOKENS


class TestResponses:
    def test_latencies_add_up_within_the_longest_delay(self) -> None:
        server = pets(one={"latency": "200ms"}, two={"latency": "300ms"})
        assert ask(server).delay == pytest.approx(0.5)
        assert ask(server, Prefer="delay=1000").delay == pytest.approx(1.5)
        assert ask(pets(one={"latency": "60s"}, two={"latency": "60s"})).delay == 60.0

    def test_lognormal_latencies_have_their_median(self) -> None:
        server = pets(one={"latency": {"lognormal": {"median": "100ms", "sigma": 0.5}}})
        delays = sorted(ask(server).delay for _ in range(401))
        assert delays[200] == pytest.approx(0.1, rel=0.2)
        assert delays[-1] > 0.2

    def test_the_first_rule_with_an_answer_has_it_and_all_of_them_count(self) -> None:
        server = pets(
            one={"every": 2, "status": 503}, two={"every": 2, "status": 500}, three={"every": 3, "reset": True}
        )
        answers = [ask(server) for _ in range(3)]
        assert [answer.status for answer in answers][:2] == [200, 503]
        assert answers[2].transmission == Transmission(is_reset=True)

    @pytest.mark.parametrize("path", ["/pets/1", "/pets", "/pets/99"])
    def test_a_malformed_body_is_no_json(self, path: str) -> None:
        with pytest.raises(ValueError, match=r"Expecting|Extra|delimiter"):
            ask(pets(one={"malformed": True}), path=path).json()

    def test_a_body_that_is_cut_is_cut_on_its_way(self) -> None:
        answer = ask(pets(one={"truncate": 5, "dribble": "2s"}))
        assert answer.transmission == Transmission(5, 2.0)
        assert answer.json()["name"] == "Minka"

    def test_a_documented_error_keeps_its_form(self) -> None:
        server = mock()
        server.set_faults({"one": {"status": 404}})
        answer = put(server, ASHA, CHANGE)
        usual = put(mock(), 1, CHANGE)
        assert (answer.status, answer.json().keys()) == (404, usual.json().keys())


class TestState:
    def test_a_reset_goes_back_to_the_rules_of_the_start_and_counts_anew(self) -> None:
        parts = {"one": {"every": 2, "status": 503}}
        server = MockService(PARTS.model, mock()._store, dict(mock().choices), PARTS.data, faults=parts)
        assert [put(server, ASHA, CHANGE).status for _ in range(3)] == [201, 503, 201]
        server.set_faults({})
        assert put(server, ASHA, CHANGE).status == 201
        server.reset()
        assert server.faults == parts
        assert [put(server, ASHA, CHANGE).status for _ in range(2)] == [201, 503]

    def test_sandboxes_have_rules_and_counts_of_their_own(self) -> None:
        rules = {"all": {"every": 2, "status": 503}, "mine": {"sandbox": "a", "status": 500}}
        server = MockService(PARTS.model, mock()._store, dict(mock().choices), PARTS.data, faults=rules)
        sandboxes = Sandboxes(server)
        found = {one: [put(sandboxes.get(one), ASHA, CHANGE).status for _ in range(2)] for one in ("a", "b", "c")}
        assert found == {"a": [500, 503], "b": [201, 503], "c": [201, 503]}
        sandboxes.get("b").set_faults({})
        assert [put(sandboxes.get(one), ASHA, CHANGE).status for one in ("b", "c")] == [201, 201]

    def test_a_rule_that_stays_goes_on_counting_and_one_that_changes_begins_anew(self) -> None:
        server = pets(one={"every": 3, "status": 503}, two={"every": 3, "reset": True})
        statuses(server, 2)
        server.set_faults({"one": {"every": 3, "status": 503}, "two": {"every": 2, "status": 500}})
        assert statuses(server, 2) == [503, 500]

    def test_a_rule_that_is_wrong_changes_nothing(self) -> None:
        server = pets(one={"every": 2, "status": 503})
        ask(server)
        with pytest.raises(UsageError):
            server.set_faults({"one": {"status": 1}})
        assert ask(server).status == 503

    def test_a_snapshot_keeps_rules_and_counts(self) -> None:
        server = pets(one={"every": 3, "status": 503})
        statuses(server, 2)
        file = json.loads(json.dumps(as_data(server.snapshot())))
        other = pets()
        other.restore(read_snapshot(file, "file"))
        assert statuses(other, 2) == [503, 200]

    @pytest.mark.parametrize(
        "faults",
        [[], {}, {"rules": 1, "counts": {}}, {"rules": {}, "counts": {"a": 1}}, {"rules": {"a": 1}, "counts": {}}],
    )
    def test_a_snapshot_with_invalid_faults_is_refused(self, faults: Any) -> None:
        with pytest.raises(UsageError):
            pets().restore(read_snapshot({"items": {}, "faults": faults}, "file"))

    @pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
    def test_two_processes_share_rules_counts_and_resets(
        self, kind: str, tmp_path: Path, request: pytest.FixtureRequest
    ) -> None:
        with ExitStack() as stack:
            url = f"sqlite:///{tmp_path}/state.db"
            if kind == "postgresql":
                url = stack.enter_context(request.getfixturevalue("postgresql_server").database())
            one, two = (_replica(stack, url) for _ in range(2))
            one.set_faults({"one": {"every": 2, "status": 503}})
            found = [put(server, ASHA, CHANGE).status for server in (one, two, two, one)]
            assert found == [201, 503, 201, 503]
            assert two.fault_plan().counts["one"].requests == 4
            two.reset()
            assert [put(server, ASHA, CHANGE).status for server in (one, one)] == [201, 201]
            assert one.faults == {}


def _replica(stack: ExitStack, url: str) -> MockService:
    stores = open_stores(url, 2**20)
    stack.callback(stores.close)
    choices: Mapping[str, str] = mock().choices
    return MockService(PARTS.model, stores.open("default"), dict(choices), PARTS.data)
