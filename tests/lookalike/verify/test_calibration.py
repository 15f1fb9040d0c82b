"""Calibration decides the built-in readings of a server by its answers, and harms nothing of what was there."""

from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any

import pytest

from lookalike.contract.profile import Profile
from lookalike.contract.reader import load_contract
from lookalike.openapi.document import parse_document
from lookalike.verify.calibration.calibrate import CalibrationResult, calibrate, drifts
from lookalike.verify.environment import Environment
from lookalike.verify.server.client import Budget, Client
from lookalike.verify.server.target import Target
from lookalike.verify.server.transport import ConnectionSettings
from lookalike.verify.setup import environment_of
from tests.support.contracts import read_contract
from tests.support.servers import ways
from tests.support.servers.judging import NOTES
from tests.support.servers.notes import Item, Notes, with_others
from tests.support.servers.serving import serving

CONTRACT = load_contract(NOTES)


class TakingNulls(Notes):
    """Notes of which no member is null: one that is sent so is left out."""

    def fits(self, body: Any, is_part: bool = False) -> bool:
        return super().fits(without_nulls(body), is_part)

    def stored(self, body: Item) -> Item:
        return super().stored(without_nulls(body))


class Insisting(Notes):
    """Notes that must have a label, of which the document does not tell."""

    def fits(self, body: Any, is_part: bool = False) -> bool:
        return super().fits(body, is_part) and (is_part or "label" in body)


def without_nulls(body: Any) -> Any:
    return {name: value for name, value in body.items() if value is not None} if isinstance(body, dict) else body


MANNERS: Mapping[str, tuple[Callable[[], Notes], dict[str, str]]] = {
    "texts are trimmed": (partial(Notes, kept=ways.without_outer_spaces), {"note.title.kept": "trimmed"}),
    "labels are in lower case": (partial(Notes, kept=ways.in_lower_case), {"note.label.kept": "lower-case"}),
    "numbers are rounded": (partial(Notes, kept=ways.with_two_decimals), {"note.price.kept": "rounded-2"}),
    "duplicates are dropped": (partial(Notes, kept=ways.without_duplicates), {"note.tags.kept": "without-duplicates"}),
    "a refusal is a 422": (
        partial(Notes, refused=422),
        {f"{one}Note.refusal": "422" for one in ("create", "replace", "change")},
    ),
    "deleting the unknown succeeds": (partial(Notes, delete_unknown=204), {"note.delete-unknown": "succeeds"}),
    "a PUT creates": (partial(Notes, put_unknown=200), {"note.put-unknown": "creates"}),
    "a PUT keeps what was not sent": (partial(Notes, put_keeps=True), {"note.put-unsent": "kept"}),
    "unknown members are kept": (partial(Notes, unknown_members="kept"), {"note.unknown-members": "kept"}),
    "unknown members are refused": (
        partial(Notes, unknown_members="refused"),
        {"createNote.unknown-members": "refused", "replaceNote.unknown-members": "refused"},
    ),
    "titles are unique": (partial(Notes, unique="title"), {"note.unique": "title", "note.conflict": "409"}),
    "the newest come first": (partial(Notes, newest_first=True), {"note.order": "newest-first"}),
    "what is deleted is marked": (partial(Notes, soft="marked"), {"note.deletion": "unlisted deleted=true"}),
    "a deleted key is gone for good": (partial(Notes, gone=410), {"note.deleted": "410"}),
    "the server gives ids again": (partial(Notes, reuses_ids=True), {"note.key-reuse": "server"}),
    "null is as good as absent": (TakingNulls, {"http.null-member": "absent"}),
    "a label must be there": (Insisting, {"createNote.required": "label"}),
    "a page has five": (partial(Notes, page=5), {"listNotes.page-size": "5"}),
}


def environment(url: str, budget: Budget = Budget()) -> Environment:  # noqa: B008  # a frozen value
    return environment_of(CONTRACT, Client(url, ConnectionSettings(), budget), Target({}, {}), 1)


def calibrated(server: Notes) -> CalibrationResult:
    with serving(with_others(server)) as url:
        return calibrate(environment(url), 1)


@cache
def plain() -> Profile:
    return calibrated(Notes()).profile


@pytest.mark.parametrize("name", MANNERS)
def test_a_manner_is_learned_and_nothing_else_is_taken_for_it(name: str) -> None:
    make, expected = MANNERS[name]
    server = make()
    found = calibrated(server)
    assert {id: found.profile.readings.get(id) for id in expected} == expected
    related = {id.rpartition(".")[2] for id in expected}
    others = {one.id for one in drifts(plain(), found.profile) if one.id.rpartition(".")[2] not in related}
    assert others <= {f"{id.rpartition('.')[0]}.unparsable" for id in expected}
    assert [*server.items] == ["old-0", "old-1"]
    assert (found.problem, found.left_behind) == ("", ())
    assert all(id in found.evidence for id in expected if id.endswith((".kept", ".order", ".put-unknown")))


def test_a_time_that_no_client_sends_is_made_by_the_server() -> None:
    assert plain().readings["note.made.unsent"] == "made"


def test_a_server_that_has_not_changed_has_not_drifted() -> None:
    assert drifts(plain(), calibrated(Notes()).profile) == []


def test_a_calibration_that_is_interrupted_keeps_what_it_had_learned_and_deletes_what_it_made() -> None:
    server = with_others(Notes(delay=0.2, kept=ways.in_lower_case))

    def interrupt(measurement: str) -> None:
        if measurement.startswith("unknown members"):
            raise KeyboardInterrupt

    with serving(server) as url:
        found = calibrate(environment(url), 1, interrupt)
    assert found.interrupted
    assert float(found.profile.readings["note.lag"].removesuffix("s")) >= 0.2
    assert found.profile.readings["note.label.kept"] == "lower-case"  # in spite of the lag
    assert {*server.items} - {"old-0", "old-1"} <= server.touched  # the last one goes after the lag
    assert found.left_behind == ()


def test_no_two_measurements_of_a_lag_are_a_drift_but_a_lag_that_ends_is() -> None:
    slow, slower, quick = (Profile({"note.lag": choice}) for choice in ("0.3s", "0.5s", "none"))
    assert drifts(slow, slower) == []
    assert [one.id for one in drifts(slow, quick)] == ["note.lag"]


def test_a_calibration_that_reaches_a_limit_says_so_and_deletes_what_it_made() -> None:
    server = with_others(Notes())
    with serving(server) as url:
        found = calibrate(environment(url, Budget(requests=30)), 1)
    assert "30" in found.stopped
    assert found.profile.readings["note.lag"] == "none"
    assert ([*server.items], found.left_behind) == (["old-0", "old-1"], ())


def test_a_server_that_answers_nothing_is_given_up_after_the_first_lesson() -> None:
    found = calibrate(environment("http://127.0.0.1:9"), 1)
    assert "the connection is refused" in found.problem


def test_a_document_without_operations_is_named_as_the_problem() -> None:
    empty = read_contract(parse_document("openapi: 3.1.0\ninfo: {title: A, version: '1'}\npaths: {}\n", "a"))
    with serving(Notes()) as url:
        found = calibrate(environment_of(empty, Client(url, ConnectionSettings(), Budget()), Target({}, {}), 1), 1)
    assert found.problem == "the document has no operations"
