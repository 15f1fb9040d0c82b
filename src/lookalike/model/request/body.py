"""The body of a request: media type, syntax, null members, schema, numbers (in that order)."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from lookalike.codecs.decoding import PartTypeError, decoder_for, is_schema_applicable, may_be_empty
from lookalike.codecs.json_text import DecodedValue, DecodeError, parse_json, plain_numbers
from lookalike.codecs.media_types import is_json
from lookalike.contract.extension import HttpPolicies
from lookalike.contract.requests import MediaType, RequestBody
from lookalike.http import essence
from lookalike.json_values import ABSENT
from lookalike.model.context import RequestContext
from lookalike.model.rejections import INVALID, UNPARSABLE, UNSUPPORTED, Rejection, readings_behind, readings_of
from lookalike.model.request.numbers import NumberReader
from lookalike.readings import Choose, holds
from lookalike.schema.validator import Violation

SUBJECT = "the body"
NO_BODY = DecodedValue(ABSENT, False)

ReadBody = Callable[[RequestContext], Rejection | DecodedValue]
ValidateBody = Callable[[RequestContext, DecodedValue], Rejection | None]


def compile_body_reader(body: RequestBody | None, decide: HttpPolicies) -> ReadBody:
    """The function that makes a value of the bytes of a request; its faults are those of an unreadable body."""
    if body is None:
        return lambda context: NO_BODY
    usual = body.first.media_type if is_json(body.first.media_type) else None
    choose_media = _compile_choice(body.content)
    absent, unsupported = _compile_absent(body, decide), _compile_unsupported(body, decide)

    def read(context: RequestContext) -> Rejection | DecodedValue:
        request = context.request
        content_type = request.headers.get("content-type", "")
        if content_type == usual and request.body:
            try:
                return parse_json(request.body)
            except DecodeError as error:
                return _unparsable(error, "JSON", body)
        media = choose_media(content_type)
        if not request.body and not (media and may_be_empty(essence(content_type))):
            return absent(context)
        if media is None:
            return unsupported(context, content_type)
        context.media = media.media_type
        return _parsed(request.body, content_type, media, body)

    return read


def _parsed(content: bytes, content_type: str, media: MediaType, body: RequestBody) -> Rejection | DecodedValue:
    sent = essence(content_type)
    try:
        return decoder_for(sent)(content, content_type, media)
    except DecodeError as error:
        return _unparsable(error, "JSON" if is_json(sent) else sent, body)
    except PartTypeError as error:
        return Rejection(INVALID, error.violations)


def _unparsable(error: DecodeError, what: str, body: RequestBody) -> Rejection:
    return _fault(UNPARSABLE, "syntax", f"{SUBJECT} is not valid {what}: {error}", body.clauses)


def _compile_absent(body: RequestBody, decide: HttpPolicies) -> Callable[[RequestContext], Rejection | DecodedValue]:
    def absent(context: RequestContext) -> Rejection | DecodedValue:
        if not body.required:
            return NO_BODY
        if decide.empty_body.under(context.choose) == "as-empty-object":
            return DecodedValue({}, False)
        return _fault(INVALID, "required", f"{SUBJECT} is missing", body.clauses, *readings_of(decide.empty_body))

    return absent


def _compile_unsupported(
    body: RequestBody, decide: HttpPolicies
) -> Callable[[RequestContext, str], Rejection | DecodedValue]:
    def unsupported(context: RequestContext, content_type: str) -> Rejection | DecodedValue:
        policy = decide.media_type.under(context.choose)
        if policy == "ignored":
            return _parsed(context.request.body, body.first.media_type, body.first, body)
        if policy == "body-ignored":
            return DecodedValue({}, False)
        got = f"not {content_type}" if content_type else "which is missing"
        message = f"Content-Type must be {' or '.join(body.content)}, {got}"
        status = UNSUPPORTED if policy == "415" else policy
        return _fault(status, "content-type", message, (), *readings_of(decide.media_type))

    return unsupported


def _compile_choice(documented: Mapping[str, MediaType]) -> Callable[[str], MediaType | None]:
    """The function that finds what is documented for a Content-Type: whole, without parameters, or as a range."""
    by_text = {_spelled(name): media for name, media in documented.items()}
    by_essence: dict[str, MediaType] = {}
    for name, media in documented.items():
        by_essence.setdefault(essence(name), media)

    def choose(content_type: str) -> MediaType | None:
        sent = essence(content_type)
        ranges = (sent, sent.partition("/")[0] + "/*", "*/*") if sent else ()
        known = (by_essence[name] for name in ranges if name in by_essence)
        return by_text.get(_spelled(content_type)) or next(known, None)

    return choose


def _spelled(content_type: str) -> str:
    return "".join(content_type.lower().split())


def compile_body_validator(body: RequestBody | None, decide: HttpPolicies) -> ValidateBody:
    """The function that checks a value and leaves it in the scope, numbers normalised."""
    if body is None:
        return lambda context, parsed: None
    by_type = {name: _compile_media(media, body.clauses, decide) for name, media in body.content.items()}
    first = by_type[body.first.media_type]
    if len(by_type) == 1:
        return first
    return lambda context, parsed: by_type.get(context.media, first)(context, parsed)


def _compile_media(media: MediaType, clauses: tuple[str, ...], decide: HttpPolicies) -> ValidateBody:
    numbers = NumberReader(decide, media.number_members, clauses)
    members, read_only = media.members, media.read_only_members
    schema = media.schema
    accepts = schema.accepts if schema else lambda value: True

    def validate(context: RequestContext, parsed: DecodedValue) -> Rejection | None:
        value: Any = parsed.value
        if value is ABSENT:
            return None
        readings: tuple[str, ...] = ()
        if type(value) is dict and None in value.values():
            value, readings = without_nulls(value, context.choose)
        found = () if accepts(value) or parsed.is_opaque else violations(context, value)
        if found:
            return Rejection(INVALID, found, (*readings_behind(found), *readings))
        if parsed.exact:
            value, refused = numbers.read(value, context.choose)
            if refused:
                return Rejection(INVALID, tuple(refused), readings_behind(tuple(refused)))
        context.body = without_read_only(value) if read_only else value
        return None

    def violations(context: RequestContext, value: Any) -> tuple[Violation, ...]:
        if schema is None or (context.media and not is_schema_applicable(_sent_as(context), media.value_type)):
            return ()
        return violations_in_force(schema.definite_violations(value, "body", SUBJECT), context.choose)

    def without_read_only(value: Any) -> Any:
        """What is read-only is the server's to say, so a client that sends it back changes nothing by that."""
        if not isinstance(value, dict):
            return value
        return {name: member for name, member in value.items() if name not in read_only}

    def without_nulls(value: dict[str, Any], choose: Choose) -> tuple[dict[str, Any], tuple[str, ...]]:
        nulls = {name for name in members if value.get(name, ABSENT) is None}
        if not nulls:
            return value, ()
        readings = readings_of(decide.null_member)
        if decide.null_member.under(choose) == "rejected":
            return value, readings
        return {name: member for name, member in value.items() if name not in nulls}, readings

    return validate


def valid_members(
    body: RequestBody | None, context: RequestContext, parsed: Rejection | DecodedValue, found: Iterable[Violation]
) -> Any:
    """The members of a body that break no rule, for where it is let through all the same; else nothing."""
    if body is None or not isinstance(parsed, DecodedValue) or not isinstance(parsed.value, dict):
        return ABSENT
    told = [one for one in found if one.where == "body"]
    if not told:
        return context.body
    about_all = {one.keyword for one in told if not one.pointer}
    if about_all - _ABOUT_MEMBERS:
        return ABSENT
    media = body.content.get(context.media, body.first)
    left_out = {*media.read_only_members, *(one.pointer[0] for one in told if one.pointer)}
    known = media.members if about_all & _ABOUT_UNKNOWN else parsed.value
    return {
        name: plain_numbers(value) for name, value in parsed.value.items() if name in known and name not in left_out
    }


_ABOUT_UNKNOWN = frozenset({"additionalProperties", "unevaluatedProperties"})
_ABOUT_MEMBERS = _ABOUT_UNKNOWN | {"required"}


def _sent_as(context: RequestContext) -> str:
    return essence(context.request.headers.get("content-type", ""))


def violations_in_force(violations: Iterable[Violation], choose: Choose) -> tuple[Violation, ...]:
    """The violations that count: the unconditional ones, else those whose choices are in force.

    No reading is asked about where the value is refused under all of them.
    """
    found = tuple(violations)
    certain = tuple(violation for violation in found if not violation.when)
    return certain or tuple(violation for violation in found if holds(violation.when, choose))


def _fault(status: str, keyword: str, message: str, clauses: tuple[str, ...], *readings: str) -> Rejection:
    return Rejection(status, (Violation("body", (), keyword, message, clauses),), readings)
