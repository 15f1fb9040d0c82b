"""The items of all resources of a contract, with how its operations use them."""

from collections import Counter
from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from typing import Any, TypeVar

from lookalike.contract.contract import Contract, Operation
from lookalike.contract.expressions import Expression
from lookalike.contract.inference.descriptions import default_told
from lookalike.contract.inference.sessions import is_logout
from lookalike.contract.requests import Parameter
from lookalike.contract.responses import DocumentedResponse
from lookalike.contract.semantics import (
    ACCEPTED,
    CREATE,
    FILE,
    SESSION_START,
    TOKEN,
    Create,
    ItemSelector,
    Listing,
    Merge,
    Replace,
    Restore,
    SetFields,
    Step,
    Union,
)
from lookalike.json_values import Pointer, find
from lookalike.model.context import RequestContext
from lookalike.model.resources.completion import FindRelated
from lookalike.model.resources.items import ResourceItems
from lookalike.model.resources.keys import scoped_key
from lookalike.model.resources.urls import ItemPaths, ItemUrls
from lookalike.model.resources.usage import Usage
from lookalike.model.response.examples import ResponseBodies
from lookalike.model.state import Item
from lookalike.naming.keys import identifier_member, noun_of_key
from lookalike.naming.members import is_state, is_time
from lookalike.naming.words import normalised, words_of
from lookalike.schema.directions import READ_ONLY
from lookalike.schema.value_types import ValueType
from lookalike.schema.view import SchemaView
from lookalike.schema.vocabulary import KEYWORD

_Use = TypeVar("_Use", ItemSelector, Listing)

_COMPARED = 1000  # items
_GIVEN_KEYS = ("uuid", "id")  # the ends of the names of members that hold them
_LINKS = "$links"  # the value of a field that links to pages
_SIZE = "$limit"  # the place of the size of a page in the template of a response


class ItemRegistry:
    """The items of every resource of a contract by name, each compiled when it is first asked for."""

    def __init__(self, contract: Contract, bodies: ResponseBodies, is_mock: bool = False) -> None:
        self._contract = contract
        self._bodies = bodies
        self._is_mock = is_mock
        self._compiled: dict[str, ResourceItems] = {}
        self._children: dict[str, list[str]] = {}
        for name, resource in contract.resources.items():
            if resource.parent is not None:
                self._children.setdefault(resource.parent.resource, []).append(name)

    def __getitem__(self, name: str) -> ResourceItems:
        if name not in self._compiled:
            usage = Usage(
                self._in_paths.get(name, ()),
                *self._sendable(name),
                self._urls_of(name),
                name in self._downloaded,
                [*self._created_examples(name)],
                self._is_mock,
                self.related_to,
                self._linked.get(name, frozenset()),
                dict(self._states_in_filters(name)) if self._is_mock else {},
                partial(self._sent_inside, name),
                frozenset(self._times_set_by_actions(name)),
                self._is_mock and any(restores(one) for one, _ in self._selecting.get(name, ())),
                self._names_other,
                dict(self._states_listed(name)) if self._is_mock else {},
            )
            self._compiled[name] = ResourceItems(self._contract, name, self._bodies, usage)
        return self._compiled[name]

    @cached_property
    def users(self) -> ResourceItems | None:
        """The items of users, where a mock has such: those of whom one is the current user, as at `/users/me`."""
        selected = (one.selector for one in self._contract.operations)
        found = (one.resource for one in selected if one is not None and one.by.name == "Authorization")
        name = next(found, "user" if "user" in self._contract.resources else "")
        return self[name] if name and self._is_mock else None

    def logs_in(self, items: ResourceItems) -> bool:
        """Whether items are users who log in with a password."""
        return self._has_login and self.users is items

    @cached_property
    def _has_login(self) -> bool:
        return self._is_mock and any(gives_token(one) for one in self._contract.operations)

    @cached_property
    def has_logout(self) -> bool:
        """Whether a mock has an operation that ends a session."""
        return self._is_mock and any(is_logout(one.path, one.method) for one in self._contract.operations)

    def children_of(self, name: str) -> Iterator[ResourceItems]:
        """The resources whose items belong to those of another."""
        return (self[child] for child in self._children.get(name, ()))

    def actions_on(self, name: str) -> Iterator[tuple[str, Sequence[Step]]]:
        """The members that actions on the items of a mock set, by the last word of their path, such as `confirm`."""
        for operation, _ in self._selecting.get(name, ()) if self._is_mock else ():
            verb = operation.path.rpartition("/")[2]
            steps = [one for one in operation.steps if isinstance(one.action, SetFields)]
            if steps and "{" not in verb:
                yield verb, steps

    def _times_set_by_actions(self, name: str) -> Iterator[str]:
        """The members that an action on the items of a mock sets to the time of it, as `started_at` by `/start`."""
        for _, steps in self.actions_on(name):
            for step in steps:
                fields = step.action.fields.items() if isinstance(step.action, SetFields) else ()
                times = (field for field, value in fields if value.source == "generated" and value.name != "uuid")
                yield from (field for field in times if not is_time(field))

    def _urls_of(self, name: str) -> ItemUrls | None:
        """The URLs of items by the operation that reads one, of several that at the path with most operations on it.

        None where no operation reads an item.
        """
        selecting = self._selecting.get(name, ())
        reads = [(one, selector) for one, selector in selecting if one.method == "GET" and not one.listing]
        if not reads:
            return None
        counts = Counter(one.path for one, _ in selecting)
        read, selector = min(reads, key=lambda read: (*_indirectness(read), -counts[read[0].path]))
        fields, paths = self._fields_by_parameter(selector), ItemPaths(read.path, base=read.base_path)
        for download, selected in reads:
            if download.success.body == FILE:
                for parameter, field in self._fields_by_parameter(selected).items():
                    fields.setdefault(parameter, field)
                paths = paths._replace(file=download.path)
        parent = self._contract.resources[name].parent
        return ItemUrls(self._contract, paths, fields, parent.fields if parent else ())

    def _fields_by_parameter(self, selector: ItemSelector) -> dict[str, str]:
        """The fields of the key of an item, its parents' first, by the parameters that select it."""
        resource = self._contract.resources[selector.resource]
        if resource.is_single:
            return {}
        parents = resource.parent.fields if resource.parent else ()
        fields = (*parents[: len(selector.within)], *resource.keys.values[0][0])
        return dict(zip((one.name for one in (*selector.within, selector.by)), fields, strict=False))

    def _sendable(self, name: str) -> tuple[frozenset[str], Mapping[str, Any], frozenset[str]]:
        """The members that request bodies describe for an item, even if read-only by its own schema, and defaults.

        The last ones are those of creations.
        """
        members: set[str] = set()
        at_first: set[str] = set()
        defaults: dict[str, Any] = {}
        for operation, described in self._bodies_of(name):
            types = {name: described.member(name) for name in described.properties} if described else {}
            sent = {name: one for name, one in types.items() if one.keyword(READ_ONLY) is not True}
            members.update(sent)
            is_creation = isinstance(operation.steps[0].action, Create)
            at_first.update(sent if is_creation else ())
            for member, one in sent.items() if is_creation else ():
                default = one.keyword("default")
                if default is None and self._is_mock:
                    default = default_told(str(one.keyword("description") or ""), one.types or ())
                if default is not None:
                    defaults.setdefault(member, default)
        return frozenset(members), defaults, frozenset(at_first)

    def _bodies_of(self, name: str) -> Iterator[tuple[Operation, ValueType | None]]:
        """The operations that make or change items, each with what the request describes of an item."""
        for operation, source in self._body_sources.get(name, ()):
            described = operation.body.first.value_type if operation.body and source.source == "body" else None
            for token in source.pointer if described else ():
                described = described.member(str(token)) if described else None
            yield operation, described

    def _sent_inside(self, name: str) -> Mapping[str, frozenset[str]]:
        """The members that requests describe of the objects in an item."""
        found: dict[str, frozenset[str]] = {}
        for _, described in self._bodies_of(name):
            for member in described.properties if described else ():
                inner = described.member(member).properties if described else ()
                found[member] = found.get(member, frozenset()).union(inner)
        return found

    def _states_listed(self, name: str) -> Iterator[tuple[str, str]]:
        """The members of items with the values that lists show by default, as words."""
        for operation, listing in self._listing.get(name, ()):
            for member, source in listing.where.items():
                parameter = operation.parameters.get((source.source, source.name))
                if parameter is not None and isinstance(parameter.default, str):
                    yield member, parameter.default

    def _states_in_filters(self, name: str) -> Iterator[tuple[str, Sequence[Any]]]:
        """The members that hold states, each with the words that requests or a filter of a list take for them."""
        for _, described in self._bodies_of(name):
            for member in filter(is_state, described.properties if described else ()):
                words = described.member(member).keyword("enum") if described else None
                if isinstance(words, list):
                    yield member, words
        for operation, listing in self._listing.get(name, ()):
            for field, source in listing.where.items():
                parameter = operation.parameters.get(("query", source.name)) if is_state(field) else None
                words = parameter.value_type.keyword("enum") if parameter is not None else None
                if isinstance(words, list):
                    yield field, words

    def _created_examples(self, name: str) -> Iterator[Any]:
        for operation, _ in self._body_sources.get(name, ()):
            if isinstance(operation.steps[0].action, Create):
                for response in operation.responses.values():
                    if response.status.startswith("2"):
                        yield from self._examples_of(response)

    def _examples_of(self, response: DocumentedResponse) -> Iterator[Any]:
        """The examples of a response: of its media type first, then of its schema."""
        shown = response.default_representation
        yield from shown.examples.values()
        if shown.schema_pointer is not None:
            example = SchemaView(self._contract.document.data, shown.schema_pointer).example
            yield from () if example is None else (example,)

    def listing_of(self, operation: Operation) -> Listing | None:
        """The list of an operation; pages of a mock are as large as an example says, where nothing else does.

        As `per_page: 15` of Laravel, whose documents rarely have a parameter for it.
        """
        listing, response = operation.listing, operation.responses.get(operation.success.status)
        if listing is None or response is None or not self._is_mock or listing.page.default is not None:
            return listing
        is_paged = listing.page.number is not None or listing.page.offset is not None
        place = _place_of(operation.success.body, _SIZE) if is_paged else None
        sizes = [] if place is None else [find(one, place) for one in self._examples_of(response)]
        size = next((one for one in sizes if type(one) is int and one > 0), None)
        return replace(listing, page=replace(listing.page, default=size))

    def links_to_pages(self, operation: Operation) -> tuple[tuple[str, Any], ...]:
        """The `Link` field of a list of a mock whose pages have numbers, where other lists of the document have one.

        Clients that find their way by it would else take the first page for the whole list. A list that is the whole
        body has no other place for the next cursor.
        """
        listing, fields = operation.listing, dict(operation.success.headers)
        if listing is None or not self._is_mock:
            return ()
        is_bare = listing.page.cursor is not None and operation.success.body == "$items"
        links = self._link_fields or ({"Link": _LINKS} if is_bare else {})
        is_usual = is_bare or listing.page.number is not None
        return tuple(links.items()) if is_usual and links.keys().isdisjoint(fields) else ()

    @cached_property
    def _link_fields(self) -> Mapping[str, Any]:
        """The first field that links to the pages of a list; empty where no list has one."""
        fields = (field for one in self._contract.operations if one.listing for field in one.success.headers)
        return dict(next(([field] for field in fields if field[1] == _LINKS), ()))

    def are_made_by_key(self, items: ResourceItems) -> bool:
        """Whether a mock makes items by their key alone, as members of a group, and no request changes them."""
        return self._is_mock and items.name in self._made_by_key and not items.sent_names

    def namesake(self, items: ResourceItems, given: Mapping[str, Any], context: RequestContext) -> Item:
        """The item of the same schema and key in a resource that is not made by keys alone; empty if there is none."""
        if not self._is_mock or items.key not in given:
            return {}
        find_related = self._related_to(context, given, excluded=self._made_by_key)
        return find_related(items.name, items.view, given[items.key]) or {}

    def related_to(self, context: RequestContext, given: Mapping[str, Any]) -> FindRelated:
        """The function that finds the item that a key in a member stands for, among those of the same parent.

        Where nothing tells the parent, it is the only item of any parent with that key, as a dish in a cart.
        """
        return self._related_to(context, given)

    def _related_to(
        self, context: RequestContext, given: Mapping[str, Any], excluded: Collection[str] = ()
    ) -> FindRelated:
        def find_related(name: str, view: SchemaView, value: Any) -> Item | None:
            for items in self.described_by(name, view):
                if items.name in excluded:
                    continue
                fields = items.parent_fields if items.resource.parent and items.resource.parent.scopes_keys else ()
                if all(field in given for field in fields):
                    key = scoped_key([*(given[field] for field in fields), items.as_key(value)])
                    found = context.state.get(items.name, key)
                else:
                    found = _only_one_with_key(items, items.as_key(value), context) if self._is_mock else None
                if found is None and self._is_mock:
                    found = _one_with_identifier(items, value, context)
                if found is not None:
                    return items.public(found)
            return None

        return find_related

    def described_by(self, name: str, view: SchemaView) -> Iterator[ResourceItems]:
        """The resources whose items a member may show: those of its schema, the one of its name first, else of that.

        Or of the last word of its name, as drivers in a `current_driver`.
        """
        found = self._of_schema(view)
        named = self._by_name.get(normalised(name)) or self._by_name.get("".join(words_of(name)[-1:]), ())
        found = [*(one for one in named if one in found), *found, *named]
        yield from (self[one] for one in dict.fromkeys(found) if self[one].key)

    def of_schema(self, view: SchemaView) -> Iterator[ResourceItems]:
        """The items of the resources with a schema, or with one of its forms, that have a key."""
        yield from (self[one] for one in self._of_schema(view) if self[one].key)

    def _of_schema(self, view: SchemaView) -> list[str]:
        pointers = (pointer for one in (view, *view.branches) for pointer in one.pointers)
        return [one for pointer in pointers for one in self._by_schema.get(pointer, ())]

    def named_as(self, nouns: Container[str]) -> Iterator[ResourceItems]:
        """The items of the resources with such names, normalised."""
        yield from (self[one] for name, found in self._by_name.items() if name in nouns for one in found)

    def named_by_key_in(self, member: str) -> ResourceItems | None:
        """The items of a mock that a sent member names one of by its key, such as `product_id`; None if there are none.

        Their keys are unique among all.
        """
        found = self._by_name.get(noun_of_key(member), ()) if self._is_mock else ()
        items = (self[one] for one in found)
        return next(
            (one for one in items if one.key and not (one.resource.parent and one.resource.parent.scopes_keys)), None
        )

    def _names_other(self, member: str) -> bool:
        """Whether a member holds the key of an item by its name: `product_id`, or `source_asset_id` of the assets."""
        words = words_of(member)
        nouns = {noun_of_key(member, _GIVEN_KEYS), words[-2] if len(words) > 1 and words[-1] in _GIVEN_KEYS else ""}
        return not nouns.isdisjoint(self._by_name)

    def parents_told(self, items: ResourceItems, sent: Mapping[str, Any], context: RequestContext) -> Item:
        """The keys of the parents of an item that those which it names have in common: the board of a card's column.

        No request can say them of items that do not show them.
        """
        hidden = [field for field in items.parent_fields if field not in items.view.members]
        if not hidden or not self._is_mock:
            return {}
        named = ((self.named_by_key_in(name), value) for name, value in sent.items() if isinstance(value, str | int))
        found = (context.state.get(one.name, one.as_key(value)) for one, value in named if one is not None)
        holders = (one for one in found if one is not None and all(field in one for field in hidden))
        return next(({field: one[field] for field in hidden} for one in holders), {})

    def is_made(self, name: str) -> bool:
        """Whether some operation makes the items of a resource."""
        return name in self._made

    def are_assumed(self, name: str) -> bool:
        """Whether a mock takes any item of a resource for known below which clients make others, as organisations.

        No operation makes such items. Nor does one list them: a client could choose none that exist. Or it lists those
        of a parent that is made by clients, and so begins without any, as a repository without branches.
        """
        resource = self._contract.resources[name]
        parent = resource.parent.resource if resource.parent else ""
        is_listed = name in self._listing and parent not in self._made
        return self._is_mock and not resource.is_single and name not in self._made and not is_listed

    def are_under_any_key(self, name: str) -> bool:
        """Whether a mock reads an item of a resource under any key that a client asks for."""
        selecting = [one for one, select in self._selecting.get(name, ()) if select.if_absent == ACCEPTED]
        return self._is_mock and any(one.method == "GET" and one.listing is None for one in selecting)

    @cached_property
    def _made(self) -> frozenset[str]:
        """The resources whose items some operation makes."""
        operations = self._contract.operations
        steps = (step.action for one in operations for step in one.steps)
        selectors = (one.selector for one in operations if one.selector is not None)
        return frozenset(
            (
                *(action.resource for action in steps if isinstance(action, Create)),
                *(one.resource for one in selectors if one.if_absent == CREATE),
            )
        )

    @cached_property
    def _by_schema(self) -> Mapping[Pointer, Sequence[str]]:
        found: dict[Pointer, list[str]] = {}
        data = self._contract.document.data
        for name in self._contract.resources:
            found.setdefault(SchemaView(data, (KEYWORD, "resources", name, "schema")).pointer, []).append(name)
        return found

    @cached_property
    def _by_name(self) -> Mapping[str, Sequence[str]]:
        found: dict[str, list[str]] = {}
        for name in self._contract.resources:
            found.setdefault(normalised(name), []).append(name)
        return found

    @cached_property
    def _made_by_key(self) -> frozenset[str]:
        """The resources of which some operation makes items by their key alone, since nothing is sent."""
        selectors = (one.selector for one in self._contract.operations if not one.steps and one.body is None)
        return frozenset(one.resource for one in selectors if one is not None and one.if_absent == CREATE)

    @cached_property
    def _downloaded(self) -> frozenset[str]:
        """The resources whose items have a file that some operation sends."""
        sending = (one.selector for one in self._contract.operations if one.success.body == FILE)
        return frozenset(selector.resource for selector in sending if selector is not None)

    @cached_property
    def _linked(self) -> Mapping[str, frozenset[str]]:
        """The fields of each resource to which some operation adds."""
        found: dict[str, frozenset[str]] = {}
        for operation in self._contract.operations:
            fields = frozenset(step.action.field for step in operation.steps if isinstance(step.action, Union))
            if fields and operation.selector is not None:
                found[operation.selector.resource] = found.get(operation.selector.resource, frozenset()) | fields
        return found

    @cached_property
    def _body_sources(self) -> Mapping[str, Sequence[tuple[Operation, Expression]]]:
        """The operations that make or change the items of each resource, and where in the request that is read."""
        found: dict[str, list[tuple[Operation, Expression]]] = {}
        for operation in self._contract.operations:
            for action in (step.action for step in operation.steps):
                if isinstance(action, Create):
                    found.setdefault(action.resource, []).append((operation, action.source))
                elif isinstance(action, Replace | Merge) and operation.selector:
                    found.setdefault(operation.selector.resource, []).append((operation, action.source))
        return found

    @cached_property
    def _selecting(self) -> Mapping[str, Sequence[tuple[Operation, ItemSelector]]]:
        """The operations that select an item of each resource, with how they do."""
        return _by_resource((one, one.selector) for one in self._contract.operations)

    @cached_property
    def _listing(self) -> Mapping[str, Sequence[tuple[Operation, Listing]]]:
        """The operations that list the items of each resource, with how they do."""
        return _by_resource((one, one.listing) for one in self._contract.operations)

    @cached_property
    def _in_paths(self) -> Mapping[str, Sequence[Parameter]]:
        """The parameters that name the items of each resource in paths."""
        found: dict[str, list[Parameter]] = {}
        for operation in self._contract.operations:
            selector = operation.selector
            if selector is None or selector.by.source != "path":
                continue
            parameter = operation.parameters.get(("path", selector.by.name))
            if parameter:
                found.setdefault(selector.resource, []).append(parameter)
        return found


def _by_resource(uses: Iterable[tuple[Operation, _Use | None]]) -> Mapping[str, Sequence[tuple[Operation, _Use]]]:
    """Operations by the resource whose items they use, with how they do."""
    found: dict[str, list[tuple[Operation, _Use]]] = {}
    for operation, use in uses:
        if use is not None:
            found.setdefault(use.resource, []).append((operation, use))
    return found


def _only_one_with_key(items: ResourceItems, key: Any, context: RequestContext) -> Item | None:
    """The item of a key among those of all parents, as far as they are compared; None where several have it."""
    compared = context.state.children(items.name, None, 0, _COMPARED)
    found = [one for one in compared if one.get(items.key) == key]
    return found[0] if len(found) == 1 else None


def _one_with_identifier(items: ResourceItems, value: Any, context: RequestContext) -> Item | None:
    """The item with an `id`, where the key of such items is another member, as a slug; None if there is none."""
    name = identifier_member(items.view.members)
    if name in ("", items.key) or not isinstance(value, int | str):
        return None
    return next((one for one in context.state.children(items.name, None, 0, _COMPARED) if one.get(name) == value), None)


def _indirectness(read: tuple[Operation, ItemSelector]) -> tuple[bool, bool, bool]:
    """Whether a read does not show the item, or is of its file, or has a path that is the same for several items.

    Such as that of the current user, and of the newest item.
    """
    operation, selector = read
    is_same_for_all = selector.by.source == "header" or selector.is_newest
    return not operation.success.shows_item, operation.success.body == FILE, is_same_for_all


def restores(operation: Operation) -> bool:
    """Whether an operation brings deleted items back."""
    return any(isinstance(step.action, Restore) for step in operation.steps)


def gives_token(operation: Operation) -> bool:
    """Whether the response to an operation has a token that the mock accepts, in its body or in a cookie."""
    fields = (str(template) for _, template in operation.success.headers)
    return TOKEN in _places(operation.success.body) or any(one.startswith(SESSION_START) for one in fields)


def _place_of(template: Any, wanted: str) -> Pointer | None:
    """The place of a value in the template of a body; None where it is not there."""
    if template == wanted:
        return ()
    parts = template.items() if isinstance(template, Mapping) else ()
    inner = ((name, place) for name, part in parts if (place := _place_of(part, wanted)) is not None)
    return next(((name, *place) for name, place in inner), None)


def _places(template: Any) -> Iterator[Any]:
    if isinstance(template, Mapping):
        for part in template.values():
            yield from _places(part)
    else:
        yield template
