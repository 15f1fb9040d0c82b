"""A report as SARIF: each failure at the line of its clause, for code hosts that show it there."""

import json
from dataclasses import replace
from typing import Any

from lookalike.reports.as_sarif import as_sarif
from lookalike.verify.results import ClauseResult
from tests.support.sample_report import REPORT


def run_of(report: Any) -> Any:
    log = json.loads(as_sarif(report))
    assert log["version"] == "2.1.0"
    return log["runs"][0]


def placed(clause: ClauseResult) -> ClauseResult:
    return replace(clause, file="api v1.yaml", line=17) if clause.id == "TAG-1" else clause


def test_a_failure_stands_at_the_line_of_its_clause_with_its_story() -> None:
    run = run_of(replace(REPORT, clauses=tuple(map(placed, REPORT.clauses))))
    result = next(one for one in run["results"] if one["ruleId"] == "TAG-1")
    place = result["locations"][0]["physicalLocation"]
    assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == ("api%20v1.yaml", 17)
    assert "curl -i -X PUT" in result["message"]["text"]
    assert result["level"] == "error"


def test_every_result_names_a_rule_or_no_clause() -> None:
    run = run_of(REPORT)
    rules = {rule["id"] for rule in run["tool"]["driver"]["rules"]}
    readings = {reading.id for reading in REPORT.readings}
    assert {result["ruleId"] for result in run["results"]} <= rules | readings | {"no-clause"}
    assert len(run["results"]) == len(REPORT.failures)


def test_a_waived_failure_is_suppressed_with_its_reason() -> None:
    suppressed = [one["suppressions"] for one in run_of(REPORT)["results"] if "suppressions" in one]
    assert suppressed == [[{"kind": "external", "justification": "ticket 7, until May"}]]


def test_a_flaky_failure_is_a_warning() -> None:
    flaky = replace(REPORT, failures=(replace(REPORT.failures[0], flaky=True),))
    assert [one["level"] for one in run_of(flaky)["results"]] == ["warning"]


def test_a_run_that_could_not_judge_is_no_successful_execution_and_tells_the_reason() -> None:
    invocation = run_of(replace(REPORT, problem="the server is down"))["invocations"][0]
    assert not invocation["executionSuccessful"]
    assert invocation["toolExecutionNotifications"][0]["message"]["text"] == "the server is down"
