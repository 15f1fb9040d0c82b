"""Regular expressions of documents (ECMA-262), matched with a limit on steps.

A pattern without look-around and back-references is matched in linear time. Any other may backtrack, so that a string
of forty characters can take years: after `MAX_STEPS` the search is given up, and the string counts as no match. Of a
value with thousands of strings, each has fewer steps.
"""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import jsonschema_rs

from lookalike.json_values import children

MAX_STEPS = 10_000
FEW_STEPS = 100
"""The limit for strings that come in thousands, such as names of members."""

# The limits on steps by the number of strings in a value, so that all of them take no more than some millions.
_STEPS_BY_STRINGS = ((200, MAX_STEPS), (2_000, 1_000))

# Look-around, atomic groups, conditions, back-references and possessive repetitions: what no linear engine has.
_MAY_BACKTRACK = re.compile(r"\(\?(?:[=!>(]|<[=!]|P[=>])|\\[1-9kKG]|[*+?}]\+").search
# The texts that a document with one has, or with an escape that may stand for it.
_SIGNS = ("(?=", "(?!", "(?>", "(?(", "(?<", "(?P", *(f"\\{one}" for one in "123456789kKGux"), "*+", "++", "?+", "}+")


def may_backtrack(document: Any, mentions: Callable[[str], bool] | None = None) -> bool:
    """Whether a document has a pattern that is not matched in linear time, in any object, since any may be a schema.

    `mentions(word)` tells cheaply whether a word may be in the document, which is not searched for it then.
    """
    if mentions is not None and not any(map(mentions, _SIGNS)):
        return False
    pending = [document]
    passed: set[int] = set()
    while pending:
        one = pending.pop()
        if id(one) in passed:
            continue
        passed.add(id(one))
        if isinstance(one, dict) and any(map(_MAY_BACKTRACK, _patterns_of(one))):
            return True
        pending += [inner for inner in children(one) if isinstance(inner, (dict, list))]
    return False


def _patterns_of(schema: dict[str, Any]) -> Iterator[str]:
    """The regular expressions that an object has as a schema (JSON Schema Validation 6.3.3, Core 10.3.2.2)."""
    if isinstance(pattern := schema.get("pattern"), str):
        yield pattern
    if isinstance(named := schema.get("patternProperties"), dict):
        yield from named


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
    """Whether a string matches a regular expression; False if the expression is invalid, or takes too many steps."""
    return _matcher(pattern, steps)(text)


@lru_cache(maxsize=1000)
def _matcher(pattern: str, steps: int) -> Callable[[str], bool]:
    schema = {"pattern": pattern}
    try:
        return jsonschema_rs.Draft202012Validator(schema, pattern_options=pattern_options(steps)).is_valid
    except ValueError:
        return _matches_nothing


def _matches_nothing(text: str) -> bool:
    return False
