"""`verify --plan` prints the stories of a run with their requests, and sends and changes nothing."""

from pathlib import Path

from tests.defects.serving import serving as serving_a_mock
from tests.support.in_process import ASHA, PARTS, mock, update
from tests.support.servers.judging import CLAUSES, NOTES, judged, run_here
from tests.support.servers.notes import Notes, with_others
from tests.support.servers.serving import serving

LIST = ("GET", ("notes",))
LISTED, READ = "createNote.listed-after-create", "getNote.answers-as-documented"


def test_a_plan_has_the_requests_of_the_clauses_that_are_named_and_sends_none(tmp_path: Path) -> None:
    server = with_others(Notes())
    with serving(server) as url:
        found = judged(url, tmp_path, *CLAUSES, "--clause", LISTED, "--plan")
    assert (found.exit_code, server.asked) == (0, [])
    named, *lines = found.output.splitlines()
    assert named.startswith(f"{LISTED}: ")
    assert [line.split()[:4] for line in lines[:2]] == [
        ["curl", "-i", "-X", "POST"],
        ["curl", "-i", "-X", "GET"],
    ]
    assert READ not in found.output
    assert f"{url}/notes" in lines[0]


def test_a_plan_of_a_layer_has_its_stories_alone(tmp_path: Path) -> None:
    with serving(Notes()) as url:
        found = judged(url, tmp_path, "--only", "sequences", "--examples", "12", "--plan")
    assert found.exit_code == 0
    assert "note: sequences 0" in found.output
    assert READ not in found.output


def test_the_stories_of_a_plan_are_those_of_the_run(tmp_path: Path) -> None:
    server = Notes()
    with serving(server) as url:
        options = (*CLAUSES, "--clause", READ)
        planned = judged(url, tmp_path, *options, "--plan").output
        judged(url, tmp_path, *options)
    methods = [line.split()[3] for line in planned.splitlines() if line.startswith("  curl")]
    assert methods == ["POST", "GET"]
    # Besides its stories, a run lists what was there before, and deletes what it created.
    told = [asked for asked in server.asked if asked.method != "DELETE" and (asked.method, asked.path) != LIST]
    assert [asked.method for asked in told] == methods


def test_a_plan_leaves_the_state_of_a_mock_alone() -> None:
    server = mock()
    server.credentials = PARTS.credentials
    with serving_a_mock(server) as url:
        server.handle(update(ASHA, {"lead_data": {"kept": 1}}))
        before = server.state()
        code, output = run_here("verify", url, "--plan")
        assert (code, server.state()) == (0, before), output
    assert "AUTH-1: " in output
    assert "curl -i -X PUT" in output


def test_a_plan_needs_no_server() -> None:
    code, output = run_here("verify", "https://notes.example", str(NOTES), "--plan", "--clause", READ)
    assert code == 0
    assert "curl -i -X GET https://notes.example/notes/" in output
