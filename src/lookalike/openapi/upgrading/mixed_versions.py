"""Operations of Swagger 2.0 in documents of OpenAPI 3.

Generators that put annotations for 2.0 into a document of 3 write such ones, as those of Rails and Express do.
"""

from collections.abc import Iterator
from typing import Any

from lookalike.openapi.walk import METHODS

OperationPlace = tuple[str, str]
"""The path and the method of an operation."""


def operations_of_2_0(data: Any) -> Iterator[OperationPlace]:
    """The operations with a parameter or a response that only Swagger 2.0 has in that form."""
    for path, item in _members(_members(data).get("paths")).items():
        for method in METHODS:
            operation = _members(_members(item).get(method))
            listed = operation.get("parameters")
            parameters = listed if isinstance(listed, list) else []
            responses = _members(operation.get("responses")).values()
            if any(map(_is_parameter_of_2_0, parameters)) or any(map(is_response_of_2_0, responses)):
                yield path, method


def is_response_of_2_0(response: Any) -> bool:
    """Whether a response has a schema of its own, which OpenAPI 3 has in its media types."""
    return isinstance(response, dict) and "schema" in response and "content" not in response


def _is_parameter_of_2_0(parameter: Any) -> bool:
    members = _members(parameter)
    is_typed = "type" in members and not members.keys() & {"schema", "content"}
    return members.get("in") in ("body", "formData") or is_typed


def _members(node: Any) -> dict[str, Any]:
    return node if isinstance(node, dict) else {}
