"""A report for CI servers: JUnit's XML, a test case for each clause and each reading."""

from collections.abc import Mapping
from xml.etree import ElementTree as ET

from lookalike.reports.escaping import legible
from lookalike.reports.shell import story_text
from lookalike.reports.summary import choice, heading, problem, reproduced, summary
from lookalike.verify.results import (
    ClauseResult,
    ClauseStatus,
    Failure,
    ReadingResult,
    ReadingStatus,
    Report,
    Verdict,
)

_TAG_BY_COUNT = {"tests": "testcase", "failures": "failure", "skipped": "skipped", "errors": "error"}


def as_junit(report: Report) -> str:
    """The report as JUnit XML; a clause without a result is a skipped test with the reason, and so is a waived one."""
    root = ET.Element("testsuites")
    suite = ET.SubElement(root, "testsuite", name="lookalike verify")
    _cases(suite, legible(report))
    for element in (root, suite):
        for attribute, tag in _TAG_BY_COUNT.items():
            element.set(attribute, str(sum(1 for _ in suite.iter(tag))))
        element.set("time", f"{report.seconds:.3f}")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _cases(suite: ET.Element, report: Report) -> None:
    properties = ET.SubElement(suite, "properties")
    for name in ("url", "document", "seed", "requests"):
        if getattr(report, name) is not None:
            ET.SubElement(properties, "property", name=name, value=str(getattr(report, name)))
    broken = {failure.clause: failure for failure in reversed(report.failures)}
    for clause in report.clauses:
        _clause(suite, clause, broken)
    for reading in report.readings:
        _reading(suite, reading, broken)
    shown = {clause.id for clause in report.clauses} | {reading.id for reading in report.readings}
    for failure in report.failures:
        if failure.clause not in shown:
            _fail(_case(suite, "failures", heading(failure)), failure)
    if problem(report) or report.verdict is Verdict.UNJUDGED:
        ET.SubElement(_case(suite, "run", "the server can be judged"), "error", message=problem(report))
    ET.SubElement(suite, "system-out").text = summary(report)


def _case(suite: ET.Element, classname: str, name: str) -> ET.Element:
    return ET.SubElement(suite, "testcase", classname=classname, name=name)


def _clause(suite: ET.Element, clause: ClauseResult, broken: Mapping[str, Failure]) -> None:
    case = _case(suite, "clauses", f"{clause.id}: {clause.says}")
    if clause.id in broken:
        _fail(case, broken[clause.id])
    elif clause.status is ClauseStatus.VIOLATED:
        ET.SubElement(case, "failure", message=clause.reason or "it is broken")
    elif clause.status is not ClauseStatus.HELD:
        ET.SubElement(case, "skipped", message=f"{clause.status}: {clause.reason}")


def _reading(suite: ET.Element, reading: ReadingResult, broken: Mapping[str, Failure]) -> None:
    case = _case(suite, "readings", f"{reading.id}: {reading.question}")
    if reading.id in broken:
        _fail(case, broken[reading.id])
    elif reading.status is ReadingStatus.CONTRADICTED:
        ET.SubElement(case, "failure", message="the server follows none of the choices").text = reading.evidence
    elif reading.status is not ReadingStatus.DECIDED:
        ET.SubElement(case, "skipped", message=f"{reading.status}: {choice(reading)}")
    else:
        text = f"{choice(reading)} ({reading.evidence})" if reading.evidence else choice(reading)
        ET.SubElement(case, "system-out").text = text


def _fail(case: ET.Element, failure: Failure) -> None:
    """Mark a test case as failed, or as skipped where the failure is waived, with the story."""
    message = f"expected {failure.expected}, got {failure.got}"
    excuse = f"waived: {failure.waived}" if failure.waived else "flaky" if failure.flaky else ""
    name, message = ("skipped", f"{excuse}; {message}") if excuse else ("failure", message)
    story = story_text(failure.story)
    text = f"{failure.title}\nexpected: {failure.expected}\ngot: {failure.got}\n{reproduced(failure)}\n{story}"
    ET.SubElement(case, name, message=message).text = text
