"""Constraints: values that only one item may have, and keys that must be those of items; else nothing is changed."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from lookalike.contract.contract import Operation
from lookalike.contract.semantics import ItemReference, Unique
from lookalike.json_values import ABSENT
from lookalike.model.context import RequestContext, ValueSource, compile_source
from lookalike.model.rejections import CONFLICTING, Rejection
from lookalike.model.resources.create import ApplyTransition, ChangeSet
from lookalike.model.resources.item_registry import ItemRegistry
from lookalike.model.resources.items import ResourceItems
from lookalike.model.state import Delete, Item, Key, Put
from lookalike.schema.validator import Violation


def constrained(
    apply: ApplyTransition, operation: Operation, items: ResourceItems | None, registry: ItemRegistry
) -> ApplyTransition:
    """A transition to items that is refused where these, or the request, break a constraint of the operation.

    What a real server has stored is not known, so that a mock alone insists on what was inferred from a text.
    """
    if items is None:
        return apply
    uniques, references = _uniques_of(operation, items), [*_compiled(operation.references, registry)]
    if not uniques and not references:
        return apply

    def apply_constrained(item: Item | None, context: RequestContext) -> ChangeSet | Rejection:
        unknown = next((one for each in references if (one := each.rejection(context)) is not None), None)
        applied = apply(item, context) if unknown is None else unknown
        return applied if isinstance(applied, Rejection) else _conflict(items, applied, context, uniques) or applied

    return apply_constrained


class _CompiledReference(NamedTuple):
    """A reference, with the items that it is about and the function that finds the keys in a request."""

    refused: str
    place: tuple[Any, ...]
    items: ResourceItems
    find_keys: ValueSource

    def rejection(self, context: RequestContext) -> Rejection | None:
        """The rejection of a key that no item has."""
        found = self.find_keys(context)
        for value in found if isinstance(found, list) else () if found in (ABSENT, None) else (found,):
            key = self.items.as_key(value) if isinstance(value, str | int) else None
            item = context.state.get(self.items.name, key) if key is not None else None
            if item is None or not self.items.exists(item, context.request.at):
                message = f"there is no {self.items.name} {value}"
                return Rejection(self.refused, (Violation("body", self.place, "unknown", message),))
        return None


def _compiled(references: Iterable[ItemReference], registry: ItemRegistry) -> Iterator[_CompiledReference]:
    for one in references:
        items = registry[one.resource]
        if _is_insisted_on(items):
            yield _CompiledReference(one.refused, one.key.pointer, items, compile_source(one.key))


def _uniques_of(operation: Operation, items: ResourceItems) -> tuple[Unique, ...]:
    """The members that a value may be of in one item only: those of a server that was observed, and the stated ones."""
    observed = (Unique(name, CONFLICTING) for name in items.resource.conventions.unique)
    return (*observed, *(operation.unique if _is_insisted_on(items) else ()))


def _is_insisted_on(items: ResourceItems) -> bool:
    """Whether constraints of such items count: of a server that is judged, those that the document states itself."""
    return items.is_of_mock or not items.resource.grounds


def _conflict(
    items: ResourceItems, change_set: ChangeSet, context: RequestContext, uniques: Iterable[Unique]
) -> Rejection | None:
    """The conflict of an item that is stored with another one that has the same value of a unique member.

    A value that the item had before is no new conflict. The examples of a document stand for items that a client is yet
    to make: their values may be sent once more.
    """
    puts = {one.key: one for one in change_set.changes if isinstance(one, Put) and one.resource == items.name}
    gone = {one.key for one in change_set.changes if isinstance(one, Delete) and one.resource == items.name}
    for one in uniques if puts else ():
        for key, put in puts.items():
            value, before = _compared(put.item, one), context.state.get(items.name, key)
            if value is None or (before is not None and _compared(before, one) == value):
                continue
            unchanged = _items_with(one, value, items, put.parent, context)
            others = [other for other in unchanged if items.keys_of(other, context.choose)[0] not in {*gone, *puts}]
            others += (other.item for other in puts.values() if other is not put and _is_beside(other, put, one))
            if others and not any(_compared(example, one) == value for example in items.resource.examples):
                message = f"another {items.name} has the {one.field} {put.item[one.field]}"
                return Rejection(one.refused, (Violation("body", (one.field,), "unique", message),))
    return None


def _items_with(
    one: Unique, value: Any, items: ResourceItems, parent: Key | None, context: RequestContext
) -> list[Item]:
    """The items of a parent with a value of a unique member."""
    found, field = context.state.children(items.name, parent), one.field
    # A large state has many items, of which a plain comparison leaves most behind.
    is_plain = not (one.ignores_case and isinstance(value, str))
    alike = [it for it in found if (it.get(field) if is_plain else _compared(it, one)) == value]
    return [it for it in alike if not items.is_deleted(it, context.request.at)]


def _is_beside(other: Put, put: Put, one: Unique) -> bool:
    """Whether two items that are stored at once are below the same parent, and have the same value."""
    return other.parent == put.parent and _compared(other.item, one) == _compared(put.item, one)


def _compared(item: Item, one: Unique) -> Any:
    """The value of a unique member, as it is compared with others."""
    value = item.get(one.field)
    return value.casefold() if one.ignores_case and isinstance(value, str) else value
