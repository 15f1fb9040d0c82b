"""Nested attributes: the objects in an item that clients send as `address_attributes`, as Rails takes them.

An object that is there is changed by what is sent. Of a list, such as `phones_attributes`, the elements with the key of
one that is there change it, or delete it by `_destroy`, and the others are added.
https://api.rubyonrails.org/classes/ActiveRecord/NestedAttributes/ClassMethods.html
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import count
from typing import Any

from lookalike.naming.keys import identifier_member
from lookalike.naming.members import member_of_attributes
from lookalike.schema.view import SchemaView, holds_objects

_DESTROY = "_destroy"
_TRUE = (True, 1, "1", "true")
_NO_ITEM: Mapping[str, Any] = {}


class NestedAttributes:
    """The nested attributes of the items of a resource; `sent` are the members that requests describe."""

    def __init__(self, view: SchemaView, sent: Collection[str]) -> None:
        self._members = view.members
        self._sent = sent

    @cached_property
    def names(self) -> Mapping[str, str]:
        """The members that show nested attributes, by the name of these."""
        objects = [name for name, view in self._members.items() if holds_objects(view)]
        own = (name for name in self._sent if name not in self._members)
        return {name: member for name in own if (member := member_of_attributes(name, objects))}

    def named(self, sent: Any, old: Mapping[str, Any] = _NO_ITEM) -> Any:
        """A body with the members that show its nested attributes in place of these, after those of an `old` item."""
        if not self.names or not isinstance(sent, Mapping) or self.names.keys().isdisjoint(sent):
            return sent
        return dict(self._named(sent, old))

    def _named(self, sent: Mapping[str, Any], old: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        for name, value in sent.items():
            member = self.names.get(name, "")
            before = old.get(member)
            if not member:
                yield name, value
            elif (element := self._members[member].items) is not None:
                yield member, _changed_list(_objects(before), _objects(value), _key_of(element))
            else:
                changed = {**before, **value} if isinstance(before, Mapping) and isinstance(value, Mapping) else value
                yield member, next(iter(_without_marks([changed])), None)

    def numbered(self, sent: Any, old: Mapping[str, Any] = _NO_ITEM) -> Any:
        """A body under such names whose new objects have numbers of their own, where they are shown with such."""
        if not self.names or not isinstance(sent, Mapping):
            return sent
        shown = {name: sent[name] for name in self.names.values() if name in sent}
        return {**sent, **{name: self._numbered(name, value, old.get(name)) for name, value in shown.items()}}

    def _numbered(self, name: str, value: Any, before: Any) -> Any:
        view = self._members[name]
        if view.items is not None:
            return _with_numbers(_objects(value), _objects(before), _key_of(view.items))
        return next(iter(_with_numbers(_objects([value]), (), _key_of(view))), value)


def _key_of(view: SchemaView) -> str:
    return identifier_member(name for name, member in view.members.items() if "integer" in member.types)


def _objects(values: Any) -> list[Mapping[str, Any]]:
    return [one for one in values if isinstance(one, Mapping)] if isinstance(values, list) else []


def _changed_list(
    present: Sequence[Mapping[str, Any]], sent: Sequence[Mapping[str, Any]], key: str
) -> list[Mapping[str, Any]]:
    """The objects of a list as those with their keys change them, and the new ones behind them."""
    changes = {str(one[key]): one for one in sent if key in one}
    known = {str(one[key]) for one in present if key in one}
    changed = [{**one, **changes.get(str(one.get(key)), {})} for one in present]
    return _without_marks([*changed, *(one for one in sent if str(one.get(key)) not in known)])


def _without_marks(values: Sequence[Any]) -> list[Any]:
    """The objects that are not to be deleted."""
    objects = (one for one in values if isinstance(one, Mapping) and one.get(_DESTROY) not in _TRUE)
    return [{name: value for name, value in one.items() if name != _DESTROY} for one in objects]


def _with_numbers(
    objects: Sequence[Mapping[str, Any]], before: Sequence[Mapping[str, Any]], key: str
) -> list[Mapping[str, Any]]:
    known = (one[key] for one in (*objects, *before) if type(one.get(key)) is int)
    numbers = count(1 + max(known, default=0))
    return [{**one, key: next(numbers)} if key and key not in one else one for one in objects]
