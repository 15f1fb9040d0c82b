"""The findings of a check as text for people, and in the formats of programs."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from lookalike.errors import ERROR, Location, Problem

if TYPE_CHECKING:  # the names of the formats are in the help, which needs nothing of a check
    from lookalike.soundness import Findings

# The parts of a message that differ between problems of one cause: names in quotes or of an object, references, and
# numbers.
_PARTICULAR = re.compile(r"'[^']*'|\"[^\"]*\"|#?/\S+|\d+|(?<=unknown member of )[^:]+|(?<=fit its schema: )\S+")
_LINES_NAMED = 3
_SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"

Format = Callable[["Findings"], str]


def as_text(found: "Findings") -> str:
    """A line for each cause, with the number of its problems; errors come before warnings."""
    if not found.problems:
        # Terms of x-lookalike say nothing about a document without it.
        counts = [_count(noun, number) for noun, number in found.counts.items() if number]
        return f"{found.document} is sound: {', '.join(counts) or 'it has no operation'}"
    causes = _causes(found.problems)
    lines = [_line(problems) for problems in causes]
    return "\n".join([*lines, _total(found.problems, len(causes))])


def _causes(problems: Sequence[Problem]) -> list[list[Problem]]:
    """Problems that are alike but for names, references and numbers, in the order of their severity and place."""
    causes: dict[tuple[str, str, str], list[Problem]] = {}
    for problem in problems:
        cause = (problem.severity, _PARTICULAR.sub("", problem.what), _PARTICULAR.sub("", problem.remedy))
        causes.setdefault(cause, []).append(problem)
    return sorted(causes.values(), key=lambda alike: alike[0].severity != ERROR)


def _line(alike: Sequence[Problem]) -> str:
    first, *others = alike
    text = f"{first.location}: " if first.location else ""
    text += f"{'' if first.severity == ERROR else 'warning: '}{_message(first)}"
    if not others:
        return text
    known = dict.fromkeys(str(one.location.line) for one in alike if one.location)
    lines = [*known][1 : _LINES_NAMED + 1]  # without the first, so that a document in one line names none
    rest = ", ..." if len(known) > len(lines) + 1 else ""
    places = f", in line {', '.join(lines)}{rest}" if lines else ""
    return f"{text} ({len(others)} more like this{places})"


def _total(problems: Sequence[Problem], causes: int) -> str:
    errors = sum(problem.severity == ERROR for problem in problems)
    parts = [
        _count(noun, number) for noun, number in (("error", errors), ("warning", len(problems) - errors)) if number
    ]
    kinds = f" ({', '.join(parts)})" if len(parts) > 1 else ""
    hint = "; --format json lists each of them" if causes < len(problems) else ""
    return f"{_count('problem', len(problems))}{kinds}{hint}"


def _count(noun: str, number: int) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def as_json(found: "Findings") -> str:
    """All problems, each with its place."""
    whole = {"document": str(found.document), "sound": not found.problems, "problems": [*map(_entry, found.problems)]}
    return json.dumps(whole, indent=2)


def _entry(problem: Problem) -> dict[str, Any]:
    place = problem.location
    where = {"file": place.file, "line": place.line, "column": place.column, "pointer": place.pointer} if place else {}
    return {"severity": problem.severity, "what": problem.what, "remedy": problem.remedy, **where}


def as_github(found: "Findings") -> str:
    """Workflow commands, which GitHub Actions shows at the lines of a change."""
    return "\n".join(map(_annotation, found.problems))


def _annotation(problem: Problem) -> str:
    # https://docs.github.com/actions/reference/workflow-commands-for-github-actions
    place = problem.location or Location("", 1, 1, "")
    parameters = f"file={_escaped(place.file, ',:')},line={place.line},col={place.column}"
    return f"::{problem.severity} {parameters}::{_escaped(_message(problem))}"


def _escaped(text: str, more: str = "") -> str:
    for character in ("%", "\r", "\n", *more):  # the percent sign first: it is in what the others become
        text = text.replace(character, f"%{ord(character):02X}")
    return text


def _message(problem: Problem) -> str:
    return f"{problem.what}{'. ' + problem.remedy if problem.remedy else ''}"


def as_sarif(found: "Findings") -> str:
    """SARIF 2.1.0 (OASIS), which code hosts show beside the lines of the document."""
    driver = {"name": "lookalike check", "rules": [{"id": severity} for severity in _severities(found.problems)]}
    run = {"tool": {"driver": driver}, "results": [*map(_result, found.problems)]}
    return json.dumps({"$schema": _SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _severities(problems: Sequence[Problem]) -> Iterator[str]:
    return iter(dict.fromkeys(problem.severity for problem in problems))


def _result(problem: Problem) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": problem.severity,
        "level": problem.severity,
        "message": {"text": _message(problem)},
    }
    place = problem.location
    if place is not None:
        region = {"startLine": place.line, "startColumn": place.column}
        artifact = {"artifactLocation": {"uri": quote(place.file, safe="/:")}, "region": region}
        result["locations"] = [{"physicalLocation": artifact}]
    return result


FORMATS: Mapping[str, Format] = {"text": as_text, "json": as_json, "github": as_github, "sarif": as_sarif}
