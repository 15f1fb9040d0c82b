"""Equality of JSON values that a server shows: sets in any order, numbers as doubles, which lose digits."""

import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from lookalike.json_values import is_number


def same_field(kind: str, expected: Any, seen: Any) -> bool:
    """Whether a field has the expected value; neither the order of a set nor 1 against 1.0 makes a difference."""
    if repr(expected) == repr(seen):  # the usual case, and a fast check
        return True
    if kind == "set" and isinstance(expected, list) and isinstance(seen, list):
        rest = list(seen)
        for value in expected:
            place = next((place for place, other in enumerate(rest) if same_value(value, other)), None)
            if place is None:
                return False
            del rest[place]
        return not rest
    return same_value(expected, seen, rounded=kind == "object")


def same_value(expected: Any, seen: Any, rounded: bool = False) -> bool:
    """Whether two JSON values are equal; where `rounded`, numbers are compared as doubles.

    A double may come in as few digits as tell it from others: JavaScript writes 99999999999999991611392 as 1e+23.
    """
    if isinstance(expected, Mapping) and isinstance(seen, Mapping):
        names = expected.keys() == seen.keys()
        return names and all(same_value(value, seen[name], rounded) for name, value in expected.items())
    if isinstance(expected, list) and isinstance(seen, list):
        pairs = zip(expected, seen, strict=False)
        return len(expected) == len(seen) and all(same_value(one, other, rounded) for one, other in pairs)
    if is_number(expected) and is_number(seen):
        return expected == seen or _in_fewer_digits(expected) == seen or (rounded and _equal_as_doubles(expected, seen))
    return type(expected) is type(seen) and bool(expected == seen)


def _in_fewer_digits(number: float) -> float:
    """A double as the shortest decimal that rounds to it; any other number as it is."""
    double = _as_double(number)
    return int(Decimal(repr(double))) if math.isfinite(double) and double == number and double % 1 == 0 else number


def _equal_as_doubles(one: float, other: float) -> bool:
    return _as_double(one) == _as_double(other)


def _as_double(number: float) -> float:
    try:
        return float(number)
    except OverflowError:
        return math.inf
