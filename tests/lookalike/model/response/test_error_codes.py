"""Which of a document's codes an error has, and that no error tells of another cause."""

from typing import Any

import pytest

from lookalike.model.response.error_codes import code_of
from tests.support.pet_documents import REF, body, document, mock, operation, send

SLACK = ["channel_not_found", "too_many_attachments", "not_authed", "invalid_arguments"]
STRIPE = ["api_error", "card_error", "idempotency_error", "invalid_request_error"]
SHOUTED = ["VALIDATION_ERROR", "NOT_FOUND", "CONFLICT", "INTERNAL"]
CAMEL = ["validationFailed", "resourceNotFound", "rateLimit"]


@pytest.mark.parametrize(
    ("words", "status", "text", "code"),
    [
        (STRIPE, 400, "amount is required", "invalid_request_error"),
        (STRIPE, 404, "there is no charge 7", "invalid_request_error"),
        (SLACK, 400, "text is required", "invalid_arguments"),
        (SLACK, 401, "a token is missing", "not_authed"),
        (SLACK, 404, "there is no channel C7", "channel_not_found"),
        (SLACK, 404, "there is no user U7", None),
        (SHOUTED, 422, "name is required", "VALIDATION_ERROR"),
        (SHOUTED, 404, "there is no pet 7", "NOT_FOUND"),
        (SHOUTED, 409, "pet 7 is there already", "CONFLICT"),
        (CAMEL, 422, "name is required", "validationFailed"),
        (CAMEL, 404, "there is no resource 7", "resourceNotFound"),
        (["card_declined", "expired_card"], 400, "amount is required", None),
    ],
)
def test_an_error_has_the_code_of_its_cause_or_none(words: list[str], status: int, text: str, code: str | None) -> None:
    assert code_of(words, status, text) == code


def server_with_error(error: dict[str, Any], example: Any = None) -> Any:
    create = operation({"200": REF, "default": error}, {"type": "object", "required": ["name"]})
    if example is not None:
        create["responses"]["default"]["content"]["application/json"]["example"] = example
    return mock(document({"/pets": {"post": create}, "/pets/{id}": {"get": operation({"200": REF})}}))


def test_members_of_an_error_that_may_be_absent_are_not_made_up() -> None:
    inner = {
        "type": "object",
        "required": ["type"],
        "properties": {
            "code": {"type": "string"},
            "param": {"type": "string"},
            "message": {"type": "string"},
            "type": {"type": "string", "enum": STRIPE},
        },
    }
    error = {"type": "object", "required": ["error"], "properties": {"error": inner}}
    refused = send(server_with_error(error), "POST", "/pets", {})
    assert body(refused) == {"error": {"type": "invalid_request_error", "message": "name is required"}}


def test_an_error_of_another_cause_is_never_used() -> None:
    error = {
        "type": "object",
        "properties": {"ok": {"type": "boolean"}, "error": {"type": "string", "enum": SLACK[:3]}},
    }
    refused = send(server_with_error(error, {"ok": False, "error": "too_many_attachments"}), "POST", "/pets", {})
    assert refused.header("Content-Type") == "application/problem+json"
    assert body(refused)["detail"] == "name is required"


def test_the_code_of_the_cause_takes_the_place_of_the_one_in_the_example() -> None:
    error = {"type": "object", "properties": {"ok": {"type": "boolean"}, "error": {"type": "string", "enum": SLACK}}}
    refused = send(server_with_error(error, {"ok": False, "error": "too_many_attachments"}), "POST", "/pets", {})
    assert body(refused) == {"ok": False, "error": "invalid_arguments"}


@pytest.mark.parametrize(
    ("member", "code"),
    [
        ({}, "bad_request"),
        ({"example": "RATE_LIMITED"}, "BAD_REQUEST"),
        ({"pattern": "^E[0-9]+$"}, None),
        ({"enum": ["gone"]}, "gone"),
    ],
)
def test_a_code_that_must_be_there_is_that_of_the_status(member: dict[str, Any], code: str | None) -> None:
    members = {"code": {"type": "string", **member}, "message": {"type": "string"}}
    error = {"type": "object", "required": ["code"], "properties": members}
    shown = body(send(server_with_error(error), "POST", "/pets", {}))
    assert shown["message"] == "name is required"
    assert shown["code"] == code if code else shown["code"].startswith("E")


def test_an_error_beside_a_message_is_the_phrase_of_the_status() -> None:
    members = {"error": {"type": "string"}, "message": {"type": "string"}}
    error = {"type": "object", "required": ["error", "message"], "properties": members}
    shown = body(send(server_with_error(error), "POST", "/pets", {}))
    assert shown == {"error": "Bad Request", "message": "name is required"}


def test_each_error_of_a_list_tells_its_status_its_title_and_the_place_and_nothing_made_up() -> None:
    text = {"type": "string"}
    members = dict.fromkeys(("status", "code", "title", "detail", "id"), text)
    source = {"type": "object", "properties": dict.fromkeys(("pointer", "parameter"), text)}
    one = {"type": "object", "properties": {**members, "source": source}}
    error = {"type": "object", "properties": {"errors": {"type": "array", "items": one}}}
    assert body(send(server_with_error(error), "POST", "/pets", {})) == {
        "errors": [
            {
                "status": "400",
                "code": "required",
                "title": "Bad Request",
                "detail": "name is required",
                "source": {"pointer": "/name"},
            }
        ]
    }
