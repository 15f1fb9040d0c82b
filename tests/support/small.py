"""Small documents, each written where it is used, and requests to the mock that they make."""

import json
from collections.abc import Mapping
from typing import Any

from lookalike.http import Headers, Request, Response
from lookalike.model.behaviour import Model
from lookalike.model.context import RequestContext
from lookalike.model.request.tokens import TokenTable
from lookalike.model.strictness import STRICT, Strictness
from lookalike.openapi.document import parse_document
from lookalike.service import MockService
from lookalike.stores.memory import MemoryStore
from tests.support.contracts import read_contract

NOW = 1_800_000_000.0
OK: dict[str, Any] = {"200": {"description": "done"}}


def document(paths: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """An OpenAPI document; operations get an answer where they have none."""
    for item in paths.values():
        for name, operation in item.items():
            if name in ("get", "put", "post", "delete", "patch", "head", "options"):
                operation.setdefault("responses", OK)
    return {"openapi": "3.1.0", "info": {"title": "Small", "version": "1"}, "paths": dict(paths), **more}


def model(
    data: Mapping[str, Any], tokens: Mapping[str, TokenTable] | None = None, strictness: Strictness = STRICT
) -> Model:
    """The model of a document."""
    return Model(read_contract(parse_document(json.dumps(data), "small.json")), tokens, strictness)


def mock(
    data: Mapping[str, Any], tokens: Mapping[str, TokenTable] | None = None, strictness: Strictness = STRICT
) -> MockService:
    """The mock of a document."""
    made = model(data, tokens, strictness)
    return MockService(made, MemoryStore(), made.contract.choices({}), {})


def ask(
    server: MockService, method: str, target: str, headers: Mapping[str, str] | None = None, body: bytes = b""
) -> Response:
    """The answer to a request; the target is a path, with a query where there is one."""
    path, _, query = target.partition("?")
    return server.handle(Request(method, path, query, Headers(headers), body, NOW))


def problem(response: Response) -> Any:
    """The problem details of an answer."""
    assert response.header("Content-Type") == "application/problem+json"
    return json.loads(response.body)


def context_of(request: Request) -> RequestContext:
    """The context of a request before it is read."""
    return RequestContext(request, MemoryStore(), lambda reading: "")
