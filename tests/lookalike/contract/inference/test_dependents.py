"""Dependents: the text of a DELETE says what becomes of the items that name the deleted one."""

from typing import Any

import pytest

from lookalike.contract.grounds import CASCADE, Ground
from lookalike.contract.inference.infer import infer
from tests.support.small import ask, document, mock

NAMED: dict[str, Any] = {"type": "object", "properties": {"id": {"type": "integer"}, "name": {"type": "string"}}}
TASK: dict[str, Any] = {"type": "object", "properties": {**NAMED["properties"], "project_id": {"type": "integer"}}}
AT: dict[str, Any] = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
JSON = {"Content-Type": "application/json"}

GO_TOO = (
    "Deletes the project and all of its tasks.",
    "Delete a project together with its tasks",
    "Deletes a project. All tasks of the project are deleted too.",
    "Removes the project, including any tasks.",
    "Deletes the project. This also deletes its tasks.",
    "Deletion cascades to tasks.",
)
PREVENT = (
    "A project cannot be deleted while it has tasks.",
    "A project that still has tasks can't be deleted.",
    "Only be deleted once there are no tasks. A project can only be deleted if it has no tasks.",
    "Deletes the project; 409 is answered if the project still has any tasks.",
    "A project cannot be deleted while tasks belong to it.",
    "Fails with 409 if any tasks exist.",
)
OPEN = (
    "Deletes the project.",
    "Deletes the project. Its tasks are kept.",
    "Deletes the project and its task assignments.",
    "Deletes the project and removes it from all tasks.",
    "Tasks must be deleted before the project is.",
    "Deletes the project and, if asked for, its tasks.",
    "A project cannot be deleted while it has open tasks.",
    "Deletes the project and moves its tasks to the inbox.",
)


def api(text: str, **more: Any) -> dict[str, Any]:
    """A document of projects and tasks; `text` is the description of the deletion of a project."""

    def body(schema: dict[str, Any]) -> dict[str, Any]:
        return {"content": {"application/json": {"schema": schema}}}

    paths: dict[str, Any] = {}
    for path, schema in (("/projects", NAMED), ("/tasks", TASK)):
        shown = {"description": "shown", **body(schema)}
        many = {"description": "all", **body({"type": "array", "items": schema})}
        none = {"description": "none"}
        paths[path] = {
            "get": {"responses": {"200": many}},
            "post": {"requestBody": body(schema), "responses": {"201": shown}},
        }
        paths[f"{path}/{{id}}"] = {
            "parameters": [AT],
            "get": {"responses": {"200": shown, "404": none}},
            "delete": {"responses": {"204": none, "404": none, "409": none}},
        }
    paths["/projects/{id}"]["delete"] |= {"description": text, **more}
    return document(paths)


def deletion(data: dict[str, Any]) -> tuple[Any, Ground]:
    """What is inferred of the deletion of a project, and on which ground."""
    found = infer(data)
    place = ("/projects/{id}", "delete")
    return found.operations[place]["apply"][0]["delete"], found.grounds[place][CASCADE]


@pytest.mark.parametrize("text", GO_TOO)
def test_a_text_says_that_items_go_with_the_one_that_they_name(text: str) -> None:
    assert deletion(api(text)) == ({"dependents": {"task": {"by": "project_id"}}}, Ground.STATED)


@pytest.mark.parametrize("text", PREVENT)
def test_a_text_says_that_items_prevent_the_deletion_of_the_one_that_they_name(text: str) -> None:
    assert deletion(api(text)) == ({"dependents": {"task": {"by": "project_id", "refused": "409"}}}, Ground.STATED)


@pytest.mark.parametrize("text", OPEN)
def test_conditions_exceptions_and_other_nouns_say_nothing(text: str) -> None:
    assert deletion(api(text)) == ({}, Ground.GUESSED)


def test_a_parameter_that_decides_leaves_it_open() -> None:
    force: dict[str, Any] = {"name": "force", "in": "query", "schema": {"type": "boolean"}}
    assert deletion(api(GO_TOO[0], parameters=[force])) == ({}, Ground.GUESSED)


def test_the_mock_deletes_the_tasks_of_a_project_and_no_others() -> None:
    server = mock(api(GO_TOO[0]))
    for number in (1, 2):
        ask(server, "POST", "/projects", JSON, b'{"name": "a"}')
        ask(server, "POST", "/tasks", JSON, b'{"name": "b", "project_id": %d}' % number)
    assert ask(server, "DELETE", "/projects/1").status == 204
    assert [ask(server, "GET", f"/tasks/{number}").status for number in (1, 2)] == [404, 200]


def test_the_mock_refuses_to_delete_a_project_that_has_tasks() -> None:
    server = mock(api(PREVENT[0]))
    ask(server, "POST", "/projects", JSON, b'{"name": "a"}')
    ask(server, "POST", "/tasks", JSON, b'{"name": "b", "project_id": 1}')
    assert ask(server, "DELETE", "/projects/1").status == 409
    assert ask(server, "DELETE", "/tasks/1").status == 204
    assert ask(server, "DELETE", "/projects/1").status == 204
