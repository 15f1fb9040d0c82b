"""Uniqueness: the text of a creation or of its refusal says that no second item may have the same value of a member."""

from typing import Any

import pytest

from lookalike.contract.grounds import Ground
from lookalike.contract.inference.infer import infer
from tests.support.pet_documents import mock
from tests.support.small import ask, document

TEXT = {"type": "string"}
USER: dict[str, Any] = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "id": {"type": "integer", "readOnly": True},
        "name": TEXT,
        "user_name": TEXT,
        "role": {"type": "string", "enum": ["a", "b"]},
    },
}
AT: dict[str, Any] = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
JSON = {"Content-Type": "application/json"}

SAID = {
    "A user with this name exists": ["name"],
    "A user with the same name already exists.": ["name"],
    "The name is already taken.": ["name"],
    "Name already in use": ["name"],
    "Duplicate name": ["name"],
    "User already exists with that name": ["name"],
    "Names must be unique.": ["name"],
    "A user with this user name exists": ["user_name"],
    "Invalid role, or the username is taken": ["user_name"],
}
UNSAID = (
    "The server is busy.",
    "The user exists already.",
    "An active user with this name exists.",
    "A user with this name and role exists.",
    "A user with this name exists, unless it was deleted.",
    "The role is taken.",
    "A user with this email exists.",
    "The user with this name may be updated instead.",
)


def api(text: str, example: bool = False) -> dict[str, Any]:
    """A document of users; `text` is the description of the conflict of a new one."""
    body = {
        "content": {"application/json": {"schema": USER, **({"example": {"id": 7, "name": "A"}} if example else {})}}
    }
    shown = {"description": "shown", **body}
    refused = {"description": text}
    return document(
        {
            "/users": {"post": {"requestBody": body, "responses": {"201": shown, "409": refused}}},
            "/users/{id}": {
                "parameters": [AT],
                "get": {"responses": {"200": shown}},
                "put": {"requestBody": body, "responses": {"200": shown, "409": refused}},
            },
        }
    )


def unique(text: str) -> Any:
    """The members that must be unique, as far as a text says."""
    return infer(api(text)).operations["/users", "post"].get("unique", {})


@pytest.mark.parametrize("text", SAID)
def test_a_text_says_which_value_only_one_item_may_have(text: str) -> None:
    assert unique(text) == {name: {"refused": "409"} for name in SAID[text]}


@pytest.mark.parametrize("text", ["Conflict", "Already exists.", ""])
def test_a_conflict_of_which_no_text_says_more_is_perhaps_about_what_users_are_known_by(text: str) -> None:
    found = infer(api(text))
    assert found.operations["/users", "post"].get("unique") == {"user_name": {"refused": "409"}}
    assert found.grounds["/users", "post"]["unique"] is Ground.GUESSED


@pytest.mark.parametrize("text", UNSAID)
def test_conditions_choices_and_unknown_members_say_nothing(text: str) -> None:
    assert unique(text) == {}


@pytest.mark.parametrize(
    ("text", "is_told"),
    [
        ("Must be unique.", True),
        ("The login of a user. The name must be unique.", True),
        ("Must be unique within the team.", False),
        ("The combination must be unique.", False),
        ("A unique name.", False),
    ],
)
def test_the_description_of_a_member_says_that_it_must_be_unique(text: str, is_told: bool) -> None:
    told = api("The user exists already.")
    content = told["paths"]["/users"]["post"]["requestBody"]["content"]["application/json"]
    name = {**TEXT, "description": text}
    content["schema"] = {**USER, "properties": {**USER["properties"], "name": name}}
    found = infer(told).operations["/users", "post"].get("unique", {})
    assert found == ({"name": {"refused": "409"}} if is_told else {})


@pytest.mark.parametrize(
    ("text", "statuses"),
    [
        ("A user with this name exists.", [201, 409, 201]),
        ("A user with this name exists. Names are case-insensitive.", [201, 409, 409]),
    ],
)
def test_the_mock_refuses_another_item_with_the_value(text: str, statuses: list[int]) -> None:
    server = mock(api(text), is_mock=True)
    bodies = (b'{"name": "ann"}', b'{"name": "ann", "role": "a"}', b'{"name": "Ann"}')
    assert [ask(server, "POST", "/users", JSON, body).status for body in bodies] == statuses


def test_what_an_example_shows_may_be_sent() -> None:
    server = mock(api("A user with this name exists.", example=True), is_mock=True)
    assert ask(server, "POST", "/users", JSON, b'{"name": "A"}').status == 201


def test_the_mock_refuses_a_change_to_a_value_that_another_item_has() -> None:
    server = mock(api("A user with this name exists."), is_mock=True)
    asked = [
        ("POST", "/users", b'{"name": "ann"}', 201),
        ("POST", "/users", b'{"name": "ben"}', 201),
        ("PUT", "/users/2", b'{"name": "ann"}', 409),
        ("PUT", "/users/2", b'{"name": "ben", "role": "b"}', 200),
        ("PUT", "/users/2", b'{"name": "cat"}', 200),
        ("PUT", "/users/1", b'{"name": "ben"}', 200),
    ]
    assert [ask(server, method, path, JSON, body).status for method, path, body, _ in asked] == [
        one[3] for one in asked
    ]
