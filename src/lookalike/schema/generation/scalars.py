"""Strings and numbers within bounds: proposals, the likeliest first. The caller checks them."""

import math
from collections.abc import Iterator
from fractions import Fraction
from itertools import chain, count, islice
from typing import Any

from lookalike.schema.generation.patterns import Pick, string_matching
from lookalike.schema.generation.rules import Rules
from lookalike.schema.generation.work import Work

_MOST = 40

# Two values of each format that JSON Schema and OpenAPI name (JSON Schema Validation section 7.3, and the registry of
# formats of OpenAPI), with the hosts and addresses that are kept for documentation (RFC 2606, 5737, 3849).
FORMATS: dict[str, tuple[str, str]] = {
    "date-time": ("2024-01-01T00:00:00Z", "2024-06-15T12:30:00Z"),
    "date": ("2024-01-01", "2024-06-15"),
    "time": ("00:00:00Z", "12:30:00Z"),
    "duration": ("P1D", "PT1H"),
    "email": ("user@example.com", "other@example.com"),
    "idn-email": ("user@example.com", "other@example.com"),
    "hostname": ("example.com", "www.example.com"),
    "idn-hostname": ("example.com", "www.example.com"),
    "ipv4": ("192.0.2.1", "192.0.2.2"),
    "ipv6": ("2001:db8::1", "2001:db8::2"),
    "uri": ("https://example.com/", "https://example.com/other"),
    "url": ("https://example.com/", "https://example.com/other"),
    "uri-reference": ("/path", "/other"),
    "iri": ("https://example.com/", "https://example.com/other"),
    "iri-reference": ("/path", "/other"),
    "uri-template": ("https://example.com/{id}", "https://example.com/{name}"),
    "uuid": ("00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"),
    "json-pointer": ("/a", "/b"),
    "relative-json-pointer": ("0/a", "1/b"),
    "regex": ("^a$", "^b$"),
    "byte": ("c3RyaW5n", "dGV4dA=="),
    "base64url": ("c3RyaW5n", "dGV4dA"),
    "char": ("a", "b"),
    "commonmark": ("Some *text*.", "Other *text*."),
    "date-time-local": ("2024-01-01T00:00:00", "2024-06-15T12:30:00"),
    "time-local": ("00:00:00", "12:30:00"),
    "html": ("<p>string</p>", "<p>text</p>"),
    "http-date": ("Mon, 01 Jan 2024 00:00:00 GMT", "Sat, 15 Jun 2024 12:30:00 GMT"),
    "media-range": ("application/json", "text/plain"),
    "sf-binary": (":c3RyaW5n:", ":dGV4dA==:"),
    "sf-boolean": ("?1", "?0"),
    "sf-string": ('"string"', '"text"'),
    "sf-token": ("string", "text"),
    # Numbers that are written as strings, so that no client loses digits.
    **dict.fromkeys(("decimal", "decimal128", "double", "float", "sf-decimal"), ("1.5", "2.25")),
    **dict.fromkeys(("int8", "int16", "int32", "int64", "double-int", "sf-integer"), ("1", "2")),
    **dict.fromkeys(("uint8", "uint16", "uint32", "uint64", "integer"), ("1", "2")),
    # Names that are not registered, as documents have them; the phone numbers are kept for fiction.
    **dict.fromkeys(("datetime", "dateTime", "iso-datetime"), ("2024-01-01T00:00:00Z", "2024-06-15T12:30:00Z")),
    "date-time-rfc1123": ("Mon, 01 Jan 2024 00:00:00 GMT", "Sat, 15 Jun 2024 12:30:00 GMT"),
    "date-time-rfc-2822": ("Mon, 01 Jan 2024 00:00:00 +0000", "Sat, 15 Jun 2024 12:30:00 +0000"),
    **dict.fromkeys(("phone", "phone-number"), ("+12025550100", "+12025550101")),
    "guid": ("00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"),
    "slug": ("string", "text"),
    "currency": ("USD", "EUR"),
    "iso-country-code": ("US", "DE"),
    **dict.fromkeys(("ip", "ip-address"), ("192.0.2.1", "192.0.2.2")),
    "domain": ("example.com", "www.example.com"),
    "color": ("#336699", "#993366"),
    "ulid": ("01HK153X000000000000000001", "01HK153X000000000000000002"),
    "objectid": ("659200800000000000000001", "659200800000000000000002"),
}
_EPOCH_FORMATS = frozenset({"unixtime", "unix-time", "unix-timestamp", "timestamp", "epoch"})
_EPOCH = 1_704_067_200  # 2024-01-01T00:00:00Z


def strings(rules: Rules, pick: Pick, work: Work) -> Iterator[str]:
    """Strings by format and pattern, then any of the allowed length."""
    least, most = rules.get("minLength", 0), rules.get("maxLength", math.inf)
    # One after the other: the first mostly fits, and making all for a pattern of 32 digits takes a thousand steps.
    for string in chain(FORMATS.get(rules.get("format", ""), ()), _matching(rules, pick, work)):
        if least <= len(string) <= most:
            yield string
    for number in range(1, _MOST):
        fitted = _fitted("string" if number == 1 else f"{number}", int(least), most)
        if fitted is not None:
            yield fitted


def _fitted(string: str, least: int, most: float) -> str | None:
    """The string, filled up or cut to the allowed length; None for digits that are too long to differ."""
    if len(string) > most:
        return None if string.isdigit() else string[: int(most)]
    missing = least - len(string)
    return f"{string}-{'x' * (missing - 1)}" if missing > 0 else string


def _matching(rules: Rules, pick: Pick, work: Work) -> Iterator[str]:
    for pattern in rules["patterns"]:
        yield from _of_pattern(pattern, rules, pick, work)


def _of_pattern(pattern: str, rules: Rules, pick: Pick, work: Work) -> Iterator[str]:
    """Strings that match a pattern: as short as they can be, longer where that is too short, then varied."""
    short = string_matching(pattern, work, 0, pick)
    if short is None:
        return
    missing = max(0, int(rules.get("minLength", 0)) - len(short))
    for more in dict.fromkeys((0, missing, *range(missing + 1, missing + 8))):
        string = string_matching(pattern, work, more, pick) or ""
        yield string
        # A pattern without $ allows anything after it.
        yield string + "x" * (missing - (len(string) - len(short)))
    for step in range(1, _MOST):
        yield string_matching(pattern, work, missing, _turning(step)) or ""


def _turning(step: int) -> Pick:
    """A choice that differs from place to place and from step to step, yet is the same at each start."""
    places = count(1)

    def pick(options: int) -> int:
        return (step * next(places)) % options if options else 0

    return pick


def numbers(rules: Rules, whole: bool, pick: Pick) -> Iterator[Any]:
    """Numbers within the bounds, on the grid of `multipleOf`; 1 where the schema says nothing."""
    low, high = _bounds(rules)
    if rules.get("format") in _EPOCH_FORMATS:
        yield _EPOCH
    if rules.get("format") == "int32":
        high = Fraction(2**31 - 1) if high is None else high
    step = Fraction(str(rules["multipleOf"])) if "multipleOf" in rules else Fraction(1)
    if whole and step.denominator != 1:
        step *= step.denominator
    yield from map(_plain, islice(_on_grid(low, high, step, pick), _MOST))
    if not whole and "multipleOf" not in rules:
        yield from map(_plain, islice(_between(low, high), _MOST))


def _bounds(rules: Rules) -> tuple[Fraction | None, Fraction | None]:
    """The bounds of a number; whether they are exclusive is left to the check."""
    low = [Fraction(str(rules[name])) for name in ("minimum", "exclusiveMinimum") if name in rules]
    high = [Fraction(str(rules[name])) for name in ("maximum", "exclusiveMaximum") if name in rules]
    return max(low, default=None), min(high, default=None)


def _on_grid(low: Fraction | None, high: Fraction | None, step: Fraction, pick: Pick) -> Iterator[Fraction]:
    start = step
    if low is not None and low > start:
        start = Fraction(math.ceil(low / step)) * step
    if high is not None and high < start:
        start = Fraction(math.floor(high / step)) * step
    directions = (1, -1) if low is None or start > low else (1,)
    first = pick(_room(start, high, step))
    for offset in count():
        for direction in directions if offset else (1,):
            number = start + (first + offset) * step * direction
            if (low is None or number >= low) and (high is None or number <= high):
                yield number
        if offset > _MOST:
            return


def _room(start: Fraction, high: Fraction | None, step: Fraction) -> int:
    """The number of numbers to choose from."""
    return 1000 if high is None else max(1, min(10**6, int((high - start) / step) + 1))


def _between(low: Fraction | None, high: Fraction | None) -> Iterator[Fraction]:
    """Numbers between bounds that hold no whole one, ever nearer to the lower."""
    if low is not None and high is not None:
        yield from (low + (high - low) / parts for parts in range(2, _MOST))
    else:
        yield from (Fraction(number, 2) for number in range(-_MOST, _MOST))


def _plain(number: Fraction) -> int | float:
    return int(number) if number.denominator == 1 else float(number)
