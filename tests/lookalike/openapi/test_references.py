"""References: whatever a document refers to is in it when it is read, and keeps its place in the text it came from."""

import functools
import json
import os
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from lookalike.contract.contract import Contract
from lookalike.contract.reader import load_contract
from lookalike.http import Headers, Request
from lookalike.model.behaviour import Model
from lookalike.openapi.sources import ReferenceRules, SourceReader
from lookalike.schema.validator import Schemas
from lookalike.soundness import check
from lookalike.stores.memory import MemoryStore

ROOT = """\
openapi: 3.0.3
info: {title: Pets, version: "1"}
paths:
  /pets:
    $ref: paths/pets.yaml
  /pets/{id}:
    parameters: [{$ref: "common.json#/components/parameters/Id"}]
    get:
      responses: {200: {$ref: "./paths/../common.json#/components/responses/Pet"}}
components:
  schemas:
    Pet: {type: string}
"""
PETS = """\
get:
  parameters: [{$ref: ../common.json#/components/parameters/Limit}]
  responses:
    "200":
      description: OK
      content: {application/json: {schema: {type: array, items: {$ref: "../schemas/Pet.yaml"}}}}
"""
PET = """\
type: object
required: [name]
properties:
  name: {type: string, nullable: true}
  parent: {$ref: "#"}
  friend: {$ref: Pet.yaml}
  food: {$ref: "../common.json#/components/schemas/Food"}
  label: {$ref: "../api.yaml#/components/schemas/Pet"}
"""
COMMON: dict[str, Any] = {
    "components": {
        "parameters": {
            "Id": {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}},
            "Limit": {"name": "limit", "in": "query", "schema": {"type": "integer"}},
        },
        "responses": {
            "Pet": {
                "description": "OK",
                "content": {"application/json": {"schema": {"$ref": "schemas/Pet.yaml"}}},
            }
        },
        "schemas": {"Food": {"type": "object", "properties": {"eater": {"$ref": "schemas/Pet.yaml"}, "a": "x"}}},
    }
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "paths").mkdir()
    (tmp_path / "schemas").mkdir()
    (tmp_path / "api.yaml").write_text(ROOT)
    (tmp_path / "paths" / "pets.yaml").write_text(PETS)
    (tmp_path / "schemas" / "Pet.yaml").write_text(PET)
    (tmp_path / "common.json").write_text(json.dumps(COMMON, indent=1))
    return tmp_path


@pytest.fixture
def site(folder: Path) -> Iterator[str]:
    handler = functools.partial(_Quiet, directory=str(folder))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the name of the one it overrides
        """Nothing is said."""


def refs(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        node = list(node.values())
    if isinstance(node, list):
        for inner in node:
            yield from refs(inner)


def assert_whole(contract: Contract) -> None:
    """Everything that was referred to is there, under one name each, and means what it did."""
    data = contract.document.data
    assert [one.problem for one in contract.omitted_operations] == []
    assert all(ref.startswith("#/") for ref in refs(data))
    assert sorted(data["components"]["schemas"]) == ["Food", "Pet", "Pet_2"]
    pet = Schemas(data).at("components", "schemas", "Pet_2")
    tree = {"name": None, "parent": {"name": "a"}, "friend": {"name": "b"}, "food": {"eater": {"name": "c"}}}
    assert pet.accepts(tree)
    assert pet.accepts({"name": "a", "label": "text"})
    wrongs: list[dict[str, Any]] = [{"parent": {}}, {"friend": {"name": 1}}, {"food": {"eater": {}}}, {"label": {}}]
    for wrong in wrongs:
        assert not pet.accepts({"name": "a", **wrong})


def test_what_is_in_other_files_is_in_the_document(folder: Path) -> None:
    contract = load_contract(folder / "api.yaml")
    assert_whole(contract)
    assert [(one.method, one.path) for one in contract.operations] == [("GET", "/pets"), ("GET", "/pets/{id}")]


def test_what_is_at_urls_is_in_the_document(site: str) -> None:
    assert_whole(load_contract(f"{site}/api.yaml"))


def test_a_file_may_refer_to_a_url(folder: Path, site: str) -> None:
    text = (folder / "api.yaml").read_text().replace('"./paths/../common', f'"{site}/common')
    (folder / "mixed.yaml").write_text(text)
    contract = load_contract(folder / "mixed.yaml")
    assert contract.omitted_operations == ()
    assert all(ref.startswith("#/") for ref in refs(contract.document.data))


def test_what_is_wrong_in_another_file_is_told_with_its_place_there(folder: Path) -> None:
    lines = [str(problem) for problem in check(folder / "api.yaml").problems]
    where = f"{folder / 'common.json'}:"
    assert [line for line in lines if where in line and "(#/components/schemas/Food/properties/a)" in line]
    assert len(lines) == 1


def test_a_path_keeps_its_place_in_the_file_that_it_is_written_in(folder: Path) -> None:
    document = load_contract(folder / "api.yaml").document
    location = document.locate(("paths", "/pets", "get", "responses"))
    assert str(location) == f"{folder / 'paths' / 'pets.yaml'}:3:3 (#/get/responses)"


@pytest.mark.parametrize(
    ("ref", "words"),
    [
        ("gone.yaml", "cannot read"),
        ("common.json#/components/parameters/Idd", "Did you mean #/components/parameters/Id?"),
        ("http://127.0.0.1:9/api.yaml", "cannot read http://127.0.0.1:9/api.yaml: "),
        ("http://[/api.yaml", "cannot read http://[/api.yaml: "),
        ("broken.yaml", "not YAML"),
    ],
)
def test_what_cannot_be_read_leaves_out_what_needs_it_alone(folder: Path, ref: str, words: str) -> None:
    (folder / "broken.yaml").write_text("a: [")
    (folder / "api.yaml").write_text(ROOT.replace("common.json#/components/parameters/Id", ref))
    contract = load_contract(folder / "api.yaml")
    assert [(one.method, one.path) for one in contract.omitted_operations] == [("GET", "/pets/{id}")]
    assert words in str(contract.omitted_operations[0].problem)
    assert f"{folder / 'api.yaml'}:7:" in str(contract.omitted_operations[0].problem)


CIRCLES = {
    "a parameter": "components: {parameters: {A: {$ref: '#/x-a'}}}\nx-a: {$ref: '#/components/parameters/A'}",
    "a schema that is nothing else": "components: {parameters: {A: {name: a, in: query, schema: {$ref: '#/x-a'}}}}"
    "\nx-a: {$ref: '#/x-a'}",
}


@pytest.mark.parametrize("components", CIRCLES.values(), ids=CIRCLES)
def test_a_circle_of_references_leaves_out_what_is_in_it(tmp_path: Path, components: str) -> None:
    head = "openapi: 3.1.0\ninfo: {title: A, version: '1'}\npaths:\n"
    get = "    get: {parameters: [{$ref: '#/components/parameters/A'}], responses: {'200': {description: OK}}}\n"
    put = "    put: {responses: {'200': {description: OK}}}\n"
    (tmp_path / "a.yaml").write_text(f"{head}  /a:\n{get}{put}{components}\n")
    contract = load_contract(tmp_path / "a.yaml")
    assert [one.method for one in contract.omitted_operations] == ["GET"]
    assert "leads back to itself" in contract.omitted_operations[0].problem.what
    assert [one.method for one in contract.operations] == ["PUT"]


@pytest.mark.parametrize("names", [("A", "B"), ("B", "A")])
def test_a_circle_of_security_schemes_leaves_out_all_that_lead_there(tmp_path: Path, names: tuple[str, str]) -> None:
    circle = "".join(
        f"    {one}: {{$ref: '#/components/securitySchemes/{other}'}}\n" for one, other in (names, names[::-1])
    )
    more = "    C: {$ref: '#/components/securitySchemes/A'}\n    D: {type: http, scheme: basic}\n"
    (tmp_path / "a.yaml").write_text(
        "openapi: 3.1.0\ninfo: {title: A, version: '1'}\nsecurity: [{A: []}]\npaths:\n"
        f"  /a: {{get: {{responses: {{'200': {{description: OK}}}}}}}}\ncomponents:\n  securitySchemes:\n{circle}{more}"
    )
    contract = load_contract(tmp_path / "a.yaml")
    assert [*contract.schemes] == ["D"]
    assert [one.method for one in contract.operations] == ["GET"]


def test_paths_that_refer_to_each_other_are_left_out_without_end(tmp_path: Path) -> None:
    paths = "paths:\n  /a: {$ref: '#/paths/~1b'}\n  /b: {$ref: '#/paths/~1a'}\n"
    text = f"openapi: 3.1.0\ninfo: {{title: A, version: '1'}}\n{paths}"
    (tmp_path / "a.yaml").write_text(text)
    assert load_contract(tmp_path / "a.yaml").operations == ()


def test_schemas_may_be_named_by_anchors_and_ids(tmp_path: Path) -> None:
    text = """\
openapi: 3.1.0
info: {title: A, version: "1"}
paths: {}
components:
  schemas:
    Text: {$id: "https://example.com/text", $anchor: text, type: string}
    Node: {$dynamicAnchor: node, type: object, properties: {next: {$dynamicRef: "#node"}}}
    A: {$ref: "#text"}
    B: {$ref: "https://example.com/text"}
"""
    (tmp_path / "a.yaml").write_text(text)
    schemas = Schemas(load_contract(tmp_path / "a.yaml").document.data)
    for name in ("A", "B"):
        assert [schemas.at("components", "schemas", name).accepts(value) for value in ("a", 1)] == [True, False]
    node = schemas.at("components", "schemas", "Node")
    assert node.accepts({"next": {"next": {}}})
    assert not node.accepts({"next": {"next": 1}})


def test_a_reference_in_an_example_is_data(tmp_path: Path) -> None:
    text = """\
openapi: 3.1.0
info: {title: A, version: "1"}
paths:
  /a:
    get:
      responses:
        "200": {description: OK, content: {application/json: {example: {$ref: gone.yaml}}}}
"""
    (tmp_path / "a.yaml").write_text(text)
    assert load_contract(tmp_path / "a.yaml").omitted_operations == ()


def test_a_pointer_may_lead_through_a_reference_as_bundlers_write_it(tmp_path: Path) -> None:
    text = """\
openapi: 3.0.0
info: {title: A, version: "1"}
paths: {}
components:
  schemas:
    A: {$ref: "#/components/schemas/B"}
    B: {type: object, properties: {text: {type: string}}}
    C: {$ref: "#/components/schemas/A/properties/text"}
"""
    (tmp_path / "a.yaml").write_text(text)
    document = load_contract(tmp_path / "a.yaml").document
    assert document.data["components"]["schemas"]["C"] == {"$ref": "#/components/schemas/B/properties/text"}


OBJECT = {"type": "object", "properties": {"a": {"type": "string"}}}
SCHEMA = {"schema": OBJECT}
IN_XML = {"schema": {**OBJECT, "xml": {"name": "r"}}}

# The version of a document, a media type, its schema and an example, and the body that is answered.
WRITTEN_AS_TEXT: dict[str, tuple[str, str, dict[str, Any], bytes]] = {
    "a value in another file": (
        "3.0.3",
        "application/json",
        {**SCHEMA, "examples": {"x": {"externalValue": "a.json"}}},
        b'{"a":"file"}',
    ),
    "text in another file": ("3.1.0", "text/plain", {"examples": {"x": {"externalValue": "a.txt"}}}, b"plain {"),
    "a component": (
        "3.1.0",
        "application/json",
        {**SCHEMA, "examples": {"x": {"$ref": "#/components/examples/X"}}},
        b'{"a":"file"}',
    ),
    "a value beside it": (
        "3.2.0",
        "a/b+json",
        {**SCHEMA, "examples": {"x": {"dataValue": {"a": "b"}, "externalValue": "no"}}},
        b'{"a":"b"}',
    ),
    "serialized JSON": (
        "3.2.0",
        "application/json",
        {**SCHEMA, "examples": {"x": {"serializedValue": '{"a": "s"}'}}},
        b'{"a":"s"}',
    ),
    "serialized XML": (
        "3.2.0",
        "application/xml",
        {**IN_XML, "examples": {"x": {"serializedValue": "<r><a>s</a></r>"}}},
        b"<r><a>s</a></r>",
    ),
}


@pytest.mark.parametrize(("version", "media_type", "media", "body"), WRITTEN_AS_TEXT.values(), ids=WRITTEN_AS_TEXT)
def test_an_example_may_be_text_in_the_document_or_in_another_file(
    tmp_path: Path, version: str, media_type: str, media: dict[str, Any], body: bytes
) -> None:
    (tmp_path / "a.txt").write_text("plain {")
    path = with_example(tmp_path, version, media_type, media)
    assert list(check(path).problems) == []
    request = Request("GET", "/a", "", Headers({}), b"", 0.0)
    assert Model(load_contract(path)).respond(MemoryStore(), request, str).response.body == body


@pytest.mark.parametrize("name", ["gone.json", "broken.json", ".", "/dev/zero"])
def test_an_example_that_cannot_be_read_is_told_with_its_place(tmp_path: Path, name: str) -> None:
    (tmp_path / "broken.json").write_text("{")
    path = with_example(tmp_path, "3.1.0", "application/json", {"examples": {"x": {"externalValue": name}}})
    (problem,) = check(path).problems
    assert "examples/x/externalValue): the example in externalValue is not used: " in str(problem)
    assert [operation.path for operation in load_contract(path).operations] == ["/a"]


def with_example(folder: Path, version: str, media_type: str, media: dict[str, Any]) -> Path:
    success = {"description": "OK", "content": {media_type: media}}
    document = {
        "openapi": version,
        "info": {"title": "A", "version": "1"},
        "paths": {"/a": {"get": {"responses": {"200": success}}}},
        "components": {"examples": {"X": {"externalValue": "a.json"}}},
    }
    (folder / "a.json").write_text('{"a": "file"}')
    (folder / "api.json").write_text(json.dumps(document))
    return folder / "api.json"


@pytest.mark.parametrize("name", ["/dev/zero", "pipe", "."])
def test_only_regular_files_are_referred_to(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    path = with_example(tmp_path, "3.1.0", "application/json", {"schema": {"$ref": name}})
    (problem,) = check(path).problems
    assert "it is no regular file" in str(problem)
    assert problem.location is not None


def test_a_document_refers_to_a_limited_number_of_files(tmp_path: Path) -> None:
    for number in range(9):
        (tmp_path / f"{number}.json").write_text(json.dumps({"allOf": [{"$ref": f"{number + 1}.json"}]}))
    path = with_example(tmp_path, "3.1.0", "application/json", {"schema": {"$ref": "0.json"}})
    problems = check(path, (), SourceReader(ReferenceRules(most=3))).problems
    assert any("the document refers to more than 3 files; --max-references" in str(problem) for problem in problems)
