"""The keywords that the extension `x-lookalike` adds to schemas and responses, and how their values are read."""

from collections.abc import Mapping
from typing import Any

from lookalike.readings import When

# Swagger 2.0's `collectionFormat`, where an upgraded document has no style for it.
COLLECTION_FORMAT = "x-collection-format"
KEYWORD = "x-lookalike"
WHEN = "x-lookalike-when"
ALSO = "x-lookalike-also"
CLAUSE = "x-lookalike-clause"
SIGNATURE = "x-lookalike-signature"


def word(raw: Any) -> str:
    """A value that must be one word of a vocabulary, as its string: YAML reads 200 as a number."""
    return str(raw)


def when(raw: Mapping[str, Any]) -> When:
    """A condition from `x-lookalike-when`, where one choice need not be in a list."""
    return {reading: frozenset([choices] if isinstance(choices, str) else choices) for reading, choices in raw.items()}


def clauses_of(raw: Mapping[str, Any]) -> tuple[str, ...]:
    """The ids of the clauses that a schema or response states."""
    stated = raw.get(CLAUSE, ())
    return (stated,) if isinstance(stated, str) else tuple(stated)


EXPRESSIONS = (
    "Write $request.path.NAME, $request.query.NAME, $request.header.NAME, $request.cookie.NAME "
    "or $request.body#/POINTER"
)
