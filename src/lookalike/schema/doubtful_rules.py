"""Rules that refuse the document's own example of a value: a slip of its author, on which no server insists."""

from collections.abc import Mapping, Sequence
from typing import Any

import jsonschema_rs

_ABOUT_ONE_VALUE = frozenset(
    {"type", "pattern", "minLength", "maxLength", "minimum", "maximum", "enum", "multipleOf", "minItems", "maxItems"}
)


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
