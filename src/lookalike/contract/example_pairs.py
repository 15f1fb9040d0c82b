"""Pairs of examples: those of a request and of a response that have the same name.

OpenAPI says nothing of what examples of the same name have to do with each other, but authors and tools such as
Microcks pair them: `examples` of parameters and of the request body (OpenAPI 3.1 sections 4.8.12 and 4.8.14) with those
of a response (4.8.17).
"""

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any, NamedTuple

from lookalike.contract.contract import Operation
from lookalike.contract.requests import ParameterKey
from lookalike.json_values import Pointer, object_at

_COMPARED = frozenset({"path", "query", "header", "cookie"})


class ExamplePair(NamedTuple):
    """The request of an example, and where the response of the same name is.

    `parameters` are by location and name (header names in lower case), `bodies` by media type. `status` is the key of
    the response, and `media_type` the one of its media types that has the example.
    """

    name: str
    parameters: Mapping[ParameterKey, Any]
    bodies: Mapping[str, Any]
    status: str
    media_type: str


def example_pairs(data: Mapping[str, Any], operation: Operation) -> tuple[ExamplePair, ...]:
    """The pairs of an operation of a document, in the order of its responses."""
    here: Pointer = ("paths", operation.path, operation.method.lower())
    parameters = _of_parameters(data, here)
    bodies = _of_body(data, (*here, "requestBody"))
    found: dict[str, ExamplePair] = {}
    for status, media_type, name in _of_responses(data, operation, here):
        if name in parameters or name in bodies:
            found.setdefault(
                name, ExamplePair(name, parameters.get(name, {}), bodies.get(name, {}), status, media_type)
            )
    return tuple(found.values())


def _of_parameters(data: Mapping[str, Any], operation: Pointer) -> dict[str, dict[ParameterKey, Any]]:
    """The values of parameters by the name of the example; those of the operation override those of its path."""
    found: dict[str, dict[ParameterKey, Any]] = {}
    for parent in (operation[:-1], operation):
        _, node = object_at(data, parent)
        listed = node.get("parameters", ())
        for index in range(len(listed) if isinstance(listed, list) else 0):
            pointer, parameter = object_at(data, (*parent, "parameters", index))
            source, name = parameter.get("in"), parameter.get("name", "")
            if source not in _COMPARED:
                continue
            key = (str(source), name.lower() if source == "header" else name)
            inside = ((*pointer, "content", media_type) for media_type in parameter.get("content", {}))
            for place in chain((pointer,), inside):
                for example, value in _named(data, place):
                    found.setdefault(example, {})[key] = value
    return found


def _of_body(data: Mapping[str, Any], pointer: Pointer) -> dict[str, dict[str, Any]]:
    """The bodies by the name of the example, and then by media type."""
    found: dict[str, dict[str, Any]] = {}
    pointer, body = object_at(data, pointer)
    for media_type in body.get("content", {}):
        for name, value in _named(data, (*pointer, "content", media_type)):
            found.setdefault(name, {})[media_type] = value
    return found


def _of_responses(data: Mapping[str, Any], operation: Operation, here: Pointer) -> Iterator[tuple[str, str, str]]:
    """The status, the media type and the name of every named example of a response."""
    for status, response in operation.responses.items():
        pointer, _ = object_at(data, (*here, "responses", status))
        for media_type in response.content:
            for name, _ in _named(data, (*pointer, "content", media_type)):
                yield status, media_type, name


def _named(data: Mapping[str, Any], pointer: Pointer) -> Iterator[tuple[str, Any]]:
    """The examples of a parameter or a media type that have a name and a value."""
    pointer, node = object_at(data, pointer)
    examples = node.get("examples")
    for name in examples if isinstance(examples, Mapping) else ():
        _, example = object_at(data, (*pointer, "examples", name))
        if "value" in example:
            yield name, example["value"]
