"""Merge patches of maps: what is sent is added to a map, and what is not sent stays in it (RFC 7396 section 2)."""

import json
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.support.servers.judging import judged
from tests.support.servers.serving import Answer, Asked, serving

HEADERS = {"type": "object", "additionalProperties": {"type": "string"}}
HOOK: dict[str, Any] = {"type": "object", "properties": {"name": {"type": "string"}, "headers": HEADERS}}
SHOWN: dict[str, Any] = {**HOOK, "properties": {"id": {"type": "integer", "readOnly": True}, **HOOK["properties"]}}
AT = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
CLAUSE = "changeHook.rest-kept-after-change"


def body(schema: dict[str, Any], media: str = "application/json") -> dict[str, Any]:
    return {"description": "", "content": {media: {"schema": schema}}}


PATHS = {
    "/hooks": {"post": {"requestBody": body(HOOK), "responses": {"201": body(SHOWN)}}},
    "/hooks/{id}": {
        "parameters": [AT],
        "get": {"responses": {"200": body(SHOWN)}},
        "patch": {
            "operationId": "changeHook",
            "requestBody": body(HOOK, "application/merge-patch+json"),
            "responses": {"200": body(SHOWN)},
        },
        "delete": {"responses": {"204": {"description": ""}}},
    },
}


class Hooks:
    """Hooks, whose headers a patch replaces as a whole, or adds to."""

    def __init__(self, replaces: bool) -> None:
        self.replaces = replaces
        self.hooks: dict[str, dict[str, Any]] = {}
        self.numbers = count(1)

    def __call__(self, asked: Asked) -> Answer:
        """The answer to a request."""
        if asked.method == "POST":
            number = next(self.numbers)
            self.hooks[str(number)] = {**asked.body, "id": number}
            return Answer(201, self.hooks[str(number)])
        hook = self.hooks.get(asked.path[-1])
        if hook is None:
            return Answer(404)
        if asked.method == "DELETE":
            return Answer(204 if self.hooks.pop(asked.path[-1]) else 500)
        if asked.method == "PATCH":
            kept = {} if self.replaces else hook.get("headers", {})
            headers = {"headers": {**kept, **asked.body["headers"]}} if "headers" in asked.body else {}
            hook |= {**asked.body, **headers}
        return Answer(200, hook)


@pytest.mark.parametrize("replaces", [True, False])
def test_a_patch_of_a_map_keeps_what_it_does_not_name(replaces: bool, tmp_path: Path) -> None:
    document = tmp_path / "document.json"
    document.write_text(json.dumps({"openapi": "3.1.0", "info": {"title": "Hooks", "version": "1"}, "paths": PATHS}))
    with serving(Hooks(replaces)) as url:
        found = judged(url, tmp_path, "--only", "clauses", "--clause", CLAUSE, document=document)
    assert ({*found.failures()}, found.held()) == (({CLAUSE}, set()) if replaces else (set(), {CLAUSE}))
