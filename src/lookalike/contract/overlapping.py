"""Alternatives: operations on one path with one method, told apart by what a request has to carry for each.

OpenAPI cannot say so. Documents write a query or a fragment behind the path (`/templates?draft=true`, `/#CreateTable`),
of which clients send the query alone; and for each operation they demand a parameter that has one value only.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from lookalike.contract.contract import Operation
from lookalike.contract.requests import Parameter
from lookalike.contract.routing import plain_path, query_behind
from lookalike.http import Request

_TEMPLATE = re.compile(r"\{[^{}]+\}")
_TEXTS = (str, int, float)


class _Mark(NamedTuple):
    """A parameter that a request has to carry, and its text where only one will do."""

    source: str
    name: str
    text: str | None = None


class OverlappingOperations:
    """Operations of which a request asks for one: that whose marks it carries, the most of them."""

    def __init__(self, operations: Sequence[Operation]) -> None:
        self.operations = operations

    def asked_for(self, request: Request) -> int:
        """The index of the operation that a request asks for, of the first where it carries the marks of none."""
        if len(self.operations) == 1:
            return 0
        sent = {"query": dict(parse_qsl(request.query, keep_blank_values=True)), "header": request.headers}
        for kinds, known in self._groups.items():
            if all(kind.name in sent[kind.source] for kind in kinds):
                texts = tuple(None if kind.text is None else sent[kind.source][kind.name] for kind in kinds)
                if texts in known:
                    return known[texts]
        return 0

    @cached_property
    def _groups(self) -> dict[tuple[_Mark, ...], dict[tuple[str | None, ...], int]]:
        """The operations by what a request carries for them, and by the texts of that; those with most come first."""
        marked = [sorted(set(_marks(operation)), key=str) for operation in self.operations]
        groups: dict[tuple[_Mark, ...], dict[tuple[str | None, ...], int]] = {}
        for index, marks in sorted(enumerate(marked), key=lambda one: -len(one[1])):
            kinds = tuple(mark if mark.text is None else mark._replace(text="") for mark in marks)
            groups.setdefault(kinds, {}).setdefault(tuple(mark.text for mark in marks), index)
        return groups


def by_route(operations: Iterable[tuple[str, Operation]]) -> dict[str, dict[str, OverlappingOperations]]:
    """The operations on each path by method, given each with its path; those with nothing behind the path come first.

    Paths that differ in the names of their templates are the same (OpenAPI 3.1 section 4.8.8.2).
    """
    routes: dict[str, dict[str, list[Operation]]] = {}
    for path, operation in sorted(operations, key=lambda one: plain_path(one[0]) != one[0]):
        routes.setdefault(route_of(path), {}).setdefault(operation.method, []).append(operation)
    return {
        route: {method: OverlappingOperations(found) for method, found in methods.items()}
        for route, methods in routes.items()
    }


def route_of(path: str) -> str:
    """A path template without what is behind it and without the names of its templates."""
    return _TEMPLATE.sub("{name}", plain_path(path))


def _marks(operation: Operation) -> Iterator[_Mark]:
    for name, text in query_behind(operation.path):
        yield _Mark("query", name, text if text and "{" not in text else None)
    for parameter in operation.parameters.values():
        only = _only_text(parameter)
        if parameter.required and parameter.location == "query":
            yield _Mark("query", parameter.name, only)
        elif parameter.required and parameter.location == "header" and only is not None:
            yield _Mark("header", parameter.name.lower(), only)


def _only_text(parameter: Parameter) -> str | None:
    """How the one value of a parameter is written, where there is only one; a flag may be written in any way."""
    values: Any = parameter.value_type.keyword("enum", [])
    constant = parameter.value_type.keyword("const")
    if constant is not None:
        values = [constant]
    is_text = len(values) == 1 and isinstance(values[0], _TEXTS) and not isinstance(values[0], bool)
    return str(values[0]) if is_text else None
