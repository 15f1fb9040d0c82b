"""The work that generating values may take: the one bound of everything that is made of a schema.

It is counted in steps rather than in seconds, so that a schema has the same value on a slow machine. A step is a
proposal, some characters of a pattern, or some entries of a value that is checked: about 30 microseconds each.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from lookalike.pacing import spend

MOST_STEPS = 4_000
"""The steps of one search. Of the bodies of 80 documents of real APIs, all but two take at most 3,000."""

LARGEST: Mapping[str, int] = {
    "minLength": 100_000,
    "minItems": 3_000,
    "minContains": 3_000,
    "minProperties": 3_000,
}
"""The highest value of each keyword for which values are generated."""

_LATER_STEPS = 500  # of a search that is made because another one failed
_FEWEST_STEPS = 100  # of a search in a document that used up its budget
_USUAL_STEPS = 150  # of a search, in documents of real APIs
_SHARED_STEPS = 40_000
_MOST_REMEMBERED = 20_000
_PARTS_PER_STEP = 30
_CHARACTERS_PER_VALUE = 100
_VALUES_PER_STEP = 20
_SCHEMAS_PER_STEP = 4


class Exhausted(Exception):
    """No value was found; `why` says so where a bound was met, and `schema` is the one that asks for too much."""

    def __init__(self, why: str = "", schema: Mapping[str, Any] | None = None) -> None:
        super().__init__(why)
        self.why = why
        self.schema = schema


class OversizedKeyword(NamedTuple):
    """A keyword of a schema whose value is over the bound."""

    schema: Mapping[str, Any]
    keyword: str

    def __str__(self) -> str:
        return f"{self.keyword} is above {LARGEST[self.keyword]:,}, the most that is generated"


class Work:
    """The work of one search; raises `Exhausted` if it is over its `limit`."""

    __slots__ = ("_parts", "demand", "limit", "steps")

    def __init__(self, limit: int = MOST_STEPS) -> None:
        self.limit = limit
        self.steps = 0
        self.demand: OversizedKeyword | None = None
        self._parts = 0

    def spend(self, steps: int = 1) -> None:
        """Count steps."""
        spend(steps)
        self.steps += steps
        if self.steps > self.limit:
            raise Exhausted("finding one takes too many steps")

    def spend_on_parts(self, number: int = 1) -> None:
        """Count parts of a step, such as a character that is made of a pattern, or a look at a schema."""
        self._parts += number
        if self._parts >= _PARTS_PER_STEP:
            whole, self._parts = divmod(self._parts, _PARTS_PER_STEP)
            self.spend(whole)

    def spend_on(self, value: Any, schemas: int) -> None:
        """Count a proposal that is to be checked by so many schemas, by its size."""
        size = _size(value, (self.limit - self.steps) * _VALUES_PER_STEP)
        self.spend(1 + size // _VALUES_PER_STEP + schemas // _SCHEMAS_PER_STEP)

    def refuse(self, schemas: tuple[Any, ...], keyword: str) -> None:
        """Note that schemas ask for more than is generated, unless others did before."""
        if self.demand is None:
            schema = max((one for one in schemas if keyword in one), key=lambda one: one[keyword])
            self.demand = OversizedKeyword(schema, keyword)


def _size(value: Any, most: int) -> int:
    """The number of values in a value, and of hundreds of characters in it; counted no further than needed."""
    if isinstance(value, str):
        return len(value) // _CHARACTERS_PER_VALUE
    size, pending = 0, [value] if isinstance(value, dict | list) else []
    while pending and size <= most:
        one = pending.pop()
        size += len(one)
        entries = one.values() if isinstance(one, dict) else one
        for entry in entries:
            if isinstance(entry, dict | list):
                pending.append(entry)
            elif isinstance(entry, str):
                size += len(entry) // _CHARACTERS_PER_VALUE
    return size


class StepBudget:
    """The steps that all searches of one document share, so that many schemas cost no more than real ones do.

    Each search adds those that it takes usually. A document whose schemas take more, again and again, has fewer for the
    next ones in the end.
    """

    def __init__(self) -> None:
        self._left = _SHARED_STEPS
        # By identity, since schemas have no hash; each is kept too, so that its id is not used again.
        self._searched: dict[int, tuple[Any, Exhausted | None]] = {}

    def search(self) -> Work:
        """The work of a first search."""
        return Work(max(_FEWEST_STEPS, min(MOST_STEPS, self._left)))

    def later_search(self) -> Work:
        """The work of a search that is made because another one failed."""
        return Work(max(_FEWEST_STEPS, min(_LATER_STEPS, self._left)))

    def failure(self, schema: Any) -> Exhausted | None:
        """The reason why an earlier search found nothing that fits a schema."""
        return self._searched.get(id(schema), (None, None))[1]

    def pay(self, schema: Any, steps: int, failure: Exhausted | None) -> None:
        """Take off the steps of a search that failed, or is the first one for a schema.

        Values of the same schema are paid for once: a thousand of them are made because so many were asked for.
        """
        if failure is not None or id(schema) not in self._searched:
            self._left = min(_SHARED_STEPS, self._left + _USUAL_STEPS - steps)

    def settle(self, schema: Any, failure: Exhausted | None) -> None:
        """Remember a schema that was searched for, and whether nothing fits it."""
        if len(self._searched) >= _MOST_REMEMBERED:
            self._searched.clear()
        self._searched[id(schema)] = schema, failure
