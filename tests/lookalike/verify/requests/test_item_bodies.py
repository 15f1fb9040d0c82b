"""Item bodies: an item is found, put back and completed in the envelope in which it is sent."""

from pathlib import Path

import pytest

from lookalike.contract.contract import Contract, Operation
from lookalike.contract.grounds import EFFECT, is_guessed
from lookalike.contract.reader import load_contract
from lookalike.http import Response
from lookalike.verify.requests.item_bodies import agreeing, item_pointer, item_sent, item_type, with_item
from lookalike.verify.requests.values import ValueGenerator, without_read_only
from lookalike.verify.runner.quoted_errors import without_told

DOCUMENT = """
openapi: 3.1.0
info: {title: Tickets, version: "1"}
paths:
  /shops/{shop}/tickets:
    parameters: [{name: shop, in: path, required: true, schema: {type: string}}]
    get:
      operationId: listTickets
      responses: {"200": {description: all, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Ticket"}}}}}}
    post:
      operationId: createTicket
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/TicketBody"}}}}
      responses: {"201": {description: made, content: {application/json: {schema: {$ref: "#/components/schemas/TicketBody"}}}}}
  /shops/{shop}/tickets/{id}:
    parameters:
      - {name: shop, in: path, required: true, schema: {type: string}}
      - {name: id, in: path, required: true, schema: {type: integer}}
    get:
      operationId: getTicket
      responses: {"200": {description: it, content: {application/json: {schema: {$ref: "#/components/schemas/TicketBody"}}}}}
    put:
      operationId: replaceTicket
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/TicketBody"}}}}
      responses: {"200": {description: it, content: {application/json: {schema: {$ref: "#/components/schemas/TicketBody"}}}}}
  /shops/{shop}/tickets/{id}/tags:
    parameters:
      - {name: shop, in: path, required: true, schema: {type: string}}
      - {name: id, in: path, required: true, schema: {type: integer}}
    get:
      operationId: getTags
      responses: {"200": {description: them, content: {application/json: {schema: {$ref: "#/components/schemas/Tags"}}}}}
    put:
      operationId: putTags
      description: DESCRIPTION
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/Tags"}}}}
      responses: {"200": {description: them, content: {application/json: {schema: {$ref: "#/components/schemas/Tags"}}}}}
components:
  schemas:
    TicketBody: {type: object, required: [ticket], properties: {ticket: {$ref: "#/components/schemas/Ticket"}}}
    Tags: {type: object, required: [tags], properties: {tags: {type: array, items: {type: string}}}}
    Ticket:
      type: object
      required: [id, subject]
      properties:
        id: {type: integer, readOnly: true}
        subject: {type: string}
        shop: {type: string}
        channel: {type: object, properties: {via: {type: string}, number: {type: integer, readOnly: true}}}
"""  # noqa: E501  # one response a line


def contract(folder: Path, description: str = "Sets the tags.") -> Contract:
    file = folder / "tickets.yaml"
    file.write_text(DOCUMENT.replace("DESCRIPTION", description))
    return load_contract(file)


def operation(read: Contract, name: str) -> Operation:
    return next(one for one in read.operations if one.name == name)


@pytest.mark.parametrize("name", ["createTicket", "replaceTicket"])
def test_an_item_is_found_and_put_back_in_its_envelope(tmp_path: Path, name: str) -> None:
    one = operation(contract(tmp_path), name)
    assert item_pointer(one) == ("ticket",)
    assert item_sent(one, {"ticket": {"subject": "a"}}) == {"subject": "a"}
    assert with_item(one, {"ticket": {"subject": "a"}, "note": 1}, {"subject": "b"}) == {
        "ticket": {"subject": "b"},
        "note": 1,
    }
    assert one.body is not None
    assert "subject" in item_type(one, one.body.first).properties


def test_without_an_envelope_the_body_is_the_item(tmp_path: Path) -> None:
    one = operation(contract(tmp_path), "putTags")
    assert (item_pointer(one), item_sent(one, {"tags": []}), with_item(one, {}, {"tags": []})) == (
        (),
        {"tags": []},
        {"tags": []},
    )


def test_proposed_bodies_have_no_member_that_the_server_sets_however_deep(tmp_path: Path) -> None:
    read = contract(tmp_path)
    create = operation(read, "createTicket")
    bodies = [*ValueGenerator(read, 1).bodies(create, varied=True)]
    assert any("channel" in body["ticket"] for body in bodies)
    assert not any("id" in body["ticket"] or "number" in body["ticket"].get("channel", {}) for body in bodies)
    media = create.body.first if create.body else None
    assert media is not None
    kept = without_read_only({"ticket": {"id": 1, "channel": {"via": "web", "number": 7}}}, media.value_type)
    assert kept == {"ticket": {"channel": {"via": "web"}}}


def test_members_named_as_parameters_of_the_path_have_their_values_but_not_those_of_any_name() -> None:
    values = {("path", "shop"): "north", ("path", "id"): "7", ("query", "via"): "web"}
    body = {"ticket": {"shop": "x", "id": "1", "via": "y", "deep": {"shop": "z"}}}
    assert agreeing(body, values) == {"ticket": {"shop": "north", "id": "1", "via": "y", "deep": {"shop": "north"}}}


def test_a_body_lacks_one_of_the_members_that_a_refusal_tells_of() -> None:
    refusal = Response(422, (), b'{"errors": [{"detail": "version is set by the server of this ticket"}]}')
    body = {"ticket": {"subject": "a", "meta": {"version": 1}}}
    assert [*without_told(body, refusal)] == [{}, {"ticket": {"subject": "a", "meta": {}}}]


def test_a_put_whose_text_says_that_it_adds_accuses_no_server(tmp_path: Path) -> None:
    for text, guessed in (("Sets the tags.", False), ("Adds tags to those that the ticket has.", True)):
        assert is_guessed(operation(contract(tmp_path, text), "putTags").grounds, EFFECT) is guessed
