"""Parameters in the path: text to values, checked against their schemas."""

import re
from collections.abc import Callable
from typing import Any

from lookalike.contract.choices import Chosen
from lookalike.contract.contract import Parameter
from lookalike.contract.extension import Decide
from lookalike.contract.schemas import Violation
from lookalike.model.body import relevant
from lookalike.model.faults import Fault, conditions_of, readings_of
from lookalike.model.numbers import SAFE, as_double
from lookalike.model.parsing import MAX_DIGITS
from lookalike.model.scope import Scope

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,%d})\Z" % (MAX_DIGITS - 1))

ReadPath = Callable[[Scope, tuple[str, ...]], Fault | None]


def compile_path(parameters: tuple[Parameter, ...], decide: Decide) -> ReadPath:
    """The function that reads the templated segments of a path, in order, into the scope."""
    readers = tuple((parameter.name, _compile_parameter(parameter, decide)) for parameter in parameters)

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
    accepts, place, subject = parameter.schema.accepts, (parameter.name,), parameter.name

    def read(scope: Scope, text: str) -> Any:
        value: Any = text
        if parameter.type == "integer":
            if not _INTEGER.match(text):
                why = f"{subject} must be an integer, written in plain digits without leading zeros"
                return (Violation("path", place, "type", why),)
            value = int(text)
            if value > SAFE:
                policy = decide.precision
                precision = policy.under(scope.choose)
                if precision == "rejected" and isinstance(policy, Chosen):
                    when = {policy.reading: frozenset({precision})}
                    return (Violation("path", place, "maximum", f"{subject} must not be beyond 2^53", (), when),)
                value = as_double(value) if precision == "double" else value
        if accepts(value):
            return value
        found = parameter.schema.violations(value, "path", subject)
        return relevant((violation._replace(pointer=place) for violation in found), scope.choose) or value

    return read
