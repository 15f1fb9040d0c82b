"""Generated values: what neither the request nor the state holds, and yet is the same for the same request."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from lookalike.contract.expressions import Expression
from lookalike.model.scope import Scope, Source, compile_source


def compile_value(expression: Expression) -> Source:
    """The function that finds what an expression points to, generated values among them."""
    if expression.source == "generated":
        return GENERATED[expression.name]
    return compile_source(expression)


def now(scope: Scope) -> str:
    """The time of a request (RFC 3339)."""
    return _moment(scope).isoformat(timespec="seconds").replace("+00:00", "Z")


def today(scope: Scope) -> str:
    """The date of a request."""
    return _moment(scope).date().isoformat()


def seconds(scope: Scope) -> int:
    """The time of a request in seconds since 1970."""
    return int(scope.request.at)


def uuid(scope: Scope) -> str:
    """A UUID that is the same for the same request at the same time."""
    method, path, query, _, _, at = scope.request
    return str(uuid5(NAMESPACE_URL, f"{method} {path}?{query} {at}"))


def _moment(scope: Scope) -> datetime:
    return datetime.fromtimestamp(scope.request.at, UTC)


GENERATED: Mapping[str, Callable[[Scope], Any]] = {"now": now, "today": today, "seconds": seconds, "uuid": uuid}
