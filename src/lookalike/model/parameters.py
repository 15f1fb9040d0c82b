"""Parameters in the path: text to values, checked against their schemas."""

import re
from collections.abc import Callable
from typing import Any

from lookalike.contract.contract import Operation, Parameter
from lookalike.contract.extension import Decide
from lookalike.contract.routing import parameter_names
from lookalike.contract.schemas import Violation
from lookalike.model.body import relevant
from lookalike.model.faults import Fault, conditions_of, readings_of
from lookalike.model.numbers import SAFE, as_double
from lookalike.model.parsing import MAX_DIGITS
from lookalike.model.scope import Scope

_INTEGER = re.compile(rf"(?:0|-?[1-9][0-9]{{0,{MAX_DIGITS - 1}}})\Z")

ReadPath = Callable[[Scope, tuple[str, ...]], Fault | None]


def compile_path(operation: Operation, decide: Decide) -> ReadPath:
    """The function that reads the templated segments of a path, in order, into the scope."""
    names = parameter_names(operation.path)
    readers = tuple((name, _compile_parameter(operation.parameters[name], decide)) for name in names)

    def read_path(scope: Scope, texts: tuple[str, ...]) -> Fault | None:
        found: tuple[Violation, ...] = ()
        for (name, read), text in zip(readers, texts, strict=True):
            value = read(scope, text)
            if isinstance(value, tuple):
                found += value
            else:
                scope.path[name] = value
        if not found:
            return None
        status = decide.path_parameter.under(scope.choose)
        return Fault(status, found, (*readings_of(decide.path_parameter), *conditions_of(found)))

    return read_path


def _compile_parameter(parameter: Parameter, decide: Decide) -> Callable[[Scope, str], Any]:
    """The function from text to value, or to a tuple of violations (no value in a path is a tuple)."""
    place, subject = (parameter.name,), parameter.name
    to_value = _TO_VALUE.get(parameter.type, _text)

    def read(scope: Scope, text: str) -> Any:
        value = to_value(text)
        if value is None:
            why = f"{subject} must be an integer, written in plain digits without leading zeros"
            return (Violation("path", place, "type", why),)
        if type(value) is int and value > SAFE:
            return beyond_doubles(scope, value)
        return checked(scope, value)

    def beyond_doubles(scope: Scope, value: int) -> Any:
        precision = decide.precision.under(scope.choose)
        if precision == "rejected":
            when = dict.fromkeys(readings_of(decide.precision), frozenset({precision}))
            return (Violation("path", place, "maximum", f"{subject} must not be beyond 2^53", (), when),)
        return checked(scope, as_double(value) if precision == "double" else value)

    def checked(scope: Scope, value: Any) -> Any:
        if parameter.schema.accepts(value):
            return value
        found = parameter.schema.violations(value, "path", subject)
        return relevant((violation._replace(pointer=place) for violation in found), scope.choose) or value

    return read


def _text(text: str) -> str:
    return text


def _integer(text: str) -> int | None:
    return int(text) if _INTEGER.match(text) else None


_TO_VALUE: dict[str, Callable[[str], Any]] = {"integer": _integer}
