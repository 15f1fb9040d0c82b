"""A report for programs; `report.schema.json` beside this file describes it."""

import dataclasses
import json
from typing import Any

from lookalike.reports.summary import decisive, problem
from lookalike.verify.results import Failure, Report

VERSION = 1


def as_json(report: Report) -> str:
    """The report as JSON, with the version of its form; ASCII, so that lone surrogates stay as they came."""
    whole: dict[str, Any] = {"version": VERSION, **dataclasses.asdict(report), "problem": problem(report)}
    whole["statuses"] = {str(status): count for status, count in report.statuses.items()}
    whole["clauses"] = [_renamed(clause) for clause in whole["clauses"]]
    whole["failures"] = [_entry(failure) for failure in report.failures]
    return json.dumps(whole, indent=2) + "\n"


def _renamed(clause: dict[str, Any]) -> dict[str, Any]:
    """The places of a clause under the name that they have in documents."""
    return {("from" if name == "sources" else name): value for name, value in clause.items()}


def _entry(failure: Failure) -> dict[str, Any]:
    """A failure with its last exchange, the one that shows it, on the first level."""
    told = dataclasses.asdict(failure)
    return {"clause": told.pop("clause"), "title": told.pop("title"), **dataclasses.asdict(decisive(failure)), **told}
