"""Real servers, which others wrote, are judged by their own documents: nothing false is said, and nothing left behind.

The target file of a server explains each of its true deviations as a waiver, which was checked by hand with curl.
Three of them are judged in CI by the stories of clauses; `make real-servers` judges all, with everything that `verify`
does.
"""

import json
import os
import urllib.request
from pathlib import Path

import pytest

from lookalike.contract.reader import load_contract
from tests.real_servers.likeness import calibrated, likeness, overlays_of, sides, steps_of
from tests.real_servers.servers import ALERTMANAGER, KINTO, POWERDNS, SERVERS, RealServer, started
from tests.support.running import PATIENCE
from tests.support.servers.judging import run_here

IN_CI = (ALERTMANAGER, POWERDNS, KINTO)
ALL = os.environ.get("LOOKALIKE_REAL_SERVERS") == "all"


@pytest.mark.parametrize("server", SERVERS if ALL else IN_CI, ids=lambda server: server.name)
def test_a_real_server_is_accused_of_nothing_that_was_not_checked_by_hand(server: RealServer, tmp_path: Path) -> None:
    if not server.is_installed:
        pytest.skip(f"{server.program} is not installed; .ci/run installs it")
    (tmp_path / "home").mkdir()
    with started(server, tmp_path / "home") as running:
        options = ["--target", str(server.folder / "target.yaml"), "--report", f"json={tmp_path / 'report.json'}"]
        overlay = server.folder / "overlay.yaml"
        options += ["--overlay", str(overlay)] if overlay.exists() else []
        for name, value in server.headers.items():
            options += ["--header", f"{name}: {value}"] if name == "Authorization" else []
        options += [] if ALL else ["--only", "clauses"]
        journal = str(tmp_path / "journal.jsonl")
        code, output = run_here("verify", running.url, str(running.document), *options, "--journal", journal)
    report = json.loads((tmp_path / "report.json").read_text())
    told = {one["clause"]: f"{one['expected']} / {one['got']}" for one in report["failures"] if not one["waived"]}
    left = [line for line in report["left_behind"] if not line.startswith(server.stays)]
    assert (told, left, code) == ({}, [], 0), output
    statuses = [clause["status"] for clause in report["clauses"]]
    assert statuses.count("held") >= server.held, output


def test_a_mock_that_was_calibrated_by_a_real_server_is_more_like_it_and_nothing_is_left_behind(tmp_path: Path) -> None:
    if not ALERTMANAGER.is_installed:
        pytest.skip(f"{ALERTMANAGER.program} is not installed; .ci/run installs it")
    (tmp_path / "home").mkdir()
    profile, found = tmp_path / "profile.yaml", {}
    with started(ALERTMANAGER, tmp_path / "home") as running:
        contract = load_contract(running.document, overlays_of(ALERTMANAGER))
        code, output = calibrated(running, tmp_path, profile)
        with urllib.request.urlopen(f"{running.url}/silences", timeout=PATIENCE) as answer:
            left = [one["status"]["state"] for one in json.load(answer)]
        for way in (None, profile):
            real, mock = sides(running, contract, way)
            found[way] = likeness(real, mock, steps_of(real, 12, 100))
    assert (code, {*left}) == (0, {"expired"}), output
    assert "not deleted" not in output
    assert found[profile].members > found[None].members + 0.1  # new silences are pending, not expired
