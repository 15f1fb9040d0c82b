"""Servers that refuse, withhold or give again more than others do are exercised all the same, and blamed once."""

from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.support.servers.judging import TARGET, judged
from tests.support.servers.notes import Notes
from tests.support.servers.serving import Answer, Asked, serving

PROPERTIES = {name: {"$ref": f"#/components/schemas/{name.title()}"} for name in ("title", "label", "place")}
MANY = ("--examples", "60", "--seed", "2")  # among which a note is made after one was deleted
TWO_SUCCESSES = [
    {"target": "$.paths['/notes'].post.responses", "update": {"200": {"$ref": "#/paths/~1notes/post/responses/201"}}}
]


def only(*clauses: str) -> tuple[str, ...]:
    """The options that select the stories of some clauses."""
    return ("--only", "clauses", *(part for clause in clauses for part in ("--clause", clause)))


class Failing(Notes):
    """It crashes on a member that may be left out."""

    def create(self, asked: Asked) -> Answer:
        return Answer(500) if isinstance(asked.body, dict) and "place" in asked.body else super().create(asked)


def test_a_creation_that_fails_with_an_optional_member_is_blamed_for_that_and_all_else_is_exercised(
    tmp_path: Path,
) -> None:
    notes, others = Failing(), ("createNote.readable-after-create", "deleteNote.absent-after-delete")
    with serving(notes) as url:
        found = judged(url, tmp_path, *only("createNote.answers-as-documented", *others))
    assert {one["clause"] for one in found.report["failures"]} == {"createNote.answers-as-documented"}
    assert {*others} <= found.held()
    assert (notes.items, found.report["left_behind"]) == ({}, [])


class Demanding(Notes):
    """It refuses a replacement with a place that no note has."""

    def replace(self, id: str, asked: Asked) -> Answer:
        is_refused = isinstance(asked.body, dict) and "place" in asked.body
        return Answer(400) if is_refused else super().replace(id, asked)


def test_a_replacement_without_the_members_that_an_item_was_created_without_is_tried_too(tmp_path: Path) -> None:
    with_place = {"type": "object", "required": ["title"], "properties": PROPERTIES}
    body = {"required": True, "content": {"application/json": {"schema": with_place}}}
    changes: list[dict[str, Any]] = [
        {"target": "$.components.schemas.NewNote.example.place", "remove": True},
        {"target": "$.paths['/notes/{id}'].put.requestBody", "remove": True},
        {"target": "$.paths['/notes/{id}'].put", "update": {"requestBody": body}},
    ]
    with serving(Demanding()) as url:
        found = judged(url, tmp_path, *only("replaceNote.changed-after-change"), changes=changes)
    assert found.held() == {"replaceNote.changed-after-change"}, found.output


class GettingOrCreating(Notes):
    """It answers a creation with the note of that label, if there is one."""

    def create(self, asked: Asked) -> Answer:
        label = asked.body.get("label") if isinstance(asked.body, dict) else None
        there = next((one for one in self.items.values() if label and one.get("label") == label), None)
        return Answer(200, there) if there is not None and self.fits(asked.body) else super().create(asked)


def test_a_server_that_says_by_its_status_that_an_item_was_there_gives_no_key_twice(tmp_path: Path) -> None:
    with serving(GettingOrCreating()) as url:
        found = judged(url, tmp_path, *only("createNote.readable-after-create"), changes=TWO_SUCCESSES)
    assert found.report["failures"] == []


class Withholding(Notes):
    """It answers a replacement with null for the label, and keeps what was sent."""

    def replace(self, id: str, asked: Asked) -> Answer:
        given = super().replace(id, asked)
        return given._replace(body={**given.body, "label": None}) if given.status == 200 else given


def test_a_null_that_no_schema_takes_is_for_the_clause_about_answers_alone(tmp_path: Path) -> None:
    clauses = ("replaceNote.answers-as-documented", "replaceNote.changed-after-change")
    with serving(Withholding()) as url:
        found = judged(url, tmp_path, *only(*clauses))
    assert {one["clause"] for one in found.report["failures"]} == {"replaceNote.answers-as-documented"}
    assert "replaceNote.changed-after-change" in found.held()


def test_a_value_of_another_type_is_for_the_clauses_about_answers_alone(tmp_path: Path) -> None:
    clauses = ("createNote.answers-as-documented", "createNote.readable-after-create", "getNote.answers-as-documented")
    with serving(Notes(shown=lambda item: {**item, "price": str(item.get("price"))})) as url:
        found = judged(url, tmp_path, *only(*clauses))
    assert {one["clause"] for one in found.report["failures"]} == {clauses[0], clauses[2]}, found.output


def test_what_is_write_only_is_not_read_as_it_was_sent(tmp_path: Path) -> None:
    changes: list[dict[str, Any]] = [
        {"target": "$.components.schemas.NewNote.properties.label", "update": {"writeOnly": True}},
        {"target": "$.components.schemas.Note.properties.label", "remove": True},
    ]
    clauses = only("createNote.readable-after-create", "getNote.answers-as-documented")
    masked = Notes(shown=lambda item: {**item, "label": "****"} if "label" in item else item)
    found = []
    for server in (Notes(), masked):
        with serving(server) as url:
            found.append(judged(url, tmp_path, *clauses, changes=changes))
    assert [{*one.failures()} for one in found] == [{"getNote.answers-as-documented"}, set()]


def test_a_thing_that_no_operation_makes_is_read_by_the_key_that_its_list_shows(tmp_path: Path) -> None:
    version = {"type": "object", "properties": {"number": {"type": "integer"}}}

    def get(name: str, schema: dict[str, Any]) -> dict[str, Any]:
        content = {"application/json": {"schema": schema}}
        return {"get": {"operationId": name, "responses": {"200": {"description": "It.", "content": content}}}}

    place: dict[str, Any] = {"in": "path", "required": True, "schema": {}}
    places = [{"name": name, **place} for name in ("id", "number")]
    paths = {
        "/notes/{id}/versions": {"parameters": places[:1], **get("listVersions", {"type": "array", "items": version})},
        "/notes/{id}/versions/{number}": {"parameters": places, **get("getVersion", version)},
    }
    answers = {"": [{"number": 3}], "/3": {"number": "three"}}
    instead = {f"GET /notes/{{id}}/versions{path}": Answer(200, value) for path, value in answers.items()}
    with serving(Notes(instead=instead)) as url:
        changes = [{"target": "$.paths", "update": paths}]
        found = judged(url, tmp_path, *only("getVersion.answers-as-documented"), changes=changes)
    assert found.failures().keys() == {"getVersion.answers-as-documented"}, found.output


def test_a_member_that_only_a_change_can_set_is_changed_too(tmp_path: Path) -> None:
    changes: list[dict[str, Any]] = [
        {"target": f"$.components.schemas.NewNote.{place}.label", "remove": True} for place in ("properties", "example")
    ]
    forgetful = Notes(kept=without_label, shown=lambda item: {"label": "plain", **item})
    with serving(forgetful) as url:
        found = judged(url, tmp_path, *only("changeNote.changed-after-change"), changes=changes)
    assert found.failures().keys() == {"changeNote.changed-after-change"}, found.output


def without_label(item: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in item.items() if name != "label"}


@pytest.mark.repetitive
def test_a_key_that_is_given_again_tells_nothing_of_the_item_before(tmp_path: Path) -> None:
    """The time of the last activity changes by itself, and sounds as if it told of a deletion."""
    times = count()

    def active(item: dict[str, Any]) -> dict[str, Any]:
        return {**item, "last_activity": next(times)}

    with serving(Notes(reuses_ids=True, shown=active)) as url:
        found = judged(url, tmp_path, "--only", "clauses", "--only", "sequences", *MANY)
    assert found.report["failures"] == []


def test_a_rule_that_the_answers_of_several_operations_break_is_told_once_and_names_them(tmp_path: Path) -> None:
    clauses = only("createNote.readable-after-create", "createNote.listed-after-create")
    with serving(Notes(shown=lambda item: {**item, "made": 5})) as url:
        found = judged(url, tmp_path, *clauses)
        told = {one["clause"]: {*one["also"]} for one in found.report["failures"]}
        waived = f"{TARGET}waivers: [{{clause: {next(iter(told))}, reason: later, until: '2099-12-31'}}]"
        rest = judged(url, tmp_path, *clauses, target=waived)
    made, *read = (f"{name}.answers-as-documented" for name in ("createNote", "getNote", "listNotes"))
    assert told == {made: {*read}}, found.output
    assert len(rest.failures()) == 2, "a clause that is waived hides none that is not"


class TakingNull(Notes):
    """It takes null for no body, and makes an untitled note."""

    def create(self, asked: Asked) -> Answer:
        return super().create(asked._replace(body={"title": "Untitled"}) if asked.body is None else asked)


@pytest.mark.parametrize("is_required", [True, False])
def test_null_in_place_of_a_body_is_invalid_only_where_a_body_is_required(is_required: bool, tmp_path: Path) -> None:
    changes = [{"target": "$.paths['/notes'].post.requestBody", "update": {"required": is_required}}]
    with serving(TakingNull()) as url:
        found = judged(url, tmp_path, *only("createNote.refused-when-invalid"), changes=changes)
    assert [*found.failures()] == ["createNote.refused-when-invalid"] * is_required, found.output


@pytest.mark.parametrize("name", ["X-Trace-Id", "x-trace-id"])
def test_a_header_field_that_breaks_its_schema_is_sent_however_its_name_is_written(name: str, tmp_path: Path) -> None:
    trace = {"name": name, "in": "header", "schema": {"type": "string", "format": "uuid"}}
    changes = [{"target": "$.paths['/notes'].post", "update": {"parameters": [trace]}}]
    with serving(Notes()) as url:
        found = judged(url, tmp_path, *only("createNote.refused-when-invalid"), changes=changes)
    assert [*found.failures()] == ["createNote.refused-when-invalid"], found.output


class Sorted(Notes):
    """It lists the notes of one kind, which a note names in its label."""

    def __call__(self, asked: Asked) -> Answer:
        match (asked.method, *asked.path):
            case ("POST", "kinds"):
                return Answer(201, {"id": "k1", "title": asked.body["title"]})
            case ("GET", "kinds", "k1"):
                return Answer(200, {"id": "k1", "title": "A kind"})
            case ("GET", "kinds", "k1", "notes"):
                return Answer(200, [one for one in self.items.values() if one.get("label") == "k1"])
            case (_, "kinds", *_):
                return Answer(204)
        return super().__call__(asked)


def test_a_list_of_what_one_item_of_another_kind_has_need_not_have_what_was_created_elsewhere(tmp_path: Path) -> None:
    kind = {"type": "object", "required": ["title"], "properties": {"id": {"type": "string"}, "title": {}}}
    content = {"content": {"application/json": {"schema": kind}}}
    listed = {"type": "array", "items": {"$ref": "#/components/schemas/Note"}}
    notes = {"content": {"application/json": {"schema": listed}}}
    place = [{"name": "kind", "in": "path", "required": True, "schema": {"type": "string"}}]
    paths: dict[str, Any] = {
        "/kinds": {"post": {"requestBody": content, "responses": {"201": {"description": "It.", **content}}}},
        "/kinds/{kind}": {
            "parameters": place,
            "get": {"responses": {"200": {"description": "It.", **content}}},
            "delete": {"responses": {"204": {"description": "Gone."}}},
        },
        "/kinds/{kind}/notes": {"parameters": place, "get": {"responses": {"200": {"description": "All.", **notes}}}},
    }
    changes: list[dict[str, Any]] = [
        {"target": "$.paths['/notes'].get", "remove": True},
        {"target": "$.paths", "update": paths},
    ]
    with serving(Sorted()) as url:
        found = judged(url, tmp_path, *only("createNote.listed-after-create"), changes=changes)
    assert "whose the note is, is not known" in found.statuses()["createNote.listed-after-create"], found.output


class NullForAbsent(Notes):
    """It takes null for a member that was not sent; `loose` members are not checked."""

    loose = ""

    def __call__(self, asked: Asked) -> Answer:
        if isinstance(asked.body, dict):
            sent = {name: value for name, value in asked.body.items() if value is not None or name == "title"}
            loose = str(sent[self.loose])[:40] if self.loose in sent else None
            asked = asked._replace(body={**sent, self.loose: loose} if loose is not None else sent)
        return super().__call__(asked)


INVALID = only("createNote.refused-when-invalid", "replaceNote.refused-when-invalid")


def test_null_that_is_taken_for_no_value_is_told_once(tmp_path: Path) -> None:
    with serving(NullForAbsent()) as url:
        found = judged(url, tmp_path, "--only", "clauses")
    (failure,) = found.report["failures"]
    assert failure["clause"] == "createNote.refused-when-invalid"
    assert "null" in failure["expected"]
    assert "replaceNote.refused-when-invalid" in failure["also"]


def test_null_that_is_taken_for_no_value_hides_no_rule_that_is_not_checked(tmp_path: Path) -> None:
    server = NullForAbsent()
    server.loose = "label"
    with serving(server) as url:
        found = judged(url, tmp_path, *INVALID)
    assert all("null" not in one["expected"] for one in found.report["failures"]), found.output
    assert len(found.failures()) == 2
