"""Examples that are written as text: in another file (`externalValue`), or as they are sent (`serializedValue`).

Both stand for a value that other code expects in `value` (OpenAPI 3.1 section 4.8.19, 3.2.0 section 4.19).
"""

import json
import re
from typing import Any

from lookalike.json_values import Pointer

_JSON_TYPE = re.compile(r"[^;]+[/+]json\s*(?:;|$)", re.IGNORECASE)


def example_value(text: str, here: Pointer) -> Any:
    """The value of an example with such a text; raises `ValueError` for what must be JSON, and is not.

    JSON is data. The text of any other media type is sent as it is, so it stays a string. `here` is the pointer to the
    example, which holds the media type; a component has none, and its text is JSON if it is an object or array.
    """
    media_type = media_type_of(here)
    if media_type and not _JSON_TYPE.match(media_type):
        return text
    if not media_type and not text.lstrip().startswith(("{", "[")):
        return text
    return json.loads(text)


def media_type_of(here: Pointer) -> str:
    """The media type that an example at a pointer is of; empty for those of components, parameters and headers."""
    before = here[:-2] if here[-2:-1] == ("examples",) else here[:-1]
    return str(before[-1]) if before[-2:-1] == ("content",) else ""


def is_sent_as_written(media_type: str, value: Any) -> bool:
    """Whether a value is the text of a media type that is not JSON, which its schema does not describe."""
    return isinstance(value, str) and bool(media_type) and not _JSON_TYPE.match(media_type)
