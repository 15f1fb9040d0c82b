"""The keywords that `x-lookalike` adds to schemas and answers, and how their values are read."""

from collections.abc import Mapping
from typing import Any

from lookalike.readings import When

KEYWORD = "x-lookalike"
WHEN = "x-lookalike-when"
ALSO = "x-lookalike-also"
CLAUSE = "x-lookalike-clause"


def word(raw: Any) -> str:
    """A word of a vocabulary."""
    return str(raw)


def when(raw: Mapping[str, Any]) -> When:
    """The choices under which a rule or step holds."""
    return {reading: frozenset([choices] if isinstance(choices, str) else choices) for reading, choices in raw.items()}


def clauses_of(raw: Mapping[str, Any]) -> tuple[str, ...]:
    """The clauses that a schema or answer states."""
    stated = raw.get(CLAUSE, ())
    return (stated,) if isinstance(stated, str) else tuple(stated)


EXPRESSIONS = (
    "Write $request.path.NAME, $request.query.NAME, $request.header.NAME, $request.cookie.NAME "
    "or $request.body#/POINTER"
)
