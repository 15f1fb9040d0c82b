"""Sequences: items are created, changed, read, listed and deleted in any order, and compared with the model."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from lookalike.contract.contract import Operation
from lookalike.contract.grounds import EFFECT, is_guessed
from lookalike.http import Request
from lookalike.model.state import Key
from lookalike.verify.clauses import ABSENT_AFTER, CHANGED, KEPT, LISTED, clause_id, is_guess
from lookalike.verify.oracle.tracked_items import CreatedItem
from lookalike.verify.roles import Roles, is_merge, item_in
from lookalike.verify.runner.endings import ClauseBroken, NotObservable
from lookalike.verify.runner.observation import in_list, see
from lookalike.verify.runner.story_runner import StoryRunner
from lookalike.verify.stories.changes import changes_of
from lookalike.verify.stories.deletion import not_seen
from lookalike.verify.stories.story import Story, Tell

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

_LONGEST = 8
_ITEMS = 3


class SequenceMove(NamedTuple):
    """An action, and the number of the item that it is for, counted among the items that exist."""

    what: str
    which: int


SequenceMoves = tuple[SequenceMove, ...]


def sequences(roles: Roles) -> "SearchStrategy[SequenceMoves]":
    """Sequences of the actions for which a resource has operations."""
    from hypothesis import strategies as st

    can = {
        "make": roles.create,
        "read": roles.read,
        "list": roles.list,
        "change": _changes(roles),
        "delete": roles.delete,
    }
    known = st.sampled_from([what for what, by in can.items() if by])
    move = st.builds(SequenceMove, known, st.integers(0, _ITEMS - 1))
    return st.lists(move, min_size=1, max_size=_LONGEST).map(tuple)


def _changes(roles: Roles) -> tuple[Operation, ...]:
    """The operations that are known to change an item; after a guessed change, nothing could be compared."""
    return tuple(one for one in roles.changes if not is_guessed(one.grounds, EFFECT))


def story_of(roles: Roles, moves: SequenceMoves) -> Story:
    """The story of a sequence."""
    recipe = {"layer": "sequences", "about": roles.resource, "moves": moves}
    return Story("", roles.resource, _told_as(roles, moves), recipe)


def _told_as(roles: Roles, moves: SequenceMoves) -> Tell:

    def tell(runner: StoryRunner) -> None:
        runner.creation.check_few_stay(roles.resource)
        items = _Items(runner, roles)
        for move in moves:
            with suppress(NotObservable):
                items.move(move)
        items.look()

    return tell


class _Gone(NamedTuple):
    """A deleted item: the operation that deleted it, and the request that read it before, with its response."""

    by: Operation
    created: CreatedItem
    again: Request | None
    before: Mapping[str, Any]


class _Items:
    """The items of a sequence, and those that it deleted, each with the request that read it."""

    def __init__(self, runner: StoryRunner, roles: Roles) -> None:
        self._runner = runner
        self._roles = roles
        self._there: list[CreatedItem] = [runner.make(roles.resource)]
        self._gone: list[_Gone] = []
        self._changes: dict[Key, tuple[Operation, frozenset[str]]] = {}
        # The clause of the last write to another item, by the keys of those that it should have left alone. These were
        # compared before that write, so that it is to blame.
        self._left_alone: dict[Key, str] = {}
        self._ways: Mapping[str, Callable[[int], None]] = {
            "make": self._make,
            "read": lambda which: self._read(self._chosen(which)),
            "list": lambda which: self._list(self._chosen(which)),
            "change": self._change,
            "delete": self._delete,
        }

    def move(self, move: SequenceMove) -> None:
        """Make a move, if there is an item for it."""
        if move.what == "make" or self._there:
            self._ways[move.what](move.which)

    def look(self) -> None:
        """Compare all items with the model at the end."""
        for created in self._there:
            with suppress(NotObservable):
                self._read(created)
        for gone in self._gone:
            with suppress(NotObservable):
                self._blaming(clause_id(gone.by, ABSENT_AFTER), partial(not_seen, self._runner, *gone[1:]))

    def _chosen(self, which: int) -> CreatedItem:
        return self._there[which % len(self._there)]

    def _make(self, which: int) -> None:
        if (
            len(self._there) < _ITEMS
            and not self._runner.environment.contract.resources[self._roles.resource].is_single
        ):
            made = self._runner.make(self._roles.resource)
            self._there.append(made)
            # A key that is given again leads to the new item, which tells nothing of the one that it replaced.
            self._gone = [one for one in self._gone if one.created.key != made.key]

    def _read(self, created: CreatedItem) -> None:
        if not (created.clause and self._roles.is_visible):
            return
        operation, changed = self._changes.get(created.key, (None, created.sent))
        clause = self._left_alone.get(created.key, created.clause)
        self._blaming(clause, partial(see, self._runner, created, created.sent & changed))
        rest = created.sent - changed
        if operation is not None and rest:
            kept = clause_id(operation, KEPT) if is_merge(operation) else created.clause
            self._blaming(self._left_alone.get(created.key, kept), partial(see, self._runner, created, rest))

    def _list(self, created: CreatedItem) -> None:
        if self._roles.create is not None:
            if is_guess(self._runner.environment.contract, self._roles.create, LISTED):
                return
            clause = self._left_alone.get(created.key) or clause_id(self._roles.create, LISTED)
            self._runner.eventually(partial(in_list, self._runner, created, clause))

    def _change(self, which: int) -> None:
        created, changes = self._chosen(which), _changes(self._roles)
        if not changes:  # of a story of another version, in which the change was no guess
            return
        operation = changes[which % len(changes)]
        body = next(changes_of(self._runner, operation, created), None)
        if body is None:
            return
        self._compare(self._there)
        if self._runner.change(operation, created, body).is_success:
            self._changes[created.key] = (operation, frozenset(body))
            self._leave_alone(created, clause_id(operation, CHANGED))

    def _delete(self, which: int) -> None:
        created, read, delete = self._chosen(which), self._roles.read, self._roles.delete
        self._compare(one for one in self._there if one is not created)
        again = self._runner.write(read, self._runner.parameters.leading_to(read, created)) if read else None
        before = item_in(read, self._runner.read(created).value) if read else {}
        step = self._runner.delete(created)
        if step.is_success and step.response.status != 202 and delete is not None:
            self._there = [one for one in self._there if one is not created]
            self._leave_alone(created, clause_id(delete, ABSENT_AFTER))
            self._gone.append(_Gone(delete, created, again, before))

    def _compare(self, items: Iterable[CreatedItem]) -> None:
        """Compare items with the model before a write: it is not to blame for what was wrong before."""
        exchanges, length = self._runner.exchanges, len(self._runner.exchanges)
        for created in items:
            with suppress(NotObservable):
                self._read(created)
        del exchanges[length:]  # nothing was wrong, so that the reads tell nothing

    def _leave_alone(self, written: CreatedItem, clause: str) -> None:
        self._left_alone.pop(written.key, None)
        self._left_alone |= {one.key: clause for one in self._there if one is not written}

    def _blaming(self, clause: str, check: Callable[[], None]) -> None:
        try:
            self._runner.eventually(check)
        except ClauseBroken as broken:
            raise ClauseBroken(broken.expected, broken.got, clause) from None
