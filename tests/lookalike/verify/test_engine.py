"""One engine: stated and inferred clauses in one run, what was exercised, events, and failures that come and go."""

import json
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from lookalike.contract.reader import load_contract
from lookalike.http import Request, Response
from lookalike.verify.clauses import clauses_of, inferred_clauses, stated_operations
from lookalike.verify.coverage import Coverage
from lookalike.verify.events import CleanUp, Event, FailureFound, RunEnded, StoryEnded, StoryStarted
from lookalike.verify.execution.options import Options
from lookalike.verify.results import ClauseStatus, Report
from lookalike.verify.run import Run
from lookalike.verify.server.client import Budget, Client
from lookalike.verify.server.target import Target
from lookalike.verify.server.transport import ConnectionSettings
from lookalike.verify.setup import environment_of, environment_of_mock, mocked, prefixed
from tests.support.answering import answering
from tests.support.in_process import CONTRACT
from tests.support.paths import ROOT
from tests.support.running import running_mock

ID, TEXT = {"type": "integer", "readOnly": True}, {"type": "string"}
NOTE = {"type": "object", "required": ["text"], "properties": {"id": ID, "text": TEXT}}
ANSWER = {"description": "it", "content": {"application/json": {"schema": NOTE}}}
NOTES: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Notes", "version": "1"},
    "paths": {
        "/notes": {
            "post": {
                "operationId": "createNote",
                "requestBody": {"required": True, "content": {"application/json": {"schema": NOTE}}},
                "responses": {"201": ANSWER, "400": {"description": "wrong"}},
            },
        },
        "/notes/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}],
            "get": {"operationId": "getNote", "responses": {"200": ANSWER, "404": {"description": "none"}}},
            "delete": {"operationId": "deleteNote", "responses": {"204": {"description": "gone"}}},
        },
    },
}
LEAD_READ = """
overlay: 1.1.0
info: {title: a second operation beside the one that is stated, version: "1"}
actions:
  - target: $.paths
    update:
      /leads/{contact-number}:
        get:
          operationId: getLead
          parameters: [{name: contact-number, in: path, required: true, schema: {type: integer}}]
          x-lookalike:
            select: {resource: lead, by: $request.path.contact-number, absent: '404'}
            answer: {status: '200', body: $item}
          responses:
            '200': {description: it, content: {application/json: {schema: {type: object}}}}
            '404': {description: none}
"""


def written(folder: Path, data: Any) -> Path:
    file = folder / "api.json"
    file.write_text(json.dumps(data))
    return file


class Notes:
    """A right server of notes; `spoil` may replace an answer, of which it gets the number of the request."""

    def __init__(self, spoil: Callable[[Request, int], Response | None] = lambda request, number: None) -> None:
        self.notes: dict[str, Any] = {}
        self.spoil = spoil
        self.numbers = count(1)
        self.ids = count(10)

    def __call__(self, request: Request) -> Response:
        spoilt = self.spoil(request, next(self.numbers))
        return self.answer(request) if spoilt is None else spoilt

    def answer(self, request: Request) -> Response:
        if request.method == "POST":
            try:
                body = json.loads(request.body)
            except ValueError:
                return told(400, {})
            if not isinstance(body, dict) or not all(
                isinstance(one, str) for one in (body.get("text"), *body.values())
            ):
                return told(400, {})
            id = str(next(self.ids))
            self.notes[id] = {**body, "id": int(id)}
            return told(201, self.notes[id])
        id = request.path.rpartition("/")[2]
        if id not in self.notes:
            return told(404, {})
        if request.method == "DELETE":
            del self.notes[id]
            return Response(204)
        return told(200, self.notes[id])


def told(status: int, value: Any) -> Response:
    return Response(status, (("Content-Type", "application/json"),), json.dumps(value).encode())


def judged(folder: Path, server: Notes, **options: Any) -> Report:
    contract = load_contract(written(folder, NOTES))
    with answering(server) as url:
        client = Client(url, ConnectionSettings(), Budget())
        environment = environment_of(contract, client, Target({}, {}), 1)
        return Run(environment, Options(**{"layers": ("clauses",), **options})).report()


def test_clauses_are_inferred_for_each_operation_that_no_stated_clause_covers(tmp_path: Path) -> None:
    overlay = tmp_path / "overlay.yaml"
    overlay.write_text(LEAD_READ)
    contract = load_contract(ROOT / "openapi.yaml", [overlay])
    assert [operation.id for operation in stated_operations(contract)] == [
        operation.id for operation in CONTRACT.operations
    ]
    assert {id.partition(".")[0] for id in inferred_clauses(contract)} == {"getLead"}
    assert set(clauses_of(contract)) == {*CONTRACT.clauses, *inferred_clauses(contract)}


@pytest.mark.repetitive
def test_an_operation_beside_the_stated_one_is_sent_and_judged_too(tmp_path: Path) -> None:
    overlay = tmp_path / "overlay.yaml"
    overlay.write_text(LEAD_READ)
    contract = load_contract(ROOT / "openapi.yaml", [overlay])
    with running_mock("--overlay", str(overlay)) as mock:
        client = Client(prefixed(mock.url, contract), ConnectionSettings(), Budget())
        environment = environment_of_mock(contract, client, mocked(client, None), 1)
        report = Run(environment, Options(("clauses",))).report()
    assert (report.exit_code, report.failures) == (0, ())
    assert [(one.id, one.is_judged) for one in report.operations if one.id == "getLead"] == [("getLead", True)]
    assert all(clause.status is ClauseStatus.HELD for clause in report.clauses if "getLead" in clause.id)


def test_a_stated_clause_that_no_story_is_about_is_not_exercised_and_the_inferred_ones_are_judged(
    tmp_path: Path,
) -> None:
    stated = {"clauses": {"NOTE-1": {"says": "a note can be read", "from": ["our handbook"]}}}
    contract = load_contract(written(tmp_path, {**NOTES, "x-lookalike": stated}))
    with answering(Notes()) as url:
        client = Client(url, ConnectionSettings(), Budget())
        report = Run(environment_of(contract, client, Target({}, {}), 1), Options(("clauses",))).report()
    statuses = {clause.id: clause.status for clause in report.clauses}
    assert report.exit_code == 0
    assert statuses.pop("NOTE-1") is ClauseStatus.NOT_EXERCISED
    assert set(statuses.values()) == {ClauseStatus.HELD}


def test_the_report_says_of_each_operation_whether_it_was_judged_and_a_verdict_how_many(tmp_path: Path) -> None:
    report = judged(tmp_path, Notes(), clauses=("createNote.answers-as-documented",))
    by_id = {one.id: one for one in report.operations}
    assert (by_id["createNote"].is_judged, by_id["getNote"].is_judged) == (True, False)
    assert by_id["getNote"].reason == "not asked for in this run"


def test_a_run_in_which_no_operation_was_judged_is_exit_code_3(tmp_path: Path) -> None:
    contract = load_contract(written(tmp_path, {**NOTES, "paths": {"/notes": NOTES["paths"]["/notes"]}}))
    options = Options(("clauses",), clauses=("createNote.no-such",))
    with answering(Notes()) as url:
        client = Client(url, ConnectionSettings(), Budget())
        report = Run(environment_of(contract, client, Target({}, {}), 1), options).report()
    assert (report.exit_code, report.failures) == (3, ())


def test_coverage_counts_documented_statuses_and_media_types_and_can_be_demanded(tmp_path: Path) -> None:
    report = judged(tmp_path, Notes())
    assert report.coverage == 1.0
    contract = load_contract(written(tmp_path, NOTES))
    assert {(cell.operation, cell.status) for cell in Coverage(contract).cells} == {
        ("createNote", "201"),
        ("createNote", "400"),
        ("getNote", "200"),
        ("getNote", "404"),
        ("deleteNote", "204"),
    }
    part = judged(tmp_path, Notes(), clauses=("getNote.answers-as-documented",), min_coverage=0.9)
    assert part.exit_code == 3
    assert "less than the 90% asked for" in part.problem


def once(status: int) -> Callable[[Request, int], Response | None]:
    """Spoils the answer to the first read."""
    seen = count()

    def spoil(request: Request, number: int) -> Response | None:
        return told(status, {"text": "x", "id": 1}) if request.method == "GET" and next(seen) == 0 else None

    return spoil


def test_a_finding_about_an_effect_that_does_not_come_again_is_flaky_and_fails_no_run(tmp_path: Path) -> None:
    report = judged(tmp_path, Notes(once(404)), clauses=("createNote.readable-after-create",))
    assert [(failure.flaky, failure.reproduced) for failure in report.failures] == [(True, 0)]
    assert report.exit_code == 0
    assert ClauseStatus.FLAKY in {clause.status for clause in report.clauses}


@pytest.mark.parametrize(("fail_on", "code"), [("any", 1), ("reproduced", 0)])
def test_which_failures_count_can_be_chosen(fail_on: str, code: int, tmp_path: Path) -> None:
    asked = ("createNote.readable-after-create",)
    assert judged(tmp_path, Notes(once(404)), clauses=asked, fail_on=fail_on).exit_code == code


def test_a_5xx_that_was_seen_twice_counts_however_rarely_it_comes(tmp_path: Path) -> None:
    seen = count()

    def rarely(request: Request, number: int) -> Response | None:
        return told(500, {}) if request.method == "GET" and next(seen) in {0, 14} else None

    report = judged(tmp_path, Notes(rarely))
    assert report.exit_code == 1
    assert not any(failure.flaky for failure in report.failures)


def test_a_run_tells_its_listener_of_each_story_each_failure_what_is_left_to_delete_and_the_end(tmp_path: Path) -> None:
    contract = load_contract(written(tmp_path, NOTES))
    heard: list[Event] = []
    with answering(Notes(lambda request, number: told(500, {}) if request.method == "DELETE" else None)) as url:
        client = Client(url, ConnectionSettings(), Budget())
        environment = environment_of(contract, client, Target({}, {}), 1)
        report = Run(environment, Options(("clauses",)), heard.append).report()
    kinds = [type(event) for event in heard]
    assert kinds[0] is StoryStarted
    assert kinds[-1] is RunEnded
    assert [event.failure for event in heard if isinstance(event, FailureFound)] == list(report.failures)
    assert any(event.left for event in heard if isinstance(event, CleanUp))
    started = [event.clause for event in heard if isinstance(event, StoryStarted)]
    assert set(started) == set(inferred_clauses(contract))
    assert {event.clause for event in heard if isinstance(event, StoryEnded)} == set(started)


COLOUR = {
    "readings": {
        "colour": {
            "question": "must a note have a colour",
            "from": ["handbook"],
            "default": "needed",
            "choices": {"needed": "it must", "free": "it need not"},
        }
    }
}
RULE = {"x-lookalike-when": {"colour": "needed"}, "required": ["colour"]}
COLOURED = {**NOTE, "properties": {"id": ID, "text": TEXT, "colour": TEXT}, "allOf": [RULE]}


def coloured(folder: Path) -> Path:
    text = json.dumps({**NOTES, "x-lookalike": COLOUR}).replace(json.dumps(NOTE), json.dumps(COLOURED))
    file = folder / "api.json"
    file.write_text(text)
    return file


class Demanding(Notes):
    """A server that follows the choice `needed`."""

    def answer(self, request: Request) -> Response:
        if request.method == "POST" and b"colour" not in request.body:
            return told(400, {})
        return super().answer(request)


@pytest.mark.parametrize(
    ("server", "left"), [(Notes(), "free"), (Demanding(), "needed | free")], ids=["free", "needed"]
)
def test_a_server_may_follow_either_choice_of_a_reading_where_clauses_are_inferred(
    server: Notes, left: str, tmp_path: Path
) -> None:
    contract = load_contract(coloured(tmp_path))
    with answering(server) as url:
        client = Client(url, ConnectionSettings(), Budget())
        report = Run(environment_of(contract, client, Target({}, {}), 1), Options(("clauses",))).report()
    assert (report.exit_code, report.failures) == (0, ())
    assert {reading.id: reading.choice for reading in report.readings}["colour"] == left


def test_a_reading_that_the_target_file_insists_on_is_judged_by_that_choice(tmp_path: Path) -> None:
    contract = load_contract(coloured(tmp_path))
    with answering(Notes()) as url:
        client = Client(url, ConnectionSettings(), Budget())
        target = Target({}, {}, readings={"colour": "needed"})
        report = Run(environment_of(contract, client, target, 1), Options(("clauses",))).report()
    assert "createNote.refused-when-invalid" in {failure.clause for failure in report.failures}
