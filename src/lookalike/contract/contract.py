"""The contract: what a document promises, resolved and frozen."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lookalike.contract.extension import Clause, ErrorTemplate, HttpPolicies, Resource
from lookalike.contract.requests import Parameter, ParameterKey, RequestBody
from lookalike.contract.responses import DocumentedResponse
from lookalike.contract.security import Requirements, SecurityScheme
from lookalike.contract.semantics import ItemSelector, Listing, Step, SuccessResponse
from lookalike.errors import UsageError
from lookalike.openapi.document import Document
from lookalike.openapi.recovery import Issue, OmittedOperation
from lookalike.readings import Policy, Reading
from lookalike.schema.validator import WRITE_ONLY, Schema, Schemas


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
    responses: Mapping[str, DocumentedResponse]
    security: Requirements
    selector: ItemSelector | None
    listing: Listing | None
    steps: tuple[Step, ...]
    success: SuccessResponse
    property_clauses: Mapping[str, tuple[str, ...]]
    request_example: Mapping[str, Any]
    deprecated: bool = False

    @property
    def success_status(self) -> str:
        """Which answer tells of a success."""
        return self.success.status


@dataclass(frozen=True, slots=True)
class Contract:
    """Everything that a document promises."""

    document: Document
    title: str
    base_path: str
    operations: tuple[Operation, ...]
    schemes: Mapping[str, SecurityScheme]
    resources: Mapping[str, Resource]
    item_schemas: Mapping[str, Schema]
    item_defaults: Mapping[str, Mapping[str, Any]]
    http_policies: HttpPolicies
    error_template: ErrorTemplate | None
    extra_members: Policy[Mapping[str, Any]]
    clauses: Mapping[str, Clause]
    readings: Mapping[str, Reading]
    schemas: Schemas
    omitted_operations: tuple[OmittedOperation, ...] = ()
    ignored_issues: tuple[Issue, ...] = ()

    @property
    def response_document(self) -> Any:
        """The document as answers have to fit it: members that are `writeOnly` are neither required nor allowed."""
        return self.schemas.document_for(WRITE_ONLY)

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
