"""The values of a new item that the client did not send: defaults, times, its initial state, and samples that fit."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from lookalike.contract.extension import Resource
from lookalike.contract.inference.kinds import kinds_of
from lookalike.contract.inference.states import listed_words, states_of
from lookalike.json_values import ABSENT
from lookalike.model.generated_values import TIME_FORMATS, is_timestamp, timestamp
from lookalike.model.resources.usage import Usage
from lookalike.model.response.examples import ResponseBodies
from lookalike.naming.keys import identifier_member
from lookalike.naming.members import (
    initial_state,
    is_api_version,
    is_balance,
    is_change_count,
    is_count,
    is_download_url,
    is_issued_secret,
    is_links,
    is_map_of_client,
    is_of_a_later_state,
    is_own_url,
    is_part_of_amount,
    is_state,
    is_time,
    is_time_of_change,
    is_time_of_creation,
    is_true_at_first,
    is_type,
)
from lookalike.naming.words import normalised, singular
from lookalike.schema.generation.believable import is_time_in_milliseconds
from lookalike.schema.validator import Schema
from lookalike.schema.value_types import NUMBER_TYPES
from lookalike.schema.view import SchemaView, holds_objects

_HAS_ELEMENTS = re.compile(r"\b(?:at least one|one or more|(?:can|may) be more than one)\b", re.IGNORECASE)
# Texts about what has happened to an item: nothing to a new one.
_WHETHER_IT_WAS = re.compile(r"\bwhether\b[^.]*\b(?:was|were|has been|have been)\b", re.IGNORECASE)
_NUMBER_SO_FAR = re.compile(
    r"\bnumber of\b[^.]*\b(?:currently|so far|has been|have been)\b"
    r"|\bnumber of \w+ (?:sent|received|delivered|opened|clicked|viewed|sold|processed|completed|failed)\b",
    re.IGNORECASE,
)
_HAPPENED = ("edat", "edon", "lentat", "lenton", "begunat", "boughtat", "givenat", "takenat")  # and other participles
_NOTHING: Mapping[str, Any] = {}
_AMOUNTS = NUMBER_TYPES | {"string"}
_TRUTHS: Mapping[str, bool] = {"true": True, "false": False}


class InitialValues:
    """The values that a server gives to the members of the new items of a resource.

    `sent_names` are the members that requests may have, and `defaults` those of requests.
    """

    def __init__(  # noqa: PLR0913  # all that tells of a value
        self,
        resource: Resource,
        view: SchemaView,
        key: str,
        usage: Usage,
        *,
        sent_names: Collection[str],
        defaults: Mapping[str, Any],
        bodies: ResponseBodies,
        schema_of: Callable[[SchemaView], Schema],
    ) -> None:
        self._view = view
        self._members = view.members
        self._examples = resource.examples
        self._key = key
        self._usage = usage
        self._sent_names = sent_names
        self._defaults = defaults
        self._bodies = bodies
        self._schema_of = schema_of
        # The objects that examples of creations show: the item, or one around it.
        shown = [body for body in usage.created_examples if isinstance(body, dict)]
        self._created = [one for body in shown for one in (body, *body.values()) if isinstance(one, dict)]
        # How examples write times: those of the schema, else of the first item.
        self._times_shown = {
            name: one.example if one.example is not None else next(iter(resource.examples), {}).get(name)
            for name, one in view.members.items()
            if one.keyword("format") == "date-time" or is_time(name)
        }
        # The part of the key that its parent's is, without which an item could not be found.
        self._outer_key = frozenset(resource.parent.fields if resource.parent and resource.parent.scopes_keys else ())
        self._made = resource.conventions.made
        self._unsent = {name: value for name, value in resource.conventions.unsent.items() if value is not ABSENT}
        # The members that a client may leave to the server, and whether each gets the time.
        self.filled_in = (
            *((name, False) for name in self._unsent),
            *(one for one in self._left_to_server() if one[0] not in resource.conventions.unsent),
        )

    def _left_to_server(self) -> Iterator[tuple[str, bool]]:
        """The members that a client may leave to the server, and whether each gets the time."""
        for name, view in self._members.items():
            if name == self._key or view.is_marked("writeOnly"):
                continue
            if name in self._outer_key:
                yield name, False
                continue
            begins_null = self.begins_null(name)
            is_optional = name not in self._view.required and not begins_null
            if is_optional and (self._may_come_later(name) or self._names_none(name)):
                continue
            is_servers = name in self._made or view.is_marked("readOnly") or self._is_of_beginning(name)
            is_own_time = self.is_time(name) and (is_time(name) or is_servers)
            if begins_null or is_own_time or self._is_left_to_server(name):
                yield name, is_own_time and not begins_null

    def _may_come_later(self, member: str) -> bool:
        """Whether a member holds the time or another text about what has not yet happened to a new item."""
        is_of_later = self._usage.shows_all and is_of_a_later_state(member) and "string" in self._members[member].types
        return member in self._usage.set_by_actions or (is_of_later and not self._has_default(member))

    def _names_none(self, member: str) -> bool:
        """Whether a member holds the key of another item, which a client would look for in vain."""
        view = self._members[member]
        is_told = (
            member in self._made or self._has_default(member) or view.example is not None or self._is_shown(member)
        )
        return self._usage.shows_all and not is_told and not holds_objects(view) and self._usage.names_other(member)

    def _is_of_beginning(self, member: str) -> bool:
        """Whether a member holds the time of what has happened to a new item of a mock, as `submitted_at`."""
        has_happened = normalised(member).endswith(_HAPPENED)
        is_there = member in self._view.required or not self._view.required
        has_happened = has_happened and not is_of_a_later_state(member)
        return self._usage.shows_all and has_happened and is_there and member not in self._sent_names

    def begins_null(self, member: str) -> bool:
        """Whether a new item shows a member that was not sent as null, as most frameworks do where it may be so.

        One that has an example is shown as there, if it must be there and no client can send it: a client may rely on
        its value.
        """
        view = self._members[member]
        if self.is_issued_secret(member) or member in self._outer_key:
            return False
        leads_to_itself = self._usage.urls is not None and (is_own_url(member) or is_links(member))
        is_always_dated = is_time(member) and not self._is_null_until_changed(member)
        is_shown = view.example is not None and member not in self._usage.sent_at_first
        is_known = is_always_dated or leads_to_itself or is_shown or self._has_default(member)
        may_begin = self._usage.shows_all and not is_known and not view.is_never_null
        is_unsaid = may_begin and self._may_all_be_null and ("boolean" in view.types or self._begins_at_zero(member))
        return may_begin and not is_unsaid and self._schema_of(view).accepts(None)

    @cached_property
    def _may_all_be_null(self) -> bool:
        """Whether each member may be null, even the key, so that this says nothing about any of them."""
        return all(view.may_be_null or not view.types for view in self._members.values())

    def _is_null_until_changed(self, member: str) -> bool:
        """Whether the time of the last change may be null, while that of the creation, which must be there, may not."""
        created = (
            one for name, one in self._members.items() if is_time_of_creation(name) and name in self._view.required
        )
        return (
            is_time_of_change(member)
            and self._members[member].may_be_null
            and any(one.is_never_null for one in created)
        )

    def _is_left_to_server(self, member: str) -> bool:
        view = self._members[member]
        is_known = view.is_marked("readOnly") or member in self._view.required or self._has_default(member)
        is_flag = self._usage.shows_all and "boolean" in view.types
        # A schema that requires nothing says nothing of what is shown: most frameworks show all that they describe.
        is_unsaid = (
            self._usage.shows_all and not self._view.required and bool(self._sent_names) and not _is_object(view)
        )
        # Of such, an example with a list says that it is shown, so also where a client could have sent it and did not.
        is_shown_list = "array" in view.types and self._is_shown(member)
        is_shown = is_unsaid and (is_shown_list or member not in self._usage.sent_at_first)
        is_known = is_known or is_flag or is_shown
        is_named_so = is_own_url(member) or is_download_url(member)
        is_url = "string" in view.types and is_named_so and member not in self._sent_names
        is_map_of_links = is_links(member) and _is_object(view) and member not in self._sent_names
        return (
            is_known
            or member in (*self._made, self._identifier)
            or (is_map_of_links and self._usage.urls is not None)
            or self.is_issued_secret(member)
            or self._of_document(member) is not ABSENT
            or (self._usage.shows_all and (self._begins_at_zero(member) or self._is_map_of_client(member)))
            or (is_url and self._usage.urls is not None)
            or (self._usage.shows_all and is_type(member) and view.has_one_value)
        )

    @cached_property
    def _identifier(self) -> str:
        """The member that identifies the new items of a mock beside their key, as the `uuid` of what a slug names."""
        return identifier_member(self._members) if self._usage.shows_all else ""

    def _is_map_of_client(self, member: str) -> bool:
        return _is_map(self._members[member]) and member in self._usage.sent_at_first and is_map_of_client(member)

    def is_issued_secret(self, member: str) -> bool:
        """Whether a member holds a secret that the mock makes along with an item, as no creation sends it."""
        is_text = "string" in self._members[member].types
        is_sent = member in self._usage.sent_at_first
        return self._usage.shows_all and is_text and not is_sent and is_issued_secret(member)

    def _has_default(self, member: str) -> bool:
        return self._members[member].keyword("default") is not None or self._initial(member) is not ABSENT

    def _initial(self, member: str) -> Any:
        """The value of a new item: the default of requests, the state of new things, or its version; else `ABSENT`.

        That state is as an example of the creation shows it, else the likeliest word for one. A version that a mock
        counts begins as in such an example, or with 1, though clients may send it back.
        """
        schema = self._schema_of(self._members[member])
        default = self._defaults.get(member)
        if default is not None and schema.accepts(default):
            return default
        if self._usage.shows_all and is_change_count(member) and "integer" in self._members[member].types:
            return self._accepted(member, next((one[member] for one in self._created if member in one), 1))
        if (created := self._state_when_created(member)) is not ABSENT:
            return created
        words = states_of(member, self._members[member]) if is_state(member) else ()
        words = words or self._usage.states.get(member, ())
        listed = self._usage.listed_states.get(member) if is_state(member) else None
        is_visible = listed is not None and not is_of_a_later_state(listed) and schema.accepts(listed)
        state = listed if is_visible else initial_state(words)
        return ABSENT if state is None or not schema.accepts(state) else state

    def _state_when_created(self, member: str) -> Any:
        """The state that an example of the creation shows; else `ABSENT`."""
        shows_state = self._usage.shows_all and is_state(member)
        created = next((one[member] for one in self._created if member in one), ABSENT) if shows_state else ABSENT
        return self._accepted(member, created) if isinstance(created, str) else ABSENT

    def of(self, member: str, sent: Mapping[str, Any] = _NOTHING) -> Any:
        """The value of a member that no client sent: its default, else an empty list or map, else one that fits.

        `sent` are the members that were sent: a `type` is the name of the object among them, as `card`.
        """
        kinds = (one for one in self._kinds.get(member, ()) if isinstance(sent.get(one), Mapping))
        if (first := self._unsent.get(member, next(kinds, ABSENT))) is not ABSENT:
            return first
        view = self._members[member]
        default = self._default_of(view)
        # A schema that was made of an example has what that shows as the default; another example says more of a state.
        is_of_example = default == view.example and self._state_when_created(member) is not ABSENT
        if default is not None and not is_of_example:
            return default
        if (told := self._of_document(member)) is not ABSENT:
            return told
        if (beginning := self._beginning(member)) is not ABSENT:
            return beginning
        if "array" in view.types and not view.keyword("minItems") and not self._has_elements(member):
            return []
        return {} if _is_map(view) and not view.keyword("minProperties") else self._like_others(member)

    @cached_property
    def _kinds(self) -> Mapping[str, Sequence[str]]:
        """The members of a mock that say which object an item has, each with the names of these objects."""
        if not self._usage.shows_all:
            return {}
        objects = {name for name, one in self._members.items() if any(map(holds_objects, (one, *one.branches)))}
        listed = ((name, listed_words(view)) for name, view in self._members.items() if is_type(name))
        return {name: [one for one in words if one in objects] for name, words in listed}

    def _default_of(self, view: SchemaView) -> Any:
        """The default of a member, which some documents have as a text, as `"false"`; None where it does not fit."""
        default, accepts = view.keyword("default"), self._schema_of(view).accepts
        forms = (default, _TRUTHS.get(default)) if isinstance(default, str) else (default,)
        return next((one for one in forms if one is not None and accepts(one)), None)

    def _has_elements(self, member: str) -> bool:
        """Whether the description of a list that no client sends says that it has elements: "can be more than one"."""
        description = str(self._members[member].keyword("description", ""))
        return not self._may_be_sent(member) and bool(_HAS_ELEMENTS.search(description))

    def _beginning(self, member: str) -> Any:
        """The value of a new item before anything became of it: its state, null, false, or a count of zero."""
        if (initial := self._initial(member)) is not ABSENT:
            return initial
        if self.begins_null(member):
            return None
        view = self._members[member]
        if is_of_a_later_state(member) and view.types & {"boolean", "null"}:
            return self._accepted(member, False if "boolean" in view.types else None)
        is_shown = view.example is not None or self._is_shown(member)
        # What a client could have sent but did not is off, whatever an example shows.
        is_sent = member in self._sent_names
        is_off = "boolean" in view.types and (is_sent or not is_shown)
        if is_off and (not is_true_at_first(member, is_sent) or member in self._told_of_past):
            return self._accepted(member, False)
        if self._begins_at_zero(member):
            return self._accepted(member, 0 if view.types & NUMBER_TYPES else "0.00")
        return ABSENT

    def _begins_at_zero(self, member: str) -> bool:
        """Whether a member counts what happens to an item, or holds the money that comes in or is left."""
        view = self._members[member]
        is_number = bool(view.types & NUMBER_TYPES)  # of TypeScript, say, which has one type for both
        is_plural = "integer" in view.types and singular(member) != member and not self._may_be_sent(member)
        is_empty = self._usage.shows_all and (is_balance(member) or is_part_of_amount(member))
        is_told = member in self._told_of_past and not self._may_be_sent(member)
        is_of_nothing = is_empty or (is_number and (is_count(member) or is_told)) or is_plural  # `renewals`
        is_shown = view.example is not None or self._is_shown(member)
        is_amount = bool(view.types & _AMOUNTS)
        return is_amount and is_of_nothing and not (is_shown and self._may_be_sent(member))

    @cached_property
    def _told_of_past(self) -> frozenset[str]:
        """The flags and numbers whose text says that they tell what has happened: "whether it was successful"."""
        if not self._usage.shows_all:
            return frozenset()
        texts = {name: str(view.keyword("description") or "") for name, view in self._members.items()}
        patterns = {"boolean": _WHETHER_IT_WAS, "integer": _NUMBER_SO_FAR}
        return frozenset(
            name
            for name, view in self._members.items()
            for kind, pattern in patterns.items()
            if kind in view.types and pattern.search(texts[name])
        )

    def _may_be_sent(self, member: str) -> bool:
        """Whether a client may have sent a member, or the server that is judged may have set it."""
        return member in self._sent_names or not self._usage.shows_all

    def _of_document(self, member: str) -> Any:
        """The `kind` of an item, which is the name of its schema, or the version of the API in its path; else `ABSENT`.

        As those of Kubernetes have them: `{"kind": "Deployment", "apiVersion": "apps/v1"}`.
        """
        view, urls = self._members[member], self._usage.urls
        is_free = view.types == {"string"} and not any(view.keyword(word) for word in ("enum", "const", "pattern"))
        if not self._usage.shows_all or not is_free or view.example is not None:
            return ABSENT
        if is_api_version(member):
            return urls.version if urls is not None and urls.version else ABSENT
        return kinds_of(self._view).get(member, ABSENT)

    def _accepted(self, member: str, value: Any) -> Any:
        return value if self._schema_of(self._members[member]).accepts(value) else ABSENT

    def _is_shown(self, member: str) -> bool:
        """Whether an example of an item has a member."""
        return any(member in one for one in self._examples)

    def _like_others(self, member: str) -> Any:
        """The value of a member in the first example of an item that has it, else one that fits."""
        view, shown = self._members[member], next((one[member] for one in self._examples if member in one), None)
        is_valid = shown is not None and self._schema_of(view).accepts(shown)
        value = self._bodies.at_origin(shown) if is_valid else self._bodies.sampled(view)
        return value if self._may_be_sent(member) or not isinstance(value, dict) else self._uncounted(view, value)

    def _uncounted(self, view: SchemaView, shown: dict[str, Any]) -> dict[str, Any]:
        """An object in a new item, such as its `stats`, in which nothing was counted yet."""
        numbers = {name for name, one in view.members.items() if "integer" in one.types and is_count(name)}
        uncounted = {**shown, **dict.fromkeys(numbers & shown.keys(), 0)}
        return uncounted if self._schema_of(view).accepts(uncounted) else shown

    def is_time(self, member: str) -> bool:
        """Whether a member holds a time, by its format, or by its name and example: many documents say no format."""
        view, shown = self._members[member], self._times_shown.get(member)
        if view.keyword("format") in TIME_FORMATS:
            return True
        is_free = not any(view.keyword(name) for name in ("format", "pattern", "enum", "maxLength"))
        is_text = "string" in view.types and is_free and (shown is None or is_timestamp(shown))
        return is_time(member) and (is_text or "integer" in view.types)

    def time(self, member: str, at: float) -> Any:
        """A time, in seconds since 1970, as a member has it."""
        view = self._members[member]
        if "string" not in view.types:
            return int(at * 1000) if is_time_in_milliseconds(self._times_shown.get(member)) else int(at)
        in_format = TIME_FORMATS.get(view.keyword("format"), timestamp)
        if in_format is not timestamp:
            return in_format(at)
        made = timestamp(at, self._times_shown.get(member))
        return made if self._schema_of(view).accepts(made) else timestamp(at)


def _is_map(view: SchemaView) -> bool:
    return view.types == {"object"} and not view.members and bool(view.keyword("additionalProperties"))


def _is_object(view: SchemaView) -> bool:
    return bool(view.members) or "object" in view.types
