"""verify asks the built-in readings where an answer depends on them, holds a server to its choice, and reports it."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import pytest

from tests.support.servers.judging import CLAUSES, Judged, judged
from tests.support.servers.notes import Notes, with_others
from tests.support.servers.serving import Answer, Asked, serving

USUAL = {"note.put-unknown": "refused", "note.delete-unknown": "refused", "note.deletion": "gone"}
MANNERS: Mapping[str, tuple[Callable[[], Notes], dict[str, str]]] = {
    "as by default": (Notes, {}),
    "a PUT creates": (partial(Notes, put_unknown=200), {"note.put-unknown": "creates"}),
    "deleting the unknown succeeds": (partial(Notes, delete_unknown=204), {"note.delete-unknown": "succeeds"}),
    "what is deleted is marked": (partial(Notes, soft="marked"), {"note.deletion": "marked"}),
    "what is deleted is not listed": (partial(Notes, soft="unlisted"), {"note.deletion": "unlisted"}),
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
