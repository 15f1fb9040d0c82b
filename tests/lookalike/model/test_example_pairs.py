"""A request that equals an example gets the response example of the same name, where the mock is told so."""

import json
from pathlib import Path
from typing import Any

import pytest

from lookalike.assembly import Sources, assemble, load
from lookalike.http import Headers, Request, Response
from lookalike.service import MockService

THING = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string", "minLength": 2}}}


def examples(**values: Any) -> dict[str, Any]:
    return {"examples": {name: {"value": value} for name, value in values.items()}}


def content(media_type: str = "application/json", **values: Any) -> dict[str, Any]:
    return {"content": {media_type: {"schema": {}, **examples(**values)}}}


def parameter(name: str, where: str = "query", schema: Any = None, **values: Any) -> dict[str, Any]:
    required = {"required": True} if where == "path" else {}
    return {"name": name, "in": where, "schema": schema or {"type": "string"}, **required, **examples(**values)}


DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "t", "version": "1"},
    "paths": {
        "/things": {
            "post": {
                "requestBody": {
                    "content": {
                        "application/json": {"schema": THING, **examples(good={"name": "Rex"}, short={"name": "R"})},
                        "text/plain": {"schema": {"type": "string"}, **examples(text="Rex")},
                    }
                },
                "responses": {
                    "201": {"description": "d", **content(good={"name": "Rex", "id": 7}, text={"id": 8})},
                    "400": {"description": "d", **content(short={"why": "too short"})},
                },
            },
            "get": {
                "parameters": [
                    parameter("kind", dogs="dog", old="dog"),
                    parameter("age", schema={"type": "integer", "default": 1}, old=9),
                    parameter("X-Shop", "header", shops="a b"),
                ],
                "responses": {
                    "200": {"description": "d", **content(dogs=["Rex"], old=["Ben"], shops=["shop"], alone=["never"])}
                },
            },
        },
        "/things/{id}": {
            "parameters": [parameter("id", "path", {"type": "integer"}, one=1, none=404, odd="x y")],
            "get": {
                "responses": {
                    "200": {"description": "d", **content(one={"name": "Rex"})},
                    "404": {"description": "d", **content("application/problem+json", none={"title": "gone"})},
                    "400": {"description": "d", **content(odd={"title": "odd"})},
                }
            },
        },
    },
}


def mock(folder: Path, **settings: Any) -> MockService:
    path = folder / "api.json"
    path.write_text(json.dumps(DOCUMENT))
    return assemble(load(Sources(path, **settings)))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> MockService:
    return mock(tmp_path_factory.mktemp("pairs"), pairs_examples=True)


def ask(server: MockService, method: str, target: str, body: Any = None, **headers: str) -> Response:
    path, _, query = target.partition("?")
    sent = body.encode() if isinstance(body, str) else b"" if body is None else json.dumps(body).encode()
    types = {"content-type": "application/json"} if sent else {}
    return server.handle(Request(method, path, query, Headers({**types, **headers}), sent))


PAIRED: dict[str, tuple[tuple[Any, ...], int, Any]] = {
    "a body": (("POST", "/things", {"name": "Rex"}), 201, {"name": "Rex", "id": 7}),
    "an invalid body": (("POST", "/things", {"name": "R"}), 400, {"why": "too short"}),
    "a query": (("GET", "/things?kind=dog"), 200, ["Rex"]),
    "a longer query, which equals the shorter one in part": (("GET", "/things?age=9&kind=dog"), 200, ["Ben"]),
    "a path": (("GET", "/things/1"), 200, {"name": "Rex"}),
    "a path of an error": (("GET", "/things/404"), 404, {"title": "gone"}),
    "an invalid path": (("GET", "/things/x%20y"), 400, {"title": "odd"}),
}


@pytest.mark.parametrize("name", PAIRED)
def test_a_request_that_equals_an_example_gets_the_response_of_that_name(name: str, server: MockService) -> None:
    request, status, body = PAIRED[name]
    response = ask(server, *request)
    assert (response.status, response.json()) == (status, body)
    assert (response.header("Lookalike-Reason") or "").startswith("the request is the documented example ")


def test_headers_and_other_media_types_are_compared_too(server: MockService) -> None:
    assert ask(server, "GET", "/things", **{"x-shop": "a b"}).json() == ["shop"]
    assert ask(server, "POST", "/things", "Rex", **{"content-type": "text/plain"}).json() == {"id": 8}


UNPAIRED: dict[str, tuple[Any, ...]] = {
    "another body": ("POST", "/things", {"name": "Rey"}),
    "a body with one member more": ("POST", "/things", {"name": "Rex", "age": 1}),
    "another query": ("GET", "/things?kind=cat"),
    "a query with a parameter more": ("GET", "/things?kind=dog&age=8"),
    "no query": ("GET", "/things"),
    "another path": ("GET", "/things/2"),
}


@pytest.mark.parametrize("name", UNPAIRED)
def test_any_other_request_is_answered_as_usual(name: str, server: MockService) -> None:
    assert "documented example" not in (ask(server, *UNPAIRED[name]).header("Lookalike-Reason") or "")


def test_the_state_is_the_same_before_and_after(server: MockService) -> None:
    before = server.state()
    ask(server, "POST", "/things", {"name": "Rex"})
    assert server.state() == before


def test_without_being_told_and_by_preference_a_mock_answers_as_usual(tmp_path: Path, server: MockService) -> None:
    usual = mock(tmp_path)
    assert ask(usual, "GET", "/things/404").header("Lookalike-Reason") != "the request is the documented example none"
    assert ask(server, "POST", "/things", {"name": "Rex"}, prefer="code=400").status == 400


def test_pairs_are_answered_without_state_too(tmp_path: Path) -> None:
    stateless = mock(tmp_path, pairs_examples=True, infer=False)
    assert ask(stateless, "GET", "/things/404").json() == {"title": "gone"}
