"""The body of a request: media type, JSON, null members, schema, numbers (in that order)."""

from collections.abc import Callable, Iterable
from typing import Any

from lookalike.contract.choices import Choose, holds
from lookalike.contract.contract import RequestBody
from lookalike.contract.expressions import ABSENT
from lookalike.contract.extension import Decide
from lookalike.contract.schemas import Violation
from lookalike.http import essence
from lookalike.model.faults import Fault, conditions_of, readings_of
from lookalike.model.numbers import Numbers
from lookalike.model.parsing import Parsed, Unparsable, parse_json
from lookalike.model.scope import Scope

SUBJECT = "the body"
NOTHING = Parsed(ABSENT, False)

Read = Callable[[Scope], Fault | Parsed]
Validate = Callable[[Scope, Parsed], Fault | None]


def compile_read(body: RequestBody | None, decide: Decide) -> Read:
    """The function that makes a value of the bytes of a request; its faults are those of an unreadable body."""
    if body is None:
        return lambda scope: NOTHING

    def read(scope: Scope) -> Fault | Parsed:
        request = scope.request
        if not request.body:
            return absent(scope)
        if request.headers.get("content-type") != body.media_type:
            other = check_media_type(scope, request.headers.get("content-type"))
            if other is not None:
                return other
        try:
            return parse_json(request.body)
        except Unparsable as error:
            return _fault("400", "syntax", f"{SUBJECT} is not valid JSON: {error}", body.clauses)

    def absent(scope: Scope) -> Fault | Parsed:
        if not body.required:
            return NOTHING
        if decide.empty_body.under(scope.choose) == "as-empty-object":
            return Parsed({}, False)
        return _fault("400", "required", f"{SUBJECT} is missing", body.clauses, *readings_of(decide.empty_body))

    def check_media_type(scope: Scope, content_type: str | None) -> Fault | Parsed | None:
        if content_type is not None and essence(content_type) == body.media_type:
            return None
        policy = decide.media_type.under(scope.choose)
        if policy == "ignored":
            return None
        if policy == "body-ignored":
            return Parsed({}, False)
        got = f"not {content_type}" if content_type else "which is missing"
        message = f"Content-Type must be {body.media_type}, {got}"
        return _fault(policy, "content-type", message, (), *readings_of(decide.media_type))

    return read


def compile_validate(body: RequestBody | None, decide: Decide) -> Validate:
    """The function that checks a value and leaves it in the scope, numbers normalised."""
    if body is None:
        return lambda scope, parsed: None
    numbers = Numbers(decide, body.number_members, body.clauses)
    accepts = body.schema.accepts

    def validate(scope: Scope, parsed: Parsed) -> Fault | None:
        value: Any = parsed.value
        if value is ABSENT:
            return None
        readings: tuple[str, ...] = ()
        if type(value) is dict and None in value.values():
            value, readings = without_nulls(value, scope.choose)
        found = () if accepts(value) else relevant(body.schema.violations(value, "body", SUBJECT), scope.choose)
        if found:
            return Fault("400", found, (*conditions_of(found), *readings))
        if parsed.exact:
            value, refused = numbers.read(value, scope.choose)
            if refused:
                return Fault("400", tuple(refused), conditions_of(tuple(refused)))
        scope.body = value
        return None

    def without_nulls(value: dict[str, Any], choose: Choose) -> tuple[dict[str, Any], tuple[str, ...]]:
        nulls = {name for name in body.members if value.get(name, ABSENT) is None}
        if not nulls:
            return value, ()
        readings = readings_of(decide.null_member)
        if decide.null_member.under(choose) == "rejected":
            return value, readings
        return {name: member for name, member in value.items() if name not in nulls}, readings

    return validate


def relevant(violations: Iterable[Violation], choose: Choose) -> tuple[Violation, ...]:
    """The violations that count: the unconditional ones, else those whose choices are in force.

    No reading is asked about where the value is refused under all of them.
    """
    found = tuple(violations)
    certain = tuple(violation for violation in found if not violation.when)
    return certain or tuple(violation for violation in found if holds(violation.when, choose))


def _fault(status: str, keyword: str, message: str, clauses: tuple[str, ...], *readings: str) -> Fault:
    return Fault(status, (Violation("body", (), keyword, message, clauses),), readings)
