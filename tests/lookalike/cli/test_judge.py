"""`lookalike judge`: from a HAR file to a report and an exit code."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from lookalike.cli import commands
from tests.support.recorded import PETS, REX, entry

FOUND = entry("GET", "/pets/1", 200, REX)
WRONG = entry("GET", "/pets/1", 200, {**REX, "name": 3})
REFUSED = entry("POST", "/pets", 400, {"error": "no"}, {"name": 3})


@pytest.mark.parametrize(
    ("entries", "options", "code", "shown"),
    [
        ([FOUND], [], 0, "conforms in what was exercised (1 of 14 operations)"),
        ([FOUND, WRONG], [], 1, "expected:   a body in which name must be a string"),
        ([FOUND, REFUSED], [], 0, "note: a request breaks the contract: POST /pets: kind is required"),
        ([FOUND, REFUSED], ["--fail-on-requests"], 1, "conforms in what was exercised"),
        ([FOUND], ["--url", "http://b.test"], 3, "no exchange with http://b.test was recorded"),
        ([], [], 3, "no exchange with an operation of the document below /api was recorded; name where the operations"),
        ([FOUND | {"request": {"method": "GET", "url": "http://a.test/b"}}], [], 3, "; 1 exchanges are with other"),
        ([FOUND, 7], [], 0, "note: entry 2 is left out: it has no object request"),
    ],
)
def test_the_exit_code_and_the_report_say_what_was_found(
    entries: list[Any], options: list[str], code: int, shown: str, tmp_path: Path
) -> None:
    file, report = tmp_path / "a.har", tmp_path / "a.json"
    file.write_text(json.dumps({"log": {"entries": entries}}), encoding="utf-8")
    result = CliRunner().invoke(
        commands, ["judge", str(file), PETS, *options, "--report", f"json={report}"], standalone_mode=False
    )
    assert result.return_value == code, result.output
    assert shown in result.output
    assert json.loads(report.read_text(encoding="utf-8"))["verdict"]


def test_clauses_that_nothing_recorded_is_about_are_counted_on_the_terminal_and_named_in_files(tmp_path: Path) -> None:
    file, report, junit = tmp_path / "a.har", tmp_path / "a.json", tmp_path / "a.xml"
    file.write_text(json.dumps({"log": {"entries": [FOUND]}}), encoding="utf-8")
    asked = ["judge", str(file), PETS, "--report", f"json={report}", "--report", f"junit={junit}"]
    told = CliRunner().invoke(commands, asked, standalone_mode=False).output.splitlines()
    written = json.loads(report.read_text(encoding="utf-8"))
    unexercised = [one["id"] for one in written["clauses"] if one["status"] == "not-exercised"]
    rows = [line for line in told if line.startswith("- not-exercised")]
    assert rows == [
        f"- not-exercised   {len(unexercised)} of {len(written['clauses'])} clauses: no recorded exchange is about it"
    ]
    assert not [id for id in unexercised if any(f" {id} " in line for line in told)]
    assert junit.read_text(encoding="utf-8").count("no recorded exchange is about it") == len(unexercised)
    assert written["seed"] is None
    assert "seed" not in told[-1]
    assert "no result for" not in told[-1]
