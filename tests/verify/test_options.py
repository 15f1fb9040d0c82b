"""The options and settings that decide which violations count, and where a run writes."""

import json
import time
from pathlib import Path

import pytest

from tests.support.paths import FIXTURES
from tests.support.running import running_mock
from tests.support.servers.judging import CLAUSES, TARGET, Judged, judged, judged_in_a_process, run_here
from tests.support.servers.notes import Notes, with_others
from tests.support.servers.serving import Answer, Asked, serving

KEPT = "changeNote.rest-kept-after-change"
READ = "getNote.answers-as-documented"


class Forgetful(Notes):
    """A server whose changes forget what was not sent."""

    def change(self, id: str, asked: Asked) -> Answer:
        if id in self.items and self.fits(asked.body, is_part=True):
            self.items[id] = {name: self.items[id][name] for name in ("id", "made", "title")}
        return super().change(id, asked)


class Worse(Forgetful):
    """The same, which shows something else than the document says."""

    def read(self, id: str) -> Answer:
        answer = super().read(id)
        return Answer(200, []) if answer.status == 200 else answer


def judge(server: Notes, cwd: Path, *options: str, target: str = TARGET) -> Judged:
    with serving(with_others(server)) as url:
        return judged(url, cwd, *CLAUSES, *options, target=target)


def test_a_violation_of_the_baseline_does_not_count_and_a_new_one_does(tmp_path: Path) -> None:
    before = judge(Forgetful(), tmp_path)
    assert (before.exit_code, set(before.failures())) == (1, {KEPT})
    (tmp_path / "baseline.json").write_text(json.dumps(before.report))
    options = ("--baseline", str(tmp_path / "baseline.json"))
    again = judge(Forgetful(), tmp_path, *options)
    assert again.exit_code == 0
    assert "1 of the failures waived" in again.last_line
    assert "violated in baseline.json too" in again.output
    assert judge(Worse(), tmp_path, *options).exit_code == 1


def test_a_baseline_that_is_not_a_report_is_exit_code_2_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "baseline.json").write_text("[]")
    found = judge(Notes(), tmp_path, "--baseline", str(tmp_path / "baseline.json"))
    assert found.exit_code == 2
    assert "baseline.json" in found.last_line


def test_a_run_that_stops_at_the_first_failure_reports_it_alone(tmp_path: Path) -> None:
    found = judge(Worse(), tmp_path, "-x")
    assert (found.exit_code, len(found.failures())) == (1, 1), found.output
    assert len(judge(Worse(), tmp_path).failures()) > 1


WAIVERS = """
credentials: {}
waivers:
  - {clause: changeNote.rest-kept-after-change, reason: known, until: '2999-12-31'}
  - {clause: createNote.listed-after-create, reason: repaired, until: '2999-12-31'}
  - {clause: getNote.answers-as-documented, reason: old, until: '2001-01-01'}
  - {clause: nobody.knows, reason: misspelt, until: '2999-12-31'}
"""


def test_waivers_that_are_of_no_use_are_told(tmp_path: Path) -> None:
    found = judge(Forgetful(), tmp_path, target=WAIVERS)
    assert found.exit_code == 0
    assert "1 of the failures waived" in found.last_line
    assert "note: the waiver of getNote.answers-as-documented ran out on 2001-01-01" in found.output
    assert "note: the waiver of nobody.knows is of no clause" in found.output
    assert "note: the waiver of createNote.listed-after-create is not needed any more" in found.output
    assert len(found.report["notes"]) == 3


class Slow(Notes):
    """A server one of whose operations takes its time."""

    def list(self) -> Answer:
        time.sleep(0.3)
        return super().list()


@pytest.mark.parametrize(("most", "code"), [("200ms", 1), ("60s", 0)])
def test_an_operation_whose_median_is_too_long_is_named(most: str, code: int, tmp_path: Path) -> None:
    found = judge(Slow(), tmp_path, "--clause", "listNotes.answers-as-documented", "--max-response-time", most)
    assert found.exit_code == code, found.output
    assert set(found.failures()) == ({"listNotes.answers-in-time"} if code else set())


def test_a_full_disk_is_exit_code_3_and_one_line(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    found = judge(Notes(), tmp_path, "--clause", READ, "--report", "json=/dev/full")
    assert found.exit_code == 3
    assert found.last_line == "lookalike: cannot write /dev/full: No space left on device"


def test_a_run_leaves_nothing_but_its_journal_in_the_working_folder(tmp_path: Path) -> None:
    with serving(with_others(Notes())) as url:
        found = judged_in_a_process(url, tmp_path, "--only", "generated", "--examples", "6")
    assert found.exit_code == 0, found.output
    assert {path.name for path in tmp_path.iterdir()} == {"journal.jsonl", "report.json", "target.yaml"}


OF_OTHER_EXTRAS = ("faker", "psycopg", "sphinx", "pytest", "httpx")


def test_a_run_needs_no_package_of_the_other_extras(tmp_path: Path) -> None:
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    (hidden / "sitecustomize.py").write_text(
        f"import sys\nfor name in {OF_OTHER_EXTRAS}:\n    sys.modules[name] = None\n"
    )
    with serving(Notes()) as url:
        options = ("--only", "clauses", "--only", "generated", "--examples", "6")
        found = judged_in_a_process(url, tmp_path, *options, PYTHONPATH=str(hidden))
    assert found.exit_code == 0, found.output
    assert found.held()


PETS = FIXTURES / "contracts" / "pets" / "openapi.yaml"


@pytest.mark.parametrize("path", ["", "/", "/api", "/api/"])
def test_the_url_of_a_mock_may_end_in_the_base_path_of_its_document(path: str) -> None:
    with running_mock(str(PETS)) as mock:
        options = ("--only", "clauses", "--clause", "listPets.answers-as-documented")
        code, output = run_here("verify", f"{mock.url}{path}", str(PETS), *options)
    assert code == 0, output
    assert "/api conforms in what was exercised (1 of 14 operations)" in output


@pytest.mark.parametrize("path", ["", "/", "/api/"])
def test_the_base_path_of_the_document_is_found_where_the_target_file_has_none(path: str, tmp_path: Path) -> None:
    target = tmp_path / "target.yaml"
    target.write_text("disposable: true\n")
    with running_mock(str(PETS)) as mock:
        options = ("--only", "clauses", "--clause", "listPets.answers-as-documented", "--target", str(target))
        code, output = run_here("verify", f"{mock.url}{path}", str(PETS), *options)
    assert code == 0, output
    assert "/api conforms in what was exercised (1 of 14 operations)" in output


def test_a_server_behind_a_gateway_that_takes_the_base_path_away_is_judged_where_it_is(tmp_path: Path) -> None:
    target = tmp_path / "target.yaml"
    target.write_text("disposable: true\n")
    with running_mock(str(PETS), "--base-path", "/") as mock:
        options = ("--only", "clauses", "--clause", "listPets.answers-as-documented", "--target", str(target))
        code, output = run_here("verify", mock.url, str(PETS), *options)
    assert code == 0, output
    assert f"{mock.url} conforms in what was exercised (1 of 14 operations)" in output


def test_inputs_are_generated_for_the_operations_of_the_named_clauses_alone(tmp_path: Path) -> None:
    server = Notes()
    with serving(server) as url:
        judged(url, tmp_path, "--only", "generated", "--clause", "deleteNote.absent-after-delete")
    assert "POST" not in {asked.method for asked in server.asked}
