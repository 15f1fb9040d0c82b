"""A run changes and deletes nothing but what it was shown to have created, and leaves nothing behind."""

import json
import signal
import time
from pathlib import Path

import pytest

from tests.support.running import PATIENCE
from tests.support.servers.judging import CLAUSES, NOTES, judged, run_here, started
from tests.support.servers.notes import MADE, Notes, with_others
from tests.support.servers.serving import Answer, Asked, serving

OTHERS = ["old-0", "old-1"]


def is_harmless(server: Notes) -> bool:
    """Whether what others made is as it was, and nothing else is there."""
    return [*server.items] == OTHERS and not server.touched & {*OTHERS}


# Signals, and what a run that was cut off leaves to `restore`


class Slow(Notes):
    """A server that takes its time."""

    def __call__(self, asked: Asked) -> Answer:
        time.sleep(0.02)
        return super().__call__(asked)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_run_that_is_ended_by_a_signal_deletes_what_it_made_and_reports(number: int, tmp_path: Path) -> None:
    server = with_others(Slow())
    with serving(server) as url, started(url, tmp_path, "--examples", "600") as run:
        end = time.monotonic() + PATIENCE
        while not {*server.items} - {*OTHERS} and time.monotonic() < end:
            time.sleep(0.005)
        run.send_signal(number)
        output, _ = run.communicate(timeout=PATIENCE)
    assert is_harmless(server), output
    assert json.loads((tmp_path / "report.json").read_text())["verdict"] == "unjudged"
    assert run.returncode in (130, 143)


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


@pytest.mark.parametrize("what", ["report", "journal"])
def test_a_full_disk_is_one_line_and_no_verdict(what: str, tmp_path: Path) -> None:
    option = ("--report", "json=/dev/full") if what == "report" else ()
    server = with_others(Notes())
    if what == "journal":
        (tmp_path / "journal.jsonl").symlink_to("/dev/full")
    with serving(server) as url:
        found = judged(url, tmp_path, *CLAUSES, *option)
    assert found.exit_code == 3, found.output
    assert len(found.output.strip().splitlines()) == 1 or what == "report"
    assert "No space left on device" in found.output
    assert is_harmless(server)
