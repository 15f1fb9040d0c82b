"""A report as SARIF 2.1.0 (OASIS), which code hosts show beside the lines of the document."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from lookalike.reports.escaping import legible
from lookalike.reports.shell import story_text
from lookalike.reports.summary import heading, problem, reproduced, summary
from lookalike.verify.results import ClauseResult, Failure, Report

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def as_sarif(report: Report) -> str:
    """The failures as results, each at the line of its clause; waived ones are suppressed (section 3.35)."""
    report = legible(report)
    clauses = {clause.id: clause for clause in report.clauses}
    invocation: dict[str, Any] = {"executionSuccessful": not problem(report), "exitCode": report.exit_code}
    if problem(report):
        invocation["toolExecutionNotifications"] = [{"level": "error", "message": {"text": problem(report)}}]
    run = {
        "tool": {"driver": {"name": "lookalike", "rules": list(_rules(report))}},
        "invocations": [invocation],
        "results": [_result(failure, clauses.get(failure.clause), report) for failure in report.failures],
        "properties": {"summary": summary(report), "coverage": report.coverage},
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rules(report: Report) -> Iterator[dict[str, Any]]:
    """The clauses that are broken, as rules (section 3.49)."""
    broken = {failure.clause for failure in report.failures}
    for clause in report.clauses:
        if clause.id in broken:
            yield {"id": clause.id, "shortDescription": {"text": clause.says}}


def _result(failure: Failure, clause: ClauseResult | None, report: Report) -> dict[str, Any]:
    """A failure as a result (section 3.27); the story is part of the message, since readers show nothing else."""
    story = story_text(failure.story)
    text = f"{heading(failure)}\nexpected {failure.expected}\ngot {failure.got}\n{reproduced(failure)}\n{story}"
    file, line = (clause.file, clause.line) if clause is not None and clause.file else (report.document, 1)
    artifact = {"artifactLocation": {"uri": quote(file)}, "region": {"startLine": max(line, 1)}}
    result: dict[str, Any] = {
        "ruleId": failure.clause or "no-clause",
        "level": "warning" if failure.flaky else "error",
        "message": {"text": text},
        "locations": [{"physicalLocation": artifact}],
    }
    if failure.waived:
        result["suppressions"] = [{"kind": "external", "justification": failure.waived}]
    return result
