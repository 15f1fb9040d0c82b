"""A validator of many schemas at once, asked about one of them.

Large schemas mostly lead to each other: compiled alone, each takes about as much time and memory as all of them take as
the members of one object.
"""

from collections.abc import Iterator
from typing import Any

import jsonschema_rs

from lookalike.schema.explanation import Validator


class MemberValidator:
    """The validator of one member of the objects that another validates; its errors are those of the member alone."""

    def __init__(self, validator: Validator, name: str) -> None:
        self._validator = validator
        self._name = name

    def is_valid(self, instance: Any) -> bool:
        """The verdict."""
        return self._validator.is_valid({self._name: instance})

    def iter_errors(self, instance: Any) -> Iterator[Any]:
        """All errors."""
        return map(_of_member, self._validator.iter_errors({self._name: instance}))

    def validate(self, instance: Any) -> None:
        """Raise the first error."""
        try:
            self._validator.validate({self._name: instance})
        except jsonschema_rs.ValidationError as error:
            raise _of_member(error) from None


def _of_member(error: Any) -> Any:
    """The error without the way to the member (`properties`, NAME), and so those of its alternatives."""
    error.instance_path = error.instance_path[1:]
    error.evaluation_path = error.evaluation_path[2:]
    for branch in getattr(error.kind, "context", ()):
        for inner in branch:
            _of_member(inner)
    return error
