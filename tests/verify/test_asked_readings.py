"""verify asks the built-in readings where an answer depends on them, holds a server to its choice, and reports it."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import pytest

from tests.support.servers.judging import CLAUSES, Judged, judged
from tests.support.servers.notes import Notes, with_others
from tests.support.servers.serving import Answer, Asked, serving

USUAL = {
    "note.put-unknown": "refused",
    "note.delete-unknown": "refused",
    "note.deletion": "gone",
    "note.put-unsent": "removed",
    "note.order": "oldest-first",
    "note.unknown-members": "kept",
    "createNote.unknown-members": "taken",
}
MANNERS: Mapping[str, tuple[Callable[[], Notes], dict[str, str]]] = {
    "as by default": (partial(Notes, unknown_members="kept"), {}),
    "a PUT keeps what it does not send": (
        partial(Notes, put_keeps=True, unknown_members="kept"),
        {"note.put-unsent": "kept"},
    ),
    "the newest note is listed first": (
        partial(Notes, newest_first=True, unknown_members="kept"),
        {"note.order": "newest-first"},
    ),
    "unknown members are dropped": (Notes, {"note.unknown-members": "dropped"}),
    "a PUT creates": (partial(Notes, put_unknown=200, unknown_members="kept"), {"note.put-unknown": "creates"}),
    "deleting the unknown succeeds": (
        partial(Notes, delete_unknown=204, unknown_members="kept"),
        {"note.delete-unknown": "succeeds"},
    ),
    "what is deleted is marked": (partial(Notes, soft="marked", unknown_members="kept"), {"note.deletion": "marked"}),
    "what is deleted is not listed": (
        partial(Notes, soft="unlisted", unknown_members="kept"),
        {"note.deletion": "unlisted"},
    ),
}


def run(server: Notes, folder: Path) -> Judged:
    with serving(with_others(server)) as url:
        return judged(url, folder, *CLAUSES)


@pytest.mark.parametrize("name", MANNERS)
def test_the_choices_that_a_server_follows_are_reported_and_only_unusual_ones_are_printed(
    name: str, tmp_path: Path
) -> None:
    make, otherwise = MANNERS[name]
    found = run(make(), tmp_path)
    assert (found.exit_code, found.failures()) == (0, {})
    readings = {one["id"]: one for one in found.report["readings"]}
    assert {id: readings[id]["choice"] for id in USUAL} == {**USUAL, **otherwise}
    assert {id for id in USUAL if not readings[id]["is_usual"]} == otherwise.keys()
    assert all(one["evidence"].startswith("curl ") for one in readings.values())
    assert {id for id in USUAL if f"{id}: " in found.output} == otherwise.keys()


class Selective(Notes):
    """A server that forgets a deleted note, unless it was changed: then the note can still be read, but not listed."""

    def delete(self, id: str) -> Answer:
        """The note, which is gone for good if nobody changed it."""
        was_changed = id in self.touched
        answer = super().delete(id)
        if not was_changed:
            self.dead.pop(id, None)
        return answer


def test_a_server_that_follows_two_choices_of_a_reading_breaks_the_clause_that_depends_on_it(tmp_path: Path) -> None:
    with serving(with_others(Selective(soft="unlisted"))) as url:
        found = judged(url, tmp_path, *CLAUSES, "--only", "sequences")
    assert found.exit_code == 1
    assert found.failures() == {
        "deleteNote.absent-after-delete": "a note that was deleted can be read no more, as others of this run / "
        "it is in no list any more"
    }


class Undecided(Notes):
    """A server that answers a creation with 200 or 201, by turns."""

    def create(self, asked: Asked) -> Answer:
        """A new note, with either success."""
        self.created = 201 if self.created == 200 else 200
        return super().create(asked)


SHOWN = {"description": "The note.", "content": {"application/json": {"schema": {"type": "object"}}}}
TWO_SUCCESSES = [{"target": "$.paths['/notes'].post.responses", "update": {"200": SHOWN}}]


def test_an_operation_that_answers_with_either_of_its_successes_is_not_accused_and_that_is_told(tmp_path: Path) -> None:
    with serving(with_others(Undecided())) as url:
        found = judged(url, tmp_path, *CLAUSES, changes=TWO_SUCCESSES)
    assert (found.exit_code, found.failures()) == (0, {})
    assert "createNote.success: 201 | 200" in found.output


TWO_REFUSALS = [{"target": "$.paths['/notes'].post.responses", "update": {"422": {"description": "Not valid."}}}]


def test_the_status_of_a_refusal_is_reported_where_the_document_leaves_it_open(tmp_path: Path) -> None:
    asked = ("--clause", "createNote.refused-when-invalid")
    with serving(with_others(Notes(refused=422))) as url:
        found = judged(url, tmp_path, *CLAUSES, *asked, changes=TWO_REFUSALS)
    assert {one["id"]: one["choice"] for one in found.report["readings"]} == {"createNote.refusal": "422"}


def test_unknown_members_that_are_refused_accuse_nobody_and_are_reported(tmp_path: Path) -> None:
    asked = ("--clause", "createNote.readable-after-create")
    with serving(with_others(Notes(unknown_members="refused"))) as url:
        found = judged(url, tmp_path, *CLAUSES, *asked)
    assert (found.exit_code, found.failures()) == (0, {}), found.output
    assert {one["id"]: one["choice"] for one in found.report["readings"]} == {"createNote.unknown-members": "refused"}


WITH_SECRET = [
    {"target": f"$.components.schemas.{name}.properties", "update": {"secret": {"type": "string"}}}
    for name in ("Note", "NewNote")
] + [{"target": "$.components.schemas.NewNote", "update": {"required": ["title", "secret"]}}]


@pytest.mark.parametrize(("hidden", "choice"), [(("secret",), "no"), ((), "yes")], ids=["withheld", "shown"])
def test_whether_a_secret_is_withheld_from_reads_is_reported(
    hidden: tuple[str, ...], choice: str, tmp_path: Path
) -> None:
    def without(item: Mapping[str, object]) -> dict[str, object]:
        return {name: value for name, value in item.items() if name not in hidden}

    with serving(with_others(Notes(unknown_members="kept", shown=without))) as url:
        found = judged(url, tmp_path, *CLAUSES, "--clause", "createNote.readable-after-create", changes=WITH_SECRET)
    assert (found.exit_code, found.failures()) == (0, {}), found.output
    readings = {one["id"]: one["choice"] for one in found.report["readings"]}
    assert readings["note.secret.shown"] == choice


NULLABLE = [
    {"target": f"$.components.schemas.{name}.properties", "update": {"nick": {"type": ["string", "null"]}}}
    for name in ("Note", "NewNote", "ChangedNote")
] + [{"target": "$.components.schemas.NewNote.example", "update": {"nick": "Nan"}}]


@pytest.mark.parametrize("choice", ["stored", "deletes"])
def test_what_null_does_in_a_patch_is_reported(choice: str, tmp_path: Path) -> None:
    def shown(item: Mapping[str, object]) -> dict[str, object]:
        return {name: value for name, value in item.items() if value is not None or choice == "stored"}

    asked = ("--clause", "changeNote.changed-after-change")
    with serving(with_others(Notes(unknown_members="kept", shown=shown))) as url:
        found = judged(url, tmp_path, *CLAUSES, *asked, changes=NULLABLE)
    assert (found.exit_code, found.failures()) == (0, {}), found.output
    assert {one["id"]: one["choice"] for one in found.report["readings"]} == {"note.patch-null": choice}
