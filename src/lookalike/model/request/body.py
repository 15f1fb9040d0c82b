"""The body of a request: media type, syntax, null members, schema, and numbers, in that order.

Reading gives a decoded value, and validating puts it into the context; the two are apart, since a reading may put the
syntax of the body before security (`operation_handler`).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from lookalike.codecs.decoding import PartTypeError, decoder_for, is_schema_applicable, may_be_empty
from lookalike.codecs.json_text import DecodedValue, DecodeError, parse_json, plain_numbers
from lookalike.codecs.media_types import is_json, is_json_patch
from lookalike.contract.contract import Operation
from lookalike.contract.extension import DOCUMENTED, HttpPolicies
from lookalike.contract.requests import MediaType, RequestBody
from lookalike.contract.semantics import Create, Merge
from lookalike.http import essence
from lookalike.json_values import ABSENT, find
from lookalike.model.context import RequestContext
from lookalike.model.rejections import (
    INVALID,
    MISSING,
    UNPARSABLE,
    UNSUPPORTED,
    Rejection,
    readings_behind,
    readings_of,
)
from lookalike.model.request.numbers import NumberReader
from lookalike.naming.keys import identifier_member
from lookalike.readings import Choose, Fixed, holds
from lookalike.schema.validator import Violation
from lookalike.schema.value_types import ValueType

SUBJECT = "the body"
_ANYTHING = {name: MediaType(name, None, ValueType((), str), {}) for name in ("application/json", "*/*")}
_UNSAID = RequestBody(False, _ANYTHING, ())
NO_BODY = DecodedValue(ABSENT, False)

ReadBody = Callable[[RequestContext], Rejection | DecodedValue]
ValidateBody = Callable[[RequestContext, DecodedValue], Rejection | None]


# --- Reading: bytes to a decoded value ---


def compile_body_reader(operation: Operation, policies: HttpPolicies, tolerates_types: bool = False) -> ReadBody:
    """The function that decodes the body of a request, or rejects it.

    With `tolerates_types`, some media types that are not documented are read as documented ones (`find_tolerantly`).
    """
    if operation.body is None:
        return _read_nothing
    missing = MISSING if MISSING in operation.conventions.statuses else INVALID
    return _BodyReader(operation.body, policies, tolerates_types, missing).read


def with_unsaid_body(operation: Operation) -> Operation:
    """The operation with a body of any kind where it makes or changes an item by one that the document leaves out."""
    first = operation.steps[0].action if operation.steps else None
    makes_of_body = isinstance(first, Create | Merge) and first.source.source == "body"
    return replace(operation, body=_UNSAID) if makes_of_body and operation.body is None else operation


def with_changes_alone(operation: Operation) -> Operation:
    """A PUT of which the text says that it changes what is sent alone, so that it needs no member.

    Documents have one schema for creations and changes all the same.
    """
    first = operation.steps[0].action if operation.steps else None
    is_such = operation.method == "PUT" and isinstance(first, Merge) and first.source.source == "body"
    if not is_such or operation.body is None or not isinstance(first, Merge):
        return operation
    return replace(operation, body=replace(operation.body, is_partial=True, changes=first.source.pointer))


def with_partial_update(operation: Operation, others: Iterable[Operation]) -> Operation:
    """A PATCH that needs none of the required members where PUT or POST requires the same ones.

    PATCH sends changes (RFC 5789), and a document has such a schema because its generator knows one for all methods.
    """
    required = _required(operation) if operation.method == "PATCH" else frozenset()
    if not required:
        return operation
    path = operation.path.rstrip("/")
    whole = {("PUT", path), ("POST", path.rpartition("/")[0])}
    beside = (one for one in others if (one.method, one.path.rstrip("/")) in whole)
    is_whole = any(_required(one) == required for one in beside)
    return (
        replace(operation, body=replace(operation.body, is_partial=True)) if is_whole and operation.body else operation
    )


def _required(operation: Operation) -> frozenset[str]:
    """The members that a body must have."""
    names = operation.body.first.value_type.keyword("required", ()) if operation.body else ()
    return frozenset(name for name in names if isinstance(name, str))


def _read_nothing(context: RequestContext) -> DecodedValue:
    return NO_BODY


class _BodyReader:
    """Decodes the bodies of an operation by their Content-Type."""

    def __init__(self, body: RequestBody, policies: HttpPolicies, tolerates_types: bool, missing: str) -> None:
        self._body = body
        self._kind_of_missing = missing
        self._policies = policies
        self._first = body.first
        self._first_json = body.first.media_type if is_json(body.first.media_type) else None
        self._documented = _MediaTypeLookup(body.content)
        self._tolerates_types = tolerates_types and policies.media_type == Fixed(DOCUMENTED)

    def read(self, context: RequestContext) -> Rejection | DecodedValue:
        request = context.request
        content_type = request.headers.get("content-type", "")
        if content_type == self._first_json and request.body:  # what most clients send, so it skips all of the below
            try:
                return parse_json(request.body)
            except DecodeError as error:
                return self._unparsable(error, "JSON")
        if not request.body and not content_type:
            return self._missing(context)
        media = self._documented.find(content_type)
        if media is None and self._tolerates_types:
            media = self._documented.find_tolerantly(content_type)
        if not request.body and not (media and may_be_empty(essence(content_type))):
            return self._missing(context)
        if media is None:
            return self._unsupported(context, content_type)
        context.media = media.media_type
        return self._decode(request.body, content_type, media)

    def _decode(self, content: bytes, content_type: str, media: MediaType) -> Rejection | DecodedValue:
        sent_type = essence(content_type or media.media_type)
        try:
            return decoder_for(sent_type)(content, content_type, media)
        except DecodeError as error:
            return self._unparsable(error, "JSON" if is_json(sent_type) else sent_type)
        except PartTypeError as error:
            return Rejection(INVALID, error.violations)

    def _unparsable(self, error: DecodeError, format_name: str) -> Rejection:
        return _rejection(UNPARSABLE, "syntax", f"{SUBJECT} is not valid {format_name}: {error}", self._body.clauses)

    def _missing(self, context: RequestContext) -> Rejection | DecodedValue:
        if not self._body.required:
            return NO_BODY
        policy = self._policies.empty_body
        if policy.under(context.choose) == "as-empty-object":
            return DecodedValue({}, False)
        return _rejection(
            self._kind_of_missing, "required", f"{SUBJECT} is missing", self._body.clauses, *readings_of(policy)
        )

    def _unsupported(self, context: RequestContext, content_type: str) -> Rejection | DecodedValue:
        """The rejection of a Content-Type that is not documented (RFC 9110 section 15.5.16), unless it is tolerated."""
        policy = self._policies.media_type
        choice = policy.under(context.choose)
        if choice == "ignored":
            return self._decode(context.request.body, self._first.media_type, self._first)
        if choice == "body-ignored":
            return DecodedValue({}, False)
        actual = f"not {content_type}" if content_type else "but it is missing"
        message = f"Content-Type must be {' or '.join(self._body.content)}, {actual}"
        status = UNSUPPORTED if choice in ("415", DOCUMENTED) else choice
        return _rejection(status, "content-type", message, (), *readings_of(policy))


_ANY_BYTES = "application/octet-stream"


class _MediaTypeLookup:
    """Finds the documented Media Type Object for a Content-Type: of the same text, else the same type, else its range.

    The most specific entry applies (OpenAPI 3.1 section 4.8.13).
    """

    def __init__(self, content: Mapping[str, MediaType]) -> None:
        self._by_text = {_without_spaces(name): media for name, media in content.items()}
        self._by_essence: dict[str, MediaType] = {}
        for name, media in content.items():
            self._by_essence.setdefault(essence(name), media)

    def find(self, content_type: str) -> MediaType | None:
        sent_type = essence(content_type)
        main_type, _, subtype = sent_type.partition("/")
        suffix = subtype.rpartition("+")[2]
        # `application/*+json` is no range of RFC 9110, but ASP.NET writes it. A body without Content-Type may be of any
        # type (RFC 9110 section 8.3), so only the range of all types covers it.
        ranges = (sent_type, f"{main_type}/*+{suffix}", f"{main_type}/*", "*/*") if sent_type else ("*/*",)
        known = (self._by_essence[name] for name in ranges if name in self._by_essence)
        return self._by_text.get(_without_spaces(content_type)) or next(known, None)

    def find_tolerantly(self, content_type: str) -> MediaType | None:
        """The Media Type Object for a Content-Type that is not documented, as many web frameworks choose it.

        A missing Content-Type counts as the first documented one, and any JSON type as the documented JSON type. If
        application/octet-stream is documented, any other type may be sent in its place.
        """
        if not content_type:
            return next(iter(self._by_text.values()))
        if is_json(content_type):
            return next((media for name, media in self._by_essence.items() if is_json(name)), None)
        return self._by_essence.get(_ANY_BYTES)


def _without_spaces(content_type: str) -> str:
    return "".join(content_type.lower().split())


# --- Validating: a decoded value to the body of the context ---


def compile_body_validator(
    body: RequestBody | None, policies: HttpPolicies, tolerates_types: bool = False
) -> ValidateBody:
    """The function that checks a decoded body, and puts it into the context with plain numbers.

    With `tolerates_types`, a JSON Patch may be an array where the document says object, as Kubernetes' does, and the
    key of an object may be sent in its place: many documents have one schema for what is sent and what is shown. A rule
    that the document itself does not keep is not insisted on.
    """
    if body is None:
        return _validate_nothing
    by_type = {
        name: _BodyValidator(media, body, policies, tolerates_types).validate for name, media in body.content.items()
    }
    first = by_type[body.first.media_type]

    def validate_by_type(context: RequestContext, decoded: DecodedValue) -> Rejection | None:
        return by_type.get(context.media, first)(context, decoded)

    return first if len(by_type) == 1 else validate_by_type


def _validate_nothing(context: RequestContext, decoded: DecodedValue) -> None:
    """Accept any body, since the document describes none."""


class _BodyValidator:
    """Checks bodies of one media type."""

    def __init__(self, media: MediaType, body: RequestBody, policies: HttpPolicies, tolerates_types: bool) -> None:
        types = media.value_type.types
        self._is_tolerant = tolerates_types
        self._takes_patches = tolerates_types and types is not None and "array" not in types
        self._policies = policies
        self._numbers = NumberReader(policies, media.number_members, body.clauses)
        self._is_partial = body.is_partial
        self._changes = body.changes
        self._members = media.members
        self._read_only = media.read_only_members
        self._value_type = media.value_type
        self._schema = media.schema
        self._accepts = media.schema.accepts if media.schema else accept_anything

    def validate(self, context: RequestContext, decoded: DecodedValue) -> Rejection | None:
        value: Any = decoded.value
        if value is ABSENT:
            return None
        readings: tuple[str, ...] = ()
        if type(value) is dict and None in value.values():
            value, readings = self._without_nulls(value, context.choose)
        found = () if self._accepts(value) or decoded.is_opaque else self._violations(context, value)
        if found:
            return Rejection(INVALID, found, (*readings_behind(found), *readings))
        if decoded.exact:
            value, refused = self._numbers.read(value, context.choose)
            if refused:
                return Rejection(INVALID, tuple(refused), readings_behind(tuple(refused)))
        context.body = self._without_read_only(value) if self._read_only else value
        return None

    def _violations(self, context: RequestContext, value: Any) -> tuple[Violation, ...]:
        if self._schema is None or (context.media and not is_schema_applicable(_sent_type(context), self._value_type)):
            return ()
        if self._takes_patches and isinstance(value, list) and is_json_patch(_sent_type(context)):
            return ()
        found = violations_in_force(self._schema.definite_violations(value, "body", SUBJECT), context.choose)
        if self._is_partial:
            found = tuple(one for one in found if one.keyword != "required" or one.pointer != self._changes)
        return tuple(one for one in found if not self._is_tolerable(one, value)) if self._is_tolerant else found

    def _is_tolerable(self, violation: Violation, body: Any) -> bool:
        """Whether a violation is of a rule that servers do not insist on."""
        return violation.is_doubtful or self._is_about_key(violation, body)

    def _is_about_key(self, violation: Violation, body: Any) -> bool:
        """Whether a violation is that the key of an object in the body stands in its place."""
        if violation.keyword != "type" or not violation.pointer:
            return False
        sent, described = find(body, violation.pointer), self._value_type
        for token in violation.pointer:
            described = described.member(token) if isinstance(token, str) else described.item(token)
        key = identifier_member(described.properties)
        types = described.member(key).types if key else None
        return {str: "string", int: "integer"}.get(type(sent)) in (types or ())

    def _without_read_only(self, value: Any) -> Any:
        """The value without `readOnly` members (JSON Schema Validation section 9.4): sending them changes nothing."""
        if not isinstance(value, dict):
            return value
        return {name: member for name, member in value.items() if name not in self._read_only}

    def _without_nulls(self, value: dict[str, Any], choose: Choose) -> tuple[dict[str, Any], tuple[str, ...]]:
        """The value without documented members that are null, where a reading takes null for absent."""
        nulls = {name for name in self._members if value.get(name, ABSENT) is None}
        if not nulls:
            return value, ()
        policy = self._policies.null_member
        readings = readings_of(policy)
        if policy.under(choose) == "rejected":
            return value, readings
        return {name: member for name, member in value.items() if name not in nulls}, readings


def accept_anything(value: Any) -> bool:
    """True: the check where the document has no schema."""
    return True


def _sent_type(context: RequestContext) -> str:
    return essence(context.request.headers.get("content-type", ""))


def violations_in_force(violations: Iterable[Violation], choose: Choose) -> tuple[Violation, ...]:
    """The violations to reject a value for: the unconditional ones, else those whose choices are in force.

    No reading is asked for where the value is refused under every choice, so such a request forks no worlds.
    """
    found = tuple(violations)
    unconditional = tuple(violation for violation in found if not violation.when)
    return unconditional or tuple(violation for violation in found if holds(violation.when, choose))


# --- Tolerating violations ---

_ABOUT_UNKNOWN_MEMBERS = frozenset({"additionalProperties", "unevaluatedProperties"})
_ABOUT_MEMBERS = _ABOUT_UNKNOWN_MEMBERS | {"required"}


def valid_members(
    body: RequestBody | None, context: RequestContext, decoded: Rejection | DecodedValue, found: Iterable[Violation]
) -> Any:
    """The valid members of a body whose violations are only reported; `ABSENT` if there is nothing to keep."""
    if body is None or not isinstance(decoded, DecodedValue) or not isinstance(decoded.value, dict):
        return ABSENT
    violations = [one for one in found if one.where == "body"]
    if not violations:
        return context.body
    about_whole = {one.keyword for one in violations if not one.pointer}
    if about_whole - _ABOUT_MEMBERS:  # such as `oneOf`: no single member is the cause
        return ABSENT
    media = body.content.get(context.media, body.first)
    dropped = {*media.read_only_members, *(one.pointer[0] for one in violations if one.pointer)}
    known = media.members if about_whole & _ABOUT_UNKNOWN_MEMBERS else decoded.value
    members = decoded.value.items()
    return {name: plain_numbers(value) for name, value in members if name in known and name not in dropped}


def _rejection(status: str, keyword: str, message: str, clauses: tuple[str, ...], *readings: str) -> Rejection:
    return Rejection(status, (Violation("body", (), keyword, message, clauses),), readings)
