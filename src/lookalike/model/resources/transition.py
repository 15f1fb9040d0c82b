"""Transitions: the item that an operation is about, and the change set that the operation makes of it.

`Selection` is the look-up of the order of decisions, `Transition` the conflicts and the changes.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from itertools import takewhile
from typing import Any

from lookalike.contract.contract import Operation
from lookalike.contract.conventions import USUAL, OperationConventions
from lookalike.contract.expressions import Expression
from lookalike.contract.grounds import EFFECT, TAKEN, is_guessed
from lookalike.contract.inference.sessions import is_logout
from lookalike.contract.semantics import (
    ACCEPTED,
    CASCADE,
    CREATE,
    KEEP,
    ChangeMany,
    Clear,
    Create,
    DeleteItem,
    Dependents,
    ItemSelector,
    Listing,
    Step,
)
from lookalike.http import essence
from lookalike.json_values import ABSENT, find
from lookalike.model.context import RequestContext, compile_source
from lookalike.model.rejections import CONFLICTING, Rejection
from lookalike.model.resources.constraints import constrained
from lookalike.model.resources.create import ApplyTransition, ChangeSet, Creation
from lookalike.model.resources.effects import Effect
from lookalike.model.resources.item_registry import ItemRegistry, gives_token, restores
from lookalike.model.resources.items import ResourceItems
from lookalike.model.resources.keys import scoped_key
from lookalike.model.resources.listing import Filters, compile_list
from lookalike.model.resources.logins import Login, Logout, PasswordChange, TokenRefresh
from lookalike.model.resources.many_changes import ManyChanges
from lookalike.model.resources.path_values import told_by_path, values_of_path
from lookalike.model.resources.uploads import picture_member, shows_content, with_content, with_file, with_picture
from lookalike.model.resources.users import known_or_named, with_secret
from lookalike.model.response.projection import EMPTY_PROJECTION, Projection
from lookalike.model.state import Change, Delete, Item, Key, Put
from lookalike.naming.keys import names_one_alone
from lookalike.pacing import timed
from lookalike.readings import Fixed, Policy
from lookalike.schema.validator import Violation

NO_CHANGES = ChangeSet((), ())

_APPLY = "application/apply-patch+yaml"  # "server-side apply"
_UNKNOWN = "unknown"
_MYSELF = frozenset({"me", "@me", "self", "myself"})
_COMPARED, _NAMED = 50, 3  # keys that are compared with an unknown one, and those of them that its 404 names


class Selection:
    """The look-up of the item that a request names."""

    def __init__(
        self,
        select: ItemSelector,
        registry: ItemRegistry,
        conventions: OperationConventions = USUAL,
        is_of_parent: bool = False,
        finds_deleted: bool = False,
    ) -> None:
        """With `is_of_parent`, the operation is about items below the one that is named.

        With `finds_deleted`, it brings deleted items back.
        """
        self._finds_deleted = finds_deleted
        self.items = registry[select.resource]
        self._resource = select.resource
        self._if_absent: Policy[str] = conventions.absent or Fixed(select.if_absent)
        self._if_deleted, self._if_parent_deleted = conventions.deleted, conventions.deleted_parent
        self._present = select.if_present
        self._if_done, self._done = select.if_done, dict(select.done)
        # Of a server that is judged, a story of its own tells whether it keeps the guard.
        is_insisted_on = self.items.is_of_mock or not self.items.resource.grounds
        self._guard = select.guard if is_insisted_on else None
        self._deleted = self.items.resource.conventions.deleted
        self._others = tuple(Selection(other, registry) for other in select.others)
        self._key = compile_source(select.by)
        self._parent = self.items.resource.parent
        is_single = self.items.resource.is_single
        # A single item of each parent, as its settings, exists as soon as the parent does.
        creates_absent = select.if_absent == CREATE
        self.exists_with_parent = bool(creates_absent and is_single and self._parent and not select.if_present)
        by_parent = (*select.within, select.by) if is_single and self._parent else select.within
        self._within = tuple(map(compile_source, by_parent))
        self._parent_items = registry[self._parent.resource] if self._parent and self._parent.resource else None
        self._named_parent = self._compile_named_parent(select, registry)
        self._is_assumed = is_of_parent and bool(self.items.key) and registry.are_assumed(self._resource)
        self._is_parent_assumed = self._parent_items is not None and registry.are_assumed(self._parent_items.name)
        self.key_of = self._compile_key()
        self._is_newest = select.is_newest
        self._other_key = self.items.other_key(select.by.name) if select.by.source == "path" else ""
        self._is_of_users = self.items is registry.users and select.by.source == "path" and not select.if_present
        self._is_of_current_user = (select.by.source, select.by.name.lower()) == ("header", "authorization")

    def item(self, context: RequestContext) -> Item | Rejection | None:
        """The item that the request names, the rejection that there is none, or None where one is to be made."""
        if self._is_of_current_user or (self._is_of_users and self._asks_for_oneself(context)):
            return self._user(context)
        if self._is_newest:
            return self._newest(context)
        for other in self._others:
            if (found := other.item(context)) is not None:
                return found
        key = self.key_of(context)
        item = context.state.get(self._resource, key)
        if item is None and (self._other_key or self.items.is_of_mock):
            item = self._item_by_other_key(context)
        if item is not None and self._within and self._parent and not self._parent.scopes_keys:
            # A key that is unique among all items may still be asked for below the wrong parent.
            item = item if self.items.parent_of(item) == self._parent_key(context) else None
        if self._if_parent_deleted and (below_deleted := self._below_deleted(context)) is not None:
            return below_deleted
        if item is not None and (self._finds_deleted or self.items.exists(item, context.request.at)):
            return self._existing(item, key) if self._done or self._present or self._guard else item
        return self._missing(context, key, item is not None and self.items.is_deleted(item, context.request.at))

    def _missing(self, context: RequestContext, key: Key, is_deleted: bool) -> Item | Rejection | None:
        """The rejection where there is no item, the initial one of a parent, or None where one is to be made."""
        absent = self._absence(context, is_deleted)
        if absent not in (CREATE, ACCEPTED) and not self._is_assumed:
            return self._absent(context, key, absent)
        if (unknown := self._unknown_parent(context)) is not None:
            return self._below_deleted(context) or unknown
        if self._is_assumed:
            return self._item_asked_for(context)
        if absent == ACCEPTED and context.request.method == "GET" and self._is_shown_under_any_key:
            return self._item_asked_for(context)
        return self.items.initial(self._parent_values(context)) if self.exists_with_parent else None

    def _item_asked_for(self, context: RequestContext) -> Item:
        """An item like any other, under the key that the request has."""
        return self.items.initial({self.items.key: self.items.as_key(self._key(context)), **self.path_values(context)})

    @cached_property
    def _is_shown_under_any_key(self) -> bool:
        """Whether a mock shows an item under each key, since there are no others than its clients can know."""
        resource = self.items.resource
        is_keyed = not resource.is_single and self.items.key in self.items.view.members
        return self.items.is_of_mock and is_keyed and bool(resource.examples)

    def _unknown_parent(self, context: RequestContext) -> Rejection | None:
        """The rejection where the item would be below one that there is not."""
        if self._parent_items is None or not self._within or self._is_parent_assumed:
            return None
        key = self._parent_key(context)
        parent = context.state.get(self._parent_items.name, key)
        is_there = parent is not None and self._parent_items.exists(parent, context.request.at)
        return None if is_there else _not_found(self._parent_items.name, key, "404")

    def _absence(self, context: RequestContext, is_deleted: bool) -> str:
        """What is done where there is no item, in the words of the selector's `if_absent`."""
        if is_deleted and self._if_deleted:
            return self._if_deleted
        absent = CREATE if self._is_applied(context) else self._if_absent.under(context.choose)
        return self._deleted if is_deleted and self._deleted and absent not in (CREATE, ACCEPTED) else absent

    def _absent(self, context: RequestContext, key: Key, status: str) -> Rejection:
        """The rejection where there is no item: that of its parent, where deleted ones have a status of their own."""
        below_deleted = self._below_deleted(context)
        return _not_found(self._resource, key, status) if below_deleted is None else below_deleted

    def _below_deleted(self, context: RequestContext) -> Rejection | None:
        """The rejection of what is below a deleted item, where that has a status of its own."""
        parents = self._parent_items
        status = self._if_parent_deleted or (parents.resource.conventions.deleted if parents is not None else "")
        if parents is None or not status or not self._within:
            return None
        parent_key = self._parent_key(context)
        parent = context.state.get(parents.name, parent_key)
        is_deleted = parent is not None and parents.is_deleted(parent, context.request.at)
        return _not_found(parents.name, parent_key, status) if is_deleted else None

    def _item_by_other_key(self, context: RequestContext) -> Item | None:
        """The oldest item with another key than that of its resource, as a file by its name rather than its number.

        Or with a path as its key that ends in the one that is asked for, such as `refs/heads/main` in `heads/main`.
        """
        value = str(self._key(context))
        places = ((self._other_key,),) if self._other_key else self.items.places_beside_key
        if not places and "/" not in value:
            return None
        found = self._of_same_parent(context)
        if places:
            return next((one for one in found if any(str(find(one, place, None)) == value for place in places)), None)
        return next((one for one in found if str(one.get(self.items.key)).endswith(f"/{value}")), None)

    def _newest(self, context: RequestContext) -> Item | Rejection:
        """The item that was created last, of the parent that the request names."""
        created = reversed(self._of_same_parent(context))
        newest = next((one for one in created if self.items.exists(one, context.request.at)), None)
        return self._absent(context, self._resource, "404") if newest is None else newest

    def _of_same_parent(self, context: RequestContext) -> Sequence[Item]:
        """The items of the parent that the request names, or all where it names none, in the order of creation."""
        return context.state.children(self._resource, self._parent_key(context) if self._within else None)

    def _asks_for_oneself(self, context: RequestContext) -> bool:
        """Whether the path names a user of a mock as `me`, and there is none of that name."""
        is_me = str(self._key(context)) in _MYSELF
        return is_me and context.state.get(self._resource, self.key_of(context)) is None

    def _user(self, context: RequestContext) -> Item:
        """The item of the user whom the credentials name, else the oldest; if there is none, one not stored yet."""
        return known_or_named(self.items, context) or self.items.initial({})

    def creates(self, context: RequestContext) -> bool:
        """Whether an item is to be made where there is none."""
        return self._if_absent.under(context.choose) == CREATE or self._is_applied(context)

    def _is_applied(self, context: RequestContext) -> bool:
        """Whether a mock of Kubernetes is sent the configuration of an item, which is made where there is none."""
        is_patch = context.request.method == "PATCH" and self.items.is_of_mock
        return is_patch and essence(context.request.headers.get("content-type", "")) == _APPLY

    def path_values(self, context: RequestContext) -> Mapping[str, Any]:
        """The fields of an item to be made that the request's path tells: its key, and that of its parent."""
        if self.items.resource.is_single:
            return self._parent_values(context)
        own = self._key(context)
        named = {self._other_key: own} if self._other_key else {self.items.key: self.items.as_key(own)}
        return {**named, **self._parent_values(context)}

    def _compile_key(self) -> Callable[[RequestContext], Key]:
        name, own_key, as_key = self.items.name, self._key, self.items.as_key

        def only(context: RequestContext) -> Key:
            return name

        def only_of_parent(context: RequestContext) -> Key:
            return scoped_key([*self._parent_values(context).values(), name])

        def within_parent(context: RequestContext) -> Key:
            return scoped_key([*self._parent_values(context).values(), as_key(own_key(context))])

        def own(context: RequestContext) -> Key:
            key: Key = as_key(own_key(context))
            return key

        if self.items.resource.is_single:
            return only if self._parent is None else only_of_parent
        return within_parent if self._within and self._parent and self._parent.scopes_keys else own

    def _compile_named_parent(self, select: ItemSelector, registry: ItemRegistry) -> "Selection | None":
        """The look-up of a parent that paths name otherwise than by its key, as a team by its `slug`."""
        items, within = self._parent_items, select.within
        if items is None or not within or within[-1].source != "path" or not items.is_of_mock:
            return None
        is_such = bool(items.other_key(within[-1].name) or items.places_beside_key)
        return Selection(ItemSelector(items.name, within[-1], "404", within[:-1]), registry) if is_such else None

    def _parent_key(self, context: RequestContext) -> Key:
        return scoped_key(list(self._parent_values(context).values()))

    def _parent_values(self, context: RequestContext) -> dict[str, Any]:
        """The fields that hold the key of the parent, of the types that the parent's own have."""
        if self._parent is None:
            return {}
        if self._named_parent is not None and isinstance(parent := self._named_parent.item(context), dict):
            return self._named_parent.items.as_parent(parent, self._parent.fields)
        values = [source(context) for source in self._within]
        if self._parent_items is not None:
            values[-1:] = [self._parent_items.as_key(value) for value in values[-1:]]
        return dict(zip(self._parent.fields, values, strict=False))

    def _existing(self, item: Item, key: Key) -> Item | Rejection:
        """An item that is there, unless the operation is refused for that, or for the values that it has already."""
        found = _in_words(self._resource, key)
        if self._present:
            return Rejection(self._present, (Violation("path", (), "present", f"there is a {found}"),))
        if not self._done or any(item.get(name) != value for name, value in self._done.items()):
            return self._guarded(item, found)
        values = " and ".join(f"{name} {json.dumps(value, ensure_ascii=False)}" for name, value in self._done.items())
        return Rejection(self._if_done, (Violation("path", (), "done", f"{found} has {values} already"),))

    def _guarded(self, item: Item, found: str) -> Item | Rejection:
        """An item, unless it is in a state in which the operation is refused."""
        guard = self._guard
        member = next((name for name, values in guard.where.items() if item.get(name) in values), "") if guard else ""
        if guard is None or not member:
            return item
        message = f"{found} has {member} {json.dumps(item[member], ensure_ascii=False)}"
        return Rejection(guard.status, (Violation("path", (), "state", message),))


def with_nearest_keys(rejection: Rejection, items: ResourceItems, context: RequestContext) -> Rejection:
    """The rejection of an unknown item, with the keys that exist and are nearest to the one that was asked for."""
    first = rejection.violations[0]
    if first.keyword != _UNKNOWN or not first.message.startswith(f"there is no {items.name} "):
        return rejection
    wanted = first.message.removeprefix(f"there is no {items.name} ")
    compared = context.state.children(items.name, None, 0, _COMPARED)
    known = (str(items.keys_of(item, context.choose)[0]) for item in compared)
    others = (key for key in known if key != wanted)  # that item belongs to another parent
    nearest = sorted(others, key=lambda key: _likeness(key, wanted), reverse=True)[:_NAMED]
    if not nearest:
        return rejection
    named = first._replace(message=f"{first.message}; there is: {', '.join(nearest)}")
    return rejection._replace(violations=(named, *rejection.violations[1:]))


def _likeness(key: str, wanted: str) -> int:
    """The length that two keys have in common, from both ends: a typing error is in between.

    Comparing the texts by `difflib` takes fifty times as long, which clients could ask for with every request.
    """
    return _shared(key, wanted) + _shared(key[::-1], wanted[::-1]) - abs(len(key) - len(wanted))


def _shared(one: str, other: str) -> int:
    """The length of the common start of two texts."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _not_found(resource: str, key: Key, status: str) -> Rejection:
    return Rejection(status, (Violation("path", (), _UNKNOWN, f"there is no {_in_words(resource, key)}"),))


def _in_words(resource: str, key: Key) -> str:
    """An item by its resource and its key: that of a single item is the name of its resource, behind its parent's."""
    return resource if key == resource else f"{resource} {str(key).removesuffix(f'/{resource}')}"


def known_under(items: ResourceItems, key: Any, context: RequestContext) -> Item:
    """The item under a key, or one like any other where a mock takes each key for known."""
    known = context.state.get(items.name, items.as_key(key))
    return items.initial({items.key: items.as_key(key)}) if known is None else known


class Transition:
    """The effect of an operation, compiled: `apply(item, context)` gives its change set, or a rejection.

    `items` are those that the response is about, None where it is about none.
    """

    def __init__(self, operation: Operation, registry: ItemRegistry) -> None:
        self._registry = registry
        select = operation.selector
        first = operation.steps[0].action if operation.steps else None
        listing = registry.listing_of(operation)
        is_of_parent = listing is not None or isinstance(first, Create)
        self.selection = (
            Selection(select, registry, operation.conventions, is_of_parent, restores(operation))
            if select is not None
            else None
        )
        self.items = self.selection.items if self.selection else None
        self.apply: ApplyTransition = _change_nothing
        if listing is not None:
            self.items = registry[listing.resource]
            told = {} if listing.within else told_by_path(operation, self.items)
            self.apply = self._compile_list(replace(listing, where={**told, **listing.where}), self.items)
        elif isinstance(first, Create):
            self.items = registry[first.resource]
            action = _with_conflict(first, self.items, operation)
            told = told_by_path(operation, self.items)
            self.apply = self._compile_creation(action, self.items, operation.steps[1:], told)
        elif isinstance(first, ChangeMany):
            self.items = registry[first.resource]
            self.apply = self._compile_changes(first, self.items, operation)
        elif isinstance(first, Clear):
            self.items = registry[first.resource]
            self.apply = self._compile_clearing(first, registry[first.resource])
        elif self.selection is None and registry.has_logout and is_logout(operation.path, operation.method):
            self.apply = Logout().apply
        elif self.selection is None and registry.users is not None and gives_token(operation):
            self.items = registry.users
            self.apply = Login(operation, registry.users).apply
        elif self.selection is None and registry.has_logout and gives_token(operation):
            self.apply = TokenRefresh(operation).apply
        elif self.selection is None and registry.users is not None and PasswordChange.is_by(operation):
            self.apply = PasswordChange(registry.users).apply
        elif self.selection is not None:
            self.apply = _ItemChange(self, self.selection, operation).apply
        self.apply = constrained(self.apply, operation, self.items, registry)

    def logs_in(self, items: ResourceItems) -> bool:
        """Whether items are users who log in with a password."""
        return self._registry.logs_in(items)

    def namesake(self, items: ResourceItems, given: Mapping[str, Any], context: RequestContext) -> Item:
        """The item of the same key elsewhere, as the user who becomes a member; empty if there is none."""
        return self._registry.namesake(items, given, context)

    def descendants(self, resource: str, key: Key, context: RequestContext) -> Iterator[Delete]:
        """The deletions of all items below an item, the innermost first."""
        for items, child in self.children(resource, key, context):
            child_key = items.keys_of(child, context.choose)[0]
            yield from self.descendants(items.name, child_key, context)
            yield Delete(items.name, child_key)

    def children(self, resource: str, key: Key, context: RequestContext) -> Iterator[tuple[ResourceItems, Item]]:
        """The items that belong to an item, each with those of its resource."""
        for items in self._registry.children_of(resource):
            for child in context.state.children(items.name, key):
                yield items, child

    def dependents(self, action: Dependents, key: Any, context: RequestContext) -> list[Delete]:
        """The deletions of the items that name another one by its key, each behind those of what is below it."""
        items, found = self._registry[action.resource], list[Delete]()
        for one in timed(context.state.children(items.name, None)):
            if str(one.get(action.by)) == str(key) and items.exists(one, context.request.at):
                own = items.keys_of(one, context.choose)[0]
                found += (*self.descendants(items.name, own, context), Delete(items.name, own))
        return found

    def _compile_list(self, action: Listing, items: ResourceItems) -> ApplyTransition:
        others = [self._registry[name] for name, _ in action.others]
        list_items, parent_key = compile_list(action, items, others), self._compile_parent_key(action)
        by_key = action.where.get(items.key) if self._registry.are_under_any_key(items.name) else None
        asked = compile_source(by_key) if by_key is not None else None

        def apply_list_by_keys(item: Item | None, context: RequestContext) -> ChangeSet:
            keys = asked(context) if asked is not None else ABSENT
            if keys is ABSENT or not keys:
                return apply_list(item, context)
            several = keys if isinstance(keys, list) else str(keys).split(",")
            found = [known_under(items, one, context) for one in several]
            return ChangeSet((), (), Projection(items=found, total=len(found)))

        def apply_list(item: Item | None, context: RequestContext) -> ChangeSet:
            return ChangeSet((), (), list_items(context, parent_key(item, context)))

        return apply_list if asked is None else apply_list_by_keys

    def _compile_creation(
        self, action: Create, items: ResourceItems, steps: Sequence[Step], told: Mapping[str, Expression]
    ) -> ApplyTransition:
        creation = Creation(action, items, self._registry, Effect(steps, items) if steps else None)
        selection = self.selection
        fields = items.parent_fields if self._selects_parent_of(items) else ()
        sources = tuple(zip(items.parent_fields, map(compile_source, action.within), strict=False))

        def create_within(item: Item | None, context: RequestContext) -> ChangeSet | Rejection:
            return creation.apply(context, {field: source(context) for field, source in sources})

        def create_below_selected(item: Item | None, context: RequestContext) -> ChangeSet | Rejection:
            if selection is None or item is None:
                return creation.apply(context, values_of_path(told, context))
            named = selection.items.named_in(items, item) if selection.items.is_of_mock and fields else {}
            if not fields and selection.items.is_of_mock:  # a card that is made in a column is on the board of that
                named = {field: item[field] for field in items.parent_fields if field in item}
            return creation.apply(context, {**named, **selection.items.as_parent(item, fields)})

        def copy_selected(item: Item | None, context: RequestContext) -> ChangeSet | Rejection:
            return creation.copy(item, context) if item is not None else NO_CHANGES

        if action.copy_without is not None:
            return copy_selected
        return create_within if sources else create_below_selected

    def _compile_clearing(self, action: Clear, items: ResourceItems) -> ApplyTransition:
        parent_key, filters = self._compile_parent_key(action), Filters(action)

        def clear(item: Item | None, context: RequestContext) -> ChangeSet:
            children = filters.kept(context.state.children(items.name, parent_key(item, context)), context)
            keys = [items.keys_of(one, context.choose)[0] for one in children]
            below = (change for key in keys for change in self.descendants(items.name, key, context))
            deletions = tuple(Delete(items.name, key) for key in keys)
            return ChangeSet((*below, *deletions), (), Projection(items=children, total=len(children)))

        return clear

    def _compile_changes(self, action: ChangeMany, items: ResourceItems, operation: Operation) -> ApplyTransition:
        missing = partial(_not_found, items.name, status="404") if "404" in operation.responses else None
        return ManyChanges(action, items, operation.steps[1:], self._compile_parent_key(action), missing).apply

    def _compile_parent_key(
        self, action: Listing | Clear | ChangeMany
    ) -> Callable[[Item | None, RequestContext], Key | None]:
        """The function that finds the key of the parent: where `within` says, else that of the selected item."""
        within = tuple(map(compile_source, action.within))
        belongs_to_selected = self._selects_parent_of(self._registry[action.resource])

        def key_within(item: Item | None, context: RequestContext) -> Key:
            return scoped_key([source(context) for source in within])

        def key_of_selected(item: Item | None, context: RequestContext) -> Key | None:
            if self.selection is None or not belongs_to_selected:
                return None
            if item is None:  # a parent that may be absent has no children then
                return self.selection.key_of(context)
            return self.selection.items.keys_of(item, context.choose)[0]

        return key_within if within else key_of_selected

    def _selects_parent_of(self, items: ResourceItems) -> bool:
        """Whether the selected item is the parent of such items, rather than another one that they name in a member."""
        parent = items.resource.parent
        return parent is not None and self.selection is not None and parent.resource == self.selection.items.name


def _change_nothing(item: Item | None, context: RequestContext) -> ChangeSet:
    return NO_CHANGES


def _with_conflict(action: Create, items: ResourceItems, operation: Operation) -> Create:
    """The creation with a refusal of a key that is taken, where that is replaced only because no text speaks of it.

    Of a mock, and of keys by which people know a thing, as a slug: a document that tells of no errors leaves out this
    one too, and most servers would answer a 400 so.
    """
    is_replaced = (
        action.taken == "replace"
        and not action.each
        and names_one_alone(items.key)
        and is_guessed(operation.grounds, EFFECT, TAKEN)
    )
    errors = [status for status in operation.responses if status[0] not in "123"]
    is_refused = items.is_of_mock and is_replaced and (not errors or "400" in errors)
    return replace(action, taken=CONFLICTING) if is_refused else action


class _ItemChange:
    """The steps that change, move or delete the selected item, or make it where it may be absent."""

    def __init__(self, transition: Transition, selection: Selection, operation: Operation) -> None:
        steps = operation.steps
        last = steps[-1].action if steps else None
        self._remove = last if isinstance(last, DeleteItem) else None
        self._effect = Effect(steps[:-1] if self._remove else steps, selection.items)
        self._transition = transition
        self._selection = selection
        self._items = selection.items
        self._shows_item = operation.success.shows_item
        self._is_named_alone = not steps and operation.body is None
        self._may_be_unstored = bool(steps) and selection.exists_with_parent
        may_show_file = selection.items.keeps_files or selection.items.is_of_mock
        self._may_store = may_show_file and operation.body is not None
        self._shows_content = shows_content(selection.items)
        self._has_secrets = transition.logs_in(selection.items)
        self._picture = picture_member(operation, selection.items) if selection.items.is_of_mock else ""
        self._counts_changes = selection.items.counts_changes

    def apply(self, item: Item | None, context: RequestContext) -> ChangeSet | Rejection:
        if item is None:
            return self._make(context) if self._selection.creates(context) else NO_CHANGES
        applied = self._effect.apply(item, context)
        if type(applied) is Rejection:
            return applied
        after, clauses, may_move = applied
        if self._counts_changes and after is not item:
            after = self._items.counted(item, after)
        if self._remove is not None:
            return self._delete(item, self._remove, context, clauses)
        if self._may_store:
            changed = {name for name, value in after.items() if item.get(name) != value}
            after = with_file(after, self._items, context.request, changed)
        if self._shows_content:
            after = with_content(after, self._items, context.body)
        if self._picture:
            after = with_picture(after, self._picture, self._items, context.request)
        if self._has_secrets:
            after = with_secret(after, context.body)
        projection = Projection(after) if self._shows_item else EMPTY_PROJECTION
        if after is item and not (self._may_be_unstored and self._is_unstored(item, context)):
            return ChangeSet((), clauses, projection)
        if may_move:
            changes = self._moved(self._items, item, after, context)
            stored = next(change.item for change in changes if isinstance(change, Put))
            return ChangeSet(changes, clauses, Projection(stored) if self._shows_item else EMPTY_PROJECTION)
        return ChangeSet((self._items.put(after, context.choose),), clauses, projection)

    def _is_unstored(self, item: Item, context: RequestContext) -> bool:
        """Whether an item was never stored: one that equals the initial one is there from now on all the same."""
        return context.state.get(self._items.name, self._items.keys_of(item, context.choose)[0]) is None

    def _make(self, context: RequestContext) -> ChangeSet | Rejection:
        """The item that was not there, made of what the path tells and what the steps set."""
        path_values = self._selection.path_values(context)
        applied = self._effect.apply(path_values, context)
        if isinstance(applied, Rejection):
            return applied
        made, clauses, _ = applied
        if self._is_named_alone:
            made = {**self._transition.namesake(self._items, path_values, context), **made}
        is_keyed = not self._items.key or self._items.key in path_values
        number = 0 if is_keyed else self._items.next_number(context, path_values, {})
        after = self._items.completed({**made, **path_values}, context.request.at, number)
        if self._may_store:
            after = with_file(after, self._items, context.request)
        if self._shows_content:
            after = with_content(after, self._items, context.body)
        after = self._items.created(after, context.request.at)
        put = self._items.put(after, context.choose, self._items.number_of(after, number) if number else 0)
        return ChangeSet((put,), clauses, Projection(after), True)

    def _delete(
        self, item: Item, action: DeleteItem, context: RequestContext, clauses: tuple[str, ...]
    ) -> ChangeSet | Rejection:
        key = self._items.keys_of(item, context.choose)[0]
        if action.children not in (CASCADE, KEEP):
            children = self._transition.children(self._items.name, key, context)
            standing = [items.name for items, child in children if items.exists(child, context.request.at)]
            if standing:
                message = f"{len(standing)} {standing[0]} belong to {self._items.name} {key}"
                return Rejection(action.children, (Violation("path", (), "children", message),))
        deletes = action.children != KEEP
        below = tuple(self._transition.descendants(self._items.name, key, context)) if deletes else ()
        for one in action.dependents:
            found = self._transition.dependents(one, item.get(self._items.key), context)
            if found and one.refused:
                message = f"{len(found)} {one.resource} belong to {self._items.name} {key}"
                return Rejection(one.refused, (Violation("path", (), "children", message),))
            below += tuple(found)
        return ChangeSet((*below, self._items.deletion(key, item, context)), clauses, Projection(item))

    def _moved(self, items: ResourceItems, before: Item, after: Item, context: RequestContext) -> tuple[Change, ...]:
        """The changes that store an item, and under a new key move all that belongs to it."""
        old_key, put = items.keys_of(before, context.choose)[0], items.put(after, context.choose)
        if put.key == old_key:
            return (put,)
        put = put._replace(item=items.own.moved(before, after))
        below = (
            change
            for child_items, child in self._transition.children(items.name, old_key, context)
            for change in self._moved(
                child_items, child, {**child, **items.as_parent(after, child_items.parent_fields)}, context
            )
        )
        return (Delete(items.name, old_key), put, *below)
