"""The contract: what a document promises, resolved and frozen."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote, urlsplit

from lookalike.contract import actions, extension
from lookalike.contract.actions import List, Select, Step, Success
from lookalike.contract.choices import Policy, Reading
from lookalike.contract.conventions.infer import with_conventions
from lookalike.contract.document import Document, no_collections
from lookalike.contract.extension import Bearer, Clause, Decide, Errors, Resource, clauses_of
from lookalike.contract.loading import load_description
from lookalike.contract.places import Pointer, operations
from lookalike.contract.pointers import parse_pointer
from lookalike.contract.references import extension_reference_problems, reference_problems
from lookalike.contract.salvage import Flaw, LeftOut, salvage
from lookalike.contract.schemas import Schema, Schemas
from lookalike.contract.shape import extension_shape_problems, shape_problems
from lookalike.contract.sources import Source
from lookalike.errors import DocumentError, UsageError


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter in the path; `type` is the type that its schema names."""

    name: str
    type: str
    schema: Schema


@dataclass(frozen=True, slots=True)
class RequestBody:
    """The body of a request: the schema of each media type, and the names of the members that have one."""

    media_type: str
    schema: Schema
    required: bool
    members: frozenset[str]
    number_members: frozenset[str]
    clauses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """A documented answer: its status, its example bodies by name, and the template of its body where it has one."""

    status: int
    media_type: str
    schema: Schema | None
    examples: Mapping[str, Any]
    template: Any
    clauses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scheme:
    """A security scheme of type `http` and scheme `bearer`."""

    name: str
    bearer: Bearer


@dataclass(frozen=True, slots=True)
class Operation:
    """One method on one path."""

    id: str
    method: str
    path: str
    summary: str
    parameters: Mapping[str, Parameter]
    body: RequestBody | None
    answers: Mapping[str, Answer]
    security: tuple[tuple[Scheme, ...], ...]
    select: Select | None
    list: List | None
    steps: tuple[Step, ...]
    success: Success
    properties: Mapping[str, tuple[str, ...]]
    example: Mapping[str, Any]

    @property
    def answer(self) -> str:
        """Which answer tells of a success."""
        return self.success.status


@dataclass(frozen=True, slots=True)
class Contract:
    """Everything that a document promises."""

    document: Document
    title: str
    base_path: str
    operations: tuple[Operation, ...]
    schemes: Mapping[str, Scheme]
    resources: Mapping[str, Resource]
    item_schemas: Mapping[str, Schema]
    item_defaults: Mapping[str, Mapping[str, Any]]
    decide: Decide
    errors: Errors | None
    members: Policy[Mapping[str, Any]]
    clauses: Mapping[str, Clause]
    readings: Mapping[str, Reading]
    left_out: tuple[LeftOut, ...] = ()
    ignored: tuple[Flaw, ...] = ()

    def choices(self, chosen: Mapping[str, str]) -> dict[str, str]:
        """The choice of every reading: the ones given, else the defaults; raises `UsageError` for an unknown one."""
        for name, choice in chosen.items():
            self._check_choice(name, choice)
        return {name: chosen.get(name, reading.default) for name, reading in self.readings.items()}

    def _check_choice(self, name: str, choice: str) -> None:
        if name not in self.readings:
            known = ", ".join(self.readings) or "none"
            raise UsageError(f"there is no reading {name!r}; this contract has: {known}")
        reading = self.readings[name]
        if not reading.allows(choice):
            further = ", or any other that matches " + reading.other if reading.other else ""
            raise UsageError(
                f"reading {name!r} has no choice {choice!r}; it has: {', '.join(reading.choices)}{further}"
            )


def load_contract(
    source: Source, overlays: Iterable[Source] = (), strict: bool = False, by_convention: bool = True
) -> Contract:
    """Read what is sound of the contract at a source; what is not is in `left_out` and `ignored`.

    What is inferred `by_convention` is added where the document says nothing about state. Raises `UsageError` where it
    cannot be read, `DocumentError` where it is no description of an API, or where what is written under `x-lookalike`
    is wrong, or anything that would be left out or ignored where it is `strict`.
    """
    with no_collections():
        return _load(source, overlays, strict, by_convention)


def _load(source: Source, overlays: Iterable[Source], strict: bool, by_convention: bool) -> Contract:
    document, ignored, broken, left_out = salvage(load_description(source, overlays))
    if strict and (ignored or broken):
        raise DocumentError(document.problem(*flaw) for flaw in (*broken, *ignored))
    if document.says(extension.KEYWORD):
        problems = extension_shape_problems(document) or extension_reference_problems(document)
        if problems:
            raise DocumentError(problems)
    return _Reader(with_conventions(document) if by_convention else document).contract(left_out, ignored)


def read_contract(document: Document) -> Contract:
    """Read the contract that a document of OpenAPI 3.1 holds, with what is inferred where it says nothing about state.

    Raises `DocumentError` with every problem found.
    """
    problems = shape_problems(document) or reference_problems(document)
    if problems:
        raise DocumentError(problems)
    return _Reader(with_conventions(document), eager=True).contract()


class _Reader:
    """Walks a document once and makes values of what it finds."""

    def __init__(self, document: Document, eager: bool = False) -> None:
        self._document = document
        self._eager = eager
        self._data: Mapping[str, Any] = document.data
        self._extension: Mapping[str, Any] = self._data.get(extension.KEYWORD, {})
        self._schemas = Schemas(self._data, document.says(extension.ALSO))
        self._schemes = dict(self._security_schemes())

    def contract(self, left_out: tuple[LeftOut, ...] = (), ignored: tuple[Flaw, ...] = ()) -> Contract:
        resources = extension.resources(self._extension.get("resources", {}))
        return Contract(
            document=self._document,
            title=self._data["info"]["title"],
            base_path=self._base_path(),
            operations=tuple(self._operations()),
            schemes=self._schemes,
            resources=resources,
            item_schemas={name: self._schema(extension.KEYWORD, "resources", name, "schema") for name in resources},
            item_defaults={name: self._item_defaults(name) for name in resources},
            decide=extension.decide(self._extension.get("decide", {})),
            errors=extension.errors(self._extension.get("errors", {})),
            members=extension.policy(self._extension.get("members", {}), dict),
            clauses=extension.clauses(self._extension.get("clauses", {})),
            readings=extension.readings(self._extension.get("readings", {})),
            left_out=left_out,
            ignored=ignored,
        )

    def _base_path(self) -> str:
        servers = self._data.get("servers") or [{"url": "/"}]
        path: str = urlsplit(servers[0]["url"]).path
        return path.rstrip("/")

    def _follow(self, pointer: Pointer) -> tuple[Pointer, Mapping[str, Any]]:
        """The object at a place, and its place, behind any `$ref`; of a boolean schema, an empty one."""
        node: Any = self._data
        for token in pointer:
            node = node[token]
        while isinstance(node, Mapping) and isinstance(node.get("$ref"), str):
            pointer = parse_pointer(unquote(node["$ref"].removeprefix("#")))
            node = self._document.lookup(node["$ref"])
        return pointer, node if isinstance(node, Mapping) else {}

    def _schema(self, *pointer: str | int) -> Schema:
        schema = self._schemas.at(*pointer)
        try:
            if self._eager:
                schema.accepts(None)
            return schema
        except ValueError as error:  # a pattern, say, that is no regular expression
            place = getattr(error, "instance_path", None) or pointer
            raise DocumentError([self._document.problem(str(error).partition("\n")[0], place)]) from None

    def _security_schemes(self) -> Iterator[tuple[str, Scheme]]:
        for name in self._data.get("components", {}).get("securitySchemes", {}):
            _, scheme = self._follow(("components", "securitySchemes", name))
            if (scheme["type"], str(scheme.get("scheme", "")).lower()) == ("http", "bearer"):
                yield name, Scheme(name, extension.bearer(scheme.get(extension.KEYWORD, {})))

    def _operations(self) -> Iterator[Operation]:
        for here, raw in operations(self._data):
            yield self._operation(here, raw)

    def _operation(self, here: Pointer, raw: Mapping[str, Any]) -> Operation:
        path, method = str(here[1]), str(here[2])
        ours = raw.get(extension.KEYWORD, {})
        body = self._body((*here, "requestBody")) if "requestBody" in raw else None
        answers = {
            status: self._answer((*here, "responses", status), status)
            for status in raw["responses"]
            if status.isdigit()
        }
        return Operation(
            id=raw.get("operationId", f"{method} {path}"),
            method=method.upper(),
            path=path,
            summary=raw.get("summary", ""),
            parameters=dict(self._parameters(path, method)),
            body=body,
            answers=answers,
            security=tuple(self._requirements(raw)),
            select=actions.select(ours["select"]) if "select" in ours else None,
            list=actions.listing(ours["list"]) if "list" in ours else None,
            steps=tuple(actions.step(step) for step in ours.get("apply", ())),
            success=self._success(actions.success(ours.get("answer"), _success(answers)), here),
            properties={name: tuple(ids) for name, ids in ours.get("properties", {}).items()},
            example=self._example(path, method),
        )

    def _requirements(self, raw: Mapping[str, Any]) -> Iterator[tuple[Scheme, ...]]:
        for requirement in raw.get("security", self._data.get("security", ())):
            yield tuple(self._schemes[name] for name in requirement)

    def _parameter_places(self, path: str, method: str) -> Iterator[tuple[Pointer, Mapping[str, Any]]]:
        for here in (("paths", path, "parameters"), ("paths", path, method, "parameters")):
            _, parent = self._follow(here[:-1])
            for index in range(len(parent.get("parameters", ()))):
                yield self._follow((*here, index))

    def _parameters(self, path: str, method: str) -> Iterator[tuple[str, Parameter]]:
        for pointer, raw in self._parameter_places(path, method):
            if raw["in"] == "path":
                _, schema = self._follow((*pointer, "schema"))
                yield raw["name"], Parameter(raw["name"], schema.get("type", ""), self._schema(*pointer, "schema"))

    def _example(self, path: str, method: str) -> dict[str, Any]:
        """An example of each parameter by name, and of the body under the empty name."""
        _, raw = self._follow(("paths", path, method))
        example = {raw["name"]: raw["example"] for _, raw in self._parameter_places(path, method) if "example" in raw}
        media: Mapping[str, Any] = next(iter(raw.get("requestBody", {}).get("content", {}).values()), {})
        bodies = list(_examples(media).values())
        return example | ({"": bodies[0]} if bodies else {})

    def _body(self, here: Pointer) -> RequestBody | None:
        pointer, raw = self._follow(here)
        media_type = next(iter(raw["content"]), "")
        if "schema" not in raw["content"].get(media_type, {}):
            return None  # nothing is said about what may be sent
        place = (*pointer, "content", media_type, "schema")
        properties = self._follow(place)[1].get("properties", {})
        return RequestBody(
            media_type=media_type,
            schema=self._schema(*place),
            required=raw.get("required", False),
            members=frozenset(properties),
            number_members=frozenset(name for name in properties if self._holds_numbers((*place, name))),
            clauses=clauses_of(raw),
        )

    def _holds_numbers(self, place: Pointer) -> bool:
        """Whether a member of a body is a number, or a list of numbers."""
        *parent, name = place
        pointer, _ = self._follow(tuple(parent))
        pointer, schema = self._follow((*pointer, "properties", name))
        if "items" in schema:
            _, schema = self._follow((*pointer, "items"))
        return schema.get("type") in ("number", "integer")

    def _answer(self, here: Pointer, status: str) -> Answer:
        pointer, raw = self._follow(here)
        media_type = next(iter(raw.get("content", {})), "")
        media: Mapping[str, Any] = raw.get("content", {}).get(media_type, {})
        schema = self._schema(*pointer, "content", media_type, "schema") if "schema" in media else None
        template = raw.get(extension.KEYWORD, {}).get("body")
        return Answer(int(status), media_type, schema, _examples(media), template, clauses_of(raw))

    def _success(self, success: Success, here: Pointer) -> Success:
        """The answer of success with the place of its schema."""
        if success.body is None:
            return success
        pointer, raw = self._follow((*here, "responses", success.status))
        media_type = next(iter(raw.get("content", {})), "")
        return replace(success, place=(*pointer, "content", media_type, "schema"))

    def _item_defaults(self, resource: str) -> dict[str, Any]:
        pointer, schema = self._follow((extension.KEYWORD, "resources", resource, "schema"))
        properties = schema.get("properties", {})
        members = {name: self._follow((*pointer, "properties", name))[1] for name in properties}
        return {name: member["default"] for name, member in members.items() if "default" in member}


def _success(answers: Mapping[str, Answer]) -> str:
    return min((status for status in answers if status.startswith("2")), default=next(iter(answers), ""))


def _examples(media: Mapping[str, Any]) -> dict[str, Any]:
    if "example" in media:
        return {"example": media["example"]}
    return {name: example["value"] for name, example in media.get("examples", {}).items() if "value" in example}
