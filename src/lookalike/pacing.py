"""Pacing: a limit on the steps that one request may take in the thread that serves all clients.

Whatever may take long spends steps: a search for values, a look at thousands of items. Once those of a turn are spent,
`TakesLong` ends the request there, before it has changed anything, and a thread beside decides it from the start. In
all other threads there is no limit. Steps are those of `schema.generation.work`, about 30 microseconds each. Where
the cost of an item is not known before, because a client decides how large it is, the clock ends the turn instead.
"""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")

STEPS_OF_TURN = 500
SECONDS_OF_TURN = 0.015
ITEMS_PER_STEP = 100
BYTES_PER_STEP = 16 * 1024
_NO_LIMIT = float("inf")


class TakesLong(BaseException):
    """A request takes more steps than its thread has; no `Exception`, so that nothing takes it for an error."""


class _ThreadPace(threading.local):
    """The pace of a thread: the steps that are left to it, when its turn ends, and whether it is one beside."""

    left: float = _NO_LIMIT
    end: float = _NO_LIMIT
    is_beside: bool = False


_pace = _ThreadPace()


def spend(steps: int) -> None:
    """Take steps; raises `TakesLong` if a thread has no more of them."""
    _pace.left -= steps
    if _pace.left < 0:
        raise TakesLong


def spend_on_items(number: int) -> None:
    """Take the steps of a look at so many items."""
    if number > ITEMS_PER_STEP:
        spend(number // ITEMS_PER_STEP)


def spend_on_bytes(number: int) -> None:
    """Take the steps of writing so many bytes."""
    if number > BYTES_PER_STEP:
        spend(number // BYTES_PER_STEP)


def timed(items: Iterable[T]) -> Iterator[T]:
    """Items whose cost is not known; raises `TakesLong` before the first one that comes after the end of the turn."""
    for item in items:
        if time.perf_counter() > _pace.end:
            raise TakesLong
        yield item


def spend_turn() -> None:
    """Take more steps than a turn has: for work that is done once and has no number of steps, as compiling has none."""
    spend(STEPS_OF_TURN + 1)


def begin_turn() -> None:
    """Give this thread the steps and the time of a turn, and no more until `end_turn`."""
    _pace.left = STEPS_OF_TURN
    _pace.end = time.perf_counter() + SECONDS_OF_TURN


def end_turn() -> None:
    """Let this thread take any number of steps again."""
    _pace.left = _pace.end = _NO_LIMIT


@contextmanager
def beside() -> Iterator[None]:
    """Have this thread, beside the one that serves all clients, take a request that was given up there.

    It has the steps of a turn too, so that it holds no lock for longer, and may take any number `at_length`.
    """
    _pace.is_beside = True
    begin_turn()
    try:
        yield
    finally:
        end_turn()
        _pace.is_beside = False


def is_beside() -> bool:
    """Whether this thread is one beside, which is to give way between parts of native work."""
    return _pace.is_beside


def at_length(work: Callable[[], T]) -> T:
    """Call a function with no limit on steps; raises `TakesLong` in the thread that serves all clients."""
    if _pace.left != _NO_LIMIT and not _pace.is_beside:
        raise TakesLong
    return without_limit(work)


def without_limit(work: Callable[[], T]) -> T:
    """Call a function with no limit on steps, in any thread: what follows a commit cannot be decided from the start."""
    left, end = _pace.left, _pace.end
    end_turn()
    try:
        return work()
    finally:
        _pace.left, _pace.end = left, end
