"""Our validators on the JSON-Schema-Test-Suite, as the source package of jsonschema carries it."""

import json
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from lookalike.openapi.document import parse_document
from lookalike.openapi.load import normalized
from lookalike.schema.validator import Schema, Schemas, published_schema

# References to other servers are resolved when a document is loaded (tests/lookalike/openapi/test_references.py).
ELSEWHERE = "http://localhost:1234"

# The keywords of a schema in OpenAPI 3.0.3 (section 4.7.24) that say something about a value.
OF_OPENAPI_3_0 = [
    "title",
    "multipleOf",
    "maximum",
    "exclusiveMaximum",
    "minimum",
    "exclusiveMinimum",
    "maxLength",
    "minLength",
    "pattern",
    "maxItems",
    "minItems",
    "uniqueItems",
    "maxProperties",
    "minProperties",
    "required",
    "enum",
    "type",
    "allOf",
    "oneOf",
    "anyOf",
    "not",
    "items",
    "properties",
    "additionalProperties",
    "description",
    "format",
    "default",
    "$ref",
]


class Case(NamedTuple):
    name: str
    schema: Any
    value: Any
    is_valid: bool


class Suite(NamedTuple):
    """An archive that has a folder of tests for each dialect."""

    archive: Path
    folder: str

    def cases(self, dialect: str) -> Iterator[Case]:
        """All that its tests say, but for what is optional."""
        with tarfile.open(self.archive) as archive:
            for name in sorted(archive.getnames()):
                content = archive.extractfile(name) if Path(name).parent == Path(self.folder, dialect) else None
                for group in json.load(content) if content else ():
                    for test in group["tests"]:
                        title = f"{group['description']}: {test['description']}"
                        yield Case(title, group["schema"], test["data"], test["valid"])


@pytest.fixture(scope="module")
def suite(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Suite:
    """The tests of each dialect, fetched once."""
    here = tmp_path_factory.mktemp("fetched")
    name = f"jsonschema-{version('jsonschema')}"
    archive = request.config.cache.mkdir("json-schema-suite") / f"{name}.tar.gz"
    if not archive.exists():
        wanted = ["--no-deps", "--no-binary", "jsonschema", name.replace("-", "==")]
        command = [sys.executable, "-m", "pip", "download", "--quiet", *wanted, "--dest", str(here)]
        if subprocess.run(command, check=False, capture_output=True).returncode:
            pytest.skip(f"the source package of {name} cannot be fetched")
        shutil.move(here / archive.name, archive)
    return Suite(archive, f"{name}/json/tests")


def misjudged(found: list[Case], compiled: Callable[[Any], Schema]) -> list[str]:
    """The cases with another verdict, or a refusal that has no explanation."""
    return [case.name for case in found if verdict(compiled(case.schema), case.value) is not case.is_valid]


def verdict(schema: Schema, value: Any) -> bool:
    is_valid = schema.accepts(value)
    assert is_valid is not any(True for _ in schema.violations(value, "body", "body"))
    return is_valid


def of_2020_12(schema: Any) -> Schema:
    named = isinstance(schema, dict) and ":" in schema.get("$id", "")
    return published_schema(schema, "") if named else Schemas(schema).at()


def of_openapi_3_0(schema: Any) -> Schema:
    paths: dict[str, Any] = {}
    data = {"openapi": "3.0.3", "info": {"title": "Suite", "version": "1"}, "paths": paths}
    text = json.dumps({**data, "components": {"schemas": {"Value": referring(schema)}}})
    return Schemas(normalized(parse_document(text, "suite.json")).data).at("components", "schemas", "Value")


def referring(node: Any) -> Any:
    """The schema where the root is not its own, but a document's."""
    if isinstance(node, list):
        return [referring(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        name: "#/components/schemas/Value" if (name, value) == ("$ref", "#") else referring(value)
        for name, value in node.items()
    }


def is_of_openapi_3_0(schema: Any) -> bool:
    """Whether OpenAPI 3.0 has all that a schema of draft 4 says."""
    if not isinstance(schema, dict) or not schema.keys() <= {*OF_OPENAPI_3_0}:
        return False
    within = [*schema.get("allOf", ()), *schema.get("anyOf", ()), *schema.get("oneOf", ())]
    within += [*schema.get("properties", {}).values()]
    within += [schema[name] for name in ("items", "not") if name in schema]
    within += [
        value for name, value in schema.items() if name == "additionalProperties" and not isinstance(value, bool)
    ]
    typed = isinstance(schema.get("type", ""), str) and schema.get("type") != "null"
    return typed and schema.get("$ref", "#") == "#" and all(map(is_of_openapi_3_0, within))


@pytest.mark.repetitive
def test_every_value_of_the_suite_gets_its_verdict_in_2020_12(suite: Suite) -> None:
    found = [case for case in suite.cases("draft2020-12") if ELSEWHERE not in json.dumps(case.schema)]
    assert len(found) > 1100
    assert misjudged(found, of_2020_12) == []


@pytest.mark.repetitive
def test_every_value_of_the_suite_gets_its_verdict_in_the_dialect_of_openapi_3_0(suite: Suite) -> None:
    found = [case for case in suite.cases("draft4") if is_of_openapi_3_0(case.schema)]
    assert len(found) > 350
    assert misjudged(found, of_openapi_3_0) == []
