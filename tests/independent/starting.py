"""The independent servers: which choices each has, and how they are started."""

import http.client
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lookalike.http import Request, Response
from tests.support.running import PATIENCE, TOKEN

HERE = Path(__file__).parent

STRICT = {
    "requirement": "enforced",
    "empty-data": "absent",
    "order": "lookup-first",
    "auth-order": "first",
    "path-type": "400",
    "number-form": "national",
    "number-spelling": "rejected",
    "precision": "exact",
    "number-domain": "rejected",
    "fraction": "rejected",
    "unknown-tag": "rejected",
    "tag-conflict": "add-wins",
    "merge": "deep",
    "null": "deletes-key",
    "null-in-new": "dropped",
    "null-field": "rejected",
    "reserved-keys": "rejected",
    "country-alone": "ignored",
    "own-number": "occupied",
    "occupied": "409",
    "media-type": "415",
    "empty-body": "400",
    "scheme-case": "sensitive",
    "semicolon": "rejected",
    "second-header": "none",
    "unknown-field": "rejected",
    "messages": "string",
    "extra-members": "absent",
    "accept": "406",
    "method": "405",
}
BETWEEN = {
    "requirement": "tags-suffice",
    "empty-data": "present",
    "order": "validate-first",
    "auth-order": "after-parse",
    "path-type": "400",
    "number-form": "international",
    "number-spelling": "same",
    "precision": "rejected",
    "number-domain": "accepted",
    "fraction": "accepted",
    "unknown-tag": "accepted",
    "tag-conflict": "remove-wins",
    "merge": "shallow",
    "null": "stored",
    "null-in-new": "dropped",
    "null-field": "rejected",
    "reserved-keys": "data",
    "country-alone": "applied",
    "own-number": "no-op",
    "occupied": "400",
    "media-type": "body-ignored",
    "empty-body": "as-empty-object",
    "scheme-case": "insensitive",
    "semicolon": "rejected",
    "second-header": "none",
    "unknown-field": "ignored",
    "messages": "array",
    "extra-members": "absent",
    "accept": "ignored",
    "method": "405",
}
LENIENT = {
    "requirement": "not-enforced",
    "empty-data": "present",
    "order": "parse-first",
    "auth-order": "last",
    "path-type": "404",
    "number-form": "either",
    "number-spelling": "same",
    "precision": "double",
    "number-domain": "accepted",
    "fraction": "truncated",
    "unknown-tag": "ignored",
    "tag-conflict": "remove-wins",
    "merge": "shallow",
    "null": "stored",
    "null-in-new": "dropped",
    "null-field": "absent",
    "reserved-keys": "ignored",
    "country-alone": "applied",
    "own-number": "no-op",
    "occupied": "400",
    "media-type": "body-ignored",
    "empty-body": "as-empty-object",
    "scheme-case": "insensitive",
    "semicolon": "tolerated",
    "second-header": "x-access-token",
    "unknown-field": "ignored",
    "messages": "string",
    "extra-members": "present",
    "accept": "ignored",
    "method": "404",
}


@dataclass(frozen=True, slots=True)
class Independent:
    """A server of another stack: the command that starts it, and the choice that it has for each reading."""

    name: str
    command: tuple[str, ...]
    choices: Mapping[str, str]


SERVERS = (
    Independent("http.server", (sys.executable, str(HERE / "strict_server.py")), STRICT),
    Independent("FastAPI", (sys.executable, str(HERE / "fastapi_server.py")), BETWEEN),
    Independent("Node", ("node", str(HERE / "lenient_server.mjs")), LENIENT),
)


def world_of(state: Mapping[str, Any], tokens: Mapping[str, str]) -> dict[str, Any]:
    """What an independent server is told: leads, ids of tags, and what becomes of each token."""
    return {
        "leads": [dict(lead) for lead in state["lead"]],
        "tags": [tag["id"] for tag in state.get("tag", ())],
        "tokens": dict(tokens),
    }


TOKENS = {"tok-valid": "valid", "tok-expired": "expired", "tok-revoked": "revoked"}


class Running:
    """An independent server that runs."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)

    def handle(self, request: Request) -> Response:
        """Send a request."""
        target = f"{request.path}?{request.query}" if request.query else request.path
        self._connection.request(request.method, target, request.body, dict(request.headers))
        answer = self._connection.getresponse()
        response = Response(answer.status, tuple(answer.getheaders()), answer.read())
        if answer.will_close:
            self._connection.close()
        return response

    def lead(self, number: int | str) -> Any:
        """A lead as the server shows it, or None."""
        response = self.handle(Request("GET", f"/leads/{number}", "", TOKEN))
        return json.loads(response.body) if response.status == 200 else None

    def reset(self, world: Mapping[str, Any] | None = None) -> None:
        """Bring back the leads that it started with, or give it others."""
        content = b"" if world is None else json.dumps(world).encode()
        assert self.handle(Request("POST", "/reset", "", {}, content)).status == 200

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


@contextmanager
def started(server: Independent, world: Mapping[str, Any]) -> Iterator[Running]:
    """A server that holds some leads, until the context is left."""
    with subprocess.Popen(server.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(json.dumps(world) + "\n")
            process.stdin.close()
            running = Running(int(process.stdout.readline()))
            yield running
            running.close()
        finally:
            process.kill()
