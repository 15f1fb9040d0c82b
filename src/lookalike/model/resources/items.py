"""The items of a resource: how they are made, changed and found, and kept valid by their schema.

A server sets what a client may not send (read-only members) or did not (defaults, times, keys), so every function here
that makes an item gives one that fits its schema, as far as such values can be found.
"""

import math
import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import chain
from typing import Any

from lookalike.contract.contract import Contract
from lookalike.contract.derivations import Derivation, parse_derivation, told_derivation
from lookalike.contract.inference.states import listed_words
from lookalike.contract.semantics import FILE
from lookalike.json_values import ABSENT, Pointer, find, with_value_at
from lookalike.model.context import RequestContext
from lookalike.model.resources.completion import Completion, FindRelated, nothing_related
from lookalike.model.resources.derived_members import DerivedMembers
from lookalike.model.resources.initial_values import InitialValues
from lookalike.model.resources.key_formats import KeyFormats
from lookalike.model.resources.keys import compile_key_coercion, compile_keys, compile_parent, is_key, key_fields
from lookalike.model.resources.marks_of_change import MarksOfChange
from lookalike.model.resources.metadata import ServerMetadata, generated_name, place_of_prefix
from lookalike.model.resources.own_members import OwnMembers
from lookalike.model.resources.related_members import RelatedMembers
from lookalike.model.resources.stored_members import StoredMembers
from lookalike.model.resources.usage import Usage
from lookalike.model.response.examples import ResponseBodies
from lookalike.model.state import Change, Delete, Item, Key, Put
from lookalike.naming.accounts import USER_NAMES
from lookalike.naming.keys import (
    handle_member,
    identifier_member,
    key_field,
    keys_told,
    member_ending_in,
    member_for_other,
    members_for_any,
)
from lookalike.naming.members import (
    is_holder,
    is_time,
)
from lookalike.naming.words import normalised
from lookalike.readings import Choose
from lookalike.schema.formats import FormatCheck
from lookalike.schema.generation.believable import TYPICAL
from lookalike.schema.generation.random_source import Randomness
from lookalike.schema.validator import Schema, Violation
from lookalike.schema.view import SchemaView
from lookalike.schema.vocabulary import KEYWORD

# The time of creation of items that are there from the start, in seconds since 1970: the same at every start.
SEEDED_AT = 1_767_225_600.0
_MAX_REPAIRS = 4  # rounds, since a value that replaces a wrong one may break another rule
_IS_NAME = re.compile(
    r"\buniquely identif|\bunique identifier that differentiates|\bin place of\b[^.]{0,60}\b(?:url|path)", re.IGNORECASE
)
_CLOSING = frozenset({"additionalProperties", "unevaluatedProperties"})
_NO_TYPES: frozenset[str] = frozenset()
_KEY_TYPES = frozenset({"string", "integer"})
# Hidden members with the times, in seconds since 1970, between which an item exists for clients.
EXISTS_FROM, EXISTS_UNTIL = "lookalike:from", "lookalike:until"
# Hidden members of users: the hash of the password that they signed up with, and whether they have logged in.
SECRET, SIGNED_IN = "$secret", "$signed-in"
_UNSHOWN = frozenset({FILE, SECRET, SIGNED_IN})
_IN_TIME = frozenset({EXISTS_FROM, EXISTS_UNTIL})


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
        usage: Usage | None = None,
    ) -> None:
        resource = contract.resources[name]
        usage = usage or Usage()
        self._bodies = bodies
        self.name = name
        self.resource = resource
        self.keys_of = compile_keys(resource)
        self.parent_of = compile_parent(resource)
        self.view = SchemaView(contract.document.data, (KEYWORD, "resources", name, "schema"))
        self._schema = contract.item_schemas[name]
        self._members = self.view.members
        candidate_keys = resource.keys.values[0]
        is_one_field = len(candidate_keys) == 1 and len(candidate_keys[0]) == 1
        self.key = candidate_keys[0][0] if is_one_field else ""
        self._places = resource.shown_at
        self._key_view = self._view_of_field(self.key)
        self.as_key = compile_key_coercion(self._key_view.types if self._key_view else _NO_TYPES)
        self.parent_fields = resource.parent.fields if resource.parent else ()
        self.identity_fields = frozenset({*key_fields(resource), *self.parent_fields})
        self.is_of_mock = usage.shows_all
        self.is_timed = resource.conventions.remembers_deleted or usage.are_restored
        fields = self.identity_fields | _UNSHOWN | (_IN_TIME if self.is_timed else frozenset())
        self.hidden = fields - self._members.keys()
        self.unshown = self.hidden | resource.conventions.withheld
        read_only = frozenset(member for member, view in self._members.items() if view.is_marked("readOnly"))
        self._stored = StoredMembers(
            resource, self.view, self.identity_fields, usage, key=self.key, noun=name.rpartition("-")[2]
        )
        self.sent_names = self._stored.sent_names
        self.nested = self._stored.nested
        self._server_set = read_only - {member for member in self.sent_names if not is_time(member)}
        self._server_set |= resource.conventions.ignored
        self._completion = Completion(self._schema_of, bodies.sampled)
        self.related = RelatedMembers(name, self.view, usage, self._completion, self.parent_fields)
        self._schemas = contract.schemas
        # Where keys do not depend on the parent, a change may move an item to another, as a card to another list.
        is_bound = bool(resource.parent and resource.parent.scopes_keys)
        movable = frozenset() if is_bound else self._members.keys() & self.parent_fields
        is_unchangeable = self._server_set | resource.conventions.unchangeable
        self._kept = (self.identity_fields - movable) | is_unchangeable | _UNSHOWN
        self.keeps_files = usage.is_downloaded
        self._usage = usage
        self._tolerant = resource.conventions.is_tolerant
        self._key_derivation = parse_derivation(resource.conventions.key_form)
        self._metadata = ServerMetadata.of(self.view) if usage.shows_all else None
        self._prefix = place_of_prefix(self.view, self._place_of_key)

    # --- Parts that are compiled when an item is first made ---

    @cached_property
    def _key_formats(self) -> KeyFormats:
        shown = (one.get(self.key) for one in self.resource.examples[:1])
        return KeyFormats(
            self.name,
            field=self.key,
            view=self._key_view,
            schema=self._schema,
            bodies=self._bodies,
            in_paths=self._usage.in_paths,
            form="" if self._key_derivation else self.resource.conventions.key_form,
            examples=[*shown, *map(self._key_in, self._usage.created_examples)],
        )

    @cached_property
    def _initial_values(self) -> InitialValues:
        defaults = self._usage.defaults.items()
        return InitialValues(
            self.resource,
            self.view,
            self.key,
            self._usage,
            sent_names=self.sent_names,
            defaults={self._stored.documented_name(member): default for member, default in defaults},
            bodies=self._bodies,
            schema_of=self._schema_of,
        )

    @cached_property
    def user_names(self) -> Sequence[str]:
        """The members by which users are known, the key first."""
        named = (one for one in self._members if normalised(one) in USER_NAMES)
        return self.key, *named

    @cached_property
    def own(self) -> OwnMembers:
        """The members that a server makes of the item itself."""
        return OwnMembers(
            self.resource,
            self.view,
            self.key,
            self._usage,
            initial_values=self._initial_values,
            bodies=self._bodies,
            schema_of=self._schema_of,
        )

    @cached_property
    def marks(self) -> MarksOfChange:
        """The members by which an item shows that it was changed."""
        return MarksOfChange(
            self.view, self._initial_values, self._derived, self._metadata, is_of_mock=self._usage.shows_all
        )

    @cached_property
    def places_beside_key(self) -> Sequence[Pointer]:
        """The places by whose value clients find an item of a mock in place of its key, as by a `unique_name`.

        Or by the `login` in its `profile`, where the path takes the ID or login of a user.
        """
        others = {name: view for name, view in self._members.items() if name not in self.identity_fields}
        named = [(name,) for name, view in others.items() if _IS_NAME.search(str(view.keyword("description", "")))]
        told = {word for one in self._usage.in_paths for word in keys_told(one.name, one.description)}
        holders = {name: view for name, view in others.items() if is_holder(name) or normalised(name) == "profile"}
        inner = ((name, member) for name in holders for member in holders[name].members)
        places = chain(((name,) for name in others), inner) if told else ()
        by_told = (place for place in places if normalised(place[-1]) in told)
        views = ((place, self.view.inside(place)) for place in dict.fromkeys((*named, *by_told)))
        return [place for place, view in views if view is not None and view.types & _KEY_TYPES]

    # --- Keys ---

    def put(self, item: Item, choose: Choose, number: int = 0) -> Put:
        """The change that stores an item."""
        keys = self.keys_of(item, choose)
        return Put(self.name, keys[0], item, keys[1:], self.parent_of(item), number)

    def as_parent(self, item: Item, fields: Sequence[str]) -> dict[str, Any]:
        """The values of the fields of a child that hold the key of this item, outermost parent first."""
        above = self.resource.parent.fields if self.resource.parent and self.resource.parent.scopes_keys else ()
        return dict(zip(fields, (*(item[field] for field in above), item.get(self.key, self.name)), strict=False))

    def named_in(self, children: "ResourceItems", item: Item) -> dict[str, Any]:
        """The member in which children have the number of this item, where its key is another, as a slug."""
        number = identifier_member(self._members)
        members = [name for name in children.view.members if name not in children.identity_fields]
        name = member_for_other(number, self.name, members) if number not in ("", self.key) else ""
        is_such = bool(name) and bool(children.view.members[name].possible_types & self._members[number].types)
        named = {name: item[number]} if is_such and number in item and name not in children.sent_names else {}
        return {**named, **children.naming_any(self.name, item.get(self.key))}

    def naming_any(self, resource: str, key: Any) -> dict[str, Any]:
        """The members in which these items name one of another resource as one of several kinds of thing."""
        for by_key, by_kind, kinds in self._members_for_any:
            kind = kinds.get(normalised(resource))
            if kind is not None and self._schema_of(self._members[by_key]).accepts(key):
                return {by_key: key, by_kind: kind}
        return {}

    @cached_property
    def _members_for_any(self) -> Sequence[tuple[str, str, Mapping[str, str]]]:
        """The pairs of members, such as `resource_id` and `resource_type`, that no client sends, with the kinds."""
        free = self._members.keys() - self.identity_fields - self.sent_names
        pairs = [(by_key, by_kind, self._members[by_kind]) for by_key, by_kind in members_for_any(free)]
        shown = ((by_key, by_kind, (*listed_words(view), view.example)) for by_key, by_kind, view in pairs)
        return [
            (by_key, by_kind, {normalised(one): one for one in words if isinstance(one, str)})
            for by_key, by_kind, words in shown
        ]

    def other_key(self, parameter: str) -> str:
        """The member that a path parameter names, where that is not the key: `FileName` of items with a number.

        Or the `slug` of `{team_slug}`, where other paths have the number of the team, or `license_plate` of `{plate}`.
        """
        name = self._stored.documented_name(parameter)
        if name not in self._members:
            name = key_field(parameter, self.name, self._members) or member_ending_in(parameter, self._members)
        if handle_member([self.key]) and normalised(parameter) == normalised(self.name.rpartition("-")[2]):
            return ""  # `{collaborator}` is the login of one, rather than a number
        is_other = name in self._members and name not in self.identity_fields and self.key in self._members
        return name if is_other and self._members[name].types & _KEY_TYPES else ""

    def exists(self, item: Item, at: float) -> bool:
        """Whether clients see an item at a time, in seconds since 1970."""
        return not self.is_timed or item.get(EXISTS_FROM, at) <= at < item.get(EXISTS_UNTIL, math.inf)

    def is_deleted(self, item: Item, at: float) -> bool:
        """Whether an item is only remembered as a deleted one."""
        return self.is_timed and item.get(EXISTS_UNTIL, math.inf) <= at

    def restored(self, item: Item) -> Item:
        """An item that is there, whether it was deleted before or not."""
        return {name: value for name, value in item.items() if name != EXISTS_UNTIL}

    def created(self, item: Item, at: float) -> Item:
        """A new item, which clients see after the lag of the server."""
        return {**item, EXISTS_FROM: at + self.resource.conventions.lag} if self.resource.conventions.lag else item

    def placed(self, item: Item, context: RequestContext) -> Item:
        """A new item that knows its place behind those of the same parent, where the server counts them."""
        if not self._derived.has_places:
            return item
        parent = self.parent_of(item)
        return self._derived.placed(item, context.state.count(self.name, parent))

    @property
    def counts_changes(self) -> bool:
        """Whether the items count their changes."""
        return self._derived.has_changes

    def counted(self, old: Item, after: Item) -> Item:
        """A changed item with one more change."""
        return self._derived.counted(old, after)

    def deletion(self, key: Key, item: Item, context: RequestContext) -> Change:
        """The change that deletes an item, or notes until when it exists."""
        if not self.is_timed:
            return Delete(self.name, key)
        return self.put({**item, EXISTS_UNTIL: context.request.at + self.resource.conventions.lag}, context.choose)

    def number_of(self, item: Item, number: int = 0) -> int:
        """The number that the key of an item was made of, so that no later item gets it; 0 where it was none.

        Where a number is counted up beside the key, it is that.
        """
        key, counted = item.get(self.key), item.get(self._numbered)
        if isinstance(counted, int) and isinstance(key, str):
            return counted
        if self._prefix and number and key == generated_name(item, self._prefix, number):
            return number
        return self._key_formats.number_of(key, number)

    def next_number(
        self, context: RequestContext, given: Mapping[str, Any], taken: Mapping[Key, Any], latest: int = 0
    ) -> int:
        """The number of the next item, whose key no item of the state has, and none of those just made."""
        highest = 0 if self.resource.conventions.key_reuse == "server" else context.state.number(self.name)
        number = max(highest, latest, self._key_formats.first - 1) + 1
        if not self.identity_fields - {self.key} <= given.keys():  # the item itself will tell its parent
            return number
        while self.key and self._is_taken({**given, self.key: self._key_formats.key(number)}, context, taken):
            number += 1
        return number

    def _is_taken(self, item: Item, context: RequestContext, taken: Mapping[Key, Any]) -> bool:
        key = self.keys_of(item, context.choose)[0]
        return key in taken or context.state.get(self.name, key) is not None

    # --- Items made, replaced and changed ---

    def new(
        self,
        body: Any,
        given: Mapping[str, Any],
        at: float,
        number: int,
        find_related: FindRelated = nothing_related,
    ) -> Item:
        """An item made of a body; `given` holds the fields that are known otherwise, as the key of its parent.

        `at` is in seconds since 1970. A key that was sent but is invalid is replaced by one made of the number.
        """
        sent = self.related.with_defaults(self._stored.taken(body)) if isinstance(body, dict) else {}
        item = {name: value for name, value in sent.items() if name not in self._server_set}
        item.update({field: value for field, place in self._places if is_key(value := find(item, place))})
        if self.key in item and not self._key_formats.is_valid(item[self.key]):
            del item[self.key]
        if self.key not in item and isinstance(name := self._handle_in(body), str):
            item[self.key] = name
        if self._prefix and self.key not in item and (name := generated_name(item, self._prefix, number)):
            item[self.key] = name
        if self._key_derivation and self.key not in item and (made := self._key_derivation.of(item, at)) is not ABSENT:
            item[self.key] = made
        return self.completed(self.related.with_links({**item, **given}, find_related), at, number, find_related)

    def initial(self, given: Mapping[str, Any]) -> Item:
        """The single item of a parent before it was ever changed: as an example shows it, else with all members."""
        shown = next(iter(self.resource.examples), None)
        return self.completed({**(shown or self.sampled()), **given}, SEEDED_AT, 1)

    def named(self, user: str, number: int) -> Item:
        """The item of a user before it is stored, with the name in the first member that can have it."""
        for member in (one for one in self._members if normalised(one) in USER_NAMES):
            if not self._schemas.at(*self._members[member].pointer, formats=FormatCheck.STRICT).accepts(user):
                continue  # a name such as `ada` is not an address
            item = self.own.with_urls(self.completed({**self.sampled(), member: user}, SEEDED_AT, number))
            if item.get(member) == user and not self.violations(item):
                return item
        return self.initial({})

    def sampled(self, randomness: Randomness = TYPICAL) -> Item:
        """The members of a generated item, without its key."""
        members = self._bodies.sampled(self.view, randomness)
        return {name: value for name, value in members.items() if name != self.key} if isinstance(members, dict) else {}

    def typical(self) -> Item:
        """The members of a generated item, with the key that its schema shows, if that is a text such as `us-east`."""
        key = self._key_view.example if self._key_view is not None else None
        is_shown = isinstance(key, str) and self.key in self._members
        return {**self.sampled(), **({self.key: key} if is_shown else {})}

    def outdated(self, old: Item, sent: Any) -> tuple[Violation, ...]:
        """The violation that a client sends the version of an item which has changed since, if it does."""
        if self._metadata is None or not isinstance(sent, Mapping) or not (place := self._metadata.outdated(old, sent)):
            return ()
        message = f"the {self.name} has changed: its {place[-1]} is {find(old, place)} now"
        return (Violation("body", place, "version", message),)

    def _handle_in(self, body: Any) -> Any:
        """The text that is sent for a key under another name, as the `username` for a `login`; None without one."""
        is_handle = self.is_of_mock and bool(handle_member([self.key]) or normalised(self.key) == "name")
        is_made = is_handle and isinstance(body, Mapping) and self.key not in self.sent_names
        value = body.get(handle_member(body)) if is_made else None
        return value if value and self._key_formats.is_valid(value) else None

    def replaced(self, old: Item, body: Any, at: float, keeps: tuple[str, ...] = ()) -> Item:
        """The item of a body in place of another, which keeps its key, what only the server sets, and some members.

        Those are the ones that the body could not have: a request without them says nothing about them.
        """
        sent = self.related.with_defaults(self._stored.taken(body)) if isinstance(body, dict) else {}
        unsent = {name for name in keeps if name not in sent}
        kept = {name: value for name, value in old.items() if name in self._kept or name in unsent}
        sent = dict(self._metadata.kept(old, sent)) if self._metadata else sent
        return self.completed({**{name: value for name, value in sent.items() if name not in self._kept}, **kept}, at)

    def changed(self, old: Item, new: Item, at: float) -> Item:
        """A changed item, which keeps its key and what only the server sets, and has the time of the change."""
        kept = {name: old[name] for name in self._kept if name in old}
        sent = self._stored.taken(new)
        after = {**{name: value for name, value in sent.items() if name not in self._kept}, **kept}
        after = self._shown(self.related.with_links(after, nothing_related))
        for name in self._may_be_null - after.keys():  # a member that was deleted is shown as null, or must be there
            after[name] = None
        after = {**self._derived.of_changed(old, after, at)} if self._derived else after
        return self.marks.added(old, after, at)

    @cached_property
    def _may_be_null(self) -> frozenset[str]:
        """The members that are null where they have no value: those that are required, or begin so."""
        shown = (name for name in self._members if name in self.view.required or self._initial_values.begins_null(name))
        return frozenset(name for name in shown if self._schema_of(self._members[name]).accepts(None))

    def with_valid_members(self, old: Item, after: Item, context: RequestContext) -> Item:
        """A changed item, with each invalid member in the form of its schema, else as it was.

        A key in the place of an object is shown as the item that has it.
        """
        invalid = {str(one.pointer[0]) for one in self.violations(after) if one.pointer}
        if not invalid:
            return after
        valid = {name: value for name, value in after.items() if name not in invalid}
        related = self._usage.related_to(context, after)
        kept = {
            name: self.related.fitting(name, after[name], related)
            for name in invalid & after.keys() & self._members.keys()
        }
        made = {name: value for name, value in kept.items() if value is not ABSENT}
        return {**valid, **{name: value for name, value in old.items() if name in invalid}, **made}

    def completed(self, item: Item, at: float, number: int = 0, find_related: FindRelated = nothing_related) -> Item:
        """An item with everything that a client leaves to the server, so that it fits the schema."""
        whole = dict(item)
        is_keyed = not self.key or self._key_formats.has_type(whole.get(self.key, ABSENT))
        if not is_keyed:
            whole[self.key] = self._key_formats.key(number, self.own.title(whole))
        unsent = [(name, is_dated) for name, is_dated in self._initial_values.filled_in if name not in whole]
        for name, is_dated in unsent:
            whole[name] = self._initial_values.time(name, at) if is_dated else self._initial_values.of(name, item)
        whole = self._with_identity(self._shown(whole))
        if self._metadata:
            whole = self._metadata.completed(whole, "/".join(str(whole.get(one)) for one in self.identity_fields), at)
        for name, _ in unsent:
            whole[name] = self.own.of(name, whole[name], whole)
        if number and self._numbered and self._numbered not in item:
            whole[self._numbered] = str(number) if self._is_text(self._numbered) else number
        if self._derived:
            made = [*(() if is_keyed else (self.key,)), *(name for name, _ in unsent)]
            whole = {**self._derived.of_new(whole, made, at)}
        return self._repaired(whole, find_related)

    @cached_property
    def _derived(self) -> DerivedMembers:
        told = self._told_derivations() if self.is_of_mock else {}
        return DerivedMembers({**told, **self.resource.conventions.derived})

    def _told_derivations(self) -> Mapping[str, Derivation]:
        """The members of which the document says that they are made of others."""
        texts = {name: str(view.keyword("description") or "") for name, view in self._members.items()}
        told = ((name, told_derivation(text, self._members)) for name, text in texts.items() if " of " in text)
        return {name: one for name, one in told if one is not None}

    @cached_property
    def _numbered(self) -> str:
        """The `id` that a mock counts up beside another key, as a slug or a number; empty where there is none."""
        others = {name: view for name, view in self._members.items() if name not in self.identity_fields}
        name = identifier_member(others) if self._key_view is not None and self._usage.shows_all else ""
        is_text = bool(name) and self._is_text(name)
        is_counted = name in others and (others[name].types == {"integer"} or is_text) and name not in self.sent_names
        return name if is_counted else ""

    def _is_text(self, name: str) -> bool:
        """Whether a number is written as a text in a member, as its example or those of items show."""
        shown = [self._members[name].example, *(one.get(name) for one in self.resource.examples)]
        is_such = self._members[name].types == {"string"}
        return is_such and any(isinstance(one, str) and one.isdecimal() for one in shown)

    def may_lack(self, field: str) -> bool:
        """Whether items without a member are valid, but not such with null in it."""
        view = self._members.get(field)
        return view is not None and field not in self.view.required and not self._schema_of(view).accepts(None)

    def _schema_of(self, view: SchemaView) -> Schema:
        return self._schemas.at(*view.pointer)

    # --- Fields that are shown inside of a member ---

    def _view_of_field(self, field: str) -> SchemaView | None:
        """The schema of a field: as a member, else at the place where clients see it."""
        return self.view.inside(dict(self._places).get(field, (field,)))

    @cached_property
    def _place_of_key(self) -> Pointer:
        return dict(self._places).get(self.key, (self.key,))

    def _key_in(self, body: Any) -> Any:
        """The key in the example of an item, or of an object around it."""
        place = self._place_of_key
        around = body.values() if isinstance(body, dict) else ()
        return next((found for one in (body, *around) if is_key(found := find(one, place))), None)

    def _shown(self, item: dict[str, Any]) -> dict[str, Any]:
        """The item with its hidden fields at the places where clients see them."""
        shown = item
        for field, place in self._places:
            if field in item and find(item, place) != item[field]:
                shown = with_value_at(shown, place, item[field])
        return shown

    def _with_identity(self, item: dict[str, Any]) -> dict[str, Any]:
        """The item with the hidden fields that no path told, as a sample has them at their places."""
        for field, place in self._places:
            if field not in item:
                value = find(item, place)
                view = self._members.get(str(place[0]))
                if not is_key(value) and view is not None:
                    value = find(self._bodies.sampled(view), place[1:])
                item = self._shown({**item, field: value if is_key(value) else "text"})
        return item

    # --- Validity ---

    def visible(self, item: Item) -> Item:
        """An item without the fields that clients do not see."""
        return {name: value for name, value in item.items() if name not in self.hidden} if self.hidden else item

    def public(self, item: Item) -> Item:
        """An item as another one shows it: without what clients do not see, or only send."""
        return {name: value for name, value in item.items() if name not in self._secret}

    @cached_property
    def _secret(self) -> frozenset[str]:
        return self.unshown | {name for name, view in self._members.items() if view.is_marked("writeOnly")}

    def from_example(self, example: Item) -> Item:
        """An item of an example, whose texts are replaced where they are not in the format that the schema names.

        URLs of the document's servers lead to the mock, unless the schema wants those.
        """
        formatted = self._bodies.in_format(self.view.pointer, self.visible(example))
        led_here = self._bodies.at_origin(formatted)
        formatted = formatted if led_here is not formatted and self.violations(led_here) else led_here
        return {**formatted, **{name: example[name] for name in self.identity_fields if name in example}}

    def violations(self, item: Item) -> tuple[Violation, ...]:
        """The violations of an item as clients see it, but for those that only some readings' choices have."""
        visible = self.visible(item)
        if self._schema.accepts(visible):
            return ()
        found = self._schema.violations(visible, "body", f"the {self.name}")
        return tuple(one for one in found if not one.when and not one.is_doubtful)

    def _repaired(self, item: dict[str, Any], find_related: FindRelated) -> Item:
        """The item with valid values in place of invalid ones, as far as such are found."""
        if self._tolerant:  # a server that does not check a rule stores what breaks it
            return item
        for _ in range(_MAX_REPAIRS):
            found = self.violations(item)
            if not found:
                break
            for violation in found:
                self._repair(item, violation, find_related)
        return item

    def _repair(self, item: dict[str, Any], violation: Violation, find_related: FindRelated) -> None:
        name = violation.pointer[0] if violation.pointer else None
        if isinstance(name, str) and name not in self._members:
            item.pop(name, None)
        elif isinstance(name, str) and name not in self.identity_fields:
            kept = self._completion.completed(name, self._members[name], item.get(name), find_related)
            item[name] = self._initial_values.of(name) if kept is ABSENT else kept
        elif name is None:
            missing = self.view.required - item.keys()
            item.update({name: self._initial_values.of(name) for name in missing if name in self._members})
            if violation.keyword in _CLOSING:
                for unknown in item.keys() - self._members.keys() - self.hidden:
                    del item[unknown]
