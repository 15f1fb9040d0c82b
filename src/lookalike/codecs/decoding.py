"""Decoding: the bytes of a request body as a value. Which codec reads it is decided here and nowhere else."""

import re
from base64 import urlsafe_b64decode
from binascii import Error as Base64Error
from collections.abc import Callable
from contextlib import suppress

from lookalike.codecs.charsets import is_charset, shown_charset
from lookalike.codecs.coercion import coerce_scalar
from lookalike.codecs.forms import from_urlencoded
from lookalike.codecs.json_text import DecodedValue, DecodeError, parse_json
from lookalike.codecs.media_types import is_json, is_xml
from lookalike.codecs.multipart import from_multipart
from lookalike.codecs.sequences import EVENTS, event_data, from_sequence
from lookalike.codecs.xml_text import from_xml
from lookalike.contract.requests import MediaType
from lookalike.http import essence, is_sequence
from lookalike.schema.validator import Violation
from lookalike.schema.value_types import ValueType

_CHARSET = re.compile(r"charset=\"?([^\s;\"]+)", re.IGNORECASE)
_STRUCTURES = frozenset({"array", "object", "null"})
# How many parts a JSON Web Token has in its compact form (RFC 7515 section 7.1, RFC 7516 section 7.1).
_SIGNED_PARTS, _ENCRYPTED_PARTS = 3, 5

# Takes the body, the whole Content-Type, and what the document says of that type; raises `DecodeError` or
# `PartTypeError`.
Decoder = Callable[[bytes, str, MediaType], DecodedValue]


class PartTypeError(Exception):
    """Parts of a multipart body are not of the media types that the document requires."""

    def __init__(self, violations: tuple[Violation, ...]) -> None:
        super().__init__()
        self.violations = violations


def decoder_for(media_type: str) -> Decoder:
    """The decoder of a media type without parameters; a type without codec is text or binary."""
    if is_json(media_type):
        return _decode_json
    if is_xml(media_type):
        return _decode_xml
    if is_sequence(media_type):
        return _decode_sequence
    return _DECODERS.get(media_type) or (_decode_text if media_type.startswith("text/") else _decode_binary)


def is_schema_applicable(media_type: str, value_type: ValueType) -> bool:
    """Whether a schema can judge what is decoded: not of plain text that it describes as an object or array."""
    return decoder_for(media_type) is not _decode_text or not _is_structured(value_type)


def may_be_empty(media_type: str) -> bool:
    """Whether no bytes are a value of a media type."""
    return decoder_for(media_type) in _EMPTY_IS_A_VALUE


def _decode_json(body: bytes, content_type: str, media: MediaType) -> DecodedValue:
    return parse_json(body)


def _decode_xml(body: bytes, content_type: str, media: MediaType) -> DecodedValue:
    return DecodedValue(from_xml(body, media.value_type), False)


def _decode_form(body: bytes, content_type: str, media: MediaType) -> DecodedValue:
    return DecodedValue(from_urlencoded(body, media), False)


def _decode_multipart(body: bytes, content_type: str, media: MediaType) -> DecodedValue:
    violations: list[Violation] = []

    def refuse(name: str, message: str) -> None:
        violations.append(Violation("body", (name,), "contentType", f"{name} {message}"))

    value = from_multipart(body, content_type, media, refuse)
    if violations:
        raise PartTypeError(tuple(violations))
    return DecodedValue(value, False)


def _decode_sequence(body: bytes, content_type: str, media: MediaType) -> DecodedValue:
    """A list of items; for events, of their data, unless the schema describes the fields of events."""
    items = from_sequence(body, content_type)
    is_data_described = essence(content_type) == EVENTS and "data" not in media.value_type.item().properties
    return DecodedValue(event_data(items) if is_data_described else items, False)


def _decode_jwt(body: bytes, content_type: str, media: MediaType) -> DecodedValue:
    """The claims of a JSON Web Token (RFC 7519), which may also come as plain JSON; an encrypted token is opaque."""
    parts = body.split(b".")
    if not _is_structured(media.value_type) or len(parts) == _ENCRYPTED_PARTS:
        return _opaque(body)
    if len(parts) != _SIGNED_PARTS:
        return parse_json(body)
    try:
        return parse_json(urlsafe_b64decode(parts[1] + b"=="))
    except Base64Error:
        raise DecodeError("its second part is not Base64url") from None


def _decode_text(body: bytes, content_type: str, media: MediaType) -> DecodedValue:
    match = _CHARSET.search(content_type)
    charset = match[1] if match else "utf-8"
    try:
        if not is_charset(charset):
            raise LookupError(charset)
        text = body.decode(charset)
        text.encode()  # some codecs, as UTF-7, give lone surrogates
    except (LookupError, ValueError):
        raise DecodeError(f"its bytes are not text in {shown_charset(charset)}") from None
    return DecodedValue(coerce_scalar(text, media.value_type), False)


def _decode_binary(body: bytes, content_type: str, media: MediaType) -> DecodedValue:
    """JSON, where the schema describes an object or array and the bytes are JSON; else opaque bytes.

    Documents describe `application/vnd.vendor` and the like with schemas, and their clients send JSON under it.
    """
    if _is_structured(media.value_type):
        with suppress(DecodeError):
            return parse_json(body)
    return _opaque(body)


def _opaque(body: bytes) -> DecodedValue:
    return DecodedValue(body.decode("latin-1"), False, is_opaque=True)


def _is_structured(value_type: ValueType) -> bool:
    return value_type.types is not None and value_type.types <= _STRUCTURES


_DECODERS: dict[str, Decoder] = {
    "application/x-www-form-urlencoded": _decode_form,
    "multipart/form-data": _decode_multipart,
    "application/jwt": _decode_jwt,
}
_EMPTY_IS_A_VALUE = frozenset({_decode_text, _decode_binary, _decode_jwt, _decode_form, _decode_sequence})
