"""Numbers of a request, read as the contract's number policies say.

Only bodies that were parsed exactly come here: all others hold plain integers of at most 15 digits.
"""

import math
from decimal import Decimal
from typing import Any

from lookalike.codecs.json_text import plain_numbers
from lookalike.contract.extension import HttpPolicies
from lookalike.json_values import Pointer
from lookalike.readings import Choose, Chosen, Policy
from lookalike.schema.messages import name_of
from lookalike.schema.validator import ALWAYS, Violation

MAX_SAFE_INTEGER = 2**53


class NumberReader:
    """The number policies of a contract, for bodies whose `members` are numbers or lists of numbers."""

    def __init__(self, decide: HttpPolicies, members: frozenset[str], clauses: tuple[str, ...]) -> None:
        self._decide = decide
        self._members = members
        self._clauses = clauses

    def read(self, body: Any, choose: Choose) -> tuple[Any, list[Violation]]:
        """The body with plain numbers, and what the policies refuse in it."""
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

    def _number(self, value: Any, place: Pointer, choose: Choose, violations: list[Violation]) -> Any:
        if isinstance(value, Decimal):
            if value != value.to_integral_value():
                return self._fraction(value, choose)
            if self._decide.number_spelling.under(choose) == "rejected":
                why = "must be written without fraction and exponent"
                violations.append(self._refusal(place, why, self._decide.number_spelling))
            value = int(value)
        if (
            isinstance(value, int)
            and abs(value) > MAX_SAFE_INTEGER
            and self._decide.precision.under(choose) == "rejected"
        ):
            violations.append(self._refusal(place, "must not be beyond 2^53", self._decide.precision))
        return self._rounded(value, choose)

    def _fraction(self, value: Decimal, choose: Choose) -> int | float:
        return int(value) if self._decide.fraction.under(choose) == "truncated" else float(value)

    def _rounded(self, value: Any, choose: Choose) -> Any:
        """The value, or what doubles make of the long integers in it."""
        if isinstance(value, list):
            return [self._rounded(item, choose) for item in value]
        if isinstance(value, dict):
            return {name: self._rounded(item, choose) for name, item in value.items()}
        return self.integer(value, choose) if type(value) is int else value

    def integer(self, value: int, choose: Choose) -> int:
        """The integer, or the double next to it where that is what the contract keeps."""
        if abs(value) <= MAX_SAFE_INTEGER or self._decide.precision.under(choose) != "double":
            return value
        return as_double(value)

    def _refusal(self, place: Pointer, why: str, policy: Policy[str]) -> Violation:
        when = {policy.reading: frozenset({"rejected"})} if isinstance(policy, Chosen) else ALWAYS
        return Violation("body", place, "type", f"{name_of(place, 'the body')} {why}", self._clauses, when)


def as_double(value: int) -> int:
    """The integer that a double holds in place of this one; beyond the doubles the integer itself."""
    try:
        double = float(value)
    except OverflowError:
        return value
    return int(double) if math.isfinite(double) else value
