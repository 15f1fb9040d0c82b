"""Regular expressions of documents (ECMA-262), matched with a limit on steps.

A pattern without look-around and back-references is matched in linear time. Any other may backtrack, so that a string
of forty characters can take years: after `MAX_STEPS` the search is given up, and the string counts as no match.
"""

from collections.abc import Callable
from functools import lru_cache

import jsonschema_rs

MAX_STEPS = 10_000
PATTERN_OPTIONS = jsonschema_rs.FancyRegexOptions(backtrack_limit=MAX_STEPS)


def matches(pattern: str, text: str) -> bool:
    """Whether a string matches a regular expression; False if the expression is invalid, or takes too many steps."""
    return _matcher(pattern)(text)


@lru_cache(maxsize=1000)
def _matcher(pattern: str) -> Callable[[str], bool]:
    schema = {"pattern": pattern}
    try:
        return jsonschema_rs.Draft202012Validator(schema, pattern_options=PATTERN_OPTIONS).is_valid
    except ValueError:
        return _matches_nothing


def _matches_nothing(text: str) -> bool:
    return False
