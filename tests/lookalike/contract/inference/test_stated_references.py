"""References: a text says that an item which a body names must exist."""

from typing import Any

import pytest

from lookalike.contract.inference.infer import infer
from tests.support.pet_documents import mock
from tests.support.small import ask, document

NUMBER = {"type": "integer"}
ID: dict[str, Any] = {"type": "integer", "readOnly": True}
SCHEMAS: dict[str, dict[str, Any]] = {
    "authors": {"id": ID, "name": {"type": "string"}},
    "books": {"id": ID, "title": {"type": "string"}, "author_id": NUMBER, "editor": {"type": "string"}},
}
AT: dict[str, Any] = {"name": "id", "in": "path", "required": True, "schema": NUMBER}
JSON = {"Content-Type": "application/json"}
SAID = {
    "Author not found": "422",
    "The author does not exist.": "422",
    "Invalid title, or the author does not exist": "422",
    "Unknown author": "422",
}
SAID_OF_OPERATION = {
    "Adds a book. Returns 409 if the author does not exist.": "409",
    "The author must exist.": "422",
    "author_id must be the id of an existing author.": "422",
}
UNSAID = (
    "Validation error",
    "Editor not found",
    "Invalid author",
    "The author is blocked",
)
UNSAID_OF_OPERATION = (
    "If the author does not exist, it is created.",
    "Fails if the author does not exist, unless it can be created.",
    "The author does not exist yet in most cases.",
)


def api(refused: str = "", text: str = "", status: str = "422") -> dict[str, Any]:
    """A document of books and their authors; the texts are those of the refusal of a new book, and of the operation."""
    paths: dict[str, Any] = {}
    for name, members in SCHEMAS.items():
        body = {"content": {"application/json": {"schema": {"type": "object", "properties": members}}}}
        shown = {"description": "shown", **body}
        create = {"requestBody": body, "responses": {"201": shown}}
        paths[f"/{name}"] = {"post": create}
        change = {"requestBody": body, "responses": {"200": shown, "404": {"description": "none"}}}
        paths[f"/{name}/{{id}}"] = {
            "parameters": [AT],
            "get": {"responses": {"200": shown}},
            "patch": change,
            "delete": {"responses": {"204": {"description": "gone"}}},
        }
    for operation in (paths["/books"]["post"], paths["/books/{id}"]["patch"]):
        operation["description"] = text
        operation["responses"] |= {"409": {"description": "Conflict"}, status: {"description": refused}}
    return document(paths)


def references(*texts: str) -> Any:
    """The references of a new book, as far as texts say."""
    return infer(api(*texts)).operations["/books", "post"].get("references", [])


@pytest.mark.parametrize("texts", [*((one,) for one in SAID), *(("", one) for one in SAID_OF_OPERATION)])
def test_a_text_says_that_what_a_body_names_must_exist(texts: tuple[str, ...]) -> None:
    status = {**SAID, **SAID_OF_OPERATION}[texts[-1]]
    assert references(*texts) == [{"resource": "author", "key": "$request.body#/author_id", "refused": status}]


@pytest.mark.parametrize("texts", [*((one,) for one in UNSAID), *(("", one) for one in UNSAID_OF_OPERATION)])
def test_conditions_and_other_things_say_nothing_of_it(texts: tuple[str, ...]) -> None:
    assert references(*texts) == []


def statuses(server: Any, author: int) -> list[int]:
    """The statuses of a new book of an author, of a change to that author, and of a change of the title alone."""
    body = b'{"title": "A", "author_id": %d}' % author
    ask(server, "POST", "/books", JSON, b'{"title": "B"}')
    asked = (("POST", "/books", body), ("PATCH", "/books/1", body), ("PATCH", "/books/1", b'{"title": "C"}'))
    return [ask(server, method, path, JSON, one).status for method, path, one in asked]


def test_the_mock_refuses_to_name_an_item_that_does_not_exist() -> None:
    server = mock(api("Author not found"), is_mock=True)
    assert statuses(server, 99) == [422, 422, 200]
    ask(server, "POST", "/authors", JSON, b'{"name": "Ann"}')
    assert statuses(server, 1) == [201, 200, 200]


def test_a_mock_of_a_document_that_states_nothing_takes_any_key() -> None:
    assert statuses(mock(api("Validation error"), is_mock=True), 99) == [201, 200, 200]
