"""What OpenAPI 3.2 adds, in use: more methods, QUERY, and bodies that are sequences."""

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, Response

import lookalike
from lookalike.assembly import Sources, assemble, load
from lookalike.contract.inference.explain import overlay
from lookalike.contract.reader import load_contract
from lookalike.errors import DocumentError
from lookalike.http import Headers, Request
from lookalike.http import Response as Answer
from lookalike.service import MockService
from lookalike.soundness import check
from lookalike.verify.execution.options import Options
from lookalike.verify.results import ClauseStatus, Report
from lookalike.verify.run import Run
from lookalike.verify.server.client import Budget, Client
from lookalike.verify.server.target import Target
from lookalike.verify.server.transport import ConnectionSettings
from lookalike.verify.setup import environment_of, environment_of_mock, mocked
from tests.support.in_process import NOW
from tests.support.pet_shop.shop import serving
from tests.support.running import running_mock

DOCUMENT = """\
openapi: 3.2.0
info: {title: Pets, version: "1"}
paths:
  /pets:
    get: {responses: {200: {description: OK, content: {application/jsonl: {itemSchema: {$ref: '#/Pet'}}}}}}
    query:
      requestBody:
        content:
          application/json:
            schema: {type: object, properties: {kind: {type: string}, age: {type: integer}, limit: {type: integer}}}
      responses:
        200: {description: OK, content: {application/json: {schema: {type: array, items: {$ref: '#/Pet'}}}}}
    post:
      requestBody:
        required: true
        content:
          application/json-seq: {itemSchema: {$ref: '#/Pet'}}
          application/jsonl: {schema: {maxItems: 3}, itemSchema: {$ref: '#/Pet'}}
      responses: {201: {description: OK, content: {application/json-seq: {itemSchema: {$ref: '#/Pet'}}}}}
  /pets/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get:
      responses:
        200: {description: OK, content: {application/json: {schema: {$ref: '#/Pet'}}}}
        404: {description: none}
    additionalOperations:
      COPY:
        operationId: copyPet
        parameters: [{name: depth, in: query, schema: {type: integer}}]
        responses: {200: {description: OK, content: {application/json: {schema: {$ref: '#/Pet'}}}}}
      Wave: {responses: {200: {description: OK}}}
  /events:
    get:
      responses:
        200:
          description: OK
          content:
            text/event-stream:
              itemSchema: {$ref: '#/Event'}
              examples: {one: {dataValue: [{event: born, data: "a\\nb"}, {data: c, retry: 5}]}}
    post:
      requestBody: {required: true, content: {text/event-stream: {itemSchema: {$ref: '#/Event'}}}}
      responses: {204: {description: OK}}
  /numbers:
    post:
      requestBody: {required: true, content: {text/event-stream: {itemSchema: {type: integer}}}}
      responses: {204: {description: OK}}
  /found:
    get:
      parameters:
        - name: whole
          in: querystring
          required: true
          content:
            application/x-www-form-urlencoded:
              schema:
                type: object
                required: [size]
                properties: {size: {type: integer}, colour: {type: array, items: {enum: [red, blue]}}}
      responses: {204: {description: OK}}
components:
  schemas:
    Event:
      type: object
      required: [data]
      properties: {data: {type: string}, event: {type: string}, retry: {type: integer}}
    Pet:
      type: object
      required: [id, name]
      properties:
        id: {type: integer, readOnly: true}
        name: {type: string}
        kind: {type: string}
        age: {type: integer}
""".replace("#/Pet", "#/components/schemas/Pet").replace("#/Event", "#/components/schemas/Event")
LINES = b'{"name":"Rex","kind":"dog","age":5}\n\n{"name":"Minka","kind":"cat","age":3}\n'


@pytest.fixture
def api(tmp_path: Path) -> Path:
    (tmp_path / "api.yaml").write_text(DOCUMENT)
    return tmp_path / "api.yaml"


@pytest.fixture
def server(api: Path) -> MockService:
    mock = assemble(load(Sources(api)))
    assert send(mock, "POST", "/pets", LINES, "application/jsonl").status == 201
    return mock


def send(
    server: MockService, method: str, target: str, body: bytes = b"", media_type: str = "application/json"
) -> Answer:
    path, _, query = target.partition("?")
    headers = Headers({"Content-Type": media_type} if body else {})
    return server.handle(Request(method, path, query, headers, body, NOW))


def test_each_item_of_a_sequence_that_is_sent_is_remembered(server: MockService) -> None:
    answer = send(server, "GET", "/pets")
    assert answer.header("Content-Type") == "application/jsonl"
    assert [json.loads(line)["name"] for line in answer.body.splitlines()] == ["Rex", "Minka"]


def test_a_sequence_of_json_texts_has_a_separator_before_each(server: MockService) -> None:
    answer = send(server, "POST", "/pets", b'\x1e{"name":\n"Lea"}\n\x1e{"name":"Bo"}\n', "application/json-seq")
    assert answer.body == b'\x1e{"name":"Lea","id":3}\n\x1e{"name":"Bo","id":4}\n'


@pytest.mark.parametrize(
    ("body", "media_type", "why"),
    [
        (b'{"name":"Rex"}\n{"name":7}\n', "application/jsonl", "[1].name must be a string"),
        (b'{"name":"a"}\n' * 4, "application/jsonl", "must hold at most 3 items"),
        (b'\x1e{"name":"Rex"}\n\x1e{}\n', "application/json-seq", "[1].name is required"),
    ],
)
def test_an_item_that_does_not_fit_is_named(server: MockService, body: bytes, media_type: str, why: str) -> None:
    answer = send(server, "POST", "/pets", body, media_type)
    assert answer.status == 400
    assert why in json.loads(answer.body)["detail"]
    assert len(server.state()["pet"]) == 2


def test_an_item_that_is_no_json_is_named(server: MockService) -> None:
    answer = send(server, "POST", "/pets", b'{"name":"Rex"}\n{"name"\n', "application/jsonl")
    assert answer.status == 400
    assert "its item 2 is not valid JSON" in json.loads(answer.body)["detail"]


def test_events_are_answered_with_their_fields(server: MockService) -> None:
    assert send(server, "GET", "/events").body == b"event: born\ndata: a\ndata: b\n\ndata: c\nretry: 5\n\n"


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/events", b": hello\n\nevent: x\rdata: a\r\ndata\n\n", 204),
        ("/events", b"event: x\n\n", 400),
        ("/events", b"data: a\n\nid: 7\n\n", 400),
        ("/numbers", b"data: 1\n\ndata: 2\n\n", 204),
        ("/numbers", b"data: 1\n\ndata: x\n\n", 400),
    ],
)
def test_events_are_judged_as_such_or_by_what_they_hold(
    server: MockService, path: str, body: bytes, status: int
) -> None:
    assert send(server, "POST", path, body, "text/event-stream").status == status


@pytest.mark.parametrize(
    ("asked", "names"),
    [({"kind": "cat"}, ["Minka"]), ({"age": 5}, ["Rex"]), ({"limit": 1}, ["Rex"]), (None, ["Rex", "Minka"])],
)
def test_a_query_lists_what_its_body_asks_for(server: MockService, asked: Any, names: list[str]) -> None:
    answer = send(server, "QUERY", "/pets", json.dumps(asked).encode() if asked else b"")
    assert [pet["name"] for pet in json.loads(answer.body)] == names


def test_an_additional_operation_is_served_and_checked_like_every_other(server: MockService) -> None:
    assert send(server, "COPY", "/pets/1").status == 200
    assert send(server, "COPY", "/pets/9").status == 404
    assert send(server, "COPY", "/pets/1?depth=x").status == 400
    refused = send(server, "MOVE", "/pets/1")
    assert (refused.status, refused.header("Allow")) == (405, "GET, COPY, HEAD, OPTIONS")


def test_a_method_that_is_not_registered_is_left_out_and_the_place_is_told(api: Path) -> None:
    (left_out,) = load_contract(api).omitted_operations
    assert (left_out.method, left_out.path) == ("Wave", "/pets/{id}")
    assert "#/paths/~1pets~1{id}/additionalOperations/Wave" in str(left_out.problem)
    assert "the method Wave is not one that can be served" in str(left_out.problem)
    with pytest.raises(DocumentError, match="Wave"):
        load_contract(api, strict=True)


def test_what_is_inferred_of_an_additional_operation_can_be_changed_by_the_overlay_that_says_it(api: Path) -> None:
    said = overlay(load_contract(api, infer=False).document)
    assert "$.paths['/pets/{id}'].additionalOperations['COPY']" in said
    changed = api.with_name("overlay.yaml")
    changed.write_text(said.replace("by: $request.path.id\n", "by: $request.path.id\n        absent: accepted\n"))
    server = assemble(load(Sources(api, overlays=(changed,))))
    assert send(server, "COPY", "/pets/9").status == 200


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("size=3&colour=red&colour=blue", ""),
        ("size=x", "size must be an integer"),
        ("size=3&colour=green", "colour"),
        ("colour=red", "size is required"),
        ("", "whole is required in the query"),
    ],
)
def test_a_query_that_is_described_as_a_whole_is_judged_as_the_form_that_it_is(
    server: MockService, query: str, why: str
) -> None:
    answer = send(server, "GET", f"/found?{query}")
    assert answer.status == (400 if why else 204)
    assert why in answer.body.decode()


@pytest.mark.parametrize("broken", ["7", "[COPY]", "{COPY: 7}", "{GET: {responses: {}}}"])
def test_additional_operations_that_are_none_leave_the_rest_as_it_is(api: Path, broken: str) -> None:
    api.write_text(
        "openapi: 3.2.0\ninfo: {title: A, version: '1'}\npaths:\n"
        f"  /a: {{get: {{responses: {{200: {{description: OK}}}}}}, additionalOperations: {broken}}}\n"
    )
    assert [one.method for one in load_contract(api).operations] in (["GET"], [])


def report_of(url: str, api: Path, is_mock: bool, asked: Options) -> Report:
    client, contract = Client(url, ConnectionSettings(), Budget()), load_contract(api)
    environment = (
        environment_of_mock(contract, client, mocked(client, None), 1)
        if is_mock
        else environment_of(contract, client, TARGET, 1)
    )
    return Run(environment, asked, lambda text: None).report()


TARGET = Target({}, {})


@pytest.mark.repetitive
def test_a_mock_of_what_is_new_is_judged_and_not_accused(api: Path) -> None:
    with running_mock(str(api)) as mock:
        report = report_of(mock.url, api, True, Options(examples=12))
    assert report.failures == ()
    held = {clause.id for clause in report.clauses if clause.status is ClauseStatus.HELD}
    assert {"POST /pets.refused-when-invalid", "QUERY /pets.answers-as-documented"} <= held


@pytest.mark.parametrize(
    ("body", "is_right"),
    [(b'{"id":1,"name":"a"}\n', True), (b"", True), (b'{"id":"x","name":"a"}\n', False), (b"<a>\n", False)],
)
def test_a_server_whose_sequence_has_an_item_that_does_not_fit_is_accused(
    api: Path, body: bytes, is_right: bool
) -> None:
    app = Flask(__name__)
    app.add_url_rule("/pets", "pets", lambda: Response(body, content_type="application/jsonl"))
    with serving(app) as url:
        report = report_of(url, api, False, Options(("clauses",), clauses=("GET /pets.answers-as-documented",)))
    assert {failure.clause for failure in report.failures} == (
        set() if is_right else {"GET /pets.answers-as-documented"}
    )


# What 3.2 adds to 3.1, each in a document that is sound by the schema of 3.2: members of the root, of an operation, of
# its success and of the components.
ADDITIONS: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any], dict[str, Any]]] = {
    "$self": ({"$self": "https://example.com/api.yaml"}, {}, {}, {}),
    "the name of a server": ({"servers": [{"url": "/", "name": "here"}]}, {}, {}, {}),
    "tags in a tree": (
        {"tags": [{"name": "a", "summary": "A", "kind": "nav"}, {"name": "b", "parent": "a"}]},
        {},
        {},
        {},
    ),
    "the summary of a response": ({}, {}, {"summary": "short"}, {}),
    "a parameter in the style cookie": (
        {},
        {"parameters": [{"name": "c", "in": "cookie", "style": "cookie", "schema": {"type": "string"}}]},
        {},
        {},
    ),
    "a serialized parameter": (
        {},
        {"parameters": [{"name": "q", "in": "query", "schema": {}, "examples": {"x": {"serializedValue": "q=1"}}}]},
        {},
        {},
    ),
    "events": ({}, {}, {"content": {"text/event-stream": {"itemSchema": {"type": "object"}}}}, {}),
    "a mixed body": (
        {},
        {"requestBody": {"content": {"multipart/mixed": {"itemSchema": {}, "itemEncoding": {"contentType": "a/b"}}}}},
        {},
        {},
    ),
    "media types": ({}, {}, {}, {"mediaTypes": {"m": {"schema": {"type": "object"}}}}),
    "the device flow": (
        {},
        {},
        {},
        {
            "securitySchemes": {
                "o": {
                    "type": "oauth2",
                    "deprecated": True,
                    "oauth2MetadataUrl": "https://example.com/m",
                    "flows": {
                        "deviceAuthorization": {
                            "deviceAuthorizationUrl": "https://example.com/d",
                            "tokenUrl": "https://example.com/t",
                            "scopes": {},
                        }
                    },
                }
            }
        },
    ),
}


@pytest.mark.parametrize(("root", "operation", "success", "components"), ADDITIONS.values(), ids=ADDITIONS)
def test_a_document_with_what_3_2_adds_is_sound(
    tmp_path: Path, root: dict[str, Any], operation: dict[str, Any], success: dict[str, Any], components: dict[str, Any]
) -> None:
    assert [str(problem) for problem in check(written(tmp_path, root, operation, success, components)).problems] == []


@pytest.mark.parametrize("version", ["3.1.0", "3.2.0"])
def test_what_3_2_adds_is_unknown_to_3_1_and_nonsense_to_both(tmp_path: Path, version: str) -> None:
    root = {"openapi": version, "tags": [{"name": "a", "kind": "nav", "zzz": "nav"}]}
    (problem,) = check(written(tmp_path, root, {}, {}, {})).problems
    assert ("kind" in str(problem), "zzz" in str(problem)) == (version == "3.1.0", True)


@pytest.mark.parametrize("uri", ["#/components/securitySchemes/o", "shared.json#/o", "#/x-schemes/o"])
def test_a_security_requirement_may_name_its_scheme_by_a_uri(tmp_path: Path, uri: str) -> None:
    scheme = {"type": "http", "scheme": "bearer"}
    (tmp_path / "shared.json").write_text(json.dumps({"o": scheme}))
    root = {"security": [{uri: []}], "x-schemes": {"o": scheme}}
    path = written(tmp_path, root, {}, {}, {"securitySchemes": {"o": scheme}})
    assert list(check(path).problems) == []
    mock = assemble(load(Sources(path)))
    assert mock.handle(Request("GET", "/a", "", Headers({}), b"", NOW)).status == 401


def written(
    folder: Path, root: dict[str, Any], operation: dict[str, Any], success: dict[str, Any], components: dict[str, Any]
) -> Path:
    described = {"description": "OK"} if root.get("openapi") == "3.1.0" else {}
    method = "post" if "requestBody" in operation else "get"
    document = {
        "openapi": "3.2.0",
        "info": {"title": "A", "version": "1"},
        "paths": {"/a": {method: {**operation, "responses": {"200": {**described, **success}}}}},
        "components": components,
    }
    path = folder / "api.json"
    path.write_text(json.dumps(document | root))
    return path


NOTE = {
    "type": "object",
    "required": ["id", "text"],
    "properties": {"id": {"type": "integer", "readOnly": True}, "text": {"type": "string"}},
}
DATA = {"type": "string", "contentMediaType": "application/json", "contentSchema": NOTE}
WRAPPED = {"type": "object", "required": ["data"], "properties": {"data": DATA, "event": {"type": "string"}}}


def notes_as(item: Any, **more: Any) -> dict[str, Any]:
    note = {"description": "OK", "content": {"application/json": {"schema": NOTE}}}
    listed = {"description": "OK", "content": {"text/event-stream": {"itemSchema": item, **more}}}
    by_id = [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}]
    return {
        "openapi": "3.2.0",
        "info": {"title": "Notes", "version": "1"},
        "components": {"schemas": {"Wrapped": WRAPPED}},
        "paths": {
            "/notes": {
                "get": {"responses": {"200": listed}},
                "post": {
                    "requestBody": {"content": {"application/json": {"schema": NOTE}}},
                    "responses": {"201": note},
                },
            },
            "/notes/{id}": {"parameters": by_id, "get": {"responses": {"200": note, "404": {"description": "no"}}}},
        },
    }


@pytest.mark.parametrize(
    ("item", "more", "is_list"),
    [
        (WRAPPED, {}, True),
        ({"$ref": "#/components/schemas/Wrapped"}, {}, True),
        (NOTE, {}, True),
        ({**WRAPPED, "required": ["data", "event"]}, {}, False),
        ({**WRAPPED, "properties": {"data": DATA, "event": {"const": "note"}}}, {}, False),
        ({**WRAPPED, "properties": {"data": {**DATA, "contentMediaType": "text/csv"}}}, {}, False),
        (WRAPPED, {"example": [{"event": "shown", "data": "{}"}]}, False),
    ],
)
def test_events_that_hold_items_as_json_and_demand_nothing_else_are_a_list_of_them(
    item: Any, more: dict[str, Any], is_list: bool
) -> None:
    mock = lookalike.Mock(lookalike.load(notes_as(item, **more)))
    sent = Request("POST", "/notes", "", Headers({"content-type": "application/json"}), b'{"text": "hi"}')
    assert mock.handle(sent).status == 201
    streamed = mock.handle(Request("GET", "/notes", "", Headers({}), b"")).body
    assert (b'"text":"hi"' in streamed) is is_list
