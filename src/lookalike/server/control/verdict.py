"""The latest report of `verify` that was given to a mock, for its console."""

from collections.abc import Callable
from typing import Any

import flask

from lookalike.server.control.messages import ControlError, json_response, no_content, object_body


class KeptReport:
    """The latest report of `verify` that was given to the mock, as JSON; None if there is none."""

    def __init__(self) -> None:
        self.report: Any = None


def get_verdict(verdict: KeptReport) -> flask.Response:
    """The report that was given."""
    if verdict.report is None:
        raise ControlError(404, "there is no report; PUT the file of `lookalike verify --report json=FILE` here")
    return json_response(verdict.report)


def verdict_so_far(verdict: Callable[[], str]) -> flask.Response:
    """The report of a run that goes on."""
    return flask.Response(verdict(), mimetype="application/json")


def put_verdict(verdict: KeptReport) -> flask.Response:
    """Keep a report of `verify`, in place of an earlier one."""
    from lookalike.reports.as_json import VERSION

    report = object_body()
    is_listed = all(_is_list_of_objects(report.get(name)) for name in ("clauses", "readings", "failures"))
    if not is_listed or isinstance(report.get("version"), bool) or report.get("version") != VERSION:
        raise ControlError(422, f"this is no report of version {VERSION} by `lookalike verify --report json=FILE`")
    verdict.report = report
    return no_content()


def _is_list_of_objects(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(entry, dict) for entry in value)


def delete_verdict(verdict: KeptReport) -> flask.Response:
    """Forget the report."""
    verdict.report = None
    return no_content()


ROUTES: tuple[tuple[str, Callable[[KeptReport], flask.Response]], ...] = (
    ("GET", get_verdict),
    ("PUT", put_verdict),
    ("DELETE", delete_verdict),
)
