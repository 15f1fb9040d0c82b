"""Named profiles of faults, for `--chaos`: rules as a file would have them."""

from collections.abc import Mapping
from typing import Any

PROFILES: Mapping[str, Mapping[str, Any]] = {
    # A service that restarts: one request in ten meets an error, and as many again meet a connection that is lost,
    # half of them after the server has done what it was asked.
    "flaky": {
        "flaky-errors": {"rate": 0.1, "status": 503, "retry_after": 1},
        "flaky-requests": {"rate": 0.05, "reset": True},
        "flaky-answers": {"rate": 0.05, "reset": True, "at": "after-commit"},
    },
    # A mobile network: most responses come within a second, one in twenty takes more than two.
    "slow": {"slow": {"latency": {"lognormal": {"median": "800ms", "sigma": 0.6}}}},
    "offline": {"offline": {"reset": True}},
}
