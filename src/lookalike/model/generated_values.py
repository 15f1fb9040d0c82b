"""Generated values: those that neither the request nor the state holds. The same request gets the same values."""

from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import NAMESPACE_URL, uuid5

from lookalike.contract.expressions import Expression
from lookalike.contract.inference.vocabulary import TOKEN_LIFETIME
from lookalike.model.context import RequestContext, ValueSource, compile_source
from lookalike.model.minting import ANYBODY, mint, name_in, secrets_in, subject_of


def compile_value(expression: Expression) -> ValueSource:
    """The function that finds what an expression points to, generated values among it."""
    if expression.source == "generated":
        return _GENERATORS[expression.name]
    return compile_source(expression)


def timestamp(at: float) -> str:
    """A time in seconds since 1970 as text (RFC 3339 section 5.6, `date-time`)."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def date(at: float) -> str:
    """The date in UTC of a time in seconds since 1970 (RFC 3339 section 5.6, `full-date`)."""
    return datetime.fromtimestamp(at, UTC).date().isoformat()


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
    subjects = filter(None, map(subject_of, secrets_in(context.body)))
    name = name_in(context.body) or next(subjects, "")
    return mint(context.request.at, TOKEN_LIFETIME, subject=name or ANYBODY)


_GENERATORS: Mapping[str, ValueSource] = {
    "now": _now,
    "today": _today,
    "seconds": _seconds,
    "uuid": _uuid,
    "token": _token,
}
