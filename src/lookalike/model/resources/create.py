"""Creation: the items that one request makes, one after the other, and the change sets of operations."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from lookalike.contract.semantics import Create
from lookalike.model.context import RequestContext, compile_source
from lookalike.model.rejections import Rejection
from lookalike.model.resources.effects import Effect
from lookalike.model.resources.item_registry import ItemRegistry
from lookalike.model.resources.items import ResourceItems
from lookalike.model.resources.keys import is_key
from lookalike.model.resources.nested_items import NestedItems, PutsByResource
from lookalike.model.resources.uploads import members_of_upload, upload_in, with_file
from lookalike.model.resources.users import Ownership, name_is_taken, with_secret
from lookalike.model.response.projection import EMPTY_PROJECTION, Projection
from lookalike.model.state import Change, Item, Key, Put
from lookalike.schema.validator import Violation


class ChangeSet(NamedTuple):
    """The changes of an operation, the clauses that demand them, and the projection that its response shows.

    `is_new` is true if an item was created, for which the response may have another status.
    """

    changes: tuple[Change, ...]
    clauses: tuple[str, ...]
    projection: Projection = EMPTY_PROJECTION
    is_new: bool = False


# Takes the selected item, None if there is none. `()` for the changes where the state is as it should be already.
ApplyTransition = Callable[[Item | None, RequestContext], ChangeSet | Rejection]


class Creation:
    """A `create` step and the steps after it, compiled.

    A new item may be confirmed or published at once, as by `"confirm": true` beside `/{id}/confirm`.
    """

    def __init__(self, action: Create, items: ResourceItems, registry: ItemRegistry, effect: Effect | None) -> None:
        self._registry = registry
        self._action = action
        self._items = items
        self._effect = effect
        self._uncopied = items.identity_fields | items.hidden | {*(action.copy_without or ())}
        self._source = compile_source(action.source)
        self._place_of_key = (items.key,) if items.key in items.sent_names else ()
        self._nested = NestedItems(items, registry)
        self._ownership = Ownership(items, registry)
        self._actions = {
            name: Effect(steps, items)
            for name, steps in registry.actions_on(items.name)
            if name not in items.view.members
        }

    def copy(self, item: Item, context: RequestContext) -> ChangeSet | Rejection:
        """A copy of an item, below the same parent."""
        parent_values = {field: item[field] for field in self._items.parent_fields}
        copied = {name: value for name, value in item.items() if name not in self._uncopied}
        return self._apply((copied,), context, parent_values)

    def apply(self, context: RequestContext, parent_values: Mapping[str, Any]) -> ChangeSet | Rejection:
        """The items that a request makes, all or none; `parent_values` hold the key of their parent."""
        return self._apply(self._values(context), context, parent_values)

    def _apply(
        self, values: Iterable[Any], context: RequestContext, parent_values: Mapping[str, Any]
    ) -> ChangeSet | Rejection:
        puts: dict[Key, Put] = {}
        along: PutsByResource = {}
        answered: list[Item] = []
        clauses: dict[str, None] = {}
        number = 0
        for value in values:
            number = self._items.next_number(context, parent_values, puts, number)
            made = self._make(value, parent_values, number, context)
            if isinstance(made, Rejection):
                return made
            item, stated = made
            if self._nested and isinstance(value, dict):
                item = self._nested.made(item, value, context, along)
            put = self._put_unless_taken(item, number, puts, context)
            if isinstance(put, Rejection):
                return put
            if put is not None:
                puts[put.key] = put
                clauses.update(dict.fromkeys(stated))
                answered.append(self._nested.shown(item, context, along) if along else item)
            elif not self._action.each:
                answered.append(self._present(item, puts, context) or item)
        first = answered[0] if answered else None
        changes = (*puts.values(), *(put for made in along.values() for put in made.values()))
        return ChangeSet(changes, tuple(clauses), Projection(first, answered, len(answered)), bool(puts))

    def _values(self, context: RequestContext) -> Iterable[Any]:
        value = self._source(context)
        if not self._action.each:
            return (self._items.nested.named(value),)
        # An entry that is no object is the key of an item, as an address among `emails`.
        return ({self._items.key: one} if is_key(one) else one for one in value) if isinstance(value, list) else ()

    def _make(
        self, value: Any, parent_values: Mapping[str, Any], number: int, context: RequestContext
    ) -> tuple[Item, tuple[str, ...]] | Rejection:
        """An item, and the clauses of the steps that had a part in it."""
        value = self._items.nested.numbered(value)
        if self._items.parent_fields and isinstance(value, dict) and not parent_values:
            parent_values = self._registry.parents_told(self._items, value, context)
        related = self._registry.related_to(context, parent_values)
        upload = None if self._action.each else upload_in(context.request)
        sent = value if isinstance(value, dict) else {}
        if upload is not None:
            value = {**members_of_upload(upload, self._items.view.members), **sent}
        shown = {**self._ownership.members(context), **self._items.related.shown(value, context, parent_values)}
        item = self._items.new(value, {**shown, **parent_values}, context.request.at, number, related)
        if upload is not None:
            item = with_file(item, self._items, context.request, sent)
        if self._registry.logs_in(self._items):
            item = with_secret(item, value)
            if (clash := name_is_taken(self._items, item, context)) is not None:
                return clash
        item = self._items.created(self._items.placed(item, context), context.request.at)
        taken = [
            effect for name, effect in self._actions.items() if isinstance(value, dict) and value.get(name) is True
        ]
        clauses: tuple[str, ...] = ()
        for effect in (*taken, *([self._effect] if self._effect is not None else [])):
            applied = effect.apply(item, context)
            if isinstance(applied, Rejection):
                return applied
            item, stated, _ = applied
            clauses += stated
        return item, clauses

    def _put_unless_taken(
        self, item: Item, number: int, puts: Mapping[Key, Put], context: RequestContext
    ) -> Put | Rejection | None:
        """The change that stores an item; where its key is taken, what `taken` says: None is to skip it."""
        taken = self._action.taken
        if taken != "replace" and self._present(item, puts, context) is not None:
            if taken == "skip":
                return None
            key = self._items.keys_of(item, context.choose)[0]
            message = f"{self._items.name} {key} is there already"
            return Rejection(taken, (Violation("body", self._place_of_key, "occupied", message),))
        return self._items.put(item, context.choose, self._items.number_of(item, number))

    def _present(self, item: Item, puts: Mapping[Key, Put], context: RequestContext) -> Item | None:
        """The item under the same key: one just made, or one of the state, deleted or not where keys stay taken."""
        key = self._items.keys_of(item, context.choose)[0]
        found = puts[key].item if key in puts else context.state.get(self._items.name, key)
        is_free = found is not None and self._items.is_deleted(found, context.request.at)
        return None if is_free and self._items.resource.conventions.key_reuse != "never" else found
