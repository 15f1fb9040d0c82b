"""The document alone decides what the mock does: each test edits it, and the mock follows."""

import copy
import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import pytest

from lookalike.assembly import bundled_document, token_tables
from lookalike.contract.contract import Contract
from lookalike.http import Request, Response
from lookalike.model.behaviour import Model
from lookalike.openapi.document import parse_document
from lookalike.service import MockService
from lookalike.stores.memory import MemoryStore
from tests.support.contracts import read_contract
from tests.support.in_process import AUTHORIZED, JSON, NOW, message, put, update

TEXT = bundled_document().read_text(encoding="utf-8")
DATA = parse_document(TEXT, "openapi.yaml").data
LEAD: dict[str, Any] = {"contact_number": 5, "country_code": 91, "tags": [1, 2], "data": {"a": 1}}
SEEDS: dict[str, Any] = {"lead": [LEAD, {"contact_number": 6, "country_code": 91}], "tag": [{"id": 1}]}
VALID: dict[str, Any] = {"lead_data": {}}
PATH = "/leads/{contact-number}/update"

Edit = Callable[[Any], None]


def served(contract: Contract, seeds: Any = SEEDS, **readings: str) -> MockService:
    tables = token_tables({"bearerAuth": [{"token": "tok-valid"}]}, "tokens")
    return MockService(Model(contract, tables), MemoryStore(), contract.choices(readings), copy.deepcopy(seeds))


def edited(edit: Edit, seeds: Any = SEEDS) -> MockService:
    """A mock of the document after a change of its data."""
    document = copy.deepcopy(DATA)
    edit(document)
    return served(read_contract(parse_document(json.dumps(document), "edited.json")), seeds)


def rewritten(*replacements: tuple[str, str]) -> MockService:
    """A mock of the document after changes of its text."""
    text = TEXT
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new)
    return served(read_contract(parse_document(text, "edited.yaml")))


def operation(document: Any) -> Any:
    return document["paths"][PATH]["put"]


def steps(document: Any) -> Any:
    return operation(document)["x-lookalike"]["apply"]


def lead(server: MockService, number: int = 5) -> Any:
    return server.item("lead", number)


def body(response: Response) -> Any:
    return json.loads(response.body)


def test_the_document_as_it_is_is_the_mock_as_it_is() -> None:
    server = served(read_contract(parse_document(TEXT, "openapi.yaml")))
    assert put(server, 5, {**VALID, "add_tags": [2, 3], "remove_tags": [3]}).status == 201
    assert lead(server)["tags"] == [1, 2]


@pytest.mark.parametrize(
    ("message_", "number", "sent", "headers"),
    [
        ("Successfully updated lead.", 5, VALID, None),
        ("Invalid contact number!", 7, VALID, None),
        ("UnAuthorized Access-Token!", 5, VALID, JSON),
    ],
)
def test_a_renamed_message_is_what_the_mock_says(message_: str, number: int, sent: Any, headers: Any) -> None:
    server = rewritten((message_, "Something else entirely"))
    assert message(put(server, number, sent, headers)) == "Something else entirely"


def test_a_new_required_field_is_required() -> None:
    def edit(document: Any) -> None:
        document["components"]["schemas"]["LeadUpdate"]["required"] = ["reason"]
        document["components"]["schemas"]["LeadUpdate"]["properties"]["reason"] = {"type": "string", "minLength": 3}

    server = edited(edit)
    assert (put(server, 5, VALID).status, message(put(server, 5, VALID))) == (400, "reason is required")
    assert message(put(server, 5, {**VALID, "reason": "x"})) == "reason must have at least 3 characters"
    assert put(server, 5, {**VALID, "reason": "because"}).status == 201


def test_union_and_subtract_take_effect_in_their_order() -> None:
    def swap(document: Any) -> None:
        union, subtract, *others = steps(document)
        del subtract["subtract"]["except"]
        operation(document)["x-lookalike"]["apply"] = [subtract, union, *others]

    server = edited(swap)
    assert put(server, 5, {**VALID, "add_tags": [1, 3], "remove_tags": [1, 3]}).status == 201
    assert lead(server)["tags"] == [2, 1, 3]


def test_union_and_subtract_can_change_places() -> None:
    def swap(document: Any) -> None:
        union, subtract, *_ = steps(document)
        union["union"]["with"], subtract["subtract"]["with"] = subtract["subtract"]["with"], union["union"]["with"]
        del subtract["subtract"]["except"]

    server = edited(swap)
    assert put(server, 5, {**VALID, "add_tags": [1], "remove_tags": [3]}).status == 201
    assert lead(server)["tags"] == [2, 3]


def test_another_status_of_success_is_answered() -> None:
    def edit(document: Any) -> None:
        answers = operation(document)["responses"]
        answers["200"] = answers.pop("201")
        answers["200"]["content"]["application/json"]["examples"]["updated"]["value"]["status"] = 200
        operation(document)["x-lookalike"]["answer"] = "200"

    response = put(edited(edit), 5, VALID)
    assert (response.status, body(response)["status"]) == (200, 200)


def test_without_an_answer_named_the_first_success_is_answered() -> None:
    assert put(edited(lambda document: operation(document)["x-lookalike"].pop("answer")), 5, VALID).status == 201


def test_an_answer_without_content_has_no_body() -> None:
    def edit(document: Any) -> None:
        operation(document)["responses"]["204"] = {"description": "done"}
        operation(document)["x-lookalike"]["answer"] = "204"

    response = put(edited(edit), 5, VALID)
    assert (response.status, response.body, response.header("Content-Type")) == (204, b"", None)


def test_another_default_of_a_reading_is_the_choice_in_force() -> None:
    server = rewritten(("      default: enforced\n", "      default: tags-suffice\n"))
    assert put(server, 5, {"add_tags": [7]}).status == 201
    assert lead(server)["tags"] == [1, 2, 7]


def test_a_reading_written_as_a_value_is_settled() -> None:
    def edit(document: Any) -> None:
        document["x-lookalike"]["decide"]["media-type"] = "415"
        set_step = steps(document)[3]["set"]
        set_step["occupied"] = "409"

    server = edited(edit)
    assert put(server, 5, VALID, {**AUTHORIZED, "Content-Type": "text/plain"}).status == 415
    assert put(server, 5, {"new_contact_number": 6, "new_country_code": 91}).status == 409


def test_renamed_fields_of_a_resource_are_kept_under_their_new_names() -> None:
    def edit(document: Any) -> None:
        schema = document["components"]["schemas"]["Lead"]
        schema["properties"]["labels"] = schema["properties"].pop("tags")
        for step in steps(document)[:2]:
            next(step[action] for action in ("union", "subtract") if action in step)["field"] = "labels"

    seeds = {"lead": [{"contact_number": 5, "country_code": 91, "labels": [1]}]}
    server = edited(edit, seeds)
    assert put(server, 5, {**VALID, "add_tags": [4], "remove_tags": [1]}).status == 201
    assert lead(server) == {"contact_number": 5, "country_code": 91, "labels": [4], "data": {}}


def test_a_renamed_resource_answers_under_its_new_name() -> None:
    def edit(document: Any) -> None:
        resources = document["x-lookalike"]["resources"]
        resources["person"] = resources.pop("lead")
        operation(document)["x-lookalike"]["select"]["resource"] = "person"

    server = edited(edit, {"person": [LEAD]})
    assert put(server, 5, {**VALID, "add_tags": [9]}).status == 201
    assert (server.item("person", 5) or {})["tags"] == [1, 2, 9]
    assert "there is no person 7" in (put(server, 7, VALID).header("Lookalike-Reason") or "")


def test_another_key_is_what_the_path_names() -> None:
    def edit(document: Any) -> None:
        document["x-lookalike"]["resources"]["lead"]["key"] = "country_code"

    server = edited(edit, {"lead": [LEAD, {"contact_number": 5, "country_code": 7}]})
    assert put(server, 7, {"lead_data": {"found": True}}).status == 201
    assert server.state()["lead"][1]["data"] == {"found": True}


def test_without_of_no_tag_is_unknown() -> None:
    def reject(document: Any) -> None:
        document["x-lookalike"]["readings"]["unknown-tag"]["default"] = "rejected"

    def reject_nothing(document: Any) -> None:
        reject(document)
        union, subtract, *_ = steps(document)
        del union["union"]["of"], subtract["subtract"]["of"]

    assert put(edited(reject), 5, {**VALID, "add_tags": [999]}).status == 400
    assert put(edited(reject_nothing), 5, {**VALID, "add_tags": [999]}).status == 201


def test_a_dropped_step_has_no_effect() -> None:
    server = edited(lambda document: steps(document).pop(2))
    assert put(server, 5, {"lead_data": {"a": 2}}).status == 201
    assert lead(server) == LEAD


@pytest.mark.parametrize("scope", ["document", "operation"])
def test_without_security_nobody_needs_a_token(scope: str) -> None:
    def edit(document: Any) -> None:
        if scope == "document":
            del document["security"]
        else:
            operation(document)["security"] = []

    assert put(edited(edit), 5, VALID, JSON).status == 201


@pytest.mark.parametrize("requirements", [[{"bearerAuth": []}, {}], [{}, {"bearerAuth": []}]])
def test_with_optional_security_nobody_needs_a_token(requirements: Any) -> None:
    def edit(document: Any) -> None:
        document["security"] = requirements

    server = edited(edit)
    assert put(server, 5, VALID, JSON).status == 201
    assert put(server, 5, VALID, {**JSON, "Authorization": "Bearer wrong"}).status == 201


def test_all_schemes_of_a_requirement_must_be_met_and_one_requirement_suffices() -> None:
    def edit(document: Any) -> None:
        document["components"]["securitySchemes"]["second"] = {"type": "apiKey", "in": "header", "name": "X-Key"}
        document["security"] = [{"bearerAuth": [], "second": []}]

    assert put(edited(edit), 5, VALID).status == 401

    def either(document: Any) -> None:
        edit(document)
        document["security"] = [{"second": []}, {"bearerAuth": []}]

    assert put(edited(either), 5, VALID).status == 201


def test_another_path_is_where_the_operation_is() -> None:
    server = rewritten(("/leads/{contact-number}/update:", "/v2/contacts/{contact-number}:"))
    request = update(5, VALID)
    assert server.handle(request).status == 404
    assert server.handle(request._replace(path="/v2/contacts/5")).status == 201


def test_another_method_is_how_the_operation_is_asked_for() -> None:
    def edit(document: Any) -> None:
        document["paths"][PATH]["patch"] = document["paths"][PATH].pop("put")

    server = edited(edit)
    refused = put(server, 5, VALID)
    assert (refused.status, refused.header("Allow")) == (405, "PATCH")
    assert server.handle(update(5, VALID)._replace(method="PATCH")).status == 201


def test_without_error_bodies_of_its_own_errors_are_problem_details() -> None:
    def edit(document: Any) -> None:
        del document["x-lookalike"]["errors"]
        del operation(document)["responses"]["400"]

    response = put(edited(edit), 5, {"lead_data": 1})
    assert response.header("Content-Type") == "application/problem+json"
    assert body(response) == {
        "title": HTTPStatus(400).phrase,
        "status": 400,
        "detail": "lead_data must be an object, not an integer",
        "errors": [
            {
                "location": "body",
                "pointer": "/lead_data",
                "keyword": "type",
                "message": "lead_data must be an object, not an integer",
            }
        ],
    }


def test_an_undocumented_401_is_answered_too() -> None:
    response = put(edited(lambda document: operation(document)["responses"].pop("401")), 5, VALID, JSON)
    assert (response.status, body(response)["status"]) == (401, 401)


def test_an_answer_that_hangs_on_a_reading_is_not_remembered_for_another_choice() -> None:
    document = copy.deepcopy(DATA)
    answer = operation(document)["responses"]["201"]
    answer["x-lookalike"] = {"body": {"said": {"reading": "messages", "choices": {"string": "one", "array": ["one"]}}}}
    contract = read_contract(parse_document(json.dumps(document), "edited.json"))
    server = served(contract)
    assert body(put(server, 5, VALID)) == {"said": "one"}
    server.choose = contract.choices({"messages": "array"}).__getitem__
    assert body(put(server, 5, VALID)) == {"said": ["one"]}


def test_a_rule_for_one_choice_holds_under_it_only() -> None:
    def edit(document: Any) -> None:
        rules = document["components"]["schemas"]["LeadUpdate"]["x-lookalike-also"]
        rules.append({"x-lookalike-when": {"merge": "deep"}, "required": ["remove_tags"]})

    document = copy.deepcopy(DATA)
    edit(document)
    contract = read_contract(parse_document(json.dumps(document), "edited.json"))
    assert put(served(contract), 5, VALID).status == 201
    refused = put(served(contract, merge="deep"), 5, VALID)
    assert refused.status == 400
    assert message(refused).startswith("remove_tags is required (by reading merge=deep")


def test_an_operation_without_effect_answers_its_example() -> None:
    def edit(document: Any) -> None:
        document["paths"]["/ping"] = {
            "get": {
                "security": [],
                "responses": {"200": {"description": "pong", "content": {"text/plain": {"example": {"pong": True}}}}},
            }
        }

    server = edited(edit)
    response = server.handle(Request("GET", "/ping", at=NOW))
    assert (response.status, body(response), response.header("Content-Type")) == (200, {"pong": True}, "text/plain")


def test_a_reference_to_a_shared_part_is_followed() -> None:
    def edit(document: Any) -> None:
        put_ = operation(document)
        document["components"]["requestBodies"] = {"Update": put_["requestBody"]}
        document["components"]["responses"] = {"Unknown": put_["responses"]["404"]}
        document["components"]["parameters"] = {"Number": put_["parameters"][0]}
        put_["requestBody"] = {"$ref": "#/components/requestBodies/Update"}
        put_["responses"]["404"] = {"$ref": "#/components/responses/Unknown"}
        document["paths"][PATH]["parameters"] = [{"$ref": "#/components/parameters/Number"}]
        put_["parameters"] = []

    server = edited(edit)
    assert [put(server, number, VALID).status for number in (5, 7)] == [201, 404]
    assert message(put(server, 7, VALID)) == "Invalid contact number!"


def test_a_document_in_json_with_crlf_and_another_order_is_the_same_contract() -> None:
    text = json.dumps(dict(reversed(DATA.items())), indent=2).replace("\n", "\r\n")
    server = served(read_contract(parse_document(text, "openapi.json")))
    assert put(server, 5, {**VALID, "add_tags": [3]}).status == 201
    assert lead(server)["tags"] == [1, 2, 3]
