"""The context of a request that is being decided, and the values that runtime expressions find in it."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from lookalike.codecs.parameter_styles import cookie_fields
from lookalike.contract.expressions import Expression
from lookalike.http import Request
from lookalike.json_values import ABSENT, find
from lookalike.model.state import State
from lookalike.readings import Choose

_NO_VALUES: Mapping[str, Any] = {}


class RequestContext:
    """A request, the state that it meets, the choices in force, and the values that were read from the request.

    `path`, `query`, `header` and `cookie` hold the values of declared parameters by name (header names in lower case).
    `media` is the documented media type by which the body was decoded, empty for the first one. `seed` is the seed of
    generated response bodies, None if bodies are the same each time.
    """

    __slots__ = ("body", "choose", "cookie", "header", "media", "path", "query", "request", "seed", "state")

    def __init__(self, request: Request, state: State, choose: Choose) -> None:
        self.request = request
        self.state = state
        self.choose = choose
        self.path: Mapping[str, Any] = _NO_VALUES
        self.query: Mapping[str, Any] = _NO_VALUES
        self.header: Mapping[str, Any] = _NO_VALUES
        self.cookie: Mapping[str, Any] = _NO_VALUES
        self.body: Any = ABSENT
        self.media = ""
        self.seed: str | None = None


# Finds the value of an expression, or `ABSENT`.
ValueSource = Callable[[RequestContext], Any]


def compile_source(expression: Expression) -> ValueSource:
    """The function that finds the value of an expression about the request, or `ABSENT`."""
    name, value, pointer = expression.name, expression.value, expression.pointer
    member = pointer[0] if pointer else ""

    def path_parameter(context: RequestContext) -> Any:
        return context.path.get(name, ABSENT)

    def constant(context: RequestContext) -> Any:
        return value

    def body_member(context: RequestContext) -> Any:  # by far the most frequent, so it walks no pointer
        body = context.body
        return body.get(member, ABSENT) if type(body) is dict else ABSENT

    def body_value(context: RequestContext) -> Any:
        return find(context.body, pointer)

    if expression.source == "path":
        return path_parameter
    if expression.source == "value":
        return constant
    if expression.source in _FIND_TEXT:
        return _compile_parameter(expression)
    return body_member if len(pointer) == 1 else body_value


def member_of(expression: Expression) -> str:
    """The member of the body that an expression points to; empty if it points elsewhere or deeper."""
    is_member = expression.source == "body" and len(expression.pointer) == 1
    return expression.pointer[0] if is_member else ""


def _compile_parameter(expression: Expression) -> ValueSource:
    """The value of a parameter, or the text that was sent for one that the document does not declare."""
    source, find_text = expression.source, _FIND_TEXT[expression.source]
    name = expression.name.lower() if source == "header" else expression.name

    def parameter(context: RequestContext) -> Any:
        value = getattr(context, source).get(name, ABSENT)
        return find_text(context.request, name) if value is ABSENT else value

    return parameter


def _header_text(request: Request, name: str) -> Any:
    return request.headers.get(name, ABSENT)


def _query_text(request: Request, name: str) -> Any:
    return dict(parse_qsl(request.query, keep_blank_values=True)).get(name, ABSENT)


def _cookie_text(request: Request, name: str) -> Any:
    return dict(cookie_fields(request.headers.get("cookie", ""))).get(name, ABSENT)


_FIND_TEXT: Mapping[str, Callable[[Request, str], Any]] = {
    "header": _header_text,
    "query": _query_text,
    "cookie": _cookie_text,
}
