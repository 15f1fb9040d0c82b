"""The check of a document: what keeps it from being read, and then what is wrong with it all the same."""

from collections.abc import Iterator, Mapping
from typing import Any

from lookalike.contract.choices import holds
from lookalike.contract.contract import read_contract
from lookalike.contract.document import Document
from lookalike.contract.extension import ALSO, WHEN, when
from lookalike.contract.places import Pointer, descriptions, schemas
from lookalike.contract.schemas import Schemas
from lookalike.errors import DocumentError, Problem


def document_problems(document: Document) -> list[Problem]:
    """Everything that is wrong with a document; what cannot be read is not looked at any further."""
    try:
        readings = read_contract(document).readings
    except DocumentError as error:
        return list(error.problems)
    defaults = {id: reading.default for id, reading in readings.items()}
    found = [*_default_problems(document, defaults), *_example_problems(document, defaults)]
    return found or list(_openapi_problems(document))


def _default_problems(document: Document, choices: Mapping[str, str]) -> Iterator[Problem]:
    """Other tools read a document by its defaults, so what holds then is in place, and all else is under `also`."""
    for place in schemas(document.data):
        if WHEN not in place.schema:
            continue
        by_default = holds(when(place.schema[WHEN]), choices.__getitem__)
        apart = ALSO in place.through
        if by_default and apart:
            what = f"a rule that holds by default stands under {ALSO}, where other tools do not see it"
            yield document.problem(what, (*place.pointer, WHEN), "Move it to allOf")
        if not by_default and not apart:
            what = "a rule that does not hold by default stands where other tools take it to hold"
            yield document.problem(what, (*place.pointer, WHEN), f"Move it to {ALSO}")


def _example_problems(document: Document, choices: Mapping[str, str]) -> Iterator[Problem]:
    """Examples and defaults that their own schemas do not accept under the default choices."""
    compiled = Schemas(document.data)
    for place, where, example in _examples(document.data):
        schema = compiled.at(*place)
        if schema.accepts(example):
            continue
        for violation in schema.violations(example, "example", str(where[-1])):
            if holds(violation.when, choices.__getitem__):
                what = f"does not fit its schema: {violation.message}"
                yield document.problem(what, (*where, *violation.pointer), "Change the example or the schema")


def _examples(data: Mapping[str, Any]) -> Iterator[tuple[Pointer, Pointer, Any]]:
    """Every example and default: the way to its schema, the way to it, and itself."""
    for here, node in descriptions(data):
        if "schema" not in node:
            continue
        if "example" in node:
            yield (*here, "schema"), (*here, "example"), node["example"]
        for name, example in node.get("examples", {}).items():
            if "value" in example:
                yield (*here, "schema"), (*here, "examples", name, "value"), example["value"]
    for place in schemas(data):
        if "default" in place.schema:
            yield place.pointer, (*place.pointer, "default"), place.schema["default"]
        for index, example in enumerate(place.schema.get("examples", ())):
            yield place.pointer, (*place.pointer, "examples", index), example


def _openapi_problems(document: Document) -> Iterator[Problem]:
    """What the validator of OpenAPI's own project has to say besides."""
    from openapi_spec_validator import OpenAPIV31SpecValidator  # here, since it takes half a second to load

    try:
        for error in OpenAPIV31SpecValidator(document.data).iter_errors():
            yield document.problem(str(error).partition("\n")[0], tuple(error.absolute_path))
    except RecursionError:
        yield document.problem("a schema holds itself without end", ("components", "schemas"), "Break the circle")
