"""Completion: a sent value in the form in which the server shows it, with as much kept of it as fits.

Clients send less than they are shown: an object without the members that the server sets, the key of an object in its
place, or a list where an envelope around one is shown. Swapping such a value for a sample would lose what was sent.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from lookalike.json_values import ABSENT, is_number
from lookalike.naming.keys import identifier_member, identifying_members
from lookalike.naming.members import cost_of_line, is_part_of_amount, is_quantity, is_total_of_line
from lookalike.naming.words import singular
from lookalike.schema.validator import Schema
from lookalike.schema.value_types import NUMBER_TYPES
from lookalike.schema.view import SchemaView

# The item that a key in a member of this name and schema stands for, as clients see it; None where none is known.
FindRelated = Callable[[str, SchemaView, Any], Mapping[str, Any] | None]

_DEEPEST = 6  # schemas may refer to themselves
_IS_INTEGER = re.compile(r"-?[0-9]{1,18}\Z").match
_SCALAR_TYPES: Mapping[type, str] = {str: "string", int: "integer", float: "number"}


def nothing_related(name: str, view: SchemaView, value: Any) -> None:
    """The related item where no state is at hand: none."""


class Completion:
    """Completes values by the schemas of a document; `sampled` gives the values of members that were not sent."""

    def __init__(self, schema_of: Callable[[SchemaView], Schema], sampled: Callable[[SchemaView], Any]) -> None:
        self._schema_of = schema_of
        self._sampled = sampled

    def completed(self, name: str, view: SchemaView, value: Any, find_related: FindRelated, depth: int = 0) -> Any:
        """A value that fits the schema of a member and holds as much of another one as can be; else `ABSENT`."""
        is_accepted = self._schema_of(view).accepts(value)
        # Without a type, a schema of an object accepts a key too, which is not meant.
        is_key = type(value) in _SCALAR_TYPES and view.types == {"object"}
        if is_accepted and not is_key:
            return value
        if value == "" and self._schema_of(view).accepts(None):
            return None  # forms have no other way to unset an object or a number
        for branch in view.branches or (view,) if depth < _DEEPEST else ():
            for made in self._attempts(name, branch, value, find_related, depth + 1):
                if self._schema_of(view).accepts(made):
                    return made
        return value if is_accepted else ABSENT

    def with_defaults(self, view: SchemaView, value: Any, depth: int = 0) -> Any:
        """A sent value with the defaults of the members that were not sent, and null for those without that may be so.

        Of several forms, the members are those of the only one that fits.
        """
        if isinstance(value, list) and view.items is not None:
            return [*_numbered(view.items, value, [self.with_defaults(view.items, one, depth + 1) for one in value])]
        if not isinstance(value, Mapping) or depth >= _DEEPEST:
            return value
        fitting = [branch for branch in view.branches if self._schema_of(branch).accepts(value)]
        form = fitting[0] if len(fitting) == 1 else view
        made = {
            name: self.with_defaults(form.members[name], one, depth + 1) if name in form.members else one
            for name, one in value.items()
        }
        made |= {
            name: default
            for name, member in form.members.items()
            if name not in made
            for default in self._beginnings(name in form.required, member)
        }
        schema = self._schema_of(view)
        return value if schema.accepts(value) and not schema.accepts(made) else made

    def _beginnings(self, is_required: bool, member: SchemaView) -> Iterator[Any]:
        """The value of a member that was not sent, if any is known."""
        default = member.keyword("default")
        if default is not None:
            yield default
        elif not is_required and not member.is_marked("writeOnly") and self._schema_of(member).accepts(None):
            yield None

    def _attempts(
        self, name: str, view: SchemaView, value: Any, find_related: FindRelated, depth: int
    ) -> Iterator[Any]:
        if isinstance(value, Mapping):
            if view.members:
                yield self._object(view, value, find_related, depth)
        elif isinstance(value, list):
            yield from self._lists(name, view, value, find_related, depth)
        elif view.members and type(value) in _SCALAR_TYPES:
            yield from self._object_of(name, view, value, find_related, depth)
        elif view.items is not None and view.items.members and type(value) in _SCALAR_TYPES:
            yield from self._lists(name, view, [value], find_related, depth)
        elif isinstance(value, str) and view.types & NUMBER_TYPES and _IS_INTEGER(value):
            yield int(value)  # as forms have it
        elif type(value) in (int, float) and "string" in view.types:
            yield str(value)

    def _object(self, view: SchemaView, sent: Mapping[str, Any], find_related: FindRelated, depth: int) -> Any:
        """The object with each member completed, or left out where nothing of it fits; required ones are sampled."""
        made = {}
        for name, value in sent.items():
            member = view.members.get(name)
            if member is not None:
                made[name] = self.completed(name, member, value, find_related, depth)
            elif not view.is_closed:
                made[name] = value
        made = {name: value for name, value in made.items() if value is not ABSENT}
        return {**made, **self._missing(view, made)}

    def _missing(self, view: SchemaView, made: Mapping[str, Any]) -> dict[str, Any]:
        """Samples for required members, as they stand together in a sample of the whole object."""
        names = [name for name in view.members if name in view.required and name not in made]
        if not names:
            return {}
        whole = self._sampled(view)
        together = whole if isinstance(whole, dict) else {}
        found = {name: together[name] if name in together else self._sampled(view.members[name]) for name in names}
        return {**found, **dict(self._calculated(view, found, made))}

    def _calculated(
        self, view: SchemaView, sampled: Mapping[str, Any], made: Mapping[str, Any]
    ) -> Iterator[tuple[str, Any]]:
        """The numbers that begin at nothing, as a received quantity, and the total of a line with its quantity."""
        cost = cost_of_line(made) if any(map(is_quantity, made)) else None
        for name, sample in sampled.items():
            if not is_number(sample):
                continue
            begun = 0 if is_part_of_amount(name) else cost if is_total_of_line(name) else None
            if begun is not None and self._schema_of(view.members[name]).accepts(begun):
                yield name, begun

    def _lists(
        self, name: str, view: SchemaView, sent: list[Any], find_related: FindRelated, depth: int
    ) -> Iterator[Any]:
        if "array" in view.types and view.items is not None:
            items = view.items
            found = [self.completed(singular(name), items, one, find_related, depth) for one in sent]
            yield [*_numbered(items, sent, [one for one in found if one is not ABSENT])]
        for holder, member in view.members.items() if depth == 1 else ():
            if "array" in member.types:
                made = {holder: self.completed(name, member, sent, find_related, depth)}
                if made[holder] is not ABSENT:
                    yield {**self._missing(view, made), **made}

    def _object_of(
        self, name: str, view: SchemaView, sent: Any, find_related: FindRelated, depth: int
    ) -> Iterator[Any]:
        """The object that a key stands for: the item with that key, else one that has it and otherwise samples."""
        related = find_related(name, view, sent)
        if related is not None:
            described = {name: value for name, value in related.items() if name in view.members}
            yield self._object(view, described, find_related, depth)
            yield related
        type_name = _SCALAR_TYPES[type(sent)]
        holders = [member for member, one in view.members.items() if type_name in one.types]
        for holder in identifying_members(holders, singular(name)):
            made = {holder: sent}
            yield {**self._missing(view, made), **made}


def _numbered(items: SchemaView, sent: list[Any], made: list[Any]) -> Iterator[Any]:
    """The objects of a list, numbered by their key where they were sent without: samples would all have the same."""
    key = identifier_member(name for name, member in items.members.items() if "integer" in member.types)
    is_counted = all(isinstance(one, Mapping) and key not in one for one in sent) and len(sent) == len(made)
    is_set = bool(key) and items.members[key].is_marked("readOnly")
    for number, one in enumerate(made, 1):
        yield {**one, key: number} if key and is_counted and (is_set or key in one) else one
