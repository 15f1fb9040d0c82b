"""Serialising: from a value to the bytes of a media type."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import orjson

from lookalike.http import essence

ToXml = Callable[[Any], str]


def to_json(value: Any) -> bytes:
    """The JSON of a value, in as few bytes as it takes."""
    try:
        return orjson.dumps(value)
    except TypeError:  # an integer of more than 64 bits, or half of a surrogate pair
        return json.dumps(value, separators=(",", ":")).encode()


def serialised(value: Any, media_type: str, to_xml: ToXml) -> bytes:
    """The bytes of a value in a media type; of an unknown type, a text as it is and JSON of all else."""
    name = essence(media_type)
    if is_json(name):
        return to_json(value)
    if isinstance(value, str) and name not in _OF_TEXTS:
        return value.encode("utf-8", "replace")
    if name in ("application/xml", "text/xml") or name.endswith("+xml"):
        return to_xml(value).encode("utf-8", "replace")
    return _BY_TYPE.get(name, _plain)(value)


def is_json(media_type: str) -> bool:
    """Whether a media type is JSON by its name or its suffix (RFC 6838 section 4.2.8)."""
    return essence(media_type) in ("application/json", "text/json") or essence(media_type).endswith("+json")


def _plain(value: Any) -> bytes:
    return b"" if value is None else to_json(value)


def _lines(value: Any) -> bytes:
    items = value if isinstance(value, list) else [value]
    return b"".join(to_json(item) + b"\n" for item in items)


def _events(value: Any) -> bytes:
    """Server-sent events, one for each item (HTML Living Standard section 9.2)."""
    items = value if isinstance(value, list) else [value]
    texts = (item if isinstance(item, str) else to_json(item).decode() for item in items)
    return b"".join(_event(text).encode("utf-8", "replace") for text in texts)


def _event(text: str) -> str:
    is_whole = text.lstrip().startswith(("data:", "event:", "id:", ":"))
    return text if is_whole else "".join(f"data: {line}\n" for line in text.splitlines()) + "\n"


def _form(value: Any) -> bytes:
    """A form, as HTML has it: a member that is a list once for each item."""
    if not isinstance(value, dict):
        return _plain(value)
    return urlencode({name: _of_form(member) for name, member in value.items()}, doseq=True).encode()


def _of_form(member: Any) -> Any:
    if isinstance(member, list):
        return [_of_form(item) for item in member]
    return member if isinstance(member, str) else to_json(member).decode()


_BY_TYPE: dict[str, Callable[[Any], bytes]] = {
    "application/x-ndjson": _lines,
    "application/jsonl": _lines,
    "application/x-www-form-urlencoded": _form,
    "text/event-stream": _events,
}
_OF_TEXTS = frozenset({"text/event-stream"})
