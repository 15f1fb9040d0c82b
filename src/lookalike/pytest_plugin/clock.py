"""The clock of a sandbox, for tests."""

import time
from datetime import UTC, datetime, timedelta

from lookalike.service import MockService
from lookalike.snapshots import MockClock


class SandboxClock:
    """The time that a mock goes by, which is the real one until a test sets, moves or stops it."""

    def __init__(self, service: MockService) -> None:
        self._service = service

    @property
    def now(self) -> datetime:
        """The time that the clock shows."""
        return datetime.fromtimestamp(self._clock.time(time.time()), UTC)

    def set(self, moment: datetime | str) -> None:
        """Show a time, such as `2030-01-01T00:00:00Z`; one without a zone is in UTC. Raises `ValueError`."""
        wanted = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
        self._show((wanted if wanted.tzinfo else wanted.replace(tzinfo=UTC)).timestamp())

    def move(self, by: timedelta | float) -> None:
        """Show a time that is so much later, in seconds where it is a number."""
        seconds = by.total_seconds() if isinstance(by, timedelta) else by
        self._show(self._clock.time(time.time()) + seconds)

    def stop(self) -> None:
        """Stand still at the present time."""
        real, shown = time.time(), self._clock.time(time.time())
        self._service.clock = MockClock(shown - real, shown)

    def go_on(self) -> None:
        """Run again from the time that is shown."""
        self._service.clock = MockClock(self._clock.time(time.time()) - time.time())

    def reset(self) -> None:
        """Show the real time."""
        self._service.clock = None

    @property
    def _clock(self) -> MockClock:
        return self._service.clock or MockClock()

    def _show(self, shown: float) -> None:
        is_stopped = self._clock.stopped_at is not None
        self._service.clock = MockClock(shown - time.time(), shown if is_stopped else None)
