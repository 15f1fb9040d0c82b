"""A report for CI servers: JUnit's XML, a test case for each clause and each reading."""

import re
from xml.etree import ElementTree as ET

from lookalike.reports.words import summary
from lookalike.verify.results import ClauseResult, ClauseStatus, Failure, ReadingResult, ReadingStatus, Report

# What XML 1.0 cannot hold, however it is written (section 2.2).
_IMPOSSIBLE = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def as_junit(report: Report) -> str:
    """The report as JUnit XML; what was not seen is skipped, with the reason."""
    suite = ET.Element("testsuite", name="lookalike verify")
    broken = {failure.clause: failure for failure in reversed(report.failures)}
    for clause in report.clauses:
        _clause(suite, clause, broken.get(clause.id))
    for reading in report.readings:
        _reading(suite, reading)
    if report.problem:
        case = ET.SubElement(suite, "testcase", classname="run", name="the server can be judged")
        ET.SubElement(case, "error", message=_possible(report.problem))
    for outcome, name in (("tests", "testcase"), ("failures", "failure"), ("skipped", "skipped"), ("errors", "error")):
        suite.set(outcome, str(sum(1 for _ in suite.iter(name))))
    suite.set("time", f"{report.seconds:.3f}")
    ET.SubElement(suite, "system-out").text = _possible(summary(report))
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(suite, encoding="unicode") + "\n"


def _clause(suite: ET.Element, clause: ClauseResult, failure: Failure | None) -> None:
    case = ET.SubElement(suite, "testcase", classname="clauses", name=_possible(f"{clause.id}: {clause.says}"))
    if clause.status is ClauseStatus.VIOLATED and failure is not None:
        if failure.waived:
            ET.SubElement(case, "skipped", message=_possible(f"waived: {failure.waived}"))
            return
        message = f"expected {failure.expected}, got {failure.got}"
        told = "\n".join(f"{exchange.curl}\n-> {exchange.status} {exchange.response}" for exchange in failure.story)
        ET.SubElement(case, "failure", message=_possible(message)).text = _possible(told)
    elif clause.status is not ClauseStatus.HELD:
        ET.SubElement(case, "skipped", message=_possible(f"{clause.status}: {clause.reason}"))


def _reading(suite: ET.Element, reading: ReadingResult) -> None:
    case = ET.SubElement(suite, "testcase", classname="readings", name=_possible(f"{reading.id}: {reading.question}"))
    told = f"{reading.choice} ({reading.evidence})" if reading.evidence else reading.choice
    if reading.status is ReadingStatus.CONTRADICTED:
        ET.SubElement(case, "failure", message="the server follows none of the choices").text = _possible(told)
    elif reading.status is ReadingStatus.DECIDED:
        ET.SubElement(case, "system-out").text = _possible(told)
    else:
        ET.SubElement(case, "skipped", message=_possible(f"{reading.status}: {reading.choice}"))


def _possible(text: str) -> str:
    """The text with what XML cannot hold written as escapes."""
    return _IMPOSSIBLE.sub(lambda match: match[0].encode("unicode_escape").decode(), text)
