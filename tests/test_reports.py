"""Reports tell what a run found, whatever texts are in it, and nothing else."""

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lookalike.reports
from lookalike.errors import UsageError
from lookalike.reports.as_html import as_html
from lookalike.reports.as_json import as_json
from lookalike.reports.as_junit import as_junit
from lookalike.reports.as_markdown import as_markdown
from lookalike.reports.as_text import as_text
from lookalike.reports.formats import FORMATS, destinations, write_reports
from lookalike.verify.results import (
    ClauseResult,
    ClauseStatus,
    Exchange,
    Failure,
    ReadingResult,
    ReadingStatus,
    Report,
    Verdict,
)

SCHEMA = json.loads(Path(lookalike.reports.__file__).with_name("report.schema.json").read_text())
EXCHANGE = Exchange('curl -H "Authorization: Bearer $TOKEN" http://x', "PUT /leads/5/update", 201, '{"status": 201}')
CLAUSES = (
    ClauseResult("OK-1", "A success is answered 201.", ("Success Response",), ClauseStatus.HELD, 12),
    ClauseResult("TAG-1", "Tags are a set.", ("Idempotency",), ClauseStatus.VIOLATED, 3),
    ClauseResult("DATA-1", "Others stay.", ("Purpose",), ClauseStatus.NOT_OBSERVABLE, 4, "it cannot be read"),
    ClauseResult("AUTH-3", "Expired is 401.", ("States",), ClauseStatus.NOT_EXERCISED, 0, "no expired token"),
)
READINGS = (
    ReadingResult("merge", "Deep?", ReadingStatus.DECIDED, "deep", "curl -> 201"),
    ReadingResult("null", "Stored?", ReadingStatus.UNDECIDED, "stored | deletes-key"),
    ReadingResult("order", "Which first?", ReadingStatus.NOT_OBSERVABLE, "a | b"),
    ReadingResult("method", "405?", ReadingStatus.CONTRADICTED, "405 | 404", "curl -> 200"),
)
FAILURES = (
    Failure("TAG-1", "a tag twice", (EXCHANGE, EXCHANGE), "tags [1]", "tags [1, 1]", 2, 3),
    Failure("OK-1", "another", (EXCHANGE,), "201", "200", 3, 3, "ticket 7"),
)
REPORT = Report(
    "http://x", "openapi.yaml", Verdict.VIOLATES, 1, CLAUSES, READINGS, FAILURES, 19, 1.5, 7, "", ("a key",), {201: 3}
)
UNJUDGED = Report("http://x", "d", Verdict.UNJUDGED, 3, CLAUSES[3:], (), (), 1, 0.1, 1, "it answers with HTML")


def test_the_terminal_tells_each_clause_the_failures_in_full_and_the_verdict_last() -> None:
    lines = as_text(REPORT).splitlines()
    assert lines[1].startswith("✗ violated        TAG-1    Tags are a set.")
    assert "  expected: tags [1]" in lines
    assert "  reproduced 2 of 3" in lines
    assert "OK-1 is broken: another (waived: ticket 7)" in lines
    assert "Not seen: DATA-1, AUTH-3" in lines
    assert lines[-1].startswith("http://x violates openapi.yaml (1 held, 1 violated, 1 not-observable, 1 not-exercised")


def test_the_terminal_is_coloured_only_when_asked() -> None:
    assert "\033[" not in as_text(REPORT)
    assert "\033[31m✗ violated" in as_text(REPORT, colour=True)


def test_a_run_that_could_not_be_judged_tells_why() -> None:
    assert "could not be judged by d: it answers with HTML" in as_text(UNJUDGED)
    assert ET.fromstring(as_junit(UNJUDGED)).get("errors") == "1"


def test_json_has_the_last_exchange_of_a_failure_on_its_first_level() -> None:
    failure = json.loads(as_json(REPORT))["failures"][0]
    assert (failure["curl"], failure["status"], len(failure["story"])) == (EXCHANGE.curl, 201, 2)


def test_junit_counts_clauses_and_readings_and_skips_what_was_not_seen() -> None:
    suite = ET.fromstring(as_junit(REPORT))
    counts = {name: suite.get(name) for name in ("tests", "failures", "skipped", "errors")}
    assert counts == {"tests": "8", "failures": "2", "skipped": "4", "errors": "0"}
    broken = next(case for case in suite.iter("testcase") if str(case.get("name")).startswith("TAG-1"))
    assert broken[0].get("message") == "expected tags [1], got tags [1, 1]"


def test_markdown_lists_what_is_not_held() -> None:
    text = as_markdown(REPORT)
    assert "| ✗ violated | TAG-1 | Tags are a set. |" in text
    assert "OK-1 | A success" not in text
    assert "```sh\ncurl" in text


def test_the_page_needs_nothing_else_and_tells_all() -> None:
    page = as_html(REPORT)
    for text in ("TAG-1", "tags [1, 1]", "Success Response", "deep", "a key", "Reproduced 2 of 3", "ticket 7"):
        assert text in page
    assert not any(mark in page for mark in ("<script", "src=", "<link", "@import", "url("))


def test_reports_are_written_to_their_files(tmp_path: Path) -> None:
    wanted = [f"{name}={tmp_path / name}" for name in FORMATS]
    write_reports(REPORT, destinations(wanted))
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted(FORMATS)


@pytest.mark.parametrize("text", ["pdf=x", "json", "json="])
def test_an_unknown_report_is_told(text: str) -> None:
    with pytest.raises(UsageError, match="is not a report"):
        destinations([text])


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot write"):
        write_reports(REPORT, {"json": tmp_path / "nowhere" / "r.json"})


texts = st.text(st.characters(exclude_categories=()), max_size=12) | st.sampled_from(
    ["<script>alert(1)</script>", "]]>", "```", "a|b", "\x00\x1b[31m", "\ud800", "\"&'<", "{{ 7 * 7 }}"]
)


def with_text(text: str) -> Report:
    exchange = Exchange(text, text, 200, text)
    return Report(
        url=text,
        document=text,
        verdict=Verdict.VIOLATES,
        exit_code=1,
        clauses=(ClauseResult(text, text, (text,), ClauseStatus.VIOLATED, 1, text), *CLAUSES),
        readings=tuple(ReadingResult(text, text, status, text, text) for status in ReadingStatus),
        failures=(Failure(text, text, (exchange,), text, text, 0, 3, ""),),
        requests=1,
        seconds=0.0,
        seed=1,
        problem=text,
        left_behind=(text,),
    )


@settings(max_examples=150, deadline=None)
@given(texts)
def test_no_text_breaks_a_report(text: str) -> None:
    report = with_text(text)
    told: Any = json.loads(as_json(report))
    jsonschema.validate(told, SCHEMA)
    ET.fromstring(as_junit(report))
    page = as_html(report)
    assert "<script" not in page
    assert "49" not in page or "49" in text
    assert as_markdown(report)
    assert as_text(report)
    for name in FORMATS:
        FORMATS[name](report).encode("utf-8", "backslashreplace")
