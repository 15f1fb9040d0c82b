"""Transitions: the item that an operation is about, what becomes of it and of others, and what is shown of that."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from lookalike.contract.contract import Operation
from lookalike.contract.semantics import ACCEPTED, CREATE, Clear, Create, DeleteItem, ItemSelector, Listing, Step
from lookalike.model.context import RequestContext, compile_source
from lookalike.model.rejections import Rejection
from lookalike.model.resources.create import ChangeSet, Creation
from lookalike.model.resources.effects import Effect
from lookalike.model.resources.items import ItemRegistry, ResourceItems
from lookalike.model.resources.keys import scoped_key
from lookalike.model.resources.listing import compile_list
from lookalike.model.response.projection import EMPTY_PROJECTION, Projection
from lookalike.model.state import Change, Delete, Item, Key
from lookalike.schema.validator import Violation

NO_CHANGES = ChangeSet((), ())
ApplyTransition = Callable[[Item | None, RequestContext], ChangeSet | Rejection]


class Selection:
    """The item that the request names."""

    def __init__(self, select: ItemSelector, kinds: ItemRegistry) -> None:
        self.items = kinds[select.resource]
        self._resource = select.resource
        self._absent = select.if_absent
        self._present = select.if_present
        self._others = tuple(Selection(other, kinds) for other in select.others)
        self.makes = select.if_absent == CREATE  # an item that is not there
        self._key = compile_source(select.by)
        self._parent = self.items.resource.parent
        # What each parent has one of is there as soon as that is.
        self._is_given = bool(self.makes and self.items.resource.is_single and self._parent and not select.if_present)
        by_parent = (*select.within, select.by) if self.items.resource.is_single and self._parent else select.within
        self._within = tuple(map(compile_source, by_parent))
        self._outer = kinds[self._parent.resource] if self._parent and self._parent.resource else None
        self._key_of = self._compile_key_of()

    def item(self, context: RequestContext) -> Item | Rejection | None:
        """The item that the request names, the fault that there is none, or None where one is to be made."""
        for other in self._others:
            if (found := other.item(context)) is not None:
                return found
        key = self._key_of(context)
        item = context.state.get(self._resource, key)
        if item is not None and self._within and self._parent and not self._parent.scopes_keys:
            item = item if self.items.parent_of(item) == self._outer_key(context) else None
        if item is not None:
            return self._found(key) if self._present else item
        if self._absent not in (CREATE, ACCEPTED):
            return self._unknown(self._resource, key, self._absent)
        if self._outer and self._within and context.state.get(self._outer.name, self._outer_key(context)) is None:
            return self._unknown(self._outer.name, self._outer_key(context), "404")
        return self.items.first(self._outer_fields(context)) if self._is_given else None

    def given(self, context: RequestContext) -> Mapping[str, Any]:
        """The fields of an item that is to be made that the request's path tells."""
        own = {} if self.items.resource.is_single else {self.items.key: self.items.as_key(self._key(context))}
        return {**own, **self._outer_fields(context)}

    def _compile_key_of(self) -> Callable[[RequestContext], Key]:
        name, own, as_key = self.items.name, self._key, self.items.as_key
        if self.items.resource.is_single and self._parent is None:
            return lambda context: name
        if self.items.resource.is_single:
            return lambda context: scoped_key([*self._outer_fields(context).values(), name])
        if self._within and self._parent and self._parent.scopes_keys:
            return lambda context: scoped_key([*self._outer_fields(context).values(), as_key(own(context))])
        return lambda context: as_key(own(context))

    def _outer_key(self, context: RequestContext) -> Key:
        return scoped_key(list(self._outer_fields(context).values()))

    def _outer_fields(self, context: RequestContext) -> dict[str, Any]:
        """The fields that hold the key of the parent, as its own fields have them."""
        if self._parent is None:
            return {}
        values = [source(context) for source in self._within]
        if self._outer is not None:
            values[-1:] = [self._outer.as_key(value) for value in values[-1:]]
        return dict(zip(self._parent.fields, values, strict=False))

    def _unknown(self, resource: str, key: Key, status: str) -> Rejection:
        which = "" if key == resource else f" {key}"  # as that of what there is only one of
        return Rejection(status, (Violation("path", (), "unknown", f"there is no {resource}{which}"),))

    def _found(self, key: Key) -> Rejection:
        return Rejection(self._present, (Violation("path", (), "present", f"there is a {self._resource} {key}"),))


class Transition:
    """What an operation does, compiled; `affected(item, scope)` says what changes, or why nothing does.

    `shows` are the items that its answer is about, if any.
    """

    def __init__(self, operation: Operation, kinds: ItemRegistry) -> None:
        self._kinds = kinds
        self.selection = Selection(operation.selector, kinds) if operation.selector else None
        self.shows = self.selection.items if self.selection else None
        first = operation.steps[0].action if operation.steps else None
        self.apply: ApplyTransition = _nothing
        if operation.listing is not None:
            self.shows = kinds[operation.listing.resource]
            self.apply = self._compile_list(operation.listing, self.shows)
        elif isinstance(first, Create):
            self.shows = kinds[first.resource]
            self.apply = self._compile_creation(first, self.shows, operation.steps[1:])
        elif isinstance(first, Clear):
            self.apply = self._compile_clearing(first, kinds[first.resource])
        elif self.selection is not None:
            self.apply = self._compile_change(self.selection, operation.steps, operation.success.shows_item)

    def _compile_list(self, action: Listing, items: ResourceItems) -> ApplyTransition:
        listed = compile_list(action, items)
        within = tuple(map(compile_source, action.within))
        if within:
            return lambda item, context: ChangeSet(
                (), (), listed(context, scoped_key([source(context) for source in within]))
            )
        return lambda item, context: ChangeSet((), (), listed(context, self._key_of(item, context)))

    def _compile_creation(self, action: Create, items: ResourceItems, steps: Sequence[Step]) -> ApplyTransition:
        creation = Creation(action, items, Effect(steps, items) if steps else None)
        fields = items.by
        within = tuple(map(compile_source, action.within))
        if within:
            given = tuple(zip(fields, within, strict=False))
            return lambda item, context: creation.apply(context, {field: source(context) for field, source in given})
        return lambda item, context: creation.apply(context, self._given(item, fields))

    def _compile_clearing(self, action: Clear, items: ResourceItems) -> ApplyTransition:
        within = tuple(map(compile_source, action.within))

        def clear(item: Item | None, context: RequestContext) -> ChangeSet:
            parent = scoped_key([source(context) for source in within]) if within else self._key_of(item, context)
            keys = [items.keys_of(one, context.choose)[0] for one in context.state.children(items.name, parent)]
            below = (change for key in keys for change in self._descendants(items.name, key, context))
            return ChangeSet((*below, *(Delete(items.name, key) for key in keys)), ())

        return clear

    def _compile_change(self, selection: Selection, steps: Sequence[Step], is_shown: bool) -> ApplyTransition:
        last = steps[-1].action if steps else None
        remove = last if isinstance(last, DeleteItem) else None
        effect, items = Effect(steps[:-1] if remove else steps, selection.items), selection.items

        def change(item: Item | None, context: RequestContext) -> ChangeSet | Rejection:
            if item is None:
                return self._upserted(selection, effect, context) if selection.makes else NO_CHANGES
            applied = effect.apply(item, context)
            if type(applied) is Rejection:
                return applied
            after, clauses, may_move = applied
            if remove is not None:
                return self._removed(items, item, remove, context, clauses)
            shown = Projection(after) if is_shown else EMPTY_PROJECTION
            if after is item:
                return ChangeSet((), clauses, shown)
            changes = self._changes(items, item, after, context) if may_move else (items.put(after, context.choose),)
            return ChangeSet(changes, clauses, shown)

        return change

    def _key_of(self, item: Item | None, context: RequestContext) -> Key | None:
        """The key of the item that was selected, which those that are listed belong to."""
        return self.selection.items.keys_of(item, context.choose)[0] if self.selection and item is not None else None

    def _upserted(self, selection: Selection, effect: Effect, context: RequestContext) -> ChangeSet | Rejection:
        """The item that was not there, made anew."""
        given, items = selection.given(context), selection.items
        applied = effect.apply(given, context)
        if isinstance(applied, Rejection):
            return applied
        made, clauses, _ = applied
        after = items.filled({**made, **given}, context.request.at)
        return ChangeSet((items.put(after, context.choose),), clauses, Projection(after), True)

    def _given(self, parent: Item | None, fields: Sequence[str]) -> Mapping[str, Any]:
        """The fields of a new item that hold the key of its parent."""
        if parent is None or self.selection is None:
            return {}
        return self.selection.items.below(parent, fields)

    def _removed(
        self, items: ResourceItems, item: Item, remove: DeleteItem, context: RequestContext, clauses: tuple[str, ...]
    ) -> ChangeSet | Rejection:
        key = items.keys_of(item, context.choose)[0]
        below = tuple(self._descendants(items.name, key, context))
        if below and remove.children != "cascade":
            why = f"{len(below)} {below[0].resource} belong to {items.name} {key}"
            return Rejection(remove.children, (Violation("path", (), "children", why),))
        return ChangeSet((*below, Delete(items.name, key)), clauses, Projection(item))

    def _changes(self, items: ResourceItems, before: Item, after: Item, context: RequestContext) -> tuple[Change, ...]:
        """What changes where an item does; under a new key, what belongs to it comes along."""
        old_key, put = items.keys_of(before, context.choose)[0], items.put(after, context.choose)
        if put.key == old_key:
            return (put,)
        below = (
            change
            for kind, child in self._children(items.name, old_key, context)
            for change in self._changes(kind, child, {**child, **items.below(after, kind.by)}, context)
        )
        return (Delete(items.name, old_key), put, *below)

    def _descendants(self, resource: str, key: Key, context: RequestContext) -> Iterator[Delete]:
        """What belongs to an item, and what belongs to that, the innermost first."""
        for kind, child in self._children(resource, key, context):
            own = kind.keys_of(child, context.choose)[0]
            yield from self._descendants(kind.name, own, context)
            yield Delete(kind.name, own)

    def _children(self, resource: str, key: Key, context: RequestContext) -> Iterator[tuple[ResourceItems, Item]]:
        """The items that belong to an item, with what they are."""
        for kind in self._kinds.below(resource):
            yield from ((kind, child) for child in context.state.children(kind.name, key))


def _nothing(item: Item | None, context: RequestContext) -> ChangeSet | Rejection:
    return NO_CHANGES
