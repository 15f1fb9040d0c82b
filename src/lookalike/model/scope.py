"""What is known while one request is decided."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from lookalike.contract.choices import Choose
from lookalike.contract.expressions import ABSENT, Expression, at_pointer
from lookalike.http import Request
from lookalike.model.state import State


class Scope:
    """One request, the state that it meets, the choices in force, and what was read out of the request so far.

    `seed` is what the body of the answer is drawn from, or None where it is the same each time.
    """

    __slots__ = ("body", "choose", "path", "request", "seed", "state")

    def __init__(self, request: Request, state: State, choose: Choose) -> None:
        self.request = request
        self.state = state
        self.choose = choose
        self.path: dict[str, Any] = {}
        self.body: Any = ABSENT
        self.seed: str | None = None


Source = Callable[[Scope], Any]


def compile_source(expression: Expression) -> Source:
    """The function that finds what an expression points to, or `ABSENT`."""
    if expression.source == "path":
        return lambda scope: scope.path.get(expression.name, ABSENT)
    if expression.source == "header":
        name = expression.name.lower()
        return lambda scope: scope.request.headers.get(name, ABSENT)
    if expression.source == "query":
        return lambda scope: dict(parse_qsl(scope.request.query, keep_blank_values=True)).get(expression.name, ABSENT)
    if len(expression.pointer) == 1:
        (member,) = expression.pointer
        return lambda scope: scope.body.get(member, ABSENT) if type(scope.body) is dict else ABSENT
    return lambda scope: at_pointer(scope.body, expression.pointer)
