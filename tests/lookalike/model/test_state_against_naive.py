"""What is inferred for the pets of fixtures/contracts, against a naive model, over sequences of requests."""

import json
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from lookalike.assembly import Sources, assemble, load
from lookalike.http import Headers, Request
from tests.support.in_process import NOW
from tests.support.naive_pets import KINDS, Pets
from tests.support.paths import FIXTURES

PARTS = load(Sources(FIXTURES / "contracts" / "pets" / "openapi.yaml"))
JSON = Headers({"Content-Type": "application/json"})

ids = st.integers(1, 6)
names = st.sampled_from(["Rex", "Minka", ""])
kinds = st.sampled_from([*KINDS, "fish"])
tags = st.lists(st.sampled_from("ab"), max_size=2)
server_sets = {"id": st.integers(1, 9), "created_at": st.just("1999-01-01T00:00:00Z")}
pets = st.fixed_dictionaries({"name": names, "kind": kinds}, optional={"tags": tags, **server_sets})
changes = st.fixed_dictionaries(
    {}, optional={"name": names | st.none(), "kind": kinds, "tags": tags | st.none(), **server_sets}
)


class AgainstNaive(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.mock = assemble(PARTS)
        self.naive = Pets(PARTS.data["pet"])

    def send(self, method: str, target: str, body: Any = None) -> tuple[int, Any]:
        path, _, query = target.partition("?")
        sent = b"" if body is None else json.dumps(body).encode()
        answer = self.mock.handle(Request(method, path, query, JSON, sent, NOW))
        return answer.status, json.loads(answer.body) if answer.body else None

    def compare(self, due: tuple[int, Any], got: tuple[int, Any]) -> None:
        assert got[0] == due[0], (due, got)
        if due[1] is not None:
            assert got[1] == due[1]

    @rule(body=pets)
    def create(self, body: Any) -> None:
        self.compare(self.naive.create(body), self.send("POST", "/pets", body))

    @rule(id=ids)
    def read(self, id: int) -> None:
        self.compare(self.naive.read(id), self.send("GET", f"/pets/{id}"))

    @rule(kind=st.sampled_from(["", *KINDS]), limit=st.integers(1, 3), offset=st.integers(0, 3))
    def list_some(self, kind: str, limit: int, offset: int) -> None:
        target = f"/pets?kind={kind}&limit={limit}&offset={offset}"
        self.compare(self.naive.list(kind, limit, offset), self.send("GET", target))

    @rule(id=ids, body=pets)
    def replace_twice(self, id: int, body: Any) -> None:
        self.compare(self.naive.replace(id, body), self.send("PUT", f"/pets/{id}", body))
        once = self.mock.state()
        self.send("PUT", f"/pets/{id}", body)
        assert self.mock.state() == once

    @rule(id=ids, body=changes)
    def change(self, id: int, body: Any) -> None:
        self.compare(self.naive.change(id, body), self.send("PATCH", f"/pets/{id}", body))

    @rule(id=ids)
    def delete(self, id: int) -> None:
        self.compare(self.naive.delete(id), self.send("DELETE", f"/pets/{id}"))

    @rule(id=ids, reason=st.sampled_from(["ill", "vaccination"]))
    def visit(self, id: int, reason: str) -> None:
        self.compare(self.naive.visit(id, reason), self.send("POST", f"/pets/{id}/visits", {"reason": reason}))

    @rule(id=ids)
    def visits_of(self, id: int) -> None:
        status, visits = self.send("GET", f"/pets/{id}/visits")
        reasons = [{"reason": visit["reason"]} for visit in visits] if status == 200 else None
        self.compare(self.naive.visits_of(id), (status, reasons))

    @invariant()
    def nothing_else_has_changed(self) -> None:
        state = self.mock.state()
        assert {pet["id"]: pet for pet in state["pet"]} == self.naive.pets
        assert len(state["visit"]) == sum(map(len, self.naive.visits.values()))
        assert (state["user"], state["settings"]) == ([], [{"language": "en", "newsletter": False}])


TestAgainstNaive = AgainstNaive.TestCase
TestAgainstNaive.settings = settings(
    max_examples=150, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
