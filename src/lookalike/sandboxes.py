"""Sandboxes: many mocks in one, by name, each with its own state, journal, readings, clock and reset.

A sandbox is made when it is first used, over the initial items that all of them share, and is dropped when it was idle
for too long. Names are no secrets: a client of the mock may use every sandbox. Only a token of the tokens file can
be bound to one.
"""

import re
import time
from collections.abc import Callable, Iterator, Mapping
from threading import Lock
from typing import NamedTuple

from lookalike.durations import duration_text
from lookalike.errors import SandboxError, UsageError
from lookalike.http import Request
from lookalike.journal import DEFAULT_SIZE
from lookalike.service import InitialConfiguration, MockService
from lookalike.snapshots import Snapshot
from lookalike.stores.memory import MemoryStores
from lookalike.stores.opening import Stores

HEADER = "lookalike-sandbox"
DEFAULT = "default"
"""The name of the sandbox of requests that name none."""

_IS_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z").match
_MAX_SHOWN = 80  # characters of a name that is wrong


def check_name(name: str) -> None:
    """Raise `SandboxError` if a text is no name of a sandbox, or of a snapshot in one."""
    if not _IS_NAME(name):
        raise SandboxError(
            400,
            f"{name[:_MAX_SHOWN]!r} is no name of a sandbox or snapshot",
            "Use 1 to 64 letters, digits, dots, hyphens and underscores, the first of them a letter or digit",
        )


class SandboxLimits(NamedTuple):
    """The most named sandboxes, the most bytes of items and of journal in each, and seconds until an idle one goes."""

    number: int = 10_000
    size: int = 16 * 2**20
    ttl: float = 3600.0


DEFAULT_LIMITS = SandboxLimits()


class SandboxStatus(NamedTuple):
    """A sandbox in the list: whether nothing was changed in it, and for how many seconds it has not been used.

    `expires_in` is the number of seconds until it is dropped, None for the default one, which stays.
    """

    name: str
    is_untouched: bool
    idle: float
    expires_in: float | None


class _NamedSandbox:
    """A sandbox with the time of its latest use, and when other processes were told of one."""

    __slots__ = ("marked", "service", "used")

    def __init__(self, service: MockService, used: float) -> None:
        self.service = service
        self.used = self.marked = used


class Sandboxes:
    """The sandboxes of a mock, which itself is the default one; `clock` is in seconds and never set."""

    def __init__(
        self,
        default: MockService,
        limits: SandboxLimits = DEFAULT_LIMITS,
        journal_size: int = DEFAULT_SIZE,
        clock: Callable[[], float] = time.monotonic,
        stores: Stores | None = None,
    ) -> None:
        self.default = default
        self._limits = limits
        self._journal_size = min(journal_size, limits.size)
        self._clock = clock
        self._stores = stores or MemoryStores(limits.size)
        self._lock = Lock()
        self._named: dict[str, _NamedSandbox] = {}
        self._adopt(clock())

    def get(self, name: str) -> MockService:
        """The sandbox of a name, made if there is none; raises `SandboxError`."""
        now = self._clock()
        named = self._named.get(name)
        if named is None or named.used + self._limits.ttl <= now:
            return self.default if name == DEFAULT else self._make(name, now)
        named.used = now
        if now - named.marked > self._limits.ttl / 4:  # seldom, since it is a write where the state is in a database
            named.marked = now
            named.service.mark_used()
        return named.service

    def of(self, request: Request) -> MockService:
        """The sandbox that a request names by its header, or its token is bound to; raises `SandboxError`."""
        name = request.headers.get(HEADER)
        sandbox_of = self.default.model.sandbox_of
        bound = None if sandbox_of is None else sandbox_of(request, self.default.choose)
        if bound is not None and name not in (bound, None):
            raise SandboxError(403, "the credentials are bound to another sandbox than the one that is named")
        return self.get(name or bound or DEFAULT)

    @property
    def is_shared(self) -> bool:
        """Whether other processes may use them too."""
        return self._stores.is_shared

    def __contains__(self, name: object) -> bool:
        return any(status.name == name for status in self.listed())

    def __iter__(self) -> Iterator[MockService]:
        return iter(self.by_name().values())

    def by_name(self) -> dict[str, MockService]:
        """All sandboxes by name."""
        with self._lock:
            return {DEFAULT: self.default, **{name: named.service for name, named in self._named.items()}}

    def listed(self) -> list[SandboxStatus]:
        """All sandboxes, also those that another process made in the same store."""
        now = self._clock()
        with self._lock:
            self._adopt(now)
            self._drop_idle(now)
            named = list(self._named.items())
        return [
            SandboxStatus(DEFAULT, self.default.is_untouched, 0.0, None),
            *(
                SandboxStatus(name, one.service.is_untouched, now - one.used, one.used + self._limits.ttl - now)
                for name, one in named
            ),
        ]

    def delete(self, name: str) -> bool:
        """Delete a sandbox; False if there is none. Raises `SandboxError` for the default one."""
        if name == DEFAULT:
            raise SandboxError(409, "the default sandbox cannot be deleted", "Reset it instead")
        with self._lock:
            self._adopt(self._clock())
            self._drop_idle(self._clock())
            named = self._named.pop(name, None)
        if named is not None:
            named.service.drop()
        return named is not None

    def follow(self, after: InitialConfiguration) -> None:
        """Serve all sandboxes by another configuration, and keep their state.

        Raises `UsageError` if the items of one do not fit; nothing is changed then. A named one that was never
        changed starts again, so that all of those share the new initial items.
        """
        with self._lock:
            touched = {name: one.service for name, one in self._named.items() if not one.service.is_untouched}
            for name, service in touched.items():
                try:
                    service.check(after)
                except UsageError as error:
                    raise UsageError(f"sandbox {name}: {error}") from None
            self.default.follow(after)
            for name, named in self._named.items():
                if name in touched:
                    named.service.follow(after)
                else:
                    named.service.restart(after)

    def saved(self) -> dict[str, Snapshot]:
        """The state of each sandbox that is not as it started, by name."""
        services = self.by_name()
        snapshots = {name: service.snapshot() for name, service in services.items()}
        return {
            name: snapshot
            for name, snapshot in snapshots.items()
            if not services[name].is_untouched or snapshot != Snapshot(snapshot.items, snapshot.numbers)
        }

    def restore(self, snapshots: Mapping[str, Snapshot], name: str) -> None:
        """Bring sandboxes back as they were saved in a file of a name; raises `UsageError` if one does not fit."""
        for sandbox, snapshot in snapshots.items():
            self.get(sandbox).restore(snapshot, f"{name} (#/{sandbox})")

    def _make(self, name: str, now: float) -> MockService:
        check_name(name)
        with self._lock:
            self._drop_idle(now)
            found = self._named.get(name)  # another thread may have been here first
            if found is not None:
                return found.service
            number = max(len(self._named), self._stores.count())
            if number >= self._limits.number:
                raise SandboxError(
                    503,
                    f"there are {number} sandboxes, and no more may be made",
                    f"DELETE /__lookalike/sandboxes/NAME deletes one, --max-sandboxes sets the limit, "
                    f"and each goes when it was idle for {duration_text(self._limits.ttl)} (--sandbox-ttl)",
                )
            service = self._branch(name)
            service.mark_used()
            self._named[name] = _NamedSandbox(service, now)
            return service

    def _adopt(self, now: float) -> None:
        """Know the sandboxes that are in the store, from an earlier run or another process, and no others."""
        names = [name for name in self._stores.names() if name != DEFAULT]
        if self._stores.is_shared:
            kept = set(names)
            self._named = {name: named for name, named in self._named.items() if name in kept}
        for name in names:
            if name not in self._named:
                self._named[name] = _NamedSandbox(self._branch(name), now)

    def _branch(self, name: str) -> MockService:
        return self.default.branch(name, self._stores.open(name), self._journal_size)

    def _drop_idle(self, now: float) -> None:
        """Drop the sandboxes that were idle for too long."""
        idle = [name for name, named in self._named.items() if named.used + self._limits.ttl <= now]
        for name in idle:
            if self._named[name].service.drop_idle(self._limits.ttl):
                del self._named[name]
            else:
                self._named[name].used = now
