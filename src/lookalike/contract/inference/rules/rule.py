"""The type of a rule: from an operation on a resource to the `x-lookalike` that the document could have stated.

A rule returns None where it lacks the evidence, or where the response could not be answered from state so that it fits
its schema. The shape of the path is always part of the evidence.
"""

from collections.abc import Callable

from lookalike.contract.inference.resource_operation import Extension, ResourceOperation

Inference = tuple[Extension, str]
"""The semantics of an operation, as `x-lookalike` and in words."""

Rule = Callable[[ResourceOperation], Inference | None]


def answer_keyword(answer: Extension) -> Extension:
    """The keyword for a response, where there is something to say about one."""
    return {"answer": answer} if answer else {}
