"""A search for a serial order: whether one exists in which the pure model explains what many clients saw at once.

It is that of Wing and Gong, with the memory of Lowe ("Testing for linearizability", 2017): the next request of the
order is one that began before any of those that are left had ended; a state that was reached before with the same
requests done is not tried again. A request without an answer may have been done, at any time after its start, or not.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from lookalike.http import Request, Response
from lookalike.model.behaviour import Model
from lookalike.model.state import Change, State
from lookalike.stores.memory import InitialItems, MemoryStore

NEVER = float("inf")
MOST_STATES = 100_000


class Call(NamedTuple):
    """A request of a client, when it began and ended, and its answer; without one, the client never got any."""

    start: float
    end: float
    request: Request
    response: Response | None


class Decided(NamedTuple):
    changes: tuple[Change, ...]


def serial_order(
    model: Model,
    choices: Mapping[str, str],
    initial: InitialItems,
    calls: Sequence[Call],
    final: Mapping[str, Any] | None = None,
) -> list[Call] | None:
    """The calls in an order that explains all answers, and the final items by resource; None if there is none."""
    choose = choices.__getitem__
    resources = tuple(model.contract.resources)
    tried: set[tuple[frozenset[int], str]] = set()
    required = frozenset(index for index, call in enumerate(calls) if call.response is not None)

    def explained(state: MemoryStore, done: frozenset[int], order: list[int]) -> list[int] | None:
        numbers = [state.number(name) for name in resources]
        fingerprint = (done, f"{told(state, resources)}{numbers}")
        if fingerprint in tried:
            return None
        tried.add(fingerprint)
        assert len(tried) < MOST_STATES, "the search takes too long: ask for fewer calls at once"
        if required <= done and (final is None or told(state, resources) == json.dumps(final, sort_keys=True)):
            return order
        left = [index for index in range(len(calls)) if index not in done]
        latest = min((calls[index].end for index in left if calls[index].response is not None), default=NEVER)
        for index in sorted(left, key=lambda index: calls[index].end):
            call = calls[index]
            if call.start > latest:
                continue
            outcome = model.respond(state, call.request, choose)
            if call.response is None:
                if not outcome.changes:  # it makes no difference whether it was done
                    continue
            elif not is_equal(outcome.response, call.response):
                continue
            after = explained(changed(state, outcome.changes), done | {index}, [*order, index])
            if after is not None:
                return after
        return None

    found = explained(MemoryStore(initial), frozenset(), [])
    return None if found is None else [calls[index] for index in found]


def is_equal(one: Response, other: Response) -> bool:
    """Whether two answers show the same: the fields of the server itself aside."""
    return one.status == other.status and (one.body == other.body or _value(one.body) == _value(other.body))


def told(state: State, resources: Iterable[str]) -> str:
    """All items as text; the order of a list is a part of it."""
    return json.dumps({name: [item for _, item in state.items(name)] for name in resources}, sort_keys=True)


def changed(state: MemoryStore, changes: tuple[Change, ...]) -> MemoryStore:
    """Another state, with changes; it shares all else with the first one, which stays as it is."""
    if not changes:
        return state
    after = MemoryStore()
    after._share(state.content)
    after.transact(lambda _: Decided(changes))
    return after


def _value(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return body
