"""Requests that would take the product of two of their lengths take steps in proportion to one, or are cut."""

import json

import pytest

from tests.support.small import ask, document, mock
from tests.support.steps import grows_linearly, steps

PET = {"type": "object", "properties": {"id": {"type": "integer", "readOnly": True}, "name": {"type": "string"}}}
SHOWN = {"200": {"description": "OK", "content": {"application/json": {"schema": PET}}}}
ID = [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}]
SORT = [{"name": "sort", "in": "query", "schema": {"type": "string"}}]
LISTED = {"200": {"description": "OK", "content": {"application/json": {"schema": {"type": "array", "items": PET}}}}}
PETS = document(
    {
        "/pets": {
            "get": {"parameters": SORT, "responses": LISTED},
            "post": {"requestBody": {"content": {"application/json": {"schema": PET}}}, "responses": SHOWN},
        },
        "/pets/{id}": {
            "parameters": ID,
            "get": {"responses": SHOWN},
            "patch": {
                "requestBody": {"content": {"application/merge-patch+json": {"schema": PET}}},
                "responses": SHOWN,
            },
        },
    }
)
JSON, MERGE = {"Content-Type": "application/json"}, {"Content-Type": "application/merge-patch+json"}


def test_a_base_path_is_looked_for_in_the_first_segments_of_an_unknown_path() -> None:
    """Each place where the path may go on takes time in proportion to its length, in one step."""
    server = mock(PETS)

    def get(segments: int) -> None:
        assert ask(server, "GET", "/a" * segments).status == 404

    get(1)
    assert steps(lambda: get(20_000)) < 2 * steps(lambda: get(100))


def test_a_prefix_of_some_segments_is_found_to_be_a_base_path() -> None:
    told = ask(mock(PETS), "GET", "/v1" * 15 + "/pets")
    assert "to serve it below /v1/v1" in told.body.decode()


def test_a_list_is_sorted_by_a_few_fields() -> None:
    server = mock(PETS)
    for number in range(50):
        ask(server, "POST", "/pets", JSON, json.dumps({"name": f"n{number % 7}"}).encode())

    def sort(fields: int) -> None:
        names = ",".join(["-name", *(f"f{number}" for number in range(fields))])
        assert json.loads(ask(server, "GET", f"/pets?sort={names}").body)[0]["name"] == "n6"

    sort(1)
    assert steps(lambda: sort(2000)) < 15 * 2000


def test_a_merge_into_nothing_takes_steps_in_proportion_to_the_patch() -> None:
    server = mock(PETS)
    key = json.loads(ask(server, "POST", "/pets", JSON, b"{}").body)["id"]

    def merge(depth: int) -> None:
        inner = json.dumps({**{f"m{number}": number for number in range(10 * depth)}, "last": None})
        patch = '{"in":' * depth + inner + "}" * depth
        assert ask(server, "PATCH", f"/pets/{key}", MERGE, f'{{"data{depth}": {patch}}}'.encode()).status == 200
        ask(server, "PATCH", f"/pets/{key}", MERGE, f'{{"data{depth}": null}}'.encode())

    assert grows_linearly(merge, size=40)


@pytest.mark.parametrize("name", ["in", "out"])
def test_a_null_in_an_object_that_was_not_there_is_dropped(name: str) -> None:
    server = mock(PETS)
    key = json.loads(ask(server, "POST", "/pets", JSON, b"{}").body)["id"]
    patch = {"data": {"in": {"a": {"b": 1, "c": {}}}, "out": {"a": {"b": None}}}}
    ask(server, "PATCH", f"/pets/{key}", MERGE, json.dumps(patch).encode())
    shown = json.loads(ask(server, "GET", f"/pets/{key}").body)["data"]
    assert shown[name] == {"in": {"a": {"b": 1, "c": {}}}, "out": {"a": {}}}[name]
