"""`restore` deletes what a run that was cut off has left, and says what stays."""

import json
from pathlib import Path

import pytest

from tests.support.servers.judging import CLAUSES, NOTES, judged, run_here
from tests.support.servers.notes import MADE, Notes, with_others
from tests.support.servers.serving import Answer, serving

OTHERS = ["old-0", "old-1"]


def is_harmless(server: Notes) -> bool:
    """Whether what others made is as it was, and nothing else is there."""
    return [*server.items] == OTHERS and not server.touched & {*OTHERS}


def restored(url: str, cwd: Path) -> tuple[int, str]:
    line = ["restore", str(cwd / "journal.jsonl"), url, str(NOTES), "--target", str(cwd / "target.yaml")]
    return run_here(*line)


def cut_off(server: Notes, url: str, cwd: Path) -> str:
    """The id of a note that a run made, which by its journal was cut off before it deleted it."""
    judged(url, cwd, *CLAUSES, "--clause", "createNote.listed-after-create")
    journal = cwd / "journal.jsonl"
    lines = [line for line in journal.read_text().splitlines() if "DELETE" not in line]
    journal.write_text("\n".join(lines) + "\n")
    made = next(json.loads(line)["made"] for line in lines if '"made"' in line)
    id = str(made).rpartition("/")[2]
    server.items[id] = {"id": id, "title": "left", "made": MADE}
    return id


@pytest.mark.parametrize(("status", "code"), [(204, 0), (404, 0), (410, 0), (302, 1), (202, 1), (409, 1), (503, 1)])
def test_restore_believes_a_deletion_that_is_confirmed_and_fails_while_anything_stays(
    status: int, code: int, tmp_path: Path
) -> None:
    server = with_others(Notes())
    with serving(server) as url:
        id = cut_off(server, url, tmp_path)
        if status >= 400 and code == 0:
            del server.items[id]
        server.instead = {"DELETE /notes/{id}": Answer(status)} if status != 204 else {}
        found, output = restored(url, tmp_path)
    assert (found != 0, id in output) == (bool(code), True), output
