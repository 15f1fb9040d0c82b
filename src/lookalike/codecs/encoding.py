"""Serialising: from a value to the bytes of a media type."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import orjson

from lookalike.http import essence, is_sequence

ToXml = Callable[[Any], str]

EVENTS = "text/event-stream"
EVENT_FIELDS = frozenset({"data", "event", "id", "retry"})
SEPARATOR = b"\x1e"  # before each text of a sequence (RFC 7464 section 2.2)


def to_json(value: Any) -> bytes:
    """The JSON of a value, in as few bytes as it takes."""
    try:
        return orjson.dumps(value)
    except TypeError:  # an integer of more than 64 bits, or half of a surrogate pair
        return json.dumps(value, separators=(",", ":")).encode()


def encode(value: Any, media_type: str, to_xml: ToXml) -> bytes:
    """The bytes of a value in a media type; of an unknown type, a text as it is and JSON of all else."""
    name = essence(media_type)
    if is_json(name):
        return to_json(value)
    if isinstance(value, str) and name != EVENTS:
        return value.encode("utf-8", "replace")
    if name in ("application/xml", "text/xml") or name.endswith("+xml"):
        return to_xml(value).encode("utf-8", "replace")
    if name == EVENTS:
        return _events(value)
    if is_sequence(name):
        return _sequence(value, SEPARATOR if name.endswith("json-seq") else b"")
    return _form(value) if name == "application/x-www-form-urlencoded" else _plain(value)


def is_json(media_type: str) -> bool:
    """Whether a media type is JSON by its name or its suffix (RFC 6838 section 4.2.8)."""
    return essence(media_type) in ("application/json", "text/json") or essence(media_type).endswith("+json")


def _plain(value: Any) -> bytes:
    return b"" if value is None else to_json(value)


def _sequence(value: Any, before: bytes) -> bytes:
    """A line for each item, which something may stand before."""
    items = value if isinstance(value, list) else [value]
    return b"".join(before + to_json(item) + b"\n" for item in items)


def _events(value: Any) -> bytes:
    """Server-sent events, one for each item (HTML Living Standard section 9.2)."""
    items = value if isinstance(value, list) else [value]
    return "".join(map(_event, items)).encode("utf-8", "replace")


def _event(item: Any) -> str:
    """An event; what has not its fields is the data of one, and a text that is written as events stays as it is."""
    if isinstance(item, str) and item.lstrip().startswith(("data:", "event:", "id:", ":")):
        return item
    fields = item if isinstance(item, dict) and item and item.keys() <= EVENT_FIELDS else {"data": item}
    lines = (f"{name}: {line}\n" for name, value in fields.items() for line in _texts(value))
    return "".join(lines) + "\n"


def _texts(value: Any) -> list[str]:
    text = value if isinstance(value, str) else to_json(value).decode()
    return text.splitlines() or [""]


def _form(value: Any) -> bytes:
    """A form, as HTML has it: a member that is a list once for each item."""
    if not isinstance(value, dict):
        return _plain(value)
    return urlencode({name: _of_form(member) for name, member in value.items()}, doseq=True).encode()


def _of_form(member: Any) -> Any:
    if isinstance(member, list):
        return [_of_form(item) for item in member]
    return member if isinstance(member, str) else to_json(member).decode()
