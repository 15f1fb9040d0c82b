"""`lookalike verify`, `calibrate` and `restore`, as a QA engineer and a CI job run them."""

import dataclasses
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookalike.http import Headers, Request, Response
from lookalike.service import MockService
from lookalike.verify.safety.permissions import send_policy_for
from lookalike.verify.saved_stories import saved_requests
from lookalike.verify.server.client import Budget, Client
from lookalike.verify.server.redaction import placeholders
from lookalike.verify.server.target import Credentials
from lookalike.verify.server.transport import ConnectionSettings
from lookalike.verify.setup import environment_of
from lookalike.verify.stories.single_operation import table
from tests.defects.catalogue import DEFECTS
from tests.defects.serving import serving
from tests.support.answering import answering
from tests.support.in_process import CONTRACT, PARTS, mock, update
from tests.support.judged import target as known
from tests.support.lead_runs import TARGET, TOKEN, run
from tests.support.running import PATIENCE, running_mock

MINE = {"9876543210", "27005550142", "9000000101", "9000000102", "9999999999"}


@pytest.fixture
def target(tmp_path: Path) -> Path:
    file = tmp_path / "target.yaml"
    file.write_text(TARGET)
    return file


def test_the_mock_conforms_every_clause_is_held_and_every_report_tells_so(tmp_path: Path) -> None:
    names = {"json": "r.json", "junit": "r.xml", "html": "r.html", "markdown": "r.md"}
    reports = [argument for form, name in names.items() for argument in ("--report", f"{form}={name}")]
    with running_mock() as server:
        done = run("verify", server.url, *reports, cwd=tmp_path)
    told = f"document: the Lead API, which the mock at {server.url} serves\n"
    assert (done.returncode, done.stderr) == (0, told)
    assert done.stdout.splitlines()[-1].startswith(
        f"{server.url} conforms in what was exercised (1 of 1 operations) to "
    )
    told = json.loads((tmp_path / "r.json").read_text())
    schema = json.loads(files("lookalike.verify").joinpath("report.schema.json").read_text())
    jsonschema.validate(told, schema)
    assert told["verdict"] == "conforms"
    assert {clause["status"] for clause in told["clauses"]} == {"held"}
    suite = ET.parse(tmp_path / "r.xml").getroot()
    assert (suite.get("failures"), suite.get("errors"), suite.get("tests")) == ("0", "0", "51")
    assert TOKEN not in done.stdout + "".join((tmp_path / name).read_text() for name in names.values())


def test_a_broken_clause_is_exit_code_1_with_a_curl_line_that_shows_it(tmp_path: Path) -> None:
    defect = next(defect for defect in DEFECTS if defect.name == "a single number is accepted as add_tags")
    server = defect.server()
    server.credentials = PARTS.credentials
    with serving(server) as url:
        done = run("verify", url, "--exit-first", "--report", "json=r.json", cwd=tmp_path)
        told = json.loads((tmp_path / "r.json").read_text())
        curl = told["failures"][0]["curl"]
        shown = subprocess.run(
            f"TOKEN={TOKEN}; {curl} -s", shell=True, capture_output=True, text=True, timeout=PATIENCE, check=True
        )
    assert done.returncode == 1
    assert "\n✗ BODY-3: " in done.stdout
    assert (told["failures"][0]["clause"], told["failures"][0]["reproduced"]) == ("BODY-3", 3)
    assert " 201 " in shown.stdout.splitlines()[0]


def test_a_clause_that_is_required_and_not_held_is_exit_code_3(target: Path, tmp_path: Path) -> None:
    with serving(mock()) as url:
        assert run("verify", url, "lead", "--target", target, "--only", "clauses", cwd=tmp_path).returncode == 0
        required = run(
            "verify", url, "lead", "--target", target, "--only", "clauses", "--require", "TAG-1", cwd=tmp_path
        )
    assert required.returncode == 3
    assert "required and not held: TAG-1" in required.stdout.splitlines()[-1]


@pytest.mark.parametrize("option", ["--require", "--clause"])
def test_an_unknown_clause_is_exit_code_2(option: str, target: Path, tmp_path: Path) -> None:
    with serving(mock()) as url:
        done = run("verify", url, "lead", "--target", target, option, "TAG-99", cwd=tmp_path)
    assert done.returncode == 2
    assert "there is no clause 'TAG-99'; " in done.stderr
    assert "TAG-1" in done.stderr


def test_a_waived_clause_is_listed_and_does_not_fail_until_the_day_is_over(target: Path, tmp_path: Path) -> None:
    defect = next(defect for defect in DEFECTS if defect.name == "the success message is misspelt")
    waiver = "\nwaivers: [{{clause: OK-1, reason: ticket 7, until: {}}}]\n"
    for until, code in (("2999-01-01", 0), ("2020-01-01", 1)):
        target.write_text(TARGET + waiver.format(until))
        with serving(defect.server()) as url:
            done = run("verify", url, "lead", "--target", target, "--only", "clauses", cwd=tmp_path)
        assert done.returncode == code
        assert ("waived: ticket 7" in done.stdout) == (code == 0)


HTML = Response(200, (("Content-Type", "text/html"),), b"<html>Welcome</html>")
NOTHING_HERE = Response(404, (("Content-Type", "application/json"),), b"{}")
MOVED = Response(302, (("Location", "https://elsewhere.example/"),), b"")
DOWN = Response(502, (("Content-Type", "text/html"),), b"<html>Bad gateway</html>")


@pytest.mark.parametrize(
    ("answer", "words"),
    [(HTML, "a page of HTML"), (NOTHING_HERE, "the base path"), (MOVED, "https://elsewhere.example/"), (DOWN, "502")],
    ids=["a page", "404 to everything", "a redirect", "a gateway"],
)
def test_a_server_that_is_not_this_api_is_never_accused(answer: Response, words: str, target: Path) -> None:
    seen: list[Request] = []

    def handle(request: Request) -> Response:
        seen.append(request)
        return answer

    with answering(handle) as url:
        done = run("verify", url, "lead", "--target", target, cwd=target.parent)
    assert done.returncode == 3
    assert words in done.stdout
    assert "is broken" not in done.stdout
    assert len(seen) <= 3


def test_a_wrong_token_and_a_wrong_lead_are_told_as_such(target: Path) -> None:
    with serving(mock()) as url:
        wrong_token = run("verify", url, "lead", "--target", target, cwd=target.parent, API_TOKEN="nonsense")
        target.write_text(TARGET.replace("9876543210, country_code: 91", "9999999998, country_code: 91"))
        wrong_lead = run("verify", url, "lead", "--target", target, cwd=target.parent)
    assert (wrong_token.returncode, wrong_lead.returncode) == (3, 3)
    assert "see whether that is wrong or expired" in wrong_token.stdout
    assert "9999999998; see whether that item exists" in wrong_lead.stdout
    assert "nonsense" not in wrong_token.stdout


WRONG: dict[str, tuple[list[str], str, int]] = {
    "no server there": (["http://127.0.0.1:1"], "cannot be reached", 3),
    "no URL": (["nonsense"], "is not an http URL", 2),
    "another machine": (["http://staging.example.com", "lead"], "add --yes", 2),
    "an unknown report": (["http://127.0.0.1:1", "--report", "pdf=x"], "as json=", 2),
    "an unknown layer": (["http://127.0.0.1:1", "--only", "nothing"], "clauses", 2),
    "a target that is not there": (["http://127.0.0.1:1", "lead", "--target", "nowhere.yaml"], "nowhere.yaml", 2),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_usage_is_one_message_and_its_exit_code(name: str, tmp_path: Path) -> None:
    arguments, words, code = WRONG[name]
    done = run("verify", *arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (code, "")
    assert words in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("spare:", "spares:", "did you mean spare?"),
        ("${API_TOKEN}", "${NOT_SET}", "NOT_SET is not set"),
        ("contact_number: 9876543210", "contact_number: text", "must be an integer"),
        ("lead:", "leads:", "has no resource 'leads'. Did you mean lead?"),
    ],
    ids=["a misspelt member", "a variable that is not set", "an owned item that is none", "an unknown resource"],
)
def test_a_target_that_is_wrong_is_told_with_its_place(old: str, new: str, words: str, target: Path) -> None:
    target.write_text(TARGET.replace(old, new, 1))
    done = run("verify", "http://127.0.0.1:1", "lead", "--target", target)
    assert done.returncode == 2
    assert "target.yaml" in done.stderr
    assert words in done.stderr


def test_only_what_is_owned_spare_absent_or_no_number_is_ever_asked_for(target: Path) -> None:
    seen: list[Request] = []
    right = mock()

    def handle(request: Request) -> Response:
        seen.append(request)
        return right.handle(request)

    with answering(handle) as url:
        assert run("verify", url, "lead", "--target", target, cwd=target.parent).returncode == 0
    numbers = {request.path.split("/")[2] for request in seen}
    odd = {number for number in numbers - MINE if number.isdecimal() and not number.startswith("0")}
    assert odd <= {
        "919876543210",
        "9007199254740993",
        "1000000000000000",
    }  # longer than any number, or the international one
    changing = [json.loads(request.body) for request in seen if b"new_contact_number" in request.body[:4000]]
    new_numbers = {body["new_contact_number"] for body in changing if isinstance(body, dict) and is_number(body)}
    near = {str(int(number)) for number in new_numbers if not is_no_number(number)}  # a server may round a fraction
    assert near <= MINE
    assert {request.method for request in seen} <= {"PUT", "GET"}


def is_number(body: dict[str, Any]) -> bool:
    value = body.get("new_contact_number")
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value not in (7, 10**400 // 9 * 9)


def is_no_number(number: float) -> bool:
    """Whether no lead can have such a number, since it is negative or longer than any."""
    return number < 0 or number >= 10**15


def test_a_plan_sends_nothing(target: Path) -> None:
    seen: list[Request] = []

    def handle(request: Request) -> Response:
        seen.append(request)
        return HTML

    with answering(handle) as url:
        done = run("verify", url, "lead", "--target", target, "--plan", cwd=target.parent)
    assert (done.returncode, seen) == (0, [])
    assert "MOVE-1: the item is found under its new key" in done.stdout
    assert TOKEN not in done.stdout


def test_a_busy_server_is_waited_for_and_not_judged(target: Path) -> None:
    right, calls = mock(), iter(range(10**6))

    def handle(request: Request) -> Response:
        if next(calls) % 25 == 5:
            return Response(429, (("Retry-After", "0"), ("Content-Type", "application/json")), b"{}")
        return right.handle(request)

    with answering(handle) as url:
        done = run("verify", url, "lead", "--target", target, "--only", "clauses", cwd=target.parent)
    assert done.returncode == 0, done.stdout


def test_a_run_that_may_not_go_on_tells_what_it_knows(target: Path) -> None:
    with serving(mock()) as url:
        done = run("verify", url, "lead", "--target", target, "--max-requests", "40", cwd=target.parent)
    assert done.returncode == 3
    assert "40 requests were sent, as many as allowed" in done.stdout
    assert "held            OK-1" in done.stdout


@contextmanager
def signalled(number: signal.Signals, target: Path, *options: str) -> Iterator[tuple[MockService, str, int]]:
    """A run that gets a signal once it has moved a lead: the server, its URL, and the exit code of the run."""
    right = mock()
    moved: list[Request] = []

    def handle(request: Request) -> Response:
        answer = right.handle(request)
        if right.item("lead", 9000000101) is not None and not moved:
            moved.append(request)
            os.kill(process.pid, number)
        return answer

    with answering(handle) as url:
        command = [sys.executable, "-m", "lookalike", "verify", url, "lead", "--target", str(target), *options]
        process = subprocess.Popen(
            command,
            cwd=target.parent,
            env={**os.environ, "API_TOKEN": TOKEN},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        yield right, url, process.wait(PATIENCE)


def test_what_a_killed_run_moved_is_moved_back_by_its_journal(target: Path) -> None:
    with signalled(signal.SIGKILL, target, "--journal", "j.jsonl") as (right, url, code):
        assert code == -signal.SIGKILL
        assert right.item("lead", 9876543210) is None
        done = run("restore", "j.jsonl", url, "lead", "--target", target, cwd=target.parent)
    assert done.returncode == 0
    assert "9000000101 is 9876543210 again" in done.stdout
    assert right.item("lead", 9876543210) is not None
    assert TOKEN not in (target.parent / "j.jsonl").read_text()


def test_ctrl_c_ends_a_run_with_130_its_leads_back_and_its_report_written(target: Path) -> None:
    with signalled(signal.SIGINT, target, "--report", "json=r.json") as (right, _, code):
        assert code == 130
    assert json.loads((target.parent / "r.json").read_text())["exit_code"] == 130
    assert right.item("lead", 9876543210) is not None
    assert right.item("lead", 9000000101) is None


def test_a_calibrated_mock_answers_as_the_server_does(tmp_path: Path) -> None:
    choices = {"requirement": "tags-suffice", "occupied": "409", "merge": "deep", "tag-conflict": "add-wins"}
    server = mock(choices)
    server.credentials = PARTS.credentials
    with serving(server) as url:
        done = run("calibrate", url, "--output", "profile.yaml", cwd=tmp_path)
    assert done.returncode == 0
    assert "readings decided by" in done.stdout.splitlines()[-1]
    ours, theirs = mock(profile(tmp_path / "profile.yaml")), mock(choices)
    for body in ({"add_tags": [9], "remove_tags": [9]}, {"lead_data": {"a": {"b": 1}}}, {"lead_data": {"a": {"c": 2}}}):
        assert ours.handle(update(9876543210, body)).status == theirs.handle(update(9876543210, body)).status
        assert ours.state() == theirs.state()
    move = {"new_contact_number": 27005550142, "new_country_code": 27}
    assert ours.handle(update(9876543210, move)).status == theirs.handle(update(9876543210, move)).status == 409


def profile(file: Path) -> dict[str, str]:
    from lookalike.openapi.yaml_text import load_yaml

    readings: dict[str, str] = load_yaml(file)["readings"]
    return readings


PIECES = st.sampled_from(["$", "TOKEN", "$TOKEN", "$EXPIRED_TOKEN", "${TOKEN%?}", "tok-valid", "tok-vali", "a", "é"])


@given(st.lists(PIECES, max_size=6).map("".join))
def test_what_looks_like_a_token_and_is_none_is_sent_again_as_it_was(text: str) -> None:
    client = Client("http://127.0.0.1:9", ConnectionSettings(), Budget())
    client.hide(placeholders(Credentials("tok-valid", None, "tok-revoked")))
    request = Request("PUT", "/leads", "", Headers({"x-note": text.replace("é", "")}), text.encode())
    exchange = dataclasses.asdict(client.shown(request, Response(200)))
    failure = {"clause": "A-1", "title": "", "story": [exchange], "known": {}, "strange": False}
    (again,) = saved_requests(failure, client.placeholders)
    assert (again.body, dict(again.headers)) == (request.body, dict(request.headers))
    assert "tok-vali" not in json.dumps(exchange)


class TestReplay:
    @pytest.fixture(scope="class")
    @classmethod
    def found(cls, tmp_path_factory: pytest.TempPathFactory) -> Path:
        """A report of a server that takes a number for add_tags."""
        folder = tmp_path_factory.mktemp("found")
        with serving(cls.broken()) as url:
            run("verify", url, "--only", "clauses", "--exit-first", "--report", "json=r.json", cwd=folder)
        return folder / "r.json"

    @pytest.fixture
    def report(self, found: Path, tmp_path: Path) -> Path:
        """A copy of the report, in the folder of a test, which may change it."""
        return Path(shutil.copy(found, tmp_path))

    @staticmethod
    def broken(name: str = "a single number is accepted as add_tags") -> MockService:
        server = next(defect for defect in DEFECTS if defect.name == name).server()
        server.credentials = PARTS.credentials
        return server

    @staticmethod
    def right() -> MockService:
        server = mock()
        server.credentials = PARTS.credentials
        return server

    def test_a_story_that_still_fails_is_exit_code_1(self, report: Path, tmp_path: Path) -> None:
        with serving(self.broken()) as url:
            done = run("replay", report, url, cwd=tmp_path)
        assert done.returncode == 1
        assert "BODY-3: add_tags is a number: still broken\n  expected: status 400: add_tags must be" in done.stdout

    def test_a_story_that_fails_no_more_is_exit_code_0(self, report: Path, target: Path, tmp_path: Path) -> None:
        with serving(self.right()) as url:
            for more in ((), ("--target", target)):
                done = run("replay", report, url, *more, cwd=tmp_path)
                assert (done.returncode, done.stdout) == (0, "BODY-3: add_tags is a number: nothing wrong was seen\n")

    def test_tokens_are_put_back_where_they_were(self, tmp_path: Path) -> None:
        server = self.broken("a prefix of the valid token is accepted")
        with serving(server) as url:
            run("verify", url, "--only", "clauses", "--exit-first", "--report", "json=r.json", cwd=tmp_path)
            saved = (tmp_path / "r.json").read_text()
            assert run("replay", "r.json", url, cwd=tmp_path).returncode == 1
        assert "head -c 4" in saved
        assert not [text for text in ("tok-val", "TOK-VALID", "dXNlcjp0b2stdmFsaWQ=") if text in saved]

    def test_what_rests_on_what_was_known_is_not_judged(self, report: Path, tmp_path: Path) -> None:
        told = json.loads(report.read_text())
        (failure,) = told["failures"]
        failure["story"][-1]["sent"]["body"] = '{"add_tags": [101]}'
        failure["known"] = {"requirement": "tags-suffice"}
        report.write_text(json.dumps(told))
        with serving(self.right()) as url:
            done = run("replay", report, url, cwd=tmp_path)
        assert (done.returncode, done.stdout) == (3, "BODY-3: add_tags is a number: not judged\n")
        assert (
            "wrong only if the readings are decided as in the report, so run verify to decide them again: BODY-3"
            in done.stderr
        )

    @pytest.mark.parametrize(
        ("changed", "why"),
        [
            ({"path": "/leads/2025550143/update"}, "names no item that is owned, spare or absent"),
            ({"method": "DELETE"}, "DELETE is a method that a run never sends"),
            (
                {"body": '{"new_contact_number": 2025550143, "new_country_code": 1}'},
                "it would give the key 2025550143",
            ),
        ],
    )
    def test_what_the_target_does_not_allow_is_never_sent(
        self, changed: dict[str, str], why: str, report: Path, target: Path, tmp_path: Path
    ) -> None:
        told = json.loads(report.read_text())
        told["failures"][0]["story"][-1]["sent"].update(changed)
        report.write_text(json.dumps(told))
        server = self.right()
        with serving(server) as url:
            done = run("replay", report, url, "--target", target, cwd=tmp_path)
        assert done.returncode == 2
        assert why in done.stderr
        assert server.journal() == []

    def test_a_story_that_needs_a_token_that_is_not_given_is_exit_code_2(
        self, report: Path, target: Path, tmp_path: Path
    ) -> None:
        told = json.loads(report.read_text())
        told["failures"][0]["story"][-1]["sent"]["headers"]["authorization"] = "Bearer $EXPIRED_TOKEN"
        report.write_text(json.dumps(told))
        target.write_text(TARGET.replace("expired: tok-expired, ", ""))
        with serving(self.right()) as url:
            done = run("replay", report, url, "--target", target, cwd=tmp_path)
        assert done.returncode == 2
        assert "a story needs $EXPIRED_TOKEN, which the target file does not give" in done.stderr

    def test_a_file_that_is_not_a_report_is_exit_code_2_with_the_place(self, report: Path, tmp_path: Path) -> None:
        told = json.loads(report.read_text())
        del told["failures"][0]["story"][0]["sent"]["path"]
        report.write_text(json.dumps(told, indent=2))
        done = run("replay", report, "http://127.0.0.1:9", cwd=tmp_path)
        assert done.returncode == 2
        assert "(#/failures/0/story/0/sent): failures[0].story[0].sent.path is required. Give a" in done.stderr
        assert run("replay", "nothing.json", "http://127.0.0.1:9", cwd=tmp_path).returncode == 2

    def test_what_verify_found_with_a_deeply_nested_body_is_told_again(self, target: Path, tmp_path: Path) -> None:
        with serving(self.broken("deep nesting is answered 500")) as url:
            more = ("lead", "--target", target)
            run(
                "verify", url, *more, "--only", "clauses", "--clause", "BODY-7", "--report", "json=r.json", cwd=tmp_path
            )
            done = run("replay", "r.json", url, *more, cwd=tmp_path)
        assert (done.returncode, done.stderr) == (1, "")
        assert "BODY-7: an array nested 600 levels deep: still broken" in done.stdout

    def test_everything_in_the_clause_table_may_be_told_again_and_nothing_else(self) -> None:
        with serving(self.right()) as url:
            environment = environment_of(CONTRACT, Client(url, ConnectionSettings(), Budget()), known(), 1)
            (stated,) = environment.stated
            allowed = send_policy_for(stated)
        own = [request for case in table(stated.compose, lambda request: ()) for request in case.requests]
        assert own
        assert {why for why in map(allowed.refusal, own) if why} == set()
        right = update(9876543210, {"add_tags": [101]})
        for wrong, why in (
            (right._replace(body=b'{"new_contact_number": 2025550143}'), "it would give the key 2025550143"),
            (right._replace(body=b'{"new_contact_number": "2025550143"}'), "it would give the key '2025550143'"),
            (
                right._replace(body=b'{"new_contact_number": 2025550143, "new_contact_number": 9000000101}'),
                "the key 2025550143",
            ),
            (right._replace(body=b"new_contact_number=2025550143&new_country_code=1"), "in a body that cannot be read"),
            (right._replace(query="contact_number=2025550143"), "is a query that a run never sends"),
            (
                right._replace(headers=Headers({"Host": "production.example"})),
                "is a header field that a run never sends",
            ),
            (
                right._replace(headers=Headers({"X-HTTP-Method-Override": "DELETE"})),
                "is a header field that a run never sends",
            ),
        ):
            assert why in allowed.refusal(wrong)

    @pytest.mark.parametrize(
        "changed", [{"encoding": "base64", "body": "a"}, {"body": "\ud800"}], ids=["base64", "surrogate"]
    )
    def test_a_body_that_cannot_be_sent_is_exit_code_2(
        self, changed: dict[str, str], report: Path, tmp_path: Path
    ) -> None:
        told = json.loads(report.read_text())
        told["failures"][0]["story"][-1]["sent"].update(changed)
        report.write_text(json.dumps(told))
        with serving(self.right()) as url:
            done = run("replay", report, url, cwd=tmp_path)
        assert done.returncode == 2
        assert "BODY-3: add_tags is a number: a body is not as `encoding` says" in done.stderr

    def test_a_story_that_was_not_told_is_not_said_to_be_right(
        self, report: Path, target: Path, tmp_path: Path
    ) -> None:
        done = run("replay", report, "http://127.0.0.1:9", "lead", "--target", target, cwd=tmp_path)
        assert (done.returncode, done.stdout) == (3, "BODY-3: add_tags is a number: not run\n")

    def test_each_of_two_stories_about_one_clause_is_told_as_it_came_out(self, report: Path, tmp_path: Path) -> None:
        told = json.loads(report.read_text())
        told["failures"] *= 3
        told["failures"][1] = json.loads(json.dumps(told["failures"][1]))
        told["failures"][1]["story"][-1]["sent"]["body"] = '{"lead_data": {"lookalike_probe": "lookalike"}}'
        report.write_text(json.dumps(told))
        with serving(self.broken()) as url:
            done = run("replay", report, url, cwd=tmp_path)
        lines = [line.rpartition(": ")[2] for line in done.stdout.splitlines() if line.startswith("BODY-3")]
        assert (done.returncode, lines) == (1, ["still broken", "nothing wrong was seen", "still broken"])

    def test_an_unknown_clause_is_exit_code_2(self, report: Path, tmp_path: Path) -> None:
        with serving(self.broken()) as url:
            done = run("replay", report, url, "--clause", "BODY-33", cwd=tmp_path)
        assert done.returncode == 2
        assert "there is no clause 'BODY-33'" in done.stderr
