"""A server on which transcripts are played: the mock, with choices and data that can be switched between two of them.

`PUT /stage` with `{readings: ..., data: ...}` starts anew; all else is answered by the mock.
"""

import json
import sys
from collections.abc import Iterable
from dataclasses import replace
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from lookalike.assembly import Sources, assemble, load
from lookalike.server.app import create_app
from lookalike.server.serve import serve

PARTS = load(Sources())


class Stage:
    def __init__(self) -> None:
        self._app: WSGIApplication = create_app(assemble(PARTS))

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] != "/stage":
            return self._app(environ, start_response)
        self._app = create_app(assemble(self._parts(json.loads(environ["wsgi.input"].read()))))
        start_response("204 No Content", [])
        return []

    def _parts(self, scene: dict[str, Any]) -> Any:
        data = scene["data"] if scene["data"] is not None else PARTS.data
        return replace(PARTS, choices=PARTS.model.contract.choices(scene["readings"]), data=data)


def announce(port: int) -> None:
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    serve(Stage(), "127.0.0.1", 0, announce)
