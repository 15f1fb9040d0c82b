"""Sequences: JSON values or events that a body holds one after the other (OpenAPI 3.2 section 4.14.1)."""

import re
from collections.abc import Iterator
from typing import Any

from lookalike.codecs.json_text import DecodeError, parse_json, plain_numbers, to_json
from lookalike.http import essence
from lookalike.pacing import timed

EVENTS = "text/event-stream"
_EVENT_FIELDS = frozenset({"data", "event", "id", "retry"})  # HTML Living Standard section 9.2.6
MAX_ITEMS = 20_000
MAX_LINES = 100_000  # of events
_RECORD_SEPARATOR = b"\x1e"  # before each JSON text of `application/json-seq` (RFC 7464 section 2.2)
_LINE_END = re.compile("\r\n|\n|\r")


# --- Bytes to values ---


def from_sequence(body: bytes, media_type: str) -> list[Any]:
    """The items of a body; events are objects with their fields. Raises `DecodeError`."""
    name = essence(media_type)
    if name == EVENTS:
        return [*_parse_events(body)]
    pieces = body.split(_RECORD_SEPARATOR if name.endswith("json-seq") else b"\n")
    if len(pieces) > MAX_ITEMS:
        raise DecodeError(f"it has more than {MAX_ITEMS:,} items")
    return [_parse_item(piece, number) for number, piece in enumerate((one for one in pieces if one.strip()), 1)]


def event_data(events: list[Any]) -> list[Any]:
    """The data of events: the value of each that is JSON, else its text."""
    return [_json_or_text(event.get("data", "")) for event in events]


def _parse_item(piece: bytes, number: int) -> Any:
    try:
        return plain_numbers(parse_json(piece.strip()).value)
    except DecodeError as error:
        raise DecodeError(f"its item {number} is not valid JSON: {error}") from None


def _parse_events(body: bytes) -> Iterator[dict[str, Any]]:
    """Server-sent events (HTML Living Standard section 9.2.6); one without a blank line behind it is discarded."""
    event: dict[str, Any] = {}
    data: list[str] = []  # joined at the end, since adding line by line copies all before
    lines = _LINE_END.split(body.decode("utf-8", "replace").removeprefix("\ufeff"))
    if len(lines) > MAX_LINES:
        raise DecodeError(f"it has more than {MAX_LINES:,} lines")
    for line in lines:
        name, _, text = line.partition(":")
        text = text.removeprefix(" ")
        if not line and event:
            yield event | ({"data": "\n".join(data)} if data else {})
            event, data = {}, []
        elif name == "data":
            event.setdefault(name, "")  # keeps its place among the fields
            data.append(text)
        elif name == "retry" and text.isascii() and text.isdecimal():
            event[name] = int(text)
        elif name in _EVENT_FIELDS - {"retry"}:
            event[name] = text


def _json_or_text(text: str) -> Any:
    try:
        return plain_numbers(parse_json(text.encode("utf-8", "replace")).value)
    except DecodeError:
        return text


# --- Values to bytes ---


def to_sequence(value: Any, media_type: str) -> bytes:
    """The items of a list one after the other; any other value is a sequence of one item."""
    name, items = essence(media_type), value if isinstance(value, list) else [value]
    if name == EVENTS:
        return "".join(map(_event, timed(items))).encode("utf-8", "replace")
    start = _RECORD_SEPARATOR if name.endswith("json-seq") else b""
    return b"".join(start + to_json(item) + b"\n" for item in timed(items))


def _event(item: Any) -> str:
    """One event: an object of its fields, or else its data. An example that is written as events stays as it is."""
    if isinstance(item, str) and item.lstrip().startswith(("data:", "event:", "id:", ":")):
        return item
    fields = item if isinstance(item, dict) and item and item.keys() <= _EVENT_FIELDS else {"data": item}
    lines = (f"{name}: {line}\n" for name, value in fields.items() for line in _lines(value))
    return "".join(lines) + "\n"


def encoded_items(body: bytes, media_type: str) -> list[bytes]:
    """A body that `to_sequence` has made, item by item."""
    name = essence(media_type)
    if name == EVENTS:
        return [piece + b"\n\n" for piece in body.split(b"\n\n") if piece]
    if name.endswith("json-seq"):
        return [_RECORD_SEPARATOR + piece for piece in body.split(_RECORD_SEPARATOR) if piece]
    return body.splitlines(keepends=True)


def _lines(value: Any) -> list[str]:
    text = value if isinstance(value, str) else to_json(value).decode()
    return text.splitlines() or [""]
