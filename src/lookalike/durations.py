"""Durations as users write them: a number and its unit, like 500ms, 2s, 15m, 1h or 7d."""

import re

_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_DURATION = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|[smhd])")


def duration_text(seconds: float) -> str:
    """A duration as users write it, in the largest unit of which it is a whole number."""
    units = (unit for unit in reversed(_SECONDS) if seconds >= _SECONDS[unit] and seconds % _SECONDS[unit] == 0)
    unit = next(units, "s")
    return f"{seconds / _SECONDS[unit]:g}{unit}"


def seconds_of(text: str) -> float | None:
    """The duration in seconds; None if the text is no duration."""
    match = _DURATION.fullmatch(text)
    return float(match[1]) * _SECONDS[match[2]] if match else None
