"""The requests of a run by story, and its report, as they are compared with those of other runs of the same seed.

`python -m tests.support.servers.told URL DOCUMENT CONCURRENCY LAYERS` prints them as JSON.
"""

import dataclasses
import json
import re
import sys
from pathlib import Path
from typing import Any

from lookalike.contract.reader import load_contract
from lookalike.http import Request
from lookalike.verify.access import Access, client_for
from lookalike.verify.events import Event, StoryEnded
from lookalike.verify.execution.options import Options
from lookalike.verify.requests.values import ValueGenerator
from lookalike.verify.run import Run
from lookalike.verify.server.target import Target
from lookalike.verify.setup import environment_of

RUN = "aaaabbbbc"  # the id of a run is made of time and chance, so it is given here
SERVERS_KEY = re.compile(r"key[0-9]+x")


def told(url: str, document: Path, concurrency: int, layers: tuple[str, ...]) -> dict[str, Any]:
    """The requests of each story, with placeholders for the keys of the server, and the report without times."""
    contract = load_contract(document)
    environment = environment_of(contract, client_for(url, Access()), Target({}, {}), 1)
    values = ValueGenerator(contract, 1, RUN)
    environment = dataclasses.replace(environment, values=values, concurrency=concurrency)
    stories: dict[str, list[str]] = {}

    def listen(event: Event) -> None:
        if isinstance(event, StoryEnded):
            assert event.id not in stories, f"{event.id} was told twice"
            stories[event.id] = as_told([line_of(request) for request in event.sent])

    report = Run(environment, Options(layers, seed=1, examples=30), listen).report()
    known = {**dataclasses.asdict(report), "seconds": 0, "url": ""}
    for part in ("failures", "readings"):
        known[part] = [as_told([json.dumps(one, sort_keys=True, default=str)]) for one in known[part]]
    return {"stories": stories, "report": json.loads(json.dumps(known, default=str).replace(url, "URL"))}


def line_of(request: Request) -> str:
    """A request in one line."""
    headers = sorted(request.headers.items())
    return f"{request.method} {request.path}?{request.query} {headers} {request.body!r}"


def as_told(lines: list[str]) -> list[str]:
    """Lines in which each key of the server is numbered in the order in which they come."""
    keys: dict[str, str] = {}

    def placeholder(found: re.Match[str]) -> str:
        return keys.setdefault(found[0], f"<key {len(keys)}>")

    return [re.sub(r"http://127\.0\.0\.1:\d+", "URL", SERVERS_KEY.sub(placeholder, line)) for line in lines]


if __name__ == "__main__":
    base, file, number, names = sys.argv[1:]
    json.dump(told(base, Path(file), int(number), tuple(names.split(","))), sys.stdout)
