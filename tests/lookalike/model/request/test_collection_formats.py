"""Arrays are read in every `collectionFormat` of Swagger 2.0, wherever it stands, with delimiters encoded or not."""

import json
from typing import Any
from urllib.parse import quote

import pytest

from lookalike.contract.reader import load_contract
from lookalike.http import Response
from lookalike.model.behaviour import Model
from lookalike.openapi.document import parse_document
from lookalike.service import MockService
from lookalike.stores.memory import MemoryStore
from tests.support.small import ask, document, mock

DELIMITERS = {"csv": ",", "ssv": " ", "tsv": "\t", "pipes": "|"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
MULTIPART = {"Content-Type": "multipart/form-data; boundary=B"}


def swagger(name: str, place: str) -> MockService:
    array = {"name": "l", "in": place, "type": "array", "items": {"type": "integer"}, "required": True}
    operation = {
        "parameters": [{**array, "collectionFormat": name}],
        "responses": {"200": {"description": "done"}},
        "consumes": [FORM["Content-Type"], "multipart/form-data"],
    }
    path = "/x/{l}" if place == "path" else "/x"
    text = json.dumps(
        {"swagger": "2.0", "info": {"title": "Old", "version": "1"}, "paths": {path: {"post": operation}}}
    )
    model = Model(load_contract(parse_document(text, "old.json")))
    return MockService(model, MemoryStore(), model.contract.choices({}), {})


def sent(name: str, place: str, value: str) -> Response:
    server = swagger(name, place)
    if place == "path":
        return ask(server, "POST", f"/x/{quote(value)}")
    if place == "query":
        return ask(server, "POST", f"/x?l={quote(value)}")
    if place == "header":
        return ask(server, "POST", "/x", {"L": value})
    return ask(server, "POST", "/x", FORM, f"l={quote(value)}".encode())


@pytest.mark.parametrize("place", ["path", "query", "header", "formData"])
@pytest.mark.parametrize("name", DELIMITERS)
def test_an_array_is_split_at_its_delimiter(name: str, place: str) -> None:
    delimiter = DELIMITERS[name]
    assert sent(name, place, f"1{delimiter}2{delimiter}3").status == 200
    refused = sent(name, place, f"1{delimiter}x")
    assert refused.status in (400, 404, 422)
    assert "l[1] must be an integer" in json.loads(refused.body)["detail"]


@pytest.mark.parametrize("name", DELIMITERS)
def test_an_array_in_one_part_of_a_multipart_form_is_split_too(name: str) -> None:
    head = 'Content-Disposition: form-data; name="l"'
    body = f"--B\r\n{head}\r\n\r\n1{DELIMITERS[name]}2\r\n--B--\r\n".encode()
    assert ask(swagger(name, "formData"), "POST", "/x", MULTIPART, body).status == 200


def test_an_encoded_comma_is_part_of_an_item_that_may_be_a_string() -> None:
    items: Any = {"type": "array", "items": {"type": "string"}, "maxItems": 1}
    parameter = {"name": "l", "in": "query", "explode": False, "schema": items}
    server = mock(document({"/x": {"get": {"parameters": [parameter]}}}))
    assert ask(server, "GET", "/x?l=a%2Cb").status == 200
    assert ask(server, "GET", "/x?l=a,b").status == 400
