"""The values of `format` that are checked, strictly or as servers usually take them (JSON Schema Validation section 7).

jsonschema-rs knows the formats of JSON Schema; a function here adds one, or stands in place of its own.
"""

import re
from collections.abc import Callable, Mapping
from enum import Enum
from functools import cache

import jsonschema_rs

_IS_BASE64 = re.compile(r"[A-Za-z0-9+/_-]*={0,2}\Z").match
# A time of the day as ISO 8601 has it, behind a date or not. It may lack the seconds and the zone: forms of HTML
# (`datetime-local`, `time`), and LocalDateTime of Java, DateTime of .NET and datetime of Python send it so. Or its zone
# lacks the colon, as `%z` writes it in Python (which is what the clients of OpenAPI Generator send) and in C.
_ISO_TIME = re.compile(r"(?:(\d{4}-\d\d-\d\d)[T ])?(\d\d:\d\d)(:\d\d(?:\.\d+)?)?(?:([+-]\d\d):?(\d\d))?\Z").match


class FormatCheck(Enum):
    """How strings are checked by `format`: not at all, by the letter, or with times as ISO 8601 has them."""

    NONE = "none"
    STRICT = "strict"
    LENIENT = "lenient"


def _is_base64(text: str) -> bool:
    """Whether a string is base64: in either alphabet of RFC 4648, with padding or without, as clients send it."""
    return _IS_BASE64(text) is not None


@cache
def _by_the_letter(name: str) -> Callable[[str], bool]:
    return jsonschema_rs.Draft202012Validator({"format": name}, validate_formats=True).is_valid


def _is_date_time(text: str) -> bool:
    return _by_the_letter("date-time")(_with_whole_zone(text))


def _is_time(text: str) -> bool:
    return _by_the_letter("time")(_with_whole_zone(text))


def _with_whole_zone(text: str) -> str:
    """A time of ISO 8601 as RFC 3339 has it, a local one in UTC; any other text as it is."""
    found = _ISO_TIME(text)
    if found is None:
        return text
    date, minutes, seconds, hours, rest = found.groups()
    zone = f"{hours}:{rest}" if hours else "Z"
    return f"{date + 'T' if date else ''}{minutes}{seconds or ':00'}{zone}"


# Formats of the OpenAPI registry that JSON Schema does not know.
_STRICT: dict[str, Callable[[str], bool]] = {"byte": _is_base64}

FORMATS: Mapping[FormatCheck, dict[str, Callable[[str], bool]]] = {
    FormatCheck.NONE: {},
    FormatCheck.STRICT: _STRICT,
    FormatCheck.LENIENT: {**_STRICT, "date-time": _is_date_time, "time": _is_time},
}
"""The functions that a validator gets for each check."""
