"""Lints a document: finds what keeps it from being read, then everything else that is wrong with it."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from lookalike.contract.contract import Contract
from lookalike.contract.extension import readings as extension_readings
from lookalike.contract.reader import compiled_contract
from lookalike.contract.reference_checks import reference_problems
from lookalike.errors import WARNING, DocumentError, Problem
from lookalike.json_values import Pointer, format_pointer
from lookalike.openapi.document import Document
from lookalike.openapi.example_values import is_sent_as_written, media_type_of
from lookalike.openapi.load import is_supported, normalized, version_of
from lookalike.openapi.recovery import recover
from lookalike.openapi.sources import Source, SourceReader
from lookalike.openapi.structure import extension_structure_problems, published_schema_problems, structure_problems
from lookalike.openapi.walk import SchemaAt, openapi_objects, operations, schemas
from lookalike.readings import holds
from lookalike.schema.validator import Schemas
from lookalike.schema.vocabulary import ALSO, KEYWORD, WHEN, when


class LintResult(NamedTuple):
    """The problems of a document, and its contract where it has none."""

    problems: tuple[Problem, ...]
    contract: Contract | None = None


def lint(written: Document, source: Source | None = None, reader: SourceReader | None = None) -> LintResult:
    """Everything that is wrong with a document, whose data are changed.

    The strictest checks run only where nothing else was found, since they would repeat it in other words.
    """
    version = version_of(written)
    published = list(published_schema_problems(written, version)) if is_supported(written) else []
    try:
        document, ignored, broken, _ = recover(normalized(written, source, reader))
    except DocumentError as error:
        return LintResult(error.problems)
    errors = [document.problem(*flaw) for flaw in broken]
    flaws = [*errors, *_warnings(document.problem(*flaw) for flaw in ignored)]
    unrepeated = (one for one in published if not any(_repeats(flaw, one) for flaw in flaws))
    found = [*_warnings(document.notices), *flaws, *_warnings(unrepeated), *_semantic_problems(document)]
    return LintResult(tuple(found)) if found else _strictest(document, version)


def _warnings(problems: Iterable[Problem]) -> Iterator[Problem]:
    """Problems that do not keep anything of the document from being served."""
    return (replace(problem, severity=WARNING) for problem in problems)


def _semantic_problems(document: Document) -> Iterator[Problem]:
    """The problems of a document whose structure is sound."""
    of_structure = extension_structure_problems(document)
    yield from of_structure or reference_problems(document)
    yield from _warnings(_ambiguity_problems(document))
    yield from _warnings(_template_problems(document))
    if not of_structure:
        ours = document.data.get(KEYWORD, {})
        defaults = {id: reading.default for id, reading in extension_readings(ours.get("readings", {})).items()}
        places = schemas(document.data) if document.mentions(WHEN) else ()
        conditional = [place for place in places if WHEN in place.schema]
        if not any(defaults.get(id) is None for place in conditional for id in place.schema[WHEN]):
            yield from _warnings(_default_problems(document, conditional, defaults))
            yield from _warnings(_example_problems(document, defaults))


def _strictest(document: Document, version: str) -> LintResult:
    """The problems that only the published structure of OpenAPI, and compiling every schema, show."""
    structural = structure_problems(document, is_3_1=not version.startswith("3.2"))
    if structural:
        return LintResult(tuple(structural))
    try:
        return LintResult((), compiled_contract(document))
    except DocumentError as error:
        return LintResult(error.problems)


def _ambiguity_problems(document: Document) -> Iterator[Problem]:
    """Operations, paths, parameters and tags that are the same (OpenAPI 3.1 sections 4.8.1 and 4.8.8 to 4.8.10)."""
    ids: dict[str, Pointer] = {}
    for here, operation in operations(document.data):
        yield from _repeated_parameters(document, here, operation)
        id = operation.get("operationId")
        if id is not None and ids.setdefault(id, here) != here:
            first = format_pointer(ids[id])
            yield document.problem(f"the operationId {id!r} comes twice: also in #{first}", (*here, "operationId"))
    shapes: dict[str, str] = {}
    for path in dict.fromkeys(str(here[1]) for here, _ in operations(document.data)):
        yield from _repeated_parameters(document, ("paths", path), document.data["paths"][path])
    for path in document.data["paths"]:
        first = shapes.setdefault(re.sub(r"\{[^{}/]*\}", "{}", path), path)
        if first != path:
            yield document.problem(f"{path} and {first} are the same path", ("paths", path), "Remove one of the two")
    yield from _repeated_tags(document)


def _repeated_parameters(document: Document, here: Pointer, holder: Mapping[str, Any]) -> Iterator[Problem]:
    seen: set[tuple[str, str]] = set()
    for index, raw in enumerate(holder.get("parameters", ())):
        parameter = document.dereference(raw)
        key = parameter["in"], parameter["name"]
        if key in seen:
            what = f"the {key[0]} parameter {key[1]!r} comes twice"
            yield document.problem(what, (*here, "parameters", index), "Remove one of the two")
        seen.add(key)


def _repeated_tags(document: Document) -> Iterator[Problem]:
    tags = document.data.get("tags")  # not among what recovery mends: they may be of any type
    seen: set[str] = set()
    for index, tag in enumerate(tags if isinstance(tags, list) else ()):
        name = tag.get("name") if isinstance(tag, dict) else None
        if isinstance(name, str):
            if name in seen:
                yield document.problem(f"the tag {name!r} comes twice", ("tags", index), "Remove one of the two")
            seen.add(name)


def _template_problems(document: Document) -> Iterator[Problem]:
    """Paths that no request can have as they are written (OpenAPI 3.1 section 4.8.8.2)."""
    for path in document.data["paths"]:
        if path.startswith("x-"):
            continue
        if not {"{", "}"}.isdisjoint(re.sub(r"\{[^{}/]+\}", "", path)):
            yield document.problem(
                f"{path!r} has a brace that encloses no name", ("paths", path), "Write a parameter like {name}"
            )


def _repeats(flaw: Problem, published: Problem) -> bool:
    """Whether a problem repeats one that a published schema found there, or around it as one `anyOf`."""
    if flaw.location is None or published.location is None or flaw.location.file != published.location.file:
        return False
    here, there = f"{flaw.location.pointer}/", f"{published.location.pointer}/"
    return there.startswith(here) or (here.startswith(there) and published.what.startswith("either "))


def _default_problems(
    document: Document, conditional: Iterable[SchemaAt], choices: Mapping[str, str]
) -> Iterator[Problem]:
    """Rules that hold by default but stand under `also`, and the reverse: other tools see only what is not under it."""
    for place in conditional:
        by_default = holds(when(place.schema[WHEN]), choices.__getitem__)
        apart = ALSO in place.through
        if by_default and apart:
            what = f"a rule that holds by default stands under {ALSO}, where other tools do not see it"
            yield document.problem(what, (*place.pointer, WHEN), "Move it to allOf")
        if not by_default and not apart:
            what = "a rule that does not hold by default stands where other tools take it to hold"
            yield document.problem(what, (*place.pointer, WHEN), f"Move it to {ALSO}")


def _example_problems(document: Document, choices: Mapping[str, str]) -> Iterator[Problem]:
    """Examples and defaults that break their own schemas under the default choices."""
    compiled = Schemas(document.data)
    found = [(place, where, example, compiled.at(*place)) for place, where, example in _examples(document.data)]
    compiled.compile_together()
    for place, where, example, schema in found:
        try:
            if schema.accepts(example):
                continue
        except ValueError as error:  # the schema cannot be compiled: it may refer to what only some choices have
            yield document.problem(str(error).partition("\n")[0], place)
            continue
        subject = "example" if isinstance(where[-1], int) else str(where[-1])
        for violation in schema.violations(example, "example", subject):
            if holds(violation.when, choices.__getitem__):
                what = f"does not fit its schema: {violation.message}"
                remedy = f"Change the {'default' if where[-1] == 'default' else 'example'} or the schema"
                yield document.problem(what, (*where, *violation.pointer), remedy)


def _examples(data: Mapping[str, Any]) -> Iterator[tuple[Pointer, Pointer, Any]]:
    """Every example and default: the pointer of its schema, its own pointer, and itself."""
    for here, node in openapi_objects(data):
        if "schema" not in node:
            continue
        if "example" in node and not is_sent_as_written(media_type_of((*here, "example")), node["example"]):
            yield (*here, "schema"), (*here, "example"), node["example"]
        examples = node.get("examples", {})  # of another type in an object that is not known to be one of OpenAPI
        for name, example in examples.items() if isinstance(examples, dict) else ():
            place = (*here, "examples", name)
            if (
                isinstance(example, dict)
                and "value" in example
                and not is_sent_as_written(media_type_of(place), example["value"])
            ):
                yield (*here, "schema"), (*here, "examples", name, "value"), example["value"]
    for place in schemas(data):
        if "default" in place.schema:
            yield place.pointer, (*place.pointer, "default"), place.schema["default"]
        for index, example in enumerate(place.schema.get("examples", ())):
            yield place.pointer, (*place.pointer, "examples", index), example
