"""A mock that was calibrated by a server of another stack answers as that server does."""

import json
import subprocess
from pathlib import Path
from shutil import which

import pytest

from lookalike.http import Headers, Request
from tests.independent.calibrating import PETS, SERVERS, calibrated, likeness_of, sending, serving

needs_node = pytest.mark.skipif(which("node") is None, reason="Node is not installed")
has_perl = which("perl") is not None and subprocess.run(["perl", "-MJSON::PP", "-e1"], check=False).returncode == 0
needs_perl = pytest.mark.skipif(not has_perl, reason="Perl is not installed")


MANNERS = {
    "FastAPI": (
        "pet.name.kept: trimmed",
        "pet.order: newest-first",
        "pet.delete-unknown: succeeds",
        "pet.tags.unsent: '[]'",
        "pet.unknown-members: dropped",
        "createPet.refusal: '422'",
        "user.password.shown: 'no'",
        "visit.cost.kept: rounded-2",
    ),
    "Node": (
        "pet.name.kept: lower-case",
        "pet.tags.kept: without-duplicates",
        "pet.unique: name",
        "pet.conflict: '409'",
        "pet.put-unsent: kept",
        "pet.unknown-members: kept",
        "createPet.unchecked: body/kind:enum body/name:minLength",
        "http.order: lookup-first",
    ),
    "Perl": (
        "pet.kind.sent: at-creation",
        "pet.order: by name",
        "listPets.page-size: '3'",
        "pet.tags.kept: sorted",
        "pet.deleted: '410'",
        "http.null-member: absent",
        "getVisit.refusal: '404'",
        "visit.cost.unsent: '25'",
    ),
    "Flask": (
        "event.title.kept: trimmed",
        "event.order: newest-first",
        "event.deleted: '410'",
        "event.key-reuse: never",
        "POST /events/{code}/tickets/{seat}/scan.deleted-parent: '404'",
        "customer.name.unsent: absent",
        "event.unknown-members: dropped",
        "POST /events.refusal: '422'",
        "PUT /customers/{email}.created: '200'",
    ),
    "http.server": (
        "event.title.kept: upper-case",
        "event.order: by title",
        "GET /events.page-size: '3'",
        "event.delete-unknown: succeeds",
        "event.unknown-members: kept",
        "http.order: lookup-first",
    ),
}


NEEDS = {"Node": (needs_node,), "Perl": (needs_perl,)}


@pytest.mark.parametrize("name", [pytest.param(name, marks=NEEDS.get(name, ())) for name in SERVERS])
def test_a_calibrated_mock_answers_as_the_server_does(name: str, tmp_path: Path) -> None:
    with serving(name) as port:
        code, output = calibrated(name, port, tmp_path)
        with sending(port) as send:
            path = SERVERS[name].base + ("/pets" if SERVERS[name].document == PETS else "/events")
            left = json.loads(send(Request("GET", path, "", Headers({}))).body)
    assert code == 0, output
    assert (left.get("total"), left.get("of")) in ((0, None), (None, 0))  # what was made to learn it is deleted again
    profile = (tmp_path / "profile.yaml").read_text()
    assert [line for line in MANNERS[name] if line not in profile] == []
    before, after = likeness_of(name, None), likeness_of(name, tmp_path / "profile.yaml")
    assert after.statuses >= 0.97, after.differences
    assert after.members >= 0.9, after.differences
    assert before.statuses < after.statuses
    assert before.members < 0.8


@needs_node
def test_drift_is_told_by_an_exit_code_and_the_reading_that_has_changed(tmp_path: Path) -> None:
    profile = tmp_path / "profile.yaml"
    with serving("Node") as port:
        calibrated("Node", port, tmp_path)
        code, output = calibrated("Node", port, tmp_path, "--check", str(profile))
        assert (code, "0 of" in output) == (0, True), output
        before = profile.read_text().replace("pet.put-unknown: refused", "pet.put-unknown: creates")
        profile.write_text(before.replace("readings:", "readings:\n  createPet.page-size: '5'"))
        code, output = calibrated("Node", port, tmp_path, "--check", str(profile))
    assert code == 1
    assert f"pet.put-unknown: creates in {profile}, refused now\n  curl -i -X PUT " in output
    assert f"createPet.page-size: 5 in {profile}, no answer decides it now\n2 of " in output
