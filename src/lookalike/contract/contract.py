"""The contract: what a document promises, resolved and frozen."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lookalike.contract import extension
from lookalike.contract.choices import Policy, Reading
from lookalike.contract.document import Document, load_document
from lookalike.contract.extension import Clause, Decide, Errors, Resource, Select, Step, clauses_of
from lookalike.contract.places import Pointer, operations
from lookalike.contract.pointers import parse_pointer
from lookalike.contract.references import reference_problems
from lookalike.contract.requests import Look, Parameter, ParameterKey, RequestBody, parameters, request_body
from lookalike.contract.routing import base_path
from lookalike.contract.schemas import READ_ONLY, Schema, Schemas
from lookalike.contract.security import Requirements, Scheme, requirements, scheme
from lookalike.contract.shape import shape_problems
from lookalike.contract.value_types import Kind
from lookalike.errors import DocumentError, UsageError


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
class Operation:
    """One method on one path, below the base path of its own servers, where it has some."""

    id: str
    method: str
    path: str
    base_path: str
    summary: str
    parameters: Mapping[ParameterKey, Parameter]
    body: RequestBody | None
    answers: Mapping[str, Answer]
    security: Requirements
    select: Select | None
    steps: tuple[Step, ...]
    answer: str
    properties: Mapping[str, tuple[str, ...]]
    example: Mapping[str, Any]


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
        self._look = Look(self._follow, self._sent_schema, self._kind)
        self._schemes = dict(self._security_schemes())

    def contract(self) -> Contract:
        resources = extension.resources(self._extension.get("resources", {}))
        return Contract(
            document=self._document,
            title=self._data["info"]["title"],
            base_path=base_path(self._data.get("servers", ())),
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
        )

    def _follow(self, pointer: Pointer) -> tuple[Pointer, Mapping[str, Any]]:
        """The object at a place, and its place, behind any `$ref`; of a boolean schema, an empty one."""
        node: Any = self._data
        for token in pointer:
            node = node[token]
        while isinstance(node, Mapping) and isinstance(node.get("$ref"), str):
            pointer = parse_pointer(node["$ref"].removeprefix("#"))
            node = self._document.lookup(node["$ref"])
        return pointer, node if isinstance(node, Mapping) else {}

    def _kind(self, schema: Any) -> Kind:
        return Kind((schema,), self._document.lookup)

    def _sent_schema(self, pointer: Pointer, member: str = "") -> Schema:
        return self._compiled(pointer, member=member, unsent=READ_ONLY, formats=True)

    def _schema(self, *pointer: str | int) -> Schema:
        return self._compiled(pointer)

    def _compiled(self, pointer: Pointer, **how: Any) -> Schema:
        try:
            return self._schemas.at(*pointer, **how)
        except ValueError as error:  # a pattern, say, that is no regular expression
            place = getattr(error, "instance_path", None) or pointer
            raise DocumentError([self._document.problem(str(error).partition("\n")[0], place)]) from None

    def _security_schemes(self) -> Iterator[tuple[str, Scheme]]:
        for name in self._data.get("components", {}).get("securitySchemes", {}):
            yield name, scheme(name, self._follow(("components", "securitySchemes", name))[1])

    def _operations(self) -> Iterator[Operation]:
        for here, raw in operations(self._data):
            yield self._operation(here, raw)

    def _operation(self, here: Pointer, raw: Mapping[str, Any]) -> Operation:
        path, method = str(here[1]), str(here[2])
        ours = raw.get(extension.KEYWORD, {})
        _, item = self._follow(here[:-1])
        servers = raw.get("servers") or item.get("servers") or self._data.get("servers", ())
        answers = {
            status: self._answer((*here, "responses", status), status)
            for status in raw["responses"]
            if status.isdigit()
        }
        return Operation(
            id=raw.get("operationId", f"{method} {path}"),
            method=method.upper(),
            path=path,
            base_path=base_path(servers),
            summary=raw.get("summary", ""),
            parameters=parameters(self._look, self._parameter_places(path, method)),
            body=request_body(self._look, (*here, "requestBody")) if "requestBody" in raw else None,
            answers=answers,
            security=requirements(raw.get("security", self._data.get("security", ())), self._schemes),
            select=extension.select(ours["select"]) if "select" in ours else None,
            steps=tuple(extension.step(step) for step in ours.get("apply", ())),
            answer=ours.get("answer") or _success(answers),
            properties={name: tuple(ids) for name, ids in ours.get("properties", {}).items()},
            example=self._example(path, method),
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
        media: Mapping[str, Any] = next(iter(raw.get("requestBody", {}).get("content", {}).values()), {})
        bodies = list(_examples(media).values())
        return example | ({"": bodies[0]} if bodies else {})

    def _answer(self, here: Pointer, status: str) -> Answer:
        pointer, raw = self._follow(here)
        media_type = next(iter(raw.get("content", {})), "")
        media: Mapping[str, Any] = raw.get("content", {}).get(media_type, {})
        schema = self._schema(*pointer, "content", media_type, "schema") if "schema" in media else None
        template = raw.get(extension.KEYWORD, {}).get("body")
        return Answer(int(status), media_type, schema, _examples(media), template, clauses_of(raw))

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
