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
from itertools import count
from pathlib import Path
from typing import Any

from bench.by_hand import by_hand
from lookalike.assembly import Sources, assemble, load
from lookalike.contract.reader import load_contract
from lookalike.http import Request, Response
from lookalike.model.behaviour import Model
from lookalike.server.dispatch import Dispatcher

ROOT = Path(__file__).parent.parent
BODY = b'{"add_tags": [101, 102], "remove_tags": [103], "lead_data": {"name": "Asha R. Rao"}}'
LEAD = "/leads/9876543210/update"
MANY = 1000


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    works: dict[str, tuple[Callable[[], object], int]] = {"a fixed piece of work": (_fixed, 200)}
    works |= {name: (request, 500) for name, request in _requests().items()}
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


def _requests() -> dict[str, Callable[[], object]]:
    parts = load(Sources())
    site, many = Dispatcher(assemble(parts)), Dispatcher(assemble(load(Sources(_many()))))
    unknown = LEAD.replace("9876543210", "9999999999")
    fields = {"host": "127.0.0.1:4010", "content-type": "application/json"}
    authorized = {**fields, "authorization": f"Bearer {parts.valid_token}"}
    return {
        "201 by hand, the limit": _by_hand(
            parts.valid_token, {lead["contact_number"]: lead for lead in parts.data["lead"]}
        ),
        "201": _repeated(site, 201, Request("PUT", LEAD, "", authorized, BODY)),
        "201, no body like one before": _ever_new(site, Request("PUT", LEAD, "", authorized, BODY)),
        "401": _repeated(site, 401, Request("PUT", LEAD, "", fields, BODY)),
        "404": _repeated(site, 404, Request("PUT", unknown, "", authorized, BODY)),
        "400": _repeated(site, 400, Request("PUT", LEAD, "", authorized, b'{"add_tags": ["x"]}')),
        f"GET of an example, one of {MANY:,} operations": _repeated(
            many, 200, Request("GET", f"/things{MANY // 2}/7", "", fields)
        ),
    }


def _repeated(site: Dispatcher, status: int, sent: Request) -> Callable[[], object]:
    """A request as the server hands it over, again and again."""

    def request() -> Response:
        return site.respond(Request(*sent[:5], time.time()), "127.0.0.1")

    _check(status, str(request().status))
    return request


def _ever_new(site: Dispatcher, sent: Request) -> Callable[[], object]:
    """A request whose body is another each time, so that nothing of what was read before serves again."""
    numbers = count()

    def request() -> Response:
        body = sent.body.replace(b"Asha", b"%d" % next(numbers))
        return site.respond(Request(*sent[:4], body, time.time()), "127.0.0.1")

    _check(201, str(request().status))
    return request


def _by_hand(token: str, leads: dict[int, Any]) -> Callable[[], object]:
    application, told = by_hand(token, leads), [""]
    environ = {
        "REQUEST_METHOD": "PUT",
        "PATH_INFO": LEAD,
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(BODY)),
        "HTTP_AUTHORIZATION": f"Bearer {token}",
    }

    def start_response(status: str, headers: Any, exc_info: Any = None) -> Callable[[bytes], object]:
        told[0] = status
        return lambda data: None  # nobody writes that way

    def request() -> Iterable[bytes]:
        return application({**environ, "wsgi.input": io.BytesIO(BODY)}, start_response)

    request()
    _check(201, told[0])
    return request


def _check(status: int, answered: str) -> None:
    if not answered.startswith(str(status)):
        raise SystemExit(f"what is answered with {status} was answered {answered}")


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
