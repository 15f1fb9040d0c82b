"""Independent servers, and the likeness of their answers to those of mocks."""

import http.client
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from lookalike.assembly import Sources, assemble, load
from lookalike.http import Request, Response
from lookalike.model.strictness import Strictness
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
    "Perl": pets("perl", str(HERE / "pets_perl.pl")),
    "Flask": tickets(sys.executable, str(HERE / "tickets_flask.py")),
    "http.server": tickets(sys.executable, str(HERE / "tickets_stdlib.py")),
}


# A fast sample of the 500 requests of which the guide to calibrate has the figures.
REQUESTS, SEED = 200, 11


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
