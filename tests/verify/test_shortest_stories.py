"""The story that is shown of a failure: each of its requests matters to it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.servers.judging import CLAUSES, judged
from tests.support.servers.notes import Notes, with_others
from tests.support.servers.serving import Answer, Asked, serving

CHANGED = "replaceNote.changed-after-change"
KEPT = "changeNote.rest-kept-after-change"
GONE = "deleteNote.absent-after-delete"


class Ignoring(Notes):
    """A server that keeps the label of a note."""

    def replace(self, id: str, asked: Asked) -> Answer:
        label = self.items.get(id, {}).get("label")
        answer = super().replace(id, asked)
        if answer.status == 200:
            self.items[id] |= {"label": label}
        return answer


class TakingTheFirst(Notes):
    """A server that replaces the first note of the run, whichever is named."""

    def replace(self, id: str, asked: Asked) -> Answer:
        ours = [one for one in self.items if not one.startswith("old")]
        return super().replace(ours[0] if id in ours else id, asked)


class Remembering(Notes):
    """A server that shows a note as it was when it was read first."""

    def read(self, id: str) -> Answer:
        if id in self.items:
            self.dead.setdefault(f"read {id}", self.items[id])
        return Answer(200, self.dead[f"read {id}"]) if id in self.items else super().read(id)


class Forgetful(Notes):
    """A server that loses the members that a change does not send."""

    def change(self, id: str, asked: Asked) -> Answer:
        if id in self.items and self.fits(asked.body, is_part=True):
            self.items[id] = {name: self.items[id][name] for name in ("id", "made", "title")}
        return super().change(id, asked)


class Sweeping(Notes):
    """A server that deletes every note of the run with the one that is named."""

    def delete(self, id: str) -> Answer:
        answer = super().delete(id)
        if answer.status == 204:
            self.items = {one: item for one, item in self.items.items() if one.startswith("old")}
        return answer


STORIES: dict[Callable[[], Notes], tuple[str, list[str]]] = {
    Ignoring: (CHANGED, ["POST /notes", "PUT /notes/1", "GET /notes/1"]),
    TakingTheFirst: (CHANGED, ["POST /notes", "POST /notes", "PUT /notes/2", "GET /notes/2"]),
    Remembering: (CHANGED, ["POST /notes", "GET /notes/1", "PUT /notes/1", "GET /notes/1"]),
    Forgetful: (KEPT, ["POST /notes", "PATCH /notes/1", "GET /notes/1"]),
    Sweeping: (GONE, ["POST /notes", "POST /notes", "GET /notes/2", "DELETE /notes/1", "GET /notes/2"]),
}


@pytest.mark.parametrize("make", STORIES)
def test_each_request_of_the_story_that_is_shown_matters(make: Callable[[], Notes], tmp_path: Path) -> None:
    clause, requests = STORIES[make]
    server = make()
    with serving(with_others(server)) as url:
        found = judged(url, tmp_path, *CLAUSES, "--clause", clause)
    (failure,) = found.report["failures"]
    assert (failure["clause"], failure["reproduced"], failure["attempts"]) == (clause, 3, 3)
    ids = [json.loads(one["response"])["id"] for one in failure["story"] if one["request"] == "POST /notes"]
    names = {f"/notes/{id}": f"/notes/{number}" for number, id in enumerate(ids, start=1)}
    shown = (one["request"].split(" ") for one in failure["story"])
    assert [f"{method} {names.get(path, path)}" for method, path in shown] == requests
    assert [*server.items] == ["old-0", "old-1"]
