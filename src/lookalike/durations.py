"""Durations as users write them: a number and its unit, as 500ms, 2s, 15m, 1h or 7d."""

import re

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_DURATION = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|[smhd])")


def seconds_of(text: str) -> float | None:
    """The duration in seconds; None for what is not one."""
    match = _DURATION.fullmatch(text)
    return float(match[1]) * _UNITS[match[2]] if match else None
