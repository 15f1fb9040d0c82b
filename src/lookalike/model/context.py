"""What is known while one request is decided."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from lookalike.codecs.parameter_styles import cookie_fields
from lookalike.contract.expressions import Expression
from lookalike.http import Request
from lookalike.json_values import ABSENT, find
from lookalike.model.state import State
from lookalike.readings import Choose


class RequestContext:
    """One request, the state that it meets, the choices in force, and what was read out of the request so far.

    `path`, `query`, `header` and `cookie` hold the values of declared parameters by name (of headers in lower case);
    `media` is the media type of the document that the body was read by, empty for the first; `seed` is what the body
    of the answer is drawn from, or None where it is the same each time.
    """

    __slots__ = ("body", "choose", "cookie", "header", "media", "path", "query", "request", "seed", "state")

    def __init__(self, request: Request, state: State, choose: Choose) -> None:
        self.request = request
        self.state = state
        self.choose = choose
        self.path: Mapping[str, Any] = _NOTHING
        self.query: Mapping[str, Any] = _NOTHING
        self.header: Mapping[str, Any] = _NOTHING
        self.cookie: Mapping[str, Any] = _NOTHING
        self.body: Any = ABSENT
        self.media = ""
        self.seed: str | None = None


_NOTHING: Mapping[str, Any] = {}

ValueSource = Callable[[RequestContext], Any]


def compile_source(expression: Expression) -> ValueSource:
    """The function that finds what an expression points to, or `ABSENT`."""
    name, value, pointer = expression.name, expression.value, expression.pointer
    if expression.source == "path":
        return lambda context: context.path.get(name, ABSENT)
    if expression.source == "value":
        return lambda context: value
    if expression.source in _SENT:
        return _compile_sent(expression)
    if len(pointer) == 1:
        (member,) = pointer
        return lambda context: body.get(member, ABSENT) if type(body := context.body) is dict else ABSENT
    return lambda context: find(context.body, pointer)


def member_of(expression: Expression) -> str:
    """The member of the body that an expression points to, or nothing where it points elsewhere or deeper."""
    is_member = expression.source == "body" and len(expression.pointer) == 1
    return expression.pointer[0] if is_member else ""


def _compile_sent(expression: Expression) -> ValueSource:
    """For what may come without being declared: the value of the parameter, else the text that came."""
    source, text_of = expression.source, _SENT[expression.source]
    name = expression.name.lower() if source == "header" else expression.name

    def sent(context: RequestContext) -> Any:
        value = getattr(context, source).get(name, ABSENT)
        return text_of(context.request, name) if value is ABSENT else value

    return sent


def _in_header(request: Request, name: str) -> Any:
    return request.headers.get(name, ABSENT)


def _in_query(request: Request, name: str) -> Any:
    return dict(parse_qsl(request.query, keep_blank_values=True)).get(name, ABSENT)


def _in_cookie(request: Request, name: str) -> Any:
    return dict(cookie_fields(request.headers.get("cookie", ""))).get(name, ABSENT)


_SENT: Mapping[str, Callable[[Request, str], Any]] = {"header": _in_header, "query": _in_query, "cookie": _in_cookie}
