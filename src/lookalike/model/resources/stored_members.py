"""Stored members: what clients send, under the names that the items' schema has for it, and as a server keeps it."""

from collections.abc import Callable, Mapping
from functools import cached_property

from lookalike.contract.extension import Resource
from lookalike.model.resources.nested_attributes import NestedAttributes
from lookalike.model.resources.normalisation import compile_normalisation
from lookalike.model.resources.usage import Usage
from lookalike.model.state import Item
from lookalike.naming.words import normalised, singular
from lookalike.pacing import spend
from lookalike.schema.view import SchemaView

_MEMBERS_PER_STEP = 10  # that no schema names


class StoredMembers:
    """The members that the items of a resource keep of what is sent.

    `key` is the one field of the key, empty if there is none, and `noun` what a single item is called.
    """

    def __init__(  # noqa: PLR0913  # all that tells of names
        self,
        resource: Resource,
        view: SchemaView,
        identity_fields: frozenset[str],
        usage: Usage,
        *,
        key: str = "",
        noun: str = "",
    ) -> None:
        self._members = view.members
        names_other = usage.shows_all and key in view.members and key not in usage.members
        self._own_key = {normalised(noun + key): key} if names_other else {}
        self._is_of_mock = usage.shows_all
        self.nested = NestedAttributes(view, usage.members if usage.shows_all else ())
        self._identity_fields = identity_fields
        self._conventions = resource.conventions
        self.sent_names = {self.documented_name(member) for member in usage.members}
        # Members of requests that items do not have, as a password or a file, are not kept.
        described = self._members.keys() | {member for branch in view.branches for member in branch.members}
        self._request_only = self.sent_names - described if described else frozenset[str]()
        keeps_all = not (self._conventions.kept or self._conventions.drops_unknown)
        self.taken: Callable[[Item], Item] = self._documented if keeps_all else self._compile_taking()

    def documented_name(self, name: str) -> str:
        """The name that the items' schema has for a member, as `friendly_name` for `FriendlyName`.

        Of a mock, the field `Permission` of a form, which comes once for each, stands for the `permissions`, and the
        `PhoneNumberSid` of what is added as a phone number for its `sid`.
        """
        return name if name in self._members else self._names_by_plain.get(normalised(name), name)

    @cached_property
    def _names_by_plain(self) -> Mapping[str, str]:
        lists = (name for name, view in self._members.items() if "array" in view.types and self._is_of_mock)
        own = {normalised(singular(name)): name for name in lists} | self._own_key
        own |= {normalised(sent): name for sent, name in self.nested.names.items()}
        return own | {normalised(name): name for name in self._members}

    def _documented(self, sent: Item) -> Item:
        """Sent members under their documented names.

        Some documents describe forms in one spelling and the JSON of items in another.
        """
        if sent.keys() <= self._members.keys():
            return sent
        spend(len(sent) // _MEMBERS_PER_STEP)
        named = {self.documented_name(name): value for name, value in sent.items()}
        return {name: value for name, value in named.items() if name not in self._request_only}

    def _compile_taking(self) -> Callable[[Item], Item]:
        """The function that makes stored members of sent ones, where a server keeps some of them otherwise."""
        conventions = self._conventions
        normalise = {
            name: compile_normalisation(names, self._members[name]) for name, names in conventions.kept.items()
        }
        known = self._members.keys() | self._identity_fields

        def taken(sent: Item) -> Item:
            named = self._documented(sent)
            return {
                name: normalise[name](value) if name in normalise else value
                for name, value in named.items()
                if not conventions.drops_unknown or name in known
            }

        return taken
