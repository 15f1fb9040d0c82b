"""The states that a member can have, where its schema or its description lists them.

Many documents list the states of a thing in prose: "One of `pending`, `approved` or `canceled`", in capital letters, or
as plain words and nothing else.
"""

import re
from collections.abc import Sequence

from lookalike.naming.members import is_state
from lookalike.schema.view import SchemaView

_IN_CODE = re.compile(r"`([A-Za-z][\w-]*)`")
_IN_CAPITALS = re.compile(r"\b[A-Z][A-Z_]{3,}\b")
_PLAIN_LIST = re.compile(
    r"(?:[^,:]*(?::|\bone of|\bcan be|\bmay be|\beither)\s+)?"
    r"([a-z][\w-]*(?:(?:\s*[,|/]\s*|,?\s+or\s+)[a-z][\w-]*)+)\.?",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r",?\s+or\s+|\s*[,|/]\s*", re.IGNORECASE)
_FEWEST = 2  # words that make a list


def states_of(name: str, member: SchemaView) -> Sequence[str]:
    """The texts that a member may have by its `enum`, or by its description if it is named as a state; else none."""
    return listed_words(member) if is_state(name) or member.keyword("enum") is not None else ()


def listed_words(member: SchemaView) -> Sequence[str]:
    """The texts that a member may have by its `enum`, or by its description whatever its name is; else none."""
    choices = member.keyword("enum")
    if isinstance(choices, list):
        return [one for one in choices if isinstance(one, str)]
    description = member.keyword("description")
    if "string" not in member.types or not isinstance(description, str):
        return ()
    found = ([*dict.fromkeys(pattern.findall(description))] for pattern in (_IN_CODE, _IN_CAPITALS))
    listed = _PLAIN_LIST.fullmatch(description.strip())
    plain = _BETWEEN.split(listed[1]) if listed else ()
    return next((words for words in found if len(words) >= _FEWEST), plain)
