"""Marks of change: the members by which an item shows that it was changed, such as the time of the change."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from lookalike.contract.inference.verbs import dates_of_states
from lookalike.model.resources.derived_members import DerivedMembers
from lookalike.model.resources.initial_values import InitialValues
from lookalike.model.resources.metadata import ServerMetadata
from lookalike.model.state import Item
from lookalike.naming.members import is_change_count, is_state, is_time_of_any_change, is_time_of_change
from lookalike.naming.words import normalised
from lookalike.schema.view import SchemaView


class MarksOfChange:
    """The marks of change of a resource's items: times, versions, and the dates of the states that they come into."""

    def __init__(
        self,
        view: SchemaView,
        initial_values: InitialValues,
        derived: DerivedMembers,
        metadata: ServerMetadata | None,
        *,
        is_of_mock: bool,
    ) -> None:
        self._view = view
        self._members = view.members
        self._initial_values = initial_values
        self._derived = derived
        self._metadata = metadata
        self._is_of_mock = is_of_mock

    def added(self, old: Item, after: Item, at: float) -> Item:
        """A changed item with its marks, at a time in seconds since 1970; the old one if nothing else has changed."""
        others = {name: value for name, value in after.items() if name not in self._times}
        before = {name: value for name, value in old.items() if name not in self._times}
        if others == before:
            return old
        marks = {name: self._initial_values.time(name, at) for name in self._times if name in after}
        if self._states or self._dates_of_flags:
            marks |= self._dates_of_change(before, others, at)
        if self._version and type(version := after.get(self._version)) is int and version == old.get(self._version):
            marks[self._version] = version + 1
        return self._marked(self._metadata.revised(after) if self._metadata else after, marks)

    def with_dates_of_states(self, before: Item, after: Item, at: float) -> Item:
        """A changed item with the dates of the states that it left and came into, where the change sets none."""
        is_dated = bool(self._states or self._dates_of_flags)
        dates = self._dates_of_change(before, after, at) if is_dated else {}
        return self._marked(after, {name: one for name, one in dates.items() if one is None or after.get(name) is None})

    def _marked(self, item: Item, marks: Item) -> Item:
        """An item with marks; the date of a state that is over is left out where it cannot be null."""
        over = [name for name, mark in marks.items() if mark is None and not self._members[name].may_be_null]
        marked = {**item, **marks}
        return {name: value for name, value in marked.items() if name not in over} if over else marked

    @cached_property
    def _times(self) -> Sequence[str]:
        is_such = is_time_of_any_change if self._is_of_mock else is_time_of_change
        times = (name for name in self._members if is_such(name) and name not in self._derived.names)
        return [member for member in times if self._initial_values.is_time(member)]

    @cached_property
    def _version(self) -> str:
        """The whole number that counts the changes of a mock's items by its name; empty where there is none."""
        numbers = (name for name, view in self._members.items() if "integer" in view.types and is_change_count(name))
        return next(numbers, "") if self._is_of_mock else ""

    def _dates_of_change(self, before: Item, after: Item, at: float) -> Item:
        """The dates of the states that an item left and came into, where the change says nothing of them."""
        dates: dict[str, Any] = {}
        for state in self._states:
            if before.get(state) != after.get(state):
                words = (normalised(str(one.get(state))) for one in (before, after))
                left, came = map(self._dates_of_states.get, words)
                dates |= {left: None} if left else {}
                dates |= {came: self._initial_values.time(came, at)} if came else {}
        for flag, date in self._dates_of_flags.items():
            if before.get(flag) is not after.get(flag) and isinstance(after.get(flag), bool):
                dates[date] = self._initial_values.time(date, at) if after[flag] else None
        return {name: date for name, date in dates.items() if before.get(name) == after.get(name)}

    @cached_property
    def _states(self) -> Sequence[str]:
        """The members that hold states of a mock's items, where these have dates of states too."""
        is_dated = self._is_of_mock and bool(self._dates_of_states)
        return [name for name in self._members if is_state(name)] if is_dated else ()

    @cached_property
    def _dates_of_flags(self) -> Mapping[str, str]:
        """The members with the date since when a flag of a mock's items is true, as `completed_at` of `completed`."""
        words = {name: normalised(name).removeprefix("is") for name, one in self._members.items() if one.is_flag}
        dates = self._dates_of_states if self._is_of_mock else {}
        return {name: dates[word] for name, word in words.items() if word in dates}

    @cached_property
    def _dates_of_states(self) -> Mapping[str, str]:
        dates = dates_of_states(self._view).items()
        return {state: name for state, name in dates if self._initial_values.is_time(name)}
