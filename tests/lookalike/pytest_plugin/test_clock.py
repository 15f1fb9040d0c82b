"""The clock of a sandbox, as tests use it."""

from datetime import UTC, datetime, timedelta

from lookalike.pytest_plugin.clock import SandboxClock
from tests.support.in_process import mock


def test_a_clock_is_set_moved_stopped_and_reset() -> None:
    clock = SandboxClock(mock())
    before = clock.now
    clock.set("2030-01-01T00:00:00Z")
    assert timedelta() <= clock.now - datetime(2030, 1, 1, tzinfo=UTC) < timedelta(minutes=5)
    clock.stop()
    clock.set(datetime(2030, 1, 1))  # noqa: DTZ001  # a time without a zone is one in UTC
    clock.move(timedelta(days=1))
    clock.move(0.5)
    assert clock.now == clock.now == datetime(2030, 1, 2, 0, 0, 0, 500_000, tzinfo=UTC)
    clock.go_on()
    assert clock.now > datetime(2030, 1, 2, tzinfo=UTC)
    clock.reset()
    assert timedelta() <= clock.now - before < timedelta(hours=1)
