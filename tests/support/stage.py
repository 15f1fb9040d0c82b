"""A server on which transcripts are played: the mock, with choices and data that can be switched between two of them.

`PUT /stage` with `{readings: ..., data: ...}` starts again; all else is answered by the mock.
"""

import json
import sys
from dataclasses import replace
from typing import Any

from lookalike.assembly import Sources, assemble, load
from lookalike.http import Request, Response
from lookalike.server.dispatch import Dispatcher
from lookalike.server.serve import Endpoint, serve

PARTS = load(Sources())


class Stage(Dispatcher):
    def __init__(self) -> None:
        super().__init__(assemble(PARTS))

    def respond(self, request: Request, client: str) -> Response:
        if request.path != "/stage":
            return super().respond(request, client)
        super().__init__(assemble(self._parts(json.loads(request.body))))
        vars(self).pop("_app", None)  # which was made for the mock before
        return Response(204)

    def _parts(self, scene: dict[str, Any]) -> Any:
        data = scene["data"] if scene["data"] is not None else PARTS.data
        return replace(PARTS, choices=PARTS.model.contract.choices(scene["readings"]), data=data)


def announce(port: int) -> None:
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    serve(Stage(), Endpoint("127.0.0.1", 0), announce)
