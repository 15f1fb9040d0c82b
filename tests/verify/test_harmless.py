"""A run changes and deletes nothing but what it was shown to have created, and leaves nothing behind."""

import json
import re
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import quote

import pytest

from tests.support.running import PATIENCE
from tests.support.servers.judging import CLAUSES, NOTES, Judged, judged, report_in, started
from tests.support.servers.notes import MADE, Notes, with_others
from tests.support.servers.serving import Answer, Asked, serving

CONTENT_OF_USER = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/User"}}}}
SETTINGS = NOTES.with_name("settings.yaml")
OTHERS = ["old-0", "old-1"]
DISPOSABLE = "credentials: {}\ndisposable: true\n"
ONLY_NOTE = {
    "description": "The note.",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Note"}}},
}


def judge(server: Notes, cwd: Path, *options: str, **more: Any) -> Judged:
    with serving(with_others(server)) as url:
        return judged(url, cwd, *(options or CLAUSES), **more)


def is_harmless(server: Notes) -> bool:
    """Whether what others made is as it was, and nothing else is there."""
    return [*server.items] == OTHERS and not server.touched & {*OTHERS}


class Settings:
    """The only settings, which someone made; `writes` are the methods of requests that came to change them."""

    def __init__(self) -> None:
        self.value: dict[str, Any] | None = {"theme": "PRECIOUS", "size": 7}
        self.writes: list[str] = []

    def __call__(self, asked: Asked) -> Answer:
        if asked.method == "GET":
            return Answer(200, self.value) if self.value else Answer(404)
        self.writes.append(asked.method)
        if asked.method == "DELETE":
            self.value = None
            return Answer(204)
        body = asked.body if isinstance(asked.body, dict) else {"theme": 7}
        after = {**(self.value or {}), **body} if asked.method == "PATCH" else body
        if not isinstance(after.get("theme"), str) or type(after.get("size", 0)) is not int:
            return Answer(400)
        self.value = after
        return Answer(200, after)


@pytest.mark.parametrize(
    "options", [CLAUSES, ("--only", "clauses", "--only", "sequences", "--examples", "12")], ids=["clauses", "sequences"]
)
def test_settings_that_were_there_before_are_neither_changed_nor_deleted(
    options: tuple[str, ...], tmp_path: Path
) -> None:
    server = Settings()
    with serving(server) as url:
        found = judged(url, tmp_path, *options, document=SETTINGS)
    assert found.exit_code == 0, found.output
    assert server.writes == []
    assert server.value == {"theme": "PRECIOUS", "size": 7}
    assert "getSettings.answers-as-documented" in found.held()
    assert not [clause for clause in found.held() if not clause.startswith("getSettings.")]


def test_settings_of_a_disposable_server_are_changed_and_judged(tmp_path: Path) -> None:
    server = Settings()
    with serving(server) as url:
        found = judged(url, tmp_path, *CLAUSES, document=SETTINGS, target=DISPOSABLE)
    assert found.exit_code == 0, found.output
    assert "replaceSettings.changed-after-change" in found.held()


class Named:
    """Things whose keys are made of their names, and are found by paths that encode nothing."""

    def __init__(self) -> None:
        self.items: dict[str, dict[str, Any]] = {}

    def __call__(self, asked: Asked) -> Answer:  # its routes, one after the other
        key = "/".join(asked.path[1:])
        body = asked.body if isinstance(asked.body, dict) and isinstance(asked.body.get("name"), str) else None
        if asked.method == "GET" and not key:
            return Answer(200, [*self.items.values()])
        if asked.method == "POST" or (key in self.items and asked.method == "PATCH"):
            if body is None:
                return Answer(400)
            self.items.pop(key, None)
            made = {"id": body["name"].replace(" ", "_"), "name": body["name"]}
            self.items[made["id"]] = made
            return Answer(201 if asked.method == "POST" else 200, made)
        if key not in self.items or quote(key) != key:
            return Answer(404)
        return Answer(204 if self.items.pop(key) else 404) if asked.method == "DELETE" else Answer(200, self.items[key])


NAME = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}
        }
    },
}
THING = {"type": "object", "properties": {"id": {"type": "string"}, "name": {"type": "string"}}}


def answers(*statuses: str, schema: Any = THING) -> dict[str, Any]:
    """Responses, of which the first shows a thing."""
    shown = {"description": "done", "content": {"application/json": {"schema": schema}}}
    return {statuses[0]: shown, **{status: {"description": "refused"} for status in statuses[1:]}}


GONE = {"204": {"description": "gone"}, "404": {"description": "refused"}}
NAMED = {
    "openapi": "3.1.0",
    "info": {"title": "Named things", "version": "1"},
    "paths": {
        "/things": {
            "get": {"operationId": "listThings", "responses": answers("200", schema={"type": "array", "items": THING})},
            "post": {"operationId": "createThing", "requestBody": NAME, "responses": answers("201", "400")},
        },
        "/things/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
            "get": {"operationId": "getThing", "responses": answers("200", "404")},
            "patch": {"operationId": "changeThing", "requestBody": NAME, "responses": answers("200", "400", "404")},
            "delete": {"operationId": "deleteThing", "responses": GONE},
        },
    },
}


def test_items_that_are_found_by_their_names_get_none_by_which_they_could_not_be_found_again(tmp_path: Path) -> None:
    server, document = Named(), tmp_path / "named.json"
    document.write_text(json.dumps(NAMED))
    with serving(server) as url:
        found = judged(url, tmp_path, *CLAUSES, document=document)
    assert found.exit_code == 0, found.output
    assert server.items == {}
    assert {"createThing.readable-after-create", "changeThing.changed-after-change"} <= found.held()


PIN = [
    {
        "target": "$.paths",
        "update": {
            "/notes/{id}/pin": {
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
                "post": {"operationId": "pinNote", "responses": {"202": {"description": "It will be pinned."}}},
            }
        },
    }
]


def test_an_action_of_which_nothing_is_known_is_sent_to_a_disposable_server_only(tmp_path: Path) -> None:
    careful, free = Notes(), Notes()
    kept, done = judge(careful, tmp_path, changes=PIN), judge(free, tmp_path, changes=PIN, target=DISPOSABLE)
    assert (careful.pinned, kept.exit_code) == (0, 0), kept.output
    assert "disposable" in kept.statuses()["pinNote.answers-as-documented"]
    assert free.pinned > 0
    assert "pinNote.answers-as-documented" in done.held()


MAINTENANCE = [
    {
        "target": "$.paths",
        "update": {"/maintenance": {"post": {"operationId": "maintain", "responses": {"202": {"description": "On."}}}}},
    }
]


def test_an_action_that_may_change_the_whole_server_comes_after_what_is_known(tmp_path: Path) -> None:
    class Maintained(Notes):
        is_maintained = False

        def __call__(self, asked: Asked) -> Answer:
            if asked.path == ("maintenance",):
                self.is_maintained = True
                return Answer(202)
            return super().__call__(asked) if asked.method == "GET" or not self.is_maintained else Answer(503)

    server = Maintained()
    found = judge(server, tmp_path, changes=MAINTENANCE, target=DISPOSABLE)
    assert server.is_maintained
    assert {"createNote.readable-after-create", "deleteNote.absent-after-delete"} <= found.held(), found.output


class GetOrCreate(Notes):
    """A server that answers with the note that has the title, where there is one, and creates one else."""

    says = 201

    def create(self, asked: Asked) -> Answer:
        title = asked.body.get("title") if isinstance(asked.body, dict) else None
        old = next((item for item in self.items.values() if item["title"] == title), None)
        return super().create(asked) if old is None else Answer(self.says, self.shown(old))


EITHER = [{"target": "$.paths['/notes'].post.responses", "update": {"200": ONLY_NOTE}}]


@pytest.mark.parametrize(
    ("status", "options"),
    [
        (200, CLAUSES),
        (201, CLAUSES),
        (200, ("--only", "clauses", "--only", "sequences", "--examples", "12")),
        (201, ("--only", "clauses", "--only", "generated", "--examples", "6")),
    ],
    ids=["200", "201", "sequences", "generated"],
)
def test_a_note_that_a_creation_found_and_did_not_make_is_left_alone(
    status: int, options: tuple[str, ...], tmp_path: Path
) -> None:
    server = GetOrCreate()
    server.says = status
    precious = {"title": " Buy Oat-Milk & bread ", "label": "precious"}
    for number, title in enumerate((precious["title"], "string", "Buy milk")):
        server.items[f"mine-{number}"] = {**precious, "title": title, "id": f"mine-{number}", "made": MADE}
    before = json.dumps(server.items)
    with serving(server) as url:
        found = judged(url, tmp_path, *options, changes=EITHER)
    assert json.dumps(server.items) == before
    assert not {id for id in server.touched if id.startswith("mine")}
    assert found.failures() == {}, found.output
    assert "createNote.readable-after-create" in found.held(), found.statuses()


LOCATED = [
    {"target": "$.paths['/notes'].post.responses['201']", "remove": True},
    {"target": "$.paths['/notes'].post.responses", "update": {"201": {"description": "It was created."}}},
]


class Located(Notes):
    """A server that tells of a new note in Location alone, and maybe of another one than it made."""

    elsewhere = ""

    def answer_created(self, item: dict[str, Any]) -> Answer:
        return Answer(201, headers={"Location": f"/notes/{self.elsewhere or item['id']}"})


def test_a_location_is_followed_to_what_was_created(tmp_path: Path) -> None:
    server = Located()
    found = judge(server, tmp_path, changes=LOCATED)
    assert (found.failures(), found.exit_code) == ({}, 0), found.output
    assert {"createNote.readable-after-create", "deleteNote.absent-after-delete"} <= found.held()
    assert is_harmless(server)


def test_a_location_that_leads_to_what_somebody_else_made_is_not_believed(tmp_path: Path) -> None:
    server = Located()
    server.elsewhere = "old-0"
    judge(server, tmp_path, changes=LOCATED)
    assert is_harmless(server)


BY_PUT = [
    {"target": "$.paths['/notes'].post", "remove": True},
    {"target": "$.paths['/notes/{id}'].put.responses", "update": {"201": ONLY_NOTE}},
]


class Watched(Notes):
    """A server that notes which run made each note; `met` are the ids of those that another run wrote to."""

    def __call__(self, asked: Asked) -> Answer:
        met: set[str] = vars(self).setdefault("met", set())
        makers: dict[str, str] = vars(self).setdefault("makers", {})
        run, before = asked.headers.get("x-run", ""), {*self.items}
        if asked.method in ("PUT", "PATCH", "DELETE") and makers.get(asked.path[-1], run) != run:
            met.add(asked.path[-1])
        answer = super().__call__(asked)
        makers.update(dict.fromkeys({*self.items} - before, run))
        return answer


class WatchedGetOrCreate(Watched, GetOrCreate):
    pass


@pytest.mark.parametrize(
    ("made", "changes"),
    [
        (Watched, ()),
        (partial(Watched, put_unknown=201), BY_PUT),
        (WatchedGetOrCreate, ()),
        (partial(Watched, unique="title"), ()),
    ],
    ids=["ids of the server", "ids of the client", "got or created", "unique titles"],
)
def test_two_runs_at_once_never_touch_what_the_other_made(
    made: Callable[[], Notes], changes: Any, tmp_path: Path
) -> None:
    server = with_others(made())
    folders = [tmp_path / name for name in ("a", "b")]
    with serving(server) as url:
        for folder in folders:
            folder.mkdir()
        runs = [
            started(url, folder, *CLAUSES, "--header", f"X-Run: {folder.name}", changes=changes) for folder in folders
        ]
        outputs = [run.communicate(timeout=PATIENCE)[0] for run in runs]
    assert vars(server)["met"] == set()
    assert [run.returncode for run in runs] == [0, 0], "\n".join(outputs)
    assert is_harmless(server)


# Nothing is left behind


class Failing(Notes):
    """A server that creates and then fails to tell so."""

    def answer_created(self, item: dict[str, Any]) -> Answer:
        return Answer(500)


class Wrapping(Notes):
    """A server that wraps what it answers, as its document does not tell."""

    def answer_created(self, item: dict[str, Any]) -> Answer:
        return Answer(201, {"data": self.shown(item)})


class Silent(Notes):
    """A server that says no more than that it will be done."""

    def answer_created(self, item: dict[str, Any]) -> Answer:
        return Answer(202)


class Refusing(Notes):
    """A server that refuses to delete a note at first."""

    status = 409

    def delete(self, id: str) -> Answer:
        tried: set[str] = vars(self).setdefault("tried", set())
        if id in self.items and id not in tried:
            tried.add(id)
            return Answer(self.status, headers={"Retry-After": "0"})
        return super().delete(id)


class Archiving(Notes):
    """A server that deletes no note that is open."""

    def delete(self, id: str) -> Answer:
        return Answer(409) if self.items.get(id, {}).get("label") == "open" else super().delete(id)


def refusing(status: int) -> Notes:
    server = Refusing()
    server.status = status
    return server


ACCEPTED = [
    {"target": "$.paths['/notes'].post.responses", "update": {"202": {"description": "It will be made."}}},
    {"target": "$.paths['/notes'].post.responses['201']", "remove": True},
]
STATES = [{"target": "$.components.schemas.Label", "update": {"enum": ["archived", "open"]}}]
LEFTOVERS: dict[str, tuple[Callable[[], Notes], Any]] = {
    "a creation that is answered with an error": (Failing, ()),
    "a body without a schema": (Notes, LOCATED),
    "a body in a wrapper": (Wrapping, LOCATED),
    "a body in a wrapper that is not documented": (Wrapping, ()),
    "a note that appears late": (partial(Silent, delay=0.05), ACCEPTED),
    "a note that is only listed": (Silent, ACCEPTED),
    "what is not valid is taken": (partial(Notes, checks=False), ()),
    "PUT creates": (partial(Notes, put_unknown=200), ()),
    "what is archived is deleted alone": (Archiving, STATES),
    **{
        f"a deletion is refused with {status} at first": (partial(refusing, status), ())
        for status in (409, 423, 429, 503)
    },
}


def test_what_is_deleted_by_a_server_that_answers_202_to_each_deletion_is_not_told_as_left(tmp_path: Path) -> None:
    server = Notes(deleted=202, delete_unknown=202, delay=0.1)
    later = {"202": {"description": "It will be deleted."}}
    documented = [{"target": "$.paths['/notes/{id}'].delete.responses", "update": later}]
    one = (*CLAUSES, "--clause", "deleteNote.is-implemented")
    found = judge(server, tmp_path, *one, changes=documented, target="credentials: {}\nsettle: 300ms\n")
    assert (found.report["left_behind"], is_harmless(server)) == ([], True), found.output


def test_items_that_are_listed_and_that_no_operation_deletes_are_told_in_one_line(tmp_path: Path) -> None:
    server = Notes()
    undeletable = [{"target": "$.paths['/notes/{id}'].delete", "remove": True}]
    clauses = (*CLAUSES, "--clause", "createNote.refused-when-invalid", "--clause", "createNote.listed-after-create")
    left = judge(server, tmp_path, *clauses, changes=undeletable).report["left_behind"]
    assert [line.partition(":")[0] for line in left] == [
        f"{len(server.items) - len(OTHERS)} note items, which no operation deletes"
    ], left


class Taken(Notes):
    """A server whose free ids are given to notes of somebody else at once, of whom `harmed` counts the deletions."""

    harmed = 0

    def delete(self, id: str) -> Answer:
        self.harmed += self.items.get(id, {}).get("title") == "Somebody's"
        answer = super().delete(id)
        if answer.status == 204:
            self.items[id] = {"id": id, "title": "Somebody's", "made": MADE}
        return answer


def test_a_note_of_somebody_who_got_the_id_of_a_deleted_one_is_left_alone(tmp_path: Path) -> None:
    server = Taken(reuses_ids=True)
    judge(server, tmp_path)
    assert server.harmed == 0
    assert {note["title"] for id, note in server.items.items() if id not in OTHERS} == {"Somebody's"}


class Begun(Notes):
    """A server whose creations are answered with what was begun, which has an id of its own."""

    def answer_created(self, item: dict[str, Any]) -> Answer:
        return Answer(202, {"id": f"begun-{item['id']}", "state": "begun", "note_id": item["id"]})


class Asking(Notes):
    """A server that deletes nothing without a reason, or nothing at all."""

    deletes = True

    def __call__(self, asked: Asked) -> Answer:
        reason = asked.body.get("reason") if isinstance(asked.body, dict) else None
        if asked.method == "DELETE" and not (self.deletes and isinstance(reason, str) and len(reason) > 2):
            return Answer(400)
        return super().__call__(asked)


BEGUN = {
    "type": "object",
    "required": ["id", "state", "note_id"],
    "properties": {name: {"type": "string"} for name in ("id", "state", "note_id")},
}
BEGINNING = [
    {"target": "$.components.schemas", "update": {"Begun": BEGUN}},
    *ACCEPTED,
    {
        "target": "$.paths['/notes'].post.responses['202']",
        "update": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Begun"}}}},
    },
]
REASON = {
    "type": "object",
    "required": ["reason"],
    "properties": {"reason": {"type": "string", "minLength": 3}, "note": {"type": "string"}},
}
WITH_REASON = [
    {
        "target": "$.paths['/notes/{id}'].delete",
        "update": {"requestBody": {"required": True, "content": {"application/json": {"schema": REASON}}}},
    }
]


def test_the_id_of_what_a_creation_began_is_not_taken_for_that_of_the_note(tmp_path: Path) -> None:
    server = Begun(delay=0.05)
    found = judge(server, tmp_path, changes=BEGINNING, target="credentials: {}\nsettle: 300ms\n")
    assert (found.failures(), found.exit_code) == ({}, 0), found.output
    assert {"createNote.readable-after-create", "deleteNote.absent-after-delete"} <= found.held()
    assert is_harmless(server), [*server.items]


def test_a_deletion_that_needs_a_body_is_sent_with_one(tmp_path: Path) -> None:
    server = Asking()
    found = judge(server, tmp_path, changes=WITH_REASON)
    assert "deleteNote.absent-after-delete" in found.held(), found.output
    assert is_harmless(server), [*server.items]


def test_searches_make_few_items_where_the_server_refuses_to_delete_any(tmp_path: Path) -> None:
    server = Asking()
    server.deletes = False
    found = judge(server, tmp_path, "--only", "sequences", "--examples", "300")
    assert len(server.items) < len(OTHERS) + 30
    assert len(found.report["left_behind"]) == len(server.items) - len(OTHERS)


class Breaking(Failing):
    """A server that creates, fails to tell so, and then fails to list what is there."""

    def list(self) -> Answer:
        return super().list() if [*self.items] == OTHERS else Answer(500)


class HangingUp(Breaking):
    """The same of a server that does not answer at all where it failed to tell."""

    def __call__(self, asked: Asked) -> Answer:
        answer = super().__call__(asked)
        if answer.status == 500 and asked.method == "POST":
            raise ConnectionError
        return answer


class TakingLists(Notes):
    """Notes that are lists too, which have no key and so are found by nothing but the list of all."""

    def create(self, asked: Asked) -> Answer:
        if not isinstance(asked.body, list):
            return super().create(asked)
        lists: list[Any] = vars(self).setdefault("lists", [])
        lists.append(asked.body)
        return Answer(201, asked.body, {"Location": f"/notes/list-{len(lists)}"})

    def read(self, id: str) -> Answer:
        return Answer(200, []) if id.startswith("list-") else super().read(id)

    def list(self) -> Answer:
        return Answer(200, [*super().list().body, *vars(self).get("lists", [])])


def test_items_without_a_key_that_a_server_made_of_invalid_bodies_are_told_as_left(tmp_path: Path) -> None:
    server = TakingLists()
    with serving(server) as url:
        found = judged(url, tmp_path, *CLAUSES)
    number = len(vars(server)["lists"])
    assert number
    assert [line.partition(":")[0] for line in found.report["left_behind"]] == [
        f"items that createNote created ({number} in all)"
    ]


@pytest.mark.parametrize("make", [Breaking, HangingUp])
def test_where_creations_fail_and_no_list_shows_what_they_made_that_is_told_with_the_mark_to_look_for(
    make: Callable[[], Notes], tmp_path: Path
) -> None:
    server = make()
    left = judge(server, tmp_path).report["left_behind"]
    made = [note["title"] for id, note in server.items.items() if id not in OTHERS]
    assert [line.partition(" items that createNote may have created")[0] for line in left] == ["note"], left
    mark = left[0].partition("of this run have ")[2].partition(" ")[0]
    assert made
    assert all(mark in title for title in made), (left, made)


@pytest.mark.parametrize("name", LEFTOVERS)
def test_nothing_is_left_behind(name: str, tmp_path: Path) -> None:
    made, changes = LEFTOVERS[name]
    server = made()
    judge(server, tmp_path, changes=changes, target="credentials: {}\nsettle: 300ms\n")
    time.sleep(server.delay)
    server._catch_up()
    assert is_harmless(server), [*server.items]


def test_what_was_deleted_is_not_told_as_left_where_a_server_hides_what_does_not_exist(tmp_path: Path) -> None:
    """DELETE takes an invalid parameter, so that a story deletes a note on its way, and another DELETE is a 403."""
    parameter = {"name": "force", "in": "query", "schema": {"type": "boolean"}}
    changes = [
        {"target": "$.paths['/notes/{id}'].delete", "update": {"parameters": [parameter]}},
        {"target": "$.paths['/notes/{id}'].delete.responses", "update": {"400": {"description": "Not valid."}}},
    ]
    server = Notes(gone=403, delete_unknown=403)
    found = judge(server, tmp_path, changes=changes)
    assert "deleteNote.refused-when-invalid" in found.failures()
    assert (found.report["left_behind"], is_harmless(server)) == ([], True)


def test_notes_that_are_created_without_a_body_are_judged_and_deleted(tmp_path: Path) -> None:
    notes = with_others(Notes())

    def titled(asked: Asked) -> Answer:
        is_creation = (asked.method, *asked.path) == ("POST", "notes")
        return notes(asked._replace(body={"title": "Untitled"}) if is_creation else asked)

    with serving(titled) as url:
        removed = [{"target": "$.paths['/notes'].post.requestBody", "remove": True}]
        found = judged(url, tmp_path, *CLAUSES, changes=removed)
    assert {"createNote.listed-after-create", "getNote.answers-as-documented", "deleteNote.absent-after-delete"} <= (
        found.held()
    ), found.output
    assert (found.exit_code, is_harmless(notes)) == (0, True), found.output


def test_a_change_never_moves_a_note_to_a_made_up_id(tmp_path: Path) -> None:
    """A server that moves it there would write over what someone else has under that id."""
    with_id = [{"target": "$.components.schemas.ChangedNote.properties", "update": {"id": {"type": "string"}}}]
    server = Notes()
    judge(server, tmp_path, changes=with_id)
    bodies = [(one.path[1], one.body) for one in server.asked if one.method == "PATCH" and isinstance(one.body, dict)]
    texts = [(path, body["id"]) for path, body in bodies if isinstance(body.get("id"), str)]
    assert all(path == id for path, id in texts), texts


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_a_note_of_others_that_a_change_is_answered_with_is_not_taken_for_the_one_that_was_changed(
    method: str, tmp_path: Path
) -> None:
    server = Notes(instead={f"{method} /notes/{{id}}": Answer(200, {"id": "old-0", "title": "Old 0", "made": MADE})})
    found = judge(server, tmp_path)
    assert is_harmless(server), found.output
    name = {"PUT": "replaceNote", "PATCH": "changeNote"}[method]
    assert f"{name}.changed-after-change" in found.failures(), found.output


def test_what_cannot_be_deleted_is_told(tmp_path: Path) -> None:
    class Keeping(Notes):
        def delete(self, id: str) -> Answer:
            return Answer(409)

    server = Keeping()
    found = judge(server, tmp_path)
    left = {*server.items} - {*OTHERS}
    assert left
    assert {id for id in left if any(f" {id}" in line for line in found.report["left_behind"])} == left


UNKNOWN = [
    *LOCATED,
    {"target": "$.paths['/notes'].get", "remove": True},
]


def test_creation_stops_after_a_few_notes_whose_ids_cannot_be_learned_and_that_is_told_once(tmp_path: Path) -> None:
    class Secretive(Notes):
        def answer_created(self, item: dict[str, Any]) -> Answer:
            return Answer(201)

    server = Secretive()
    found = judge(server, tmp_path, "--examples", "12", changes=UNKNOWN)
    assert len(server.items) - len(OTHERS) <= 5
    assert len(found.report["left_behind"]) == 1
    assert "createNote" in found.report["left_behind"][0]


USERS = {
    "openapi": "3.1.0",
    "info": {"title": "Users", "version": "1"},
    "paths": {
        "/users/{name}": {
            "parameters": [{"name": "name", "in": "path", "required": True, "schema": {"type": "string"}}],
            "put": {
                "operationId": "putUser",
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/User"}}},
                },
                "responses": {
                    "200": {"description": "The user.", **CONTENT_OF_USER},
                    "201": {"description": "The user.", **CONTENT_OF_USER},
                    "400": {"description": "Not valid."},
                },
            },
        }
    },
    "components": {
        "schemas": {"User": {"type": "object", "required": ["email"], "properties": {"email": {"type": "string"}}}}
    },
}


def test_of_users_that_no_operation_shows_or_deletes_a_few_are_made_and_told_in_one_line(tmp_path: Path) -> None:
    users: dict[str, Any] = {}

    def answer(asked: Asked) -> Answer:
        body = asked.body
        if asked.method != "PUT" or not isinstance(body, dict) or not isinstance(body.get("email"), str):
            return Answer(400)
        status = 200 if asked.path[1] in users else 201
        users[asked.path[1]] = {"email": body["email"]}
        return Answer(status, users[asked.path[1]])

    document = tmp_path / "users.json"
    document.write_text(json.dumps(USERS))
    with serving(answer) as url:
        found = judged(url, tmp_path, document=document)
    assert "putUser.refused-when-invalid" in found.held(), found.output
    (line,) = found.report["left_behind"]
    assert line.startswith("3 user items, which no operation deletes: ")
    assert "overlay" in line
    assert len(users) == 3
    assert all(name in line for name in users)


# Bounds


def endless(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n[")
    while True:
        connection.sendall(b" " * 65536)


def dripping(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n[")
    while True:
        connection.sendall(b" ")
        time.sleep(0.05)


def dripping_headers(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        connection.sendall(b"X: y\r\n")
        time.sleep(0.05)


def continuing(connection: socket.socket) -> None:
    while True:
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        time.sleep(0.05)


def a_long_line(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
    while True:
        connection.sendall(b"y" * 65536)


@contextmanager
def misbehaving(answer: Callable[[socket.socket], None]) -> Iterator[str]:
    """The origin of a server that answers each connection with a function of a socket."""

    def serve(connection: socket.socket) -> None:
        with connection:
            try:
                connection.recv(65536)
                answer(connection)
            except OSError:
                return

    def accept(listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            Thread(target=serve, args=(connection,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        Thread(target=accept, args=(listener,), daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("answer", [endless, dripping, dripping_headers, continuing, a_long_line])
def test_an_answer_without_an_end_is_waited_for_as_long_as_allowed_and_is_no_violation(
    answer: Callable[[socket.socket], None], tmp_path: Path
) -> None:
    limits = ("--timeout", "300ms", "--max-time", "1s")
    with misbehaving(answer) as url, started(url, tmp_path, *CLAUSES, *limits) as run:
        try:
            output, _ = run.communicate(timeout=PATIENCE / 4)  # it would go on for ever
        finally:
            run.kill()
    assert (run.returncode, report_in(tmp_path)["failures"]) == (3, []), output


# Keys that are made of what is sent


class Titled(Notes):
    """A server whose ids are made of titles, and which finds no note whose id has to be encoded in a path."""

    def new_id(self, item: dict[str, Any]) -> str:
        return re.sub(r"[ -/:-@\[-`{-~]", "_", str(item["title"]))

    def change(self, id: str, asked: Asked) -> Answer:
        answer = super().change(id, asked)
        if answer.status != 200:
            return answer
        item = self.items.pop(id)
        moved = {**item, "id": self.new_id(item)}
        self.items[str(moved["id"])] = moved
        return Answer(200, moved)

    def __call__(self, asked: Asked) -> Answer:
        is_plain = len(asked.path) < 2 or re.fullmatch(r"[\w.~-]+", asked.path[1], re.ASCII)
        return super().__call__(asked) if is_plain else Answer(404)


def test_where_a_key_made_of_a_title_leads_nowhere_a_disposable_server_tells_and_no_other_is_left_with_it(
    tmp_path: Path,
) -> None:
    spared = Titled()
    assert judge(spared, tmp_path, "--examples", "60").report["left_behind"] == []
    assert is_harmless(spared)
    found = judge(Titled(), tmp_path, "--examples", "60", target=DISPOSABLE)
    assert "createNote.readable-after-create" in found.failures(), found.output


def test_an_item_that_is_said_to_be_gone_and_is_listed_still_is_told(tmp_path: Path) -> None:
    server = Titled()
    found = judge(server, tmp_path, "--only", "generated", "--examples", "60")
    left = sorted(set(server.items) - {"old-0", "old-1"})
    told = found.report["left_behind"]
    assert sorted(line for line in told if line.startswith("note ")) == [f"note {id}" for id in left]
    assert len(left) <= 4
    # The ids of others led nowhere before they were found in the list.
    assert all(line.startswith(("note ", "items that createNote created")) for line in told)


CREATED_ID = {"type": "object", "properties": {"created": {"type": "string"}}}
SELECTED = {"select": {"resource": "note", "by": "$request.path.id"}}
STATED: dict[str, Any] = {
    "$": {"resources": {"note": {"key": "id", "schema": {"$ref": "#/components/schemas/Note"}}}},
    "$.paths['/notes'].get": {"list": {"resource": "note"}, "answer": {"body": "$items"}},
    "$.paths['/notes'].post": {
        "apply": [{"create": {"resource": "note", "with": "$request.body"}}],
        "answer": {"body": {"created": "$item#/id"}},
    },
    "$.paths['/notes/{id}'].get": {**SELECTED, "answer": {"body": "$item"}},
    "$.paths['/notes/{id}'].delete": {**SELECTED, "apply": [{"delete": {}}]},
}
ANOTHER_NAME = [
    {"target": "$.paths['/notes'].post.responses['201'].content['application/json'].schema", "remove": True},
    {"target": "$.paths['/notes'].post.responses['201'].content['application/json']", "update": {"schema": CREATED_ID}},
    *({"target": target, "update": {"x-lookalike": stated}} for target, stated in STATED.items()),
]


def test_an_id_that_an_answer_shows_under_a_stated_name_leads_to_what_was_created_without_a_mark(
    tmp_path: Path,
) -> None:
    class Telling(Notes):
        def answer_created(self, item: dict[str, Any]) -> Answer:
            return Answer(201, {"created": item["id"]})

    server = Telling()
    found = judge(server, tmp_path, "--only", "generated", "--examples", "12", changes=ANOTHER_NAME)
    assert any(one.method == "POST" and isinstance(one.body, dict) and "title" in one.body for one in server.asked), (
        found.output
    )
    assert (found.report["left_behind"], is_harmless(server)) == ([], True), found.output


def named(tmp_path: Path, **rules: Any) -> Path:
    """The document of the named things, with further rules for their names."""
    document = json.loads(json.dumps(NAMED).replace(json.dumps({"type": "string"}), json.dumps(rules), 1))
    path = tmp_path / "named.json"
    path.write_text(json.dumps(document))
    return path


def test_a_thing_that_was_made_by_a_request_that_was_refused_is_found_by_its_name_and_deleted(tmp_path: Path) -> None:
    class Hasty(Named):
        def __call__(self, asked: Asked) -> Answer:
            if asked.method == "POST" and asked.body not in ({"name": "shop"}, {"name": "stall"}):
                return Answer(400)
            given = super().__call__(asked)
            return Answer(400) if given.status == 201 and given.body["name"] == "shop" else given

    server = Hasty()
    server.items["of others"] = {"id": "of others", "name": "of others"}
    with serving(server) as url:
        found = judged(
            url, tmp_path, "--only", "generated", document=named(tmp_path, type="string", enum=["shop", "stall"])
        )
    assert [*server.items] == ["of others"], found.output


def test_a_thing_that_a_change_of_its_name_moved_is_deleted_under_its_new_key(tmp_path: Path) -> None:
    """The server makes keys of names, and such names bear no mark."""

    class Dotted(Named):
        def __call__(self, asked: Asked) -> Answer:
            key = "/".join(asked.path[1:])
            if asked.method not in ("POST", "PATCH") or (key and key not in self.items):
                return super().__call__(asked)
            name = asked.body.get("name") if isinstance(asked.body, dict) else None
            if not isinstance(name, str) or not re.fullmatch("[a-z]{1,12}", name):
                return Answer(400)
            self.items.pop(key, None)
            self.items[f"{name}."] = {"id": f"{name}.", "name": f"{name}."}
            return Answer(200 if key else 201, self.items[f"{name}."])

    server = Dotted()
    with serving(server) as url:
        found = judged(url, tmp_path, *CLAUSES, document=named(tmp_path, type="string", pattern="^[a-z]{1,12}$"))
    assert server.items == {}, found.output


def test_notes_without_an_id_that_stay_are_told(tmp_path: Path) -> None:
    """The server takes a list in place of a note, and no path leads to that."""

    class Taking(Notes):
        def create(self, asked: Asked) -> Answer:
            if not isinstance(asked.body, list):
                return super().create(asked)
            self.items[f"list-{next(self.numbers)}"] = asked.body  # type: ignore[assignment]
            return Answer(201, asked.body)

    server = Taking()
    clause = ("--clause", "createNote.refused-when-invalid")
    found = judge(server, tmp_path, *CLAUSES, *clause)
    assert [*server.items] != OTHERS
    assert "createNote" in " ".join(found.report["left_behind"]), found.output
