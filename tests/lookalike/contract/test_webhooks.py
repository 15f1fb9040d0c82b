"""Webhooks belong to changes where names and schemas say so plainly, and to none otherwise."""

from typing import Any

import pytest

import lookalike
from lookalike.contract.signatures import Signature
from lookalike.contract.webhooks import pair, read_targets
from lookalike.errors import DocumentError, UsageError
from tests.support.small import document

PET = {"$ref": "#/components/schemas/Pet"}
SCHEMAS: Any = {
    "Pet": {
        "type": "object",
        "required": ["name"],
        "properties": {"id": {"type": "integer"}, "name": {"type": "string"}},
    },
    "Toy": {"type": "object", "properties": {"id": {"type": "integer"}, "type": {"type": "string"}}},
}


def with_body(schema: Any) -> dict[str, Any]:
    return {"requestBody": {"content": {"application/json": {"schema": schema}}}}


def envelope(**members: Any) -> dict[str, Any]:
    return with_body({"type": "object", "required": list(members), "properties": members})


def crud(collection: str, name: str) -> dict[str, Any]:
    item = {"content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}}
    key = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
    return {
        collection: {"post": {"requestBody": item, "responses": {"201": {"description": ".", **item}}}},
        f"{collection}/{{id}}": {"parameters": [key], "get": {"responses": {"200": {"description": ".", **item}}}},
    }


def contract(webhooks: dict[str, Any]) -> lookalike.Contract:
    calls = {name: {"post": {"responses": {"200": {"description": "."}}, **one}} for name, one in webhooks.items()}
    paths = {**crud("/pets", "Pet"), **crud("/toys", "Toy")}
    return lookalike.load(document(paths, webhooks=calls, components={"schemas": SCHEMAS}))


@pytest.mark.parametrize(
    ("name", "operation", "expected"),
    [
        ("petCreated", with_body(PET), [("pet", "created", ())]),
        ("newPet", with_body(PET), [("pet", "created", ())]),
        ("pets.deleted", with_body(PET), [("pet", "deleted", ())]),
        ("on_pet_updated", with_body(PET), [("pet", "updated", ())]),
        ("pet-removed", {}, [("pet", "deleted", None)]),
        ("shop.pet.created", with_body(PET), [("pet", "created", ())]),
        ("/PET_CREATED", with_body(PET), [("pet", "created", ())]),
        ("Pet was updated", with_body(PET), [("pet", "updated", ())]),
        (
            "pet.deleted",
            with_body({"type": "object", "properties": {"petId": {"type": "integer"}}}),
            [("pet", "deleted", ())],
        ),
        ("pet.updated", envelope(event={"type": "string"}, data=PET), [("pet", "updated", ("data",))]),
        ("pet.updated", envelope(pet=PET), [("pet", "updated", ("pet",))]),
        (
            "petUpdated",
            envelope(data={"type": "object", "properties": {"object": PET}}),
            [("pet", "updated", ("data", "object"))],
        ),
        # A name of its own for an animal, whose schema says which resource it is.
        ("animalCreated", with_body(PET), [("pet", "created", ())]),
        (
            "petEvents",
            envelope(action={"enum": ["created", "deleted", "fed"]}, pet=PET),
            [("pet", "created", ("pet",)), ("pet", "deleted", ("pet",))],
        ),
        (
            "events",
            with_body(
                {
                    "oneOf": [
                        {"type": "object", "properties": {"type": {"const": "pet.created"}, "data": PET}},
                        {"type": "object", "properties": {"type": {"const": "pet.fed"}, "data": PET}},
                    ]
                }
            ),
            [("pet", "created", ("data",))],
        ),
        # The resource has a member `type` of its own, which names no event.
        ("toyCreated", with_body({"$ref": "#/components/schemas/Toy"}), [("toy", "created", ())]),
        ("petAdopted", with_body(PET), []),
        ("invoice.created", {}, []),
        ("petCreated", envelope(message={"type": "string"}), []),
        ("somethingCreated", envelope(one=PET, other={"$ref": "#/components/schemas/Toy"}), []),
    ],
)
def test_a_webhook_belongs_to_the_changes_that_its_name_and_its_body_tell(
    name: str, operation: dict[str, Any], expected: list[Any]
) -> None:
    events, others = pair(contract({name: operation}))
    assert [(one.resource, one.change, one.item) for one in events] == expected
    assert set(others) == (set() if expected else {name})


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        (
            {"X-Signature": "The HMAC-SHA256 of the body"},
            Signature({"X-Signature": "{signature}"}, has_open_encoding=True),
        ),
        (
            {"X-Hub-Signature": "HMAC hex digest by SHA-1, as sha1=DIGEST"},
            Signature({"X-Hub-Signature": "sha1={signature}"}, algorithm="sha1"),
        ),
        (
            {"X-Shop-Hmac": "Base64 of the HMAC SHA256 of the body"},
            Signature({"X-Shop-Hmac": "{signature}"}, encoding="base64"),
        ),
        (
            {"webhook-id": "", "webhook-timestamp": "", "webhook-signature": ""},
            Signature(
                {"webhook-id": "{id}", "webhook-timestamp": "{timestamp}", "webhook-signature": "v1,{signature}"},
                "{id}.{timestamp}.{body}",
                encoding="base64",
            ),
        ),
        ({"X-Signature": "Ask support how it is made"}, None),
        ({"X-Signature": "HMAC-SHA256 of timestamp and body"}, None),
        ({"X-Trace": "HMAC-SHA256 of the body"}, None),
    ],
)
def test_a_signature_is_known_where_the_document_says_how_it_is_made(
    parameters: dict[str, str], expected: Signature | None
) -> None:
    listed = [
        {"name": name, "in": "header", "description": text, "schema": {"type": "string"}}
        for name, text in parameters.items()
    ]
    assert contract({"petCreated": {"parameters": listed}}).webhooks["petCreated"].signature == expected


def test_the_keyword_of_a_signature_is_checked_by_the_grammar() -> None:
    stated: dict[str, Any] = {
        "headers": {"Shop-Signature": "t={timestamp},v1={signature}"},
        "payload": "{timestamp}.{body}",
    }
    found = contract({"petCreated": {"x-lookalike-signature": stated}}).webhooks["petCreated"].signature
    assert found == Signature(stated["headers"], "{timestamp}.{body}")
    with pytest.raises(DocumentError, match="algorithm must be one of"):
        contract({"petCreated": {"x-lookalike-signature": {**stated, "algorithm": "md5"}}})


@pytest.mark.parametrize(
    "data", [{}, [1], [{"url": "hook"}], [{"url": "http://a", "webhooks": "x"}], [{"url": "http://a", "to": 1}]]
)
def test_invalid_targets_are_refused_with_their_place(data: Any) -> None:
    with pytest.raises(UsageError, match="the body"):
        read_targets(data, "the body")


def test_required_header_fields_are_known_but_for_those_that_openapi_ignores() -> None:
    parameters = [
        {"name": name, "in": place, "required": required, "schema": {"type": "string"}}
        for name, place, required in (
            ("X-Event", "header", True),
            ("X-Trace", "header", False),
            ("Authorization", "header", True),
            ("page", "query", True),
        )
    ]
    (webhook,) = contract({"petCreated": {"parameters": parameters}}).webhooks.values()
    assert webhook.required_headers == ("X-Event",)
