"""Texts that say whose items an operation is about, so that another user is refused."""

import json
from typing import Any

import pytest

from lookalike.openapi.document import parse_document
from lookalike.verify.stories.ownership import states_ownership
from tests.support.contracts import read_contract
from tests.support.small import document

SAID = (
    ("Only the author may change a post.", "Forbidden"),
    ("Only the author of the post can update or delete it", "Forbidden"),
    ("Changes a post", "Not your post"),
    ("Changes a post", "You are not the author of this post."),
    ("Changes a post", "The post belongs to another user."),
)
UNSAID = (
    ("Only the author may see a draft.", "Forbidden"),
    ("Only the author may change the title.", "Forbidden"),
    ("Only the author or an admin may change a post.", "Forbidden"),
    ("Changes a post", "Not your turn"),
    ("Changes a post. Prefix the key with the name of your own system.", "Forbidden"),
)


def states(method: str, text: str, refusal: str) -> bool:
    """Whether texts of an operation on a post and of its 403 say whose posts it is about."""
    post = {"type": "object", "properties": {"id": {"type": "integer"}, "text": {"type": "string"}}}
    body: dict[str, Any] = {"content": {"application/json": {"schema": post}}}
    shown, at = {"description": "shown", **body}, {"name": "id", "in": "path", "required": True, "schema": {}}
    told = {"description": text, "responses": {"200": shown, "403": {"description": refusal}}}
    item: dict[str, Any] = {"parameters": [at], "get": {"responses": {"200": shown}}, "put": {"requestBody": body}}
    item[method] = {**item[method], **told}
    made = {"post": {"requestBody": body, "responses": {"201": shown}}}
    contract = read_contract(parse_document(json.dumps(document({"/posts": made, "/posts/{id}": item})), "posts.json"))
    operation = next(one for one in contract.operations if (one.method, one.path) == (method.upper(), "/posts/{id}"))
    return states_ownership(contract, operation)


@pytest.mark.parametrize(("text", "refusal"), SAID)
def test_a_text_says_that_another_user_is_refused(text: str, refusal: str) -> None:
    assert states("put", text, refusal)


@pytest.mark.parametrize(("text", "refusal"), UNSAID)
def test_a_text_about_something_else_says_nothing(text: str, refusal: str) -> None:
    assert not states("put", text, refusal)


def test_what_only_its_author_may_change_may_be_read_by_others() -> None:
    assert not states("get", "Only the author may change a post.", "Not your post")
