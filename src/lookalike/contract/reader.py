"""Reads a contract: makes frozen values of an OpenAPI 3.1 document that has been recovered or checked."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from lookalike.contract import extension, semantics
from lookalike.contract.callbacks import Callback, read_callbacks, read_webhooks
from lookalike.contract.contract import Contract, Operation
from lookalike.contract.grounds import NO_GROUNDS, Grounds
from lookalike.contract.reference_checks import extension_reference_problems
from lookalike.contract.requests import DocumentLookup, Parameter, named_examples, parameters, request_body
from lookalike.contract.responses import DocumentedResponse, HeaderField, Representation, success_status
from lookalike.contract.routing import base_path
from lookalike.contract.security import SecurityScheme, scheme, security_requirements
from lookalike.contract.semantics import SuccessResponse
from lookalike.errors import DocumentError
from lookalike.http import essence
from lookalike.json_values import Pointer, PointerError, object_at
from lookalike.openapi.document import Document
from lookalike.openapi.load import load_combined, load_description
from lookalike.openapi.recovery import Issue, OmittedOperation, recover
from lookalike.openapi.sources import Mount, Source, SourceReader
from lookalike.openapi.structure import extension_structure_problems
from lookalike.openapi.walk import operations
from lookalike.openapi.yaml_text import garbage_collection_paused
from lookalike.schema.directions import READ_ONLY, WRITE_ONLY
from lookalike.schema.formats import FormatCheck
from lookalike.schema.validator import Schema, Schemas
from lookalike.schema.value_types import ValueType
from lookalike.schema.vocabulary import KEYWORD, clauses_of


def load_contract(  # noqa: PLR0913  # the parts of a description, and how they are read
    source: Source | Document | Sequence[Mount],
    overlays: Iterable[Source] = (),
    strict: bool = False,
    infer: bool = True,
    populated: bool = False,
    *,
    reader: SourceReader | None = None,
) -> Contract:
    """Read as much of a contract as is sound; the rest is in its `omitted_operations` and `ignored_issues`.

    `infer` adds what the document implies about state where it does not state it; where the mock is `populated`, also
    for resources of which the document shows no item. `reader` has the rules for references. Several documents are read
    as one, with each below a path of its own. Raises `UsageError` if
    the source cannot be read, and `DocumentError` where it describes no API, where its `x-lookalike` is wrong, or, if
    `strict`, where anything is.
    """
    with garbage_collection_paused():
        if isinstance(source, Sequence) and not isinstance(source, str):
            return _load(load_combined(source, tuple(overlays), base_path, reader), strict, infer, populated)
        return _load(load_description(source, overlays, reader), strict, infer, populated)


def _load(description: Document, strict: bool, infer: bool, populated: bool) -> Contract:
    document, ignored, broken, omitted = recover(description)
    if strict and (ignored or broken):
        raise DocumentError(document.problem(*flaw) for flaw in (*broken, *ignored))
    if document.mentions(KEYWORD):
        problems = extension_structure_problems(document) or extension_reference_problems(document)
        if problems:
            raise DocumentError(problems)
    return _Reader(document, infer, populated).contract(omitted, ignored)


def compiled_contract(document: Document) -> Contract:
    """The contract of a document with sound structure and references; raises `DocumentError` for what is no schema."""
    return _Reader(document, eager=True).contract()


# Keywords that hold values, and never schemas.
_VALUES = frozenset({"const", "default", "enum", "example", "examples", "type"})


class _InferredDocument(NamedTuple):
    """A document with its inferred semantics, and the grounds of operations, by path and method, and of resources."""

    document: Document
    operations: Mapping[tuple[str, str], Grounds]
    resources: Mapping[str, Grounds]


def _with_inferred(document: Document, populated: bool) -> _InferredDocument:
    """The document with the inferred semantics of operations without `x-lookalike`, if there are any."""
    if all(KEYWORD in raw for _, raw in operations(document.data)):
        return _InferredDocument(document, {}, {})
    from lookalike.contract.inference.infer import infer
    from lookalike.contract.inference.inferred import with_inferred_semantics

    if len(document.mounts) > 1:
        from lookalike.contract.inference.combined_documents import infer_apart

        inferred = infer_apart(document.data, document.mounts, populated)
    else:
        inferred = infer(document.data, populated)
    return _InferredDocument(with_inferred_semantics(document, inferred), inferred.grounds, inferred.resource_grounds)


class _Reader:
    """Walks a document once and makes the values of a contract; `eager` compiles every schema, to see that it is."""

    def __init__(self, document: Document, infer: bool = True, populated: bool = False, eager: bool = False) -> None:
        self._written: Mapping[str, Any] = document.data  # before anything was inferred
        self._inference = _with_inferred(document, populated) if infer else _InferredDocument(document, {}, {})
        self._document = self._inference.document
        self._eager = eager
        self._places: dict[int, tuple[Schema, Pointer]] = {}  # by identity, since schemas have no hash
        self._data: Mapping[str, Any] = self._document.data
        self._extension: Mapping[str, Any] = self._data.get(KEYWORD, {})
        self._schemas = Schemas(self._data, document.mentions)
        # By pointer, since operations have many of them in common, by references.
        self._parameters: dict[Pointer, Parameter] = {}
        self._responses: dict[tuple[Pointer, str, bool], DocumentedResponse] = {}
        self._lookup = DocumentLookup(self._follow, self._request_schema, self._value_type)
        self._schemes = dict(self._security_schemes())

    def contract(self, omitted: tuple[OmittedOperation, ...] = (), ignored: tuple[Issue, ...] = ()) -> Contract:
        resources = extension.resources(self._extension.get("resources", {}), self._inference.resources)
        operations = tuple(self._operations())
        item_schemas = {name: self._schema(KEYWORD, "resources", name, "schema") for name in resources}
        self._compile_all()
        return Contract(
            document=self._document,
            title=self._data["info"]["title"],
            base_path=base_path(self._data.get("servers", ())),
            operations=operations,
            has_callbacks=any(operation.callbacks for operation in operations),
            webhooks=self._webhooks() if "webhooks" in self._data else {},
            schemes=self._schemes,
            resources=resources,
            item_schemas=item_schemas,
            item_defaults={name: self._item_defaults(name) for name in resources},
            http_policies=extension.http_policies(self._extension.get("decide", {})),
            error_template=extension.error_template(self._extension.get("errors", {})),
            extra_members=extension.policy(self._extension.get("members", {}), dict),
            clauses=extension.clauses(self._extension.get("clauses", {})),
            readings=extension.readings(self._extension.get("readings", {})),
            schemas=self._schemas,
            omitted_operations=omitted,
            ignored_issues=ignored,
        )

    def _follow(self, pointer: Pointer) -> tuple[Pointer, Mapping[str, Any]]:
        return object_at(self._data, pointer)

    def _value_type(self, schema: Any) -> ValueType:
        return ValueType((schema,), self._document.lookup)

    def _request_schema(self, pointer: Pointer, member: str = "") -> Schema:
        # The document without what requests do not have takes long to make, and most parameters are no objects.
        unsent = "" if member and self._holds_no_schema(pointer) else READ_ONLY
        return self._compiled(pointer, member=member, unsent=unsent, formats=FormatCheck.STRICT)

    def _holds_no_schema(self, pointer: Pointer) -> bool:
        """Whether a schema has no other schemas in it, so that it is the same for requests and responses."""
        _, schema = self._follow(pointer)
        return not any(isinstance(value, dict | list) for name, value in schema.items() if name not in _VALUES)

    def _schema(self, *pointer: str | int) -> Schema:
        return self._compiled(pointer)

    def _compiled(self, pointer: Pointer, **options: Any) -> Schema:
        schema = self._schemas.at(*pointer, **options)
        if self._eager:
            self._places.setdefault(id(schema), (schema, pointer))
        return schema

    def _compile_all(self) -> None:
        """Compile all schemas; raises `DocumentError` for the first that is none."""
        if self._eager:
            self._schemas.compile_together()
        for schema, pointer in self._places.values():
            try:
                schema.accepts(None)
            except ValueError as error:  # such as a pattern that is no regular expression
                place = getattr(error, "instance_path", None) or pointer
                raise DocumentError([self._document.problem(str(error).partition("\n")[0], place)]) from None

    def _security_schemes(self) -> Iterator[tuple[str, SecurityScheme]]:
        for name in self._data.get("components", {}).get("securitySchemes", {}):
            yield name, scheme(name, self._follow(("components", "securitySchemes", name))[1])

    def _operations(self) -> Iterator[Operation]:
        for pointer, raw in operations(self._data):
            yield self._operation(pointer, raw)

    def _operation(self, pointer: Pointer, raw: Mapping[str, Any]) -> Operation:
        path, method = str(pointer[1]), str(pointer[2])
        effects = raw.get(KEYWORD, {})
        _, item = self._follow(pointer[:-1])
        servers = raw.get("servers") or item.get("servers") or self._data.get("servers", ())
        # Servers of the operation override those of the path, and these the document's (OpenAPI 3.1 section 4.8.10).
        is_stated = KEYWORD in self._written["paths"][path][method]
        parameter_places = [*self._parameter_places((pointer[:-1], item), (pointer, raw))]
        responses = {
            status: self._response((*pointer, "responses", status), status, is_stated)
            for status in raw["responses"]
            if not status.startswith("x-")
        }
        return Operation(
            id=raw.get("operationId", f"{method} {path}"),
            method=method.upper(),
            path=path,
            base_path=base_path(servers),
            summary=raw.get("summary", ""),
            parameters=parameters(self._lookup, parameter_places, self._parameters),
            body=request_body(self._lookup, (*pointer, "requestBody")) if "requestBody" in raw else None,
            responses=responses,
            security=security_requirements(raw.get("security", self._data.get("security", ())), self._schemes),
            selector=semantics.item_selector(effects["select"]) if "select" in effects else None,
            listing=semantics.listing(effects["list"]) if "list" in effects else None,
            steps=tuple(semantics.step(step) for step in effects.get("apply", ())),
            success=_with_schema_pointer(
                semantics.success_response(
                    effects.get("answer"), success_status(responses) or next(iter(responses), "")
                ),
                responses,
            ),
            property_clauses={name: tuple(ids) for name, ids in effects.get("properties", {}).items()},
            request_example=self._example(pointer, raw, parameter_places),
            deprecated=raw.get("deprecated") is True,
            grounds=self._inference.operations.get((path, method), NO_GROUNDS),
            callbacks=self._callbacks(pointer) if "callbacks" in raw else (),
            unique=semantics.uniques(effects.get("unique", {})),
            references=semantics.references(effects.get("references", ())),
        )

    def _callbacks(self, pointer: Pointer) -> tuple[Callback, ...]:
        """The callbacks of an operation; none if they are wrong, since the operation is served without them too."""
        try:
            return tuple(read_callbacks(self._follow, self._content, pointer))
        except (PointerError, AttributeError, KeyError, TypeError):
            return ()

    def _webhooks(self) -> dict[str, Callback]:
        """The webhooks by name; none if they are wrong, since the operations are served without them too."""
        try:
            return {one.name: one for one in read_webhooks(self._follow, self._content)}
        except (PointerError, AttributeError, KeyError, TypeError):
            return {}

    def _parameter_places(
        self, *holders: tuple[Pointer, Mapping[str, Any]]
    ) -> Iterator[tuple[Pointer, Mapping[str, Any]]]:
        """The parameters of a path and of an operation, and where they are."""
        for pointer, holder in holders:
            for index in range(len(holder.get("parameters", ()))):
                yield self._follow((*pointer, "parameters", index))

    def _example(
        self,
        pointer: Pointer,
        raw: Mapping[str, Any],
        parameter_places: Iterable[tuple[Pointer, Mapping[str, Any]]],
    ) -> dict[str, Any]:
        """An example of each parameter by name, and of the body, in its first media type, under the empty name."""
        example = {one["name"]: one["example"] for _, one in parameter_places if "example" in one}
        if "requestBody" not in raw:
            return example
        pointer, body = self._follow((*pointer, "requestBody"))
        first = next(iter(body.get("content", ())), "")
        bodies = [value for _, value in self._examples(*self._follow((*pointer, "content", first)))] if first else []
        return example | ({"": bodies[0]} if bodies else {})

    def _response(self, pointer: Pointer, status: str, is_stated: bool) -> DocumentedResponse:
        """A documented response; its first example is binding where the document states what the operation does."""
        pointer, raw = self._follow(pointer)
        known = pointer, status, is_stated
        if known not in self._responses:
            self._responses[known] = self._new_response(pointer, raw, status, is_stated)
        return self._responses[known]

    def _new_response(
        self, pointer: Pointer, raw: Mapping[str, Any], status: str, is_stated: bool
    ) -> DocumentedResponse:
        content = dict(self._content(pointer, raw))
        headers = tuple(self._field((*pointer, "headers", name)) for name in raw.get("headers", ()))
        template = raw.get(KEYWORD, {}).get("body")
        return DocumentedResponse(status, content, headers, template, is_stated, clauses_of(raw))

    def _content(self, pointer: Pointer, raw: Mapping[str, Any]) -> Iterator[tuple[str, Representation]]:
        """Each representation by its media type, JSON first: that one is sent where no `Accept` asks for another."""
        types = raw.get("content", {})
        for media_type in sorted(types, key=lambda name: (essence(name) != "application/json", "json" not in name)):
            yield media_type, self._representation(media_type, (*pointer, "content", media_type))

    def _representation(self, media_type: str, pointer: Pointer) -> Representation:
        place, raw = self._follow(pointer)
        examples = dict(self._examples(place, raw))
        if "schema" not in raw:
            return Representation(media_type, examples=examples)
        place = (*place, "schema")
        return Representation(media_type, place, self._compiled(place, unsent=WRITE_ONLY), examples)

    def _examples(self, pointer: Pointer, raw: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        if "example" in raw:
            yield "example", raw["example"]
            return
        yield from named_examples(self._follow, pointer, raw)

    def _field(self, pointer: Pointer) -> HeaderField:
        """A header field, which has either a schema or the content of one media type (OpenAPI 3.1 section 4.8.21).

        Its name is that in the response, whatever the component is called that it refers to.
        """
        name, (pointer, raw) = str(pointer[-1]), self._follow(pointer)
        type_ = next(iter(raw.get("content", ())), "")
        media = (
            self._representation(type_, (*pointer, "content", type_)) if type_ else self._representation("", pointer)
        )
        return HeaderField(name, raw.get("required") is True, raw.get("explode") is True, media)

    def _item_defaults(self, resource: str) -> dict[str, Any]:
        pointer, schema = self._follow((KEYWORD, "resources", resource, "schema"))
        properties = schema.get("properties", {})
        members = {name: self._follow((*pointer, "properties", name))[1] for name in properties}
        return {name: member["default"] for name, member in members.items() if "default" in member}


def _with_schema_pointer(success: SuccessResponse, responses: Mapping[str, DocumentedResponse]) -> SuccessResponse:
    """The response of success with the place of its schema, where its body is made of state."""
    return (
        replace(success, schema_pointer=responses[success.status].default_representation.schema_pointer)
        if success.body is not None
        else success
    )
