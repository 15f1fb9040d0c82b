"""Calibration decides the built-in readings of a server by its answers, and harms nothing of what was there."""

from collections.abc import Callable, Mapping
from functools import cache, partial

import pytest

from lookalike.contract.profile import Profile
from lookalike.contract.reader import load_contract
from lookalike.verify.calibration import CalibrationResult, calibrate, drifts
from lookalike.verify.server.client import Budget, Client
from lookalike.verify.server.target import Target
from lookalike.verify.server.transport import ConnectionSettings
from lookalike.verify.setup import environment_of
from tests.support.servers import ways
from tests.support.servers.judging import NOTES
from tests.support.servers.notes import Notes, with_others
from tests.support.servers.serving import serving

CONTRACT = load_contract(NOTES)

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
    "a page has five": (partial(Notes, page=5), {"listNotes.page-size": "5"}),
}


def calibrated(server: Notes) -> CalibrationResult:
    with serving(with_others(server)) as url:
        return calibrate(environment_of(CONTRACT, Client(url, ConnectionSettings(), Budget()), Target({}, {}), 1), 1)


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


def test_a_server_that_has_not_changed_has_not_drifted() -> None:
    assert drifts(plain(), calibrated(Notes()).profile) == []
