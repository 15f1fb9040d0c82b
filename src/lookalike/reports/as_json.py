"""A report for programs; `report.schema.json` beside this file describes it."""

import dataclasses
import json
from typing import Any

from lookalike.reports.summary import decisive, problem
from lookalike.verify.results import Failure, Report

VERSION = 1


def as_json(report: Report) -> str:
    """The report as JSON, with the version of its format; in ASCII, which also keeps lone surrogates."""
    whole: dict[str, Any] = {"version": VERSION, **dataclasses.asdict(report), "problem": problem(report)}
    whole["statuses"] = {str(status): count for status, count in report.statuses.items()}
    whole["clauses"] = [_renamed(clause) for clause in whole["clauses"]]
    whole["failures"] = [_entry(failure) for failure in report.failures]
    return json.dumps(whole, indent=2) + "\n"


def _renamed(clause: dict[str, Any]) -> dict[str, Any]:
    """The places of a clause under the name that they have in documents."""
    return {("from" if name == "sources" else name): value for name, value in clause.items()}


def _entry(failure: Failure) -> dict[str, Any]:
    """A failure, with the members of the exchange that shows it on the same level."""
    fields = dataclasses.asdict(failure)
    return {
        "clause": fields.pop("clause"),
        "title": fields.pop("title"),
        **dataclasses.asdict(decisive(failure)),
        **fields,
    }
