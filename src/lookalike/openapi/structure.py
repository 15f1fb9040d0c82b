"""Structural validation: OpenAPI by the published JSON Schema of its version, `x-lookalike` by that of this package.

A document without such problems has every object where it belongs and of the right type, and behind every reference an
object of the type that its place asks for.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from lookalike.errors import DocumentError, Problem
from lookalike.json_values import Pointer
from lookalike.openapi.document import Document
from lookalike.openapi.walk import METHODS, holds_openapi_objects, operations, references, schemas
from lookalike.schema.messages import ONE_OF_OVERLAP, name_of
from lookalike.schema.validator import Schema, Violation, json_schema, published_schema, published_schema_of_draft_4
from lookalike.schema.vocabulary import ALSO, CLAUSE, EXPRESSIONS, KEYWORD, SIGNATURE, WHEN

_EXTENSION = Path(__file__).parent / "extension.schema.json"
_PUBLISHED = Path(__file__).parent / "published"  # by the OpenAPI Initiative; `published.cdx.json` has their hashes
_OF_DRAFT_4 = frozenset({"2.0", "3.0"})
_ON_SCHEMAS = {WHEN: "when", ALSO: "also", CLAUSE: "stated"}

Located = Iterator[tuple[Pointer, str, Any]]
"""Pointers to values of the extension, each with the name of its schema and the value."""


def structure_problems(document: Document, is_3_1: bool = True) -> list[Problem]:
    """The structural problems of an OpenAPI 3.1 document, by the first stage that finds any.

    An upgraded document of 3.2 still has members that 3.1 does not know. With `is_3_1` False, only its references and
    its extension are checked: its own published schema was for the document as it was written.
    """
    for stage in _STAGES if is_3_1 else _STAGES_OF_LATER_VERSIONS:
        problems = list(stage(document))
        if problems:
            return problems
    return []


def extension_structure_problems(document: Document) -> list[Problem]:
    """The structural problems of the extension, in a document that has no others."""
    return list(_root_problems(document)) or list(_other_problems(document))


def _version_problems(document: Document) -> Iterator[Problem]:
    """The problem of a missing or unsupported version, without which nothing else can be checked."""
    data = document.data
    remedy = "Start the document with openapi: 3.1.0"
    if not isinstance(data, Mapping):
        yield document.problem("an OpenAPI document is an object", (), remedy)
    elif "openapi" not in data:
        yield document.problem("this is not an OpenAPI document: openapi is missing", (), remedy)
    elif not isinstance(data["openapi"], str):
        what = "openapi must be a string of three numbers like 3.1.0"
        yield document.problem(what, ("openapi",), f'Write openapi: "{data["openapi"]}.0"')
    elif not data["openapi"].startswith("3.1."):
        what = f"this is OpenAPI {data['openapi']}, and only OpenAPI 3.1 is read"
        yield document.problem(what, ("openapi",), "Convert the document")


def published_schema_problems(document: Document, version: str) -> Iterator[Problem]:
    """The problems of a document by the published JSON Schema of its own version, a supported one."""
    if isinstance(document.data.get("openapi"), float):
        return _version_problems(document)
    return _problems(document, _openapi(version[:3]), document.data, ())


def _openapi_problems(document: Document) -> Iterator[Problem]:
    return published_schema_problems(document, "3.1")


def _reference_problems(document: Document) -> Iterator[Problem]:
    for reference in references(document.data):
        try:
            end = document.dereference({"$ref": reference.ref})
        except DocumentError as error:
            yield from (Problem(one.what, one.remedy, document.locate(reference.pointer)) for one in error.problems)
        else:
            if reference.of_schema and not json_schema().accepts(end):
                yield document.problem(f"{reference.ref} is not a schema", reference.pointer)


def _type_problems(document: Document) -> Iterator[Problem]:
    """References to objects of another type than their place asks for, found by inlining all references."""
    return _problems(document, _openapi("3.1"), _inlined(document, document.data), ())


def _root_problems(document: Document) -> Iterator[Problem]:
    return _extension_problems(document, _one(document.data, (), KEYWORD, "root"))


def _other_problems(document: Document) -> Iterator[Problem]:
    return _extension_problems(document, _below_root(document.data) if document.mentions(KEYWORD) else iter(()))


_STAGES = (
    _version_problems,
    _openapi_problems,
    _reference_problems,
    _type_problems,
    _root_problems,
    _other_problems,
)

_STAGES_OF_LATER_VERSIONS = (_reference_problems, _root_problems, _other_problems)


@cache
def _openapi(version: str) -> Schema:
    """The published schema of a version of OpenAPI; from 3.1 on, schemas in it are checked by JSON Schema 2020-12."""
    published = json.loads((_PUBLISHED / f"{version}.schema.json").read_bytes())
    if version in _OF_DRAFT_4:
        return published_schema_of_draft_4(published)
    return published_schema(published, "", dynamic="meta")


@cache
def _ours(name: str) -> Schema:
    return published_schema(json.loads(_EXTENSION.read_bytes()), f"/$defs/{name}")


def _extension_problems(document: Document, found: Located) -> Iterator[Problem]:
    choices = _choices_by_reading(document.data.get(KEYWORD))
    for pointer, name, raw in found:
        as_written = list(_problems(document, _ours(name), raw, pointer))
        yield from as_written or _problems(document, _ours(name), _spelled_out(raw, choices), pointer)


def _below_root(data: Any) -> Located:
    """The values of the extension beside the one at the root."""
    components = data.get("components", {})
    for name, scheme in components.get("securitySchemes", {}).items():
        yield from _one(scheme, ("components", "securitySchemes", name), KEYWORD, "security-scheme")
    for name, body in components.get("requestBodies", {}).items():
        yield from _one(body, ("components", "requestBodies", name), CLAUSE, "stated")
    for name, response in components.get("responses", {}).items():
        yield from _of_response(response, ("components", "responses", name))
    for here, operation in operations(data):
        yield from _of_operation(operation, here)
    for name, item in data.get("webhooks", {}).items():
        yield from _of_calls(item, ("webhooks", name))
    for place in schemas(data):
        for keyword, name in _ON_SCHEMAS.items():
            yield from _one(place.schema, place.pointer, keyword, name)


def _of_operation(operation: Mapping[str, Any], here: Pointer) -> Located:
    yield from _one(operation, here, KEYWORD, "operation")
    yield from _one(operation.get("requestBody", {}), (*here, "requestBody"), CLAUSE, "stated")
    for status, response in operation.get("responses", {}).items():
        if status.startswith("x-"):
            continue
        yield from _of_response(response, (*here, "responses", status))
    for name, callback in operation.get("callbacks", {}).items():
        for url, item in callback.items():
            if isinstance(item, Mapping):  # rather than the text of a reference
                yield from _of_calls(item, (*here, "callbacks", name, url))


def _of_calls(item: Mapping[str, Any], here: Pointer) -> Located:
    """The signatures of the requests that a path item describes, which the server sends."""
    for method in METHODS:
        if method in item:
            yield from _one(item[method], (*here, method), SIGNATURE, "signature")


def _of_response(response: Mapping[str, Any], here: Pointer) -> Located:
    yield from _one(response, here, KEYWORD, "response")
    yield from _one(response, here, CLAUSE, "stated")


def _one(parent: Mapping[str, Any], here: Pointer, keyword: str, name: str) -> Located:
    if keyword in parent:
        yield (*here, keyword), name, parent[keyword]


def _choices_by_reading(ours: Any) -> dict[str, list[str]]:
    """The choices of each reading, as far as these are well formed."""
    readings = ours.get("readings") if isinstance(ours, Mapping) else None
    found = readings.items() if isinstance(readings, Mapping) else ()
    listed = {id: raw.get("choices") for id, raw in found if isinstance(raw, Mapping)}
    return {id: list(choices) for id, choices in listed.items() if isinstance(choices, Mapping)}


def _spelled_out(raw: Any, choices: Mapping[str, list[str]]) -> Any:
    """The value with the choices of each `{reading: ID}` written out, so that they are checked as values, too."""
    if isinstance(raw, list):
        return [_spelled_out(item, choices) for item in raw]
    if not isinstance(raw, Mapping):
        return raw
    if raw.keys() == {"reading"} and isinstance(raw["reading"], str) and raw["reading"] in choices:
        return {**raw, "choices": {choice: choice for choice in choices[raw["reading"]]}}
    return {name: _spelled_out(value, choices) for name, value in raw.items()}


def _problems(document: Document, schema: Schema, data: Any, here: Pointer) -> Iterator[Problem]:
    subject = str(here[-1]) if here else "the document"
    try:
        violations = [] if schema.accepts(data) else [*schema.violations(data, "document", subject)]
    except UnicodeEncodeError:  # the validator takes no lone surrogate, which JSON may write
        yield from _problems(document, schema, _without_surrogates(data), here)
        return
    found = list(
        {(one.pointer, one.message): one for one in violations}.values()
    )  # a rule may be reached by many paths
    real = [violation.pointer for violation in found if violation.keyword != "unevaluatedProperties"]
    for violation in _without_repetitions(found):
        if violation.keyword != "unevaluatedProperties" or not _rests_on(violation, real):
            remedy = EXPRESSIONS if "$request" in violation.message else ""
            yield document.problem(_short(violation), (*here, *violation.pointer), remedy)


def _without_surrogates(data: Any) -> Any:
    """A copy of data with a question mark for each half of a surrogate pair."""
    return json.loads(json.dumps(data, ensure_ascii=False).encode("utf-8", "replace"))


def _without_repetitions(found: Sequence[Violation]) -> Iterator[Violation]:
    """The violations, but for those that say less than another one of the same value."""
    by_pointer: dict[Pointer, set[str]] = {}
    for violation in found:
        by_pointer.setdefault(violation.pointer, set()).add(violation.keyword)
    for violation in found:
        others = by_pointer[violation.pointer] - {violation.keyword}
        is_repeated = violation.message.endswith(ONE_OF_OVERLAP) or (violation.keyword == "type" and "enum" in others)
        if not (others and is_repeated):
            yield violation


def _short(violation: Violation) -> str:
    """The message with the last name instead of the whole path, since a problem has its own location."""
    if not violation.pointer:
        return violation.message
    path = name_of(violation.pointer, "")
    return violation.message.replace(f"{path}.", "").replace(path, str(violation.pointer[-1]))


def _rests_on(violation: Violation, others: Iterable[Sequence[str | int]]) -> bool:
    """Whether members are unevaluated only because of another problem at or below their object."""
    own = violation.pointer
    return any(other[: len(own)] == own for other in others)


def _inlined(document: Document, node: Any, through: tuple[str, ...] = ()) -> Any:
    """The document with its references replaced by their targets, except in schemas."""
    if isinstance(node, list):
        return [_inlined(document, item, through) for item in node]
    if not isinstance(node, Mapping):
        return node
    ref = node.get("$ref")
    if isinstance(ref, str) and ref not in through:
        return _inlined(document, document.lookup(ref), (*through, ref))
    return {
        name: _inlined(document, value, through) if holds_openapi_objects(name) else value
        for name, value in node.items()
    }
