"""Checking a document takes work in proportion to its size, however wide its schemas are; counted in calls."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lookalike.soundness import check
from tests.support.small import document
from tests.support.steps import grows_linearly


def _refs(count: int) -> list[dict[str, str]]:
    return [{"$ref": f"#/components/schemas/C{index}"} for index in range(count)]


WIDE: dict[str, Callable[[int], Any]] = {
    "allOf of references": lambda n: {"allOf": _refs(n)},
    "anyOf": lambda n: {"anyOf": [{"required": [f"a{i}"], "properties": {f"a{i}": {}}} for i in range(n)]},
    "oneOf": lambda n: {"oneOf": [{"const": i} for i in range(n)]},
    "prefixItems": lambda n: {"type": "array", "prefixItems": [{"minimum": i} for i in range(n)]},
    "required": lambda n: {"type": "object", "required": [f"r{i}" for i in range(10 * n)]},
    "dependentRequired": lambda n: {"type": "object", "dependentRequired": {f"r{i}": [f"s{i}"] for i in range(n)}},
    "properties": lambda n: {"type": "object", "properties": {f"r{i}": {"type": "string"} for i in range(n)}},
    "patternProperties": lambda n: {"patternProperties": {f"^p{i}": {"type": "string"} for i in range(n)}},
    "enum": lambda n: {"enum": [f"e{i}" for i in range(10 * n)]},
}


def written(folder: Path, schema: Any, count: int) -> Path:
    """A document with an operation that responds with a schema, beside so many components."""
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Wide"}}}
    operation = {"responses": {"200": {"description": "d", "content": content}}}
    kinds = {f"C{index}": {"properties": {"kind": {"type": "string"}}} for index in range(count)}
    path = folder / f"{count}.json"
    path.write_text(
        json.dumps(
            document({"/x": {"get": operation}}, openapi="3.2.0", components={"schemas": {"Wide": schema, **kinds}})
        )
    )
    return path


@pytest.mark.repetitive
@pytest.mark.parametrize("name", WIDE)
def test_the_work_of_a_check_grows_with_the_width_of_a_schema_and_no_faster(name: str, tmp_path: Path) -> None:
    files = {count: written(tmp_path, WIDE[name](count), count) for count in (100, 400)}
    assert grows_linearly(lambda count: check(files[count]), 100)
