"""The contract and its operations, with all references resolved. `reader` makes them of a document."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lookalike.contract.callbacks import Callback
from lookalike.contract.conventions import USUAL, OperationConventions
from lookalike.contract.extension import Clause, ErrorTemplate, HttpPolicies, Resource
from lookalike.contract.grounds import Grounds
from lookalike.contract.requests import Parameter, ParameterKey, RequestBody
from lookalike.contract.responses import DocumentedResponse
from lookalike.contract.security import Requirements, SecurityScheme
from lookalike.contract.semantics import ItemReference, ItemSelector, Listing, Step, SuccessResponse, Unique
from lookalike.errors import UsageError
from lookalike.openapi.document import Document
from lookalike.openapi.recovery import Issue, OmittedOperation
from lookalike.readings import Policy, Reading
from lookalike.schema.directions import WRITE_ONLY
from lookalike.schema.validator import Schema, Schemas


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation: one method on one path (OpenAPI 3.1 section 4.8.10).

    `base_path` is that of its own servers, which override the document's. `responses` are by status, also ranges
    (`2XX`) and `default`. `security` are the alternatives of which one must be satisfied. `selector`, `listing`,
    `steps` and `success` are what it does to state, `unique` and `references` what forbids that, `property_clauses` the
    ids of the clauses behind each checked property. `request_example` has an example of each parameter by name, and of
    the body under the empty name. `grounds` has the reason to believe each inferred fact.
    """

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
    grounds: Grounds = field(default_factory=dict, compare=False)
    conventions: OperationConventions = USUAL
    callbacks: tuple[Callback, ...] = ()
    unique: tuple[Unique, ...] = ()
    references: tuple[ItemReference, ...] = ()

    @property
    def name(self) -> str:
        """The `operationId`, or method and path where the document gives none."""
        usual = f"{self.method.lower()} {self.path}"
        return f"{self.method} {self.path}" if self.id == usual else self.id

    @property
    def success_status(self) -> str:
        """The key of the response of success in `responses`."""
        return self.success.status


@dataclass(frozen=True, slots=True)
class Contract:
    """Everything that a document promises.

    `item_schemas` and `item_defaults` are by resource. `extra_members` are added to every documented body that is
    answered. `omitted_operations` could not be served, and `ignored_issues` were wrong without harm.
    """

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
    has_callbacks: bool = False
    webhooks: Mapping[str, Callback] = field(default_factory=dict)

    @property
    def response_document(self) -> Any:
        """The document as responses have to fit it: `writeOnly` members are neither required nor allowed."""
        return self.schemas.document_for(WRITE_ONLY)

    def choices(self, chosen: Mapping[str, str]) -> dict[str, str]:
        """The choice of every reading, its default where none is given; raises `UsageError` for an unknown one."""
        for name, choice in chosen.items():
            if name not in self.readings:
                known = ", ".join(self.readings) or "none"
                raise UsageError(f"there is no reading {name!r}; this contract has: {known}")
            check_choice(self.readings[name], choice)
        return {name: chosen.get(name, reading.default) for name, reading in self.readings.items()}


def check_choice(reading: Reading, choice: str) -> None:
    """Raise `UsageError` unless a reading has a choice."""
    if not reading.allows(choice):
        others = f", or any other that matches {reading.other}" if reading.other else ""
        known = ", ".join(reading.choices) + others
        raise UsageError(f"reading {reading.id!r} has no choice {choice!r}; it has: {known}")
