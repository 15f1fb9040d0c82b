"""Proxied exchanges: those that went through the proxy, and the order in which listeners get them."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import NamedTuple, TypeVar

from lookalike.http import SAFE, ObservedExchange, Request, Response

T = TypeVar("T")

_LONGEST_WRITE = 30.0  # seconds that the exchanges after a request that may change something wait for its end
_MOST_WAITING = 10_000


class ProxiedExchange(NamedTuple):
    """An exchange that went through: `size` is that of the response body in bytes, which may be kept in part only.

    One that `is_mocked` was answered by the mock, since the server does not have the operation. `failure` says
    why there is no response of the server, or no whole one.
    """

    exchange: ObservedExchange
    size: int = 0
    is_mocked: bool = False
    failure: str = ""


class ExchangeEnd(NamedTuple):
    """The end of an exchange; the members are those of the proxied exchange."""

    response: Response | None = None
    missing: frozenset[str] = frozenset()
    size: int = 0
    is_mocked: bool = False
    failure: str = ""


class Listeners(NamedTuple):
    """The functions that are called with exchanges, one at a time, and when the effect of a change is not known."""

    exchange: Callable[[ProxiedExchange], object]
    doubt: Callable[[], object]


@dataclass
class _Begun:
    """A request that is on its way, its parts that are not kept, since when, and whether it may change something."""

    request: Request
    missing: frozenset[str]
    since: float
    is_write: bool
    is_overdue: bool = False


@dataclass
class ExchangeOrder:
    """Tells of exchanges in the order in which they began, as far as that matters to a judge.

    A read may show the effect of a change that began before it and ends after it, so it waits for the end of
    that change, though not for ever: after half a minute, listeners learn that its effect is not known. Threads may
    share an order.
    """

    listeners: Listeners
    origin: str
    clock: Callable[[], float] = time.monotonic
    _lock: Lock = field(default_factory=Lock)
    _number: int = 0
    _begun: dict[int, _Begun] = field(default_factory=dict)
    _waiting: dict[int, tuple[ProxiedExchange, _Begun]] = field(default_factory=dict)

    def begin(self, request: Request, missing: frozenset[str] = frozenset()) -> int:
        """The number of a request that is about to be sent; `missing` names its parts that are not kept."""
        with self._lock:
            self._number += 1
            self._begun[self._number] = _Begun(request, missing, self.clock(), request.method not in SAFE)
            return self._number

    def end(self, number: int, ending: ExchangeEnd) -> None:
        """Note the end of an exchange."""
        with self._lock:
            begun = self._begun.pop(number)
            seconds = self.clock() - begun.since
            missing = begun.missing | ending.missing
            exchange = ObservedExchange(number, self.origin, begun.request, ending.response, seconds, missing)
            self._waiting[number] = (ProxiedExchange(exchange, ending.size, ending.is_mocked, ending.failure), begun)
            self._tell()

    def between(self, look: Callable[[], T]) -> T:
        """The result of a function that is called while no listener is."""
        with self._lock:
            return look()

    def close(self) -> int:
        """Tell of all that waits; the number of exchanges that have not ended."""
        with self._lock:
            for begun in self._begun.values():
                begun.is_overdue = True
            if any(begun.is_write for begun in self._begun.values()):
                self.listeners.doubt()
            self._tell()
            return len(self._begun)

    def _tell(self) -> None:
        """Tell of the exchanges that wait for no change any more."""
        for begun in self._begun.values():
            is_late = self.clock() - begun.since > _LONGEST_WRITE or len(self._waiting) > _MOST_WAITING
            if begun.is_write and not begun.is_overdue and self._waiting and is_late:
                begun.is_overdue = True
                self.listeners.doubt()
        open_writes = (number for number, one in self._begun.items() if one.is_write and not one.is_overdue)
        first = min(open_writes, default=self._number + 1)
        for number in sorted(self._waiting):
            if number > first:
                break
            proxied, begun = self._waiting.pop(number)
            self.listeners.exchange(proxied)
            if begun.is_overdue:
                self.listeners.doubt()
