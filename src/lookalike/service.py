"""The mock as a service: open the state, respond, commit, keep a journal."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import count, islice
from typing import Any, NamedTuple, Protocol, TypeVar

from lookalike.http import Request, Response
from lookalike.model.behaviour import Model
from lookalike.model.response.response import Outcome
from lookalike.model.seeds import checked_item, seeds
from lookalike.model.state import Change, Decision, Delete, Item, Key, State
from lookalike.readings import Choose

T = TypeVar("T")

# How many exchanges the journal remembers, and how many bytes of each body.
JOURNAL_LENGTH = 1000
JOURNAL_BODY = 64 * 1024


C = TypeVar("C", bound=Decision)


class Edit(NamedTuple):
    """A decision to change an item by hand."""

    item: Item
    changes: tuple[Change, ...]


class Removal(NamedTuple):
    """A decision to forget an item, if it is there."""

    found: bool
    changes: tuple[Change, ...]


class Store(Protocol):
    """What a service needs of a store."""

    def transact(self, decide: Callable[[State], C]) -> C:
        """Decide on the state and commit the changes, or neither."""
        ...

    def read(self, look: Callable[[State], T]) -> T:
        """What a function sees in a state that stands still."""
        ...

    def replace(self, changes: Iterable[Change]) -> None:
        """Forget everything, then make changes."""
        ...


class JournalEntry(NamedTuple):
    """A request and what was decided about it; `number` counts from 1."""

    number: int
    request: Request
    outcome: Outcome


class Rejected(Exception):
    """An edit of the state that does not fit the contract; the message says why."""


class Mock:
    """A server that keeps a contract: one model, one store, one choice per reading.

    `credentials` holds, by security scheme, a token that is valid, one that is expired, and one that is revoked.
    """

    def __init__(
        self, model: Model, store: Store, choices: Mapping[str, str], data: Any, data_name: str = "data"
    ) -> None:
        self.model = model
        self.credentials: Mapping[str, Mapping[str, str]] = {}
        self.choices = dict(choices)
        self.choose: Choose = self.choices.__getitem__
        self._store = store
        self._data = data
        self._data_name = data_name
        self._journal: deque[tuple[int, Request, Outcome]] = deque(maxlen=JOURNAL_LENGTH)
        self._numbers = count(1)
        self.reset()

    def handle(self, request: Request) -> Response:
        """Answer a request."""
        outcome = self._store.transact(lambda state: self.model.respond(state, request, self.choose))
        return self._recorded(request, outcome)

    def refuse(self, request: Request, status: int, why: str) -> Response:
        """Answer a request that never reaches the model with an error."""
        return self._recorded(request, self.model.error(status, why, self.choose))

    def _recorded(self, request: Request, outcome: Outcome) -> Response:
        if len(request.body) > JOURNAL_BODY:
            request = request._replace(body=request.body[:JOURNAL_BODY])
        self._journal.append((next(self._numbers), request, outcome))  # most are never looked at
        return outcome.response

    def reset(self) -> None:
        """Go back to the seeds; the journal starts anew."""
        changes = seeds(self.model, self._data, self.choose, self._data_name)
        self._store.replace(changes)
        self.clear_journal()

    def reload(self, model: Model, choices: Mapping[str, str], data: Any) -> None:
        """Follow another model, keeping the state; raises before anything is changed where that cannot be."""
        names, choices = tuple(self.model.contract.resources), dict(choices)
        choose = choices.__getitem__
        seeds(model, data, choose, self._data_name)

        def follow(state: State) -> Removal:
            gone = _all_gone(state, names)
            kept = seeds(model, _listed_all(state, names), choose, "the current state")
            self.model, self.choices, self.choose, self._data = model, choices, choose, data
            return Removal(True, (*gone, *kept))

        self._store.transact(follow)  # so that no request is decided by one model and committed under another

    def state(self) -> dict[str, list[Item]]:
        """All items by resource."""
        return self._store.read(lambda state: _listed_all(state, self.model.contract.resources))

    def item(self, resource: str, key: Key) -> Item | None:
        """The item that answers to a key."""
        return self._store.read(lambda state: state.get(resource, key))

    def replace_state(self, data: Any) -> None:
        """Put other items in place of all there are; raises `UsageError` where they do not fit."""
        self._store.replace(seeds(self.model, data, self.choose, "state"))

    def patch_state(self, data: Mapping[str, Any]) -> None:
        """Put other items in place of those of some resources; raises `UsageError` where they do not fit."""
        names = tuple(self.model.contract.resources)

        def decide(state: State) -> Removal:
            after = seeds(self.model, {**_listed_all(state, names), **data}, self.choose, "state")
            return Removal(True, (*_all_gone(state, names), *after))

        self._store.transact(decide)

    def put_item(self, resource: str, key: Key, raw: Any) -> Item:
        """Put an item under its key, new or in place of another; raises `Rejected` where it does not fit."""
        return self._edit(resource, key, lambda old: raw)

    def patch_item(self, resource: str, key: Key, raw: Mapping[str, Any]) -> Item:
        """Set some fields of an item; raises `Rejected` where the result does not fit."""
        return self._edit(resource, key, lambda old: {**(old or {}), **raw})

    def delete_item(self, resource: str, key: Key) -> bool:
        """Forget an item; False where there was none."""

        def decide(state: State) -> Removal:
            item = state.get(resource, key)
            if item is None:
                return Removal(False, ())
            return Removal(True, (Delete(resource, self.model.keys_of(resource, item, self.choose)[0]),))

        return self._store.transact(decide).found

    def journal(
        self, keep: Callable[[JournalEntry], bool] = lambda exchange: True, limit: int = 100
    ) -> list[JournalEntry]:
        """The latest exchanges that a function keeps, newest first."""
        standing_still = map(JournalEntry._make, reversed(self._journal.copy()))  # requests may be answered meanwhile
        return list(islice(filter(keep, standing_still), limit))

    def clear_journal(self) -> None:
        """Forget all exchanges."""
        self._journal.clear()

    def _edit(self, resource: str, key: Key, change: Callable[[Item | None], Any]) -> Item:
        def decide(state: State) -> Edit:
            old = state.get(resource, key)
            item, problems = checked_item(self.model, resource, change(old))
            if item is None:
                raise Rejected("; ".join(problems))
            first, *aliases = self.model.keys_of(resource, item, self.choose)
            if key not in (first, *aliases):
                raise Rejected(f"the item's own key is {first}, not {key}")
            if any(state.get(resource, name) not in (None, old) for name in (first, *aliases)):
                raise Rejected(f"another {resource} answers to one of {[first, *aliases]}")
            return Edit(item, (*self._leaving(resource, old, first), self.model.items(resource).put(item, self.choose)))

        return self._store.transact(decide).item

    def _leaving(self, resource: str, old: Item | None, key: Key) -> Iterator[Delete]:
        """What has to go where an item that was found by an alias gets another key."""
        if old is not None:
            before = self.model.keys_of(resource, old, self.choose)[0]
            if before != key:
                yield Delete(resource, before)


def _listed_all(state: State, resources: Iterable[str]) -> dict[str, list[Item]]:
    return {resource: [item for _, item in state.items(resource)] for resource in resources}


def _all_gone(state: State, resources: Iterable[str]) -> tuple[Delete, ...]:
    return tuple(Delete(resource, key) for resource in resources for key, _ in state.items(resource))
