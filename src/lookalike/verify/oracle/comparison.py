"""Comparison of a response with the prediction of the model, as far as the contract binds a server."""

import json
import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from lookalike.contract.contract import Contract
from lookalike.contract.responses import DocumentedResponse, response_for
from lookalike.http import Response, essence
from lookalike.model.response.response import Outcome
from lookalike.readings import Choose, holds
from lookalike.schema.validator import Violation


class Mismatch(NamedTuple):
    """The part of a response that differs from the prediction, and the expectation in words."""

    part: str
    expected: str


def mismatch(contract: Contract, outcome: Outcome, got: Response, choose: Choose) -> Mismatch | None:
    """The first difference of a response from the prediction, or None.

    The wording of undocumented bodies, and of the message of a 400, is not compared.
    """
    expected = outcome.response
    if got.status != expected.status:
        return Mismatch("status", f"status {expected.status}: {reason_of(outcome)}")
    answer = _documented(contract, outcome, expected.status)
    if answer is None:
        return _allow_mismatch(expected, got)
    return _body_mismatch(answer, got, choose)


def reason_of(outcome: Outcome) -> str:
    """The reason that the model gives for its response."""
    return outcome.response.header("Lookalike-Reason") or ""


def _documented(contract: Contract, outcome: Outcome, status: int) -> DocumentedResponse | None:
    operation = next((one for one in contract.operations if one.id == outcome.operation), None)
    return response_for(operation.responses, str(status)) if operation else None


def _allow_mismatch(expected: Response, got: Response) -> Mismatch | None:
    """A 405 lists the allowed methods (RFC 9110 section 15.5.6)."""
    wanted = expected.header("Allow")
    if expected.status != 405 or wanted is None:
        return None
    listed = {method.strip().upper() for method in (got.header("Allow") or "").split(",")}
    missing = [method for method in wanted.split(", ") if method not in listed]
    return (
        Mismatch("header", f"a header Allow with {', '.join(missing)} (RFC 9110 section 15.5.6)") if missing else None
    )


def _body_mismatch(answer: DocumentedResponse, got: Response, choose: Choose) -> Mismatch | None:
    if not answer.media_type:
        return None
    if essence(got.header("Content-Type") or "") != answer.media_type:
        return Mismatch("body", f"a body of type {answer.media_type}")
    try:
        value = json.loads(got.body)
    except (ValueError, RecursionError):
        return Mismatch("body", "a body that is JSON")
    if answer.schema is None or answer.schema.accepts(value):
        return None
    wrong = _first_violation(answer, value, choose)
    return Mismatch("body", f"a body in which {wrong.message}") if wrong else None


def _first_violation(answer: DocumentedResponse, value: Any, choose: Choose) -> Violation | None:
    """A violation of the schema; unconditional ones first, so that no reading is asked for without need."""
    found = list(answer.schema.violations(value, "answer", "the body")) if answer.schema else []
    certain = next((violation for violation in found if not violation.when), None)
    return certain or next((violation for violation in found if holds(violation.when, choose)), None)


def same_field(kind: str, expected: Any, seen: Any) -> bool:
    """Whether a field has the expected value; neither the order of a set nor 1 against 1.0 makes a difference."""
    if repr(expected) == repr(seen):  # the usual case, and a fast check
        return True
    if kind == "set" and isinstance(expected, list) and isinstance(seen, list):
        rest = list(seen)
        for value in expected:
            place = next((place for place, other in enumerate(rest) if same_value(value, other)), None)
            if place is None:
                return False
            del rest[place]
        return not rest
    return same_value(expected, seen, rounded=kind == "object")


def same_value(expected: Any, seen: Any, rounded: bool = False) -> bool:
    """Whether two JSON values are equal; where `rounded`, numbers are compared as doubles.

    A double may come in as few digits as tell it from others: JavaScript writes 99999999999999991611392 as 1e+23.
    """
    if isinstance(expected, Mapping) and isinstance(seen, Mapping):
        names = expected.keys() == seen.keys()
        return names and all(same_value(value, seen[name], rounded) for name, value in expected.items())
    if isinstance(expected, list) and isinstance(seen, list):
        pairs = zip(expected, seen, strict=False)
        return len(expected) == len(seen) and all(same_value(one, other, rounded) for one, other in pairs)
    if _is_number(expected) and _is_number(seen):
        return expected == seen or _in_fewer_digits(expected) == seen or (rounded and _equal_as_doubles(expected, seen))
    return type(expected) is type(seen) and bool(expected == seen)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _in_fewer_digits(number: float) -> float:
    """A double as the shortest decimal that rounds to it; any other number as it is."""
    double = _as_double(number)
    return int(Decimal(repr(double))) if math.isfinite(double) and double == number and double % 1 == 0 else number


def _equal_as_doubles(one: float, other: float) -> bool:
    return _as_double(one) == _as_double(other)


def _as_double(number: float) -> float:
    try:
        return float(number)
    except OverflowError:
        return math.inf
