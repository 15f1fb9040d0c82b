"""The examples of docs/reference/extension.md: each word of the vocabulary does what is said of it."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lookalike.contract.extension
from lookalike.contract.contract import Contract
from lookalike.contract.routing import parameter_names
from lookalike.errors import DocumentError
from lookalike.http import Headers, Request
from lookalike.model.behaviour import Model
from lookalike.openapi.document import parse_document
from lookalike.service import MockService
from lookalike.stores.memory import MemoryStore
from tests.support import paths
from tests.support.contracts import read_contract
from tests.support.in_process import NOW

FOLDER = Path(lookalike.contract.extension.__file__).parent
TEXT = (paths.ROOT / "docs" / "reference" / "extension.md").read_text(encoding="utf-8")
SCHEMA = json.loads((FOLDER.parent / "openapi" / "extension.schema.json").read_text(encoding="utf-8"))
# The first block is the root of all examples; one that begins with the name of a file is run by tests/docs.
ROOT, *EXAMPLES = [
    parse_document(text, "extension.md").data for text in re.findall(r"```yaml\n(?!# )(.*?)```", TEXT, re.DOTALL)
]
QUERY = ("text", "q", "sort", "order", "limit", "offset", "page", "after")
NAMED = st.sampled_from(["name", "id", "a", "op", "path", "value"])
NAMES = [f"{number} {example['operation']}" for number, example in enumerate(EXAMPLES)]


def document(example: Any) -> Any:
    method, path = example["operation"].split(" ")
    types = {"id": "integer", "limit": "integer", "offset": "integer", "page": "integer"}
    parameters = [
        {"name": name, "in": place, "required": place == "path", "schema": {"type": types.get(name, "string")}}
        for place, names in (("path", parameter_names(path)), ("query", QUERY))
        for name in names
    ]
    anything: Any = {"content": {"application/json": {"schema": {}}}}
    body = {"requestBody": anything} if method in ("POST", "PUT", "PATCH") else {}
    answers = {status: {"description": "", **anything} for status in ("200", "201")}
    operation = {"parameters": parameters, **body, "responses": answers, "x-lookalike": example["x-lookalike"]}
    info = {"title": "An example", "version": "1"}
    return {"openapi": "3.1.0", "info": info, **ROOT, "paths": {path: {method.lower(): operation}}}


def contract_of(example: Any) -> Contract:
    return read_contract(parse_document(json.dumps(document(example)), "example.json"))


@cache
def model(number: int) -> Model:
    return Model(contract_of(EXAMPLES[number]))


def mock(number: int) -> MockService:
    known = model(number)
    return MockService(known, MemoryStore(), known.contract.choices({}), EXAMPLES[number].get("before", {}))


@pytest.mark.parametrize("number", range(len(EXAMPLES)), ids=NAMES)
def test_an_example_goes_as_it_is_written(number: int) -> None:
    example, server = EXAMPLES[number], mock(number)
    for step in example["requests"]:
        method, target = step["request"].split(" ")
        path, _, query = target.partition("?")
        body = json.dumps(step["send"]).encode() if "send" in step else b""
        answer = server.handle(Request(method, path, query, Headers({"Content-Type": "application/json"}), body, NOW))
        assert answer.status == step["answer"], answer
        if "body" in step:
            assert json.loads(answer.body) == step["body"]
        if "location" in step:
            assert answer.header("Location") == step["location"]
        for name, value in step.get("headers", {}).items():
            assert answer.header(name) == value
    after = server.state()
    assert {name: after[name] for name in example.get("after", {})} == example.get("after", {})


SCALARS = st.none() | st.booleans() | st.integers(-9, 99) | st.floats(allow_nan=False) | st.sampled_from(["", "a", "x"])
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMED, inner, max_size=3))


@pytest.mark.parametrize("number", range(len(EXAMPLES)), ids=NAMES)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_no_body_that_the_document_does_not_describe_makes_an_effect_fail_with_a_5xx(number: int, data: Any) -> None:
    example, server = EXAMPLES[number], mock(number)
    method, target = example["requests"][0]["request"].split(" ")
    members = st.sampled_from(re.findall(r"body#/(\w+)", json.dumps(example)) or ["name"])
    sent = data.draw(st.lists(st.dictionaries(members, JSON, max_size=3) | JSON, min_size=1, max_size=3))
    for body in sent:
        headers = Headers({"Content-Type": "application/json"})
        answer = server.handle(Request(method, target.partition("?")[0], "", headers, json.dumps(body).encode(), NOW))
        assert answer.status < 500, answer


def words(name: str) -> set[str]:
    return set(SCHEMA["$defs"][name]["properties"])


def test_every_word_about_state_has_an_example() -> None:
    shown = json.dumps([example["x-lookalike"] for example in EXAMPLES]) + json.dumps(ROOT)
    steps = words("step") - {"if", "is", "unless", "clauses", "x-lookalike-when"}
    listing = set(SCHEMA["$defs"]["operation"]["properties"]["list"]["properties"])
    paging = set(SCHEMA["$defs"]["operation"]["properties"]["list"]["properties"]["page"]["properties"])
    assert {word for word in steps | listing | paging | words("create") if f'"{word}"' not in shown} == set()


def test_every_word_of_the_grammar_is_explained() -> None:
    operation = SCHEMA["$defs"]["operation"]["properties"]
    known = words("step") | words("resource") | words("create") | words("set") | words("merge") | words("union")
    known |= {
        *operation["select"]["properties"],
        *operation["list"]["properties"],
        *operation["answer"]["then"]["properties"],
    }
    assert {word for word in known - {"clauses", "x-lookalike-when"} if word not in TEXT} == set()


def test_clear_is_the_only_step() -> None:
    example = next(one for one in EXAMPLES if "clear" in json.dumps(one["x-lookalike"]))
    effects = example["x-lookalike"]
    more = {**effects, "apply": [*effects["apply"], {"delete": {}}]}
    with pytest.raises(DocumentError, match="apply"):
        contract_of({**example, "x-lookalike": more})
