"""A report says what was not seen and why, accuses by what comes again, and is the same for the same seed."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.defects.serving import serving as serving_a_mock
from tests.support.in_process import mock
from tests.support.naive_pets import Pets
from tests.support.paths import FIXTURES, ROOT
from tests.support.pet_shop.naive import app_of
from tests.support.pet_shop.shop import serving as serving_an_app
from tests.support.running import running_mock
from tests.support.servers.judging import CLAUSES, NOTES, Judged, judged, judged_in_a_process
from tests.support.servers.notes import Notes, with_others
from tests.support.servers.serving import NOTHING, Answer, Asked, serving

OPERATIONS = 7  # of notes.yaml, with the one that TEAM adds


def judge(server: Notes, cwd: Path, *options: str, **more: Any) -> Judged:
    with serving(with_others(server)) as url:
        return judged(url, cwd, *(options or CLAUSES), **more)


OK = {"200": {"description": "It.", "content": {"application/json": {"schema": {"type": "object"}}}}}
NAMED = [{"name": "team", "in": "path", "required": True, "schema": {"type": "string", "pattern": "^T[0-9]{9}$"}}]
TEAM = [
    {
        "target": "$.paths",
        "update": {"/teams/{team}/close": {"parameters": NAMED, "post": {"operationId": "closeTeam", "responses": OK}}},
    }
]


# What was not seen


def test_an_operation_that_was_not_sent_is_listed_with_the_reason_and_the_remedy(tmp_path: Path) -> None:
    found = judge(Notes(), tmp_path, changes=TEAM)
    told = found.statuses()["closeTeam.answers-as-documented"]
    assert told.startswith("not-exercised: ")
    assert "disposable: true" in told
    assert "closeTeam" in found.output


def test_the_last_line_says_how_many_operations_were_exercised(tmp_path: Path) -> None:
    found = judge(Notes(), tmp_path, changes=TEAM)
    assert f"conforms in what was exercised ({OPERATIONS - 1} of {OPERATIONS} operations)" in found.last_line


def test_a_run_of_a_few_clauses_does_not_claim_more_operations_than_it_sent(tmp_path: Path) -> None:
    found = judge(Notes(), tmp_path, *CLAUSES, "--clause", "listNotes.answers-as-documented")
    assert "conforms in what was exercised (1 of 6 operations)" in found.last_line


ONLY_TEAM = [
    *TEAM,
    {"target": "$.paths['/notes']", "remove": True},
    {"target": "$.paths['/notes/{id}']", "remove": True},
]


def test_a_run_in_which_no_operation_was_judged_is_exit_code_3(tmp_path: Path) -> None:
    found = judge(Notes(), tmp_path, changes=ONLY_TEAM)
    assert (found.exit_code, found.report["verdict"]) == (3, "unjudged"), found.output


@pytest.mark.parametrize(("asked", "code"), [("50", 0), ("100", 3)])
def test_a_coverage_that_is_asked_for_and_not_reached_is_exit_code_3(asked: str, code: int, tmp_path: Path) -> None:
    found = judge(Notes(), tmp_path, *CLAUSES, "--min-coverage", asked, changes=TEAM)
    assert found.exit_code == code, found.output
    assert ("coverage" in found.last_line) == bool(code)


def test_the_coverage_is_in_the_report(tmp_path: Path) -> None:
    found = judge(Notes(), tmp_path, changes=TEAM)
    assert "coverage" in found.report


@pytest.mark.parametrize(
    ("clause", "code"), [("createNote.listed-after-create", 0), ("closeTeam.answers-as-documented", 3)]
)
def test_a_clause_that_is_required_and_not_seen_is_exit_code_3(clause: str, code: int, tmp_path: Path) -> None:
    found = judge(Notes(), tmp_path, *CLAUSES, "--require", clause, changes=TEAM)
    assert found.exit_code == code, found.output


# What is not implemented


@pytest.mark.parametrize(
    ("operation", "place", "status"),
    [
        *(("createNote", "POST /notes", status) for status in (405, 501, 415, 404)),
        *(("replaceNote", "PUT /notes/{id}", status) for status in (405, 501, 415, 404)),
        ("listNotes", "GET /notes", 404),
        ("getNote", "GET /notes/{id}", 404),
        ("changeNote", "PATCH /notes/{id}", 404),
        ("deleteNote", "DELETE /notes/{id}", 404),
    ],
)
def test_an_operation_that_is_not_there_is_the_only_violation(
    operation: str, place: str, status: int, tmp_path: Path
) -> None:
    found = judge(Notes(instead={place: Answer(status)}), tmp_path)
    assert (set(found.failures()), found.exit_code) == ({f"{operation}.is-implemented"}, 1), found.output


@pytest.mark.parametrize(
    ("clause", "operation", "place"),
    [
        ("createNote.readable-after-create", "getNote", "GET /notes/{id}"),
        ("changeNote.changed-after-change", "changeNote", "PATCH /notes/{id}"),
    ],
)
def test_a_clause_that_a_missing_operation_breaks_is_not_exercised_with_the_reason(
    clause: str, operation: str, place: str, tmp_path: Path
) -> None:
    found = judge(Notes(instead={place: Answer(404)}), tmp_path, *CLAUSES)
    reason = f"not-exercised: hidden behind the failure of {operation}.is-implemented"
    assert found.statuses()[clause] == reason


@pytest.mark.parametrize("status", [405, 501, 415])
def test_an_answer_that_is_documented_does_not_say_that_an_operation_is_not_there(status: int, tmp_path: Path) -> None:
    documented = [{"target": "$.paths['/notes'].post.responses", "update": {str(status): {"description": "Not here."}}}]
    found = judge(Notes(instead={"POST /notes": Answer(status)}), tmp_path, changes=documented)
    assert (found.failures(), found.exit_code) == ({}, 0), found.output


def test_a_404_to_what_a_body_names_does_not_say_that_an_operation_is_not_there(tmp_path: Path) -> None:
    """Such as a note for a person who does not exist: what breaks the schema is refused with 400 all the same."""
    notes = Notes()

    def without_place(asked: Asked) -> Answer:
        is_creation = (asked.method, *asked.path) == ("POST", "notes") and isinstance(asked.body, dict)
        return Answer(404) if is_creation and "title" in asked.body else notes(asked)

    with serving(without_place) as url:
        found = judged(url, tmp_path, *CLAUSES)
    assert "createNote.is-implemented" not in found.failures(), found.output
    assert "names something that is not there" in found.statuses()["createNote.is-implemented"]


HEAD_NOTE = [
    {
        "target": "$.paths['/notes/{id}']",
        "update": {
            "head": {
                "operationId": "headNote",
                "responses": {"200": {"description": "It."}, "404": {"description": "There is none."}},
            }
        },
    }
]


@pytest.mark.parametrize(
    "places",
    [
        {"getNote": "GET /notes/{id}"},
        {
            "headNote": "HEAD /notes/{id}",
            "replaceNote": "PUT /notes/{id}",
            "changeNote": "PATCH /notes/{id}",
            "deleteNote": "DELETE /notes/{id}",
        },
    ],
    ids=["listed, and not read", "read, and not changed"],
)
def test_a_documented_404_for_an_item_that_is_there_says_that_an_operation_is_not_there(
    places: Mapping[str, str], tmp_path: Path
) -> None:
    asked = [part for name in places for part in ("--clause", f"{name}.is-implemented")]
    server = Notes(instead=dict.fromkeys(places.values(), Answer(404)))
    found = judge(server, tmp_path, *CLAUSES, *asked, changes=HEAD_NOTE)
    assert found.failures().keys() == {f"{name}.is-implemented" for name in places}, found.output


MOTTO = {"type": "object", "properties": {"text": {"type": "string"}}}
READ_MOTTO = {"200": {"description": "It.", "content": {"application/json": {"schema": MOTTO}}}}


def test_a_404_for_the_only_item_of_its_kind_says_that_an_operation_is_not_there(tmp_path: Path) -> None:
    motto = {
        "/motto": {
            "get": {"operationId": "getMotto", "responses": READ_MOTTO},
            "put": {
                "operationId": "putMotto",
                "requestBody": {"content": READ_MOTTO["200"]["content"]},
                "responses": READ_MOTTO,
            },
        }
    }
    asked = ("--clause", "getMotto.is-implemented", "--clause", "listNotes.answers-as-documented")
    found = judge(Notes(), tmp_path, *CLAUSES, *asked, changes=[{"target": "$.paths", "update": motto}])
    assert found.failures().keys() == {"getMotto.is-implemented"}, found.output


READ_TEAM = [
    {
        "target": "$.paths",
        "update": {"/teams/{team}": {"parameters": NAMED, "get": {"operationId": "getTeam", "responses": OK}}},
    }
]


@pytest.mark.parametrize(
    ("given", "accused"), [("", False), ("parameters: {team: T123456789}\n", True)], ids=["made up", "given"]
)
def test_a_404_counts_only_where_the_path_names_something_that_is_there(
    given: str, accused: bool, tmp_path: Path
) -> None:
    found = judge(Notes(), tmp_path, changes=READ_TEAM, target=f"credentials: {{}}\n{given}")
    assert ("getTeam.is-implemented" in found.failures()) == accused, found.output
    assert found.exit_code == int(accused)


# Documents that state, imply or mix


LEAD = """
credentials: {bearerAuth: {valid: tok-valid, expired: tok-expired, revoked: tok-revoked}}
resources:
  lead:
    owned: [{contact_number: 9876543210, country_code: 91}]
    spare: [9000000101, 9000000102]
    absent: [9999999999]
    tags: [101, 102, 103]
"""
SECOND, ONE_CLAUSE = (NOTES.with_name(f"overlay-{name}.yaml") for name in ("second-operation", "one-clause"))


def test_a_404_for_an_item_that_the_target_file_gives_says_that_an_operation_is_not_there(tmp_path: Path) -> None:
    with serving_a_mock(mock()) as url:
        found = judged(url, tmp_path, *CLAUSES, "--overlay", str(SECOND), document=ROOT / "openapi.yaml", target=LEAD)
    assert (set(found.failures()), found.exit_code) == ({"getLead.is-implemented"}, 1), found.output
    assert "the lead 9876543210 is there" in found.failures()["getLead.is-implemented"]


def test_a_second_operation_is_judged_beside_the_one_with_stated_clauses(tmp_path: Path) -> None:
    with running_mock(str(ROOT / "openapi.yaml"), "--overlay", str(SECOND)) as server:
        found = judged(
            server.url, tmp_path, *CLAUSES, "--overlay", str(SECOND), document=ROOT / "openapi.yaml", target=LEAD
        )
    assert (found.failures(), found.exit_code) == ({}, 0), found.output
    assert {"getLead.answers-as-documented", "AUTH-1"} <= found.held(), found.statuses()
    assert "(2 of 2 operations)" in found.last_line


def test_one_stated_clause_leaves_those_that_follow_from_the_document(tmp_path: Path) -> None:
    pets = FIXTURES / "contracts" / "pets" / "openapi.yaml"
    with serving_an_app(app_of(Pets([]))) as url:
        found = judged(f"{url}/api", tmp_path, *CLAUSES, "--overlay", str(ONE_CLAUSE), document=pets)
    missing = {"getSettings.is-implemented", "addVisit.is-implemented"}  # the server is one of pets alone
    assert (set(found.failures()), found.exit_code) == (missing, 1), found.output
    assert "createPet.listed-after-create" in found.held()
    assert "PET-1" in found.statuses()


# The same seed


def told(server: Notes) -> str:
    """What was sent, in order."""
    sent = ((asked.method, *asked.path, asked.query, asked.body) for asked in server.asked)
    return json.dumps([[repr(part) if part is NOTHING else part for part in one] for one in sent])


def of_any_run(text: str) -> str:
    """A text with placeholders for what is of one run only: its id in names and keys, and the port of the server."""
    runs = dict.fromkeys(re.findall(r"lookalike-([a-z]{8})", text))
    for run in runs:
        text = re.sub(f"{run}[a-z]*", "RUN", text)
    return re.sub(r"127\.0\.0\.1:\d+", "HOST", text)


def without_times(report: Mapping[str, Any]) -> str:
    """A report without its time, which is of one run only."""
    return json.dumps({name: value for name, value in report.items() if name != "seconds"}, sort_keys=True)


class Deaf(Notes):
    """A server whose PUT ignores one of the members."""

    def replace(self, id: str, asked: Asked) -> Answer:
        old = self.items.get(id, {}).get("tags")
        if not isinstance(asked.body, dict):
            return super().replace(id, asked)
        return super().replace(id, asked._replace(body={**asked.body, **({"tags": old} if old is not None else {})}))


@pytest.mark.parametrize("made", [Notes, Deaf])
def test_the_same_seed_sends_the_same_and_reports_the_same_whatever_the_hash_seed(made: Any, tmp_path: Path) -> None:
    runs = []
    for number in ("7", "41"):
        server = with_others(made())
        (tmp_path / number).mkdir()
        with serving(server) as url:
            found = judged_in_a_process(url, tmp_path / number, *CLAUSES, "--seed", "5", PYTHONHASHSEED=number)
        runs.append((of_any_run(told(server)), of_any_run(without_times(found.report))))
    assert runs[0] == runs[1]


@pytest.mark.parametrize("seed", ["1", "2", "3", "4"])
def test_a_member_that_put_ignores_is_found_with_any_seed(seed: str, tmp_path: Path) -> None:
    found = judge(Deaf(), tmp_path, *CLAUSES, "--seed", seed)
    assert "replaceNote.changed-after-change" in found.failures(), found.output


# What comes and goes


class Once(Notes):
    """A server that fails in one way for the first so many times."""

    times = 1
    fails = ""

    def change(self, id: str, asked: Asked) -> Answer:
        before = dict(self.items.get(id, {}))
        answer = super().change(id, asked)
        if self.fails == "PATCH" and answer.status == 200 and self._fails_now():
            self.items[id] = before
        return answer

    def read(self, id: str) -> Answer:
        if self.fails == "GET" and id in self.items and self._fails_now():
            return Answer(500)
        return super().read(id)

    def _fails_now(self) -> bool:
        left = vars(self).setdefault("left", self.times)
        vars(self)["left"] = left - 1
        return bool(left > 0)


def failing(fails: str, times: int) -> Notes:
    server = Once()
    server.fails, server.times = fails, times
    return server


CHANGED_AFTER = ("--clause", "changeNote.changed-after-change")


@pytest.mark.parametrize(("options", "code"), [((), 0), (("--fail-on", "any"), 1), (("--fail-on", "reproduced"), 0)])
def test_an_effect_that_is_lost_once_and_never_again_is_flaky(options: Any, code: int, tmp_path: Path) -> None:
    found = judge(failing("PATCH", 1), tmp_path, *CLAUSES, *CHANGED_AFTER, *options)
    assert found.exit_code == code, found.output
    assert ("changeNote.changed-after-change" in found.failures()) == bool(code) or "flaky" in found.output


def test_an_effect_that_is_lost_each_time_is_no_flaky_one(tmp_path: Path) -> None:
    found = judge(failing("PATCH", 1000), tmp_path, *CLAUSES, *CHANGED_AFTER)
    assert found.exit_code == 1, found.output
    assert "flaky" not in found.output


@pytest.mark.parametrize(("times", "code"), [(1, 0), (2, 1)])
def test_a_failure_of_the_server_counts_when_it_was_seen_twice(times: int, code: int, tmp_path: Path) -> None:
    found = judge(failing("GET", times), tmp_path)
    assert found.exit_code == code, found.output
    assert ("getNote.answers-as-documented" in found.failures()) or not code


def test_an_unknown_item_below_a_parent_is_asked_for_below_one_that_the_run_made(tmp_path: Path) -> None:
    pets = FIXTURES / "contracts" / "pets" / "openapi.yaml"
    with running_mock(str(pets)) as server:
        found = judged(f"{server.url}/api", tmp_path, *CLAUSES, document=pets)
    assert "getVisit.unknown-is-404" in found.held(), found.output
    stays = [one.partition(":")[0] for one in found.report["left_behind"]]
    assert (found.exit_code, stays) == (0, ["7 user items, which no operation deletes"]), found.output


def test_a_read_below_an_item_is_asked_for_below_one_that_the_run_made(tmp_path: Path) -> None:
    """Of what the path shows nothing is known; the names of parameters need not agree."""
    history = {
        "parameters": [{"name": "note_id", "in": "path", "required": True, "schema": {"type": "string"}}],
        "get": {"operationId": "getHistory", "responses": {**OK, "404": {"description": "There is no such note."}}},
    }
    notes = Notes()

    def with_history(asked: Asked) -> Answer:
        if asked.path[2:] == ("history",):
            return Answer(200, {}) if asked.path[1] in notes.items else Answer(404)
        return notes(asked)

    with serving(with_history) as url:
        changes = [{"target": "$.paths", "update": {"/notes/{note_id}/history": history}}]
        found = judged(url, tmp_path, *CLAUSES, changes=changes)
    assert {"getHistory.answers-as-documented", "getHistory.is-implemented"} <= found.held(), found.output
    assert notes.items == {}


def test_a_story_about_a_read_below_an_item_makes_that_item_once(tmp_path: Path) -> None:
    query = {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 9}}
    history = {
        "parameters": [{"name": "note_id", "in": "path", "required": True, "schema": {"type": "string"}}],
        "get": {
            "operationId": "getHistory",
            "parameters": [query],
            "responses": {**OK, "400": {"description": "No."}},
        },
    }
    notes = Notes()

    def with_history(asked: Asked) -> Answer:
        if asked.path[2:] == ("history",):
            return Answer(200, {}) if asked.query in ({}, {"limit": "9"}) else Answer(400)
        return notes(asked)

    with serving(with_history) as url:
        changes = [{"target": "$.paths", "update": {"/notes/{note_id}/history": history}}]
        asked_for = ("--clause", "getHistory.refused-when-invalid")
        found = judged(url, tmp_path, *CLAUSES, *asked_for, changes=changes)
    assert len([one for one in notes.asked if one.method == "POST"]) == 1, found.output


def test_what_can_only_be_deleted_is_said_to_lack_a_creation_in_plain_words(tmp_path: Path) -> None:
    """Only its deletion is remembered by the mock, in a resource that no user ever named."""
    session = {
        "parameters": [{"name": "token", "in": "path", "required": True, "schema": {"type": "string"}}],
        "delete": {"operationId": "endSession", "responses": {"204": {"description": "Ended."}}},
    }
    with serving(Notes()) as url:
        found = judged(
            url, tmp_path, *CLAUSES, changes=[{"target": "$.paths", "update": {"/sessions/{token}": session}}]
        )
    reasons = {reason for id, reason in found.statuses().items() if id.startswith("endSession.")}
    assert not any("deleted-session" in reason for reason in reasons), reasons
    assert any("the document does not show how a session is created" in reason for reason in reasons), reasons


def test_the_story_of_an_undocumented_answer_has_only_requests_that_matter(tmp_path: Path) -> None:
    """It is found after some requests that were refused by right, and replacing a note that was made for it."""
    typed = {"400": {"content": {"application/json": {"schema": {"type": "string"}}}}}
    notes = Notes()

    def refusing_with_an_object(asked: Asked) -> Answer:
        given = notes(asked)
        is_by_type = isinstance(asked.body, dict) and not isinstance(asked.body.get("title", ""), str)
        return Answer(400, {"wrong": "title"} if is_by_type else "no") if given.status == 400 else given

    with serving(refusing_with_an_object) as url:
        changes = [
            {"target": f"$.paths['{path}'].{method}.responses", "update": typed}
            for path, method in (
                ("/notes", "post"),
                ("/notes/{id}", "put"),
            )
        ]
        found = judged(url, tmp_path, *CLAUSES, changes=changes)
    stories = {one["clause"]: [step["sent"]["method"] for step in one["story"]] for one in found.report["failures"]}
    assert stories["createNote.answers-as-documented"] == ["POST"]
    assert stories["replaceNote.answers-as-documented"] == ["POST", "PUT"]


class Demanding(Notes):
    """A server that wants more of a title than its document says, and says so."""

    def create(self, asked: Asked) -> Answer:
        return Answer(422, {"code": 7, "errors": [{"field": "title", "message": "DNS name is not canonical"}]})


def test_the_server_s_own_words_are_told_with_what_helps(tmp_path: Path) -> None:
    found = judge(Demanding(), tmp_path)
    reasons = {told for told in found.statuses().values() if told.startswith("not-exercised")}
    (reason,) = {told for told in reasons if "createNote answered" in told}
    assert reason == (
        'not-exercised: createNote answered 422 ("DNS name is not canonical"); '
        "in an overlay, give the request body an example that the server accepts"
    )


# The shortest story


def test_the_story_of_an_invalid_request_that_is_accepted_is_that_request_without_the_refused_ones_before_it(
    tmp_path: Path,
) -> None:
    server = with_others(Notes())

    def forgiving(asked: Asked) -> Answer:
        named = asked.body if not isinstance(asked.body, dict) else {"title": "untitled", **asked.body}
        return server(asked._replace(body=named if asked.method == "POST" else asked.body))

    with serving(forgiving) as url:
        found = judged(url, tmp_path, *CLAUSES, "--clause", "createNote.refused-when-invalid")
    (failure,) = found.report["failures"]
    assert found.exit_code == 1, found.output
    assert [(one["request"], one["status"]) for one in failure["story"]] == [("POST /notes", 201)]
    assert "201" in failure["got"]
