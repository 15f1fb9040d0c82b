"""Documents of every version say the same, and what is wrong with them is told where its author wrote it."""

import json
from pathlib import Path
from typing import Any

import pytest

from lookalike.contract.reader import load_contract
from lookalike.errors import DocumentError
from lookalike.openapi.document import Document, parse_document
from lookalike.openapi.load import normalized
from lookalike.schema.validator import Schemas
from lookalike.soundness import check

SWAGGER = """\
swagger: "2.0"
info: {title: Shelf, version: "1"}
host: shelf.example.com
basePath: /v1
schemes: [https]
consumes: [application/json]
produces: [application/json]
securityDefinitions:
  key: {type: apiKey, name: X-Key, in: header}
  basic: {type: basic}
  oauth: {type: oauth2, flow: accessCode, authorizationUrl: "https://a", tokenUrl: "https://t", scopes: {read: Read}}
parameters:
  limit: {name: limit, in: query, type: integer, minimum: 1, exclusiveMinimum: true}
  book:
    name: book
    in: body
    required: true
    schema: {$ref: "#/definitions/Book"}
responses:
  Missing: {description: Gone, schema: {$ref: "#/definitions/Error"}}
definitions:
  Book:
    type: object
    discriminator: kind
    required: [title]
    properties:
      title: {type: string, x-nullable: true, example: Emma}
      cover: {type: file}
  Error: {type: object}
paths:
  /books:
    get:
      parameters:
        - $ref: "#/parameters/limit"
        - {name: ids, in: query, type: array, items: {type: integer}, collectionFormat: pipes}
        - {name: tags, in: query, type: array, items: {type: string}, collectionFormat: multi}
      responses:
        200:
          description: OK
          schema: {type: array, items: {$ref: "#/definitions/Book"}}
          headers: {X-Total: {type: integer, description: How many}}
          examples: {application/json: [{title: Emma}]}
        404: {$ref: "#/responses/Missing"}
    post:
      consumes: [application/xml]
      parameters: [{$ref: "#/parameters/book"}]
      responses: {201: {description: Made}}
  /covers/{id}:
    parameters:
      - {name: id, in: path, required: true, type: string}
    put:
      consumes: [multipart/form-data]
      parameters:
        - {name: image, in: formData, type: file, required: true}
        - {name: sizes, in: formData, type: array, items: {type: integer}, collectionFormat: multi}
      responses: {204: {description: Put}}
"""


def upgraded(text: str, name: str = "api.yaml") -> Document:
    return normalized(parse_document(text, name))


def at(document: Document, pointer: str) -> Any:
    return document.lookup("#" + pointer)


OF_SWAGGER: dict[str, tuple[str, Any]] = {
    "servers": ("/servers", [{"url": "https://shelf.example.com/v1"}]),
    "api keys": ("/components/securitySchemes/key", {"type": "apiKey", "name": "X-Key", "in": "header"}),
    "basic": ("/components/securitySchemes/basic", {"type": "http", "scheme": "basic"}),
    "flows": (
        "/components/securitySchemes/oauth/flows",
        {"authorizationCode": {"authorizationUrl": "https://a", "tokenUrl": "https://t", "scopes": {"read": "Read"}}},
    ),
    "parameters": (
        "/components/parameters/limit",
        {"name": "limit", "in": "query", "schema": {"type": "integer", "exclusiveMinimum": 1}},
    ),
    "references to parameters": ("/paths/~1books/get/parameters/0", {"$ref": "#/components/parameters/limit"}),
    "separators": (
        "/paths/~1books/get/parameters/1",
        {
            "name": "ids",
            "in": "query",
            "style": "pipeDelimited",
            "explode": False,
            "schema": {"type": "array", "items": {"type": "integer"}},
        },
    ),
    "repeated parameters": ("/paths/~1books/get/parameters/2/explode", True),
    "shared parameters": (
        "/paths/~1covers~1{id}/parameters/0",
        {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}},
    ),
    "shared bodies in the media types of their operation": (
        "/paths/~1books/post/requestBody",
        {"required": True, "content": {"application/xml": {"schema": {"$ref": "#/components/schemas/Book"}}}},
    ),
    "forms": (
        "/paths/~1covers~1{id}/put/requestBody/content/multipart~1form-data",
        {
            "schema": {
                "type": "object",
                "required": ["image"],
                "properties": {
                    "image": {"type": "string", "format": "binary", "contentMediaType": "application/octet-stream"},
                    "sizes": {"type": "array", "items": {"type": "integer"}},
                },
            },
            "encoding": {"sizes": {"style": "form", "explode": True}},
        },
    ),
    "answers": (
        "/paths/~1books/get/responses/200/content/application~1json",
        {
            "schema": {"type": "array", "items": {"$ref": "#/components/schemas/Book"}},
            "example": [{"title": "Emma"}],
        },
    ),
    "shared answers": ("/paths/~1books/get/responses/404", {"$ref": "#/components/responses/Missing"}),
    "headers": (
        "/paths/~1books/get/responses/200/headers/X-Total",
        {"description": "How many", "schema": {"type": "integer"}},
    ),
    "discriminators": ("/components/schemas/Book/discriminator", {"propertyName": "kind"}),
    "nullable members": (
        "/components/schemas/Book/properties/title",
        {"type": ["string", "null"], "examples": ["Emma"]},
    ),
}


@pytest.mark.parametrize(("pointer", "value"), OF_SWAGGER.values(), ids=OF_SWAGGER)
def test_swagger_2_is_read_in_terms_of_3_1(pointer: str, value: Any) -> None:
    assert at(upgraded(SWAGGER), pointer) == value


# A place in terms of 3.1, and what stands at the place of the text that it leads back to.
WRITTEN = {
    "/components/schemas/Book/properties/cover": "cover: {type: file}",
    "/components/schemas/Book/properties/title/examples/0": "example: Emma",
    "/components/parameters/limit/schema/exclusiveMinimum": "exclusiveMinimum: true",
    "/components/responses/Missing/content/application~1json/schema": "schema: {$ref",
    "/components/securitySchemes/basic": "basic: {type: basic}",
    "/paths/~1books/get/parameters/1/schema/items": "items: {type: integer}, collectionFormat: pipes",
    "/paths/~1books/post/requestBody": '{$ref: "#/parameters/book"}',
    "/paths/~1covers~1{id}/put/requestBody/content/multipart~1form-data/schema/properties/sizes": "{name: sizes",
    "/paths/~1books/get/responses/200/content/application~1json/example/0": "{title: Emma}",
    "/paths/~1books/get/responses/200/headers/X-Total/schema/type": "type: integer, description",
    "/openapi": "swagger:",
}


@pytest.mark.parametrize(("pointer", "text"), WRITTEN.items(), ids=WRITTEN)
def test_a_place_leads_back_to_what_its_author_wrote(pointer: str, text: str) -> None:
    location = upgraded(SWAGGER).locate([token.replace("~1", "/") for token in pointer.split("/")[1:]])
    assert SWAGGER.splitlines()[location.line - 1][location.column - 1 :].startswith(text)
    assert parse_document(SWAGGER, "api.yaml").lookup("#" + location.pointer) is not None


# A schema of 3.0, and values that it takes and does not take.
OF_3_0: dict[str, tuple[str, list[Any], list[Any]]] = {
    "null where it may be": ("{type: string, nullable: true}", ["a", None], [1]),
    "no null where nothing says what else may be": ("{nullable: true, enum: [a]}", ["a"], [None]),
    "null beside an enum that lacks it": ("{type: string, nullable: true, enum: [a]}", ["a", None], ["b", 1]),
    "null or what a reference describes": (
        "{nullable: true, allOf: [{$ref: '#/components/schemas/Text'}]}",
        ["a", None],
        [1],
    ),
    "null beside a type and around a reference": (
        "{nullable: true, type: string, allOf: [{$ref: '#/components/schemas/Text'}]}",
        ["a", None],
        [1],
    ),
    "null beside a reference": ("{$ref: '#/components/schemas/Text', nullable: true}", ["a", None], [1]),
    "null beside alternatives": (
        "{nullable: true, anyOf: [{type: string}, {$ref: '#/components/schemas/Text'}]}",
        ["a", None],
        [1],
    ),
    "null beside one of several": ("{nullable: true, oneOf: [{type: string}, {type: integer}]}", ["a", 1, None], [1.5]),
    "no null elsewhere": ("{type: string, nullable: false}", ["a"], [None]),
    "limits that are left out": ("{type: number, minimum: 1, exclusiveMinimum: true}", [1.1], [1]),
    "limits that are not": ("{type: number, maximum: 1, exclusiveMaximum: false}", [1], [1.1]),
    "what is beside a reference does not count": ("{$ref: '#/components/schemas/Text', maxLength: 1}", ["abc"], [1]),
    "members of that name are members": (
        "{type: object, properties: {nullable: {type: boolean}, example: {type: string}}}",
        [{"nullable": True, "example": "x"}],
        [{"nullable": "x"}, {"example": 1}],
    ),
    "examples are not schemas": ("{type: object, example: {nullable: true, type: string}}", [{}], [1]),
    "a format of two types": ("{type: string, format: int-or-string}", ["http", 80], [1.5]),
    "inside of others": ("{type: array, items: {type: integer, nullable: true}}", [[None, 1]], [["a"]]),
}


@pytest.mark.parametrize(("schema", "taken", "refused"), OF_3_0.values(), ids=OF_3_0)
def test_a_schema_of_3_0_takes_what_3_0_says(schema: str, taken: list[Any], refused: list[Any]) -> None:
    text = "openapi: 3.0.3\ninfo: {title: A, version: '1'}\npaths: {}\n"
    text += f"components:\n  schemas:\n    Text: {{type: string}}\n    It: {schema}\n"
    compiled = Schemas(upgraded(text).data).at("components", "schemas", "It")
    assert [compiled.accepts(value) for value in (*taken, *refused)] == [True] * len(taken) + [False] * len(refused)


def test_who_sets_a_value_counts_beside_a_reference_of_3_0() -> None:
    text = (
        "openapi: 3.0.3\ninfo: {title: A, version: '1'}\npaths: {}\ncomponents:\n  schemas:\n    Text: {type: string}\n"
    )
    text += "    It: {$ref: '#/components/schemas/Text', readOnly: true, default: a, description: b, maxLength: 1}\n"
    it = upgraded(text).data["components"]["schemas"]["It"]
    assert it == {"$ref": "#/components/schemas/Text", "readOnly": True, "default": "a"}


def test_webhooks_that_3_0_has_as_an_extension_are_webhooks() -> None:
    text = (
        "openapi: 3.0.3\ninfo: {title: A, version: '1'}\npaths: {}\nx-webhooks:\n  sold:\n    post: {responses: {}}\n"
    )
    document = upgraded(text)
    assert document.data["webhooks"] == {"sold": {"post": {"responses": {}}}}
    assert document.locate(("webhooks", "sold", "post")).line == 6


def test_examples_of_media_types_and_defaults_stay_as_they_are() -> None:
    text = """\
openapi: 3.0.0
info: {title: A, version: "1"}
paths:
  /a:
    post:
      requestBody: {content: {application/json: {example: {nullable: true}, schema: {default: {nullable: true}}}}}
      responses: {200: {description: OK}}
"""
    media = at(upgraded(text), "/paths/~1a/post/requestBody/content/application~1json")
    assert media == {"example": {"nullable": True}, "schema": {"default": {"nullable": True}}}


def test_3_2_is_read_with_what_it_adds() -> None:
    text = """\
openapi: 3.2.0
info: {title: A, version: "1"}
paths:
  /a:
    query:
      responses:
        200:
          content:
            application/jsonl: {$ref: "#/components/mediaTypes/Lines"}
components:
  mediaTypes:
    Lines:
      itemSchema: {type: integer}
      examples: {one: {dataValue: [1, 2]}}
"""
    document = upgraded(text)
    media = at(document, "/paths/~1a/query/responses/200/content/application~1jsonl")
    assert media["schema"] == {"type": "array", "items": {"type": "integer"}}
    assert media["examples"] == {"one": {"value": [1, 2]}}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("openapi: 4.0.0", "version 4.0.0 is not supported; supported are 2.0, 3.0, 3.1, 3.2"),
        ("swagger: '1.2'", "version 1.2 is not supported"),
        ("a: 1", "openapi is missing"),
        ("[]", "an OpenAPI document is an object"),
    ],
)
def test_a_document_of_a_version_that_is_not_supported_is_refused(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "api.yaml").write_text(text)
    with pytest.raises(DocumentError) as refused:
        load_contract(tmp_path / "api.yaml")
    assert words in str(refused.value)
    assert str(tmp_path / "api.yaml:1:1") in str(refused.value)


def test_what_the_published_schema_of_2_0_has_against_a_document_is_told(tmp_path: Path) -> None:
    (tmp_path / "api.yaml").write_text(SWAGGER)
    (problem,) = check(tmp_path / "api.yaml").problems
    assert str(problem.location) == f"{tmp_path / 'api.yaml'}:28:15 (#/definitions/Book/properties/cover/type)"
    assert "type must be one of" in problem.what  # a file is a type of responses and of fields of forms alone


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0", "3.2.0"])
@pytest.mark.parametrize(
    ("schema", "taken", "refused"),
    [
        ("{type: integer, format: int32}", [2**31 - 1, -(2**31)], [2**31, -(2**31) - 1]),
        ("{type: integer, format: int64, minimum: 0}", [0, 2**63 - 1], [-1, 2**63]),
        ("{type: integer, format: int32, maximum: 9999999999}", [2**31 - 1], [2**31]),
        ("{type: string, format: int64}", ["9" * 30], [1]),
    ],
)
def test_a_number_format_is_a_range(version: str, schema: str, taken: list[Any], refused: list[Any]) -> None:
    text = (
        f"openapi: {version}\ninfo: {{title: N, version: '1'}}\npaths: {{}}\ncomponents: {{schemas: {{N: {schema}}}}}"
    )
    found = Schemas(upgraded(text).data).at("components", "schemas", "N")
    assert all(map(found.accepts, taken))
    assert not any(map(found.accepts, refused))


INTO_PATHS = """\
swagger: "2.0"
info: {title: Shelf, version: "1"}
consumes: [application/json]
produces: [application/json]
paths:
  /books:
    get:
      parameters: [{name: limit, in: query, type: integer, minimum: 1}]
      responses:
        200:
          description: OK
          schema: {type: array, items: {type: object, required: [title], properties: {title: {type: string}}}}
        404: {description: none, schema: {type: object, required: [why], properties: {why: {type: string}}}}
    post:
      parameters:
        - {name: book, in: body, required: true, schema: {$ref: '#/paths/~1books/get/responses/200/schema/items'}}
      responses:
        201: {description: OK, schema: {$ref: '#/paths/~1books/get/responses/200/schema/items'}}
        404: {$ref: '#/paths/~1books/get/responses/404'}
  /papers%7B/{id}:
    parameters: [{name: id, in: path, type: string, required: true}]
    get:
      parameters: [{$ref: '#/paths/~1books/get/parameters/0'}]
      responses: {200: {description: OK, schema: {$ref: '#/paths/~1books/get/responses/200/schema'}}}
    put:
      parameters: [{$ref: '#/paths/~1books/post/parameters/0'}]
      responses: {200: {description: OK, schema: {$ref: '#/paths/~1books/post/parameters/0/schema'}}}
"""
INTO_PATHS_3 = """\
openapi: VERSION
info: {title: Shelf, version: "1"}
paths:
  /books:
    get:
      parameters: [{name: limit, in: query, schema: {type: integer, minimum: 1}}]
      responses:
        200:
          description: OK
          content:
            application/json:
              schema: {type: array, items: {type: object, required: [title], properties: {title: {type: string}}}}
        404: {description: none, content: {application/json: {schema: {type: object, required: [why]}}}}
    post:
      requestBody:
        required: true
        content:
          application/json:
            schema: {$ref: '#/paths/~1books/get/responses/200/content/application~1json/schema/items'}
      responses:
        201:
          description: OK
          content:
            application/json:
              schema: {$ref: '#/paths/~1books/post/requestBody/content/application~1json/schema'}
        404: {$ref: '#/paths/~1books/get/responses/404'}
  /papers%7B/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get:
      parameters: [{$ref: '#/paths/~1books/get/parameters/0'}]
      responses: {200: {$ref: '#/paths/~1books/get/responses/200'}}
    put:
      requestBody: {$ref: '#/paths/~1books/post/requestBody'}
      responses: {200: {$ref: '#/paths/~1books/post/responses/201'}}
"""


@pytest.mark.parametrize(
    "text", [INTO_PATHS, *(INTO_PATHS_3.replace("VERSION", version) for version in ("3.0.3", "3.1.0", "3.2.0"))]
)
def test_references_into_paths_lead_to_what_stands_there(tmp_path: Path, text: str) -> None:
    (tmp_path / "api.yaml").write_text(text)
    assert check(tmp_path / "api.yaml").problems == ()
    contract = load_contract(tmp_path / "api.yaml", strict=True)
    _, post, get, put = contract.operations
    for operation in (post, put):
        assert operation.body is not None
        schema = operation.body.first.schema
        assert schema is not None
        assert (schema.accepts({"title": "Emma"}), schema.accepts({})) == (True, False)
    assert post.responses["404"].schema is not None
    assert not post.responses["404"].schema.accepts({})
    listed, shown = get.responses["200"].schema, put.responses["200"].schema
    assert listed is not None
    assert shown is not None
    assert (listed.accepts([{"title": "Emma"}]), listed.accepts([{}])) == (True, False)
    assert (shown.accepts({"title": "Emma"}), shown.accepts({})) == (True, False)
    limit = get.parameters["query", "limit"].schema
    assert limit is not None
    assert (limit.accepts({"limit": 1}), limit.accepts({"limit": 0})) == (True, False)


def test_what_is_wrong_behind_such_a_reference_is_told_where_it_stands(tmp_path: Path) -> None:
    text = INTO_PATHS.replace("required: [why]", "required: why")
    (tmp_path / "api.yaml").write_text(text)
    problems = check(tmp_path / "api.yaml").problems
    places = {str(problem.location).partition(" ")[2] for problem in problems}
    assert "(#/paths/~1books/get/responses/404/schema/required)" in places
    assert all(place.startswith("(#/paths/~1books/get/responses/404") for place in places)


def test_references_into_what_3_2_adds_lead_to_what_stands_there(tmp_path: Path) -> None:
    (tmp_path / "api.yaml").write_text(
        """\
openapi: 3.2.0
info: {title: A, version: "1"}
paths:
  /a:
    additionalOperations:
      COPY: {responses: {200: {description: OK, content: {application/jsonl: {itemSchema: {type: integer}}}}}}
    get:
      responses:
        200: {$ref: '#/paths/~1a/additionalOperations/COPY/responses/200'}
        201:
          description: OK
          content:
            application/json:
              schema: {$ref: '#/paths/~1a/additionalOperations/COPY/responses/200/content/JSONL/itemSchema'}
""".replace("JSONL", "application~1jsonl")
    )
    get = next(one for one in load_contract(tmp_path / "api.yaml", strict=True).operations if one.method == "GET")
    for status, value in (("200", [1]), ("201", 1)):
        schema = get.responses[status].schema
        assert schema is not None
        assert (schema.accepts(value), schema.accepts("x")) == (True, False)


@pytest.mark.parametrize("name", ["Copy", "FOO", "FOO_BAR", "COPYING"])
def test_what_refers_to_an_additional_operation_that_is_not_served_is_served(tmp_path: Path, name: str) -> None:
    content = {"application/json": {"schema": {"type": "integer"}}}
    answer = {"200": {"description": "OK", "content": content}}
    place = f"#/paths/~1a/additionalOperations/{name}/responses/200/content/application~1json/schema"
    schemas = {"Size": {"type": "integer"}}
    refers = {"200": {"description": "OK", "content": {"application/json": {"schema": {"$ref": place}}}}}
    paths = {"/a": {"additionalOperations": {name: {"responses": answer}}, "get": {"responses": refers}}}
    data = {
        "openapi": "3.2.0",
        "info": {"title": "A", "version": "1"},
        "paths": paths,
        "components": {"schemas": schemas},
    }
    (tmp_path / "api.json").write_text(json.dumps(data))
    (get,) = load_contract(tmp_path / "api.json").operations
    schema = get.responses["200"].schema
    assert schema is not None
    assert (schema.accepts(1), schema.accepts("x")) == (True, False)


def test_a_reference_into_a_schema_beside_that_of_its_items_leads_there(tmp_path: Path) -> None:
    schema = {"type": "array", "items": {"type": "integer"}}
    sent = {"application/jsonl": {"schema": schema, "itemSchema": {"minimum": 3}}}
    place = "#/paths/~1a/post/requestBody/content/application~1jsonl/schema/items"
    answer = {"200": {"description": "OK", "content": {"application/json": {"schema": {"$ref": place}}}}}
    post = {"requestBody": {"content": sent}, "responses": answer}
    data = {"openapi": "3.2.0", "info": {"title": "A", "version": "1"}, "paths": {"/a": {"post": post}}}
    (tmp_path / "api.json").write_text(json.dumps(data))
    (operation,) = load_contract(tmp_path / "api.json", strict=True).operations
    answered = operation.responses["200"].schema
    assert operation.body is not None
    judged = operation.body.first.schema
    assert answered is not None
    assert judged is not None
    assert (answered.accepts(1), answered.accepts("x")) == (True, False)
    assert [judged.accepts(value) for value in ([3], [1], ["x"])] == [True, False, False]


OF_BOTH = """\
openapi: "3.0.3"
info: {title: Shop, version: "1"}
securityDefinitions: {token: {type: apiKey, name: X-Token, in: header}}
components: {schemas: {Book: {type: object, properties: {title: {type: string}}}}}
paths:
  /books:
    get:
      parameters: [{name: limit, in: query, type: integer}]
      responses:
        "200": {description: OK, schema: {type: array, items: {$ref: "#/components/schemas/Book"}}}
        "400":
          description: Wrong
          headers: {X-Why: {schema: {type: string}}}
          content: {application/json: {schema: {type: object}}}
    post:
      parameters: [{name: book, in: body, required: true, schema: {$ref: "#/components/schemas/Book"}}]
      responses: {"201": {description: Made}}
  /covers:
    post:
      parameters: [{name: cover, in: formData, type: file, required: true}]
      responses: {"200": {description: OK}}
"""


def test_operations_that_are_written_as_in_2_0_mean_in_a_document_of_3_what_they_mean_in_2_0() -> None:
    data = normalized(parse_document(OF_BOTH, "shop.yaml")).data
    book, listed = {"$ref": "#/components/schemas/Book"}, data["paths"]["/books"]["get"]
    assert listed["parameters"] == [{"name": "limit", "in": "query", "schema": {"type": "integer"}}]
    shown = {status: one["content"]["application/json"]["schema"] for status, one in listed["responses"].items()}
    assert shown == {"200": {"type": "array", "items": book}, "400": {"type": "object"}}
    assert listed["responses"]["400"]["headers"] == {"X-Why": {"schema": {"type": "string"}}}
    sent = data["paths"]["/books"]["post"]["requestBody"]
    assert sent == {"required": True, "content": {"application/json": {"schema": book}}}
    assert [*data["paths"]["/covers"]["post"]["requestBody"]["content"]] == ["multipart/form-data"]
    assert data["components"]["securitySchemes"]["token"]["name"] == "X-Token"


def test_what_is_wrong_in_an_operation_of_2_0_is_told_where_it_is_written_in_a_document_of_3(tmp_path: Path) -> None:
    (tmp_path / "api.yaml").write_text(OF_BOTH.replace("schema: {type: array,", "schema: {type: arrow,"))
    problems = [one for one in check(tmp_path / "api.yaml").problems if "type must be" in one.what]
    assert [one.location and one.location.line for one in problems] == [10]


def test_the_parameters_of_a_router_are_read_as_those_of_openapi() -> None:
    paths: dict[str, Any] = {
        "/users/:id/pets/:pet_id": {"get": {}},
        "/users/:id": {"get": {}},
        "/users/{id}": {"get": {}},
    }
    paths |= {"/jobs:run": {"get": {}}, "/jobs/:": {"get": {}}}
    written = json.dumps({"openapi": "3.1.0", "info": {"title": "", "version": ""}, "paths": paths}, indent=1)
    document = normalized(parse_document(written, "app.json"))
    assert [*document.data["paths"]] == [
        "/users/{id}/pets/{pet_id}",
        "/users/:id",
        "/users/{id}",
        "/jobs:run",
        "/jobs/:",
    ]
    (notice,) = document.notices
    assert (
        notice.what
        == "OpenAPI has no parameters like :id; /users/:id/pets/:pet_id is read as /users/{id}/pets/{pet_id}"
    )
    assert notice.location is not None
    assert notice.location.line == document.locate(("paths", "/users/{id}/pets/{pet_id}")).line == 8
