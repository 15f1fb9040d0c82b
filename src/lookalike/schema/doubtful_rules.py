"""Rules on which no server insists, since their author did not mean them.

They refuse the document's own example of a value; or they ask for exactly one of several alternatives (`oneOf`) that a
value may well fit at once, where `anyOf` is meant.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import jsonschema_rs

_ABOUT_ONE_VALUE = frozenset(
    {"type", "pattern", "minLength", "maxLength", "minimum", "maximum", "enum", "multipleOf", "minItems", "maxItems"}
)

_PRESENCE = frozenset({"required", "not", "title", "description"})


def is_doubtful(parents: Sequence[Mapping[str, Any]], path: Sequence[str | int]) -> bool:
    """Whether the rule at an evaluation path refuses the example beside it; `parents` are the schemas on the path."""
    keyword = str(path[-1]) if path else ""
    if not parents or keyword not in _ABOUT_ONE_VALUE:
        return False
    schema = parents[-1]
    examples = [schema["example"]] if "example" in schema else schema.get("examples")
    if not isinstance(examples, list) or not examples or examples[0] is None:
        return False
    try:
        return not jsonschema_rs.Draft202012Validator({keyword: schema[keyword]}).is_valid(examples[0])
    except (KeyError, ValueError):
        return False


def excludes_none(branches: Sequence[Any]) -> bool:
    """Whether alternatives of a `oneOf` do not exclude each other: of any two, one requires all that the other does.

    Where each requires a member of its own, or nothing but `required` is there, one of them is meant. `branches` are
    behind their references.
    """
    required = [{*one.get("required", ())} for one in branches if isinstance(one, Mapping)]
    are_described = not any(one.keys() <= _PRESENCE for one in branches if isinstance(one, Mapping))
    return are_described and all(one <= other or other <= one for one, other in combinations(required, 2))
