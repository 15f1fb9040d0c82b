"""Liveness: a check that the server still works, before its failures are counted."""

import time

from lookalike.verify.environment import StatedOperation
from lookalike.verify.execution.findings import Worlds
from lookalike.verify.execution.progress import Progress
from lookalike.verify.oracle.session import FailureStreak
from lookalike.verify.safety.reset import return_to_start
from lookalike.verify.server.client import NoResponse, Unreachable

_ATTEMPTS = 3
# After so many failures in a row, the run checks that the server still works before it counts them as responses.
_LONGEST_STREAK = 10


class Liveness:
    """Checks in a run that the server still works."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._before_streak = progress.state

    def fresh(self, stated: StatedOperation) -> Worlds:
        """Bring a working server to the start of a story; returns the worlds then. Choices learned so far stay."""
        self.check_after(stated, _LONGEST_STREAK)
        if not stated.session.streak.length:
            self._before_streak = self._progress.state.copy()
        return_to_start(stated)
        return stated.session.worlds

    def check_after(self, stated: StatedOperation, length: int) -> None:
        """After so many failures in a row, check that the server still works.

        Raises `Unreachable` if it does not; the results since the first of these failures are then dropped.
        """
        streak = stated.session.streak
        if streak.length < length:
            return
        if any(_answers(stated, attempt) for attempt in range(_ATTEMPTS)):
            stated.session.streak = FailureStreak()
            return
        self._progress.state = self._before_streak
        since = time.strftime("%H:%M:%S", time.gmtime(streak.since))
        raise Unreachable(
            f"{stated.client.url} does not work any more: since {since} UTC {streak.length} requests failed in a "
            f"row (the last: {streak.last}), and so did a plain request that had succeeded at first"
        )

    def check_by_read(self) -> None:
        """Raise `Unreachable` if a read that succeeded before is now answered with a 5xx."""
        plain, client = self._progress.plain, self._progress.environment.client
        if plain is None:
            return
        response = client.send(plain)
        if response.status >= 500:
            raise Unreachable(
                f"{client.url} does not work any more: {plain.method} {plain.path} "
                f"succeeded at first, and is answered with {response.status} now"
            )


def _answers(stated: StatedOperation, attempt: int) -> bool:
    """Whether the server answers a plain request, as in the preflight, each time with another value."""
    compose = stated.compose
    try:
        return_to_start(stated)
        request = compose.request(compose.first, compose.base(value=f"lookalike {attempt}"))
        return stated.session.step(request).response.status < 500
    except NoResponse:
        return False
