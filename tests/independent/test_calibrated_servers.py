"""A mock that was calibrated by a server of another stack answers as that server does."""

import http.client
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from typing import Any
from urllib.parse import quote

import pytest

from lookalike.assembly import Sources, assemble, load
from lookalike.http import Headers, Request, Response
from lookalike.model.operation_handler import Strictness
from tests.support.alike import Likeness, Send, Side, Step, likeness, pet_steps
from tests.support.paths import FIXTURES
from tests.support.servers.judging import run_here
from tests.support.ticket_steps import ticket_steps

HERE = Path(__file__).parent
PETS = FIXTURES / "contracts" / "pets" / "openapi.yaml"
TICKETS = FIXTURES / "contracts" / "tickets" / "openapi.yaml"
NO_PETS = {"pet": [], "visit": [], "user": [], "settings": [{"language": "en", "newsletter": False}]}
NO_TICKETS: dict[str, list[Any]] = {"event": [], "ticket": [], "customer": []}


@dataclass(frozen=True, slots=True)
class Independent:
    """A server of another stack: its command, its document, its base path, its first items, and requests to it."""

    command: tuple[str, ...]
    document: Path
    base: str
    started: Mapping[str, Any]
    steps: Callable[[int, int], Iterator[Step]]


def pets(*command: str) -> Independent:
    return Independent(command, PETS, "/api", NO_PETS, pet_steps)


def tickets(*command: str) -> Independent:
    return Independent(command, TICKETS, "/v1", NO_TICKETS, ticket_steps)


SERVERS: Mapping[str, Independent] = {
    "FastAPI": pets(sys.executable, str(HERE / "pets_fastapi.py")),
    "Node": pets("node", str(HERE / "pets_node.mjs")),
    "Flask": tickets(sys.executable, str(HERE / "tickets_flask.py")),
    "http.server": tickets(sys.executable, str(HERE / "tickets_stdlib.py")),
}
# A fast sample of the 500 requests of which the guide to calibrate has the figures.
REQUESTS, SEED = 200, 11

needs_node = pytest.mark.skipif(which("node") is None, reason="Node is not installed")


@contextmanager
def serving(name: str) -> Iterator[int]:
    with subprocess.Popen(SERVERS[name].command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield int(process.stdout.readline())
        finally:
            process.kill()


@contextmanager
def sending(port: int) -> Iterator[Send]:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:

        def send(request: Request) -> Response:
            target = quote(request.path) + (f"?{request.query}" if request.query else "")
            connection.request(request.method, target, request.body or None, dict(request.headers))
            answer = connection.getresponse()
            return Response(answer.status, tuple(answer.getheaders()), answer.read())

        yield send


def likeness_of(name: str, profile: Path | None, seed: int = SEED, count: int = REQUESTS) -> Likeness:
    server, tolerant = SERVERS[name], Strictness(media_types=False)
    mock = assemble(load(Sources(server.document, data=server.started, profile=profile, strictness=tolerant)))
    with serving(name) as port, sending(port) as send:
        return likeness(Side(send, server.base), Side(mock.handle, ""), server.steps(seed, count))


def calibrated(name: str, port: int, folder: Path, *options: str) -> tuple[int, str]:
    """The exit code of `calibrate` and what it says; the profile is written into a folder."""
    target, profile = folder / "target.yaml", folder / "profile.yaml"
    target.write_text("credentials: {}\n")
    files = ("--target", str(target), "--journal", str(folder / "journal.jsonl"), "--output", str(profile))
    server = SERVERS[name]
    return run_here("calibrate", f"http://127.0.0.1:{port}{server.base}", str(server.document), *files, *options)


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
    "Flask": (
        "event.title.kept: trimmed",
        "event.order: newest-first",
        "event.deleted: '410'",
        "event.key-reuse: never",
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


@pytest.mark.parametrize("name", [pytest.param(name, marks=needs_node) if name == "Node" else name for name in SERVERS])
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
        profile.write_text(profile.read_text().replace("pet.put-unknown: refused", "pet.put-unknown: creates"))
        code, output = calibrated("Node", port, tmp_path, "--check", str(profile))
    assert code == 1
    assert f"pet.put-unknown: creates in {profile}, refused now" in output
