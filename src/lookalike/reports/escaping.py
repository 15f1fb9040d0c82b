"""Escaping of characters in a report that control a terminal, or that a format cannot hold.

Many strings of a report come from the server under test, which may have chosen them to do harm.
"""

import dataclasses
from enum import Enum
from typing import Any

from lookalike.reports.characters import legible_text
from lookalike.verify.results import Report


def legible(report: Report) -> Report:
    """The report with such characters as backslash escapes; tabs and line breaks are kept."""
    clean: Report = _legible(report)
    return clean


def _legible(value: Any) -> Any:
    if isinstance(value, str) and not isinstance(value, Enum):
        return legible_text(value)
    if isinstance(value, tuple):
        return tuple(map(_legible, value))
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        parts = {field.name: _legible(getattr(value, field.name)) for field in dataclasses.fields(value)}
        return dataclasses.replace(value, **parts)
    return value
