"""Effects: steps are taken where their conditions hold, compare as JSON does, and leave one item under one key."""

import json
from typing import Any

import pytest

from lookalike.service import MockService
from lookalike.stores.memory import MemoryStore
from tests.support.small import ask, document, model

THING = {
    "type": "object",
    "properties": {"id": {}, "n": {"type": "number"}, "tags": {"type": "array"}, "v": {}, "x": {}},
}
JSON = {"Content-Type": "application/json"}
ANYTHING: dict[str, Any] = {"content": {"application/json": {"schema": {}}}}
KEY = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}


def mock(steps: list[Any], data: Any, **said: Any) -> MockService:
    """A mock of `PUT /things/{id}` with these steps, over these things."""
    operation = {
        "parameters": [KEY, {"name": "go", "in": "query", "schema": {}}],
        "requestBody": ANYTHING,
        "responses": {"200": {"description": "done"}, "204": {"description": "done"}},
        "x-lookalike": {"select": {"resource": "thing", "by": "$request.path.id"}, "apply": steps, **said},
    }
    resources = {"thing": {"key": "id", "schema": THING}, "word": {"key": "id", "schema": THING}}
    made = model(document({"/things/{id}": {"put": operation}}, **{"x-lookalike": {"resources": resources}}))
    return MockService(made, MemoryStore(), made.contract.choices({}), data)


def after(server: MockService, body: Any, target: str = "/things/1") -> dict[str, Any]:
    answer = ask(server, "PUT", target, JSON, json.dumps(body).encode())
    assert answer.status in (200, 204), answer
    (thing,) = server.state()["thing"]
    return dict(thing)


STEPS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "increment": ({"increment": {"field": "n"}}, {"n": 1}),
    "set": ({"set": {"fields": {"v": "$request.body#/v"}}}, {"v": 5}),
    "union": ({"union": {"field": "tags", "with": "$request.body#/tags"}}, {"tags": [7]}),
    "append": ({"append": {"field": "tags", "with": "$request.body#/tags"}}, {"tags": [7]}),
    "replace": ({"replace": {"with": "$request.body"}}, {"v": 5, "tags": [7], "a": {"b": 1}}),
}
BODY = {"v": 5, "tags": [7], "a": {"b": 1}}


@pytest.mark.parametrize("word", STEPS)
@pytest.mark.parametrize(
    ("needed", "with_it"), [("$request.query.go", "?go=1"), ("$request.body#/a/b", ""), ("$request.body#/a", "")]
)
@pytest.mark.parametrize("is_there", [True, False])
def test_a_step_is_taken_only_where_what_it_needs_is_there(
    word: str, needed: str, with_it: str, is_there: bool
) -> None:
    step, change = STEPS[word]
    server = mock([{**step, "if": needed}], {"thing": [{"id": 1}]})
    body = BODY if is_there or with_it else {name: value for name, value in BODY.items() if name != "a"}
    target = f"/things/1{with_it if is_there else ''}"
    assert after(server, body, target) == ({"id": 1, **change} if is_there else {"id": 1})


@pytest.mark.parametrize("word", STEPS)
@pytest.mark.parametrize("is_there", [True, False])
def test_a_step_is_left_out_where_what_it_must_lack_is_there(word: str, is_there: bool) -> None:
    step, change = STEPS[word]
    server = mock([{**step, "unless": "$request.query.go"}], {"thing": [{"id": 1}]})
    assert after(server, BODY, f"/things/1{'?go=1' if is_there else ''}") == (
        {"id": 1} if is_there else {"id": 1, **change}
    )


def test_a_header_field_is_made_of_an_item_that_the_body_does_not_show() -> None:
    step = {"set": {"fields": {"v": "$request.body#/v"}}}
    server = mock([step], {"thing": [{"id": 1}]}, answer={"status": "204", "headers": {"ETag": "$item#/v"}})
    assert ask(server, "PUT", "/things/1", JSON, b'{"v": "b"}').header("ETag") == "b"


def test_an_item_whose_key_is_mended_is_still_one_item() -> None:
    operation = {
        "parameters": [{"name": "id", "in": "query", "schema": {"type": "string"}}],
        "requestBody": ANYTHING,
        "x-lookalike": {
            "select": {"resource": "thing", "by": "$request.query.id"},
            "apply": [{"replace": {"with": "$request.body"}}],
        },
    }
    thing = {"type": "object", "properties": {"id": {"type": "string"}, "v": {}}}
    said = {"x-lookalike": {"resources": {"thing": {"key": "id", "schema": thing}}}}
    made = model(document({"/thing": {"put": operation}}, **said))
    server = MockService(made, MemoryStore(), made.contract.choices({}), {"thing": [{"id": "", "v": "a"}]})
    assert ask(server, "PUT", "/thing?id=", JSON, b'{"v": "b"}').status == 200
    assert [item["v"] for item in server.state()["thing"]] == ["b"]


def test_what_is_true_is_set_over_what_is_1() -> None:
    server = mock([{"set": {"fields": {"x": "$request.body#/x"}}}], {"thing": [{"id": 1, "x": 1}]})
    assert after(server, {"x": True})["x"] is True


def test_of_a_list_only_what_names_nothing_is_ignored() -> None:
    union = {"field": "tags", "with": "$request.body#/tags", "of": "word", "unknown": "ignored"}
    server = mock([{"union": union}], {"thing": [{"id": 1}], "word": [{"id": 1}, {"id": "a"}]})
    assert after(server, {"tags": [1, True, "b", 1.0, "a", None]})["tags"] == [1, "a"]


def test_a_list_that_has_something_twice_takes_something_new() -> None:
    server = mock([{"union": {"field": "tags", "with": "$request.body#/tags"}}], {"thing": [{"id": 1, "tags": [1, 1]}]})
    assert after(server, {"tags": [2, 2]})["tags"] == [1, 1, 2]


def test_objects_are_united_by_what_they_hold() -> None:
    server = mock(
        [{"union": {"field": "tags", "with": "$request.body#/tags"}}], {"thing": [{"id": 1, "tags": [{"a": 1}]}]}
    )
    assert after(server, {"tags": [{"b": [2]}, {"a": 1}]})["tags"] == [{"a": 1}, {"b": [2]}]
