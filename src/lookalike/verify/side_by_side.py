"""Parallel calls, each in a thread, whose events and results come back to the thread that waits for them."""

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from queue import Empty, SimpleQueue
from threading import Thread, current_thread
from typing import Generic, NamedTuple, TypeVar

from lookalike.errors import LookalikeError
from lookalike.verify.events import Event, Listener, ignore
from lookalike.verify.interruption import LONGEST_WAIT, Interruption

T = TypeVar("T")


class CompletedCall(NamedTuple, Generic[T]):
    """The end of a call, by its number: its result, or the error that it raised."""

    number: int
    result: T | None = None
    error: BaseException | None = None


class SideBySide:
    """Runs calls, at most `most` of them at the same time; with 1, in the thread of the caller.

    `emit` may be called from any of them. Listeners are called in the thread that waits, one event after the other, so
    that they need not be prepared for threads.
    """

    def __init__(self, most: int, listen: Listener, interruption: Interruption | None = None) -> None:
        self._most = most
        self._listen = listen
        self._interruption = interruption or Interruption()
        self._main = current_thread()
        self._pass_on: Callable[[Event], None] = listen
        self._running: list[Thread] = []
        self._is_over = False

    def emit(self, event: Event) -> None:
        """Pass an event on to the listener."""
        if current_thread() is self._main:
            self._listen(event)
        else:
            self._pass_on(event)

    def results(
        self, calls: Sequence[Callable[[], T | None]], is_enough: Callable[[T], bool]
    ) -> tuple[list[T | None], BaseException | None]:
        """The results in the order of the calls, and the first error.

        After an error, or a result that is enough, no further call begins. The results of calls that failed, or never
        began, are None.
        """
        ended = self._one_by_one(calls) if self._most == 1 or len(calls) == 1 else self._in_threads(calls)
        results: list[T | None] = [None] * len(calls)
        errors: dict[int, BaseException] = {}
        for one in ended:
            if one.error is not None:
                errors[one.number] = one.error
            results[one.number] = one.result
            self._is_over = self._is_over or one.error is not None or (one.result is not None and is_enough(one.result))
        self._is_over = False
        return results, errors[min(errors)] if errors else None

    def stop(self, seconds: float) -> None:
        """Begin no further call, and wait so many seconds for those that are running."""
        self._is_over = True
        end = time.monotonic() + seconds
        for thread in self._running:
            thread.join(max(end - time.monotonic(), 0.0))

    def _one_by_one(self, calls: Sequence[Callable[[], T | None]]) -> Iterator[CompletedCall[T]]:
        for number, call in enumerate(calls):
            if not self._is_over:
                yield self._ended(number, call)

    def _in_threads(self, calls: Sequence[Callable[[], T | None]]) -> Iterator[CompletedCall[T]]:
        messages: SimpleQueue[Event | CompletedCall[T]] = SimpleQueue()
        self._pass_on = messages.put
        waiting, running = deque(enumerate(calls)), 0
        while running or (waiting and not self._is_over):
            while waiting and running < self._most and not self._is_over:
                self._start(messages, *waiting.popleft())
                running += 1
            message = self._next_of(messages)
            if isinstance(message, CompletedCall):
                running -= 1
                yield message
            else:
                self._listen(message)

    def _next_of(self, messages: "SimpleQueue[T]") -> T:
        """The next message; raises `KeyboardInterrupt` if a signal came meanwhile."""
        while True:
            self._interruption.check()
            try:
                return messages.get(timeout=LONGEST_WAIT)
            except Empty:
                continue

    def _start(
        self, messages: "SimpleQueue[Event | CompletedCall[T]]", number: int, call: Callable[[], T | None]
    ) -> None:
        def run() -> None:
            try:
                messages.put(self._ended(number, call))
            except BaseException as error:  # noqa: BLE001  # a defect of ours, which is raised where one waits for it
                messages.put(CompletedCall(number, error=error))

        # A daemon: an answer that never comes must not keep the process from ending.
        thread = Thread(target=run, daemon=True)
        self._running = [one for one in self._running if one.is_alive()] + [thread]
        thread.start()

    def _ended(self, number: int, call: Callable[[], T | None]) -> CompletedCall[T]:
        try:
            return CompletedCall(number, call())
        except LookalikeError as error:
            return CompletedCall(number, error=error)


def side_by_side(calls: Sequence[Callable[[], T]], most: int) -> list[T]:
    """The results of calls, at most `most` of them at the same time; raises the first error, once all have ended."""
    found: list[T] = []
    results, error = SideBySide(most, ignore).results([partial(_listed, call) for call in calls], _never)
    if error is not None:
        raise error
    for one in results:
        found += one or []
    return found


def _listed(call: Callable[[], T]) -> list[T]:
    """The result in a list, so that a call may return None."""
    return [call()]


def _never(result: object) -> bool:
    """Whether a result ends the calls: none does."""
    return False
