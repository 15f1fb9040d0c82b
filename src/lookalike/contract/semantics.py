"""Actions: what an operation does to what is remembered, as values.

`extension.schema.json` says how they are written, `docs/reference/extension.md` what each does, with an example.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lookalike.contract.expressions import Expression, is_expression, parse_expression, parse_value
from lookalike.contract.extension import policy
from lookalike.json_values import Pointer
from lookalike.readings import Policy, When
from lookalike.schema.vocabulary import WHEN, when, word

CREATE = "create"
ACCEPTED = "accepted"


@dataclass(frozen=True, slots=True)
class ItemSelector:
    """The item that an operation is about, and the answer where there is none, or `create` or `accepted`.

    `if_present` is the answer where there is one, for what must not be there, nor any of `others`. `within` is where
    the parent's key is, `by` the item's own.
    """

    resource: str
    by: Expression
    if_absent: str
    within: tuple[Expression, ...] = ()
    if_present: str = ""
    others: "tuple[ItemSelector, ...]" = ()

    @property
    def needs_item(self) -> bool:
        """Whether the item has to be there, or is made."""
        return not self.if_present and self.if_absent != ACCEPTED


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a list is answered; a `number` counts pages, from `first`."""

    limit: Expression | None
    default: int | None
    offset: Expression | None
    number: Expression | None
    first: int
    cursor: Expression | None


@dataclass(frozen=True, slots=True)
class Listing:
    """The items that an operation lists: those of the selected parent, or all; what is absent leaves them as they are.

    `where` holds values that fields must have, or one of several.
    """

    resource: str
    where: Mapping[str, Expression]
    search: Expression | None
    sort: Expression | None
    order: Expression | None
    page: Page
    within: tuple[Expression, ...] = ()


@dataclass(frozen=True, slots=True)
class SuccessResponse:
    """The answer of success, or that where something was created; what its body is made of; where a new item is found.

    `body`, `location` and `headers` are empty where the document's own answer is all; `schema_pointer` is where the
    body's schema stands.
    """

    status: str
    created: str
    body: Any
    location: str
    headers: tuple[tuple[str, Any], ...] = ()
    schema_pointer: Pointer = ()

    @property
    def shows_item(self) -> bool:
        """Whether anything of the answer is made of the item."""
        return self.body is not None or bool(self.headers)


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
    excepted: Policy[Operand]
    of: str
    unknown: Policy[str]


@dataclass(frozen=True, slots=True)
class Merge:
    """Set the members of an object on a field that is one, or on the item; the names of `without` are left out.

    What does not fit the item's schema then is `refused`, or `ignored`: the member stays as it was.
    """

    field: str
    source: Expression
    depth: Policy[str]
    null: Policy[str]
    without: Policy[tuple[str, ...]]
    unfit: str


@dataclass(frozen=True, slots=True)
class SetFields:
    """Set fields; where they are part of the key, the item moves, unless its new key is taken."""

    fields: Mapping[str, Expression]
    own: Policy[str]
    occupied: Policy[str]


@dataclass(frozen=True, slots=True)
class Create:
    """Make an item of an object, or one of each in a list; `taken` is what becomes of one whose key there is already.

    That is the status to answer, `replace` the old one, or `skip` the new one. `within` is where the parent's key is,
    where no parent is selected.
    """

    resource: str
    source: Expression
    each: bool
    taken: str
    within: tuple[Expression, ...] = ()


@dataclass(frozen=True, slots=True)
class Replace:
    """Put an object in place of the item, but for its key and what only the server sets."""

    source: Expression


@dataclass(frozen=True, slots=True)
class Patch:
    """Change the item by the operations of a JSON Patch (RFC 6902).

    What is none is `refused`, or `ignored`: nothing changes.
    """

    source: Expression
    unfit: str


@dataclass(frozen=True, slots=True)
class Append:
    """Add a value, or those of a list, to the end of a field that is a list."""

    field: str
    source: Expression


@dataclass(frozen=True, slots=True)
class Increment:
    """Add to a field that is a number."""

    field: str
    by: Expression


@dataclass(frozen=True, slots=True)
class DeleteItem:
    """Forget the item; `children` is what becomes of those that belong to it: `cascade`, or the status to answer."""

    children: str


@dataclass(frozen=True, slots=True)
class Clear:
    """Forget all items of a resource, or those that belong to the selected parent or to that which `within` names."""

    resource: str
    within: tuple[Expression, ...] = ()


Action = Union | Subtract | Merge | SetFields | Create | Replace | Patch | Append | Increment | DeleteItem | Clear


@dataclass(frozen=True, slots=True)
class Step:
    """One action on the selected item, and when it is taken."""

    action: Action
    needs: Expression | None
    lacks: Expression | None
    when: When
    clauses: tuple[str, ...]


def item_selector(raw: Mapping[str, Any]) -> ItemSelector:
    """Which item an operation is about."""
    by = raw.get("by", [])
    *within, own = [parse_expression(text) for text in ([by] if isinstance(by, str) else by)] or [_THE_ONLY]
    present = raw.get("present", "")
    others = tuple(item_selector({**other, "present": present}) for other in raw.get("nor", ()))
    absent = raw.get("absent", ACCEPTED if present else "404")
    return ItemSelector(raw["resource"], own, absent, tuple(within), present, others)


def listing(raw: Mapping[str, Any]) -> Listing:
    """Which items an operation lists."""
    page = raw.get("page", {})
    return Listing(
        raw["resource"],
        {field: parse_expression(text) for field, text in raw.get("where", {}).items()},
        _optional(raw, "search"),
        _optional(raw, "sort"),
        _optional(raw, "order"),
        Page(
            _optional(page, "limit"),
            page.get("default"),
            _optional(page, "offset"),
            _optional(page, "number"),
            page.get("first", 1),
            _optional(page, "cursor"),
        ),
        _within(raw),
    )


def success_response(raw: Any, usual: str) -> SuccessResponse:
    """The answer of success, which may be its status alone; `usual` is that where none is given."""
    entry: Mapping[str, Any] = raw if isinstance(raw, Mapping) else {"status": raw or usual}
    status = entry.get("status", usual)
    headers = tuple(entry.get("headers", {}).items())
    return SuccessResponse(status, entry.get("created", status), entry.get("body"), entry.get("location", ""), headers)


def step(raw: Mapping[str, Any]) -> Step:
    """One step of an operation's effect."""
    name = next(name for name in _ACTIONS if name in raw)
    return Step(
        _ACTIONS[name](raw[name]),
        _optional(raw, "if"),
        _optional(raw, "unless"),
        when(raw.get(WHEN, {})),
        tuple(raw.get("clauses", ())),
    )


_THE_ONLY = Expression("", "value")


def _within(raw: Mapping[str, Any]) -> tuple[Expression, ...]:
    return tuple(map(parse_expression, raw.get("within", ())))


def _optional(raw: Mapping[str, Any], name: str) -> Expression | None:
    return parse_expression(raw[name]) if name in raw else None


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
        raw.get("field", ""),
        parse_expression(raw["with"]),
        policy(raw.get("depth", "shallow"), word),
        policy(raw.get("null", "stored"), word),
        policy(raw.get("without", []), tuple[str, ...]),
        raw.get("unfit", "refused"),
    )


def _set(raw: Mapping[str, Any]) -> SetFields:
    return SetFields(
        {field: parse_value(source) for field, source in raw["fields"].items()},
        policy(raw.get("own", "no-op"), word),
        policy(raw.get("occupied", "409"), word),
    )


def _create(raw: Mapping[str, Any]) -> Create:
    source = raw["each"] if "each" in raw else raw["with"]
    return Create(raw["resource"], parse_expression(source), "each" in raw, raw.get("taken", "409"), _within(raw))


_ACTIONS: dict[str, Callable[[Mapping[str, Any]], Action]] = {
    "union": _union,
    "subtract": _subtract,
    "merge": _merge,
    "set": _set,
    "create": _create,
    "replace": lambda raw: Replace(parse_expression(raw["with"])),
    "patch": lambda raw: Patch(parse_expression(raw["with"]), raw.get("unfit", "refused")),
    "append": lambda raw: Append(raw["field"], parse_expression(raw["with"])),
    "increment": lambda raw: Increment(raw["field"], parse_value(raw.get("by", 1))),
    "delete": lambda raw: DeleteItem(raw.get("children", "cascade")),
    "clear": lambda raw: Clear(raw["resource"], _within(raw)),
}
