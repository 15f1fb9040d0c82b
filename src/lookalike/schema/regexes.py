"""Regular expressions of documents (ECMA-262), matched with a limit on steps.

A pattern without look-around and back-references is matched in linear time. Any other may backtrack, so that a string
of forty characters can take years: after `MAX_STEPS` the search is given up, and the string counts as no match. Of a
value with thousands of strings, each has fewer steps.

Linear time is still the length of the text times the number of states of the pattern's automaton, of which one with
counted repetitions has thousands: `COSTLY` says from where on that is felt.
"""

import re
from collections.abc import Callable, Collection, Iterator
from functools import lru_cache
from typing import Any, NamedTuple

import jsonschema_rs

from lookalike.json_values import children

MAX_STEPS = 10_000
FEW_STEPS = 100
"""The limit for strings that come in thousands, such as names of members."""

COSTLY = 3_000_000
"""The cost of a match (see `cost_of`) from which on it may take some tens of milliseconds."""

UNMATCHED = "does not match "
"""The beginning of the message of an error about a text whose match was costly; the pattern follows."""

_FEW_CHARACTERS = 200  # of a text that is not costly for any pattern
_STATES_PER_CHARACTER = 64
_FEW_STATES = 16  # of a pattern that is not costly for any text of a megabyte
_MOST_STATES = 10**9
_LONGEST_READ = 2_000  # characters of a pattern that are read for its size: those after an open bracket are read again

# The limits on steps by the number of strings in a value, so that all of them take no more than some millions.
_STEPS_BY_STRINGS = ((200, MAX_STEPS), (2_000, 1_000))

# Look-around, atomic groups, conditions, back-references and possessive repetitions: what no linear engine has.
_MAY_BACKTRACK = re.compile(r"\(\?(?:[=!>(]|<[=!]|P[=>])|\\[1-9kKG]|[*+?}]\+").search

# The parts of a pattern that have states, open or close a group, or repeat what is before them.
_PARTS = re.compile(
    r"\\[pPuxk](?:\{[^}]*\}|<[^>]*>)?|\\c?.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?(?:<?[=!:>]|P?<[^>]*>)?"
    r"|\{(?P<least>\d+)(?:,(?P<most>\d*))?\}|.",
    re.DOTALL,
)
_WITHOUT_STATES = frozenset("|^$*+?")


@lru_cache(maxsize=1000)
def size_of(pattern: str) -> int:
    """The number of states of a pattern's automaton, roughly: its characters, as often as they are repeated."""
    groups = [0]
    latest = 0  # states of what a repetition would repeat
    for part in _PARTS.finditer(pattern[:_LONGEST_READ]):
        text = part[0]
        if text[0] == "(":
            groups.append(0)
            continue
        if text == ")":
            latest = groups.pop() if len(groups) > 1 else 0
        elif part["least"] is not None:
            times = max(int(part["most"] or 0), int(part["least"]), 1)
            added, latest = latest * (times - 1), min(latest * times, _MOST_STATES)
            groups[-1] += added
            continue
        else:
            latest = 0 if text in _WITHOUT_STATES else 1
        groups[-1] = min(groups[-1] + latest, _MOST_STATES)
    return min(sum(groups) + len(pattern[_LONGEST_READ:]), _MOST_STATES)


class Effort(NamedTuple):
    """The effort of matching the patterns of a schema against a value.

    Each string takes so many `steps` at most where a pattern backtracks. With `is_apart`, another process makes the
    matches; `has_costly_names` refuses objects whose names take too long to match.
    """

    steps: int = MAX_STEPS
    is_apart: bool = False
    has_costly_names: bool = False


USUAL = Effort()


class Patterns(NamedTuple):
    """The patterns of a schema: whether any may backtrack, and the number of states of the largest."""

    may_backtrack: bool = False
    largest: int = 0

    @property
    def are_harmless(self) -> bool:
        """Whether the usual effort will do for all values."""
        return not self.may_backtrack and self.largest < _FEW_STATES

    def effort_for(self, value: Any) -> Effort:
        """The effort for a value, by the number and length of its strings and names."""
        steps = steps_for(value) if self.may_backtrack else MAX_STEPS
        strings, names = _costs(value, self.largest) if self.largest >= _FEW_STATES else (0, 0)
        if strings + names > COSTLY:
            return Effort(steps, is_apart=True, has_costly_names=names > COSTLY)
        return USUAL if steps == MAX_STEPS else Effort(steps)


def patterns_of(document: Any, mentions: Callable[[str], bool] | None = None) -> Patterns:
    """The patterns of a document, in any object, since any may be a schema.

    `mentions(word)` tells cheaply whether a word may be in the document, which is not searched for it then.
    """
    if mentions is not None and not mentions("pattern"):
        return Patterns()
    found: set[str] = set()
    pending = [document]
    passed: set[int] = set()
    while pending:
        one = pending.pop()
        if id(one) in passed:
            continue
        passed.add(id(one))
        if isinstance(one, dict):
            found.update(regular_expressions(one))
        pending += [inner for inner in children(one) if isinstance(inner, (dict, list))]
    return sizes_of(found)


def sizes_of(expressions: Collection[str]) -> Patterns:
    """Whether any of the regular expressions may backtrack, and the size of the largest."""
    return Patterns(any(map(_MAY_BACKTRACK, expressions)), max(map(size_of, expressions), default=0))


def regular_expressions(schema: dict[str, Any]) -> Iterator[str]:
    """The regular expressions that an object has as a schema (JSON Schema Validation 6.3.3, Core 10.3.2.2)."""
    if isinstance(pattern := schema.get("pattern"), str):
        yield pattern
    if isinstance(named := schema.get("patternProperties"), dict):
        yield from named


def cost_of(length: int, states: int) -> int:
    """The cost of matching a text of so many characters against a pattern with so many states, at worst.

    Each character may look at each state, but only at those that as many characters as there are before it lead to.
    """
    return length * min(states, _STATES_PER_CHARACTER * length)


def _costs(value: Any, states: int) -> tuple[int, int]:
    """The cost of matching all strings of a value against a pattern with so many states, and that of its names."""
    strings = names = 0
    pending = [value]
    while pending:
        one = pending.pop()
        if isinstance(one, str):
            strings += cost_of(len(one), states)
        elif isinstance(one, dict):
            names += sum(cost_of(len(name), states) for name in one)
            pending.extend(one.values())
        elif isinstance(one, list):
            pending.extend(one)
    return strings, names


def steps_for(value: Any) -> int:
    """The limit on steps for each string in a value, by the number of its strings and names."""
    strings, most = 1, _STEPS_BY_STRINGS[-1][0]
    pending = [value] if isinstance(value, (dict, list)) else []
    while pending and strings <= most:
        one = pending.pop()
        strings += len(one) if isinstance(one, dict) else 0
        entries = list(one.values()) if isinstance(one, dict) else one
        types = [*map(type, entries)]
        strings += types.count(str)
        if dict in types or list in types:
            pending += [inner for inner in entries if isinstance(inner, (dict, list))]
    return next((steps for bound, steps in _STEPS_BY_STRINGS if strings <= bound), FEW_STEPS)


def pattern_options(steps: int = MAX_STEPS) -> jsonschema_rs.FancyRegexOptions:
    """The options of a validator that gives a pattern up after so many steps."""
    return jsonschema_rs.FancyRegexOptions(backtrack_limit=steps)


def matches(pattern: str, text: str, steps: int = MAX_STEPS) -> bool:
    """Whether a string matches a regular expression; False if that is invalid, takes too many steps, or is `COSTLY`."""
    if len(text) > _FEW_CHARACTERS and cost_of(len(text), size_of(pattern)) > COSTLY:
        return False
    return _matcher(pattern, steps)(text)


def matches_at_any_cost(pattern: str, text: str) -> bool:
    """The same for a match that may be costly."""
    return _matcher(pattern, MAX_STEPS)(text)


@lru_cache(maxsize=1000)
def _matcher(pattern: str, steps: int) -> Callable[[str], bool]:
    schema = {"pattern": pattern}
    try:
        return jsonschema_rs.Draft202012Validator(schema, pattern_options=pattern_options(steps)).is_valid
    except ValueError:
        return _matches_nothing


def _matches_nothing(text: str) -> bool:
    return False
