"""Media types: from the bytes of a body to its value, by the type that the request names."""

import re
from collections.abc import Callable

from lookalike.contract.requests import Media
from lookalike.contract.schemas import Violation
from lookalike.contract.value_types import Kind
from lookalike.http import essence, is_sequence
from lookalike.model.conversion import scalar
from lookalike.model.forms import from_multipart, from_urlencoded, is_json
from lookalike.model.markup import from_xml
from lookalike.model.parsing import Parsed, Unparsable, parse_json
from lookalike.model.sequences import from_sequence, in_events
from lookalike.model.serialising import EVENTS

_CHARSET = re.compile(r"charset=\"?([^\s;\"]+)", re.IGNORECASE)
_LONGEST_CHARSET = 40

Parse = Callable[[bytes, str, Media], Parsed]


class Unfit(Exception):
    """Parts of the body are not of the media types that they must have."""

    def __init__(self, violations: tuple[Violation, ...]) -> None:
        super().__init__()
        self.violations = violations


def parser_of(media_type: str) -> Parse:
    """The function that reads bodies of a media type; what no other reads is binary.

    It takes the body, the whole Content-Type and what is documented; raises `Unparsable` or `Unfit`.
    """
    if is_json(media_type):
        return _json
    if media_type in _XML or media_type.endswith("+xml"):
        return _xml
    if is_sequence(media_type):
        return _sequence
    return _PARSERS.get(media_type) or (_text if media_type.startswith("text/") else _binary)


def _json(body: bytes, content_type: str, media: Media) -> Parsed:
    return parse_json(body)


def _xml(body: bytes, content_type: str, media: Media) -> Parsed:
    return Parsed(from_xml(body, media.kind), False)


def _urlencoded(body: bytes, content_type: str, media: Media) -> Parsed:
    return Parsed(from_urlencoded(body, media), False)


def _multipart(body: bytes, content_type: str, media: Media) -> Parsed:
    found: list[Violation] = []

    def refuse(name: str, why: str) -> None:
        found.append(Violation("body", (name,), "contentType", f"{name} {why}"))

    value = from_multipart(body, content_type, media, refuse)
    if found:
        raise Unfit(tuple(found))
    return Parsed(value, False)


def _sequence(body: bytes, content_type: str, media: Media) -> Parsed:
    """A list of items; of events, what their data hold, unless they are described as events."""
    items = from_sequence(body, content_type)
    is_plain = essence(content_type) == EVENTS and "data" not in media.kind.item().properties
    return Parsed(in_events(items) if is_plain else items, False)


def _text(body: bytes, content_type: str, media: Media) -> Parsed:
    match = _CHARSET.search(content_type)
    charset = match[1] if match else "utf-8"
    try:
        text = body.decode(charset)
        text.encode()  # some codecs give what is no Unicode
    except (LookupError, ValueError):
        raise Unparsable(f"its bytes are not text in {charset[:_LONGEST_CHARSET]}") from None
    return Parsed(scalar(text, media.kind), False)


def _binary(body: bytes, content_type: str, media: Media) -> Parsed:
    return Parsed(body.decode("latin-1"), False)


def is_judged(media_type: str, kind: Kind) -> bool:
    """Whether a schema can judge what is read of a media type: text, to which no structure is known, not always."""
    read = parser_of(media_type)
    if read is _binary:
        return False
    return read is not _text or kind.types is None or bool(kind.types - {"array", "object"})


def may_be_empty(media_type: str) -> bool:
    """Whether no bytes are a value of a media type."""
    return parser_of(media_type) in (_text, _binary, _urlencoded, _sequence)


_XML = frozenset({"application/xml", "text/xml"})
_PARSERS: dict[str, Parse] = {
    "application/x-www-form-urlencoded": _urlencoded,
    "multipart/form-data": _multipart,
}
