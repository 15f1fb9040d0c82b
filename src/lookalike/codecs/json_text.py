"""JSON as bytes, read exactly: every digit of every integer, and no text that RFC 8259 does not allow.

orjson is fast, but turns integers of 2^64 and more into floats, and cannot tell 1 from 1.0 afterwards. So a body that
may hold a long number, a fraction or an exponent is parsed by the standard library, and that is decided by looking at
the bytes before anything is parsed. Both parsers refuse the same bodies.
"""

import json
import math
import re
from collections.abc import Callable, Iterator
from decimal import Decimal, InvalidOperation
from functools import partial
from io import BytesIO
from typing import Any, NamedTuple

import orjson

from lookalike.json_values import depth_of, values_within
from lookalike.pacing import is_beside, spend, spend_on_bytes, spend_turn

MAX_DEPTH = 200
LONG = 2 * 1024 * 1024
"""The bytes of a text from which on it is parsed in parts, where others wait meanwhile."""
MAX_DIGITS = 4300  # of an integer: the limit of `int` itself, beyond which reading one takes quadratic time
MAX_DIGITS_OF_ALL = 50_000  # of all integers with hundreds of digits
_LONG_INTEGER = 300

# Maps digits to 0, and the letters of exponents to a dot. A number that needs exact parsing then shows as `0.`, if it
# has a fraction or exponent, or as sixteen zeros, if it may be beyond what orjson keeps. A text may look like that
# too, and is parsed exactly for nothing.
_TO_SHAPE = bytes.maketrans(b"123456789eE", b"000000000..")
_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")
_HAS_NONZERO_DIGIT = re.compile(r"[^eE]*[1-9]").match
_LEAST_EXPONENT = -9999
_HAS_EXPONENT = re.compile(rb"[0-9.][eE]").search
_ZEROS = b"0" * 300
# The entries of a list that are written without a pause: few at first, then as many as have a number of bytes.
_FEW, _MOST, _PART_BYTES = 16, 512, 64 * 1024
_EXACT_PER_STEP = 512  # bytes of a text whose numbers are read exactly
_ENVELOPES = 2  # objects around a list, such as `{"data": {"pets": []}}`
_TO_SQUARE = bytes.maketrans(b"{}", b"[]")
_NO_BRACKETS = bytes(set(range(256)) - set(b'[]{}"'))  # and no quotation marks
_TOO_DEEP_MESSAGE = f"it is nested deeper than {MAX_DEPTH} levels"
_DEPTH_OF_PARTS = 2
_SPACES = re.compile(r"[ \t\n\r]*").match
_TOO_DEEP = b"[" * (MAX_DEPTH + 1)


class DecodeError(ValueError):
    """A body is not of its media type, or cannot be read exactly; the message is the reason, to follow a colon."""


class DecodedValue(NamedTuple):
    """The value of a body.

    If it is `exact`, numbers with a fraction or exponent are `Decimal`, as they were written. If it `is_opaque`, it is
    a string whose characters stand for bytes (Latin-1), to which no schema applies.
    """

    value: Any
    exact: bool
    is_opaque: bool = False


# --- Bytes to values ---


def parse_json(body: bytes) -> DecodedValue:
    """The value of a JSON text in UTF-8 (RFC 8259); raises `DecodeError`.

    Objects and arrays may be nested 200 levels deep, as recursive code behind this must be able to walk them.
    """
    if len(body) > LONG:
        spend_turn()
        if is_beside():
            return DecodedValue(_parse_in_parts(body), True)
    if len(body) > MAX_DEPTH and body.count(b"[") + body.count(b"{") > MAX_DEPTH and _is_too_deep(body):
        raise DecodeError(_TOO_DEEP_MESSAGE)
    shape = body.translate(_TO_SHAPE)
    if b"0." in shape or b"0000000000000000" in shape:
        return DecodedValue(_parse_exactly(body), True)
    try:
        return DecodedValue(orjson.loads(body), False)
    except orjson.JSONDecodeError as error:
        raise DecodeError(_utf8_error(body) or _without_offset(error)) from None


def plain_numbers(value: Any) -> Any:
    """The value with floats in place of the decimals that exact parsing leaves."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, list):
        return [plain_numbers(item) for item in value]
    if isinstance(value, dict):
        return {name: plain_numbers(item) for name, item in value.items()}
    return value


def _parse_exactly(body: bytes) -> Any:
    if (not_utf8 := _utf8_error(body)) is not None:
        raise DecodeError(not_utf8)
    spend(len(body) // _EXACT_PER_STEP)
    text = body.decode()
    parse = Decimal if _has_plain_decimals(body) else _decimal  # for thousands of numbers, six times as fast
    try:
        value = _exact_decoder(parse).decode(text)
    except json.JSONDecodeError as error:
        raise DecodeError(_without_offset(error)) from None
    # The standard parser lets a lone surrogate pass, which no UTF-8 can hold; orjson does not.
    if _SURROGATE_ESCAPE.search(text) and not all(map(_is_unicode, _strings(value))):
        raise DecodeError("it holds a lone surrogate")
    return value


def _exact_decoder(parse_float: Callable[[str], Any]) -> json.JSONDecoder:
    return json.JSONDecoder(
        parse_float=parse_float, parse_int=_Integers().read, parse_constant=_refuse_constant, strict=True
    )


def _parse_in_parts(body: bytes) -> Any:
    """The same for a long text, such as a state: other threads run between the entries of its outer containers."""
    if (not_utf8 := _utf8_error(body)) is not None:
        raise DecodeError(not_utf8)
    try:
        return _TextInParts(body.decode()).value()
    except json.JSONDecodeError as error:
        raise DecodeError(_without_offset(error)) from None
    except RecursionError:
        raise DecodeError(_TOO_DEEP_MESSAGE) from None


class _TextInParts:
    """A JSON text that is parsed entry by entry, as deep as states have lists of items; each entry is one call of C."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._decoder = _exact_decoder(_decimal)

    def value(self) -> Any:
        """The value of the whole text; raises `json.JSONDecodeError`, `DecodeError` or `RecursionError`."""
        found = self._value(0)
        if self._next():
            raise self._error("Extra data")
        return found

    def _value(self, depth: int) -> Any:
        opening = self._next()
        if depth < _DEPTH_OF_PARTS and opening == "{":
            return dict(self._entries("}", partial(self._member, depth + 1)))
        if depth < _DEPTH_OF_PARTS and opening == "[":
            return [*self._entries("]", partial(self._value, depth + 1))]
        return self._part(depth)

    def _entries(self, closing: str, entry: Callable[[], Any]) -> Iterator[Any]:
        self._at += 1
        if self._next() == closing:
            self._at += 1
            return
        while True:
            yield entry()
            following = self._next()
            if following not in (",", closing):
                raise self._error("Expecting ',' delimiter")
            self._at += 1
            if following == closing:
                return

    def _member(self, depth: int) -> tuple[str, Any]:
        if self._next() != '"':
            raise self._error("Expecting property name enclosed in double quotes")
        name = self._part(depth)
        if self._next() != ":":
            raise self._error("Expecting ':' delimiter")
        self._at += 1
        return name, self._value(depth)

    def _part(self, depth: int) -> Any:
        """A value that is parsed at once."""
        begin = self._at
        found, self._at = self._decoder.raw_decode(self._text, begin)
        if _SURROGATE_ESCAPE.search(self._text, begin, self._at) and not all(map(_is_unicode, _strings(found))):
            raise DecodeError("it holds a lone surrogate")
        if depth + depth_of(found) > MAX_DEPTH:
            raise DecodeError(_TOO_DEEP_MESSAGE)
        return found

    def _next(self) -> str:
        """The next character that is no space; empty at the end."""
        found = _SPACES(self._text, self._at)
        self._at = found.end() if found else self._at
        return self._text[self._at : self._at + 1]

    def _error(self, message: str) -> json.JSONDecodeError:
        return json.JSONDecodeError(message, self._text, self._at)


def _has_plain_decimals(body: bytes) -> bool:
    """Whether no number has an exponent or hundreds of digits, so that none is beyond the range of a double."""
    return not _HAS_EXPONENT(body) and _ZEROS not in body.translate(_TO_SHAPE)


def _decimal(text: str) -> Decimal:
    if math.isinf(float(text)):
        raise DecodeError(f"the number {text[:20]} is beyond the range of a double")
    try:
        return Decimal(text)
    except InvalidOperation:  # the exponent is beyond those of decimals: almost zero, or zero in many digits
        return Decimal((text.startswith("-"), (bool(_HAS_NONZERO_DIGIT(text)),), _LEAST_EXPONENT))


class _Integers:
    """The integers of one text: with long ones, even a comparison takes quadratic time, so that there may be few."""

    def __init__(self) -> None:
        self._left = MAX_DIGITS_OF_ALL

    def read(self, text: str) -> int:
        """An integer; raises `DecodeError`."""
        if len(text) > _LONG_INTEGER:
            if len(text.lstrip("-")) > MAX_DIGITS:
                raise DecodeError(f"an integer has more than {MAX_DIGITS:,} digits")
            self._left -= len(text)
            if self._left < 0:
                raise DecodeError(f"its long integers have more than {MAX_DIGITS_OF_ALL:,} digits")
        return int(text)


def _refuse_constant(name: str) -> Any:
    raise DecodeError(f"{name} is not JSON")  # NaN and Infinity, which the standard parser would take


def _strings(value: Any) -> Iterator[str]:
    """All strings in a value, names of members too."""
    for one in values_within(value):
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            yield from one


def _is_unicode(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _utf8_error(body: bytes) -> str | None:
    """The message for a body that is not UTF-8, or None; the messages of the two parsers differ."""
    try:
        body.decode()
    except UnicodeDecodeError as error:
        return f"it is not UTF-8 at byte {error.start}"
    return None


def _without_offset(error: ValueError) -> str:
    """The parser's message with line and column, without the number of characters before the place."""
    return str(error).partition(" (char")[0]


def _is_too_deep(body: bytes) -> bool:
    """Whether objects and arrays are nested too deep, by the brackets outside of strings, in passes of C over them.

    Each pass takes the innermost pairs away. Brackets that are left alone are of no JSON, and as deep as they are many.
    """
    if b"\\" in body:  # an escaped quotation mark ends no string, unless its backslash is escaped itself
        body = body.replace(b"\\\\", b"").replace(b'\\"', b"")
    # Most strings have no bracket, so that nothing is left between their quotation marks. Others are each second part.
    left = b"".join(body.translate(_TO_SQUARE, _NO_BRACKETS).replace(b'""', b"").split(b'"')[::2])
    for _ in range(MAX_DEPTH):
        if _TOO_DEEP in left:
            return True
        before, left = len(left), left.replace(b"[]", b"")
        if len(left) == before:
            return left.count(b"[") > MAX_DEPTH
    return bool(left)


# --- Values to bytes ---


def to_json(value: Any) -> bytes:
    """The JSON text of a value in UTF-8, without spaces.

    A long list is written in parts, since no other thread runs while a library writes a million items. `BytesIO` joins
    them without a copy of the whole, for which others would wait too.
    """
    if not _has_long_list(value, _ENVELOPES):
        return _to_json(value)
    text = BytesIO()
    for part in _parts(value, _ENVELOPES):
        text.write(part)
        spend_on_bytes(len(part))
    return text.getvalue()


def _has_long_list(value: Any, depth: int) -> bool:
    """Whether a value is a long list, or has one within so many objects, as the envelope of a page has."""
    if type(value) is list:
        return len(value) > _FEW
    if type(value) is not dict or not depth:
        return False
    for entry in value.values():  # noqa: SIM110  # a generator takes twice as long, for each response
        if _has_long_list(entry, depth - 1):
            return True
    return False


def _parts(value: Any, depth: int) -> Iterator[bytes]:
    """The text of a value with a long list in parts, none of which takes long to write."""
    if not _has_long_list(value, depth):
        yield _to_json(value)
    elif isinstance(value, list):
        start, number, before = 0, _FEW, b"["
        while start < len(value):
            part = _to_json(value[start : start + number])[1:-1]
            yield before + part
            start, before = start + number, b","
            number = min(number * 2, _MOST) if len(part) < _PART_BYTES else max(number // 4, 1)
        yield b"]"
    else:
        before = b"{"
        for name, entry in value.items():
            yield before + _to_json(name) + b":"
            yield from _parts(entry, depth - 1)
            before = b","
        yield b"}"


def _to_json(value: Any) -> bytes:
    try:
        return orjson.dumps(value)
    except TypeError:  # an integer of more than 64 bits, or a lone surrogate
        return json.dumps(value, separators=(",", ":")).encode()
