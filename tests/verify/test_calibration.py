"""Calibration decides the built-in readings of a server by its answers, and harms nothing of what was there."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from lookalike.assembly import Sources, assemble, load
from lookalike.contract.profile import Profile
from lookalike.contract.reader import load_contract
from lookalike.model.resources.items import EXISTS_UNTIL
from lookalike.openapi.document import parse_document
from lookalike.verify.calibration.calibrate import UNDECIDED, CalibrationResult, Drift, calibrate, drifts
from lookalike.verify.environment import Environment
from lookalike.verify.server.client import Budget, Client
from lookalike.verify.server.target import Target
from lookalike.verify.server.transport import ConnectionSettings
from lookalike.verify.setup import environment_of
from tests.defects.serving import serving as serving_mock
from tests.support.contracts import read_contract
from tests.support.paths import FIXTURES
from tests.support.servers import ways
from tests.support.servers.judging import NOTES, run_here
from tests.support.servers.notes import Item, Notes, with_others
from tests.support.servers.serving import Answer, Asked, serving

CONTRACT = load_contract(NOTES)


class TakingNulls(Notes):
    """Notes of which no member is null: one that is sent so is left out."""

    def fits(self, body: Any, is_part: bool = False) -> bool:
        return super().fits(without_nulls(body), is_part)

    def stored(self, body: Item) -> Item:
        return super().stored(without_nulls(body))


class Insisting(Notes):
    """Notes that must have a label, of which the document does not tell."""

    def fits(self, body: Any, is_part: bool = False) -> bool:
        return super().fits(body, is_part) and (is_part or "label" in body)


class Decoding(Notes):
    """Notes of which a value of another type cannot be decoded, which is a 400, while other faults are a 422."""

    def __call__(self, asked: Asked) -> Answer:
        answer = super().__call__(asked)
        return Answer(422) if answer.status == 400 and has_documented_types(asked.body) else answer


def has_documented_types(body: Any) -> bool:
    types = {"title": str, "label": str, "due": str, "price": int | float, "tags": list, "place": dict}
    return isinstance(body, dict) and all(isinstance(body.get(name), kind | None) for name, kind in types.items())


def with_sorted_tags(item: Item) -> Item:
    return {**item, **({"tags": sorted(item["tags"])} if "tags" in item else {})}


def with_masked_label(item: Item) -> Item:
    return {**item, **({"label": "****"} if "label" in item else {})}


def without_nulls(body: Any) -> Any:
    return {name: value for name, value in body.items() if value is not None} if isinstance(body, dict) else body


class LabelledForEver(Notes):
    """Notes that keep the label that they got when they were created."""

    def replace(self, id: str, asked: Asked) -> Answer:
        return self._with_label(id, super().replace, asked)

    def change(self, id: str, asked: Asked) -> Answer:
        return self._with_label(id, super().change, asked)

    def _with_label(self, id: str, way: Callable[[str, Asked], Answer], asked: Asked) -> Answer:
        label = {name: value for name, value in self.items.get(id, {}).items() if name == "label"}
        answer = way(id, asked)
        if answer.status != 200:
            return answer
        self.items[id] = {name: value for name, value in self.items[id].items() if name != "label"} | label
        return Answer(200, self.shown(self.items[id]))


MANNERS: Mapping[str, tuple[Callable[[], Notes], dict[str, str]]] = {
    "texts are trimmed": (partial(Notes, kept=ways.without_outer_spaces), {"note.title.kept": "trimmed"}),
    "labels are in lower case": (partial(Notes, kept=ways.in_lower_case), {"note.label.kept": "lower-case"}),
    "numbers are rounded": (partial(Notes, kept=ways.with_two_decimals), {"note.price.kept": "rounded-2"}),
    "duplicates are dropped": (partial(Notes, kept=ways.without_duplicates), {"note.tags.kept": "without-duplicates"}),
    "a refusal is a 422": (
        partial(Notes, refused=422),
        {f"{one}Note.refusal": "422" for one in ("create", "replace", "change")},
    ),
    "deleting the unknown succeeds": (partial(Notes, delete_unknown=204), {"note.delete-unknown": "succeeds"}),
    "a PUT creates": (partial(Notes, put_unknown=200), {"note.put-unknown": "creates"}),
    "a PUT keeps what was not sent": (partial(Notes, put_keeps=True), {"note.put-unsent": "kept"}),
    "unknown members are kept": (partial(Notes, unknown_members="kept"), {"note.unknown-members": "kept"}),
    "unknown members are refused": (
        partial(Notes, unknown_members="refused"),
        {"createNote.unknown-members": "refused", "replaceNote.unknown-members": "refused"},
    ),
    "titles are unique": (partial(Notes, unique="title"), {"note.unique": "title", "note.conflict": "409"}),
    "the newest come first": (partial(Notes, newest_first=True), {"note.order": "newest-first"}),
    "what is deleted is marked": (partial(Notes, soft="marked"), {"note.deletion": "unlisted deleted=true"}),
    "a deleted key is gone for good": (partial(Notes, gone=410), {"note.deleted": "410"}),
    "the server gives ids again": (partial(Notes, reuses_ids=True), {"note.key-reuse": "server"}),
    "null is as good as absent": (TakingNulls, {"http.null-member": "absent"}),
    "what cannot be decoded is a 400, else a 422": (
        Decoding,
        {
            "createNote.refusal": "422",
            "createNote.no-body": "400",
            "createNote.refusals": ":type=400 "
            "body/place/city:type=422 body/place/country:type=422 body/tags/*:type=422",
        },
    ),
    "a list is sorted": (partial(Notes, kept=with_sorted_tags), {"note.tags.kept": "sorted"}),
    "a value is masked": (partial(Notes, kept=with_masked_label), {"note.label.kept": 'masked "****"'}),
    "a label cannot be changed": (LabelledForEver, {"note.label.sent": "at-creation"}),
    "a label must be there": (Insisting, {"createNote.required": "label"}),
    "a page has five": (partial(Notes, page=5), {"listNotes.page-size": "5"}),
}


def environment(url: str, budget: Budget = Budget()) -> Environment:  # noqa: B008  # a frozen value
    return environment_of(CONTRACT, Client(url, ConnectionSettings(), budget), Target({}, {}), 1)


def calibrated(server: Notes) -> CalibrationResult:
    with serving(with_others(server)) as url:
        return calibrate(environment(url), 1)


@cache
def plain() -> Profile:
    return calibrated(Notes()).profile


@pytest.mark.parametrize("name", MANNERS)
def test_a_deviation_of_a_server_is_learned_as_its_reading_and_as_no_other(name: str) -> None:
    make, expected = MANNERS[name]
    server = make()
    found = calibrated(server)
    assert {id: found.profile.readings.get(id) for id in expected} == expected
    assert expected.keys() & plain().readings.keys() <= {one.id for one in drifts(plain(), found.profile)}
    related = {id.rpartition(".")[2] for id in expected}
    changed = (one.id for one in drifts(plain(), found.profile) if one.now != UNDECIDED)
    others = {id for id in changed if id.rpartition(".")[2] not in related}
    assert others <= {f"{id.rpartition('.')[0]}.unparsable" for id in expected}
    assert [*server.items] == ["old-0", "old-1"]
    assert (found.problem, found.left_behind) == ("", ())
    assert all(id in found.evidence for id in expected if id.endswith((".kept", ".order", ".put-unknown")))


BOARDS = """
openapi: 3.1.0
info: {title: Boards, version: '1'}
paths:
  /boards:
    post: {operationId: addBoard, requestBody: &board {content: {application/json: {schema: &Board {type: object,
      properties: {id: {type: integer, readOnly: true}, name: {type: string}}}}}}, responses: &made {'201': &one {
      description: It, content: {application/json: {schema: *Board}}}}}
  /boards/{board}:
    parameters: [&key {name: board, in: path, required: true, schema: {type: integer}}]
    get: {operationId: seeBoard, responses: &seen {'200': *one, '404': &none {description: None}}}
    delete: {operationId: dropBoard, responses: &gone {'204': {description: Gone}, '404': *none}}
  /boards/{board}/cards:
    parameters: [*key]
    get: {operationId: listCards, responses: {'200': {description: All, content: {application/json: {schema: {
      type: array, items: *Board}}}}, '404': *none}}
    post: {operationId: addCard, requestBody: *board, responses: *made}
  /boards/{board}/cards/{card}:
    parameters: [*key, {name: card, in: path, required: true, schema: {type: integer}}]
    get: {operationId: seeCard, responses: *seen}
    delete: {operationId: dropCard, responses: *gone}
"""


@pytest.mark.parametrize(
    "choices",
    [
        {"board.children": "deleted", "board.deleted": "default", "dropBoard.deleted": "default"},
        {"board.children": "kept", "listCards.deleted": "default"},
        {"board.children": "409", "listCards.deleted": "ignored"},
        {"board.deleted": "410", "dropBoard.deleted": "404", "seeCard.deleted-parent": "404"},
    ],
    ids=lambda choices: " ".join(f"{id}={choice}" for id, choice in choices.items()),
)
def test_answers_about_deleted_items_and_what_is_below_them_are_learned(
    choices: dict[str, str], tmp_path: Path
) -> None:
    document = tmp_path / "boards.yaml"
    document.write_text(BOARDS)
    found, items = learned_of_mock(document, choices)
    assert {id: found.profile.readings.get(id) for id in choices} == choices
    assert (found.problem, found.left_behind) == ("", ())
    assert [one for every in items.values() for one in every if EXISTS_UNTIL not in one] == []


def test_parameters_without_effect_and_a_creation_without_location_are_learned() -> None:
    choices = {"listPets.ignored": "kind sort", "createPet.location": "absent", "pet.children": "deleted"}
    found, _ = learned_of_mock(FIXTURES / "contracts" / "pets" / "openapi.yaml", choices)
    assert {id: found.profile.readings.get(id) for id in choices} == choices


TASKS = """
openapi: 3.1.0
info: {title: Tasks, version: '1'}
paths:
  /tasks:
    get: {operationId: listTasks, parameters: [{name: done, in: query, schema: {type: boolean}}], responses: {'200': {
      description: All, content: {application/json: {schema: {type: array, items: &Task {type: object, properties: {
        id: {type: integer, readOnly: true}, title: {type: string}, done: {type: boolean}}}}}}}}}
    post: {operationId: addTask, requestBody: {content: {application/json: {schema: *Task}}}, responses: {'201': &one {
      description: It, content: {application/json: {schema: *Task}}}}}
  /tasks/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get: {operationId: seeTask, responses: {'200': *one, '404': &none {description: None}}}
    delete: {operationId: dropTask, responses: {'204': {description: Gone}, '404': *none}}
"""


@pytest.mark.parametrize("ignored", ["done", "none"])
def test_a_filter_of_truth_that_has_no_effect_is_learned(ignored: str, tmp_path: Path) -> None:
    document = tmp_path / "tasks.yaml"
    document.write_text(TASKS)
    found, _ = learned_of_mock(document, {"listTasks.ignored": ignored})
    assert found.profile.readings["listTasks.ignored"] == ignored


TICKS = """
openapi: 3.1.0
info: {title: Ticks, version: '1'}
paths:
  /ticks:
    post: {operationId: addTick, responses: {'201': &one {description: It, content: {application/json: {schema: {
      type: object, properties: {id: {type: integer, readOnly: true}}}}}}}}
  /ticks/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get: {operationId: seeTick, responses: {'200': *one, '404': &none {description: None}}}
    delete: {operationId: dropTick, responses: {'204': {description: Gone}, '404': *none}}
"""


def test_items_that_are_created_without_a_body_are_calibrated_too(tmp_path: Path) -> None:
    document = tmp_path / "ticks.yaml"
    document.write_text(TICKS)
    found, _ = learned_of_mock(document, {"tick.delete-unknown": "succeeds"})
    assert found.profile.readings["tick.delete-unknown"] == "succeeds"


STATUS = """
openapi: 3.1.0
info: {title: Status, version: '1'}
paths:
  /status:
    get:
      operationId: getStatus
      responses: {'200': {description: It, content: {application/json: {schema: {type: object, properties: {
        version: {type: string}, uptime: {type: integer}, token: {type: string}}}}}}}
"""


def test_an_answer_that_depends_on_no_item_is_learned_without_secrets_and_is_no_drift(tmp_path: Path) -> None:
    document = tmp_path / "status.yaml"
    document.write_text(STATUS)
    answer = {"version": "4.7.3", "uptime": 5, "token": "sesame-seeds"}
    found, _ = learned_of_mock(document, {"getStatus.answer": json.dumps(answer)})
    assert json.loads(found.profile.readings["getStatus.answer"]) == {**answer, "token": "$SECRET"}
    now = replace(found.profile, readings={**found.profile.readings, "getStatus.answer": "{}"})
    assert drifts(found.profile, now) == []


def learned_of_mock(document: Path, choices: dict[str, str]) -> tuple[CalibrationResult, dict[str, list[Item]]]:
    """What is learned of a mock that follows some choices, and the items that it has in the end."""
    contract = load_contract(document)
    with serving_mock(assemble(load(Sources(document, readings=choices)))) as url:
        found = calibrate(environment_of(contract, Client(url, ConnectionSettings(), Budget()), Target({}, {}), 1), 1)
        return found, json.load(urlopen(f"{url}/__lookalike/state"))


class ForgettingNothing(Notes):
    """Notes of which a deletion is answered, and does nothing."""

    def delete(self, id: str) -> Answer:
        return Answer(204 if id in self.items else 404)


class ChangingNothing(Notes):
    """Notes of which changes are answered, and do nothing."""

    def replace(self, id: str, asked: Asked) -> Answer:
        return self.change(id, asked) if self.fits(asked.body) or id not in self.items else Answer(400)

    def change(self, id: str, asked: Asked) -> Answer:
        if id not in self.items:
            return Answer(404)
        return Answer(200, {**self.items[id], **asked.body}) if self.fits(asked.body, is_part=True) else Answer(400)


class RememberingNothing(Notes):
    """Notes that are answered when they are created, and are not there afterwards."""

    def create(self, asked: Asked) -> Answer:
        created = super().create(asked)
        if isinstance(created.body, dict):
            del self.items[created.body["id"]]
        return created


class ListingNothing(Notes):
    """Notes that no list has."""

    def list(self) -> Answer:
        return Answer(200, [])


class TellingErrors(Notes):
    """Notes with a body in each error, which the document does not describe."""

    def __call__(self, asked: Asked) -> Answer:
        answer = super().__call__(asked)
        return Answer(answer.status, {"fault": answer.status}) if answer.status >= 400 else answer


def in_half(item: Item) -> Item:
    return {**item, **({"price": item["price"] / 2} if "price" in item else {})}


DRIFTS: Mapping[str, tuple[Callable[[], Notes], tuple[Drift, ...]]] = {
    "a deletion does nothing": (ForgettingNothing, (Drift("deleteNote.effect", "seen", "unseen"),)),
    "changes do nothing": (
        ChangingNothing,
        (Drift("replaceNote.effect", "seen", "unseen"), Drift("changeNote.effect", "seen", "unseen")),
    ),
    "a creation does nothing": (RememberingNothing, (Drift("createNote.effect", "seen", "unseen"),)),
    "a deletion has another success": (
        partial(Notes, deleted=200), (Drift("deleteNote.success", "default", "200"),),
    ),
    "a creation has another success": (
        partial(Notes, created=202), (Drift("createNote.success", "default", "202"),),
    ),
    "nothing is listed": (ListingNothing, (Drift("note.order", "oldest-first", UNDECIDED),)),
    "errors have a body": (TellingErrors, (Drift("errors", "none", '{"fault": "$answer.status"}'),)),
    "a number is kept as another": (
        partial(Notes, kept=in_half), (Drift("note.price.kept", "as-sent", UNDECIDED),),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DRIFTS)
def test_a_drift_is_told(name: str) -> None:
    make, expected = DRIFTS[name]
    assert {*expected} <= {*drifts(plain(), calibrated(make()).profile)}


class AtFirst(Notes):
    """Notes whose deletions have another success in the first requests of a check."""

    def delete(self, id: str) -> Answer:
        answer = super().delete(id)
        return Answer(200) if answer.status == 204 and len(self.asked) < 100 else answer


@pytest.mark.parametrize(("server", "code"), [(AtFirst(), 0), (Notes(deleted=200), 1)], ids=["once", "again"])
def test_a_drift_is_told_if_a_second_calibration_has_it_too(server: Notes, code: int, tmp_path: Path) -> None:
    profile, target = tmp_path / "profile.yaml", tmp_path / "target.yaml"
    profile.write_text("readings: {deleteNote.success: default}\n")
    target.write_text("credentials: {}\n")
    with serving(server) as url:
        files = ("--target", str(target), "--journal", str(tmp_path / "journal.jsonl"), "--check", str(profile))
        found, output = run_here("calibrate", url, str(NOTES), *files)
    assert found == code, output
    assert output.endswith(f"\n{code} of 1 readings have changed\n") or not code


def test_a_reading_that_is_never_asked_for_is_no_drift() -> None:
    assert drifts(Profile({"http.method": "404", "http.options": "204"}), Profile()) == []


def test_a_time_that_no_client_sends_is_made_by_the_server() -> None:
    assert plain().readings["note.made.unsent"] == "made"


def test_a_server_that_has_not_changed_has_not_drifted() -> None:
    assert drifts(plain(), calibrated(Notes()).profile) == []


def test_a_calibration_that_is_interrupted_keeps_what_it_had_learned_and_deletes_what_it_made() -> None:
    server = with_others(Notes(delay=0.2, kept=ways.in_lower_case))

    def interrupt(measurement: str) -> None:
        if measurement.startswith("unknown members"):
            raise KeyboardInterrupt

    with serving(server) as url:
        found = calibrate(environment(url), 1, interrupt)
    assert found.interrupted
    assert float(found.profile.readings["note.lag"].removesuffix("s")) >= 0.2
    assert found.profile.readings["note.label.kept"] == "lower-case"  # in spite of the lag
    assert {*server.items} - {"old-0", "old-1"} <= server.touched  # the last one goes after the lag
    assert found.left_behind == ()


def test_no_two_measurements_of_a_lag_are_a_drift_but_a_lag_that_ends_is() -> None:
    slow, slower, quick = (Profile({"note.lag": choice}) for choice in ("0.3s", "0.5s", "none"))
    assert drifts(slow, slower) == []
    assert [one.id for one in drifts(slow, quick)] == ["note.lag"]


def test_a_calibration_that_reaches_a_limit_says_so_and_deletes_what_it_made() -> None:
    server = with_others(Notes())
    with serving(server) as url:
        found = calibrate(environment(url, Budget(requests=30)), 1)
    assert "30" in found.stopped
    assert found.profile.readings["note.lag"] == "none"
    assert ([*server.items], found.left_behind) == (["old-0", "old-1"], ())


def test_a_server_that_answers_nothing_is_given_up_after_the_first_lesson() -> None:
    found = calibrate(environment("http://127.0.0.1:9"), 1)
    assert "the connection is refused" in found.problem


def test_a_document_without_operations_is_named_as_the_problem() -> None:
    empty = read_contract(parse_document("openapi: 3.1.0\ninfo: {title: A, version: '1'}\npaths: {}\n", "a"))
    with serving(Notes()) as url:
        found = calibrate(environment_of(empty, Client(url, ConnectionSettings(), Budget()), Target({}, {}), 1), 1)
    assert found.problem == "the document has no operations"
