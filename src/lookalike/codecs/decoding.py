"""Media types: from the bytes of a body to its value, by the type that the request names."""

import re
from base64 import urlsafe_b64decode
from binascii import Error as BinasciiError
from collections.abc import Callable
from contextlib import suppress

from lookalike.codecs.coercion import coerce_scalar
from lookalike.codecs.encoding import EVENTS
from lookalike.codecs.forms import from_multipart, from_urlencoded, is_json
from lookalike.codecs.json_text import DecodedValue, DecodeError, parse_json
from lookalike.codecs.sequences import from_sequence, in_events
from lookalike.codecs.xml_text import from_xml
from lookalike.contract.requests import MediaType
from lookalike.http import essence, is_sequence
from lookalike.schema.validator import Violation
from lookalike.schema.value_types import ValueType

_CHARSET = re.compile(r"charset=\"?([^\s;\"]+)", re.IGNORECASE)
_LONGEST_CHARSET = 40
_STRUCTURES = frozenset({"array", "object", "null"})
# The parts of a JSON Web Token in its compact form (RFC 7515 section 7.1, RFC 7516 section 7.1).
_PARTS_OF_SIGNED, _PARTS_OF_ENCRYPTED = 3, 5

Decoder = Callable[[bytes, str, MediaType], DecodedValue]


class PartTypeError(Exception):
    """Parts of the body are not of the media types that they must have."""

    def __init__(self, violations: tuple[Violation, ...]) -> None:
        super().__init__()
        self.violations = violations


def decoder_for(media_type: str) -> Decoder:
    """The function that reads bodies of a media type; what no other reads is binary.

    It takes the body, the whole Content-Type and what is documented; raises `DecodeError` or `PartTypeError`.
    """
    if is_json(media_type):
        return _json
    if media_type in _XML or media_type.endswith("+xml"):
        return _xml
    if is_sequence(media_type):
        return _sequence
    return _PARSERS.get(media_type) or (_text if media_type.startswith("text/") else _binary)


def _json(body: bytes, content_type: str, media: MediaType) -> DecodedValue:
    return parse_json(body)


def _xml(body: bytes, content_type: str, media: MediaType) -> DecodedValue:
    return DecodedValue(from_xml(body, media.kind), False)


def _urlencoded(body: bytes, content_type: str, media: MediaType) -> DecodedValue:
    return DecodedValue(from_urlencoded(body, media), False)


def _multipart(body: bytes, content_type: str, media: MediaType) -> DecodedValue:
    found: list[Violation] = []

    def refuse(name: str, why: str) -> None:
        found.append(Violation("body", (name,), "contentType", f"{name} {why}"))

    value = from_multipart(body, content_type, media, refuse)
    if found:
        raise PartTypeError(tuple(found))
    return DecodedValue(value, False)


def _sequence(body: bytes, content_type: str, media: MediaType) -> DecodedValue:
    """A list of items; of events, what their data hold, unless they are described as events."""
    items = from_sequence(body, content_type)
    is_plain = essence(content_type) == EVENTS and "data" not in media.kind.item().properties
    return DecodedValue(in_events(items) if is_plain else items, False)


def _binary(body: bytes, content_type: str, media: MediaType) -> DecodedValue:
    """What a schema describes as an object or a list in some media type is JSON, where it is; else bytes."""
    if _is_structured(media.kind):
        with suppress(DecodeError):
            return parse_json(body)
    return _opaque(body)


def _claims(body: bytes, content_type: str, media: MediaType) -> DecodedValue:
    """The claims of a JSON Web Token (RFC 7519), which may also be sent as they are; an encrypted one is bytes."""
    parts = body.split(b".")
    if not _is_structured(media.kind) or len(parts) == _PARTS_OF_ENCRYPTED:
        return _opaque(body)
    if len(parts) != _PARTS_OF_SIGNED:
        return parse_json(body)
    try:
        return parse_json(urlsafe_b64decode(parts[1] + b"=="))
    except BinasciiError:
        raise DecodeError("its second part is not Base64url") from None


def _opaque(body: bytes) -> DecodedValue:
    return DecodedValue(body.decode("latin-1"), False, is_opaque=True)


def _is_structured(kind: ValueType) -> bool:
    return kind.types is not None and kind.types <= _STRUCTURES


def _text(body: bytes, content_type: str, media: MediaType) -> DecodedValue:
    match = _CHARSET.search(content_type)
    charset = match[1] if match else "utf-8"
    try:
        text = body.decode(charset)
        text.encode()  # some codecs give what is no Unicode
    except (LookupError, ValueError):
        raise DecodeError(f"its bytes are not text in {charset[:_LONGEST_CHARSET]}") from None
    return DecodedValue(coerce_scalar(text, media.kind), False)


def is_schema_applicable(media_type: str, kind: ValueType) -> bool:
    """Whether a schema can judge what is read of a media type: text, to which no structure is known, not always."""
    return decoder_for(media_type) is not _text or not _is_structured(kind)


def may_be_empty(media_type: str) -> bool:
    """Whether no bytes are a value of a media type."""
    return decoder_for(media_type) in (_text, _binary, _claims, _urlencoded, _sequence)


_XML = frozenset({"application/xml", "text/xml"})
_PARSERS: dict[str, Decoder] = {
    "application/x-www-form-urlencoded": _urlencoded,
    "multipart/form-data": _multipart,
    "application/jwt": _claims,
}
