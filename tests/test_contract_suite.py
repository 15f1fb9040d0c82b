"""`pytest tests/contract` notices what is wrong with a server, lets it choose what the page leaves open, spares leads.

The suite is a process of its own, as its users run it. That `verify` finds defects is for tests/defects.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from lookalike.server.dispatch import Dispatcher
from lookalike.server.mock_handler import MockOptions
from lookalike.server.serve import MockServer
from lookalike.service import MockService
from tests.contract.conftest import target_of
from tests.defects.catalogue import DEFECTS
from tests.support.in_process import ASHA, CONTRACT, FREE, PARTS, leads, mock
from tests.support.paths import ROOT
from tests.support.running import LEAN_PYTEST, RunningMock, running_mock
from tests.support.schemathesis_passes import ANY, KNOWN, RESET_BEFORE_EACH_CASE, Pass, configuration, toml

SECONDS = 300
LEAD = {"LOOKALIKE_TOKEN": "tok-valid", "LOOKALIKE_LEAD": str(ASHA), "LOOKALIKE_ABSENT_LEAD": str(FREE)}

Run = subprocess.CompletedProcess[str]


@contextmanager
def serving(server: MockService, options: MockOptions | None = None) -> Iterator[str]:
    with MockServer(Dispatcher(server, options or MockOptions()), "127.0.0.1", 0) as served:
        yield served.url


def run_suite(url: str, *options: str, **variables: str) -> Run:
    """Point the suite at a server; nothing of this process's own environment tells it anything."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("COV", "PYTEST", "LOOKALIKE"))
    }
    command = [sys.executable, "-m", "pytest", "tests/contract", "-q", "-p", "no:cacheprovider", "--base-url", url]
    return subprocess.run(
        [*command, *options],
        cwd=ROOT,
        env=environment | LEAN_PYTEST | variables,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def test_a_server_passes_whatever_it_chooses_where_the_page_leaves_a_choice() -> None:
    others = {
        id: next((choice for choice in reading.choices if choice != reading.default), reading.default)
        for id, reading in CONTRACT.readings.items()
    }
    assert others["path-type"] == "400"  # for a word in place of the number
    server = mock(others)
    server.credentials = PARTS.credentials
    with serving(server) as url:
        run = run_suite(url)
    assert run.returncode == 0, run.stdout
    assert f"{len(CONTRACT.clauses)} passed" in run.stdout


@pytest.mark.parametrize(
    "name", ["an expired token is accepted", "a success is 200", "a new number needs no country code"]
)
def test_a_server_with_a_defect_fails_the_tests_of_the_clauses_that_it_breaks(name: str) -> None:
    defect = next(one for one in DEFECTS if one.name == name)
    server = defect.server()
    server.credentials = PARTS.credentials
    with serving(server) as url:
        run = run_suite(url, "-k", " or ".join(defect.clauses))
    assert run.returncode == 1, run.stdout
    assert f"FAILED lookalike::{defect.clauses[0]} " in run.stdout


def test_a_server_that_is_no_mock_is_judged_with_the_lead_that_variables_name_and_no_other(tmp_path: Path) -> None:
    server = mock()
    with serving(server, MockOptions(control_prefix=None)) as url:
        journal = ("--lookalike-journal", str(tmp_path / "journal.jsonl"))
        # So many that a run takes seconds, among them those that succeed and those that find nothing.
        some = ("-k", "OK-1 or LEAD-1 or AUTH or TAG-1")
        run = run_suite(url, *journal, *some, LOOKALIKE_EXPIRED_TOKEN="tok-expired", **LEAD)
    assert "failed" not in run.stdout, run.stdout
    assert run.returncode == 0, run.stdout
    changed = {number(now) for now, before in zip(leads(server), leads(mock()), strict=True) if now != before}
    assert changed <= {ASHA}


def number(lead: dict[str, Any]) -> int:
    return int(lead["contact_number"])


def test_a_server_of_which_too_little_is_known_is_asked_nothing() -> None:
    server = mock()
    with serving(server, MockOptions(control_prefix=None)) as url:
        run = run_suite(url, LOOKALIKE_TOKEN="tok-valid")
    assert run.returncode == pytest.ExitCode.USAGE_ERROR
    assert "set LOOKALIKE_LEAD, LOOKALIKE_ABSENT_LEAD too" in run.stderr
    assert not server.journal()


def test_variables_stand_for_a_target_file() -> None:
    assert target_of({}) == {}
    known = {name.removeprefix("LOOKALIKE_"): value for name, value in LEAD.items()}
    assert target_of({**known, "LEAD_COUNTRY": "91", "SPARE_LEADS": "9000000101, 9000000102"}) == {
        "credentials": {"bearerAuth": {"valid": "tok-valid"}},
        "resources": {
            "lead": {
                "owned": [{"contact_number": ASHA, "country_code": 91}],
                "absent": [FREE],
                "spare": [9000000101, 9000000102],
            }
        },
    }
    with pytest.raises(pytest.UsageError, match=r"no number: .*'x'"):
        target_of({**known, "LEAD": "x"})


# The command line of Schemathesis finds nothing wrong with the mock either.


@pytest.fixture(scope="module")
def running() -> Iterator[RunningMock]:
    with running_mock("--log", "off") as mock:
        yield mock


@pytest.mark.parametrize(
    ("which", "due"), [(KNOWN, {201, 400, 401, 405}), (ANY, {201, 400, 401, 404, 405})], ids=["known", "any"]
)
def test_the_command_line_of_schemathesis_finds_nothing(
    which: Pass, due: set[int], running: RunningMock, tmp_path: Path
) -> None:
    (tmp_path / "schemathesis.toml").write_text(toml({**configuration(which), "hooks": "resetting"}))
    (tmp_path / "resetting.py").write_text(RESET_BEFORE_EACH_CASE)
    command = [sys.executable, "-m", "schemathesis.cli", "run", str(ROOT / "openapi.yaml"), "--url", running.url]
    environment = {"RESET": f"{running.url}/__lookalike/reset", "PYTHONPATH": str(tmp_path), "PATH": os.environ["PATH"]}
    run = subprocess.run(
        [*command, "--report-har-path", "answers.har"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert run.returncode == 0, run.stdout
    entries = json.loads((tmp_path / "answers.har").read_text())["log"]["entries"]
    assert {entry["response"]["status"] for entry in entries} == due
