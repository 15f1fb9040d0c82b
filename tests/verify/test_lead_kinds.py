"""Kinds of defects of the Lead API: sets whose elements are unknown, deep bodies, keys in mixed case, wrong types."""

import copy
import json
from dataclasses import replace
from typing import Any

import pytest

from lookalike.http import Request, Response
from lookalike.service import MockService
from lookalike.verify.execution.options import Options
from lookalike.verify.results import Report
from lookalike.verify.server.target import Target
from tests.defects.defect import Behave, DefectiveMock, as_if, leaving
from tests.defects.requests import fields_of
from tests.defects.serving import serving
from tests.support.in_process import PARTS, mock
from tests.support.judged import judged, target

CLAUSES = Options(layers=("clauses",))
READ = "/leads/{contact_number}"


def without_tags(known: Target) -> Target:
    """The same target, in which no tag is listed."""
    usable = {name: replace(one, tags=None) for name, one in known.usable.items()}
    return replace(known, usable=usable)


class Readable(DefectiveMock):
    """A server whose leads can be read at `/leads/{contact_number}`."""

    def handle(self, request: Request) -> Response:
        if request.method != "GET":
            return super().handle(request)
        lead = self.lead(int(request.path.rpartition("/")[2]))
        headers = (("Content-Type", "application/json"),)
        return Response(200, headers, json.dumps(lead).encode()) if lead is not None else Response(404)


def found(behave: Behave, known: Target, tagged: bool = True) -> Report:
    server = Readable(behave)
    server.credentials = PARTS.credentials
    if not tagged:
        for lead in server.leads():
            server.keep({**lead, "tags": []})
    with serving(server) as url:
        return judged(url, known, CLAUSES)


def statuses(report: Report) -> dict[str, str]:
    return {clause.id: clause.status.value for clause in report.clauses}


def right(mock: DefectiveMock) -> Any:
    return mock.right


def ignoring(member: str) -> Behave:
    def without(request: Request) -> Request:
        body = fields_of(request)
        values = body.get(member)
        if not isinstance(values, list) or not all(type(one) is int for one in values):
            return request
        return request._replace(body=json.dumps({**body, member: []}).encode())

    return as_if(without)


def test_a_server_that_ignores_add_tags_is_found_by_a_tag_that_was_seen_on_a_lead() -> None:
    report = found(ignoring("add_tags"), without_tags(target(observed=True)))
    assert "TAG-1" in {failure.clause for failure in report.failures}


def test_the_right_server_holds_the_clauses_about_tags_by_tags_that_were_seen() -> None:
    report = found(right, without_tags(target(observed=True)))
    assert report.failures == ()
    assert {statuses(report)[id] for id in ("TAG-1", "TAG-2")} == {"held"}


@pytest.mark.parametrize("behave", [right, ignoring("add_tags")], ids=["right", "ignoring tags"])
def test_where_no_tag_is_known_the_clauses_about_tags_are_not_observable(behave: Behave) -> None:
    report = found(behave, without_tags(target(observed=True)), tagged=False)
    assert report.failures == ()
    assert {statuses(report)[id] for id in ("TAG-1", "TAG-2")} == {"not-observable"}


def test_a_server_that_lowercases_keys_of_the_data_is_found() -> None:
    def lowered(before: Any, after: Any, body: Any) -> Any:
        data = {name.lower(): value for name, value in after["data"].items()}
        return {**copy.deepcopy(after), "data": data}

    report = found(leaving(lowered), target(observed=True))
    assert "DATA-1" in {failure.clause for failure in report.failures}


@pytest.mark.parametrize("levels", [500, 1_000, 15_000])
def test_a_500_to_a_body_that_is_nested_too_deep_is_found(levels: int) -> None:
    def fragile(mock: DefectiveMock) -> Any:
        def handle(request: Request) -> Response:
            is_deep = max(request.body.count(b'{"a":'), request.body.count(b"[")) > levels
            return Response(500) if is_deep else mock.right(request)

        return handle

    report = found(fragile, target(observed=True))
    assert "BODY-7" in {failure.clause for failure in report.failures}


def test_html_with_the_json_of_a_success_breaks_the_clause_of_the_success() -> None:
    def as_html(mock: DefectiveMock) -> Any:
        def handle(request: Request) -> Response:
            answer = mock.right(request)
            if answer.status != 201:
                return answer
            kept = tuple(field for field in answer.headers if field[0].lower() != "content-type")
            return answer._replace(headers=(*kept, ("Content-Type", "text/html")))

        return handle

    report = found(as_html, target(observed=True))
    assert report.exit_code == 1
    assert "OK-1" in {failure.clause for failure in report.failures}


def losing_new_texts(before: Any, after: Any, body: Any) -> Any:
    """The lead, which keeps no value but null and booleans of a member that is new."""
    new = after["data"].keys() - before["data"].keys()
    return {**after, "data": {name: _lost(value) if name in new else value for name, value in after["data"].items()}}


def _lost(value: Any) -> Any:
    return value if value is None or isinstance(value, bool) else "lost"


def test_what_shows_only_in_a_new_member_comes_again_without_a_reset_and_is_told_by_the_smallest_body() -> None:
    server = Readable(leaving(losing_new_texts), {"null": "deletes-key"})
    server.credentials = PARTS.credentials
    with serving(server) as url:
        report = judged(url, target(observed=True), Options(layers=("sequences",), examples=30))
    failure = next(one for one in report.failures if one.clause == "DATA-1")
    assert (failure.reproduced, failure.attempts) == (3, 3)
    assert len(failure.story) == 1
    values = json.loads(failure.story[0].sent.body)["lead_data"].values()
    assert all(value in (None, "", [], {}, "lookalike") for value in values), failure.story[0].sent.body


TAKES_ANYTHING = {
    "requirement": "not-enforced",
    "country-alone": "applied",
    "number-domain": "accepted",
    "number-form": "international",
    "fraction": "truncated",
}


def numbers_of(server: MockService) -> set[tuple[int, int]]:
    """The numbers of all leads, with their country codes."""
    return {(lead["contact_number"], lead["country_code"]) for lead in server.state()["lead"]}


def test_no_lead_is_taken_away_from_its_number_by_a_request_that_some_reading_accepts() -> None:
    server = mock(TAKES_ANYTHING)
    server.credentials = PARTS.credentials
    known = target(owned=2)
    before = numbers_of(server)
    with serving(server) as url:
        report = judged(url, known, CLAUSES)
    assert numbers_of(server) == before
    assert report.exit_code == 0
    assert statuses(report)["BODY-7"] == "held"
