"""Encoding: a value as the bytes of a media type. Which codec writes it is decided here and nowhere else."""

from collections.abc import Callable
from typing import Any

from lookalike.codecs.forms import to_html_form
from lookalike.codecs.json_text import to_json
from lookalike.codecs.media_types import is_form, is_json, is_xml
from lookalike.codecs.sequences import EVENTS, to_sequence
from lookalike.http import essence, is_sequence

ToXml = Callable[[Any], str]


def encode(value: Any, media_type: str, to_xml: ToXml) -> bytes:
    """The bytes of a value; in a media type without codec, a text is itself, and all else JSON.

    `to_xml` writes the value by its schema, which only the caller knows. A text is no XML document or form by itself,
    so one that stands as an example of such a type is already what is to be sent.
    """
    if is_json(media_type):
        return to_json(value)
    if isinstance(value, str) and essence(media_type) != EVENTS:
        return value.encode("utf-8", "replace")
    if is_xml(media_type):
        return to_xml(value).encode("utf-8", "replace")
    if is_sequence(media_type):
        return to_sequence(value, media_type)
    if is_form(media_type):
        return to_html_form(value)
    return b"" if value is None else to_json(value)
