"""Transitions: the item that an operation is about, what becomes of it and of others, and what is shown of that."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from lookalike.contract.actions import ACCEPTED, CREATE, Clear, Create, List, Remove, Select, Step
from lookalike.contract.contract import Operation
from lookalike.model.context import RequestContext, compile_source
from lookalike.model.rejections import Fault
from lookalike.model.resources.create import ChangeSet, Creation
from lookalike.model.resources.effects import Effect
from lookalike.model.resources.items import ItemRegistry, ResourceItems
from lookalike.model.resources.keys import path_of
from lookalike.model.resources.listing import compile_list
from lookalike.model.response.projection import NOTHING_SHOWN, Projection
from lookalike.model.state import Change, Delete, Item, Key
from lookalike.schema.validator import Violation

NOTHING = ChangeSet((), ())
Act = Callable[[Item | None, RequestContext], ChangeSet | Fault]


class Selection:
    """The item that the request names."""

    def __init__(self, select: Select, kinds: ItemRegistry) -> None:
        self.items = kinds[select.resource]
        self._resource = select.resource
        self._absent = select.absent
        self._present = select.present
        self._others = tuple(Selection(other, kinds) for other in select.others)
        self.makes = select.absent == CREATE  # an item that is not there
        self._key = compile_source(select.by)
        self._parent = self.items.resource.parent
        # What each parent has one of is there as soon as that is.
        self._is_given = bool(self.makes and self.items.resource.is_single and self._parent and not select.present)
        by_parent = (*select.within, select.by) if self.items.resource.is_single and self._parent else select.within
        self._within = tuple(map(compile_source, by_parent))
        self._outer = kinds[self._parent.resource] if self._parent and self._parent.resource else None
        self._key_of = self._compile_key_of()

    def item(self, scope: RequestContext) -> Item | Fault | None:
        """The item that the request names, the fault that there is none, or None where one is to be made."""
        for other in self._others:
            if (found := other.item(scope)) is not None:
                return found
        key = self._key_of(scope)
        item = scope.state.get(self._resource, key)
        if item is not None and self._within and self._parent and not self._parent.scopes:
            item = item if self.items.parent_of(item) == self._outer_key(scope) else None
        if item is not None:
            return self._found(key) if self._present else item
        if self._absent not in (CREATE, ACCEPTED):
            return self._unknown(self._resource, key, self._absent)
        if self._outer and self._within and scope.state.get(self._outer.name, self._outer_key(scope)) is None:
            return self._unknown(self._outer.name, self._outer_key(scope), "404")
        return self.items.first(self._outer_fields(scope)) if self._is_given else None

    def given(self, scope: RequestContext) -> Mapping[str, Any]:
        """The fields of an item that is to be made that the request's path tells."""
        own = {} if self.items.resource.is_single else {self.items.key: self.items.as_key(self._key(scope))}
        return {**own, **self._outer_fields(scope)}

    def _compile_key_of(self) -> Callable[[RequestContext], Key]:
        name, own, as_key = self.items.name, self._key, self.items.as_key
        if self.items.resource.is_single and self._parent is None:
            return lambda scope: name
        if self.items.resource.is_single:
            return lambda scope: path_of([*self._outer_fields(scope).values(), name])
        if self._within and self._parent and self._parent.scopes:
            return lambda scope: path_of([*self._outer_fields(scope).values(), as_key(own(scope))])
        return lambda scope: as_key(own(scope))

    def _outer_key(self, scope: RequestContext) -> Key:
        return path_of(list(self._outer_fields(scope).values()))

    def _outer_fields(self, scope: RequestContext) -> dict[str, Any]:
        """The fields that hold the key of the parent, as its own fields have them."""
        if self._parent is None:
            return {}
        values = [source(scope) for source in self._within]
        if self._outer is not None:
            values[-1:] = [self._outer.as_key(value) for value in values[-1:]]
        return dict(zip(self._parent.by, values, strict=False))

    def _unknown(self, resource: str, key: Key, status: str) -> Fault:
        which = "" if key == resource else f" {key}"  # as that of what there is only one of
        return Fault(status, (Violation("path", (), "unknown", f"there is no {resource}{which}"),))

    def _found(self, key: Key) -> Fault:
        return Fault(self._present, (Violation("path", (), "present", f"there is a {self._resource} {key}"),))


class Transition:
    """What an operation does, compiled; `affected(item, scope)` says what changes, or why nothing does.

    `shows` are the items that its answer is about, if any.
    """

    def __init__(self, operation: Operation, kinds: ItemRegistry) -> None:
        self._kinds = kinds
        self.selection = Selection(operation.select, kinds) if operation.select else None
        self.shows = self.selection.items if self.selection else None
        first = operation.steps[0].action if operation.steps else None
        self.affected: Act = _nothing
        if operation.list is not None:
            self.shows = kinds[operation.list.resource]
            self.affected = self._compile_list(operation.list, self.shows)
        elif isinstance(first, Create):
            self.shows = kinds[first.resource]
            self.affected = self._compile_creation(first, self.shows, operation.steps[1:])
        elif isinstance(first, Clear):
            self.affected = self._compile_clearing(first, kinds[first.resource])
        elif self.selection is not None:
            self.affected = self._compile_change(self.selection, operation.steps, operation.success.tells_item)

    def _compile_list(self, action: List, items: ResourceItems) -> Act:
        listed = compile_list(action, items)
        within = tuple(map(compile_source, action.within))
        if within:
            return lambda item, scope: ChangeSet((), (), listed(scope, path_of([source(scope) for source in within])))
        return lambda item, scope: ChangeSet((), (), listed(scope, self._key_of(item, scope)))

    def _compile_creation(self, action: Create, items: ResourceItems, steps: Sequence[Step]) -> Act:
        creation = Creation(action, items, Effect(steps, items) if steps else None)
        fields = items.by
        within = tuple(map(compile_source, action.within))
        if within:
            given = tuple(zip(fields, within, strict=False))
            return lambda item, scope: creation.affected(scope, {field: source(scope) for field, source in given})
        return lambda item, scope: creation.affected(scope, self._given(item, fields))

    def _compile_clearing(self, action: Clear, items: ResourceItems) -> Act:
        within = tuple(map(compile_source, action.within))

        def clear(item: Item | None, scope: RequestContext) -> ChangeSet:
            parent = path_of([source(scope) for source in within]) if within else self._key_of(item, scope)
            keys = [items.keys_of(one, scope.choose)[0] for one in scope.state.children(items.name, parent)]
            below = (change for key in keys for change in self._descendants(items.name, key, scope))
            return ChangeSet((*below, *(Delete(items.name, key) for key in keys)), ())

        return clear

    def _compile_change(self, selection: Selection, steps: Sequence[Step], is_shown: bool) -> Act:
        last = steps[-1].action if steps else None
        remove = last if isinstance(last, Remove) else None
        effect, items = Effect(steps[:-1] if remove else steps, selection.items), selection.items

        def change(item: Item | None, scope: RequestContext) -> ChangeSet | Fault:
            if item is None:
                return self._upserted(selection, effect, scope) if selection.makes else NOTHING
            applied = effect.apply(item, scope)
            if type(applied) is Fault:
                return applied
            after, clauses, may_move = applied
            if remove is not None:
                return self._removed(items, item, remove, scope, clauses)
            shown = Projection(after) if is_shown else NOTHING_SHOWN
            if after is item:
                return ChangeSet((), clauses, shown)
            changes = self._changes(items, item, after, scope) if may_move else (items.put(after, scope.choose),)
            return ChangeSet(changes, clauses, shown)

        return change

    def _key_of(self, item: Item | None, scope: RequestContext) -> Key | None:
        """The key of the item that was selected, which those that are listed belong to."""
        return self.selection.items.keys_of(item, scope.choose)[0] if self.selection and item is not None else None

    def _upserted(self, selection: Selection, effect: Effect, scope: RequestContext) -> ChangeSet | Fault:
        """The item that was not there, made anew."""
        given, items = selection.given(scope), selection.items
        applied = effect.apply(given, scope)
        if isinstance(applied, Fault):
            return applied
        made, clauses, _ = applied
        after = items.filled({**made, **given}, scope.request.at)
        return ChangeSet((items.put(after, scope.choose),), clauses, Projection(after), True)

    def _given(self, parent: Item | None, fields: Sequence[str]) -> Mapping[str, Any]:
        """The fields of a new item that hold the key of its parent."""
        if parent is None or self.selection is None:
            return {}
        return self.selection.items.below(parent, fields)

    def _removed(
        self, items: ResourceItems, item: Item, remove: Remove, scope: RequestContext, clauses: tuple[str, ...]
    ) -> ChangeSet | Fault:
        key = items.keys_of(item, scope.choose)[0]
        below = tuple(self._descendants(items.name, key, scope))
        if below and remove.children != "cascade":
            why = f"{len(below)} {below[0].resource} belong to {items.name} {key}"
            return Fault(remove.children, (Violation("path", (), "children", why),))
        return ChangeSet((*below, Delete(items.name, key)), clauses, Projection(item))

    def _changes(self, items: ResourceItems, before: Item, after: Item, scope: RequestContext) -> tuple[Change, ...]:
        """What changes where an item does; under a new key, what belongs to it comes along."""
        old_key, put = items.keys_of(before, scope.choose)[0], items.put(after, scope.choose)
        if put.key == old_key:
            return (put,)
        below = (
            change
            for kind, child in self._children(items.name, old_key, scope)
            for change in self._changes(kind, child, {**child, **items.below(after, kind.by)}, scope)
        )
        return (Delete(items.name, old_key), put, *below)

    def _descendants(self, resource: str, key: Key, scope: RequestContext) -> Iterator[Delete]:
        """What belongs to an item, and what belongs to that, the innermost first."""
        for kind, child in self._children(resource, key, scope):
            own = kind.keys_of(child, scope.choose)[0]
            yield from self._descendants(kind.name, own, scope)
            yield Delete(kind.name, own)

    def _children(self, resource: str, key: Key, scope: RequestContext) -> Iterator[tuple[ResourceItems, Item]]:
        """The items that belong to an item, with what they are."""
        for kind in self._kinds.below(resource):
            yield from ((kind, child) for child in scope.state.children(kind.name, key))


def _nothing(item: Item | None, scope: RequestContext) -> ChangeSet | Fault:
    return NOTHING
