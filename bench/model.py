"""What a request costs in this process, beside a function written by hand with the same checks, and what loading costs.

Each figure is processor time divided by that of a fixed piece of work, measured in turn with it, so that a regression
shows on any machine; the least of all rounds counts, since whatever else runs can only add to it.
"""

import argparse
import io
import json
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple
from wsgiref.types import WSGIApplication, WSGIEnvironment

from bench.by_hand import by_hand
from lookalike.assembly import Sources, assemble, load
from lookalike.contract.contract import load_contract
from lookalike.model.behaviour import Model
from lookalike.server.app import create_app

ROOT = Path(__file__).parent.parent
BODY = b'{"add_tags": [101, 102], "remove_tags": [103], "lead_data": {"name": "Asha R. Rao"}}'
LEAD = "/leads/9876543210/update"
MANY = 1000


class Sent(NamedTuple):
    """A request to repeat, and the status that it is answered with."""

    name: str
    application: WSGIApplication
    status: int
    environ: WSGIEnvironment
    body: bytes


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    requests = _requests()
    works: dict[str, tuple[Callable[[], object], int]] = {"a fixed piece of work": (_fixed, 200)}
    works |= {sent.name: (_repeated(sent), 500) for sent in requests}
    seconds = {name: min(times) for name, times in _interleaved(works, rounds).items()}
    loaded = {
        "loading the Lead API": (lambda: load(Sources()), 1),
        f"loading {MANY:,} operations": (lambda: Model(load_contract(_many())), 1),
    }
    seconds |= {name: min(times) for name, times in _interleaved(loaded, 3).items()}
    fixed = seconds["a fixed piece of work"]
    print(f"{'':44}{'µs':>12}{'ratio':>10}")
    for name, each in seconds.items():
        print(f"{name:44}{each * 1e6:12,.1f}{each / fixed:10,.2f}")
    sys.stdout.flush()


def _interleaved(works: dict[str, tuple[Callable[[], object], int]], rounds: int) -> dict[str, list[float]]:
    """Seconds of processor time that one call of each takes, in each round."""
    found: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, (work, repeats) in works.items():
            start = time.process_time()
            for _ in range(repeats):
                work()
            found[name].append((time.process_time() - start) / repeats)
    return found


def _fixed() -> object:
    """Calls, dictionaries, text and JSON: what the model's work is made of."""
    value = json.loads(BODY)
    return json.dumps({name: [*map(str, member)] for name, member in value.items()}, sort_keys=True)


def _repeated(sent: Sent) -> Callable[[], object]:
    told: list[str] = []
    environ = {**sent.environ, "CONTENT_LENGTH": str(len(sent.body))}

    def start_response(status: str, headers: Any, exc_info: Any = None) -> Callable[[bytes], object]:
        told[:] = [status]
        return lambda data: None  # nobody writes that way

    def request() -> Iterable[bytes]:
        return sent.application({**environ, "wsgi.input": io.BytesIO(sent.body)}, start_response)

    request()
    if not told[0].startswith(str(sent.status)):
        raise SystemExit(f"{sent.name} was answered {told[0]}")
    return request


def _requests() -> list[Sent]:
    parts = load(Sources())
    mock = create_app(assemble(parts)).wsgi_app
    hand = by_hand(parts.valid_token, {lead["contact_number"]: lead for lead in parts.data["lead"]})
    many = create_app(assemble(load(Sources(_many())))).wsgi_app
    authorized = {"HTTP_AUTHORIZATION": f"Bearer {parts.valid_token}"}
    unknown = LEAD.replace("9876543210", "9999999999")
    get = _environ("GET", f"/things{MANY // 2}/7", {})
    return [
        Sent("201 by hand, the limit", hand, 201, _environ("PUT", LEAD, authorized), BODY),
        Sent("201", mock, 201, _environ("PUT", LEAD, authorized), BODY),
        Sent("401", mock, 401, _environ("PUT", LEAD, {}), BODY),
        Sent("404", mock, 404, _environ("PUT", unknown, authorized), BODY),
        Sent("400", mock, 400, _environ("PUT", LEAD, authorized), b'{"add_tags": ["x"]}'),
        Sent(f"GET of an example, one of {MANY:,} operations", many, 200, get, b""),
    ]


def _environ(method: str, path: str, fields: dict[str, str]) -> WSGIEnvironment:
    """As a WSGI server hands it over for a request of wrk."""
    return {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SCRIPT_NAME": "",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "127.0.0.1:4010",
        "CONTENT_TYPE": "application/json",
        **fields,
    }


def _many() -> Path:
    """A document of many operations, each with its own path."""
    file = ROOT / ".bench-cache" / f"{MANY}.json"
    if not file.exists():
        file.parent.mkdir(exist_ok=True)
        paths = {f"/things{number}/{{id}}": {"get": _operation(number)} for number in range(MANY)}
        file.write_text(json.dumps({"openapi": "3.1.0", "info": {"title": "Many", "version": "1"}, "paths": paths}))
    return file


def _operation(number: int) -> dict[str, Any]:
    schema = {"type": "object", "properties": {"name": {"type": "string"}, "size": {"type": "integer"}}}
    content = {"application/json": {"schema": schema, "example": {"name": f"thing {number}", "size": number}}}
    parameter = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
    return {
        "parameters": [parameter],
        "responses": {"200": {"description": "done", "content": content}},
        "x-lookalike": {},
    }


if __name__ == "__main__":
    main()
