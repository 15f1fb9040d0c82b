"""Overlapping operations: several on one path with one method, told apart by query parameters and header fields.

OpenAPI has no way to describe them (section 4.8.8 forbids a query in a path). Documents write a query or a fragment
behind the path all the same (`/templates?draft=true`, `/#CreateTable`), of which clients send only the query; and they
require a parameter of each operation that has a single value (`X-Amz-Target`).
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


class _RequiredParameter(NamedTuple):
    """A parameter that a request must have for an operation, and its text where only one is allowed."""

    source: str
    name: str
    text: str | None = None


class OverlappingOperations:
    """Operations on one path and method; a request is for the one with most marks, of those whose marks it has."""

    def __init__(self, operations: Sequence[Operation]) -> None:
        self.operations = operations

    def asked_for(self, request: Request) -> int:
        """The index of the operation that a request is for; 0 if it has the marks of none."""
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
    def _groups(self) -> dict[tuple[_RequiredParameter, ...], dict[tuple[str | None, ...], int]]:
        """The operations by their marks, and then by the texts of these; those with most marks first."""
        marked = [sorted(set(_marks(operation)), key=str) for operation in self.operations]
        groups: dict[tuple[_RequiredParameter, ...], dict[tuple[str | None, ...], int]] = {}
        for index, marks in sorted(enumerate(marked), key=lambda one: -len(one[1])):
            kinds = tuple(mark if mark.text is None else mark._replace(text="") for mark in marks)
            groups.setdefault(kinds, {}).setdefault(tuple(mark.text for mark in marks), index)
        return groups


def by_route(operations: Iterable[tuple[str, Operation]]) -> dict[str, dict[str, OverlappingOperations]]:
    """Group operations, given with their paths, by route and method; plain paths come before those with a query.

    Paths that differ in the names of their templates alone are the same route (OpenAPI 3.1 section 4.8.8).
    """
    routes: dict[str, dict[str, list[Operation]]] = {}
    for path, operation in sorted(operations, key=lambda one: plain_path(one[0]) != one[0]):
        routes.setdefault(route_of(path), {}).setdefault(operation.method, []).append(operation)
    return {
        route: {method: OverlappingOperations(found) for method, found in methods.items()}
        for route, methods in routes.items()
    }


def route_of(path: str) -> str:
    """A path template without a query behind it, all templates under one name."""
    return _TEMPLATE.sub("{name}", plain_path(path))


def _marks(operation: Operation) -> Iterator[_RequiredParameter]:
    for name, text in query_behind(operation.path):
        yield _RequiredParameter("query", name, text if text and "{" not in text else None)
    for parameter in operation.parameters.values():
        only = _only_text(parameter)
        if parameter.required and parameter.location == "query":
            yield _RequiredParameter("query", parameter.name, only)
        elif parameter.required and parameter.location == "header" and only is not None:
            yield _RequiredParameter("header", parameter.name.lower(), only)


def _only_text(parameter: Parameter) -> str | None:
    """The text of a parameter that has a single value; booleans are left out, since clients write them in many ways."""
    values: Any = parameter.value_type.keyword("enum", [])
    constant = parameter.value_type.keyword("const")
    if constant is not None:
        values = [constant]
    is_text = len(values) == 1 and isinstance(values[0], _TEXTS) and not isinstance(values[0], bool)
    return str(values[0]) if is_text else None
