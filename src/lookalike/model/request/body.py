"""The body of a request: media type, syntax, null members, schema, numbers (in that order)."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from lookalike.codecs.decoding import Unfit, is_judged, may_be_empty, parser_of
from lookalike.codecs.forms import is_json
from lookalike.codecs.json_text import Parsed, Unparsable, parse_json, plain
from lookalike.contract.extension import HttpPolicies
from lookalike.contract.requests import MediaType, RequestBody
from lookalike.http import essence
from lookalike.json_values import ABSENT
from lookalike.model.context import RequestContext
from lookalike.model.rejections import INVALID, UNPARSABLE, UNSUPPORTED, Fault, conditions_of, readings_of
from lookalike.model.request.numbers import Numbers
from lookalike.readings import Choose, holds
from lookalike.schema.validator import Violation

SUBJECT = "the body"
NOTHING = Parsed(ABSENT, False)

Read = Callable[[RequestContext], Fault | Parsed]
Validate = Callable[[RequestContext, Parsed], Fault | None]


def compile_read(body: RequestBody | None, decide: HttpPolicies) -> Read:
    """The function that makes a value of the bytes of a request; its faults are those of an unreadable body."""
    if body is None:
        return lambda scope: NOTHING
    usual = body.first.type if is_json(body.first.type) else None
    choose_media = _compile_choice(body.media)
    absent, unsupported = _compile_absent(body, decide), _compile_unsupported(body, decide)

    def read(scope: RequestContext) -> Fault | Parsed:
        request = scope.request
        content_type = request.headers.get("content-type", "")
        if content_type == usual and request.body:
            try:
                return parse_json(request.body)
            except Unparsable as error:
                return _unparsable(error, "JSON", body)
        media = choose_media(content_type)
        if not request.body and not (media and may_be_empty(essence(content_type))):
            return absent(scope)
        if media is None:
            return unsupported(scope, content_type)
        scope.media = media.type
        return _parsed(request.body, content_type, media, body)

    return read


def _parsed(content: bytes, content_type: str, media: MediaType, body: RequestBody) -> Fault | Parsed:
    sent = essence(content_type)
    try:
        return parser_of(sent)(content, content_type, media)
    except Unparsable as error:
        return _unparsable(error, "JSON" if is_json(sent) else sent, body)
    except Unfit as error:
        return Fault(INVALID, error.violations)


def _unparsable(error: Unparsable, what: str, body: RequestBody) -> Fault:
    return _fault(UNPARSABLE, "syntax", f"{SUBJECT} is not valid {what}: {error}", body.clauses)


def _compile_absent(body: RequestBody, decide: HttpPolicies) -> Callable[[RequestContext], Fault | Parsed]:
    def absent(scope: RequestContext) -> Fault | Parsed:
        if not body.required:
            return NOTHING
        if decide.empty_body.under(scope.choose) == "as-empty-object":
            return Parsed({}, False)
        return _fault(INVALID, "required", f"{SUBJECT} is missing", body.clauses, *readings_of(decide.empty_body))

    return absent


def _compile_unsupported(body: RequestBody, decide: HttpPolicies) -> Callable[[RequestContext, str], Fault | Parsed]:
    def unsupported(scope: RequestContext, content_type: str) -> Fault | Parsed:
        policy = decide.media_type.under(scope.choose)
        if policy == "ignored":
            return _parsed(scope.request.body, body.first.type, body.first, body)
        if policy == "body-ignored":
            return Parsed({}, False)
        got = f"not {content_type}" if content_type else "which is missing"
        message = f"Content-Type must be {' or '.join(body.media)}, {got}"
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


def compile_validate(body: RequestBody | None, decide: HttpPolicies) -> Validate:
    """The function that checks a value and leaves it in the scope, numbers normalised."""
    if body is None:
        return lambda scope, parsed: None
    by_type = {name: _compile_media(media, body.clauses, decide) for name, media in body.media.items()}
    first = by_type[body.first.type]
    if len(by_type) == 1:
        return first
    return lambda scope, parsed: by_type.get(scope.media, first)(scope, parsed)


def _compile_media(media: MediaType, clauses: tuple[str, ...], decide: HttpPolicies) -> Validate:
    numbers = Numbers(decide, media.number_members, clauses)
    members, read_only = media.members, media.read_only
    schema = media.schema
    accepts = schema.accepts if schema else lambda value: True

    def validate(scope: RequestContext, parsed: Parsed) -> Fault | None:
        value: Any = parsed.value
        if value is ABSENT:
            return None
        readings: tuple[str, ...] = ()
        if type(value) is dict and None in value.values():
            value, readings = without_nulls(value, scope.choose)
        found = () if accepts(value) or parsed.is_opaque else violations(scope, value)
        if found:
            return Fault(INVALID, found, (*conditions_of(found), *readings))
        if parsed.exact:
            value, refused = numbers.read(value, scope.choose)
            if refused:
                return Fault(INVALID, tuple(refused), conditions_of(tuple(refused)))
        scope.body = without_read_only(value) if read_only else value
        return None

    def violations(scope: RequestContext, value: Any) -> tuple[Violation, ...]:
        if schema is None or (scope.media and not is_judged(_sent_as(scope), media.kind)):
            return ()
        return relevant(schema.foremost(value, "body", SUBJECT), scope.choose)

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


def let_through(
    body: RequestBody | None, scope: RequestContext, parsed: Fault | Parsed, found: Iterable[Violation]
) -> Any:
    """The members of a body that break no rule, for where it is let through all the same; else nothing."""
    if body is None or not isinstance(parsed, Parsed) or not isinstance(parsed.value, dict):
        return ABSENT
    told = [one for one in found if one.where == "body"]
    if not told:
        return scope.body
    about_all = {one.keyword for one in told if not one.pointer}
    if about_all - _ABOUT_MEMBERS:
        return ABSENT
    media = body.media.get(scope.media, body.first)
    left_out = {*media.read_only, *(one.pointer[0] for one in told if one.pointer)}
    known = media.members if about_all & _ABOUT_UNKNOWN else parsed.value
    return {name: plain(value) for name, value in parsed.value.items() if name in known and name not in left_out}


_ABOUT_UNKNOWN = frozenset({"additionalProperties", "unevaluatedProperties"})
_ABOUT_MEMBERS = _ABOUT_UNKNOWN | {"required"}


def _sent_as(scope: RequestContext) -> str:
    return essence(scope.request.headers.get("content-type", ""))


def relevant(violations: Iterable[Violation], choose: Choose) -> tuple[Violation, ...]:
    """The violations that count: the unconditional ones, else those whose choices are in force.

    No reading is asked about where the value is refused under all of them.
    """
    found = tuple(violations)
    certain = tuple(violation for violation in found if not violation.when)
    return certain or tuple(violation for violation in found if holds(violation.when, choose))


def _fault(status: str, keyword: str, message: str, clauses: tuple[str, ...], *readings: str) -> Fault:
    return Fault(status, (Violation("body", (), keyword, message, clauses),), readings)
