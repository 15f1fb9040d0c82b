"""Texts: values as parameters and fields of forms have them."""

import json
from collections.abc import Mapping
from typing import Any


def text_of(value: Any) -> str:
    """A value as the text of a parameter: lists by commas, as the style `simple` has it."""
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    if isinstance(value, list):
        return ",".join(map(text_of, value))
    if isinstance(value, Mapping):
        return ",".join(f"{name},{text_of(one)}" for name, one in value.items())
    return str(value)
