"""JSON from bytes, exactly: every digit of every integer, and nothing that RFC 8259 does not allow.

orjson is fast but turns integers of 2^64 and more into floats and cannot tell 1 from 1.0 afterwards. So a body in which
a number could be long, fractional or in exponent notation takes the standard parser, and that is decided before
anything is parsed. Both refuse the same bodies.
"""

import json
import math
import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

import orjson

MAX_DEPTH = 200
MAX_DIGITS = 4300

_SHAPES = bytes.maketrans(b"123456789eE", b"000000000..")
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_NOT_ZERO = re.compile(r"[^eE]*[1-9]")
_LEAST_EXPONENT = -9999
_OUTSIDE_STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*"?', re.DOTALL)


class DecodeError(ValueError):
    """The text is not JSON, or not JSON that can be read exactly; the message says why."""


class DecodedValue(NamedTuple):
    """A JSON value; `exact` tells that numbers with a fraction or exponent are `Decimal`, as written.

    What `is_opaque` stands for bytes, each as a character, that no schema judges.
    """

    value: Any
    exact: bool
    is_opaque: bool = False


def parse_json(body: bytes) -> DecodedValue:
    """The value of a JSON text in UTF-8; raises `DecodeError` (RFC 8259)."""
    if len(body) > MAX_DEPTH and body.count(b"[") + body.count(b"{") > MAX_DEPTH and _depth(body) > MAX_DEPTH:
        raise DecodeError(f"it is nested deeper than {MAX_DEPTH} levels")
    shape = body.translate(_SHAPES)
    if b"0." in shape or b"0000000000000000" in shape:
        return DecodedValue(_exactly(body), True)
    try:
        return DecodedValue(orjson.loads(body), False)
    except orjson.JSONDecodeError as error:
        raise DecodeError(_not_text(body) or _reason(error)) from None


def plain_numbers(value: Any) -> Any:
    """The value with floats for the decimals that exact parsing leaves."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, list):
        return [plain_numbers(item) for item in value]
    if isinstance(value, dict):
        return {name: plain_numbers(item) for name, item in value.items()}
    return value


def _exactly(body: bytes) -> Any:
    if (flaw := _not_text(body)) is not None:
        raise DecodeError(flaw)
    text = body.decode()
    try:
        value = json.loads(text, parse_float=_decimal, parse_int=_integer, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise DecodeError(_reason(error)) from None
    if _SURROGATE.search(text) and not all(map(_is_unicode, _texts(value))):
        raise DecodeError("it holds a lone surrogate")
    return value


def _not_text(body: bytes) -> str | None:
    """Where bytes are no text in UTF-8, which parsers tell in words of their own."""
    try:
        body.decode()
    except UnicodeDecodeError as error:
        return f"it is not UTF-8 at byte {error.start}"
    return None


def _decimal(text: str) -> Decimal:
    if math.isinf(float(text)):
        raise DecodeError(f"the number {text[:20]} is beyond what a double holds")
    try:
        return Decimal(text)
    except InvalidOperation:  # an exponent beyond those of decimals: next to zero, or zero in many digits
        return Decimal((text.startswith("-"), (bool(_NOT_ZERO.match(text)),), _LEAST_EXPONENT))


def _integer(text: str) -> int:
    if len(text.lstrip("-")) > MAX_DIGITS:
        raise DecodeError(f"an integer has more than {MAX_DIGITS:,} digits")
    return int(text)


def _no_constant(name: str) -> Any:
    raise DecodeError(f"{name} is not JSON")


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, dict):
        for name, item in value.items():
            yield name
            yield from _texts(item)


def _is_unicode(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _reason(error: ValueError) -> str:
    return str(error).partition(" (char")[0]


def _depth(body: bytes) -> int:
    deepest = depth = 0
    for byte in _OUTSIDE_STRINGS.sub(b"", body):
        if byte in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b"]}":
            depth -= 1
    return deepest
