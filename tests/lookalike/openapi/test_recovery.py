"""Of a broken document what is sound is served, and everything that is wrong is told with its place."""

import copy
import functools
import json
import operator
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from lookalike.contract.reader import load_contract
from lookalike.errors import DocumentError
from lookalike.http import Headers, Request, Response
from lookalike.model.behaviour import Model
from lookalike.soundness import check
from lookalike.stores.memory import MemoryStore
from tests.support.running import run_command, running_mock

HEAD = """\
openapi: 3.1.0
info: {title: Shelf, version: "1"}
paths:
  /sound:
    get:
      parameters: [{name: n, in: query, schema: {$ref: '#/components/schemas/Number'}}]
      responses: {'200': {description: OK, content: {application/json: {schema: {type: array}, example: []}}}}
"""
COMPONENTS = "components:\n  schemas:\n    Number: {type: integer}\n"
OK = "responses: {'200': {description: OK}}"


def doubled(count: int) -> str:
    """Schemas of which each refers twice to the one before it."""
    keywords = ("allOf", "anyOf", "oneOf")
    below = [f"{{$ref: '#/components/schemas/S{number}'}}" for number in range(count)]
    return "".join(
        f"    S{number + 1}: {{{keywords[number % 3]}: [{ref}, {{allOf: [{ref}]}}]}}\n"
        for number, ref in enumerate(below)
    )


def chained(count: int) -> str:
    """Schemas each of which refers to the next one, from S0 to a number."""
    keywords = ("allOf: [%s]", "anyOf: [%s]", "not: %s", "if: %s", "dependentSchemas: {a: %s}")
    return "".join(
        f"    S{number}: {{{keywords[number % 5]}}}\n" % f"{{$ref: '#/components/schemas/S{number + 1}'}}"
        for number in range(count)
    )


# A second path, and more components; what leaves its operation out, and words of why.
LEAVING_OUT: dict[str, tuple[str, str, str]] = {
    "a reference to nothing": (
        f"  /b: {{get: {{parameters: [{{$ref: '#/components/parameters/No'}}], {OK}}}}}",
        "",
        "points nowhere",
    ),
    "a reference to nothing further on": (
        f"  /b: {{post: {{requestBody: {{$ref: '#/components/requestBodies/B'}}, {OK}}}}}",
        (
            "    C: {allOf: [{$ref: '#/components/schemas/Num'}]}\n"
            "  requestBodies: {B: {content: {application/json: {schema: {items: {$ref: '#/components/schemas/C'}}}}}}"
        ),
        "Did you mean #/components/schemas/Number?",
    ),
    "a reference to a thing of another kind": (
        f"  /b: {{get: {{parameters: [{{$ref: '#/components/schemas/Number'}}], {OK}}}}}",
        "",
        "is a schema, not a parameter",
    ),
    "a schema that leads to another in too many ways": (
        f"  /b: {{get: {{parameters: [{{name: a, in: query, schema: {{$ref: '#/components/schemas/S40'}}}}], {OK}}}}}",
        doubled(40) + "    S0: {type: integer}",
        "this schema applies others to one value in more than 10,000 ways",
    ),
    "a schema that leads to others in a long chain": (
        f"  /b: {{get: {{parameters: [{{name: a, in: query, schema: {{$ref: '#/components/schemas/S0'}}}}], {OK}}}}}",
        chained(3000) + "    S3000: {type: integer}",
        "(#/components/schemas/S2950): this schema applies others to one value in more than 100 levels",
    ),
    "a reference without its slash": (
        f"  /b: {{get: {{parameters: [{{name: a, in: query, schema: {{$ref: '#components/Number'}}}}], {OK}}}}}",
        "",
        "neither a JSON Pointer nor a known anchor. Write a reference like #/",
    ),
    "a reference to a text": (
        f"  /b: {{get: {{parameters: [{{$ref: '#/info/title'}}], {OK}}}}}",
        "",
        "is not a parameter",
    ),
    "a parameter without a name": (
        f"  /b: {{get: {{parameters: [{{in: query}}], {OK}}}}}",
        "",
        "this parameter has no name",
    ),
    "a parameter of nowhere": (
        f"  /b: {{get: {{parameters: [{{name: a, in: boddy}}], {OK}}}}}",
        "",
        "in must be one of path, query, header, cookie",
    ),
    "parameters of a path": (f"  /b: {{parameters: [{{in: query}}], get: {{{OK}}}}}", "", "this parameter has no name"),
    "parameters that are no list": (f"  /b: {{get: {{parameters: {{a: 1}}, {OK}}}}}", "", "must be an array"),
    "a body that is none": (f"  /b: {{post: {{requestBody: [], {OK}}}}}", "", "requestBody must be an object"),
    "an operation that is none": ("  /b: {get: soon}", "", "get must be an object"),
}


def document(folder: Path, paths: str, components: str = "") -> Path:
    path = folder / "api.yaml"
    path.write_text(f"{HEAD}{paths}\n{COMPONENTS}{components}\n")
    return path


@pytest.mark.parametrize(("paths", "components", "words"), LEAVING_OUT.values(), ids=LEAVING_OUT)
def test_what_cannot_be_served_is_left_out_with_its_place_and_nothing_else_is(
    tmp_path: Path, paths: str, components: str, words: str
) -> None:
    path = document(tmp_path, paths, components)
    contract = load_contract(path)
    (left_out,) = contract.omitted_operations
    assert (left_out.path, words in str(left_out.problem)) == ("/b", True), left_out
    assert left_out.problem.location is not None
    assert left_out.problem.location.line > 1
    assert [operation.path for operation in contract.operations] == ["/sound"]
    assert any(words in str(problem) for problem in check(path).problems)
    with pytest.raises(DocumentError, match=r"api\.yaml:\d+:\d+ \(#/"):
        load_contract(path, strict=True)


@pytest.mark.parametrize("broken", ["{$ref: '#/components/schemas/C'}", "{$ref: later.yaml}", "{$ref: '#/nothing'}"])
def test_operations_that_share_a_broken_object_by_an_alias_are_all_left_out(tmp_path: Path, broken: str) -> None:
    body = "content: {application/json: {schema: *one}}"
    paths = (
        f"  /a: {{post: {{requestBody: {{{body.replace('*one', f'&one {broken}')}}}, {OK}}}}}\n"
        f"  /b: {{put: {{requestBody: {{{body}}}, {OK}}}}}\n"
        f"  /c: {{put: &all {{requestBody: {{{body}}}, {OK}}}, post: *all}}"
    )
    contract = load_contract(document(tmp_path, paths, "    C: {$ref: later.yaml}"))
    omitted = {(one.method, one.path) for one in contract.omitted_operations}
    assert omitted == {("POST", "/a"), ("PUT", "/b"), ("PUT", "/c"), ("POST", "/c")}
    assert [operation.path for operation in contract.operations] == ["/sound"]


def test_a_path_without_its_slash_is_left_out_and_told_what_to_write(tmp_path: Path) -> None:
    contract = load_contract(document(tmp_path, f"  b: {{get: {{{OK}}}}}"))
    (left_out,) = contract.omitted_operations
    assert (left_out.path, str(left_out.problem).endswith("a path begins with a slash. Write /b")) == ("b", True)
    assert [operation.path for operation in contract.operations] == ["/sound"]


def mapped(target: str) -> str:
    """An operation with a union whose discriminator maps a value to a schema."""
    branches = "oneOf: [{$ref: '#/components/schemas/Number'}]"
    discriminator = f"discriminator: {{propertyName: a, mapping: {{x: {target}}}}}"
    return f"get: {{parameters: [{{name: a, in: query, schema: {{{branches}, {discriminator}}}}}], {OK}}}"


# What is wrong with a second path, and words that tell of it; its operation is served all the same.
IGNORED: dict[str, tuple[str, str]] = {
    "no answers": ("get: {summary: A}", "no response is documented"),
    "a status that is none": ("get: {responses: {'200': {description: OK}, okay: {}}}", "'okay' is not a status"),
    "an answer that is none": ("get: {responses: {'200': {description: OK}, '404': gone}}", "not a response"),
    "an answer without a description": ("get: {responses: {'200': {}}}", ""),
    "a bad example": (
        "get: {responses: {'200': {description: OK, content: {text/plain: {schema: {type: string}, example: 1}}}}}",
        "does not fit its schema",
    ),
    "an example that is nowhere": (
        "get: {responses: {'200': {description: OK, content: {a/b: {examples: {a: {$ref: '#/no'}}}}}}}",
        "points nowhere",
    ),
    "a link that leads nowhere": (
        "get: {responses: {'200': {description: OK, links: {a: {$ref: '#/no'}}}}}",
        "points nowhere",
    ),
    "a callback that is broken": (f"post: {{callbacks: {{a: {{$ref: '#/no'}}}}, {OK}}}", "points nowhere"),
    "a type that is none": (
        f"get: {{parameters: [{{name: a, in: query, schema: {{type: any}}}}], {OK}}}",
        "type",
    ),
    "a limit that is a text": (
        f"get: {{parameters: [{{name: a, in: query, schema: {{maxLength: '5'}}}}], {OK}}}",
        "maxLength",
    ),
    "a member that is required by itself": (
        f"post: {{requestBody: {{content: {{a/b: {{schema: {{properties: {{a: {{required: true}}}}}}}}}}}}, {OK}}}",
        "required",
    ),
    "a property that is nothing": (
        f"post: {{requestBody: {{content: {{a/b: {{schema: {{properties: {{a: }}}}}}}}}}, {OK}}}",
        "a must be a schema",
    ),
    "a pattern that is none": (
        f"get: {{parameters: [{{name: a, in: query, schema: {{pattern: '('}}}}], {OK}}}",
        "not a regular expression of ECMA-262",
    ),
    "a pattern of another dialect": (
        f"get: {{parameters: [{{name: a, in: query, schema: {{pattern: '\\A[\\w-.]+\\Z'}}}}], {OK}}}",
        "read as '^[\\\\w\\\\-.]+$'",
    ),
    "an unknown format": (f"get: {{parameters: [{{name: a, in: query, schema: {{format: zebra}}}}], {OK}}}", ""),
    "an unknown member": (f"get: {{sumary: A, {OK}}}", "sumary"),
    "a body without content": (f"post: {{requestBody: {{required: true}}, {OK}}}", "content"),
    "a security scheme that is not there": (f"get: {{security: [{{key: []}}], {OK}}}", "no security scheme 'key'"),
    "a format that is a list": (
        f"get: {{parameters: [{{name: a, in: query, schema: {{format: [uuid]}}}}], {OK}}}",
        "format must be a string",
    ),
    "a server's variable that is a text": (
        f"servers: [{{url: '/{{stage}}', variables: {{stage: prod}}}}]\n    get: {{{OK}}}",
        "not a server-variable",
    ),
    "a media type without a subtype": (
        "get: {responses: {'200': {description: OK, content: {json: {schema: {type: string}}}}}}",
        "'json' is not a media type. Write a type and a subtype, like application/json",
    ),
    "a media type of a program with a defect": (
        f"post: {{requestBody: {{content: {{undefined: {{schema: {{type: object}}}}}}}}, {OK}}}",
        "'undefined' is not a media type",
    ),
    "media types of all sorts": (
        "get: {responses: {'200': {description: OK, content: {'*/*': {}, 'text/*': {}, 'a/b.c-d+json; v=1': {}}}}}",
        "",
    ),
    "a mapping to no component": (
        mapped("Numbr"),
        "the mapping of 'x' is 'Numbr', and there is no such schema. Did you mean Number?",
    ),
    "a mapping to nowhere": (
        mapped("'#/components/schemas/No'"),
        "the mapping of 'x' leads nowhere: #/components/schemas/No points nowhere",
    ),
    "an extension among the responses": ("get: {responses: {'200': {description: OK}, x-internal: true}}", ""),
    "servers without a URL": (f"servers: [{{description: A}}]\n    get: {{{OK}}}", "url"),
}


def answer(path: Path, method: str, target: str) -> int:
    contract = load_contract(path)
    assert contract.omitted_operations == ()
    request = Request(method.upper(), target, "", Headers({}), b"", 0.0)
    return Model(contract).respond(MemoryStore(), request, str).response.status


@pytest.mark.parametrize(("operation", "words"), IGNORED.values(), ids=IGNORED)
def test_what_does_not_concern_serving_leaves_nothing_out_and_is_told_by_check(
    tmp_path: Path, operation: str, words: str
) -> None:
    path = document(tmp_path, f"  /b:\n    {operation}")
    assert answer(path, operation.partition(":")[0].removeprefix("servers") or "get", "/b") < 500
    problems = check(path).problems
    assert all(problem.location is not None for problem in problems)
    assert not words or any(words in str(problem) for problem in problems), problems


@pytest.mark.parametrize("info", ["", "info: {}\n", "info: {title: 5}\n"])
def test_a_document_without_a_title_is_served(tmp_path: Path, info: str) -> None:
    path = document(tmp_path, "")
    path.write_text(path.read_text().replace('info: {title: Shelf, version: "1"}\n', info))
    assert answer(path, "get", "/sound") == 200
    assert any("title" in str(problem) or "info" in str(problem) for problem in check(path).problems)


def test_check_tells_of_what_comes_twice(tmp_path: Path) -> None:
    path = document(
        tmp_path, f"  /b/{{a}}: {{get: {{operationId: x, {OK}}}}}\n  /b/{{b}}: {{get: {{operationId: x, {OK}}}}}"
    )
    told = "\n".join(map(str, check(path).problems))
    assert "the operationId 'x' comes twice: also in #/paths/~1b~1{a}/get" in told
    assert "/b/{b} and /b/{a} are the same path" in told
    assert len(load_contract(path).operations) == 3


def test_everything_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    cases = [case for case in IGNORED.values() if case[1]]
    paths = "\n".join(f"  /p{index}:\n    {operation}" for index, (operation, _) in enumerate(cases))
    broken = [case[0].replace("/b:", f"/q{index}:") for index, case in enumerate(LEAVING_OUT.values()) if not case[1]]
    told = "\n".join(map(str, check(document(tmp_path, "\n".join((paths, *broken)))).problems))
    for words in [case[1] for case in cases] + [case[2] for case in LEAVING_OUT.values() if not case[1]]:
        assert words in told


def test_the_mock_says_what_it_left_out_and_serves_the_rest(tmp_path: Path) -> None:
    paths, components, _ = LEAVING_OUT["a reference to nothing"]
    path = document(tmp_path, paths, components)
    with running_mock(str(path)) as mock:
        assert mock.request("GET", "/sound")[::2] == (200, b"[]")
        assert mock.request("GET", "/b")[0] == 404
        mock.stop()
        told = mock.errors()
    where = f"{path}:8:28 (#/paths/~1b/get/parameters/0/$ref)"
    assert told.splitlines()[0].startswith(f"GET /b is left out: {where}: #/components/parameters/No points nowhere")


def test_what_is_left_out_is_answered_404_saying_why_and_its_path_is_known_to_other_methods(tmp_path: Path) -> None:
    paths = f"  /b/{{id}}:\n    get: {{parameters: [{{$ref: '#/components/parameters/No'}}], {OK}}}"
    model = Model(load_contract(document(tmp_path, paths)))

    def ask(method: str, path: str) -> Response:
        return model.respond(MemoryStore(), Request(method, path, "", Headers({}), b"", 0.0), str).response

    left_out, other, nowhere = ask("GET", "/b/1"), ask("TRACE", "/b/1"), ask("TRACE", "/c/1")
    assert [one.status for one in (left_out, other, nowhere)] == [404, 405, 404]
    assert other.header("Allow") == "GET, HEAD, OPTIONS"
    why = "GET /b/{id} is left out of the mock: #/components/parameters/No points nowhere"
    assert (left_out.header("Lookalike-Reason") or "").startswith(why)


def test_strict_refuses_what_would_be_left_out_with_exit_code_2(tmp_path: Path) -> None:
    paths, components, _ = LEAVING_OUT["a reference to nothing"]
    done = run_command("mock", document(tmp_path, paths, components), "--strict", "--port", "0")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith(f"lookalike: {tmp_path / 'api.yaml'}:8:28 (#/paths/~1b/get/parameters/0/$ref): ")


def test_strict_takes_what_is_sound(tmp_path: Path) -> None:
    assert load_contract(document(tmp_path, ""), strict=True).omitted_operations == ()


SWAGGER = {
    "swagger": "2.0",
    "info": {"title": "Shelf", "version": "1"},
    "basePath": "/",
    "consumes": ["application/json"],
    "paths": {
        "/a/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": True, "type": "string"}],
            "post": {
                "parameters": [
                    {"$ref": "#/parameters/limit"},
                    {"name": "body", "in": "body", "schema": {"$ref": "#/definitions/A"}},
                ],
                "responses": {"200": {"description": "OK", "schema": {"type": "object"}, "examples": {"a/b": 1}}},
            },
        },
    },
    "parameters": {"limit": {"name": "limit", "in": "query", "type": "array", "items": {"type": "integer"}}},
    "definitions": {"A": {"type": "object", "properties": {"a": {"$ref": "#/definitions/A"}}, "required": ["a"]}},
}
OPENAPI = {
    "openapi": "3.0.0",
    "info": {"title": "Shelf", "version": "1"},
    "servers": [{"url": "/"}],
    "paths": {
        "/a/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
            "post": {
                "parameters": [{"$ref": "#/components/parameters/limit"}],
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/A"}}}},
                "responses": {
                    "200": {
                        "description": "OK",
                        "headers": {"X": {"schema": {"type": "string"}}},
                        "content": {
                            "application/json": {"schema": {"type": "object"}, "examples": {"a": {"value": 1}}}
                        },
                    }
                },
            },
        },
    },
    "components": {
        "parameters": {"limit": {"name": "limit", "in": "query", "schema": {"type": "integer", "nullable": True}}},
        "schemas": {
            "A": {
                "properties": {"a": {"$ref": "#/components/schemas/A"}, "b": {"maximum": 1, "exclusiveMaximum": True}},
                "discriminator": {"propertyName": "b", "mapping": {"x": "#/components/schemas/A"}},
                "example": {},
            }
        },
    },
}
JUNK: list[Any] = [None, 0, "x", [], {}, [None], {"x": None}, {"$ref": "#/paths"}, {"$ref": 1}]


def nodes(node: Any, here: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    for key, value in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        yield (*here, key)
        yield from nodes(value, (*here, key))


@pytest.mark.repetitive
@pytest.mark.parametrize("data", [SWAGGER, OPENAPI], ids=["2.0", "3.0"])
def test_whatever_stands_in_the_place_of_anything_the_rest_is_served(tmp_path: Path, data: dict[str, Any]) -> None:
    path = tmp_path / "api.json"
    for place in nodes(data):
        for junk in JUNK:
            changed = copy.deepcopy(data)
            functools.reduce(operator.getitem, place[:-1], changed)[place[-1]] = junk
            path.write_text(json.dumps(changed))
            with suppress(DocumentError):
                contract = load_contract(path)
                model = Model(contract)
                for body in (b"", b"{}"):
                    request = Request("POST", "/a/5", "", Headers({"content-type": "application/json"}), body, 0.0)
                    outcome = model.respond(MemoryStore(), request, str)
                    assert outcome.response.status < 500, (place, junk)


# Roots of documents with values of another type than belongs there.
MISPLACED: dict[str, dict[str, Any]] = {
    "an extension on paths": {"paths": {"x-internal": True}},
    "a requirement that is a boolean": {"openapi": "3.2.0", "security": [True]},
    "schemas that are a number": {
        "components": {"schemas": -1},
        "paths": {"/a": {"get": {"parameters": [{"name": "a", "in": "query", "schema": {"$ref": "other.json"}}]}}},
    },
    "a security scheme that refers to nothing": {
        "components": {"securitySchemes": {"o": {"$ref": "#/components/securitySchemes/no"}}},
        "security": [{"o": []}],
    },
    "security schemes that are a list": {
        "openapi": "3.2.0",
        "components": {"securitySchemes": ["a"]},
        "security": [{"#/components/securitySchemes/0": []}],
    },
}


@pytest.mark.parametrize("root", MISPLACED.values(), ids=MISPLACED)
def test_values_of_any_type_end_in_no_traceback(tmp_path: Path, root: dict[str, Any]) -> None:
    (tmp_path / "other.json").write_text("{}")
    path = tmp_path / "api.json"
    path.write_text(json.dumps({"openapi": "3.1.0", "info": {"title": "A", "version": "1"}, "paths": {}} | root))
    assert all(problem.location is not None for problem in check(path).problems)
    assert load_contract(path).title == "A"


def test_the_media_types_of_an_answer_may_be_a_reference(tmp_path: Path) -> None:
    text = HEAD.replace(
        "{application/json: {schema: {type: array}, example: []}}", "{$ref: '#/components/x-media/list'}"
    )
    text += COMPONENTS + "  x-media: {list: {application/json: {schema: {type: array}, example: [7]}}}\n"
    path = tmp_path / "api.yaml"
    path.write_text(text)
    (reading,) = load_contract(path).operations
    assert [*reading.responses["200"].content] == ["application/json"]
