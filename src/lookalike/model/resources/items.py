"""The items of a resource: how they are made, changed and found, and kept valid by their schema.

A server sets what a client may not send (read-only members) or did not (defaults, times, keys), so every function here
that makes an item gives one that fits its schema, as far as such values can be found.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from lookalike.contract.contract import Contract
from lookalike.contract.derivations import Derivation, parse_derivation, told_derivation
from lookalike.contract.inference.resource_operation import keys_of_shown
from lookalike.contract.inference.verbs import dates_of_states
from lookalike.contract.semantics import FILE
from lookalike.json_values import ABSENT, Pointer, find, with_value_at
from lookalike.model.context import RequestContext
from lookalike.model.resources.completion import Completion, FindRelated, nothing_related
from lookalike.model.resources.derived_members import DerivedMembers
from lookalike.model.resources.initial_values import InitialValues
from lookalike.model.resources.key_formats import KeyFormats
from lookalike.model.resources.keys import compile_key_coercion, compile_keys, compile_parent, key_fields
from lookalike.model.resources.links import LinkLists
from lookalike.model.resources.metadata import ServerMetadata, generated_name, place_of_prefix
from lookalike.model.resources.normalisation import compile_normalisation
from lookalike.model.resources.urls import leads_here, with_own_segments
from lookalike.model.resources.usage import Usage
from lookalike.model.response.examples import ResponseBodies
from lookalike.model.state import Change, Delete, Item, Key, Put
from lookalike.naming.accounts import USER_NAMES
from lookalike.naming.keys import identifier_member, is_given_number, is_unique, key_field, member_for_other
from lookalike.naming.members import (
    cost_of_line,
    is_change_count,
    is_download_url,
    is_links,
    is_own_url,
    is_slug,
    is_state,
    is_time,
    is_time_of_any_change,
    is_time_of_change,
    is_total,
    title_members,
)
from lookalike.naming.words import normalised, singular, slug_of
from lookalike.pacing import spend
from lookalike.readings import Choose
from lookalike.schema.formats import FormatCheck
from lookalike.schema.generation.believable import TYPICAL
from lookalike.schema.generation.random_source import Randomness
from lookalike.schema.validator import Schema, Violation
from lookalike.schema.view import SchemaView
from lookalike.schema.vocabulary import KEYWORD

# The time of creation of items that are there from the start, in seconds since 1970: the same at every start.
SEEDED_AT = 1_767_225_600.0
_MEMBERS_PER_STEP = 10  # that no schema names
_MAX_REPAIRS = 4  # rounds, since a value that replaces a wrong one may break another rule
_CLOSING = frozenset({"additionalProperties", "unevaluatedProperties"})
_NO_TYPES: frozenset[str] = frozenset()
_KEY_TYPES = frozenset({"string", "integer"})
_NOTHING: Mapping[str, Any] = {}
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
        self.is_timed = resource.conventions.remembers_deleted
        fields = self.identity_fields | _UNSHOWN | (_IN_TIME if self.is_timed else frozenset())
        self.hidden = fields - self._members.keys()
        self.unshown = self.hidden | resource.conventions.withheld
        read_only = frozenset(member for member, view in self._members.items() if view.is_marked("readOnly"))
        self.sent_names = {self._documented_name(member) for member in usage.members}
        self._server_set = read_only - {member for member in self.sent_names if not is_time(member)}
        self._server_set |= resource.conventions.ignored
        # Members of requests that items do not have, as a password or a file, are not kept.
        described = self._members.keys() | {member for branch in self.view.branches for member in branch.members}
        self._request_only = self.sent_names - described if described else frozenset[str]()
        self._completion = Completion(self._schema_of, bodies.sampled)
        self._schemas = contract.schemas
        # Where keys do not depend on the parent, a change may move an item to another, as a card to another list.
        is_bound = bool(resource.parent and resource.parent.scopes_keys)
        movable = frozenset() if is_bound else self._members.keys() & self.parent_fields
        self._kept = (self.identity_fields - movable) | self._server_set | _UNSHOWN
        self.keeps_files = usage.is_downloaded
        self._urls = usage.urls
        self._usage = usage
        self._slugs = {name for name in (self.key, *self._members) if is_slug(name)}
        self._titles = title_members(self._members) if self._slugs else []
        self._tolerant = resource.conventions.is_tolerant
        self._key_derivation = parse_derivation(resource.conventions.key_form)
        keeps_all = not (resource.conventions.kept or resource.conventions.drops_unknown)
        self._taken: Callable[[Item], Item] = self._with_documented_names if keeps_all else self._compile_taking()
        self._metadata = ServerMetadata.of(self.view) if usage.shows_all else None
        self._prefix = place_of_prefix(self.view, self._place_of_key)

    # --- Parts that are compiled when an item is first made ---

    @cached_property
    def _names_by_plain(self) -> Mapping[str, str]:
        return {normalised(member): member for member in self._members}

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
            defaults={self._documented_name(member): default for member, default in defaults},
            bodies=self._bodies,
            schema_of=self._schema_of,
        )

    @cached_property
    def user_names(self) -> Sequence[str]:
        """The members by which users are known, the key first."""
        named = (one for one in self._members if normalised(one) in USER_NAMES)
        return self.key, *named

    @cached_property
    def _times_of_change(self) -> Sequence[str]:
        is_such = is_time_of_any_change if self.is_of_mock else is_time_of_change
        times = (name for name in self._members if is_such(name) and name not in self._derived.names)
        return [member for member in times if self._initial_values.is_time(member)]

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
        return {name: item[number]} if is_such and number in item and name not in children.sent_names else {}

    def other_key(self, parameter: str) -> str:
        """The member that a path parameter names, where that is not the key: `FileName` of items with a number.

        Or the `slug` of `{team_slug}`, where other paths have the number of the team.
        """
        name = self._documented_name(parameter)
        name = name if name in self._members else key_field(parameter, self.name, self._members)
        is_other = name in self._members and name not in self.identity_fields and self.key in self._members
        return name if is_other and self._members[name].types & _KEY_TYPES else ""

    def exists(self, item: Item, at: float) -> bool:
        """Whether clients see an item at a time, in seconds since 1970."""
        return not self.is_timed or item.get(EXISTS_FROM, at) <= at < item.get(EXISTS_UNTIL, math.inf)

    def is_deleted(self, item: Item, at: float) -> bool:
        """Whether an item is only remembered as a deleted one."""
        return self.is_timed and item.get(EXISTS_UNTIL, math.inf) <= at

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
        if isinstance(counted, int):
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
        sent = self._with_defaults(self._taken(body)) if isinstance(body, dict) else {}
        item = {name: value for name, value in sent.items() if name not in self._server_set}
        item.update({field: value for field, place in self._places if _is_key(value := find(item, place))})
        if self.key in item and not self._key_formats.is_valid(item[self.key]):
            del item[self.key]
        if self._prefix and self.key not in item and (name := generated_name(item, self._prefix, number)):
            item[self.key] = name
        if self._key_derivation and self.key not in item and (made := self._key_derivation.of(item, at)) is not ABSENT:
            item[self.key] = made
        return self.completed(self._with_links({**item, **given}, find_related), at, number, find_related)

    def initial(self, given: Mapping[str, Any]) -> Item:
        """The single item of a parent before it was ever changed: as an example shows it, else with all members."""
        shown = next(iter(self.resource.examples), None)
        return self.completed({**(shown or self.sampled()), **given}, SEEDED_AT, 1)

    def named(self, user: str, number: int) -> Item:
        """The item of a user before it is stored, with the name in the first member that can have it."""
        for member in (one for one in self._members if normalised(one) in USER_NAMES):
            if not self._schemas.at(*self._members[member].pointer, formats=FormatCheck.STRICT).accepts(user):
                continue  # a name such as `ada` is not an address
            item = self.with_urls(self.completed({**self.sampled(), member: user}, SEEDED_AT, number))
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

    def replaced(self, old: Item, body: Any, at: float, keeps: tuple[str, ...] = ()) -> Item:
        """The item of a body in place of another, which keeps its key, what only the server sets, and some members.

        Those are the ones that the body could not have: a request without them says nothing about them.
        """
        sent = self._with_defaults(self._taken(body)) if isinstance(body, dict) else {}
        unsent = {name for name in keeps if name not in sent}
        kept = {name: value for name, value in old.items() if name in self._kept or name in unsent}
        sent = dict(self._metadata.kept(old, sent)) if self._metadata else sent
        return self.completed({**{name: value for name, value in sent.items() if name not in self._kept}, **kept}, at)

    def changed(self, old: Item, new: Item, at: float) -> Item:
        """A changed item, which keeps its key and what only the server sets, and has the time of the change."""
        kept = {name: old[name] for name in self._kept if name in old}
        sent = self._taken(new)
        after = {**{name: value for name, value in sent.items() if name not in self._kept}, **kept}
        after = self._shown(self._with_links(after, nothing_related))
        for name in self._may_be_null - after.keys():  # a member that was deleted is shown as null, or must be there
            after[name] = None
        after = {**self._derived.of_changed(old, after, at)} if self._derived else after
        return self.with_time_of_change(old, after, at)

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
            name: self.fitting(name, after[name], related) for name in invalid & after.keys() & self._members.keys()
        }
        made = {name: value for name, value in kept.items() if value is not ABSENT}
        return {**valid, **{name: value for name, value in old.items() if name in invalid}, **made}

    def with_time_of_change(self, old: Item, after: Item, at: float) -> Item:
        """The item with the time of its change; the old one itself where nothing else has changed."""
        others = {name: value for name, value in after.items() if name not in self._times_of_change}
        before = {name: value for name, value in old.items() if name not in self._times_of_change}
        if others == before:
            return old
        times = {name: self._initial_values.time(name, at) for name in self._times_of_change if name in after}
        if self._states:
            times |= self._dates_of_change(before, others, at)
        if self._version and type(version := after.get(self._version)) is int and version == old.get(self._version):
            times[self._version] = version + 1
        return {**(self._metadata.revised(after) if self._metadata else after), **times}

    @cached_property
    def _version(self) -> str:
        """The whole number that counts the changes of a mock's items by its name; empty where there is none."""
        numbers = (name for name, view in self._members.items() if "integer" in view.types and is_change_count(name))
        return next(numbers, "") if self._usage.shows_all else ""

    def _dates_of_change(self, before: Item, after: Item, at: float) -> Item:
        """The dates of the states that an item left and came into, where the change says nothing of them."""
        dates: dict[str, Any] = {}
        for state in self._states:
            if before.get(state) != after.get(state):
                words = (normalised(str(one.get(state))) for one in (before, after))
                left, came = map(self._dates_of_states.get, words)
                dates |= {left: None} if left else {}
                dates |= {came: self._initial_values.time(came, at)} if came else {}
        return {name: date for name, date in dates.items() if before.get(name) == after.get(name)}

    @cached_property
    def _states(self) -> Sequence[str]:
        """The members that hold states of a mock's items, where these have dates of states too."""
        is_dated = self._usage.shows_all and bool(self._dates_of_states)
        return [name for name in self._members if is_state(name)] if is_dated else ()

    @cached_property
    def _dates_of_states(self) -> Mapping[str, str]:
        dates = dates_of_states(self.view).items()
        return {state: name for state, name in dates if self._initial_values.is_time(name)}

    def completed(self, item: Item, at: float, number: int = 0, find_related: FindRelated = nothing_related) -> Item:
        """An item with everything that a client leaves to the server, so that it fits the schema."""
        whole = dict(item)
        is_keyed = not self.key or self._key_formats.has_type(whole.get(self.key, ABSENT))
        if not is_keyed:
            whole[self.key] = self._key_formats.key(number, self._title_of(whole))
        unsent = [(name, is_dated) for name, is_dated in self._initial_values.filled_in if name not in whole]
        for name, is_dated in unsent:
            whole[name] = self._initial_values.time(name, at) if is_dated else self._initial_values.of(name)
        whole = self._with_identity(self._shown(whole))
        if self._metadata:
            whole = self._metadata.completed(whole, "/".join(str(whole.get(one)) for one in self.identity_fields), at)
        for name, _ in unsent:
            whole[name] = number if number and name == self._numbered else self._of_item(name, whole[name], whole)
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
        """The `id` that a mock counts up beside a key that is a text, as a slug; empty where there is none."""
        is_text = self._key_view is not None and self._key_view.types - {"null"} == {"string"}
        others = {name: view for name, view in self._members.items() if name not in self.identity_fields}
        name = identifier_member(others) if is_text and self._usage.shows_all else ""
        is_counted = name in others and others[name].types == {"integer"} and name not in self.sent_names
        return name if is_counted else ""

    def _of_item(self, name: str, sample: Any, item: Item) -> Any:
        """A sample with the keys of an item in place of those of the example that it was made of."""
        if self._usage.shows_all and is_unique(name) and self._members[name].keyword("format") == "uuid":
            return str(self._uuid_of(name, item))
        if self._initial_values.is_issued_secret(name) and self._members[name].example is None:
            made = self._uuid_of(name, item).hex
            return made if self._schema_of(self._members[name]).accepts(made) else sample
        if name in self._slugs:
            return slug_of(self._title_of(item)) or sample
        if not isinstance(sample, str):
            return self._value_of_item(name, sample, item)
        if self._usage.shows_all and is_given_number(name) and self._members[name].example is None:
            digits = iter(str(self._uuid_of(name, item).int))
            made = re.sub(r"[0-9]", lambda _: next(digits, "0"), sample)
            return made if self._schema_of(self._members[name]).accepts(made) else sample
        if self._urls is not None:
            is_own = sample != self._example(name) or self._urls.leads_nowhere(sample)
            own = self._urls.own_url(name, self._members[name], item) if is_own else None
            sample = self._urls.led_here(sample, item) if own is None else own
        return with_own_segments(sample, self._examples_of_keys, item)

    def _value_of_item(self, name: str, sample: Any, item: Item) -> Any:
        """The same of a sample that is no text: links to the item, or the total of its lines."""
        if self._usage.shows_all and is_total(name) and type(sample) in (int, float):
            return self._total_of(name, sample, item)
        return self._urls.links(sample, item) if self._urls is not None and is_links(name) else sample

    def _total_of(self, name: str, sample: Any, item: Item) -> Any:
        """The sum of what the lines of an item cost; the sample where not all of them say it."""
        lists = (value for value in item.values() if isinstance(value, list) and value)
        lines = next((one for one in lists if all(isinstance(line, Mapping) for line in one)), ())
        costs = [cost for line in lines if (cost := cost_of_line(line)) is not None]
        spend(len(lines) // _MEMBERS_PER_STEP)
        total = round(sum(costs), 2) if costs and len(costs) == len(lines) else sample
        return total if self._schema_of(self._members[name]).accepts(total) else sample

    def _uuid_of(self, name: str, item: Item) -> UUID:
        return uuid5(NAMESPACE_URL, f"{self.name}/{name}/{item.get(self.key)}")

    def _title_of(self, item: Item) -> str:
        texts = (item[name] for name in self._titles if isinstance(item.get(name), str))
        return next(texts, "")

    def with_urls(self, item: Item) -> Item:
        """A generated item, whose URLs that lead to operations of the document are made of its own keys."""
        made = ((name, sample, self._of_item(name, sample, item)) for name, sample in self._url_samples.items())
        found = {name: one for name, sample, one in made if name in item and (one != sample or leads_here(one))}
        return {**item, **found}

    def moved(self, before: Item, after: Item) -> Item:
        """An item under another key, in which texts and URLs that were made of the old one are made of the new one."""
        if not self._usage.shows_all:
            return after
        samples = {name: self._example(name) for name in self._members.keys() & after.keys()}
        made = {
            name: self._of_item(name, sample, after)
            for name, sample in samples.items()
            if isinstance(sample, str) and after[name] == self._of_item(name, sample, before)
        }
        return {**after, **made}

    @cached_property
    def _url_samples(self) -> dict[str, Any]:
        """The samples of members that hold URLs, alone or as links, which may lead to operations."""
        if self._urls is None:
            return {}
        named = {name: view for name, view in self._members.items() if is_own_url(name) or is_download_url(name)}
        linking = {name: view for name, view in self._members.items() if is_links(name)}
        shown = {name: view for name, view in self._members.items() if self._example(name) is not None}
        samples = {name: self._bodies.sampled(view) for name, view in shown.items()}
        shown_here = {name: one for name, one in samples.items() if leads_here(one)}
        return {**{name: self._bodies.sampled(view) for name, view in {**named, **linking}.items()}, **shown_here}

    def _example(self, member: str) -> Any:
        return self._bodies.at_origin(self._members[member].example)

    @cached_property
    def _examples_of_keys(self) -> dict[str, Pointer]:
        """The places of the fields of the key, by the examples that the document has of them."""
        places: list[Pointer] = [(self.key,), *(place for _, place in self._places)]
        views = ((place, self.view.inside(place)) for place in places)
        shown = ((place, view.example) for place, view in views if view is not None)
        return {example: place for place, example in shown if isinstance(example, str) and example}

    # --- Members that show other items, or are objects ---

    def fitting(self, name: str, value: Any, find_related: FindRelated = nothing_related) -> Any:
        """A value in the form in which a member shows it; `ABSENT` where it has none."""
        return self._completion.completed(name, self._members[name], value, find_related)

    @cached_property
    def links(self) -> LinkLists:
        """The lists of other things in an item."""
        return LinkLists(self.view)

    def may_lack(self, field: str) -> bool:
        """Whether items without a member are valid, but not such with null in it."""
        view = self._members.get(field)
        return view is not None and field not in self.view.required and not self._schema_of(view).accepts(None)

    def shows_object(self, field: str) -> bool:
        """Whether a member is an object, in whose place a key may be sent."""
        return field in self._members and bool(self._members[field].members)

    def shown_by_key(self, field: str, key: Any, item: Item, context: RequestContext) -> Any:
        """The object that a key stands for in a member of an item; the key itself where none fits."""
        found = self.fitting(field, key, self._usage.related_to(context, item)) if _is_key(key) else ABSENT
        return key if found is ABSENT else found

    def linked(self, field: str, key: Any, item: Item, context: RequestContext) -> Any:
        """The object that a key, or a part of it, stands for in a list of an item; what was sent where none fits."""
        return self._link(field, key, self._usage.related_to(context, item))

    def _link(self, field: str, key: Any, find_related: FindRelated) -> Any:
        view = self.links.view_of(field)
        if view is None or not (_is_key(key) or isinstance(key, dict)):
            return key
        found = self._completion.completed(singular(field), view, key, find_related)
        return key if found is ABSENT else found

    def _with_links(self, item: dict[str, Any], find_related: FindRelated) -> dict[str, Any]:
        """The item with objects in place of the keys that were sent in a list to which operations add."""
        if not self._link_fields:
            return item
        sent = {name: item[name] for name in self._link_fields if isinstance(item.get(name), list)}
        return {**item, **{name: [self._link(name, key, find_related) for key in keys] for name, keys in sent.items()}}

    @cached_property
    def _link_fields(self) -> Sequence[str]:
        return [name for name in self._usage.linked if self.links.shows_objects(name)]

    def related_members(self, sent: Any, context: RequestContext, given: Mapping[str, Any] = _NOTHING) -> Item:
        """The members that show the items whose keys were sent under other names, as `category` for `category_id`."""
        if not self._shown_by_key or not isinstance(sent, Mapping):
            return {}
        find_related = self._usage.related_to(context, given)
        found = {
            member: self.fitting(member, value, find_related)
            for name, value in sent.items()
            if (member := self._shown_by_key.get(name)) is not None and member not in sent
        }
        return {name: value for name, value in found.items() if value is not ABSENT}

    @cached_property
    def _shown_by_key(self) -> Mapping[str, str]:
        """The members that are objects, or lists of such, by the name under which requests have their keys."""
        if not self._usage.shows_all:
            return {}
        plain = {normalised(name): name for name in self._usage.members}
        return {plain[key]: name for key, name in keys_of_shown(self._members).items() if key in plain}

    def _with_defaults(self, sent: Item) -> Item:
        """A sent item whose objects have the members that a server adds to them."""
        objects = self._objects & sent.keys()
        if not objects:
            return sent
        return {**sent, **{name: self._completion.with_defaults(self._members[name], sent[name]) for name in objects}}

    @cached_property
    def _objects(self) -> frozenset[str]:
        """The members that are objects or lists of such, in which a mock shows all that the document describes."""
        views = self._members.items() if self._usage.shows_all else ()
        return frozenset(name for name, view in views if view.members or view.branches or view.items is not None)

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
        return next((found for one in (body, *around) if _is_key(found := find(one, place))), None)

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
                if not _is_key(value) and view is not None:
                    value = find(self._bodies.sampled(view), place[1:])
                item = self._shown({**item, field: value if _is_key(value) else "text"})
        return item

    # --- Conventions ---

    def _compile_taking(self) -> Callable[[Item], Item]:
        """The function that makes stored members of sent ones, where a server keeps some of them otherwise."""
        conventions = self.resource.conventions
        normalise = {
            name: compile_normalisation(names, self._members[name]) for name, names in conventions.kept.items()
        }
        known = self._members.keys() | self.identity_fields

        def taken(sent: Item) -> Item:
            named = self._with_documented_names(sent)
            return {
                name: normalise[name](value) if name in normalise else value
                for name, value in named.items()
                if not conventions.drops_unknown or name in known
            }

        return taken

    # --- Names ---

    def _with_documented_names(self, sent: Item) -> Item:
        """Sent members under the names that the items' schema has for them, such as `friendly_name` for `FriendlyName`.

        Some documents describe forms in one spelling and the JSON of items in another.
        """
        if sent.keys() <= self._members.keys():
            return sent
        spend(len(sent) // _MEMBERS_PER_STEP)
        named = {self._documented_name(name): value for name, value in sent.items()}
        return {name: value for name, value in named.items() if name not in self._request_only}

    def _documented_name(self, name: str) -> str:
        return name if name in self._members else self._names_by_plain.get(normalised(name), name)

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
        return tuple(one for one in self._schema.violations(visible, "body", f"the {self.name}") if not one.when)

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


def _is_key(value: Any) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)
