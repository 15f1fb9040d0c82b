"""Grounds: why a fact about an operation or a resource is believed.

The mock uses every fact. `verify` accuses a server by facts that are stated or shown; of a guess it says that nothing
is known.
"""

from collections.abc import Mapping
from enum import StrEnum


class Ground(StrEnum):
    """The ground of a fact: the document states it, its paths, schemas or examples show it, or names suggest it."""

    STATED = "stated"
    SHOWN = "shown"
    GUESSED = "guessed"


Grounds = Mapping[str, Ground]
"""The ground of each inferred fact by its name, such as `effect`, `key` or `where.status`."""

NO_GROUNDS: Grounds = {}

# The names of facts about operations. Those about query parameters are `where.MEMBER` and `page.KEYWORD`.
EFFECT = "effect"
UNKNOWN_PARENT = "unknown-parent"
TOTAL = "total"
CASCADE = "cascade"
UNIQUE = "unique"
REFERENCES = "references"
SORTED_AS_TOLD = "sort.told"
ORDERED_BY_AGE = "order.age"
TAKEN = "taken"
GUARD = "guard"
# The names of facts about resources.
KEY = "key"
SCHEMA = "schema"
EXAMPLES = "examples"
PARENT = "parent"


def ground_of(grounds: Grounds, fact: str) -> Ground:
    """The ground of a fact; a fact that was not inferred is stated by the document."""
    return grounds.get(fact, Ground.STATED)


def is_guessed(grounds: Grounds, *facts: str) -> bool:
    """Whether any of some facts is a guess."""
    return any(ground_of(grounds, fact) is Ground.GUESSED for fact in facts)
