"""Validation without compiling: slower for each value, but at no cost for a schema that is asked about a few times."""

import threading
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import cache, cached_property
from typing import Any

from lookalike.json_values import is_number


class UncompiledValidator:
    """Validates values by schemas of a document without compiling them (by the package jsonschema).

    For schemas that are asked about a few times, as in a search for examples: compiling takes time and memory for all
    that a schema refers to, this only for what the value leads to.
    """

    def __init__(self, root: Any) -> None:
        self._root = root

    def __call__(self, nodes: Sequence[Any], value: Any, formats: bool = True) -> bool:
        """Whether a value is valid by all of some schemas; False for unusable ones. A circle is a `RecursionError`."""
        validator = self._with_formats if formats else self._plain
        try:
            return all(node is True or validator.evolve(schema=node).is_valid(value) for node in nodes)
        except (TypeError, AttributeError, LookupError, ArithmeticError):
            return False

    @cached_property
    def _plain(self) -> Any:
        return _interpreter()(self._root)

    @cached_property
    def _with_formats(self) -> Any:
        return _interpreter()(self._root, format_checker=_interpreter().FORMAT_CHECKER)


@cache
def _interpreter() -> Any:
    """The class of the validator, with `pattern` and `multipleOf` as jsonschema-rs has them: ECMA-262, and exact."""
    import jsonschema  # here, since a mock that answers by examples never needs it
    from jsonschema.validators import extend

    from lookalike.schema.costly_patterns import matches_at_length

    def pattern(_: Any, pattern: str, value: Any, __: Any) -> Iterator[jsonschema.ValidationError]:
        if isinstance(value, str) and not matches_at_length(pattern, value):
            yield jsonschema.ValidationError("pattern")

    def multiple_of(_: Any, divisor: Any, value: Any, __: Any) -> Iterator[jsonschema.ValidationError]:
        if is_number(value) and Fraction(str(value)) % Fraction(str(divisor)):
            yield jsonschema.ValidationError("multipleOf")

    under_way = threading.local()
    follow: Any = jsonschema.Draft202012Validator.VALIDATORS["$ref"]

    def reference(validator: Any, ref: str, value: Any, schema: Any) -> Iterator[jsonschema.ValidationError]:
        """The keyword `$ref` of jsonschema, but that each reference is followed once for each value.

        One that leads to itself about the same value would never end, and twenty-five `allOf` of two references each
        lead to one schema in 2^25 ways.
        """
        steps: set[tuple[str, int]] = under_way.__dict__.setdefault("steps", set())
        verdicts: dict[tuple[str, int], bool] = under_way.__dict__.setdefault("verdicts", {})
        step = ref, id(value)
        if step in steps:
            raise RecursionError(ref)
        if step in verdicts:
            if not verdicts[step]:
                yield jsonschema.ValidationError("$ref")
            return
        steps.add(step)
        try:
            errors = iter(follow(validator, ref, value, schema))
            first = next(errors, None)
            verdicts[step] = first is None
            if first is not None:
                yield first
                yield from errors
        finally:
            steps.discard(step)
            if not steps:  # values of another call may have the same ids
                verdicts.clear()

    ours = {"pattern": pattern, "multipleOf": multiple_of, "$ref": reference}
    return extend(jsonschema.Draft202012Validator, ours)  # type: ignore[no-untyped-call]  # they have no types
