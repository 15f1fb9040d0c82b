"""`x-lookalike`: what a document adds to OpenAPI, as values.

The shape is published as JSON Schema beside this file (`extension.schema.json`) and checked before anything is read
here, so this module only translates. Wherever the grammar says so, a value may be written as
`{reading: ID, choices: {CHOICE: VALUE}}`; `{reading: ID}` alone means that the choices are the values.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from lookalike.contract.choices import Chosen, Fixed, Policy, Reading, When
from lookalike.contract.expressions import Expression, is_expression, parse_expression

T = TypeVar("T")

KEYWORD = "x-lookalike"
WHEN = "x-lookalike-when"
ALSO = "x-lookalike-also"
CLAUSE = "x-lookalike-clause"


@dataclass(frozen=True, slots=True)
class Clause:
    """A sentence that binds a server, and the places of the vendor's text that it comes from."""

    id: str
    says: str
    sources: tuple[str, ...]


Name = tuple[str, ...]
Names = tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class Resource:
    """A kind of thing that the server remembers.

    `key` lists the names that an item answers to, each a tuple of fields whose values are joined.
    """

    name: str
    key: Policy[Names]
    seed: str = ""


@dataclass(frozen=True, slots=True)
class Select:
    """The item that an operation is about, and the answer where there is none."""

    resource: str
    by: Expression
    absent: str


Operand = Expression | tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Union:
    """Add the items of a list to a field that is a set."""

    field: str
    source: Expression
    of: str
    unknown: Policy[str]


@dataclass(frozen=True, slots=True)
class Subtract:
    """Take the items of a list, but for those of another, out of a field that is a set."""

    field: str
    source: Expression
    spared: Policy[Operand]
    of: str
    unknown: Policy[str]


@dataclass(frozen=True, slots=True)
class Merge:
    """Set the members of an object on a field that is one, leaving out the names of `without`."""

    field: str
    source: Expression
    depth: Policy[str]
    null: Policy[str]
    without: Policy[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Set:
    """Set fields; where they are part of the key, the item moves, unless its new key is taken."""

    fields: Mapping[str, Expression]
    own: Policy[str]
    occupied: Policy[str]


Action = Union | Subtract | Merge | Set


@dataclass(frozen=True, slots=True)
class Step:
    """One action on the selected item, and when it is taken."""

    action: Action
    needs: Expression | None
    lacks: Expression | None
    when: When
    clauses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Decide:
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


DECIDE_DEFAULTS = {
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
class Bearer:
    """How a bearer scheme reads its header, and the clauses behind each way to fail."""

    scheme_case: Policy[str]
    semicolon: Policy[str]
    second_header: Policy[str]
    clauses: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Errors:
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


def word(raw: Any) -> str:
    """A word of a vocabulary."""
    return str(raw)


def when(raw: Mapping[str, Any]) -> When:
    """The choices under which a rule or step holds."""
    return {reading: frozenset([choices] if isinstance(choices, str) else choices) for reading, choices in raw.items()}


def clauses_of(raw: Mapping[str, Any]) -> tuple[str, ...]:
    """The clauses that a schema or answer states."""
    stated = raw.get(CLAUSE, ())
    return (stated,) if isinstance(stated, str) else tuple(stated)


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
    return {name: Resource(name, policy(entry["key"], _names), entry.get("seed", "")) for name, entry in raw.items()}


def select(raw: Mapping[str, Any]) -> Select:
    """Which item an operation is about."""
    return Select(raw["resource"], parse_expression(raw["by"]), raw["absent"])


def step(raw: Mapping[str, Any]) -> Step:
    """One step of an operation's effect."""
    name = next(name for name in _ACTIONS if name in raw)
    return Step(
        _ACTIONS[name](raw[name]),
        parse_expression(raw["if"]) if "if" in raw else None,
        parse_expression(raw["unless"]) if "unless" in raw else None,
        when(raw.get(WHEN, {})),
        tuple(raw.get("clauses", ())),
    )


def decide(raw: Mapping[str, Any]) -> Decide:
    """The policies of a document, with the usual ones for those that it does not name."""
    return Decide(**{name.replace("-", "_"): policy(raw.get(name, usual), word) for name, usual in _USUAL})


def bearer(raw: Mapping[str, Any]) -> Bearer:
    """How a bearer scheme is read."""
    return Bearer(
        policy(raw.get("scheme-case", "insensitive"), word),
        policy(raw.get("semicolon", "rejected"), word),
        policy(raw.get("second-header", "none"), word),
        {kind: tuple(ids) for kind, ids in raw.get("clauses", {}).items()},
    )


def errors(raw: Mapping[str, Any]) -> Errors | None:
    """The body of undocumented errors; without one they are problem details (RFC 9457)."""
    return Errors(raw["media-type"], raw["body"]) if raw else None


_USUAL = tuple(DECIDE_DEFAULTS.items())


def _names(raw: Any) -> Names:
    names = [raw] if isinstance(raw, str) else raw
    return tuple((name,) if isinstance(name, str) else tuple(name) for name in names)


def _operand(raw: Any) -> Operand:
    return parse_expression(raw) if is_expression(raw) else tuple(raw)


def _union(raw: Mapping[str, Any]) -> Union:
    return Union(raw["field"], parse_expression(raw["with"]), raw.get("of", ""), _unknown(raw))


def _subtract(raw: Mapping[str, Any]) -> Subtract:
    spared = policy(raw.get("except", []), _operand)
    return Subtract(raw["field"], parse_expression(raw["with"]), spared, raw.get("of", ""), _unknown(raw))


def _unknown(raw: Mapping[str, Any]) -> Policy[str]:
    return policy(raw.get("unknown", "accepted"), word)


def _merge(raw: Mapping[str, Any]) -> Merge:
    return Merge(
        raw["field"],
        parse_expression(raw["with"]),
        policy(raw.get("depth", "shallow"), word),
        policy(raw.get("null", "stored"), word),
        policy(raw.get("without", []), tuple[str, ...]),
    )


def _set(raw: Mapping[str, Any]) -> Set:
    return Set(
        {field: parse_expression(source) for field, source in raw["fields"].items()},
        policy(raw.get("own", "no-op"), word),
        policy(raw.get("occupied", "409"), word),
    )


_ACTIONS: dict[str, Callable[[Mapping[str, Any]], Action]] = {
    "union": _union,
    "subtract": _subtract,
    "merge": _merge,
    "set": _set,
}
