"""Numbers of a request, read by the number policies of a contract.

Only bodies that were decoded exactly come here. All others hold plain integers of at most 15 digits, which no policy
changes.
"""

import math
from decimal import Decimal
from typing import Any

from lookalike.codecs.json_text import plain_numbers
from lookalike.contract.extension import HttpPolicies
from lookalike.json_values import Pointer, with_scalars
from lookalike.readings import Choose, Chosen, Policy
from lookalike.schema.messages import name_of
from lookalike.schema.validator import ALWAYS, Violation

MAX_SAFE_INTEGER = 2**53  # the largest up to which a double holds every integer (RFC 8259 section 6)


class NumberReader:
    """The number policies of a contract for one media type; `members` are those that are numbers or lists of them."""

    def __init__(self, policies: HttpPolicies, members: frozenset[str], clauses: tuple[str, ...]) -> None:
        self._policies = policies
        self._members = members
        self._clauses = clauses

    def read(self, body: Any, choose: Choose) -> tuple[Any, list[Violation]]:
        """The body with plain numbers, and the violations of the policies in it."""
        violations: list[Violation] = []
        if not isinstance(body, dict):
            return plain_numbers(body), violations
        return {name: self._member(name, value, choose, violations) for name, value in body.items()}, violations

    def _member(self, name: str, value: Any, choose: Choose, violations: list[Violation]) -> Any:
        if name not in self._members:
            return self._rounded(plain_numbers(value), choose)
        if isinstance(value, list):
            return [self._number(item, (name, index), choose, violations) for index, item in enumerate(value)]
        return self._number(value, (name,), choose, violations)

    def _number(self, value: Any, pointer: Pointer, choose: Choose, violations: list[Violation]) -> Any:
        policies = self._policies
        if isinstance(value, Decimal):
            double = float(value)  # first, since a body may have thousands of fractions, and this tells most of them
            if not double.is_integer() or value != value.to_integral_value():
                return int(value) if policies.fraction.under(choose) == "truncated" else double
            if policies.number_spelling.under(choose) == "rejected":  # 1.0 and 1e0 are integers to JSON Schema
                message = "must be written without fraction and exponent"
                violations.append(self._violation(pointer, message, policies.number_spelling))
            value = int(value)
        is_beyond = isinstance(value, int) and abs(value) > MAX_SAFE_INTEGER
        if is_beyond and policies.precision.under(choose) == "rejected":
            violations.append(self._violation(pointer, "must not be beyond 2^53", policies.precision))
        return self._rounded(value, choose)

    def _rounded(self, value: Any, choose: Choose) -> Any:
        """The value, with long integers as doubles hold them where that is the policy."""

        def rounded(one: Any) -> Any:
            if type(one) is not int or abs(one) <= MAX_SAFE_INTEGER:
                return one
            return as_double(one) if self._policies.precision.under(choose) == "double" else one

        return with_scalars(value, rounded)

    def _violation(self, pointer: Pointer, message: str, policy: Policy[str]) -> Violation:
        when = {policy.reading: frozenset({"rejected"})} if isinstance(policy, Chosen) else ALWAYS
        return Violation("body", pointer, "type", f"{name_of(pointer, 'the body')} {message}", self._clauses, when)


def as_double(value: int) -> int:
    """The integer that is nearest to this one as a double; the integer itself beyond the range of doubles."""
    try:
        double = float(value)
    except OverflowError:
        return value
    return int(double) if math.isfinite(double) else value
