"""`x-lookalike`: what a document adds to OpenAPI, as values.

Documents have been checked against the grammar (`openapi/extension.schema.json`) before anything is read here, so this
module only translates. Where the grammar allows it, a value is written as `{reading: ID, choices: {CHOICE: VALUE}}` and
becomes a `Policy`; `{reading: ID}` alone means that the choices are the values.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from lookalike.contract.conventions import USUAL_ITEMS, ResourceConventions
from lookalike.contract.grounds import NO_GROUNDS, Grounds
from lookalike.json_values import Pointer, parse_pointer
from lookalike.readings import Chosen, Fixed, Policy, Reading
from lookalike.schema.vocabulary import word

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Clause:
    """A sentence that binds a server, and the sections of the vendor's documentation that state it."""

    id: str
    statement: str
    sources: tuple[str, ...]


CandidateKey = tuple[str, ...]
"""Fields whose values, joined, identify an item."""

CandidateKeys = tuple[CandidateKey, ...]
"""The keys by any of which an item is found; the first is its own, under which it is stored."""


@dataclass(frozen=True, slots=True)
class Parent:
    """The parent of a resource, and the fields of an item that hold the parent's key.

    Without a `resource`, nothing but that key is known of the parent. `scopes_keys` is true where keys are unique
    below one parent only, so that the parent's key is part of them.
    """

    resource: str
    fields: tuple[str, ...]
    scopes_keys: bool


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource: items of one schema that the server stores.

    Without `keys` there is one item, or one for each parent. State starts with the items of the file `seed`, all of
    which must fit the schema, and with the `examples` that fit it. `grounds` tells why each inferred fact is believed.
    Identity fields that are not members of an item are `shown_at` a place inside of one, if at all.
    """

    name: str
    keys: Policy[CandidateKeys]
    seed: str = ""
    examples: tuple[Mapping[str, Any], ...] = ()
    parent: Parent | None = None
    grounds: Grounds = field(default_factory=dict, compare=False)
    shown_at: tuple[tuple[str, Pointer], ...] = ()
    conventions: ResourceConventions = USUAL_ITEMS

    @property
    def is_single(self) -> bool:
        """Whether there is one item, or one for each parent."""
        return self.keys == NO_KEY


NO_KEY: Fixed[CandidateKeys] = Fixed(())


@dataclass(frozen=True, slots=True)
class HttpPolicies:
    """Decisions that HTTP leaves to a server; each has a vocabulary of its own (`decide` in the grammar)."""

    method: Policy[str]
    options: Policy[str]
    accept: Policy[str]
    media_type: Policy[str]
    empty_body: Policy[str]
    order: Policy[str]
    security_order: Policy[str]
    path_parameter: Policy[str]
    null_member: Policy[str]
    number_spelling: Policy[str]
    precision: Policy[str]
    fraction: Policy[str]


# As the RFC says (406, 415), except that a mock may be tolerant where the document does not say which it is.
DOCUMENTED = "documented"

HTTP_POLICY_DEFAULTS = {
    "method": "405",
    "options": "204",
    "accept": DOCUMENTED,
    "media-type": DOCUMENTED,
    "empty-body": "400",
    "order": "validate-first",
    "security-order": "first",
    "path-parameter": "invalid",
    "null-member": "rejected",
    "number-spelling": "same",
    "precision": "exact",
    "fraction": "kept",
}


@dataclass(frozen=True, slots=True)
class BearerRules:
    """The rules of a bearer scheme about the Authorization field (RFC 6750), and the clauses behind each failure."""

    scheme_case: Policy[str]
    semicolon: Policy[str]
    second_header: Policy[str]
    clauses: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class ErrorTemplate:
    """The body of errors that the document does not describe."""

    media_type: str
    body: Any


def policy(raw: Any, read: Callable[[Any], T]) -> Policy[T]:
    """Read a value that may be written once for each choice of a reading."""
    if not (isinstance(raw, Mapping) and "reading" in raw):
        return Fixed(read(raw))
    if "choices" not in raw:
        return Chosen(raw["reading"], {}, read)
    return Chosen(raw["reading"], {choice: read(value) for choice, value in raw["choices"].items()})


def clauses(raw: Mapping[str, Any]) -> dict[str, Clause]:
    """Read the clauses by id."""
    return {id: Clause(id, entry["says"], tuple(entry.get("from", ()))) for id, entry in raw.items()}


def readings(raw: Mapping[str, Any]) -> dict[str, Reading]:
    """Read the readings by id."""
    return {
        id: Reading(
            id,
            entry["question"],
            entry["default"],
            dict(entry["choices"]),
            entry.get("other", {}).get("pattern", ""),
            tuple(entry.get("quotes", ())),
            tuple(entry.get("from", ())),
        )
        for id, entry in raw.items()
    }


def resources(raw: Mapping[str, Any], grounds: Mapping[str, Grounds]) -> dict[str, Resource]:
    """Read the resources by name; `grounds` are those of the inferred ones."""
    return {name: _resource(name, entry, grounds.get(name, NO_GROUNDS)) for name, entry in raw.items()}


def fields(raw: str | Sequence[str]) -> tuple[str, ...]:
    """Read the names of fields, of which one may stand without a list."""
    return (raw,) if isinstance(raw, str) else tuple(raw)


def http_policies(raw: Mapping[str, Any]) -> HttpPolicies:
    """Read `decide`, with the default of each policy that it does not name."""
    return HttpPolicies(**{name.replace("-", "_"): policy(raw.get(name, default), word) for name, default in _DEFAULTS})


def bearer(raw: Mapping[str, Any]) -> BearerRules:
    """Read the `x-lookalike` of a bearer scheme."""
    return BearerRules(
        policy(raw.get("scheme-case", "insensitive"), word),
        policy(raw.get("semicolon", "rejected"), word),
        policy(raw.get("second-header", "none"), word),
        {kind: tuple(ids) for kind, ids in raw.get("clauses", {}).items()},
    )


def error_template(raw: Mapping[str, Any]) -> ErrorTemplate | None:
    """Read `errors`; where it is empty, undocumented errors are problem details (RFC 9457)."""
    return ErrorTemplate(raw["media-type"], raw["body"]) if raw else None


_DEFAULTS = tuple(HTTP_POLICY_DEFAULTS.items())


def _resource(name: str, raw: Mapping[str, Any], grounds: Grounds) -> Resource:
    parent = raw.get("parent")
    scopes = parent is not None and parent.get("keys", "scoped") == "scoped"
    return Resource(
        name,
        policy(raw["key"], _candidate_keys) if "key" in raw else NO_KEY,
        raw.get("seed", ""),
        tuple(raw.get("examples", ())),
        Parent(parent.get("resource", ""), fields(parent["by"]), scopes) if parent else None,
        grounds,
        tuple((field, parse_pointer(place)) for field, place in raw.get("shown-at", {}).items()),
    )


def _candidate_keys(raw: Any) -> CandidateKeys:
    keys = [raw] if isinstance(raw, str) else raw
    return tuple((key,) if isinstance(key, str) else tuple(key) for key in keys)
