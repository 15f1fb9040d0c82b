"""`x-lookalike`: what a document adds to OpenAPI, as values.

The shape is published as JSON Schema beside this file (`extension.schema.json`) and checked before anything is read
here, so this module only translates. Wherever the grammar says so, a value may be written as
`{reading: ID, choices: {CHOICE: VALUE}}`; `{reading: ID}` alone means that the choices are the values.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from lookalike.readings import Chosen, Fixed, Policy, Reading
from lookalike.schema.vocabulary import word

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Clause:
    """A sentence that binds a server, and the places of the vendor's text that it comes from."""

    id: str
    statement: str
    sources: tuple[str, ...]


CandidateKey = tuple[str, ...]
CandidateKeys = tuple[CandidateKey, ...]


@dataclass(frozen=True, slots=True)
class Parent:
    """The kind of thing that items belong to, and the fields that hold its key.

    Without a `resource` nothing is known of it but that key. `scopes_keys` says whether keys are unique among the items
    of one parent only, so that the parent's key is part of them.
    """

    resource: str
    fields: tuple[str, ...]
    scopes_keys: bool


@dataclass(frozen=True, slots=True)
class Resource:
    """A kind of thing that the server remembers.

    `keys` lists the names that an item answers to, each a tuple of fields whose values are joined; without any there is
    only one item, or one for each parent. `seed` names a file of items to start with; of the `examples`, those that
    fit are there from the start.
    """

    name: str
    keys: Policy[CandidateKeys]
    seed: str = ""
    examples: tuple[Mapping[str, Any], ...] = ()
    parent: Parent | None = None

    @property
    def is_single(self) -> bool:
        """Whether there is only one item, or one for each parent."""
        return self.keys == NO_KEY


NO_KEY: Fixed[CandidateKeys] = Fixed(())


@dataclass(frozen=True, slots=True)
class HttpPolicies:
    """What is decided by HTTP rather than by schemas, each by a word of its own vocabulary."""

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


HTTP_POLICY_DEFAULTS = {
    "method": "405",
    "options": "204",
    "accept": "406",
    "media-type": "415",
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
    """How a bearer scheme reads its header, and the clauses behind each way to fail."""

    scheme_case: Policy[str]
    semicolon: Policy[str]
    second_header: Policy[str]
    clauses: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class ErrorTemplate:
    """The body of an error for which the document has none."""

    media_type: str
    body: Any


def policy(raw: Any, read: Callable[[Any], T]) -> Policy[T]:
    """A value that may be written as one per choice of a reading."""
    if not (isinstance(raw, Mapping) and "reading" in raw):
        return Fixed(read(raw))
    if "choices" not in raw:
        return Chosen(raw["reading"], {}, read)
    return Chosen(raw["reading"], {choice: read(value) for choice, value in raw["choices"].items()})


def clauses(raw: Mapping[str, Any]) -> dict[str, Clause]:
    """The clauses of a document by id."""
    return {id: Clause(id, entry["says"], tuple(entry.get("from", ()))) for id, entry in raw.items()}


def readings(raw: Mapping[str, Any]) -> dict[str, Reading]:
    """The readings of a document by id."""
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


def resources(raw: Mapping[str, Any]) -> dict[str, Resource]:
    """The resources of a document by name."""
    return {name: _resource(name, entry) for name, entry in raw.items()}


def fields(raw: str | Sequence[str]) -> tuple[str, ...]:
    """Names of fields, of which one may stand alone."""
    return (raw,) if isinstance(raw, str) else tuple(raw)


def http_policies(raw: Mapping[str, Any]) -> HttpPolicies:
    """The policies of a document, with the usual ones for those that it does not name."""
    return HttpPolicies(**{name.replace("-", "_"): policy(raw.get(name, usual), word) for name, usual in _USUAL})


def bearer(raw: Mapping[str, Any]) -> BearerRules:
    """How a bearer scheme is read."""
    return BearerRules(
        policy(raw.get("scheme-case", "insensitive"), word),
        policy(raw.get("semicolon", "rejected"), word),
        policy(raw.get("second-header", "none"), word),
        {kind: tuple(ids) for kind, ids in raw.get("clauses", {}).items()},
    )


def error_template(raw: Mapping[str, Any]) -> ErrorTemplate | None:
    """The body of undocumented errors; without one they are problem details (RFC 9457)."""
    return ErrorTemplate(raw["media-type"], raw["body"]) if raw else None


_USUAL = tuple(HTTP_POLICY_DEFAULTS.items())


def _resource(name: str, raw: Mapping[str, Any]) -> Resource:
    owner = raw.get("parent")
    scopes = owner is not None and owner.get("keys", "scoped") == "scoped"
    return Resource(
        name,
        policy(raw["key"], _names) if "key" in raw else NO_KEY,
        raw.get("seed", ""),
        tuple(raw.get("examples", ())),
        Parent(owner.get("resource", ""), fields(owner["by"]), scopes) if owner else None,
    )


def _names(raw: Any) -> CandidateKeys:
    names = [raw] if isinstance(raw, str) else raw
    return tuple((name,) if isinstance(name, str) else tuple(name) for name in names)
