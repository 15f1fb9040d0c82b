"""Reading a contract: from a sound OpenAPI 3.1 document to frozen values."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from lookalike.contract import extension, semantics
from lookalike.contract.contract import Contract, Operation
from lookalike.contract.reference_checks import extension_reference_problems, reference_problems
from lookalike.contract.requests import DocumentLookup, parameters, request_body
from lookalike.contract.responses import DocumentedResponse, HeaderField, Representation, success_status
from lookalike.contract.routing import base_path
from lookalike.contract.security import SecurityScheme, scheme, security_requirements
from lookalike.contract.semantics import SuccessResponse
from lookalike.errors import DocumentError
from lookalike.http import essence
from lookalike.json_values import Pointer, object_at
from lookalike.openapi.document import Document, garbage_collection_paused
from lookalike.openapi.load import load_description
from lookalike.openapi.recovery import Issue, OmittedOperation, recover
from lookalike.openapi.sources import Source
from lookalike.openapi.structure import extension_structure_problems, structure_problems
from lookalike.openapi.walk import operations
from lookalike.schema.validator import READ_ONLY, WRITE_ONLY, Schema, Schemas
from lookalike.schema.value_types import ValueType
from lookalike.schema.vocabulary import KEYWORD, clauses_of


def load_contract(
    source: Source | Document,
    overlays: Iterable[Source] = (),
    strict: bool = False,
    infer: bool = True,
    populated: bool = False,
) -> Contract:
    """Read what is sound of the contract at a source, or in a document; what is not is in `left_out` and `ignored`.

    What is inferred `infer` is added where the document says nothing about state, also of resources that only
    hold what is `populated` beside the document. Raises `UsageError` where it
    cannot be read, `DocumentError` where it is no description of an API, or where what is written under `x-lookalike`
    is wrong, or anything that would be left out or ignored where it is `strict`.
    """
    with garbage_collection_paused():
        return _load(source, overlays, strict, infer, populated)


def _load(
    source: Source | Document, overlays: Iterable[Source], strict: bool, infer: bool, populated: bool
) -> Contract:
    document, ignored, broken, left_out = recover(load_description(source, overlays))
    if strict and (ignored or broken):
        raise DocumentError(document.problem(*flaw) for flaw in (*broken, *ignored))
    if document.mentions(KEYWORD):
        problems = extension_structure_problems(document) or extension_reference_problems(document)
        if problems:
            raise DocumentError(problems)
    return _Reader(document, infer, populated).contract(left_out, ignored)


def read_contract(document: Document, is_3_1: bool = True) -> Contract:
    """Read the contract that a document of OpenAPI 3.1 holds, with what is inferred where it says nothing about state.

    `is_3_1` is False for an upgraded document of 3.2. Raises `DocumentError` with every problem found.
    """
    problems = structure_problems(document, is_3_1) or reference_problems(document)
    if problems:
        raise DocumentError(problems)
    return _Reader(document, eager=True).contract()


def _with_conventions(document: Document, populated: bool) -> Document:
    """The document with what is inferred of operations that say nothing themselves, where there are any."""
    if all(KEYWORD in raw for _, raw in operations(document.data)):
        return document
    from lookalike.contract.inference.infer import with_inferred_semantics

    return with_inferred_semantics(document, populated)


class _Reader:
    """Walks a document once and makes values of what it finds."""

    def __init__(self, document: Document, infer: bool = True, populated: bool = False, eager: bool = False) -> None:
        self._said: Mapping[str, Any] = document.data
        self._document = _with_conventions(document, populated) if infer else document
        self._eager = eager
        self._data: Mapping[str, Any] = self._document.data
        self._extension: Mapping[str, Any] = self._data.get(KEYWORD, {})
        self._schemas = Schemas(self._data, document.mentions)
        self._look = DocumentLookup(self._follow, self._sent_schema, self._kind)
        self._schemes = dict(self._security_schemes())

    def contract(self, left_out: tuple[OmittedOperation, ...] = (), ignored: tuple[Issue, ...] = ()) -> Contract:
        resources = extension.resources(self._extension.get("resources", {}))
        return Contract(
            document=self._document,
            title=self._data["info"]["title"],
            base_path=base_path(self._data.get("servers", ())),
            operations=tuple(self._operations()),
            schemes=self._schemes,
            resources=resources,
            item_schemas={name: self._schema(KEYWORD, "resources", name, "schema") for name in resources},
            item_defaults={name: self._item_defaults(name) for name in resources},
            http_policies=extension.http_policies(self._extension.get("decide", {})),
            error_template=extension.error_template(self._extension.get("errors", {})),
            extra_members=extension.policy(self._extension.get("members", {}), dict),
            clauses=extension.clauses(self._extension.get("clauses", {})),
            readings=extension.readings(self._extension.get("readings", {})),
            schemas=self._schemas,
            omitted_operations=left_out,
            ignored_issues=ignored,
        )

    def _follow(self, pointer: Pointer) -> tuple[Pointer, Mapping[str, Any]]:
        return object_at(self._data, pointer)

    def _kind(self, schema: Any) -> ValueType:
        return ValueType((schema,), self._document.lookup)

    def _sent_schema(self, pointer: Pointer, member: str = "") -> Schema:
        return self._compiled(pointer, member=member, unsent=READ_ONLY, formats=True)

    def _schema(self, *pointer: str | int) -> Schema:
        return self._compiled(pointer)

    def _compiled(self, pointer: Pointer, **how: Any) -> Schema:
        schema = self._schemas.at(*pointer, **how)
        try:
            if self._eager:
                schema.accepts(None)
            return schema
        except ValueError as error:  # a pattern, say, that is no regular expression
            place = getattr(error, "instance_path", None) or pointer
            raise DocumentError([self._document.problem(str(error).partition("\n")[0], place)]) from None

    def _security_schemes(self) -> Iterator[tuple[str, SecurityScheme]]:
        for name in self._data.get("components", {}).get("securitySchemes", {}):
            yield name, scheme(name, self._follow(("components", "securitySchemes", name))[1])

    def _operations(self) -> Iterator[Operation]:
        for here, raw in operations(self._data):
            yield self._operation(here, raw)

    def _operation(self, here: Pointer, raw: Mapping[str, Any]) -> Operation:
        path, method = str(here[1]), str(here[2])
        ours = raw.get(KEYWORD, {})
        _, item = self._follow(here[:-1])
        servers = raw.get("servers") or item.get("servers") or self._data.get("servers", ())
        is_ours = KEYWORD in self._said["paths"][path][method]
        answers = {
            status: self._answer((*here, "responses", status), status, is_ours)
            for status in raw["responses"]
            if not status.startswith("x-")
        }
        return Operation(
            id=raw.get("operationId", f"{method} {path}"),
            method=method.upper(),
            path=path,
            base_path=base_path(servers),
            summary=raw.get("summary", ""),
            parameters=parameters(self._look, self._parameter_places(path, method)),
            body=request_body(self._look, (*here, "requestBody")) if "requestBody" in raw else None,
            responses=answers,
            security=security_requirements(raw.get("security", self._data.get("security", ())), self._schemes),
            selector=semantics.item_selector(ours["select"]) if "select" in ours else None,
            listing=semantics.listing(ours["list"]) if "list" in ours else None,
            steps=tuple(semantics.step(step) for step in ours.get("apply", ())),
            success=_placed(
                semantics.success_response(ours.get("answer"), success_status(answers) or next(iter(answers), "")),
                answers,
            ),
            property_clauses={name: tuple(ids) for name, ids in ours.get("properties", {}).items()},
            request_example=self._example(path, method),
            deprecated=raw.get("deprecated") is True,
        )

    def _parameter_places(self, path: str, method: str) -> Iterator[tuple[Pointer, Mapping[str, Any]]]:
        for here in (("paths", path, "parameters"), ("paths", path, method, "parameters")):
            _, parent = self._follow(here[:-1])
            for index in range(len(parent.get("parameters", ()))):
                yield self._follow((*here, index))

    def _example(self, path: str, method: str) -> dict[str, Any]:
        """An example of each parameter by name, and of the body under the empty name."""
        _, raw = self._follow(("paths", path, method))
        example = {raw["name"]: raw["example"] for _, raw in self._parameter_places(path, method) if "example" in raw}
        if "requestBody" not in raw:
            return example
        here, body = self._follow(("paths", path, method, "requestBody"))
        first = next(iter(body.get("content", ())), "")
        bodies = [value for _, value in self._examples(*self._follow((*here, "content", first)))] if first else []
        return example | ({"": bodies[0]} if bodies else {})

    def _answer(self, here: Pointer, status: str, is_ours: bool) -> DocumentedResponse:
        """A documented answer; where `x-lookalike` says what the operation does, its first example is binding."""
        pointer, raw = self._follow(here)
        content = dict(self._content(pointer, raw))
        headers = tuple(self._field((*pointer, "headers", name)) for name in raw.get("headers", ()))
        template = raw.get(KEYWORD, {}).get("body")
        return DocumentedResponse(status, content, headers, template, is_ours, clauses_of(raw))

    def _content(self, here: Pointer, raw: Mapping[str, Any]) -> Iterator[tuple[str, Representation]]:
        """Each representation by its media type: JSON first, since that is what is answered where nobody asks."""
        types = raw.get("content", {})
        for media_type in sorted(types, key=lambda name: (essence(name) != "application/json", "json" not in name)):
            yield media_type, self._representation(media_type, (*here, "content", media_type))

    def _representation(self, media_type: str, here: Pointer) -> Representation:
        place, raw = self._follow(here)
        examples = dict(self._examples(place, raw))
        if "schema" not in raw:
            return Representation(media_type, examples=examples)
        place = (*place, "schema")
        return Representation(media_type, place, self._compiled(place, unsent=WRITE_ONLY), examples)

    def _examples(self, here: Pointer, raw: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        if "example" in raw:
            yield "example", raw["example"]
            return
        for name in raw.get("examples", ()):
            _, example = self._follow((*here, "examples", name))
            if "value" in example:
                yield name, example["value"]

    def _field(self, here: Pointer) -> HeaderField:
        """A header field, which has a schema itself or one for a single media type."""
        pointer, raw = self._follow(here)
        name = next(iter(raw.get("content", ())), "")
        media = self._representation(name, (*pointer, "content", name)) if name else self._representation("", pointer)
        return HeaderField(str(here[-1]), raw.get("required") is True, raw.get("explode") is True, media)

    def _item_defaults(self, resource: str) -> dict[str, Any]:
        pointer, schema = self._follow((KEYWORD, "resources", resource, "schema"))
        properties = schema.get("properties", {})
        members = {name: self._follow((*pointer, "properties", name))[1] for name in properties}
        return {name: member["default"] for name, member in members.items() if "default" in member}


def _placed(success: SuccessResponse, answers: Mapping[str, DocumentedResponse]) -> SuccessResponse:
    """What tells of a success with the place of its schema, where its body is made of the state."""
    return (
        replace(success, schema_pointer=answers[success.status].default_representation.schema_pointer)
        if success.body is not None
        else success
    )
