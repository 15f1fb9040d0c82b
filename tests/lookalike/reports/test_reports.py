"""Reports tell what a run found, whatever texts are in it, and nothing else."""

import dataclasses
import json
import re
from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from markdown_it import MarkdownIt
from markdown_it.token import Token

from lookalike.errors import UsageError
from lookalike.reports.as_html import as_html
from lookalike.reports.as_json import as_json
from lookalike.reports.as_junit import as_junit
from lookalike.reports.as_markdown import as_markdown
from lookalike.reports.as_text import as_text
from lookalike.reports.escaping import legible
from lookalike.reports.formats import FORMATS, destinations, write_reports
from lookalike.reports.summary import in_one_line, summary
from lookalike.verify.results import (
    ClauseResult,
    ClauseStatus,
    Failure,
    OperationResult,
    ReadingResult,
    ReadingStatus,
    RecordedExchange,
    Report,
    Verdict,
    unmet_requirements,
)
from tests.support.sample_report import CLAUSES, CONFORMING, FAILED, FLAKY, INTERRUPTED, REFUSED, REPORT, UNJUDGED

SCHEMA = json.loads(files("lookalike.verify").joinpath("report.schema.json").read_text())
VALIDATOR = Draft202012Validator(SCHEMA)

HOSTILE = (
    "",
    "<script>alert(1)</script>",
    "</pre></style><img src=//x>",
    "\"&'<",
    "&lt;&#60;",
    "]]>",
    "{{ 7 * 7 }}{% if %}",
    "```\n````\n~~~",
    "a|b\\|c\\",
    "# *a* _b_ [c](d) $e$ ~~f~~",
    "\n\n- x\n> y\n    z\n1. w\n---",
    "\x00\x08\x1b[31m\x7f\x85\r",
    "\ud800",
    "\ufffe\u202e\u2028",
)
texts = st.sampled_from(HOSTILE) | st.text(st.characters(exclude_categories=()), max_size=12)
counts = st.integers(0, 10**6)
exchanges = st.builds(RecordedExchange, texts, texts, st.integers(100, 999), texts)
places = st.lists(texts, max_size=3).map(tuple)
clauses = st.builds(ClauseResult, texts, texts, places, st.sampled_from(ClauseStatus), counts, texts)
readings = st.builds(ReadingResult, texts, texts, st.sampled_from(ReadingStatus), texts, texts)
stories = st.lists(exchanges, max_size=3).map(tuple)
failures = st.builds(Failure, texts, texts, stories, texts, texts, counts, counts, texts)
reports = st.builds(
    Report,
    url=texts,
    document=texts,
    verdict=st.sampled_from(Verdict),
    exit_code=st.sampled_from([0, 1, 3, 130]),
    clauses=st.lists(clauses, max_size=8).map(tuple),
    readings=st.lists(readings, max_size=4).map(tuple),
    failures=st.lists(failures, max_size=3).map(tuple),
    requests=counts,
    seconds=st.floats(0, 1e6),
    seed=st.integers(),
    problem=texts,
    left_behind=places,
    statuses=st.dictionaries(st.integers(100, 999), st.integers(1, 10**6), max_size=4),
)


def tamed(report: Report) -> Report:
    """The report with a harmless word for each text, the same for the same text; and nothing for nothing."""
    told: dict[str, str] = {"": ""}

    def tame(value: Any) -> Any:
        if isinstance(value, str) and not isinstance(value, Enum):
            return told.setdefault(value, f"text{len(told)}")
        if isinstance(value, tuple):
            return tuple(map(tame, value))
        if is_dataclass(value) and not isinstance(value, type):
            return replace(value, **{field.name: tame(getattr(value, field.name)) for field in fields(value)})
        return value

    calm: Report = tame(legible(report))
    return calm


class Tags(HTMLParser):
    """The tags of a page in their order, each with its attributes but for their values."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, ...]] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, *(name for name, _ in attrs)))

    def handle_endtag(self, tag: str) -> None:
        self.found.append((f"/{tag}",))


def markdown(text: str) -> list[Token]:
    return MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text)


def shown(token: Token) -> str:
    """What a reader sees of a line."""
    return "".join(child.content for child in token.children or [] if child.type != "html_inline")


STRUCTURES: dict[str, Callable[[Report], Any]] = {
    "html": lambda report: Tags(as_html(report)).found,
    "junit": lambda report: [element.tag for element in ET.fromstring(as_junit(report)).iter()],
    "markdown": lambda report: [(token.type, token.tag) for token in markdown(as_markdown(report))],
}


class TestAnyText:
    @pytest.mark.parametrize("structure", STRUCTURES.values(), ids=STRUCTURES)
    @settings(deadline=None)
    @given(reports)
    def test_it_changes_nothing_in_the_structure_of_a_report(
        self, structure: Callable[[Report], Any], report: Report
    ) -> None:
        assert structure(report) == structure(tamed(report))

    @settings(deadline=None)
    @given(reports)
    def test_it_can_be_written_and_moves_no_cursor(self, report: Report) -> None:
        for text in (as_text(report), *(write(report) for write in FORMATS.values())):
            text.encode("utf-8")
            assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]", text)

    @settings(deadline=None)
    @given(reports)
    def test_it_is_in_the_headline_of_markdown_as_it_is(self, report: Report) -> None:
        headline = markdown(as_markdown(report))[1]
        assert shown(headline) == in_one_line(summary(legible(report)))

    @settings(deadline=None)
    @given(reports)
    def test_it_is_in_the_code_of_markdown_as_it_is(self, report: Report) -> None:
        blocks = [token.content for token in markdown(as_markdown(report)) if token.type == "fence"]
        story = [exchange for failure in legible(report).failures for exchange in failure.story]
        assert blocks[::2] == [f"{exchange.curl}\n" for exchange in story]
        assert blocks[1::2] == [f"{exchange.status} {exchange.response}\n" for exchange in story]

    @settings(deadline=None)
    @given(reports)
    def test_it_adds_no_html_to_markdown(self, report: Report) -> None:
        inline = [child for token in markdown(as_markdown(report)) for child in token.children or []]
        assert {child.content for child in inline if child.type == "html_inline"} <= {"<code>", "</code>"}
        assert not [child.type for child in inline if child.type in {"link_open", "image", "em_open", "s_open"}]

    @settings(deadline=None)
    @given(reports)
    def test_it_is_in_json_exactly_as_it_came(self, report: Report) -> None:
        told = json.loads(as_json(report))
        for failure, entry in zip(report.failures, told["failures"], strict=True):
            assert entry["got"].encode("utf-16", "surrogatepass") == failure.got.encode("utf-16", "surrogatepass")


class TestJson:
    @settings(deadline=None)
    @given(reports)
    def test_every_report_is_described_by_the_published_schema(self, report: Report) -> None:
        VALIDATOR.validate(json.loads(as_json(report)))

    def test_the_published_schema_is_one(self) -> None:
        Draft202012Validator.check_schema(SCHEMA)

    @pytest.mark.parametrize(
        "wrong",
        [{"version": 2}, {"verdict": "fine"}, {"exit_code": 2}, {"clauses": [{}]}, {"statuses": {"ok": 1}}, {"x": 1}],
        ids=str,
    )
    def test_the_published_schema_refuses_what_is_no_report(self, wrong: dict[str, Any]) -> None:
        assert not VALIDATOR.is_valid({**json.loads(as_json(REPORT)), **wrong})

    def test_a_clause_has_what_it_says_and_where_that_is_from(self) -> None:
        assert json.loads(as_json(REPORT))["clauses"][1] == {
            "id": "TAG-1",
            "says": "Tags are a set | adding twice is fine.",
            "from": ["Idempotency", "Purpose"],
            "status": "violated",
            "requests": 3,
            "reason": "",
            "file": "",
            "line": 0,
        }

    def test_a_failure_has_its_last_exchange_on_the_first_level_and_all_in_its_story(self) -> None:
        failure = json.loads(as_json(REPORT))["failures"][0]
        last = dataclasses.asdict(REFUSED)
        assert {name: failure[name] for name in last} == failure["story"][1] == last
        assert (len(failure["story"]), failure["reproduced"], failure["attempts"]) == (2, 2, 3)

    def test_the_verdict_and_what_it_took_are_on_the_first_level(self) -> None:
        told = json.loads(as_json(REPORT))
        assert (told["version"], told["verdict"], told["exit_code"]) == (1, "violates", 1)
        assert (told["requests"], told["seconds"], told["seed"]) == (1234, 1.5, 7)
        assert told["statuses"] == {"201": 1200, "400": 33, "500": 1}
        assert told["left_behind"] == ["lead 9876543210: the key note"]


class TestJUnit:
    def cases(self, report: Report) -> dict[str, ET.Element]:
        return {case.get("name", ""): case for case in ET.fromstring(as_junit(report)).iter("testcase")}

    def outcomes(self, report: Report) -> dict[str, str]:
        return {name: case[0].tag if len(case) else "passed" for name, case in self.cases(report).items()}

    def test_each_clause_is_a_case_that_passes_only_if_it_is_held(self) -> None:
        outcomes = self.outcomes(REPORT)
        assert [outcomes[f"{clause.id}: {clause.says}"] for clause in CLAUSES] == [
            "passed",
            "failure",
            "skipped",
            "skipped",
            "skipped",
            "skipped",
        ]

    def test_each_reading_is_a_case_that_fails_only_if_the_server_follows_none_of_its_choices(self) -> None:
        outcomes = self.outcomes(REPORT)
        told = [outcomes[f"{reading.id}: {reading.question}"] for reading in REPORT.readings]
        assert told == ["system-out", "skipped", "skipped", "failure"]

    def test_a_failure_tells_expectation_answer_and_story(self) -> None:
        failure = self.cases(REPORT)["TAG-1: Tags are a set | adding twice is fine."][0]
        assert failure.get("message") == "expected status 201: done, got status 400"
        assert f"{REFUSED.curl}\n-> 400" in str(failure.text)
        assert "reproduced 2 of 3 (flaky)" in str(failure.text)

    def test_a_waived_failure_is_skipped_with_the_reason(self) -> None:
        skipped = self.cases(REPORT)["BODY-7: Never a 5xx."][0]
        assert (skipped.tag, str(skipped.get("message")).partition(";")[0]) == (
            "skipped",
            "waived: ticket 7, until May",
        )

    def test_what_was_not_seen_is_skipped_with_the_reason(self) -> None:
        skipped = self.cases(REPORT)["AUTH-3: Expired tokens are refused."][0]
        assert skipped.get("message") == "not-exercised: no expired token"

    def test_a_failure_of_no_clause_fails_too(self) -> None:
        assert self.outcomes(REPORT)["No clause: something else"] == "failure"

    def test_a_broken_clause_fails_even_if_no_story_was_kept(self) -> None:
        assert self.outcomes(replace(REPORT, failures=()))["TAG-1: Tags are a set | adding twice is fine."] == "failure"

    @pytest.mark.parametrize(
        ("report", "why"),
        [
            (UNJUDGED, "it answers with HTML; is the base path right?"),
            (INTERRUPTED, "the run was interrupted"),
        ],
    )
    def test_a_run_that_could_not_be_judged_is_an_error_that_says_why(self, report: Report, why: str) -> None:
        error = self.cases(report)["the server can be judged"][0]
        assert (error.tag, error.get("message")) == ("error", why)

    def test_the_counts_are_those_of_the_cases(self) -> None:
        root = ET.fromstring(as_junit(REPORT))
        for element in (root, root[0]):
            counted = {name: element.get(name) for name in ("tests", "failures", "skipped", "errors")}
            assert counted == {"tests": "11", "failures": "3", "skipped": "6", "errors": "0"}


class TestMarkdown:
    def test_the_verdict_comes_first(self) -> None:
        assert as_markdown(REPORT).startswith("### https://crm.example violates openapi.yaml (1 held, 2 violated, ")

    def test_the_table_has_the_clauses_that_are_not_held_and_no_others(self) -> None:
        told = as_markdown(REPORT)
        assert "| ✗ violated | TAG-1 | Tags are a set \\| adding twice is fine. |" in told
        assert "| ? not-observable | DATA-1, ATOM-1 | name a read operation |" in told
        assert "OK-1" not in told

    def test_a_server_that_holds_all_clauses_has_no_table_of_them(self) -> None:
        assert "| clause |" not in as_markdown(CONFORMING)

    def test_a_failure_has_its_curl_lines_in_a_fence_longer_than_the_backticks_in_it(self) -> None:
        assert f"````sh\n{FAILED.curl}\n````" in as_markdown(REPORT)
        assert f"```sh\n{REFUSED.curl}\n```\n\n```text\n400" in as_markdown(REPORT)

    def test_a_waived_failure_says_so(self) -> None:
        assert "- waived: ticket 7, until May" in as_markdown(REPORT)

    def test_the_readings_have_their_choices_in_one_line(self) -> None:
        told = as_markdown(REPORT)
        assert "4 readings: ✓ merge deep; ? null stored \\| deletes-key; " in told
        assert "✗ method none of the choices\n" in told

    def test_it_stays_below_thirty_lines_where_nothing_is_wrong(self) -> None:
        clause, reading = CONFORMING.clauses[0], REPORT.readings[0]
        not_asked = [replace(clause, id=f"C-{n}", status=ClauseStatus.NOT_EXERCISED, reason=f"{n}") for n in range(99)]
        much = replace(
            CONFORMING,
            clauses=(*CONFORMING.clauses, *not_asked),
            readings=(reading,) * 40,
            normalisations=("a name: lower case",) * 40,
        )
        told = as_markdown(much)
        assert len(told.splitlines()) < 30
        assert "and 87 more reasons" in told

    def test_what_could_not_be_put_back_is_told(self) -> None:
        assert "- not restored: lead 9876543210: the key note" in as_markdown(REPORT)


class TestText:
    def test_each_clause_has_one_line(self) -> None:
        lines = as_text(REPORT).splitlines()
        assert lines[: len(CLAUSES)] == [
            "✓ held            OK-1    A success is answered 201.",
            "✗ violated        TAG-1   Tags are a set | adding twice is fine.",
            "✗ violated        BODY-7  Never a 5xx.",
            "? not-observable  DATA-1  name a read operation",
            "? not-observable  ATOM-1  name a read operation",
            "- not-exercised   AUTH-3  no expired token",
        ]

    def test_a_failure_is_told_in_full(self) -> None:
        told = as_text(replace(REPORT, failures=(FLAKY,))).splitlines()
        start = told.index("✗ TAG-1: a tag twice")
        assert told[start + 1 : start + 9] == [
            "  documented: Tags are a set | adding twice is fine. (Idempotency; Purpose)",
            "  expected:   status 201: done",
            "  got:        status 400",
            "  reproduced 2 of 3 (flaky)",
            f"  {FLAKY.story[0].curl}",
            f"    -> 201 {FLAKY.story[0].response}",
            f"  {REFUSED.curl}",
            '    -> 400 {"status":400}',
        ]

    def test_a_waived_failure_says_so(self) -> None:
        assert "✗ BODY-7: backticks (waived: ticket 7, until May)" in as_text(REPORT).splitlines()

    def test_a_reading_is_told_with_its_evidence(self) -> None:
        told = as_text(REPORT).splitlines()
        start = told.index("✓ decided         merge: deep")
        assert told[start + 1].strip() == "curl deep -> 201"
        assert "? undecided       null: stored | deletes-key" in told

    def test_the_last_line_has_the_verdict_and_what_was_not_seen(self) -> None:
        assert as_text(REPORT).splitlines()[-1] == (
            "https://crm.example violates openapi.yaml (1 held, 2 violated, 2 not-observable, 1 not-exercised, "
            "1 of the failures waived; 1234 requests in 1.5 s, seed 7); no result for: DATA-1, ATOM-1, AUTH-3"
        )

    def test_a_server_that_was_never_asked_gets_one_line_that_says_why(self) -> None:
        (line,) = as_text(UNJUDGED).splitlines()
        assert line.startswith(f"{UNJUDGED.url} could not be judged by openapi.yaml: it answers with HTML")

    def test_operations_that_were_not_exercised_for_one_reason_are_one_line(self) -> None:
        paths = ("/a", "/b", "/c")
        skipped = [
            OperationResult(path, "GET", path, is_sent=False, is_judged=False, reason="refused") for path in paths
        ]
        told = as_text(replace(CONFORMING, operations=(*skipped, replace(skipped[0], path="/d", reason="unknown"))))
        lines = [line for line in told.splitlines() if line.startswith("not exercised")]
        assert lines == ["not exercised: GET /a, GET /b, GET /c: refused", "not exercised: GET /d: unknown"]

    def test_of_many_operations_a_few_are_named_and_the_others_counted(self) -> None:
        paths = [f"/things/{number}" for number in range(100)]
        skipped = [OperationResult(path, "GET", path, is_sent=False, is_judged=False, reason="why") for path in paths]
        told = as_text(replace(CONFORMING, operations=tuple(skipped))).splitlines()
        (line,) = [line for line in told if line.startswith("not exercised")]
        assert (line.count("GET"), line.endswith(" and 92 more: why")) == (8, True)

    def test_the_last_line_counts_the_operations_that_are_too_slow(self) -> None:
        slow = Failure("updateLead.answers-in-time", "", (), "500 ms", "600 ms", 0, 0)
        assert ", 1 too slow; " in as_text(replace(CONFORMING, failures=(slow,))).splitlines()[-1]
        assert "too slow" not in as_text(replace(CONFORMING, failures=(replace(slow, waived="known"),)))

    def test_it_is_coloured_only_when_asked(self) -> None:
        assert "\033[" not in as_text(REPORT)
        assert "\033[31m✗ violated" in as_text(REPORT, colour=True)
        assert re.sub("\033\\[[0-9]+m", "", as_text(REPORT, colour=True)) == as_text(REPORT)


def test_of_many_missing_clauses_a_few_are_named_and_the_others_counted() -> None:
    known = [f"clause-{number}" for number in range(100)]
    assert unmet_requirements(["all"], known, []).endswith("clause-11 and 88 more")


class TestFiles:
    def test_each_format_is_written_to_its_file(self, tmp_path: Path) -> None:
        write_reports(REPORT, destinations(f"{name}={tmp_path / name}" for name in FORMATS))
        for name, write in FORMATS.items():
            assert (tmp_path / name).read_text(encoding="utf-8") == write(REPORT)

    def test_one_format_may_go_to_two_files(self, tmp_path: Path) -> None:
        write_reports(REPORT, destinations(f"json={tmp_path / name}" for name in ("a=b", "c")))
        assert sorted(file.name for file in tmp_path.iterdir()) == ["a=b", "c"]

    @pytest.mark.parametrize("text", ["pdf=x", "json", "json=", "=x", ""])
    def test_an_unknown_format_is_told_with_those_that_there_are(self, text: str) -> None:
        with pytest.raises(
            UsageError, match=r"is not a report; write FORMAT=FILE, .*; formats: json, junit, html, markdown, sarif"
        ):
            destinations([text])

    def test_a_folder_that_is_not_there_is_told_before_the_run(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match=r"there is no folder .*nowhere"):
            destinations([f"json={tmp_path / 'nowhere' / 'r.json'}"])

    def test_a_folder_in_place_of_a_file_is_told_before_the_run(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="it is a folder"):
            destinations([f"json={tmp_path}"])

    def test_a_file_that_cannot_be_written_is_told_and_the_others_are_written(self, tmp_path: Path) -> None:
        wanted = destinations([f"json={tmp_path / 'a'}", f"html={tmp_path / 'b'}"])
        (tmp_path / "a").mkdir()
        with pytest.raises(UsageError, match=r"cannot write .*a: "):
            write_reports(REPORT, wanted)
        assert (tmp_path / "b").read_text(encoding="utf-8") == as_html(REPORT)


WRITERS: dict[str, Callable[[Report], str]] = {
    "text": as_text,
    "json": as_json,
    "html": as_html,
    "markdown": as_markdown,
}


@pytest.mark.parametrize("form", WRITERS)
def test_each_form_lists_the_members_that_are_kept_otherwise_than_they_were_sent(form: str) -> None:
    report = replace(REPORT, normalisations=("lead.name: letters become lower case",))
    assert "lead.name: letters become lower case" in WRITERS[form](report)
    assert "letters become" not in WRITERS[form](REPORT)
