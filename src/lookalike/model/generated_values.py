"""Generated values: those that neither the request nor the state holds. The same request gets the same values."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from lookalike.contract.expressions import Expression
from lookalike.model.context import RequestContext, ValueSource, compile_source
from lookalike.model.minting import ANYBODY, SIGNED_OUT, mint, name_in, secrets_in, subject_in, subject_of
from lookalike.naming.accounts import TOKEN_LIFETIME

# A time of an example: what stands before its hours, its digits behind the second, and how it writes that it is in UTC.
_TIME = re.compile(
    r"\d{4}-\d\d-\d\d(?P<before>[T ])\d\d:\d\d:\d\d(?:\.(?P<digits>\d+))?(?P<zone>[+-]00:00|Z|[+-]\d\d:?\d\d)?"
)
_MICROSECONDS = 6  # digits of a second


def compile_value(expression: Expression) -> ValueSource:
    """The function that finds what an expression points to, generated values among it."""
    if expression.source == "generated":
        return _GENERATORS[expression.name]
    return compile_source(expression)


def timestamp(at: float, example: Any = None) -> str:
    """A time in seconds since 1970 as text (RFC 3339 section 5.6, `date-time`).

    It has as many digits of a second as an example, and its `+00:00` in place of `Z`. One of PHP, as
    `2024-01-01 12:30:00`, is followed too, though RFC 3339 allows it no place without a zone.
    """
    shown = _TIME.fullmatch(example) if isinstance(example, str) else None
    digits = min(len(shown["digits"] or ""), _MICROSECONDS) if shown else 0
    moment = datetime.fromtimestamp(at, UTC)
    fraction = f".{moment.microsecond:06}"[: digits + 1] if digits else ""
    written = moment.replace(tzinfo=None).isoformat(sep=shown["before"] if shown else "T", timespec="seconds")
    return f"{written}{fraction}{_zone_like(shown['zone'] or '') if shown else 'Z'}"


def _zone_like(zone: str) -> str:
    return zone if not zone or zone.endswith("00:00") else "Z"


def is_timestamp(value: Any) -> bool:
    """Whether a value is a time as a text, as `timestamp` writes it."""
    return isinstance(value, str) and _TIME.fullmatch(value) is not None


def date(at: float) -> str:
    """The date in UTC of a time in seconds since 1970 (RFC 3339 section 5.6, `full-date`)."""
    return datetime.fromtimestamp(at, UTC).date().isoformat()


def _date_of_http(at: float) -> str:
    return format_datetime(datetime.fromtimestamp(int(at), UTC), usegmt=True)


def _date_of_mail(at: float) -> str:
    return format_datetime(datetime.fromtimestamp(int(at), UTC))


_REFRESH_LIFETIME = 30 * 24 * 3600  # seconds
# The text of a time by the format of a string; the last ones have no registered name (RFC 9110, 5.6.7, and RFC 5322).
TIME_FORMATS: Mapping[str, Callable[[float], str]] = {
    **dict.fromkeys(("date-time", "datetime", "dateTime", "iso-datetime"), timestamp),
    "date": date,
    **dict.fromkeys(("http-date", "date-time-rfc1123"), _date_of_http),
    "date-time-rfc-2822": _date_of_mail,
}


def _now(context: RequestContext) -> str:
    return timestamp(context.request.at)


def _today(context: RequestContext) -> str:
    return date(context.request.at)


def _seconds(context: RequestContext) -> int:
    return int(context.request.at)


def _uuid(context: RequestContext) -> str:
    """A UUID that depends on the request and its time, since the model has no source of chance."""
    request = context.request
    return str(uuid5(NAMESPACE_URL, f"{request.method} {request.path}?{request.query} {request.at}"))


def _token(context: RequestContext) -> str:
    """A token that the mock accepts for an hour, and that says who asked for it, as does a token to refresh."""
    return mint(context.request.at, TOKEN_LIFETIME, subject=_subject_of_token(context), claims=_session(context))


def _refresh_token(context: RequestContext) -> str:
    """A token to get others by, for a month: another one than that, since clients tell them apart."""
    claims = {"typ": "refresh", **_session(context)}
    return mint(context.request.at, _REFRESH_LIFETIME, subject=_subject_of_token(context), claims=claims)


def _expiry(context: RequestContext) -> str:
    """The time until which such a token is valid."""
    return timestamp(int(context.request.at) + TOKEN_LIFETIME)


def _session(context: RequestContext) -> dict[str, str]:
    """The claim that tells a token from one of the same second that is over (RFC 7519 section 4.1.7)."""
    ended = context.state.count(SIGNED_OUT, None)
    return {"jti": str(ended)} if ended else {}


def _subject_of_token(context: RequestContext) -> str:
    subjects = filter(None, map(subject_of, secrets_in(context.body)))
    return name_in(context.body) or next(subjects, "") or subject_in(context.request.headers) or ANYBODY


def cookie_with_token(name: str, context: RequestContext) -> str:
    """A Set-Cookie field with such a token (RFC 6265 section 4.1)."""
    return f"{name}={_token(context)}; Path=/; Max-Age={TOKEN_LIFETIME}; HttpOnly; SameSite=Lax"


def cleared_cookie(name: str, context: RequestContext) -> str:
    """A Set-Cookie field after which a client no longer has the cookie (RFC 6265 section 3.1)."""
    return f"{name}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"


_GENERATORS: Mapping[str, ValueSource] = {
    "now": _now,
    "today": _today,
    "seconds": _seconds,
    "uuid": _uuid,
    "token": _token,
    "refresh-token": _refresh_token,
    "expiry": _expiry,
}
