"""The items of a resource: how they are made, changed and found, and kept valid by their schema.

A server sets what a client may not send (read-only members) or did not (defaults, times, keys), so every function here
that makes an item gives one that fits its schema, as far as such values can be found.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from lookalike.contract.contract import Contract, Operation
from lookalike.contract.expressions import Expression
from lookalike.contract.requests import Parameter
from lookalike.contract.semantics import Create, Merge, Replace
from lookalike.json_values import ABSENT
from lookalike.model.context import RequestContext
from lookalike.model.generated_values import date, timestamp
from lookalike.model.resources.key_formats import KeyFormats
from lookalike.model.resources.keys import compile_key_coercion, compile_keys, compile_parent, key_fields
from lookalike.model.resources.normalisation import compile_normalisation
from lookalike.model.response.examples import ResponseBodies
from lookalike.model.state import Item, Key, Put
from lookalike.readings import Choose
from lookalike.schema.validator import READ_ONLY, Violation
from lookalike.schema.view import SchemaView
from lookalike.schema.vocabulary import KEYWORD

# Names of members, in lower case without separators, that hold the time of creation or of the last change.
_CREATED = frozenset({"created", "createdat", "createdon", "createddate", "creationdate", "datecreated", "createtime"})
_UPDATED = frozenset(
    (
        *("updated", "updatedat", "updatedon", "updateddate", "dateupdated", "updatetime", "lastupdated"),
        *("modified", "modifiedat", "lastmodified", "lastmodifiedat", "datemodified"),
    )
)
# The time of creation of items that are there from the start, in seconds since 1970: the same at every start.
SEEDED_AT = 1_767_225_600.0
_MAX_REPAIRS = 4  # rounds, since a value that replaces a wrong one may break another rule
_CLOSING = frozenset({"additionalProperties", "unevaluatedProperties"})
_NO_TYPES: frozenset[str] = frozenset()


class ResourceItems:
    """The items of one resource of a contract.

    `identity_fields` hold the item's key and its parent's; those that the schema does not describe are `hidden` from
    clients. `parent_fields` are the fields of the parent's key alone; `key` is the one field of the key, empty where
    there are several or none.
    """

    def __init__(
        self,
        contract: Contract,
        name: str,
        bodies: ResponseBodies,
        in_paths: Sequence[Parameter] = (),
        sendable: Iterable[str] = (),
    ) -> None:
        resource = contract.resources[name]
        self._bodies = bodies
        self.name = name
        self.resource = resource
        self.keys_of = compile_keys(resource)
        self.parent_of = compile_parent(resource)
        self.view = SchemaView(contract.document.data, (KEYWORD, "resources", name, "schema"))
        self._schema = contract.item_schemas[name]
        self._members = self.view.members
        self._names_by_plain = {_plain(member): member for member in self._members}
        candidate_keys = resource.keys.values[0]
        is_one_field = len(candidate_keys) == 1 and len(candidate_keys[0]) == 1
        self.key = candidate_keys[0][0] if is_one_field else ""
        key_view = self._members.get(self.key)
        self.as_key = compile_key_coercion(key_view.types if key_view else _NO_TYPES)
        self._key_formats = KeyFormats(
            name,
            field=self.key,
            view=key_view,
            schema=self._schema,
            bodies=bodies,
            in_paths=in_paths,
            form=resource.manners.key_form,
        )
        self.parent_fields = resource.parent.fields if resource.parent else ()
        self.identity_fields = frozenset({*key_fields(resource), *self.parent_fields})
        self.hidden = self.identity_fields - self._members.keys()
        self.unshown = self.hidden | resource.manners.withheld
        read_only = frozenset(member for member, view in self._members.items() if view.is_marked("readOnly"))
        sent_names = (self._documented_name(member) for member in sendable)
        self._server_set = read_only - {member for member in sent_names if not _is_time_name(member)}
        self._server_set |= resource.manners.ignored
        self._kept = self.identity_fields | self._server_set
        self._unsent = {name: value for name, value in resource.manners.unsent.items() if value is not ABSENT}
        self._filled_in = (
            *((name, False) for name in self._unsent),
            *(one for one in self._members_to_fill_in() if one[0] not in resource.manners.unsent),
        )
        self._taken: Callable[[Item], Item] = self._with_documented_names
        self._tolerant = resource.manners.is_tolerant
        if resource.manners.kept or resource.manners.drops_unknown:
            self._taken = self._compile_taking()
        self._times_of_change = tuple(
            member for member in self._members if _plain(member) in _UPDATED and self._is_time(member)
        )

    # --- Keys ---

    def put(self, item: Item, choose: Choose, number: int = 0) -> Put:
        """The change that stores an item."""
        keys = self.keys_of(item, choose)
        return Put(self.name, keys[0], item, keys[1:], self.parent_of(item), number)

    def as_parent(self, item: Item, fields: Sequence[str]) -> dict[str, Any]:
        """The values of the fields of a child that hold the key of this item, outermost parent first."""
        above = self.resource.parent.fields if self.resource.parent and self.resource.parent.scopes_keys else ()
        return dict(zip(fields, (*(item[field] for field in above), item.get(self.key, self.name)), strict=False))

    def number_of(self, item: Item, number: int = 0) -> int:
        """The number that the key of an item was made of, so that no later item gets it; 0 where it was none."""
        return self._key_formats.number_of(item.get(self.key), number)

    def next_number(
        self, context: RequestContext, given: Mapping[str, Any], taken: Mapping[Key, Any], latest: int = 0
    ) -> int:
        """The number of the next item, whose key no item of the state has, and none of those just made."""
        number = max(context.state.number(self.name), latest) + 1
        while self.key and self._is_taken({**given, self.key: self._key_formats.key(number)}, context, taken):
            number += 1
        return number

    def _is_taken(self, item: Item, context: RequestContext, taken: Mapping[Key, Any]) -> bool:
        key = self.keys_of(item, context.choose)[0]
        return key in taken or context.state.get(self.name, key) is not None

    # --- Items made, replaced and changed ---

    def new(self, body: Any, given: Mapping[str, Any], at: float, number: int) -> Item:
        """An item made of a body; `given` holds the fields that are known otherwise, as the key of its parent.

        `at` is in seconds since 1970. A key that was sent but is invalid is replaced by one made of the number.
        """
        sent = self._taken(body) if isinstance(body, dict) else {}
        item = {name: value for name, value in sent.items() if name not in self._server_set}
        if self.key in item and not self._key_formats.is_valid(item[self.key]):
            del item[self.key]
        return self.completed({**item, **given}, at, number)

    def initial(self, given: Mapping[str, Any]) -> Item:
        """The single item of a parent before it was ever changed: as an example shows it, else with all members."""
        shown = next(iter(self.resource.examples), None)
        return self.completed({**(shown or self.sampled(0)), **given}, SEEDED_AT)

    def sampled(self, number: int) -> Item:
        """The members of a generated item, without its key."""
        members = self._bodies.sampled(self.view)
        return {name: value for name, value in members.items() if name != self.key} if isinstance(members, dict) else {}

    def replaced(self, old: Item, body: Any, at: float, keeps: tuple[str, ...] = ()) -> Item:
        """The item of a body in place of another, which keeps its key, what only the server sets, and some members.

        Those are the ones that the body could not have: a request without them says nothing about them.
        """
        sent = self._taken(body) if isinstance(body, dict) else {}
        unsent = {name for name in keeps if name not in sent}
        kept = {name: value for name, value in old.items() if name in self._kept or name in unsent}
        return self.completed({**{name: value for name, value in sent.items() if name not in self._kept}, **kept}, at)

    def changed(self, old: Item, new: Item, at: float) -> Item:
        """A changed item, which keeps its key and what only the server sets, and has the time of the change."""
        kept = {name: old[name] for name in self._kept if name in old}
        sent = self._taken(new)
        after = {**{name: value for name, value in sent.items() if name not in self._kept}, **kept}
        for name in self.view.required - after.keys():  # a required member that was deleted may be null
            if name in self._members and "null" in self._members[name].types:
                after[name] = None
        return self.with_time_of_change(old, after, at)

    def with_valid_members(self, old: Item, after: Item) -> Item:
        """A changed item, with each invalid member as it was."""
        invalid = {one.pointer[0] for one in self.violations(after) if one.pointer}
        if not invalid:
            return after
        valid = {name: value for name, value in after.items() if name not in invalid}
        return {**valid, **{name: value for name, value in old.items() if name in invalid}}

    def with_time_of_change(self, old: Item, after: Item, at: float) -> Item:
        """The item with the time of its change; the old one itself where nothing else has changed."""
        others = {name: value for name, value in after.items() if name not in self._times_of_change}
        before = {name: value for name, value in old.items() if name not in self._times_of_change}
        if others == before:
            return old
        return {**after, **{name: self._time(name, at) for name in self._times_of_change if name in after}}

    def completed(self, item: Item, at: float, number: int = 0) -> Item:
        """An item with everything that a client leaves to the server, so that it fits the schema."""
        whole = dict(item)
        if self.key and not self._key_formats.has_type(whole.get(self.key, ABSENT)):
            whole[self.key] = self._key_formats.key(number)
        for name, is_time in self._filled_in:
            if name not in whole:
                whole[name] = self._time(name, at) if is_time else self._sample(name)
        return self._repaired(whole)

    # --- Manners ---

    def _compile_taking(self) -> Callable[[Item], Item]:
        """The function that makes stored members of sent ones, where a server keeps some of them otherwise."""
        manners = self.resource.manners
        normalise = {name: compile_normalisation(names, self._members[name]) for name, names in manners.kept.items()}
        known = self._members.keys() | self.identity_fields

        def taken(sent: Item) -> Item:
            named = self._with_documented_names(sent)
            return {
                name: normalise[name](value) if name in normalise else value
                for name, value in named.items()
                if not manners.drops_unknown or name in known
            }

        return taken

    # --- Names ---

    def _with_documented_names(self, sent: Item) -> Item:
        """Sent members under the names that the items' schema has for them, as `friendly_name` for `FriendlyName`.

        Some documents describe forms in one spelling and the JSON of items in another.
        """
        if sent.keys() <= self._members.keys():
            return sent
        return {self._documented_name(name): value for name, value in sent.items()}

    def _documented_name(self, name: str) -> str:
        return name if name in self._members else self._names_by_plain.get(_plain(name), name)

    # --- Validity ---

    def visible(self, item: Item) -> Item:
        """An item without the fields that clients do not see."""
        return {name: value for name, value in item.items() if name not in self.hidden} if self.hidden else item

    def from_example(self, example: Item) -> Item:
        """An item of an example, whose texts are replaced where they are not in the format that the schema names."""
        formatted = self._bodies.in_format(self.view.pointer, self.visible(example))
        return {**formatted, **{name: example[name] for name in self.identity_fields if name in example}}

    def violations(self, item: Item) -> tuple[Violation, ...]:
        """The violations of an item as clients see it, but for those that only some readings' choices have."""
        visible = self.visible(item)
        if self._schema.accepts(visible):
            return ()
        return tuple(one for one in self._schema.violations(visible, "body", f"the {self.name}") if not one.when)

    def _repaired(self, item: dict[str, Any]) -> Item:
        """The item with valid values in place of invalid ones, as far as such are found."""
        if self._tolerant:  # a server that does not check a rule stores what breaks it
            return item
        for _ in range(_MAX_REPAIRS):
            found = self.violations(item)
            if not found:
                break
            for violation in found:
                self._repair(item, violation)
        return item

    def _repair(self, item: dict[str, Any], violation: Violation) -> None:
        name = violation.pointer[0] if violation.pointer else None
        if isinstance(name, str) and name not in self._members:
            item.pop(name, None)
        elif isinstance(name, str) and name not in self.identity_fields:
            item[name] = self._sample(name)
        elif name is None:
            missing = self.view.required - item.keys()
            item.update({name: self._sample(name) for name in missing if name in self._members})
            if violation.keyword in _CLOSING:
                for unknown in item.keys() - self._members.keys() - self.hidden:
                    del item[unknown]

    # --- Values that the server sets ---

    def _members_to_fill_in(self) -> Iterator[tuple[str, bool]]:
        """The members that a client may leave to the server, and whether each gets the time."""
        for name, view in self._members.items():
            if name == self.key or view.is_marked("writeOnly"):
                continue
            if self._is_time(name) and (_is_time_name(name) or view.is_marked("readOnly")):
                yield name, True
            elif view.keyword("default") is not None or view.is_marked("readOnly") or name in self.view.required:
                yield name, False

    def _sample(self, member: str) -> Any:
        """The value of a member that no client sent: its default, else an empty list, else one that fits."""
        if member in self._unsent:
            return self._unsent[member]
        view = self._members[member]
        default = view.keyword("default")
        if default is None and "array" in view.types and not view.keyword("minItems"):
            return []
        return self._bodies.sampled(view) if default is None else default

    def _is_time(self, member: str) -> bool:
        view = self._members[member]
        if view.keyword("format") in ("date-time", "date"):
            return True
        return "integer" in view.types and _is_time_name(member)

    def _time(self, member: str, at: float) -> Any:
        view = self._members[member]
        if "string" not in view.types:
            return int(at)
        return date(at) if view.keyword("format") == "date" else timestamp(at)


class ItemRegistry:
    """The items of every resource of a contract by name, each compiled when it is first asked for."""

    def __init__(self, contract: Contract, bodies: ResponseBodies) -> None:
        self._contract = contract
        self._bodies = bodies
        self._compiled: dict[str, ResourceItems] = {}
        self._children: dict[str, list[str]] = {}
        for name, resource in contract.resources.items():
            if resource.parent is not None:
                self._children.setdefault(resource.parent.resource, []).append(name)

    def __getitem__(self, name: str) -> ResourceItems:
        if name not in self._compiled:
            in_paths, sendable = self._in_paths.get(name, ()), self._sendable(name)
            self._compiled[name] = ResourceItems(self._contract, name, self._bodies, in_paths, sendable)
        return self._compiled[name]

    def children_of(self, name: str) -> Iterator[ResourceItems]:
        """The resources whose items belong to those of another."""
        return (self[child] for child in self._children.get(name, ()))

    def _sendable(self, name: str) -> Iterator[str]:
        """The members that request bodies describe for an item, even if the item's own schema says read-only."""
        for operation, source in self._body_sources.get(name, ()):
            described = operation.body.first.value_type if operation.body and source.source == "body" else None
            for token in source.pointer if described else ():
                described = described.member(str(token)) if described else None
            if described:
                members = described.properties
                yield from (one for one in members if described.member(one).keyword(READ_ONLY) is not True)

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


def _is_time_name(member: str) -> bool:
    return _plain(member) in _CREATED | _UPDATED


def _plain(name: str) -> str:
    """A name in lower case, with nothing but letters and digits."""
    return re.sub(r"[^a-z0-9]", "", name.lower())
