"""Escaping of characters in a report that control a terminal, or that a format cannot hold.

Many strings of a report come from the server under test, which may have chosen them to do harm.
"""

import dataclasses
import re
from enum import Enum
from typing import Any

from lookalike.verify.results import Report

# Control characters (they move a terminal's cursor, and XML 1.0 section 2.2 cannot hold them), lone surrogates (UTF-8
# cannot), the two noncharacters that XML cannot, and overrides of direction, which make a line read as another.
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


def legible(report: Report) -> Report:
    """The report with such characters as backslash escapes; tabs and line breaks are kept."""
    clean: Report = _legible(report)
    return clean


def _legible(value: Any) -> Any:
    if isinstance(value, str) and not isinstance(value, Enum):
        return _UNSAFE.sub(_escaped, value)
    if isinstance(value, tuple):
        return tuple(map(_legible, value))
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        parts = {field.name: _legible(getattr(value, field.name)) for field in dataclasses.fields(value)}
        return dataclasses.replace(value, **parts)
    return value


def _escaped(match: re.Match[str]) -> str:
    return match[0].encode("unicode_escape").decode()
