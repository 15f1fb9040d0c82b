"""Sequences: reading JSON values or events that a body holds one after the other (OpenAPI 3.2 section 4.14.1)."""

import re
from collections.abc import Iterator
from typing import Any

from lookalike.codecs.encoding import EVENT_FIELDS, EVENTS, SEPARATOR
from lookalike.codecs.json_text import DecodeError, parse_json, plain_numbers
from lookalike.http import essence

_LINE = re.compile("\r\n|\n|\r")


def from_sequence(body: bytes, media_type: str) -> list[Any]:
    """The items of a body; events are objects with their fields. Raises `DecodeError`."""
    kind = essence(media_type)
    if kind == EVENTS:
        return [*_events(body)]
    pieces = body.split(SEPARATOR if kind.endswith("json-seq") else b"\n")
    return [_item(piece, number) for number, piece in enumerate((one for one in pieces if one.strip()), 1)]


def in_events(events: list[Any]) -> list[Any]:
    """What events hold in their data: JSON, or else a text."""
    return [_json_or_text(event.get("data", "")) for event in events]


def _item(piece: bytes, number: int) -> Any:
    try:
        return plain_numbers(parse_json(piece.strip()).value)
    except DecodeError as error:
        raise DecodeError(f"its item {number} is not valid JSON: {error}") from None


def _events(body: bytes) -> Iterator[dict[str, Any]]:
    """Server-sent events (HTML Living Standard section 9.2.6); one that does not end does not count."""
    event: dict[str, Any] = {}
    for line in _LINE.split(body.decode("utf-8", "replace").removeprefix("\ufeff")):
        name, _, text = line.partition(":")
        text = text.removeprefix(" ")
        if not line and event:
            yield event
            event = {}
        elif name == "data" and "data" in event:
            event["data"] += f"\n{text}"
        elif name == "retry" and text.isascii() and text.isdecimal():
            event["retry"] = int(text)
        elif name in EVENT_FIELDS - {"retry"}:
            event[name] = text


def _json_or_text(text: str) -> Any:
    try:
        return plain_numbers(parse_json(text.encode("utf-8", "replace")).value)
    except DecodeError:
        return text
