"""Moments: values that tell when a request was answered, as texts and as numbers."""

import re
import time
from collections.abc import Iterable
from typing import Any

from lookalike.contract.derivations import TIMES

_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_LONGEST = 3600  # seconds that a calibration may take


def is_moment(value: Any) -> bool:
    """Whether a value is a text with a time, which may be that of a request."""
    return isinstance(value, str) and _DATE.match(value) is not None


def unit_of_time(values: Iterable[Any]) -> str | None:
    """The unit of numbers that are times of this calibration, as derivations name it; None if they are none."""
    numbers, now = [*values], time.time()
    if not all(type(one) is int for one in numbers):
        return None
    units = (unit for unit, of in TIMES.items() if all(of(now - _LONGEST) < one <= of(now + 1) for one in numbers))
    return next(units, None)
