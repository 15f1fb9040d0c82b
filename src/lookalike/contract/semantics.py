"""Operation semantics as values: the item that an operation selects, its list, its steps, and its success.

`openapi/extension.schema.json` has the grammar, and the reference of `x-lookalike` in the documentation an example of
each word. Nothing here applies them: the model does.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lookalike.contract.expressions import SELECTED_ITEM, Expression, is_expression, parse_expression, parse_value
from lookalike.contract.extension import fields, policy
from lookalike.json_values import Pointer, parse_pointer
from lookalike.readings import Policy, When
from lookalike.schema.vocabulary import WHEN, when, word

FILE = "$file"  # the place of a body that is the file which was sent for the item, and the field that keeps it
TOKEN = "$generated.token"  # the place of a token that the mock accepts
REFRESH_TOKEN = "$generated.refresh-token"  # that of one to get others by
EXPIRY = "$generated.expiry"  # that of the time until which such a token is valid
SESSION_START = "$session.start."  # before the name of a cookie that gets a token
SESSION_END = "$session.end."  # before the name of one that is cleared
CREATE = "create"
ACCEPTED = "accepted"
CASCADE = "cascade"
KEEP = "keep"


@dataclass(frozen=True, slots=True)
class StateGuard:
    """The status of an item in a state in which the operation is refused: with one of the values listed by field."""

    status: str
    where: Mapping[str, tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class ItemSelector:
    """The item that an operation is about: `within` are the parent's key fields, `by` the item's own.

    `if_absent` is the status if there is none, or `create` or `accepted`. `if_present` is the status where there is
    one, of an item that must not exist, nor any of the `others`; else empty. `if_done` is the status
    where the item has the values of `done`, by field, and a `guard` refuses it in other states. With `is_newest` it is
    the one that was created last, and `by` is no part of its key.
    """

    resource: str
    by: Expression
    if_absent: str
    within: tuple[Expression, ...] = ()
    if_present: str = ""
    others: "tuple[ItemSelector, ...]" = ()
    if_done: str = ""
    done: tuple[tuple[str, Any], ...] = ()
    is_newest: bool = False
    guard: StateGuard | None = None

    @property
    def needs_item(self) -> bool:
        """Whether the operation has an item in the end: it must exist, or it is created."""
        return not self.if_present and self.if_absent != ACCEPTED


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list: `limit` items (else the `default`) from an `offset`, page `number` or `cursor`.

    Pages are counted from `first`. With `before`, it is the page that ends before the item with a key. With `keyset`,
    the cursor of the next page is the key of the last item on this one.
    """

    limit: Expression | None
    default: int | None
    offset: Expression | None
    number: Expression | None
    first: int
    cursor: Expression | None
    before: Expression | None
    keyset: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """The items that an operation lists: those of the selected parent, else all.

    `where` has the values that fields must have, or lists of which they must have one; `compare` has by the name of a
    comparison, such as `at-least`, the values that fields are compared with; a field may be the JSON Pointer to a place
    inside of one. `selectors` select by labels, in the map at a place of the item. An expression that the request has
    no value for changes nothing. Without a `sort`, items come in the order in which they were made, or the other way
    round (`is_newest_first`). `criteria` are conditions that a body lists, each about a field that it names itself.
    Behind them come those of `others`: of further resources by name, each with its own `where`.
    """

    resource: str
    where: Mapping[str, Expression]
    search: Expression | None
    sort: Expression | None
    order: Expression | None
    page: Page
    within: tuple[Expression, ...] = ()
    is_newest_first: bool = False
    selectors: tuple[tuple[Pointer, Expression], ...] = ()
    compare: Mapping[str, Mapping[str, Expression]] = field(default_factory=dict)
    criteria: Expression | None = None
    others: tuple[tuple[str, Mapping[str, Expression]], ...] = ()


@dataclass(frozen=True, slots=True)
class SuccessResponse:
    """The response of success: its status, that where something was `created`, and what is made of state in it.

    `body` is a template, `location` the path of a new item over its members, `headers` are templates by name; each is
    empty where the documented response is sent as it is. `schema_pointer` leads to the body's schema.
    """

    status: str
    created: str
    body: Any
    location: str
    headers: tuple[tuple[str, Any], ...] = ()
    schema_pointer: Pointer = ()

    @property
    def shows_item(self) -> bool:
        """Whether any part of the response is made of state."""
        return self.body is not None or bool(self.headers)


Operand = Expression | tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Union:
    """Add the elements of a list to a field that is a set."""

    field: str
    source: Expression
    of: str
    unknown: Policy[str]


@dataclass(frozen=True, slots=True)
class Subtract:
    """Take the elements of a list, except some, out of a field that is a set."""

    field: str
    source: Expression
    excepted: Policy[Operand]
    of: str
    unknown: Policy[str]


@dataclass(frozen=True, slots=True)
class Merge:
    """Merge an object into a field that is one, or into the item where `field` is empty; without some members.

    `depth` is `shallow` or `deep`. A member that is null is `stored`, or `deletes` the old one; `null_in_new` says
    whether one inside an object that is new under its name is then `dropped` (RFC 7396) or `stored`.
    `unfit` is what becomes of a member that would break the item's schema: the request is `refused`, or the member is
    `ignored` and stays as it was. In the maps that are `blank`, an empty text is as null is.
    """

    field: str
    source: Expression
    depth: Policy[str]
    null: Policy[str]
    null_in_new: Policy[str]
    without: Policy[tuple[str, ...]]
    unfit: str
    blank: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SetFields:
    """Set fields. Where these are part of the key, the item moves, unless its new key is `occupied`.

    Where that changes the item, or there are no fields to set, the numbers of `counts` are added to the fields of that
    name, which stay 0 or more.
    """

    fields: Mapping[str, Expression]
    own: Policy[str]
    occupied: Policy[str]
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unique:
    """A field whose value only one item may have, below one parent; another item is `refused` with a status.

    With `ignores_case`, texts that differ in the case of letters alone are the same.
    """

    field: str
    refused: str
    ignores_case: bool = False


@dataclass(frozen=True, slots=True)
class ItemReference:
    """A value of a request, or a list of such, that must be the key of an item of a resource; else it is `refused`."""

    resource: str
    key: Expression
    refused: str


@dataclass(frozen=True, slots=True)
class Create:
    """Create an item from an object, one from `each` element of a list, or a copy of the selected item.

    A copy is without its key and the fields of `copy_without`, which is None where the item is no copy.
    `taken` is what happens where an item has the key already: the status to answer, `replace` the old item, or `skip`
    the new one. `within` are the parent's key fields where no parent is selected.
    """

    resource: str
    source: Expression
    each: bool
    taken: str
    within: tuple[Expression, ...] = ()
    copy_without: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Replace:
    """Replace the item by an object; its key and its `readOnly` members stay, and `keeps` where they are not sent."""

    source: Expression
    keeps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Patch:
    """Apply a JSON Patch (RFC 6902) to the item; where the body is none, it is `refused` or `ignored` (`unfit`)."""

    source: Expression
    unfit: str


@dataclass(frozen=True, slots=True)
class Append:
    """Append a value, or the elements of a list, to a field that is a list."""

    field: str
    source: Expression


@dataclass(frozen=True, slots=True)
class Increment:
    """Add a number to a field."""

    field: str
    by: Expression


@dataclass(frozen=True, slots=True)
class Dependents:
    """The items of a resource that name the item which is deleted in a field, `by` its key.

    They are deleted too, or forbid it with the status `refused`.
    """

    resource: str
    by: str
    refused: str


@dataclass(frozen=True, slots=True)
class DeleteItem:
    """Delete the item; its `children` are deleted too (`cascade`), stay (`keep`), or forbid it with a status."""

    children: str
    dependents: tuple[Dependents, ...] = ()


@dataclass(frozen=True, slots=True)
class Clear:
    """Delete all items of a resource, or those of the selected parent, or of the one with the key `within`.

    `where`, `selectors` and `compare` leave those that they do not select, as in a `Listing`.
    """

    resource: str
    within: tuple[Expression, ...] = ()
    where: Mapping[str, Expression] = field(default_factory=dict)
    selectors: tuple[tuple[Pointer, Expression], ...] = ()
    compare: Mapping[str, Mapping[str, Expression]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Restore:
    """Bring a deleted item back, which is remembered for that."""


@dataclass(frozen=True, slots=True)
class ChangeMany:
    """Change several items of a resource, or of the selected parent, or of the one with the key `within`.

    They are those that `where` selects. Or, by a list of objects (`each`), those whose keys the objects have: each
    object is merged into its item. The steps behind this one apply to every one of the items.
    """

    resource: str
    within: tuple[Expression, ...] = ()
    where: Mapping[str, Expression] = field(default_factory=dict)
    each: Expression | None = None
    selectors: tuple[tuple[Pointer, Expression], ...] = ()
    compare: Mapping[str, Mapping[str, Expression]] = field(default_factory=dict)


Action = (
    Union
    | Subtract
    | Merge
    | SetFields
    | Create
    | Replace
    | Patch
    | Append
    | Increment
    | DeleteItem
    | Clear
    | ChangeMany
    | Restore
)


@dataclass(frozen=True, slots=True)
class Step:
    """An action on the selected item, taken where `needs` has a value, `lacks` has none, and `when` holds.

    Unless `wanted` is None, the value of `needs` must be that.
    """

    action: Action
    needs: Expression | None
    lacks: Expression | None
    when: When
    clauses: tuple[str, ...]
    wanted: str | bool | None = None


def item_selector(raw: Mapping[str, Any]) -> ItemSelector:
    """Read a `select`."""
    by, is_newest = raw.get("by", []), raw.get("newest", False)
    named = [parse_expression(text) for text in ([by] if isinstance(by, str) else by)]
    *within, own = [*named, _THE_ONLY] if is_newest or not named else named
    present = raw.get("present", "")
    others = tuple(item_selector({**other, "present": present}) for other in raw.get("nor", ()))
    absent = raw.get("absent", ACCEPTED if present else "404")
    refused = raw.get("refused", {"status": "", "where": {}})
    done = tuple(refused["where"].items())
    return ItemSelector(
        raw["resource"], own, absent, tuple(within), present, others, refused["status"], done, is_newest, _guard(raw)
    )


def _guard(raw: Mapping[str, Any]) -> StateGuard | None:
    guard = raw.get("guard")
    return StateGuard(guard["status"], {name: tuple(one) for name, one in guard["where"].items()}) if guard else None


def listing(raw: Mapping[str, Any]) -> Listing:
    """Read a `list`."""
    page = raw.get("page", {})
    return Listing(
        raw["resource"],
        _expressions(raw.get("where", {})),
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
            _optional(page, "before"),
            page.get("keyset", False),
        ),
        _within(raw),
        raw.get("newest-first", False),
        _selectors(raw),
        _comparisons(raw),
        _optional(raw, "criteria"),
        tuple((other["resource"], _expressions(other.get("where", {}))) for other in raw.get("others", ())),
    )


def _comparisons(raw: Mapping[str, Any]) -> Mapping[str, Mapping[str, Expression]]:
    return {how: _expressions(fields) for how, fields in raw.get("compare", {}).items()}


def _selectors(raw: Mapping[str, Any]) -> tuple[tuple[Pointer, Expression], ...]:
    return tuple((parse_pointer(place), parse_expression(text)) for place, text in raw.get("selectors", {}).items())


def success_response(raw: Any, usual: str) -> SuccessResponse:
    """Read an `answer`, which may be a status alone; `usual` is the status where it names none."""
    entry: Mapping[str, Any] = raw if isinstance(raw, Mapping) else {"status": raw or usual}
    status = entry.get("status", usual)
    headers = tuple(entry.get("headers", {}).items())
    return SuccessResponse(status, entry.get("created", status), entry.get("body"), entry.get("location", ""), headers)


def uniques(raw: Mapping[str, Mapping[str, Any]]) -> tuple[Unique, ...]:
    """Read a `unique`."""
    return tuple(Unique(field, one["refused"], one.get("ignores-case", False)) for field, one in raw.items())


def references(raw: Iterable[Mapping[str, str]]) -> tuple[ItemReference, ...]:
    """Read `references`."""
    return tuple(ItemReference(one["resource"], parse_expression(one["key"]), one["refused"]) for one in raw)


def step(raw: Mapping[str, Any]) -> Step:
    """Read a step of `apply`."""
    name = next(name for name in _ACTIONS if name in raw)
    return Step(
        _ACTIONS[name](raw[name]),
        _optional(raw, "if"),
        _optional(raw, "unless"),
        when(raw.get(WHEN, {})),
        tuple(raw.get("clauses", ())),
        raw.get("is"),
    )


_THE_ONLY = Expression("", "value")  # the key of a single item


def _expressions(raw: Mapping[str, Any]) -> dict[str, Expression]:
    return {name: parse_value(value) for name, value in raw.items()}


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
        policy(raw.get("null-in-new", "dropped"), word),
        policy(raw.get("without", []), tuple[str, ...]),
        raw.get("unfit", "refused"),
        fields(raw.get("blank", ())),
    )


def _set(raw: Mapping[str, Any]) -> SetFields:
    return SetFields(
        {field: parse_value(source) for field, source in raw.get("fields", {}).items()},
        policy(raw.get("own", "no-op"), word),
        policy(raw.get("occupied", "409"), word),
        raw.get("counts", {}),
    )


def _dependents(raw: Mapping[str, Mapping[str, str]]) -> tuple[Dependents, ...]:
    return tuple(Dependents(resource, one["by"], one.get("refused", "")) for resource, one in raw.items())


def _create(raw: Mapping[str, Any]) -> Create:
    taken = raw.get("taken", "409")
    if "copy-without" in raw:
        return Create(raw["resource"], SELECTED_ITEM, False, taken, copy_without=fields(raw["copy-without"]))
    source = raw["each"] if "each" in raw else raw["with"]
    return Create(raw["resource"], parse_expression(source), "each" in raw, taken, _within(raw))


_ACTIONS: dict[str, Callable[[Mapping[str, Any]], Action]] = {
    "union": _union,
    "subtract": _subtract,
    "merge": _merge,
    "set": _set,
    "create": _create,
    "replace": lambda raw: Replace(parse_expression(raw["with"]), fields(raw.get("keeps", ()))),
    "patch": lambda raw: Patch(parse_expression(raw["with"]), raw.get("unfit", "refused")),
    "append": lambda raw: Append(raw["field"], parse_expression(raw["with"])),
    "increment": lambda raw: Increment(raw["field"], parse_value(raw.get("by", 1))),
    "delete": lambda raw: DeleteItem(raw.get("children", CASCADE), _dependents(raw.get("dependents", {}))),
    "clear": lambda raw: Clear(
        raw["resource"], _within(raw), _expressions(raw.get("where", {})), _selectors(raw), _comparisons(raw)
    ),
    "restore": lambda raw: Restore(),
    "change": lambda raw: ChangeMany(
        raw["resource"], _within(raw), _expressions(raw.get("where", {})), _optional(raw, "each")
    ),
}
