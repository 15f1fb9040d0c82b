"""The contract: what a document promises, resolved and frozen."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from lookalike.contract import extension
from lookalike.contract.answers import Answer, Field, Media, answer_side, success
from lookalike.contract.choices import Policy, Reading
from lookalike.contract.document import Document, load_document
from lookalike.contract.extension import Bearer, Clause, Decide, Errors, Resource, Select, Step, clauses_of
from lookalike.contract.places import Pointer, operations
from lookalike.contract.pointers import parse_pointer
from lookalike.contract.references import reference_problems
from lookalike.contract.schemas import Schema, Schemas
from lookalike.contract.shape import shape_problems
from lookalike.errors import DocumentError, UsageError
from lookalike.http import essence


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
    steps: tuple[Step, ...]
    answer: str
    properties: Mapping[str, tuple[str, ...]]
    example: Mapping[str, Any]
    deprecated: bool = False


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
    answer_side: Mapping[str, Any]

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


def load_contract(path: Path) -> Contract:
    """Read the contract in a file; raises `UsageError` where it cannot be read, `DocumentError` where it is broken."""
    return read_contract(load_document(path))


def read_contract(document: Document) -> Contract:
    """Read the contract that a document holds; raises `DocumentError` with every problem found."""
    problems = shape_problems(document) or reference_problems(document)
    if problems:
        raise DocumentError(problems)
    return _Reader(document).contract()


class _Reader:
    """Walks a document once and makes values of what it finds."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._data: Mapping[str, Any] = document.data
        self._extension: Mapping[str, Any] = self._data.get(extension.KEYWORD, {})
        self._schemas = Schemas(self._data)
        self._answer_side: Mapping[str, Any] = answer_side(self._data)
        same = self._answer_side is self._data
        self._answer_schemas = self._schemas if same else Schemas(self._answer_side)
        self._schemes = dict(self._security_schemes())

    def contract(self) -> Contract:
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
            answer_side=self._answer_side,
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
            pointer = parse_pointer(node["$ref"].removeprefix("#"))
            node = self._document.lookup(node["$ref"])
        return pointer, node if isinstance(node, Mapping) else {}

    def _schema(self, *pointer: str | int, of: Schemas | None = None) -> Schema:
        try:
            return (of or self._schemas).at(*pointer)
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
            status: self._answer((*here, "responses", status), status, extension.KEYWORD in raw)
            for status in raw["responses"]
            if not status.startswith("x-")
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
            select=extension.select(ours["select"]) if "select" in ours else None,
            steps=tuple(extension.step(step) for step in ours.get("apply", ())),
            answer=ours.get("answer") or success(answers) or next(iter(answers), ""),
            properties={name: tuple(ids) for name, ids in ours.get("properties", {}).items()},
            example=self._example(path, method),
            deprecated=raw.get("deprecated") is True,
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
        if "requestBody" not in raw:
            return example
        here, body = self._follow(("paths", path, method, "requestBody"))
        first = next(iter(body.get("content", ())), "")
        bodies = [value for _, value in self._examples(*self._follow((*here, "content", first)))] if first else []
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

    def _answer(self, here: Pointer, status: str, is_ours: bool) -> Answer:
        """A documented answer; where `x-lookalike` says what the operation does, its first example is binding."""
        pointer, raw = self._follow(here)
        content = dict(self._content(pointer, raw))
        headers = tuple(self._field((*pointer, "headers", name)) for name in raw.get("headers", ()))
        binding = next((value for media in content.values() for value in media.examples.values()), None)
        template = raw.get(extension.KEYWORD, {}).get("body", binding if is_ours else None)
        return Answer(status, content, headers, template, clauses_of(raw))

    def _content(self, here: Pointer, raw: Mapping[str, Any]) -> Iterator[tuple[str, Media]]:
        """Each representation by its media type: JSON first, since that is what is answered where nobody asks."""
        types = raw.get("content", {})
        for media_type in sorted(types, key=lambda name: (essence(name) != "application/json", "json" not in name)):
            yield media_type, self._media(media_type, (*here, "content", media_type))

    def _media(self, media_type: str, here: Pointer) -> Media:
        place, raw = self._follow(here)
        schema = self._schema(*place, "schema", of=self._answer_schemas) if "schema" in raw else None
        return Media(media_type, (*place, "schema") if schema else (), schema, dict(self._examples(place, raw)))

    def _examples(self, here: Pointer, raw: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        if "example" in raw:
            yield "example", raw["example"]
            return
        for name in raw.get("examples", ()):
            _, example = self._follow((*here, "examples", name))
            if "value" in example:
                yield name, example["value"]

    def _field(self, here: Pointer) -> Field:
        """A header field, which has a schema itself or one for a single media type."""
        pointer, raw = self._follow(here)
        name = next(iter(raw.get("content", ())), "")
        media = self._media(name, (*pointer, "content", name)) if name else self._media("", pointer)
        return Field(str(here[-1]), raw.get("required") is True, raw.get("explode") is True, media)

    def _item_defaults(self, resource: str) -> dict[str, Any]:
        pointer, schema = self._follow((extension.KEYWORD, "resources", resource, "schema"))
        properties = schema.get("properties", {})
        members = {name: self._follow((*pointer, "properties", name))[1] for name in properties}
        return {name: member["default"] for name, member in members.items() if "default" in member}
