"""Verdicts from recorded traffic: what is wrong is found, and whoever may be right is not accused."""

import json
from collections.abc import Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Any

import pytest

import lookalike
from lookalike.http import ObservedExchange, Request, Response
from lookalike.openapi.yaml_text import load_yaml
from lookalike.verify.results import Report
from lookalike.verify.traffic.base_url import BaseUrl, base_of
from lookalike.verify.traffic.credentials import seen_schemes
from lookalike.verify.traffic.judge import TrafficJudge
from lookalike.verify.traffic.known_items import _ItemsByName
from tests.support.in_process import ASHA, AUTHORIZED
from tests.support.paths import FIXTURES, ROOT
from tests.support.servers.repositories import Repositories

PETS = lookalike.load(FIXTURES / "contracts" / "pets" / "openapi.yaml")
LEADS = lookalike.load(ROOT / "openapi.yaml")
BASE = BaseUrl("http://api.test", "/api")
JSON = (("Content-Type", "application/json"),)
REX = {"id": 3, "name": "Rex", "kind": "dog", "created_at": "2026-03-01T00:00:00Z"}
MAX = {**REX, "name": "Max"}
_numbers = count(1)


def exchange(
    method: str, path: str, status: int | None, shown: Any = None, sent: Any = None, **more: Any
) -> ObservedExchange:
    """A recorded exchange; each begins a second after the one before."""
    number, at = next(_numbers), more.pop("at", 0.0)
    headers = {"content-type": "application/json"} if sent is not None else {}
    body = b"" if sent is None else json.dumps(sent).encode()
    request = Request(
        method,
        path.partition("?")[0],
        path.partition("?")[2],
        {**headers, **more.pop("headers", {})},
        body,
        number + at,
    )
    content = b"" if shown is None else json.dumps(shown).encode()
    response = None if status is None else Response(status, JSON if content else (), content)
    return ObservedExchange(number, more.pop("origin", BASE.origin), request, response, 0.1, **more)


CREATED = ("POST", "/api/pets", 201, REX, {"name": "Rex", "kind": "dog"})
READ = ("GET", "/api/pets/3", 200, REX)
CHANGED = ("PATCH", "/api/pets/3", 200, MAX, {"name": "Max"})
VISIT = "6f1c1c4e-3a53-4f6b-9a53-0d3f6f3b2a10"
VISITED = ("POST", "/api/pets/3/visits", 201, {"id": VISIT, "reason": "flu"}, {"reason": "flu"})
FIRST = {**REX, "id": 1}
LISTED = ("GET", "/api/pets", 200, {"data": [FIRST, REX], "total": 2})
UNLISTED = ("GET", "/api/pets", 200, {"data": [FIRST], "total": 1})
ERROR = {"error": "no"}
DELETED = ("DELETE", "/api/pets/3", 204)
GONE = ("GET", "/api/pets/3", 404, ERROR)


def judged(*exchanges: Any, contract: lookalike.Contract = PETS, settle: float = 0.0) -> TrafficJudge:
    judge = TrafficJudge(contract, BASE, settle)
    for one in exchanges:
        judge.judge(one if isinstance(one, ObservedExchange) else exchange(*one))
    return judge


def broken(judge: TrafficJudge) -> list[str]:
    return [finding.clause for finding in judge.findings]


WRONG: dict[str, tuple[tuple[Any, ...], str]] = {
    "an undocumented status": ((("GET", "/api/pets/1", 202, REX),), "getPet.answers-as-documented"),
    "a body that breaks the schema": (
        (("GET", "/api/pets/1", 200, {**REX, "name": 3}),),
        "getPet.answers-as-documented",
    ),
    "a method that is not there": ((("DELETE", "/api/pets/1", 405, ERROR),), "deletePet.is-implemented"),
    "an invalid request that is accepted": (
        (("POST", "/api/pets", 201, REX, {"name": "Rex", "kind": 3}),),
        "createPet.refused-when-invalid",
    ),
    "a created item that is not there": ((CREATED, GONE), "createPet.readable-after-create"),
    "a created item that the whole list lacks": (
        (VISITED, ("GET", "/api/pets/3/visits", 200, [])),
        "addVisit.listed-after-create",
    ),
    "a deleted item that is listed as before": ((READ, DELETED, LISTED), "deletePet.absent-after-delete"),
    "a created item that the list shows otherwise": (
        (CREATED, ("GET", "/api/pets", 200, {"data": [{**REX, "name": "Tom"}], "total": 1}), GONE),
        "createPet.readable-after-create",
    ),
    "a created item with another name": (
        (CREATED, ("GET", "/api/pets/3", 200, {**REX, "name": "Tom"})),
        "createPet.readable-after-create",
    ),
    "a change that is lost": ((CREATED, READ, CHANGED, READ), "changePet.changed-after-change"),
    "a change of an item that was there before": ((CHANGED, READ), "changePet.changed-after-change"),
    "an item that is deleted and stays": ((CREATED, READ, DELETED, READ), "deletePet.absent-after-delete"),
}


@pytest.mark.parametrize(("exchanges", "clause"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_found_with_its_clause(exchanges: tuple[Any, ...], clause: str) -> None:
    judge = judged(*exchanges)
    assert clause in broken(judge)
    report = judge.report()
    assert report.exit_code == 1
    assert {one.status.value for one in report.clauses if one.id == clause} == {"violated"}


HIDDEN_WRITE = exchange("POST", "/api/pets/3/vaccinate", 202, REX)
OTHER_USER = {"headers": {"authorization": "Bearer other"}}
RIGHT: dict[str, tuple[Any, ...]] = {
    "a life as it should be": (CREATED, READ, CHANGED, ("GET", "/api/pets/3", 200, MAX), DELETED, GONE),
    "somebody else changes an item that was seen right": (CREATED, READ, ("GET", "/api/pets/3", 200, MAX)),
    "somebody else deletes an item that was seen right": (CREATED, READ, GONE),
    "an operation of unknown effect comes between": (CREATED, HIDDEN_WRITE, GONE),
    "an undocumented write comes between": (CREATED, ("POST", "/api/purge", 204), GONE),
    "a write without an answer comes between": (CREATED, ("PATCH", "/api/pets/3", None, None, {"name": "X"}), GONE),
    "a write to the parent comes between": (
        VISITED,
        DELETED,
        ("GET", f"/api/pets/3/visits/{VISIT}", 404, ERROR),
    ),
    "another user asks": (CREATED, exchange("GET", "/api/pets/3", 404, ERROR, **OTHER_USER)),
    "the read began before the write was answered": (CREATED, exchange(*GONE, at=-1.05)),
    "a soft deletion": (CREATED, READ, DELETED, ("GET", "/api/pets/3", 200, {**REX, "tags": ["deleted"]})),
    "a deletion of what was never seen": (DELETED, READ),
    "a body that is not in the record": (
        exchange("GET", "/api/pets/1", 200, missing=frozenset({"response.body"})),
        exchange("POST", "/api/pets", 201, REX, missing=frozenset({"request.body"})),
    ),
    "a member that requests should not have": (("POST", "/api/pets", 201, REX, {**REX, "other": 1}),),
    "a refusal for a reason of its own": (("POST", "/api/pets", 400, ERROR, CREATED[-1]),),
    "credentials that are not in the record": (("GET", "/api/pets", 403, ERROR),),
    "a list that may go on": (CREATED, ("GET", "/api/pets", 200, {"data": [FIRST], "total": 9})),
    "a list that was asked to leave some out": (CREATED, ("GET", "/api/pets?kind=cat", *UNLISTED[2:])),
    "the list of another parent": (VISITED, ("GET", "/api/pets/4/visits", 200, [])),
    "a list of another user": (CREATED, exchange(*UNLISTED, headers=OTHER_USER["headers"])),
    "somebody else deletes an item that a list showed right": (CREATED, LISTED, GONE),
    "an item that a list shows otherwise after its deletion": (
        READ,
        DELETED,
        ("GET", "/api/pets", 200, {"data": [{**REX, "tags": ["deleted"]}], "total": 1}),
    ),
    "a deletion while the item was put again": (
        CREATED,
        exchange("DELETE", "/api/pets/3", 204),
        exchange("PATCH", "/api/pets/3", 200, MAX, {"name": "Max"}, at=-1.0),
        exchange("DELETE", "/api/pets/3", 204, at=-2.0),
        ("GET", "/api/pets/3", 200, MAX),
    ),
    "a response from the cache of the client": (("GET", "/api/pets/1", 304),),
}  # fmt: skip


@pytest.mark.parametrize("exchanges", RIGHT.values(), ids=RIGHT)
def test_a_server_that_may_be_right_is_not_accused(exchanges: tuple[Any, ...]) -> None:
    assert broken(judged(*exchanges)) == []


OF_OTHERS: dict[str, tuple[Any, ...]] = {
    "an item changes between two reads": (CREATED, READ, ("GET", "/api/pets/3", 200, MAX)),
    "a list shows an item otherwise": (READ, ("GET", "/api/pets", 200, {"data": [FIRST, MAX], "total": 2})),
    "an item that was seen is gone": (CREATED, READ, GONE),
    "an item that was seen cannot be changed": (READ, ("PATCH", "/api/pets/3", 404, ERROR, {"name": "Max"})),
}
BACK = ("GET", "/api/pets/3", 200, {**REX, "name": "Tom"})


@pytest.mark.parametrize("work", OF_OTHERS.values(), ids=OF_OTHERS)
@pytest.mark.parametrize("is_first", [True, False])
def test_a_record_in_which_somebody_else_writes_proves_no_lost_write(work: tuple[Any, ...], is_first: bool) -> None:
    difference = (CREATED, BACK)
    judge = judged(*(*work, *difference) if is_first else (*difference, *work))
    report = judge.report()
    assert (broken(judge), report.exit_code) == ([], 0)
    assert any(note.startswith("pet: someone else wrote to its items") for note in report.notes)


def test_an_item_that_is_back_as_it_was_before_its_deletion_is_nobody_elses_work() -> None:
    judge = judged(*OF_OTHERS["an item changes between two reads"], CREATED, READ, DELETED, READ)
    judge.report()
    assert broken(judge) == ["deletePet.absent-after-delete"]


def test_after_a_write_that_failed_nothing_is_expected_of_the_item() -> None:
    assert broken(judged(CREATED, ("DELETE", "/api/pets/3", 503), GONE)) == ["deletePet.answers-as-documented"]


@pytest.mark.parametrize(
    ("name", "clauses"),
    [("new", []), ("old", ["change.changed-after-change"]), (None, ["change.changed-after-change"])],
)
def test_after_a_change_that_may_have_renamed_an_item_nothing_is_expected_at_its_old_name(
    name: str | None, clauses: list[str], tmp_path: Path
) -> None:
    (tmp_path / "openapi.json").write_text(Repositories().document)
    sent = {"title": "B", **({"name": name} if name is not None else {})}
    changed = ("PATCH", "/repositories/old", 200, {"name": "old", "title": "B"} | sent, sent)
    judge = TrafficJudge(lookalike.load(tmp_path / "openapi.json"), BaseUrl(BASE.origin, ""))
    for one in (changed, ("GET", "/repositories/old", 404, ERROR)):
        judge.judge(exchange(*one))
    assert broken(judge) == clauses


def test_a_read_may_lag_behind_for_as_long_as_the_user_says() -> None:
    assert broken(judged(CREATED, GONE, settle=5.0)) == []


def test_what_clients_do_wrong_is_told_and_is_no_fault_of_the_server() -> None:
    report = judged(("POST", "/api/pets", 400, ERROR, {"name": 3}), ("GET", "/api/ghosts/77", 404)).report()
    assert report.exit_code == 0
    notes = "\n".join(report.notes)
    assert "a request breaks the contract: POST /pets: kind is required; name must be a string" in notes
    assert "no operation of the document: GET /ghosts/{} (1x, answered 404)" in notes


def test_drift_is_told_in_both_directions_and_operations_without_traffic_are_named() -> None:
    shown = {"data": [{**REX, "nickname": "R"}], "total": 1, "page": 1}
    report = judged(
        ("GET", "/api/pets", 200, shown), ("POST", "/api/pets", 201, REX, {**REX, "colour": "red"})
    ).report()
    notes = "\n".join(report.notes)
    assert "members that the document does not have, in listPets 200: data[].nickname" in notes
    assert "members that the document does not have, sent to createPet: " in notes
    assert "members that the document has and no answer showed, in createPet 201: tags" in notes
    assert {one.id for one in report.operations if one.is_sent} == {"listPets", "createPet"}
    assert 0 < report.coverage < 1


def test_a_server_of_which_no_operation_was_seen_is_not_judged() -> None:
    report = judged(("GET", "/api/dogs", 200, []), ("GET", "/api/cats", 200, [])).report()
    assert (report.exit_code, report.problem) == (
        3,
        "no exchange with http://api.test/api and an operation of the document was recorded",
    )


def test_a_credential_that_stands_within_other_words_is_not_hidden_in_them() -> None:
    keys = ({"x-key": "ex"}, {"authorization": "Bearer long-secret"})
    report = judged(*(exchange("GET", "/api/dogs/long-secret", 200, headers=one) for one in keys)).report()
    assert [*report.notes] == ["no operation of the document: GET /dogs/$TOKEN (2x, answered 200)"]


def test_exchanges_with_other_servers_are_counted_and_nothing_else() -> None:
    elsewhere = [exchange("GET", "/api/pets/1", 500, origin="http://cdn.test"), exchange("GET", "/app.js", 200)]
    report = judged(CREATED, *elsewhere).report()
    assert report.requests == 1
    assert "exchanges with other servers or paths, which were not judged: 2" in report.notes
    assert judged(*elsewhere).report().exit_code == 3


def test_the_base_is_where_most_operations_are_or_where_the_user_says() -> None:
    recorded = [exchange("GET", "/api/pets", 200, origin="http://b.test") for _ in range(2)]
    recorded += [exchange("GET", "/app.js", 200, origin="http://cdn.test") for _ in range(9)]
    assert base_of(PETS, recorded) == BaseUrl("http://b.test", "/api")
    assert base_of(PETS, recorded, "https://c.test/v2/") == BaseUrl("https://c.test", "/v2")
    assert base_of(PETS, recorded[2:]) == BaseUrl("", "/api")


def test_no_secret_is_in_the_report() -> None:
    secret = {"headers": {"authorization": "Bearer s3cr3t-t0ken", "x-api-key": "k-12345678"}}
    echo = {"message": "no access for s3cr3t-t0ken and k-12345678"}
    report = judged(exchange("GET", "/api/pets/1", 500, echo, **secret)).report()
    assert report.failures
    assert "s3cr3t" not in repr(report)
    assert "k-12345678" not in repr(report)


def test_at_most_three_failures_of_a_clause_are_shown_and_all_are_counted() -> None:
    report = judged(*[("GET", "/api/pets/1", 202, REX)] * 5).report()
    assert len(report.failures) == 3
    assert next(one for one in report.clauses if one.status.value == "violated").reason == "broken by 5 of 5 exchanges"


# Stated clauses, by worlds


def lead(status: int, message: str, sent: Any, number: Any = ASHA) -> ObservedExchange:
    shown = {"status": status, "message": message, "success": status < 300}
    return exchange("PUT", f"/api/leads/{number}/update", status, shown, sent, headers=AUTHORIZED)


OK, UNKNOWN = "Successfully updated lead.", "Invalid contact number!"
DATA = {"lead_data": {"name": "Asha"}}


@pytest.mark.parametrize("status", [404, 400])
def test_a_server_may_choose_where_the_page_leaves_a_choice(status: int) -> None:
    message = UNKNOWN if status == 404 else "contact-number must be an integer"
    judge = judged(*[lead(status, message, DATA, "not-a-number")] * 2, lead(201, OK, DATA), contract=LEADS)
    assert broken(judge) == []
    report = judge.report()
    assert {one.id: one.choice for one in report.readings}["path-type"] == str(status)


def test_a_server_may_not_choose_both() -> None:
    both = [lead(404, UNKNOWN, DATA, "abc"), lead(400, "contact-number must be an integer", DATA, "abd")]
    assert broken(judged(*both, contract=LEADS))


WRONG_LEADS = {
    "another message": (lead(201, "Done.", DATA), "OK-1"),
    "another status": (lead(200, OK, DATA), "OK-1"),
    "an invalid body that is accepted": (lead(201, OK, {"add_tags": "x", "lead_data": {}}), "BODY-"),
}


@pytest.mark.parametrize(("wrong", "clause"), WRONG_LEADS.values(), ids=WRONG_LEADS)
def test_stated_clauses_are_judged(wrong: ObservedExchange, clause: str) -> None:
    assert [one[: len(clause)] for one in broken(judged(wrong, contract=LEADS))] == [clause]


def test_leads_may_come_and_go_between_two_requests() -> None:
    exchanges = [lead(201, OK, DATA), lead(404, UNKNOWN, DATA), lead(201, OK, DATA)]
    assert broken(judged(*exchanges, contract=LEADS)) == []


# Honest servers: whatever `verify` asks a mock, no answer of it is held against it.


class RecordingMock(lookalike.Mock):
    """A mock that keeps its exchanges over resets."""

    def handle(self, request: Request) -> Response:
        response = super().handle(request)
        headers = tuple(field for field in response.headers if not field[0].startswith("Lookalike-"))
        sent = request._replace(headers=dict(request.headers), path=f"/api{request.path}", base_path="")
        log: list[tuple[Request, Response]] = self.__dict__.setdefault("log", [])
        log.append((sent, response._replace(headers=headers)))
        return response

    def recorded(self) -> Iterator[ObservedExchange]:
        for number, (request, response) in enumerate(self.__dict__["log"], 1):
            yield ObservedExchange(number, BASE.origin, request, response)


def verified(contract: lookalike.Contract, readings: Mapping[str, str]) -> tuple[Report, TrafficJudge]:
    mock = RecordingMock(contract, readings=readings)
    with mock.serve() as server:
        report = lookalike.verify(f"http://{server.host}:{server.port}", contract, layers=("clauses",))
    return report, judged(*mock.recorded(), contract=contract)


OTHERS = {
    id: next((choice for choice in reading.choices if choice != reading.default), reading.default)
    for id, reading in LEADS.readings.items()
}


@pytest.mark.repetitive
@pytest.mark.parametrize(
    ("contract", "readings"), [(PETS, {}), (LEADS, {}), (LEADS, OTHERS)], ids=["pets", "leads", "leads, other choices"]
)
def test_no_answer_of_a_mock_is_held_against_it(contract: lookalike.Contract, readings: Mapping[str, str]) -> None:
    report, judge = verified(contract, readings)
    assert report.exit_code == 0
    assert [(one.clause, one.expected, one.got) for one in judge.findings] == []
    assert judge.report().exit_code == 0


def _secured() -> lookalike.Contract:
    data = load_yaml(FIXTURES / "contracts" / "pets" / "openapi.yaml")
    key, token = {"type": "apiKey", "in": "header", "name": "X-Key"}, {"type": "http", "scheme": "bearer"}
    components = {**data["components"], "securitySchemes": {"key": key, "token": token}}
    return lookalike.load({**data, "security": [{"key": []}, {"token": []}], "components": components})


SECURED = _secured()
KEY, TOKEN = {"x-key": "k"}, {"authorization": "Bearer t"}
OPEN = ("GET", "/api/pets/3", 200, REX)
CLAUSE = "getPet.refused-without-credentials"


@pytest.mark.parametrize(
    ("exchanges", "seen", "found"),
    [
        ([exchange(*OPEN)], ["key", "token"], [CLAUSE]),
        ([exchange(*OPEN)], ["key"], []),  # there may have been a token
        ([exchange(*OPEN)], [], []),
        ([exchange(*OPEN, headers=KEY)], ["key", "token"], []),
        ([exchange(*OPEN, headers=TOKEN)], ["key", "token"], []),
        ([exchange(*OPEN, headers={"cookie": "sid=1"})], ["key", "token"], []),
        ([exchange("GET", "/api/pets/3", 401, ERROR)], ["key", "token"], []),
        ([exchange("GET", "/api/pets/3", 404, ERROR)], ["key", "token"], []),
    ],
)
def test_a_request_without_credentials_must_be_refused_where_the_record_would_show_them(
    exchanges: list[ObservedExchange], seen: list[str], found: list[str]
) -> None:
    judge = TrafficJudge(SECURED, BASE, seen=seen)
    for one in exchanges:
        judge.judge(one)
    assert [one for one in broken(judge) if one == CLAUSE] == found


def test_a_record_shows_the_credentials_of_which_it_has_some() -> None:
    assert seen_schemes(SECURED, [exchange(*OPEN)]) == frozenset()
    assert seen_schemes(SECURED, [exchange(*OPEN), exchange(*OPEN, headers=KEY)]) == {"key"}
    assert seen_schemes(SECURED, [exchange(*OPEN, headers=KEY), exchange(*OPEN, headers=TOKEN)]) == {"key", "token"}


def test_a_creation_looks_through_no_other_items(monkeypatch: pytest.MonkeyPatch) -> None:
    """Were there a look at each, twenty thousand creations would take minutes."""
    judge = judged(*(("POST", "/api/pets", 201, {**REX, "id": id}, CREATED[4]) for id in range(3)))

    def refuse(items: Any) -> Any:
        raise AssertionError(f"all {len(items)} items are looked through")

    monkeypatch.setattr(_ItemsByName, "__iter__", refuse)
    judge.judge(exchange("POST", "/api/pets", 201, {**REX, "id": 3}, CREATED[4]))
    judge.judge(exchange("POST", "/api/pets", 201, {**REX, "id": 2}, CREATED[4]))
    judge.judge(exchange("GET", "/api/pets/1", 200, {**REX, "id": 1, "name": "Max"}))
    assert "createPet.readable-after-create" in broken(judge)


@pytest.mark.repetitive
def test_a_long_record_is_counted_whole_and_takes_no_more_memory_than_a_short_one() -> None:
    judge = TrafficJudge(PETS, BASE)
    for number in range(10, 1_510):
        judge.judge(exchange("GET", f"/api/pets/{number}", 202, REX))
        judge.judge(exchange("GET", f"/api/{'x' * (number % 1_200)}y", 200, {}))
        judge.judge(exchange("POST", "/api/pets", 400, ERROR, {"name": "", "kind": f"{number}"}))
    report = judge.report()
    count = next(one for one in report.clauses if one.id == "getPet.answers-as-documented")
    assert count.reason.startswith("broken by 1500 of ")
    assert len(judge.findings) < 50
    assert len(report.notes) < 2_010
