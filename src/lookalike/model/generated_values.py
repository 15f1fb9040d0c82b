"""Generated values: what neither the request nor the state holds, and yet is the same for the same request."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from lookalike.contract.expressions import Expression
from lookalike.model.context import RequestContext, ValueSource, compile_source


def compile_value(expression: Expression) -> ValueSource:
    """The function that finds what an expression points to, generated values among them."""
    if expression.source == "generated":
        return _GENERATED[expression.name]
    return compile_source(expression)


def now(at: float) -> str:
    """A time in seconds since 1970 as a text (RFC 3339)."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def today(at: float) -> str:
    """The date of such a time."""
    return datetime.fromtimestamp(at, UTC).date().isoformat()


def _uuid(context: RequestContext) -> str:
    """A UUID that is the same for the same request at the same time."""
    method, path, query, _, _, at = context.request
    return str(uuid5(NAMESPACE_URL, f"{method} {path}?{query} {at}"))


_GENERATED: Mapping[str, Callable[[RequestContext], Any]] = {
    "now": lambda context: now(context.request.at),
    "today": lambda context: today(context.request.at),
    "seconds": lambda context: int(context.request.at),
    "uuid": _uuid,
}
